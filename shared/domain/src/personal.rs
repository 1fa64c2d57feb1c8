//! Personal data: values that no log, error text or page shows by accident.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroize;

/// A personal or secret value. Its `Debug` is a redaction and it has no `Display`; the one door is
/// [`Personal::reveal`], which a search through the code finds.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Personal<T>(T);

impl<T> Personal<T> {
    /// Wraps a value that must not be shown by accident.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for those who have a reason to see it.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[personal]")
    }
}

impl<T: Zeroize> Zeroize for Personal<T> {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

/// Keeps the first `head` and last `tail` characters and stars the rest, as in `138****5678`.
/// A value too short to hide anything is starred whole.
pub fn masked(value: &str, head: usize, tail: usize) -> String {
    let characters: Vec<char> = value.chars().collect();
    let hidden = characters.len().saturating_sub(head + tail);
    if hidden == 0 {
        return "*".repeat(characters.len());
    }
    characters
        .iter()
        .enumerate()
        .map(|(at, c)| {
            if at < head || at >= head + hidden {
                *c
            } else {
                '*'
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_personal_value_is_redacted_when_printed() {
        assert_eq!(format!("{:?}", Personal::new("13800000000")), "[personal]");
    }

    #[test]
    fn a_mask_hides_the_middle_and_short_values_whole() {
        assert_eq!(masked("13812345678", 3, 4), "138****5678");
        assert_eq!(masked("王小明", 1, 0), "王**");
        assert_eq!(masked("138", 3, 4), "***");
    }
}
