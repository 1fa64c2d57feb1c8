//! What is wrong with a draft, field by field.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::identifiers::IdentifierFault;
use crate::personal::Personal;
use crate::{Text, Violation};

/// Longest text of a draft in bytes. Looks and evidence repeat some of them, and must fit a stored
/// row and a queue's message.
///
/// Source: chosen here: longer than any address or home page that is filed.
const LONGEST_TEXT: usize = 2048;

/// Collects what does not parse, field by field.
#[derive(Default)]
pub(super) struct Faults {
    pub(super) found: Vec<Violation>,
}

/// Where the form of a field comes from.
const FORM: &str = "《非经营性互联网信息服务备案管理办法》附录 (备案登记表)";

impl Faults {
    pub(super) fn add(&mut self, field: String, rule: &str, text: Text) {
        let (rule, source) = (rule.to_owned(), FORM.to_owned());
        self.found.push(Violation {
            field,
            rule,
            text,
            source,
            as_of: None,
        });
    }

    pub(super) fn empty(&mut self, field: &str) {
        self.add(
            field.to_owned(),
            "field-missing",
            Text::new("此项必填", "this field is needed"),
        );
    }

    pub(super) fn filled(
        &mut self,
        field: &str,
        typed: &Personal<String>,
    ) -> Option<Personal<String>> {
        let trimmed = typed.reveal().trim();
        if trimmed.is_empty() {
            self.empty(field);
            return None;
        }
        Some(Personal::new(trimmed.to_owned()))
    }

    pub(super) fn id<T: std::str::FromStr>(&mut self, field: &str, typed: &str) -> Option<T> {
        if typed.is_empty() {
            self.empty(field);
            return None;
        }
        let parsed = typed.parse().ok();
        if parsed.is_none() {
            self.add(
                field.to_owned(),
                "id-malformed",
                Text::new(
                    "编号须为1至64位字母、数字、-、_或.",
                    "an id is 1 to 64 of a-z, A-Z, 0-9, '-', '_' and '.'",
                ),
            );
        }
        parsed
    }

    pub(super) fn address(&mut self, field: String, typed: &str) -> Option<IpAddr> {
        let parsed = typed.trim().parse().ok();
        if parsed.is_none() {
            self.add(
                field,
                "address-malformed",
                Text::new(
                    "IP地址须为IPv4或IPv6，如203.0.113.7",
                    "an address is IPv4 or IPv6, such as 203.0.113.7",
                ),
            );
        }
        parsed
    }

    pub(super) fn identifier<T>(
        &mut self,
        field: &str,
        parsed: Result<T, IdentifierFault>,
    ) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(fault) => {
                self.found.push(Violation {
                    field: field.to_owned(),
                    rule: fault.code().to_owned(),
                    text: fault.text(),
                    source: fault.basis().to_owned(),
                    as_of: None,
                });
                None
            }
        }
    }

    pub(super) fn at_most(&mut self, field: &str, count: usize, most: usize) {
        if count > most {
            self.add(
                field.to_owned(),
                "too-many",
                Text::new(format!("最多{most}项"), format!("at most {most} entries")),
            );
        }
    }

    /// Refuses every text of `value` that is longer than any form has room for.
    pub(super) fn texts_at_most(&mut self, field: &str, value: &serde_json::Value) {
        use serde_json::Value;
        match value {
            Value::String(text) if LONGEST_TEXT < text.len() => self.add(
                field.to_owned(),
                "too-long",
                Text::new(
                    format!("最多{LONGEST_TEXT}字节"),
                    format!("at most {LONGEST_TEXT} bytes"),
                ),
            ),
            Value::Array(entries) => {
                for (at, entry) in entries.iter().enumerate() {
                    self.texts_at_most(&format!("{field}/{at}"), entry);
                }
            }
            Value::Object(fields) => {
                for (name, entry) in fields {
                    self.texts_at_most(&format!("{field}/{name}"), entry);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    pub(super) fn distinct<'a>(&mut self, field: &str, ids: impl Iterator<Item = &'a str>) {
        let mut seen = BTreeSet::new();
        for (at, id) in ids.enumerate() {
            if !seen.insert(id) {
                self.add(
                    format!("{field}/{at}/id"),
                    "id-repeated",
                    Text::new("编号重复", "two entries have the same id"),
                );
            }
        }
    }
}
