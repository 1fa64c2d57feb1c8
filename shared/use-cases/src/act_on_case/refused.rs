//! Why an act on a case is refused.

use icp_domain::Text;
use icp_domain::case::SlotRefused;
use icp_domain::finding::StepRefused;
use icp_domain::ids::PersonId;
use icp_domain::wall_clock::in_words;
use jiff::Timestamp;

use crate::claim_item::held_text;

/// Why an act is refused.
#[derive(Debug, thiserror::Error)]
pub enum ActRefused {
    /// The finding does not take it.
    #[error(transparent)]
    Step(#[from] StepRefused),
    /// The slot is not taken.
    #[error(transparent)]
    Slot(#[from] SlotRefused),
    /// No finding of the case is open.
    #[error("nothing of the case is open")]
    NothingOpen,
    /// No order of the filing holds the file that is named.
    #[error("no order of the filing holds that file")]
    NoSuchMaterial,
    /// An order of the filer's is in flight: nothing is reported beside it.
    #[error("an order of the filing is in flight")]
    OrderInFlight,
    /// An exemption that ends too early or too late.
    #[error("an exemption ends within {0} days")]
    ExemptionEnd(u32),
    /// The filing names no such person.
    #[error("the filing names no person {0}")]
    NoSuchPerson(PersonId),
    /// Somebody else of the staff works on it.
    #[error("somebody else works on it until {0}")]
    Claimed(Timestamp),
    /// Rechecks of the case were asked for as often as they may be within an hour.
    #[error("a recheck may be asked for again at {0}")]
    TooMany(Timestamp),
}

impl ActRefused {
    /// The field of the act that is wrong by itself, whatever the case is like.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Slot(SlotRefused::NotAhead(_) | SlotRefused::NobodyThere(..)) => Some("/from"),
            Self::Step(StepRefused::ExtensionTooLong(_)) => Some("/days"),
            Self::NoSuchPerson(_) => Some("/person"),
            Self::NoSuchMaterial => Some("/material"),
            Self::ExemptionEnd(_) => Some("/until"),
            Self::Step(_)
            | Self::Slot(SlotRefused::NothingOpen)
            | Self::NothingOpen
            | Self::OrderInFlight
            | Self::Claimed(_)
            | Self::TooMany(_) => None,
        }
    }

    /// The refusal for people.
    pub fn text(&self) -> Text {
        match self {
            Self::Step(refused) => refused.text(),
            Self::NothingOpen | Self::Slot(SlotRefused::NothingOpen) => {
                Text::new("没有未处理的不合格项", self.to_string())
            }
            Self::Slot(SlotRefused::NotAhead(days)) => {
                Text::new(format!("预约时段须在今后{days}天内"), self.to_string())
            }
            Self::Slot(SlotRefused::NobodyThere(from, until)) => Text::new(
                format!("预约时段须在工作日{from}:00至{until}:00之间"),
                self.to_string(),
            ),
            Self::NoSuchMaterial => Text::new("该备案的订单中没有此材料文件", self.to_string()),
            Self::OrderInFlight => Text::new("该备案有在途订单", self.to_string()),
            Self::ExemptionEnd(days) => {
                Text::new(format!("豁免期限须在今后{days}天内"), self.to_string())
            }
            Self::NoSuchPerson(_) => Text::new("该备案没有此联系人", self.to_string()),
            Self::Claimed(until) => held_text("该核查单", *until),
            Self::TooMany(again_at) => {
                let at = in_words(*again_at);
                Text::new(
                    format!("本小时内申请复核次数已满，请于{}后再试", at.zh),
                    format!("a recheck may be asked for again at {}", at.en),
                )
            }
        }
    }
}
