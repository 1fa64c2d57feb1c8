//! Where the life of an order stands.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ReturnReason;
use crate::Text;
use crate::finding::Phase;

/// The life of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum OrderState {
    /// 草稿: the filer is writing; not in flight.
    Draft,
    /// 初审: with the provider's staff.
    #[serde(rename_all = "camelCase")]
    ProviderReview {
        /// Since when.
        #[schema(value_type = String)]
        since: Timestamp,
    },
    /// 待修改: sent back with reasons.
    #[serde(rename_all = "camelCase")]
    Returned {
        /// When.
        #[schema(value_type = String)]
        returned_at: Timestamp,
        /// Who sent it back.
        by: ReturnedBy,
        /// What is to be mended, field by field.
        reasons: Vec<ReturnReason>,
        /// How many of the reminders are over.
        #[serde(default)]
        reminded: u32,
    },
    /// 待提交管局: passed, waiting to be sent.
    #[serde(rename_all = "camelCase")]
    Queued {
        /// Since when.
        #[schema(value_type = String)]
        since: Timestamp,
    },
    /// 短信核验: the bureau asks all named persons.
    #[serde(rename_all = "camelCase")]
    BureauSms {
        /// Since when.
        #[schema(value_type = String)]
        since: Timestamp,
    },
    /// 管局审核.
    #[serde(rename_all = "camelCase")]
    BureauReview {
        /// Since when.
        #[schema(value_type = String)]
        since: Timestamp,
    },
    /// 已备案. Final.
    #[serde(rename_all = "camelCase")]
    Approved {
        /// When the bureau's answer was recorded.
        #[schema(value_type = String)]
        approved_at: Timestamp,
    },
    /// 已撤回. Final.
    #[serde(rename_all = "camelCase")]
    Withdrawn {
        /// When.
        #[schema(value_type = String)]
        withdrawn_at: Timestamp,
    },
    /// A draft that nobody touched. Final.
    #[serde(rename_all = "camelCase")]
    Dead {
        /// When.
        #[schema(value_type = String)]
        died_at: Timestamp,
    },
}

/// Who sent an order back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReturnedBy {
    /// Our staff, with reasons.
    Provider,
    /// The bureau, with reasons.
    Bureau,
    /// The bureau's SMS check was not done, as the bureau says.
    SmsCheck,
    /// Our clock counted the bureau's 24 hours; presumed until the bureau answers. Until then the
    /// bureau may approve what was sent to it, so nobody edits or withdraws it.
    SmsCheckPresumed,
}

impl ReturnedBy {
    /// Whether somebody sent it back, and not only our clock.
    pub(super) fn is_an_answer(self) -> bool {
        match self {
            Self::Provider | Self::Bureau | Self::SmsCheck => true,
            Self::SmsCheckPresumed => false,
        }
    }
}

impl OrderState {
    /// The state's name in the API and in logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::ProviderReview { .. } => "provider-review",
            Self::Returned { .. } => "returned",
            Self::Queued { .. } => "queued",
            Self::BureauSms { .. } => "bureau-sms",
            Self::BureauReview { .. } => "bureau-review",
            Self::Approved { .. } => "approved",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Dead { .. } => "dead",
        }
    }

    /// The state, for people.
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::Draft => "草稿",
            Self::ProviderReview { .. } => "接入商审核中",
            Self::Returned { .. } => "已退回，待修改",
            Self::Queued { .. } => "待提交管局",
            Self::BureauSms { .. } => "待短信核验",
            Self::BureauReview { .. } => "管局审核中",
            Self::Approved { .. } => "已通过",
            Self::Withdrawn { .. } => "已撤回",
            Self::Dead { .. } => "已失效",
        };
        Text::new(zh, self.name())
    }

    /// From submission to approved, withdrawn or back to draft: the subject's one order.
    pub fn is_in_flight(&self) -> bool {
        match self {
            Self::Draft | Self::Approved { .. } | Self::Withdrawn { .. } | Self::Dead { .. } => {
                false
            }
            Self::ProviderReview { .. }
            | Self::Returned { .. }
            | Self::Queued { .. }
            | Self::BureauSms { .. }
            | Self::BureauReview { .. } => true,
        }
    }

    /// Whether the filer may edit the draft.
    pub fn is_editable(&self) -> bool {
        match self {
            Self::Draft => true,
            Self::Returned { by, .. } => by.is_an_answer(),
            Self::ProviderReview { .. }
            | Self::Queued { .. }
            | Self::BureauSms { .. }
            | Self::BureauReview { .. }
            | Self::Approved { .. }
            | Self::Withdrawn { .. }
            | Self::Dead { .. } => false,
        }
    }

    /// Whether the bureau's SMS check runs, for all that anybody but our clock has said.
    pub(super) fn waits_for_sms(&self) -> bool {
        match self {
            Self::BureauSms { .. }
            | Self::Returned {
                by: ReturnedBy::SmsCheckPresumed,
                ..
            } => true,
            Self::Draft
            | Self::ProviderReview { .. }
            | Self::Returned { .. }
            | Self::Queued { .. }
            | Self::BureauReview { .. }
            | Self::Approved { .. }
            | Self::Withdrawn { .. }
            | Self::Dead { .. } => false,
        }
    }

    /// Who is at work on it, if anyone: what freezes a finding that it answers.
    pub fn review_phase(&self) -> Option<Phase> {
        match self {
            Self::ProviderReview { .. } | Self::Queued { .. } => Some(Phase::Review),
            Self::BureauSms { .. }
            | Self::BureauReview { .. }
            | Self::Returned {
                by: ReturnedBy::SmsCheckPresumed,
                ..
            } => Some(Phase::Bureau),
            Self::Draft
            | Self::Returned { .. }
            | Self::Approved { .. }
            | Self::Withdrawn { .. }
            | Self::Dead { .. } => None,
        }
    }
}
