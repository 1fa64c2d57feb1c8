//! What a look at a unit looks up.

use crate::filing::{ServiceDetails, ServiceKind};
use crate::identifiers::DomainName;
use crate::ids::VantageId;
use crate::look::{PagePlan, Plan};
use crate::registration::{AcceptedHolders, RegistrationPlan};

/// Most names that one look asks for.
///
/// Source: behaviour of this service, part 3 (apex, `www`, home URL and every declared name).
pub const MOST_NAMES: usize = 20;

impl Plan {
    /// A plan that looks up nothing: for a unit that only its rows speak for.
    pub fn of_rows(vantage: VantageId) -> Self {
        Self {
            vantage,
            names: Vec::new(),
            home_page: None,
            registrations: None,
            txt: None,
        }
    }

    /// The plan for a service's holder clock: the registrations of its domains.
    pub fn of_registrations(
        service: &ServiceDetails,
        holders: AcceptedHolders,
        vantage: VantageId,
    ) -> Self {
        let domains = service.domains.iter().take(MOST_NAMES);
        Self {
            registrations: Some(RegistrationPlan {
                domains: domains.cloned().collect(),
                holders,
            }),
            ..Self::of_rows(vantage)
        }
    }

    /// The plan for a service: each domain with its `www`, the home page's host, and the page. An App has none to
    /// look at but the one that it declares.
    pub fn of_service(service: &ServiceDetails, vantage: VantageId) -> Self {
        let mut names: Vec<DomainName> = Vec::new();
        for domain in &service.domains {
            names.push(domain.clone());
            names.extend(DomainName::parse(&format!("www.{domain}")).ok());
        }
        let host = service
            .home_page
            .as_deref()
            .and_then(|page| url::Url::parse(page).ok());
        let host = host.as_ref().and_then(url::Url::host_str);
        names.extend(host.and_then(|host| DomainName::parse(host).ok()));
        let mut seen = std::collections::BTreeSet::new();
        names.retain(|name| seen.insert(name.clone()));
        names.truncate(MOST_NAMES);
        let undeclared =
            (service.kind == ServiceKind::Site && !names.is_empty()).then_some(PagePlan::Root);
        Self {
            vantage,
            names,
            home_page: service
                .home_page
                .clone()
                .map(PagePlan::Declared)
                .or(undeclared),
            registrations: None,
            txt: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_without_a_declared_home_page_is_looked_at_where_it_begins() {
        for (kind, domains, expected) in [
            ("site", r#"["example.cn"]"#, Some(PagePlan::Root)),
            ("site", "[]", None),
            ("app", r#"["example.cn"]"#, None),
        ] {
            let service = format!(
                r#"{{"kind":"{kind}","name":"示例","domains":{domains},"principal":"p1"}}"#
            );
            let service: ServiceDetails = serde_json::from_str(&service).unwrap();
            let plan = Plan::of_service(&service, "v1".parse().unwrap());
            assert_eq!(plan.home_page, expected, "{kind} {domains}");
        }
    }

    #[test]
    fn a_plan_asks_for_each_name_once() {
        let service: ServiceDetails = serde_json::from_str(
            r#"{"name":"示例","domains":["example.cn","example.com"],"homePage":"https://www.example.cn/","principal":"p1"}"#,
        )
        .unwrap();
        let plan = Plan::of_service(&service, "v1".parse().unwrap());
        let names: Vec<&str> = plan.names.iter().map(DomainName::as_str).collect();
        assert_eq!(
            names,
            [
                "example.cn",
                "www.example.cn",
                "example.com",
                "www.example.com"
            ]
        );
    }
}
