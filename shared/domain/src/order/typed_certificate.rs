//! The subject's certificate as typed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::filing::Certificate;
use crate::identifiers::{
    CreditCode, HongKongMacaoPermit, IdentifierFault, OrganisationCode, Passport,
    PermanentResidentId, RegistrationNumber, ResidentId, TaiwanPermit,
};
use crate::personal::Personal;

/// A certificate as typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "number")]
pub enum TypedCertificate {
    /// 统一社会信用代码.
    CreditCode(Personal<String>),
    /// 营业执照注册号.
    RegistrationNumber(Personal<String>),
    /// 组织机构代码.
    OrganisationCode(Personal<String>),
    /// 居民身份证.
    ResidentId(Personal<String>),
    /// 护照.
    Passport(Personal<String>),
    /// 港澳居民来往内地通行证.
    HongKongMacaoPermit(Personal<String>),
    /// 台湾居民来往大陆通行证.
    TaiwanPermit(Personal<String>),
    /// 外国人永久居留身份证.
    PermanentResidentId(Personal<String>),
}

impl TypedCertificate {
    /// Whether it is a person's document: the subject is then the person.
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

    /// The certificates that a number may be of, where nobody says the kind: none where it has the form of no kind.
    pub fn readings(number: &Personal<String>) -> Vec<Certificate> {
        let kinds = [
            Self::CreditCode,
            Self::RegistrationNumber,
            Self::OrganisationCode,
            Self::ResidentId,
            Self::Passport,
            Self::HongKongMacaoPermit,
            Self::TaiwanPermit,
            Self::PermanentResidentId,
        ];
        let read = kinds.map(|kind| kind(number.clone()).parse().ok());
        read.into_iter().flatten().collect()
    }

    /// The certificate as a value, whether or not its number checks.
    pub(super) fn parse(&self) -> Result<Certificate, IdentifierFault> {
        Ok(match self {
            Self::CreditCode(typed) => {
                Certificate::CreditCode(CreditCode::as_filed(typed.reveal())?)
            }
            Self::RegistrationNumber(typed) => {
                Certificate::RegistrationNumber(RegistrationNumber::as_filed(typed.reveal())?)
            }
            Self::OrganisationCode(typed) => {
                Certificate::OrganisationCode(OrganisationCode::as_filed(typed.reveal())?)
            }
            Self::ResidentId(typed) => {
                Certificate::ResidentId(ResidentId::as_filed(typed.reveal())?)
            }
            Self::Passport(typed) => Certificate::Passport(Passport::parse(typed.reveal())?),
            Self::HongKongMacaoPermit(typed) => {
                Certificate::HongKongMacaoPermit(HongKongMacaoPermit::parse(typed.reveal())?)
            }
            Self::TaiwanPermit(typed) => {
                Certificate::TaiwanPermit(TaiwanPermit::parse(typed.reveal())?)
            }
            Self::PermanentResidentId(typed) => {
                Certificate::PermanentResidentId(PermanentResidentId::as_filed(typed.reveal())?)
            }
        })
    }
}

/// A filed certificate as it would have been typed.
pub(super) fn typed(certificate: &Certificate) -> TypedCertificate {
    let number = Personal::new((*certificate.number().reveal()).to_owned());
    match certificate {
        Certificate::CreditCode(_) => TypedCertificate::CreditCode(number),
        Certificate::RegistrationNumber(_) => TypedCertificate::RegistrationNumber(number),
        Certificate::OrganisationCode(_) => TypedCertificate::OrganisationCode(number),
        Certificate::ResidentId(_) => TypedCertificate::ResidentId(number),
        Certificate::Passport(_) => TypedCertificate::Passport(number),
        Certificate::HongKongMacaoPermit(_) => TypedCertificate::HongKongMacaoPermit(number),
        Certificate::TaiwanPermit(_) => TypedCertificate::TaiwanPermit(number),
        Certificate::PermanentResidentId(_) => TypedCertificate::PermanentResidentId(number),
    }
}
