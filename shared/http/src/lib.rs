//! What the HTTP functions share: who asks, repeats, versions, bodies, problems.
//!
//! **Invariant:** every answer of a function is an [`Answered`], a [`Written`] or a [`Problem`]; no rejection of a
//! library escapes unshaped.

mod answered;
mod arrival;
mod body;
mod caller;
mod document;
mod event;
pub mod example;
mod function;
mod keyed;
mod language;
mod media;
mod paging;
mod path;
mod problem;
mod query;
mod reason;
mod rights;
mod unparsed;
pub mod views;

pub use answered::{Answered, DoneView, told};
pub use arrival::Now;
pub use body::{Body, MaybeBody};
pub use caller::{Filer, Origin, Staff};
pub use document::{Audience, document};
pub use function::{HttpFunction, open_files, open_store};
pub use keyed::{IfMatch, Keyed, OpenKeyed};
pub use language::InLanguage;
pub use media::{Rendering, Written};
pub use paging::{Page, Paging, page_body};
pub use path::PathIds;
pub use problem::{Problem, ProblemBody, ProblemKind};
pub use query::Parameters;
pub use reason::{reason, reason_for_days};
pub use rights::{Callers, RIGHTS};
