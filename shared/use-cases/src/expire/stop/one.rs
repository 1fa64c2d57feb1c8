//! The commits of one stop.

use icp_domain::audit::ClockName;
use icp_domain::command::CommandId;
use icp_domain::finding::{Event, Finding, FindingState, step};
use icp_domain::history::Happened;
use icp_domain::ids::{CaseId, ServiceId, UnitId};
use icp_domain::notice::{AccessChangeKind, NoticeKind, link_name};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{StoredCase, StoredFiling};
use icp_store::{Change, CommitError, Store, StoreError};
use jiff::Timestamp;

use super::caps::count;
use super::{Bound, live_links};
use crate::By;
use crate::expire::readiness::{Readiness, Terms};
use crate::expire::{FUNCTION, Reach, Wanted};
use crate::notices::{post_access_change, post_notice};
use crate::trouble::Trouble;
use crate::write_filing::is_counted_off;

/// What came of one finding that was to be stopped.
pub(super) struct One {
    /// Links stopped.
    pub(super) links: usize,
    pub(super) end: End,
}

/// How the stop of one finding ended.
pub(super) enum End {
    /// Done, or nothing to do any more, or changed by others again and again: the next sweep decides.
    Done,
    /// There was no time for all of its links.
    OutOfTime,
    /// It would go past a cap.
    PastCap,
}

/// Stops one case's link or links, each in its own commit; on conflict it reloads, three times.
pub(super) async fn stop_one(
    reach: Reach<'_>,
    inv: &Invocation,
    wanted: &Wanted,
    (terms, bound): (&Terms, &Bound<'_>),
) -> Result<One, Trouble> {
    let Reach {
        store, rulebook, ..
    } = reach;
    let mut links = 0;
    let mut reloads = 0;
    while reloads <= rulebook.policy.sweeps.reloads {
        let Some(loaded) = Loaded::read(store, wanted).await? else {
            break;
        };
        // Whatever saved the case meanwhile is read here: it is ready no more.
        let Readiness::Ready = loaded.readiness(terms, inv.now, rulebook) else {
            break;
        };
        let stopping = Stopping {
            store,
            rulebook,
            terms,
            bound,
            now: inv.now,
        };
        let Some((change, stopped, finished)) = stopping.decide(loaded).await? else {
            let end = End::PastCap;
            return Ok(One { links, end });
        };
        match store.commit(&change).await {
            Ok(()) => {
                links += stopped;
                if finished {
                    break;
                }
                if !(reach.has_time)() {
                    let end = End::OutOfTime;
                    return Ok(One { links, end });
                }
            }
            Err(CommitError::Conflict(_)) => reloads += 1,
            Err(CommitError::Store(error)) => return Err(error.into()),
        }
    }
    let end = End::Done;
    Ok(One { links, end })
}

/// A condemned or stopping finding as it is read for its stop.
struct Loaded {
    stored: StoredCase,
    filing: StoredFiling,
    finding: Finding,
}

impl Loaded {
    async fn read(store: &Store, wanted: &Wanted) -> Result<Option<Self>, StoreError> {
        let Some(stored) = store.case(&wanted.case).await? else {
            return Ok(None);
        };
        let Some(mut filing) = store.filing(&stored.case.unit.subject).await? else {
            return Ok(None);
        };
        // A query shows each row as last written, and not all as of one instant: what froze while it ran may stand in the
        // head, on which the stop rests, and not yet among the rows before it.
        if filing.filing.subject.order_in_flight.is_some() {
            filing.freezes = store.freezes(filing.id()).await?;
        }
        let finding = stored.case.finding(&wanted.finding).cloned();
        Ok(finding.map(|finding| Self {
            stored,
            filing,
            finding,
        }))
    }

    fn readiness(&self, terms: &Terms, now: Timestamp, rulebook: &Rulebook) -> Readiness {
        terms.readiness(&self.stored, &self.filing, &self.finding, now, rulebook)
    }
}

struct Stopping<'a> {
    store: &'a Store,
    rulebook: &'a Rulebook,
    terms: &'a Terms,
    bound: &'a Bound<'a>,
    now: Timestamp,
}

/// A commit, the links that it stops, and whether it is the last.
type Decided = (Change, usize, bool);

impl Stopping<'_> {
    /// The next commit of a stop. None where it would go past a cap.
    async fn decide(&self, mut loaded: Loaded) -> Result<Option<Decided>, Trouble> {
        let links = live_links(&loaded.filing, &loaded.stored.case.unit);
        let begun = matches!(loaded.finding.state, FindingState::Stopping { .. });
        let mut change = Change::new();
        let decided = match (
            loaded.stored.case.unit.service.is_some(),
            begun,
            links.as_slice(),
        ) {
            // Another cause ended the link.
            (_, _, []) => {
                let event = if begun { Event::Stop } else { Event::Overtake };
                self.finish(&mut change, &mut loaded, &event, Happened::StopOvertaken)?;
                (change, 0, true)
            }
            (true, _, [service, ..]) => {
                let name = link_name(loaded.filing.id(), service);
                // A stop of the whole subject that broke off has counted it.
                let is_counted = is_counted_off(self.store, &loaded.filing).await?;
                if !is_counted && !self.count(&mut change, &loaded, 1, &name).await? {
                    return Ok(None);
                }
                self.under_brake(&mut change, &loaded);
                self.link(&mut change, &mut loaded, service).await?;
                let what = Happened::AccessStopped;
                self.finish(&mut change, &mut loaded, &Event::Stop, what)?;
                (change, 1, true)
            }
            // A subject's case: one commit decides and counts all its links, the walk then stops them.
            (false, false, [first, ..]) => {
                let name = link_name(loaded.filing.id(), first);
                if !self.count(&mut change, &loaded, links.len(), &name).await? {
                    return Ok(None);
                }
                self.under_brake(&mut change, &loaded);
                self.finish(
                    &mut change,
                    &mut loaded,
                    &Event::BeginStopping,
                    Happened::StoppingBegun,
                )?;
                (change, 0, false)
            }
            (false, true, [service]) => {
                self.link(&mut change, &mut loaded, service).await?;
                let what = Happened::AccessStopped;
                self.finish(&mut change, &mut loaded, &Event::Stop, what)?;
                (change, 1, true)
            }
            (false, true, [service, ..]) => {
                self.link(&mut change, &mut loaded, service).await?;
                let case = loaded.stored.case.id.to_string();
                let command = self.command(&loaded, service.as_str());
                let deed = By::machine(FUNCTION).deed(Happened::AccessStopped, &case, &command);
                loaded.filing.record(&mut change, deed, self.now)?;
                (change, 1, false)
            }
        };
        Ok(Some(decided))
    }

    /// The stop rests on the brake as it was read, unless a bureau ordered it.
    fn under_brake(&self, change: &mut Change, loaded: &Loaded) {
        if !loaded.finding.is_to_stop_now() {
            self.terms.brake.check(change);
        }
    }

    fn command(&self, loaded: &Loaded, step: &str) -> CommandId {
        let row = format!("{} {}", loaded.stored.case.id, loaded.finding.id);
        CommandId::of_due(&row, step, self.now)
    }

    /// Counts stops against the caps, and the links as no longer live. Not where they would go past a cap: the counts are
    /// those that the commit rests on.
    async fn count(
        &self,
        change: &mut Change,
        loaded: &Loaded,
        links: usize,
        name: &str,
    ) -> Result<bool, StoreError> {
        let stops = self.store.stops().await?;
        let mut account = self.store.account(&loaded.stored.case.account).await?;
        if let Bound::Caps(caps) = self.bound {
            let stopped = stops.stops.in_last_day(self.now);
            if caps.stop_passes(stopped, &account, links) {
                return Ok(false);
            }
        }
        let links = count(links);
        stops.put(change, &stops.stops.plus(links, self.now))?;
        account.live_links = account.live_links.saturating_sub(links);
        account.stops = account.stops.plus(links, self.now);
        account.put(change)?;
        Store::count_live(change, name, -i64::try_from(links).unwrap_or_default());
        Ok(true)
    }

    /// Stops one link: its row, its unit's clock, the front ends told.
    async fn link(
        &self,
        change: &mut Change,
        loaded: &mut Loaded,
        service: &ServiceId,
    ) -> Result<(), StoreError> {
        let filing = &mut loaded.filing;
        let case = loaded.stored.case.id.clone();
        let Some(link) = filing.filing.links.get(service).cloned() else {
            return Ok(());
        };
        let Some(stopped) = link.stop(case.clone(), self.now) else {
            return Ok(());
        };
        filing.put_link(change, service, &stopped)?;
        filing.filing.links.insert(service.clone(), stopped.clone());
        let mut asleep = vec![UnitId::of_service(filing.id().clone(), service.clone())];
        let subject = UnitId::of_subject(filing.id().clone());
        // With its last access the subject itself is nothing that we answer for.
        if !filing.filing.has_access(&subject) {
            asleep.push(subject);
        }
        for unit in &asleep {
            if let Some(stored) = filing.clock_of(unit, ClockName::Holder) {
                let named = (unit, ClockName::Holder);
                filing.put_clock_of(change, named, &stored.clock, false, self.now)?;
            }
            if let Some(stored) = filing.clock(unit) {
                let clock = stored.clock.clone();
                filing.put_clock(change, unit, &clock, false, self.now)?;
                self.wake_other(change, &case, clock.open_case.as_ref(), filing)
                    .await?;
            }
        }
        if let Some(details) = filing.filing.services.get(service) {
            let kind = AccessChangeKind::AccessStopped;
            let (id, version) = (filing.id().clone(), stopped.link_version);
            post_access_change(change, &id, (service, details), version, kind, self.now)?;
            let kind = NoticeKind::AccessStopped {
                case,
                service: service.clone(),
                link_version: version,
                at_once: loaded.finding.is_to_stop_now(),
            };
            let command = self.command(loaded, &format!("notice {service}"));
            let policy = &self.rulebook.policy.cases;
            post_notice(change, &command, loaded.filing.id(), kind, self.now, policy)?;
        }
        Ok(())
    }

    /// Wakes another case of a unit that loses its access: the next sweep closes it as overtaken.
    async fn wake_other(
        &self,
        change: &mut Change,
        own: &CaseId,
        other: Option<&CaseId>,
        filing: &StoredFiling,
    ) -> Result<(), StoreError> {
        let Some(other) = other.filter(|other| *other != own) else {
            return Ok(());
        };
        if let Some(stored) = self.store.case(other).await? {
            let steps = stored.case.steps(&filing.freezes, self.now, self.rulebook);
            if !steps.is_empty() {
                stored.put(change, Some(self.now), self.now)?;
            }
        }
        Ok(())
    }

    /// Takes the finding's step and writes case, history and head. With a stop, what else the case
    /// holds of the unit is overtaken.
    fn finish(
        &self,
        change: &mut Change,
        loaded: &mut Loaded,
        event: &Event,
        what: Happened,
    ) -> Result<(), Trouble> {
        let stops = *event == Event::Stop;
        let id = loaded.finding.id.clone();
        for finding in &mut loaded.stored.case.findings {
            let event = match &finding.state {
                _ if finding.id == id => event.clone(),
                // The stop may be taken back; the bureau's date goes on.
                _ if finding.demand.is_some() => continue,
                FindingState::Open
                | FindingState::LastLook { .. }
                | FindingState::Condemned { .. }
                    if stops =>
                {
                    Event::Overtake
                }
                FindingState::Open
                | FindingState::LastLook { .. }
                | FindingState::Condemned { .. }
                | FindingState::Stopping { .. }
                | FindingState::Stopped { .. }
                | FindingState::Moving { .. }
                | FindingState::Reported { .. }
                | FindingState::Closed { .. } => continue,
            };
            *finding = step(finding.clone(), event, self.now, self.rulebook)?;
        }
        if !loaded.stored.case.is_open() {
            crate::judge::close(change, &loaded.filing, &loaded.stored.case, self.now)?;
        }
        let (freezes, case) = (&loaded.filing.freezes, &loaded.stored.case);
        let wakes_at = case.wakes_at(freezes, self.now, self.rulebook);
        loaded.stored.put(change, wakes_at, self.now)?;
        let command = self.command(loaded, what.name());
        let deed = By::machine(FUNCTION).deed(what, loaded.stored.case.id.as_str(), &command);
        loaded.filing.record(change, deed, self.now)?;
        Ok(())
    }
}
