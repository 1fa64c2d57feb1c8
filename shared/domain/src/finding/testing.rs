//! A finding for tests: joined on Monday, 2 March 2026, 10:00 in Shanghai; nobody told yet.

use super::{BroughtBy, Finding, FindingState, Object};
use crate::ids::UnitId;
use crate::rulebook::Level;

/// The unit that it is of.
pub(crate) fn unit() -> UnitId {
    UnitId::of_service("s1".parse().unwrap(), "1".parse().unwrap())
}

pub(crate) fn finding() -> Finding {
    Finding {
        id: "f1".parse().unwrap(),
        rule: "ICP-402".to_owned(),
        object: Object::Service,
        level: Level::Enforce,
        campaign: None,
        demand: None,
        brought_by: BroughtBy::Looks,
        joined_at: "2026-03-02T02:00:00Z".parse().unwrap(),
        looks: Vec::new(),
        period_days: 7,
        notified_at: None,
        extension: None,
        staff_extensions: Vec::new(),
        appeals: Vec::new(),
        objections: Vec::new(),
        recheck: None,
        rechecked: None,
        reading_asked_at: None,
        due_named: None,
        exempt_until: None,
        reminded: None,
        looks_asked: 0,
        state: FindingState::Open,
    }
}
