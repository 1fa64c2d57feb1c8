//! What is confirmed and told to nobody, since its rule's level is below `notify`: kept on the unit's clock and on
//! the rule's list, until a look sees it put right or the level is raised.

use std::collections::BTreeSet;

use icp_domain::Text;
use icp_domain::audit::{AuditClock, Confirmed, Observed};
use icp_domain::finding::Object;
use icp_domain::rulebook::Level;
use icp_domain::rules::Outcome;
use icp_store::records::{Observation, ObservedUnit, StoredFiling};
use icp_store::{Change, StoreError};
use jiff::Timestamp;

use super::{Judging, Outcomes};

impl Judging<'_> {
    /// Keeps on the clock what is observed of `found`, with what was observed before and could not be seen now, and
    /// writes the unit on the list of each rule of which another object is observed than before.
    pub(super) fn observe(
        &self,
        change: &mut Change,
        filing: &StoredFiling,
        clock: &mut AuditClock,
        found: &[(Confirmed, Level)],
        outcomes: &Outcomes,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let before: BTreeSet<Observed> = clock.observed.iter().cloned().collect();
        let of = |found: &Confirmed| Observed {
            rule: found.rule.code.to_owned(),
            object: found.object.clone(),
        };
        let mut after = before.clone();
        for (found, level) in found {
            match level {
                Level::Observe => after.insert(of(found)),
                Level::Off | Level::Notify | Level::Enforce => after.remove(&of(found)),
            };
        }
        let changed: BTreeSet<&str> = before
            .symmetric_difference(&after)
            .map(|one| one.rule.as_str())
            .collect();
        for rule in changed {
            let of_rule = after.iter().filter(|one| one.rule == rule);
            let objects: Vec<Observation> = of_rule
                .map(|one| Observation {
                    object: one.object.clone(),
                    basis: basis(outcomes, rule, &one.object),
                })
                .collect();
            // The clock, which says it no more, takes the unit off the rule's list.
            if !objects.is_empty() {
                self.observed_unit(filing, objects, now).put(change, rule)?;
            }
        }
        clock.observed = after.into_iter().collect();
        Ok(())
    }

    fn observed_unit(
        &self,
        filing: &StoredFiling,
        objects: Vec<Observation>,
        now: Timestamp,
    ) -> ObservedUnit {
        let subject = &filing.filing.subject;
        ObservedUnit {
            unit: self.unit().clone(),
            account: subject.account.clone(),
            origin: filing.filing.origin(self.unit()),
            label: subject.label.clone(),
            province: subject
                .details
                .as_ref()
                .map(|details| details.province.clone()),
            seen_at: now,
            look: self.evidence.look.id.clone(),
            objects,
        }
    }
}

/// What a fault rests on, as the look shows it; what it could not see rests on the looks before.
fn basis(outcomes: &Outcomes, rule: &str, object: &Object) -> Text {
    let said = outcomes
        .iter()
        .find(|(other, about, _)| other.code == rule && about == object);
    match said.map(|(_, _, outcome)| outcome) {
        Some(Outcome::Broken(basis) | Outcome::BrokenByPeople(basis)) => basis.clone(),
        Some(
            Outcome::Kept
            | Outcome::ForPeople(_)
            | Outcome::Undecided(_)
            | Outcome::NotApplicable(_),
        )
        | None => Text::new("依据此前核查", "by the looks before this one"),
    }
}
