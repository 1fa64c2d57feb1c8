//! Reinstates access that was stopped: staff decide, the front ends and the filer are told.

use icp_domain::audit::ClockName;
use icp_domain::command::CommandId;
use icp_domain::filing::{Link, LinkState};
use icp_domain::finding::{Event, Finding, FindingState, step};
use icp_domain::history::Happened;
use icp_domain::ids::{CaseId, ServiceId, SubjectId, UnitId};
use icp_domain::notice::{AccessChangeKind, NoticeKind, link_name};
use icp_domain::rulebook::calendar::local_date;
use icp_domain::{Invocation, Rulebook};
use icp_store::records::StoredFiling;
use icp_store::{Answer, Change, Failure, Repeat, Store, StoreError};
use jiff::Timestamp;

use crate::By;
use crate::attempt::{Decided, Tries};
use crate::notices::{post_access_change, post_notice};

/// Reinstates one link.
#[derive(Debug, Clone)]
pub struct Reinstate {
    /// The filing.
    pub subject: SubjectId,
    /// The service.
    pub service: ServiceId,
    /// Who, from where.
    pub by: By,
}

/// Why access is not given again.
#[derive(Debug, thiserror::Error)]
pub enum ReinstateRefused {
    /// The link is not stopped.
    #[error("access to the service is not stopped")]
    NotStopped,
}

/// Gives access again, and closes what stopped it.
pub async fn reinstate(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<Link>,
    command: Reinstate,
) -> Result<Answer, Failure<ReinstateRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let now = inv.now;
            let mut filing = store
                .filing(&command.subject)
                .await?
                .ok_or(Failure::NotFound)?;
            let link = filing.filing.links.get(&command.service).cloned();
            let link = link.ok_or(Failure::NotFound)?;
            let not_stopped = Failure::Refused(ReinstateRefused::NotStopped);
            let LinkState::Stopped { case, .. } = link.state.clone() else {
                return Err(not_stopped);
            };
            let Some(live) = link.reinstate(now) else {
                return Err(not_stopped);
            };
            // What is being stopped, or moved on, is taken back once that is over.
            let on_the_move = |finding: &Finding| match finding.state {
                FindingState::Stopping { .. } | FindingState::Moving { .. } => true,
                FindingState::Open
                | FindingState::LastLook { .. }
                | FindingState::Condemned { .. }
                | FindingState::Stopped { .. }
                | FindingState::Reported { .. }
                | FindingState::Closed { .. } => false,
            };
            let stopping = store.case(&case).await?;
            if stopping.is_some_and(|stored| stored.case.findings.iter().any(on_the_move)) {
                return Err(Failure::Refused(ReinstateRefused::NotStopped));
            }
            let mut change = Change::new();
            let closed = close_case(
                store,
                rulebook,
                &mut change,
                &filing,
                (&case, &command.service),
                now,
            )
            .await?;
            let giving = Giving {
                store,
                rulebook,
                command: &repeat.command,
                now,
            };
            giving
                .link(
                    &mut change,
                    &mut filing,
                    &command.service,
                    &live,
                    closed.as_ref(),
                )
                .await?;
            let about = link_name(&command.subject, &command.service);
            let deed = command
                .by
                .deed(Happened::AccessReinstated, &about, &repeat.command);
            filing.record(&mut change, deed, now)?;
            Ok::<_, Failure<ReinstateRefused>>(Decided { change, done: live })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

/// Closes what stopped the link, once it is the last of those that the case stopped. Gives the case if nothing of it
/// is left.
async fn close_case(
    store: &Store,
    rulebook: &Rulebook,
    change: &mut Change,
    filing: &StoredFiling,
    (case, service): (&CaseId, &ServiceId),
    now: Timestamp,
) -> Result<Option<CaseId>, StoreError> {
    let Some(mut stored) = store.case(case).await? else {
        return Ok(None);
    };
    // What else the case stopped stays stopped, and the case open.
    let mut links = filing.filing.links.iter();
    if links.any(|(other, link)| other != service && link.stopped_by() == Some(case)) {
        return Ok(None);
    }
    for finding in &mut stored.case.findings {
        // What else the case holds of the unit goes on.
        if let Ok(after) = step(finding.clone(), Event::Reinstate, now, rulebook) {
            Store::count_precision(change, local_date(now), finding, &after);
            *finding = after;
        }
    }
    let wakes_at = stored.case.wakes_at(&filing.freezes, now, rulebook);
    stored.put(change, wakes_at, now)?;
    Ok((!stored.case.is_open()).then_some(stored.case.id))
}

/// Gives access again, whoever decided it.
pub(crate) struct Giving<'a> {
    pub(crate) store: &'a Store,
    pub(crate) rulebook: &'a Rulebook,
    /// What causes it.
    pub(crate) command: &'a CommandId,
    pub(crate) now: Timestamp,
}

impl Giving<'_> {
    /// One link: its row and counts, its clocks, the front ends and the filer told. `closed` is the case of which
    /// nothing is left by that.
    pub(crate) async fn link(
        &self,
        change: &mut Change,
        filing: &mut StoredFiling,
        service: &ServiceId,
        live: &Link,
        closed: Option<&CaseId>,
    ) -> Result<(), StoreError> {
        let (now, subject) = (self.now, filing.id().clone());
        filing.put_link(change, service, live)?;
        filing.filing.links.insert(service.clone(), live.clone());
        wake_clocks(change, filing, service, closed, now)?;
        let mut account = self.store.account(&filing.filing.subject.account).await?;
        account.live_links += 1;
        account.put(change)?;
        Store::count_live(change, &link_name(&subject, service), 1);
        let version = live.link_version;
        if let Some(details) = filing.filing.services.get(service) {
            let kind = AccessChangeKind::AccessReinstated;
            post_access_change(change, &subject, (service, details), version, kind, now)?;
        }
        let kind = NoticeKind::AccessReinstated {
            service: service.clone(),
            link_version: version,
        };
        let policy = &self.rulebook.policy.cases;
        post_notice(change, self.command, &subject, kind, now, policy)
    }
}

/// Wakes the clocks of the service and of its subject: what was suspected of them before says nothing
/// of them now.
fn wake_clocks(
    change: &mut Change,
    filing: &StoredFiling,
    service: &ServiceId,
    closed: Option<&CaseId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let service = UnitId::of_service(filing.id().clone(), service.clone());
    let subject = UnitId::of_subject(filing.id().clone());
    for (unit, name) in [
        (&service, ClockName::Audit),
        (&service, ClockName::Holder),
        (&subject, ClockName::Audit),
    ] {
        let Some(stored) = filing.clock_of(unit, name) else {
            continue;
        };
        let mut clock = stored.clock.clone().woken(now);
        // A subject's case that stopped several links is closed with the first that comes back.
        if closed.is_some() && clock.open_case.as_ref() == closed {
            clock.open_case = None;
        }
        filing.put_clock_of(change, (unit, name), &clock, true, now)?;
    }
    Ok(())
}

/// Counts the links as live again that a stop counted when it began, and did not come to.
pub(crate) fn count_again(change: &mut Change, filing: &StoredFiling) {
    let links = filing.filing.links.iter();
    let live: Vec<_> = links.filter(|(_, link)| link.is_live()).collect();
    let Some((first, _)) = live.first() else {
        return;
    };
    let count = i64::try_from(live.len()).unwrap_or(i64::MAX);
    Store::count_account(change, &filing.filing.subject.account, count, 0);
    Store::count_live(change, &link_name(filing.id(), first), count);
}
