//! People's data and the keys that seal them: copies, erasure, rotation.

use axum::extract::State;
use icp_domain::Text;
use icp_domain::identifiers::Mobile;
use icp_domain::ids::{PersonId, SubjectId};
use icp_http::{
    Answered, Body, Keyed, Now, Origin, PathIds, Problem, ProblemBody, ProblemKind, Staff, reason,
    told,
};
use icp_store::{Answer, KeyPurpose};
use icp_use_cases::By;
use icp_use_cases::import_filings::ImportTask;
use icp_use_cases::privacy::{Copied, EraseRefused, Erased, Whom, copy, erase};
use icp_use_cases::remember::{before, remember};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{App, shown};

/// Whose data are to be handed out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "mobile": "13800000001", "reason": "本人申请复制" }))]
pub(crate) struct CopyOf {
    /// The person's mobile.
    mobile: String,
    /// Why; it stands in the history of each filing, so it names nobody.
    reason: String,
    /// The filing after which the page begins: `next` of the page before.
    #[serde(default)]
    after: Option<SubjectId>,
}

/// Hands out all that is stored of whoever answers under a mobile, in filings and in drafts of orders.
#[utoipa::path(post, path = "/operations/person-copies", tag = "operations", request_body = CopyOf,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 200, body = Copied), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn hand_out(
    State(app): State<&'static App>,
    staff: Staff,
    Now(mut inv): Now,
    Origin(origin): Origin,
    keyed: Keyed,
    Body(asked): Body<CopyOf>,
) -> Result<Answered, Problem> {
    let mobile = Mobile::parse(&asked.mobile);
    let mobile = mobile.map_err(|fault| Problem::unread("/mobile", &fault))?;
    let because = reason(asked.reason)?;
    let by = By::staff(staff.user, staff.role, origin);
    let repeat = keyed.rendered_by(|copied: &Copied| told(200, copied));
    let whose = (&mobile, because.as_str(), asked.after.as_ref());
    let answer = copy(&app.store, app.rulebook, &mut inv, repeat, &by, whose).await;
    answer
        .map(Answered)
        .map_err(|failure| Problem::of(failure, |never| match never {}))
}

/// Whom to erase.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "subject": "5d4c3b2a190807f6e5d4c3b2a1908f7e", "mobile": "13800000001", "reason": "本人申请删除" }))]
pub(crate) struct Erasure {
    /// The filing.
    subject: SubjectId,
    /// The person of it; either this or the mobile.
    #[serde(default)]
    person: Option<PersonId>,
    /// The person's mobile: also of one who was replaced under an id that another has now.
    #[serde(default)]
    mobile: Option<String>,
    /// Why; it stands in the filing's history, so it names nobody.
    reason: String,
}

/// What was erased.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ErasedView {
    /// When the last copy is gone: point-in-time recovery reaches back 35 days. Null where nobody was found
    /// to erase.
    complete_at: Option<String>,
    /// Persons of the filing.
    persons: usize,
    /// Whether the subject's own data went with it.
    subject_too: bool,
    /// Drafts of orders that held the person.
    drafts: usize,
    /// Whether the contact of the account's holder was theirs, and went too.
    holder: bool,
}

/// Erases a person whom the bureau's record does not name. The key is destroyed, so that nothing that
/// was copied elsewhere opens.
#[utoipa::path(post, path = "/operations/erasures", tag = "operations", request_body = Erasure,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 200, body = ErasedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn erase_person(
    State(app): State<&'static App>,
    staff: Staff,
    Now(mut inv): Now,
    Origin(origin): Origin,
    keyed: Keyed,
    Body(asked): Body<Erasure>,
) -> Result<Answered, Problem> {
    let because = reason(asked.reason)?;
    let by = By::staff(staff.user, staff.role, origin);
    let repeat = keyed.rendered_by(|erased: &Erased| Answer {
        status: 200,
        location: None,
        etag: None,
        body: serde_json::to_value(ErasedView {
            complete_at: erased.complete_at.map(|at| at.to_string()),
            persons: erased.persons,
            subject_too: erased.subject_too,
            drafts: erased.drafts,
            holder: erased.holder,
        })
        .unwrap_or_default(),
    });
    let whom = whom(asked.person, asked.mobile)?;
    let whose = (&asked.subject, &whom, because.as_str());
    let answer = erase(&app.store, app.rulebook, &mut inv, repeat, &by, whose).await;
    answer.map(Answered).map_err(|failure| {
        Problem::of(failure, |refusal| {
            let zh = match refusal {
                EraseRefused::OnRecord => "该人员仍在备案信息中，须先变更或注销备案",
                EraseRefused::OrderInFlight => "该主体有在途订单",
            };
            Problem::client(ProblemKind::StepRefused, Text::new(zh, refusal.to_string()))
        })
    })
}

/// A key that a purpose has now.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct RotatedView {
    /// The purpose.
    purpose: String,
    /// The key's id.
    key: String,
}

/// Makes the next key of a purpose: `personal`, `index`, `code` or `signature`. Rows are sealed and
/// found under it anew in the background; what earlier keys made stays readable.
#[utoipa::path(post, path = "/operations/keys/{purpose}/rotations", tag = "operations",
    params(("purpose" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = RotatedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn rotate(
    State(app): State<&'static App>,
    staff: Staff,
    Now(mut inv): Now,
    PathIds(purpose): PathIds<String>,
    keyed: Keyed,
) -> Result<Answered, Problem> {
    let (purpose, seals) = match purpose.as_str() {
        "personal" => (KeyPurpose::Personal, true),
        "index" => (KeyPurpose::Index, true),
        "code" => (KeyPurpose::Code, false),
        "signature" => (KeyPurpose::Signature, false),
        _ => return Err(Problem::not_found()),
    };
    let repeat = keyed.rendered_by(shown);
    let refused = |failure| Problem::of(failure, |never| match never {});
    if let Some(answer) = before(&app.store, &repeat).await.map_err(refused)? {
        return Ok(Answered(answer));
    }
    let key = app.store.keys().rotate(purpose).await;
    let key = key.map_err(Problem::fault)?;
    tracing::warn!(user = %staff.user, "the {} key was rotated to {}", purpose.name(), key.id);
    if seals {
        let walk = ImportTask::Rekey {
            list: 0,
            cursor: None,
        };
        let sent = app.imports.send(&[walk]).await;
        sent.map_err(|error| Problem::server(ProblemKind::TryAgain, error))?;
    }
    let done = RotatedView {
        purpose: purpose.name().to_ascii_lowercase(),
        key: key.id.clone(),
    };
    let answer = remember(&app.store, app.rulebook, &mut inv, &repeat, &done).await;
    answer.map(Answered).map_err(refused)
}

/// Whoever is named, by one of the two.
fn whom(person: Option<PersonId>, mobile: Option<String>) -> Result<Whom, Problem> {
    match (person, mobile) {
        (Some(person), None) => Ok(Whom::Person(person)),
        (None, Some(mobile)) => Mobile::parse(&mobile)
            .map(Whom::Mobile)
            .map_err(|fault| Problem::unread("/mobile", &fault)),
        (Some(_), Some(_)) | (None, None) => Err(Problem::one_of(
            &["/person", "/mobile"],
            Text::new("person与mobile须填其一", "give either person or mobile"),
        )),
    }
}
