//! The service is no longer used: the least that ends it.

use super::advice::{Act, Asked, Branch, Place, Receiver, Warning};
use super::plan::{Facts, Move, NEW_NUMBER, Plan, is_lost};
use super::regain;
use super::situation::{Check, Guard, OwnLink, Phone, Record};
use crate::rulebook::Known;

/// Least loss first: nothing, cancel access, deregister the site, deregister the subject.
pub(super) fn least_loss(facts: &Facts<'_>) -> Result<Plan, Plan> {
    let said = facts.situation;
    if matches!(said.record, Record::None | Record::SubjectOther) {
        return Ok(Plan::of(Branch::NothingToDo, Vec::new()));
    }
    if facts.other_provider == Known::Unknown || facts.other_services == Known::Unknown {
        facts.all_known()?;
    }
    let is_shell = said.record == Record::SubjectOnly;
    let is_elsewhere = facts.other_provider == Known::Yes;
    let place = match said.own_link_stands {
        OwnLink::Unknown if !is_shell => return Err(Plan::ask(vec![Asked::OwnLink])),
        OwnLink::Yes | OwnLink::Stopped => Place::Here,
        OwnLink::No | OwnLink::Unknown if is_elsewhere => Place::OtherProvider,
        OwnLink::No | OwnLink::Unknown => Place::Bureau,
    };
    if is_elsewhere {
        let cancel = Move::new(Act::CancelAccess, place, &[]);
        return Ok(Plan::of(Branch::CancelAccess, vec![cancel]));
    }
    deregister(facts, place)
}

/// G1 to G3 and G5 speak of a new number: they must be known and told, and stand in no one's way
/// who wants none.
const TOLD: [Guard; 4] = [
    Guard::Suffix,
    Guard::Registrar,
    Guard::Holder,
    Guard::Eligible,
];

fn deregister(facts: &Facts<'_>, place: Place) -> Result<Plan, Plan> {
    facts.all_known()?;
    facts.guarded(&[Guard::LossShown, Guard::Unblocked, Guard::Confirmed])?;
    let with = |check| {
        TOLD.into_iter()
            .filter(move |guard| facts.check(*guard) == check)
    };
    let unknown: Vec<_> = with(Check::Unknown).map(Asked::Guard).collect();
    if !unknown.is_empty() {
        return Err(Plan::ask(unknown));
    }
    let is_shell = facts.situation.record == Record::SubjectOnly;
    let ends_subject = facts.other_services != Known::Yes;
    let moves = deregistration(facts, place, ends_subject, is_shell)?;
    let branch = if ends_subject {
        Branch::DeregisterSubject
    } else {
        Branch::DeregisterSite
    };
    let is_online = place == Place::Here;
    let brake = if is_online {
        Warning::SmsIsTheBrake
    } else {
        Warning::NoBrakeOffline
    };
    let mut plan = Plan::of(branch, moves).warning(brake);
    if ends_subject {
        plan = plan.warning(Warning::NumberIsLost);
    }
    if is_shell {
        plan = plan.warning(Warning::ShellMayBeCleared);
    }
    plan = with(Check::Fail).fold(plan, |plan, guard| plan.warning(Warning::Fails(guard)));
    let could_not_return = with(Check::Fail).any(|guard| NEW_NUMBER.contains(&guard));
    Ok(if could_not_return {
        plan.warning(Warning::NeverFiledAgain)
    } else {
        plan
    })
}

/// The deregistration, after the number of a principal who must confirm it was regained.
fn deregistration(
    facts: &Facts<'_>,
    place: Place,
    ends_subject: bool,
    is_shell: bool,
) -> Result<Vec<Move>, Plan> {
    let said = facts.situation;
    let of_subject = (
        said.subject_phone,
        Asked::SubjectPhone,
        Receiver::SubjectPrincipal,
    );
    let of_site = (
        said.site_phone,
        Asked::SitePhone,
        Receiver::ServicePrincipal,
    );
    let phones = match (ends_subject, is_shell) {
        (true, true) => vec![of_subject],
        (true, false) => vec![of_subject, of_site],
        (false, _) => vec![of_site],
    };
    let unknown = phones.iter().filter(|(phone, ..)| *phone == Phone::Unknown);
    let asks: Vec<_> = unknown.map(|(_, ask, _)| *ask).collect();
    if !asks.is_empty() {
        return Err(Plan::ask(asks));
    }
    // On paper there is no SMS; a number that is lost still wants identity proved first.
    let is_online = place == Place::Here;
    let sms_to: Vec<_> = phones
        .iter()
        .filter(|_| is_online)
        .map(|(.., receiver)| *receiver)
        .collect();
    let act = if ends_subject {
        Act::DeregisterSubject
    } else {
        Act::DeregisterSite
    };
    let first = phones
        .iter()
        .any(|(phone, ..)| is_lost(*phone))
        .then(regain);
    Ok(first
        .into_iter()
        .chain([Move::new(act, place, &sms_to)])
        .collect())
}
