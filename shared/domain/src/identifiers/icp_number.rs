//! Filing numbers (ICP备案号) and the licence numbers that stand in for them.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::fault::IdentifierFault;
use super::public_identifier;
use super::typed::{narrow, squeezed};

/// A filing number (`京ICP备12345678号`, `…号-1`, App `-2A`, mini-program `-3X`, quick app `-4K`) or a
/// licence number used in its place (`粤B2-20090059-1`, `京ICP证030173号`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IcpNumber(String);

public_identifier!(IcpNumber);

/// The abbreviations of the 31 provinces as filing numbers write them.
pub const PREFIXES: &str = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝蜀黔滇藏陕陇青宁新";

/// Abbreviations that people type, and licences bear, for another of [`PREFIXES`].
const ALIASES: [(char, char); 4] = [('川', '蜀'), ('贵', '黔'), ('云', '滇'), ('甘', '陇')];

/// Traditional forms of abbreviations, and the forms that are kept.
const TRADITIONAL: [(char, char); 13] = [
    ('滬', '沪'),
    ('遼', '辽'),
    ('蘇', '苏'),
    ('閩', '闽'),
    ('贛', '赣'),
    ('魯', '鲁'),
    ('粵', '粤'),
    ('瓊', '琼'),
    ('陝', '陕'),
    ('隴', '陇'),
    ('寧', '宁'),
    ('貴', '贵'),
    ('雲', '云'),
];

/// Blanks that are passed over between the parts of a number in a page.
const MOST_BLANKS: usize = 2;

/// Digits of a service's suffix that are read at most.
const MOST_SUFFIX_DIGITS: usize = 6;

impl IcpNumber {
    /// Reads a number as people type it.
    pub fn parse(text: &str) -> Result<Self, IdentifierFault> {
        let typed = squeezed(text);
        let first = typed.chars().next().map(simplified).unwrap_or_default();
        if !PREFIXES.contains(canonical(first)) {
            return Err(IdentifierFault::IcpNumberPrefix);
        }
        match Scan::new(&typed).number() {
            Some((number, length)) if length == typed.len() => Ok(number),
            Some(_) | None => Err(IdentifierFault::IcpNumberForm),
        }
    }

    /// Every number in a text, in order, with the bytes where it stands. Looks a bounded way ahead
    /// of each character, so that no page costs more than its length.
    pub fn find_in(text: &str) -> Vec<(Range<usize>, Self)> {
        let mut found: Vec<(Range<usize>, Self)> = Vec::new();
        for (start, c) in text.char_indices() {
            let is_passed = found.last().is_some_and(|(range, _)| start < range.end);
            if is_passed || !PREFIXES.contains(canonical(simplified(c))) {
                continue;
            }
            let here = text.get(start..).and_then(|rest| Scan::new(rest).number());
            if let Some((number, length)) = here {
                found.push((start..start + length, number));
            }
        }
        found
    }

    /// The number of the subject: without the service's suffix.
    #[must_use]
    pub fn subject(&self) -> Self {
        let service = self.service_suffix().map_or(0, |suffix| suffix.len() + 1);
        Self(
            self.0
                .get(..self.0.len() - service)
                .unwrap_or_default()
                .to_owned(),
        )
    }

    /// What follows the subject's number: `1`, `2A`, `3X`, `4K`.
    pub fn service_suffix(&self) -> Option<&str> {
        let after = self.0.find('号').map(|at| at + '号'.len_utf8());
        let suffix = match after {
            Some(after) => self.0.get(after..)?.strip_prefix('-'),
            // `粤B2-20090059-1`: the first dash belongs to the licence.
            None => self.0.splitn(3, '-').nth(2),
        };
        suffix.filter(|suffix| !suffix.is_empty())
    }

    /// The province's abbreviation, one of [`PREFIXES`].
    pub fn prefix(&self) -> char {
        canonical(self.0.chars().next().unwrap_or_default())
    }

    /// Whether this is a licence (许可证) and not a filing.
    pub fn is_licence(&self) -> bool {
        !self.0.contains("ICP备")
    }
}

/// The form of an abbreviation in simplified characters.
fn simplified(c: char) -> char {
    TRADITIONAL
        .iter()
        .find(|(from, _)| *from == c)
        .map_or(c, |(_, to)| *to)
}

/// The abbreviation of the province that a character stands for, if it stands for one.
pub(super) fn prefix_of(c: char) -> Option<char> {
    let prefix = canonical(simplified(c));
    PREFIXES.contains(prefix).then_some(prefix)
}

/// The abbreviation as filing numbers write it.
fn canonical(c: char) -> char {
    ALIASES
        .iter()
        .find(|(from, _)| *from == c)
        .map_or(c, |(_, to)| *to)
}

/// A place in a text, read forward only.
#[derive(Clone)]
struct Scan<'a> {
    rest: &'a str,
    passed: usize,
}

impl<'a> Scan<'a> {
    fn new(rest: &'a str) -> Self {
        Self { rest, passed: 0 }
    }

    /// The number that begins here, and its length in bytes.
    fn number(self) -> Option<(IcpNumber, usize)> {
        self.clone()
            .filing()
            .or_else(|| self.clone().value_added())
            .or_else(|| self.information())
    }

    /// `京ICP备12345678号-1`. The 号 may be missing.
    fn filing(mut self) -> Option<(IcpNumber, usize)> {
        let prefix = canonical(self.prefix()?);
        self.letters("ICP")?;
        self.blanks();
        self.one_of("备備")?;
        self.blanks();
        let serial = self
            .digits(10)
            .filter(|serial| matches!(serial.len(), 8 | 10))?;
        let before = self.clone();
        self.blanks();
        if self.one_of("号號").is_none() {
            self = before;
        }
        let service = self.service();
        Some((
            IcpNumber(format!("{prefix}ICP备{serial}号{service}")),
            self.passed,
        ))
    }

    /// `粤B2-20090059-1`: a licence for value-added services. Its abbreviation is kept as printed.
    fn value_added(mut self) -> Option<(IcpNumber, usize)> {
        let prefix = self.prefix()?;
        let classes = self.classes()?;
        self.one_of("-")?;
        let serial = self.digits(8).filter(|serial| serial.len() == 8)?;
        // No part of a licence's number, and often written after it.
        self.one_of("号號");
        let service = self.service();
        Some((
            IcpNumber(format!("{prefix}{classes}-{serial}{service}")),
            self.passed,
        ))
    }

    /// Classes of telecommunication business, `B2` or `A2.B1.B2`.
    ///
    /// Source: 电信业务分类目录 (2015), classes A1, A2, B1 and B2.
    fn classes(&mut self) -> Option<String> {
        let mut classes = String::new();
        for _ in 0..4 {
            let letter = self.one_of("ABab")?.to_ascii_uppercase();
            let digit = self.one_of("12")?;
            classes.extend([letter, digit]);
            if self.one_of(".").is_none() {
                break;
            }
            classes.push('.');
        }
        (!classes.ends_with('.')).then_some(classes)
    }

    /// `京ICP证030173号`: a licence for information services. Its abbreviation is kept as printed.
    fn information(mut self) -> Option<(IcpNumber, usize)> {
        let prefix = self.prefix()?;
        self.letters("ICP")?;
        self.blanks();
        self.one_of("证證")?;
        self.blanks();
        let serial = self.digits(10).filter(|serial| serial.len() >= 6)?;
        self.blanks();
        self.one_of("号號")?;
        let service = self.service();
        Some((
            IcpNumber(format!("{prefix}ICP证{serial}号{service}")),
            self.passed,
        ))
    }

    fn prefix(&mut self) -> Option<char> {
        let prefix = simplified(self.next()?);
        self.blanks();
        PREFIXES.contains(canonical(prefix)).then_some(prefix)
    }

    fn letters(&mut self, letters: &str) -> Option<()> {
        letters.chars().try_for_each(|letter| {
            self.next()
                .filter(|c| c.eq_ignore_ascii_case(&letter))
                .map(|_| ())
        })
    }

    fn one_of(&mut self, allowed: &str) -> Option<char> {
        let mut ahead = self.clone();
        let c = ahead.next().filter(|c| allowed.contains(*c))?;
        *self = ahead;
        Some(c)
    }

    fn blanks(&mut self) {
        for _ in 0..MOST_BLANKS {
            self.one_of(" ");
        }
    }

    /// A run of at most `most` digits; `None` where the run goes on.
    fn digits(&mut self, most: usize) -> Option<String> {
        let mut run = String::new();
        while let Some(digit) = self.one_of("0123456789") {
            run.push(digit);
            if run.len() > most {
                return None;
            }
        }
        Some(run)
    }

    /// A service's suffix with its dash, or nothing.
    fn service(&mut self) -> String {
        let mut ahead = self.clone();
        let Some(suffix) = ahead.service_ahead() else {
            return String::new();
        };
        *self = ahead;
        suffix
    }

    fn service_ahead(&mut self) -> Option<String> {
        self.blanks();
        self.one_of("-")?;
        let count: u32 = self.digits(MOST_SUFFIX_DIGITS)?.parse().ok()?;
        if count == 0 {
            return None;
        }
        let mut lettered = self.clone();
        let kind = lettered.one_of("AXKaxk").map(|c| c.to_ascii_uppercase());
        match kind {
            // A letter that begins a word does not belong to the number.
            Some(kind) if !lettered.next().is_some_and(|c| c.is_ascii_alphanumeric()) => {
                self.one_of("AXKaxk");
                Some(format!("-{count}{kind}"))
            }
            Some(_) | None => Some(format!("-{count}")),
        }
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = self.rest.get(c.len_utf8()..)?;
        self.passed += c.len_utf8();
        Some(narrow(c))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(typed: &str, text: &str, subject: &str, prefix: char) {
        let number = IcpNumber::parse(typed).unwrap();
        assert_eq!(number.as_str(), text, "{typed}");
        assert_eq!(number.subject().as_str(), subject, "{typed}");
        assert_eq!(number.prefix(), prefix, "{typed}");
    }

    #[test]
    fn a_number_is_read_as_people_type_it() {
        check(
            "京ICP备12345678号",
            "京ICP备12345678号",
            "京ICP备12345678号",
            '京',
        );
        check(
            "陇ICP备2021003158号-1",
            "陇ICP备2021003158号-1",
            "陇ICP备2021003158号",
            '陇',
        );
        check(
            " 粤 icp 備 12345678 號－2a ",
            "粤ICP备12345678号-2A",
            "粤ICP备12345678号",
            '粤',
        );
        check(
            "粤ＩＣＰ备１２３４５６７８号—3x",
            "粤ICP备12345678号-3X",
            "粤ICP备12345678号",
            '粤',
        );
        check(
            "京ICP备12345678 号 -4K",
            "京ICP备12345678号-4K",
            "京ICP备12345678号",
            '京',
        );
    }

    #[test]
    fn abbreviations_that_people_type_become_those_of_filings() {
        for (typed, prefix) in [
            ("川", '蜀'),
            ("贵", '黔'),
            ("雲", '滇'),
            ("甘", '陇'),
            ("滬", '沪'),
        ] {
            let number = IcpNumber::parse(&format!("{typed}ICP备12345678号")).unwrap();
            assert_eq!(number.prefix(), prefix);
            assert!(number.as_str().starts_with(prefix));
        }
    }

    #[test]
    fn every_province_is_known() {
        assert_eq!(PREFIXES.chars().count(), 31);
        for prefix in PREFIXES.chars() {
            assert!(
                IcpNumber::parse(&format!("{prefix}ICP备12345678号-1")).is_ok(),
                "{prefix}"
            );
        }
    }

    #[test]
    fn licences_stand_in_for_numbers_and_keep_their_abbreviation() {
        check("粤b2-20090059-1", "粤B2-20090059-1", "粤B2-20090059", '粤');
        check(
            "京ICP证030173号",
            "京ICP证030173号",
            "京ICP证030173号",
            '京',
        );
        check(
            "粤B2-20090059号-5",
            "粤B2-20090059-5",
            "粤B2-20090059",
            '粤',
        );
        check("川B2-20090059", "川B2-20090059", "川B2-20090059", '蜀');
        check(
            "京a2.B1.B2-20190360-3",
            "京A2.B1.B2-20190360-3",
            "京A2.B1.B2-20190360",
            '京',
        );
        assert!(IcpNumber::parse("粤B2-20090059").unwrap().is_licence());
        assert!(!IcpNumber::parse("粤ICP备12345678号").unwrap().is_licence());
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let fault = |text| IcpNumber::parse(text).unwrap_err();
        for bad in ["", "ICP备12345678号", "港ICP备12345678号"] {
            assert_eq!(fault(bad), IdentifierFault::IcpNumberPrefix, "{bad}");
        }
        for bad in [
            "京ICP备1234567号",
            "京ICP备123456789号",
            "京ICP备12345678901号",
            "京ICP备12345678号-",
            "京ICP备12345678号-0",
            "京ICP备12345678号-1B",
            "京ICP备12345678号京",
            "京",
            "京公网安备11000002000001号",
        ] {
            assert_eq!(fault(bad), IdentifierFault::IcpNumberForm, "{bad}");
        }
    }

    #[test]
    fn numbers_are_found_in_a_page() {
        let page = "© 2026 京公网安备 11000002000001号 | 京 ICP 备12345678 号-1 粤B2-20090059-1App 四川ICP備2021003158號";
        let found = IcpNumber::find_in(page);
        let numbers: Vec<_> = found.iter().map(|(_, number)| number.as_str()).collect();
        assert_eq!(
            numbers,
            [
                "京ICP备12345678号-1",
                "粤B2-20090059-1",
                "蜀ICP备2021003158号"
            ]
        );
        let places: Vec<_> = found
            .iter()
            .map(|(range, _)| page.get(range.clone()).unwrap())
            .collect();
        assert_eq!(
            places,
            [
                "京 ICP 备12345678 号-1",
                "粤B2-20090059-1",
                "川ICP備2021003158號"
            ]
        );
    }

    #[test]
    fn a_large_hostile_page_is_read_in_one_pass() {
        let page = "京ICP备1234567".repeat(100_000);
        assert_eq!(IcpNumber::find_in(&page), Vec::new());
        assert_eq!(
            IcpNumber::find_in(&"京ICP备12345678号".repeat(1000)).len(),
            1000
        );
    }

    proptest! {
        #[test]
        fn parsing_what_is_shown_gives_the_same(
            text in "[京川粤雲]((ICP[备備證证][0-9]{6,10}[号號])|(B2-[0-9]{8}))(-[0-9]{1,3}[AXK]?)?"
        ) {
            if let Ok(number) = IcpNumber::parse(&text) {
                prop_assert_eq!(IcpNumber::parse(number.as_str()), Ok(number.clone()));
                prop_assert_eq!(number.subject().subject(), number.subject());
            }
        }

        #[test]
        fn finding_never_panics_on_pieces_of_numbers(text in "[京ICP备號号1 B2证A\u{3000}８-]{0,60}") {
            for (range, number) in IcpNumber::find_in(&text) {
                let shown = text.get(range).unwrap();
                prop_assert_eq!(IcpNumber::parse(shown), Ok(number));
            }
        }
    }
}
