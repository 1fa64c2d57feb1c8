//! What staff bring of a filing: answers of registers, readings of materials, identities of telephones.

use axum::extract::State;
use icp_domain::Text;
use icp_domain::Violation;
use icp_domain::ids::{MaterialId, PersonId, SubjectId};
use icp_domain::import::{BadCell, Record};
use icp_domain::report_file::{self, ReportColumn, ReportKind, ReportRow, is_of_carriers};
use icp_domain::reports::{MaterialSays, PaperSeen, TelephoneSays};
use icp_domain::rulebook::calendar::local_date;
use icp_http::{
    Answered, Body, DoneView, Keyed, Now, Origin, PathIds, Problem, ProblemBody, ProblemKind,
    Staff, reason, told,
};
use icp_store::Answer;
use icp_use_cases::By;
use icp_use_cases::bring_report::{BringReport, Report, bring_report};
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;

/// What a register of bodies answers. Without a name, it has nothing under the number.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "source": "国家企业信用信息公示系统", "certificateNumber": "91110108551385082Q", "asOf": "2026-01-05", "registeredName": "示例公司", "state": "active", "reason": "到期复查" }))]
pub(crate) struct NewRegistryAnswer {
    /// Which register.
    source: String,
    /// The certificate's number that it was asked for: the filing's.
    certificate_number: String,
    /// The day of its answer.
    as_of: String,
    /// The body's name.
    #[serde(default)]
    registered_name: String,
    /// Names that it had before.
    #[serde(default)]
    former_names: Vec<String>,
    /// `active`, `deregistered`, `revoked` or `other`, or as registers write it.
    #[serde(default)]
    state: String,
    /// Who represents it, where the register says.
    #[serde(default)]
    legal_representative: String,
    /// Its address, where the register says.
    #[serde(default)]
    registered_address: String,
    /// Why it was asked for; name nobody in it.
    reason: String,
}

/// Brings an answer of a register. It is evidence for 180 days from its own day, and the subject is judged
/// by it at once.
#[utoipa::path(post, path = "/review/filings/{subject}/registry-answers", tag = "review",
    request_body = NewRegistryAnswer,
    params(("subject" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 202, body = DoneView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn bring_registry_answer(
    State(app): State<&'static App>,
    staff: Staff,
    now: Now,
    origin: Origin,
    PathIds(subject): PathIds<SubjectId>,
    keyed: Keyed,
    Body(new): Body<NewRegistryAnswer>,
) -> Result<Answered, Problem> {
    let cells: Record<ReportColumn> = [
        (ReportColumn::Source, new.source),
        (ReportColumn::CertificateNumber, new.certificate_number),
        (ReportColumn::AsOf, new.as_of),
        (ReportColumn::RegisteredName, new.registered_name),
        (ReportColumn::FormerNames, new.former_names.join("；")),
        (ReportColumn::State, new.state),
        (ReportColumn::LegalRepresentative, new.legal_representative),
        (ReportColumn::RegisteredAddress, new.registered_address),
    ]
    .into();
    let today = local_date(now.0.now);
    let row = report_file::read(ReportKind::RegistryAnswers, &cells, today).map_err(unread)?;
    let ReportRow::RegistryAnswer { report, .. } = row else {
        return Err(Problem::not_found());
    };
    let report = Report::Registry(report);
    bring(
        app,
        (staff, now, origin),
        (subject, report),
        keyed,
        new.reason,
    )
    .await
}

/// What reading a material came to; where it is kept on paper.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "says": "agrees", "paper": { "shelfMark": "B-12", "seenOn": "2026-01-05" }, "reason": "材料清查" }))]
pub(crate) struct MaterialReading {
    /// `agrees`, `unreadable`, `differs`, `not-the-person` or `filled-in-wrongly`.
    #[serde(default)]
    says: Option<MaterialSays>,
    /// Where it stands on the shelves, and on which day you saw it there.
    #[serde(default)]
    paper: Option<PaperSeen>,
    /// On what that rests; name nobody in it.
    reason: String,
}

/// Says what reading a material came to, or where it is on paper. A reading is of the file as it is: of one
/// that takes its place it says nothing.
#[utoipa::path(post, path = "/review/filings/{subject}/materials/{material}/readings", tag = "review",
    request_body = MaterialReading,
    params(("subject" = String, Path), ("material" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 202, body = DoneView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn read_material(
    State(app): State<&'static App>,
    staff: Staff,
    now: Now,
    origin: Origin,
    PathIds((subject, material)): PathIds<(SubjectId, MaterialId)>,
    keyed: Keyed,
    Body(new): Body<MaterialReading>,
) -> Result<Answered, Problem> {
    if new.says.is_none() && new.paper.is_none() {
        let detail = Text::new(
            "须填写查看结果或纸质存放位置",
            "say what reading it came to, or where it is on paper",
        );
        return Err(Problem::one_of(&["/says", "/paper"], detail));
    }
    let today = local_date(now.0.now);
    if let Some(paper) = &new.paper {
        is_seen(paper, today)?;
    }
    let report = Report::Material {
        material,
        says: new.says,
        paper: new.paper,
    };
    bring(
        app,
        (staff, now, origin),
        (subject, report),
        keyed,
        new.reason,
    )
    .await
}

/// Longest shelf mark in characters.
///
/// Source: chosen here: a line.
const LONGEST_MARK: usize = 100;

fn is_seen(paper: &PaperSeen, today: Date) -> Result<(), Problem> {
    let length = paper.shelf_mark.trim().chars().count();
    if (1..=LONGEST_MARK).contains(&length) && paper.seen_on <= today {
        return Ok(());
    }
    let detail = Text::new(
        format!("存放位置为1至{LONGEST_MARK}字，所见日期不得晚于今日"),
        format!("a shelf mark of 1 to {LONGEST_MARK} characters, and a day that is not to come"),
    );
    Err(Problem::client(ProblemKind::MalformedRequest, detail))
}

/// What the carriers say of a person's number.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "says": "elements-differ", "reason": "运营商三要素核验" }))]
pub(crate) struct PhoneIdentity {
    /// `elements-agree`, `elements-differ` or `no-such-number`.
    says: TelephoneSays,
    /// How it was asked; name nobody in it.
    reason: String,
}

/// Says what the carriers say of the number that a person has now.
#[utoipa::path(post, path = "/review/filings/{subject}/persons/{person}/phone-identities", tag = "review",
    request_body = PhoneIdentity,
    params(("subject" = String, Path), ("person" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 202, body = DoneView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn bring_phone_identity(
    State(app): State<&'static App>,
    staff: Staff,
    now: Now,
    origin: Origin,
    PathIds((subject, person)): PathIds<(SubjectId, PersonId)>,
    keyed: Keyed,
    Body(new): Body<PhoneIdentity>,
) -> Result<Answered, Problem> {
    if !is_of_carriers(new.says) {
        let detail = Text::new(
            "须为elements-agree、elements-differ、no-such-number之一",
            "one of: elements-agree, elements-differ, no-such-number",
        );
        return Err(Problem::client(ProblemKind::MalformedRequest, detail));
    }
    let report = Report::Phone {
        person,
        says: new.says,
    };
    bring(
        app,
        (staff, now, origin),
        (subject, report),
        keyed,
        new.reason,
    )
    .await
}

async fn bring(
    app: &App,
    (staff, Now(mut inv), Origin(origin)): (Staff, Now, Origin),
    (subject, report): (SubjectId, Report),
    keyed: Keyed,
    why: String,
) -> Result<Answered, Problem> {
    let command = BringReport {
        subject,
        report,
        user: staff.user.clone(),
        by: By::staff(staff.user, staff.role, origin),
        reason: reason(why)?,
    };
    let repeat = keyed.rendered_by(taken);
    let answer = bring_report(&app.store, app.rulebook, &mut inv, repeat, command).await;
    answer.map(Answered).map_err(|failure| {
        Problem::of(failure, |refusal| {
            Problem::client(ProblemKind::StepRefused, refusal.text())
        })
    })
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "a use case renders whatever it did by reference"
)]
pub(crate) fn taken((): &()) -> Answer {
    told(202, &DoneView { status: "taken" })
}

fn unread(bad: Vec<BadCell<ReportColumn>>) -> Problem {
    let violations = bad.into_iter().map(|bad| Violation {
        field: bad
            .column
            .map_or(String::new(), |column| format!("/{}", column.name())),
        rule: bad.rule,
        text: bad.text,
        source: "docs/COLUMNS.md".to_owned(),
        as_of: None,
    });
    let detail = Text::new("请按所列各项修改", "mend what is listed");
    Problem::client(ProblemKind::MalformedRequest, detail).violations(violations.collect())
}
