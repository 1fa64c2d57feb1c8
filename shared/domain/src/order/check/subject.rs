//! What is demanded of the subject.

use super::{Desk, cited, demand, of_source};
use crate::filing::{Certificate, Nature};
use crate::rulebook::Known;
use crate::rulebook::provinces::demands::PrincipalRule;

/// A token that stands for no place, and that several bureaus refuse in an address.
///
/// Source: dossier 1.2, postal address.
const NO_PLACE: &str = "市辖区";

/// What a credit code given out by a department of the state as a whole begins its region with.
///
/// Source: GB 32100-2015 with GB/T 2260: 100000 is the country.
const WHOLE_COUNTRY: &str = "10";

impl Desk<'_> {
    pub(super) fn subject(&mut self) {
        self.province_is_known();
        self.certificate();
        self.addresses();
        self.representative();
        self.individual();
    }

    fn province_is_known(&mut self) {
        if self.province.is_none() && !self.typed.subject.province.trim().is_empty() {
            self.refuse(
                "/subject/province",
                demand(
                    "province-unknown",
                    "备案省份须为31个省级行政区划代码之一",
                    "the province is one of the 31 two-digit codes",
                    cited::REGIONS,
                ),
            );
        }
    }

    /// Source: dossier 1.7 (which certificates a nature may file by).
    fn certificate(&mut self) {
        let (Some(nature), Some(certificate)) = (self.nature, &self.parts.certificate) else {
            return;
        };
        let by_person = certificate.is_of_person();
        if (nature == Nature::Individual) != by_person {
            self.refuse(
                "/subject/certificate/kind",
                demand(
                    "certificate-not-of-nature",
                    "证件类型与主办单位性质不符",
                    "the kind of certificate does not fit the nature of the subject",
                    cited::MATERIALS,
                ),
            );
        }
        match certificate {
            Certificate::RegistrationNumber(_) | Certificate::OrganisationCode(_)
                if nature == Nature::Enterprise =>
            {
                self.refuse(
                    "/subject/certificate",
                    demand(
                        "certificate-not-merged",
                        "企业须使用统一社会信用代码",
                        "an enterprise files by its unified social credit code",
                        cited::AUDIT,
                    ),
                );
            }
            Certificate::CreditCode(code) => {
                if nature.fits(code.class()) == Some(false) {
                    self.warn(
                        "/subject/certificate/number",
                        demand(
                            "credit-class-not-of-nature",
                            "统一社会信用代码的机构类别与主办单位性质不符，请核对",
                            "the class of the credit code does not fit the nature; compare both",
                            cited::CREDIT_CODES,
                        ),
                    );
                }
                let region = code.region().get(..2).unwrap_or_default();
                let province = self.province.map(|province| province.code.as_str());
                if region != WHOLE_COUNTRY && province.is_some_and(|province| province != region) {
                    self.warn(
                        "/subject/province",
                        demand(
                            "province-not-of-certificate",
                            "备案省份与证件登记地不同，单位须在证件所在省备案",
                            "the certificate was given out in another province; a unit files in its certificate's",
                            cited::PROVINCES,
                        ),
                    );
                }
            }
            Certificate::RegistrationNumber(_)
            | Certificate::OrganisationCode(_)
            | Certificate::ResidentId(_)
            | Certificate::Passport(_)
            | Certificate::HongKongMacaoPermit(_)
            | Certificate::TaiwanPermit(_)
            | Certificate::PermanentResidentId(_) => {}
        }
    }

    fn addresses(&mut self) {
        let typed = &self.typed.subject;
        if typed.postal_address.reveal().contains(NO_PLACE) {
            self.warn(
                "/subject/postalAddress",
                demand(
                    "address-without-place",
                    "通信地址不应含“市辖区”，须写到门牌号",
                    "an address does not say 市辖区, and goes down to the door number",
                    cited::ADDRESS,
                ),
            );
        }
        if let Some(clause) = self
            .clause(|demands| &demands.same_city)
            .filter(|clause| clause.is)
        {
            self.warn(
                "/subject/postalAddress",
                of_source(
                    "address-in-certificates-city",
                    "通信地址须与证件住所在同一城市",
                    "the postal address lies in the certificate's city",
                    &clause.source,
                ),
            );
        }
    }

    /// Who may be the principal, by the province's rule.
    fn representative(&mut self) {
        let organisation = self
            .nature
            .is_some_and(|nature| nature != Nature::Individual);
        let Some(clause) = self
            .clause(|demands| &demands.principal)
            .filter(|_| organisation)
        else {
            return;
        };
        let (zh, en) = match clause.is {
            PrincipalRule::LegalRepresentative => (
                "主体负责人须为法定代表人",
                "the subject's principal is the legal representative",
            ),
            PrincipalRule::LegalRepresentativeWithExceptions => (
                "主体负责人须为法定代表人，特殊情形除外",
                "the subject's principal is the legal representative, but for exceptions",
            ),
            PrincipalRule::RecommendedLegalRepresentative => (
                "建议主体负责人为法定代表人",
                "the subject's principal is best the legal representative",
            ),
            PrincipalRule::OtherPersonWithLetter
            | PrincipalRule::OtherPerson
            | PrincipalRule::Conflicting => return,
        };
        let demand = of_source("principal-not-representative", zh, en, &clause.source);
        let by = self.parts.subject_by_representative();
        match (clause.is, by) {
            (_, Known::Yes) => {}
            // A principal whom the bureau accepted once is no reason to refuse another change.
            (PrincipalRule::LegalRepresentative, Known::No) if !self.principal_stays() => {
                self.refuse("/subject/principal", demand);
            }
            (_, Known::No) => self.warn("/subject/principal", demand),
            (_, Known::Unknown) => self.warn("/subject/legalRepresentative", demand),
        }
    }

    /// Whether the subject's principal is the one that is filed.
    pub(super) fn principal_stays(&self) -> bool {
        let filed = self.against.filing.subject.details.as_ref();
        let filed = filed.and_then(|details| self.against.filing.persons.get(&details.principal));
        let now = self.parts.subject_principal();
        filed.is_some_and(|filed| now.is_some_and(|now| now.identity == filed.details.identity))
    }

    /// An individual files for oneself.
    fn individual(&mut self) {
        if self.nature != Some(Nature::Individual) {
            return;
        }
        let certificate = self.parts.certificate.as_ref();
        let (Some(certificate), Some(principal)) = (
            certificate.filter(|certificate| certificate.is_of_person()),
            self.parts.subject_principal(),
        ) else {
            return;
        };
        if certificate.number() != principal.identity.number() {
            self.refuse(
                "/subject/principal",
                demand(
                    "individual-is-principal",
                    "个人备案的主体负责人须为本人",
                    "the principal of an individual's filing is the individual",
                    cited::MATERIALS,
                ),
            );
        }
    }
}
