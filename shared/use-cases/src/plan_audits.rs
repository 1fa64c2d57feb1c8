//! Plans the audits that are due: a page of units into looks. Nothing is written per unit.

use icp_domain::Rulebook;
use icp_domain::filing::Service;
use icp_domain::ids::{LookId, UnitId, VantageId};
use icp_domain::look::{FactsRevisions, Look, Plan, Purpose};
use icp_domain::rulebook::calendar::local_date;
use icp_store::records::{StoredClock, UnitsPlanned, count_planned};
use icp_store::{Change, DueRow, Family, Store, StoreError, Sweep, keys};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

/// A page of looks, and where the next page begins.
#[derive(Debug)]
pub struct Planned {
    /// Looks to send before the cursor is moved.
    pub looks: Vec<Look>,
    /// Units found due, also those for which no look was planned.
    pub units: usize,
    /// Units whose rows do not read: their clocks were set aside.
    pub quarantined: i64,
    /// The run that the units are counted for; `None` where they were counted before.
    run: Option<(Date, UnitsPlanned)>,
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
    let Looks { looks, quarantined } = plan(store, rulebook, &rows, now).await?;
    let run = match pass {
        Pass::First => Some((local_date(now), units_of(&looks))),
        Pass::Again => None,
    };
    Ok(Planned {
        looks,
        units: rows.len(),
        quarantined,
        run,
        sweep,
        moved,
        more,
    })
}

/// Moves the cursor past a page whose looks were sent.
pub async fn page_sent(store: &Store, planned: &Planned) -> Result<(), StoreError> {
    let Some((from, place)) = &planned.moved else {
        return Ok(());
    };
    let mut counted = Change::new();
    if let Some((day, units)) = planned.run
        && units != UnitsPlanned::default()
    {
        count_planned(&mut counted, day, planned.sweep.shard(), units);
    }
    store
        .advance_with(&planned.sweep, *from, place.clone(), counted)
        .await
}

/// How many units of each kind are looked at.
fn units_of(looks: &[Look]) -> UnitsPlanned {
    let mut units = UnitsPlanned::default();
    for look in looks {
        match look.unit.service {
            None => units.subjects += 1,
            Some(_) => units.services += 1,
        }
    }
    units
}

/// A page of what both cursors went past and is still due: looks that were lost twice.
#[derive(Debug)]
pub struct LeftBehind {
    /// Looks to send.
    pub looks: Vec<Look>,
    /// Units found.
    pub units: usize,
    /// Units whose rows do not read: their clocks were set aside.
    pub quarantined: i64,
    /// Where the next page begins; `None` at the end.
    pub next: Option<DueRow>,
}

/// Plans one page of what has been due in a shard for longer than any look takes, after `last`.
pub async fn plan_left_behind(
    store: &Store,
    rulebook: &Rulebook,
    shard: u8,
    last: Option<&DueRow>,
    now: Timestamp,
) -> Result<LeftBehind, StoreError> {
    let limit = rulebook.policy.audits.units_per_page as usize;
    let since = last.map_or(now - rulebook.policy.sweeps.daily_sweep(), |last| last.at);
    let until = now - rulebook.policy.audits.overdue_alarm();
    let place = last.map(|last| last.place.as_str());
    let rows = store
        .due(Family::Audit, shard, since, place, until, limit)
        .await?;
    let Looks { looks, quarantined } = plan(store, rulebook, &rows, now).await?;
    Ok(LeftBehind {
        looks,
        units: rows.len(),
        quarantined,
        next: (limit <= rows.len())
            .then(|| rows.last().cloned())
            .flatten(),
    })
}

struct Looks {
    looks: Vec<Look>,
    quarantined: i64,
}

async fn plan(
    store: &Store,
    rulebook: &Rulebook,
    rows: &[DueRow],
    now: Timestamp,
) -> Result<Looks, StoreError> {
    let units: Vec<UnitId> = rows
        .iter()
        .filter_map(|row| Store::unit_of_clock(&row.key))
        .collect();
    let facts = store.plan_facts(&units).await?;
    let mut quarantined = 0;
    for unit in &units {
        if let Some(error) = facts.unreadable(unit) {
            let row = keys::clock(unit);
            tracing::error!(unit = %unit, "{unit} cannot be planned, and is set aside: {error}");
            let aside = store.set_aside(&row, &error.to_string(), now).await?;
            quarantined += i64::from(aside);
        }
    }
    let planned = units.into_iter().filter_map(|unit| {
        let (clock, subject, service) = facts.of(&unit)?;
        let due = clock.clock.next_audit_at;
        let revisions = revisions(clock, subject);
        let used = clock.clock.suspected_from();
        let vantage = rulebook.vantages.in_turn(turn(&unit, due), &used);
        Some(audit_look(unit, service, vantage, due, revisions))
    });
    Ok(Looks {
        looks: planned.collect(),
        quarantined,
    })
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
        campaign: None,
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
