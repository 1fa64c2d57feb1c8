//! Load, decide, commit: one use case a file.
//!
//! **Invariant:** a use case never sends and never looks. What must be sent is an outbox row of its
//! commit, or a look that it returns and its function sends; what was seen arrives as evidence.

pub mod account_contact;
pub mod acknowledge;
pub mod act_on_case;
mod announced_file;
mod approve;
mod ask_again;
mod attempt;
pub mod audit_reports;
pub mod brake;
pub mod bring_report;
pub mod bureau_lists;
pub mod by;
pub mod campaigns;
pub mod check_order;
pub mod claim_item;
pub mod confirm_code;
pub mod contact_check;
pub mod contacts;
pub mod decide_doubt;
pub mod deliver;
pub mod disclose;
pub mod draft_order;
pub mod expire;
pub mod export_filings;
pub mod give_up;
mod holder_looks;
pub mod import_filings;
pub mod judge;
mod new_case;
mod notices;
pub mod plan_audits;
mod posted;
pub mod preview_level;
mod preview_token;
pub mod privacy;
pub mod public_check;
pub mod purge_draft;
pub mod read;
pub mod reinstate;
pub mod rekey;
pub mod release;
pub mod release_notices;
pub mod remember;
pub mod report_bounce;
pub mod report_files;
mod reported;
pub mod search_filings;
pub mod self_check;
pub mod send_code;
pub mod set_level;
pub mod step_order;
pub mod trouble;
pub mod unlock_person;
pub mod upload_material;
pub mod verify_history;
pub mod voids;
pub mod weigh_order;
mod write_filing;
pub mod yearly_review;

pub use by::By;
