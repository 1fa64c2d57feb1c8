//! Rights of the people whose data are filed: a copy of them, and their end.
//!
//! **Invariant:** whoever the bureau's record names is not erased while it does; what is erased
//! cannot be opened again, since its key is gone with it.
//!
//! Source: 《个人信息保护法》第四十五条（查阅、复制）、第四十七条（删除）.

mod copy;
mod erase;

pub use copy::{Copied, OfReports, StoredOfPerson, copy};
pub use erase::{EraseRefused, Erased, Whom, erase};
