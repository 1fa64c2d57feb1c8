//! `/review/filings`: filings as staff find and read them, masked; shown whole for a reason.

use axum::extract::State;
use icp_domain::Text;
use icp_domain::case::CaseNumber;
use icp_domain::filing::{Origin, Takes};
use icp_domain::identifiers::{DomainName, IcpNumber, Mobile};
use icp_domain::ids::{AccountId, OrderId, SubjectId};
use icp_domain::order::TypedCertificate;
use icp_domain::personal::Personal;
use icp_http::views::{FilingView, Viewer, filing_view};
use icp_http::{
    Answered, Body, Keyed, Now, Origin as CalledFrom, Page, Paging, PathIds, Problem, ProblemBody,
    ProblemKind, Staff, page_body, reason, told,
};
use icp_store::records::StoredFiling;
use icp_use_cases::By;
use icp_use_cases::disclose::{DiscloseOf, Disclosed, disclose};
use icp_use_cases::read;
use icp_use_cases::search_filings::{Filter, Sought, SoughtState, search};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;

/// What is looked for, and what the page is filtered by.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "by": { "state": "filed" }, "province": "11", "label": "大客户", "limit": 20 }))]
pub(crate) struct FilingSearch {
    /// One of `account`, `state` (`filed`, `deregistered`, `conflict`), `domain`, `number`,
    /// `certificate` (its number, of whatever kind), `name`, `mobile`, `caseNumber`.
    by: SearchBy,
    /// Only filings of a province, by its code of two digits.
    #[serde(default)]
    province: Option<String>,
    /// Only filings of an account group.
    #[serde(default)]
    label: Option<String>,
    /// At most so many; a page of filings that do not fit is shorter.
    #[serde(default)]
    limit: Option<usize>,
    /// Where the last page ended.
    #[serde(default)]
    cursor: Option<String>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SearchBy {
    /// An account.
    account: Option<AccountId>,
    /// A state: `filed`, `deregistered` or `conflict`.
    #[schema(value_type = Option<String>)]
    state: Option<SoughtState>,
    /// A domain.
    domain: Option<String>,
    /// A filing number, of the subject or of a service.
    number: Option<String>,
    /// The number of the subject's certificate.
    certificate: Option<Personal<String>>,
    /// A person's mobile.
    mobile: Option<String>,
    /// A subject's name, whole or its beginning.
    name: Option<Personal<String>>,
    /// A case number.
    case_number: Option<String>,
}

impl SearchBy {
    /// What is looked for, by the one field that says it.
    fn sought(self) -> Result<Sought, Problem> {
        let unread = |fault| Problem::unread("/by", &fault);
        let domain = self.domain.map(|text| {
            let domain = DomainName::parse(&text);
            domain.map(Sought::Domain).map_err(unread)
        });
        let number = self.number.map(|text| {
            let number = IcpNumber::parse(&text);
            number.map(Sought::Number).map_err(unread)
        });
        let certificate = self.certificate.map(|typed| {
            let readings = TypedCertificate::readings(&typed);
            if readings.is_empty() {
                let detail = Text::new("不是任何证件的号码", "no certificate has such a number");
                return Err(Problem::of_field("/by/certificate", detail));
            }
            Ok(Sought::Certificate(readings))
        });
        let mobile = self.mobile.map(|text| {
            let mobile = Mobile::parse(&text);
            mobile.map(Sought::Mobile).map_err(unread)
        });
        let case = self.case_number.map(|text| {
            let case = CaseNumber::parse(&text);
            case.map(Sought::Case).map_err(|fault| {
                let detail = Text::new("请求体无法解析", "the body does not parse");
                let violations = vec![fault.at("/by/caseNumber")];
                Problem::client(ProblemKind::MalformedRequest, detail).violations(violations)
            })
        });
        let fields = [
            self.account.map(|account| Ok(Sought::Account(account))),
            self.state.map(|state| Ok(Sought::State(state))),
            domain,
            number,
            certificate,
            mobile,
            self.name.map(|name| Ok(Sought::Name(name))),
            case,
        ];
        let mut said = fields.into_iter().flatten();
        match (said.next(), said.next()) {
            (Some(sought), None) => sought,
            (_, _) => Err(Problem::one_of(
                &[
                    "/by/account",
                    "/by/state",
                    "/by/domain",
                    "/by/number",
                    "/by/certificate",
                    "/by/mobile",
                    "/by/name",
                    "/by/caseNumber",
                ],
                Text::new("须且只须填写其中一项", "exactly one of them is said"),
            )),
        }
    }
}

/// A filing as staff see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StaffFilingView {
    /// What its filer sees.
    #[serde(flatten)]
    filing: FilingView,
    /// The account that holds it.
    account: String,
    /// Code of its province.
    province: Option<String>,
    /// `order` or `import`.
    origin: Origin,
    /// The account group.
    label: Option<String>,
    /// What it wants and another filing holds.
    conflicts: Vec<Takes>,
}

fn view(stored: &StoredFiling, now: Timestamp) -> StaffFilingView {
    let subject = &stored.filing.subject;
    StaffFilingView {
        filing: filing_view(stored, Viewer::Staff, now),
        account: subject.account.to_string(),
        province: subject
            .details
            .as_ref()
            .map(|details| details.province.clone()),
        origin: subject.origin,
        label: subject.label.clone(),
        conflicts: subject.conflicts.clone(),
    }
}

/// Finds filings by account, state, domain, number, certificate, the subject's name or a person's mobile.
#[utoipa::path(post, path = "/review/filing-searches", tag = "review", request_body = FilingSearch,
    responses((status = 200, body = Page<StaffFilingView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn find(
    State(app): State<&'static App>,
    staff: Staff,
    Now(inv): Now,
    Body(asked): Body<FilingSearch>,
) -> Result<Answered, Problem> {
    let sought = asked.by.sought()?;
    let filter = Filter {
        province: asked.province,
        label: asked.label,
        state: None,
    };
    let most = app.rulebook.policy.http.page_items as usize;
    let paging = Paging::asked(asked.limit, asked.cursor, most)?;
    let by = By::staff(staff.user, staff.role, String::new());
    let listed = search(
        &app.store,
        &by,
        &sought,
        &filter,
        paging.cursor.as_ref(),
        paging.limit,
    )
    .await;
    let listed = listed.map_err(|failure| Problem::of(failure, |never| match never {}))?;
    let views = listed.items.iter().map(|stored| view(stored, inv.now));
    let items: Vec<StaffFilingView> = views.collect();
    Ok(Answered::read(
        &page_body(&items, listed.next.as_ref()),
        None,
    ))
}

/// A filing, masked.
#[utoipa::path(get, path = "/review/filings/{subject}", tag = "review",
    params(("subject" = String, Path)),
    responses((status = 200, body = StaffFilingView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn read_one(
    State(app): State<&'static App>,
    staff: Staff,
    Now(inv): Now,
    PathIds(subject): PathIds<SubjectId>,
) -> Result<Answered, Problem> {
    let by = By::staff(staff.user, staff.role, String::new());
    let stored = read::filing(&app.store, &by, &subject).await;
    let stored = stored.map_err(|failure| Problem::of(failure, |never| match never {}))?;
    Ok(Answered::read(
        &view(&stored, inv.now),
        Some(stored.version()),
    ))
}

/// Why personal data are to be shown.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "reason": "核对主办单位名称与营业执照" }))]
pub(crate) struct Disclosure {
    /// The reason; it stands in the filing's history beside who asked.
    reason: String,
}

/// Shows a filing's personal data, and records to whom and why.
#[utoipa::path(post, path = "/review/filings/{subject}/disclosures", tag = "review",
    request_body = Disclosure,
    params(("subject" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = Disclosed), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn disclose_filing(
    State(app): State<&'static App>,
    staff: Staff,
    now: Now,
    from: CalledFrom,
    PathIds(subject): PathIds<SubjectId>,
    keyed: Keyed,
    Body(asked): Body<Disclosure>,
) -> Result<Answered, Problem> {
    disclosed(
        app,
        staff,
        now,
        from,
        (DiscloseOf::Filing(subject), asked),
        keyed,
    )
    .await
}

/// Shows the personal data of an order's draft, and records to whom and why.
#[utoipa::path(post, path = "/review/orders/{order}/disclosures", tag = "review",
    request_body = Disclosure,
    params(("order" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = Disclosed), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn disclose_order(
    State(app): State<&'static App>,
    staff: Staff,
    now: Now,
    from: CalledFrom,
    PathIds(order): PathIds<OrderId>,
    keyed: Keyed,
    Body(asked): Body<Disclosure>,
) -> Result<Answered, Problem> {
    disclosed(
        app,
        staff,
        now,
        from,
        (DiscloseOf::Order(order), asked),
        keyed,
    )
    .await
}

async fn disclosed(
    app: &App,
    staff: Staff,
    Now(mut inv): Now,
    CalledFrom(origin): CalledFrom,
    (of, asked): (DiscloseOf, Disclosure),
    keyed: Keyed,
) -> Result<Answered, Problem> {
    let because = reason(asked.reason)?;
    let by = By::staff(staff.user, staff.role, origin);
    let repeat = keyed.rendered_by(|shown: &Disclosed| told(200, shown));
    let answer = disclose(
        &app.store,
        app.rulebook,
        &mut inv,
        repeat,
        &by,
        (of, because),
    )
    .await;
    answer
        .map(Answered)
        .map_err(|failure| Problem::of(failure, |never| match never {}))
}
