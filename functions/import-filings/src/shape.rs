//! What is read of a row becomes a row of a part.

use icp_domain::Text;
use icp_domain::import::{BadCell, Columns, Mapping, bad_cell};
use icp_tables::{SheetCells, Unreadable};
use icp_use_cases::import_filings::{PartRow, RawRow};
use serde_json::{Map, Value};

/// What is kept of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// The cells that mean something here.
    Cells,
    /// The row as it came as well: it is replied to in its own columns.
    Whole,
}

/// A row that cannot be read.
pub(crate) fn unreadable<C: Columns>(row: u64, why: Unreadable) -> PartRow<C> {
    PartRow::bad(
        row,
        BadCell {
            column: None,
            rule: why.rule.to_owned(),
            text: why.text,
        },
    )
}

/// The cells of a row of a table. A cell that does not read is minded where it means something here.
pub(crate) fn of_cells<C: Columns>(
    row: u64,
    SheetCells { cells, bad }: SheetCells,
    mapping: &Mapping<C>,
    columns: &[Option<C>],
    kept: Kept,
) -> PartRow<C> {
    if cells.iter().all(|cell| cell.trim().is_empty()) {
        return PartRow::blank(row);
    }
    let bad = bad.into_iter().filter_map(|(at, why)| {
        let column = columns.get(at).copied().flatten()?;
        Some(bad_cell(column, why.rule, why.text))
    });
    let raw = (kept == Kept::Whole).then(|| RawRow::Cells(cells.clone()));
    PartRow {
        row,
        bad: bad.collect(),
        cells: mapping.record(columns, cells.into_iter()),
        raw,
    }
}

/// The fields of a line of JSON.
pub(crate) fn of_object<C: Columns>(
    row: u64,
    object: Map<String, Value>,
    mapping: &Mapping<C>,
    kept: Kept,
) -> PartRow<C> {
    let (mut columns, mut cells, mut bad) = (Vec::new(), Vec::new(), Vec::new());
    for (name, value) in &object {
        let column = mapping.column(name);
        match flat(value) {
            Some(cell) => {
                columns.push(column);
                cells.push(cell);
            }
            // A field that means nothing here may be anything.
            None if column.is_none() && kept == Kept::Whole => {}
            None => bad.push(BadCell {
                column,
                rule: "not-flat".to_owned(),
                text: Text::new(
                    "须为文本、数值或文本列表",
                    "a text, a number, or a list of texts",
                ),
            }),
        }
    }
    PartRow {
        row,
        cells: mapping.record(&columns, cells.into_iter()),
        bad,
        raw: (kept == Kept::Whole).then_some(RawRow::Object(object)),
    }
}

fn flat(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Array(values) => {
            let texts: Option<Vec<&str>> = values.iter().map(Value::as_str).collect();
            Some(texts?.join(";"))
        }
        Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use icp_domain::import::Column;

    use super::*;

    #[test]
    fn a_json_line_is_flat() {
        let mapping = Mapping::<Column>::default();
        let line = r#"{"account":"a1","domains":["one.cn","two.cn"],"label":{"deep":1},"x":1}"#;
        let object = icp_tables::of_json(line.as_bytes()).unwrap();
        let row = of_object(2, object, &mapping, Kept::Cells);
        assert_eq!(row.cells[&Column::Domains], "one.cn;two.cn");
        assert_eq!(row.bad[0].column, Some(Column::Label));
    }

    #[test]
    fn a_line_of_empty_cells_is_no_row() {
        let mapping = Mapping::<Column>::default();
        let cells = SheetCells {
            cells: vec![String::new(), " ".to_owned()],
            bad: Vec::new(),
        };
        let row = of_cells(3, cells, &mapping, &[None, None], Kept::Whole);
        assert!(row.is_blank());
    }

    #[test]
    fn a_bad_cell_is_minded_where_it_means_something_and_kept_where_it_does_not() {
        let mapping = Mapping::<Column>::default();
        let why = Unreadable {
            rule: "cell-error",
            text: Text::new("错误", "an error"),
        };
        let row = |columns: &[Option<Column>]| {
            let cells = SheetCells {
                cells: vec!["a".to_owned(), "#N/A".to_owned()],
                bad: vec![(1, why.clone())],
            };
            of_cells(3, cells, &mapping, columns, Kept::Whole)
        };
        let minded = row(&[None, Some(Column::Label)]);
        assert_eq!(minded.bad[0].column, Some(Column::Label));
        let passed = row(&[Some(Column::Label), None]);
        assert_eq!(passed.bad, []);
        assert!(passed.raw.is_some());
    }
}
