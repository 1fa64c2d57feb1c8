//! Dividing lines: of CSV, and of JSON.

use icp_domain::Text;
use icp_domain::import::{Columns, Mapping};
use icp_store::StoreError;
use icp_tables::{SheetCells, delimiter, of_csv};
use icp_use_cases::import_filings::{Converted, PartRow};

use super::header::consider;
use super::{Took, Writing, too_many};
use crate::records::{Line, Records};
use crate::seen::Checks;
use crate::shape;

/// The header of a file of CSV, and the titles above it.
struct Header<C> {
    titles: Vec<Vec<String>>,
    names: Vec<String>,
    columns: Vec<Option<C>>,
    delimiter: u8,
    /// Where the first row behind it begins.
    place: u64,
}

pub(super) async fn csv<C: Columns, K: Checks<C>>(
    mut writing: Writing<'_, C, K>,
    place: u64,
) -> Result<Converted, StoreError> {
    let mut from = writing.stretch.records(0, true);
    let header = match header(&mut from, writing.mapping).await? {
        Ok(header) => header,
        Err(why) => return Ok(Converted::Refused(why)),
    };
    writing.above.titles.clone_from(&header.titles);
    writing.above.header.clone_from(&header.names);
    from = writing.stretch.records(place.max(header.place), true);
    from.divided_by(header.delimiter);
    let above = header.titles.len() as u64 + 1;
    loop {
        let begins = from.place();
        let Some(line) = from.next().await? else {
            return writing.end().await;
        };
        let row = writing.stretch.rows + 1 + above;
        let row = match line {
            Line::Record(line) if line.trim_ascii().is_empty() => PartRow::blank(row),
            Line::Overlong => shape::unreadable(row, icp_tables::overlong()),
            Line::Record(line) => match of_csv(&line, header.delimiter) {
                Ok(cells) => {
                    let cells = SheetCells {
                        cells,
                        bad: Vec::new(),
                    };
                    shape::of_cells(row, cells, writing.mapping, &header.columns, writing.kept)
                }
                Err(why) => shape::unreadable(row, why),
            },
        };
        match writing.take(row).await? {
            Took::Row => {}
            Took::Nothing => return writing.more(begins).await,
            Took::TooMany(most) => return Ok(too_many(most)),
        }
    }
}

/// The one of the first records that names most columns.
async fn header<C: Columns>(
    from: &mut Records<'_>,
    mapping: &Mapping<C>,
) -> Result<Result<Header<C>, Text>, StoreError> {
    let (mut read, mut best, mut why) = (Vec::new(), None, None);
    while read.len() < C::HEADER_WITHIN {
        let Some(Line::Record(line)) = from.next().await? else {
            break;
        };
        if line.starts_with(&[0xFF, 0xFE]) || line.starts_with(&[0xFE, 0xFF]) {
            return Ok(Err(Text::new(
                "文件为UTF-16编码，请另存为UTF-8",
                "the file is UTF-16; save it as UTF-8",
            )));
        }
        let delimiter = delimiter(&line);
        let names = match of_csv(&line, delimiter) {
            Ok(names) => names,
            Err(unreadable) => {
                why.get_or_insert(unreadable.text);
                break;
            }
        };
        consider(
            &mut best,
            &mut why,
            mapping,
            &names,
            (read.len(), delimiter, from.place()),
        );
        read.push(names);
    }
    let none = || Text::new("文件没有可读的表头", "the file has no header that reads");
    let Some((columns, (at, delimiter, place))) = best else {
        return Ok(Err(why.unwrap_or_else(none)));
    };
    let names = read.get(at).cloned().unwrap_or_default();
    read.truncate(at);
    Ok(Ok(Header {
        titles: read,
        names,
        columns,
        delimiter,
        place,
    }))
}

pub(super) async fn json_lines<C: Columns, K: Checks<C>>(
    mut writing: Writing<'_, C, K>,
    place: u64,
) -> Result<Converted, StoreError> {
    let mut from = writing.stretch.records(place, false);
    loop {
        let begins = from.place();
        let Some(line) = from.next().await? else {
            return writing.end().await;
        };
        let row = writing.stretch.rows + 1;
        let row = match line {
            Line::Record(line) if line.trim_ascii().is_empty() => PartRow::blank(row),
            Line::Overlong => shape::unreadable(row, icp_tables::overlong()),
            Line::Record(line) => match icp_tables::of_json(&line) {
                Ok(object) => shape::of_object(row, object, writing.mapping, writing.kept),
                Err(why) => shape::unreadable(row, why),
            },
        };
        match writing.take(row).await? {
            Took::Row => {}
            Took::Nothing => return writing.more(begins).await,
            Took::TooMany(most) => return Ok(too_many(most)),
        }
    }
}
