//! What is answered to a row.

use serde::{Deserialize, Serialize};

use super::{About, Doubt};
use crate::Text;
use crate::filing::{Filing, Link, LinkState};

/// The columns that a reply adds to the list's own: what was done, and what there is to say.
pub const REPLY_COLUMNS: [&str; 2] = ["处理结果", "说明"];

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "outcome", content = "doubt")]
pub enum Outcome {
    /// What the bureau did is recorded here.
    Recorded,
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
        } else if any(|state| matches!(state, LinkState::Stopped { .. })) {
            Self::Stopped
        } else {
            Self::NotAccessed
        }
    }

    /// Its name in files and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
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
            | Self::AwaitsSecond
            | Self::Accessed
            | Self::Stopped
            | Self::NotAccessed
            | Self::Unmatched => "",
        }
    }

    /// What stands in the reply: what was done.
    pub fn done(self) -> Text {
        let (zh, en) = match self {
            Self::Recorded => ("已登记", "recorded"),
            Self::AwaitsSecond => ("待复核", "awaits a second person"),
            Self::Accessed => ("我司接入中", "access is given by us"),
            Self::Stopped => ("我司已停止接入", "access was stopped by us"),
            Self::NotAccessed => ("我司未接入", "no access is given by us"),
            Self::Doubtful(_) => ("待核实", "to be looked into"),
            Self::Unmatched => ("非我司接入", "none of ours"),
        };
        Text::new(zh, en)
    }

    /// What stands in the reply: what there is to say.
    pub fn remark(self) -> Option<Text> {
        match self {
            Self::Doubtful(doubt) => Some(doubt.text()),
            Self::Unmatched => Some(Text::new(
                "我司无此备案号、域名或主办单位",
                "no such number, domain or unit is here",
            )),
            Self::Recorded
            | Self::AwaitsSecond
            | Self::Accessed
            | Self::Stopped
            | Self::NotAccessed => None,
        }
    }

    /// Whether people have to look into it.
    pub fn is_open(self) -> bool {
        match self {
            Self::AwaitsSecond | Self::Doubtful(_) | Self::Unmatched => true,
            Self::Recorded | Self::Accessed | Self::Stopped | Self::NotAccessed => false,
        }
    }
}
