//! Public-security filing numbers (公安备案号), which stand beside a filing number on many pages and are
//! none themselves.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::fault::IdentifierFault;
use super::icp_number::prefix_of;
use super::public_identifier;
use super::typed::{is_blank, narrow, squeezed};

/// A public-security filing number; canonical is `京公网安备11010502030143号`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PoliceNumber(String);

public_identifier!(PoliceNumber);

/// What stands between the province and the digits.
const WORDS: &str = "公网安备";

/// The same in traditional characters.
const TRADITIONAL: &str = "公網安備";

/// Digits of a number: 14 since the nationwide platform of 2015, 12 or 13 before it.
///
/// Source: numbers on pages; <https://beian.mps.gov.cn> issues 14.
const DIGITS: std::ops::RangeInclusive<usize> = 12..=14;

/// Blanks that are passed over before `公网安备` in a page.
const MOST_BLANKS: usize = 2;

/// Characters after it that may belong to the number: its digits, 号, and blanks between.
const LONGEST_REST: usize = 20;

impl PoliceNumber {
    /// Reads a number as people type it: `京公网安备 11010502030143 号`, with or without 号.
    pub fn parse(text: &str) -> Result<Self, IdentifierFault> {
        let typed = squeezed(text)
            .replace('網', "网")
            .replace('備', "备")
            .replace('號', "号");
        let mut rest = typed.chars();
        let prefix = rest
            .next()
            .and_then(prefix_of)
            .ok_or(IdentifierFault::IcpNumberPrefix)?;
        let digits = rest
            .as_str()
            .strip_prefix(WORDS)
            .map(|digits| digits.strip_suffix('号').unwrap_or(digits))
            .ok_or(IdentifierFault::PoliceNumberForm)?;
        let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
        if all_digits && DIGITS.contains(&digits.len()) {
            Ok(Self(format!("{prefix}{WORDS}{digits}号")))
        } else {
            Err(IdentifierFault::PoliceNumberForm)
        }
    }

    /// Every number in a text, in order, with the bytes where it stands. Looks a bounded way around
    /// each `公网安备`.
    pub fn find_in(text: &str) -> Vec<(Range<usize>, Self)> {
        let mut places: Vec<(usize, &str)> = text
            .match_indices(WORDS)
            .chain(text.match_indices(TRADITIONAL))
            .collect();
        places.sort_unstable();
        places
            .into_iter()
            .filter_map(|(at, words)| {
                let before = text.get(..at)?;
                let (start, _) = before
                    .char_indices()
                    .rev()
                    .take(MOST_BLANKS + 1)
                    .find(|(_, c)| !is_blank(*c))?;
                let after = at + words.len();
                let end = text
                    .get(after..)?
                    .char_indices()
                    .take(LONGEST_REST)
                    .take_while(|(_, c)| {
                        is_blank(*c) || narrow(*c).is_ascii_digit() || matches!(c, '号' | '號')
                    })
                    .map(|(at, c)| after + at + c.len_utf8())
                    .last()?;
                // The text may go on with digits of its own after the number's 号.
                let whole = text.get(start..end)?;
                let whole = whole
                    .split_inclusive(['号', '號'])
                    .next()
                    .unwrap_or(whole)
                    .trim_end();
                let number = Self::parse(whole).ok()?;
                Some((start..start + whole.len(), number))
            })
            .collect()
    }

    /// The administrative region of the office: six digits of GB/T 2260.
    pub fn region(&self) -> &str {
        let digits = self
            .0
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or_default();
        self.0.get(digits..digits + 6).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_read_as_people_type_it() {
        for typed in [
            "京公网安备11010502030143号",
            "京公网安备 11010502030143 号",
            "京公网安备　１１０１０５０２０３０１４３号",
            "京公网安备11010502030143",
            "京公網安備11010502030143號",
        ] {
            let number = PoliceNumber::parse(typed).unwrap();
            assert_eq!(number.as_str(), "京公网安备11010502030143号", "{typed}");
            assert_eq!(number.region(), "110105");
        }
        let old = PoliceNumber::parse("滬公网安备310104020010号").unwrap();
        assert_eq!(old.as_str(), "沪公网安备310104020010号");
    }

    #[test]
    fn what_is_wrong_with_a_number_is_said() {
        let fault = |text| PoliceNumber::parse(text).unwrap_err();
        assert_eq!(
            fault("公网安备11010502030143号"),
            IdentifierFault::IcpNumberPrefix
        );
        for text in [
            "京ICP备11010502号",
            "京公网安备1101050203014号号",
            "京公网安备11010502030号",
            "京公网安备110105020301431号",
            "京公网安备",
            "京公网安备1101050203014X号",
        ] {
            assert_eq!(fault(text), IdentifierFault::PoliceNumberForm, "{text}");
        }
    }

    #[test]
    fn numbers_are_found_in_a_page() {
        let found = |text: &str| -> Vec<String> {
            let found = PoliceNumber::find_in(text);
            found
                .into_iter()
                .map(|(range, number)| {
                    assert_eq!(PoliceNumber::parse(&text[range]).unwrap(), number);
                    number.to_string()
                })
                .collect()
        };
        assert_eq!(
            found(
                "© 粤公网安备 44030702002388号 | 京公网安备11010502030143 2026 沪 公网安备 31010402001012 号1"
            ),
            ["粤公网安备44030702002388号", "沪公网安备31010402001012号"],
            "digits that go on after blanks are no number"
        );
        assert_eq!(
            found("公网安备44030702002388号 粤公网安备1号"),
            Vec::<String>::new()
        );
    }

    proptest! {
        #[test]
        fn finding_never_panics_on_pieces_of_numbers(text in "[京公网安备号1 8\u{3000}８-]{0,60}") {
            for (range, number) in PoliceNumber::find_in(&text) {
                prop_assert_eq!(PoliceNumber::parse(text.get(range).unwrap()), Ok(number));
            }
        }

        #[test]
        fn parsing_what_is_shown_gives_the_same(digits in "[0-9]{12,14}") {
            let number = PoliceNumber::parse(&format!("粤公网安备{digits}号")).unwrap();
            prop_assert_eq!(PoliceNumber::parse(number.as_str()), Ok(number.clone()));
        }

        #[test]
        fn parsing_never_panics(text in any::<String>(), digits in "京公网安备[0-9号 ]{0,20}") {
            let _ = (PoliceNumber::parse(&text), PoliceNumber::parse(&digits));
        }
    }
}
