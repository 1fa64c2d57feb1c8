//! What a bureau demands of filings beside access before change, one list of clauses a question.
//!
//! **Invariant:** a demand is an enum or a number that a rule may read; the prose that it was read
//! from stands beside it and is for people. What no clause says is unknown, and never held against
//! a filer.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;

use super::super::fault::RulebookFault;
use super::super::source::{Source, Sources};
use crate::filing::{Nature, Natures};
use crate::order::OrderKind;

/// One thing a bureau says, of whom, for which orders, since when, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause<T> {
    /// What is demanded.
    pub is: T,
    /// For which orders; `None` for every order and for filings as they stand.
    pub orders: Option<BTreeSet<OrderKind>>,
    /// Of whom.
    pub of: Natures,
    /// From when on, where the bureau says so.
    pub since: Option<Date>,
    /// The prose that it was read from.
    pub says: String,
    /// Where.
    pub source: Source,
}

impl<T> Clause<T> {
    /// The first day of which the demand is known: the bureau's own, or that of the source.
    pub fn known_since(&self) -> Option<Date> {
        self.since.or(self.source.as_of)
    }

    /// Whether a filing that was approved on a day is bound by it. A demand that is younger, or of
    /// which no day is known, does not break what was approved before.
    pub fn binds(&self, approved: Date) -> bool {
        self.known_since().is_some_and(|since| since <= approved)
    }
}

/// Clauses on one question; the first that fits a case holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clauses<T>(Vec<Clause<T>>);

impl<T> Default for Clauses<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Clauses<T> {
    /// What holds for an order of a subject's nature; `None` is unknown.
    pub fn for_order(&self, order: OrderKind, nature: Nature) -> Option<&Clause<T>> {
        self.0.iter().find(|clause| {
            let orders = clause.orders.as_ref();
            orders.is_none_or(|orders| orders.contains(&order)) && clause.of.contain(nature)
        })
    }

    /// What holds for a filing as it stands; `None` is unknown.
    pub fn for_filing(&self, nature: Nature) -> Option<&Clause<T>> {
        self.0
            .iter()
            .find(|clause| clause.orders.is_none() && clause.of.contain(nature))
    }

    /// Every clause, in the file's order.
    pub fn iter(&self) -> impl Iterator<Item = &Clause<T>> {
        self.0.iter()
    }
}

/// Who may be the subject's principal (主体负责人).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrincipalRule {
    /// The legal representative only.
    LegalRepresentative,
    /// The legal representative, but for named exceptions.
    LegalRepresentativeWithExceptions,
    /// The legal representative is recommended.
    RecommendedLegalRepresentative,
    /// Another person with a letter of authorisation.
    OtherPersonWithLetter,
    /// Another person.
    OtherPerson,
    /// The sources contradict each other.
    Conflicting,
}

/// Whom the domain must belong to (域名持有者).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HolderRule {
    /// The unit itself.
    UnitOnly,
    /// The unit or its legal representative.
    UnitOrLegalRepresentative,
    /// The unit, or its legal representative with a mandate.
    UnitOrLegalRepresentativeWithMandate,
    /// The sources contradict each other.
    Conflicting,
}

/// Whether a filed site must be open to visitors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SiteState {
    /// Always, with its number.
    MustBeOpen,
    /// While an order of the subject is reviewed.
    MustBeOpenForOrders,
    /// It may be closed.
    MayBeClosed,
    /// Open or closed as the filer likes.
    Unrestricted,
}

/// How a site shows its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NumberShown {
    /// It shows it.
    Shown,
    /// It shows it, with a link to the ministry's system.
    ShownAndLinked,
}

/// Whether something is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asked {
    /// It must be so.
    Required,
    /// It is recommended.
    Recommended,
    /// It need not be so.
    NotRequired,
    /// The sources contradict each other.
    Conflicting,
}

/// Which identity an individual of the province files by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IndividualId {
    /// An ID of the province.
    Local,
    /// An ID of the province, or another with a proof of residence.
    LocalOrResidenceProof,
    /// Any.
    Anywhere,
    /// The sources contradict each other.
    Conflicting,
}

/// The age of a principal, in full years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Age {
    /// From which no proof is asked.
    pub years: i16,
    /// From which a person is accepted with a guardian, an employment or an income.
    pub with_proof_from: Option<i16>,
}

impl Age {
    /// The lowest age that is accepted at all.
    pub fn lowest(self) -> i16 {
        self.with_proof_from.unwrap_or(self.years)
    }
}

/// What no other subject may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unique {
    /// The mobile number.
    Mobile,
    /// The identity number.
    Identity,
}

/// Which home pages a site files (首页网址).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HomeUrls {
    /// One per site.
    One,
    /// One per domain.
    OnePerDomain,
}

/// A clause as the file writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written<T> {
    is: T,
    source: String,
    says: String,
    orders: Option<BTreeSet<OrderKind>>,
    #[serde(default)]
    of: Natures,
    since: Option<Date>,
}

fn resolved<T>(
    written: Vec<Written<T>>,
    sources: &Sources<'_>,
    path: &str,
) -> Result<Clauses<T>, RulebookFault> {
    let clause = |(at, written): (usize, Written<T>)| {
        Ok(Clause {
            is: written.is,
            orders: written.orders,
            of: written.of,
            since: written.since,
            says: written.says,
            source: sources.named(&written.source, &format!("{path}/{at}"))?,
        })
    };
    let clauses: Result<_, RulebookFault> = written.into_iter().enumerate().map(clause).collect();
    Ok(Clauses(clauses?))
}

/// The questions, each with the type of its answers and its name in the file.
macro_rules! demands {
    ($($(#[$doc:meta])* $field:ident ($name:literal): $answer:ty;)+) => {
        /// Everything a bureau demands beside access before change.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct Demands {
            $($(#[$doc])* pub $field: Clauses<$answer>,)+
        }

        /// As the file writes it. A question that is left out is unknown.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct WrittenDemands {
            $(#[serde(rename = $name, default = "Vec::new")] $field: Vec<Written<$answer>>,)+
        }

        impl WrittenDemands {
            pub(super) fn resolved(
                self,
                sources: &Sources<'_>,
                path: &str,
            ) -> Result<Demands, RulebookFault> {
                Ok(Demands {
                    $($field: resolved(self.$field, sources, &format!("{path}/{}", $name))?,)+
                })
            }
        }
    };
}

demands! {
    /// Who may be the subject's principal.
    principal ("principal"): PrincipalRule;
    /// Where the subject's principal is another person: whether the service's is the same.
    principals_are_one ("principalsAreOne"): bool;
    /// Whom the domain must belong to.
    domain_holder ("domainHolder"): HolderRule;
    /// Whether a filed site must be open.
    site_open ("siteOpen"): SiteState;
    /// How a site shows its number.
    number_shown ("numberShown"): NumberShown;
    /// Whether mobiles are of the province.
    local_mobile ("localMobile"): Asked;
    /// Whether landlines are of the province.
    local_landline ("localLandline"): Asked;
    /// Different mobiles in a filing, at least.
    distinct_mobiles ("distinctMobiles"): u32;
    /// Which identity an individual files by.
    individual_id ("individualId"): IndividualId;
    /// Age of a principal.
    age ("age"): Age;
    /// What no other subject may use.
    unique_across_subjects ("uniqueAcrossSubjects"): BTreeSet<Unique>;
    /// Months for which a domain must still be registered.
    domain_validity_months ("domainValidityMonths"): u32;
    /// Months for which an identity document must still be valid.
    identity_validity_months ("identityValidityMonths"): u32;
    /// Months for which the subject's certificate must still be valid.
    certificate_validity_months ("certificateValidityMonths"): u32;
    /// Domains of one site, at most.
    domains_per_site ("domainsPerSite"): u32;
    /// Sites of one order, at most.
    sites_per_order ("sitesPerOrder"): u32;
    /// New domains of one order, at most.
    domains_per_order ("domainsPerOrder"): u32;
    /// Sites of one subject, at most.
    sites_per_subject ("sitesPerSubject"): u32;
    /// Sites of a subject from which a construction plan or explanation is a material.
    plan_from_sites ("planFromSites"): u32;
    /// Domains from which the domain certificate is a material.
    domain_certificate_from ("domainCertificateFrom"): u32;
    /// Whether a subject's principal other than the legal representative brings a letter.
    subject_letter ("subjectLetter"): bool;
    /// Whether a service's principal other than the legal representative brings a letter.
    service_letter ("serviceLetter"): bool;
    /// Whether an individual with another province's ID brings a proof of residence.
    residence_proof ("residenceProof"): bool;
    /// Whether the party-building confirmation (党建确认) is a material.
    party_building_letter ("partyBuildingLetter"): bool;
    /// Whether a changed name brings the rename letter (更名函).
    rename_letter ("renameLetter"): bool;
    /// Whether the postal address lies in the certificate's city.
    same_city ("sameCity"): bool;
    /// Whether a site's name may not be all Latin letters.
    site_name_not_latin ("siteNameNotLatin"): bool;
    /// Whether the content type 其他 is refused.
    other_content_refused ("otherContentRefused"): bool;
    /// Which home pages a site files.
    home_urls ("homeUrls"): HomeUrls;
    /// Whether the names lead to the filed addresses and to no other of the provider's.
    address_as_filed ("addressAsFiled"): bool;
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::Rulebook;

    fn demands(prefix: char) -> Demands {
        let provinces = Rulebook::shipped().unwrap().provinces;
        provinces.by_prefix(prefix).unwrap().demands.clone()
    }

    #[test]
    fn a_demand_is_told_per_order_and_nature() {
        let guangdong = demands('粤').principal;
        let of = |order, nature| guangdong.for_order(order, nature).map(|clause| clause.is);
        assert_eq!(
            of(OrderKind::FirstFiling, Nature::Enterprise),
            Some(PrincipalRule::LegalRepresentative)
        );
        assert_eq!(
            of(OrderKind::Change, Nature::Enterprise),
            Some(PrincipalRule::RecommendedLegalRepresentative)
        );
        assert_eq!(of(OrderKind::Change, Nature::Individual), None, "unknown");
        assert_eq!(guangdong.for_filing(Nature::Enterprise), None);
    }

    #[test]
    fn a_demand_does_not_bind_what_was_approved_before_it_was_known() {
        let henan = demands('豫').domains_per_site;
        let clause = henan.for_filing(Nature::Enterprise).unwrap();
        assert_eq!(clause.known_since(), Some(date(2021, 4, 11)));
        assert!(!clause.binds(date(2021, 4, 10)));
        assert!(clause.binds(date(2021, 4, 11)));
    }

    #[test]
    fn every_clause_says_on_what_prose_it_rests_and_every_source_bears_a_day() {
        for province in Rulebook::shipped().unwrap().provinces.iter() {
            let ages: Vec<_> = province.demands.age.iter().collect();
            assert!(!ages.is_empty(), "{}", province.prefix);
            for clause in ages {
                assert!(!clause.says.is_empty() && clause.known_since().is_some());
                assert!(clause.is.lowest() <= clause.is.years);
            }
        }
    }

    #[test]
    fn what_each_kind_of_demand_is_shipped_with() {
        let provinces = Rulebook::shipped().unwrap().provinces;
        let holding = |test: fn(&Demands) -> bool| -> String {
            let rows = provinces.iter().filter(|row| test(&row.demands));
            rows.map(|row| row.prefix).collect()
        };
        let all = [
            (
                "one domain a site",
                holding(|d| d.domains_per_site.iter().any(|c| c.is == 1)),
            ),
            (
                "unit only",
                holding(|d| d.domain_holder.iter().any(|c| c.is == HolderRule::UnitOnly)),
            ),
            (
                "must be open",
                holding(|d| d.site_open.iter().any(|c| c.is == SiteState::MustBeOpen)),
            ),
            (
                "local ID",
                holding(|d| d.individual_id.iter().any(|c| c.is == IndividualId::Local)),
            ),
            (
                "party building",
                holding(|d| d.party_building_letter.iter().count() > 0),
            ),
            (
                "domain certificate always",
                holding(|d| d.domain_certificate_from.iter().any(|c| c.is == 1)),
            ),
            (
                "address as filed",
                holding(|d| d.address_as_filed.iter().any(|c| c.is)),
            ),
        ];
        let lines: Vec<String> = all
            .iter()
            .map(|(what, rows)| format!("{what}: {rows}"))
            .collect();
        expect_test::expect![[r#"
            one domain a site: 豫桂渝新
            unit only: 吉闽湘藏青宁新
            must be open: 赣豫湘桂渝
            local ID: 晋蒙黑豫桂滇陇青新
            party building: 藏新
            domain certificate always: 蒙苏湘渝黔
            address as filed: 湘
        "#]]
        .assert_eq(&(lines.join("\n") + "\n"));
    }
}
