//! Reasons of a return, without the people of the order: they stand in the order's head, which is not
//! sealed.

use serde::{Deserialize, Serialize};

use super::TypedDraft;
use crate::filing::Filing;
use crate::personal::masked;

/// One thing to mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

impl ReturnReason {
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
}
