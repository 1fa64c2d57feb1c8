//! A campaign (专项核查): chosen units looked at for chosen rules, at a rate, and told of only after its preview was
//! released.
//!
//! **Invariant:** what a campaign finds is told to nobody before staff released it, and a unit's outcome in it is set
//! once.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::audit::ClockName;
use crate::filing::Subject;
use crate::identifiers::IcpNumber;
use crate::ids::{CampaignId, UnitId, UserId};
use crate::notice::Channel;
use crate::rulebook::policy::Campaigns as Policy;
use crate::rulebook::{Level, Provinces};
use crate::rules::{Judges, Rule, rule};
use crate::{Text, Violation};

mod member;

pub use member::{Fault, Fresh, Member, MemberOutcome, Seen};

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
    /// How far the telling has come, from its release until nobody waits to be told.
    pub telling: Option<Telling>,
    /// Who ended it before its end.
    pub cancelled: Option<Deed>,
}

/// Who did something to a campaign, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deed {
    /// Who.
    pub by: UserId,
    /// When.
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
    /// Its units are being chosen: the place in the list after which choosing goes on.
    Choosing {
        /// The place; none at the beginning.
        after: Option<String>,
    },
    /// Its units are being looked at.
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

/// What a campaign is about, as an operator sets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Terms {
    /// Its name, as filers read it.
    pub name: String,
    /// What it rests on: instruments and articles.
    pub legal_bases: Vec<String>,
    /// Where the public reads of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_page: Option<String>,
    /// Its rules.
    pub rules: BTreeMap<String, RuleTerms>,
    /// Its units.
    pub chosen: Chosen,
    /// Looks a minute, at most.
    pub rate_per_minute: u32,
    /// What its notices go by; none means whatever notices go by.
    #[serde(default)]
    pub channels: BTreeSet<Channel>,
}

/// What a campaign makes of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RuleTerms {
    /// How far its findings may go, once the campaign is released.
    pub level: Level,
    /// Length of the rectification period in calendar days. There is no default.
    pub period_days: u32,
}

/// The units of a campaign: those of live filings that every list given here names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Chosen {
    /// Whether all are meant: then no list is given.
    pub everybody: bool,
    /// Codes of provinces.
    pub provinces: BTreeSet<String>,
    /// Account groups.
    pub labels: BTreeSet<String>,
    /// Subjects' numbers (主体备案号).
    pub numbers: BTreeSet<IcpNumber>,
}

impl Chosen {
    /// Whether a subject is meant.
    pub fn includes(&self, subject: &Subject) -> bool {
        let province = subject.details.as_ref().map(|details| &details.province);
        let named = |list: &BTreeSet<String>, value: Option<&String>| {
            list.is_empty() || value.is_some_and(|value| list.contains(value))
        };
        let number = subject.number();
        let numbered =
            self.numbers.is_empty() || number.is_some_and(|number| self.numbers.contains(number));
        named(&self.provinces, province) && named(&self.labels, subject.label.as_ref()) && numbered
    }
}

/// Longest name in characters. Source: chosen here: it stands in a list's column.
const LONGEST_NAME: usize = 60;

/// Most legal bases. Source: chosen here: what a notice could cite.
const MOST_BASES: usize = 10;

impl Terms {
    /// Everything that is wrong with the terms.
    pub fn violations(&self, provinces: &Provinces, policy: &Policy) -> Vec<Violation> {
        let mut found = Vec::new();
        let mut demand = |holds: bool, field: &str, rule: &str, zh: String, en: String| {
            if !holds {
                found.push(Violation {
                    field: field.to_owned(),
                    rule: rule.to_owned(),
                    text: Text::new(zh, en),
                    source: "campaigns".to_owned(),
                    as_of: None,
                });
            }
        };
        let name = self.name.trim().chars().count();
        demand(
            (1..=LONGEST_NAME).contains(&name),
            "/name",
            "campaign-name",
            format!("名称须为1至{LONGEST_NAME}字"),
            format!("a name of 1 to {LONGEST_NAME} characters"),
        );
        let bases = self.legal_bases.len();
        let said = self.legal_bases.iter().all(|base| !base.trim().is_empty());
        demand(
            (1..=MOST_BASES).contains(&bases) && said,
            "/legalBases",
            "campaign-legal-bases",
            format!("须列明1至{MOST_BASES}项依据"),
            format!("1 to {MOST_BASES} legal bases"),
        );
        let page = self.public_page.as_ref();
        demand(
            page.is_none_or(|page| page.starts_with("https://")),
            "/publicPage",
            "campaign-public-page",
            "公示页面须为https地址".to_owned(),
            "an https address".to_owned(),
        );
        demand(
            !self.rules.is_empty(),
            "/rules",
            "campaign-rules",
            "至少一项规则".to_owned(),
            "at least one rule".to_owned(),
        );
        for (code, terms) in &self.rules {
            let field = format!("/rules/{code}");
            let known = rule(code);
            demand(
                known.is_some(),
                &field,
                "campaign-rule-unknown",
                "没有该规则".to_owned(),
                "there is no such rule".to_owned(),
            );
            let most = known.map_or(Level::Enforce, |rule| rule.most);
            demand(
                Level::Observe <= terms.level && terms.level <= most,
                &format!("{field}/level"),
                "campaign-level",
                "级别须在observe与该规则的最高级别之间".to_owned(),
                "a level from observe to the most that the rule allows".to_owned(),
            );
            let longest = policy.longest_period_days;
            demand(
                (1..=longest).contains(&terms.period_days),
                &format!("{field}/periodDays"),
                "campaign-period",
                format!("整改期须为1至{longest}日"),
                format!("a period of 1 to {longest} days"),
            );
        }
        let clocks: BTreeSet<ClockName> = self.clocks().collect();
        demand(
            clocks.len() <= 1,
            "/rules",
            "campaign-rules-of-one-clock",
            "域名注册信息类规则须另设专项核查".to_owned(),
            "rules on registrations want a campaign of their own".to_owned(),
        );
        let most = policy.most_per_minute;
        demand(
            (1..=most).contains(&self.rate_per_minute),
            "/ratePerMinute",
            "campaign-rate",
            format!("每分钟1至{most}次"),
            format!("1 to {most} a minute"),
        );
        let chosen = &self.chosen;
        let lists =
            !chosen.provinces.is_empty() || !chosen.labels.is_empty() || !chosen.numbers.is_empty();
        demand(
            lists != chosen.everybody,
            "/chosen",
            "campaign-chosen",
            "须指定范围，或注明everybody".to_owned(),
            "lists of whom, or everybody".to_owned(),
        );
        for code in &chosen.provinces {
            demand(
                provinces.by_code(code).is_some(),
                "/chosen/provinces",
                "campaign-province-unknown",
                format!("没有省份{code}"),
                format!("there is no province {code}"),
            );
        }
        let most = usize::try_from(policy.most_numbers).unwrap_or(usize::MAX);
        demand(
            chosen.numbers.len() <= most,
            "/chosen/numbers",
            "campaign-numbers",
            format!("最多{most}个备案号"),
            format!("at most {most} numbers"),
        );
        found
    }

    /// The clock whose looks its rules read.
    pub fn clock(&self) -> ClockName {
        self.clocks().next().unwrap_or_default()
    }

    fn clocks(&self) -> impl Iterator<Item = ClockName> {
        let rules = self.rules.keys().filter_map(|code| rule(code));
        rules.map(Rule::clock)
    }

    /// Whether any of its rules judges units of this kind.
    pub fn judge(&self, unit: &UnitId) -> bool {
        let kind = match unit.service {
            None => Judges::Subject,
            Some(_) => Judges::Service,
        };
        let mut rules = self.rules.keys().filter_map(|code| rule(code));
        rules.any(|rule| rule.judges == kind)
    }

    /// What the campaign makes of a rule, where it is one of its rules.
    pub fn of(&self, rule: &Rule) -> Option<RuleTerms> {
        self.rules.get(rule.code).copied()
    }
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
            stage: Stage::Choosing { after: None },
            members: 0,
            next_at: now,
            paused: None,
            released: None,
            telling: None,
            cancelled: None,
        }
    }

    /// Whether a step is due.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.looks_at(now) || self.tells_at(now)
    }

    /// Whether a step of the choosing or looking is due.
    pub fn looks_at(&self, now: Timestamp) -> bool {
        let goes_on = match self.stage {
            Stage::Choosing { .. } | Stage::Looking(_) => true,
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
    /// | release | told from now on | told from its resumption on | released before | cancelled |
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
            Step::Release => {
                self.telling = Some(Telling {
                    pass: Pass::first(),
                    next_at: deed.at,
                });
                self.released = Some(deed);
            }
            Step::Cancel => self.cancelled = Some(deed),
        }
        Ok(self)
    }

    /// How long to wait after a walk before the next one, which makes the looks that confirm: `None` after the last.
    pub fn wait_after(pass: &Pass, policy: &Policy) -> Option<SignedDuration> {
        let at = usize::try_from(pass.number).ok()?.checked_sub(1)?;
        let hours = policy.pass_again_hours.get(at)?;
        Some(SignedDuration::from_hours(i64::from(*hours)))
    }

    /// When every unit will have been looked at once, at the campaign's rate: `None` once it has, or while it is still
    /// choosing.
    pub fn expected_end(&self, left: u64, now: Timestamp) -> Option<Timestamp> {
        match self.stage {
            Stage::Looking(_) => {
                let minutes = left.div_ceil(u64::from(self.terms.rate_per_minute.max(1)));
                let minutes = i64::try_from(minutes).unwrap_or(i64::MAX / 60);
                now.checked_add(SignedDuration::from_mins(minutes)).ok()
            }
            Stage::Choosing { .. } | Stage::Looked { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rulebook;

    fn terms() -> Terms {
        serde_json::from_value(serde_json::json!({
            "name": "2026年接入核查", "legalBases": ["33号令第十九条"],
            "rules": { "ICP-401": { "level": "notify", "periodDays": 15 } },
            "chosen": { "provinces": ["44"] }, "ratePerMinute": 60
        }))
        .unwrap()
    }

    fn broken(change: impl Fn(&mut Terms)) -> Vec<String> {
        let rulebook = Rulebook::shipped().unwrap();
        let mut terms = terms();
        change(&mut terms);
        let found = terms.violations(&rulebook.provinces, &rulebook.policy.campaigns);
        found
            .into_iter()
            .map(|one| format!("{} {}", one.field, one.rule))
            .collect()
    }

    #[test]
    fn a_campaign_says_what_it_is_about_and_leaves_no_default_to_chance() {
        assert_eq!(broken(|_| ()), [""; 0]);
        assert_eq!(
            broken(|terms| terms.name = "  ".into()),
            ["/name campaign-name"]
        );
        assert_eq!(
            broken(|terms| terms.legal_bases.clear()),
            ["/legalBases campaign-legal-bases"]
        );
        assert_eq!(
            broken(|terms| terms.public_page = Some("http://example.cn".into())),
            ["/publicPage campaign-public-page"]
        );
        assert_eq!(
            broken(|terms| terms.rules.clear()),
            ["/rules campaign-rules"]
        );
        let rule = |code: &str, level, period_days| {
            let code = code.to_owned();
            move |terms: &mut Terms| {
                terms.rules = BTreeMap::from([(code.clone(), RuleTerms { level, period_days })]);
            }
        };
        assert_eq!(
            broken(rule("ICP-999", Level::Notify, 15)),
            ["/rules/ICP-999 campaign-rule-unknown"]
        );
        assert_eq!(
            broken(rule("ICP-511", Level::Enforce, 15)),
            ["/rules/ICP-511/level campaign-level"]
        );
        assert_eq!(
            broken(rule("ICP-401", Level::Off, 0)),
            [
                "/rules/ICP-401/level campaign-level",
                "/rules/ICP-401/periodDays campaign-period"
            ]
        );
        let mixed = |terms: &mut Terms| {
            let terms_of = terms.rules["ICP-401"];
            terms.rules.insert("ICP-509".to_owned(), terms_of);
        };
        assert_eq!(broken(mixed), ["/rules campaign-rules-of-one-clock"]);
        assert_eq!(
            broken(|terms| terms.rate_per_minute = 0),
            ["/ratePerMinute campaign-rate"]
        );
        for change in [
            |terms: &mut Terms| terms.chosen = Chosen::default(),
            |terms: &mut Terms| terms.chosen.everybody = true,
        ] {
            assert_eq!(broken(change), ["/chosen campaign-chosen"]);
        }
        assert_eq!(
            broken(|terms| terms.chosen.provinces = BTreeSet::from(["99".to_owned()])),
            ["/chosen/provinces campaign-province-unknown"]
        );
    }

    #[test]
    fn a_rule_without_a_period_does_not_parse() {
        let mut value = serde_json::to_value(terms()).unwrap();
        value["rules"]["ICP-401"] = serde_json::json!({ "level": "notify" });
        assert!(serde_json::from_value::<Terms>(value).is_err());
    }

    #[test]
    fn a_campaign_is_steered_by_the_table() {
        use CampaignRefused::{Cancelled, NothingToDo, Released};
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
        use Step::{Cancel, Pause, Release, Resume};
        assert!(after(&[]).unwrap().is_due(at));
        assert!(!after(&[Pause]).unwrap().is_due(at));
        assert!(after(&[Pause, Resume]).unwrap().is_due(at));
        assert!(!after(&[Pause, Release]).unwrap().is_due(at));
        assert!(!after(&[Cancel]).unwrap().is_due(at));
        for (steps, refused) in [
            (vec![Pause, Pause], NothingToDo),
            (vec![Resume], NothingToDo),
            (vec![Release, Release], Released),
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
        assert!(looked.step(Release, deed()).unwrap().is_due(at));
    }

    #[test]
    fn the_expected_end_follows_the_rate() {
        let at: Timestamp = "2026-03-02T02:00:00Z".parse().unwrap();
        let mut campaign =
            Campaign::begun("c1".parse().unwrap(), terms(), "u1".parse().unwrap(), at);
        assert_eq!(campaign.expected_end(61, at), None);
        campaign.stage = Stage::Looking(Pass::first());
        assert_eq!(
            campaign.expected_end(61, at).unwrap().to_string(),
            "2026-03-02T02:02:00Z"
        );
    }
}
