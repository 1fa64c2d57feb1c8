//! The service is still on record: change, access, and only at the very end deregistration.

use std::collections::BTreeSet;

use super::absent::{OF_ADDED, OF_FIRST};
use super::advice::{Act, Asked, Branch, Place, Receiver, Warning};
use super::plan::{Facts, Holder, Move, Plan, Stance, is_lost};
use super::regain;
use super::situation::{Guard, OwnLink, Phone};
use crate::rulebook::{FieldGroup, Known};

/// The service is on record and is to be kept.
pub(super) fn keep(facts: &Facts<'_>) -> Result<Plan, Plan> {
    match facts.situation.own_link_stands {
        OwnLink::Unknown => Err(Plan::ask(vec![Asked::OwnLink])),
        OwnLink::Stopped => ask_back(facts),
        OwnLink::Yes => change_here(facts),
        OwnLink::No => without_link(facts),
    }
}

/// Our access was stopped and may be given back: what differs is changed here, and then it is asked for.
pub(super) fn ask_back(facts: &Facts<'_>) -> Result<Plan, Plan> {
    let mut moves = changed_here(facts)?;
    moves.push(Move::new(Act::AskBack, Place::Here, &[]));
    Ok(Plan::of(Branch::AskBack, moves).warning(Warning::UntilReported))
}

/// Our link stands, so that everything can be changed here and nothing is lost.
fn change_here(facts: &Facts<'_>) -> Result<Plan, Plan> {
    let moves = changed_here(facts)?;
    let branch = if moves.is_empty() {
        Branch::NothingToDo
    } else {
        Branch::ChangeHere
    };
    Ok(Plan::of(branch, moves))
}

/// The change here of whatever differs.
fn changed_here(facts: &Facts<'_>) -> Result<Vec<Move>, Plan> {
    let said = facts.situation;
    let Some(mut groups) = said.differs.clone() else {
        return Err(Plan::ask(vec![Asked::Differs]));
    };
    // A filed number that is lost is itself a datum that differs.
    if is_lost(said.site_phone) {
        groups.insert(FieldGroup::ServicePrincipal);
    }
    if is_lost(said.subject_phone) {
        groups.insert(FieldGroup::SubjectPrincipal);
    }
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    change(facts, &groups, Place::Here)
}

fn without_link(facts: &Facts<'_>) -> Result<Plan, Plan> {
    let said = facts.situation;
    let mut asks = Vec::new();
    if said.site_phone == Phone::Unknown {
        asks.push(Asked::SitePhone);
    }
    if said.differs.is_none() {
        asks.push(Asked::Differs);
    }
    let (Some(differs), true) = (&said.differs, asks.is_empty()) else {
        return Err(Plan::ask(asks));
    };
    if is_lost(said.site_phone) {
        return lost_number(facts, differs);
    }
    if differs.is_empty() {
        facts.access()?;
        return Ok(Plan::of(Branch::Access, vec![access(&BTreeSet::new())])
            .warning(Warning::BackAfterApproval));
    }
    differing(facts, differs)
}

/// The SMS of an access filing goes to the filed number of the service's principal, which is lost:
/// no province's rule helps.
fn lost_number(facts: &Facts<'_>, differs: &BTreeSet<FieldGroup>) -> Result<Plan, Plan> {
    match facts.other_provider {
        Known::Unknown => Err(Plan::ask(vec![Asked::OtherProvider])),
        Known::Yes => {
            facts.access()?;
            let mut groups = differs.clone();
            groups.insert(FieldGroup::ServicePrincipal);
            let mut moves = change(facts, &groups, Place::OtherProvider)?;
            moves.push(access(&groups));
            Ok(Plan::of(Branch::ChangeThenAccess, moves).warning(Warning::BackAfterApproval))
        }
        Known::No if facts.situation.site_phone == Phone::LostForGood => deregister(facts),
        Known::No => Ok(Plan::of(Branch::RegainNumber, vec![regain()]).asking([Asked::SitePhone])),
    }
}

/// The number works and data differ: the province's rule per group decides, then who holds them.
fn differing(facts: &Facts<'_>, differs: &BTreeSet<FieldGroup>) -> Result<Plan, Plan> {
    let with = |stance| {
        differs
            .iter()
            .copied()
            .filter(move |group| facts.stance(*group) == stance)
    };
    let is_settled =
        with(Stance::Forbidden).next().is_some() || with(Stance::Unknown).next().is_some();
    if !is_settled && with(Stance::Conditional).next().is_some() {
        return Err(doubted(facts, Plan::ask(vec![Asked::Conditions])));
    }
    let (allowed, first): (BTreeSet<_>, BTreeSet<_>) = differs
        .iter()
        .partition(|group| facts.stance(**group) == Stance::Allowed);
    if first.is_empty() {
        facts.access()?;
        let mut moves = vec![access(&BTreeSet::new())];
        moves.extend(change(facts, &allowed, Place::Here)?);
        let moves = regained_first(moves);
        let plan = Plan::of(Branch::AccessThenChange, moves).warning(Warning::BackAfterApproval);
        return Ok(doubted(facts, plan));
    }
    let holders: Vec<_> = first
        .iter()
        .map(|group| (*group, facts.holder(*group)))
        .collect();
    let unheld = |stance| {
        holders
            .iter()
            .any(|(group, holder)| *holder == Holder::Nobody && facts.stance(*group) == stance)
    };
    let unknown = holders.iter().find_map(|(_, holder)| match holder {
        Holder::Unknown(ask) => Some(*ask),
        Holder::At(_) | Holder::Nobody => None,
    });
    if let Some(ask) = unknown {
        return Err(Plan::ask(vec![ask]));
    }
    if unheld(Stance::Forbidden) {
        // Nothing is given up for ever on pages that contradict each other.
        if facts
            .province
            .is_some_and(|province| province.doubt.is_some())
        {
            let ask = Plan::of(Branch::AskBureau, Vec::new()).asking([Asked::BureauRule]);
            return Ok(doubted(facts, ask.for_staff()));
        }
        return deregister(facts).map(|plan| doubted(facts, plan));
    }
    if unheld(Stance::Unknown) || unheld(Stance::Conditional) {
        if facts.province.is_none() {
            return Err(Plan::ask(vec![Asked::Province]));
        }
        let ask = Plan::of(Branch::AskBureau, Vec::new()).asking([Asked::BureauRule]);
        return Ok(doubted(facts, ask.for_staff()));
    }
    facts.access()?;
    let place = holders
        .iter()
        .find_map(|(_, holder)| match holder {
            Holder::At(place) => Some(*place),
            Holder::Nobody | Holder::Unknown(_) => None,
        })
        .unwrap_or(Place::OtherProvider);
    // What the province would let wait is changed with the rest, where it is held there too.
    let (with_first, later): (BTreeSet<_>, BTreeSet<_>) = differs
        .iter()
        .partition(|group| first.contains(group) || facts.holder(**group) == Holder::At(place));
    let mut moves = change(facts, &with_first, place)?;
    moves.push(access(&with_first));
    if !later.is_empty() {
        moves.extend(change(facts, &later, Place::Here)?);
    }
    let moves = regained_first(moves);
    Ok(doubted(
        facts,
        Plan::of(Branch::ChangeThenAccess, moves).warning(Warning::BackAfterApproval),
    ))
}

/// No reversible way is left. The subject survives where it has other services or the province
/// lets a shell add one; everything that this rests on is known and every guard passes.
fn deregister(facts: &Facts<'_>) -> Result<Plan, Plan> {
    facts.all_known()?;
    facts.new_number()?;
    let keeps_subject = match (facts.other_services, facts.province) {
        (Known::Yes, _) => true,
        (Known::No | Known::Unknown, None) => return Err(Plan::ask(vec![Asked::Province])),
        (Known::No | Known::Unknown, Some(province)) => match province.shell_may_add.is {
            Known::Yes => true,
            Known::No => false,
            Known::Unknown => {
                let ask = Plan::of(Branch::AskBureau, Vec::new()).asking([Asked::BureauRule]);
                return Err(ask.for_staff());
            }
        },
    };
    facts.guarded(&Guard::ALL)?;
    let said = facts.situation;
    if said.subject_phone == Phone::Unknown {
        return Err(Plan::ask(vec![Asked::SubjectPhone]));
    }
    let mut moves = Vec::new();
    if is_lost(said.site_phone) || is_lost(said.subject_phone) {
        moves.push(regain());
    }
    // Where the subject lives on elsewhere, its data are put right first: that can be undone, and an
    // order to add a site comes back without it.
    let mut of_subject: BTreeSet<FieldGroup> = said.differs.iter().flatten().copied().collect();
    of_subject.retain(|group| group.is_of_subject());
    if is_lost(said.subject_phone) {
        of_subject.insert(FieldGroup::SubjectPrincipal);
    }
    if facts.other_services == Known::Yes && !of_subject.is_empty() {
        let place = match facts.holder(FieldGroup::SubjectPrincipal) {
            Holder::At(place) => place,
            Holder::Nobody | Holder::Unknown(_) => Place::ProviderOfOtherService,
        };
        moves.extend(change(facts, &of_subject, place)?);
    }
    let mut moves = regained_first(moves);
    if !keeps_subject {
        moves.push(Move::new(Act::DeregisterSubject, Place::Bureau, &[]));
        moves.push(Move::new(Act::FirstFiling, Place::Here, &OF_FIRST));
        return Ok(Plan::of(Branch::DeregisterSubjectThenFile, moves)
            .warning(Warning::NoBrakeOffline)
            .warning(Warning::NumberIsLost)
            .warning(Warning::BackAfterApproval));
    }
    moves.push(Move::new(Act::DeregisterSite, Place::Bureau, &[]));
    let is_shell = facts.other_services == Known::No;
    let add = if is_shell {
        Act::AddToShell
    } else {
        Act::AddSite
    };
    moves.push(Move::new(add, Place::Here, &OF_ADDED));
    let plan = Plan::of(Branch::DeregisterSiteThenAdd, moves)
        .warning(Warning::NoBrakeOffline)
        .warning(Warning::BackAfterApproval);
    let is_old = said
        .differs
        .iter()
        .flatten()
        .any(|group| group.is_of_subject());
    Ok(if is_shell && is_old {
        plan.warning(Warning::ShellWantsCurrentData).for_staff()
    } else {
        plan
    })
}

/// The change of some groups at a provider that holds them, after the number of a principal who
/// must confirm it was regained.
fn change(
    facts: &Facts<'_>,
    groups: &BTreeSet<FieldGroup>,
    place: Place,
) -> Result<Vec<Move>, Plan> {
    let said = facts.situation;
    let of_subject = groups.iter().any(|group| group.is_of_subject());
    let of_service = groups.iter().any(|group| !group.is_of_subject());
    let mut asks = Vec::new();
    if of_subject && said.subject_phone == Phone::Unknown {
        asks.push(Asked::SubjectPhone);
    }
    if of_service && said.site_phone == Phone::Unknown {
        asks.push(Asked::SitePhone);
    }
    if !asks.is_empty() {
        return Err(Plan::ask(asks));
    }
    let mut moves = Vec::new();
    let mut sms_to = Vec::new();
    if of_subject {
        sms_to.push(Receiver::SubjectPrincipal);
        if is_lost(said.subject_phone) {
            moves.push(regain());
        }
    }
    if of_service {
        // Where the number itself is changed, the SMS goes to the one that the order files.
        let is_new = is_lost(said.site_phone) || groups.contains(&FieldGroup::ServicePrincipal);
        sms_to.push(if is_new {
            Receiver::NewServicePrincipal
        } else {
            Receiver::ServicePrincipal
        });
    }
    moves.push(Move::new(Act::ChangeFiling, place, &sms_to));
    Ok(moves)
}

/// The access filing, whose SMS goes to the number on record: the new one where `changed` before.
fn access(changed: &BTreeSet<FieldGroup>) -> Move {
    let is_new = changed.contains(&FieldGroup::ServicePrincipal);
    let receiver = if is_new {
        Receiver::NewServicePrincipal
    } else {
        Receiver::ServicePrincipal
    };
    Move::new(Act::AccessFiling, Place::Here, &[receiver])
}

/// Regaining a number comes first and once.
fn regained_first(moves: Vec<Move>) -> Vec<Move> {
    let (regaining, others): (Vec<_>, Vec<_>) = moves
        .into_iter()
        .partition(|step| step.act == Act::RegainNumber);
    regaining.into_iter().take(1).chain(others).collect()
}

fn doubted(facts: &Facts<'_>, plan: Plan) -> Plan {
    match facts.province.and_then(|province| province.doubt.as_ref()) {
        Some(_) => plan.warning(Warning::ProvinceInDoubt).for_staff(),
        None => plan,
    }
}
