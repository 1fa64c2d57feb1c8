//! Rows of one file that contradict one another.
//!
//! **Invariant:** of rows that disagree about a service or a subject the first in the file stands,
//! whenever and wherever parts are taken in; a row that cannot be read stands for nothing.

use std::collections::{BTreeSet, HashMap};

use icp_domain::bureau_list::ListColumn;
use icp_domain::identifiers::IcpNumber;
use icp_domain::import::{BadCell, Column, Columns, ImportedRow, bad_cell, read};
use icp_domain::{Rulebook, Text};
use icp_store::StoreError;
use icp_use_cases::import_filings::PartRow;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Bytes that are kept of a hash: 128 bits, so that no two meet by chance.
const HASH: usize = 16;

/// What a line of what is kept of [`Seen`] has: what it is about, its row, what it says.
const LINE: usize = HASH + 8 + HASH;

type Hash = [u8; HASH];

/// What is seen to while a file is divided.
pub(crate) trait Checks<C: Columns> {
    /// The row, or why it stands for nothing.
    fn checked(&mut self, row: PartRow<C>) -> Result<PartRow<C>, StoreError>;

    /// Whether two rows that follow one another have to be in one part.
    fn belong_together(one: &PartRow<C>, next: &PartRow<C>) -> bool;

    /// What the next stretch of the file has to know, if anything.
    fn bytes(&self) -> Option<Vec<u8>>;

    /// Orders whose rows stand apart.
    fn apart(&self) -> BTreeSet<String>;
}

/// The orders that the rows of a bureau's list name: each in one place, since its rows are answered
/// together.
#[derive(Default)]
pub(crate) struct Orders {
    /// The last row of each.
    rows: HashMap<String, u64>,
    last: Option<String>,
    apart: BTreeSet<String>,
}

impl Checks<ListColumn> for Orders {
    fn checked(&mut self, row: PartRow<ListColumn>) -> Result<PartRow<ListColumn>, StoreError> {
        if row.is_blank() {
            return Ok(row);
        }
        let order = row.cells.get(&ListColumn::Order);
        let order = order.map(|text| text.trim().to_owned());
        let before = order.as_ref().and_then(|order| self.rows.get(order));
        let is_apart = before.copied().filter(|_| self.last != order);
        self.last.clone_from(&order);
        if let Some(before) = is_apart {
            self.apart.extend(order);
            let text = Text::new(
                format!("同一订单的行须相邻，此前在第{before}行"),
                format!("rows of one order stand together; it stood in row {before}"),
            );
            let bad = bad_cell(ListColumn::Order, "order-apart", text);
            return Ok(PartRow {
                bad: vec![bad],
                ..row
            });
        }
        if let Some(order) = order {
            self.rows.insert(order, row.row);
        }
        Ok(row)
    }

    /// Rows of one order have the numbers of its services; of one subject they may be of one order.
    fn belong_together(one: &PartRow<ListColumn>, next: &PartRow<ListColumn>) -> bool {
        let same = |column: ListColumn, of: fn(&str) -> String| {
            let [one, next] = [one, next].map(|row| row.cells.get(&column).map(|cell| of(cell)));
            one.is_some() && one == next
        };
        let subject = |text: &str| {
            let number = IcpNumber::parse(text).map(|number| number.subject().to_string());
            number.unwrap_or_else(|_| text.to_owned())
        };
        same(ListColumn::Order, |text| text.trim().to_owned())
            || same(ListColumn::Number, subject)
            || same(ListColumn::ServiceNumber, subject)
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        None
    }

    fn apart(&self) -> BTreeSet<String> {
        self.apart.clone()
    }
}

/// Rows of which each stands by itself.
pub(crate) struct Unrelated;

impl<C: Columns> Checks<C> for Unrelated {
    fn checked(&mut self, row: PartRow<C>) -> Result<PartRow<C>, StoreError> {
        Ok(row)
    }

    fn belong_together(_: &PartRow<C>, _: &PartRow<C>) -> bool {
        false
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        None
    }

    fn apart(&self) -> BTreeSet<String> {
        BTreeSet::new()
    }
}

/// What the rows of a base have said so far: hashes alone, by the hash of what they are about.
#[derive(Debug)]
pub(crate) struct Seen<'a> {
    first: HashMap<Hash, (u64, Hash)>,
    rulebook: &'a Rulebook,
}

impl<'a> Seen<'a> {
    /// What [`Checks::bytes`] gave.
    pub(crate) fn of_bytes(bytes: &[u8], rulebook: &'a Rulebook) -> Self {
        let (lines, _) = bytes.as_chunks::<LINE>();
        let first = lines.iter().map(|line| {
            let (about, rest) = line.split_at(HASH);
            let (row, says) = rest.split_at(8);
            let row = row.try_into().map_or(0, u64::from_be_bytes);
            (hash_of(about), (row, hash_of(says)))
        });
        Self {
            first: first.collect(),
            rulebook,
        }
    }
}

impl Checks<Column> for Seen<'_> {
    /// The row, or what it contradicts.
    fn checked(&mut self, row: PartRow) -> Result<PartRow, StoreError> {
        if !row.bad.is_empty() {
            return Ok(row);
        }
        // What cannot be read is told when its part is taken in.
        let Ok(parsed) = read(&row.cells, self.rulebook) else {
            return Ok(row);
        };
        let says = [
            (Column::ServiceNumber, of_service(&parsed)?),
            (Column::Number, of_subject(&parsed)?),
        ];
        for (column, (about, says)) in &says {
            if let Some((first, said)) = self.first.get(about)
                && said != says
            {
                return Ok(PartRow::bad(row.row, contradicts(*column, *first)));
            }
        }
        for (_, (about, says)) in says {
            self.first.entry(about).or_insert((row.row, says));
        }
        Ok(row)
    }

    fn belong_together(_: &PartRow, _: &PartRow) -> bool {
        false
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        let lines = self.first.iter();
        let lines = lines.flat_map(|(about, (row, says))| {
            [&about[..], &row.to_be_bytes()[..], &says[..]].concat()
        });
        Some(lines.collect())
    }

    fn apart(&self) -> BTreeSet<String> {
        BTreeSet::new()
    }
}

fn contradicts(column: Column, row: u64) -> BadCell {
    let text = Text::new(
        format!("与第{row}行矛盾"),
        format!("another value than in row {row}"),
    );
    bad_cell(column, "contradicts-row", text)
}

fn of_service(row: &ImportedRow) -> Result<(Hash, Hash), StoreError> {
    let about = ("service", &row.account, &row.service_number);
    let own = row.persons.get(&row.service.principal);
    // Who answers for the subject as well is the subject's.
    let own = own.filter(|_| row.service.principal != row.subject.principal);
    Ok((hashed(&about)?, hashed(&(&row.service, own, row.access))?))
}

fn of_subject(row: &ImportedRow) -> Result<(Hash, Hash), StoreError> {
    let about = ("subject", &row.account, &row.number);
    let principal = row.persons.get(&row.subject.principal);
    Ok((
        hashed(&about)?,
        hashed(&(&row.subject, principal, &row.label))?,
    ))
}

fn hashed(value: &impl Serialize) -> Result<Hash, StoreError> {
    let bytes = serde_json::to_vec(value).map_err(StoreError::unavailable)?;
    Ok(hash_of(&Sha256::digest(bytes)))
}

fn hash_of(bytes: &[u8]) -> Hash {
    let mut hash = [0; HASH];
    for (to, from) in hash.iter_mut().zip(bytes) {
        *to = *from;
    }
    hash
}

#[cfg(test)]
mod tests {
    use icp_domain::import::Record;

    use super::*;

    fn row(number: u64, change: &[(Column, &str)]) -> PartRow {
        let mut cells: Record = [
            (Column::Account, "a1"),
            (Column::ServiceNumber, "粤ICP备12345678号-1"),
            (Column::SubjectName, "深圳示例有限公司"),
            (Column::Nature, "企业"),
            (Column::CertificateKind, "统一社会信用代码"),
            (Column::CertificateNumber, "91440300708461136T"),
            (Column::CertificateAddress, "深圳市南山区示例路1号"),
            (Column::PostalAddress, "深圳市南山区示例路1号2楼"),
            (Column::PrincipalName, "王小明"),
            (Column::PrincipalIdentity, "11010519491231002x"),
            (Column::PrincipalMobile, "13800000001"),
            (Column::PrincipalEmail, "p1@example.cn"),
            (Column::ServiceName, "示例网"),
            (Column::Domains, "example.cn"),
        ]
        .map(|(column, text)| (column, text.to_owned()))
        .into();
        for (column, text) in change {
            cells.insert(*column, (*text).to_owned());
        }
        PartRow {
            cells,
            ..PartRow::blank(number)
        }
    }

    #[test]
    fn the_first_row_stands_and_one_that_does_not_read_stands_for_nothing() {
        let rulebook = Rulebook::shipped().unwrap();
        let second = (Column::ServiceNumber, "粤ICP备12345678号-2");
        let mut seen = Seen::of_bytes(&[], &rulebook);
        for (row, expected) in [
            (
                row(
                    2,
                    &[
                        (Column::PrincipalMobile, "12345"),
                        (Column::Domains, "x.cn"),
                    ],
                ),
                None,
            ),
            (row(3, &[]), None),
            // The same, written otherwise.
            (row(4, &[(Column::PrincipalMobile, "138 0000 0001")]), None),
            (
                row(5, &[(Column::Domains, "other.cn")]),
                Some(Column::ServiceNumber),
            ),
            (row(6, &[second, (Column::Domains, "other.cn")]), None),
            (
                row(7, &[second, (Column::PrincipalName, "李小红")]),
                Some(Column::ServiceNumber),
            ),
            (
                row(
                    8,
                    &[
                        (Column::ServiceNumber, "粤ICP备12345678号-3"),
                        (Column::PrincipalName, "李小红"),
                    ],
                ),
                Some(Column::Number),
            ),
            // Another account's is a conflict, for people.
            (
                row(9, &[(Column::Account, "a2"), (Column::Domains, "other.cn")]),
                None,
            ),
        ] {
            // Whatever stretch of the file it stands in.
            seen = Seen::of_bytes(&seen.bytes().unwrap(), &rulebook);
            let number = row.row;
            let checked = seen.checked(row).unwrap();
            let found = checked.bad.first().and_then(|bad| bad.column);
            assert_eq!(found, expected, "row {number}");
        }
    }
}
