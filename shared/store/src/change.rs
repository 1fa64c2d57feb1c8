//! The one write path: a change is one conditional write, or one transaction of several.
//!
//! **Invariant:** nothing is written without saying what it rests on. A row that hangs on another's
//! version ([`Guard::Parent`]) is written only beside that row in the same change.

mod commit;
mod row;

use crate::Key;
pub(crate) use commit::key_item;
pub use commit::{CommitError, Conflicted};
pub use row::{Guard, Row};

#[derive(Debug, Clone)]
enum Write {
    Put(Row),
    Check(Key, Guard),
    Delete(Key, Guard),
    Add {
        key: Key,
        shape: u32,
        attributes: Vec<(String, i64)>,
    },
}

/// What commits together or not at all.
#[derive(Debug, Clone, Default)]
pub struct Change {
    writes: Vec<Write>,
}

impl Change {
    /// A change that writes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes a row.
    pub fn put(&mut self, row: Row) -> &mut Self {
        self.writes.push(Write::Put(row));
        self
    }

    /// Most rows of one change.
    ///
    /// Source: Amazon DynamoDB, `TransactWriteItems`.
    pub const MOST_ROWS: usize = 100;

    /// Rests on a row that it does not write.
    pub fn check(&mut self, key: Key, guard: Guard) -> &mut Self {
        self.writes.push(Write::Check(key, guard));
        self
    }

    /// Removes a row.
    pub fn delete(&mut self, key: Key, guard: Guard) -> &mut Self {
        self.writes.push(Write::Delete(key, guard));
        self
    }

    /// Adds to counters of a row, whether it exists or not. Two additions to one row are one write,
    /// since a transaction touches a row once.
    pub fn add(&mut self, key: Key, shape: u32, attributes: &[(&str, i64)]) -> &mut Self {
        let same = self.writes.iter_mut().find_map(|write| match write {
            Write::Add {
                key: other,
                attributes,
                ..
            } if *other == key => Some(attributes),
            Write::Add { .. } | Write::Put(_) | Write::Check(..) | Write::Delete(..) => None,
        });
        let Some(summed) = same else {
            let attributes = attributes
                .iter()
                .map(|(name, by)| ((*name).to_owned(), *by))
                .collect();
            self.writes.push(Write::Add {
                key,
                shape,
                attributes,
            });
            return self;
        };
        for (name, by) in attributes {
            match summed.iter_mut().find(|(other, _)| other == name) {
                Some((_, sum)) => *sum += by,
                None => summed.push(((*name).to_owned(), *by)),
            }
        }
        self
    }

    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// How many rows it touches; DynamoDB takes 100.
    pub fn rows(&self) -> usize {
        self.writes.len()
    }

    /// Takes in another change: both commit together.
    pub fn extend(&mut self, other: Self) -> &mut Self {
        self.writes.extend(other.writes);
        self
    }
}
