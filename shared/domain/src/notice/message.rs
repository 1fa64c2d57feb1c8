//! One message of a notice: to whom, by what, what it says, and whether it arrived.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::NoticeKind;
use crate::Text;
use crate::campaign::Terms;
use crate::case::CaseNumber;
use crate::ids::{AccountId, OrderId, PersonId};

/// What carries a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// A text to a mobile (短信).
    Sms,
    /// A mail (邮件).
    Mail,
}

impl Channel {
    /// Its name in ids and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Mail => "mail",
        }
    }
}

/// To whom a message goes. The number or address itself is read when it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "to")]
pub enum Addressee {
    /// The account that holds the filing (备案账号持有人).
    Account {
        /// Which.
        account: AccountId,
    },
    /// A person of the filing, or of an order's draft.
    Person {
        /// The person.
        person: PersonId,
        /// The order whose draft holds the person, or `None` for the filing's own.
        order: Option<OrderId>,
    },
}

/// When a message that was taken counts as delivered.
///
/// Source: flows, notices 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// At once: the sender says no more.
    AtOnce,
    /// With the sender's receipt (回执).
    ByReceipt,
    /// When it has not come back for a while (退信).
    WhenQuiet,
}

/// Why a message reaches nobody, for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unreached {
    /// What kind of reason.
    pub why: WhyUnreached,
    /// The sender's own code, where one was given. Never its words: they may repeat whom it was for.
    pub code: Option<String>,
}

/// Reasons why a message reaches nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhyUnreached {
    /// There is nobody to send it to.
    NobodyToTell,
    /// The number or address is another by now.
    Moved,
    /// The addressee wants no more messages (退订、黑名单).
    OptedOut,
    /// The sender takes no such number.
    InvalidNumber,
    /// The carrier says that there is no such number (空号).
    NoSuchNumber,
    /// The mail server says that there is no such address (RFC 3463, 5.1.x).
    NoSuchAddress,
    /// It was refused for good for another reason.
    Refused,
    /// It was taken, and never arrived.
    NotArrived,
    /// The sender has no voice: staff call instead.
    NoVoice,
}

impl WhyUnreached {
    /// What an enhanced code of a mail server's refusal says of the addressee; none where it speaks of us, and is
    /// tried again.
    ///
    /// Source: RFC 3463, 3.2 (addressing), 3.3 (mailbox); RFC 7505 (5.1.10).
    pub fn of_mail(enhanced: Option<&str>) -> Option<Self> {
        match enhanced {
            // The sender's address, not the addressee's.
            Some("5.1.7" | "5.1.8") => None,
            Some(code) if code.starts_with("5.1.") => Some(Self::NoSuchAddress),
            Some(code) if code.starts_with("5.2.") => Some(Self::Refused),
            Some(_) | None => None,
        }
    }

    /// The reason alone.
    pub fn alone(self) -> Unreached {
        Unreached {
            why: self,
            code: None,
        }
    }

    /// The reason with a sender's code.
    pub fn answered(self, code: impl Into<String>) -> Unreached {
        Unreached {
            why: self,
            code: Some(code.into()),
        }
    }
}

/// What a sender knows of a message that it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receipt {
    /// Nothing yet.
    NotYet,
    /// It arrived.
    Arrived,
    /// It did not, and will not.
    Failed(Unreached),
}

/// What a message is about, as its text is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// One notice.
    Notice(NoticeKind),
    /// Several of one number and day.
    Digest,
}

/// What a notice says: the parameters of its texts. None is a URL or a telephone number.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    /// The number that the notice prints, where it is about a case.
    pub case_number: Option<CaseNumber>,
    /// The deadline, where there is one.
    pub due_at: Option<Timestamp>,
    /// How many findings it is about; of a digest, how many notices.
    pub findings: usize,
    /// Whether access may be stopped for any of them.
    pub may_stop: bool,
    /// Whether a bureau ordered what it tells of: nobody here takes that back.
    pub by_bureau: bool,
    /// The faults that it takes back, for a mail.
    pub withdrawn: Vec<Text>,
    /// The code, where it carries one.
    pub code: Option<crate::code::Code>,
    /// The findings in words, for a mail.
    pub told: Vec<Told>,
    /// The one safe way back after a stop, line by line, for a mail.
    pub way_back: Vec<Text>,
    /// The campaign that it belongs to, for a mail.
    pub campaign: Option<CampaignTold>,
}

/// A campaign as a mail tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignTold {
    /// Its name.
    pub name: String,
    /// What it rests on.
    pub legal_bases: Vec<String>,
}

impl CampaignTold {
    /// A campaign of these terms.
    pub fn of(terms: &Terms) -> Self {
        Self {
            name: terms.name.clone(),
            legal_bases: terms.legal_bases.clone(),
        }
    }

    /// The sentence of it.
    pub fn text(&self) -> Text {
        let bases = &self.legal_bases;
        Text::new(
            format!("所属核查：{}。依据：{}。", self.name, bases.join("；")),
            format!(
                "It belongs to: {}. Legal bases: {}.",
                self.name,
                bases.join("; ")
            ),
        )
    }
}

/// A finding as a mail tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The number of its case.
    pub case_number: CaseNumber,
    /// The rule's code.
    pub rule: String,
    /// What is at fault of its unit, as people know it: a person by role, a material by kind, a domain.
    pub about: Option<Text>,
    /// The fault.
    pub fault: Text,
    /// What was seen, in a sentence.
    pub evidence: Option<Text>,
    /// What puts it right.
    pub fix: Text,
    /// Until when; none while the period stands still, and where it is over.
    pub due_at: Option<Timestamp>,
    /// Whether access may be stopped after that.
    pub may_stop: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_refused_for_good_by_codes_of_the_addressee_alone() {
        use WhyUnreached::{NoSuchAddress, Refused};
        for (code, expected) in [
            (Some("5.1.1"), Some(NoSuchAddress)),
            (Some("5.1.2"), Some(NoSuchAddress)),
            (Some("5.1.10"), Some(NoSuchAddress)),
            (Some("5.2.2"), Some(Refused)),
            (Some("5.1.7"), None),
            (Some("5.1.8"), None),
            (Some("5.3.0"), None),
            (Some("5.7.1"), None),
            (Some("4.4.7"), None),
            (None, None),
        ] {
            assert_eq!(WhyUnreached::of_mail(code), expected, "{code:?}");
        }
    }
}
