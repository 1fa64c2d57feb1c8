//! The clocks of a filing's units: the audit clock of each, and a site's holder clock.

use icp_domain::audit::{AuditClock, ClockName};
use icp_domain::ids::UnitId;
use jiff::Timestamp;

use super::{StoredClock, StoredFiling};
use crate::index::Family;
use crate::records::SHAPE;
use crate::records::observed::take_off;
use crate::records::plans::PROVINCE;
use crate::{Change, Guard, Row, StoreError, keys};

impl StoredFiling {
    /// The audit clock of a unit as it is stored, if it was read.
    pub fn clock(&self, unit: &UnitId) -> Option<&StoredClock> {
        self.clock_of(unit, ClockName::Audit)
    }

    /// A clock of a unit as it is stored, if it was read.
    pub fn clock_of(&self, unit: &UnitId, name: ClockName) -> Option<&StoredClock> {
        match name {
            ClockName::Audit => self.clocks.get(unit),
            ClockName::Holder => self.holder_clocks.get(unit),
        }
    }

    /// Writes a unit's audit clock. `live` tells whether the unit is audited: the clock of a stopped
    /// link sleeps.
    pub fn put_clock(
        &self,
        change: &mut Change,
        unit: &UnitId,
        clock: &AuditClock,
        live: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.put_clock_of(change, (unit, ClockName::Audit), clock, live, now)
    }

    /// Writes a clock of a unit, asleep where `live` says that the unit is not audited, and takes the unit off the lists
    /// of rules that the clock names no more.
    pub fn put_clock_of(
        &self,
        change: &mut Change,
        named: (&UnitId, ClockName),
        clock: &AuditClock,
        live: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.put_clock_in(change, named, clock, live, now, self.filing.province())
    }

    /// Writes a clock of a unit as [`Self::put_clock_of`] does, where the commit gives the subject the code of a
    /// province. The subject's audit clock names it, for those who plan and count.
    pub fn put_clock_in(
        &self,
        change: &mut Change,
        (unit, name): (&UnitId, ClockName),
        clock: &AuditClock,
        live: bool,
        now: Timestamp,
        province: Option<&str>,
    ) -> Result<(), StoreError> {
        let stored = self.clock_of(unit, name);
        let guard = stored.map_or(Guard::New, |stored| stored.guard);
        // A unit that sleeps is observed nowhere.
        let mut clock = clock.clone();
        clock.observed.retain(|_| live);
        take_off(change, unit, stored.map(|stored| &stored.clock), &clock);
        let due = live.then_some(clock.next_audit_at);
        let mut row = Row::of(keys::clock_of(unit, name), SHAPE, guard, &clock)?;
        if let Some(province) = province
            && unit.service.is_none()
        {
            row.set(PROVINCE, province);
        }
        change.put(row.wake(Family::Audit, due, now));
        Ok(())
    }
}
