//! Dividing a sheet of a workbook.

use icp_domain::Text;
use icp_domain::import::{Columns, Mapping};
use icp_store::StoreError;
use icp_tables::SheetRow;
use icp_use_cases::import_filings::Converted;

use super::header::consider;
use super::{PARTS_AT_A_TIME, Stretch, Took, Writing, too_many};
use crate::seen::Checks;
use crate::shape::{self, Kept};

/// Most bytes of rows that are held of a sheet at once; the rest is another stretch.
const MOST_HELD: usize = 128 * 1024 * 1024;

/// What is read of a sheet in one stretch.
struct Sheet<C> {
    titles: Vec<Vec<String>>,
    names: Vec<String>,
    columns: Vec<Option<C>>,
    /// Rows by number, the first of the sheet being 1.
    rows: Vec<(u64, SheetRow)>,
    /// Whether the sheet goes on.
    goes_on: bool,
}

/// Reads the rows behind `place`, as many as are held at once.
fn read_sheet<C: Columns>(
    bytes: &[u8],
    mapping: &Mapping<C>,
    longest: usize,
    (place, most): (u64, usize),
) -> Result<Sheet<C>, Text> {
    let (mut first, mut rows) = (Vec::new(), Vec::new());
    let (mut at, mut held, mut goes_on) = (0_u64, 0, false);
    icp_tables::rows(bytes, mapping.sheet.as_deref(), longest, |row| {
        at += 1;
        if first.len() < C::HEADER_WITHIN {
            first.push((at, row));
            return true;
        }
        if place < at {
            goes_on = most <= rows.len() || MOST_HELD <= held;
            if goes_on {
                return false;
            }
            held += row
                .as_ref()
                .map_or(0, |row| row.cells.iter().map(String::len).sum());
            rows.push((at, row));
        }
        true
    })?;
    let (mut best, mut why) = (None, None);
    for (at, (_, row)) in first.iter().enumerate() {
        match row {
            Ok(row) => consider(&mut best, &mut why, mapping, &row.cells, at),
            Err(unreadable) => {
                why.get_or_insert_with(|| unreadable.text.clone());
            }
        }
    }
    let Some((columns, at)) = best else {
        let empty = || Text::new("工作表为空", "the sheet is empty");
        return Err(why.unwrap_or_else(empty));
    };
    let behind = first.split_off(at + 1);
    let of_first = behind.into_iter().filter(|(number, _)| place < *number);
    let mut titles: Vec<Vec<String>> = first
        .into_iter()
        .map(|(_, row)| row.map(|row| row.cells).unwrap_or_default())
        .collect();
    let names = titles.pop().unwrap_or_default();
    Ok(Sheet {
        titles,
        names,
        columns,
        rows: of_first.chain(rows).collect(),
        goes_on,
    })
}

pub(super) async fn sheet<C: Columns, K: Checks<C>>(
    mut writing: Writing<'_, C, K>,
    place: u64,
) -> Result<Converted, StoreError> {
    let Stretch {
        files,
        import,
        policy,
        most_rows,
        ..
    } = writing.stretch;
    let bytes = files.read(&import.key).await?.unwrap_or_default();
    // A list is read whole, and one row more where it has too many.
    let most = match writing.kept {
        Kept::Cells => PARTS_AT_A_TIME as usize * policy.part_rows as usize,
        Kept::Whole => usize::try_from(most_rows).unwrap_or(usize::MAX) + 1,
    };
    let read = read_sheet(&bytes, writing.mapping, policy.longest_row(), (place, most));
    let sheet = match read {
        Ok(sheet) => sheet,
        Err(why) => return Ok(Converted::Refused(why)),
    };
    writing.above.titles = sheet.titles;
    writing.above.header = sheet.names;
    let mut last = place;
    for (number, row) in sheet.rows {
        let row = match row {
            Ok(cells) => {
                shape::of_cells(number, cells, writing.mapping, &sheet.columns, writing.kept)
            }
            Err(why) => shape::unreadable(number, why),
        };
        match writing.take(row).await? {
            Took::Row => last = number,
            Took::Nothing => return writing.more(number - 1).await,
            Took::TooMany(most) => return Ok(too_many(most)),
        }
    }
    match (sheet.goes_on, writing.kept) {
        (false, _) => writing.end().await,
        (true, Kept::Whole) => Ok(too_many(most_rows)),
        (true, Kept::Cells) => {
            writing.write().await?;
            writing.more(last).await
        }
    }
}
