//! What became of the rows of files, counted part by part.

use icp_domain::bureau_list::Outcome;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What became of the rows of a base's part, or of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RowCounts {
    /// Rows.
    pub rows: u64,
    /// Services that were not there.
    pub added: u64,
    /// Services that changed.
    pub changed: u64,
    /// Services that were there as the file has them.
    pub same: u64,
    /// Services that an order approved, which stands above the file.
    pub kept: u64,
    /// Rows of a filing that wants what another filing holds.
    pub conflicts: u64,
    /// Rows that could not be read.
    pub bad: u64,
}

impl std::ops::AddAssign for RowCounts {
    fn add_assign(&mut self, other: Self) {
        self.rows += other.rows;
        self.added += other.added;
        self.changed += other.changed;
        self.same += other.same;
        self.kept += other.kept;
        self.conflicts += other.conflicts;
        self.bad += other.bad;
    }
}

/// What became of the rows of a bureau's list, or of a part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListCounts {
    /// Rows.
    pub rows: u64,
    /// Rows of which what the bureau did is recorded: results, and what is off the record.
    pub recorded: u64,
    /// Rows of which a case was opened or joined.
    #[serde(default)]
    pub cases_opened: u64,
    /// Rows of what is being stopped.
    #[serde(default)]
    pub stops_ordered: u64,
    /// Rows that wait for a second person.
    pub awaiting_second: u64,
    /// Rows about what we give access to.
    pub accessed: u64,
    /// Rows about what we stopped access to.
    pub stopped: u64,
    /// Rows about what is known here and given no access.
    pub not_accessed: u64,
    /// Rows for people.
    pub doubtful: u64,
    /// Rows about none of ours.
    pub unmatched: u64,
    /// Rows that could not be read.
    pub bad: u64,
}

impl ListCounts {
    /// Counts a row that was read.
    pub fn count(&mut self, outcome: Outcome) {
        self.rows += 1;
        let of = match outcome {
            Outcome::Recorded | Outcome::SubjectOff | Outcome::SiteOff => &mut self.recorded,
            Outcome::CaseOpened => &mut self.cases_opened,
            Outcome::StopOrdered => &mut self.stops_ordered,
            Outcome::AwaitsSecond => &mut self.awaiting_second,
            Outcome::Accessed => &mut self.accessed,
            Outcome::Stopped => &mut self.stopped,
            Outcome::NotAccessed => &mut self.not_accessed,
            Outcome::Doubtful(_) => &mut self.doubtful,
            Outcome::Unmatched => &mut self.unmatched,
        };
        *of += 1;
    }

    /// Counts a row that could not be read.
    pub fn count_bad(&mut self) {
        self.rows += 1;
        self.bad += 1;
    }
}

impl std::ops::AddAssign for ListCounts {
    fn add_assign(&mut self, other: Self) {
        self.rows += other.rows;
        self.recorded += other.recorded;
        self.cases_opened += other.cases_opened;
        self.stops_ordered += other.stops_ordered;
        self.awaiting_second += other.awaiting_second;
        self.accessed += other.accessed;
        self.stopped += other.stopped;
        self.not_accessed += other.not_accessed;
        self.doubtful += other.doubtful;
        self.unmatched += other.unmatched;
        self.bad += other.bad;
    }
}

/// What became of the rows of a file of reports, or of a part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportCounts {
    /// Rows.
    pub rows: u64,
    /// Rows that say something new.
    pub changed: u64,
    /// Rows of what was known, or of what is older than that.
    pub same: u64,
    /// Rows about none of ours.
    pub unmatched: u64,
    /// Rows that could not be read.
    pub bad: u64,
}

impl std::ops::AddAssign for ReportCounts {
    fn add_assign(&mut self, other: Self) {
        self.rows += other.rows;
        self.changed += other.changed;
        self.same += other.same;
        self.unmatched += other.unmatched;
        self.bad += other.bad;
    }
}
