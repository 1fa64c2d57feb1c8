//! `POST /access-changes/{link}/{version}/acknowledgements`: a front end has carried a change out.

use axum::extract::State;
use icp_http::{Answered, DoneView, Keyed, Now, PathIds, Problem, ProblemBody, Staff, told};
use icp_store::Answer;
use icp_use_cases::acknowledge::{Acknowledge, acknowledge};

use crate::App;

/// Acknowledges a change of access. `{link}` is the link's name from the message, filing and service
/// joined by a dot.
#[utoipa::path(post, path = "/access-changes/{link}/{version}/acknowledgements", tag = "operations",
    params(("link" = String, Path), ("version" = u64, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = DoneView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    _staff: Staff,
    Now(mut inv): Now,
    PathIds((link, link_version)): PathIds<(String, u64)>,
    keyed: Keyed,
) -> Result<Answered, Problem> {
    let parts = link.split_once('.');
    let (subject, service) = parts.ok_or_else(Problem::not_found)?;
    let subject = subject.parse().map_err(|_| Problem::not_found())?;
    let service = service.parse().map_err(|_| Problem::not_found())?;
    let command = Acknowledge {
        subject,
        service,
        link_version,
    };
    let repeat = keyed.rendered_by(acknowledged);
    let answer = acknowledge(&app.store, app.rulebook, &mut inv, repeat, command).await;
    answer
        .map(Answered)
        .map_err(|failure| Problem::of(failure, |never| match never {}))
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "a use case renders whatever it did by reference"
)]
fn acknowledged((): &()) -> Answer {
    let status = "acknowledged";
    told(200, &DoneView { status })
}
