//! What is due about one case, step by step.

use icp_domain::command::CommandId;
use icp_domain::finding::{Due, Event, next_morning, step};
use icp_domain::history::Happened;
use icp_domain::ids::{CaseId, FindingId};
use icp_domain::notice::CaseFinding;
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{StoredCase, StoredFiling};
use icp_store::{Change, CommitError, Store, StoreError};
use jiff::Timestamp;

use super::due_step::{DueDecided, DueStep};
use super::move_links::{begin_report, move_next};
use super::readiness::{Readiness, Terms};
use super::{FUNCTION, One, Wanted};
use crate::By;
use crate::deliver::is_held;
use crate::judge::close;
use crate::trouble::Trouble;

/// Does all that is due about one case, each step in its own commit. More steps than this in one
/// sweep would be a loop; the next sweep goes on.
const MOST_STEPS: usize = 8;

pub(super) async fn due_case(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    terms: &mut Terms,
    (id, since): (&CaseId, Timestamp),
) -> Result<One, Trouble> {
    let mut one = One::default();
    for _ in 0..MOST_STEPS {
        let Some(stored) = store.case(id).await? else {
            return Ok(one);
        };
        let subject = stored.case.unit.subject.clone();
        let Some(filing) = store.filing(&subject).await? else {
            return Ok(one);
        };
        if !filing.filing.has_access(&stored.case.unit) && stored.case.is_to_be_overtaken() {
            overtake(store, rulebook, inv, stored, filing).await?;
            continue;
        }
        let read = (stored, filing);
        let found = Found::of((store, rulebook), inv, terms, &read, since).await?;
        let Some(first) = found.first else {
            let (stored, filing) = read;
            let (case, persons) = (&stored.case, &filing.filing.persons);
            one.decisions_overdue = case.findings.iter().any(|finding| {
                finding.is_decision_overdue(inv.now, rulebook)
                    || case.is_held_by_call(finding, persons, inv.now)
            });
            if found.wanted.is_empty() {
                let wakes_at = found.later.into_iter().min();
                one.put_off = sleep_until(store, &stored, wakes_at, inv.now).await?;
            }
            one.would_stop = found.would_stop;
            one.wanted = found.wanted;
            return Ok(one);
        };
        // A step holds whole cases and filings: on the heap, as most rows need none.
        let (change, looks) = Box::pin(first.decide((store, rulebook), inv, read)).await?;
        match store.commit(&change).await {
            Ok(()) => one.looks.extend(looks),
            // Somebody acted in time: look again at what is due now.
            Err(CommitError::Conflict(_)) => {}
            Err(CommitError::Store(error)) => return Err(error.into()),
        }
    }
    Ok(one)
}

/// What is due about a case as it was read.
#[derive(Default)]
struct Found {
    /// The first of what the sweep does itself.
    first: Option<First>,
    /// When what may not be done now is looked at again.
    later: Vec<Timestamp>,
    /// What is to be stopped, once all of it is counted.
    wanted: Vec<Wanted>,
    /// Links that would be stopped, were it not a dry run.
    would_stop: usize,
}

/// Something due that the sweep does itself.
struct First {
    at: Timestamp,
    finding: FindingId,
    act: Act,
}

enum Act {
    Step(Due),
    LookAgain,
    Report(Change),
}

impl Found {
    async fn of(
        (store, rulebook): (&Store, &Rulebook),
        inv: &Invocation,
        terms: &mut Terms,
        (stored, filing): &(StoredCase, StoredFiling),
        since: Timestamp,
    ) -> Result<Self, Trouble> {
        let mut found = Self::default();
        let morning = next_morning(inv.now, &rulebook.policy.cases);
        for (at, finding, due) in stored.case.steps(&filing.freezes, inv.now, rulebook) {
            if inv.now < at {
                found.later.push(at);
                break;
            }
            let act = match due {
                Due::NobodyReached => {
                    let told = CaseFinding {
                        case: stored.case.id.clone(),
                        finding: finding.clone(),
                    };
                    // Nobody was told since its run is held: that is for the operators, and nobody is to be called.
                    if is_held(store, rulebook, &told, inv.now).await? {
                        found.later.push(morning);
                        continue;
                    }
                    Act::Step(due)
                }
                Due::Report => {
                    let of = (store, rulebook);
                    let Some(change) = begin_report(of, stored, filing, &finding, inv).await?
                    else {
                        found.later.push(morning);
                        continue;
                    };
                    Act::Report(change)
                }
                Due::Stop | Due::GoOnStopping => {
                    let Some(condemned) = stored.case.finding(&finding) else {
                        continue;
                    };
                    terms.learn(store, rulebook, condemned, inv.now).await?;
                    match terms.readiness(stored, filing, condemned, inv.now, rulebook) {
                        Readiness::Ready => {
                            let wanted = Wanted::of(stored, filing, condemned, since);
                            found.wanted.push(wanted);
                            continue;
                        }
                        // What the brake holds is put off here, so that it takes no time from what it lets go.
                        Readiness::PutOff(until) => {
                            found.later.push(until);
                            continue;
                        }
                        Readiness::WouldStop => {
                            let id = &stored.case.id;
                            tracing::info!(case = %id, "dry run: case {id} would be stopped now");
                            found.would_stop += 1;
                            found.later.push(morning);
                            continue;
                        }
                        Readiness::LookAgain => Act::LookAgain,
                    }
                }
                Due::StaffRead
                | Due::Remind(_)
                | Due::LastLook
                | Due::SendLook
                | Due::LookAnew
                | Due::SendRecheck
                | Due::MoveLinks
                | Due::Wait => Act::Step(due),
            };
            found.first = Some(First { at, finding, act });
            break;
        }
        Ok(found)
    }
}

impl First {
    /// What it writes, and the looks to send once that is written.
    async fn decide(
        self,
        (store, rulebook): (&Store, &Rulebook),
        inv: &mut Invocation,
        (stored, filing): (StoredCase, StoredFiling),
    ) -> Result<DueDecided, Trouble> {
        let step = |filing, stored| DueStep {
            rulebook,
            filing,
            stored,
            finding: self.finding.clone(),
            at: self.at,
        };
        match self.act {
            Act::Report(change) => Ok((change, Vec::new())),
            Act::Step(Due::MoveLinks) => {
                let of = (store, rulebook);
                let change = move_next(of, stored, filing, &self.finding, inv).await?;
                Ok((change, Vec::new()))
            }
            Act::Step(due) => step(filing, stored).decide(due, inv),
            Act::LookAgain => step(filing, stored).look_again(inv),
        }
    }
}

/// Closes what is open of a unit that lost its access by another cause: nobody is told to put right
/// what nothing depends on any more.
async fn overtake(
    store: &Store,
    rulebook: &Rulebook,
    inv: &Invocation,
    mut stored: StoredCase,
    mut filing: StoredFiling,
) -> Result<(), Trouble> {
    for finding in &mut stored.case.findings {
        if !finding.state.is_over() && finding.demand.is_none() {
            *finding = step(finding.clone(), Event::Overtake, inv.now, rulebook)?;
        }
    }
    let mut change = Change::new();
    if !stored.case.is_open() {
        close(&mut change, &filing, &stored.case, inv.now)?;
    }
    let wakes_at = stored.case.wakes_at(&filing.freezes, inv.now, rulebook);
    stored.put(&mut change, wakes_at, inv.now)?;
    let case = stored.case.id.as_str();
    let command = CommandId::of_due(case, "overtaken", inv.now);
    let deed = By::machine(FUNCTION).deed(Happened::CaseOvertaken, case, &command);
    filing.record(&mut change, deed, inv.now)?;
    commit_or_look_again(store, &change).await
}

/// Commits; where somebody acted in time, what is due now is asked anew.
async fn commit_or_look_again(store: &Store, change: &Change) -> Result<(), Trouble> {
    match store.commit(change).await {
        Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error.into()),
    }
}

/// Puts a case off without changing it; not at all where somebody changed it meanwhile. Gives whether
/// it was.
async fn sleep_until(
    store: &Store,
    stored: &StoredCase,
    at: Option<Timestamp>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut change = Change::new();
    stored.put(&mut change, at, now)?;
    match store.commit(&change).await {
        Ok(()) => Ok(true),
        Err(CommitError::Conflict(_)) => Ok(false),
        Err(CommitError::Store(error)) => Err(error),
    }
}
