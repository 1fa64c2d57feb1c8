//! `ICP-106` body-not-found: the register has no such body.

use super::registry_answer::answer;
use super::{Category, EVERY_KIND, Fix, Judges, Outcome, Rule, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::reports::RegistryFound;
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-106",
    name: "body-not-found",
    docs: include_str!("../../docs/rules/ICP-106.md"),
    basis: "《非经营性互联网信息服务备案管理办法》第七条",
    source: "answer of the register (form or bulk file)",
    category: Category::SubjectInformation,
    judges: Judges::Subject,
    kinds: EVERY_KIND,
    natures: Natures::Organisations,
    brought_by: BroughtBy::Files,
    needs: &[],
    fix: Fix::ChangeFiling,
    most: Level::Enforce,
    fault: || Text::new("登记机关查无此主体", "the register has no such body"),
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    let outcome = match answer(sight) {
        Err(outcome) => outcome,
        Ok(report) => match report.found {
            RegistryFound::Body(_) => Outcome::Kept,
            RegistryFound::Nothing => Outcome::Broken(Text::new(
                format!("{}于{}查无结果", report.source, report.as_of),
                format!("{} had nothing on {}", report.source, report.as_of),
            )),
        },
    };
    vec![(Object::Subject, outcome)]
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rules::testing::{Scene, check};

    #[test]
    fn a_register_that_has_nothing_is_told() {
        let scene = Scene::default();
        check(
            &super::RULE,
            &scene.registered(|_| {}),
            &expect!["subject: kept"],
        );
        check(
            &super::RULE,
            &scene.not_in_register(),
            &expect!["subject: broken: 公示系统 had nothing on 2026-02-01"],
        );
    }
}
