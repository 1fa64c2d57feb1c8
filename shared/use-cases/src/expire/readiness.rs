//! Whether a condemned finding may be stopped now.
//!
//! **Invariant:** nothing is stopped on what was read before the tick: levels and brake are those of
//! the row that every stop's commit rests on, and what rows bring is judged anew on the filing as read.

use std::collections::BTreeMap;

use icp_domain::Rulebook;
use icp_domain::audit::ClockName;
use icp_domain::brake::{in_stop_window, next_stop_window};
use icp_domain::filing::LinkState;
use icp_domain::finding::{
    BrokenLook, BroughtBy, Condemned, Finding, FindingState, Hold, hold, next_morning,
};
use icp_domain::ids::{CampaignId, LookId, UnitId, VoidId};
use icp_domain::look::{Evidence, FactsRevisions, Look, Plan, Purpose};
use icp_domain::reports::DecisionSays;
use icp_domain::rulebook::calendar::local_date;
use icp_domain::rulebook::{BrakeMode, Level};
use icp_domain::rules::{Outcome, Sight, judge, rule};
use icp_domain::void::VoidTerms;
use icp_store::records::{Levels, StoredBrake, StoredCase, StoredFiling};
use icp_store::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};

/// What a tick goes by: the brake's row, the levels, and the rules that may stop by themselves. Read
/// once; whoever changes a level writes the brake's row too.
pub struct Terms {
    pub(super) brake: StoredBrake,
    levels: Levels,
    precise: BTreeMap<String, bool>,
    cancelled: BTreeMap<CampaignId, bool>,
    voids: Vec<VoidTerms>,
}

/// Whether a finding may be stopped now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Readiness {
    /// It may.
    Ready,
    /// It may not, and is looked at again then.
    PutOff(Timestamp),
    /// What condemned it is too old, or no longer so: a newer look decides.
    LookAgain,
    /// It would be, were it not a dry run.
    WouldStop,
}

impl Terms {
    /// Reads the terms of a tick.
    pub async fn read(store: &Store, rulebook: &Rulebook) -> Result<Self, StoreError> {
        let brake = store.brake(rulebook).await?;
        let mut voids = Vec::new();
        for id in &brake.brake.voids {
            let stored = store.void(id).await?;
            let under_way = stored.filter(|stored| stored.void.voiding().is_some());
            voids.extend(under_way.map(|stored| stored.void.terms));
        }
        Ok(Self {
            brake,
            voids,
            levels: store.levels().await?.levels,
            precise: BTreeMap::new(),
            cancelled: BTreeMap::new(),
        })
    }

    /// The voids that are under way.
    pub fn voids(&self) -> &[VoidId] {
        &self.brake.brake.voids
    }

    /// Learns whether the campaign that found it was cancelled, and whether its rule may stop by itself, where the
    /// brake asks for it.
    pub(super) async fn learn(
        &mut self,
        store: &Store,
        rulebook: &Rulebook,
        finding: &Finding,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(id) = &finding.campaign
            && !self.cancelled.contains_key(id)
        {
            let campaign = store.campaign(id).await?;
            let cancelled = campaign.is_none_or(|stored| stored.campaign.cancelled.is_some());
            self.cancelled.insert(id.clone(), cancelled);
        }
        let asked = self.brake.brake.mode == BrakeMode::Automatic;
        if !asked || self.precise.contains_key(&finding.rule) {
            return Ok(());
        }
        let (today, policy) = (local_date(now), &rulebook.policy.brake);
        let precision = store.precision(&finding.rule, today, policy).await?;
        let suffices = precision.suffices(today, policy);
        self.precise.insert(finding.rule.clone(), suffices);
        Ok(())
    }

    /// Whether a condemned or stopping finding may be stopped.
    pub(super) fn readiness(
        &self,
        stored: &StoredCase,
        filing: &StoredFiling,
        finding: &Finding,
        now: Timestamp,
        rulebook: &Rulebook,
    ) -> Readiness {
        let (cases, policy) = (&rulebook.policy.cases, &rulebook.policy.brake);
        let morning = next_morning(now, cases);
        let condemned = match &finding.state {
            FindingState::Condemned(condemned) => condemned,
            // What has begun is carried through: the decision was one commit.
            FindingState::Stopping { .. } => return Readiness::Ready,
            FindingState::Open
            | FindingState::LastLook { .. }
            | FindingState::Stopped { .. }
            | FindingState::Moving { .. }
            | FindingState::Reported { .. }
            | FindingState::Closed { .. } => return Readiness::PutOff(morning),
        };
        // A stop of the whole subject counts its links once, and what moves is no other finding's to stop meanwhile.
        let moves = |other: &Finding| {
            matches!(
                other.state,
                FindingState::Stopping { .. } | FindingState::Moving { .. }
            )
        };
        if stored.case.findings.iter().any(moves) {
            return Readiness::PutOff(now + BESIDE_A_WALK);
        }
        // What another finding stopped is the bureau's to hold, too: given back, it is stopped on this one.
        if finding.demand.is_some() && is_stopped(filing, &stored.case.unit) {
            let again = if finding.is_to_stop_now() {
                now + STOP_NOW_AGAIN
            } else {
                morning
            };
            return Readiness::PutOff(again);
        }
        // A bureau's order has no hour, no release and no look.
        if finding.is_to_stop_now() {
            return Readiness::Ready;
        }
        let freezes = filing.freezes_of(&stored.case.unit);
        let since = condemned.seen_since(finding.brought_by);
        let held = hold(finding, freezes, since, now, cases, &rulebook.calendar);
        let lowered = self.level(stored, filing, finding, rulebook) < Level::Enforce;
        let is_void = self.voids.iter().any(|void| void.may_cover(finding));
        if lowered
            || is_void
            || held != Hold::Never
            || finding.is_heard()
            || stored
                .case
                .is_held_by_call(finding, &filing.filing.persons, now)
            || !self.lets_go(finding, condemned)
        {
            return Readiness::PutOff(morning);
        }
        if !in_stop_window(now, policy, &rulebook.calendar) {
            return Readiness::PutOff(next_stop_window(now, policy, &rulebook.calendar));
        }
        let stands = match finding.brought_by {
            // Staff looked after the bureau's date; nothing else brings it.
            _ if finding.demand.is_some() => true,
            BroughtBy::Looks => !is_old(&condemned.looks, now, rulebook),
            BroughtBy::Rows | BroughtBy::Files => {
                rows_still_say(stored, filing, finding, now, rulebook)
            }
        };
        if !stands {
            return Readiness::LookAgain;
        }
        match self.brake.brake.mode {
            BrakeMode::DryRun => Readiness::WouldStop,
            BrakeMode::Manual | BrakeMode::Automatic | BrakeMode::Off => Readiness::Ready,
        }
    }

    /// How far a finding may go now: a campaign's as its terms say, until it is cancelled; any other as its rule's level
    /// says.
    fn level(
        &self,
        stored: &StoredCase,
        filing: &StoredFiling,
        finding: &Finding,
        rulebook: &Rulebook,
    ) -> Level {
        match &finding.campaign {
            Some(id) if self.cancelled.get(id).copied().unwrap_or(true) => Level::Off,
            Some(_) => finding.level,
            // No rule found it.
            None if finding.demand.is_some() => finding.level,
            None => {
                let unit = &stored.case.unit;
                self.levels
                    .of_unit(&finding.rule, &filing.filing, unit, rulebook)
            }
        }
    }

    /// Whether the brake lets a condemned finding go, by its release or by itself.
    fn lets_go(&self, finding: &Finding, condemned: &Condemned) -> bool {
        let brake = &self.brake.brake;
        let released = condemned
            .release
            .as_ref()
            .is_some_and(|release| brake.lets_go(release.released_at));
        let unlatched = brake.latched_at.is_none();
        match brake.mode {
            BrakeMode::Off => false,
            BrakeMode::Manual => released,
            BrakeMode::Automatic => {
                let precise = self.precise.get(&finding.rule).copied();
                released || unlatched && precise.unwrap_or_default()
            }
            BrakeMode::DryRun => released || unlatched,
        }
    }
}

/// How long access that is given back may stand against a bureau's order to stop at once, where another case gave it.
///
/// Source: chosen here, so that the weeks in which a stop may be taken back cost some hundred reads.
const STOP_NOW_AGAIN: SignedDuration = SignedDuration::from_mins(15);

/// How often a finding is asked about again while the links of its case are moved on another's account.
///
/// Source: chosen here, as long as most walks over a subject's links take.
const BESIDE_A_WALK: SignedDuration = SignedDuration::from_mins(5);

/// Whether all our access to a unit is stopped, and what was stopped may still be given back.
fn is_stopped(filing: &StoredFiling, unit: &UnitId) -> bool {
    let links = filing.filing.links.iter();
    let own = links.filter(|(id, _)| unit.service.as_ref().is_none_or(|own| own == *id));
    let mut stopped = false;
    for (_, link) in own {
        match link.state {
            LinkState::Live { .. } => return false,
            LinkState::Stopped { .. } | LinkState::Reported { .. } => stopped = true,
            LinkState::Cancelled { .. } => {}
        }
    }
    stopped
}

/// Whether the later look of a finding is too old to be stopped on.
fn is_old(looks: &[BrokenLook], now: Timestamp, rulebook: &Rulebook) -> bool {
    let oldest = now - rulebook.policy.cases.later_look_most();
    looks.last().is_none_or(|look| look.begun_at < oldest)
}

/// Whether the filing's own rows and reports, as they are now, still break the rule; or, where they decide nothing, what
/// people decided.
fn rows_still_say(
    stored: &StoredCase,
    filing: &StoredFiling,
    finding: &Finding,
    now: Timestamp,
    rulebook: &Rulebook,
) -> bool {
    let unit = &stored.case.unit;
    // What is looked at rows cannot say; of it people's word stands by itself.
    if rule(&finding.rule).is_some_and(|rule| rule.brought_by == BroughtBy::Looks) {
        let decided = filing
            .reports
            .decision(unit, &finding.rule, &finding.object, now);
        return decided.is_some_and(|decision| decision.says == DecisionSays::Broken);
    }
    let look = Look {
        id: LookId::derived("rows", &[finding.id.as_str()]),
        unit: unit.clone(),
        purpose: Purpose::LastLook,
        campaign: None,
        check: None,
        clock: ClockName::Audit,
        due: now,
        facts_revisions: FactsRevisions {
            subject: 0,
            unit: 0,
        },
        plan: Plan::of_rows(rulebook.vantages.in_turn(0, &[])),
    };
    let evidence = Evidence {
        look,
        begun_at: now,
        names: Vec::new(),
        home_page: None,
        control_answered: false,
        registrations: Vec::new(),
        txt: None,
    };
    let outcomes = judge(&Sight {
        unit,
        filing: &filing.filing,
        evidence: &evidence,
        reports: &filing.reports,
        rulebook,
        at: now,
    });
    outcomes.iter().any(|(rule, object, outcome)| {
        rule.code == finding.rule
            && *object == finding.object
            && matches!(outcome, Outcome::Broken(_) | Outcome::BrokenByPeople(_))
    })
}
