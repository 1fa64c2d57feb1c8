//! Plans the audits that are due: a page of units into looks. Nothing is written per unit.

use icp_domain::Rulebook;
use icp_domain::filing::Service;
use icp_domain::ids::{LookId, UnitId, VantageId};
use icp_domain::look::{FactsRevisions, Look, Plan, Purpose};
use icp_store::records::StoredClock;
use icp_store::{DueRow, Family, Store, StoreError, Sweep};
use jiff::{SignedDuration, Timestamp};

/// A page of looks, and where the next page begins.
#[derive(Debug)]
pub struct Planned {
    /// Looks to send before the cursor is moved.
    pub looks: Vec<Look>,
    /// Units found due, also those for which no look was planned.
    pub units: usize,
    /// The sweep that was read.
    sweep: Sweep,
    moved: Option<(Timestamp, Option<String>)>,
    /// Whether more is due.
    pub more: bool,
}

/// Which of the two cursors over the due clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// Shortly behind the clock.
    First,
    /// Hours behind: what is still there was lost, and is sent again.
    Again,
}

impl Pass {
    fn name(self) -> &'static str {
        match self {
            Self::First => "AUDIT",
            Self::Again => "AUDIT-AGAIN",
        }
    }

    fn behind(self, rulebook: &Rulebook) -> SignedDuration {
        match self {
            Self::First => rulebook.policy.audits.planning_lag(),
            Self::Again => rulebook.policy.audits.planning_again(),
        }
    }
}

/// Plans one page of one shard.
pub async fn plan_page(
    store: &Store,
    rulebook: &Rulebook,
    pass: Pass,
    shard: u8,
    now: Timestamp,
) -> Result<Planned, StoreError> {
    let until = now - pass.behind(rulebook);
    let limit = rulebook.policy.audits.units_per_page as usize;
    let sweep = store.sweep(pass.name(), shard, now).await?;
    let rows = store
        .due(
            Family::Audit,
            shard,
            sweep.from,
            sweep.place.as_deref(),
            until,
            limit,
        )
        .await?;
    let more = limit <= rows.len();
    // The cursor stands on the last row of a full page; past the last row it stands on the clock, but
    // not so close that the index could still bring an older row.
    let settled = until - rulebook.policy.sweeps.watermark_behind();
    let moved = match rows.last() {
        Some(last) => Some((last.at, Some(last.place.clone()))),
        None if sweep.from < settled => Some((settled, sweep.place.clone())),
        None => None,
    };
    let looks = plan(store, rulebook, &rows).await?;
    Ok(Planned {
        looks,
        units: rows.len(),
        sweep,
        moved,
        more,
    })
}

/// Moves the cursor past a page whose looks were sent.
pub async fn page_sent(store: &Store, planned: &Planned) -> Result<(), StoreError> {
    match &planned.moved {
        Some((from, place)) => store.advance(&planned.sweep, *from, place.clone()).await,
        None => Ok(()),
    }
}

async fn plan(
    store: &Store,
    rulebook: &Rulebook,
    rows: &[DueRow],
) -> Result<Vec<Look>, StoreError> {
    let units: Vec<UnitId> = rows
        .iter()
        .filter_map(|row| Store::unit_of_clock(&row.key))
        .collect();
    let facts = store.plan_facts(&units).await?;
    let planned = units.into_iter().filter_map(|unit| {
        let (clock, subject, service) = facts.of(&unit)?;
        let due = clock.clock.next_audit_at;
        let revisions = revisions(clock, subject);
        let used = clock.clock.suspected_from();
        let vantage = rulebook.vantages.in_turn(turn(&unit, due), &used);
        Some(audit_look(unit, service, vantage, due, revisions))
    });
    Ok(planned.collect())
}

/// The look of a unit's own period. Its id comes from the unit and the due instant, so that a look
/// that is sent again is the same look.
fn audit_look(
    unit: UnitId,
    service: Option<&Service>,
    vantage: VantageId,
    due: Timestamp,
    facts_revisions: FactsRevisions,
) -> Look {
    let id = LookId::derived("audit", &[&unit.to_string(), &due.to_string()]);
    let plan = plan_of(service, vantage);
    Look {
        id,
        unit,
        purpose: Purpose::Audit,
        due,
        facts_revisions,
        plan,
    }
}

/// What a look at a unit looks up: names and page of a service, nothing of a subject.
pub(crate) fn plan_of(service: Option<&Service>, vantage: VantageId) -> Plan {
    match service {
        Some(service) => Plan::of_service(&service.details, vantage),
        None => Plan::of_rows(vantage),
    }
}

pub(crate) fn revisions(clock: &StoredClock, subject: &StoredClock) -> FactsRevisions {
    FactsRevisions {
        subject: subject.clock.facts_revision,
        unit: clock.clock.facts_revision,
    }
}

/// A number that differs from audit to audit of a unit, so that vantages take turns.
fn turn(unit: &UnitId, due: Timestamp) -> usize {
    let hash = icp_domain::command::hashed("turn", &[&unit.to_string(), &due.to_string()]);
    hash.get(..4)
        .and_then(|hex| usize::from_str_radix(hex, 16).ok())
        .unwrap_or_default()
}
