//! What a list changes: results of orders, and what the bureau took off its record.

use icp_domain::account::Role;
use icp_domain::bureau_list::{About, BureauResult, Doubt, ListRow, Outcome, numbered};
use icp_domain::command::CommandId;
use icp_domain::filing::Filing;
use icp_domain::ids::OrderId;
use icp_domain::order::{Approval, OrderKind, ReturnReason, ServiceNumber};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{Import, StoredOrder};
use icp_store::{Change, CommitError, Failure, Store, StoreError};

use crate::By;
use crate::approve::ApprovalRefused;
use crate::step_order::{Answered, RecordAnswer, Step, StepOrderRefused, record_answer};
use crate::write_filing::{FrontEnds, Writing};

pub(super) struct Recording<'a> {
    pub(super) store: &'a Store,
    rulebook: &'a Rulebook,
    import: &'a Import,
    /// Who brought the list: whoever announced it, and whoever started it.
    by: Vec<By>,
}

impl<'a> Recording<'a> {
    pub(super) fn of(store: &'a Store, rulebook: &'a Rulebook, import: &'a Import) -> Self {
        let mut people = vec![&import.by];
        let second = import.started_by.as_ref();
        people.extend(second.filter(|second| **second != import.by));
        let origin = import.id.as_str();
        let by = people
            .into_iter()
            .map(|user| By::staff(user.clone(), Role::Operator, origin.to_owned()));
        Self {
            store,
            rulebook,
            import,
            by: by.collect(),
        }
    }

    /// Records what the bureau made of an order, as the rows of it say.
    pub(super) async fn results(
        &self,
        order: &OrderId,
        numbers: &[u64],
        rows: &[&ListRow],
        inv: &mut Invocation,
    ) -> Result<Outcome, StoreError> {
        let step = match self.step(order, rows).await? {
            Ok(step) => step,
            Err(doubt) => return Ok(Outcome::Doubtful(doubt)),
        };
        let mut outcome = Outcome::Doubtful(Doubt::NoOrder);
        for (nth, by) in (1..).zip(&self.by) {
            let first = numbers.first().copied().unwrap_or_default();
            let command = RecordAnswer {
                order,
                by,
                step: step.clone(),
                command: self.command(first),
                dry_run: self.import.dry_run,
            };
            let is_last = nth == self.by.len();
            let beside = |change: &mut Change, answered: Answered| {
                let outcome = match answered {
                    Answered::Taken => Outcome::Recorded,
                    Answered::Waits if is_last => Outcome::AwaitsSecond,
                    Answered::Waits => return Ok(()),
                };
                numbers
                    .iter()
                    .try_for_each(|row| self.put_row(change, *row, outcome))
            };
            let answered = record_answer(self.store, self.rulebook, inv, command, beside).await;
            outcome = match answered {
                Ok(Answered::Taken) => return Ok(Outcome::Recorded),
                Ok(Answered::Waits) => Outcome::AwaitsSecond,
                Err(Failure::Refused(StepOrderRefused::SamePerson(_))) => Outcome::AwaitsSecond,
                Err(failure) => return doubt(failure).map(Outcome::Doubtful),
            };
        }
        Ok(outcome)
    }

    /// The step that the rows of an order say, where they say one.
    async fn step(
        &self,
        order: &OrderId,
        rows: &[&ListRow],
    ) -> Result<Result<Step, Doubt>, StoreError> {
        let mut results = rows.iter().filter_map(|row| row.result.as_ref());
        let Some(first) = results.next() else {
            return Ok(Err(Doubt::ResultsContradict));
        };
        let is_same =
            |other: &BureauResult| std::mem::discriminant(first) == std::mem::discriminant(other);
        if !results.all(is_same) {
            return Ok(Err(Doubt::ResultsContradict));
        }
        Ok(Ok(match first {
            BureauResult::Sent => Step::Send,
            BureauResult::SmsDone => Step::SmsDone,
            BureauResult::SmsNotDone => Step::SmsNotDone,
            BureauResult::Rejected(_) => Step::Reject(reasons(rows)),
            BureauResult::Approved => {
                let Some(stored) = self.store.order(order).await? else {
                    return Ok(Err(Doubt::NoOrder));
                };
                let Some(filing) = self.store.filing(&stored.order.subject).await? else {
                    return Ok(Err(Doubt::NoOrder));
                };
                match approval(&stored, &filing.filing, rows) {
                    Ok(approval) => Step::Approve(approval),
                    Err(doubt) => return Ok(Err(doubt)),
                }
            }
        }))
    }

    /// Records that the bureau took a subject or a service off its record.
    pub(super) async fn deregistration(
        &self,
        about: &About,
        row: u64,
        inv: &mut Invocation,
    ) -> Result<Outcome, StoreError> {
        for _ in 0..=self.rulebook.policy.sweeps.reloads {
            let Some(mut stored) = self.store.filing(&about.subject).await? else {
                return Ok(Outcome::Unmatched);
            };
            if is_gone(&stored.filing, about) {
                return Ok(Outcome::Recorded);
            }
            // What an order asks for is answered as its result.
            if stored.filing.subject.order_in_flight.is_some() {
                return Ok(Outcome::Doubtful(Doubt::OrderInFlight));
            }
            let mut after = stored.filing.clone();
            match &about.service {
                Some(service) => after.deregister(service, inv.now),
                None => after.deregister_subject(inv.now),
            }
            let writing = Writing {
                store: self.store,
                rulebook: self.rulebook,
                front_ends: FrontEnds::AreTold,
            };
            let mut change = Change::new();
            writing
                .difference(&mut change, &mut stored, after, inv)
                .await?;
            if self.import.dry_run {
                return Ok(Outcome::Recorded);
            }
            let command = self.command(row);
            // Who started the list decided last.
            if let Some(by) = self.by.last() {
                let about = format!("{} row {row}", self.import.id);
                let deed = by.deed("deregistration-recorded", &about, &command);
                stored.record(&mut change, deed, inv.now)?;
            }
            self.put_row(&mut change, row, Outcome::Recorded)?;
            match self.store.commit(&change).await {
                Ok(()) => return Ok(Outcome::Recorded),
                // Somebody wrote first: load and decide again.
                Err(CommitError::Conflict(_)) => {}
                Err(CommitError::Store(error)) => return Err(error),
            }
        }
        Err(again_and_again())
    }

    fn command(&self, row: u64) -> CommandId {
        CommandId::of_cause(self.import.id.as_str(), "row", &row.to_string())
    }

    fn put_row(&self, change: &mut Change, row: u64, outcome: Outcome) -> Result<(), StoreError> {
        Store::put_list_row(change, &self.import.id, row, outcome)
    }
}

fn again_and_again() -> StoreError {
    StoreError::unavailable(std::io::Error::other(
        "what a row is about was written by others again and again",
    ))
}

/// Whether the record has it no more.
fn is_gone(filing: &Filing, about: &About) -> bool {
    match &about.service {
        Some(service) => {
            let service = filing.services.get(service);
            service.is_none_or(|service| !service.is_on_record())
        }
        None => filing.is_deregistered(),
    }
}

/// Why the bureau rejects an order: what each of its rows says, once.
fn reasons(rows: &[&ListRow]) -> Vec<ReturnReason> {
    let mut reasons: Vec<ReturnReason> = Vec::new();
    for row in rows {
        if let Some(BureauResult::Rejected(error)) = &row.result
            && !reasons.iter().any(|reason| reason.error == *error)
        {
            reasons.push(ReturnReason {
                // A list names no field: it is about the whole draft.
                field: String::new(),
                error: error.clone(),
                suggestion: String::new(),
            });
        }
    }
    reasons
}

/// The numbers that the bureau gave, row by row.
fn approval(stored: &StoredOrder, filing: &Filing, rows: &[&ListRow]) -> Result<Approval, Doubt> {
    let gives_numbers = match stored.order.kind {
        OrderKind::FirstFiling | OrderKind::AddSite | OrderKind::AddAccess => true,
        OrderKind::Change
        | OrderKind::DeregisterSite
        | OrderKind::DeregisterSubject
        | OrderKind::CancelAccess => false,
    };
    if !gives_numbers {
        return Ok(Approval::default());
    }
    let draft = stored.draft.parse(filing).map_err(|_| Doubt::StepRefused)?;
    let mut approval = Approval::default();
    for row in rows {
        let named = &row.named;
        if approval.number.is_none() {
            approval.number.clone_from(&named.number);
        }
        let Some(number) = named.service_number.clone() else {
            continue;
        };
        let service = numbered(named, &draft).ok_or(Doubt::NumbersMisfit)?.clone();
        let given = ServiceNumber { service, number };
        if !approval.services.contains(&given) {
            approval.services.push(given);
        }
    }
    Ok(approval)
}

/// Why a result is for people, where that is why it was not recorded.
fn doubt(failure: Failure<StepOrderRefused>) -> Result<Doubt, StoreError> {
    Ok(match failure {
        Failure::Fault(fault) => return Err(fault),
        Failure::ChangedMeanwhile | Failure::KeyReused => return Err(again_and_again()),
        Failure::NotFound => Doubt::NoOrder,
        Failure::Refused(refusal) => match refusal {
            StepOrderRefused::Claimed(_) => Doubt::Claimed,
            StepOrderRefused::Approval(ApprovalRefused::TakenElsewhere(_)) => Doubt::TakenElsewhere,
            StepOrderRefused::Approval(
                ApprovalRefused::Misfit(_) | ApprovalRefused::DraftUnreadable,
            ) => Doubt::NumbersMisfit,
            StepOrderRefused::Draft(_)
            | StepOrderRefused::Step(_)
            | StepOrderRefused::ConfirmationNeeded
            | StepOrderRefused::SubjectsOfAccount(_)
            | StepOrderRefused::SamePerson(_)
            | StepOrderRefused::OtherInFlight => Doubt::StepRefused,
        },
    })
}
