//! `POST /review/filings/{subject}/services/{service}/reinstatements`: staff give access again.

use axum::extract::State;
use icp_domain::Text;
use icp_domain::filing::{Link, LinkState};
use icp_domain::ids::{ServiceId, SubjectId};
use icp_http::{
    Answered, Keyed, Now, Origin, PathIds, Problem, ProblemBody, ProblemKind, Staff, told,
};
use icp_store::Answer;
use icp_use_cases::By;
use icp_use_cases::reinstate::{Reinstate, ReinstateRefused, reinstate};
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;

/// Gives access again that was stopped, and closes what stopped it.
#[utoipa::path(post, path = "/review/filings/{subject}/services/{service}/reinstatements",
    tag = "review",
    params(("subject" = String, Path), ("service" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = ReinstatedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    staff: Staff,
    Now(mut inv): Now,
    Origin(origin): Origin,
    PathIds((subject, service)): PathIds<(SubjectId, ServiceId)>,
    keyed: Keyed,
) -> Result<Answered, Problem> {
    let by = By::staff(staff.user, staff.role, origin);
    let repeat = keyed.rendered_by(reinstated);
    let command = Reinstate {
        subject,
        service,
        by,
    };
    let answer = reinstate(&app.store, app.rulebook, &mut inv, repeat, command).await;
    answer.map(Answered).map_err(|failure| {
        Problem::of(failure, |ReinstateRefused::NotStopped| {
            let detail = Text::new(
                "该服务的接入未被停止",
                "access to the service is not stopped",
            );
            Problem::client(ProblemKind::StepRefused, detail)
        })
    })
}

/// A link whose access was given back.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReinstatedView {
    /// Its state.
    link: LinkState,
    /// Its version, as front ends know it.
    link_version: u64,
}

fn reinstated(link: &Link) -> Answer {
    let view = ReinstatedView {
        link: link.state.clone(),
        link_version: link.link_version,
    };
    told(200, &view)
}
