//! Records: what a row holds, and how it becomes a domain value and back.
//!
//! Control values (states, clocks, findings) are stored as the domain defines them; their stored
//! shape is pinned by tests, changes by addition only, and is told by the row's `shape`. Personal
//! fields are sealed here and nowhere else.

mod account_contact;
mod accounts;
mod campaigns;
mod cases;
mod challenges;
mod checks;
mod claims;
mod contact_reports;
mod domain_orders;
mod exports;
mod filings;
mod imports;
mod levels;
mod limits;
mod numbers;
mod observed;
mod operations;
mod orders;
mod outbox;
mod plans;
mod proofs;
mod reported;
mod review_items;
mod runs;
mod sent;
mod taken;
mod voids;
mod yearly_reviews;

pub use account_contact::{AccountContact, StoredAccountContact};
pub use accounts::AccountLoad;
pub use campaigns::{
    CampaignCounts, CampaignTally, CountedMember, MemberPage, MemberTallies, StoredCampaign,
    StoredMember, Untold, count_member,
};
pub use cases::{KeptEvidence, StoredCase};
pub use challenges::{Counted, StoredChallenge, StoredSends};
pub use checks::{AskedProof, AwaitedLook, CheckedLook, PublicCheck, SelfCheck, StoredPublicCheck};
pub use claims::{ItemClaim, StoredClaim};
pub use contact_reports::Heard;
pub use domain_orders::DomainOrder;
pub use exports::{Export, ExportFormat, ExportState, Exported, StoredExport};
pub use filings::{FiledNames, PersonSeal, StoredClock, StoredFiling};
pub use imports::{
    Brings, Import, ImportFormat, ImportState, ListCounts, ReportCounts, RowCounts, StoredImport,
};
pub use levels::{LevelSetting, Levels, Previewed, StoredLevels};
pub use limits::Limited;
pub use numbers::{NumberDraft, NumberUser};
pub use observed::{Observation, ObservedPage, ObservedUnit};
pub use operations::{StoredBrake, StoredStops};
pub use orders::{DraftSeals, StoredOrder, Upload};
pub use outbox::{Claim, Digest, Done, Message, OutboxRow, Outcome, Posting, StoredOutbox, Taken};
pub use plans::PlanFacts;
pub use proofs::{Holder, StoredProof};
pub use reported::{Decided, Reported, StoredReported};
pub use review_items::{Doubt, ReviewItem};
pub use runs::{
    NoticeHold, PlannedDay, Released, RuleDay, StoredNoticeHold, Tally, UnitsPlanned,
    count_outcome, count_planned,
};
pub use sent::SentTo;
pub use taken::StoredTaken;
pub use voids::StoredVoid;
pub use yearly_reviews::StoredQuestion;

/// Shape of every record of this release.
pub(crate) const SHAPE: u32 = 1;
