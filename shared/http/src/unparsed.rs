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
        let known = what.split_once(", expected ").map(|(_, known)| known);
        let known = known.map_or_else(String::new, |known| format!("；可用：{}", listed(known)));
        return Text::new(format!("没有“{name}”这一项{known}"), what);
    }
    if let Some(name) = quoted(what, "duplicate field `") {
        return Text::new(format!("“{name}”重复"), what);
    }
    if what.starts_with("number too large") {
        return Text::new("数值过大", "the number is too large");
    }
    let expected = what.rsplit_once(", expected ");
    let expected = expected.map_or(what, |(_, expected)| expected);
    match expected.strip_prefix("expected ").unwrap_or(expected) {
        "u8" | "u16" | "u32" | "u64" | "usize" => Text::new(
            "须为不小于0的整数，且不能过大",
            "it must be a whole number, not negative and not too large",
        ),
        "i8" | "i16" | "i32" | "i64" => Text::new("须为整数", "it must be a whole number"),
        "a string" => Text::new("须为文本", "it must be a text"),
        "a boolean" => Text::new("须为是或否", "it must be true or false"),
        "an object" => Text::new("须为JSON对象", what),
        "a sequence" => Text::new("须为列表", "it must be a list"),
        // As a query says it.
        "invalid digit found in string" | "cannot parse integer from empty string" => Text::new(
            "须为不小于0的整数",
            "it must be a whole number, not negative",
        ),
        "provided string was not `true` or `false`" => {
            Text::new("须为true或false", "it must be true or false")
        }
        expected if expected.starts_with("one of ") || expected.starts_with('`') => {
            Text::new(format!("须为以下之一：{}", listed(expected)), what)
        }
        _ => Text::new("不符合此项的格式", what),
    }
}

/// Names as serde lists them, as Chinese does.
fn listed(names: &str) -> String {
    let names = names.strip_prefix("one of ").unwrap_or(names);
    names.replace(", ", "、").replace(" or ", "、")
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
            (
                "unknown field `b`, expected `a` or `c`",
                "没有“b”这一项；可用：`a`、`c`",
            ),
            (
                "unknown variant `x`, expected one of `a`, `b`",
                "须为以下之一：`a`、`b`",
            ),
            ("expected a sequence", "须为列表"),
            ("number too large to fit in target type", "数值过大"),
            ("unknown field `b`, there are no fields", "没有“b”这一项"),
            ("duplicate field `a`", "“a”重复"),
            ("not a date", "不符合此项的格式"),
        ] {
            assert_eq!(in_words(what).zh, zh, "{what}");
        }
    }
}
