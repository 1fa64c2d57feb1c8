//! `POST /order-checks`: says what a submission would meet, and keeps nothing.

use axum::extract::State;
use icp_domain::ids::SubjectId;
use icp_domain::order::{OrderKind, TypedDraft};
use icp_http::{Answered, Body, Filer, Now, Problem, ProblemBody};
use icp_use_cases::By;
use icp_use_cases::check_order::check_order;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::refusals::of_read;

/// A draft to be checked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = icp_http::example::order)]
pub(crate) struct CheckOrder {
    /// The wish.
    kind: OrderKind,
    /// The filing to change.
    subject: Option<SubjectId>,
    /// The draft.
    draft: TypedDraft,
}

/// What is wrong with a draft.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Checked {
    /// All violations at once, those of account and filing too; none when it may be submitted once every
    /// number is verified.
    violations: Vec<icp_domain::Violation>,
    /// What to look at before it is sent; nothing of it refuses the draft.
    warnings: Vec<icp_domain::Violation>,
}

/// Says what is wrong with a draft, and keeps nothing.
#[utoipa::path(post, path = "/order-checks", tag = "orders", request_body = CheckOrder,
    responses((status = 200, body = Checked), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    Body(check): Body<CheckOrder>,
) -> Result<Answered, Problem> {
    let by = By::filer(filer.account.clone(), filer.user, String::new());
    let check = icp_use_cases::check_order::CheckOrder {
        kind: check.kind,
        subject: check.subject,
        draft: check.draft,
    };
    let who = (&by, &filer.account);
    let checked = check_order(&app.store, app.rulebook, inv.now, who, &check).await;
    let checked = checked.map_err(of_read)?;
    let answer = Checked {
        violations: checked.violations,
        warnings: checked.warnings,
    };
    Ok(Answered::read(&answer, None))
}
