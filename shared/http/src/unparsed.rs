//! What serde says of a value that does not parse, in the words of whoever typed it.

use icp_domain::Text;

/// The field that serde's message says is missing.
pub(crate) fn missing(message: &str) -> Option<&str> {
    quoted(message, "missing field `")
}

/// The field that serde's message says is none, or is there twice.
pub(crate) fn named(message: &str) -> Option<&str> {
    let starts = ["unknown field `", "duplicate field `"];
    starts.iter().find_map(|start| quoted(message, start))
}

fn quoted<'a>(message: &'a str, start: &str) -> Option<&'a str> {
    Some(message.strip_prefix(start)?.split_once('`')?.0)
}

/// What was expected, as whoever fills in a form or writes a query reads it; in English serde's own words of what no form
/// asks for.
pub(crate) fn in_words(what: &str) -> Text {
    if missing(what).is_some() {
        return Text::new("缺少此项", "it is missing");
    }
    if let Some(name) = quoted(what, "unknown field `") {
        return Text::new(format!("没有“{name}”这一项"), what);
    }
    if let Some(name) = quoted(what, "duplicate field `") {
        return Text::new(format!("“{name}”重复"), what);
    }
    match what.strip_prefix("expected ").unwrap_or(what) {
        "u8" | "u16" | "u32" | "u64" | "usize" => Text::new(
            "须为不小于0的整数，且不能过大",
            "it must be a whole number, not negative and not too large",
        ),
        "i8" | "i16" | "i32" | "i64" => Text::new("须为整数", "it must be a whole number"),
        "a string" => Text::new("须为文本", "it must be a text"),
        "a boolean" => Text::new("须为是或否", "it must be true or false"),
        "an object" => Text::new("须为JSON对象", what),
        // As a query says it.
        "invalid digit found in string" | "cannot parse integer from empty string" => Text::new(
            "须为不小于0的整数",
            "it must be a whole number, not negative",
        ),
        "provided string was not `true` or `false`" => {
            Text::new("须为true或false", "it must be true or false")
        }
        expected => match expected.strip_prefix("one of ").or(one(expected)) {
            Some(names) => Text::new(
                format!(
                    "须为以下之一：{}",
                    names.replace(", ", "、").replace(" or ", "、")
                ),
                what,
            ),
            None => Text::new("不符合此项的格式", what),
        },
    }
}

/// One name, or two, that are the only ones.
fn one(expected: &str) -> Option<&str> {
    expected.starts_with('`').then_some(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_expected_is_said_in_words() {
        for (what, zh) in [
            ("expected u32", "须为不小于0的整数，且不能过大"),
            ("expected a string", "须为文本"),
            (
                "expected one of `a`, `b`, `c`",
                "须为以下之一：`a`、`b`、`c`",
            ),
            ("expected `a` or `b`", "须为以下之一：`a`、`b`"),
            ("missing field `a`", "缺少此项"),
            ("unknown field `b`, expected `a`", "没有“b”这一项"),
            ("unknown field `b`, there are no fields", "没有“b”这一项"),
            ("duplicate field `a`", "“a”重复"),
            ("not a date", "不符合此项的格式"),
        ] {
            assert_eq!(in_words(what).zh, zh, "{what}");
        }
    }
}
