//! `POST /way-back` and `GET /filings/{subject}/services/{service}/way-back`: the one safe way back.

use axum::extract::State;
use icp_domain::ids::{ServiceId, SubjectId};
use icp_domain::way_back::{Advice, Situation, advise};
use icp_http::{Answered, Body, Filer, Now, PathIds, Problem, ProblemBody};
use icp_use_cases::By;
use icp_use_cases::read;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;

/// Advice from a filing's own rows, with what they told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AdviceOfFiling {
    /// The advice.
    #[serde(flatten)]
    advice: Advice,
    /// What the filing tells of the situation.
    situation: Situation,
}

/// Tells the way back for a situation as described. Whatever is left out counts as unknown, and is
/// asked. Anybody may ask: nothing is read and nothing is kept.
#[utoipa::path(post, path = "/way-back", tag = "way back", request_body(content = Situation, example = icp_http::example::situation),
    responses((status = 200, body = Advice), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn of_situation(
    State(app): State<&'static App>,
    Body(situation): Body<Situation>,
) -> Result<Answered, Problem> {
    Ok(Answered::read(&advise(&situation, app.rulebook), None))
}

/// Tells the way back for a service of a filing, from what the filing itself says. `situation` holds
/// just that: with the answers to `questions` beside it, it is what `POST /way-back` takes.
#[utoipa::path(get, path = "/filings/{subject}/services/{service}/way-back", tag = "way back",
    params(("subject" = String, Path), ("service" = String, Path)),
    responses((status = 200, body = AdviceOfFiling), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn of_service(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    PathIds((subject, service)): PathIds<(SubjectId, ServiceId)>,
) -> Result<Answered, Problem> {
    let by = By::filer(filer.account, filer.user, String::new());
    let stored = read::filing(&app.store, &by, &subject).await;
    let stored = stored.map_err(|failure| Problem::of(failure, |never| match never {}))?;
    if !stored.filing.services.contains_key(&service) {
        return Err(Problem::not_found());
    }
    let situation = Situation::of_filing(&stored.filing, &service, app.rulebook, inv.now);
    let advice = AdviceOfFiling {
        advice: advise(&situation, app.rulebook),
        situation,
    };
    Ok(Answered::read(&advice, None))
}
