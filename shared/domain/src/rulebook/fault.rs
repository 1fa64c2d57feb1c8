//! What is wrong with a configuration file.

use std::fmt::Display;
use std::ops::RangeInclusive;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

/// A value that a configuration file may not have: which, where, and what it may be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: the value {value} at \"{path}\" is not accepted: {allowed}")]
pub struct RulebookFault {
    /// The file's name.
    pub file: String,
    /// JSON pointer (RFC 6901) to the value.
    pub path: String,
    /// The value as the file writes it.
    pub value: String,
    /// What it may be.
    pub allowed: String,
}

/// Longest value that a fault repeats, in characters.
const LONGEST_VALUE: usize = 80;

impl RulebookFault {
    /// A fault found after reading.
    pub(crate) fn at(
        file: &str,
        path: impl Into<String>,
        value: impl Display,
        allowed: impl Into<String>,
    ) -> Self {
        let value = value.to_string().chars().take(LONGEST_VALUE).collect();
        Self {
            file: file.to_owned(),
            path: path.into(),
            value,
            allowed: allowed.into(),
        }
    }

    /// A file whose name is none of ours.
    pub(crate) fn of_name<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Self {
        let names: Vec<_> = names.into_iter().collect();
        Self::at(
            name,
            "",
            "of the file's name",
            format!("one of {}", names.join(", ")),
        )
    }
}

/// Reads a file's text; a value of the wrong type and an unknown field are named by their path.
pub(crate) fn read<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, RulebookFault> {
    // serde reads a list as a struct too, field by field; nobody who writes one means that.
    if let Ok(whole) = serde_json::from_str::<Value>(text)
        && !whole.is_object()
    {
        return Err(RulebookFault::at(file, "", whole, "an object"));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let read: T = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = pointer(error.path());
        let whole: Option<Value> = serde_json::from_str(text).ok();
        let value = whole.as_ref().and_then(|whole| whole.pointer(&path));
        RulebookFault::at(
            file,
            path.clone(),
            value.map_or_else(|| "given".to_owned(), Value::to_string),
            error.inner().to_string(),
        )
    })?;
    reader
        .end()
        .map_err(|error| RulebookFault::at(file, "", "of the whole file", error.to_string()))?;
    Ok(read)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { .. } | Segment::Unknown => String::new(),
        })
        .collect()
}

/// A number or a list of numbers that has bounds.
pub(crate) trait Bounded<N> {
    /// The first value outside `range`, with the end of its path.
    fn outside(&self, range: &RangeInclusive<N>) -> Option<(String, N)>;
}

impl Bounded<u32> for u32 {
    fn outside(&self, range: &RangeInclusive<u32>) -> Option<(String, u32)> {
        (!range.contains(self)).then(|| (String::new(), *self))
    }
}

impl Bounded<u32> for Vec<u32> {
    fn outside(&self, range: &RangeInclusive<u32>) -> Option<(String, u32)> {
        self.iter()
            .enumerate()
            .find(|(_, value)| !range.contains(value))
            .map(|(at, value)| (format!("/{at}"), *value))
    }
}
