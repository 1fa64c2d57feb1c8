//! The steps of the stop itself.

use jiff::Timestamp;

use super::{StepRefused, closed};
use crate::finding::{Finding, FindingState, Why};

/// A subject's links begin to be stopped.
pub(super) fn begin_stopping(finding: Finding, now: Timestamp) -> Result<Finding, StepRefused> {
    match finding.state {
        FindingState::Condemned { .. } => Ok(Finding {
            state: FindingState::Stopping { stopping_at: now },
            ..finding
        }),
        FindingState::Open
        | FindingState::LastLook { .. }
        | FindingState::Stopping { .. }
        | FindingState::Stopped { .. }
        | FindingState::Moving { .. }
        | FindingState::Reported { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.text())),
    }
}

/// Access is stopped.
pub(super) fn stopped(finding: Finding, now: Timestamp) -> Result<Finding, StepRefused> {
    match finding.state {
        FindingState::Condemned { .. } | FindingState::Stopping { .. } => Ok(Finding {
            state: FindingState::Stopped {
                stopped_at: now,
                report_refused_at: None,
            },
            ..finding
        }),
        FindingState::Open
        | FindingState::LastLook { .. }
        | FindingState::Stopped { .. }
        | FindingState::Moving { .. }
        | FindingState::Reported { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.text())),
    }
}

/// Staff gave access back.
pub(super) fn reinstated(finding: Finding, now: Timestamp) -> Result<Finding, StepRefused> {
    match finding.state {
        FindingState::Stopped { .. } => Ok(closed(finding, Why::Reinstated, now)),
        FindingState::Open
        | FindingState::LastLook { .. }
        | FindingState::Condemned { .. }
        | FindingState::Stopping { .. }
        | FindingState::Moving { .. }
        | FindingState::Reported { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.text())),
    }
}
