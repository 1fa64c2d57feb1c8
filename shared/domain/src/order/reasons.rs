//! Reasons of a return, without the people of the order: they stand in the order's head, which is not
//! sealed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::TypedDraft;
use crate::filing::Filing;
use crate::personal::masked;
use crate::{Text, Violation};

/// One thing to mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReturnReason {
    /// JSON pointer into the draft.
    pub field: String,
    /// What is wrong with it.
    pub error: String,
    /// What would be right.
    pub suggestion: String,
}

/// Least signs of a value that is looked for in a text: shorter ones are in other words.
const LEAST_SIGNS: usize = 2;

/// Most reasons of one return, and most signs of each of their texts: an order is one item of the table.
///
/// Source: chosen here.
const MOST_REASONS: usize = 20;
const MOST_SIGNS: usize = 500;

impl ReturnReason {
    /// What keeps reasons from being told: everything at once, by its place among `reasons` of a request.
    pub fn faults(reasons: &[Self]) -> Vec<Violation> {
        let mut faults = Vec::new();
        if !(1..=MOST_REASONS).contains(&reasons.len()) {
            let text = Text::new(
                format!("请填写1至{MOST_REASONS}条原因"),
                format!("give 1 to {MOST_REASONS} reasons"),
            );
            faults.push(Violation::ours("/reasons", "reasons-of-return", text));
        }
        for (at, reason) in reasons.iter().enumerate() {
            if reason.error.trim().is_empty() || MOST_SIGNS < reason.error.chars().count() {
                let text = Text::new(
                    format!("请填写原因，最多{MOST_SIGNS}字"),
                    format!("say what is wrong, in at most {MOST_SIGNS} signs"),
                );
                let field = format!("/reasons/{at}/error");
                faults.push(Violation::ours(field, "reason-of-return", text));
            }
            if MOST_SIGNS < reason.suggestion.chars().count() {
                let text = Text::new(
                    format!("修改建议最多{MOST_SIGNS}字"),
                    format!("a suggestion has at most {MOST_SIGNS} signs"),
                );
                let field = format!("/reasons/{at}/suggestion");
                faults.push(Violation::ours(field, "suggestion-of-return", text));
            }
        }
        faults
    }

    /// The reason with every value masked that the draft or the filing holds of its people, whoever
    /// wrote it.
    #[must_use]
    pub fn unnamed(mut self, draft: &TypedDraft, filing: &Filing) -> Self {
        for value in values(draft, filing) {
            let value = value.trim();
            if value.chars().count() < LEAST_SIGNS {
                continue;
            }
            for text in [&mut self.error, &mut self.suggestion] {
                if text.contains(value) {
                    *text = text.replace(value, &masked(value, 1, 0));
                }
            }
        }
        self
    }
}

fn values<'a>(draft: &'a TypedDraft, filing: &'a Filing) -> Vec<&'a str> {
    let mut values: Vec<&str> = Vec::new();
    for typed in &draft.persons {
        let of_person = [&typed.name, &typed.identity, &typed.mobile, &typed.email];
        values.extend(of_person.map(|value| value.reveal().as_str()));
    }
    for person in filing.persons.values() {
        let details = &person.details;
        values.push(details.name.reveal());
        values.push(details.identity.number().reveal());
        // As people write it, without the country.
        let mobile = details.mobile.reveal();
        values.push(mobile.strip_prefix("+86").unwrap_or(mobile));
        values.push(details.email.reveal());
    }
    let subject = &draft.subject;
    let addresses = [&subject.certificate_address, &subject.postal_address];
    values.extend(addresses.map(|value| value.reveal().as_str()));
    values.push(subject.legal_representative.reveal());
    if let Some(details) = &filing.subject.details {
        values.push(details.certificate_address.reveal());
        values.push(details.postal_address.reveal());
        values.extend(
            details
                .legal_representative
                .iter()
                .map(|name| name.reveal().as_str()),
        );
        // Of an individual the subject's own name and number are a person's.
        if details.certificate.is_of_person() {
            values.push(details.name.reveal());
            values.push(details.certificate.number().reveal());
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::TypedPerson;
    use crate::personal::Personal;

    #[test]
    fn nobody_of_the_draft_stands_in_a_reason() {
        let owned = |text: &str| Personal::new(text.to_owned());
        let draft = TypedDraft {
            persons: vec![TypedPerson {
                name: owned("王小明"),
                mobile: owned("13800000001"),
                ..TypedPerson::default()
            }],
            ..TypedDraft::default()
        };
        let filing = Filing::begun("s1".parse().unwrap(), "a1".parse().unwrap());
        let reason = ReturnReason {
            field: "/persons/0/mobile".to_owned(),
            error: "负责人王小明13800000001无法接通".to_owned(),
            suggestion: String::new(),
        };
        let reason = reason.unnamed(&draft, &filing);
        assert_eq!(reason.error, "负责人王**1**********无法接通");
    }

    #[test]
    fn a_return_says_what_is_wrong_and_not_without_end() {
        let reason = |error: &str, suggestion: &str| ReturnReason {
            field: "/services/0/name".to_owned(),
            error: error.to_owned(),
            suggestion: suggestion.to_owned(),
        };
        let faults = |reasons: &[ReturnReason]| -> Vec<String> {
            let faults = ReturnReason::faults(reasons).into_iter();
            faults
                .map(|fault| format!("{} {}", fault.field, fault.rule))
                .collect()
        };
        assert_eq!(faults(&[reason("名称不符", "")]), Vec::<String>::new());
        assert_eq!(faults(&[]), ["/reasons reasons-of-return"]);
        let long = "长".repeat(MOST_SIGNS + 1);
        assert_eq!(
            faults(&[
                reason("名称不符", &long),
                reason(" ", ""),
                reason(&long, "")
            ]),
            [
                "/reasons/0/suggestion suggestion-of-return",
                "/reasons/1/error reason-of-return",
                "/reasons/2/error reason-of-return"
            ]
        );
        let many = vec![reason("名称不符", ""); MOST_REASONS + 1];
        assert_eq!(faults(&many), ["/reasons reasons-of-return"]);
    }
}
