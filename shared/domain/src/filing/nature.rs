//! What kind of body a subject is, and sets of kinds that rules speak of.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Text;
use crate::identifiers::CreditClass;

/// What kind of body the subject is (主办单位性质).
///
/// Source: codes of the MIIT form (dossier 1.6); other tools number 7 and above differently, so that
/// codes are mapped at the boundary alone.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Nature {
    /// 军队, code 1: army or defence body.
    Defence,
    /// 政府机关, code 2: government.
    Government,
    /// 事业单位, code 3: public institution.
    PublicInstitution,
    /// 企业, code 4: enterprise; a sole trader with a shop name counts as one.
    Enterprise,
    /// 个人, code 5: individual.
    Individual,
    /// 社会团体, code 6: social organisation.
    SocialOrganisation,
    /// 民办非企业单位, code 9: private non-enterprise.
    PrivateNonEnterprise,
    /// 基金会, code 10: foundation.
    Foundation,
    /// 律师执业机构, code 11: law firm.
    LawFirm,
    /// 外国在华文化中心, code 12: foreign cultural centre.
    ForeignCulturalCentre,
    /// 群众性团体组织, code 13: mass organisation.
    MassOrganisation,
    /// 司法鉴定机构, code 14: forensic appraisal body.
    ForensicAppraisal,
    /// 宗教团体, code 15: religious body.
    ReligiousBody,
    /// 境外机构, code 16: overseas body.
    OverseasBody,
    /// 医疗机构, code 17: medical institution.
    MedicalInstitution,
    /// 公证机构, code 18: notary office.
    NotaryOffice,
    /// 集体经济, code 19: collective economy.
    CollectiveEconomy,
    /// 仲裁机构, code 20: arbitration body.
    ArbitrationBody,
}

impl Nature {
    /// Every nature, in the order of codes.
    pub const ALL: [Self; 18] = [
        Self::Defence,
        Self::Government,
        Self::PublicInstitution,
        Self::Enterprise,
        Self::Individual,
        Self::SocialOrganisation,
        Self::PrivateNonEnterprise,
        Self::Foundation,
        Self::LawFirm,
        Self::ForeignCulturalCentre,
        Self::MassOrganisation,
        Self::ForensicAppraisal,
        Self::ReligiousBody,
        Self::OverseasBody,
        Self::MedicalInstitution,
        Self::NotaryOffice,
        Self::CollectiveEconomy,
        Self::ArbitrationBody,
    ];

    /// The code of the MIIT form.
    pub fn code(self) -> u8 {
        match self {
            Self::Defence => 1,
            Self::Government => 2,
            Self::PublicInstitution => 3,
            Self::Enterprise => 4,
            Self::Individual => 5,
            Self::SocialOrganisation => 6,
            Self::PrivateNonEnterprise => 9,
            Self::Foundation => 10,
            Self::LawFirm => 11,
            Self::ForeignCulturalCentre => 12,
            Self::MassOrganisation => 13,
            Self::ForensicAppraisal => 14,
            Self::ReligiousBody => 15,
            Self::OverseasBody => 16,
            Self::MedicalInstitution => 17,
            Self::NotaryOffice => 18,
            Self::CollectiveEconomy => 19,
            Self::ArbitrationBody => 20,
        }
    }

    /// The nature with a code of the MIIT form.
    pub fn by_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|nature| nature.code() == code)
    }

    /// Its name, for people.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Self::Defence => ("军队", "army or defence body"),
            Self::Government => ("政府机关", "government"),
            Self::PublicInstitution => ("事业单位", "public institution"),
            Self::Enterprise => ("企业", "enterprise"),
            Self::Individual => ("个人", "individual"),
            Self::SocialOrganisation => ("社会团体", "social organisation"),
            Self::PrivateNonEnterprise => ("民办非企业单位", "private non-enterprise"),
            Self::Foundation => ("基金会", "foundation"),
            Self::LawFirm => ("律师执业机构", "law firm"),
            Self::ForeignCulturalCentre => ("外国在华文化中心", "foreign cultural centre"),
            Self::MassOrganisation => ("群众性团体组织", "mass organisation"),
            Self::ForensicAppraisal => ("司法鉴定机构", "forensic appraisal body"),
            Self::ReligiousBody => ("宗教团体", "religious body"),
            Self::OverseasBody => ("境外机构", "overseas body"),
            Self::MedicalInstitution => ("医疗机构", "medical institution"),
            Self::NotaryOffice => ("公证机构", "notary office"),
            Self::CollectiveEconomy => ("集体经济", "collective economy"),
            Self::ArbitrationBody => ("仲裁机构", "arbitration body"),
        };
        Text::new(zh, en)
    }

    /// Whether a credit code of this class may be such a body's. `None` where nobody can tell from
    /// the class.
    ///
    /// Source: GB 32100-2015 table 1 beside the natures (dossier 2.1); a fit is an inference, so that
    /// a misfit is for people to judge.
    pub fn fits(self, class: CreditClass) -> Option<bool> {
        use CreditClass as Class;
        let expected: &[Class] = match self {
            Self::Defence => &[Class::Defence],
            Self::Government => &[Class::Organ],
            Self::PublicInstitution => &[Class::PublicInstitution],
            Self::Enterprise => &[Class::Enterprise, Class::SoleTrader, Class::Cooperative],
            Self::Individual => &[],
            Self::SocialOrganisation => &[Class::SocialOrganisation],
            Self::PrivateNonEnterprise => &[Class::PrivateNonEnterprise],
            Self::Foundation => &[Class::Foundation],
            Self::LawFirm => &[Class::LawFirm],
            Self::ForeignCulturalCentre => &[Class::Culture],
            Self::MassOrganisation => &[Class::MassOrganisation, Class::Union],
            Self::ForensicAppraisal => &[Class::ForensicAppraisal],
            Self::ReligiousBody => &[Class::Religion],
            Self::NotaryOffice => &[Class::Notary],
            Self::CollectiveEconomy => &[
                Class::RuralCollective,
                Class::Enterprise,
                Class::OtherCivilAffairs,
            ],
            Self::ArbitrationBody => &[Class::Arbitration, Class::PublicInstitution],
            // Hospitals are public institutions, enterprises or private bodies; overseas bodies have
            // no class of their own.
            Self::MedicalInstitution | Self::OverseasBody => return None,
        };
        let tells_nothing = matches!(class, Class::OtherEstablishment | Class::Other);
        (!tells_nothing).then(|| expected.contains(&class))
    }
}

/// A set of natures that a rule or a bureau speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Natures {
    /// Every nature.
    #[default]
    All,
    /// Individuals.
    Individuals,
    /// All but individuals.
    Organisations,
    /// Enterprises.
    Enterprises,
    /// Government and public institutions (机关、事业单位).
    PublicBodies,
}

impl Natures {
    /// Whether a nature is one of them.
    pub fn contain(self, nature: Nature) -> bool {
        match self {
            Self::All => true,
            Self::Individuals => nature == Nature::Individual,
            Self::Organisations => nature != Nature::Individual,
            Self::Enterprises => nature == Nature::Enterprise,
            Self::PublicBodies => {
                matches!(nature, Nature::Government | Nature::PublicInstitution)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_nature_has_its_own_code() {
        for nature in Nature::ALL {
            assert_eq!(Nature::by_code(nature.code()), Some(nature));
        }
        assert!(Nature::ALL.is_sorted_by_key(|nature| nature.code()));
        assert_eq!(Nature::by_code(7), None);
    }

    #[test]
    fn a_class_fits_a_nature_does_not_or_tells_nothing() {
        let fits = |nature: Nature, class| nature.fits(class);
        assert_eq!(
            fits(Nature::Enterprise, CreditClass::SoleTrader),
            Some(true)
        );
        assert_eq!(
            fits(Nature::Enterprise, CreditClass::Foundation),
            Some(false)
        );
        assert_eq!(
            fits(Nature::Individual, CreditClass::Enterprise),
            Some(false)
        );
        assert_eq!(
            fits(Nature::MedicalInstitution, CreditClass::Enterprise),
            None
        );
        assert_eq!(fits(Nature::Government, CreditClass::Other), None);
    }
}
