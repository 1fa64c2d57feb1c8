//! Lists that a communications administration hands down (管局下发清单): what they are, how their rows
//! are read, which filing a row is about, and what is answered.
//!
//! **Invariant:** a row is about a filing only where everything that it names agrees; what does not
//! agree is *doubtful*, listed for people and acted on by nothing.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Text;
use crate::violation::Violation;

mod column;
mod doubt;
mod matching;
mod of_order;
mod reply;
mod row;

pub use column::ListColumn;
pub(crate) use column::also;
pub use doubt::Doubt;
pub use matching::{About, Matched, matched};
pub use of_order::{agrees_with_order, given, numbered};
pub use reply::{Outcome, REPLY_COLUMNS};
pub(crate) use row::result_words;
pub use row::{BureauResult, ListRow, Named, read};

/// What a list is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ListKind {
    /// 审核结果: what the bureau made of orders.
    OrderResults,
    /// 注销清单: what it took off its record.
    Deregistered,
    /// 整改清单: what is to be put right by the reply date.
    ToRectify,
    /// 空壳公示: shells that it will take off its record.
    ShellAnnouncement,
    /// 停止接入清单: to what access is to be stopped now.
    StopNow,
}

impl ListKind {
    /// Whether its rows take away for good whatever they are about, so that two people have to bring it.
    pub fn takes_two(self) -> bool {
        match self {
            // A stop at once asks nobody else: no look, no period, no brake.
            Self::Deregistered | Self::StopNow => true,
            // An order that cannot be undone asks for its second person itself.
            Self::OrderResults | Self::ToRectify | Self::ShellAnnouncement => false,
        }
    }
}

/// The paper that a list comes with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListHead {
    /// What it is about.
    pub kind: ListKind,
    /// 文号: number of the document.
    pub document_number: String,
    /// Day on which the bureau issued it.
    #[schema(value_type = String)]
    pub issued_on: Date,
    /// Last day of the reply, where one is asked for.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub reply_by: Option<Date>,
    /// Of a list of deregistrations: what its rows are about.
    #[serde(default)]
    pub of: Option<Deregistered>,
}

/// What a list of deregistrations is about. A table of sites whose column of site numbers was lost must
/// not read as one of subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Deregistered {
    /// 注销主体: each row takes a subject off the record, with every site.
    Subjects,
    /// 注销网站: each row takes one site off the record.
    Sites,
}

/// Most signs of a document's number.
///
/// Source: chosen here; GB/T 9704-2012 gives a document the office's short name, year and serial.
const MOST_SIGNS: usize = 100;

impl ListHead {
    /// What is wrong with it on `today`, as the `paper` of a list: everything at once.
    pub fn check(&self, today: Date) -> Vec<Violation> {
        let number = self.document_number.trim();
        let readable = (1..=MOST_SIGNS).contains(&number.chars().count())
            && !number.chars().any(char::is_control);
        let mut found = Vec::new();
        let mut broken = |field: &str, rule: &str, zh: String, en: String| {
            found.push(Violation::ours(field, rule, Text::new(zh, en)));
        };
        if !readable {
            broken(
                "/paper/documentNumber",
                "document-number-form",
                format!("文号须为1至{MOST_SIGNS}个字符"),
                format!("a document's number has 1 to {MOST_SIGNS} signs"),
            );
        }
        if today < self.issued_on {
            broken(
                "/paper/issuedOn",
                "issued-after-today",
                "下发日期不得晚于今天".to_owned(),
                "a list is issued today or before".to_owned(),
            );
        }
        if self.reply_by.is_some_and(|reply| reply < self.issued_on) {
            broken(
                "/paper/replyBy",
                "reply-before-issue",
                "反馈日期不得早于下发日期".to_owned(),
                "a list is replied to after it was issued".to_owned(),
            );
        }
        match (self.kind, self.of) {
            (ListKind::Deregistered, None) => broken(
                "/paper/of",
                "field-missing",
                "须注明注销的是主体（subjects）还是网站（sites）".to_owned(),
                "say whether subjects or sites are deregistered".to_owned(),
            ),
            (ListKind::Deregistered, Some(_)) | (_, None) => {}
            (_, Some(_)) => broken(
                "/paper/of",
                "field-not-of-kind",
                "仅注销清单填写".to_owned(),
                "only a list of deregistrations says it".to_owned(),
            ),
        }
        found
    }
}

#[cfg(test)]
mod tests;
