//! WHOIS answers (RFC 3912): lines of `key: value`, as CNNIC and the registries of generic domains
//! write them.

use std::borrow::Cow;

use encoding_rs::GB18030;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::{Failure, RegistryAnswer, RegistryRecord, holder, is_hold, kept, readable};

/// What registries say of a name that nobody has.
///
/// Source: answers of CNNIC, Verisign, Identity Digital, `CentralNic` and ZDNS.
const NOT_FOUND: [&str; 7] = [
    "no matching record",
    "no match for",
    "not found",
    "no data found",
    "no object found",
    "no entries found",
    "domain not registered",
];

/// What servers say when they do not answer at all. Such a refusal may also say that something was
/// "not found", and a name is never taken for free by it.
///
/// Source: answers of the same registries to too many questions.
const REFUSED: [&str; 7] = [
    "limit",
    "quota",
    "too many",
    "exceeded",
    "denied",
    "too short",
    "try again",
];

/// Lines before the first that are read for such words: banners come before them.
const HEAD_LINES: usize = 20;

/// CNNIC writes times of Beijing without a zone.
const BEIJING: Offset = Offset::constant(8);

/// The text of an answer's bytes: UTF-8, or GB18030, in which older servers of the mainland write.
pub fn whois_text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => GB18030.decode_without_bom_handling(bytes).0,
    }
}

/// Reads a WHOIS answer about a domain.
///
/// Fails with [`Failure::Malformed`] where it names no domain and no "not found": a refusal, a rate
/// limit, terms of use alone.
pub fn of_whois(text: &str) -> Result<RegistryAnswer, Failure> {
    let text = readable(text)?;
    let mut registration = RegistryRecord::default();
    let mut person = None;
    let mut names_domain = false;
    for line in text.lines() {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let (key, value) = (key.trim().to_lowercase(), value.trim());
        match key.as_str() {
            // A top-level domain's own row (whois.iana.org) is no registration under it.
            "domain name" | "domain" => names_domain |= value.contains('.'),
            "registrar" | "sponsoring registrar" => set(&mut registration.registrar, kept(value)),
            "registrar iana id" => set(&mut registration.registrar_iana_id, value.parse().ok()),
            // CNNIC's `Registrant` is the organisation where there is one.
            "registrant" | "registrant organization" => {
                set(&mut registration.holder, holder(value));
            }
            "registrant name" => set(&mut person, holder(value)),
            "expiration time"
            | "registry expiry date"
            | "registrar registration expiration date"
            | "expiry date"
            | "expiration date" => set(&mut registration.expires_at, instant(value)),
            "domain status" | "status" => registration.on_hold |= is_hold(value),
            _ => {}
        }
    }
    if names_domain {
        set(&mut registration.holder, person);
        return Ok(RegistryAnswer::Registered(registration));
    }
    let says = |words: &[&str]| {
        text.lines().take(HEAD_LINES).any(|line| {
            let line = line.to_lowercase();
            words.iter().any(|words| line.contains(words))
        })
    };
    if says(&NOT_FOUND) && !says(&REFUSED) {
        Ok(RegistryAnswer::NotRegistered)
    } else {
        Err(Failure::Malformed)
    }
}

/// The first value that is given stands.
fn set<T>(field: &mut Option<T>, value: Option<T>) {
    if field.is_none() {
        *field = value;
    }
}

/// An instant with its zone, or a time of Beijing without one; a day ends with itself.
fn instant(text: &str) -> Option<Timestamp> {
    if let Ok(instant) = text.parse() {
        return Some(instant);
    }
    if text.len() == "2026-03-17".len() {
        let day: jiff::civil::Date = text.parse().ok()?;
        return BEIJING.to_timestamp(day.tomorrow().ok()?.into()).ok();
    }
    let local: DateTime = text.parse().ok()?;
    BEIJING.to_timestamp(local).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CNNIC: &str = "Domain Name: example.cn\nROID: 20030311s10001s00033735-cn\n\
        Domain Status: clientTransferProhibited\nRegistrant: 示例公司\n\
        Registrant Contact Email: a@example.cn\nSponsoring Registrar: 阿里云计算有限公司（万网）\n\
        Name Server: ns1.example.cn\nRegistration Time: 2003-03-17 12:20:05\n\
        Expiration Time: 2026-03-17 12:48:36\nDNSSEC: unsigned\n";

    const GENERIC: &str = "   Domain Name: EXAMPLE.COM\r\n   Registrar: Alibaba Cloud Computing Ltd.\r\n\
        Registrar IANA ID: 1599\r\n   Registry Expiry Date: 2026-08-13T04:00:00Z\r\n\
        Domain Status: clientHold https://icann.org/epp#clientHold\r\n\
        Registrant Name: REDACTED FOR PRIVACY\r\n   Registrant Organization: \r\n\
        >>> Last update of whois database: 2026-03-02T02:00:00Z <<<\r\nNOTICE: not found in any list\r\n";

    fn read(text: &str) -> RegistryRecord {
        match of_whois(text).unwrap() {
            RegistryAnswer::Registered(registration) => registration,
            RegistryAnswer::NotRegistered => panic!("not registered"),
        }
    }

    #[test]
    fn an_answer_of_cnnic_is_read_in_beijing_time() {
        let registration = read(CNNIC);
        assert_eq!(registration.holder.unwrap().reveal(), "示例公司");
        assert_eq!(
            registration.registrar.as_deref(),
            Some("阿里云计算有限公司（万网）")
        );
        let expires = "2026-03-17T12:48:36+08:00".parse().unwrap();
        assert_eq!(registration.expires_at, Some(expires));
        assert!(!registration.on_hold);
    }

    #[test]
    fn an_answer_of_a_generic_registry_is_read() {
        let registration = read(GENERIC);
        assert_eq!(registration.registrar_iana_id, Some(1599));
        assert_eq!(registration.holder, None);
        let expires = "2026-08-13T04:00:00Z".parse().unwrap();
        assert_eq!(registration.expires_at, Some(expires));
        assert!(registration.on_hold);
        let personal = GENERIC.replace("REDACTED FOR PRIVACY", "王小明");
        assert_eq!(read(&personal).holder.unwrap().reveal(), "王小明");
    }

    #[test]
    fn an_answer_in_gb18030_is_read() {
        let (bytes, _, _) = GB18030.encode(CNNIC);
        assert!(std::str::from_utf8(&bytes).is_err());
        assert_eq!(read(&whois_text(&bytes)), read(CNNIC));
        assert_eq!(whois_text(CNNIC.as_bytes()), CNNIC);
    }

    #[test]
    fn not_found_is_an_answer_and_a_refusal_is_none() {
        for text in [
            "No matching record.\n",
            "No match for \"EXAMPLE.COM\".\n>>> Last update",
            "% banner\nDomain not found.\n",
        ] {
            assert_eq!(of_whois(text), Ok(RegistryAnswer::NotRegistered), "{text}");
        }
        for text in [
            "Your request is being rate limited. Domain not found in cache, retry later",
            "Error: too many requests, whois server not found",
            "domain:       COM\norganisation: VeriSign\n",
            "",
            "Queried interval is too short.",
            "the domain you want to register is reserved",
        ] {
            assert_eq!(of_whois(text), Err(Failure::Malformed), "{text}");
        }
        assert_eq!(of_whois(&"a:".repeat(200_000)), Err(Failure::Malformed));
    }

    #[test]
    fn days_and_times_without_a_zone_are_beijings() {
        let at = |text: &str| instant(text).unwrap().to_string();
        assert_eq!(at("2026-03-17"), "2026-03-17T16:00:00Z");
        assert_eq!(at("2026-03-17T00:00:00Z"), "2026-03-17T00:00:00Z");
        assert_eq!(instant("17-Mar-2026"), None);
        assert_eq!(instant("9999-99-99 99:99:99"), None);
    }

    proptest! {
        #[test]
        fn any_text_gives_an_answer(text in "((Domain Name|Expiration Time|Registrant|Status|x): ?[0-9TZ: +-]{0,24}\\r?\\n|\\PC{0,20}){0,20}") {
            let _ = of_whois(&text);
        }

        #[test]
        fn any_time_gives_an_instant_or_none(text in "[0-9]{0,5}[-/T: Z+.0-9]{0,20}") {
            let _ = instant(&text);
        }
    }
}
