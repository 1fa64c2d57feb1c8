//! Writes the difference between a filing as it is stored and as it shall be: rows, what is taken
//! and given back, links with their front ends, clocks, counts.
//!
//! **Invariant:** whoever changes a filing says what it shall be; which rows follow is decided here
//! alone, so that an approval and an import leave the same rows behind.

use icp_domain::audit::{AuditClock, ClockName};
use icp_domain::filing::{Filing, Link, Service, SubjectState, Takes};
use icp_domain::finding::{Event, Finding, FindingState, step};
use icp_domain::ids::{CaseId, ServiceId, UnitId};
use icp_domain::notice::{AccessChangeKind, link_name};
use icp_domain::rules::has_clock;
use icp_domain::{Invocation, Rulebook};
use icp_store::records::StoredFiling;
use icp_store::{Change, Store, StoreError, keys};
use jiff::Timestamp;

use crate::notices::post_access_change;

mod takes;

pub(crate) use takes::{held_elsewhere, take_under_new_keys};

/// What a write may reach.
pub(crate) struct Writing<'a> {
    pub(crate) store: &'a Store,
    pub(crate) rulebook: &'a Rulebook,
    pub(crate) front_ends: FrontEnds,
}

/// What front ends are told of links that change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrontEnds {
    /// Each change, until they acknowledge it.
    AreTold,
    /// Nothing: they serve what an import brings already.
    KnowIt,
}

/// What another filing holds of what this one wants.
pub(crate) type HeldElsewhere = Vec<Takes>;

impl Writing<'_> {
    /// Writes what differs into `change`, beside the head that the caller records. What another
    /// filing holds is not taken, and told: whether it may stay so is the caller's to say. What the
    /// filing wanted in vain before and is free now it takes.
    pub(crate) async fn difference(
        &self,
        change: &mut Change,
        stored: &mut StoredFiling,
        mut after: Filing,
        inv: &mut Invocation,
    ) -> Result<HeldElsewhere, StoreError> {
        let held = takes::take(self.store, change, &stored.filing, &after).await?;
        after.subject.conflicts = held.still;
        self.persons(change, stored, &after, inv).await?;
        services(change, stored, &after)?;
        for (id, material) in &after.materials {
            if stored.filing.materials.get(id) != Some(material) {
                stored.put_material(change, id, material)?;
            }
        }
        for gone in stored.filing.materials.keys() {
            if !after.materials.contains_key(gone) {
                let row = keys::material(stored.id(), gone);
                change.delete(row, icp_store::Guard::Parent);
            }
        }
        links(change, stored, &after, self.front_ends, inv.now)?;
        self.clocks(change, stored, &after, inv.now).await?;
        let is_counted_off = is_counted_off(self.store, stored).await?;
        counts(change, (&stored.filing, &after), is_counted_off);
        if let Some(details) = &after.subject.details
            && stored.filing.subject.details.as_ref() != Some(details)
        {
            stored
                .set_details(self.store, change, details.clone(), inv)
                .await?;
        }
        stored.filing = after;
        Ok(held.newly)
    }

    async fn persons(
        &self,
        change: &mut Change,
        stored: &mut StoredFiling,
        after: &Filing,
        inv: &mut Invocation,
    ) -> Result<(), StoreError> {
        for (id, person) in &after.persons {
            if stored.filing.persons.get(id) != Some(person) {
                stored
                    .put_person(self.store, change, id, person, inv)
                    .await?;
            }
        }
        for gone in stored.filing.persons.keys() {
            if !after.persons.contains_key(gone) {
                stored.delete_person(change, gone);
            }
        }
        Ok(())
    }

    /// Clocks: begun with a unit, moved on where what a plan carries changed, asleep without access,
    /// awake with it.
    async fn clocks(
        &self,
        change: &mut Change,
        stored: &StoredFiling,
        after: &Filing,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let before = &stored.filing;
        let of_subject = UnitId::of_subject(stored.id().clone());
        let subject_moved = before.subject.details != after.subject.details
            || before.persons != after.persons
            || before.number() != after.number();
        let mut units = vec![(of_subject, subject_moved)];
        for (id, service) in &after.services {
            let moved = before.services.get(id).is_some_and(|old| old != service);
            units.push((UnitId::of_service(stored.id().clone(), id.clone()), moved));
        }
        let province = after.province();
        for (unit, moved) in units {
            let named = (&unit, ClockName::Audit);
            let (had, has) = (before.has_access(&unit), after.has_access(&unit));
            self.holder_clock(change, stored, after, (&unit, moved), now)?;
            let Some(clock) = stored.clock(&unit).map(|stored| &stored.clock) else {
                if has {
                    let policy = &self.rulebook.policy.audits;
                    let clock = AuditClock::started(&unit, ClockName::Audit, now, policy);
                    stored.put_clock_in(change, named, &clock, true, now, province)?;
                }
                continue;
            };
            let mut clock = clock.clone();
            if moved {
                clock.facts_revision += 1;
            }
            if has && !had {
                clock = clock.woken(now);
            }
            if ended(before, after, &unit)
                && let Some(case) = clock.open_case.clone()
                && self.end_case(change, stored, &case, now).await?
            {
                clock.open_case = None;
            }
            if moved || had != has || clock.open_case.is_none() != open(stored, &unit).is_none() {
                stored.put_clock_in(change, named, &clock, has, now, province)?;
            }
        }
        Ok(())
    }

    /// The holder clock of a service that registrations are judged of: begun, moved on, asleep and
    /// awake with its audit clock. It has no case of its own.
    fn holder_clock(
        &self,
        change: &mut Change,
        stored: &StoredFiling,
        after: &Filing,
        (unit, moved): (&UnitId, bool),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let name = ClockName::Holder;
        let (had, has) = (stored.filing.has_access(unit), after.has_access(unit));
        let service = unit.service.as_ref().and_then(|id| after.services.get(id));
        let clock = match (stored.clock_of(unit, name), service) {
            (None, Some(service)) if has && has_clock(service.details.kind, name) => {
                AuditClock::started(unit, name, now, &self.rulebook.policy.audits)
            }
            (None, _) => return Ok(()),
            (Some(_), _) if !moved && had == has => return Ok(()),
            (Some(stored), _) => {
                let mut clock = stored.clock.clone();
                clock.facts_revision += u64::from(moved);
                if has && !had { clock.woken(now) } else { clock }
            }
        };
        stored.put_clock_of(change, (unit, name), &clock, has, now)
    }

    /// What a case holds of a unit whose access ended is overtaken. Tells whether nothing is left.
    async fn end_case(
        &self,
        change: &mut Change,
        stored: &StoredFiling,
        case: &CaseId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(mut of_unit) = self.store.case(case).await? else {
            return Ok(true);
        };
        for finding in &mut of_unit.case.findings {
            // What is being stopped ends with its stop, and what is closed stays so.
            if let Ok(after) = step(finding.clone(), Event::LinkEnded, now, self.rulebook) {
                *finding = after;
            }
        }
        let wakes_at = of_unit.case.wakes_at(&stored.freezes, now, self.rulebook);
        of_unit.put(change, wakes_at, now)?;
        Ok(!of_unit.case.is_open())
    }
}

/// Most rows that services taken off the record in one commit touch: beside them stand head, history and
/// what the commit is about.
const ROWS_AT_ONCE: usize = 80;

/// The filing with some of its services off the record, where all of them are more than one commit takes:
/// each is a service, a link, two clocks, a message to the front ends, and its domains, which may be
/// handed on.
pub(crate) fn without_some(filing: &Filing, now: Timestamp) -> Option<Filing> {
    let rows = |service: &Service| 5 + 2 * service.details.domains.len();
    let all: usize = filing.on_record().map(|(_, service)| rows(service)).sum();
    if all <= ROWS_AT_ONCE {
        return None;
    }
    let mut after = filing.clone();
    let mut touched = 0;
    for (id, service) in filing.on_record() {
        touched += rows(service);
        if ROWS_AT_ONCE < touched && after != *filing {
            break;
        }
        after.deregister(id, now);
    }
    Some(after)
}

fn services(change: &mut Change, stored: &StoredFiling, after: &Filing) -> Result<(), StoreError> {
    for (id, service) in &after.services {
        if stored.filing.services.get(id) != Some(service) {
            stored.put_service(change, id, service)?;
        }
    }
    Ok(())
}

/// Links that changed, each told to the front ends.
fn links(
    change: &mut Change,
    stored: &StoredFiling,
    after: &Filing,
    front_ends: FrontEnds,
    now: Timestamp,
) -> Result<(), StoreError> {
    for (id, link) in &after.links {
        let before = stored.filing.links.get(id);
        if before == Some(link) {
            continue;
        }
        stored.put_link(change, id, link)?;
        if front_ends == FrontEnds::KnowIt {
            continue;
        }
        let service = after.services.get(id);
        let (Some(service), Some(kind)) = (service, told(before, link)) else {
            continue;
        };
        let version = link.link_version;
        post_access_change(change, stored.id(), (id, service), version, kind, now)?;
    }
    Ok(())
}

/// Whether the subject's links are counted off already: a stop of all of them is under way, which counts them when it
/// begins.
pub(crate) async fn is_counted_off(
    store: &Store,
    stored: &StoredFiling,
) -> Result<bool, StoreError> {
    let subject = UnitId::of_subject(stored.id().clone());
    let clock = stored.clock(&subject).map(|stored| &stored.clock);
    let Some(case) = clock.and_then(|clock| clock.open_case.as_ref()) else {
        return Ok(false);
    };
    let stopping = |finding: &Finding| matches!(finding.state, FindingState::Stopping { .. });
    let found = store.case(case).await?;
    Ok(found.is_some_and(|stored| stored.case.findings.iter().any(stopping)))
}

/// Live links of the account and in all, and the account's subjects.
fn counts(change: &mut Change, (before, after): (&Filing, &Filing), is_counted_off: bool) {
    let live = |filing: &Filing| {
        let live = filing.links.values().filter(|link| link.is_live()).count();
        i64::try_from(live).unwrap_or(i64::MAX)
    };
    let filed = |filing: &Filing| match filing.subject.state {
        SubjectState::New | SubjectState::Deregistered { .. } => 0,
        SubjectState::Filed { .. } => 1,
    };
    let links = live(after) - live(before);
    let links = if is_counted_off { links.max(0) } else { links };
    let subjects = filed(after) - filed(before);
    if links != 0 || subjects != 0 {
        Store::count_account(change, &after.subject.account, links, subjects);
    }
    if links != 0 {
        let first: Option<&ServiceId> = after.links.keys().next();
        let name = first.map_or_else(String::new, |id| link_name(&after.subject.id, id));
        Store::count_live(change, &name, links);
    }
}

/// What front ends are told of a link that changed.
fn told(before: Option<&Link>, after: &Link) -> Option<AccessChangeKind> {
    match (before.is_some_and(Link::is_live), after.is_live()) {
        (false, true) => Some(AccessChangeKind::AccessGranted),
        (true, false) => Some(AccessChangeKind::AccessStopped),
        (false, false) | (true, true) => None,
    }
}

/// Whether a unit's access went off the bureau's record: of a subject, its last.
pub(crate) fn ended(before: &Filing, after: &Filing, unit: &UnitId) -> bool {
    let on_record = |filing: &Filing| match &unit.service {
        Some(service) => filing.links.get(service).is_some_and(Link::is_on_record),
        None => filing.links.values().any(Link::is_on_record),
    };
    on_record(before) && !on_record(after)
}

fn open<'a>(stored: &'a StoredFiling, unit: &UnitId) -> Option<&'a CaseId> {
    stored.clock(unit)?.clock.open_case.as_ref()
}
