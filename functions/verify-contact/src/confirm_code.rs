//! `POST …/persons/{person}/confirmations`: confirms a code.

use axum::extract::State;
use icp_domain::code::NotAccepted;
use icp_domain::filing::Proof;
use icp_domain::ids::{OrderId, PersonId, SubjectId};
use icp_domain::{Invocation, Text};
use icp_http::{
    Answered, Body, Filer, Keyed, Now, Origin, PathIds, Problem, ProblemBody, ProblemKind, told,
};
use icp_store::Answer;
use icp_store::records::Holder;
use icp_use_cases::By;
use icp_use_cases::confirm_code::{ConfirmCode, confirm_code};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;

/// What the person was sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "code": "042195" }))]
pub(crate) struct Confirmation {
    /// The digits.
    code: String,
}

/// Confirms the code of a person of a filing.
#[utoipa::path(post, path = "/filings/{subject}/persons/{person}/confirmations", tag = "contacts",
    request_body = Confirmation,
    params(("subject" = String, Path), ("person" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = VerifiedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn of_person_of_filing(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    Origin(origin): Origin,
    PathIds((subject, person)): PathIds<(SubjectId, PersonId)>,
    keyed: Keyed,
    Body(confirmation): Body<Confirmation>,
) -> Result<Answered, Problem> {
    let by = By::filer(filer.account, filer.user, origin);
    let command = ConfirmCode {
        holder: Holder::Filing(subject),
        person,
        code: confirmation.code,
        by,
    };
    confirm(app, inv, command, keyed).await
}

/// Confirms the code of a person of an order's draft.
#[utoipa::path(post, path = "/orders/{order}/persons/{person}/confirmations", tag = "contacts",
    request_body = Confirmation,
    params(("order" = String, Path), ("person" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = VerifiedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn of_person_of_order(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    Origin(origin): Origin,
    PathIds((order, person)): PathIds<(OrderId, PersonId)>,
    keyed: Keyed,
    Body(confirmation): Body<Confirmation>,
) -> Result<Answered, Problem> {
    let by = By::filer(filer.account, filer.user, origin);
    let command = ConfirmCode {
        holder: Holder::Order(order),
        person,
        code: confirmation.code,
        by,
    };
    confirm(app, inv, command, keyed).await
}

async fn confirm(
    app: &App,
    mut inv: Invocation,
    command: ConfirmCode,
    keyed: Keyed,
) -> Result<Answered, Problem> {
    let repeat = keyed.rendered_by(verified);
    let answer = confirm_code(&app.store, app.rulebook, &mut inv, repeat, command).await;
    answer
        .map(Answered)
        .map_err(|failure| Problem::of(failure, not_accepted))
}

/// That a number is proved.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VerifiedView {
    /// `verified`.
    status: &'static str,
    /// Until when.
    #[schema(value_type = String)]
    until: Timestamp,
}

fn verified(proof: &Proof) -> Answer {
    let view = VerifiedView {
        status: "verified",
        until: proof.until,
    };
    told(200, &view)
}

/// One answer for every cause; only the log tells them apart.
pub(crate) fn not_accepted(why: NotAccepted) -> Problem {
    tracing::info!("a code was not accepted: {why}");
    let detail = Text::new(
        "验证码错误、过期或已使用，请核对后重输或重新获取",
        "it is wrong, late, used or superseded: type it again, or ask for a new one",
    );
    Problem::client(ProblemKind::CodeNotAccepted, detail)
}
