//! Keys of a unit's clocks, and of what people are asked since their looks decide nothing.

use icp_domain::audit::ClockName;
use icp_domain::ids::{ServiceId, UnitId};

use super::{HEAD, Key, key, subject_partition};

/// The audit clock of a unit.
pub fn clock(unit: &UnitId) -> Key {
    let name = unit.service.as_ref().map_or("S", ServiceId::as_str);
    key(subject_partition(&unit.subject), format!("CLOCK#{name}"))
}

/// The holder clock of a service's unit.
pub fn holder_clock(unit: &UnitId) -> Key {
    let name = unit.service.as_ref().map_or("S", ServiceId::as_str);
    key(subject_partition(&unit.subject), format!("HOLDER#{name}"))
}

/// A clock of a unit.
pub fn clock_of(unit: &UnitId, name: ClockName) -> Key {
    match name {
        ClockName::Audit => clock(unit),
        ClockName::Holder => holder_clock(unit),
    }
}

/// What people are asked about a unit, by the looks of one of its clocks.
pub fn review_item(unit: &UnitId, name: ClockName) -> Key {
    let sk = match name {
        ClockName::Audit => HEAD,
        ClockName::Holder => "HOLDER",
    };
    key(format!("REVIEW#{unit}"), sk)
}
