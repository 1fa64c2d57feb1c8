//! Notices (通知): what a person is told, and when it is no longer true.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::finding::Stage;
use crate::identifiers::DomainName;
use crate::ids::{
    CampaignId, CaseId, FindingId, NoticeId, OrderId, PersonId, ServiceId, SubjectId,
};

mod message;

pub use message::{
    About, Addressee, CampaignTold, Channel, Counts, Parameters, Receipt, Told, Unreached,
    WhyUnreached,
};

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
    /// What its messages go by; empty means whatever notices go by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<Channel>,
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
    /// A yearly review (年审) asks whether the filing is still as it is filed.
    YearlyReview {
        /// The review.
        campaign: CampaignId,
        /// Until when an answer is due.
        answer_by: Timestamp,
        /// Whether it is asked once more.
        again: bool,
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
    /// The filer took an extension (延期): the deadline as it is now.
    PeriodExtended {
        /// The case.
        case: CaseId,
        /// The finding.
        finding: FindingId,
    },
    /// An appeal (申诉) was decided.
    AppealDecided {
        /// The case.
        case: CaseId,
        /// The finding.
        finding: FindingId,
        /// Whether the finding falls.
        granted: bool,
    },
    /// An objection (异议) to a stop was decided.
    ObjectionDecided {
        /// The case.
        case: CaseId,
        /// Whether access is given again.
        upheld: bool,
    },
    /// Findings of a case were void (核查有误): the correction (更正).
    Correction {
        /// The case.
        case: CaseId,
    },
    /// The bureau's list says that a service, or the whole subject, is deregistered (管局注销).
    Deregistered {
        /// The service, or none where it is the subject.
        service: Option<ServiceId>,
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
        /// Whether it goes out at any hour, since a bureau ordered the stop.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        at_once: bool,
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
            Self::YearlyReview { again: false, .. } => "yearly-review",
            Self::YearlyReview { again: true, .. } => "yearly-review-reminder",
            Self::Audit { .. } => "audit-notice",
            Self::Reminder { .. } => "reminder",
            Self::PeriodExtended { .. } => "period-extended",
            Self::AppealDecided { granted: true, .. } => "appeal-granted",
            Self::AppealDecided { granted: false, .. } => "appeal-refused",
            Self::ObjectionDecided { upheld: true, .. } => "objection-upheld",
            Self::ObjectionDecided { upheld: false, .. } => "objection-refused",
            Self::Correction { .. } => "correction",
            Self::Deregistered { .. } => "deregistered",
            Self::CaseClosed { .. } => "case-closed",
            Self::AccessStopped { .. } => "access-stopped",
            Self::AccessReinstated { .. } => "access-reinstated",
        }
    }

    /// Whether it is sent at any hour. All others keep the sending hours.
    pub fn is_urgent(&self) -> bool {
        matches!(
            self,
            Self::Code { .. } | Self::AccessStopped { at_once: true, .. }
        )
    }

    /// Whether its SMS waits for the others of its number and day (短信合并): none that somebody acts on at
    /// once does.
    ///
    /// Source: flows, notices 3.
    pub fn is_digested(&self) -> bool {
        match self {
            // A correction that is one of "2 notices" looks like one demand more.
            Self::Code { .. }
            | Self::AccessStopped { .. }
            | Self::AccessReinstated { .. }
            | Self::Correction { .. } => false,
            Self::Reminder { stage, .. } => *stage != Stage::OneDay,
            Self::ProofLapses { .. }
            | Self::OrderApproved { .. }
            | Self::OrderReturned { .. }
            | Self::OrderReminder { .. }
            | Self::YearlyReview { .. }
            | Self::Audit { .. }
            | Self::PeriodExtended { .. }
            | Self::AppealDecided { .. }
            | Self::ObjectionDecided { .. }
            | Self::Deregistered { .. }
            | Self::CaseClosed { .. } => true,
        }
    }

    /// Whether it is also told by mail: a code lives on the number that it proves.
    pub fn is_mailed(&self) -> bool {
        !matches!(self, Self::Code { .. })
    }

    /// The findings whose period begins with its delivery.
    pub fn told(&self) -> &[CaseFinding] {
        if let Self::Audit { told } = self {
            told
        } else {
            &[]
        }
    }

    /// The findings that a mail of it tells in words.
    pub fn findings(&self) -> Vec<CaseFinding> {
        if let Self::Reminder { case, finding, .. } | Self::PeriodExtended { case, finding } = self
        {
            let (case, finding) = (case.clone(), finding.clone());
            return vec![CaseFinding { case, finding }];
        }
        self.told().to_vec()
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
    pub domains: Vec<DomainName>,
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
