//! Where a finding's life stands, and what it waits with there.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Asked, BrokenLook, Release};
use crate::Text;
use crate::audit::UndecidedRun;

/// Where a finding's life stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum FindingState {
    /// In its period, or waiting for it to begin.
    Open,
    /// The period is over; fresh looks are being made.
    #[serde(rename_all = "camelCase")]
    LastLook {
        /// The look that is asked for.
        asked: Asked,
        /// When the first was asked for.
        #[schema(value_type = String)]
        first_asked_at: Timestamp,
        /// The first broken one, if any.
        broken: Option<BrokenLook>,
        /// Undecided answers in a row, for the back-off.
        undecided: u32,
    },
    /// Over, looked at again, still broken: to be stopped, under the brake.
    Condemned(Condemned),
    /// The subject's links are being stopped one by one.
    #[serde(rename_all = "camelCase")]
    Stopping {
        /// Since when.
        #[schema(value_type = String)]
        stopping_at: Timestamp,
    },
    /// Access was stopped.
    #[serde(rename_all = "camelCase")]
    Stopped {
        /// When.
        #[schema(value_type = String)]
        stopped_at: Timestamp,
        /// When the bureau refused the cancellation that was reported to it: machines report no second.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        report_refused_at: Option<Timestamp>,
    },
    /// The links that were stopped on it move on, one by one.
    #[serde(rename_all = "camelCase")]
    Moving {
        /// Since when.
        #[schema(value_type = String)]
        moving_at: Timestamp,
        /// Where to.
        to: MoveTo,
    },
    /// The cancellation of access was reported to the bureau (已上报取消接入), which has not answered.
    #[serde(rename_all = "camelCase")]
    Reported {
        /// When access was stopped.
        #[schema(value_type = String)]
        stopped_at: Timestamp,
        /// When the last link was reported.
        #[schema(value_type = String)]
        reported_at: Timestamp,
    },
    /// Done with.
    #[serde(rename_all = "camelCase")]
    Closed {
        /// When.
        #[schema(value_type = String)]
        closed_at: Timestamp,
        /// Why.
        why: Why,
    },
}

/// Where the links that were stopped on a finding move to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "to")]
pub enum MoveTo {
    /// Access is given again.
    GivenBack {
        /// Why, and so what the finding is closed as.
        why: Why,
    },
    /// Their cancellation is reported to the bureau.
    #[serde(rename_all = "camelCase")]
    Reported {
        /// When access was stopped.
        #[schema(value_type = String)]
        stopped_at: Timestamp,
    },
    /// Back to being stopped, since the bureau refused the report.
    #[serde(rename_all = "camelCase")]
    TakenBack {
        /// When access was stopped.
        #[schema(value_type = String)]
        stopped_at: Timestamp,
    },
    /// The bureau recorded that we give no access.
    Cancelled,
}

/// What a condemned finding waits with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Condemned {
    /// The looks that condemned it, the later last.
    pub looks: Vec<BrokenLook>,
    /// When.
    #[schema(value_type = String)]
    pub condemned_at: Timestamp,
    /// Staff let it be stopped.
    pub release: Option<Release>,
    /// A newer look, asked for because the later one grew old.
    pub asked: Option<Asked>,
    /// Since when such looks stay undecided, and how many did: for the back-off.
    pub undecided: Option<UndecidedRun>,
}

/// Why a finding was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// A look found it put right.
    PutRight,
    /// An appeal was granted.
    AppealGranted,
    /// The link ended by another cause.
    Overtaken,
    /// Staff reinstated access.
    Reinstated,
    /// An objection to the stop was upheld.
    ObjectionUpheld,
    /// It was found to be wrong, with others like it (核查有误).
    Void,
    /// Staff exempted the unit from the rule for a time.
    Exempt,
    /// The bureau recorded that we give no access any more.
    Cancelled,
}

impl Why {
    /// Whether it says that the finding was wrong, or was taken back.
    pub fn takes_back(self) -> bool {
        match self {
            Self::AppealGranted | Self::Reinstated | Self::ObjectionUpheld | Self::Void => true,
            Self::PutRight | Self::Overtaken | Self::Exempt | Self::Cancelled => false,
        }
    }
}

impl FindingState {
    /// The state's name in the API and in logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::LastLook { .. } => "last-look",
            Self::Condemned { .. } => "condemned",
            Self::Stopping { .. } => "stopping",
            Self::Stopped { .. } => "stopped",
            Self::Moving { .. } => "moving",
            Self::Reported { .. } => "reported",
            Self::Closed { .. } => "closed",
        }
    }

    /// The state, for people.
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::Open => "待整改",
            Self::LastLook { .. } => "已到期，正在复核",
            Self::Condemned { .. } => "复核仍不合格，待停止接入",
            Self::Stopping { .. } => "正在停止接入",
            Self::Stopped { .. } => "已停止接入",
            Self::Moving { .. } => "正在处理",
            Self::Reported { .. } => "取消接入已上报管局",
            Self::Closed { .. } => "已办结",
        };
        Text::new(zh, self.name())
    }

    /// The release of a condemned finding, once there is one.
    pub fn release(&self) -> Option<&Release> {
        match self {
            Self::Condemned(condemned) => condemned.release.as_ref(),
            Self::Open
            | Self::LastLook { .. }
            | Self::Stopping { .. }
            | Self::Stopped { .. }
            | Self::Moving { .. }
            | Self::Reported { .. }
            | Self::Closed { .. } => None,
        }
    }

    /// Whether looks say nothing of it any more: its stop began, or it is done with.
    pub fn is_over(&self) -> bool {
        match self {
            Self::Stopping { .. }
            | Self::Stopped { .. }
            | Self::Moving { .. }
            | Self::Reported { .. }
            | Self::Closed { .. } => true,
            Self::Open | Self::LastLook { .. } | Self::Condemned { .. } => false,
        }
    }

    /// Whether nothing more is to come of it, but by people.
    pub fn is_closed(&self) -> bool {
        match self {
            Self::Closed { .. } => true,
            Self::Open
            | Self::LastLook { .. }
            | Self::Condemned { .. }
            | Self::Stopping { .. }
            | Self::Stopped { .. }
            | Self::Moving { .. }
            | Self::Reported { .. } => false,
        }
    }
}
