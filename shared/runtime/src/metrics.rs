//! Metrics in CloudWatch's embedded metric format: log lines that alarms can watch, with no call.

use std::io::Write;
use std::sync::OnceLock;

use jiff::Timestamp;
use serde_json::json;

/// The namespace of every metric of this service; `template.yaml`'s alarms name it.
pub const NAMESPACE: &str = "IcpFilingAudit";

/// What is measured. Each has an alarm in `template.yaml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Age in seconds of the oldest deadline that is over and not yet handled.
    OldestOverdueDeadline,
    /// Whether a judged look decided nothing: 0 or 1, so that its average is the share of such.
    UndecidedShare,
    /// Rows set aside: unreadable, or refused by the domain again and again.
    QuarantinedRows,
    /// Rows that were due and that the minute's sweep had gone past: found by the daily one.
    RowsLeftBehind,
    /// Access changes that nobody acknowledged within the hour.
    MissingAcknowledgements,
    /// Numbers that several accounts brought to their cap of codes: somebody may be pestered.
    ContestedNumbers,
    /// First notices that wait, since the run that found what they tell is held.
    HeldNotices,
    /// Cases in which an appeal or an objection has waited for its decision for longer than it may, or a call that was
    /// promised holds a stop.
    OverdueDecisions,
    /// Faults that a person must look at.
    InternalFaults,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 9] = [
        Self::OldestOverdueDeadline,
        Self::UndecidedShare,
        Self::QuarantinedRows,
        Self::RowsLeftBehind,
        Self::MissingAcknowledgements,
        Self::ContestedNumbers,
        Self::HeldNotices,
        Self::OverdueDecisions,
        Self::InternalFaults,
    ];

    /// Its name in CloudWatch.
    pub fn name(self) -> &'static str {
        match self {
            Self::OldestOverdueDeadline => "OldestOverdueDeadlineSeconds",
            Self::UndecidedShare => "UndecidedShare",
            Self::QuarantinedRows => "QuarantinedRows",
            Self::RowsLeftBehind => "RowsLeftBehind",
            Self::MissingAcknowledgements => "MissingAcknowledgements",
            Self::ContestedNumbers => "ContestedNumbers",
            Self::HeldNotices => "HeldNotices",
            Self::OverdueDecisions => "OverdueDecisions",
            Self::InternalFaults => "InternalFaults",
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::OldestOverdueDeadline => "Seconds",
            Self::UndecidedShare => "None",
            Self::QuarantinedRows
            | Self::RowsLeftBehind
            | Self::MissingAcknowledgements
            | Self::ContestedNumbers
            | Self::HeldNotices
            | Self::OverdueDecisions
            | Self::InternalFaults => "Count",
        }
    }
}

/// Who hears the lines instead of standard output, where somebody does.
static LISTENER: OnceLock<fn(&str)> = OnceLock::new();

/// Hands every line to `listener` instead of standard output: for the local deployment, whose
/// standard output is for people. The first listener of a process stays.
pub fn heard_by(listener: fn(&str)) {
    let _first_stays = LISTENER.set(listener);
}

/// Measures `value` at `now`. A line that cannot be written is lost: a metric is no reason to fail.
pub fn measure(metric: Metric, value: i64, now: Timestamp) {
    let line = json!({
        "_aws": {
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [[]],
                "Metrics": [{ "Name": metric.name(), "Unit": metric.unit() }],
            }],
        },
        metric.name(): value,
    });
    match LISTENER.get() {
        Some(listener) => listener(&line.to_string()),
        None => {
            let _lost = writeln!(std::io::stdout().lock(), "{line}");
        }
    }
}
