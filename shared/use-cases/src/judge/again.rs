//! Judges kept evidence again, by the rules as they are now and without a look: what they say, beside what they said.
//!
//! **Invariant:** nothing is written. What is said differently is for people, who void or look again.

use std::collections::BTreeSet;

use icp_domain::finding::Object;
use icp_domain::rules::Outcome;
use icp_domain::{Rulebook, Text};
use icp_store::records::KeptEvidence;
use icp_store::{Store, StoreError};

use super::{Judging, Outcomes};

/// What a rule says of kept evidence, then and now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedAgain {
    /// The rule's code.
    pub rule: String,
    /// What it judges.
    pub object: Object,
    /// What became of its outcome.
    pub again: Again,
}

/// What became of an outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Again {
    /// Broken then and now.
    StillBroken,
    /// Broken now, and not then: on what that rests.
    NewlyBroken(Text),
    /// Broken then, and as it must be now.
    NowKept,
    /// Broken then; now it cannot be decided, and why.
    NowUndecided(Text),
    /// Broken then; now it is for people, who should look at this.
    NowForPeople(Text),
    /// Broken then; now the rule does not speak of it.
    NowNotApplicable,
    /// The filing is another by now: evidence of another revision is not judged.
    OtherFacts,
}

impl Again {
    /// Its name in a table.
    pub fn name(&self) -> &'static str {
        match self {
            Self::StillBroken => "still-broken",
            Self::NewlyBroken(_) => "newly-broken",
            Self::NowKept => "now-kept",
            Self::NowUndecided(_) => "now-undecided",
            Self::NowForPeople(_) => "now-for-people",
            Self::NowNotApplicable => "now-not-applicable",
            Self::OtherFacts => "other-facts",
        }
    }

    /// What it rests on, where that is something else than before.
    pub fn basis(&self) -> Option<&Text> {
        match self {
            Self::NewlyBroken(basis) | Self::NowUndecided(basis) | Self::NowForPeople(basis) => {
                Some(basis)
            }
            Self::StillBroken | Self::NowKept | Self::NowNotApplicable | Self::OtherFacts => None,
        }
    }
}

/// What the rules say of kept evidence now, of each thing that was broken then or is now. The filing and what is
/// reported of it are read as they are today.
pub async fn judge_again(
    store: &Store,
    rulebook: &Rulebook,
    kept: &KeptEvidence,
) -> Result<Vec<JudgedAgain>, StoreError> {
    let judging = Judging {
        store,
        rulebook,
        evidence: &kept.evidence,
    };
    let outcomes = match judging.filing().await? {
        Some(filing) if judging.is_of_these_facts(&filing) => Some(judging.outcomes(&filing)),
        Some(_) | None => None,
    };
    Ok(compared(kept, outcomes.as_ref()))
}

fn compared(kept: &KeptEvidence, now: Option<&Outcomes>) -> Vec<JudgedAgain> {
    let then: BTreeSet<(&str, &Object)> = kept
        .shows
        .iter()
        .map(|(rule, object, _)| (rule.as_str(), object))
        .collect();
    let again = |(rule, object): (&str, &Object), again| JudgedAgain {
        rule: rule.to_owned(),
        object: object.clone(),
        again,
    };
    let before = then.iter().map(|thing| {
        let outcome = now.map(|outcomes| {
            let mut outcomes = outcomes.iter();
            let same = outcomes.find(|(rule, object, _)| (rule.code, object) == *thing);
            same.map(|(_, _, outcome)| outcome)
        });
        let became = match outcome {
            None => Again::OtherFacts,
            Some(None | Some(Outcome::NotApplicable(_))) => Again::NowNotApplicable,
            Some(Some(Outcome::Broken(_) | Outcome::BrokenByPeople(_))) => Again::StillBroken,
            Some(Some(Outcome::Kept)) => Again::NowKept,
            Some(Some(Outcome::Undecided(why))) => Again::NowUndecided(why.text()),
            Some(Some(Outcome::ForPeople(basis))) => Again::NowForPeople(basis.clone()),
        };
        again(*thing, became)
    });
    let new = now
        .into_iter()
        .flatten()
        .filter_map(|(rule, object, outcome)| {
            let (Outcome::Broken(basis) | Outcome::BrokenByPeople(basis)) = outcome else {
                return None;
            };
            let is_new = !then.contains(&(rule.code, object));
            is_new.then(|| again((rule.code, object), Again::NewlyBroken(basis.clone())))
        });
    before.chain(new).collect()
}
