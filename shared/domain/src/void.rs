//! A void (核查作废): findings that were wrong are taken back together, by two people, after a dry run.
//!
//! **Invariant:** what a bureau demanded is not ours to void, nor what is with the bureau already.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Text;
use crate::finding::{Finding, FindingState};
use crate::ids::{CampaignId, CaseId, FindingId, UserId, VantageId, VoidId};
use crate::rules::rule;
use crate::violation::Violation;

/// Which findings, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VoidTerms {
    /// Of this rule.
    #[serde(default)]
    pub rule: Option<String>,
    /// That this campaign found.
    #[serde(default)]
    pub campaign: Option<CampaignId>,
    /// That rest on a look from here.
    #[serde(default)]
    pub vantage: Option<VantageId>,
    /// That joined their cases from then on.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub from: Option<Timestamp>,
    /// And before.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub until: Option<Timestamp>,
    /// Why they were wrong; it stands in the history of each filing.
    pub reason: String,
}

impl VoidTerms {
    /// What is wrong with it: everything at once.
    pub fn violations(&self) -> Vec<Violation> {
        let mut found = Vec::new();
        let mut broken = |field: &str, rule: &str, zh: &str, en: &str| {
            found.push(Violation::ours(field, rule, Text::new(zh, en)));
        };
        if self.rule.is_none() && self.campaign.is_none() && self.vantage.is_none() {
            broken(
                "",
                "field-missing",
                "须指定规则、专项核查或观测点之一",
                "name a rule, a campaign or a vantage",
            );
        }
        if self.rule.as_ref().is_some_and(|code| rule(code).is_none()) {
            broken(
                "/rule",
                "rule-unknown",
                "没有该规则",
                "there is no such rule",
            );
        }
        if self
            .from
            .zip(self.until)
            .is_some_and(|(from, until)| until <= from)
        {
            broken(
                "/until",
                "until-before-from",
                "截止时间须晚于开始时间",
                "the interval ends after it begins",
            );
        }
        found
    }

    /// Whether it is about a finding that is not closed. `seen_from` tells from where the looks were made that the
    /// finding rests on.
    pub fn covers(&self, finding: &Finding, seen_from: &[VantageId]) -> bool {
        let of_vantage = self.vantage.as_ref().is_none_or(|vantage| {
            let looks = looks_of(&finding.state);
            seen_from.contains(vantage) || looks.contains(&vantage)
        });
        of_vantage && self.may_cover(finding)
    }

    /// The same without asking from where looks were made: what is held until the walk comes to it.
    pub fn may_cover(&self, finding: &Finding) -> bool {
        let joined = finding.joined_at;
        let in_interval = self.from.is_none_or(|from| from <= joined)
            && self.until.is_none_or(|until| joined < until);
        let of_rule = self.rule.as_ref().is_none_or(|code| *code == finding.rule);
        let of_campaign = self.campaign.is_none() || self.campaign == finding.campaign;
        let is_ours = finding.demand.is_none() && !finding.state.is_closed();
        is_ours && in_interval && of_rule && of_campaign
    }
}

/// From where the last looks were made that found it broken.
fn looks_of(state: &FindingState) -> Vec<&VantageId> {
    match state {
        FindingState::LastLook { broken, .. } => broken.iter().map(|look| &look.vantage).collect(),
        FindingState::Condemned(condemned) => {
            condemned.looks.iter().map(|look| &look.vantage).collect()
        }
        FindingState::Open
        | FindingState::Stopping { .. }
        | FindingState::Stopped { .. }
        | FindingState::Moving { .. }
        | FindingState::Reported { .. }
        | FindingState::Closed { .. } => Vec::new(),
    }
}

/// A void, and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Void {
    /// Its id.
    pub id: VoidId,
    /// Which findings, and why.
    pub terms: VoidTerms,
    /// When it was proposed.
    pub proposed_at: Timestamp,
    /// By whom.
    pub proposed_by: UserId,
    /// Where it stands.
    pub stage: VoidStage,
    /// What the dry run counted.
    pub counted: VoidCounts,
    /// What was voided.
    pub voided: VoidCounts,
    /// Some of what the dry run counted, to look at.
    pub samples: Vec<VoidSample>,
    /// How far the walk over the open cases has come.
    pub walk: Option<VoidWalk>,
}

/// A finding that the dry run counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VoidSample {
    /// Its case.
    pub case: CaseId,
    /// The finding.
    pub finding: FindingId,
    /// Its rule.
    pub rule: String,
    /// The state's name.
    pub state: String,
}

/// Where a void stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "stage")]
pub enum VoidStage {
    /// The dry run is under way.
    Counting,
    /// It is done, and a second person has to confirm.
    Counted,
    /// Confirmed: findings are voided.
    #[serde(rename_all = "camelCase")]
    Voiding {
        /// By whom.
        confirmed_by: UserId,
        /// When.
        #[schema(value_type = String)]
        confirmed_at: Timestamp,
    },
    /// Over.
    #[serde(rename_all = "camelCase")]
    Done {
        /// Who confirmed it.
        confirmed_by: UserId,
        /// When the last was voided.
        #[schema(value_type = String)]
        done_at: Timestamp,
    },
}

/// Findings by what becomes of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VoidCounts {
    /// Findings in their period: closed.
    pub open: u64,
    /// Findings in their last looks or condemned: closed.
    pub condemned: u64,
    /// Findings on which access was stopped, or is being: it is given back.
    pub stopped: u64,
    /// Findings whose stop is with the bureau, or is being given back: left as they are, for people.
    pub left: u64,
    /// Cases.
    pub cases: u64,
    /// Cases that could not be read: an alarm tells of each.
    pub unreadable: u64,
}

impl VoidCounts {
    /// Counts a finding by its state before.
    pub fn count(&mut self, state: &FindingState) {
        let of = match state {
            FindingState::Open => &mut self.open,
            FindingState::LastLook { .. } | FindingState::Condemned { .. } => &mut self.condemned,
            FindingState::Stopping { .. } | FindingState::Stopped { .. } => &mut self.stopped,
            FindingState::Moving { .. } | FindingState::Reported { .. } => &mut self.left,
            FindingState::Closed { .. } => return,
        };
        *of += 1;
    }
}

impl std::ops::AddAssign for VoidCounts {
    fn add_assign(&mut self, other: Self) {
        self.open += other.open;
        self.condemned += other.condemned;
        self.stopped += other.stopped;
        self.left += other.left;
        self.cases += other.cases;
        self.unreadable += other.unreadable;
    }
}

/// How far a walk over the open cases has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VoidWalk {
    /// Which of the lists that open cases stand on.
    pub list: usize,
    /// Where its next page begins.
    pub after: Option<String>,
    /// Whether this round over all lists found something: a case may move to a list that was walked.
    pub found: bool,
}

/// Why a void is not confirmed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VoidRefused {
    /// The dry run is under way, or it was confirmed before.
    #[error("only a void whose dry run is over is confirmed, and once")]
    Stage,
    /// Whoever proposed it does not confirm it.
    #[error("a second person confirms a void")]
    SamePerson,
}

impl Void {
    /// A void whose dry run begins. What is found from now on is not meant.
    pub fn proposed(id: VoidId, mut terms: VoidTerms, by: UserId, now: Timestamp) -> Self {
        terms.until = Some(terms.until.map_or(now, |until| until.min(now)));
        Self {
            id,
            terms,
            proposed_at: now,
            proposed_by: by,
            stage: VoidStage::Counting,
            counted: VoidCounts::default(),
            voided: VoidCounts::default(),
            samples: Vec::new(),
            walk: Some(VoidWalk::default()),
        }
    }

    /// The void as a second person confirms it.
    pub fn confirmed(self, by: UserId, now: Timestamp) -> Result<Self, VoidRefused> {
        match self.stage {
            VoidStage::Counted if self.proposed_by == by => Err(VoidRefused::SamePerson),
            VoidStage::Counted => Ok(Self {
                stage: VoidStage::Voiding {
                    confirmed_by: by,
                    confirmed_at: now,
                },
                walk: Some(VoidWalk::default()),
                ..self
            }),
            VoidStage::Counting | VoidStage::Voiding { .. } | VoidStage::Done { .. } => {
                Err(VoidRefused::Stage)
            }
        }
    }

    /// The void after the last page of its walk.
    #[must_use]
    pub fn walked(self, now: Timestamp) -> Self {
        let stage = match self.stage {
            VoidStage::Counting => VoidStage::Counted,
            VoidStage::Voiding { confirmed_by, .. } => VoidStage::Done {
                confirmed_by,
                done_at: now,
            },
            stage @ (VoidStage::Counted | VoidStage::Done { .. }) => stage,
        };
        Self {
            stage,
            walk: None,
            ..self
        }
    }

    /// Whoever confirmed it, while it is carried out.
    pub fn voiding(&self) -> Option<&UserId> {
        match &self.stage {
            VoidStage::Voiding { confirmed_by, .. } => Some(confirmed_by),
            VoidStage::Counting | VoidStage::Counted | VoidStage::Done { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::testing::finding;

    fn terms(json: &str) -> VoidTerms {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_void_names_what_it_is_about() {
        for (json, expected) in [
            (r#"{"reason":"r"}"#, vec!["field-missing"]),
            (r#"{"rule":"ICP-999","reason":"r"}"#, vec!["rule-unknown"]),
            (r#"{"rule":"ICP-402","reason":"r"}"#, vec![]),
            (
                r#"{"vantage":"v1","from":"2026-03-02T00:00:00Z","until":"2026-03-02T00:00:00Z","reason":"r"}"#,
                vec!["until-before-from"],
            ),
        ] {
            let rules: Vec<String> = terms(json)
                .violations()
                .into_iter()
                .map(|v| v.rule)
                .collect();
            assert_eq!(rules, expected, "{json}");
        }
    }

    #[test]
    fn a_void_covers_what_all_of_its_terms_name() {
        // The finding of these tests is of ICP-402 and joined on 2 March at 02:00 UTC.
        let seen = ["v1".parse().unwrap()];
        for (json, expected) in [
            (r#"{"rule":"ICP-402","reason":"r"}"#, true),
            (r#"{"rule":"ICP-401","reason":"r"}"#, false),
            (r#"{"vantage":"v1","reason":"r"}"#, true),
            (r#"{"vantage":"v2","reason":"r"}"#, false),
            (r#"{"rule":"ICP-402","vantage":"v2","reason":"r"}"#, false),
            (r#"{"campaign":"c1","reason":"r"}"#, false),
            (
                r#"{"rule":"ICP-402","from":"2026-03-02T02:00:00Z","reason":"r"}"#,
                true,
            ),
            (
                r#"{"rule":"ICP-402","until":"2026-03-02T02:00:00Z","reason":"r"}"#,
                false,
            ),
        ] {
            assert_eq!(terms(json).covers(&finding(), &seen), expected, "{json}");
        }
    }
}
