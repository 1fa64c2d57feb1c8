//! The way back: from a filing's situation to the one safe order of steps.
//!
//! **Invariant:** [`advise`] is total and pure, and never answers with an irreversible step while
//! anything that step rests on is unknown or contradicted, nor where a reversible way leads to the
//! same end. Least loss first: cancel access, deregister the site, deregister the subject.

mod absent;
mod advice;
mod give_up;
mod guard_questions;
mod of_filing;
mod plan;
mod published;
mod questions;
mod reasons;
mod site;
mod situation;
mod texts;

pub use advice::{Act, Advice, Answer, Asked, Branch, Place, Question, Reason, Receiver, Step};
pub use situation::{
    Check, Freshness, Guard, Guards, OwnLink, PendingOrder, Phone, Record, Situation, Wish,
};

use advice::Warning;
use plan::{Facts, Move, Plan};

use crate::Rulebook;
use crate::rulebook::Known;

/// The way back from a situation.
pub fn advise(situation: &Situation, rulebook: &Rulebook) -> Advice {
    let facts = Facts::new(situation, rulebook);
    texts::worded(&decide(&facts), &facts)
}

/// The table, row by row: the first that applies.
fn decide(facts: &Facts<'_>) -> Plan {
    let said = facts.situation;
    if facts.contradict() {
        return query().warning(Warning::Contradiction);
    }
    let waiting = |place| vec![Move::new(Act::WaitForOrder, place, &[])];
    // What we stopped and may give back stands on the bureau's record: nothing has to be looked up, nor filed anew.
    if (said.wish, said.own_link_stands) == (Wish::Keep, OwnLink::Stopped) {
        match said.pending_order {
            PendingOrder::Unknown | PendingOrder::None => {
                return site::ask_back(facts).unwrap_or_else(|stands_before| stands_before);
            }
            PendingOrder::There => {
                return Plan::of(Branch::WaitOrWithdraw, waiting(Place::ProviderOfOrder));
            }
            PendingOrder::AtBureauCancelAccess => {}
        }
    }
    match (said.record, said.freshness) {
        (Record::Unknown, _) | (_, Freshness::Stale) => return query(),
        (_, Freshness::Unknown) => {
            return Plan::of(Branch::QueryAgain, Vec::new()).asking([Asked::Freshness]);
        }
        (_, Freshness::Fresh) => {}
    }
    match said.pending_order {
        PendingOrder::Unknown => return Plan::ask(vec![Asked::PendingOrder]),
        PendingOrder::There => {
            return Plan::of(Branch::WaitOrWithdraw, waiting(Place::ProviderOfOrder));
        }
        PendingOrder::AtBureauCancelAccess => {
            return Plan::of(Branch::Wait, waiting(Place::Bureau));
        }
        PendingOrder::None => {}
    }
    match said.wish {
        Wish::Unknown => Plan::ask(vec![Asked::Wish]),
        Wish::Drop => give_up::least_loss(facts).unwrap_or_else(|stands_before| stands_before),
        Wish::Keep => keep(facts).unwrap_or_else(|stands_before| stands_before),
    }
}

fn query() -> Plan {
    Plan::of(Branch::QueryAgain, Vec::new()).asking([Asked::Record])
}

fn keep(facts: &Facts<'_>) -> Result<Plan, Plan> {
    if facts.domain_of_another == Known::Yes {
        let release = Move::new(Act::ReleaseDomain, Place::OtherSubject, &[]);
        return Ok(Plan::of(Branch::DomainOfAnother, vec![release]).for_staff());
    }
    match facts.situation.record {
        Record::Site => site::keep(facts),
        Record::SubjectOther => absent::add(facts),
        Record::SubjectOnly => absent::from_shell(facts),
        Record::None => absent::first_filing(facts),
        Record::Unknown => Ok(query()),
    }
}

/// The first step where a filed number does not work.
fn regain() -> Move {
    Move::new(Act::RegainNumber, Place::CarrierOrBureau, &[])
}

#[cfg(test)]
mod tests;
