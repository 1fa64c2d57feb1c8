//! `GET …/persons`: who must be verified, and who is.

use axum::extract::State;
use icp_domain::ids::{OrderId, SubjectId};
use icp_domain::personal::masked;
use icp_http::views::{PersonView, person_views};
use icp_http::{Answered, Filer, Now, Page, PathIds, Problem, ProblemBody, page_body};
use icp_use_cases::By;
use icp_use_cases::read;

use crate::App;

/// The persons of a filing, masked, with their proofs.
#[utoipa::path(get, path = "/filings/{subject}/persons", tag = "contacts",
    params(("subject" = String, Path)),
    responses((status = 200, body = Page<PersonView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn of_filing(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    PathIds(subject): PathIds<SubjectId>,
) -> Result<Answered, Problem> {
    let by = By::filer(filer.account, filer.user, String::new());
    let stored = read::filing(&app.store, &by, &subject).await;
    let stored = stored.map_err(|failure| Problem::of(failure, |never| match never {}))?;
    Ok(Answered::read(
        &page_body(&person_views(&stored, inv.now), None),
        None,
    ))
}

/// The persons of an order's draft, masked, with the proofs that move to the filing at approval.
#[utoipa::path(get, path = "/orders/{order}/persons", tag = "contacts",
    params(("order" = String, Path)),
    responses((status = 200, body = Page<PersonView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn of_order(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    PathIds(order): PathIds<OrderId>,
) -> Result<Answered, Problem> {
    let by = By::filer(filer.account, filer.user, String::new());
    let stored = read::order(&app.store, &by, &order).await;
    let stored = stored.map_err(|failure| Problem::of(failure, |never| match never {}))?;
    let draft = &stored.draft;
    let is_principal = |id: &str| {
        draft.subject.principal == id
            || draft.services.iter().any(|service| service.principal == id)
    };
    let persons: Vec<PersonView> = draft
        .persons
        .iter()
        .map(|person| PersonView {
            id: person.id.clone(),
            name: masked(person.name.reveal(), 1, 0),
            mobile: masked(person.mobile.reveal(), 3, 4),
            principal: is_principal(&person.id),
            proof: stored
                .proofs
                .get(&person.id)
                .map(|(_, proof)| *proof)
                .filter(|proof| proof.stands(inv.now)),
        })
        .collect();
    Ok(Answered::read(&page_body(&persons, None), None))
}
