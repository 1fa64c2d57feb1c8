//! The cells of a record: of a line of CSV, or of a JSON object.

use icp_domain::Text;

use crate::{MOST_COLUMNS, Unreadable};

/// What may stand between the cells of a line of CSV, the likeliest first.
pub static DELIMITERS: [u8; 3] = *b",;\t";

/// The cells of a line of CSV, or what cannot be read of it.
pub fn of_csv(line: &[u8], delimiter: u8) -> Result<Vec<String>, Unreadable> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .terminator(csv::Terminator::Any(b'\n'))
        .from_reader(line);
    let (mut record, mut more) = (csv::ByteRecord::new(), csv::ByteRecord::new());
    match reader.read_byte_record(&mut record) {
        Ok(true) => {}
        Ok(false) => return Ok(Vec::new()),
        Err(_) => return Err(unreadable()),
    }
    // One record was cut off; what stands behind it would be lost without a word.
    match reader.read_byte_record(&mut more) {
        Ok(false) if MOST_COLUMNS < record.len() => Err(Unreadable {
            rule: "too-many-columns",
            text: Text::new(
                format!("一行至多{MOST_COLUMNS}列"),
                format!("a row has at most {MOST_COLUMNS} columns"),
            ),
        }),
        Ok(false) => decoded_row(&record),
        Ok(true) | Err(_) => Err(unreadable()),
    }
}

/// What stands between the cells of a file, as its header shows.
pub fn delimiter(header: &[u8]) -> u8 {
    let count = |delimiter: u8| header.split(|byte| *byte == delimiter).count();
    let likeliest = DELIMITERS.into_iter().max_by_key(|delimiter| {
        // Of equals the comma.
        (count(*delimiter), *delimiter == b',')
    });
    likeliest.unwrap_or(b',')
}

/// What the bytes of a cell can be read as.
enum Reading<'a> {
    /// UTF-8, with a sign of three bytes or more, as every Chinese one has, or ASCII alone.
    Utf8(&'a str),
    /// Either: UTF-8 of two bytes a sign, and Chinese in GB18030.
    Either(&'a str, String),
    /// GB18030 alone.
    Gb18030(String),
    /// Neither.
    Neither,
}

fn reading(cell: &[u8]) -> Reading<'_> {
    let gb18030 = encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(cell);
    match (std::str::from_utf8(cell), gb18030) {
        (Ok(text), Some(chinese)) if !text.is_ascii() && is_of_two_bytes(text) => {
            Reading::Either(text, chinese.into_owned())
        }
        (Ok(text), _) => Reading::Utf8(text),
        (Err(_), Some(chinese)) => Reading::Gb18030(chinese.into_owned()),
        (Err(_), None) => Reading::Neither,
    }
}

fn is_of_two_bytes(text: &str) -> bool {
    text.chars().all(|c| c.len_utf8() <= 2)
}

/// The cells of a row, in UTF-8 or in GB18030: bases that were put together from several hold both. A
/// name such as 叶小路 in GB18030 is also UTF-8 of two bytes a sign, and then the row's other cells tell;
/// where they do not, what reads as Chinese throughout is Chinese.
fn decoded_row(record: &csv::ByteRecord) -> Result<Vec<String>, Unreadable> {
    let readings: Vec<Reading<'_>> = record.iter().map(reading).collect();
    let has = |is: fn(&Reading<'_>) -> bool| readings.iter().any(is);
    let has_gb18030 = has(|reading| matches!(reading, Reading::Gb18030(_)));
    let has_utf8 = has(|reading| matches!(reading, Reading::Utf8(text) if !text.is_ascii()));
    let cells = readings.into_iter().map(|reading| match reading {
        Reading::Utf8(text) => Ok(text.to_owned()),
        Reading::Gb18030(chinese) => Ok(chinese),
        Reading::Either(text, chinese) => {
            let is_chinese = has_gb18030 || (!has_utf8 && chinese.chars().all(is_han));
            Ok(if is_chinese { chinese } else { text.to_owned() })
        }
        Reading::Neither => Err(unencoded()),
    });
    cells.collect()
}

/// Whether a sign is of CJK Unified Ideographs.
fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}')
}

fn unencoded() -> Unreadable {
    Unreadable {
        rule: "encoding",
        text: Text::new("须为UTF-8或GB18030编码", "the text is UTF-8 or GB18030"),
    }
}

/// A line of JSON, which is UTF-8; in GB18030 where it is not.
fn decoded(line: &[u8]) -> Result<String, Unreadable> {
    match reading(line) {
        Reading::Utf8(text) | Reading::Either(text, _) => Ok(text.to_owned()),
        Reading::Gb18030(chinese) => Ok(chinese),
        Reading::Neither => Err(unencoded()),
    }
}

/// The fields of a line that is a JSON object, nested no deeper than its lists.
pub fn of_json(line: &[u8]) -> Result<serde_json::Map<String, serde_json::Value>, Unreadable> {
    let text = decoded(line)?;
    serde_json::from_str(&text).map_err(|_| Unreadable {
        rule: "not-an-object",
        text: Text::new("须为一行一个JSON对象", "each line is a JSON object"),
    })
}

/// A line that is too long, or whose quotes do not end.
pub fn overlong() -> Unreadable {
    Unreadable {
        rule: "row-too-long",
        text: Text::new(
            "行过长，或引号未闭合",
            "the row is too long, or a quote does not end",
        ),
    }
}

fn unreadable() -> Unreadable {
    Unreadable {
        rule: "not-csv",
        text: Text::new("无法按CSV读取", "the line is no CSV"),
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
    fn names_that_are_utf8_by_chance_are_read_as_their_row_is() {
        let gb18030 = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
        for name in ["叶小路", "谢楼", "陆小"] {
            assert!(
                std::str::from_utf8(&gb18030(name)).is_ok(),
                "{name} is both"
            );
            for other in ["示例公司", "a1"] {
                let line = gb18030(&format!("{name},{other}"));
                assert_eq!(of_csv(&line, b',').unwrap(), [name, other]);
            }
        }
        // Among UTF-8 it is what it says, and so it is where it is no Chinese.
        let line = "示例公司,Дом,José";
        assert_eq!(
            of_csv(line.as_bytes(), b',').unwrap(),
            ["示例公司", "Дом", "José"]
        );
        assert_eq!(of_csv("a1,José".as_bytes(), b',').unwrap(), ["a1", "José"]);
    }

    #[test]
    fn a_row_has_no_more_columns_than_a_table() {
        let line = ",".repeat(MOST_COLUMNS - 1);
        assert_eq!(of_csv(line.as_bytes(), b',').unwrap().len(), MOST_COLUMNS);
        let line = ",".repeat(MOST_COLUMNS);
        let refused = of_csv(line.as_bytes(), b',').unwrap_err();
        assert_eq!(refused.rule, "too-many-columns");
    }

    #[test]
    fn nothing_behind_a_record_is_lost_without_a_word() {
        assert_eq!(of_csv(b"a,b\nc,d\n", b',').unwrap_err().rule, "not-csv");
        assert_eq!(of_csv(b"a,12\"\r\n", b',').unwrap(), ["a", "12\""]);
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
    fn a_json_line_is_one_object() {
        let object = of_json(r#"{"account":"a1","x":[1]}"#.as_bytes()).unwrap();
        assert_eq!(object.len(), 2);
        let deep = "[".repeat(100_000);
        for line in [deep.as_str(), "[]", "not json", "{} {}"] {
            assert_eq!(of_json(line.as_bytes()).unwrap_err().rule, "not-an-object");
        }
    }
}
