//! The business of an ICP filing audit, pure: no I/O, no clock, no chance of its own.
//!
//! **Invariant:** nothing here reads the time, the environment, a socket or a random source. Time
//! and chance are arguments ([`Invocation`]), facts about the world are [`look::Evidence`] and
//! [`reports::Reports`], and policy is the [`Rulebook`].

pub mod account;
pub mod audit;
pub mod audit_report;
pub mod bounce;
pub mod brake;
pub mod bureau_list;
pub mod campaign;
pub mod case;
pub mod checks;
pub mod code;
pub mod command;
pub mod contact;
pub mod filing;
pub mod finding;
pub mod history;
pub mod identifiers;
pub mod ids;
pub mod import;
mod invocation;
pub mod look;
pub mod names;
pub mod notice;
pub mod notice_brake;
pub mod order;
pub mod page;
pub mod personal;
mod plan;
pub mod registration;
pub mod report_file;
pub mod reports;
pub mod rulebook;
pub mod rules;
mod schema;
mod text;
mod violation;
pub mod void;
pub mod wall_clock;
pub mod way_back;

pub use invocation::Invocation;
pub use plan::MOST_NAMES;
pub use rulebook::Rulebook;
pub use text::{Language, Text};
pub use violation::Violation;
