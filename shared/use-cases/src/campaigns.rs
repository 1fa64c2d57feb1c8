//! Campaigns: begun, steered, and previewed by operators; walked by `schedule-audits`.

use std::collections::{BTreeMap, BTreeSet};

use icp_domain::campaign::{Campaign, CampaignRefused, Deed, Fault, Member, Step, Terms};
use icp_domain::ids::{CampaignId, UserId};
use icp_domain::rulebook::Level;
use icp_domain::{Invocation, Rulebook, Violation};
use icp_store::records::{
    CampaignTally, CountedMember, Previewed, StoredBrake, StoredCampaign, Untold, count_member,
};
use icp_store::{Answer, Change, Failure, Repeat, Store, StoreError};
use jiff::Timestamp;

use crate::attempt::{Decided, Tries};
use crate::preview_token::{PreviewToken, SAMPLES};

mod walk;

pub use walk::{Walked, walk, walked};

/// Begins a campaign.
#[derive(Debug, Clone)]
pub struct BeginCampaign {
    /// What it is about.
    pub terms: Terms,
    /// Who begins it.
    pub by: UserId,
}

/// Why a campaign is not begun.
#[derive(Debug, thiserror::Error)]
pub enum BeginRefused {
    /// Its terms are wrong.
    #[error("the campaign's terms do not hold")]
    Terms(Vec<Violation>),
}

/// A campaign with its version.
pub type CampaignAfter = (Campaign, u64);

/// Begins a campaign: its units are chosen from the next minute on.
pub async fn begin(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<CampaignAfter>,
    command: BeginCampaign,
) -> Result<Answer, Failure<BeginRefused>> {
    let id = CampaignId::derived("campaign", &[repeat.command.as_str()]);
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let violations = command.terms.violations(rulebook);
            if !violations.is_empty() {
                return Err(Failure::Refused(BeginRefused::Terms(violations)));
            }
            let (terms, by) = (command.terms.clone(), command.by.clone());
            let campaign = Campaign::begun(id.clone(), terms, by, inv.now);
            let stored = StoredCampaign::begun(campaign);
            let mut change = Change::new();
            stored.put(&mut change, &stored.campaign)?;
            Ok(Decided {
                change,
                done: (stored.campaign, 1),
            })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

/// A step that an operator takes.
#[derive(Debug, Clone)]
pub struct SteerCampaign {
    /// The campaign.
    pub campaign: CampaignId,
    /// The step.
    pub step: Step,
    /// Who.
    pub by: UserId,
    /// Why.
    pub reason: String,
    /// The token of the preview that the caller saw, which a release wants.
    pub preview: Option<String>,
}

/// Pauses, resumes, releases or cancels a campaign. What a cancelled campaign told stops nobody: the brake's row is
/// written beside it, so that no stop commits on the campaign before.
pub async fn steer(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<CampaignAfter>,
    command: SteerCampaign,
) -> Result<Answer, Failure<CampaignRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let stored = store.campaign(&command.campaign).await?;
            let stored = stored.ok_or(Failure::NotFound)?;
            let deed = Deed {
                by: command.by.clone(),
                at: inv.now,
                reason: command.reason.clone(),
            };
            let mut before = stored.campaign.clone();
            if command.step == Step::Release {
                let done = store.campaign_counts(&before.id).await?.all.done();
                if before.members <= done {
                    before = before.with_every_outcome(inv.now);
                }
            }
            let campaign = before.step(command.step, deed);
            let campaign = campaign.map_err(Failure::Refused)?;
            let mut change = Change::new();
            match command.step {
                Step::Pause | Step::Resume => {}
                Step::Release if command.previewed(store, inv.now).await?.is_some() => {}
                Step::Release => return Err(Failure::Refused(CampaignRefused::NotPreviewed)),
                Step::Cancel => {
                    let brake: StoredBrake = store.brake(rulebook).await?;
                    brake.put(&mut change, &brake.brake)?;
                }
            }
            stored.put(&mut change, &campaign)?;
            let done = (campaign, stored.version() + 1);
            Ok(Decided { change, done })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

impl SteerCampaign {
    async fn previewed(
        &self,
        store: &Store,
        now: Timestamp,
    ) -> Result<Option<Previewed>, StoreError> {
        let Some(token) = &self.preview else {
            return Ok(None);
        };
        PreviewToken::of_campaign(&self.campaign)
            .read(store, token, now)
            .await
    }
}

/// What a campaign's release would tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignPreview {
    /// Members whose faults wait to be told.
    pub members: u64,
    /// The same by rule; a member with two faulty rules is counted under both.
    pub rules: BTreeMap<String, u64>,
    /// The first of them.
    pub samples: Vec<Untold>,
    /// What the release names, to show that this was seen.
    pub token: String,
}

/// Members that are read at a time.
const PAGE: usize = 500;

/// Counts what a campaign's release would tell.
pub async fn preview_campaign(
    store: &Store,
    campaign: &Campaign,
    now: Timestamp,
) -> Result<CampaignPreview, StoreError> {
    let mut preview = CampaignPreview {
        members: 0,
        rules: BTreeMap::new(),
        samples: Vec::new(),
        token: String::new(),
    };
    if campaign.terms.yearly_review.is_some() {
        preview.members = campaign.members;
    }
    let mut after = None;
    loop {
        let page = store.untold(&campaign.id, after.as_deref(), PAGE);
        let (untold, next) = page.await?;
        for mut member in untold {
            member.faults.retain(|fault| is_told(campaign, fault));
            if member.faults.is_empty() {
                continue;
            }
            preview.members += 1;
            let rules = member.faults.iter().map(|fault| fault.rule.as_str());
            for rule in rules.collect::<BTreeSet<&str>>() {
                *preview.rules.entry(rule.to_owned()).or_default() += 1;
            }
            if preview.samples.len() < SAMPLES {
                preview.samples.push(member);
            }
        }
        after = next;
        if after.is_none() {
            break;
        }
    }
    let seen = Previewed {
        at: now,
        units: preview.members,
    };
    let token = PreviewToken::of_campaign(&campaign.id);
    preview.token = token.sign(store, seen).await?;
    Ok(preview)
}

/// Whether a fault is told after the release: not where its rule is only observed in the campaign.
fn is_told(campaign: &Campaign, fault: &Fault) -> bool {
    let terms = campaign.terms.rules.get(&fault.rule);
    terms.is_some_and(|terms| Level::Notify <= terms.level)
}

/// Counts what a member came to, and of a broken one each rule that broke.
pub(crate) fn count_outcome_of(
    change: &mut Change,
    campaign: &CampaignId,
    counted: CountedMember<'_>,
    member: &Member,
) {
    let Some(outcome) = member.outcome else {
        return;
    };
    count_member(change, campaign, counted, CampaignTally::Outcome(outcome));
    let rules: BTreeSet<&str> = member
        .faults
        .iter()
        .map(|fault| fault.rule.as_str())
        .collect();
    for rule in rules {
        count_member(change, campaign, counted, CampaignTally::Rule(rule));
    }
}
