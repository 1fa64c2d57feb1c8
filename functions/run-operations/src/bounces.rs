//! `POST /bounces`: the mail relay hands on what came back.

use axum::extract::State;
use icp_domain::bounce::{self, NoBounce};
use icp_domain::{Text, Violation};
use icp_http::{
    Answered, Body, DoneView, Keyed, Now, Problem, ProblemBody, ProblemKind, Staff, told,
};
use icp_store::{Answer, Failure};
use icp_use_cases::report_bounce::{BounceRefused, report_bounce};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;

/// A delivery report, as the relay received it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "report": "Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <n1@example.cn>\r\n\r\n--b--\r\n" }))]
pub(crate) struct ReportedBounce {
    /// The whole message (RFC 5322), a delivery report (RFC 3464) that returns the mail or its header.
    report: String,
}

/// Takes in a bounce: the mail reached nobody. A period that began with it alone has not begun; an address that there is
/// not is reported of its person.
#[utoipa::path(post, path = "/bounces", tag = "operations", request_body = ReportedBounce,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 200, body = DoneView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn report(
    State(app): State<&'static App>,
    _staff: Staff,
    Now(mut inv): Now,
    keyed: Keyed,
    Body(reported): Body<ReportedBounce>,
) -> Result<Answered, Problem> {
    let bounce = bounce::read(&reported.report).map_err(unread)?;
    let repeat = keyed.rendered_by(recorded);
    let answer = report_bounce(&app.store, app.rulebook, &mut inv, repeat, &bounce).await;
    answer.map(Answered).map_err(|failure| {
        if let Failure::NotFound = failure {
            let detail = Text::new(
                "没有Message-ID相符的邮件",
                "no mail of ours has this Message-ID",
            );
            return Problem::client(ProblemKind::NotFound, detail);
        }
        Problem::of(failure, |BounceRefused::Trouble(_)| {
            let detail = Text::new("该核查单的状态不允许", "the case does not take it");
            Problem::client(ProblemKind::StepRefused, detail)
        })
    })
}

fn unread(fault: NoBounce) -> Problem {
    let zh = match fault {
        NoBounce::NotAReport => "不是退信报告（RFC 3464）",
        NoBounce::NotFailed => "该报告并未说明投递失败",
        NoBounce::NotOurs => "该报告未附带我们所发邮件的Message-ID",
    };
    let text = Text::new(zh, fault.to_string());
    let violation = Violation {
        field: "/report".to_owned(),
        rule: "not-a-bounce".to_owned(),
        text: text.clone(),
        source: "RFC 3464".to_owned(),
        as_of: None,
    };
    Problem::client(ProblemKind::MalformedRequest, text).violations(vec![violation])
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "a use case renders whatever it did by reference"
)]
fn recorded((): &()) -> Answer {
    told(200, &DoneView { status: "recorded" })
}
