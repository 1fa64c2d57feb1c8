//! `/review/filings/{subject}/persons`: whose numbers are proved, and letting one be tried again.

use axum::extract::State;
use icp_domain::ids::{OrderId, PersonId, SubjectId};
use icp_http::views::{ContactView, contact_view};
use icp_http::{
    Answered, Body, DoneView, Keyed, Now, Origin, Page, PathIds, Problem, ProblemBody, Staff,
    page_body, reason, told,
};
use icp_store::Answer;
use icp_store::records::Holder;
use icp_use_cases::By;
use icp_use_cases::contacts::contacts;
use icp_use_cases::unlock_person::{UnlockPerson, unlock_person};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;

/// The persons of a filing, masked, with the states of their proofs.
#[utoipa::path(get, path = "/review/filings/{subject}/persons", tag = "review",
    params(("subject" = String, Path)),
    responses((status = 200, body = Page<ContactView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn list(
    State(app): State<&'static App>,
    staff: Staff,
    Now(inv): Now,
    PathIds(subject): PathIds<SubjectId>,
) -> Result<Answered, Problem> {
    let by = By::staff(staff.user, staff.role, String::new());
    let holder = Holder::Filing(subject);
    let found = contacts(&app.store, app.rulebook, &by, &holder, inv.now).await;
    let found = found.map_err(|failure| Problem::of(failure, |never| match never {}))?;
    let views: Vec<ContactView> = found.iter().map(contact_view).collect();
    Ok(Answered::read(&page_body(&views, None), None))
}

/// Why a person is unlocked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "reason": "来电核实为负责人本人" }))]
pub(crate) struct Unlocking {
    /// It stands in the filing's history.
    reason: String,
}

/// Lets the number of a filing's person be tried again: failures in a row, and the sends to the number,
/// begin at none.
#[utoipa::path(post, path = "/review/filings/{subject}/persons/{person}/unlocks", tag = "review",
    request_body = Unlocking,
    params(("subject" = String, Path), ("person" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = DoneView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn unlock_of_filing(
    State(app): State<&'static App>,
    staff: Staff,
    now: Now,
    origin: Origin,
    PathIds((subject, person)): PathIds<(SubjectId, PersonId)>,
    keyed: Keyed,
    Body(why): Body<Unlocking>,
) -> Result<Answered, Problem> {
    let of = (Holder::Filing(subject), person);
    unlock(app, (staff, now, origin), of, keyed, why).await
}

/// The same for a person of an order's draft.
#[utoipa::path(post, path = "/review/orders/{order}/persons/{person}/unlocks", tag = "review",
    request_body = Unlocking,
    params(("order" = String, Path), ("person" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = DoneView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn unlock_of_order(
    State(app): State<&'static App>,
    staff: Staff,
    now: Now,
    origin: Origin,
    PathIds((order, person)): PathIds<(OrderId, PersonId)>,
    keyed: Keyed,
    Body(why): Body<Unlocking>,
) -> Result<Answered, Problem> {
    let of = (Holder::Order(order), person);
    unlock(app, (staff, now, origin), of, keyed, why).await
}

async fn unlock(
    app: &App,
    (staff, Now(mut inv), Origin(origin)): (Staff, Now, Origin),
    (holder, person): (Holder, PersonId),
    keyed: Keyed,
    why: Unlocking,
) -> Result<Answered, Problem> {
    let command = UnlockPerson {
        holder,
        person,
        by: By::staff(staff.user, staff.role, origin),
        reason: reason(why.reason)?,
    };
    let repeat = keyed.rendered_by(unlocked);
    let answer = unlock_person(&app.store, app.rulebook, &mut inv, repeat, command).await;
    answer
        .map(Answered)
        .map_err(|failure| Problem::of(failure, |never| match never {}))
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "a use case renders whatever it did by reference"
)]
fn unlocked((): &()) -> Answer {
    told(200, &DoneView { status: "unlocked" })
}
