//! Judges a look that a campaign made: the member's outcome, and after the campaign's release what of it is told.

use icp_domain::Invocation;
use icp_domain::audit::{Confirmed, Heard, Judged};
use icp_domain::campaign::{Campaign, Fault, Fresh, Member, MemberOutcome};
use icp_domain::finding::Object;
use icp_domain::rulebook::Level;
use icp_domain::rules::rule;
use icp_store::records::{
    CampaignTally, CountedMember, StoredCase, StoredFiling, StoredMember, count_member,
};
use icp_store::{Change, StoreError};

use super::told::{Telling, ToTell};
use super::{Judging, Outcomes, Verdict};
use crate::campaigns::count_outcome_of;

/// A look's unit, as the campaign and the filing have it.
struct Looked {
    campaign: Campaign,
    stored: StoredMember,
    filing: StoredFiling,
    case: Option<StoredCase>,
}

impl Judging<'_> {
    /// Judges a look that a campaign made.
    pub(super) async fn of_campaign(
        &self,
        inv: &mut Invocation,
    ) -> Result<Option<(Change, Verdict)>, StoreError> {
        let Some(looked) = self.looked().await? else {
            return Ok(None);
        };
        let mut change = Change::new();
        if !looked.filing.filing.has_access(self.unit()) {
            self.gone(&mut change, &looked, inv)?;
            return Ok(Some((change, Verdict::Overtaken)));
        }
        // Evidence of other facts is dropped: the next walk looks again.
        if !self.is_of_these_facts(&looked.filing) {
            return Ok(None);
        }
        let outcomes = self.outcomes(&looked.filing);
        if looked.stored.member.outcome.is_some() {
            let afresh = self.afresh(change, looked, &outcomes, inv);
            return Box::pin(afresh).await;
        }
        self.first(change, &looked, &outcomes, inv)
    }

    /// The rows that a campaign's look is about, where anything is still open about them.
    async fn looked(&self) -> Result<Option<Looked>, StoreError> {
        let Some(id) = &self.evidence.look.campaign else {
            return Ok(None);
        };
        let unit = self.unit();
        let (Some(campaign), Some(stored)) = (
            self.store.campaign(id).await?,
            self.store.member(id, unit).await?,
        ) else {
            return Ok(None);
        };
        let campaign = campaign.campaign;
        let member = &stored.member;
        // What is told rests on a look of after the release, and not while the campaign is held still.
        let begun_at = self.evidence.begun_at;
        let released = campaign.released.as_ref();
        let may_tell = released.is_some_and(|released| released.at <= begun_at)
            && campaign.paused.is_none()
            && member.waits_to_be_told();
        let is_open = member.outcome.is_none() || may_tell;
        if campaign.cancelled.is_some() || !is_open {
            return Ok(None);
        }
        let Some(filing) = self.filing().await? else {
            return Ok(None);
        };
        let open_case = filing
            .clock(unit)
            .and_then(|stored| stored.clock.open_case.clone());
        let case = match &open_case {
            Some(case) => self.store.case(case).await?,
            None => None,
        };
        Ok(Some(Looked {
            campaign,
            stored,
            filing,
            case,
        }))
    }

    /// A look at a member without an outcome.
    fn first(
        &self,
        mut change: Change,
        looked: &Looked,
        outcomes: &Outcomes,
        inv: &Invocation,
    ) -> Result<Option<(Change, Verdict)>, StoreError> {
        let judged = Judged {
            look: &self.evidence.look.id,
            begun_at: self.evidence.begun_at,
            vantage: &self.evidence.look.plan.vantage,
            heard: Heard::of(self.evidence, &self.rulebook.vantages),
            vantages: &self.rulebook.vantages,
            clock: self.evidence.look.clock,
            outcomes,
        };
        let in_case = |rule: &str, object: &Object| {
            let case = looked.case.as_ref().map(|stored| &stored.case);
            let holds = case.filter(|case| case.holds(rule, object));
            holds.map(|case| case.id.clone())
        };
        let (before, policy) = (&looked.stored.member, &self.rulebook.policy.audits);
        let seen = before.judge(&judged, &looked.campaign.terms, in_case, policy);
        if seen.member == *before {
            return Ok(Some((change, Verdict::Undecided)));
        }
        let id = &looked.campaign.id;
        let mut faults = seen.member.faults.iter();
        let is_new = faults.any(|fault| !before.faults.contains(fault));
        let counted = self.counted(&looked.filing);
        if seen.suspected || is_new {
            let until = inv.now + policy.evidence_kept();
            looked
                .filing
                .put_evidence(&mut change, &self.kept(outcomes), until)?;
        }
        count_outcome_of(&mut change, id, counted, &seen.member);
        let verdict = match seen.member.outcome {
            None if seen.suspected => Verdict::Suspected,
            None
            | Some(
                MemberOutcome::Undecided
                | MemberOutcome::Gone
                // No look is made of a member that is asked.
                | MemberOutcome::Unchanged
                | MemberOutcome::Changed
                | MemberOutcome::NoLongerUsed
                | MemberOutcome::Unanswered,
            ) => Verdict::Undecided,
            Some(MemberOutcome::Kept) => Verdict::Clean,
            Some(MemberOutcome::Broken) => Verdict::Observed,
        };
        looked.stored.put(&mut change, id, &seen.member, inv.now)?;
        Ok(Some((change, verdict)))
    }

    /// A fresh look at a member whose faults wait to be told.
    async fn afresh(
        &self,
        mut change: Change,
        looked: Looked,
        outcomes: &Outcomes,
        inv: &mut Invocation,
    ) -> Result<Option<(Change, Verdict)>, StoreError> {
        let member = looked.stored.member.clone();
        match member.afresh(outcomes) {
            Fresh::Undecided => Ok(Some((change, Verdict::Undecided))),
            Fresh::PutRight => {
                let (id, now) = (&looked.campaign.id, inv.now);
                let member = Member {
                    put_right_at: Some(now),
                    ..member
                };
                let counted = self.counted(&looked.filing);
                count_member(&mut change, id, counted, CampaignTally::PutRight);
                looked.stored.put(&mut change, id, &member, now)?;
                Ok(Some((change, Verdict::Clean)))
            }
            Fresh::Still(faults) => self
                .tell_member(change, looked, member, &faults, outcomes, inv)
                .await
                .map(Some),
        }
    }

    /// Tells a member's faults by the campaign's terms: those that its open case does not hold already.
    async fn tell_member(
        &self,
        mut change: Change,
        looked: Looked,
        mut member: Member,
        faults: &[Fault],
        outcomes: &Outcomes,
        inv: &mut Invocation,
    ) -> Result<(Change, Verdict), StoreError> {
        let Looked {
            campaign,
            stored,
            filing,
            case,
        } = looked;
        let told: Vec<ToTell> = faults
            .iter()
            .filter_map(|fault| self.to_tell(&campaign, fault))
            .collect();
        let held = |told: &ToTell| {
            let case = case.as_ref().filter(|stored| stored.case.is_open());
            let (rule, object) = (told.found.rule.code, &told.found.object);
            case.filter(|stored| stored.case.holds(rule, object))
        };
        let province = filing.filing.province().map(ToOwned::to_owned);
        let counted = CountedMember {
            unit: self.unit(),
            province: province.as_deref(),
        };
        let name = self.evidence.look.clock;
        let clock = filing.clock_of(self.unit(), name);
        let Some(clock) = clock.map(|stored| stored.clock.clone()) else {
            return Ok((change, Verdict::Overtaken));
        };
        let mut left = Vec::new();
        for told in told {
            match held(&told) {
                Some(stored) => member.case = Some(stored.case.id.clone()),
                None => left.push(told),
            }
        }
        let verdict = if left.is_empty() {
            member.observed = member.case.is_none();
            Verdict::Observed
        } else {
            let telling = Telling {
                told: left,
                campaign: Some(campaign.id.clone()),
                only: campaign.terms.channels.iter().copied().collect(),
            };
            let id = self
                .tell(&mut change, filing, case, clock, telling, outcomes, inv)
                .await?;
            member.case = Some(id.clone());
            Verdict::Confirmed(id)
        };
        if matches!(verdict, Verdict::Confirmed(_)) {
            count_member(&mut change, &campaign.id, counted, CampaignTally::Told);
        }
        stored.put(&mut change, &campaign.id, &member, inv.now)?;
        Ok((change, verdict))
    }

    /// A fault as the campaign's terms tell it; nothing where its level is below `notify`.
    fn to_tell(&self, campaign: &Campaign, fault: &Fault) -> Option<ToTell> {
        let rule = rule(&fault.rule)?;
        let terms = campaign.terms.of(rule)?;
        let level = self.at_most(terms.level, rule);
        let mut looks = fault.looks.clone();
        if !looks.contains(&self.evidence.look.id) {
            looks.push(self.evidence.look.id.clone());
        }
        (Level::Notify <= level).then(|| ToTell {
            found: Confirmed {
                rule,
                object: fault.object.clone(),
                looks,
                brought_by: fault.brought_by,
            },
            level,
            period_days: terms.period_days,
        })
    }

    /// The look's unit, as a member is counted.
    fn counted<'a>(&'a self, filing: &'a StoredFiling) -> CountedMember<'a> {
        CountedMember {
            unit: self.unit(),
            province: filing.filing.province(),
        }
    }

    /// A member that lost its access meanwhile: nothing more is to come of it.
    fn gone(
        &self,
        change: &mut Change,
        looked: &Looked,
        inv: &Invocation,
    ) -> Result<(), StoreError> {
        let (id, counted) = (&looked.campaign.id, self.counted(&looked.filing));
        let mut member = looked.stored.member.clone();
        if member.outcome.is_none() {
            member.outcome = Some(MemberOutcome::Gone);
            let gone = CampaignTally::Outcome(MemberOutcome::Gone);
            count_member(change, id, counted, gone);
        } else {
            member.put_right_at = Some(inv.now);
            count_member(change, id, counted, CampaignTally::PutRight);
        }
        looked.stored.put(change, id, &member, inv.now)
    }
}
