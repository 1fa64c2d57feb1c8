//! Stops access, under the brake.
//!
//! **Invariant:** the condemned are counted, in all and per account, before the first is stopped; a
//! pass that would pass a cap stops nobody and latches. Each stop is one commit whose conditions say
//! the rule again: the finding as it was read, the filing's head, the brake's row.

use std::collections::BTreeMap;

use icp_domain::brake::{
    Brake, Load, account_cap_passed, cap_passed, in_stop_window, next_stop_window,
};
use icp_domain::command::CommandId;
use icp_domain::finding::{BrokenLook, Event, Finding, FindingState, next_morning, step};
use icp_domain::ids::{AccountId, CaseId, FindingId, ServiceId, UnitId};
use icp_domain::look::{Look, Purpose};
use icp_domain::notice::{AccessChangeKind, NoticeKind, link_name};
use icp_domain::rulebook::BrakeMode;
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{StoredBrake, StoredCase, StoredFiling};
use icp_store::{Change, CommitError, Store, StoreError};
use jiff::Timestamp;

use crate::By;
use crate::expire::{FUNCTION, sleep_until};
use crate::notices::{post_access_change, post_notice};
use crate::posted::look_for;

/// A finding that is due to be stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its case.
    pub case: CaseId,
    /// The finding.
    pub finding: FindingId,
    /// The account, for its own cap.
    pub account: AccountId,
}

/// What a pass over the condemned came to.
#[derive(Debug, Default)]
pub struct Stopped {
    /// Links stopped.
    pub links: usize,
    /// Links that would have been stopped, were it not a dry run.
    pub would_be: usize,
    /// Cases put off: to the next window, or until staff release them.
    pub put_off: usize,
    /// Looks to send before anything is stopped, since the later one grew old.
    pub looks: Vec<Look>,
    /// Whether the brake latched.
    pub latched: bool,
}

pub(crate) async fn stop_condemned(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    wanted: Vec<Wanted>,
) -> Result<Stopped, StoreError> {
    let mut done = Stopped::default();
    if wanted.is_empty() {
        return Ok(done);
    }
    let brake = store.brake(rulebook).await?;
    let mut ready = Vec::new();
    for one in wanted {
        let Some(loaded) = Loaded::read(store, &one).await? else {
            continue;
        };
        match loaded.readiness(&brake.brake, inv.now, rulebook) {
            Readiness::Ready => ready.push(loaded),
            Readiness::PutOff(until) => {
                sleep_until(store, &loaded.stored, until, inv.now).await?;
                done.put_off += 1;
            }
            Readiness::LookAgain => done
                .looks
                .extend(loaded.look_again(store, rulebook, inv).await?),
            Readiness::WouldStop => {
                let case = &loaded.stored.case.id;
                tracing::info!(case = %case, "dry run: case {case} would be stopped now");
                sleep_until(
                    store,
                    &loaded.stored,
                    next_morning(inv.now, &rulebook.policy.cases),
                    inv.now,
                )
                .await?;
                done.would_be += 1;
            }
        }
    }
    if held(store, rulebook, &brake.brake, &ready, inv.now).await? {
        latch(store, &brake, inv.now).await?;
        done.latched = true;
        for loaded in &ready {
            let morning = next_morning(inv.now, &rulebook.policy.cases);
            sleep_until(store, &loaded.stored, morning, inv.now).await?;
        }
        done.put_off += ready.len();
        return Ok(done);
    }
    for loaded in ready {
        let one = loaded.wanted.clone();
        done.links += stop_one(store, rulebook, inv, &one, &brake).await?;
    }
    Ok(done)
}

/// Whether a finding may be stopped in this pass.
enum Readiness {
    Ready,
    PutOff(Timestamp),
    LookAgain,
    WouldStop,
}

/// A condemned or stopping finding as it is read for a pass.
struct Loaded {
    wanted: Wanted,
    stored: StoredCase,
    filing: StoredFiling,
    finding: Finding,
}

impl Loaded {
    async fn read(store: &Store, wanted: &Wanted) -> Result<Option<Self>, StoreError> {
        let Some(stored) = store.case(&wanted.case).await? else {
            return Ok(None);
        };
        let Some(filing) = store.filing(&stored.case.unit.subject).await? else {
            return Ok(None);
        };
        let Some(finding) = stored.case.finding(&wanted.finding).cloned() else {
            return Ok(None);
        };
        Ok(Some(Self {
            wanted: wanted.clone(),
            stored,
            filing,
            finding,
        }))
    }

    fn readiness(&self, brake: &Brake, now: Timestamp, rulebook: &Rulebook) -> Readiness {
        let (cases, policy) = (&rulebook.policy.cases, &rulebook.policy.brake);
        let morning = next_morning(now, cases);
        let (looks, release) = match &self.finding.state {
            FindingState::Condemned { looks, release, .. } => (looks, release),
            // What has begun is carried through: the decision was one commit.
            FindingState::Stopping { .. } => return Readiness::Ready,
            FindingState::Open
            | FindingState::LastLook { .. }
            | FindingState::Stopped { .. }
            | FindingState::Closed { .. } => return Readiness::PutOff(morning),
        };
        let under_review = self
            .filing
            .frozen()
            .iter()
            .any(|interval| interval.until.is_none());
        if under_review || self.finding.is_under_appeal() {
            return Readiness::PutOff(morning);
        }
        let released = release.as_ref().is_some_and(|release| {
            brake
                .latched_at
                .is_none_or(|latched_at| latched_at < release.released_at)
        });
        let let_go = match brake.mode {
            BrakeMode::Off => false,
            BrakeMode::Manual => released,
            BrakeMode::Automatic | BrakeMode::DryRun => released || brake.latched_at.is_none(),
        };
        if !let_go {
            return Readiness::PutOff(morning);
        }
        if !in_stop_window(now, policy, &rulebook.calendar) {
            return Readiness::PutOff(next_stop_window(now, policy, &rulebook.calendar));
        }
        if is_old(looks, now, rulebook) {
            return Readiness::LookAgain;
        }
        match brake.mode {
            BrakeMode::DryRun => Readiness::WouldStop,
            BrakeMode::Manual | BrakeMode::Automatic | BrakeMode::Off => Readiness::Ready,
        }
    }

    /// Asks for a newer look; the finding stays condemned and keeps its release.
    async fn look_again(
        mut self,
        store: &Store,
        rulebook: &Rulebook,
        inv: &Invocation,
    ) -> Result<Option<Look>, StoreError> {
        let mut asked = None;
        for event in [Event::LookAgain, Event::LookSent] {
            let Ok(finding) = step(self.finding.clone(), event, inv.now, rulebook) else {
                return Ok(None);
            };
            if let FindingState::Condemned {
                asked: Some(now_asked),
                ..
            } = &finding.state
            {
                asked = Some(now_asked.clone());
            }
            self.finding = finding;
        }
        let (id, finding) = (self.finding.id.clone(), self.finding.clone());
        let Ok(case) = self
            .stored
            .case
            .clone()
            .with_finding(&id, (), |_| Ok(finding))
        else {
            return Ok(None);
        };
        self.stored.case = case;
        let mut change = Change::new();
        let wake = self
            .stored
            .case
            .next(&self.filing.frozen(), inv.now, rulebook);
        self.stored
            .put(&mut change, wake.map(|(at, _, _)| at), inv.now)?;
        match store.commit(&change).await {
            Ok(()) => Ok(asked.and_then(|asked| {
                look_for(
                    &self.filing,
                    &self.stored.case.unit,
                    &asked,
                    Purpose::LastLook,
                    rulebook,
                )
            })),
            Err(CommitError::Conflict(_)) => Ok(None),
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    /// Links that stopping this finding would stop.
    fn links(&self) -> Vec<ServiceId> {
        let live = self
            .filing
            .filing
            .links
            .iter()
            .filter(|(_, link)| link.is_live());
        live.map(|(service, _)| service)
            .filter(|service| {
                self.stored
                    .case
                    .unit
                    .service
                    .as_ref()
                    .is_none_or(|own| own == *service)
            })
            .cloned()
            .collect()
    }
}

/// Whether the later look of a finding is too old to be stopped on. What rows bring is read again all
/// the same.
fn is_old(looks: &[BrokenLook], now: Timestamp, rulebook: &Rulebook) -> bool {
    let oldest = now - rulebook.policy.cases.later_look_most();
    looks.last().is_none_or(|look| look.begun_at < oldest)
}

/// Whether the pass would go past a cap. Findings that staff released after a latch are a named set,
/// which may pass it.
async fn held(
    store: &Store,
    rulebook: &Rulebook,
    brake: &Brake,
    ready: &[Loaded],
    now: Timestamp,
) -> Result<bool, StoreError> {
    let policy = &rulebook.policy.brake;
    let counted: Vec<&Loaded> = ready
        .iter()
        .filter(|loaded| match &loaded.finding.state {
            FindingState::Condemned {
                release: Some(_), ..
            } => brake.latched_at.is_none(),
            FindingState::Stopping { .. } => false,
            FindingState::Condemned { release: None, .. }
            | FindingState::Open
            | FindingState::LastLook { .. }
            | FindingState::Stopped { .. }
            | FindingState::Closed { .. } => true,
        })
        .collect();
    let wanted: u64 = counted.iter().map(|loaded| count(&loaded.links())).sum();
    if wanted == 0 {
        return Ok(false);
    }
    let stopped = store.stops().await?.stops.in_last_day(now);
    let load = Load {
        live_links: store.live_links().await?,
        stopped,
        wanted,
    };
    if cap_passed(&load, policy).is_some() {
        return Ok(true);
    }
    let mut per_account: BTreeMap<&AccountId, u64> = BTreeMap::new();
    for loaded in counted {
        *per_account.entry(&loaded.wanted.account).or_default() += count(&loaded.links());
    }
    for (account, wanted) in per_account {
        let held = store.account(account).await?;
        let stopped = held.stops.in_last_day(now);
        let load = Load {
            live_links: held.live_links,
            stopped,
            wanted,
        };
        if account_cap_passed(&load, policy).is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn count(links: &[ServiceId]) -> u64 {
    u64::try_from(links.len()).unwrap_or(u64::MAX)
}

async fn latch(store: &Store, stored: &StoredBrake, now: Timestamp) -> Result<(), StoreError> {
    tracing::error!("the brake latched: a pass would have gone past a cap; staff must release");
    let brake = Brake {
        latched_at: Some(now),
        ..stored.brake.clone()
    };
    let mut change = Change::new();
    stored.put(&mut change, &brake)?;
    match store.commit(&change).await {
        // Somebody else wrote the brake: the next pass reads what they set.
        Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error),
    }
}

/// Stops one case's link or links, each in its own commit; on conflict it reloads, three times.
async fn stop_one(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    wanted: &Wanted,
    brake: &StoredBrake,
) -> Result<usize, StoreError> {
    let mut links = 0;
    let mut reloads = 0;
    while reloads <= rulebook.policy.sweeps.reloads {
        let Some(loaded) = Loaded::read(store, wanted).await? else {
            return Ok(links);
        };
        // Whatever saved the case meanwhile is read here: it is ready no more.
        let Readiness::Ready = loaded.readiness(&brake.brake, inv.now, rulebook) else {
            return Ok(links);
        };
        let stopping = Stopping {
            store,
            rulebook,
            brake,
            now: inv.now,
        };
        let (change, stopped, finished) = stopping.decide(loaded).await?;
        match store.commit(&change).await {
            Ok(()) => {
                links += stopped;
                if finished {
                    return Ok(links);
                }
            }
            Err(CommitError::Conflict(_)) => reloads += 1,
            Err(CommitError::Store(error)) => return Err(error),
        }
    }
    Ok(links)
}

struct Stopping<'a> {
    store: &'a Store,
    rulebook: &'a Rulebook,
    brake: &'a StoredBrake,
    now: Timestamp,
}

impl Stopping<'_> {
    /// The next commit of a stop: the change, links it stops, and whether it is the last.
    async fn decide(&self, mut loaded: Loaded) -> Result<(Change, usize, bool), StoreError> {
        let links = loaded.links();
        let begun = matches!(loaded.finding.state, FindingState::Stopping { .. });
        let mut change = Change::new();
        match (
            loaded.stored.case.unit.service.is_some(),
            begun,
            links.as_slice(),
        ) {
            // Another cause ended the link.
            (_, _, []) => {
                let event = if begun { Event::Stop } else { Event::Overtake };
                self.finish(&mut change, &mut loaded, &event, "stop-overtaken")?;
                Ok((change, 0, true))
            }
            (true, _, [service, ..]) => {
                self.count(
                    &mut change,
                    &loaded,
                    1,
                    &link_name(loaded.filing.id(), service),
                )
                .await?;
                self.brake.check(&mut change);
                self.link(&mut change, &mut loaded, service)?;
                self.finish(&mut change, &mut loaded, &Event::Stop, "access-stopped")?;
                Ok((change, 1, true))
            }
            // A subject's case: one commit decides and counts all its links, the walk then stops them.
            (false, false, [first, ..]) => {
                let name = link_name(loaded.filing.id(), first);
                self.count(&mut change, &loaded, count(&links), &name)
                    .await?;
                self.brake.check(&mut change);
                self.finish(
                    &mut change,
                    &mut loaded,
                    &Event::BeginStopping,
                    "stopping-begun",
                )?;
                Ok((change, 0, false))
            }
            (false, true, [service]) => {
                self.link(&mut change, &mut loaded, service)?;
                self.finish(&mut change, &mut loaded, &Event::Stop, "access-stopped")?;
                Ok((change, 1, true))
            }
            (false, true, [service, ..]) => {
                self.link(&mut change, &mut loaded, service)?;
                let case = loaded.stored.case.id.to_string();
                let command = self.command(&loaded, service.as_str());
                let deed = By::machine(FUNCTION).deed("access-stopped", &case, &command);
                loaded.filing.record(&mut change, deed, self.now)?;
                Ok((change, 1, false))
            }
        }
    }

    fn command(&self, loaded: &Loaded, step: &str) -> CommandId {
        let row = format!("{} {}", loaded.stored.case.id, loaded.finding.id);
        CommandId::of_due(&row, step, self.now)
    }

    /// Counts stops against the caps, and the links as no longer live.
    async fn count(
        &self,
        change: &mut Change,
        loaded: &Loaded,
        links: u64,
        name: &str,
    ) -> Result<(), StoreError> {
        let stops = self.store.stops().await?;
        stops.put(change, &stops.stops.plus(links, self.now))?;
        let mut account = self.store.account(&loaded.stored.case.account).await?;
        account.live_links = account.live_links.saturating_sub(links);
        account.stops = account.stops.plus(links, self.now);
        account.put(change)?;
        Store::count_live(change, name, -i64::try_from(links).unwrap_or_default());
        Ok(())
    }

    /// Stops one link: its row, its unit's clock, the front ends told.
    fn link(
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
        let unit = UnitId::of_service(filing.id().clone(), service.clone());
        if let Some(stored) = filing.clock(&unit) {
            let clock = stored.clock.clone();
            filing.put_clock(change, &unit, &clock, false, self.now)?;
        }
        if let Some(details) = filing.filing.services.get(service) {
            let kind = AccessChangeKind::AccessStopped;
            let (id, version) = (filing.id().clone(), stopped.link_version);
            post_access_change(change, &id, (service, details), version, kind, self.now)?;
            let kind = NoticeKind::AccessStopped {
                case,
                service: service.clone(),
                link_version: version,
            };
            let command = self.command(loaded, &format!("notice {service}"));
            let policy = &self.rulebook.policy.cases;
            post_notice(change, &command, loaded.filing.id(), kind, self.now, policy)?;
        }
        loaded.filing.filing.links.insert(service.clone(), stopped);
        Ok(())
    }

    /// Takes the finding's step and writes case, history and head. With a stop, what else the case
    /// holds of the unit is overtaken.
    fn finish(
        &self,
        change: &mut Change,
        loaded: &mut Loaded,
        event: &Event,
        what: &'static str,
    ) -> Result<(), StoreError> {
        let stops = *event == Event::Stop;
        let id = loaded.finding.id.clone();
        let findings = loaded.stored.case.findings.drain(..).map(|finding| {
            let event = if finding.id == id {
                Some(event.clone())
            } else {
                stops.then_some(Event::Overtake)
            };
            match event {
                Some(event) => {
                    step(finding.clone(), event, self.now, self.rulebook).unwrap_or(finding)
                }
                None => finding,
            }
        });
        loaded.stored.case.findings = findings.collect();
        if !loaded.stored.case.is_open() {
            crate::judge::close(change, &loaded.filing, &loaded.stored.case, self.now)?;
        }
        let wake = loaded
            .stored
            .case
            .next(&loaded.filing.frozen(), self.now, self.rulebook);
        loaded
            .stored
            .put(change, wake.map(|(at, _, _)| at), self.now)?;
        let command = self.command(loaded, what);
        let deed = By::machine(FUNCTION).deed(what, loaded.stored.case.id.as_str(), &command);
        loaded.filing.record(change, deed, self.now)
    }
}
