//! What a list changes: results of orders, and what the bureau took off its record.

use icp_domain::account::Role;
use icp_domain::bureau_list::{About, BureauResult, Doubt, ListHead, ListRow, Outcome, given};
use icp_domain::command::CommandId;
use icp_domain::filing::{Filing, LinkState, Origin, SubjectState};
use icp_domain::history::Happened;
use icp_domain::ids::{OrderId, UserId};
use icp_domain::notice::NoticeKind;
use icp_domain::order::ReturnReason;
use icp_domain::rulebook::calendar;
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{Import, StoredFiling};
use icp_store::{Change, CommitError, Store, StoreError};

use crate::By;
use crate::notices::post_notice;
use crate::step_order::{Answered, RecordAnswer, Step, Trial, Unrecorded, record_answer};
use crate::write_filing::{FrontEnds, Writing, without_some};

pub(super) struct Recording<'a> {
    pub(super) store: &'a Store,
    pub(super) rulebook: &'a Rulebook,
    pub(super) import: &'a Import,
    pub(super) list: &'a ListHead,
    /// Who brought the list: whoever announced it, and whoever started it.
    pub(super) people: Vec<&'a UserId>,
}

/// Most different reasons of one order, which keeps them in one item.
const MOST_REASONS: usize = 20;

impl<'a> Recording<'a> {
    pub(super) fn of(
        store: &'a Store,
        rulebook: &'a Rulebook,
        (import, list): (&'a Import, &'a ListHead),
    ) -> Self {
        let second = import.started_by.as_ref();
        let second = second.filter(|second| **second != import.by);
        Self {
            store,
            rulebook,
            import,
            list,
            people: [Some(&import.by), second].into_iter().flatten().collect(),
        }
    }

    /// Records what the bureau made of an order, as the rows of it say, which have these numbers.
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
        let mut before = None;
        for (nth, user) in (1..).zip(&self.people) {
            let command = RecordAnswer {
                order,
                by: &self.by(user),
                step: step.clone(),
                issued_on: self.list.issued_on,
                command: self.command(numbers.first().copied().unwrap_or_default()),
                trial: self.import.dry_run.then_some(Trial { after: before }),
            };
            let is_last = nth == self.people.len();
            let beside = |change: &mut Change, answered: Answered| match answered {
                Answered::Taken => self.put_rows(change, numbers, Outcome::Recorded),
                Answered::Waits if is_last => self.put_rows(change, numbers, Outcome::AwaitsSecond),
                Answered::Waits => Ok(()),
            };
            let answered = record_answer(self.store, self.rulebook, inv, command, beside).await;
            outcome = match answered {
                Ok(Answered::Taken) => return Ok(Outcome::Recorded),
                Ok(Answered::Waits) => {
                    before = Some(*user);
                    Outcome::AwaitsSecond
                }
                Err(Unrecorded::SamePerson) => Outcome::AwaitsSecond,
                // The other of the two may be who works on it.
                Err(Unrecorded::Doubt(Doubt::Claimed)) => Outcome::Doubtful(Doubt::Claimed),
                Err(Unrecorded::Doubt(doubt)) => return Ok(Outcome::Doubtful(doubt)),
                Err(Unrecorded::Fault(fault)) => return Err(fault),
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
            return Ok(Err(Doubt::RowsDisagree));
        };
        let is_same =
            |other: &BureauResult| std::mem::discriminant(first) == std::mem::discriminant(other);
        if !results.all(is_same) {
            return Ok(Err(Doubt::RowsDisagree));
        }
        let reasons = reasons(rows);
        if MOST_REASONS < reasons.len() {
            return Ok(Err(Doubt::TooMuch));
        }
        Ok(match first {
            BureauResult::Sent => Ok(Step::Send),
            BureauResult::SmsDone => Ok(Step::SmsDone),
            BureauResult::SmsNotDone => Ok(Step::SmsNotDone),
            BureauResult::Rejected(_) => Ok(Step::Reject(reasons)),
            BureauResult::Approved => self.approval(order, rows).await?,
        })
    }

    async fn approval(
        &self,
        order: &OrderId,
        rows: &[&ListRow],
    ) -> Result<Result<Step, Doubt>, StoreError> {
        let Some(stored) = self.store.order(order).await? else {
            return Ok(Err(Doubt::NoOrder));
        };
        let Some(filing) = self.store.filing(&stored.order.subject).await? else {
            return Ok(Err(Doubt::NoOrder));
        };
        let filing = &filing.filing;
        let Ok(draft) = stored.draft.parse(filing) else {
            return Ok(Err(Doubt::StepRefused));
        };
        Ok(given(rows, stored.order.kind, filing, &draft).map(Step::Approve))
    }

    /// Records that the bureau took a subject or a service off its record: of a subject service after
    /// service, since all at once may be more than a commit takes.
    pub(super) async fn deregistration(
        &self,
        about: &About,
        row: u64,
        inv: &mut Invocation,
    ) -> Result<Outcome, StoreError> {
        let outcome = match &about.service {
            Some(_) => Outcome::SiteOff,
            None => Outcome::SubjectOff,
        };
        let mut left = self.rulebook.policy.sweeps.reloads;
        loop {
            let Some(mut stored) = self.store.filing(&about.subject).await? else {
                return Ok(Outcome::Unmatched);
            };
            if is_gone(&stored.filing, about) {
                return Ok(outcome);
            }
            if self.is_older(&stored.filing, about) {
                return Ok(Outcome::Doubtful(Doubt::ListOlder));
            }
            // What an order asks for is answered as its result.
            if stored.filing.subject.order_in_flight.is_some() {
                return Ok(Outcome::Doubtful(Doubt::OrderInFlight));
            }
            if self.import.dry_run {
                return Ok(outcome);
            }
            let (after, is_last) = next(&stored.filing, about, inv);
            let mut change = self.written(&mut stored, after, row, inv).await?;
            if is_last {
                self.put_rows(&mut change, &[row], outcome)?;
                let service = about.service.clone();
                let kind = NoticeKind::Deregistered { service };
                let (command, policy) = (self.command(row), &self.rulebook.policy.cases);
                post_notice(&mut change, &command, stored.id(), kind, inv.now, policy)?;
            }
            if Change::MOST_ROWS < change.rows() {
                return Ok(Outcome::Doubtful(Doubt::TooMuch));
            }
            match self.store.commit(&change).await {
                Ok(()) if is_last => return Ok(outcome),
                Ok(()) => {}
                // Somebody wrote first: load and decide again.
                Err(CommitError::Conflict(_)) if 0 < left => left -= 1,
                Err(CommitError::Conflict(_)) => return Err(again_and_again()),
                Err(CommitError::Store(error)) => return Err(error),
            }
        }
    }

    /// Whether the list was issued before an order brought what it is about onto the record. Of a base
    /// nobody knows since when it stands there.
    fn is_older(&self, filing: &Filing, about: &About) -> bool {
        let since = match &about.service {
            Some(id) => filing.services.get(id).and_then(|service| {
                let link = filing
                    .links
                    .get(id)
                    .filter(|_| service.origin == Origin::Order);
                match &link?.state {
                    LinkState::Live { since } => Some(*since),
                    LinkState::Stopped { .. }
                    | LinkState::Reported { .. }
                    | LinkState::Cancelled { .. } => None,
                }
            }),
            None => match &filing.subject.state {
                SubjectState::Filed { filed_at, .. } if filing.subject.origin == Origin::Order => {
                    *filed_at
                }
                SubjectState::New
                | SubjectState::Filed { .. }
                | SubjectState::Deregistered { .. } => None,
            },
        };
        let since = since.map(calendar::local_date);
        since.is_some_and(|since| self.list.issued_on < since)
    }

    async fn written(
        &self,
        stored: &mut StoredFiling,
        after: Filing,
        row: u64,
        inv: &mut Invocation,
    ) -> Result<Change, StoreError> {
        let writing = Writing {
            store: self.store,
            rulebook: self.rulebook,
            front_ends: FrontEnds::AreTold,
        };
        let mut change = Change::new();
        writing.difference(&mut change, stored, after, inv).await?;
        // Who started the list decided last.
        if let Some(user) = self.people.last() {
            let about = format!("{} row {row}", self.import.id);
            let command = self.command(row);
            let deed = self
                .by(user)
                .deed(Happened::DeregistrationRecorded, &about, &command);
            stored.record(&mut change, deed, inv.now)?;
        }
        Ok(change)
    }

    pub(super) fn by(&self, user: &UserId) -> By {
        By::staff(user.clone(), Role::Operator, self.import.id.to_string())
    }

    pub(super) fn command(&self, row: u64) -> CommandId {
        CommandId::of_cause(self.import.id.as_str(), "row", &row.to_string())
    }

    pub(super) fn put_rows(
        &self,
        change: &mut Change,
        rows: &[u64],
        outcome: Outcome,
    ) -> Result<(), StoreError> {
        Store::put_list_rows(change, &self.import.id, rows, outcome)
    }
}

pub(super) fn again_and_again() -> StoreError {
    StoreError::unavailable(std::io::Error::other(
        "what a row is about was written by others again and again",
    ))
}

/// The filing after the next commit of a deregistration, and whether it is the last.
fn next(filing: &Filing, about: &About, inv: &Invocation) -> (Filing, bool) {
    let mut after = filing.clone();
    match &about.service {
        Some(service) => after.deregister(service, inv.now),
        None => match without_some(filing, inv.now) {
            Some(after) => return (after, false),
            None => after.deregister_subject(inv.now),
        },
    }
    (after, true)
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
