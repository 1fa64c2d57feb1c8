//! What falls due about cases and orders: reminders, last looks, lapses, stops.

use icp_domain::case::StaffNeed;
use icp_domain::command::CommandId;
use icp_domain::finding::{Due, Event, Finding, FindingState, Reminded, next, step};
use icp_domain::ids::{CaseId, FindingId, OrderId};
use icp_domain::look::{Look, Purpose};
use icp_domain::notice::NoticeKind;
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{StoredCase, StoredFiling};
use icp_store::{Change, CommitError, DueRow, Family, Key, Store, StoreError};
use jiff::Timestamp;

use crate::By;
use crate::notices::post_notice;
use crate::posted::look_for;
use crate::step_order::lapse;
use crate::stop::{self, Wanted};

/// Who drives these steps, as history knows it.
pub(crate) const FUNCTION: &str = "expire-deadlines";

/// What one shard's sweep came to.
#[derive(Debug, Default)]
pub struct Swept {
    /// Looks to send now.
    pub looks: Vec<Look>,
    /// Rows handled.
    pub done: usize,
    /// Rows that failed and stay due.
    pub failed: usize,
    /// Rows set aside.
    pub quarantined: i64,
    /// The oldest instant that stays due.
    pub oldest_left: Option<Timestamp>,
    /// Findings that are condemned and due to be stopped.
    pub wanted: Vec<Wanted>,
}

/// Sweeps one shard of what is due, and moves its watermark. Stops are not made here: they are
/// counted over all shards first ([`stop_condemned`]).
pub async fn sweep_shard(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    shard: u8,
) -> Result<Swept, StoreError> {
    let policy = &rulebook.policy.sweeps;
    let sweep = store.sweep(Family::Deadline.name(), shard, inv.now).await?;
    let limit = policy.tick_rows as usize;
    let rows = store
        .due(Family::Deadline, shard, sweep.from, None, inv.now, limit)
        .await?;
    let mut swept = Swept::default();
    for row in &rows {
        match due_row(store, rulebook, inv, row).await {
            Ok(one) => {
                swept.done += 1;
                swept.looks.extend(one.looks);
                swept.wanted.extend(one.wanted);
            }
            Err(error) if error.is_malformed() => {
                tracing::error!(row = %row.key, "a due row does not read and is set aside: {error}");
                store
                    .set_aside(&row.key, &error.to_string(), inv.now)
                    .await?;
                swept.quarantined += 1;
            }
            Err(error) => {
                tracing::warn!(row = %row.key, "a due row failed and stays due: {error}");
                swept.failed += 1;
                let oldest = swept
                    .oldest_left
                    .map_or(row.at, |oldest| oldest.min(row.at));
                swept.oldest_left = Some(oldest);
            }
        }
    }
    let mut from = inv.now - policy.watermark_behind();
    if limit <= rows.len() {
        from = rows.last().map_or(from, |last| from.min(last.at));
    }
    from = swept.oldest_left.map_or(from, |oldest| from.min(oldest));
    store.advance(&sweep, from, None).await?;
    Ok(swept)
}

/// Stops what is condemned, under the brake: counted in all and per account before the first.
pub async fn stop_condemned(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    wanted: Vec<Wanted>,
) -> Result<stop::Stopped, StoreError> {
    stop::stop_condemned(store, rulebook, inv, wanted).await
}

#[derive(Default)]
struct One {
    looks: Vec<Look>,
    wanted: Vec<Wanted>,
}

async fn due_row(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    row: &DueRow,
) -> Result<One, StoreError> {
    match named(&row.key)? {
        Named::Order(order) => {
            lapse(store, rulebook, inv, &order, FUNCTION).await?;
            Ok(One::default())
        }
        Named::Case(case) => due_case(store, rulebook, inv, &case).await,
    }
}

enum Named {
    Order(OrderId),
    Case(CaseId),
}

fn named(key: &Key) -> Result<Named, StoreError> {
    let order = key
        .pk
        .strip_prefix("ORDER#")
        .and_then(|id| id.parse().ok())
        .map(Named::Order);
    let case = key
        .pk
        .strip_prefix("CASE#")
        .and_then(|id| id.parse().ok())
        .map(Named::Case);
    order.or(case).ok_or_else(|| StoreError::Malformed {
        key: key.clone(),
        reason: "no row of this name has deadlines".to_owned(),
    })
}

/// Does all that is due about one case, each step in its own commit. More steps than this in one
/// sweep would be a loop; the next sweep goes on.
const MOST_STEPS: usize = 8;

async fn due_case(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    id: &CaseId,
) -> Result<One, StoreError> {
    let mut one = One::default();
    for _ in 0..MOST_STEPS {
        let Some(stored) = store.case(id).await? else {
            return Ok(one);
        };
        let subject = stored.case.unit.subject.clone();
        let Some(filing) = store.filing(&subject).await? else {
            return Ok(one);
        };
        let next = stored.case.next(&filing.frozen(), inv.now, rulebook);
        let Some((at, finding, due)) = next else {
            return Ok(one);
        };
        if inv.now < at {
            // Found early, or woken for what stands still: sleep until then.
            sleep_until(store, &stored, at, inv.now).await?;
            return Ok(one);
        }
        let due_step = DueStep {
            rulebook,
            filing,
            stored,
            finding,
            at,
        };
        let (change, looks, wanted) = due_step.decide(due, inv)?;
        one.wanted.extend(wanted);
        let Some(change) = change else { return Ok(one) };
        match store.commit(&change).await {
            Ok(()) => one.looks.extend(looks),
            // Somebody acted in time: look again at what is due now.
            Err(CommitError::Conflict(_)) => {}
            Err(CommitError::Store(error)) => return Err(error),
        }
    }
    Ok(one)
}

/// Writes a case's wake without changing the case.
pub(crate) async fn sleep_until(
    store: &Store,
    stored: &StoredCase,
    at: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut change = Change::new();
    stored.put(&mut change, Some(at), now)?;
    match store.commit(&change).await {
        Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error),
    }
}

/// One step that is due about one finding.
struct DueStep<'a> {
    rulebook: &'a Rulebook,
    filing: StoredFiling,
    stored: StoredCase,
    finding: FindingId,
    at: Timestamp,
}

type DueDecided = (Option<Change>, Vec<Look>, Option<Wanted>);

impl DueStep<'_> {
    fn decide(mut self, due: Due, inv: &Invocation) -> Result<DueDecided, StoreError> {
        let command = self.command(due);
        match due {
            Due::Stop | Due::GoOnStopping => {
                let wanted = Wanted {
                    case: self.stored.case.id.clone(),
                    finding: self.finding.clone(),
                    account: self.stored.case.account.clone(),
                };
                Ok((None, Vec::new(), Some(wanted)))
            }
            Due::Wait => Ok((None, Vec::new(), None)),
            Due::NobodyReached => {
                self.stored.case.needs_staff = Some(StaffNeed::NobodyReached(inv.now));
                self.commit("nobody-reached", &command, Change::new(), Vec::new(), inv)
            }
            Due::Remind(reminded) => {
                let mut change = Change::new();
                let kind = NoticeKind::Reminder {
                    case: self.stored.case.id.clone(),
                    finding: self.finding.clone(),
                    due_at: reminded.due_at,
                    stage: reminded.stage,
                };
                let policy = &self.rulebook.policy.cases;
                post_notice(
                    &mut change,
                    &command,
                    self.filing.id(),
                    kind,
                    inv.now,
                    policy,
                )?;
                self.remind_all(reminded, inv);
                self.commit("filer-reminded", &command, change, Vec::new(), inv)
            }
            Due::LastLook => {
                let before = self.look(inv, &[Event::PeriodOver]);
                self.apply(&[Event::PeriodOver, Event::LookSent], inv);
                self.commit("period-over", &command, Change::new(), before, inv)
            }
            Due::SendLook => {
                let looks = self.look(inv, &[]);
                self.apply(&[Event::LookSent], inv);
                self.ask_staff_when_given_up(inv);
                self.without_history(looks, inv)
            }
            Due::SendRecheck => {
                let asked = self.stored.case.finding(&self.finding);
                let asked = asked.and_then(|finding| finding.recheck.clone());
                let unit = &self.stored.case.unit;
                let look = asked.and_then(|asked| {
                    look_for(&self.filing, unit, &asked, Purpose::Recheck, self.rulebook)
                });
                self.apply(&[Event::RecheckSent], inv);
                self.without_history(look.into_iter().collect(), inv)
            }
        }
    }

    /// The step's command: the finding, the step, and the instant that called for it. A reminder is
    /// known by the deadline it names, so that each stage goes once per deadline.
    fn command(&self, due: Due) -> CommandId {
        let row = format!("{} {}", self.stored.case.id, self.finding);
        match due {
            Due::Remind(reminded) => CommandId::of_due(
                &row,
                &format!("remind {:?}", reminded.stage),
                reminded.due_at,
            ),
            Due::NobodyReached
            | Due::LastLook
            | Due::SendLook
            | Due::SendRecheck
            | Due::Stop
            | Due::GoOnStopping
            | Due::Wait => CommandId::of_due(&row, &format!("{due:?}"), self.at),
        }
    }

    /// Puts the finding through events that its state is known to take.
    fn apply(&mut self, events: &[Event], inv: &Invocation) {
        for event in events {
            let case = self.stored.case.clone();
            let stepped = case.with_finding(&self.finding, (), |finding| {
                step(finding, event.clone(), inv.now, self.rulebook).map_err(|_| ())
            });
            if let Ok(case) = stepped {
                self.stored.case = case;
            }
        }
    }

    /// Marks every finding of the case that this reminder speaks for: one text per case, deadline and
    /// stage, however many findings share them.
    fn remind_all(&mut self, reminded: Reminded, inv: &Invocation) {
        let frozen = self.filing.frozen();
        let spoken_for = |finding: &Finding| {
            let due = next(finding, &frozen, inv.now, self.rulebook);
            due.is_some_and(|(at, due)| at <= inv.now && due == Due::Remind(reminded))
        };
        for finding in &mut self.stored.case.findings {
            if spoken_for(finding) {
                finding.reminded = Some(reminded);
            }
        }
    }

    /// The look that the finding asks for, after `events`.
    fn look(&self, inv: &Invocation, events: &[Event]) -> Vec<Look> {
        let mut finding = self.stored.case.finding(&self.finding).cloned();
        for event in events {
            finding = finding.and_then(|f| step(f, event.clone(), inv.now, self.rulebook).ok());
        }
        let asked = finding.and_then(|finding| match finding.state {
            FindingState::LastLook { asked, .. } => Some(asked),
            FindingState::Condemned { asked, .. } => asked,
            FindingState::Open
            | FindingState::Stopping { .. }
            | FindingState::Stopped { .. }
            | FindingState::Closed { .. } => None,
        });
        let unit = &self.stored.case.unit;
        asked
            .and_then(|asked| {
                look_for(&self.filing, unit, &asked, Purpose::LastLook, self.rulebook)
            })
            .into_iter()
            .collect()
    }

    /// After so many hours of undecided last looks, people are asked; machines go on asking.
    fn ask_staff_when_given_up(&mut self, inv: &Invocation) {
        let patience = self.rulebook.policy.cases.last_look_give_up();
        let given_up = self
            .stored
            .case
            .finding(&self.finding)
            .is_some_and(|finding| match finding.state {
                FindingState::LastLook { first_asked_at, .. } => {
                    first_asked_at + patience <= inv.now
                }
                FindingState::Open
                | FindingState::Condemned { .. }
                | FindingState::Stopping { .. }
                | FindingState::Stopped { .. }
                | FindingState::Closed { .. } => false,
            });
        if given_up && self.stored.case.needs_staff.is_none() {
            self.stored.case.needs_staff = Some(StaffNeed::Undecided(inv.now));
        }
    }

    fn commit(
        mut self,
        what: &'static str,
        command: &CommandId,
        mut change: Change,
        looks: Vec<Look>,
        inv: &Invocation,
    ) -> Result<DueDecided, StoreError> {
        let wake = self
            .stored
            .case
            .next(&self.filing.frozen(), inv.now, self.rulebook);
        self.stored
            .put(&mut change, wake.map(|(at, _, _)| at), inv.now)?;
        let deed = By::machine(FUNCTION).deed(what, self.stored.case.id.as_str(), command);
        self.filing.record(&mut change, deed, inv.now)?;
        Ok((Some(change), looks, None))
    }

    /// A wake that moves, or a look that is sent again: one small write, and no history.
    fn without_history(self, looks: Vec<Look>, inv: &Invocation) -> Result<DueDecided, StoreError> {
        let mut change = Change::new();
        let wake = self
            .stored
            .case
            .next(&self.filing.frozen(), inv.now, self.rulebook);
        self.stored
            .put(&mut change, wake.map(|(at, _, _)| at), inv.now)?;
        Ok((Some(change), looks, None))
    }
}
