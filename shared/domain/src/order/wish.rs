//! Which order a wish for a site becomes: the records decide, and not who asks (dossier 3.1).
//!
//! **Invariant:** total; where a record is not known it asks, and never guesses a kind.

use serde::{Deserialize, Serialize};

use super::OrderKind;
use crate::rulebook::Known;

/// What the ministry's record has of the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectRecord {
    /// Nothing.
    None,
    /// The subject, without any service (空壳主体).
    Shell,
    /// The subject with services.
    WithServices,
    /// Nobody has looked.
    Unknown,
}

/// What the ministry's record has of the domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DomainRecord {
    /// Nothing.
    None,
    /// A service of this subject has it.
    ThisSubject,
    /// Another subject has it.
    AnotherSubject,
    /// Nobody has looked.
    Unknown,
}

/// A wish to have a site at this provider, and what is on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Wanted {
    /// The subject's record.
    pub subject: SubjectRecord,
    /// The domain's record.
    pub domain: DomainRecord,
    /// Whether the subject is filed at this provider.
    pub subject_here: Known,
    /// Whether the province lets a shell subject add a service.
    pub shell_may_add: Known,
}

/// Where the subject is held today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Held {
    /// At this provider (原备案在本商).
    Here,
    /// At another (原备案不在本商).
    Elsewhere,
    /// Not known; the kind is the same, the form differs.
    Unknown,
}

/// What a wish becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "becomes")]
pub enum Becomes {
    /// An order of a kind.
    #[serde(rename_all = "camelCase")]
    Order {
        /// The kind.
        kind: OrderKind,
        /// Where the subject is held.
        held: Held,
    },
    /// The shell must be deregistered, then a first filing follows: the way back says how, and what
    /// stands before it.
    ShellStandsInTheWay,
    /// Another subject has the domain: it must give it up first. For staff.
    DomainOfAnother,
    /// The records contradict each other: look again.
    LookAgain,
    /// The subject's record must be looked up.
    AskSubject,
    /// The domain's record must be looked up.
    AskDomain,
    /// The bureau must say whether a shell may add a service.
    AskBureau,
}

impl Wanted {
    /// The order that the wish becomes, or what stands before it.
    ///
    /// | subject | domain | becomes |
    /// |---|---|---|
    /// | any | of another subject | conflict |
    /// | unknown | | ask |
    /// | | unknown | ask |
    /// | none | none | first filing |
    /// | none or shell | of this subject | the records contradict each other |
    /// | with services | none | added site, here or from elsewhere |
    /// | with services | of this subject | access filing |
    /// | shell | none | added site where the province lets a shell add; else the shell stands in the way |
    pub fn becomes(self) -> Becomes {
        let held = match self.subject_here {
            Known::Yes => Held::Here,
            Known::No => Held::Elsewhere,
            Known::Unknown => Held::Unknown,
        };
        let order = |kind| Becomes::Order { kind, held };
        match (self.subject, self.domain) {
            (_, DomainRecord::AnotherSubject) => Becomes::DomainOfAnother,
            (SubjectRecord::Unknown, _) => Becomes::AskSubject,
            (_, DomainRecord::Unknown) => Becomes::AskDomain,
            (SubjectRecord::None, DomainRecord::None) if self.subject_here == Known::Yes => {
                Becomes::LookAgain
            }
            (SubjectRecord::None, DomainRecord::None) => order(OrderKind::FirstFiling),
            (SubjectRecord::None | SubjectRecord::Shell, DomainRecord::ThisSubject) => {
                Becomes::LookAgain
            }
            (SubjectRecord::WithServices, DomainRecord::None) => order(OrderKind::AddSite),
            (SubjectRecord::WithServices, DomainRecord::ThisSubject) => order(OrderKind::AddAccess),
            (SubjectRecord::Shell, DomainRecord::None) => match self.shell_may_add {
                Known::Yes => order(OrderKind::AddSite),
                Known::No => Becomes::ShellStandsInTheWay,
                Known::Unknown => Becomes::AskBureau,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn what_each_wish_becomes() {
        let mut lines = Vec::new();
        for subject in [
            SubjectRecord::None,
            SubjectRecord::Shell,
            SubjectRecord::WithServices,
            SubjectRecord::Unknown,
        ] {
            for domain in [
                DomainRecord::None,
                DomainRecord::ThisSubject,
                DomainRecord::AnotherSubject,
                DomainRecord::Unknown,
            ] {
                for subject_here in Known::ALL {
                    for shell_may_add in Known::ALL {
                        let wanted = Wanted {
                            subject,
                            domain,
                            subject_here,
                            shell_may_add,
                        };
                        let becomes = wanted.becomes();
                        let what = if let Becomes::Order { kind, .. } = becomes {
                            format!("{kind:?}")
                        } else {
                            format!("{becomes:?}")
                        };
                        let line = format!("{subject:?}, domain {domain:?}: {what}");
                        if !lines.contains(&line) {
                            lines.push(line);
                        }
                    }
                }
            }
        }
        expect![[r#"
            None, domain None: LookAgain
            None, domain None: FirstFiling
            None, domain ThisSubject: LookAgain
            None, domain AnotherSubject: DomainOfAnother
            None, domain Unknown: AskDomain
            Shell, domain None: AddSite
            Shell, domain None: ShellStandsInTheWay
            Shell, domain None: AskBureau
            Shell, domain ThisSubject: LookAgain
            Shell, domain AnotherSubject: DomainOfAnother
            Shell, domain Unknown: AskDomain
            WithServices, domain None: AddSite
            WithServices, domain ThisSubject: AddAccess
            WithServices, domain AnotherSubject: DomainOfAnother
            WithServices, domain Unknown: AskDomain
            Unknown, domain None: AskSubject
            Unknown, domain ThisSubject: AskSubject
            Unknown, domain AnotherSubject: DomainOfAnother
            Unknown, domain Unknown: AskSubject
        "#]]
        .assert_eq(&(lines.join("\n") + "\n"));
    }

    #[test]
    fn where_the_subject_is_held_makes_the_form_and_not_the_kind() {
        let wanted = |subject_here| Wanted {
            subject: SubjectRecord::WithServices,
            domain: DomainRecord::None,
            subject_here,
            shell_may_add: Known::Unknown,
        };
        for (here, held) in [
            (Known::Yes, Held::Here),
            (Known::No, Held::Elsewhere),
            (Known::Unknown, Held::Unknown),
        ] {
            let kind = OrderKind::AddSite;
            assert_eq!(wanted(here).becomes(), Becomes::Order { kind, held });
        }
    }
}
