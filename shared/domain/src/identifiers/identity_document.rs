//! Identity documents of people without a resident ID: passports and permits.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::IdentifierFault;
use super::personal_identifier;
use super::resident_id::{Residence, ResidentId, check_character, date_at};
use super::typed::bare;
use crate::personal::{Personal, masked};

/// What an identity document is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Default,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityKind {
    /// 居民身份证, and the residence permits of Hong Kong, Macao and Taiwan that number as it does.
    #[default]
    ResidentId,
    /// 护照.
    Passport,
    /// 港澳居民来往内地通行证.
    HongKongMacaoPermit,
    /// 台湾居民来往大陆通行证.
    TaiwanPermit,
    /// 外国人永久居留身份证.
    PermanentResidentId,
}

impl IdentityKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::ResidentId,
        Self::Passport,
        Self::HongKongMacaoPermit,
        Self::TaiwanPermit,
        Self::PermanentResidentId,
    ];

    /// Its name in the API and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::ResidentId => "resident-id",
            Self::Passport => "passport",
            Self::HongKongMacaoPermit => "hong-kong-macao-permit",
            Self::TaiwanPermit => "taiwan-permit",
            Self::PermanentResidentId => "permanent-resident-id",
        }
    }
}

/// A person's identity document with its number. Personal.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "number")]
pub enum IdentityDocument {
    /// 居民身份证.
    ResidentId(ResidentId),
    /// 护照.
    Passport(Passport),
    /// 港澳居民来往内地通行证.
    HongKongMacaoPermit(HongKongMacaoPermit),
    /// 台湾居民来往大陆通行证.
    TaiwanPermit(TaiwanPermit),
    /// 外国人永久居留身份证.
    PermanentResidentId(PermanentResidentId),
}

impl IdentityDocument {
    /// Reads the number of a document of a kind.
    pub fn parse(kind: IdentityKind, text: &str) -> Result<Self, IdentifierFault> {
        let read = Self::as_filed(kind, text)?;
        read.checks()?;
        Ok(read)
    }

    /// Reads the number of a document of a kind, whether or not it checks.
    pub fn as_filed(kind: IdentityKind, text: &str) -> Result<Self, IdentifierFault> {
        Ok(match kind {
            IdentityKind::ResidentId => Self::ResidentId(ResidentId::as_filed(text)?),
            IdentityKind::Passport => Self::Passport(Passport::parse(text)?),
            IdentityKind::HongKongMacaoPermit => {
                Self::HongKongMacaoPermit(HongKongMacaoPermit::parse(text)?)
            }
            IdentityKind::TaiwanPermit => Self::TaiwanPermit(TaiwanPermit::parse(text)?),
            IdentityKind::PermanentResidentId => {
                Self::PermanentResidentId(PermanentResidentId::as_filed(text)?)
            }
        })
    }

    /// Whether its check character is right, where it has one.
    pub fn checks(&self) -> Result<(), IdentifierFault> {
        match self {
            Self::ResidentId(id) => id.checks(),
            Self::PermanentResidentId(id) => id.checks(),
            Self::Passport(_) | Self::HongKongMacaoPermit(_) | Self::TaiwanPermit(_) => Ok(()),
        }
    }

    /// What it is.
    pub fn kind(&self) -> IdentityKind {
        match self {
            Self::ResidentId(_) => IdentityKind::ResidentId,
            Self::Passport(_) => IdentityKind::Passport,
            Self::HongKongMacaoPermit(_) => IdentityKind::HongKongMacaoPermit,
            Self::TaiwanPermit(_) => IdentityKind::TaiwanPermit,
            Self::PermanentResidentId(_) => IdentityKind::PermanentResidentId,
        }
    }

    /// The number in canonical text.
    pub fn number(&self) -> Personal<&str> {
        Personal::new(match self {
            Self::ResidentId(id) => id.reveal(),
            Self::Passport(passport) => passport.reveal(),
            Self::HongKongMacaoPermit(permit) => permit.reveal(),
            Self::TaiwanPermit(permit) => permit.reveal(),
            Self::PermanentResidentId(id) => id.reveal(),
        })
    }

    /// The resident ID, where it is one: of the others no region, birth date or sex can be read.
    pub fn resident_id(&self) -> Option<&ResidentId> {
        match self {
            Self::ResidentId(id) => Some(id),
            Self::Passport(_)
            | Self::HongKongMacaoPermit(_)
            | Self::TaiwanPermit(_)
            | Self::PermanentResidentId(_) => None,
        }
    }

    /// The region that a resident ID begins with, six digits.
    pub fn region(&self) -> Option<&str> {
        self.resident_id().map(ResidentId::region)
    }

    /// Whether its holder is a resident of the mainland.
    pub fn is_of_mainland(&self) -> bool {
        self.resident_id()
            .is_some_and(|id| id.residence() == Residence::Mainland)
    }
}

impl std::fmt::Debug for IdentityDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind().name())
    }
}

/// A passport number (护照). Personal.
///
/// Countries number as they like: only length and characters are checked.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Passport(String);

personal_identifier!(Passport);

/// Characters of a passport number.
///
/// Source: ICAO Doc 9303 part 4, which has room for 9 in the machine-readable zone; some countries
/// print more, and the least in use is chosen here.
const PASSPORT_LENGTH: std::ops::RangeInclusive<usize> = 5..=12;

impl Passport {
    /// Reads a number as people type it.
    pub fn parse(text: &str) -> Result<Self, IdentifierFault> {
        let number = bare(text);
        let all_known = number.chars().all(|c| c.is_ascii_alphanumeric());
        let has_digit = number.chars().any(|c| c.is_ascii_digit());
        if all_known && has_digit && PASSPORT_LENGTH.contains(&number.len()) {
            Ok(Self(number))
        } else {
            Err(IdentifierFault::PassportForm)
        }
    }

    /// As shown to those who need not know.
    pub fn masked(&self) -> String {
        masked(&self.0, 1, 2)
    }
}

/// A travel permit for residents of Hong Kong or Macao (港澳居民来往内地通行证): `H` or `M` and 8 digits;
/// cards before 2013 bear 2 more that count their renewals. Personal.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HongKongMacaoPermit(String);

personal_identifier!(HongKongMacaoPermit);

impl HongKongMacaoPermit {
    /// Reads a number as people type it.
    pub fn parse(text: &str) -> Result<Self, IdentifierFault> {
        let number = bare(text);
        let digits = number.strip_prefix(['H', 'M']);
        if digits.is_some_and(|digits| is_digits(digits, &[8, 10])) {
            Ok(Self(number))
        } else {
            Err(IdentifierFault::HongKongMacaoPermitForm)
        }
    }

    /// As shown to those who need not know.
    pub fn masked(&self) -> String {
        masked(&self.0, 1, 2)
    }
}

/// A travel permit for residents of Taiwan (台湾居民来往大陆通行证): 8 digits on cards of five years;
/// older booklets bear 10, and a letter in brackets that is no part of the number. Personal.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TaiwanPermit(String);

personal_identifier!(TaiwanPermit);

impl TaiwanPermit {
    /// Reads a number as people type it.
    pub fn parse(text: &str) -> Result<Self, IdentifierFault> {
        let typed = bare(text);
        let number = typed
            .strip_suffix(')')
            .and_then(|rest| rest.rsplit_once('('))
            .filter(|(_, issue)| {
                issue.len() <= 2 && issue.chars().all(|c| c.is_ascii_alphanumeric())
            })
            .map_or(typed.as_str(), |(number, _)| number);
        if is_digits(number, &[8, 10]) {
            Ok(Self(number.to_owned()))
        } else {
            Err(IdentifierFault::TaiwanPermitForm)
        }
    }

    /// As shown to those who need not know.
    pub fn masked(&self) -> String {
        masked(&self.0, 1, 2)
    }
}

/// A foreigner's permanent-resident ID (外国人永久居留身份证): since 2023 18 characters that begin with
/// 9 and check as a resident ID does; before, three letters and 12 digits. Personal.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PermanentResidentId(String);

personal_identifier!(PermanentResidentId, as_filed);

/// Characters of the ID since 2023.
///
/// Source: 国家移民管理局公告2023年第2号 (the new version and its 18 characters).
const PERMANENT_RESIDENT_LENGTH: usize = 18;

impl PermanentResidentId {
    /// Reads an ID as people type it.
    pub fn parse(text: &str) -> Result<Self, IdentifierFault> {
        let read = Self::as_filed(text)?;
        read.checks()?;
        Ok(read)
    }

    /// Reads an ID as people type it, whether or not it checks.
    pub fn as_filed(text: &str) -> Result<Self, IdentifierFault> {
        let id = bare(text);
        if is_old_form(&id) {
            return Ok(Self(id));
        }
        let body = id.get(..PERMANENT_RESIDENT_LENGTH - 1).unwrap_or_default();
        let has_form = id.len() == PERMANENT_RESIDENT_LENGTH
            && id.starts_with('9')
            && body.bytes().all(|byte| byte.is_ascii_digit())
            && id.ends_with(|c: char| c.is_ascii_digit() || c == 'X');
        if !has_form || date_at(&id, 6).is_none() {
            return Err(IdentifierFault::PermanentResidentIdForm);
        }
        Ok(Self(id))
    }

    /// Whether its check character is right; before 2023 there was none.
    pub fn checks(&self) -> Result<(), IdentifierFault> {
        let body = self.0.get(..PERMANENT_RESIDENT_LENGTH - 1);
        if is_old_form(&self.0) || self.0.chars().last() == body.and_then(check_character) {
            Ok(())
        } else {
            Err(IdentifierFault::PermanentResidentIdCheckDigit)
        }
    }

    /// The birth date, where the ID tells the century: since 2023.
    pub fn birth_date(&self) -> Option<Date> {
        if is_old_form(&self.0) {
            return None;
        }
        date_at(&self.0, 6)
    }

    /// As shown to those who need not know.
    pub fn masked(&self) -> String {
        masked(&self.0, 3, 2)
    }
}

/// Three letters of the country and 12 digits.
fn is_old_form(id: &str) -> bool {
    id.split_at_checked(3).is_some_and(|(country, digits)| {
        country.bytes().all(|byte| byte.is_ascii_uppercase()) && is_digits(digits, &[12])
    })
}

fn is_digits(text: &str, lengths: &[usize]) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn documents_are_read_as_people_type_them() {
        for (typed, number) in [("e 12345678", "E12345678"), ("ＥＡ1234567", "EA1234567")] {
            assert_eq!(Passport::parse(typed).unwrap().reveal(), number);
        }
        for (typed, number) in [("h12345678", "H12345678"), ("M 0123456701", "M0123456701")] {
            assert_eq!(HongKongMacaoPermit::parse(typed).unwrap().reveal(), number);
        }
        for (typed, number) in [
            ("12345678", "12345678"),
            ("0123456701（B）", "0123456701"),
            ("0123456701 (01)", "0123456701"),
        ] {
            assert_eq!(
                TaiwanPermit::parse(typed).unwrap().reveal(),
                number,
                "{typed}"
            );
        }
        let old = PermanentResidentId::parse("usa110090101001").unwrap();
        assert_eq!((old.reveal(), old.birth_date()), ("USA110090101001", None));
        assert_eq!(old.masked(), "USA**********01");
    }

    #[test]
    fn a_permanent_residents_id_of_today_tells_a_birth_date_and_checks() {
        let body = "91184019900101001";
        let id = format!("{body}{}", check_character(body).unwrap());
        let read = PermanentResidentId::parse(&id).unwrap();
        assert_eq!(read.birth_date(), Some(date(1990, 1, 1)));
        let wrong = format!("{body}{}", i32::from(id.ends_with('0')));
        assert_eq!(
            PermanentResidentId::parse(&wrong),
            Err(IdentifierFault::PermanentResidentIdCheckDigit)
        );
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for bad in ["", "E123", "ABCDEFGH", "E12345678901234", "E1234567é"] {
            assert_eq!(
                Passport::parse(bad),
                Err(IdentifierFault::PassportForm),
                "{bad}"
            );
        }
        for bad in ["", "H1234567", "T12345678", "H123456789", "12345678"] {
            let fault = IdentifierFault::HongKongMacaoPermitForm;
            assert_eq!(HongKongMacaoPermit::parse(bad), Err(fault), "{bad}");
        }
        for bad in ["", "1234567", "123456789", "12345678(BBB)", "T12345678"] {
            let fault = IdentifierFault::TaiwanPermitForm;
            assert_eq!(TaiwanPermit::parse(bad), Err(fault), "{bad}");
        }
        for bad in [
            "",
            "US110090101001",
            "911840199013010012",
            "811840199001010012",
        ] {
            let fault = IdentifierFault::PermanentResidentIdForm;
            assert_eq!(PermanentResidentId::parse(bad), Err(fault), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn parsing_what_is_shown_gives_the_same(text in "[HM9A-Z]{0,3}[0-9]{5,17}[X)]?|\\PC{0,20}") {
            if let Ok(read) = Passport::parse(&text) {
                prop_assert!(Passport::parse(read.reveal()) == Ok(read));
            }
            if let Ok(read) = HongKongMacaoPermit::parse(&text) {
                prop_assert!(HongKongMacaoPermit::parse(read.reveal()) == Ok(read));
            }
            if let Ok(read) = TaiwanPermit::parse(&text) {
                prop_assert!(TaiwanPermit::parse(read.reveal()) == Ok(read));
            }
            if let Ok(read) = PermanentResidentId::parse(&text) {
                prop_assert!(PermanentResidentId::parse(read.reveal()) == Ok(read));
            }
        }
    }
}
