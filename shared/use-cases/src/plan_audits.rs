//! Plans the audits that are due: a page of units into looks. Nothing is written per unit.

use icp_domain::Rulebook;
use icp_domain::audit::ClockName;
use icp_domain::filing::Service;
use icp_domain::ids::{LookId, UnitId, VantageId};
use icp_domain::look::{FactsRevisions, Look, Plan, Purpose};
use icp_domain::rulebook::calendar::local_date;
use icp_store::records::{PlanFacts, PlannedDay, StoredClock, UnitsPlanned, count_planned};
use icp_store::{Change, DueRow, Family, Store, StoreError, Sweep, keys};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::holder_looks::{Names, at_registrations};

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
    run: Option<(Date, PlannedDay)>,
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
    let Due {
        looks,
        quarantined,
        planned,
    } = plan(store, rulebook, &rows, now).await?;
    let run = match pass {
        Pass::First => Some((local_date(now), planned)),
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
    if let Some((day, units)) = &planned.run
        && units.all != UnitsPlanned::default()
    {
        count_planned(&mut counted, *day, planned.sweep.shard(), units);
    }
    store
        .advance_with(&planned.sweep, *from, place.clone(), counted)
        .await
}

/// Counts a unit that is looked at, in all and for its province.
fn count_unit(planned: &mut PlannedDay, look: &Look, province: Option<&str>) {
    let count = |units: &mut UnitsPlanned| match (look.clock, &look.unit.service) {
        (ClockName::Holder, _) => units.holders += 1,
        (ClockName::Audit, None) => units.subjects += 1,
        (ClockName::Audit, Some(_)) => units.services += 1,
    };
    count(&mut planned.all);
    if let Some(province) = province {
        count(planned.provinces.entry(province.to_owned()).or_default());
    }
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
    /// Where the next page begins; none at the end.
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
    let Due {
        looks, quarantined, ..
    } = plan(store, rulebook, &rows, now).await?;
    Ok(LeftBehind {
        looks,
        units: rows.len(),
        quarantined,
        next: (limit <= rows.len())
            .then(|| rows.last().cloned())
            .flatten(),
    })
}

struct Due {
    looks: Vec<Look>,
    quarantined: i64,
    planned: PlannedDay,
}

async fn plan(
    store: &Store,
    rulebook: &Rulebook,
    rows: &[DueRow],
    now: Timestamp,
) -> Result<Due, StoreError> {
    let units: Vec<(UnitId, ClockName)> = rows
        .iter()
        .filter_map(|row| Store::unit_of_clock(&row.key))
        .collect();
    let facts = store.plan_facts(&units).await?;
    let (mut looks, mut quarantined, mut counted) = (Vec::new(), 0, PlannedDay::default());
    for (unit, name) in units {
        let planned = match facts.unreadable(&unit, name) {
            Some(error) => Err(error.to_string()),
            None => planned(store, rulebook, &facts, (&unit, name)).await?,
        };
        match planned {
            Ok(look) => {
                if let Some(look) = &look {
                    count_unit(&mut counted, look, facts.province(&unit));
                }
                looks.extend(look);
            }
            Err(error) => {
                let row = keys::clock_of(&unit, name);
                tracing::error!(unit = %unit, "{unit} cannot be planned, and is set aside: {error}");
                let aside = store.set_aside(&row, &error, now).await?;
                quarantined += i64::from(aside);
            }
        }
    }
    Ok(Due {
        looks,
        quarantined,
        planned: counted,
    })
}

/// The look of a unit that is due on a clock; none where the unit is gone. Fails within with what does
/// not read.
async fn planned(
    store: &Store,
    rulebook: &Rulebook,
    facts: &PlanFacts,
    (unit, name): (&UnitId, ClockName),
) -> Result<Result<Option<Look>, String>, StoreError> {
    let Some((clock, subject, service)) = facts.of(unit, name) else {
        return Ok(Ok(None));
    };
    let due = clock.clock.next_audit_at;
    let used = clock.clock.suspected_from();
    let vantage = rulebook.vantages.in_turn(turn(unit, due), &used);
    let look = audit_look(
        (unit, name),
        service,
        vantage,
        due,
        revisions(clock, subject),
    );
    match (name, service) {
        (ClockName::Audit, _) => Ok(Ok(Some(look))),
        (ClockName::Holder, None) => Ok(Ok(None)),
        (ClockName::Holder, Some(service)) => {
            match store.filed_names(&unit.subject, service).await {
                Ok(names) => Ok(Ok(Some(at_registrations(
                    look,
                    service,
                    &Names::of_rows(&names),
                )))),
                Err(error) if error.is_malformed() => Ok(Err(error.to_string())),
                Err(error) => Err(error),
            }
        }
    }
}

/// The look of a unit's own period. Its id comes from the unit and the due instant, so that a look
/// that is sent again is the same look.
fn audit_look(
    (unit, clock): (&UnitId, ClockName),
    service: Option<&Service>,
    vantage: VantageId,
    due: Timestamp,
    facts_revisions: FactsRevisions,
) -> Look {
    let role = match clock {
        ClockName::Audit => "audit",
        ClockName::Holder => "holder",
    };
    let id = LookId::derived(role, &[&unit.to_string(), &due.to_string()]);
    let plan = plan_of(service, vantage);
    Look {
        id,
        unit: unit.clone(),
        purpose: Purpose::Audit,
        campaign: None,
        check: None,
        clock,
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
pub(crate) fn turn(unit: &impl std::fmt::Display, due: Timestamp) -> usize {
    let hash = icp_domain::command::hashed("turn", &[&unit.to_string(), &due.to_string()]);
    hash.get(..4)
        .and_then(|hex| usize::from_str_radix(hex, 16).ok())
        .unwrap_or_default()
}
