//! Who may do what: IAM's evaluation, as far as the template's statements go.
//!
//! **Invariant:** without a statement that allows, nothing is allowed; a statement that denies
//! wins.

/// A statement of a function's policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Allows, or denies.
    pub allows: bool,
    /// Which actions; `*` and `?` stand for any text and any character.
    pub actions: Vec<String>,
    /// On what.
    pub resources: Resources,
}

/// What a statement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resources {
    /// `Resource`.
    Only(Vec<String>),
    /// `NotResource`.
    AllBut(Vec<String>),
}

/// What a call needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Need {
    /// Such as `dynamodb:GetItem`.
    pub(crate) action: String,
    /// An ARN, or a telephone number, or `*`.
    pub(crate) resource: String,
}

impl Need {
    pub(crate) fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            resource: resource.into(),
        }
    }
}

/// Whether the statements together allow what is needed.
pub(crate) fn allowed(statements: &[Statement], need: &Need) -> bool {
    let speaking = || {
        statements
            .iter()
            .filter(|statement| statement.speaks_of(need))
    };
    speaking().any(|statement| statement.allows) && speaking().all(|statement| statement.allows)
}

impl Statement {
    fn speaks_of(&self, need: &Need) -> bool {
        let action = need.action.to_ascii_lowercase();
        self.actions
            .iter()
            .any(|pattern| matches(&pattern.to_ascii_lowercase(), &action))
            && match &self.resources {
                Resources::Only(only) => {
                    only.iter().any(|pattern| matches(pattern, &need.resource))
                }
                Resources::AllBut(but) => {
                    !but.iter().any(|pattern| matches(pattern, &need.resource))
                }
            }
    }
}

/// Whether the text is as the pattern says: `*` any text, `?` any one character.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = pattern.get(1..).unwrap_or_default();
            matches(rest, text)
                || text.char_indices().any(|(at, character)| {
                    text.get(at + character.len_utf8()..)
                        .is_some_and(|tail| matches(rest, tail))
                })
        }
        Some(wanted) => {
            let mut characters = text.chars();
            characters
                .next()
                .is_some_and(|found| wanted == '?' || wanted == found)
                && matches(
                    pattern.get(wanted.len_utf8()..).unwrap_or_default(),
                    characters.as_str(),
                )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(allows: bool, action: &str, resources: Resources) -> Statement {
        Statement {
            allows,
            actions: vec![action.to_owned()],
            resources,
        }
    }

    #[test]
    fn stars_and_question_marks_match_as_iam_says() {
        for (pattern, text, answer) in [
            ("*", "", true),
            ("*", "anything", true),
            ("dynamodb:*item", "dynamodb:getitem", true),
            (
                "arn:aws:dynamodb:*:*:table/t",
                "arn:aws:dynamodb:eu:0:table/t",
                true,
            ),
            (
                "arn:aws:dynamodb:*:*:table/t",
                "arn:aws:dynamodb:eu:0:table/t/index/wake",
                false,
            ),
            ("ab?d", "abcd", true),
            ("ab?d", "abd", false),
            ("abc", "abcd", false),
        ] {
            assert_eq!(matches(pattern, text), answer, "{pattern} on {text}");
        }
    }

    #[test]
    fn what_no_statement_allows_is_refused_and_a_denial_wins() {
        let need = Need::new("sns:Publish", "+8613800000000");
        let topics = vec!["arn:aws:sns:*:*:*".to_owned()];
        let phones = statement(true, "sns:Publish", Resources::AllBut(topics.clone()));
        let all = statement(true, "SNS:*", Resources::Only(vec!["*".to_owned()]));
        let none = statement(false, "sns:Publish", Resources::AllBut(topics));
        assert!(!allowed(&[], &need));
        assert!(allowed(std::slice::from_ref(&phones), &need));
        assert!(!allowed(
            &[phones],
            &Need::new("sns:Publish", "arn:aws:sns:eu:0:topic")
        ));
        assert!(allowed(std::slice::from_ref(&all), &need));
        assert!(!allowed(&[all, none], &need));
    }
}
