//! A filer says within a case that a service is no longer used (不再使用), or that its subject is dissolved (主体已注销).
//!
//! **Invariant:** an order is begun only where the way back leads to it with nothing unknown: never an irreversible step
//! on a guess. Until it is submitted nothing of the case changes.

use icp_domain::ids::{CaseId, ServiceId};
use icp_domain::order::{OrderKind, TypedDraft, TypedService};
use icp_domain::rulebook::Known;
use icp_domain::way_back::{Act, Advice, Place, Situation, Wish, advise};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::StoredOrder;
use icp_store::{Answer, Failure, Repeat, Store};

use crate::By;
use crate::attempt::answered_before;
use crate::draft_order::{DraftOrder, DraftRefused, draft};

/// What a filer says.
#[derive(Debug, Clone)]
pub struct GiveUp {
    /// The case.
    pub case: CaseId,
    /// Who, from where.
    pub by: By,
    /// What is given up.
    pub what: GivenUp,
    /// The service that is meant, where the case is the subject's own.
    pub service: Option<ServiceId>,
    /// Answers to the questions of the way back.
    pub answers: Situation,
}

/// What is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenUp {
    /// The service is no longer used.
    Service,
    /// The subject is dissolved, and with it every service.
    Subject,
}

/// What comes of it.
#[derive(Debug)]
pub enum Gave {
    /// The order that ends it was begun, prefilled.
    Order(Answer),
    /// What is still to be found out, or to be done elsewhere.
    Advice(Box<(Advice, Situation)>),
}

/// Begins the order with the least loss that ends what is given up, or says what stands before it.
pub async fn give_up(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<StoredOrder>,
    command: GiveUp,
) -> Result<Gave, Failure<DraftRefused>> {
    if let Some(answer) = answered_before(store, &repeat).await? {
        return Ok(Gave::Order(answer));
    }
    let stored = store.case(&command.case).await?;
    let case = stored.filter(|stored| command.by.may_see(&stored.case.account));
    let unit = case.ok_or(Failure::NotFound)?.case.unit;
    let filing = store.filing(&unit.subject).await?;
    let filing = filing.ok_or(Failure::NotFound)?.filing;
    let service = unit.service.or(command.service).or_else(|| {
        let mut live = filing.links.iter().filter(|(_, link)| link.is_live());
        live.next().map(|(service, _)| service.clone())
    });
    let service = service
        .filter(|service| filing.services.contains_key(service))
        .ok_or(Failure::NotFound)?;
    let own = Situation::of_filing(&filing, &service, rulebook, inv.now);
    let situation = asked(own, &command.answers, command.what);
    let advice = advise(&situation, rulebook);
    let Some(kind) = begins(&advice) else {
        return Ok(Gave::Advice(Box::new((advice, situation))));
    };
    let begun = DraftOrder {
        account: filing.subject.account.clone(),
        by: command.by,
        kind,
        subject: Some(unit.subject.clone()),
        draft: prefilled(kind, &service),
    };
    draft(store, rulebook, inv, repeat, begun)
        .await
        .map(Gave::Order)
}

/// The situation as our rows tell it, with the filer's answers where our rows are silent.
fn asked(own: Situation, said: &Situation, what: GivenUp) -> Situation {
    let known = |own: Known, said: Known| if own == Known::Unknown { said } else { own };
    Situation {
        wish: Wish::Drop,
        record: said.record,
        freshness: said.freshness,
        // An order in flight here is known; of others the filer knows.
        pending_order: if own.pending_order == Situation::default().pending_order {
            said.pending_order
        } else {
            own.pending_order
        },
        other_provider: known(own.other_provider, said.other_provider),
        other_services: match what {
            GivenUp::Service => known(own.other_services, said.other_services),
            // None of them goes on.
            GivenUp::Subject => Known::No,
        },
        // Only the filer knows whether a number that was proved is lost since.
        site_phone: if said.site_phone == Situation::default().site_phone {
            own.site_phone
        } else {
            said.site_phone
        },
        subject_phone: if said.subject_phone == Situation::default().subject_phone {
            own.subject_phone
        } else {
            said.subject_phone
        },
        // Our own rows know.
        own_link_stands: own.own_link_stands,
        subject_here: known(own.subject_here, said.subject_here),
        // Our rows do not know in what they differ from what is true.
        differs: said.differs.clone(),
        conditions_met: said.conditions_met,
        province: own.province.or(said.province),
        domain_of_another: said.domain_of_another,
        guards: said.guards,
        ..own
    }
}

/// The order that the advice begins with, where it is made here.
fn begins(advice: &Advice) -> Option<OrderKind> {
    let first = advice
        .steps
        .first()
        .filter(|step| step.place == Place::Here)?;
    match first.act {
        Act::CancelAccess => Some(OrderKind::CancelAccess),
        Act::DeregisterSite => Some(OrderKind::DeregisterSite),
        Act::DeregisterSubject => Some(OrderKind::DeregisterSubject),
        Act::RegainNumber
        | Act::ChangeFiling
        | Act::AskBack
        | Act::AccessFiling
        | Act::AddSite
        | Act::AddToShell
        | Act::FirstFiling
        | Act::WaitForOrder
        | Act::ReleaseDomain => None,
    }
}

fn prefilled(kind: OrderKind, service: &ServiceId) -> TypedDraft {
    let services = match kind {
        OrderKind::DeregisterSubject => Vec::new(),
        OrderKind::FirstFiling
        | OrderKind::AddSite
        | OrderKind::AddAccess
        | OrderKind::Change
        | OrderKind::DeregisterSite
        | OrderKind::CancelAccess => vec![TypedService {
            id: service.to_string(),
            ..TypedService::default()
        }],
    };
    TypedDraft {
        services,
        ..TypedDraft::default()
    }
}
