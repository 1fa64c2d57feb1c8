//! `ICP-306` form-filled-in-wrongly: a form is filled in wrongly, or lacks a seal or signature.

use super::people::of_materials;
use super::{Category, EVERY_KIND, Fix, Judges, Outcome, Rule, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::reports::MaterialSays;
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-306",
    name: "form-filled-in-wrongly",
    docs: include_str!("../../docs/rules/ICP-306.md"),
    basis: "工信部电管〔2010〕64号",
    source: "staff, OCR, face comparison",
    category: Category::Materials,
    judges: Judges::Subject,
    kinds: EVERY_KIND,
    natures: Natures::All,
    brought_by: BroughtBy::Files,
    needs: &[],
    fix: Fix::ChangeFiling,
    most: Level::Enforce,
    fault: || {
        Text::new(
            "核验单填写有误或签章缺失",
            "a form is filled in wrongly, or lacks a seal or signature",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    of_materials(sight, MaterialSays::FilledInWrongly, || {
        Text::new(
            "核验单填写有误或签章缺失",
            "a form is filled in wrongly, or lacks a seal or signature",
        )
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::reports::{MaterialSays, ReadBy};
    use crate::rules::testing::{Scene, check};

    #[test]
    fn staff_find_it_and_machines_ask_for_staff() {
        let scene = Scene::default();
        check(
            &super::RULE,
            &scene,
            &expect![[r#"
            material m1: not applicable: NoBaseline
            material m2: not applicable: NoBaseline
            material m3: not applicable: NoBaseline"#]],
        );
        check(
            &super::RULE,
            &scene
                .material_read("m1", ReadBy::Staff, MaterialSays::FilledInWrongly)
                .material_read("m2", ReadBy::Machine, MaterialSays::FilledInWrongly)
                .material_read("m3", ReadBy::Staff, MaterialSays::Agrees),
            &expect![[r#"
            material m1: broken: a form is filled in wrongly, or lacks a seal or signature
            material m2: for people: a form is filled in wrongly, or lacks a seal or signature
            material m3: kept"#]],
        );
    }
}
