//! Kinds of material, and the regime of verification that they come from.

use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Text;

/// What a material proves. Source: dossier 1.10.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum MaterialKind {
    /// 主办单位证件: the subject's certificate.
    SubjectCertificate,
    /// 负责人身份证件: the principals' identity documents.
    PrincipalIdentity,
    /// 真实性核验单（或电子化核验）: the verification form or its electronic successor.
    VerificationForm,
    /// 当面核验照: the photo taken at the verification.
    Portrait,
    /// 域名证书: the domain certificate.
    DomainCertificate,
    /// 主体负责人授权书: a letter that authorises the subject's principal.
    SubjectLetter,
    /// 网站负责人授权书: a letter that authorises the service's principal.
    ServiceLetter,
    /// 居住证明: a proof of residence.
    ResidenceProof,
    /// 网站建设方案书: a construction plan.
    ConstructionPlan,
    /// 党建确认函: the party-building confirmation.
    PartyBuildingLetter,
    /// 更名函: the rename letter.
    RenameLetter,
    /// 前置审批文件: the pre-approval file.
    PreApproval,
}

impl MaterialKind {
    /// What every filing must bring, whatever its regime.
    ///
    /// Source: 工信部电管〔2010〕64号 (materials kept together) as restated in the dossier 1.10.
    pub const DEMANDED: [Self; 3] = [
        Self::SubjectCertificate,
        Self::PrincipalIdentity,
        Self::VerificationForm,
    ];

    /// Whether it is made for one order and proves nothing of the next.
    ///
    /// Source: 工信部电管〔2010〕64号: each filing is verified by itself.
    pub fn is_of_one_order(self) -> bool {
        match self {
            Self::VerificationForm | Self::Portrait => true,
            Self::SubjectCertificate
            | Self::PrincipalIdentity
            | Self::DomainCertificate
            | Self::SubjectLetter
            | Self::ServiceLetter
            | Self::ResidenceProof
            | Self::ConstructionPlan
            | Self::PartyBuildingLetter
            | Self::RenameLetter
            | Self::PreApproval => false,
        }
    }

    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::SubjectCertificate,
        Self::PrincipalIdentity,
        Self::VerificationForm,
        Self::Portrait,
        Self::DomainCertificate,
        Self::SubjectLetter,
        Self::ServiceLetter,
        Self::ResidenceProof,
        Self::ConstructionPlan,
        Self::PartyBuildingLetter,
        Self::RenameLetter,
        Self::PreApproval,
    ];

    /// Its name, for people.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Self::SubjectCertificate => ("主办单位证件", "the subject's certificate"),
            Self::PrincipalIdentity => ("负责人身份证件", "the principals' identity documents"),
            Self::VerificationForm => (
                "真实性核验单（或电子化核验）",
                "the verification form or its electronic successor",
            ),
            Self::Portrait => ("当面核验照", "the photo taken at the verification"),
            Self::DomainCertificate => ("域名证书", "the domain certificate"),
            Self::SubjectLetter => (
                "主体负责人授权书",
                "a letter that authorises the subject's principal",
            ),
            Self::ServiceLetter => (
                "网站负责人授权书",
                "a letter that authorises the service's principal",
            ),
            Self::ResidenceProof => ("居住证明", "a proof of residence"),
            Self::ConstructionPlan => ("网站建设方案书", "a construction plan"),
            Self::PartyBuildingLetter => ("党建确认函", "the party-building confirmation"),
            Self::RenameLetter => ("更名函", "the rename letter"),
            Self::PreApproval => ("前置审批文件", "the pre-approval file"),
        };
        Text::new(zh, en)
    }
}

/// How truth was verified when a filing was approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Regime {
    /// Before anybody had to verify: nothing is known to have been brought.
    Before,
    /// Face to face: a form in two copies and a photo before the provider's curtain.
    FaceToFace,
    /// Either of the two others: provinces changed over one by one.
    Changing,
    /// Electronic: identity and face are compared by video.
    Electronic,
}

/// First day of the verification face to face.
///
/// Source: 工信部电管〔2010〕64号, of February 2010; the end of its month is taken.
const FACE_TO_FACE_SINCE: Date = date(2010, 3, 1);

/// First day from which a province may have verified electronically.
///
/// Source: chosen here, early enough that nobody is asked for a photo that was not taken any more.
const CHANGING_SINCE: Date = date(2018, 1, 1);

/// First day on which a source describes the electronic verification as the rule.
///
/// Source: Tencent Cloud, 接入备案 243/37403, snapshot 2021-04-11.
const ELECTRONIC_SINCE: Date = date(2021, 4, 11);

impl Regime {
    /// The regime of a filing that was approved on a day.
    pub fn on(approved: Date) -> Self {
        if approved < FACE_TO_FACE_SINCE {
            Self::Before
        } else if approved < CHANGING_SINCE {
            Self::FaceToFace
        } else if approved < ELECTRONIC_SINCE {
            Self::Changing
        } else {
            Self::Electronic
        }
    }

    /// What every filing of the regime must bring.
    pub fn demanded(self) -> &'static [MaterialKind] {
        use MaterialKind as Kind;
        match self {
            Self::Before => &[],
            Self::FaceToFace => &[
                Kind::SubjectCertificate,
                Kind::PrincipalIdentity,
                Kind::VerificationForm,
                Kind::Portrait,
            ],
            Self::Changing | Self::Electronic => &MaterialKind::DEMANDED,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_regime_is_that_of_the_approval() {
        assert_eq!(Regime::on(date(2010, 2, 28)), Regime::Before);
        assert_eq!(Regime::on(date(2017, 12, 31)), Regime::FaceToFace);
        assert_eq!(Regime::on(date(2021, 4, 10)), Regime::Changing);
        assert_eq!(Regime::on(date(2021, 4, 11)), Regime::Electronic);
        assert!(
            Regime::FaceToFace
                .demanded()
                .contains(&MaterialKind::Portrait)
        );
        assert!(
            !Regime::Electronic
                .demanded()
                .contains(&MaterialKind::Portrait)
        );
    }
}
