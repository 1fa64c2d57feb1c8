//! Resident IDs (公民身份号码).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::fault::IdentifierFault;
use super::personal_identifier;
use super::typed::bare;
use crate::personal::masked;

/// A resident ID, GB 11643-1999, 18 characters with an upper-case X. Personal.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResidentId(String);

personal_identifier!(ResidentId, as_filed);

/// Source: GB 11643-1999, weights of positions 1 to 17.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// Source: GB 11643-1999, check characters by remainder.
const CHECK_CHARACTERS: &str = "10X98765432";

/// Source: GB/T 2260, provinces; 71, 81, 82, and 83 stand on residence permits for residents of
/// Taiwan, Hong Kong and Macao, which have the same form.
const REGIONS: [&str; 35] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41",
    "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71",
    "81", "82", "83",
];

/// Digits of the first generation, which bore no century and no check character.
///
/// Source: GB 11643-1989.
const FIRST_GENERATION: usize = 15;

/// Whose ID it is, by the region that it begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Residence {
    /// A citizen with a household in the mainland.
    Mainland,
    /// A resident of Taiwan: 71 on the household's papers, 83 on a residence permit (居住证).
    Taiwan,
    /// A resident of Hong Kong with a residence permit.
    HongKong,
    /// A resident of Macao with a residence permit.
    Macao,
}

impl ResidentId {
    /// Reads an ID as people type it. Takes no clock: whether the birth date has passed is asked
    /// by [`ResidentId::age_on`].
    pub fn parse(text: &str) -> Result<Self, IdentifierFault> {
        let read = Self::as_filed(text)?;
        read.checks()?;
        Ok(read)
    }

    /// Reads an ID as people type it, whether or not it checks.
    pub fn as_filed(text: &str) -> Result<Self, IdentifierFault> {
        let id = bare(text);
        let digits: Vec<u32> = id.chars().take(17).filter_map(|c| c.to_digit(10)).collect();
        let last = id.chars().nth(17);
        if id.chars().count() == FIRST_GENERATION && digits.len() == FIRST_GENERATION {
            return Err(IdentifierFault::ResidentIdFirstGeneration);
        }
        if id.chars().count() != 18
            || digits.len() != 17
            || !last.is_some_and(|c| c.is_ascii_digit() || c == 'X')
        {
            return Err(IdentifierFault::ResidentIdForm);
        }
        if !REGIONS.contains(&id.get(..2).unwrap_or_default()) {
            return Err(IdentifierFault::ResidentIdRegion);
        }
        if birth_date(&id).is_none() {
            return Err(IdentifierFault::ResidentIdBirthDate);
        }
        Ok(Self(id))
    }

    /// Whether its check character is right.
    pub fn checks(&self) -> Result<(), IdentifierFault> {
        if self.0.chars().last() == self.0.get(..17).and_then(check_character) {
            Ok(())
        } else {
            Err(IdentifierFault::ResidentIdCheckDigit)
        }
    }

    /// The birth date.
    pub fn birth_date(&self) -> Date {
        // `as_filed` lets nothing pass whose birth date does not read.
        birth_date(&self.0).unwrap_or_default()
    }

    /// The administrative region of the first registration: six digits.
    pub fn region(&self) -> &str {
        self.0.get(..6).unwrap_or_default()
    }

    /// Whose ID it is.
    pub fn residence(&self) -> Residence {
        match self.region().get(..2) {
            Some("71" | "83") => Residence::Taiwan,
            Some("81") => Residence::HongKong,
            Some("82") => Residence::Macao,
            Some(_) | None => Residence::Mainland,
        }
    }

    /// Full years on `date`; `None` before the birth date.
    pub fn age_on(&self, date: Date) -> Option<i16> {
        let born = self.birth_date();
        if date < born {
            return None;
        }
        let had_birthday = (date.month(), date.day()) >= (born.month(), born.day());
        Some(date.year() - born.year() - i16::from(!had_birthday))
    }

    /// As shown to those who need not know: `110***********002X`.
    pub fn masked(&self) -> String {
        masked(&self.0, 3, 4)
    }
}

/// The check character of 17 digits: GB 11643-1999, ISO 7064 MOD 11-2.
pub(super) fn check_character(body: &str) -> Option<char> {
    let sum: u32 = body
        .chars()
        .zip(WEIGHTS)
        .map(|(c, weight)| c.to_digit(10).unwrap_or_default() * weight)
        .sum();
    CHECK_CHARACTERS
        .chars()
        .nth(usize::try_from(sum % 11).ok()?)
}

/// Earliest year of birth that an ID bears.
///
/// Source: chosen here: nobody who was given an ID since 1984 was born before it.
const EARLIEST_YEAR: i16 = 1850;

fn birth_date(id: &str) -> Option<Date> {
    date_at(id, 6).filter(|born| EARLIEST_YEAR <= born.year())
}

/// The date of eight digits from byte `at` on.
pub(super) fn date_at(id: &str, at: usize) -> Option<Date> {
    let year = id.get(at..at + 4)?.parse().ok()?;
    let month = id.get(at + 4..at + 6)?.parse().ok()?;
    let day = id.get(at + 6..at + 8)?.parse().ok()?;
    Date::new(year, month, day).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn with_check(body: &str) -> Option<ResidentId> {
        CHECK_CHARACTERS
            .chars()
            .find_map(|c| ResidentId::parse(&format!("{body}{c}")).ok())
    }

    #[test]
    fn an_id_tells_region_and_birth_date() {
        let id = ResidentId::parse("11010519491231002x").unwrap();
        assert_eq!(id.reveal(), "11010519491231002X");
        assert_eq!(
            (id.region(), id.birth_date()),
            ("110105", date(1949, 12, 31))
        );
        assert_eq!(id.masked(), "110***********002X");
    }

    #[test]
    fn each_part_of_an_id_is_checked() {
        let fault = |text| ResidentId::parse(text).unwrap_err();
        assert_eq!(fault("1101051949123100"), IdentifierFault::ResidentIdForm);
        assert_eq!(fault("1101051949123100AX"), IdentifierFault::ResidentIdForm);
        assert_eq!(
            fault("110105491231002"),
            IdentifierFault::ResidentIdFirstGeneration
        );
        assert_eq!(fault("11010549123100X"), IdentifierFault::ResidentIdForm);
        assert_eq!(
            fault("99010519491231002X"),
            IdentifierFault::ResidentIdRegion
        );
        assert_eq!(
            fault("11010519490229002X"),
            IdentifierFault::ResidentIdBirthDate
        );
        assert_eq!(
            fault("110105194912310021"),
            IdentifierFault::ResidentIdCheckDigit
        );
    }

    #[test]
    fn residence_permits_have_the_same_form() {
        for (region, residence) in [
            ("11", Residence::Mainland),
            ("71", Residence::Taiwan),
            ("81", Residence::HongKong),
            ("82", Residence::Macao),
            ("83", Residence::Taiwan),
        ] {
            let id = with_check(&format!("{region}000019900101001"));
            assert_eq!(id.unwrap().residence(), residence, "{region}");
        }
    }

    #[test]
    fn a_person_is_a_year_older_on_the_birthday() {
        let id = with_check("11010520080229001").unwrap();
        assert_eq!(id.age_on(date(2026, 2, 28)), Some(17));
        assert_eq!(id.age_on(date(2026, 3, 1)), Some(18));
        assert_eq!(id.age_on(date(2008, 2, 29)), Some(0));
        assert_eq!(id.age_on(date(2008, 2, 28)), None);
    }

    proptest! {
        #[test]
        fn parsing_what_is_shown_gives_the_same(body in "11010519[0-9]{2}0[1-9]1[0-9][0-9]{3}") {
            let id = with_check(&body).unwrap();
            prop_assert!(ResidentId::parse(id.reveal()) == Ok(id));
        }
    }
}
