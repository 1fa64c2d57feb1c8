//! A bureau's list: each row matched, what the bureau did recorded, and all of it answered.
//!
//! **Invariant:** what a row changes and that it did are one commit, so that a part that is taken in
//! again says the same of each row and changes nothing twice.

use std::collections::{BTreeMap, BTreeSet};

use icp_domain::bureau_list::{
    About, Deregistered, Doubt, ListColumn, ListHead, ListKind, ListRow, Outcome, read,
};
use icp_domain::finding::Wants;
use icp_domain::identifiers::IcpNumber;
use icp_domain::ids::{ImportId, OrderId, SubjectId};
use icp_domain::import::{BadCell, Record};
use icp_domain::{Invocation, Rulebook};
use icp_store::files::Files;
use icp_store::records::{Import, ListCounts};
use icp_store::{Store, StoreError};
use serde::{Deserialize, Serialize};

use crate::import_filings::{PartRow, RawRow, above, part_rows, part_taken, write_lines};

mod demand;
mod find;
mod record;

use find::{Of, find};
use record::Recording;

/// A row with what is answered to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reply {
    /// Its number in the file.
    pub row: u64,
    /// The row as it came; nothing of a line that could not be read at all.
    pub raw: Option<RawRow>,
    /// What became of it, or what is wrong with it.
    pub said: Said,
    /// The filing that it is about, or most likely about.
    pub subject: Option<SubjectId>,
    /// The order whose result it is.
    pub order: Option<OrderId>,
}

/// What is answered to a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// What became of it.
    Outcome(Outcome),
    /// What is wrong with it.
    Bad(Vec<BadCell<ListColumn>>),
}

/// Key of a part's replies.
pub fn replies_key(import: &ImportId, part: u32) -> String {
    format!("imports/{import}/replies/{part:06}.jsonl")
}

/// Key of the reply to a list, in its own format.
pub fn reply_key(import: &Import) -> String {
    format!("imports/{}/reply.{}", import.id, import.format.extension())
}

/// Key of the rows that people have to look into.
pub fn open_rows_key(import: &ImportId) -> String {
    format!("imports/{import}/open-rows.csv")
}

/// Takes a part of a list in.
pub async fn take_list_part(
    store: &Store,
    files: &Files,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    (import, list): (&Import, &ListHead),
    part: u32,
) -> Result<(), StoreError> {
    if store.is_import_part(&import.id, part).await? {
        return Ok(());
    }
    let rows: Vec<PartRow<ListColumn>> = part_rows(files, &import.id, part).await?;
    let recorded = match rows.as_slice() {
        [] => BTreeMap::new(),
        [one] => store.list_rows(&import.id, one.row..=one.row).await?,
        [from, .., to] => store.list_rows(&import.id, from.row..=to.row).await?,
    };
    let above = above(files, &import.id).await?;
    let taking = Taking {
        apart: above.apart,
        recording: Recording::of(store, rulebook, (import, list)),
        list,
        recorded,
    };
    let replies = Box::pin(taking.rows(rows, inv)).await?;
    let mut counts = ListCounts::default();
    for reply in &replies {
        match &reply.said {
            Said::Outcome(outcome) => counts.count(*outcome),
            Said::Bad(_) => counts.count_bad(),
        }
    }
    write_lines(files, &replies_key(&import.id, part), &replies).await?;
    part_taken(store, &import.id, part, &counts).await
}

struct Taking<'a> {
    apart: BTreeSet<String>,
    recording: Recording<'a>,
    list: &'a ListHead,
    /// Rows that were taken in before, of a part that was not.
    recorded: BTreeMap<u64, Outcome>,
}

/// The rows of an order in a part.
#[derive(Default)]
struct OfOrder {
    /// Where their replies stand.
    replies: Vec<usize>,
    /// What they say.
    says: Vec<ListRow>,
    /// Whether one of them does not read or agree: then none of them is acted on.
    is_spoiled: bool,
}

/// What rows are about that do not read or agree, and name no order: no result of it is acted on.
#[derive(Default)]
struct Spoiled {
    subjects: BTreeSet<SubjectId>,
    numbers: BTreeSet<IcpNumber>,
}

impl Spoiled {
    fn touches(&self, subjects: &BTreeSet<&SubjectId>, says: &[ListRow]) -> bool {
        let mut numbers = says.iter().filter_map(|row| row.named.number.as_ref());
        subjects
            .iter()
            .any(|subject| self.subjects.contains(*subject))
            || numbers.any(|number| self.numbers.contains(number))
    }
}

/// The subjects' numbers that read of a row which does not.
fn numbers_of(cells: &Record<ListColumn>) -> impl Iterator<Item = IcpNumber> {
    let columns = [ListColumn::Number, ListColumn::ServiceNumber];
    columns.into_iter().filter_map(|column| {
        let number = IcpNumber::parse(cells.get(&column)?).ok()?;
        Some(number.subject())
    })
}

impl Taking<'_> {
    async fn rows(
        &self,
        rows: Vec<PartRow<ListColumn>>,
        inv: &mut Invocation,
    ) -> Result<Vec<Reply>, StoreError> {
        let (mut replies, mut spoiled) = (Vec::new(), Spoiled::default());
        // Rows of one order are answered together: it has a number for each of its services.
        let mut of_orders: BTreeMap<OrderId, OfOrder> = BTreeMap::new();
        for row in rows.into_iter().filter(|row| !row.is_blank()) {
            let order = self.order_of(&row);
            let parsed = if row.bad.is_empty() {
                read(self.list.kind, &row.cells)
            } else {
                Err(row.bad)
            };
            let mut reply = Reply {
                row: row.row,
                raw: row.raw,
                said: Said::Outcome(Outcome::Unmatched),
                subject: None,
                order: None,
            };
            let (mut of, mut says) = (order, None);
            match parsed {
                Err(bad) => {
                    if of.is_none() {
                        spoiled.numbers.extend(numbers_of(&row.cells));
                    }
                    reply.said = Said::Bad(bad);
                }
                Ok(parsed) => {
                    let found = self.found(&parsed).await?;
                    reply.subject = found.subject().cloned();
                    reply.order = found.order().cloned();
                    if reply.order.is_some() {
                        of.clone_from(&reply.order);
                        says = Some(parsed);
                    } else {
                        if of.is_none() {
                            spoiled.subjects.extend(reply.subject.clone());
                        }
                        let outcome = self.outcome(row.row, found, &parsed, inv).await?;
                        reply.said = Said::Outcome(outcome);
                    }
                }
            }
            if let Some(order) = of {
                let rows = of_orders.entry(order).or_default();
                rows.is_spoiled |= says.is_none();
                if let Some(says) = says {
                    rows.replies.push(replies.len());
                    rows.says.push(says);
                }
            }
            replies.push(reply);
        }
        for (order, rows) in of_orders {
            let own = rows.replies.iter().filter_map(|at| replies.get(*at));
            let subjects: BTreeSet<&SubjectId> = own
                .clone()
                .filter_map(|reply| reply.subject.as_ref())
                .collect();
            let is_spoiled = rows.is_spoiled
                || self.apart.contains(order.as_str())
                || spoiled.touches(&subjects, &rows.says);
            let numbers: Vec<u64> = own.map(|reply| reply.row).collect();
            let outcome = if is_spoiled {
                Outcome::Doubtful(Doubt::RowsDisagree)
            } else {
                self.of_order(&order, &numbers, &rows, inv).await?
            };
            for at in rows.replies {
                if let Some(reply) = replies.get_mut(at) {
                    reply.said = Said::Outcome(outcome);
                }
            }
        }
        Ok(replies)
    }

    /// The order that a row names, whether or not the rest of it reads.
    fn order_of(&self, row: &PartRow<ListColumn>) -> Option<OrderId> {
        if self.list.kind != ListKind::OrderResults {
            return None;
        }
        row.cells.get(&ListColumn::Order)?.trim().parse().ok()
    }

    /// What a row is about. What is stored of it may not read: then it is for people, and an alarm.
    async fn found(&self, row: &ListRow) -> Result<Of, StoreError> {
        match find(self.recording.store, self.list.kind, &row.named).await {
            Err(error) if error.is_malformed() => {
                tracing::error!("what a row of a list is about does not read: {error}");
                Ok(Of::Unreadable)
            }
            found => found,
        }
    }

    /// What becomes of the rows of an order.
    async fn of_order(
        &self,
        order: &OrderId,
        numbers: &[u64],
        rows: &OfOrder,
        inv: &mut Invocation,
    ) -> Result<Outcome, StoreError> {
        let mut before = numbers.iter().filter_map(|row| self.recorded.get(row));
        if let Some(before) = before.next() {
            return Ok(*before);
        }
        let says: Vec<&ListRow> = rows.says.iter().collect();
        self.recording.results(order, numbers, &says, inv).await
    }

    /// What becomes of a row that is about no order.
    async fn outcome(
        &self,
        row: u64,
        of: Of,
        says: &ListRow,
        inv: &mut Invocation,
    ) -> Result<Outcome, StoreError> {
        if let Some(before) = self.recorded.get(&row) {
            return Ok(*before);
        }
        let (filing, about) = match of {
            Of::Nothing | Of::Order(..) => return Ok(Outcome::Unmatched),
            Of::Unreadable => return Ok(Outcome::Doubtful(Doubt::Unreadable)),
            Of::Doubtful(doubt, _) => return Ok(Outcome::Doubtful(doubt)),
            Of::Filing(filing, about) => (filing, about),
        };
        match (self.list.kind, self.list.of) {
            (ListKind::Deregistered, Some(Deregistered::Subjects)) => {
                if says.named.service_number.is_some() {
                    return Ok(Outcome::Doubtful(Doubt::SiteNamed));
                }
                if says.named.number.is_none() {
                    return Ok(Outcome::Doubtful(Doubt::NumberUnnamed));
                }
                let whole = About {
                    service: None,
                    ..about
                };
                self.recording.deregistration(&whole, row, inv).await
            }
            (ListKind::Deregistered, _) if about.service.is_none() => {
                Ok(Outcome::Doubtful(Doubt::SiteUnnamed))
            }
            (ListKind::Deregistered, _) => self.recording.deregistration(&about, row, inv).await,
            (ListKind::ToRectify, _) => {
                let wants = Wants::Rectified;
                self.recording.demand(&about, wants, (row, says), inv).await
            }
            (ListKind::StopNow, _) => {
                let wants = Wants::StoppedNow;
                self.recording.demand(&about, wants, (row, says), inv).await
            }
            (ListKind::OrderResults | ListKind::ShellAnnouncement, _) => {
                Ok(Outcome::of_access(&filing, &about))
            }
        }
    }
}
