//! What a filing itself tells of the situation; the rest stays unknown and is asked.

use jiff::Timestamp;

use super::{Situation, Wish};
use crate::filing::{Filing, LinkState, Nature};
use crate::ids::{PersonId, ServiceId};
use crate::rulebook::{Known, Rulebook};
use crate::way_back::situation::{OwnLink, PendingOrder, Phone};

impl Situation {
    /// The situation of one service, from our own rows at `now`.
    ///
    /// What only the bureau's query, another provider or the filer knows is left unknown: our rows
    /// never say that an order is not pending elsewhere, or that a subject has no other services.
    pub fn of_filing(
        filing: &Filing,
        service: &ServiceId,
        rulebook: &Rulebook,
        now: Timestamp,
    ) -> Self {
        let details = filing.subject.details.as_ref();
        let site = filing.services.get(service);
        let here = filing.on_record().any(|(other, _)| other != service);
        let works = |person: Option<&PersonId>| {
            let proof = person
                .and_then(|id| filing.persons.get(id))
                .and_then(|person| person.proof);
            if proof.is_some_and(|proof| proof.stands(now)) {
                Phone::Works
            } else {
                Phone::Unknown
            }
        };
        let province = details.and_then(|details| rulebook.provinces.by_code(&details.province));
        let individual = details.map(|details| details.nature == Nature::Individual);
        let link = filing.links.get(service).map(|link| &link.state);
        Self {
            wish: Wish::Keep,
            pending_order: match (&filing.subject.order_in_flight, link) {
                (Some(_), _) => PendingOrder::There,
                // Our report of the cancellation is with the bureau, and nobody takes it back.
                (None, Some(LinkState::Reported { .. })) => PendingOrder::AtBureauCancelAccess,
                (None, _) => PendingOrder::Unknown,
            },
            own_link_stands: match link {
                Some(LinkState::Live { .. }) => OwnLink::Yes,
                Some(LinkState::Stopped { .. }) => OwnLink::Stopped,
                Some(LinkState::Reported { .. } | LinkState::Cancelled { .. }) | None => {
                    OwnLink::No
                }
            },
            other_services: if here { Known::Yes } else { Known::Unknown },
            subject_here: known(Some(here)),
            site_phone: works(site.map(|site| &site.details.principal)),
            subject_phone: works(details.map(|details| &details.principal)),
            domain: site.and_then(|site| site.details.domains.first().cloned()),
            individual: known(individual),
            province: province.map(|province| province.prefix),
            ..Self::default()
        }
    }
}

fn known(value: Option<bool>) -> Known {
    match value {
        Some(true) => Known::Yes,
        Some(false) => Known::No,
        None => Known::Unknown,
    }
}
