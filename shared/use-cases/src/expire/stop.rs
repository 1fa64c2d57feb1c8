//! Stops access, under the brake.
//!
//! **Invariant:** the condemned are counted, in all and per account, before the first is stopped; a
//! pass that would pass a cap stops nobody and latches. Each stop is one commit whose conditions say
//! the rule again: the finding as it was read, the filing's head, the brake's row, the counts of the caps.

use icp_domain::Invocation;
use icp_domain::finding::{Finding, FindingState};
use icp_domain::ids::{ServiceId, UnitId};
use icp_domain::notice::link_name;
use icp_store::records::{StoredCase, StoredFiling};
use icp_store::{StoreError, keys};
use jiff::Timestamp;

use super::readiness::Terms;
use super::{Reach, Wanted};
use crate::trouble::{Left, Trouble};

mod caps;
mod one;

use caps::Caps;
use one::{End, One};

/// What a pass over the condemned came to.
#[derive(Debug, Default)]
pub struct Stopped {
    /// Links stopped.
    pub links: usize,
    /// Findings that failed and stay due.
    pub failed: usize,
    /// Findings that were left to the next tick: there was no time, or too little was known of what a cap is for.
    pub not_reached: usize,
    /// Cases set aside.
    pub quarantined: i64,
    /// Since when the oldest of those that stay due is due.
    pub oldest_left: Option<Timestamp>,
    /// Whether the brake latched. The next sweep puts off what it holds.
    pub latched: bool,
}

/// Stops what is condemned, under the brake: counted in all and per account before the first. A case
/// that cannot be stopped holds up no other, and a stop that has begun is carried through whatever
/// the caps say: it was counted when it began. What a bureau ordered is counted and never held. The
/// oldest go first, as long as there is time; the rest stay due. Where so many rows were `not_reached` that they could
/// go past a cap together with what is known, nobody is stopped before they are.
pub async fn stop_condemned(
    reach: Reach<'_>,
    inv: &Invocation,
    terms: &Terms,
    wanted: Vec<Wanted>,
    not_reached: usize,
) -> Result<Stopped, StoreError> {
    let mut pass = Pass {
        reach,
        terms,
        done: Stopped::default(),
    };
    let (mut decided, mut held): (Vec<_>, Vec<_>) =
        wanted.into_iter().partition(|one| one.is_decided);
    for wanted in [&mut decided, &mut held] {
        wanted.sort_by_key(|one| one.since);
    }
    pass.stop_all(&decided, Bound::None, inv).await?;
    if let Some(bound) = pass.bound(&held, not_reached, inv).await? {
        pass.stop_all(&held, bound, inv).await?;
    }
    Ok(pass.done)
}

/// What bounds the stops of a set.
enum Bound<'a> {
    /// It was counted before, a bureau ordered it, or staff named it.
    None,
    /// The caps, asked again at each stop: another pass may be making some.
    Caps(Caps<'a>),
}

/// One pass over what is condemned.
struct Pass<'a> {
    reach: Reach<'a>,
    terms: &'a Terms,
    done: Stopped,
}

impl<'a> Pass<'a> {
    /// What bounds the stops that the pass goes on to, if it does. Where it would go past a cap it stops nobody and
    /// latches; latched, it first names the set that may.
    async fn bound(
        &mut self,
        wanted: &[Wanted],
        not_reached: usize,
        inv: &Invocation,
    ) -> Result<Option<Bound<'a>>, StoreError> {
        let Reach {
            store, rulebook, ..
        } = self.reach;
        let brake = &self.terms.brake;
        if wanted.is_empty() {
            return Ok(None);
        }
        if brake.brake.latched_at.is_some() {
            if brake.brake.named_at.is_some() {
                return Ok(Some(Bound::None));
            }
            caps::name(store, brake, wanted).await?;
            return Ok(None);
        }
        let caps = Caps::read(store, &rulebook.policy.brake, inv.now).await?;
        if caps.are_passed(store, wanted).await? {
            self.latch(inv).await?;
            return Ok(None);
        }
        if 0 < not_reached && caps.could_be_passed(wanted, not_reached) {
            for one in wanted {
                self.leave(one);
            }
            return Ok(None);
        }
        Ok(Some(Bound::Caps(caps)))
    }

    async fn latch(&mut self, inv: &Invocation) -> Result<(), StoreError> {
        caps::latch(self.reach.store, &self.terms.brake, inv.now).await?;
        self.done.latched = true;
        Ok(())
    }

    async fn stop_all(
        &mut self,
        wanted: &[Wanted],
        bound: Bound<'_>,
        inv: &Invocation,
    ) -> Result<(), StoreError> {
        for one in wanted {
            if self.done.latched || !(self.reach.has_time)() {
                self.leave(one);
                continue;
            }
            match one::stop_one(self.reach, inv, one, (self.terms, &bound)).await {
                Ok(One { links, end }) => {
                    self.done.links += links;
                    match end {
                        End::Done => {}
                        End::OutOfTime => self.leave(one),
                        End::PastCap => {
                            self.leave(one);
                            self.latch(inv).await?;
                        }
                    }
                }
                Err(trouble) => self.trouble(one, &trouble, inv).await,
            }
        }
        Ok(())
    }

    /// Leaves it to the next tick.
    fn leave(&mut self, one: &Wanted) {
        self.done.not_reached += 1;
        self.stays_due(one);
    }

    fn stays_due(&mut self, one: &Wanted) {
        let oldest = self.done.oldest_left;
        self.done.oldest_left = oldest.into_iter().chain([one.since]).min();
    }

    async fn trouble(&mut self, one: &Wanted, trouble: &Trouble, inv: &Invocation) {
        let row = keys::case(&one.case);
        let settled = trouble.settle(self.reach.store, self.reach.rulebook, &row, inv.now);
        match settled.await.inspect_err(|error| {
            tracing::warn!(row = %row, "what became of a row could not be written: {error}");
        }) {
            Ok(Left::SetAside) => self.done.quarantined += 1,
            Ok(Left::Due) | Err(_) => {
                self.done.failed += 1;
                self.stays_due(one);
            }
        }
    }
}

impl Wanted {
    /// A finding that may be stopped, as it was read.
    pub(super) fn of(
        stored: &StoredCase,
        filing: &StoredFiling,
        finding: &Finding,
        since: Timestamp,
    ) -> Self {
        let links = live_links(filing, &stored.case.unit);
        Self {
            case: stored.case.id.clone(),
            finding: finding.id.clone(),
            account: stored.case.account.clone(),
            since,
            links: links
                .iter()
                .map(|service| link_name(filing.id(), service))
                .collect(),
            released_at: finding.state.release().map(|release| release.released_at),
            // Its stop began and was counted then, or a bureau ordered it: no cap holds it.
            is_decided: matches!(finding.state, FindingState::Stopping { .. })
                || finding.is_to_stop_now(),
        }
    }
}

/// The links by which we give access to a unit.
fn live_links(filing: &StoredFiling, unit: &UnitId) -> Vec<ServiceId> {
    let live = filing
        .filing
        .links
        .iter()
        .filter(|(_, link)| link.is_live());
    let own = |service: &&ServiceId| unit.service.as_ref().is_none_or(|own| own == *service);
    live.map(|(service, _)| service)
        .filter(own)
        .cloned()
        .collect()
}
