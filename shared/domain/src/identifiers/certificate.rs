//! Numbers of organisations: unified social credit code, organisation code, registration number.

use serde::{Deserialize, Serialize};

use super::fault::IdentifierFault;
use super::public_identifier;
use super::typed::bare;

/// A unified social credit code (统一社会信用代码), GB 32100-2015: its department and class are known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CreditCode(String);

public_identifier!(CreditCode, as_filed);

/// Source: GB 32100-2015, the code's characters by value.
const CREDIT_ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Source: GB 32100-2015, weights of positions 1 to 17.
const CREDIT_WEIGHTS: [usize; 17] = [
    1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
];

/// Who registered a body, and as what: the first two characters of a credit code.
///
/// Source: GB 32100-2015, table 1 and its later additions, by registering department.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CreditClass {
    /// 机构编制: organ (11).
    Organ,
    /// 机构编制: public institution (12).
    PublicInstitution,
    /// 机构编制: mass organisation under the establishment office (13).
    MassOrganisation,
    /// 机构编制: other (19).
    OtherEstablishment,
    /// 外交: resident office of foreign news (21), other (29).
    ForeignAffairs,
    /// 司法行政: law firm (31).
    LawFirm,
    /// 司法行政: notary office (32).
    Notary,
    /// 司法行政: forensic appraisal (34).
    ForensicAppraisal,
    /// 司法行政: arbitration (35).
    Arbitration,
    /// 司法行政: local legal service (33), commercial mediation (36), other (39).
    OtherJustice,
    /// 文化: foreign cultural centre (41), other (49).
    Culture,
    /// 民政: social organisation (51).
    SocialOrganisation,
    /// 民政: private non-enterprise (52).
    PrivateNonEnterprise,
    /// 民政: foundation (53).
    Foundation,
    /// 民政: villagers' (54) or residents' committee (55), other (59).
    OtherCivilAffairs,
    /// 旅游: foreign (61), Hong Kong, Macao and Taiwan (62) tourism office, other (69).
    Tourism,
    /// 宗教: site (71), school (72), other (79).
    Religion,
    /// 工会: union (81), other (89).
    Union,
    /// 市场监管: enterprise (91).
    Enterprise,
    /// 市场监管: sole trader (92).
    SoleTrader,
    /// 市场监管: farmers' cooperative (93).
    Cooperative,
    /// 军队: defence (A1), other (A9).
    Defence,
    /// 农业: rural collective economy (N1 to N3), other (N9).
    RuralCollective,
    /// Other departments (Y1).
    Other,
}

impl CreditClass {
    fn of(pair: &str) -> Option<Self> {
        Some(match pair {
            "11" => Self::Organ,
            "12" => Self::PublicInstitution,
            "13" => Self::MassOrganisation,
            "19" => Self::OtherEstablishment,
            "21" | "29" => Self::ForeignAffairs,
            "31" => Self::LawFirm,
            "32" => Self::Notary,
            "34" => Self::ForensicAppraisal,
            "35" => Self::Arbitration,
            "33" | "36" | "39" => Self::OtherJustice,
            "41" | "49" => Self::Culture,
            "51" => Self::SocialOrganisation,
            "52" => Self::PrivateNonEnterprise,
            "53" => Self::Foundation,
            "54" | "55" | "59" => Self::OtherCivilAffairs,
            "61" | "62" | "69" => Self::Tourism,
            "71" | "72" | "79" => Self::Religion,
            "81" | "89" => Self::Union,
            "91" => Self::Enterprise,
            "92" => Self::SoleTrader,
            "93" => Self::Cooperative,
            "A1" | "A9" => Self::Defence,
            "N1" | "N2" | "N3" | "N9" => Self::RuralCollective,
            "Y1" => Self::Other,
            _ => return None,
        })
    }
}

impl CreditCode {
    /// Reads a code as people type it.
    pub fn parse(text: &str) -> Result<Self, IdentifierFault> {
        let read = Self::as_filed(text)?;
        read.checks()?;
        Ok(read)
    }

    /// Reads a code as people type it, whether or not it checks.
    pub fn as_filed(text: &str) -> Result<Self, IdentifierFault> {
        let code = bare(text);
        let known = code.chars().all(|c| CREDIT_ALPHABET.contains(c));
        if code.chars().count() != 18 || !known {
            return Err(IdentifierFault::CreditCodeForm);
        }
        let pair = code.get(..2).unwrap_or_default();
        if CreditClass::of(pair).is_none() {
            return Err(IdentifierFault::CreditCodeDepartment);
        }
        Ok(Self(code))
    }

    /// Whether its check character is right, and that of the organisation code inside.
    pub fn checks(&self) -> Result<(), IdentifierFault> {
        let values: Vec<usize> = self
            .0
            .chars()
            .filter_map(|c| CREDIT_ALPHABET.find(c))
            .collect();
        let sum: usize = values
            .iter()
            .zip(CREDIT_WEIGHTS)
            .map(|(value, weight)| value * weight)
            .sum();
        // The outer remainder turns the check value 31 of a sum that 31 divides into 0.
        if values.last() != Some(&((31 - sum % 31) % 31)) {
            return Err(IdentifierFault::CreditCodeCheckDigit);
        }
        if !organisation_code_checks(self.0.get(8..17).unwrap_or_default()) {
            return Err(IdentifierFault::CreditCodeOrganisation);
        }
        Ok(())
    }

    /// The registering department and the class: the first two characters.
    pub fn department_class(&self) -> &str {
        self.0.get(..2).unwrap_or_default()
    }

    /// Who registered the body, and as what.
    pub fn class(&self) -> CreditClass {
        // `as_filed` lets no other pair pass.
        CreditClass::of(self.department_class()).unwrap_or(CreditClass::Other)
    }

    /// The organisation code inside: characters 9 to 17.
    pub fn organisation_code(&self) -> OrganisationCode {
        OrganisationCode(self.0.get(8..17).unwrap_or_default().to_owned())
    }

    /// The administrative region where it was given out: characters 3 to 8.
    pub fn region(&self) -> &str {
        self.0.get(2..8).unwrap_or_default()
    }
}

/// An organisation code (组织机构代码), GB 11714-1997, without its dash.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrganisationCode(String);

public_identifier!(OrganisationCode, as_filed);

/// Source: GB 11714-1997, weights of positions 1 to 8.
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

impl OrganisationCode {
    /// Reads a code as people type it.
    pub fn parse(text: &str) -> Result<Self, IdentifierFault> {
        let read = Self::as_filed(text)?;
        read.checks()?;
        Ok(read)
    }

    /// Reads a code as people type it, whether or not it checks.
    pub fn as_filed(text: &str) -> Result<Self, IdentifierFault> {
        let code = bare(text);
        if code.chars().count() != 9 || !code.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(IdentifierFault::OrganisationCodeForm);
        }
        Ok(Self(code))
    }

    /// Whether its check character is right.
    pub fn checks(&self) -> Result<(), IdentifierFault> {
        if organisation_code_checks(&self.0) {
            Ok(())
        } else {
            Err(IdentifierFault::OrganisationCodeCheckDigit)
        }
    }
}

fn organisation_code_checks(code: &str) -> bool {
    let sum: u32 = code
        .chars()
        .zip(ORGANISATION_WEIGHTS)
        .map(|(c, weight)| c.to_digit(36).unwrap_or_default() * weight)
        .sum();
    let check = match 11 - sum % 11 {
        10 => Some('X'),
        11 => Some('0'),
        digit => char::from_digit(digit, 10),
    };
    code.chars().nth(8) == check
}

/// A business registration number (营业执照注册号) of the old kind: 15 digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RegistrationNumber(String);

public_identifier!(RegistrationNumber, as_filed);

impl RegistrationNumber {
    /// Reads a number as people type it.
    pub fn parse(text: &str) -> Result<Self, IdentifierFault> {
        let read = Self::as_filed(text)?;
        read.checks()?;
        Ok(read)
    }

    /// Reads a number as people type it, whether or not it checks.
    pub fn as_filed(text: &str) -> Result<Self, IdentifierFault> {
        let number = bare(text);
        if number.len() != 15 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(IdentifierFault::RegistrationNumberForm);
        }
        Ok(Self(number))
    }

    /// Whether its check digit is right.
    pub fn checks(&self) -> Result<(), IdentifierFault> {
        let digits: Vec<u32> = self.0.chars().filter_map(|c| c.to_digit(10)).collect();
        // ISO 7064 MOD 11,10: the running product never becomes 0, where 10 stands for it.
        let product = digits.iter().take(14).fold(10, |product, digit| {
            let sum = (product + digit) % 10;
            (if sum == 0 { 10 } else { sum }) * 2 % 11
        });
        if (product + digits.last().copied().unwrap_or_default()) % 10 != 1 {
            return Err(IdentifierFault::RegistrationNumberCheckDigit);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn credit_codes_in_print_are_accepted() {
        for code in [
            "91110108551385082Q",
            "91350100M000100Y43",
            "9144030071526726XG",
            "91330100799655058B",
        ] {
            assert_eq!(CreditCode::parse(code).unwrap().as_str(), code);
        }
    }

    #[test]
    fn a_credit_code_is_read_as_people_type_it() {
        let code = CreditCode::parse(" ９１３５０１００-m000100y43\t").unwrap();
        assert_eq!(code.as_str(), "91350100M000100Y43");
        assert_eq!((code.department_class(), code.region()), ("91", "350100"));
        assert_eq!(code.class(), CreditClass::Enterprise);
        assert_eq!(code.organisation_code().as_str(), "M000100Y4");
    }

    #[test]
    fn each_part_of_a_credit_code_is_checked() {
        let fault = |text| CreditCode::parse(text).unwrap_err();
        assert_eq!(fault("91110108551385082"), IdentifierFault::CreditCodeForm);
        assert_eq!(fault("9111010855138508IQ"), IdentifierFault::CreditCodeForm);
        assert_eq!(
            fault("98110108551385082Q"),
            IdentifierFault::CreditCodeDepartment
        );
        assert_eq!(
            fault("91110108551385082R"),
            IdentifierFault::CreditCodeCheckDigit
        );
        // The right check character over a wrong organisation code.
        let wrong_inside: Vec<_> = CREDIT_ALPHABET
            .chars()
            .filter_map(|c| CreditCode::parse(&format!("91110108551385083{c}")).err())
            .filter(|fault| *fault == IdentifierFault::CreditCodeOrganisation)
            .collect();
        assert_eq!(wrong_inside.len(), 1);
    }

    #[test]
    fn a_check_value_of_31_is_written_0() {
        let zero = (0..100_000).find_map(|n| {
            let inside = format!("{n:08}");
            let organisation = "0123456789X"
                .chars()
                .map(|c| format!("{inside}{c}"))
                .find(|code| organisation_code_checks(code))?;
            CreditCode::parse(&format!("91110108{organisation}0")).ok()
        });
        assert!(
            zero.is_some(),
            "no code ends in 0, so 31 was not turned into 0"
        );
    }

    #[test]
    fn organisation_codes_in_print_are_accepted() {
        for (typed, code) in [
            ("55138508-2", "551385082"),
            ("M000100Y-4", "M000100Y4"),
            ("71526726-x", "71526726X"),
            ("79965505-8", "799655058"),
            ("D2143696-7", "D21436967"),
        ] {
            assert_eq!(OrganisationCode::parse(typed).unwrap().as_str(), code);
        }
        assert_eq!(
            OrganisationCode::parse("55138508-3"),
            Err(IdentifierFault::OrganisationCodeCheckDigit)
        );
        assert_eq!(
            OrganisationCode::parse("5513"),
            Err(IdentifierFault::OrganisationCodeForm)
        );
    }

    #[test]
    fn registration_numbers_in_print_are_accepted() {
        for number in ["110108012660422", "440301103448669"] {
            assert_eq!(RegistrationNumber::parse(number).unwrap().as_str(), number);
        }
        assert_eq!(
            RegistrationNumber::parse("110108012660423"),
            Err(IdentifierFault::RegistrationNumberCheckDigit)
        );
        assert_eq!(
            RegistrationNumber::parse("11010801266042"),
            Err(IdentifierFault::RegistrationNumberForm)
        );
    }

    proptest! {
        #[test]
        fn parsing_what_is_shown_gives_the_same(body in "91[0-9]{15}") {
            for check in CREDIT_ALPHABET.chars() {
                if let Ok(code) = CreditCode::parse(&format!("{body}{check}")) {
                    prop_assert_eq!(CreditCode::parse(code.as_str()), Ok(code));
                }
            }
        }

        #[test]
        fn exactly_one_check_digit_fits(body in "[0-9]{14}") {
            let fitting = (0..10).filter(|n| RegistrationNumber::parse(&format!("{body}{n}")).is_ok());
            prop_assert_eq!(fitting.count(), 1);
        }
    }
}
