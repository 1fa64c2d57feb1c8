//! The subject's certificate.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::identifiers::{
    CreditCode, HongKongMacaoPermit, IdentifierFault, OrganisationCode, Passport,
    PermanentResidentId, RegistrationNumber, ResidentId, TaiwanPermit,
};
use crate::personal::Personal;

/// The subject's certificate (证件) and its number.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "number")]
pub enum Certificate {
    /// 统一社会信用代码, the merged certificate.
    CreditCode(CreditCode),
    /// 营业执照注册号: 15 digits, from before the merged certificate.
    RegistrationNumber(RegistrationNumber),
    /// 组织机构代码, from before the merged certificate.
    OrganisationCode(OrganisationCode),
    /// 居民身份证, of an individual.
    ResidentId(ResidentId),
    /// 护照, of an individual from abroad.
    Passport(Passport),
    /// 港澳居民来往内地通行证, of an individual of Hong Kong or Macao.
    HongKongMacaoPermit(HongKongMacaoPermit),
    /// 台湾居民来往大陆通行证, of an individual of Taiwan.
    TaiwanPermit(TaiwanPermit),
    /// 外国人永久居留身份证, of an individual from abroad.
    PermanentResidentId(PermanentResidentId),
}

impl Certificate {
    /// The number in canonical text: personal where the subject is an individual.
    pub fn number(&self) -> Personal<&str> {
        Personal::new(match self {
            Self::CreditCode(code) => code.as_str(),
            Self::RegistrationNumber(number) => number.as_str(),
            Self::OrganisationCode(code) => code.as_str(),
            Self::ResidentId(id) => id.reveal(),
            Self::Passport(passport) => passport.reveal(),
            Self::HongKongMacaoPermit(permit) => permit.reveal(),
            Self::TaiwanPermit(permit) => permit.reveal(),
            Self::PermanentResidentId(id) => id.reveal(),
        })
    }

    /// Whether its check character is right, where it has one.
    pub fn checks(&self) -> Result<(), IdentifierFault> {
        match self {
            Self::CreditCode(code) => code.checks(),
            Self::RegistrationNumber(number) => number.checks(),
            Self::OrganisationCode(code) => code.checks(),
            Self::ResidentId(id) => id.checks(),
            Self::PermanentResidentId(id) => id.checks(),
            Self::Passport(_) | Self::HongKongMacaoPermit(_) | Self::TaiwanPermit(_) => Ok(()),
        }
    }

    /// Its kind, as the API and files name it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::CreditCode(_) => "credit-code",
            Self::RegistrationNumber(_) => "registration-number",
            Self::OrganisationCode(_) => "organisation-code",
            Self::ResidentId(_) => "resident-id",
            Self::Passport(_) => "passport",
            Self::HongKongMacaoPermit(_) => "hong-kong-macao-permit",
            Self::TaiwanPermit(_) => "taiwan-permit",
            Self::PermanentResidentId(_) => "permanent-resident-id",
        }
    }

    /// Whether it is a person's own document, by which individuals file.
    pub fn is_of_person(&self) -> bool {
        match self {
            Self::CreditCode(_) | Self::RegistrationNumber(_) | Self::OrganisationCode(_) => false,
            Self::ResidentId(_)
            | Self::Passport(_)
            | Self::HongKongMacaoPermit(_)
            | Self::TaiwanPermit(_)
            | Self::PermanentResidentId(_) => true,
        }
    }
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::CreditCode(_) => "CreditCode",
            Self::RegistrationNumber(_) => "RegistrationNumber",
            Self::OrganisationCode(_) => "OrganisationCode",
            Self::ResidentId(_) => "ResidentId",
            Self::Passport(_) => "Passport",
            Self::HongKongMacaoPermit(_) => "HongKongMacaoPermit",
            Self::TaiwanPermit(_) => "TaiwanPermit",
            Self::PermanentResidentId(_) => "PermanentResidentId",
        })
    }
}
