//! `GET /operations/notice-holds` and `POST /operations/notice-holds/{run}/releases`: runs of audits that broke
//! beyond measure, of which nobody is told before people have looked.

use axum::extract::State;
use icp_domain::Text;
use icp_domain::notice_brake::Run;
use icp_http::{
    Answered, Body, IfMatch, Keyed, Now, Page, PathIds, Problem, ProblemBody, ProblemKind, Staff,
    page_body, reason,
};
use icp_store::Answer;
use icp_store::records::{NoticeHold, Released};
use icp_use_cases::release_notices::{HoldAfter, ReleaseNotices, release_notices};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::App;
use crate::logged::logged;

/// A held run.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NoticeHoldView {
    /// The run: a rule's code and a day, such as `ICP-402.2026-03-02`.
    run: Run,
    /// Since when it is held.
    #[schema(value_type = String)]
    held_at: Timestamp,
    /// Units that were to be looked at, as counted then.
    units: u64,
    /// Units at which the rule broke.
    broken: u64,
    /// Who let its notices go, when and why; absent while they are held.
    released: Option<Released>,
    /// What a release names in `If-Match`.
    version: u64,
}

fn view(hold: &NoticeHold, version: u64) -> NoticeHoldView {
    NoticeHoldView {
        run: hold.run.clone(),
        held_at: hold.held_at,
        units: hold.units,
        broken: hold.broken,
        released: hold.released.clone(),
        version,
    }
}

/// Runs whose first notices are held, and those that were.
#[utoipa::path(get, path = "/operations/notice-holds", tag = "operations",
    responses((status = 200, body = Page<NoticeHoldView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn list(
    State(app): State<&'static App>,
    _staff: Staff,
) -> Result<Answered, Problem> {
    let stored = app.store.notice_holds().await.map_err(Problem::fault)?;
    let items: Vec<NoticeHoldView> = stored
        .iter()
        .map(|stored| view(&stored.hold, stored.version()))
        .collect();
    Ok(Answered::read(&page_body(&items, None), None))
}

/// Why a run's notices may go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "reason": "抽查20户，均属实" }))]
pub(crate) struct NoticeRelease {
    /// What was looked at, and what it showed.
    reason: String,
}

/// Lets a held run's notices go. Each goes when it is next looked at, within half an hour of the sending hours.
#[utoipa::path(post, path = "/operations/notice-holds/{run}/releases", tag = "operations",
    request_body = NoticeRelease,
    params(("run" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = String, Header)),
    responses((status = 200, body = NoticeHoldView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn release(
    State(app): State<&'static App>,
    staff: Staff,
    Now(mut inv): Now,
    keyed: Keyed,
    IfMatch(expected): IfMatch,
    PathIds(run): PathIds<Run>,
    Body(NoticeRelease { reason: given }): Body<NoticeRelease>,
) -> Result<Answered, Problem> {
    let (user, what) = (
        staff.user.clone(),
        format!("the notices of run {run} are released"),
    );
    let command = ReleaseNotices {
        run,
        expected,
        user: staff.user,
        reason: reason(given)?,
    };
    let repeat = keyed.rendered_by(shown);
    let answer = release_notices(&app.store, app.rulebook, &mut inv, repeat, command).await;
    logged(answer, &user, &what)
        .map(Answered)
        .map_err(|failure| {
            Problem::of(failure, |refusal| {
                let detail = Text::new("该批通知已放行", refusal.to_string());
                Problem::client(ProblemKind::StepRefused, detail)
            })
        })
}

fn shown((hold, version): &HoldAfter) -> Answer {
    Answer {
        status: 200,
        location: None,
        etag: Some(*version),
        body: json!(view(hold, *version)),
    }
}
