//! How many sites and domains an order, a site and a subject may have.

use super::{Desk, cited, demand, of_source};
use crate::filing::Nature;
use crate::order::OrderKind;
use crate::rulebook::Source;

impl Desk<'_> {
    pub(super) fn limits(&mut self) {
        let filed = &self.against.filing.services;
        let new: Vec<_> = self
            .parts
            .services
            .iter()
            .filter(|(id, _)| !filed.contains_key(*id))
            .collect();
        let sites = count(new.len());
        let domains = count(new.iter().map(|(_, service)| service.domains.len()).sum());
        let of_subject = count(self.against.filing.on_record().count()) + sites;
        let widest = count(
            new.iter()
                .map(|(_, service)| service.domains.len())
                .max()
                .unwrap_or_default(),
        );
        let individual = self.nature == Some(Nature::Individual);
        let most = self
            .against
            .rulebook
            .policy
            .orders
            .sites_per_order_of_individual;
        if individual && most < sites {
            self.refuse(
                "/services",
                demand(
                    "sites-per-order",
                    format!("个人每个订单最多{most}个网站"),
                    format!("an individual's order has at most {most} sites"),
                    cited::LIMITS,
                ),
            );
        }
        if self.against.kind == OrderKind::Change {
            return;
        }
        self.at_most(
            "sites-per-order",
            "每个订单的网站",
            "sites of an order",
            sites,
            self.clause(|d| &d.sites_per_order).map(of),
        );
        self.at_most(
            "domains-per-order",
            "每个订单的域名",
            "domains of an order",
            domains,
            self.clause(|d| &d.domains_per_order).map(of),
        );
        self.at_most(
            "domains-per-site",
            "每个网站的域名",
            "domains of a site",
            widest,
            self.clause(|d| &d.domains_per_site).map(of),
        );
        self.at_most(
            "sites-per-subject",
            "每个主体的网站",
            "sites of a subject",
            of_subject,
            self.clause(|d| &d.sites_per_subject).map(of),
        );
    }

    fn at_most(&mut self, rule: &str, zh: &str, en: &str, has: u32, most: Option<(u32, &Source)>) {
        if let Some((most, source)) = most.filter(|(most, _)| *most < has) {
            self.refuse(
                "/services",
                of_source(
                    rule,
                    format!("{zh}最多{most}个，现有{has}个"),
                    format!("{en}: {has}, and at most {most}"),
                    source,
                ),
            );
        }
    }
}

fn of(clause: &crate::rulebook::provinces::demands::Clause<u32>) -> (u32, &Source) {
    (clause.is, &clause.source)
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
