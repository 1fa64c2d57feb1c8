//! Who the provider is to those whom it tells something: its name, its SMS signature, and the one
//! address and telephone number that every notice gives.
//!
//! **Invariant:** each value is short and plain, so that the fixed texts of notices hold it whole.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::Deserialize;

use super::fault::{self, RulebookFault};
use crate::Text;
use crate::identifiers::DomainName;

/// The file's name.
pub(crate) const FILE: &str = "provider.json";

/// Longest signature in characters. Source: mainland gateways register signatures (短信签名) of 2 to
/// 12 characters, without symbols and spaces.
pub const LONGEST_SIGNATURE: usize = 12;
/// Longest Chinese name in characters.
pub const LONGEST_NAME: usize = 12;
/// Longest address in characters.
pub const LONGEST_ADDRESS: usize = 30;
/// Longest telephone number in characters.
pub const LONGEST_TELEPHONE: usize = 16;

/// Longest English name in characters; no SMS holds it.
const LONGEST_ENGLISH_NAME: usize = 40;
/// Fewest characters of a name or signature.
const SHORTEST_NAME: usize = 2;
/// Fewest digits of a telephone number: service numbers such as 10086 have five.
const FEWEST_DIGITS: usize = 5;

/// The provider as people know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its name.
    pub name: Text,
    /// Its SMS signature (短信签名), without the brackets that the message sets around it.
    pub signature: String,
    /// The one address that people are told: a host's name in ASCII, without scheme or path.
    pub address: String,
    /// The one telephone number that people are told, as it is dialled.
    pub telephone: String,
    /// The ids under which the templates of SMS are registered at the provider's gateway, by our own id;
    /// none where SMS go by SNS, which registers none.
    pub sms_templates: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    #[serde(rename = "note")]
    _note: Option<String>,
    name: Name,
    signature: String,
    address: String,
    telephone: String,
    #[serde(default)]
    sms_templates: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Name {
    zh: String,
    en: String,
}

impl Provider {
    /// Reads the file's text.
    pub(crate) fn read(text: &str) -> Result<Self, RulebookFault> {
        let file: File = fault::read(FILE, text)?;
        checked_name("/name/zh", &file.name.zh, LONGEST_NAME, Spaces::No)?;
        checked_name(
            "/name/en",
            &file.name.en,
            LONGEST_ENGLISH_NAME,
            Spaces::Inside,
        )?;
        checked_name("/signature", &file.signature, LONGEST_SIGNATURE, Spaces::No)?;
        if !is_address(&file.address) {
            let allowed = format!(
                "a host's name in lower-case ASCII of at most {LONGEST_ADDRESS} characters, without \
                 scheme, port or path, such as \"beian.example.cn\""
            );
            return Err(refused("/address", &file.address, allowed));
        }
        if !is_telephone(&file.telephone) {
            let allowed = format!(
                "at least {FEWEST_DIGITS} digits, parted by single hyphens, of at most \
                 {LONGEST_TELEPHONE} characters in all, such as \"010-00000000\""
            );
            return Err(refused("/telephone", &file.telephone, allowed));
        }
        for (template, id) in &file.sms_templates {
            if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
                let field = format!("/smsTemplates/{template}");
                let allowed = "digits, as the gateway gave them".to_owned();
                return Err(refused(&field, id, allowed));
            }
        }
        Ok(Self {
            name: Text::new(file.name.zh, file.name.en),
            signature: file.signature,
            address: file.address,
            telephone: file.telephone,
            sms_templates: file.sms_templates,
        })
    }
}

/// Where a name may hold spaces.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spaces {
    No,
    Inside,
}

fn checked_name(
    path: &str,
    name: &str,
    longest: usize,
    spaces: Spaces,
) -> Result<(), RulebookFault> {
    let lengths: RangeInclusive<usize> = SHORTEST_NAME..=longest;
    let allowed_character =
        |c: char| c.is_alphanumeric() || (spaces == Spaces::Inside && " .,&'()-".contains(c));
    // Characters outside the Basic Multilingual Plane would count twice in an SMS.
    let plain = name
        .chars()
        .all(|c| allowed_character(c) && c.len_utf16() == 1);
    if lengths.contains(&name.chars().count()) && plain && name.trim() == name {
        return Ok(());
    }
    let kind = match spaces {
        Spaces::No => "letters, digits and Chinese characters without spaces or brackets",
        Spaces::Inside => "letters, digits, single spaces and . , & ' ( ) -",
    };
    let allowed = format!("{SHORTEST_NAME} to {longest} characters: {kind}");
    Err(refused(path, name, allowed))
}

fn is_address(address: &str) -> bool {
    address.len() <= LONGEST_ADDRESS
        && DomainName::parse(address).is_ok_and(|name| name.as_str() == address)
}

fn is_telephone(telephone: &str) -> bool {
    let digits = telephone.bytes().filter(u8::is_ascii_digit).count();
    let groups = telephone.split('-');
    let grouped =
        |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    telephone.len() <= LONGEST_TELEPHONE
        && FEWEST_DIGITS <= digits
        && groups.into_iter().all(grouped)
}

fn refused(path: &str, value: &str, allowed: String) -> RulebookFault {
    RulebookFault::at(FILE, path, format!("{value:?}"), allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rulebook;

    const TEXT: &str = r#"{ "name": { "zh": "某某云", "en": "Some Cloud" }, "signature": "某某云",
        "address": "beian.example.cn", "telephone": "400-000-0000" }"#;

    #[test]
    fn what_is_shipped_says_that_it_is_an_example() {
        let shipped: serde_json::Value =
            serde_json::from_str(include_str!("../../../../config/provider.json")).unwrap();
        assert!(shipped["note"].as_str().unwrap().starts_with("EXAMPLE"));
        let provider = Rulebook::shipped().unwrap().provider;
        assert!(provider.address.ends_with("example.cn"), "{provider:?}");
    }

    #[test]
    fn a_provider_is_read_as_it_is_written() {
        let provider = Provider::read(TEXT).unwrap();
        assert_eq!(provider.name.zh, "某某云");
        assert_eq!(provider.name.en, "Some Cloud");
        assert_eq!(provider.telephone, "400-000-0000");
    }

    #[test]
    fn each_value_is_refused_with_its_path() {
        let path = |from: &str, to: &str| Provider::read(&TEXT.replace(from, to)).unwrap_err().path;
        for address in [
            "https://beian.example.cn",
            "beian.example.cn/x",
            "Beian.example.cn",
            "cn",
            "192.0.2.1",
        ] {
            assert_eq!(path("beian.example.cn", address), "/address", "{address}");
        }
        let long = format!("{}.example.cn", "b".repeat(LONGEST_ADDRESS));
        assert_eq!(path("beian.example.cn", &long), "/address");
        for telephone in [
            "",
            "1008",
            "400--0000",
            "-4000000",
            "+8610000",
            "40000000000000000",
        ] {
            assert_eq!(path("400-000-0000", telephone), "/telephone", "{telephone}");
        }
        for sign in [
            "【某某云】",
            "云",
            "某 某",
            "一二三四五六七八九十一二三",
            "某\\n某",
            "𠮷云",
        ] {
            let text = format!("\"signature\": \"{sign}\"");
            assert_eq!(
                path("\"signature\": \"某某云\"", &text),
                "/signature",
                "{sign}"
            );
        }
        assert_eq!(
            path("\"en\": \"Some Cloud\"", "\"en\": \" Some Cloud\""),
            "/name/en"
        );
        assert_eq!(path("\"zh\": \"某某云\"", "\"zh\": \"\""), "/name/zh");
        assert_eq!(path("\"en\"", "\"fr\""), "/name/fr");
    }
}
