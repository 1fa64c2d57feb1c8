//! Why a text is not the identifier it should be.

use crate::Text;

/// Why a text does not parse. **Invariant:** never holds the text, which may be personal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}", self.text().en)]
pub enum IdentifierFault {
    /// Not 18 characters of the code's alphabet.
    CreditCodeForm,
    /// No such pair of registering department and class.
    CreditCodeDepartment,
    /// The organisation code inside does not check.
    CreditCodeOrganisation,
    /// The last character does not check.
    CreditCodeCheckDigit,
    /// Not 15 digits.
    RegistrationNumberForm,
    /// The last digit does not check.
    RegistrationNumberCheckDigit,
    /// Not 9 digits and capital letters.
    OrganisationCodeForm,
    /// The last character does not check.
    OrganisationCodeCheckDigit,
    /// Not 17 digits and a digit or X.
    ResidentIdForm,
    /// The 15 digits of the first generation, which no longer count.
    ResidentIdFirstGeneration,
    /// The first two digits name no province.
    ResidentIdRegion,
    /// The birth date is no day of the calendar.
    ResidentIdBirthDate,
    /// The last character does not check.
    ResidentIdCheckDigit,
    /// Not 5 to 12 letters and digits.
    PassportForm,
    /// Not H or M and 8 or 10 digits.
    HongKongMacaoPermitForm,
    /// Not 8 or 10 digits.
    TaiwanPermitForm,
    /// Not 18 characters from 9, nor three letters and 12 digits.
    PermanentResidentIdForm,
    /// The last character does not check.
    PermanentResidentIdCheckDigit,
    /// The first character is no province's abbreviation.
    IcpNumberPrefix,
    /// Not of the form of a filing number or licence number.
    IcpNumberForm,
    /// Not of the form of a public-security filing number.
    PoliceNumberForm,
    /// Not a mobile number of mainland China.
    MobileForm,
    /// Not a landline of mainland China with its area code.
    LandlineForm,
    /// Not an e-mail address.
    EmailAddressForm,
    /// Not a domain name.
    DomainNameForm,
    /// A whole URL, or a name with a port or a path.
    DomainNameWithMore,
    /// An IP address.
    DomainNameIsAddress,
    /// One label, without a suffix.
    DomainNameOneLabel,
    /// A suffix that everybody registers under.
    DomainNameIsSuffix,
}

impl IdentifierFault {
    /// Every fault, for tables and tests.
    pub const ALL: [Self; 29] = [
        Self::CreditCodeForm,
        Self::CreditCodeDepartment,
        Self::CreditCodeOrganisation,
        Self::CreditCodeCheckDigit,
        Self::RegistrationNumberForm,
        Self::RegistrationNumberCheckDigit,
        Self::OrganisationCodeForm,
        Self::OrganisationCodeCheckDigit,
        Self::ResidentIdForm,
        Self::ResidentIdFirstGeneration,
        Self::ResidentIdRegion,
        Self::ResidentIdBirthDate,
        Self::ResidentIdCheckDigit,
        Self::PassportForm,
        Self::HongKongMacaoPermitForm,
        Self::TaiwanPermitForm,
        Self::PermanentResidentIdForm,
        Self::PermanentResidentIdCheckDigit,
        Self::IcpNumberPrefix,
        Self::IcpNumberForm,
        Self::PoliceNumberForm,
        Self::MobileForm,
        Self::LandlineForm,
        Self::EmailAddressForm,
        Self::DomainNameForm,
        Self::DomainNameWithMore,
        Self::DomainNameIsAddress,
        Self::DomainNameOneLabel,
        Self::DomainNameIsSuffix,
    ];

    /// Stable code, kebab-case.
    pub fn code(self) -> &'static str {
        match self {
            Self::CreditCodeForm => "credit-code-form",
            Self::CreditCodeDepartment => "credit-code-department",
            Self::CreditCodeOrganisation => "credit-code-organisation",
            Self::CreditCodeCheckDigit => "credit-code-check-digit",
            Self::RegistrationNumberForm => "registration-number-form",
            Self::RegistrationNumberCheckDigit => "registration-number-check-digit",
            Self::OrganisationCodeForm => "organisation-code-form",
            Self::OrganisationCodeCheckDigit => "organisation-code-check-digit",
            Self::ResidentIdForm => "resident-id-form",
            Self::ResidentIdFirstGeneration => "resident-id-first-generation",
            Self::ResidentIdRegion => "resident-id-region",
            Self::ResidentIdBirthDate => "resident-id-birth-date",
            Self::ResidentIdCheckDigit => "resident-id-check-digit",
            Self::PassportForm => "passport-form",
            Self::HongKongMacaoPermitForm => "hong-kong-macao-permit-form",
            Self::TaiwanPermitForm => "taiwan-permit-form",
            Self::PermanentResidentIdForm => "permanent-resident-id-form",
            Self::PermanentResidentIdCheckDigit => "permanent-resident-id-check-digit",
            Self::IcpNumberPrefix => "icp-number-prefix",
            Self::IcpNumberForm => "icp-number-form",
            Self::PoliceNumberForm => "police-number-form",
            Self::MobileForm => "mobile-form",
            Self::LandlineForm => "landline-form",
            Self::EmailAddressForm => "email-address-form",
            Self::DomainNameForm => "domain-name-form",
            Self::DomainNameWithMore => "domain-name-with-more",
            Self::DomainNameIsAddress => "domain-name-is-address",
            Self::DomainNameOneLabel => "domain-name-one-label",
            Self::DomainNameIsSuffix => "domain-name-is-suffix",
        }
    }

    /// The standard that the form comes from.
    pub fn basis(self) -> &'static str {
        match self {
            Self::CreditCodeForm
            | Self::CreditCodeDepartment
            | Self::CreditCodeOrganisation
            | Self::CreditCodeCheckDigit => "GB 32100-2015",
            Self::RegistrationNumberForm | Self::RegistrationNumberCheckDigit => {
                "GB/T 17710 (ISO 7064 MOD 11,10)"
            }
            Self::OrganisationCodeForm | Self::OrganisationCodeCheckDigit => "GB 11714-1997",
            Self::ResidentIdForm
            | Self::ResidentIdRegion
            | Self::ResidentIdBirthDate
            | Self::ResidentIdCheckDigit => "GB 11643-1999",
            Self::ResidentIdFirstGeneration => {
                "《中华人民共和国居民身份证法》2011年修正（2013-01-01起停用第一代居民身份证）"
            }
            Self::PassportForm => "ICAO Doc 9303",
            Self::HongKongMacaoPermitForm | Self::TaiwanPermitForm => {
                "《中国公民因私事往来香港地区或者澳门地区的暂行管理办法》《中国公民往来台湾地区管理办法》所定通行证"
            }
            Self::PermanentResidentIdForm | Self::PermanentResidentIdCheckDigit => {
                "国家移民管理局公告2023年第2号"
            }
            Self::PoliceNumberForm => "公安备案号 (https://beian.mps.gov.cn)",
            Self::IcpNumberPrefix | Self::IcpNumberForm => "MIIT filing numbers (ICP备案号)",
            Self::MobileForm | Self::LandlineForm => "ITU-T E.164, +86",
            Self::EmailAddressForm => "RFC 5321",
            Self::DomainNameForm
            | Self::DomainNameWithMore
            | Self::DomainNameIsAddress
            | Self::DomainNameOneLabel => "RFC 1035, UTS 46",
            Self::DomainNameIsSuffix => "Public Suffix List",
        }
    }

    /// What is demanded, for people.
    #[expect(clippy::too_many_lines, reason = "a table: one fault, one arm")]
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Self::CreditCodeForm => (
                "统一社会信用代码应为 18 位数字或大写字母（不含 I、O、S、V、Z）。",
                "A unified social credit code has 18 digits or capital letters (no I, O, S, V, Z).",
            ),
            Self::CreditCodeDepartment => (
                "统一社会信用代码前两位不是已知的登记管理部门和机构类别。",
                "The first two characters are no known registering department and class.",
            ),
            Self::CreditCodeOrganisation => (
                "统一社会信用代码第 9 至 17 位（组织机构代码）校验不通过，请核对证件。",
                "Characters 9 to 17 (the organisation code) do not check; compare the certificate.",
            ),
            Self::CreditCodeCheckDigit => (
                "统一社会信用代码最后一位校验不通过，请核对证件。",
                "The last character does not check; compare the certificate.",
            ),
            Self::RegistrationNumberForm => (
                "注册号应为 15 位数字。",
                "A business registration number has 15 digits.",
            ),
            Self::RegistrationNumberCheckDigit => (
                "注册号最后一位校验不通过，请核对证件。",
                "The last digit of the registration number does not check.",
            ),
            Self::OrganisationCodeForm => (
                "组织机构代码应为 9 位数字或大写字母。",
                "An organisation code has 9 digits or capital letters.",
            ),
            Self::OrganisationCodeCheckDigit => (
                "组织机构代码最后一位校验不通过，请核对证件。",
                "The last character of the organisation code does not check.",
            ),
            Self::ResidentIdForm => (
                "公民身份号码应为 17 位数字加一位数字或 X。",
                "A resident ID has 17 digits and a digit or X.",
            ),
            Self::ResidentIdFirstGeneration => (
                "这是 15 位的第一代身份证号码，2013 年起已停用，请填写 18 位公民身份号码。",
                "This is a first-generation number of 15 digits, out of use since 2013; give the 18 characters.",
            ),
            Self::ResidentIdRegion => (
                "公民身份号码前两位不是已知的省级代码。",
                "The first two digits of the resident ID name no province.",
            ),
            Self::ResidentIdBirthDate => (
                "公民身份号码中的出生日期不存在。",
                "The birth date in the resident ID is no day of the calendar.",
            ),
            Self::ResidentIdCheckDigit => (
                "公民身份号码最后一位校验不通过，请核对证件。",
                "The last character of the resident ID does not check.",
            ),
            Self::PassportForm => (
                "护照号码应为 5 至 12 位字母或数字。",
                "A passport number has 5 to 12 letters and digits.",
            ),
            Self::HongKongMacaoPermitForm => (
                "港澳居民来往内地通行证号码应为 H 或 M 加 8 位数字（旧证 10 位）。",
                "A Hong Kong or Macao travel permit has H or M and 8 digits (10 on old cards).",
            ),
            Self::TaiwanPermitForm => (
                "台湾居民来往大陆通行证号码应为 8 位数字（旧证 10 位）。",
                "A Taiwan travel permit has 8 digits (10 on old booklets).",
            ),
            Self::PermanentResidentIdForm => (
                "外国人永久居留身份证号码应为 9 开头的 18 位号码，旧证为 3 位字母加 12 位数字。",
                "A permanent-resident ID has 18 characters from 9, or three letters and 12 digits.",
            ),
            Self::PermanentResidentIdCheckDigit => (
                "外国人永久居留身份证号码最后一位校验不通过，请核对证件。",
                "The last character of the permanent-resident ID does not check.",
            ),
            Self::IcpNumberPrefix => (
                "备案号应以省级简称开头，如“京”“粤”。",
                "A filing number begins with a province's abbreviation, such as 京 or 粤.",
            ),
            Self::IcpNumberForm => (
                "备案号格式应如“京ICP备12345678号-1”。",
                "A filing number looks like 京ICP备12345678号-1.",
            ),
            Self::PoliceNumberForm => (
                "公安备案号格式应如“京公网安备11010502030143号”。",
                "A public-security number looks like 京公网安备11010502030143号.",
            ),
            Self::MobileForm => (
                "请填写中国大陆手机号码（11 位）。",
                "Give a mobile number of mainland China (11 digits).",
            ),
            Self::LandlineForm => (
                "请填写带区号的固定电话，如 010-66668888，分机号写作 010-66668888转801。",
                "Give a landline with its area code, such as 010-66668888, with an extension as 010-66668888 ext. 801.",
            ),
            Self::EmailAddressForm => ("请填写有效的电子邮箱。", "Give an e-mail address."),
            Self::DomainNameForm => ("这不是有效的域名。", "This is not a domain name."),
            Self::DomainNameWithMore => (
                "请只填写域名，不含 http://、端口或路径。",
                "Give the name alone: no http://, port or path.",
            ),
            Self::DomainNameIsAddress => (
                "请填写域名，而不是 IP 地址。",
                "Give a domain name and not an IP address.",
            ),
            Self::DomainNameOneLabel => (
                "域名应包含后缀，如 example.cn。",
                "A domain name has a suffix, as in example.cn.",
            ),
            Self::DomainNameIsSuffix => (
                "这是公共后缀，不是注册的域名。",
                "This is a public suffix and not a registered name.",
            ),
        };
        Text::new(zh, en)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique() {
        let mut codes: Vec<_> = IdentifierFault::ALL
            .iter()
            .map(|fault| fault.code())
            .collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), IdentifierFault::ALL.len());
    }
}
