//! Our access link of a service, and its life.
//!
//! **Invariant:** the version grows with every change, over the link's whole life.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::CaseId;

/// Our access link (接入) of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// Where its life stands.
    pub state: LinkState,
    /// Grows with every change over the link's whole life; front ends ignore a lower one.
    pub link_version: u64,
}

/// The life of an access link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum LinkState {
    /// Access is given.
    #[serde(rename_all = "camelCase")]
    Live {
        /// Since when.
        #[schema(value_type = String)]
        since: Timestamp,
    },
    /// We stopped it; reversible.
    #[serde(rename_all = "camelCase")]
    Stopped {
        /// When.
        #[schema(value_type = String)]
        stopped_at: Timestamp,
        /// The case that stopped it.
        case: CaseId,
    },
    /// 已上报取消接入: the bureau has our report and has not answered.
    #[serde(rename_all = "camelCase")]
    Reported {
        /// When it was stopped.
        #[schema(value_type = String)]
        stopped_at: Timestamp,
        /// The case that stopped it.
        case: CaseId,
        /// When it was reported.
        #[schema(value_type = String)]
        reported_at: Timestamp,
    },
    /// 已取消接入: the bureau recorded that we give no access; only an order can give it again.
    #[serde(rename_all = "camelCase")]
    Cancelled {
        /// When.
        #[schema(value_type = String)]
        cancelled_at: Timestamp,
    },
}

impl Link {
    /// A link granted by an approval.
    pub fn granted(now: Timestamp) -> Self {
        Self {
            state: LinkState::Live { since: now },
            link_version: 1,
        }
    }

    /// The link after an approval that gives access; `None` when it was not given up before.
    #[must_use]
    pub fn grant(self, now: Timestamp) -> Option<Self> {
        match self.state {
            LinkState::Cancelled { .. } => Some(Self {
                state: LinkState::Live { since: now },
                link_version: self.link_version + 1,
            }),
            LinkState::Live { .. } | LinkState::Stopped { .. } | LinkState::Reported { .. } => None,
        }
    }

    /// The link after the bureau recorded its end; `None` when it ended before.
    #[must_use]
    pub fn end(self, now: Timestamp) -> Option<Self> {
        match self.state {
            LinkState::Live { .. } | LinkState::Stopped { .. } | LinkState::Reported { .. } => {
                Some(Self {
                    state: LinkState::Cancelled { cancelled_at: now },
                    link_version: self.link_version + 1,
                })
            }
            LinkState::Cancelled { .. } => None,
        }
    }

    /// Whether access is given.
    pub fn is_live(&self) -> bool {
        match self.state {
            LinkState::Live { .. } => true,
            LinkState::Stopped { .. }
            | LinkState::Reported { .. }
            | LinkState::Cancelled { .. } => false,
        }
    }

    /// Whether the bureau has our access on its record: live, or stopped and not yet cancelled.
    pub fn is_on_record(&self) -> bool {
        match self.state {
            LinkState::Live { .. } | LinkState::Stopped { .. } | LinkState::Reported { .. } => true,
            LinkState::Cancelled { .. } => false,
        }
    }

    /// The link after a stop by `case`; `None` when it is not live.
    #[must_use]
    pub fn stop(self, case: CaseId, now: Timestamp) -> Option<Self> {
        match self.state {
            LinkState::Live { .. } => Some(Self {
                state: LinkState::Stopped {
                    stopped_at: now,
                    case,
                },
                link_version: self.link_version + 1,
            }),
            LinkState::Stopped { .. }
            | LinkState::Reported { .. }
            | LinkState::Cancelled { .. } => None,
        }
    }

    /// The link after reinstatement; `None` when it is not stopped.
    #[must_use]
    pub fn reinstate(self, now: Timestamp) -> Option<Self> {
        match self.state {
            LinkState::Stopped { .. } => Some(Self {
                state: LinkState::Live { since: now },
                link_version: self.link_version + 1,
            }),
            LinkState::Live { .. } | LinkState::Reported { .. } | LinkState::Cancelled { .. } => {
                None
            }
        }
    }

    /// The link after its cancellation was reported to the bureau; `None` when it is not stopped.
    #[must_use]
    pub fn report(self, now: Timestamp) -> Option<Self> {
        match self.state {
            LinkState::Stopped { stopped_at, case } => Some(Self {
                state: LinkState::Reported {
                    stopped_at,
                    case,
                    reported_at: now,
                },
                link_version: self.link_version + 1,
            }),
            LinkState::Live { .. } | LinkState::Reported { .. } | LinkState::Cancelled { .. } => {
                None
            }
        }
    }

    /// The link after the bureau refused the report; `None` when none is with it.
    #[must_use]
    pub fn take_report_back(self) -> Option<Self> {
        match self.state {
            LinkState::Reported {
                stopped_at, case, ..
            } => Some(Self {
                state: LinkState::Stopped { stopped_at, case },
                link_version: self.link_version + 1,
            }),
            LinkState::Live { .. } | LinkState::Stopped { .. } | LinkState::Cancelled { .. } => {
                None
            }
        }
    }

    /// The case that stopped it, as long as it is not given back or cancelled.
    pub fn stopped_by(&self) -> Option<&CaseId> {
        match &self.state {
            LinkState::Stopped { case, .. } | LinkState::Reported { case, .. } => Some(case),
            LinkState::Live { .. } | LinkState::Cancelled { .. } => None,
        }
    }
}
