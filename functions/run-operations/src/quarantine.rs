//! `GET /operations/quarantine` and `POST /operations/quarantine/requeues`: rows set aside.

use axum::extract::State;
use icp_http::{Answered, Body, Keyed, Now, Page, Problem, ProblemBody, Staff, page_body};
use icp_store::{Family, Key, Quarantined};
use icp_use_cases::remember::{before, remember};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{App, shown};

/// Rows that were set aside because they do not read or are refused each time.
#[utoipa::path(get, path = "/operations/quarantine", tag = "operations",
    responses((status = 200, body = Page<Quarantined>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn list(
    State(app): State<&'static App>,
    _staff: Staff,
) -> Result<Answered, Problem> {
    let rows = app.store.quarantined().await.map_err(Problem::fault)?;
    Ok(Answered::read(&page_body(&rows, None), None))
}

/// A row to wake again, once what was wrong with it is mended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "pk": "CASE#0f1e2d3c4b5a69788796a5b4c3d2e1f0", "sk": "HEAD" }))]
pub(crate) struct Requeue {
    /// Its partition.
    pk: String,
    /// Its sort key.
    sk: String,
}

/// Longest key in bytes, partition and sort key together: the quarantine's own sort key holds both.
///
/// Source: Amazon DynamoDB, constraints (a sort key has at most 1,024 bytes).
const LONGEST_KEY: usize = 1000;

/// What became of a row that was to be woken.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct RequeuedView {
    /// Whether it was there, and is woken.
    requeued: bool,
}

/// Wakes a row that was set aside. `false` when there is no such row.
#[utoipa::path(post, path = "/operations/quarantine/requeues", tag = "operations",
    request_body = Requeue, params(("Idempotency-Key" = String, Header)),
    responses((status = 200, body = RequeuedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn requeue(
    State(app): State<&'static App>,
    _staff: Staff,
    Now(mut inv): Now,
    keyed: Keyed,
    Body(Requeue { pk, sk }): Body<Requeue>,
) -> Result<Answered, Problem> {
    // What is no key is no row's; DynamoDB would not even look.
    if pk.is_empty() || sk.is_empty() || LONGEST_KEY < pk.len() + sk.len() {
        return Err(Problem::not_found());
    }
    let key = Key { pk, sk };
    let family = if key.pk.starts_with("OUTBOX#") {
        Family::Outbox
    } else if key.sk.starts_with("CLOCK#") || key.sk.starts_with("HOLDER#") {
        Family::Audit
    } else {
        Family::Deadline
    };
    let repeat = keyed.rendered_by(shown);
    let refused = |failure| Problem::of(failure, |never| match never {});
    if let Some(answer) = before(&app.store, &repeat).await.map_err(refused)? {
        return Ok(Answered(answer));
    }
    let woken = app
        .store
        .requeue(&key, family, inv.now)
        .await
        .map_err(Problem::fault)?;
    let answer = remember(
        &app.store,
        app.rulebook,
        &mut inv,
        &repeat,
        &RequeuedView { requeued: woken },
    )
    .await;
    answer.map(Answered).map_err(refused)
}
