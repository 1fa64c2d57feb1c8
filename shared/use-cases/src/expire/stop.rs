//! Stops access, under the brake.
//!
//! **Invariant:** the condemned are counted, in all and per account, before the first is stopped; a
//! pass that would pass a cap stops nobody and latches. Each stop is one commit whose conditions say
//! the rule again: the finding as it was read, the filing's head, the brake's row.

use icp_domain::finding::{Due, Event, Finding, FindingState, StepRefused, next_morning, step};
use icp_domain::ids::ServiceId;
use icp_domain::look::{Look, Purpose};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{StoredCase, StoredFiling};
use icp_store::{Change, CommitError, Store, StoreError, keys};
use jiff::Timestamp;

use super::Wanted;
use super::due_case::sleep_until;
use super::readiness::{Readiness, Terms};
use crate::posted::look_for;
use crate::trouble::{Left, Trouble};

mod caps;
mod one;

/// What a pass over the condemned came to.
#[derive(Debug, Default)]
pub struct Stopped {
    /// Links stopped.
    pub links: usize,
    /// Links that would have been stopped, were it not a dry run.
    pub would_be: usize,
    /// Cases put off, since the brake latched.
    pub put_off: usize,
    /// Cases that failed and stay due.
    pub failed: usize,
    /// Cases set aside.
    pub quarantined: i64,
    /// Since when the oldest of those that failed is due.
    pub oldest_left: Option<Timestamp>,
    /// Looks to send before anything is stopped, since the later one grew old.
    pub looks: Vec<Look>,
    /// Whether the brake latched.
    pub latched: bool,
}

/// Stops what is condemned, under the brake: counted in all and per account before the first. A case
/// that cannot be stopped holds up no other, and a stop that has begun is carried through whatever
/// the caps say: it was counted when it began. What a bureau ordered is counted and never held.
pub async fn stop_condemned(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    terms: &Terms,
    wanted: Vec<Wanted>,
) -> Result<Stopped, StoreError> {
    let mut pass = Pass {
        store,
        rulebook,
        terms,
        done: Stopped::default(),
    };
    let mut ready = Vec::new();
    for one in wanted {
        let found = pass.consider(&one, inv).await;
        match found {
            Ok(Some(loaded)) if loaded.is_decided() => pass.stop(&one, inv).await,
            Ok(loaded) => ready.extend(loaded),
            Err(trouble) => pass.trouble(&one, &trouble, inv).await,
        }
    }
    if pass.goes_on(&ready, inv).await? {
        for loaded in ready {
            pass.stop(&loaded.wanted, inv).await;
        }
    }
    Ok(pass.done)
}

/// One pass over what is condemned.
struct Pass<'a> {
    store: &'a Store,
    rulebook: &'a Rulebook,
    terms: &'a Terms,
    done: Stopped,
}

impl Pass<'_> {
    /// Reads a finding again, and puts it off if it is not ready; gives it back if it is.
    async fn consider(
        &mut self,
        one: &Wanted,
        inv: &Invocation,
    ) -> Result<Option<Loaded>, Trouble> {
        let Some(loaded) = Loaded::read(self.store, one).await? else {
            return Ok(None);
        };
        let morning = next_morning(inv.now, &self.rulebook.policy.cases);
        match loaded.readiness(self.terms, inv.now, self.rulebook) {
            Readiness::Ready => return Ok(Some(loaded)),
            // Somebody acted since the sweep: the next one decides.
            Readiness::PutOff(_) => {}
            Readiness::LookAgain => {
                let look = loaded.look_again(self.store, self.rulebook, inv).await?;
                self.done.looks.extend(look);
            }
            Readiness::WouldStop => {
                tracing::info!(case = %one.case, "dry run: case {} would be stopped now", one.case);
                loaded
                    .sleep(self.store, self.rulebook, morning, inv.now)
                    .await?;
                self.done.would_be += 1;
            }
        }
        Ok(None)
    }

    /// Whether the pass goes on to its stops. Where it would go past a cap it stops nobody and latches;
    /// latched, it first names the set that may.
    async fn goes_on(&mut self, ready: &[Loaded], inv: &Invocation) -> Result<bool, StoreError> {
        let brake = &self.terms.brake;
        if ready.is_empty() {
            return Ok(false);
        }
        if brake.brake.latched_at.is_some() {
            let named = brake.brake.named_at.is_some();
            if !named {
                caps::name(self.store, brake, ready).await?;
            }
            return Ok(named);
        }
        if !caps::passed(self.store, self.rulebook, ready, inv.now).await? {
            return Ok(true);
        }
        caps::latch(self.store, brake, inv.now).await?;
        self.done.latched = true;
        let morning = next_morning(inv.now, &self.rulebook.policy.cases);
        for loaded in ready {
            loaded
                .sleep(self.store, self.rulebook, morning, inv.now)
                .await?;
        }
        self.done.put_off += ready.len();
        Ok(false)
    }

    async fn stop(&mut self, one: &Wanted, inv: &Invocation) {
        match one::stop_one(self.store, self.rulebook, inv, one, self.terms).await {
            Ok(links) => self.done.links += links,
            Err(trouble) => self.trouble(one, &trouble, inv).await,
        }
    }

    async fn trouble(&mut self, one: &Wanted, trouble: &Trouble, inv: &Invocation) {
        let row = keys::case(&one.case);
        let settled = trouble.settle(self.store, self.rulebook, &row, inv.now);
        match settled.await.inspect_err(|error| {
            tracing::warn!(row = %row, "what became of a row could not be written: {error}");
        }) {
            Ok(Left::SetAside) => self.done.quarantined += 1,
            Ok(Left::Due) | Err(_) => {
                self.done.failed += 1;
                let oldest = self.done.oldest_left;
                self.done.oldest_left = oldest.into_iter().chain([one.since]).min();
            }
        }
    }
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

    fn readiness(&self, terms: &Terms, now: Timestamp, rulebook: &Rulebook) -> Readiness {
        terms.readiness(&self.stored, &self.filing, &self.finding, now, rulebook)
    }

    /// Whether no cap holds it: its stop began and was counted then, or a bureau ordered it.
    fn is_decided(&self) -> bool {
        matches!(self.finding.state, FindingState::Stopping { .. }) || self.finding.is_to_stop_now()
    }

    /// Puts the stop off; what else the case has to do is done in its time.
    async fn sleep(
        &self,
        store: &Store,
        rulebook: &Rulebook,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let steps = self.stored.case.steps(&self.filing.freezes, now, rulebook);
        let others = steps
            .iter()
            .filter(|(_, _, due)| !matches!(due, Due::Stop | Due::GoOnStopping));
        let wakes_at = others.map(|(at, _, _)| *at).fold(until, Ord::min);
        sleep_until(store, &self.stored, Some(wakes_at), now).await?;
        Ok(())
    }

    /// Asks for a newer look; the finding stays condemned and keeps its release.
    async fn look_again(
        mut self,
        store: &Store,
        rulebook: &Rulebook,
        inv: &Invocation,
    ) -> Result<Option<Look>, Trouble> {
        let mut asked = None;
        for event in [Event::LookAgain, Event::LookSent] {
            let finding = step(self.finding.clone(), event, inv.now, rulebook)?;
            if let FindingState::Condemned(condemned) = &finding.state {
                asked.clone_from(&condemned.asked);
            }
            self.finding = finding;
        }
        let (id, finding) = (self.finding.id.clone(), self.finding.clone());
        let missing = StepRefused::State("gone");
        let case = self.stored.case.clone();
        self.stored.case = case.with_finding(&id, missing, |_| Ok(finding))?;
        let mut change = Change::new();
        let (freezes, case) = (&self.filing.freezes, &self.stored.case);
        let wakes_at = case.wakes_at(freezes, inv.now, rulebook);
        self.stored.put(&mut change, wakes_at, inv.now)?;
        match store.commit(&change).await {
            Ok(()) => Ok(asked.and_then(|asked| {
                look_for(
                    &self.filing,
                    &self.stored.case.unit,
                    (&self.finding.rule, &asked),
                    Purpose::LastLook,
                    rulebook,
                )
            })),
            Err(CommitError::Conflict(_)) => Ok(None),
            Err(CommitError::Store(error)) => Err(error.into()),
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
