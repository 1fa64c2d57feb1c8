//! How far a finding may go, and who lets it.

use serde::{Deserialize, Serialize};

/// How far a rule's finding may go. Each level contains the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The rule is not judged.
    Off,
    /// Counted and shown to staff; no case.
    Observe,
    /// A case and its notices, without a stop.
    Notify,
    /// All: at the end of the period access is stopped.
    Enforce,
}

impl Level {
    /// Every level, lowest first.
    pub const ALL: [Self; 4] = [Self::Off, Self::Observe, Self::Notify, Self::Enforce];
}

/// Who releases the stop of a condemned finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BrakeMode {
    /// Staff, one by one or by rule after a preview.
    Manual,
    /// The rule itself, where its precision has been good for long enough.
    Automatic,
    /// Nobody: all but the stop's commit is done, and would-be stops are listed.
    DryRun,
    /// Nobody: nothing is stopped but by a bureau's order.
    Off,
}

impl BrakeMode {
    /// Every mode.
    pub const ALL: [Self; 4] = [Self::Manual, Self::Automatic, Self::DryRun, Self::Off];
}
