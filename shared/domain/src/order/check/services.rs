//! What is demanded of each service: its name, home page and domains.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{Desk, cited, demand, of_source};
use crate::filing::{Nature, Natures, ServiceDetails};
use crate::identifiers::DomainName;
use crate::order::names;
use crate::rulebook::Known;
use crate::rulebook::provinces::demands::{HolderRule, SiteState};
use crate::rulebook::suffixes::SuffixStanding;

/// Top levels that public bodies use, in ASCII: .cn, .政务, .公益, .中国.
///
/// Source: 互联网政务应用安全管理规定, as restated by Huawei Cloud (dossier 1.12).
const PUBLIC_TOPS: [&str; 4] = ["cn", "xn--zfr164b", "xn--55qw42g", "xn--fiqs8s"];

impl Desk<'_> {
    pub(super) fn services(&mut self) {
        let mut seen: BTreeSet<&DomainName> = BTreeSet::new();
        let parts = self.parts;
        for (at, typed) in self.typed.services.iter().enumerate() {
            let Some(service) = parts.service(&typed.id) else {
                continue;
            };
            let field = |name: &str| format!("/services/{at}/{name}");
            let stays = self
                .before(&typed.id)
                .is_some_and(|before| before.name == service.name);
            if !stays {
                self.name(&field("name"), service);
            }
            self.home_page(&field("homePage"), service);
            self.domains_of_site(&field("domains"), &typed.id, service);
            self.addresses_of_site(&field("addresses"), service);
            for (index, domain) in service.domains.iter().enumerate() {
                let field = format!("/services/{at}/domains/{index}");
                if !seen.insert(domain) {
                    self.refuse(
                        &field,
                        demand(
                            "domain-repeated",
                            "同一域名不得重复填写",
                            "a domain stands in one service only",
                            cited::TYPES,
                        ),
                    );
                }
                self.domain(&field, &typed.id, domain);
            }
        }
        self.site_state();
        self.principals_are_one();
        self.of_new_domains();
    }

    fn name(&mut self, field: &str, service: &ServiceDetails) {
        let nature = self.nature.unwrap_or(Nature::Enterprise);
        let subject = self.typed.subject.name.reveal().trim();
        for (rule, text) in names::faults(&service.name, nature, subject, &service.domains) {
            let source = cited::NAMES;
            self.refuse(field, demand(rule, text.zh, text.en, source));
        }
    }

    fn home_page(&mut self, field: &str, service: &ServiceDetails) {
        let Some(page) = service.home_page.as_deref() else {
            return;
        };
        let fits = url::Url::parse(page).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.username().is_empty()
                && url.password().is_none()
                && url.port().is_none()
                && url
                    .host_str()
                    .and_then(|host| DomainName::parse(host).ok())
                    .is_some_and(|host| {
                        service
                            .domains
                            .iter()
                            .any(|domain| host.registrable() == *domain)
                    })
        });
        if !fits {
            self.refuse(
                field,
                demand(
                    "home-page-refused",
                    "首页网址须为本网站域名下的http或https地址，不含端口和用户名",
                    "the home page is an http or https address under one of the service's domains, without port or user",
                    cited::FORM,
                ),
            );
        }
    }

    /// The national rule of 2019: a new site has one domain; a site of several may only lose some.
    fn domains_of_site(&mut self, field: &str, id: &str, service: &ServiceDetails) {
        let before = self.before(id);
        let holds = match before {
            None => {
                let most = self.against.rulebook.policy.orders.domains_per_new_site;
                service.domains.len() <= most as usize
            }
            Some(before) => service
                .domains
                .iter()
                .all(|domain| before.domains.contains(domain)),
        };
        if !holds {
            self.refuse(
                field,
                demand(
                    "domains-of-site",
                    "新网站只能有一个域名；已备案网站不能增加或更换域名",
                    "a new site has one domain; a filed site cannot gain or change one",
                    cited::ONE_DOMAIN,
                ),
            );
        }
    }

    /// The address of a machine within its own network is what consoles show first; nobody reaches a site there.
    fn addresses_of_site(&mut self, field: &str, service: &ServiceDetails) {
        for (index, address) in service.addresses.iter().enumerate() {
            if is_of_an_inner_network(*address) {
                self.warn(
                    format!("{field}/{index}"),
                    demand(
                        "address-not-public",
                        "这是内网地址，请填写公网IP地址",
                        "this is an address of an inner network: a site is reached by a public one",
                        cited::FORM,
                    ),
                );
            }
        }
    }

    /// What was filed of a service, where this order does not begin it.
    fn before(&self, id: &str) -> Option<&ServiceDetails> {
        let id = id.parse().ok()?;
        self.against
            .filing
            .services
            .get(&id)
            .map(|service| &service.details)
    }

    fn domain(&mut self, field: &str, service: &str, domain: &DomainName) {
        if !domain.is_registrable() {
            self.refuse(
                field,
                demand(
                    "domain-not-registrable",
                    "只备案主域名，不备案子域名",
                    "the registrable domain is filed, not a name below it",
                    cited::DOMAINS,
                ),
            );
            return;
        }
        // A filed domain keeps its number whatever the lists say today (.org above all).
        let is_filed = self
            .before(service)
            .is_some_and(|before| before.domains.contains(domain));
        if !is_filed {
            self.suffix(field, domain);
        }
        let public = self
            .nature
            .is_some_and(|nature| Natures::PublicBodies.contain(nature));
        let top = domain.suffix().rsplit('.').next().unwrap_or_default();
        if public && !PUBLIC_TOPS.contains(&top) {
            self.warn(
                field,
                demand(
                    "suffix-of-public-body",
                    "机关事业单位应使用 .gov.cn、.政务 或 .cn、.公益 域名",
                    "public bodies use .gov.cn, .政务, or .cn and .公益",
                    cited::PUBLIC_BODIES,
                ),
            );
        }
    }

    fn suffix(&mut self, field: &str, domain: &DomainName) {
        let prefix = self.province.map(|province| province.prefix);
        let individual = self.nature == Some(Nature::Individual);
        let suffixes = &self.against.rulebook.suffixes;
        let Some(rule) = suffixes.rule_for(domain, prefix, individual).cloned() else {
            self.warn(
                field,
                demand(
                    "suffix-unknown",
                    "未见该域名后缀可备案的依据，请先在工信部名录核实",
                    "no list names this suffix; look it up in the ministry's own first",
                    cited::SUFFIXES,
                ),
            );
            return;
        };
        match rule.standing {
            SuffixStanding::Listed => {}
            SuffixStanding::Refused => self.refuse(
                field,
                of_source(
                    "suffix-refused",
                    "该域名后缀不能备案",
                    "domains under this suffix cannot be filed",
                    &rule.source,
                ),
            ),
            SuffixStanding::Uncertain | SuffixStanding::Unknown => self.warn(
                field,
                of_source(
                    "suffix-uncertain",
                    "该域名后缀能否备案存在不同说法，请先向管局核实",
                    "sources disagree whether this suffix can be filed; ask the bureau first",
                    &rule.source,
                ),
            ),
        }
    }

    /// Whether the site must be open or may be closed while the order runs.
    fn site_state(&mut self) {
        let Some(clause) = self.clause(|demands| &demands.site_open) else {
            return;
        };
        match clause.is {
            SiteState::MustBeOpen | SiteState::MustBeOpenForOrders => self.warn(
                "/services",
                of_source(
                    "site-must-be-open",
                    "已备案的网站须能打开并显示备案号",
                    "sites that are filed must be open and show their number",
                    &clause.source,
                ),
            ),
            SiteState::MayBeClosed | SiteState::Unrestricted => {}
        }
    }

    /// Where the subject's principal may be another person, some provinces want the same for the site.
    fn principals_are_one(&mut self) {
        let asks = self.clause(|demands| &demands.principals_are_one);
        let Some(clause) = asks.filter(|clause| clause.is) else {
            return;
        };
        let one = self
            .parts
            .subject_principal()
            .map(|person| &person.identity);
        let differs = self.parts.services.values().any(|service| {
            let of_service = self.parts.persons.get(&service.principal);
            one.is_some() && of_service.map(|person| &person.identity) != one
        });
        if differs && self.parts.subject_by_representative() != Known::Yes {
            self.warn(
                "/services",
                of_source(
                    "principals-not-one",
                    "主体负责人不是法定代表人的，网站负责人须为同一人",
                    "where the subject's principal is not the legal representative, the site's is the same person",
                    &clause.source,
                ),
            );
        }
    }

    /// What the bureau will look at of each domain that gets a number, and no draft shows.
    fn of_new_domains(&mut self) {
        if !self.against.kind.gives_number() {
            return;
        }
        if let Some(clause) = self.clause(|demands| &demands.domain_validity_months) {
            self.warn(
                "/services",
                of_source(
                    "domain-validity",
                    format!("域名剩余有效期须不少于{}个月", clause.is),
                    format!("a domain is registered for {} more months", clause.is),
                    &clause.source,
                ),
            );
        }
        let Some(clause) = self.clause(|demands| &demands.domain_holder) else {
            return;
        };
        let (zh, en) = match clause.is {
            HolderRule::UnitOnly => (
                "域名须由本单位持有",
                "the domain's holder is the unit itself",
            ),
            HolderRule::UnitOrLegalRepresentative => (
                "域名须由本单位或法定代表人持有",
                "the domain's holder is the unit or its legal representative",
            ),
            HolderRule::UnitOrLegalRepresentativeWithMandate => (
                "域名须由本单位持有，或由法定代表人持有并出具授权",
                "the domain's holder is the unit, or its legal representative with a mandate",
            ),
            HolderRule::Conflicting => return,
        };
        self.warn(
            "/services",
            of_source("domain-holder", zh, en, &clause.source),
        );
    }
}

/// Whether an address leads nowhere outside its own network.
///
/// Source: RFC 1918, RFC 1122, RFC 3927, RFC 4193, RFC 4291.
fn is_of_an_inner_network(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified()
        }
        IpAddr::V6(v6) => {
            v6.is_unique_local()
                || v6.is_loopback()
                || v6.is_unicast_link_local()
                || v6.is_unspecified()
        }
    }
}
