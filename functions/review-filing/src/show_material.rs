//! `POST …/materials/{material}/views`: a file is shown to one of the staff, and that is recorded.

use axum::extract::State;
use icp_domain::ids::{MaterialId, OrderId, SubjectId};
use icp_http::{Answered, Keyed, Now, Origin, PathIds, Problem, ProblemBody, Staff, told};
use icp_store::files::Link;
use icp_use_cases::By;
use icp_use_cases::upload_material::{MaterialOf, ShowMaterial, show};

use crate::App;

/// Shows a file of an order's draft: a link for a quarter of an hour. Who was shown it stands in the
/// filing's history.
#[utoipa::path(post, path = "/review/orders/{order}/materials/{material}/views", tag = "review",
    params(("order" = String, Path), ("material" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = Link), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn of_order(
    State(app): State<&'static App>,
    staff: Staff,
    now: Now,
    origin: Origin,
    PathIds((order, material)): PathIds<(OrderId, MaterialId)>,
    keyed: Keyed,
) -> Result<Answered, Problem> {
    shown(
        app,
        staff,
        now,
        origin,
        (MaterialOf::Order(order), material),
        keyed,
    )
    .await
}

/// Shows a file of a filing: a link for a quarter of an hour. Who was shown it stands in the filing's
/// history.
#[utoipa::path(post, path = "/review/filings/{subject}/materials/{material}/views", tag = "review",
    params(("subject" = String, Path), ("material" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = Link), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn of_filing(
    State(app): State<&'static App>,
    staff: Staff,
    now: Now,
    origin: Origin,
    PathIds((subject, material)): PathIds<(SubjectId, MaterialId)>,
    keyed: Keyed,
) -> Result<Answered, Problem> {
    shown(
        app,
        staff,
        now,
        origin,
        (MaterialOf::Filing(subject), material),
        keyed,
    )
    .await
}

async fn shown(
    app: &App,
    staff: Staff,
    Now(mut inv): Now,
    Origin(origin): Origin,
    (of, material): (MaterialOf, MaterialId),
    keyed: Keyed,
) -> Result<Answered, Problem> {
    let by = By::staff(staff.user, staff.role, origin);
    let repeat = keyed.rendered_by(|link: &Link| told(200, link));
    let command = ShowMaterial { of, material, by };
    let (store, files) = (&app.store, &app.files);
    let answer = show(store, files, app.rulebook, &mut inv, repeat, command).await;
    answer
        .map(Answered)
        .map_err(|failure| Problem::of(failure, |never| match never {}))
}
