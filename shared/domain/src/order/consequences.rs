//! What an order takes away for good, and whether it is the least that does what is wished: told
//! before it is submitted, and confirmed by typing what will be lost.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::OrderKind;
use crate::filing::{Filing, Service};
use crate::identifiers::IcpNumber;
use crate::ids::ServiceId;
use crate::rulebook::Known;
use crate::way_back::{
    Act, Advice, Check, Guards, PendingOrder, Phone, Place, Situation, Wish, advise,
};
use crate::{Rulebook, Text};

/// What an order does that cannot be undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Consequences {
    /// Numbers that are lost: they are never given again.
    pub loses: Vec<IcpNumber>,
    /// What the way back says of each service that is to go.
    pub advice: Vec<Advice>,
    /// Whether the order is what the way back itself advises, with nothing left to ask.
    pub is_the_way: bool,
}

impl Consequences {
    /// Why the order is not confirmed; `None` where it is the way.
    pub fn withheld(&self) -> Option<Text> {
        if self.is_the_way {
            return None;
        }
        let is_open = |advice: &Advice| !advice.questions.is_empty();
        Some(if self.advice.iter().any(is_open) {
            Text::new(
                "请先回答下面的问题，再决定是否注销",
                "answer the open questions first; each call says again what was answered before",
            )
        } else {
            Text::new(
                "有损失更小的办法：请改按下面的步骤办理",
                "there is a gentler way: take its steps instead",
            )
        })
    }
}

/// What `kind` about `about` does to a filing, in the situation as its filer describes it.
///
/// What the filing's own rows tell stands above what is said of them. G4 and G7 hold here, since this
/// answer shows the loss and the order is taken only when the number is typed.
pub fn consequences(
    kind: OrderKind,
    about: &BTreeSet<ServiceId>,
    filing: &Filing,
    said: &Situation,
    rulebook: &Rulebook,
    now: Timestamp,
) -> Consequences {
    let ends_subject = kind == OrderKind::DeregisterSubject;
    let going: Vec<(&ServiceId, &Service)> = filing
        .on_record()
        .filter(|(id, _)| ends_subject || about.contains(*id))
        .collect();
    let advice: Vec<Advice> = going
        .iter()
        .map(|(id, _)| {
            advise(
                &situation(filing, id, said, ends_subject, rulebook, now),
                rulebook,
            )
        })
        .collect();
    let wanted = if ends_subject {
        Act::DeregisterSubject
    } else {
        Act::DeregisterSite
    };
    let is_wanted = |advice: &Advice| {
        advice.questions.is_empty()
            && matches!(advice.steps.as_slice(), [step] if step.act == wanted && step.place == Place::Here)
    };
    let of_services = going
        .iter()
        .filter_map(|(_, service)| service.number.clone());
    let of_subject = filing.number().filter(|_| ends_subject).cloned();
    Consequences {
        loses: of_services.chain(of_subject).collect(),
        is_the_way: !advice.is_empty() && advice.iter().all(is_wanted),
        advice,
    }
}

fn situation(
    filing: &Filing,
    service: &ServiceId,
    said: &Situation,
    ends_subject: bool,
    rulebook: &Rulebook,
    now: Timestamp,
) -> Situation {
    let own = Situation::of_filing(filing, service, rulebook, now);
    let works = |own: Phone, said: Phone| match own {
        Phone::Works => own,
        Phone::Lost | Phone::LostForGood | Phone::Unknown => said,
    };
    let pending_order = match own.pending_order {
        PendingOrder::There => own.pending_order,
        PendingOrder::None | PendingOrder::AtBureauCancelAccess | PendingOrder::Unknown => {
            said.pending_order
        }
    };
    // Where the whole subject goes, its other services here go with it.
    let (other_services, subject_here) = match (ends_subject, own.other_services) {
        (true, _) => (said.other_services, Known::No),
        (false, Known::Yes) => (Known::Yes, own.subject_here),
        (false, Known::No | Known::Unknown) => (said.other_services, own.subject_here),
    };
    Situation {
        wish: Wish::Drop,
        pending_order,
        other_services,
        subject_here,
        site_phone: works(own.site_phone, said.site_phone),
        subject_phone: works(own.subject_phone, said.subject_phone),
        guards: Guards {
            loss_shown: Check::Pass,
            confirmed: Check::Pass,
            ..said.guards
        },
        own_link_stands: own.own_link_stands,
        domain: own.domain,
        individual: own.individual,
        province: own.province,
        ..said.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filing::Link;
    use crate::rules::testing::Scene;
    use crate::way_back::{Branch, Freshness, Record};

    fn at() -> Timestamp {
        "2026-03-02T02:00:00Z".parse().unwrap()
    }

    fn filing(sites: &[&str]) -> Filing {
        let mut filing = Scene::default().filing;
        let first: ServiceId = "1".parse().unwrap();
        let service = filing.services[&first].clone();
        for site in sites {
            let id: ServiceId = site.parse().unwrap();
            let mut service = service.clone();
            service.number = IcpNumber::parse(&format!("京ICP备2026000001号-{site}")).ok();
            filing.services.insert(id.clone(), service);
            filing.links.insert(id, Link::granted(at()));
        }
        filing
    }

    /// All that only the filer knows, said so that nothing is left to ask.
    fn said() -> Situation {
        Situation {
            record: Record::Site,
            freshness: Freshness::Fresh,
            pending_order: PendingOrder::None,
            other_provider: Known::No,
            other_services: Known::No,
            site_phone: Phone::Works,
            subject_phone: Phone::Works,
            domain_of_another: Known::No,
            differs: Some(BTreeSet::new()),
            conditions_met: Known::Yes,
            guards: Guards {
                suffix: Check::Pass,
                registrar: Check::Pass,
                holder: Check::Pass,
                eligible: Check::Pass,
                unblocked: Check::Pass,
                ..Guards::default()
            },
            ..Situation::default()
        }
    }

    fn of(kind: OrderKind, about: &[&str], filing: &Filing, said: &Situation) -> Consequences {
        let about = about.iter().map(|id| id.parse().unwrap()).collect();
        consequences(
            kind,
            &about,
            filing,
            said,
            &Rulebook::shipped().unwrap(),
            at(),
        )
    }

    fn loses(consequences: &Consequences) -> Vec<String> {
        consequences.loses.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_last_site_goes_with_its_subject_and_one_of_several_alone() {
        let one = filing(&["1"]);
        let subject = of(OrderKind::DeregisterSubject, &[], &one, &said());
        assert!(subject.is_the_way, "{subject:#?}");
        assert_eq!(
            loses(&subject),
            ["京ICP备2026000001号-1", "京ICP备2026000001号"]
        );
        let site = of(OrderKind::DeregisterSite, &["1"], &one, &said());
        assert!(!site.is_the_way, "it would leave a shell behind");
        let two = filing(&["1", "2"]);
        let site = of(OrderKind::DeregisterSite, &["2"], &two, &said());
        assert!(site.is_the_way, "{site:#?}");
        assert_eq!(loses(&site), ["京ICP备2026000001号-2"]);
        let both = of(OrderKind::DeregisterSubject, &[], &two, &said());
        assert!(both.is_the_way, "{both:#?}");
    }

    #[test]
    fn what_is_unknown_or_has_a_gentler_way_is_not_the_way() {
        let filing = filing(&["1"]);
        let unknown = Situation {
            other_provider: Known::Unknown,
            ..said()
        };
        let asked = of(OrderKind::DeregisterSubject, &[], &filing, &unknown);
        assert!(!asked.is_the_way);
        assert!(!asked.advice[0].questions.is_empty());
        let elsewhere = Situation {
            other_provider: Known::Yes,
            ..said()
        };
        let gentler = of(OrderKind::DeregisterSubject, &[], &filing, &elsewhere);
        assert!(!gentler.is_the_way);
        assert_eq!(gentler.advice[0].branch, Branch::CancelAccess);
        let nothing_said = of(
            OrderKind::DeregisterSubject,
            &[],
            &filing,
            &Situation::default(),
        );
        assert!(!nothing_said.is_the_way);
    }

    #[test]
    fn a_lost_telephone_or_an_order_in_flight_stands_before_it() {
        let mut filing = filing(&["1"]);
        let lost = Situation {
            subject_phone: Phone::Lost,
            site_phone: Phone::Lost,
            ..said()
        };
        filing
            .persons
            .values_mut()
            .for_each(|person| person.proof = None);
        assert!(!of(OrderKind::DeregisterSubject, &[], &filing, &lost).is_the_way);
        filing.subject.order_in_flight = Some("o2".parse().unwrap());
        assert!(!of(OrderKind::DeregisterSubject, &[], &filing, &said()).is_the_way);
    }
}
