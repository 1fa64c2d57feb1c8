//! The service is not on record: a first filing, an added site, or a shell subject.

use super::advice::{Act, Asked, Branch, Place, Receiver, Warning};
use super::plan::{Facts, Move, Plan, is_lost};
use super::regain;
use super::situation::{Guard, Phone};
use crate::rulebook::Known;

/// Who must get the SMS of a service that is added to a subject on record.
pub(super) const OF_ADDED: [Receiver; 2] =
    [Receiver::SubjectPrincipal, Receiver::NewServicePrincipal];

/// Who must get the SMS of a first filing.
pub(super) const OF_FIRST: [Receiver; 2] =
    [Receiver::NewSubjectPrincipal, Receiver::NewServicePrincipal];

/// Nothing is on record.
pub(super) fn first_filing(facts: &Facts<'_>) -> Result<Plan, Plan> {
    facts.new_number()?;
    let file = Move::new(Act::FirstFiling, Place::Here, &OF_FIRST);
    Ok(Plan::of(Branch::FirstFiling, vec![file]).warning(Warning::BackAfterApproval))
}

/// The subject is on record with other services.
pub(super) fn add(facts: &Facts<'_>) -> Result<Plan, Plan> {
    facts.new_number()?;
    let said = facts.situation;
    let mut asks = Vec::new();
    if facts.subject_here == Known::Unknown {
        asks.push(Asked::SubjectHere);
    }
    if said.subject_phone == Phone::Unknown {
        asks.push(Asked::SubjectPhone);
    }
    let Some(differs) = &said.differs else {
        asks.push(Asked::Differs);
        return Err(Plan::ask(asks));
    };
    if !asks.is_empty() {
        return Err(Plan::ask(asks));
    }
    let mut moves = Vec::new();
    if is_lost(said.subject_phone) {
        moves.push(regain());
    }
    // Data of the service that is gone are filed anew with it; only the subject's can be old.
    let is_old = differs.iter().any(|group| group.is_of_subject());
    if is_old {
        let holder = if facts.subject_here == Known::Yes {
            Place::Here
        } else {
            Place::ProviderOfOtherService
        };
        moves.push(Move::new(
            Act::ChangeFiling,
            holder,
            &[Receiver::SubjectPrincipal],
        ));
    }
    moves.push(Move::new(Act::AddSite, Place::Here, &OF_ADDED));
    let branch = if is_old {
        Branch::ChangeThenAdd
    } else {
        Branch::AddSite
    };
    Ok(Plan::of(branch, moves).warning(Warning::BackAfterApproval))
}

/// The subject is on record without any service.
pub(super) fn from_shell(facts: &Facts<'_>) -> Result<Plan, Plan> {
    let said = facts.situation;
    let Some(province) = facts.province else {
        return Err(Plan::ask(vec![Asked::Province]));
    };
    if province.shell_may_add.is == Known::Unknown {
        return Ok(Plan::of(Branch::AskBureau, Vec::new())
            .asking([Asked::BureauRule])
            .for_staff());
    }
    facts.new_number()?;
    let Some(differs) = &said.differs else {
        return Err(Plan::ask(vec![Asked::Differs]));
    };
    if said.subject_phone == Phone::Unknown {
        return Err(Plan::ask(vec![Asked::SubjectPhone]));
    }
    let mut moves = Vec::new();
    if is_lost(said.subject_phone) {
        moves.push(regain());
    }
    if province.shell_may_add.is == Known::Yes {
        moves.push(Move::new(Act::AddToShell, Place::Here, &OF_ADDED));
        let plan = Plan::of(Branch::AddToShell, moves)
            .warning(Warning::ShellWantsCurrentData)
            .warning(Warning::BackAfterApproval);
        let is_old = differs.iter().any(|group| group.is_of_subject());
        return Ok(if is_old { plan.for_staff() } else { plan });
    }
    facts.all_known()?;
    facts.guarded(&Guard::ALL)?;
    moves.push(Move::new(Act::DeregisterSubject, Place::Bureau, &[]));
    moves.push(Move::new(Act::FirstFiling, Place::Here, &OF_FIRST));
    Ok(Plan::of(Branch::DeregisterShellThenFile, moves)
        .warning(Warning::NoBrakeOffline)
        .warning(Warning::ShellMayBeCleared)
        .warning(Warning::BackAfterApproval))
}
