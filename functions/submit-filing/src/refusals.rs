//! How refusals of orders become problems.

use icp_domain::Text;
use icp_http::{Problem, ProblemKind};
use icp_store::Failure;
use icp_use_cases::draft_order::DraftRefused;
use icp_use_cases::read::ReadRefused;
use icp_use_cases::step_order::StepOrderRefused;

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
                "变更备案须指明主体，首次备案不得指明主体",
                "a change names the filing that it changes, and a first filing names none",
            ),
        ),
        DraftRefused::KindNotTaken => Problem::client(
            ProblemKind::MalformedRequest,
            Text::new(
                "此处仅受理首次备案和变更备案订单",
                "orders of this kind are not taken here; first filings and changes are",
            ),
        ),
        DraftRefused::NotEditable(state) => not_open(state),
    })
}

/// A step that is not taken.
pub(crate) fn of_step(failure: Failure<StepOrderRefused>) -> Problem {
    Problem::of(failure, |refusal| match refusal {
        StepOrderRefused::Draft(violations) => {
            let detail = Text::new("请按所列各项修改订单", "mend the draft where it is named");
            Problem::client(ProblemKind::DraftRefused, detail).violations(violations)
        }
        StepOrderRefused::Step(refused) => not_open(refused.state),
        StepOrderRefused::OtherInFlight => Problem::client(
            ProblemKind::StepRefused,
            Text::new(
                "该主体已有在途订单",
                "another order of this filing is in flight",
            ),
        ),
        StepOrderRefused::Approval(error) => Problem::client(
            ProblemKind::StepRefused,
            Text::new("管局结果与订单不符", error.to_string()),
        ),
    })
}

/// What is not there to be read.
pub(crate) fn of_read(failure: Failure<ReadRefused>) -> Problem {
    Problem::of(failure, |never| match never {})
}

fn not_open(state: &str) -> Problem {
    let zh = format!("订单状态为{state}，不能进行此操作");
    Problem::client(
        ProblemKind::StepRefused,
        Text::new(
            zh,
            format!("an order that is {state} does not take this step"),
        ),
    )
}
