//! What a check that somebody asks for says of each rule, in words that say what to do.
//!
//! **Invariant:** nothing follows from it: no finding, no clock, no case is made of what stands here.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub mod public;

use crate::Text;
use crate::finding::Object;
use crate::rulebook::Level;
use crate::rules::{Fix, NotApplicable, Outcome, Rule};

/// What a rule says of an object, as a check keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Said {
    /// The rule's code.
    pub rule: String,
    /// What it speaks of.
    pub object: Object,
    /// What it says.
    pub says: Says,
    /// What was seen, or why nothing was decided; none where all is as it must be.
    pub seen: Option<Text>,
    /// How far a finding of it would go now; none where a check is of no filing.
    pub level: Option<Level>,
}

/// An outcome without what it rests on.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Says {
    /// Not as it must be.
    Broken,
    /// A machine is unsure, and people would look.
    ForPeople,
    /// It could not be seen; never held against the filer.
    Undecided,
    /// As it must be.
    Kept,
    /// The rule does not speak of it.
    NotApplicable,
}

impl Said {
    /// What an outcome says, at a level.
    pub fn of(rule: &Rule, object: &Object, outcome: &Outcome, level: Option<Level>) -> Self {
        let (says, seen) = match outcome {
            Outcome::Kept => (Says::Kept, None),
            Outcome::Broken(basis) | Outcome::BrokenByPeople(basis) => {
                (Says::Broken, Some(basis.clone()))
            }
            Outcome::ForPeople(basis) => (Says::ForPeople, Some(basis.clone())),
            Outcome::Undecided(why) => (Says::Undecided, Some(why.text())),
            Outcome::NotApplicable(why) => (Says::NotApplicable, Some(silent_because(*why))),
        };
        Self {
            rule: rule.code.to_owned(),
            object: object.clone(),
            says,
            seen,
            level,
        }
    }

    /// The same in one plain sentence, given the fault that the rule names.
    pub fn sentence(&self, fault: &Text) -> Text {
        let seen = self.seen.clone().unwrap_or_else(|| Text::new("", ""));
        let (zh, en) = (&fault.zh, &fault.en);
        let (zh_seen, en_seen) = (&seen.zh, &seen.en);
        match self.says {
            Says::Broken => Text::new(
                format!("不合格：{zh}（{zh_seen}）。"),
                format!("Not as it must be: {en} ({en_seen})."),
            ),
            Says::ForPeople => Text::new(
                format!("须由人工判断是否“{zh}”（{zh_seen}）。"),
                format!("People would judge whether {en} ({en_seen})."),
            ),
            Says::Undecided => Text::new(
                format!("未能判定是否“{zh}”（{zh_seen}），不计为不合格。"),
                format!("It could not be seen whether {en} ({en_seen}); it counts for nothing."),
            ),
            Says::Kept => Text::new(
                format!("合格：未发现“{zh}”。"),
                format!("As it must be: it was not found that {en}."),
            ),
            Says::NotApplicable => Text::new(
                format!("不适用“{zh}”（{zh_seen}）。"),
                format!("Not applicable: whether {en} ({en_seen})."),
            ),
        }
    }

    /// What to do about it: of what is broken, and of what people would judge.
    pub fn to_do(&self, fix: Fix) -> Option<Text> {
        match self.says {
            Says::Broken => Some(fix.text()),
            Says::ForPeople => {
                let fix = fix.text();
                Some(Text::new(
                    format!("请自行核对；如确有此问题：{}", fix.zh),
                    format!("compare it yourself; if it is so: {}", fix.en),
                ))
            }
            Says::Undecided => Some(Text::new("请稍后再次自查", "check again in a while")),
            Says::Kept | Says::NotApplicable => None,
        }
    }

    /// What would follow now if audits found the same.
    pub fn consequences(&self) -> Option<Text> {
        let (Says::Broken, Some(level)) = (self.says, self.level) else {
            return None;
        };
        Some(match level {
            Level::Off => Text::new(
                "目前不核查此项，没有后果",
                "nothing: this is not audited now",
            ),
            Level::Observe => Text::new(
                "目前此项只作统计，没有后果",
                "nothing: this is only counted now",
            ),
            Level::Notify => Text::new(
                "经核查确认后将通知限期整改，不停止接入",
                "once an audit confirms it, a notice with a deadline; access is not stopped for it",
            ),
            Level::Enforce => Text::new(
                "经核查确认后将通知限期整改，逾期可能停止接入",
                "once an audit confirms it, a notice with a deadline, after which access may be stopped",
            ),
        })
    }
}

/// Why a rule does not speak of an object, for whoever asked.
fn silent_because(why: NotApplicable) -> Text {
    let (zh, en) = match why {
        NotApplicable::NoBaseline => ("备案中没有此项信息", "the filing does not say it"),
        NotApplicable::Exempt => ("已获豁免", "it is exempt for now"),
        NotApplicable::NoHomePage => ("未填报首页网址", "no public home page is declared"),
        NotApplicable::OtherRule => ("由另一项规则判断", "another rule speaks of it"),
        NotApplicable::Nature => (
            "不涉及该单位性质",
            "it is not about subjects of this nature",
        ),
        NotApplicable::Kind => ("不涉及该服务类型", "it is not about services of this kind"),
        NotApplicable::Silent => ("没有相应要求", "nothing demands it"),
        NotApplicable::NotLookedUp => ("此次未查看", "it was not looked up"),
        NotApplicable::MayBeClosed => (
            "所在省份允许网站关闭",
            "the province lets the site be closed",
        ),
        NotApplicable::TooEarly => ("期限未到", "the duty has not begun"),
        NotApplicable::NotLive => ("目前未接入", "access is not given now"),
    };
    Text::new(zh, en)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::look::Failure;
    use crate::rules::{Undecided, rule};

    fn check(outcome: &Outcome, level: Level, expect: &Expect) {
        let rule = rule("ICP-401").unwrap();
        let said = Said::of(rule, &Object::Service, outcome, Some(level));
        let told = [
            Some(said.sentence(&(rule.fault)())),
            said.to_do(rule.fix),
            said.consequences(),
        ];
        let lines: Vec<String> = told
            .into_iter()
            .flatten()
            .map(|text| format!("{}\n{}", text.zh, text.en))
            .collect();
        expect.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn what_is_broken_says_what_was_seen_what_to_do_and_what_follows() {
        let broken = Outcome::Broken(Text::new("查询了2个名称", "2 names were asked for"));
        check(
            &broken,
            Level::Enforce,
            &expect![[r#"
            不合格：备案域名均无解析（查询了2个名称）。
            Not as it must be: no name of the service resolves (2 names were asked for).
            将域名解析到本服务商为该备案提供的服务器
            point the domain at the server that the filing rests on
            经核查确认后将通知限期整改，逾期可能停止接入
            once an audit confirms it, a notice with a deadline, after which access may be stopped"#]],
        );
        for (level, follows) in [
            (Level::Off, "nothing: this is not audited now"),
            (Level::Observe, "nothing: this is only counted now"),
        ] {
            let rule = rule("ICP-401").unwrap();
            let said = Said::of(rule, &Object::Service, &broken, Some(level));
            assert_eq!(said.consequences().unwrap().en, follows);
        }
    }

    #[test]
    fn what_is_kept_unseen_doubtful_or_not_meant_has_no_consequences() {
        let doubt = Outcome::ForPeople(Text::new("标题为“首页”", "the title is \"首页\""));
        check(
            &doubt,
            Level::Enforce,
            &expect![[r#"
            须由人工判断是否“备案域名均无解析”（标题为“首页”）。
            People would judge whether no name of the service resolves (the title is "首页").
            请自行核对；如确有此问题：将域名解析到本服务商为该备案提供的服务器
            compare it yourself; if it is so: point the domain at the server that the filing rests on"#]],
        );
        let failed = Undecided::LookFailed(Failure::TimedOut);
        check(
            &Outcome::Undecided(failed),
            Level::Enforce,
            &expect![[r#"
                未能判定是否“备案域名均无解析”（未能看清：对方未在规定时间内应答），不计为不合格。
                It could not be seen whether no name of the service resolves (the look failed: there was no answer in time); it counts for nothing.
                请稍后再次自查
                check again in a while"#]],
        );
        check(
            &Outcome::Kept,
            Level::Enforce,
            &expect![[r#"
            合格：未发现“备案域名均无解析”。
            As it must be: it was not found that no name of the service resolves."#]],
        );
        let silent = Outcome::NotApplicable(NotApplicable::NotLive);
        check(
            &silent,
            Level::Enforce,
            &expect![[r#"
            不适用“备案域名均无解析”（目前未接入）。
            Not applicable: whether no name of the service resolves (access is not given now)."#]],
        );
    }

    #[test]
    fn what_was_said_is_kept_in_this_form() {
        let rule = rule("ICP-401").unwrap();
        let kept = Said::of(rule, &Object::Service, &Outcome::Kept, Some(Level::Notify));
        let json = serde_json::to_string(&kept).unwrap();
        expect![[r#"{"rule":"ICP-401","object":{"kind":"service"},"says":"kept","seen":null,"level":"notify"}"#]].assert_eq(&json);
        assert_eq!(serde_json::from_str::<Said>(&json).unwrap(), kept);
    }
}
