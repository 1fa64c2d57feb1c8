//! `POST /operations/dead-letters/{queue}/redrives`: dead letters go back to their queue.

use axum::extract::State;
use icp_domain::Text;
use icp_http::{Answered, Body, Keyed, Now, PathIds, Problem, ProblemBody, ProblemKind, Staff};
use icp_use_cases::remember::{before, remember};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{App, shown};

/// Most messages of one call, so that it ends well within the gateway's 30 seconds.
const MOST: usize = 200;

/// How many to give another try.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "most": 100 }))]
pub(crate) struct Redrive {
    /// At most so many messages, 1 to 200.
    most: usize,
}

/// What became of a redrive.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct RedrivenView {
    /// Messages that were moved.
    redriven: usize,
}

/// Gives dead letters another try, once what killed them is mended: `evidence`, `imports`, `exports`, or `looks`
/// for those that judge-evidence could not read. They are judged like any other, and late ones decide nothing.
#[utoipa::path(post, path = "/operations/dead-letters/{queue}/redrives", tag = "operations",
    request_body = Redrive,
    params(("queue" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = RedrivenView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn redrive(
    State(app): State<&'static App>,
    staff: Staff,
    Now(mut inv): Now,
    PathIds(queue): PathIds<String>,
    keyed: Keyed,
    Body(Redrive { most }): Body<Redrive>,
) -> Result<Answered, Problem> {
    let letters = match queue.as_str() {
        "evidence" => &app.evidence_dead_letters,
        "imports" => &app.imports_dead_letters,
        "exports" => &app.exports_dead_letters,
        "looks" => &app.looks_unreadable,
        _ => return Err(Problem::not_found()),
    };
    if !(1..=MOST).contains(&most) {
        let detail = Text::new("most须为1至200", format!("most must be 1 to {MOST}"));
        return Err(Problem::client(ProblemKind::MalformedRequest, detail));
    }
    let repeat = keyed.rendered_by(shown);
    let refused = |failure| Problem::of(failure, |never| match never {});
    if let Some(answer) = before(&app.store, &repeat).await.map_err(refused)? {
        return Ok(Answered(answer));
    }
    let moved = letters
        .redrive(most)
        .await
        .map_err(|error| Problem::server(ProblemKind::TryAgain, error))?;
    tracing::warn!(user = %staff.user, "{moved} dead letters of {queue} are redriven by {}", staff.user);
    let answer = remember(
        &app.store,
        app.rulebook,
        &mut inv,
        &repeat,
        &RedrivenView { redriven: moved },
    )
    .await;
    answer.map(Answered).map_err(refused)
}
