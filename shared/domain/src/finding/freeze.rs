//! Stretches in which orders hold findings still (冻结), and whose findings each holds.
//!
//! **Invariant:** an order holds what it answers, and nothing else of its filing.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{OrderId, ServiceId, UnitId};

/// A stretch of time. Half-open; without an end while it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// First instant.
    pub from: Timestamp,
    /// First instant after it, once it is over.
    pub until: Option<Timestamp>,
}

impl Interval {
    /// Without an end it lasts, whatever its beginning: whoever wrote that may have a clock that is ahead.
    pub(super) fn lasts_at(&self, now: Timestamp) -> bool {
        self.until
            .is_none_or(|until| self.from <= now && now < until)
    }
}

/// A stretch in which an order that answers an open case was with one of those who review it, so
/// that the periods of the case's findings stood still (冻结).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Freeze {
    /// The order.
    pub order: OrderId,
    /// Whose findings stood still.
    pub answers: Answers,
    /// Who reviews it.
    pub phase: Phase,
    /// The stretch.
    #[serde(flatten)]
    pub interval: Interval,
}

/// Who reviews an order that freezes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The provider: its days are counted, so that an order left lying protects nobody for ever.
    Review,
    /// The bureau: its days do not count, since nobody here can shorten them.
    Bureau,
}

/// Which units of its filing an order may put right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answers {
    /// Every one.
    All,
    /// Some.
    Only {
        /// Whether the subject's own is among them.
        subject: bool,
        /// The services.
        services: BTreeSet<ServiceId>,
    },
}

impl Answers {
    /// Whether a unit of the filing is among them.
    pub fn include(&self, unit: &UnitId) -> bool {
        match (self, &unit.service) {
            (Self::All, _) => true,
            (Self::Only { subject, .. }, None) => *subject,
            (Self::Only { services, .. }, Some(service)) => services.contains(service),
        }
    }
}

/// What orders hold still of one unit: a finding is never asked about with another's.
#[derive(Debug, Clone, Copy)]
pub struct Freezes<'a> {
    unit: &'a UnitId,
    of_filing: &'a [Freeze],
}

impl<'a> Freezes<'a> {
    /// Those of a filing that hold the findings of one of its units.
    pub fn of(unit: &'a UnitId, of_filing: &'a [Freeze]) -> Self {
        Self { unit, of_filing }
    }

    /// When the last order that held them ended.
    pub fn last_ended(self) -> Option<Timestamp> {
        self.iter().filter_map(|freeze| freeze.interval.until).max()
    }

    pub(super) fn iter(self) -> impl Iterator<Item = &'a Freeze> {
        let held = move |freeze: &&Freeze| freeze.answers.include(self.unit);
        self.of_filing.iter().filter(held)
    }
}
