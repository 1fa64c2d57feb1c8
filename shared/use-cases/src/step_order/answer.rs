//! Records the bureau's answer to an order that a file brought.

use icp_domain::command::CommandId;
use icp_domain::ids::OrderId;
use icp_domain::order::{OrderState, ReturnedBy};
use icp_domain::{Invocation, Rulebook};
use icp_store::{Change, CommitError, Failure, Store, StoreError};

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
    /// The command, as history names it.
    pub(crate) command: CommandId,
    /// Whether nothing is written.
    pub(crate) dry_run: bool,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answered {
    /// The order stands as the bureau says.
    Taken,
    /// Another person has to say the same.
    Waits,
}

/// Records an answer, with what `beside` writes in the same commit. One that was recorded before, by
/// whomever, stands.
pub(crate) async fn record_answer(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    answer: RecordAnswer<'_>,
    beside: impl Fn(&mut Change, Answered) -> Result<(), StoreError>,
) -> Result<Answered, Failure<StepOrderRefused>> {
    for _ in 0..=rulebook.policy.sweeps.reloads {
        let stored = store.order(answer.order).await?.ok_or(Failure::NotFound)?;
        if stands(&stored.order.state, &answer.step) {
            return Ok(Answered::Taken);
        }
        let filing = store.filing(&stored.order.subject).await?;
        let filing = filing.ok_or(Failure::NotFound)?;
        let taking = Taking {
            store,
            rulebook,
            by: answer.by,
            command: &answer.command,
        };
        let taken = taking.step(stored, filing, answer.step.clone(), inv).await;
        let (mut change, after) = match taken {
            Ok(taken) => taken,
            Err(failure) => {
                if let Failure::Refused(StepOrderRefused::Approval(
                    ApprovalRefused::TakenElsewhere(what),
                )) = &failure
                    && !answer.dry_run
                {
                    competes(store, rulebook, answer.order, *what, inv.now).await?;
                }
                return Err(failure);
            }
        };
        let answered = if after.order.proposed.is_some() {
            Answered::Waits
        } else {
            Answered::Taken
        };
        if answer.dry_run {
            return Ok(answered);
        }
        beside(&mut change, answered)?;
        match store.commit(&change).await {
            Ok(()) => return Ok(answered),
            // Somebody wrote first: load and decide again.
            Err(CommitError::Conflict(_)) => {}
            Err(CommitError::Store(error)) => return Err(error.into()),
        }
    }
    Err(Failure::ChangedMeanwhile)
}

/// Whether an order stands as a step of the bureau leaves it.
fn stands(state: &OrderState, step: &Step) -> bool {
    match step {
        Step::Send => matches!(state, OrderState::BureauSms { .. }),
        Step::SmsDone => matches!(state, OrderState::BureauReview { .. }),
        Step::SmsNotDone => is_returned_by(state, ReturnedBy::SmsCheck),
        Step::Reject(_) => is_returned_by(state, ReturnedBy::Bureau),
        Step::Approve(_) => matches!(state, OrderState::Approved { .. }),
        Step::Submit(_) | Step::Withdraw | Step::Pass | Step::Return(_) => false,
    }
}

fn is_returned_by(state: &OrderState, who: ReturnedBy) -> bool {
    matches!(state, OrderState::Returned { by, .. } if *by == who)
}
