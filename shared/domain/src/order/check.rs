//! What the rulebook demands of a draft, beyond that its fields parse.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Draft, OrderKind, TypedDraft};
use crate::filing::{Certificate, Filing, Nature, ServiceDetails};
use crate::identifiers::DomainName;
use crate::rulebook::Rulebook;
use crate::rulebook::calendar::local_date;
use crate::rulebook::suffixes::SuffixStanding;
use crate::{Text, Violation};

/// What a draft is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Against<'a> {
    /// The wish.
    pub kind: OrderKind,
    /// The filing as it stands.
    pub filing: &'a Filing,
    /// Policy.
    pub rulebook: &'a Rulebook,
    /// When.
    pub now: Timestamp,
}

impl TypedDraft {
    /// The draft as values if nothing is wrong with it, or every violation at once.
    pub fn checked(&self, against: &Against<'_>) -> Result<Draft, Vec<Violation>> {
        let draft = self.parse()?;
        let violations = self.violations(&draft, against);
        if violations.is_empty() {
            Ok(draft)
        } else {
            Err(violations)
        }
    }

    fn violations(&self, draft: &Draft, against: &Against<'_>) -> Vec<Violation> {
        let mut found = Vec::new();
        found.extend(certificate_of_nature(draft));
        found.extend(certificate_is_current(draft));
        found.extend(province_is_known(draft, against.rulebook));
        found.extend(self.documents_are_valid(against));
        found.extend(self.materials_are_there());
        for (at, typed) in self.services.iter().enumerate() {
            let service = draft
                .services
                .iter()
                .find(|(id, _)| id.as_str() == typed.id);
            if let Some((id, service)) = service {
                let field = |name: &str| format!("/services/{at}/{name}");
                found.extend(name_is_a_name(service, &field("name")));
                found.extend(home_page_is_a_page(service, &field("homePage")));
                let before = against
                    .filing
                    .services
                    .get(id)
                    .map(|service| &service.details);
                found.extend(domains_of_site(
                    service,
                    before,
                    &field("domains"),
                    against.rulebook,
                ));
                found.extend(domains_can_be_filed(service, draft, at, against.rulebook));
            }
        }
        found.extend(self.domains_are_distinct(draft));
        found.extend(number_of_kind(against));
        found.extend(services_of_change(draft, against));
        found
    }

    /// Source: dossier 4.1, finding "principal's ID expired".
    fn documents_are_valid(&self, against: &Against<'_>) -> Vec<Violation> {
        let today = local_date(against.now);
        let persons = self.persons.iter().enumerate().filter_map(|(at, person)| {
            let field = format!("/persons/{at}/identityUntil");
            person
                .identity_until
                .filter(|last| *last < today)
                .map(|_| field)
        });
        let materials = self.materials.iter().enumerate().filter_map(|(at, typed)| {
            let field = format!("/materials/{at}/validUntil");
            typed
                .material
                .valid_until
                .filter(|last| *last < today)
                .map(|_| field)
        });
        persons
            .chain(materials)
            .map(|field| {
                demand(
                    field,
                    "document-expired",
                    "证件已过有效期",
                    "the document is past its last day",
                    TRUTH,
                )
            })
            .collect()
    }

    fn materials_are_there(&self) -> Vec<Violation> {
        let missing = self.missing_materials();
        let name = |kind| {
            serde_json::to_value(kind)
                .ok()
                .and_then(|v| v.as_str().map(str::to_owned))
        };
        missing
            .into_iter()
            .map(|kind| {
                let name = name(kind).unwrap_or_default();
                let zh = format!("缺少材料：{name}");
                let en = format!("a material of the kind {name} is needed");
                demand(
                    "/materials".into(),
                    "material-missing",
                    zh,
                    en,
                    "工信部电管〔2010〕64号",
                )
            })
            .collect()
    }

    fn domains_are_distinct(&self, draft: &Draft) -> Vec<Violation> {
        let mut seen: BTreeSet<&DomainName> = BTreeSet::new();
        let mut found = Vec::new();
        for (at, typed) in self.services.iter().enumerate() {
            let service = draft
                .services
                .iter()
                .find(|(id, _)| id.as_str() == typed.id);
            for (index, domain) in service
                .iter()
                .flat_map(|(_, s)| s.domains.iter().enumerate())
            {
                if !seen.insert(domain) {
                    found.push(demand(
                        format!("/services/{at}/domains/{index}"),
                        "domain-repeated",
                        "同一域名不得重复填写",
                        "a domain stands in one service only",
                        "dossier 1.1",
                    ));
                }
            }
        }
        found
    }
}

/// Where truth of a filing is demanded.
const TRUTH: &str = "《非经营性互联网信息服务备案管理办法》第七条";

fn demand(
    field: String,
    rule: &str,
    zh: impl Into<String>,
    en: impl Into<String>,
    source: &str,
) -> Violation {
    let (rule, source) = (rule.to_owned(), source.to_owned());
    Violation {
        field,
        rule,
        text: Text::new(zh, en),
        source,
        as_of: None,
    }
}

/// Source: dossier 1.7 (which certificates a nature may file by).
fn certificate_of_nature(draft: &Draft) -> Option<Violation> {
    let individual = draft.subject.nature == Nature::Individual;
    let by_person = matches!(draft.subject.certificate, Certificate::ResidentId(_));
    (individual != by_person).then(|| {
        demand(
            "/subject/certificate/kind".into(),
            "certificate-not-of-nature",
            "证件类型与主办单位性质不符",
            "the kind of certificate does not fit the nature of the subject",
            "Tencent Cloud 备案材料清单, snapshot 2020-09-29",
        )
    })
}

/// An enterprise files by the merged certificate only.
fn certificate_is_current(draft: &Draft) -> Option<Violation> {
    let old = matches!(
        draft.subject.certificate,
        Certificate::RegistrationNumber(_) | Certificate::OrganisationCode(_)
    );
    (draft.subject.nature == Nature::Enterprise && old).then(|| {
        demand(
            "/subject/certificate".into(),
            "certificate-not-merged",
            "企业须使用统一社会信用代码",
            "an enterprise files by its unified social credit code",
            "Tencent Cloud 243/39385, snapshot 2021-04-11",
        )
    })
}

fn province_is_known(draft: &Draft, rulebook: &Rulebook) -> Option<Violation> {
    rulebook
        .provinces
        .by_code(&draft.subject.province)
        .is_none()
        .then(|| {
            demand(
                "/subject/province".into(),
                "province-unknown",
                "备案省份须为31个省级行政区划代码之一",
                "the province is one of the 31 two-digit codes",
                "GB/T 2260",
            )
        })
}

/// Fewest characters of a site's name.
///
/// Source: Tencent Cloud 网站命名要求, snapshot 2021-04-11.
const SHORTEST_NAME: usize = 3;

fn name_is_a_name(service: &ServiceDetails, field: &str) -> Option<Violation> {
    let long_enough = SHORTEST_NAME <= service.name.chars().count();
    let only_ascii = service.name.is_ascii();
    (!long_enough || only_ascii).then(|| {
        demand(
            field.to_owned(),
            "site-name-refused",
            "网站名称至少3个字，且不能全为数字或字母",
            "a site's name has at least 3 characters and is not all digits or Latin letters",
            "Tencent Cloud 网站命名要求, snapshot 2021-04-11",
        )
    })
}

fn home_page_is_a_page(service: &ServiceDetails, field: &str) -> Option<Violation> {
    let page = service.home_page.as_deref()?;
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
    (!fits).then(|| {
        demand(
            field.to_owned(),
            "home-page-refused",
            "首页网址须为本网站域名下的http或https地址，不含端口和用户名",
            "the home page is an http or https address under one of the service's domains, without port or user",
            "dossier 1.4",
        )
    })
}

/// The national rule of 2019: a new site has one domain; a site of several may only lose some.
fn domains_of_site(
    service: &ServiceDetails,
    before: Option<&ServiceDetails>,
    field: &str,
    rulebook: &Rulebook,
) -> Option<Violation> {
    let holds = match before {
        None => service.domains.len() <= rulebook.policy.orders.domains_per_new_site as usize,
        Some(before) => service
            .domains
            .iter()
            .all(|domain| before.domains.contains(domain)),
    };
    (!holds).then(|| {
        demand(
            field.to_owned(),
            "domains-of-site",
            "新网站只能有一个域名；已备案网站不能增加或更换域名",
            "a new site has one domain; a filed site cannot gain or change one",
            "工信管函〔2019〕633号",
        )
    })
}

fn domains_can_be_filed(
    service: &ServiceDetails,
    draft: &Draft,
    at: usize,
    rulebook: &Rulebook,
) -> Vec<Violation> {
    let province = rulebook.provinces.by_code(&draft.subject.province);
    let mut found = Vec::new();
    for (index, domain) in service.domains.iter().enumerate() {
        let field = format!("/services/{at}/domains/{index}");
        if !domain.is_registrable() {
            found.push(demand(
                field,
                "domain-not-registrable",
                "只备案主域名，不备案子域名",
                "the registrable domain is filed, not a name below it",
                "Tencent Cloud 备案域名 243/18905, snapshot 2021-04-11",
            ));
            continue;
        }
        let individual = draft.subject.nature == Nature::Individual;
        let rule = rulebook.suffixes.rule_for(
            domain,
            province.map(|province| province.prefix),
            individual,
        );
        if let Some(rule) = rule.filter(|rule| rule.standing == SuffixStanding::Refused) {
            found.push(Violation {
                as_of: rule.source.as_of,
                ..demand(
                    field,
                    "suffix-refused",
                    "该域名后缀不能备案",
                    "domains under this suffix cannot be filed",
                    &rule.source.title,
                )
            });
        }
    }
    found
}

/// A first filing is for a subject without a number, a change for one with.
fn number_of_kind(against: &Against<'_>) -> Option<Violation> {
    let filed = against.filing.number().is_some();
    let fits = match against.kind {
        OrderKind::FirstFiling => !filed,
        OrderKind::Change => filed,
    };
    (!fits).then(|| {
        demand(
            String::new(),
            "order-kind",
            "首次备案仅适用于尚无备案号的主体，变更备案仅适用于已备案的主体",
            "a first filing is for a subject without a number, a change for one that has it",
            "dossier 3.1",
        )
    })
}

/// A change is of what is filed: it neither adds a service nor drops one.
fn services_of_change(draft: &Draft, against: &Against<'_>) -> Option<Violation> {
    let same = draft.services.keys().eq(against.filing.services.keys());
    let fits = match against.kind {
        OrderKind::FirstFiling => true,
        OrderKind::Change => same,
    };
    (!fits).then(|| {
        demand(
            "/services".into(),
            "services-of-change",
            "变更备案不能新增或删除服务",
            "a change neither adds a service nor drops one",
            "dossier 3.2",
        )
    })
}
