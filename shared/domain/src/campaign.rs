//! A campaign: of its chosen units, an audit (专项核查) looks for chosen rules and a yearly review (年审) asks the
//! filers, at a rate.
//!
//! **Invariant:** nobody is told or asked anything before staff released it, and a unit's outcome in it is set once.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{CampaignId, UserId};
use crate::rulebook::policy::Campaigns as Policy;

mod member;
mod terms;
mod yearly_review;

pub use member::{Fault, Fresh, Member, MemberOutcome, Seen};
pub use terms::{Chosen, RuleTerms, Terms};
pub use yearly_review::{Answered, Question, ReviewWalk, YearlyAnswer, YearlyReview};

/// A campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Campaign {
    /// Its id.
    pub id: CampaignId,
    /// What it is about.
    pub terms: Terms,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// By whom.
    pub begun_by: UserId,
    /// How far it has come.
    pub stage: Stage,
    /// Units chosen so far.
    pub members: u64,
    /// When its next step is due.
    pub next_at: Timestamp,
    /// Who holds it still.
    pub paused: Option<Deed>,
    /// Who let its findings be told.
    pub released: Option<Deed>,
    /// When a yearly review asked the last of its filers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_asked_at: Option<Timestamp>,
    /// How far the telling has come, from its release until nobody waits to be told.
    pub telling: Option<Telling>,
    /// Who ended it before its end.
    pub cancelled: Option<Deed>,
}

/// Who did something to a campaign, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CampaignDeed)]
pub struct Deed {
    /// Who.
    pub by: UserId,
    /// When.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// How far a campaign has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    tag = "stage"
)]
pub enum Stage {
    /// Its units are being chosen: the place in the lists of live filings after which choosing goes on.
    Choosing {
        /// Which of the lists.
        #[serde(default)]
        list: usize,
        /// The place in it; none at its beginning.
        after: Option<String>,
    },
    /// Its units are being looked at, or their filers asked.
    Looking(Pass),
    /// Every unit has its outcome.
    Looked {
        /// Since when.
        looked_at: Timestamp,
    },
}

/// One walk over the members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pass {
    /// Its number, from 1.
    pub number: u32,
    /// The member after which it goes on; none at the beginning.
    pub after: Option<String>,
}

impl Pass {
    /// The first.
    pub fn first() -> Self {
        Self {
            number: 1,
            after: None,
        }
    }

    /// The one after this.
    #[must_use]
    pub fn next(&self) -> Self {
        Self {
            number: self.number + 1,
            after: None,
        }
    }
}

/// The walk over the members whose faults wait to be told. It goes on beside the looking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Telling {
    /// Where it stands.
    pub pass: Pass,
    /// When it goes on.
    pub next_at: Timestamp,
}

/// Why a step of a campaign is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CampaignRefused {
    /// It was cancelled.
    #[error("the campaign was cancelled")]
    Cancelled,
    /// It is paused already, or not at all.
    #[error("the campaign is in that state already")]
    NothingToDo,
    /// Its findings were released before.
    #[error("the campaign was released before")]
    Released,
    /// Not every unit was looked at, or chosen where filers are asked: nobody could see what would be told.
    #[error(
        "a campaign is released once its units have their outcomes, and a yearly review once they are chosen"
    )]
    TooEarly,
    /// Nobody saw what would be told.
    #[error("a campaign is released by whoever saw its preview within 24 hours")]
    NotPreviewed,
}

/// A step that an operator takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Holds it still.
    Pause,
    /// Lets it go on.
    Resume,
    /// Lets what it finds be told.
    Release,
    /// Ends it.
    Cancel,
}

impl Campaign {
    /// A campaign that begins now.
    pub fn begun(id: CampaignId, terms: Terms, by: UserId, now: Timestamp) -> Self {
        Self {
            id,
            terms,
            begun_at: now,
            begun_by: by,
            stage: Stage::Choosing {
                list: 0,
                after: None,
            },
            members: 0,
            next_at: now,
            paused: None,
            released: None,
            last_asked_at: None,
            telling: None,
            cancelled: None,
        }
    }

    /// Whether a step is due.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.looks_at(now) || self.tells_at(now)
    }

    /// Whether a step of the choosing, looking or asking is due.
    pub fn looks_at(&self, now: Timestamp) -> bool {
        let goes_on = match self.stage {
            Stage::Choosing { .. } => true,
            // What is looked at is told later; who is asked is told by that.
            Stage::Looking(_) => self.terms.yearly_review.is_none() || self.released.is_some(),
            Stage::Looked { .. } => false,
        };
        self.is_running() && goes_on && self.next_at <= now
    }

    /// Whether a step of the telling is due.
    pub fn tells_at(&self, now: Timestamp) -> bool {
        let telling = self.telling.as_ref();
        self.is_running() && telling.is_some_and(|telling| telling.next_at <= now)
    }

    fn is_running(&self) -> bool {
        self.cancelled.is_none() && self.paused.is_none()
    }

    /// The campaign after an operator's step.
    ///
    /// | | running | paused | released | cancelled |
    /// |---|---|---|---|---|
    /// | pause | paused | nothing to do | paused | cancelled |
    /// | resume | nothing to do | running | nothing to do | cancelled |
    /// | release | told from now on; too early while units have no outcome | told from its resumption on | released before | cancelled |
    /// | cancel | ended | ended | ended; what was told stands, and stops nobody | cancelled |
    pub fn step(mut self, step: Step, deed: Deed) -> Result<Self, CampaignRefused> {
        if self.cancelled.is_some() {
            return Err(CampaignRefused::Cancelled);
        }
        match step {
            Step::Pause if self.paused.is_some() => return Err(CampaignRefused::NothingToDo),
            Step::Pause => self.paused = Some(deed),
            Step::Resume => {
                self.paused.take().ok_or(CampaignRefused::NothingToDo)?;
                self.next_at = self.next_at.max(deed.at);
            }
            Step::Release if self.released.is_some() => return Err(CampaignRefused::Released),
            Step::Release if !self.is_to_be_released() => return Err(CampaignRefused::TooEarly),
            Step::Release => {
                if self.terms.yearly_review.is_none() {
                    self.telling = Some(Telling {
                        pass: Pass::first(),
                        next_at: deed.at,
                    });
                }
                self.released = Some(deed);
            }
            Step::Cancel => self.cancelled = Some(deed),
        }
        Ok(self)
    }

    /// Whether its preview shows all that a release would tell or ask.
    fn is_to_be_released(&self) -> bool {
        match self.stage {
            Stage::Choosing { .. } => false,
            Stage::Looking(_) => self.terms.yearly_review.is_some(),
            Stage::Looked { .. } => true,
        }
    }

    /// How long to wait after a walk before the next one, which makes the looks that confirm: `None` after the last.
    pub fn wait_after(pass: &Pass, policy: &Policy) -> Option<SignedDuration> {
        let at = usize::try_from(pass.number).ok()?.checked_sub(1)?;
        let hours = policy.pass_again_hours.get(at)?;
        Some(SignedDuration::from_hours(i64::from(*hours)))
    }

    /// When the last unit will have its outcome at the latest, at the campaign's rate, or the last answer be due: `None`
    /// once each has, or while units are still chosen.
    pub fn expected_end(&self, left: u64, policy: &Policy, now: Timestamp) -> Option<Timestamp> {
        if let (Some(review), Some(asked_at)) = (self.terms.yearly_review, self.last_asked_at) {
            return Some(review.answer_by(asked_at));
        }
        let Stage::Looking(pass) = &self.stage else {
            return None;
        };
        if left == 0 {
            return None;
        }
        let minutes = left.div_ceil(u64::from(self.terms.rate_per_minute.max(1)));
        let walk = SignedDuration::from_mins(i64::try_from(minutes).unwrap_or(i64::MAX / 60));
        // A walk that waits for its hour has not begun.
        let begins = self.next_at.max(now);
        let ends = begins.checked_add(walk).ok()?;
        if let Some(review) = self.terms.yearly_review {
            return Some(review.answer_by(ends));
        }
        let before = usize::try_from(pass.number).ok()?.checked_sub(1)?;
        let waits = policy.pass_again_hours.iter().skip(before);
        let waits: i64 = waits.map(|hours| i64::from(*hours)).sum();
        let given_up = match Self::wait_after(pass, policy) {
            Some(_) => policy.give_up(),
            None => SignedDuration::ZERO,
        };
        ends.checked_add(SignedDuration::from_hours(waits) + given_up)
            .ok()
    }

    /// The campaign when each of its units has an outcome, before its walks have come to the end of their waits.
    #[must_use]
    pub fn with_every_outcome(self, now: Timestamp) -> Self {
        match self.stage {
            Stage::Looking(_) if self.terms.yearly_review.is_none() => Self {
                stage: Stage::Looked { looked_at: now },
                ..self
            },
            Stage::Choosing { .. } | Stage::Looking(_) | Stage::Looked { .. } => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> Terms {
        serde_json::from_value(serde_json::json!({
            "name": "2026年接入核查", "legalBases": ["33号令第十九条"],
            "rules": { "ICP-401": { "level": "notify", "periodDays": 15 } },
            "chosen": { "provinces": ["44"] }, "ratePerMinute": 60
        }))
        .unwrap()
    }

    #[test]
    fn a_campaign_is_steered_by_the_table() {
        use CampaignRefused::{Cancelled, NothingToDo, Released, TooEarly};
        use Step::{Cancel, Pause, Release, Resume};
        let at: Timestamp = "2026-03-02T02:00:00Z".parse().unwrap();
        let deed = || Deed {
            by: "u1".parse().unwrap(),
            at,
            reason: "why".to_owned(),
        };
        let running = || Campaign::begun("c1".parse().unwrap(), terms(), "u1".parse().unwrap(), at);
        let after = |steps: &[Step]| {
            let begun = Ok(running());
            steps.iter().fold(
                begun,
                |campaign: Result<Campaign, CampaignRefused>, step| campaign?.step(*step, deed()),
            )
        };
        assert!(after(&[]).unwrap().is_due(at));
        assert!(!after(&[Pause]).unwrap().is_due(at));
        assert!(after(&[Pause, Resume]).unwrap().is_due(at));
        assert!(!after(&[Cancel]).unwrap().is_due(at));
        for (steps, refused) in [
            (vec![Pause, Pause], NothingToDo),
            (vec![Resume], NothingToDo),
            (vec![Release], TooEarly),
            (vec![Pause, Release], TooEarly),
            (vec![Cancel, Pause], Cancelled),
            (vec![Cancel, Resume], Cancelled),
            (vec![Cancel, Release], Cancelled),
            (vec![Cancel, Cancel], Cancelled),
        ] {
            assert_eq!(after(&steps), Err(refused), "{steps:?}");
        }
        let looked = Campaign {
            stage: Stage::Looked { looked_at: at },
            ..running()
        };
        assert!(!looked.is_due(at));
        let released = looked.step(Release, deed()).unwrap();
        assert!(released.is_due(at));
        assert_eq!(released.clone().step(Release, deed()), Err(Released));
        assert!(!released.step(Pause, deed()).unwrap().is_due(at));
    }

    #[test]
    fn the_expected_end_follows_the_rate_and_the_waits() {
        let policy = Policy::default();
        let at: Timestamp = "2026-03-02T02:00:00Z".parse().unwrap();
        let mut campaign =
            Campaign::begun("c1".parse().unwrap(), terms(), "u1".parse().unwrap(), at);
        let end = |campaign: &Campaign, left| {
            let end = campaign.expected_end(left, &policy, at);
            end.map(|end| end.to_string()).unwrap_or_default()
        };
        assert_eq!(end(&campaign, 61), "");
        // Two minutes of looking; waits of 2, 6 and 12 hours, and of 6 until who has no outcome is given up.
        campaign.stage = Stage::Looking(Pass::first());
        assert_eq!(end(&campaign, 61), "2026-03-03T04:02:00Z");
        campaign.stage = Stage::Looking(Pass {
            number: 3,
            after: None,
        });
        assert_eq!(end(&campaign, 61), "2026-03-02T20:02:00Z");
        assert_eq!(end(&campaign, 0), "", "each has its outcome");
        let whole = campaign.with_every_outcome(at);
        assert_eq!(whole.stage, Stage::Looked { looked_at: at });
    }
}
