//! Names of bodies and people, as registers and filings write them.

use crate::identifiers::narrowed;

/// A name without what differs between ways to write it: width, blanks, case, kinds of brackets
/// and dots between names.
pub fn normalised(name: &str) -> String {
    narrowed(name)
        .chars()
        .filter(|c| !matches!(c, ' ' | '·' | '•' | '・' | '.' | ',' | '-'))
        .map(|c| match c {
            '[' | '{' | '〔' | '【' => '(',
            ']' | '}' | '〕' | '】' => ')',
            _ => c,
        })
        .flat_map(char::to_uppercase)
        .collect()
}

/// Whether two names are the same but for how they are written.
pub fn is_same_name(one: &str, other: &str) -> bool {
    let one = normalised(one);
    !one.is_empty() && one == normalised(other)
}

/// Whether two names differ in one character: put in, left out or written for another. People
/// judge such a difference, since a variant and another body look alike.
pub fn differ_in_one(one: &str, other: &str) -> bool {
    let (one, other) = (normalised(one), normalised(other));
    let (mut one, mut other): (Vec<char>, Vec<char>) =
        (one.chars().collect(), other.chars().collect());
    while one.last().is_some() && one.last() == other.last() {
        one.pop();
        other.pop();
    }
    let same = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let rest = (one.len() - same).max(other.len() - same);
    rest == 1
}

/// Whether a text has a Chinese character.
pub fn has_han(text: &str) -> bool {
    text.chars().any(is_han)
}

/// Chinese characters that two texts have in common, each counted once.
pub fn han_in_common(one: &str, other: &str) -> usize {
    let of_one: std::collections::BTreeSet<char> = one.chars().filter(|c| is_han(*c)).collect();
    let of_other: std::collections::BTreeSet<char> = other.chars().filter(|c| is_han(*c)).collect();
    of_one.intersection(&of_other).count()
}

/// CJK Unified Ideographs with extension A and the compatibility block.
fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_what_writing_changes() {
        assert!(is_same_name("示例（北京）有限公司", " 示例(北京)有限公司 "));
        assert!(is_same_name("艾力·买买提", "艾力•买买提"));
        assert!(is_same_name("Example Co., Ltd.", "EXAMPLE CO LTD"));
        assert!(!is_same_name("示例公司", "示例有限公司"));
        assert!(!is_same_name("", " "));
    }

    #[test]
    fn one_character_is_told_from_none_and_from_two() {
        for (one, other, expected) in [
            ("示例公司", "示列公司", true),
            ("示例公司", "示例公司司", true),
            ("示例公司", "例公司", true),
            ("示例公司", "示例公司", false),
            ("示例公司", "某某公司", false),
            ("示例公司", "公司", false),
        ] {
            assert_eq!(differ_in_one(one, other), expected, "{one} {other}");
        }
    }

    #[test]
    fn common_characters_are_counted_once() {
        assert_eq!(han_in_common("示例网站", "欢迎来到示例示例站"), 3);
        assert!(has_han("ab示") && !has_han("ab"));
    }
}
