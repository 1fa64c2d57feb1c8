//! Notices (通知): what a person is told, and when it is no longer true.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::case::CaseNumber;
use crate::finding::Stage;
use crate::ids::{CaseId, FindingId, NoticeId, OrderId, PersonId, ServiceId, SubjectId};

/// A notice: to whom of a filing, and what about. Nothing personal is in it; the deliverer reads the
/// names and numbers when it sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// Its id; a second commit that causes the same notice names the same row.
    pub id: NoticeId,
    /// The filing.
    pub subject: SubjectId,
    /// What about.
    pub kind: NoticeKind,
}

/// What a notice is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    tag = "kind"
)]
pub enum NoticeKind {
    /// A code for one person.
    Code {
        /// The person.
        person: PersonId,
        /// The order whose draft holds the person, or `None` for the filing's own.
        order: Option<OrderId>,
        /// The challenge that the code is derived from.
        challenge: String,
        /// Its generation.
        generation: u64,
    },
    /// A person's proof is about to lapse: the number is to be proved anew.
    ProofLapses {
        /// The person.
        person: PersonId,
        /// When it lapses.
        until: Timestamp,
    },
    /// The bureau approved an order.
    OrderApproved {
        /// The order.
        order: OrderId,
    },
    /// An order came back with reasons.
    OrderReturned {
        /// The order.
        order: OrderId,
    },
    /// A returned order waits to be mended.
    OrderReminder {
        /// The order.
        order: OrderId,
    },
    /// Findings were confirmed: the notice that begins the period.
    Audit {
        /// The findings, of one filing, that are told together.
        told: Vec<CaseFinding>,
    },
    /// A deadline comes near.
    Reminder {
        /// The case.
        case: CaseId,
        /// The finding.
        finding: FindingId,
        /// The deadline as it stood.
        due_at: Timestamp,
        /// Which stage.
        stage: Stage,
    },
    /// A case is closed.
    CaseClosed {
        /// The case.
        case: CaseId,
    },
    /// Access was stopped.
    AccessStopped {
        /// The case.
        case: CaseId,
        /// The service.
        service: ServiceId,
        /// The link's version after the stop.
        link_version: u64,
    },
    /// Access is given again.
    AccessReinstated {
        /// The service.
        service: ServiceId,
        /// The link's version after it.
        link_version: u64,
    },
}

/// A finding and its case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFinding {
    /// The case.
    pub case: CaseId,
    /// The finding.
    pub finding: FindingId,
}

impl NoticeKind {
    /// Its name in the API, in texts and in logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Code { .. } => "code",
            Self::ProofLapses { .. } => "proof-lapses",
            Self::OrderApproved { .. } => "order-approved",
            Self::OrderReturned { .. } => "order-returned",
            Self::OrderReminder { .. } => "order-reminder",
            Self::Audit { .. } => "audit-notice",
            Self::Reminder { .. } => "reminder",
            Self::CaseClosed { .. } => "case-closed",
            Self::AccessStopped { .. } => "access-stopped",
            Self::AccessReinstated { .. } => "access-reinstated",
        }
    }

    /// Whether it is sent at any hour. All others keep the sending hours.
    pub fn is_urgent(&self) -> bool {
        match self {
            Self::Code { .. } => true,
            Self::ProofLapses { .. }
            | Self::OrderApproved { .. }
            | Self::OrderReturned { .. }
            | Self::OrderReminder { .. }
            | Self::Audit { .. }
            | Self::Reminder { .. }
            | Self::CaseClosed { .. }
            | Self::AccessStopped { .. }
            | Self::AccessReinstated { .. } => false,
        }
    }
}

/// A change of access, published to the front ends' topic until one acknowledges it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessChange {
    /// The filing.
    pub subject: SubjectId,
    /// The service.
    pub service: ServiceId,
    /// Grows over the link's whole life; a lower one is ignored.
    pub link_version: u64,
    /// What changed.
    pub change: AccessChangeKind,
    /// When it was decided.
    pub at: Timestamp,
    /// The domains that front ends serve or stop serving.
    pub domains: Vec<crate::identifiers::DomainName>,
}

/// What changed about access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccessChangeKind {
    /// An approval gave access.
    AccessGranted,
    /// An expired case stopped it.
    AccessStopped,
    /// It is given again.
    AccessReinstated,
}

/// A link's name in URLs and messages: the filing and its service.
pub fn link_name(subject: &SubjectId, service: &ServiceId) -> String {
    format!("{subject}.{service}")
}

/// The parameters of a notice's text. Each is plain: no URL, no domain, no phone.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    /// The number that the notice prints, where it is about a case.
    pub case_number: Option<CaseNumber>,
    /// The deadline, where there is one.
    pub due_at: Option<Timestamp>,
    /// How many findings it is about.
    pub findings: usize,
    /// The code, where it carries one.
    pub code: Option<crate::code::Code>,
}
