//! `GET /operations/condemned` and `POST /operations/releases`: what waits to be stopped, and letting
//! it be.

use axum::extract::State;
use icp_domain::Text;
use icp_domain::ids::{CaseId, FindingId, LookId};
use icp_http::views::{CaseView, case_views};
use icp_http::{
    Answered, Body, Keyed, Now, Origin, Page, Paging, Problem, ProblemBody, Staff, page_body, told,
};
use icp_store::Answer;
use icp_use_cases::release::{
    MOST_RELEASED, Release, ReleaseOne, ReleaseRefused, Released, release,
};
use icp_use_cases::{By, read};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;

/// Cases with a condemned finding: the preview of a release.
#[utoipa::path(get, path = "/operations/condemned", tag = "operations",
    params(("limit" = Option<i32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<CaseView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn list_condemned(
    State(app): State<&'static App>,
    _staff: Staff,
    Now(inv): Now,
    paging: Paging,
) -> Result<Answered, Problem> {
    let (cursor, limit) = (paging.cursor.as_ref(), paging.limit);
    let listed = read::cases_on_desk(&app.store, &read::CONDEMNED, cursor, limit).await;
    let listed = listed.map_err(|failure| Problem::of(failure, |never| match never {}))?;
    let subjects = listed.items.iter();
    let subjects = subjects.map(|stored| &stored.case.unit.subject);
    let filings = app.store.filings(subjects).await.map_err(Problem::fault)?;
    let items = case_views(&listed.items, &filings, inv.now, app.rulebook);
    Ok(Answered::read(
        &page_body(&items, listed.next.as_ref()),
        None,
    ))
}

/// Findings to release.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "findings": [{ "case": "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "finding": "3f6c0e1d2b4a59788796a5b4c3d2e1f0", "look": "7a8b9c0d1e2f3a4b5c6d7e8f9a0b1c2d" }] }))]
pub(crate) struct ReleaseFindings {
    /// Each with the look that condemned it when it was shown, 1 to 20.
    findings: Vec<Shown>,
}

/// A finding as it was shown.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Shown {
    /// Its case.
    case: CaseId,
    /// The finding.
    finding: FindingId,
    /// The last look of its state.
    look: LookId,
}

/// Lets findings be stopped, on condition that they are still as they were shown.
#[utoipa::path(post, path = "/operations/releases", tag = "operations",
    request_body = ReleaseFindings, params(("Idempotency-Key" = String, Header)),
    responses((status = 200, body = ReleasedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn release_findings(
    State(app): State<&'static App>,
    staff: Staff,
    Now(mut inv): Now,
    Origin(origin): Origin,
    keyed: Keyed,
    Body(ReleaseFindings { findings }): Body<ReleaseFindings>,
) -> Result<Answered, Problem> {
    let one = |shown: Shown| ReleaseOne {
        case: shown.case,
        finding: shown.finding,
        shown: shown.look,
    };
    let command = Release {
        findings: findings.into_iter().map(one).collect(),
        user: staff.user.clone(),
        by: By::staff(staff.user, staff.role, origin),
    };
    let repeat = keyed.rendered_by(released);
    let answer = release(&app.store, app.rulebook, &mut inv, repeat, command).await;
    answer.map(Answered).map_err(|failure| {
        Problem::of(failure, |refusal @ ReleaseRefused::Number| {
            let detail = Text::new(
                format!("一次可放行1至{MOST_RELEASED}项"),
                refusal.to_string(),
            );
            Problem::of_field("/findings", detail)
        })
    })
}

/// What became of the findings of a release.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReleasedView {
    /// Those that were released.
    released: Vec<Shown>,
    /// Those that are gone, no longer condemned, or looked at again since they were shown.
    refused: Vec<Shown>,
}

fn released(done: &Released) -> Answer {
    let shown = |ones: &[ReleaseOne]| -> Vec<Shown> {
        let shown = ones.iter().cloned();
        shown
            .map(|one| Shown {
                case: one.case,
                finding: one.finding,
                look: one.shown,
            })
            .collect()
    };
    let view = ReleasedView {
        released: shown(&done.released),
        refused: shown(&done.refused),
    };
    told(200, &view)
}
