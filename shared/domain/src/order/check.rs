//! What the rulebook demands of a draft, beyond that its fields parse.
//!
//! **Invariant:** every demand is judged on what could be read, whatever else is wrong, so that one
//! answer names everything. What hangs on a fact that nobody said, or on an unsure source, warns
//! and refuses nothing.

use jiff::Timestamp;
use jiff::civil::Date;

use super::parts::Parts;
use super::{Draft, OrderKind, TypedDraft};
use crate::filing::{Filing, Nature};
use crate::rulebook::calendar::local_date;
use crate::rulebook::provinces::demands::Clause;
use crate::rulebook::{Province, Rulebook, Source};
use crate::{Text, Violation};

mod cited;
mod limits;
mod materials;
mod numbers;
mod persons;
mod services;
mod subject;
mod wish;

/// What a draft is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Against<'a> {
    /// The wish.
    pub kind: OrderKind,
    /// The filing as it stands.
    pub filing: &'a Filing,
    /// Policy.
    pub rulebook: &'a Rulebook,
    /// When.
    pub now: Timestamp,
}

/// A draft after its check.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The draft as values, where nothing is wrong with it.
    pub draft: Option<Draft>,
    /// Everything that refuses it.
    pub violations: Vec<Violation>,
    /// Everything to look at before it is sent: for the filer, and for staff at the first review.
    pub warnings: Vec<Violation>,
}

impl TypedDraft {
    /// The draft as values if nothing is wrong with it, or every violation at once.
    pub fn checked(&self, against: &Against<'_>) -> Result<Draft, Vec<Violation>> {
        let checked = self.check(against);
        checked.draft.ok_or(checked.violations)
    }

    /// Everything that is wrong with the draft, and everything to look at.
    pub fn check(&self, against: &Against<'_>) -> Checked {
        let typed = &self.over(against.filing);
        let (parts, faults) = typed.parts(against.filing);
        let mut desk = Desk {
            typed,
            parts: &parts,
            against,
            province: against
                .rulebook
                .provinces
                .by_code(typed.subject.province.trim()),
            nature: typed.subject.nature,
            today: local_date(against.now),
            violations: faults,
            warnings: Vec::new(),
        };
        desk.wish();
        desk.numbers_check();
        // What an order does not file it is not judged by: an access filing changes no data, and an
        // end wants nothing to be as new filings must be.
        if desk.files_data() {
            desk.subject();
            desk.persons();
            desk.services();
            desk.limits();
        }
        desk.materials();
        let Desk {
            violations,
            warnings,
            ..
        } = desk;
        let draft = parts.whole().filter(|_| violations.is_empty());
        Checked {
            draft,
            violations,
            warnings,
        }
    }
}

/// Where a draft lies while it is checked.
struct Desk<'a> {
    typed: &'a TypedDraft,
    parts: &'a Parts,
    against: &'a Against<'a>,
    province: Option<&'a Province>,
    nature: Option<Nature>,
    today: Date,
    violations: Vec<Violation>,
    warnings: Vec<Violation>,
}

/// What is demanded of a field: the rule's code, both texts, and where it comes from.
struct Demand<'s> {
    rule: &'s str,
    text: Text,
    source: &'s str,
    as_of: Option<Date>,
}

fn demand(
    rule: &'static str,
    zh: impl Into<String>,
    en: impl Into<String>,
    (source, as_of): cited::Page,
) -> Demand<'static> {
    Demand {
        rule,
        text: Text::new(zh, en),
        source,
        as_of,
    }
}

fn of_source<'s>(
    rule: &'s str,
    zh: impl Into<String>,
    en: impl Into<String>,
    source: &'s Source,
) -> Demand<'s> {
    Demand {
        rule,
        text: Text::new(zh, en),
        source: &source.title,
        as_of: source.as_of,
    }
}

impl Demand<'_> {
    fn at(self, field: impl Into<String>) -> Violation {
        Violation {
            field: field.into(),
            rule: self.rule.to_owned(),
            text: self.text,
            source: self.source.to_owned(),
            as_of: self.as_of,
        }
    }
}

impl<'a> Desk<'a> {
    /// Whether the order files data, and does not only give or take access or a record.
    fn files_data(&self) -> bool {
        match self.against.kind {
            OrderKind::FirstFiling | OrderKind::AddSite | OrderKind::Change => true,
            OrderKind::AddAccess
            | OrderKind::DeregisterSite
            | OrderKind::DeregisterSubject
            | OrderKind::CancelAccess => false,
        }
    }

    fn refuse(&mut self, field: impl Into<String>, demand: Demand<'_>) {
        self.violations.push(demand.at(field));
    }

    fn warn(&mut self, field: impl Into<String>, demand: Demand<'_>) {
        self.warnings.push(demand.at(field));
    }

    /// The province's clause on a question for this order and nature, if it has one.
    fn clause<T>(
        &self,
        question: impl Fn(
            &'a crate::rulebook::provinces::Demands,
        ) -> &'a crate::rulebook::provinces::demands::Clauses<T>,
    ) -> Option<&'a Clause<T>> {
        question(&self.province?.demands).for_order(self.against.kind, self.nature?)
    }
}

#[cfg(test)]
mod tests;
