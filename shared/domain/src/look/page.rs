//! What a page says, as evidence carries it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::identifiers::{IcpNumber, PoliceNumber};
use crate::rulebook::WordGroup;

/// What a page says, without the page. At most 64 KB with the rest of the message.
#[expect(
    clippy::struct_excessive_bools,
    reason = "a message: each is a fact of its own"
)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PageFacts {
    /// Every status on the way, the last one the page's own.
    pub statuses: Vec<u16>,
    /// Where the redirects ended.
    pub url: String,
    /// The title, at most 200 characters.
    pub title: String,
    /// Filing numbers in the page, in order of appearance, at most 20.
    pub numbers: Vec<PageNumber>,
    /// Whether something stands there that a person would take for a number, where none is one.
    #[serde(default)]
    pub number_like: bool,
    /// Whether the page links to beian.miit.gov.cn.
    pub links_to_miit: bool,
    /// Whether it links to a former address of the MIIT system.
    #[serde(default)]
    pub links_to_old_miit: bool,
    /// Public-security numbers (公安备案号) in the page, at most 5.
    #[serde(default)]
    pub police_numbers: Vec<PoliceNumber>,
    /// Words of the rulebook's lists that stand in title or visible text, at most 20.
    #[serde(default)]
    pub words: Vec<WordSeen>,
    /// Whether a guard stands before the page and asks for a proof that a person visits.
    #[serde(default)]
    pub challenge: bool,
    /// Characters of visible text, white space left out.
    pub visible_characters: u64,
    /// Whether something else than the markup writes what is seen: a script, a frame, a refresh.
    pub scripted: bool,
    /// Whether the body went on beyond what was read.
    pub cut_off: bool,
    /// SHA-256 of what was read, in hex.
    pub sha256: String,
    /// At most 2 KB of visible text from the page's end, mail addresses and long digit runs masked.
    pub excerpt: String,
    /// The TLS certificate, where the page came over TLS.
    pub certificate: Option<CertificateSeen>,
}

impl PageFacts {
    /// The page's own status: the last of the chain.
    pub fn status(&self) -> u16 {
        self.statuses.last().copied().unwrap_or_default()
    }
}

/// A filing number as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PageNumber {
    /// The number.
    pub number: IcpNumber,
    /// The host that the text around it links to, if it is a link.
    pub links_to: Option<String>,
    /// Where it stands.
    #[serde(default)]
    pub place: NumberPlace,
}

/// Where in a page a number stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NumberPlace {
    /// In the visible text.
    #[default]
    Text,
    /// In what is said in place of an image.
    Alt,
    /// In a script at the page's end, which writes it.
    Script,
    /// In the page's head (`meta`), where no visitor sees it.
    Meta,
}

impl NumberPlace {
    /// Whether a visitor sees the number, or is taken to.
    pub fn is_shown(self) -> bool {
        match self {
            Self::Text | Self::Alt | Self::Script => true,
            Self::Meta => false,
        }
    }
}

/// A word of the rulebook's lists as it stands in a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WordSeen {
    /// The list.
    pub group: WordGroup,
    /// The word.
    pub word: String,
}

/// A site's TLS certificate. Its faults are facts, and no reason not to read the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CertificateSeen {
    /// First instant of its validity.
    #[schema(value_type = String)]
    pub not_before: Timestamp,
    /// Last instant of its validity.
    #[schema(value_type = String)]
    pub not_after: Timestamp,
    /// Whether it is trusted for the host at the time of the look.
    pub trusted: bool,
}
