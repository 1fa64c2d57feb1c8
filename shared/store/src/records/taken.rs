//! What only one filing holds (certificate, number, domain), and which others want it.
//!
//! **Invariant:** one row says who holds a thing, and one each who wants it. Whoever gives it back hands
//! it to the first that wants it in the same commit, so that nobody comes between.

use std::collections::HashMap;

use icp_domain::ids::SubjectId;
use serde::{Deserialize, Serialize};

use super::SHAPE;
use crate::{Change, Guard, Key, Row, Store, StoreError, keys};

#[derive(Serialize, Deserialize)]
struct TakenRecord {
    by: String,
}

/// Who holds a thing and who wants it, as stored.
#[derive(Debug, Clone)]
pub struct StoredTaken {
    row: Key,
    holder: Option<(SubjectId, Guard)>,
    wanted_by: Vec<(SubjectId, Guard)>,
}

impl StoredTaken {
    /// The filing that holds it.
    pub fn holder(&self) -> Option<&SubjectId> {
        self.holder.as_ref().map(|(holder, _)| holder)
    }

    /// The filings that hold it or want it, the holder first.
    pub fn takers(self) -> impl Iterator<Item = SubjectId> {
        let holder = self.holder.into_iter();
        holder.chain(self.wanted_by).map(|(subject, _)| subject)
    }

    /// Takes what nobody holds; it is wanted no more.
    pub fn take(&self, change: &mut Change, subject: &SubjectId) -> Result<(), StoreError> {
        self.put_holder(change, subject, Guard::New)?;
        self.want_no_more(change, subject);
        Ok(())
    }

    /// Says that a filing wants what another holds, so that both are found by it. It rests on that the
    /// other holds it still: else it would be given back to nobody in between.
    pub fn want(&self, change: &mut Change, subject: &SubjectId) -> Result<(), StoreError> {
        if self.wanted_by.iter().any(|(by, _)| by == subject) {
            return Ok(());
        }
        let record = TakenRecord {
            by: subject.to_string(),
        };
        let row = keys::wanted(&self.row, subject);
        change.put(Row::of(row, SHAPE, Guard::New, &record)?);
        if let Some((_, guard)) = &self.holder {
            change.check(self.row.clone(), *guard);
        }
        Ok(())
    }

    /// Gives back what a filing holds, to the first that wants it, or no longer wants what another holds.
    pub fn give_back(&self, change: &mut Change, subject: &SubjectId) -> Result<(), StoreError> {
        match &self.holder {
            Some((holder, guard)) if holder == subject => {
                let mut others = self.wanted_by.iter().filter(|(by, _)| by != subject);
                if let Some((next, _)) = others.next() {
                    self.put_holder(change, next, *guard)?;
                    self.want_no_more(change, next);
                } else {
                    change.delete(self.row.clone(), *guard);
                }
            }
            Some(_) | None => self.want_no_more(change, subject),
        }
        Ok(())
    }

    fn put_holder(
        &self,
        change: &mut Change,
        holder: &SubjectId,
        guard: Guard,
    ) -> Result<(), StoreError> {
        let record = TakenRecord {
            by: holder.to_string(),
        };
        change.put(Row::of(self.row.clone(), SHAPE, guard, &record)?);
        Ok(())
    }

    /// Resting on the row that was read: whoever was handed the thing meanwhile holds it, and knows only
    /// by this conflict.
    fn want_no_more(&self, change: &mut Change, subject: &SubjectId) {
        let wanted = self.wanted_by.iter().find(|(by, _)| by == subject);
        if let Some((_, guard)) = wanted {
            change.delete(keys::wanted(&self.row, subject), *guard);
        }
    }
}

impl Store {
    /// A certificate's rows: under every key of the index, since for some minutes after a rotation one
    /// process knows the newest and another does not, and both shall meet at one row.
    pub async fn certificate_rows(&self, number: &str) -> Result<Vec<Key>, StoreError> {
        let hashes = self.keys().hashes(number).await?;
        let rows = hashes.iter().map(|hash| keys::taken_certificate(hash));
        Ok(rows.collect())
    }

    /// Who holds a thing, and who wants it.
    pub async fn taken(&self, row: &Key) -> Result<StoredTaken, StoreError> {
        let mut taken = StoredTaken {
            row: row.clone(),
            holder: None,
            wanted_by: Vec::new(),
        };
        for item in self.partition(&row.pk).await? {
            let record: TakenRecord = item.read(SHAPE)?;
            let by = record.by.parse();
            let by = by.map_err(|_| item.malformed("no filing's id"))?;
            let guard = Guard::Version(item.version()?);
            if item.key() == *row {
                taken.holder = Some((by, guard));
            } else {
                taken.wanted_by.push((by, guard));
            }
        }
        Ok(taken)
    }

    /// The filings that hold things, by row; what nobody holds is left out.
    pub async fn holders(&self, rows: &[Key]) -> Result<HashMap<Key, String>, StoreError> {
        let items = self.items(rows).await?;
        let holders = items.into_iter().map(|(key, item)| {
            let taken: TakenRecord = item.read(SHAPE)?;
            Ok((key, taken.by))
        });
        holders.collect()
    }

    /// Who holds a thing.
    pub async fn holder(&self, key: &Key) -> Result<Option<String>, StoreError> {
        let item = self.item(key).await?;
        item.map(|item| item.read::<TakenRecord>(SHAPE).map(|taken| taken.by))
            .transpose()
    }
}

/// Takes a number for a case: once.
pub(super) fn take_case_number(
    change: &mut Change,
    number: Key,
    case: &str,
) -> Result<(), StoreError> {
    let record = TakenRecord {
        by: case.to_owned(),
    };
    change.put(Row::of(number, SHAPE, Guard::New, &record)?);
    Ok(())
}
