//! What a campaign is about: its rules and what it makes of them, its units, its rate.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::YearlyReview;
use crate::audit::ClockName;
use crate::filing::Subject;
use crate::identifiers::IcpNumber;
use crate::ids::UnitId;
use crate::notice::Channel;
use crate::rulebook::policy::{Campaigns as Policy, Policy as WholePolicy};
use crate::rulebook::{Level, Provinces, Rulebook};
use crate::rules::{Judges, Rule, rule};
use crate::{Text, Violation};

/// What a campaign is about, as an operator sets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = CampaignTerms)]
pub struct Terms {
    /// Its name, as filers read it.
    pub name: String,
    /// What it rests on: instruments and articles.
    pub legal_bases: Vec<String>,
    /// Where the public reads of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_page: Option<String>,
    /// Its rules; a yearly review has none.
    #[serde(default)]
    pub rules: BTreeMap<String, RuleTerms>,
    /// Of a yearly review, what it asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yearly_review: Option<YearlyReview>,
    /// Its units.
    pub chosen: Chosen,
    /// Looks a minute, at most.
    pub rate_per_minute: u32,
    /// What its notices go by; none means whatever notices go by.
    #[serde(default)]
    #[schema(value_type = Vec<Channel>)]
    pub channels: BTreeSet<Channel>,
}

/// What a campaign makes of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RuleTerms {
    /// How far its findings may go, once the campaign is released.
    pub level: Level,
    /// Length of the rectification period in calendar days. There is no default.
    pub period_days: u32,
}

/// The units of a campaign: those of live filings that every list given here names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Chosen {
    /// Whether all are meant: then no list is given.
    pub everybody: bool,
    /// Codes of provinces.
    #[schema(value_type = Vec<String>)]
    pub provinces: BTreeSet<String>,
    /// Account groups.
    #[schema(value_type = Vec<String>)]
    pub labels: BTreeSet<String>,
    /// Subjects' numbers (主体备案号).
    #[schema(value_type = Vec<IcpNumber>)]
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

/// Demands that do not hold.
#[derive(Default)]
struct Demands(Vec<Violation>);

impl Demands {
    fn demand(&mut self, holds: bool, field: &str, rule: &str, zh: String, en: String) {
        if !holds {
            self.0.push(Violation {
                field: field.to_owned(),
                rule: rule.to_owned(),
                text: Text::new(zh, en),
                source: "campaigns".to_owned(),
                as_of: None,
            });
        }
    }
}

impl Terms {
    /// Everything that is wrong with the terms.
    pub fn violations(&self, rulebook: &Rulebook) -> Vec<Violation> {
        let policy = &rulebook.policy.campaigns;
        let mut demands = Demands::default();
        self.about(&mut demands, &rulebook.policy);
        self.of_rules(&mut demands, policy);
        self.of_units(&mut demands, &rulebook.provinces, policy);
        demands.0
    }

    /// What it is called and rests on, and how fast it goes.
    fn about(&self, demands: &mut Demands, policy: &WholePolicy) {
        let name = self.name.trim().chars().count();
        demands.demand(
            (1..=LONGEST_NAME).contains(&name),
            "/name",
            "campaign-name",
            format!("名称须为1至{LONGEST_NAME}字"),
            format!("a name of 1 to {LONGEST_NAME} characters"),
        );
        let bases = self.legal_bases.len();
        let said = self.legal_bases.iter().all(|base| !base.trim().is_empty());
        demands.demand(
            (1..=MOST_BASES).contains(&bases) && said,
            "/legalBases",
            "campaign-legal-bases",
            format!("须列明1至{MOST_BASES}项依据"),
            format!("1 to {MOST_BASES} legal bases"),
        );
        let page = self.public_page.as_ref();
        demands.demand(
            page.is_none_or(|page| page.starts_with("https://")),
            "/publicPage",
            "campaign-public-page",
            "公示页面须为https地址".to_owned(),
            "an https address".to_owned(),
        );
        // A registry is asked no more often than it likes, and the regular looks want their part of that.
        let most = match self.clock() {
            ClockName::Audit if self.yearly_review.is_some() => YearlyReview::MOST_PER_MINUTE,
            ClockName::Audit => policy.campaigns.most_per_minute,
            ClockName::Holder => (policy.audits.registry_asks_per_minute / 2).max(1),
        };
        demands.demand(
            (1..=most).contains(&self.rate_per_minute),
            "/ratePerMinute",
            "campaign-rate",
            format!("每分钟1至{most}次"),
            format!("1 to {most} a minute"),
        );
    }

    fn of_rules(&self, demands: &mut Demands, policy: &Policy) {
        demands.demand(
            self.rules.is_empty() == self.yearly_review.is_some(),
            "/rules",
            "campaign-rules",
            "须列明至少一项规则，年审则不列规则".to_owned(),
            "at least one rule, or none where it is a yearly review".to_owned(),
        );
        let longest = policy.longest_period_days;
        let review = self.yearly_review;
        demands.demand(
            review.is_none_or(|review| (1..=longest).contains(&review.answer_days)),
            "/yearlyReview/answerDays",
            "campaign-answer-days",
            format!("答复期须为1至{longest}日"),
            format!("1 to {longest} days to answer"),
        );
        for (code, terms) in &self.rules {
            let field = format!("/rules/{code}");
            let known = rule(code);
            demands.demand(
                known.is_some(),
                &field,
                "campaign-rule-unknown",
                "没有该规则".to_owned(),
                "there is no such rule".to_owned(),
            );
            let most = known.map_or(Level::Enforce, |rule| rule.most);
            demands.demand(
                Level::Observe <= terms.level && terms.level <= most,
                &format!("{field}/level"),
                "campaign-level",
                format!("级别须为observe至{}", most.as_str()),
                format!("a level from observe to {}", most.as_str()),
            );
            demands.demand(
                (1..=longest).contains(&terms.period_days),
                &format!("{field}/periodDays"),
                "campaign-period",
                format!("整改期须为1至{longest}日"),
                format!("a period of 1 to {longest} days"),
            );
        }
        let clocks: BTreeSet<ClockName> = self.clocks().collect();
        demands.demand(
            clocks.len() <= 1,
            "/rules",
            "campaign-rules-of-one-clock",
            "域名注册信息类规则须另设专项核查".to_owned(),
            "rules on registrations want a campaign of their own".to_owned(),
        );
    }

    fn of_units(&self, demands: &mut Demands, provinces: &Provinces, policy: &Policy) {
        let chosen = &self.chosen;
        let lists =
            !chosen.provinces.is_empty() || !chosen.labels.is_empty() || !chosen.numbers.is_empty();
        demands.demand(
            lists != chosen.everybody,
            "/chosen",
            "campaign-chosen",
            "须指定范围，或注明everybody".to_owned(),
            "lists of whom, or everybody".to_owned(),
        );
        for code in &chosen.provinces {
            demands.demand(
                provinces.by_code(code).is_some(),
                "/chosen/provinces",
                "campaign-province-unknown",
                format!("没有省份{code}"),
                format!("there is no province {code}"),
            );
        }
        let most = usize::try_from(policy.most_numbers).unwrap_or(usize::MAX);
        demands.demand(
            chosen.numbers.len() <= most,
            "/chosen/numbers",
            "campaign-numbers",
            format!("最多{most}个备案号"),
            format!("at most {most} numbers"),
        );
    }

    /// The clock whose looks its rules read.
    pub fn clock(&self) -> ClockName {
        self.clocks().next().unwrap_or_default()
    }

    fn clocks(&self) -> impl Iterator<Item = ClockName> {
        let rules = self.rules.keys().filter_map(|code| rule(code));
        rules.map(Rule::clock)
    }

    /// Whether it is about units of this kind: a yearly review asks once for a whole filing, and an audit looks where
    /// any of its rules judges.
    pub fn concern(&self, unit: &UnitId) -> bool {
        if self.yearly_review.is_some() {
            return unit.service.is_none();
        }
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

    fn broken(change: impl Fn(&mut Terms)) -> Vec<String> {
        let rulebook = Rulebook::shipped().unwrap();
        let mut terms = terms();
        change(&mut terms);
        let found = terms.violations(&rulebook);
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
            [
                "/ratePerMinute campaign-rate",
                "/rules/ICP-511/level campaign-level"
            ]
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
        let of_registrations = |rate| {
            move |terms: &mut Terms| {
                let of = terms.rules["ICP-401"];
                terms.rules = BTreeMap::from([("ICP-509".to_owned(), of)]);
                terms.rate_per_minute = rate;
            }
        };
        assert_eq!(broken(of_registrations(15)), [""; 0]);
        assert_eq!(
            broken(of_registrations(16)),
            ["/ratePerMinute campaign-rate"]
        );
        let review = |answer_days| {
            move |terms: &mut Terms| {
                terms.rules.clear();
                terms.yearly_review = Some(YearlyReview { answer_days });
            }
        };
        assert_eq!(broken(review(30)), [""; 0]);
        assert_eq!(
            broken(review(0)),
            ["/yearlyReview/answerDays campaign-answer-days"]
        );
        assert_eq!(
            broken(|terms| terms.yearly_review = Some(YearlyReview { answer_days: 30 })),
            ["/rules campaign-rules"]
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
}
