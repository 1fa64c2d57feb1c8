//! What a registry says of a domain: an RDAP or WHOIS answer's text in, [`Registration`] out.
//!
//! **Invariant:** pure and total. Any text gives an answer or a [`Failure`] in time linear in its
//! length. A holder's name stands in a [`RegistryAnswer`], which cannot be written down, and becomes
//! a [`Holder`] that has none before anything leaves the process.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::identifiers::DomainName;
use crate::look::Failure;
use crate::personal::Personal;

mod holder;
mod rdap;
mod whois;

pub use holder::{AcceptedHolders, Holder, accepted_names};
pub use rdap::of_rdap;
pub use whois::{of_whois, whois_text};

/// Which registrations a look asks for, and who may hold them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationPlan {
    /// The service's domains.
    pub domains: Vec<DomainName>,
    /// Who may hold them.
    pub holders: AcceptedHolders,
}

/// What a registry answers of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum RegistrationAnswer {
    /// It is registered.
    Registered(Registration),
    /// Nobody has it.
    NotRegistered,
}

/// A domain's registration, as far as the registry tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Registration {
    /// The registrar's name (注册商).
    pub registrar: Option<String>,
    /// The registrar's number at IANA.
    pub registrar_iana_id: Option<u32>,
    /// What the holder is to the subject.
    pub holder: Holder,
    /// First instant at which the registration no longer counts.
    #[schema(value_type = Option<String>)]
    pub expires_at: Option<Timestamp>,
    /// Whether registry or registrar took the name out of the zone (`clientHold`, `serverHold`).
    pub on_hold: bool,
}

/// What a registry answers of a domain, before the holder is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistryAnswer {
    /// It is registered.
    Registered(RegistryRecord),
    /// Nobody has it.
    NotRegistered,
}

/// A domain's registration with the holder's name. It is not written down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegistryRecord {
    /// The registrar's name (注册商).
    pub registrar: Option<String>,
    /// The registrar's number at IANA.
    pub registrar_iana_id: Option<u32>,
    /// The holder (域名持有者): the organisation where one is named, else the person. `None` where
    /// the registry hides it.
    pub holder: Option<Personal<String>>,
    /// First instant at which the registration no longer counts.
    pub expires_at: Option<Timestamp>,
    /// Whether registry or registrar took the name out of the zone.
    pub on_hold: bool,
}

impl RegistryAnswer {
    /// The answer as it may be kept: what the holder is to those that are accepted, and no name.
    pub fn compared(self, accepted: &AcceptedHolders) -> RegistrationAnswer {
        match self {
            Self::NotRegistered => RegistrationAnswer::NotRegistered,
            Self::Registered(record) => RegistrationAnswer::Registered(Registration {
                holder: accepted.compare(record.holder.as_ref()),
                registrar: record.registrar,
                registrar_iana_id: record.registrar_iana_id,
                expires_at: record.expires_at,
                on_hold: record.on_hold,
            }),
        }
    }
}

/// Longest value that is kept, in bytes. Source: chosen here: longer than any name of a body.
const LONGEST_VALUE: usize = 512;

/// Largest answer that is read. Source: chosen here: answers have a few KB, and terms of use with
/// them under 20.
const LONGEST_ANSWER: usize = 256 * 1024;

/// What registries write for a holder that they hide.
///
/// Source: RFC 9537 and the answers of gTLD registries since 2018.
const HIDDEN: [&str; 13] = [
    "by proxy",
    "not available",
    "n/a",
    "隐私",
    "redacted",
    "privacy",
    "not disclosed",
    "data protected",
    "gdpr masked",
    "whoisguard",
    "statutory masking",
    "withheld",
    "non-public data",
];

/// A value as it may be kept: trimmed, bounded, not empty.
fn kept(value: &str) -> Option<String> {
    let value = value.trim();
    (!value.is_empty() && value.len() <= LONGEST_VALUE).then(|| value.to_owned())
}

/// A holder, unless the registry hides it.
fn holder(value: &str) -> Option<Personal<String>> {
    let value = kept(value)?;
    let lower = value.to_lowercase();
    let is_hidden = HIDDEN.iter().any(|word| lower.contains(word));
    (!is_hidden).then(|| Personal::new(value))
}

/// Whether a status takes the name out of the zone. RDAP writes `client hold`, WHOIS `clientHold`.
fn is_hold(status: &str) -> bool {
    let bare: String = status
        .split_whitespace()
        .take_while(|word| !word.starts_with("http"))
        .collect::<String>()
        .to_lowercase();
    bare == "clienthold" || bare == "serverhold"
}

fn readable(text: &str) -> Result<&str, Failure> {
    if text.len() <= LONGEST_ANSWER {
        Ok(text)
    } else {
        Err(Failure::Malformed)
    }
}
