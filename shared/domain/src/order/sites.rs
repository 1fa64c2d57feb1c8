//! Which sites an order is about, as lists name them.

use super::TypedDraft;
use crate::filing::Filing;
use crate::identifiers::DomainName;
use crate::ids::ServiceId;

impl TypedDraft {
    /// The sites that the draft names, each by its first domain: as typed, or as filed where only the site is named.
    /// What is no domain name yet is left out.
    pub fn sites(&self, filing: &Filing) -> Vec<DomainName> {
        let sites = self.services.iter().filter_map(|typed| {
            let mut domains = typed.domains.iter();
            let as_typed = domains.find_map(|domain| DomainName::parse(domain).ok());
            as_typed.or_else(|| {
                let filed = filing.services.get(&typed.id.parse::<ServiceId>().ok()?)?;
                filed.details.domains.first().cloned()
            })
        });
        sites.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::TypedService;
    use crate::rules::testing::Scene;

    use super::*;

    #[test]
    fn a_site_is_named_as_it_is_typed_and_else_as_it_is_filed() {
        let filing = Scene::default().filing;
        let filed = &filing.services.values().next().unwrap().details.domains;
        let service = |id: &str, domains: &[&str]| TypedService {
            id: id.to_owned(),
            domains: domains.iter().map(|&domain| domain.to_owned()).collect(),
            ..TypedService::default()
        };
        let draft = TypedDraft {
            services: vec![
                service("1", &[]),
                service("new", &["", "no domain", "new.cn", "other.cn"]),
                service("begun", &[""]),
            ],
            ..TypedDraft::default()
        };
        let sites = draft.sites(&filing);
        let sites: Vec<&str> = sites.iter().map(DomainName::as_str).collect();
        let first = filed.first().unwrap();
        assert_eq!(sites, [first.as_str(), "new.cn"]);
    }
}
