//! `ICP-105` name-not-registered: the subject's name is not the registered one.

use super::registry_answer::body;
use super::{Category, EVERY_KIND, Fix, Judges, NotApplicable, Outcome, Rule, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::names::{differ_in_one, is_same_name};
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-105",
    name: "name-not-registered",
    docs: include_str!("../../docs/rules/ICP-105.md"),
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
    fault: || {
        Text::new(
            "主办单位名称与登记机关不一致",
            "the subject's name is not the registered one",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    let outcome = match (sight.details(), body(sight)) {
        (None, _) => Outcome::NotApplicable(NotApplicable::NoBaseline),
        (_, Err(outcome)) => outcome,
        (Some(details), Ok(body)) => {
            let (filed, registered) = (details.name.reveal(), body.name.reveal());
            if is_same_name(filed, registered) {
                Outcome::Kept
            } else if differ_in_one(filed, registered) {
                Outcome::ForPeople(Text::new(
                    "与登记名称相差一个字",
                    "one character differs from the registered name",
                ))
            } else if body
                .former_names
                .iter()
                .any(|name| is_same_name(name, filed))
            {
                Outcome::Broken(Text::new(
                    "备案名称为登记机关记载的曾用名",
                    "the filed name is a former one by the register",
                ))
            } else {
                Outcome::Broken(Text::new(
                    "备案名称与登记名称不同",
                    "the register has another name",
                ))
            }
        }
    };
    vec![(Object::Subject, outcome)]
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::personal::Personal;
    use crate::rules::testing::{Scene, check};

    #[test]
    fn the_registered_name_is_compared_as_registers_write_it() {
        let scene = Scene::default();
        check(
            &super::RULE,
            &scene,
            &expect!["subject: not applicable: NoBaseline"],
        );
        let named = |name: &str| scene.registered(|body| body.name = Personal::new(name.into()));
        check(&super::RULE, &named("示例 公司"), &expect!["subject: kept"]);
        check(
            &super::RULE,
            &named("示列公司"),
            &expect!["subject: for people: one character differs from the registered name"],
        );
        check(
            &super::RULE,
            &named("某某集团"),
            &expect!["subject: broken: the register has another name"],
        );
        let former = scene.registered(|body| {
            body.name = Personal::new("新示例集团".into());
            body.former_names = vec!["示例公司".into()];
        });
        check(
            &super::RULE,
            &former,
            &expect!["subject: broken: the filed name is a former one by the register"],
        );
        check(
            &super::RULE,
            &scene.registered_on("2025-09-02"),
            &expect!["subject: undecided: ReportStale"],
        );
    }
}
