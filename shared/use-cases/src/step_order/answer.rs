//! Records the bureau's answer to an order that a file brought.

use icp_domain::bureau_list::Doubt;
use icp_domain::command::CommandId;
use icp_domain::filing::Filing;
use icp_domain::ids::{OrderId, UserId};
use icp_domain::order::{Approval, Decision, Order, OrderState, Proposed, ReturnedBy};
use icp_domain::rulebook::calendar;
use icp_domain::{Invocation, Rulebook};
use icp_store::records::StoredOrder;
use icp_store::{Change, CommitError, Failure, Store, StoreError};
use jiff::civil::Date;

use super::{Step, StepOrderRefused, Taking, competes};
use crate::By;
use crate::approve::ApprovalRefused;

/// An answer that a file brought.
pub(crate) struct RecordAnswer<'a> {
    /// The order.
    pub(crate) order: &'a OrderId,
    /// Who brought it.
    pub(crate) by: &'a By,
    /// What the bureau did.
    pub(crate) step: Step,
    /// When it said so.
    pub(crate) issued_on: Date,
    /// The command, as history names it.
    pub(crate) command: CommandId,
    /// Whether nothing is written, and who said the same before, of which nothing is written either.
    pub(crate) trial: Option<Trial<'a>>,
}

/// An answer that is only tried.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trial<'a> {
    /// Who said the same before.
    pub(crate) after: Option<&'a UserId>,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answered {
    /// The order stands as the bureau says.
    Taken,
    /// Another person has to say the same.
    Waits,
}

/// Why it was not recorded.
pub(crate) enum Unrecorded {
    /// People have to look into it.
    Doubt(Doubt),
    /// The same person said it before.
    SamePerson,
    /// A call failed.
    Fault(StoreError),
}

impl From<StoreError> for Unrecorded {
    fn from(fault: StoreError) -> Self {
        Self::Fault(fault)
    }
}

/// Records an answer, with what `beside` writes in the same commit. One that was recorded before, by
/// whomever, stands.
pub(crate) async fn record_answer(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    answer: RecordAnswer<'_>,
    beside: impl Fn(&mut Change, Answered) -> Result<(), StoreError>,
) -> Result<Answered, Unrecorded> {
    let mut left = rulebook.policy.sweeps.reloads;
    loop {
        let none = || Unrecorded::Doubt(Doubt::NoOrder);
        let mut stored = store.order(answer.order).await?.ok_or_else(none)?;
        let filing = store.filing(&stored.order.subject).await?;
        let filing = filing.ok_or_else(none)?;
        let mut change = Change::new();
        let answered = if stands(&stored.order, &filing.filing, &answer.step)? {
            Answered::Taken
        } else {
            if is_older(&stored.order, &answer) {
                return Err(Unrecorded::Doubt(Doubt::ListOlder));
            }
            second(&mut stored, &answer, inv);
            let taking = Taking {
                store,
                rulebook,
                by: answer.by,
                command: &answer.command,
            };
            let step = answer.step.clone();
            let (stepped, after) = match taking.step(stored, filing, step, inv).await {
                Ok(taken) => taken,
                Err(failure) => {
                    return Err(unrecorded(store, rulebook, inv, &answer, failure).await?);
                }
            };
            change = stepped;
            match after.order.proposed {
                Some(_) => Answered::Waits,
                None => Answered::Taken,
            }
        };
        if answer.trial.is_some() {
            return Ok(answered);
        }
        beside(&mut change, answered)?;
        if Change::MOST_ROWS < change.rows() {
            let taking = Taking {
                store,
                rulebook,
                by: answer.by,
                command: &answer.command,
            };
            match taking.go_ahead(answer.order, inv).await {
                Ok(true) => continue,
                Ok(false) => return Err(Unrecorded::Doubt(Doubt::TooMuch)),
                Err(failure) => {
                    return Err(unrecorded(store, rulebook, inv, &answer, failure).await?);
                }
            }
        }
        match store.commit(&change).await {
            Ok(()) => return Ok(answered),
            // Somebody wrote first: load and decide again.
            Err(CommitError::Conflict(_)) if 0 < left => left -= 1,
            Err(CommitError::Conflict(_)) => return Err(Unrecorded::Fault(again_and_again())),
            Err(CommitError::Store(error)) => return Err(error.into()),
        }
    }
}

/// The order as the word that was only tried before leaves it.
fn second(stored: &mut StoredOrder, answer: &RecordAnswer<'_>, inv: &Invocation) {
    if let Some(Trial { after: Some(by) }) = answer.trial {
        stored.order.proposed = Some(Proposed {
            decision: Decision::Approve,
            by: by.clone(),
            proposed_at: inv.now,
        });
    }
}

/// Whether the list was issued before the order was sent to the bureau, or could be.
fn is_older(order: &Order, answer: &RecordAnswer<'_>) -> bool {
    let since = match (&answer.step, &order.state) {
        (Step::Send, OrderState::Queued { since }) => Some(*since),
        (_, _) => order.sent_at,
    };
    let since = since.map(calendar::local_date);
    since.is_some_and(|since| answer.issued_on < since)
}

/// Whether an order stands as a step of the bureau leaves it.
fn stands(order: &Order, filing: &Filing, step: &Step) -> Result<bool, Unrecorded> {
    let state = &order.state;
    Ok(match step {
        Step::Send => matches!(state, OrderState::BureauSms { .. }),
        Step::SmsDone => matches!(state, OrderState::BureauReview { .. }),
        Step::SmsNotDone => is_returned_by(state, ReturnedBy::SmsCheck),
        Step::Reject(_) => is_returned_by(state, ReturnedBy::Bureau),
        Step::Approve(approval) => match state {
            OrderState::Approved { .. } if !has_numbers(filing, approval) => {
                return Err(Unrecorded::Doubt(Doubt::NumberDiffers));
            }
            OrderState::Approved { .. } => true,
            OrderState::Draft
            | OrderState::ProviderReview { .. }
            | OrderState::Returned { .. }
            | OrderState::Queued { .. }
            | OrderState::BureauSms { .. }
            | OrderState::BureauReview { .. }
            | OrderState::Withdrawn { .. }
            | OrderState::Dead { .. } => false,
        },
        Step::Submit(_) | Step::Withdraw | Step::Pass | Step::Return(_) => false,
    })
}

fn is_returned_by(state: &OrderState, who: ReturnedBy) -> bool {
    matches!(state, OrderState::Returned { by, .. } if *by == who)
}

/// Whether a filing has the numbers of an approval.
fn has_numbers(filing: &Filing, approval: &Approval) -> bool {
    let subject = approval.number.as_ref();
    let of_subject = subject.is_none_or(|number| filing.number() == Some(number));
    let mut services = approval.services.iter();
    of_subject
        && services.all(|given| {
            let held = filing.services.get(&given.service);
            held.and_then(|held| held.number.as_ref()) == Some(&given.number)
        })
}

fn again_and_again() -> StoreError {
    StoreError::unavailable(std::io::Error::other(
        "the order was written by others again and again",
    ))
}

async fn unrecorded(
    store: &Store,
    rulebook: &Rulebook,
    inv: &Invocation,
    answer: &RecordAnswer<'_>,
    failure: Failure<StepOrderRefused>,
) -> Result<Unrecorded, StoreError> {
    let refusal = match failure {
        Failure::Fault(fault) => return Ok(Unrecorded::Fault(fault)),
        Failure::ChangedMeanwhile | Failure::KeyReused => {
            return Ok(Unrecorded::Fault(again_and_again()));
        }
        Failure::NotFound => return Ok(Unrecorded::Doubt(Doubt::NoOrder)),
        Failure::Refused(refusal) => refusal,
    };
    Ok(Unrecorded::Doubt(match refusal {
        StepOrderRefused::SamePerson(_) => return Ok(Unrecorded::SamePerson),
        StepOrderRefused::Claimed(_) => Doubt::Claimed,
        StepOrderRefused::Approval(ApprovalRefused::TakenElsewhere(what)) => {
            if answer.trial.is_none() {
                competes(store, rulebook, answer.order, what, inv.now).await?;
            }
            Doubt::TakenElsewhere
        }
        StepOrderRefused::Approval(
            ApprovalRefused::Misfit(_) | ApprovalRefused::DraftUnreadable,
        ) => Doubt::NumbersMisfit,
        StepOrderRefused::Draft(_)
        | StepOrderRefused::Step(_)
        | StepOrderRefused::ConfirmationNeeded
        | StepOrderRefused::SubjectsOfAccount(_)
        | StepOrderRefused::OtherInFlight => Doubt::StepRefused,
    }))
}
