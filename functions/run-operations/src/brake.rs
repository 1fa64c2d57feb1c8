//! `GET` and `POST /operations/brake`: the one switch over all stops.

use axum::extract::State;
use icp_domain::brake::Brake;
use icp_domain::rulebook::BrakeMode;
use icp_http::{Answered, Body, IfMatch, Keyed, Now, Problem, ProblemBody, Staff, told};
use icp_store::Answer;
use icp_use_cases::brake::{SetBrake, set_brake};
use icp_use_cases::release::MOST_RELEASED;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::logged::logged;

/// The brake as it is set, and what it holds against.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BrakeView {
    /// `manual`, `automatic`, `dry-run` or `off`.
    mode: BrakeMode,
    /// Since when it is latched, where a cap was passed.
    #[schema(value_type = Option<String>)]
    latched_at: Option<Timestamp>,
    /// Links that are live.
    live_links: u64,
    /// Links that were stopped in the last 24 hours.
    stopped_in_last_day: u64,
    /// Most findings in one release; latched, one release is what may pass.
    released_at_once: usize,
    /// What the next setting names in `If-Match`.
    version: u64,
}

/// The brake's setting, its latch, and how many links live and were stopped.
#[utoipa::path(get, path = "/operations/brake", tag = "operations",
    responses((status = 200, body = BrakeView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn read(
    State(app): State<&'static App>,
    _staff: Staff,
    Now(inv): Now,
) -> Result<Answered, Problem> {
    let stored = app
        .store
        .brake(app.rulebook)
        .await
        .map_err(Problem::fault)?;
    let live = app.store.live_links().await.map_err(Problem::fault)?;
    let stops = app.store.stops().await.map_err(Problem::fault)?;
    let view = BrakeView {
        mode: stored.brake.mode,
        latched_at: stored.brake.latched_at,
        live_links: live,
        stopped_in_last_day: stops.stops.in_last_day(inv.now),
        released_at_once: MOST_RELEASED,
        version: stored.version(),
    };
    Ok(Answered::read(&view, Some(stored.version())))
}

/// The brake as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "mode": "manual", "unlatch": false }))]
pub(crate) struct BrakeSetting {
    /// `manual`, `automatic`, `dry-run` or `off`.
    mode: BrakeMode,
    /// Whether a latch is taken off.
    #[serde(default)]
    unlatch: bool,
}

/// The brake as it was set.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BrakeSetView {
    /// `manual`, `automatic`, `dry-run` or `off`.
    mode: BrakeMode,
    /// Since when it is latched, where it still is.
    #[schema(value_type = Option<String>)]
    latched_at: Option<Timestamp>,
    /// What the next setting names in `If-Match`.
    version: u64,
}

/// Sets the brake.
#[utoipa::path(post, path = "/operations/brake", tag = "operations", request_body = BrakeSetting,
    params(("Idempotency-Key" = String, Header), ("If-Match" = String, Header)),
    responses((status = 200, body = BrakeSetView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn set(
    State(app): State<&'static App>,
    staff: Staff,
    Now(mut inv): Now,
    keyed: Keyed,
    IfMatch(expected): IfMatch,
    Body(BrakeSetting { mode, unlatch }): Body<BrakeSetting>,
) -> Result<Answered, Problem> {
    let command = SetBrake {
        expected,
        mode,
        unlatch,
    };
    let repeat = keyed.rendered_by(shown);
    let answer = set_brake(&app.store, app.rulebook, &mut inv, repeat, command).await;
    let what = format!("the brake is set to {mode:?}");
    logged(answer, &staff.user, &what)
        .map(Answered)
        .map_err(|failure| Problem::of(failure, |never| match never {}))
}

fn shown((brake, version): &(Brake, u64)) -> Answer {
    let view = BrakeSetView {
        mode: brake.mode,
        latched_at: brake.latched_at,
        version: *version,
    };
    Answer {
        etag: Some(*version),
        ..told(200, &view)
    }
}
