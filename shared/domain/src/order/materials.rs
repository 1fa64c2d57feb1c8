//! Which materials an order brings, by kind, nature, province and what the draft says.

use super::OrderKind;
use crate::filing::{MaterialKind, Nature, Regime};
use crate::rulebook::provinces::Demands;
use crate::rulebook::provinces::demands::{Clause, Clauses, IndividualId};
use crate::rulebook::{Known, Source};

/// What decides which materials an order brings.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The wish.
    pub kind: OrderKind,
    /// The subject's nature.
    pub nature: Nature,
    /// The regime of verification in force.
    pub regime: Regime,
    /// What the province demands; `None` where the province is not known.
    pub demands: Option<&'a Demands>,
    /// Domains of the order's services.
    pub domains: u32,
    /// Sites of the subject, those of the order included.
    pub sites: u32,
    /// Whether the subject's principal is its legal representative.
    pub subject_by_representative: Known,
    /// Whether every service's principal is.
    pub services_by_representative: Known,
    /// Whether the individual's ID is of the province.
    pub local_id: Known,
    /// Whether the subject's name changes.
    pub renamed: bool,
}

/// A material that an order brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demanded {
    /// What it is.
    pub kind: MaterialKind,
    /// Whether the order surely brings it; else it hangs on what nobody said.
    pub certain: bool,
    /// Who says so.
    pub source: Source,
}

/// Where the materials of every filing are demanded.
const EVERY_FILING: &str = "工信部电管〔2010〕64号";

/// Every material that the case demands.
pub fn demanded(case: &Case<'_>) -> Vec<Demanded> {
    let mut found = Vec::new();
    match case.kind {
        OrderKind::FirstFiling | OrderKind::AddSite | OrderKind::AddAccess | OrderKind::Change => {}
        // What ends is verified by the bureau's SMS alone.
        OrderKind::DeregisterSite | OrderKind::DeregisterSubject | OrderKind::CancelAccess => {
            return found;
        }
    }
    found.extend(case.regime.demanded().iter().map(|kind| Demanded {
        kind: *kind,
        certain: true,
        source: Source {
            title: EVERY_FILING.to_owned(),
            as_of: None,
        },
    }));
    if let Some(demands) = case.demands {
        case.of_province(demands, &mut found);
    }
    found
}

impl Case<'_> {
    fn of_province(&self, demands: &Demands, found: &mut Vec<Demanded>) {
        use MaterialKind as Kind;
        let other_person = |by: Known| match by {
            Known::Yes => None,
            Known::No => Some(true),
            Known::Unknown => Some(false),
        };
        let mut add = |kind, certain: Option<bool>, source: Option<&Source>| {
            if let (Some(certain), Some(source)) = (certain, source) {
                found.push(Demanded {
                    kind,
                    certain,
                    source: source.clone(),
                });
            }
        };
        let new_number = self.kind.gives_number();
        let certificate = self.clause(&demands.domain_certificate_from);
        let from = certificate.filter(|clause| new_number && clause.is <= self.domains);
        add(
            Kind::DomainCertificate,
            Some(true),
            from.map(|clause| &clause.source),
        );
        let plan = self.clause(&demands.plan_from_sites);
        let plan = plan.filter(|clause| new_number && clause.is <= self.sites);
        add(
            Kind::ConstructionPlan,
            // Some bureaus ask for a plan, others for a statement: the clause's prose says which.
            Some(false),
            plan.map(|clause| &clause.source),
        );
        for (kind, clauses, by) in [
            (
                Kind::SubjectLetter,
                &demands.subject_letter,
                self.subject_by_representative,
            ),
            (
                Kind::ServiceLetter,
                &demands.service_letter,
                self.services_by_representative,
            ),
        ] {
            if self.nature != Nature::Individual {
                add(kind, other_person(by), self.source(clauses));
            }
        }
        if self.nature == Nature::Individual {
            let lives_here = self.clause(&demands.individual_id);
            let proves = lives_here
                .filter(|clause| clause.is == IndividualId::LocalOrResidenceProof)
                .map(|clause| &clause.source)
                .or_else(|| self.source(&demands.residence_proof));
            add(Kind::ResidenceProof, other_person(self.local_id), proves);
        }
        add(
            Kind::PartyBuildingLetter,
            Some(true),
            self.source(&demands.party_building_letter),
        );
        let renames = self.source(&demands.rename_letter);
        add(
            Kind::RenameLetter,
            Some(true),
            renames.filter(|_| self.renamed),
        );
    }

    fn clause<'d, T>(&self, clauses: &'d Clauses<T>) -> Option<&'d Clause<T>> {
        clauses.for_order(self.kind, self.nature)
    }

    fn source<'d>(&self, clauses: &'d Clauses<bool>) -> Option<&'d Source> {
        self.clause(clauses)
            .filter(|clause| clause.is)
            .map(|clause| &clause.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rulebook;

    fn case(kind: OrderKind, nature: Nature) -> Case<'static> {
        Case {
            kind,
            nature,
            regime: Regime::Electronic,
            demands: None,
            domains: 1,
            sites: 1,
            subject_by_representative: Known::Yes,
            services_by_representative: Known::Yes,
            local_id: Known::Yes,
            renamed: false,
        }
    }

    /// What a province adds to what every filing brings; `?` hangs on what nobody said.
    fn added(prefix: char, case: &Case<'_>) -> Vec<String> {
        let provinces = Rulebook::shipped().unwrap().provinces;
        let case = Case {
            demands: Some(&provinces.by_prefix(prefix).unwrap().demands),
            ..*case
        };
        demanded(&case)
            .iter()
            .skip(MaterialKind::DEMANDED.len())
            .map(|found| format!("{:?}{}", found.kind, if found.certain { "" } else { "?" }))
            .collect()
    }

    #[test]
    fn what_provinces_add_to_what_every_filing_brings() {
        let unit = case(OrderKind::FirstFiling, Nature::Enterprise);
        let person = case(OrderKind::FirstFiling, Nature::Individual);
        let none: [&str; 0] = [];
        assert_eq!(added('京', &unit), none);
        assert_eq!(added('苏', &unit), ["DomainCertificate"]);
        let access = case(OrderKind::AddAccess, Nature::Enterprise);
        assert_eq!(added('苏', &access), none, "nothing new is numbered");
        let five = Case { domains: 5, ..unit };
        assert_eq!(added('陕', &unit), none);
        assert_eq!(added('陕', &five), ["DomainCertificate"]);
        let other = Case {
            subject_by_representative: Known::No,
            services_by_representative: Known::Unknown,
            ..unit
        };
        assert_eq!(added('蜀', &other), ["SubjectLetter", "ServiceLetter?"]);
        let away = Case {
            local_id: Known::No,
            ..person
        };
        assert_eq!(added('沪', &away), ["ResidenceProof"]);
        assert_eq!(added('沪', &person), none);
        assert_eq!(added('藏', &unit), ["PartyBuildingLetter"]);
        let many = Case { sites: 30, ..unit };
        assert_eq!(added('沪', &many), ["ConstructionPlan?"]);
        let renamed = Case {
            kind: OrderKind::Change,
            renamed: true,
            ..unit
        };
        assert_eq!(added('滇', &renamed), ["RenameLetter"]);
    }

    #[test]
    fn a_photo_belongs_to_the_verification_face_to_face_and_nothing_to_an_end() {
        let mut old = case(OrderKind::FirstFiling, Nature::Enterprise);
        old.regime = Regime::FaceToFace;
        let kinds: Vec<MaterialKind> = demanded(&old).iter().map(|found| found.kind).collect();
        assert_eq!(kinds, Regime::FaceToFace.demanded());
        for kind in [
            OrderKind::DeregisterSite,
            OrderKind::DeregisterSubject,
            OrderKind::CancelAccess,
        ] {
            assert_eq!(demanded(&case(kind, Nature::Enterprise)), []);
        }
    }
}
