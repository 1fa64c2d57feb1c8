//! What is answered to a row.

use serde::{Deserialize, Serialize};

use super::{About, Doubt, ListKind};
use crate::Text;
use crate::filing::{Filing, Link, LinkState};

/// The columns that a reply adds to the list's own: what was done, and what there is to say.
pub const REPLY_COLUMNS: [&str; 2] = ["处理结果", "说明"];

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "outcome", content = "doubt")]
pub enum Outcome {
    /// What the bureau made of the order is recorded.
    Recorded,
    /// The subject is off our record, with every site.
    SubjectOff,
    /// The site is off our record.
    SiteOff,
    /// A case was opened or joined: its people are told, and it is due before the bureau's date.
    CaseOpened,
    /// Access is being stopped.
    StopOrdered,
    /// It waits for a second person's word.
    AwaitsSecond,
    /// We give access.
    Accessed,
    /// We stopped access, and may give it back.
    Stopped,
    /// We know the filing and give no access.
    NotAccessed,
    /// For people.
    Doubtful(Doubt),
    /// None of ours.
    Unmatched,
}

impl Outcome {
    /// What is known of the access to what a row is about; of a subject, of any of its services.
    pub fn of_access(filing: &Filing, about: &About) -> Self {
        let links: Vec<&Link> = match &about.service {
            Some(service) => filing.links.get(service).into_iter().collect(),
            None => filing.links.values().collect(),
        };
        let any = |is: fn(&LinkState) -> bool| links.iter().any(|link| is(&link.state));
        if any(|state| matches!(state, LinkState::Live { .. })) {
            Self::Accessed
        } else if any(|state| {
            matches!(
                state,
                LinkState::Stopped { .. } | LinkState::Reported { .. }
            )
        }) {
            Self::Stopped
        } else {
            Self::NotAccessed
        }
    }

    /// Its name in files and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::SubjectOff => "subject-off",
            Self::SiteOff => "site-off",
            Self::CaseOpened => "case-opened",
            Self::StopOrdered => "stop-ordered",
            Self::AwaitsSecond => "awaits-second",
            Self::Accessed => "accessed",
            Self::Stopped => "stopped",
            Self::NotAccessed => "not-accessed",
            Self::Doubtful(_) => "doubtful",
            Self::Unmatched => "unmatched",
        }
    }

    /// Why people have to look into it, by its name; nothing where the outcome says it.
    pub fn rule(self) -> &'static str {
        match self {
            Self::Doubtful(doubt) => doubt.name(),
            Self::Recorded
            | Self::SubjectOff
            | Self::SiteOff
            | Self::CaseOpened
            | Self::StopOrdered
            | Self::AwaitsSecond
            | Self::Accessed
            | Self::Stopped
            | Self::NotAccessed
            | Self::Unmatched => "",
        }
    }

    /// What stands in the reply: what was done.
    pub fn done(self, kind: ListKind) -> Text {
        let (zh, en) = match self {
            Self::Recorded => ("已登记", "recorded"),
            Self::SubjectOff => ("主体已注销", "the subject is off the record"),
            Self::SiteOff => ("网站已注销", "the site is off the record"),
            Self::CaseOpened => ("已通知限期整改", "told to put it right by a date"),
            Self::StopOrdered => ("已下达停止接入", "access is being stopped by us"),
            Self::AwaitsSecond => ("待复核", "awaits a second person"),
            Self::Accessed => ("我司接入中", "access is given by us"),
            Self::Stopped => ("我司已停止接入", "access was stopped by us"),
            Self::NotAccessed => ("我司未接入", "no access is given by us"),
            Self::Doubtful(_) => ("待核实", "to be looked into"),
            Self::Unmatched if kind == ListKind::OrderResults => ("未匹配", "not matched"),
            Self::Unmatched => ("非我司接入", "none of ours"),
        };
        Text::new(zh, en)
    }

    /// What there is to say, to ourselves.
    pub fn remark(self, kind: ListKind) -> Option<Text> {
        match self {
            Self::Doubtful(doubt) => Some(doubt.text()),
            Self::Unmatched if kind == ListKind::OrderResults => Some(Text::new(
                "未找到订单；请填写订单号或域名",
                "no order is found; give the order's id or the domain",
            )),
            Self::Unmatched => Some(Text::new(
                "我司无此备案号、域名或主办单位",
                "no such number, domain or unit is here",
            )),
            Self::Recorded
            | Self::SubjectOff
            | Self::SiteOff
            | Self::CaseOpened
            | Self::StopOrdered
            | Self::AwaitsSecond
            | Self::Accessed
            | Self::Stopped
            | Self::NotAccessed => None,
        }
    }

    /// What of it is said to the bureau.
    pub fn told(self, kind: ListKind) -> Option<Text> {
        let is_told = match self {
            Self::Doubtful(doubt) => doubt.is_told(),
            Self::Recorded
            | Self::SubjectOff
            | Self::SiteOff
            | Self::CaseOpened
            | Self::StopOrdered
            | Self::AwaitsSecond
            | Self::Accessed
            | Self::Stopped
            | Self::NotAccessed
            | Self::Unmatched => true,
        };
        self.remark(kind).filter(|_| is_told)
    }

    /// Whether people have to look into it.
    pub fn is_open(self) -> bool {
        match self {
            Self::AwaitsSecond | Self::Doubtful(_) | Self::Unmatched => true,
            Self::Recorded
            | Self::SubjectOff
            | Self::SiteOff
            | Self::CaseOpened
            | Self::StopOrdered
            | Self::Accessed
            | Self::Stopped
            | Self::NotAccessed => false,
        }
    }
}
