//! The cells of a record: of a line of CSV, or of a JSON object.

use std::collections::BTreeMap;

use icp_domain::Text;
use icp_domain::import::{BadCell, Column, Mapping, MappingFault};
use icp_use_cases::import_filings::PartRow;

/// The cells of a line of CSV, or what cannot be read of it.
pub(crate) fn of_csv(line: &[u8], delimiter: u8) -> Result<Vec<String>, BadCell> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(line);
    let mut record = csv::ByteRecord::new();
    match reader.read_byte_record(&mut record) {
        Ok(true) => record.iter().map(decoded).collect(),
        Ok(false) => Ok(Vec::new()),
        Err(_) => Err(unreadable()),
    }
}

/// What stands between the cells of a file, as its header shows.
pub(crate) fn delimiter(header: &[u8]) -> u8 {
    let count = |delimiter: u8| header.split(|byte| *byte == delimiter).count();
    let likeliest = [b',', b';', b'\t'].into_iter().max_by_key(|delimiter| {
        // Of equals the comma.
        (count(*delimiter), *delimiter == b',')
    });
    likeliest.unwrap_or(b',')
}

/// Text in UTF-8, else in GB18030: bases that were put together from several hold both.
fn decoded(cell: &[u8]) -> Result<String, BadCell> {
    if let Ok(text) = std::str::from_utf8(cell) {
        return Ok(text.to_owned());
    }
    encoding_rs::GB18030
        .decode_without_bom_handling_and_without_replacement(cell)
        .map(std::borrow::Cow::into_owned)
        .ok_or_else(|| {
            bad(
                "encoding",
                Text::new("须为UTF-8或GB18030编码", "the text is UTF-8 or GB18030"),
            )
        })
}

/// A JSON object as a row.
pub(crate) fn of_json(line: &[u8], row: u64, mapping: &Mapping) -> PartRow {
    let refused = |bad: BadCell| PartRow {
        row,
        cells: BTreeMap::new(),
        bad: vec![bad],
    };
    let text = match decoded(line) {
        Ok(text) => text,
        Err(bad) => return refused(bad),
    };
    let parsed = serde_json::from_str(&text);
    let Ok(object): Result<serde_json::Map<String, serde_json::Value>, _> = parsed else {
        let text = Text::new("须为一行一个JSON对象", "each line is a JSON object");
        return refused(bad("not-an-object", text));
    };
    let (mut columns, mut cells, mut found) = (Vec::new(), Vec::new(), Vec::new());
    for (name, value) in object {
        let column = mapping.column(&name);
        match flat(&value) {
            Some(cell) => {
                columns.push(column);
                cells.push(cell);
            }
            None => found.push(BadCell {
                column,
                ..bad(
                    "not-flat",
                    Text::new(
                        "须为文本、数值或文本列表",
                        "a text, a number, or a list of texts",
                    ),
                )
            }),
        }
    }
    PartRow {
        row,
        cells: mapping.record(&columns, cells.into_iter()),
        bad: found,
    }
}

fn flat(value: &serde_json::Value) -> Option<String> {
    use serde_json::Value;
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

/// The columns of a file's header.
pub(crate) fn columns(header: &[String], mapping: &Mapping) -> Result<Vec<Option<Column>>, Text> {
    mapping.headers(header).map_err(|fault| {
        let zh = match &fault {
            MappingFault::Missing(columns) => format!("文件缺少列：{columns}"),
            MappingFault::Twice(column) => format!("文件中{column}列重复"),
        };
        Text::new(zh, fault.to_string())
    })
}

/// A line that is too long, or whose quotes do not end.
pub(crate) fn overlong() -> BadCell {
    bad(
        "row-too-long",
        Text::new(
            "行过长，或引号未闭合",
            "the row is too long, or a quote does not end",
        ),
    )
}

fn unreadable() -> BadCell {
    bad("not-csv", Text::new("无法按CSV读取", "the line is no CSV"))
}

pub(crate) fn bad(rule: &str, text: Text) -> BadCell {
    BadCell {
        column: None,
        rule: rule.to_owned(),
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_may_hold_both_encodings_and_what_is_neither_is_told() {
        let mut line = "示例公司,".as_bytes().to_vec();
        line.extend_from_slice(&encoding_rs::GB18030.encode("北京市,海淀区").0);
        assert_eq!(
            of_csv(&line, b',').unwrap(),
            ["示例公司", "北京市", "海淀区"]
        );
        let neither = of_csv(b"a,\xff\xff\xff", b',').unwrap_err();
        assert_eq!(neither.rule, "encoding");
    }

    #[test]
    fn a_header_tells_what_stands_between_cells() {
        for (header, expected) in [
            ("a,b,c", b','),
            ("a;b;c", b';'),
            ("a\tb\tc", b'\t'),
            ("a", b','),
        ] {
            assert_eq!(delimiter(header.as_bytes()), expected, "{header}");
        }
    }

    #[test]
    fn a_json_line_is_flat() {
        let mapping = Mapping::default();
        let line = r#"{"account":"a1","domains":["one.cn","two.cn"],"label":{"deep":1},"x":1}"#;
        let row = of_json(line.as_bytes(), 2, &mapping);
        assert_eq!(row.cells[&Column::Domains], "one.cn;two.cn");
        assert_eq!(row.bad[0].column, Some(Column::Label));
        let deep = "[".repeat(100_000);
        assert_eq!(
            of_json(deep.as_bytes(), 2, &mapping).bad[0].rule,
            "not-an-object"
        );
    }
}
