//! The yearly review (年审): each filer says whether the filing is still as it is filed.
//!
//! **Invariant:** a question is asked and answered once, and what is not answered stops nobody.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Campaign, MemberOutcome, Pass};
use crate::Text;
use crate::account::Actor;
use crate::ids::CampaignId;
use crate::rulebook::policy::Campaigns as Policy;

/// What a yearly review is, beside a campaign's other terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct YearlyReview {
    /// Calendar days from the question until its answer is due. There is no default.
    pub answer_days: u32,
}

impl YearlyReview {
    /// Filers that a review asks a minute, at most. Source: chosen here: 24 commits of 25 fit a tick with time to spare.
    pub const MOST_PER_MINUTE: u32 = 600;

    /// Until when a question of `asked_at` is to be answered.
    pub fn answer_by(self, asked_at: Timestamp) -> Timestamp {
        asked_at + SignedDuration::from_hours(24 * i64::from(self.answer_days))
    }
}

/// What a filer answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum YearlyAnswer {
    /// Everything is as it is filed (无变化).
    Unchanged,
    /// Something changed: a change order (变更备案) is to follow.
    Changed,
    /// The filing is no longer used: its deregistration (注销备案) is to follow.
    NoLongerUsed,
}

impl YearlyAnswer {
    /// What the member of the campaign comes to.
    pub fn outcome(self) -> MemberOutcome {
        match self {
            Self::Unchanged => MemberOutcome::Unchanged,
            Self::Changed => MemberOutcome::Changed,
            Self::NoLongerUsed => MemberOutcome::NoLongerUsed,
        }
    }

    /// What the filer does next.
    pub fn next(self) -> Text {
        match self {
            Self::Unchanged => Text::new("无需再做任何事。", "There is nothing more to do."),
            Self::Changed => Text::new(
                "请提交变更备案订单，写明变化的信息。",
                "Submit an order of the kind change that says what is different now.",
            ),
            Self::NoLongerUsed => Text::new(
                "请提交注销备案订单；注销前，您的服务不受影响。",
                "Submit an order of the kind deregister-site or deregister-subject; until the bureau has answered it, \
                 nothing of your service changes.",
            ),
        }
    }
}

/// The question as it stands with a filing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = YearlyQuestion)]
pub struct Question {
    /// The yearly review.
    pub campaign: CampaignId,
    /// Its name.
    pub name: String,
    /// What it rests on.
    pub legal_bases: Vec<String>,
    /// Where the public reads of it.
    pub public_page: Option<String>,
    /// When it was asked.
    #[schema(value_type = String)]
    pub asked_at: Timestamp,
    /// Until when it is to be answered; a later answer is taken until the review ends.
    #[schema(value_type = String)]
    pub answer_by: Timestamp,
    /// When it was asked once more.
    #[schema(value_type = Option<String>)]
    pub reminded_at: Option<Timestamp>,
    /// What was answered.
    pub answered: Option<Answered>,
}

/// What was answered, by whom and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Answered {
    /// The answer.
    pub answer: YearlyAnswer,
    /// When.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
}

impl Question {
    /// The question that a yearly review asks now; `None` where the campaign is none.
    pub fn asked(campaign: &Campaign, now: Timestamp) -> Option<Self> {
        let review = campaign.terms.yearly_review?;
        Some(Self {
            campaign: campaign.id.clone(),
            name: campaign.terms.name.clone(),
            legal_bases: campaign.terms.legal_bases.clone(),
            public_page: campaign.terms.public_page.clone(),
            asked_at: now,
            answer_by: review.answer_by(now),
            reminded_at: None,
            answered: None,
        })
    }
}

/// What a walk over the members of a yearly review does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewWalk {
    /// Asks each.
    Ask,
    /// Asks once more who has not answered.
    Remind,
    /// Ends it: who has not answered is counted so.
    End,
}

impl ReviewWalk {
    /// What a walk of this number does.
    pub fn of(pass: &Pass) -> Self {
        match pass.number {
            0 | 1 => Self::Ask,
            2 => Self::Remind,
            _ => Self::End,
        }
    }

    /// When a walk comes to a filing that was asked at `asked_at`: at once to ask it, some days before its answer is due
    /// to remind it, and to count it when that is.
    pub fn due_at(self, review: YearlyReview, asked_at: Timestamp, policy: &Policy) -> Timestamp {
        let due = review.answer_by(asked_at);
        match self {
            Self::Ask => asked_at,
            Self::Remind => due - policy.yearly_reminder(),
            Self::End => due,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_filing_is_reminded_before_its_answer_is_due_and_counted_when_it_is() {
        let policy = Policy::default();
        let asked = at("2026-03-02T02:00:00Z");
        let review = YearlyReview { answer_days: 30 };
        for (walk, due) in [
            (ReviewWalk::Ask, "2026-03-02T02:00:00Z"),
            (ReviewWalk::Remind, "2026-03-25T02:00:00Z"),
            (ReviewWalk::End, "2026-04-01T02:00:00Z"),
        ] {
            assert_eq!(walk.due_at(review, asked, &policy), at(due), "{walk:?}");
        }
    }

    #[test]
    fn the_walks_of_a_review_are_three() {
        let walks = [1, 2, 3, 4].map(|number| {
            ReviewWalk::of(&Pass {
                number,
                after: None,
            })
        });
        assert_eq!(
            walks,
            [
                ReviewWalk::Ask,
                ReviewWalk::Remind,
                ReviewWalk::End,
                ReviewWalk::End
            ]
        );
    }
}
