//! The walks of a yearly review: filers are asked, asked once more, and counted at the end.
//!
//! **Invariant:** a walk's place moves only once every member before it is settled, so a member is asked, reminded and
//! counted once, however often its page comes.

use icp_domain::audit::ClockName;
use icp_domain::campaign::{
    Campaign, Member, MemberOutcome, Pass, Question, ReviewWalk, Stage, YearlyReview,
};
use icp_domain::filing::SubjectState;
use icp_domain::ids::{NoticeId, SubjectId, UnitId};
use icp_domain::notice::{Notice, NoticeKind};
use icp_store::records::{
    CampaignTally, CountedMember, PlanFacts, Posting, StoredMember, StoredQuestion, count_member,
};
use icp_store::{Change, CommitError, Store, StoreError, keys};

use super::{MINUTE, Walk, Walked};
use crate::notices::in_sending_hours;

/// Members that one commit takes: three rows each, and the counts of 16 shards, fit one transaction.
const IN_A_COMMIT: usize = 25;

impl Walk<'_> {
    /// Asks, reminds or counts the next members that have not answered, as many as the rate allows a minute.
    pub(super) async fn review(
        &self,
        review: YearlyReview,
        pass: &Pass,
    ) -> Result<Walked, StoreError> {
        let walk = ReviewWalk::of(pass);
        let campaign = &self.before.campaign;
        let limit = campaign.terms.rate_per_minute as usize;
        let page = self
            .store
            .members(&campaign.id, pass.after.as_deref(), limit);
        let (members, next) = page.await?;
        let waits = |stored: &StoredMember| {
            let member = &stored.member;
            let asks = walk == ReviewWalk::Ask;
            member.outcome.is_none() && (!asks || member.asked_at.is_none())
        };
        let open: Vec<StoredMember> = members.into_iter().filter(waits).collect();
        // The walk waits for the first of a page that is not due yet: all were asked in this order.
        let policy = &self.rulebook.policy.campaigns;
        let due_at = |stored: &StoredMember| {
            let asked_at = stored.member.asked_at?;
            Some(walk.due_at(review, asked_at, policy))
        };
        let not_due = open.iter().filter_map(due_at).find(|at| self.now < *at);
        let open: Vec<StoredMember> = open
            .into_iter()
            .filter(|stored| due_at(stored).is_none_or(|at| at <= self.now))
            .collect();
        let mut settled = true;
        for part in open.chunks(IN_A_COMMIT) {
            let change = match walk {
                ReviewWalk::Ask => self.ask(part).await?,
                ReviewWalk::Remind => self.remind(part).await?,
                ReviewWalk::End => self.end(part).await?,
            };
            settled &= self.commit_part(&change).await?;
        }
        let mut after = campaign.clone();
        if walk == ReviewWalk::Ask && !open.is_empty() {
            after.last_asked_at = Some(self.now);
        }
        after.next_at = (self.now + MINUTE).max(not_due.unwrap_or(self.now));
        if settled && not_due.is_none() {
            self.move_on(&mut after, walk, pass, next);
        }
        Ok(self.step(after, Vec::new(), Change::new(), false))
    }

    /// Whether a part was committed. Where somebody answered meanwhile it was not, and the page comes again.
    async fn commit_part(&self, change: &Change) -> Result<bool, StoreError> {
        if change.rows() == 0 {
            return Ok(true);
        }
        match self.store.commit(change).await {
            Ok(()) => Ok(true),
            Err(CommitError::Conflict(_)) => Ok(false),
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    fn move_on(&self, after: &mut Campaign, walk: ReviewWalk, pass: &Pass, next: Option<String>) {
        if next.is_some() {
            after.stage = Stage::Looking(Pass {
                number: pass.number,
                after: next,
            });
        } else if walk == ReviewWalk::End {
            after.stage = Stage::Looked {
                looked_at: self.now,
            };
        } else {
            after.stage = Stage::Looking(pass.next());
        }
    }

    async fn ask(&self, members: &[StoredMember]) -> Result<Change, StoreError> {
        let campaign = &self.before.campaign;
        let mut change = Change::new();
        let facts = self.facts(members).await?;
        for stored in members {
            let unit = &stored.unit;
            let (Some(_), Some(question)) = (
                facts.of(unit, ClockName::Audit),
                Question::asked(campaign, self.now),
            ) else {
                self.settle(&mut change, stored, &facts, MemberOutcome::Gone)?;
                continue;
            };
            let member = Member {
                asked_at: Some(self.now),
                ..stored.member.clone()
            };
            stored.put(&mut change, &campaign.id, &member, self.now)?;
            count_member(
                &mut change,
                &campaign.id,
                counted(unit, &facts),
                CampaignTally::Told,
            );
            StoredQuestion::new(unit.subject.clone(), question.clone()).put(&mut change)?;
            self.post(&mut change, &unit.subject, &question)?;
        }
        Ok(change)
    }

    async fn remind(&self, members: &[StoredMember]) -> Result<Change, StoreError> {
        let mut change = Change::new();
        for member in members {
            let (subject, campaign) = (&member.unit.subject, &self.before.campaign.id);
            let Some(mut stored) = self.store.question(subject, campaign).await? else {
                continue;
            };
            let question = &mut stored.question;
            if question.reminded_at.is_some() || question.answered.is_some() {
                continue;
            }
            question.reminded_at = Some(self.now);
            self.post(&mut change, subject, question)?;
            stored.put(&mut change)?;
        }
        Ok(change)
    }

    async fn end(&self, members: &[StoredMember]) -> Result<Change, StoreError> {
        let mut change = Change::new();
        let facts = self.facts(members).await?;
        let heads: Vec<_> = members
            .iter()
            .map(|stored| keys::subject(&stored.unit.subject))
            .collect();
        let subjects = self.store.subjects(&heads).await?;
        let filed = |unit: &UnitId| {
            let mut subjects = subjects.iter();
            subjects.any(|subject| {
                subject.id == unit.subject && matches!(subject.state, SubjectState::Filed { .. })
            })
        };
        for stored in members {
            let outcome = if filed(&stored.unit) {
                MemberOutcome::Unanswered
            } else {
                MemberOutcome::Gone
            };
            self.settle(&mut change, stored, &facts, outcome)?;
        }
        Ok(change)
    }

    fn settle(
        &self,
        change: &mut Change,
        stored: &StoredMember,
        facts: &PlanFacts,
        outcome: MemberOutcome,
    ) -> Result<(), StoreError> {
        let campaign = &self.before.campaign.id;
        let member = Member {
            outcome: Some(outcome),
            ..stored.member.clone()
        };
        stored.put(change, campaign, &member, self.now)?;
        let tally = CampaignTally::Outcome(outcome);
        count_member(change, campaign, counted(&stored.unit, facts), tally);
        Ok(())
    }

    async fn facts(&self, members: &[StoredMember]) -> Result<PlanFacts, StoreError> {
        let units: Vec<_> = members
            .iter()
            .map(|stored| (stored.unit.clone(), ClockName::Audit))
            .collect();
        self.store.plan_facts(&units).await
    }

    fn post(
        &self,
        change: &mut Change,
        subject: &SubjectId,
        question: &Question,
    ) -> Result<(), StoreError> {
        let kind = NoticeKind::YearlyReview {
            campaign: question.campaign.clone(),
            answer_by: question.answer_by,
            again: question.reminded_at.is_some(),
        };
        let parts = [question.campaign.as_str(), subject.as_str(), kind.name()];
        let id = NoticeId::derived("yearly-review", &parts);
        let notice = Notice {
            id: id.clone(),
            subject: subject.clone(),
            kind,
            only: self
                .before
                .campaign
                .terms
                .channels
                .iter()
                .copied()
                .collect(),
        };
        let send_after = in_sending_hours(self.now, &self.rulebook.policy.cases);
        Store::post(change, &id, Posting::Notice(notice), send_after, self.now)
    }
}

fn counted<'a>(unit: &'a UnitId, facts: &'a PlanFacts) -> CountedMember<'a> {
    CountedMember {
        unit,
        province: facts.province(unit),
    }
}
