//! Telephone numbers of mainland China.
//!
//! Form follows libphonenumber's tables; what a prefix means for SMS is the rulebook's table.

use phonenumber::metadata::DATABASE;
use phonenumber::{Type, country};
use serde::{Deserialize, Serialize};

use super::fault::IdentifierFault;
use super::personal_identifier;
use super::typed::{bare, squeezed};
use crate::personal::masked;

/// The country code, as E.164 writes it.
const MAINLAND: &str = "+86";

/// A mainland mobile number; canonical is E.164, `+8613800000000`. Personal.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mobile(String);

personal_identifier!(Mobile);

impl Mobile {
    /// Reads a number as people type it: `138 0000 0000`, `+86…`, `0086…`, `86…`.
    pub fn parse(text: &str) -> Result<Self, IdentifierFault> {
        let dialled = dialled(text).ok_or(IdentifierFault::MobileForm)?;
        let national = match (dialled.strip_prefix("86"), dialled.strip_prefix('0')) {
            (Some(rest), _) if dialled.len() == 13 => rest,
            // As some telephones show a number of another city.
            (_, Some(rest)) if dialled.len() == 12 => rest,
            (_, _) => &dialled,
        };
        let whole = format!("{MAINLAND}{national}");
        if national.len() == 11 && kind_of(&whole) == Some(Type::Mobile) {
            Ok(Self(whole))
        } else {
            Err(IdentifierFault::MobileForm)
        }
    }

    /// The 11 digits without the country code.
    pub fn national(&self) -> &str {
        self.0.strip_prefix(MAINLAND).unwrap_or_default()
    }

    /// As shown to those who need not know: `138****0000`.
    pub fn masked(&self) -> String {
        masked(self.national(), 3, 4)
    }
}

/// A mainland landline with its area code; canonical is E.164 with RFC 3966's extension,
/// `+861066668888` or `+861066668888;ext=801`. Personal.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Landline(String);

personal_identifier!(Landline);

/// What stands before an extension in a canonical text (RFC 3966).
const EXTENSION: &str = ";EXT=";

/// What people write before one, as [`bare`] leaves it. A dash is none: `010-66668888-801` is read by
/// its groups.
const EXTENSION_WORDS: [&str; 8] = [EXTENSION, "EXT.", "EXT", "转", "轉", "分机", "X", "#"];

/// Digits of an extension.
///
/// Source: chosen here: no private exchange numbers more than a million lines.
const EXTENSION_DIGITS: std::ops::RangeInclusive<usize> = 1..=6;

impl Landline {
    /// Reads a number as people type it: `010-66668888`, `(0755) 8765 4321`, `+86 10 …`, and with an
    /// extension `010-66668888转801`, `… ext. 801`, `010-66668888-801`.
    pub fn parse(text: &str) -> Result<Self, IdentifierFault> {
        let fault = IdentifierFault::LandlineForm;
        let (line, extension) = split(text);
        let international = bare(&line).starts_with('+') || bare(&line).starts_with("00");
        let dialled = dialled(&line).ok_or(fault)?;
        // Without a country code the area code's 0 must stand: 66668888 alone names no place.
        let national = match dialled.strip_prefix('0') {
            Some(rest) => rest,
            None if international => &dialled,
            None => return Err(fault),
        };
        let whole = format!("{MAINLAND}{national}");
        if kind_of(&whole) != Some(Type::FixedLine) {
            return Err(fault);
        }
        let Some(extension) = extension else {
            return Ok(Self(whole));
        };
        let all_digits = extension.bytes().all(|byte| byte.is_ascii_digit());
        if all_digits && EXTENSION_DIGITS.contains(&extension.len()) {
            Ok(Self(format!("{whole};ext={extension}")))
        } else {
            Err(fault)
        }
    }

    /// The number without country code and extension.
    fn line(&self) -> &str {
        let whole = self.0.strip_prefix(MAINLAND).unwrap_or_default();
        whole.split(';').next().unwrap_or_default()
    }

    /// As dialled inside the country, with the leading 0.
    pub fn national(&self) -> String {
        format!("0{}", self.line())
    }

    /// The extension, if there is one.
    pub fn extension(&self) -> Option<&str> {
        self.0.split_once(";ext=").map(|(_, extension)| extension)
    }

    /// As shown to those who need not know: the area code and the last two digits.
    pub fn masked(&self) -> String {
        masked(&self.national(), 4, 2)
    }
}

/// The line, and the extension where one is written: after a word for it, or as a third group of
/// digits after `area-number-`.
fn split(text: &str) -> (String, Option<String>) {
    let typed = squeezed(text);
    for word in EXTENSION_WORDS {
        if let Some((line, extension)) = typed.split_once(word) {
            return (line.to_owned(), Some(extension.replace(['-', ':'], "")));
        }
    }
    // `01066668888-801`: area code and number run together.
    if let Some((line, extension)) = typed.split_once('-')
        && line.starts_with('0')
        && (11..=12).contains(&line.len())
    {
        return (line.to_owned(), Some(extension.to_owned()));
    }
    let groups: Vec<&str> = typed.split('-').collect();
    match groups.as_slice() {
        [area, number, extension] if area.starts_with('0') && 7 <= number.len() => {
            (format!("{area}-{number}"), Some((*extension).to_owned()))
        }
        _ => (typed, None),
    }
}

/// The digits after a `+86` or `0086`, or all digits; `None` where anything else stands.
fn dialled(text: &str) -> Option<String> {
    let squeezed: String = bare(text)
        .chars()
        .filter(|c| !matches!(c, '(' | ')' | '.'))
        .collect();
    let rest = squeezed
        .strip_prefix(MAINLAND)
        .or_else(|| squeezed.strip_prefix("0086"))
        .unwrap_or(&squeezed);
    (!rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit())).then(|| rest.to_owned())
}

/// What libphonenumber's tables make of a number.
fn kind_of(whole: &str) -> Option<Type> {
    // Longer than E.164 allows; the tables are not asked about it.
    if whole.len() > 16 {
        return None;
    }
    let number = phonenumber::parse(Some(country::Id::CN), whole).ok()?;
    let is_mainland = number.country().id() == Some(country::Id::CN);
    // The library reads `+860…` leniently; what it read must be what is kept.
    let is_unaltered = format!("{MAINLAND}{}", number.national()) == whole;
    let kind = number.number_type(&DATABASE);
    let is_whole = kind != Type::FixedLine || is_line(&number.national().to_string());
    (is_mainland && is_unaltered && is_whole && number.is_valid()).then_some(kind)
}

/// Whether a landline's pattern matches all of it. The library is content with a beginning, and so
/// takes a line for one that has a digit too many.
fn is_line(national: &str) -> bool {
    let mainland = DATABASE.by_id("CN");
    let line = mainland.and_then(|mainland| mainland.descriptors().fixed_line());
    line.is_some_and(|line| {
        let found = line.national_number().find(national);
        found.is_some_and(|found| found.start() == 0 && found.end() == national.len())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_mobile_is_read_as_people_type_it() {
        for typed in [
            "13800000000",
            "138 0000 0000",
            "138-0000-0000",
            "+86 13800000000",
            "0086-13800000000",
            "8613800000000",
            "１３８００００００００",
            "013800000000",
        ] {
            assert_eq!(
                Mobile::parse(typed).unwrap().reveal(),
                "+8613800000000",
                "{typed}"
            );
        }
        assert_eq!(
            Mobile::parse("13800000000").unwrap().masked(),
            "138****0000"
        );
    }

    #[test]
    fn other_numbers_are_no_mobiles() {
        for typed in [
            "",
            "1380000000",
            "138000000000",
            "12800000000",
            "+85291234567",
            "010-66668888",
            "13800000000x",
            "+86+8613800000000",
            "86138000000000",
        ] {
            assert_eq!(
                Mobile::parse(typed).err(),
                Some(IdentifierFault::MobileForm),
                "{typed}"
            );
        }
    }

    #[test]
    fn a_landline_has_as_many_digits_as_its_city_gives_and_no_more() {
        for typed in [
            "010-666688889",
            "021-588888889",
            "0310-22222222",
            "0999-12345678",
            "0310-17993024",
        ] {
            assert_eq!(
                Landline::parse(typed).err(),
                Some(IdentifierFault::LandlineForm),
                "{typed}"
            );
        }
        for typed in [
            "0310-2222222",
            "0755-87654321",
            "021-58888888",
            "0898-66668888",
        ] {
            assert!(Landline::parse(typed).is_ok(), "{typed}");
        }
        let run_together = Landline::parse("01066668888-8").unwrap();
        assert_eq!(run_together.reveal(), "+861066668888;ext=8");
    }

    #[test]
    fn a_landline_is_read_with_its_area_code() {
        for (typed, whole) in [
            ("010-66668888", "+861066668888"),
            ("+86 10 6666 8888", "+861066668888"),
            ("(0755)87654321", "+8675587654321"),
            ("0086 571 87654321", "+8657187654321"),
        ] {
            assert_eq!(Landline::parse(typed).unwrap().reveal(), whole, "{typed}");
        }
        assert_eq!(
            Landline::parse("010-66668888").unwrap().masked(),
            "0106*****88"
        );
    }

    #[test]
    fn an_extension_is_read_in_every_way_that_it_is_written() {
        for typed in [
            "010-66668888-801",
            "010-66668888转801",
            "010 6666 8888 ext. 801",
            "010-66668888 EXT 801",
            "（010）66668888 分机：801",
            "01066668888#801",
            "+86 10 66668888 x801",
            "+861066668888;ext=801",
        ] {
            let line = Landline::parse(typed).unwrap();
            assert_eq!(line.reveal(), "+861066668888;ext=801", "{typed}");
            assert_eq!(
                (line.national().as_str(), line.extension()),
                ("01066668888", Some("801"))
            );
            assert_eq!(line.masked(), "0106*****88", "an extension is never shown");
        }
        assert_eq!(Landline::parse("010-66668888").unwrap().extension(), None);
        for typed in [
            "010-66668888转",
            "010-66668888转8o1",
            "010-66668888-1234567",
            "转801",
        ] {
            assert!(Landline::parse(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn other_numbers_are_no_landlines() {
        for typed in ["66668888", "13800000000", "010-666", "", "010"] {
            assert_eq!(
                Landline::parse(typed).err(),
                Some(IdentifierFault::LandlineForm),
                "{typed}"
            );
        }
    }

    proptest! {
        #[test]
        fn parsing_what_is_shown_gives_the_same(
            mobile in "1[3-9][0-9]{9}",
            line in "0[1-9][0-9]{8,10}(转[0-9]{1,6})?",
        ) {
            if let Ok(mobile) = Mobile::parse(&mobile) {
                prop_assert!(Mobile::parse(mobile.reveal()) == Ok(mobile));
            }
            if let Ok(line) = Landline::parse(&line) {
                prop_assert!(Landline::parse(line.reveal()) == Ok(line));
            }
        }
    }
}
