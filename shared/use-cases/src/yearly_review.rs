//! Answers what a yearly review (年审) asked of a filing.

use icp_domain::campaign::{Answered, Member, Question, YearlyAnswer};
use icp_domain::history::Happened;
use icp_domain::ids::{CampaignId, SubjectId, UnitId};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{CampaignTally, CountedMember, count_member};
use icp_store::{Answer, Change, Failure, Repeat, Store, StoreError};

use crate::By;
use crate::attempt::{Decided, Tries};
use crate::read::{self, ReadRefused};

/// Answers a question.
#[derive(Debug, Clone)]
pub struct AnswerReview {
    /// The filing.
    pub subject: SubjectId,
    /// The yearly review.
    pub campaign: CampaignId,
    /// The answer.
    pub answer: YearlyAnswer,
    /// Who answers.
    pub by: By,
}

/// Why an answer is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnswerRefused {
    /// It was answered before.
    #[error("the question was answered before")]
    Answered,
    /// The review ended, or was cancelled.
    #[error("the yearly review has ended")]
    Ended,
}

/// Answers a question, once: the answer stands with the filing, in its history and in the review's counts.
pub async fn answer_review(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<Question>,
    command: AnswerReview,
) -> Result<Answer, Failure<AnswerRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let (subject, id) = (&command.subject, &command.campaign);
            let filing = store.filing(subject).await?;
            let mut filing = filing
                .filter(|filing| command.by.may_see(&filing.filing.subject.account))
                .ok_or(Failure::NotFound)?;
            let asked = store.question(subject, id).await?;
            let mut asked = asked.ok_or(Failure::NotFound)?;
            let campaign = store.campaign(id).await?.ok_or(Failure::NotFound)?.campaign;
            let unit = UnitId::of_subject(subject.clone());
            let stored = store.member(id, &unit).await?.ok_or(Failure::NotFound)?;
            if asked.question.answered.is_some() {
                return Err(Failure::Refused(AnswerRefused::Answered));
            }
            if campaign.cancelled.is_some() || stored.member.outcome.is_some() {
                return Err(Failure::Refused(AnswerRefused::Ended));
            }
            let outcome = command.answer.outcome();
            let mut change = Change::new();
            let member = Member {
                outcome: Some(outcome),
                ..stored.member.clone()
            };
            stored.put(&mut change, id, &member, inv.now)?;
            let counted = CountedMember {
                unit: &unit,
                province: filing.filing.province(),
            };
            count_member(&mut change, id, counted, CampaignTally::Outcome(outcome));
            asked.question.answered = Some(Answered {
                answer: command.answer,
                at: inv.now,
                by: command.by.actor.clone(),
            });
            asked.put(&mut change)?;
            let about = format!("{id} {}", outcome.name());
            let deed = command
                .by
                .deed(Happened::YearlyReviewAnswered, &about, &repeat.command);
            filing.record(&mut change, deed, inv.now)?;
            Ok(Decided {
                change,
                done: asked.question,
            })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

/// What yearly reviews asked of a filing that is there for the caller, the latest first; each with whether it may still be
/// answered.
pub async fn questions(
    store: &Store,
    by: &By,
    subject: &SubjectId,
) -> Result<Vec<(Question, bool)>, Failure<ReadRefused>> {
    read::filing(store, by, subject).await?;
    let unit = UnitId::of_subject(subject.clone());
    let mut asked = Vec::new();
    for question in store.questions(subject).await? {
        let may_answer = question.answered.is_none()
            && goes_on(store, &question.campaign).await?
            && is_member(store, &question.campaign, &unit).await?;
        asked.push((question, may_answer));
    }
    Ok(asked)
}

async fn goes_on(store: &Store, id: &CampaignId) -> Result<bool, StoreError> {
    let stored = store.campaign(id).await?;
    Ok(stored.is_some_and(|stored| stored.campaign.cancelled.is_none()))
}

/// Whether its answer is still waited for: once the review has ended, that there is none is its outcome.
async fn is_member(store: &Store, id: &CampaignId, unit: &UnitId) -> Result<bool, StoreError> {
    let stored = store.member(id, unit).await?;
    Ok(stored.is_some_and(|stored| stored.member.outcome.is_none()))
}
