//! `POST /cases/{case}/give-ups`: no longer used, or the subject dissolved.

use axum::extract::State;
use icp_domain::Text;
use icp_domain::ids::{CaseId, ServiceId};
use icp_domain::way_back::{Advice, Situation};
use icp_http::views::{OrderHeadView, order_answer};
use icp_http::{
    Answered, Body, Filer, Keyed, Now, Origin, PathIds, Problem, ProblemBody, ProblemKind,
};
use icp_use_cases::By;
use icp_use_cases::give_up::{Gave, GiveUp, GivenUp, give_up};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;

/// What is given up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "says": "no-longer-used", "answers": { "record": "site", "freshness": "fresh", "pendingOrder": "none", "otherProvider": "yes", "domainOfAnother": "no" } }))]
pub(crate) struct GivingUp {
    /// `no-longer-used` or `subject-dissolved`.
    says: Says,
    /// The service that is meant, where the case is the subject's own.
    #[serde(default)]
    service: Option<ServiceId>,
    /// Answers to the questions of the way back, as `POST /way-back` takes them.
    #[serde(default)]
    answers: Situation,
}

/// What a filer says.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = GivenUpBy)]
enum Says {
    NoLongerUsed,
    SubjectDissolved,
}

/// What is still to be found out before anything is given up, or to be done elsewhere.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GiveUpAdviceView {
    /// The advice.
    advice: Advice,
    /// What is known of the situation, the answers among it.
    situation: Situation,
}

/// Says that what the case is about is no longer used, or that its subject is dissolved. Where nothing is unknown that
/// matters, the order that ends it with the least loss is begun, prefilled (201): look it over and submit it; from then
/// on it holds the case's periods still. Otherwise (200) the advice says what is still to be found out, or to be done
/// elsewhere; ask again with the answers.
#[utoipa::path(post, path = "/cases/{case}/give-ups", tag = "cases", request_body = GivingUp,
    params(("case" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = GiveUpAdviceView), (status = 201, body = OrderHeadView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    filer: Filer,
    Now(mut inv): Now,
    Origin(origin): Origin,
    PathIds(case): PathIds<CaseId>,
    keyed: Keyed,
    Body(GivingUp {
        says,
        service,
        answers,
    }): Body<GivingUp>,
) -> Result<Answered, Problem> {
    let command = GiveUp {
        case,
        by: By::filer(filer.account, filer.user, origin),
        what: match says {
            Says::NoLongerUsed => GivenUp::Service,
            Says::SubjectDissolved => GivenUp::Subject,
        },
        service,
        answers,
    };
    let repeat = keyed.rendered_by(order_answer);
    let gave = give_up(&app.store, app.rulebook, &mut inv, repeat, command).await;
    let gave = gave.map_err(|failure| {
        Problem::of(failure, |refusal| {
            let detail = Text::new("暂不能为此起草订单", refusal.to_string());
            Problem::client(ProblemKind::StepRefused, detail)
        })
    })?;
    Ok(match gave {
        Gave::Order(answer) => Answered(answer),
        Gave::Advice(told) => {
            let (advice, situation) = *told;
            Answered::read(&GiveUpAdviceView { advice, situation }, None)
        }
    })
}
