//! What each outcome of a look comes to: a suspicion, something confirmed, something observed, or a doubt.

use super::{AuditClock, Confirmed, Judged, Observed, Suspicion};
use crate::finding::{BroughtBy, Object};
use crate::ids::LookId;
use crate::rulebook::Level;
use crate::rulebook::policy::Audits;
use crate::rules::{Outcome, Rule};

/// What the outcomes of one look come to.
#[derive(Default)]
pub(super) struct Sorted {
    pub(super) suspicions: Vec<Suspicion>,
    pub(super) confirmed: Vec<Confirmed>,
    pub(super) observed: Vec<Confirmed>,
    pub(super) undecided: bool,
    pub(super) for_people: bool,
}

impl AuditClock {
    /// What each outcome of a look comes to.
    pub(super) fn sorted(
        &self,
        judged: &Judged<'_>,
        in_case: impl Fn(&Rule, &Object) -> bool,
        policy: &Audits,
    ) -> Sorted {
        let mut sorted = Sorted::default();
        for (rule, object, outcome) in judged.outcomes {
            let before = self
                .suspicions
                .iter()
                .find(|suspicion| suspicion.rule == rule.code && suspicion.object == *object)
                // What nothing could confirm any more, since vantages changed, gives way to what is seen now.
                .filter(|suspicion| rule.can_confirm(&suspicion.vantage, judged.vantages));
            let confirmed = |looks: Vec<LookId>, brought_by: BroughtBy| Confirmed {
                rule,
                object: object.clone(),
                looks,
                brought_by,
            };
            let alone = || vec![judged.look.clone()];
            match outcome {
                Outcome::Kept | Outcome::NotApplicable(_) => {}
                Outcome::ForPeople(_) => sorted.for_people = true,
                // What could not be seen neither clears nor confirms a suspicion.
                Outcome::Undecided(why) => {
                    sorted.undecided = true;
                    sorted.for_people |= why.wants_people();
                    sorted.suspicions.extend(before.cloned());
                }
                Outcome::Broken(_) | Outcome::BrokenByPeople(_) if in_case(rule, object) => {}
                // It was confirmed before: one look says that it is still so.
                Outcome::Broken(_) | Outcome::BrokenByPeople(_) if self.observes(rule, object) => {
                    sorted.observed.push(confirmed(alone(), rule.brought_by));
                }
                // Whoever decided saw it: one reading suffices.
                Outcome::BrokenByPeople(_) => {
                    sorted.confirmed.push(confirmed(alone(), BroughtBy::Files));
                }
                Outcome::Broken(_) => {
                    if let Some(looks) = confirm(rule, before, judged, policy) {
                        sorted.confirmed.push(confirmed(looks, rule.brought_by));
                    } else {
                        let first = || Suspicion::of(rule, object, judged);
                        sorted
                            .suspicions
                            .push(before.cloned().unwrap_or_else(first));
                    }
                }
            }
        }
        sorted
    }

    fn observes(&self, rule: &Rule, object: &Object) -> bool {
        let mut observed = self.observed.iter();
        observed.any(|one| one.rule == rule.code && one.object == *object)
    }

    /// What is observed and was not seen to be put right.
    pub(super) fn still_observed(
        &self,
        outcomes: &[(&'static Rule, Object, Outcome)],
    ) -> Vec<Observed> {
        let still = |one: &&Observed| {
            outcomes.iter().any(|(rule, object, outcome)| {
                let same = rule.code == one.rule && *object == one.object;
                same && match outcome {
                    Outcome::Broken(_)
                    | Outcome::BrokenByPeople(_)
                    | Outcome::Undecided(_)
                    | Outcome::ForPeople(_) => true,
                    Outcome::Kept | Outcome::NotApplicable(_) => false,
                }
            })
        };
        self.observed.iter().filter(still).cloned().collect()
    }
}

/// The looks that confirm a broken outcome, if it is confirmed.
///
/// | brought by | earlier look | from another vantage | apart | outcome |
/// |---|---|---|---|---|
/// | rows, files | - | - | - | confirmed by one reading |
/// | looks | none | - | - | suspicion |
/// | looks | broken | no | - | suspicion stays |
/// | looks | broken | yes | no | suspicion stays |
/// | looks | broken | yes | yes | confirmed by both |
/// | looks at a registration | broken | - | no | suspicion stays |
/// | looks at a registration | broken | - | yes | confirmed by both |
///
/// Two vantages are two of the mainland, and for what a page says two networks ([`Rule::is_suspected_apart`]).
/// A registry says the same of a domain to everybody, so where it is asked from tells nothing.
/// A rule whose findings are counted at most is told to nobody: one look suffices, and no other is
/// made for it.
pub(crate) fn confirm(
    rule: &Rule,
    before: Option<&Suspicion>,
    judged: &Judged<'_>,
    policy: &Audits,
) -> Option<Vec<LookId>> {
    let apart = policy.confirmation_apart();
    if rule.most <= Level::Observe {
        return Some(vec![judged.look.clone()]);
    }
    match (rule.brought_by, before) {
        (BroughtBy::Rows | BroughtBy::Files, _) => Some(vec![judged.look.clone()]),
        (BroughtBy::Looks, Some(first))
            if rule.is_suspected_apart(&first.vantage, judged.vantage, judged.vantages)
                && first.begun_at + apart <= judged.begun_at =>
        {
            Some(vec![first.look.clone(), judged.look.clone()])
        }
        (BroughtBy::Looks, Some(_) | None) => None,
    }
}
