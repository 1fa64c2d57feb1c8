//! Why a step of a finding's life is not open.

use crate::Text;

/// Why a step is not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepRefused {
    /// The state does not take it.
    #[error("a finding that is {} does not take this step", .0.en)]
    State(Text),
    /// The one extension was taken.
    #[error("the extension was taken before")]
    AlreadyExtended,
    /// Too long an extension.
    #[error("an extension has 1 to {0} days")]
    ExtensionTooLong(u32),
    /// The one appeal was made.
    #[error("the finding was appealed before")]
    AlreadyAppealed,
    /// A second appeal brings nothing that the first did not.
    #[error("a second appeal wants a material that the first did not bring")]
    NothingNew,
    /// An objection was made before.
    #[error("the stop was objected to before")]
    AlreadyObjected,
    /// The days for an objection are over.
    #[error("a stop may be objected to for {0} working days")]
    ObjectionTooLate(u32),
    /// No objection waits.
    #[error("no objection waits for a decision")]
    NoObjection,
    /// No report waits for the bureau's answer.
    #[error("no report to the bureau waits for an answer")]
    NotReported,
    /// No appeal waits.
    #[error("no appeal waits for a decision")]
    NoAppeal,
    /// A bureau named the date.
    #[error("the bureau named the date, and nobody moves it")]
    BureausDate,
    /// A bureau ordered the stop.
    #[error("the bureau ordered the stop; turn to the bureau")]
    BureausOrder,
    /// Its period is not over.
    #[error("its period is not over")]
    BeforeDeadline,
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
            Self::State(state) => Text::new(
                format!("不合格项处于“{}”，不能进行此操作", state.zh),
                english,
            ),
            Self::AlreadyExtended => Text::new("已延期一次", english),
            Self::ExtensionTooLong(most) => Text::new(format!("延期须为1至{most}天"), english),
            Self::AlreadyAppealed => Text::new("已申诉", english),
            Self::NothingNew => Text::new("再次申诉须提供新的材料", english),
            Self::AlreadyObjected => Text::new("已提出异议", english),
            Self::ObjectionTooLate(days) => {
                Text::new(format!("异议须在停止接入后{days}个工作日内提出"), english)
            }
            Self::NoObjection => Text::new("没有待处理的异议", english),
            Self::NotReported => Text::new("没有待管局答复的取消接入上报", english),
            Self::NoAppeal => Text::new("没有待处理的申诉", english),
            Self::BureausDate => Text::new("期限由管局确定，不能延长", english),
            Self::BureausOrder => Text::new("管局要求停止接入，请联系管局", english),
            Self::BeforeDeadline => Text::new("整改期未满", english),
            Self::RecheckUnderWay => Text::new("复核进行中", english),
            Self::LookedAtSince => Text::new("已有新的核查结果", english),
            Self::NoSuchLook => Text::new("没有该核查", english),
        }
    }
}
