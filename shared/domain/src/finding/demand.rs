//! What a bureau's list demands (管局清单要求): to be put right by its date, or to be stopped now.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Text;
use crate::bureau_list::ListHead;
use crate::rulebook::Rulebook;
use crate::rulebook::calendar::end_of;

/// A demand of a bureau's, which a finding rests on in place of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Demand {
    /// What is demanded.
    pub wants: Wants,
    /// 文号: number of the document.
    pub document_number: String,
    /// Day on which the bureau issued it.
    #[schema(value_type = String)]
    pub issued_on: Date,
    /// What the list says is at fault, in the bureau's words; mail addresses and long numbers are masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says: Option<String>,
    /// First instant after the period, where the bureau named a date: no extension, appeal or order passes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub due_by: Option<Timestamp>,
}

/// What a bureau wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Wants {
    /// 整改: that it is put right.
    Rectified,
    /// 停止接入: that access is stopped now.
    StoppedNow,
}

impl Wants {
    /// What stands for a rule's code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Rectified => "BUREAU-TO-RECTIFY",
            Self::StoppedNow => "BUREAU-STOP-NOW",
        }
    }
}

impl Demand {
    /// A demand of a list's row.
    pub fn of_row(wants: Wants, list: &ListHead, says: Option<&str>, rulebook: &Rulebook) -> Self {
        let days = rulebook.policy.cases.bureau_before_working_days;
        let due_by = list
            .reply_by
            .map(|reply_by| end_of(rulebook.calendar.working_days_before(reply_by, days)));
        Self {
            wants,
            document_number: list.document_number.trim().to_owned(),
            issued_on: list.issued_on,
            says: says.map(crate::page::masked),
            due_by: due_by.filter(|_| wants == Wants::Rectified),
        }
    }

    /// The fault in words.
    pub fn fault(&self) -> Text {
        let number = &self.document_number;
        let (zh, en) = match self.wants {
            Wants::Rectified => (
                format!("管局要求整改（{number}）"),
                format!("the bureau demands that it is put right ({number})"),
            ),
            Wants::StoppedNow => (
                format!("管局要求停止接入（{number}）"),
                format!("the bureau demands that access is stopped ({number})"),
            ),
        };
        match &self.says {
            Some(says) => Text::new(format!("{zh}：{says}"), format!("{en}: {says}")),
            None => Text::new(zh, en),
        }
    }

    /// What to do about it.
    pub fn to_do(&self) -> Text {
        match self.wants {
            Wants::Rectified => Text::new(
                "按管局要求整改，完成后申请复核，由本公司人员核查",
                "put right what the bureau names, then ask for a recheck: our staff look at it",
            ),
            Wants::StoppedNow => Text::new(
                "联系管局；管局同意后方可恢复接入",
                "turn to the bureau: access is given again once it agrees",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bureau_list::ListKind;

    #[test]
    fn a_demand_is_due_three_working_days_before_the_bureaus_date() {
        let rulebook = Rulebook::shipped().unwrap();
        let list = |reply_by: Option<&str>| ListHead {
            kind: ListKind::ToRectify,
            document_number: "京通管〔2026〕12号".into(),
            issued_on: "2026-03-02".parse().unwrap(),
            reply_by: reply_by.map(|day| day.parse().unwrap()),
            of: None,
        };
        let due = |reply_by| {
            let demand = Demand::of_row(Wants::Rectified, &list(reply_by), None, &rulebook);
            demand.due_by.map(|due_by| due_by.to_string())
        };
        // Friday the 20th; Tuesday the 17th is three working days before, and ends in Shanghai at 16:00 UTC.
        assert_eq!(
            due(Some("2026-03-20")).as_deref(),
            Some("2026-03-17T16:00:00Z")
        );
        // Monday: Wednesday of the week before.
        assert_eq!(
            due(Some("2026-03-23")).as_deref(),
            Some("2026-03-18T16:00:00Z")
        );
        assert_eq!(due(None), None);
    }

    #[test]
    fn what_a_list_says_is_kept_without_numbers_that_are_somebodys() {
        let rulebook = Rulebook::shipped().unwrap();
        let list = ListHead {
            kind: ListKind::StopNow,
            document_number: "1".into(),
            issued_on: "2026-03-02".parse().unwrap(),
            reply_by: None,
            of: None,
        };
        let says = Some("联系人电话13800138000无法接通");
        let demand = Demand::of_row(Wants::StoppedNow, &list, says, &rulebook);
        let said = demand.fault().zh;
        assert!(
            said.contains("无法接通") && !said.contains("13800138000"),
            "{said}"
        );
    }
}
