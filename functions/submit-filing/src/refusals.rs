//! How refusals of orders become problems.

use icp_domain::Text;
use icp_http::{Problem, ProblemKind};
use icp_store::Failure;
use icp_use_cases::draft_order::DraftRefused;
use icp_use_cases::read::ReadRefused;
use icp_use_cases::step_order::StepOrderRefused;
use icp_use_cases::weigh_order::WeighRefused;

/// A draft that is not kept.
pub(crate) fn of_draft(failure: Failure<DraftRefused>) -> Problem {
    Problem::of(failure, |refusal| match refusal {
        DraftRefused::Unkeepable(violations) => {
            let detail = Text::new("订单内容过长", "the draft is too long to be kept");
            Problem::client(ProblemKind::DraftRefused, detail).violations(violations)
        }
        DraftRefused::SubjectOfKind => Problem::client(
            ProblemKind::MalformedRequest,
            Text::new(
                "变更、注销、取消接入须指明主体，首次备案不得指明主体",
                "a first filing names no filing, and a change or an end names the one that it is about",
            ),
        ),
        DraftRefused::SubjectsOfAccount(most) => Problem::client(
            ProblemKind::StepRefused,
            Text::new(
                format!("每个账号最多{most}个主体"),
                format!("an account has at most {most} subjects"),
            ),
        ),
        DraftRefused::NotEditable(refused) => {
            Problem::client(ProblemKind::StepRefused, refused.text())
        }
    })
}

/// A step that is not taken.
pub(crate) fn of_step(failure: Failure<StepOrderRefused>) -> Problem {
    Problem::of(failure, |refusal| {
        let text = refusal.text();
        match refusal {
            StepOrderRefused::Draft(violations) => {
                Problem::client(ProblemKind::DraftRefused, text).violations(violations)
            }
            StepOrderRefused::ConfirmationNeeded => {
                Problem::client(ProblemKind::ConfirmationNeeded, text)
            }
            StepOrderRefused::Step(_)
            | StepOrderRefused::SubjectsOfAccount(_)
            | StepOrderRefused::Claimed(_)
            | StepOrderRefused::SamePerson(_)
            | StepOrderRefused::OtherInFlight
            | StepOrderRefused::Approval(_) => Problem::client(ProblemKind::StepRefused, text),
        }
    })
}

/// An order that is not weighed.
pub(crate) fn of_weighing(failure: Failure<WeighRefused>) -> Problem {
    Problem::of(failure, |refusal| {
        let zh = match refusal {
            WeighRefused::TakesNothing => "此类订单没有不可撤销的后果",
            WeighRefused::AboutNothing => "订单未指明要注销的网站",
        };
        Problem::client(ProblemKind::StepRefused, Text::new(zh, refusal.to_string()))
    })
}

/// What is not there to be read.
pub(crate) fn of_read(failure: Failure<ReadRefused>) -> Problem {
    Problem::of(failure, |never| match never {})
}
