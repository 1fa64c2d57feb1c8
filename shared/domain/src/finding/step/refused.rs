//! Why a step of a finding's life is not open.

use crate::Text;

/// Why a step is not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepRefused {
    /// The state does not take it.
    #[error("a finding that is {0} does not take this step")]
    State(&'static str),
    /// The one extension was taken.
    #[error("the extension was taken before")]
    AlreadyExtended,
    /// Too long an extension.
    #[error("an extension has 1 to {0} days")]
    ExtensionTooLong(u32),
    /// The one appeal was made.
    #[error("the finding was appealed before")]
    AlreadyAppealed,
    /// No appeal waits.
    #[error("no appeal waits for a decision")]
    NoAppeal,
    /// A recheck is under way.
    #[error("a recheck is under way")]
    RecheckUnderWay,
    /// The look that was shown is not the one that condemns it now.
    #[error("the finding was looked at again since")]
    LookedAtSince,
    /// The look is not the one that is asked for.
    #[error("no such look is asked for")]
    NoSuchLook,
}

impl StepRefused {
    /// The refusal for people.
    pub fn text(&self) -> Text {
        let english = self.to_string();
        match self {
            Self::State(state) => {
                Text::new(format!("不合格项状态为{state}，不能进行此操作"), english)
            }
            Self::AlreadyExtended => Text::new("已延期一次", english),
            Self::ExtensionTooLong(most) => Text::new(format!("延期须为1至{most}天"), english),
            Self::AlreadyAppealed => Text::new("已申诉", english),
            Self::NoAppeal => Text::new("没有待处理的申诉", english),
            Self::RecheckUnderWay => Text::new("复核进行中", english),
            Self::LookedAtSince => Text::new("已有新的核查结果", english),
            Self::NoSuchLook => Text::new("没有该核查", english),
        }
    }
}
