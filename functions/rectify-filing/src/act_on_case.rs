//! `POST /cases/{case}/rechecks`, `/extensions`, `/appeals`: what a filer does about a case.

use axum::extract::State;
use icp_domain::finding::StepRefused;
use icp_domain::ids::{CaseId, FindingId};
use icp_domain::{Invocation, Text};
use icp_http::views::case_acted;
use icp_http::{
    Answered, Body, Filer, IfMatch, Keyed, Now, Origin, PathIds, Problem, ProblemBody, ProblemKind,
};
use icp_use_cases::By;
use icp_use_cases::act_on_case::{Act, ActOnCase, ActRefused, act};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;

/// A longer period for one finding.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Extend {
    /// Which finding.
    #[schema(value_type = String)]
    finding: FindingId,
    /// Calendar days on top of the period.
    days: u32,
    /// Why.
    reason: String,
}

/// An appeal against one finding.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct AppealAgainst {
    /// Which finding.
    #[schema(value_type = String)]
    finding: FindingId,
    /// Why.
    reason: String,
}

/// Has every open finding of a case looked at again, at once.
#[utoipa::path(post, path = "/cases/{case}/rechecks", tag = "cases",
    params(("case" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = String, Header)),
    responses((status = 202), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn recheck(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    Origin(origin): Origin,
    PathIds(case): PathIds<CaseId>,
    keyed: Keyed,
    IfMatch(expected): IfMatch,
) -> Result<Answered, Problem> {
    let by = By::filer(filer.account, filer.user, origin);
    acted(
        app,
        inv,
        ActOnCase {
            case,
            by,
            expected,
            act: Act::Recheck,
        },
        keyed,
    )
    .await
}

/// Takes the one extension of a finding.
#[utoipa::path(post, path = "/cases/{case}/extensions", tag = "cases", request_body = Extend,
    params(("case" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = String, Header)),
    responses((status = 202), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn extend(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    Origin(origin): Origin,
    PathIds(case): PathIds<CaseId>,
    keyed: Keyed,
    IfMatch(expected): IfMatch,
    Body(Extend {
        finding,
        days,
        reason,
    }): Body<Extend>,
) -> Result<Answered, Problem> {
    let by = By::filer(filer.account, filer.user, origin);
    let act = Act::Extend {
        finding,
        days,
        reason: given(reason)?,
    };
    acted(
        app,
        inv,
        ActOnCase {
            case,
            by,
            expected,
            act,
        },
        keyed,
    )
    .await
}

/// Appeals against a finding; its period stands still until the appeal is decided.
#[utoipa::path(post, path = "/cases/{case}/appeals", tag = "cases", request_body = AppealAgainst,
    params(("case" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = String, Header)),
    responses((status = 202), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn appeal(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    Origin(origin): Origin,
    PathIds(case): PathIds<CaseId>,
    keyed: Keyed,
    IfMatch(expected): IfMatch,
    Body(AppealAgainst { finding, reason }): Body<AppealAgainst>,
) -> Result<Answered, Problem> {
    let by = By::filer(filer.account, filer.user, origin);
    let act = Act::Appeal {
        finding,
        reason: given(reason)?,
    };
    acted(
        app,
        inv,
        ActOnCase {
            case,
            by,
            expected,
            act,
        },
        keyed,
    )
    .await
}

/// Longest reason in characters: a page of text.
const LONGEST_REASON: usize = 2000;

fn given(reason: String) -> Result<String, Problem> {
    if !reason.trim().is_empty() && reason.chars().count() <= LONGEST_REASON {
        return Ok(reason);
    }
    let detail = Text::new(
        format!("请填写理由，最多{LONGEST_REASON}字"),
        format!("give a reason of at most {LONGEST_REASON} characters"),
    );
    Err(Problem::client(ProblemKind::MalformedRequest, detail))
}

async fn acted(
    app: &App,
    mut inv: Invocation,
    command: ActOnCase,
    keyed: Keyed,
) -> Result<Answered, Problem> {
    let repeat = keyed.rendered_by(case_acted);
    let done = act(&app.store, app.rulebook, &mut inv, repeat, command).await;
    let (answer, looks) = done.map_err(|failure| Problem::of(failure, refused))?;
    // The act is committed: a look that is lost here is sent again by its own wake.
    if let Err(error) = app.looks.send(&looks).await {
        tracing::warn!(
            "looks were not sent, and will be again: {}",
            icp_runtime::Chain(&error)
        );
    }
    Ok(Answered(answer))
}

fn refused(refusal: ActRefused) -> Problem {
    let text = match refusal {
        ActRefused::NothingOpen => Text::new("没有未处理的不合格项", "nothing of the case is open"),
        ActRefused::Step(refused) => match refused {
            StepRefused::State(state) => Text::new(
                format!("不合格项状态为{state}，不能进行此操作"),
                format!("a finding that is {state} does not take this"),
            ),
            StepRefused::AlreadyExtended => {
                Text::new("已延期一次", "the extension was taken before")
            }
            StepRefused::ExtensionTooLong(most) => Text::new(
                format!("最多延期{most}天"),
                format!("an extension has 1 to {most} days"),
            ),
            StepRefused::AlreadyAppealed => Text::new("已申诉", "it was appealed before"),
            StepRefused::NoAppeal => Text::new("没有待处理的申诉", "no appeal waits"),
            StepRefused::RecheckUnderWay => Text::new("复核进行中", "a recheck is under way"),
            StepRefused::LookedAtSince => {
                Text::new("已有新的核查结果", "it was looked at again since")
            }
            StepRefused::NoSuchLook => Text::new("没有该核查", "no such look is asked for"),
        },
    };
    Problem::client(ProblemKind::StepRefused, text)
}
