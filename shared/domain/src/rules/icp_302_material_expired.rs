//! `ICP-302` material-expired: a material is past the last day of its validity.

use super::{Category, EVERY_KIND, Fix, Judges, Outcome, Rule, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::rulebook::Level;
use crate::rulebook::calendar::local_date;

pub(super) static RULE: Rule = Rule {
    code: "ICP-302",
    name: "material-expired",
    docs: include_str!("../../docs/rules/ICP-302.md"),
    basis: "工信部电管〔2010〕64号",
    source: "rows of the filing",
    category: Category::Materials,
    judges: Judges::Subject,
    kinds: EVERY_KIND,
    natures: Natures::All,
    brought_by: BroughtBy::Rows,
    needs: &[],
    fix: Fix::ChangeFiling,
    most: Level::Enforce,
    fault: || {
        Text::new(
            "真实性核验材料已过有效期",
            "a material is past the last day of its validity",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    let today = local_date(sight.at);
    sight
        .filing
        .materials
        .iter()
        .map(|(id, material)| {
            let outcome = match material.valid_until {
                Some(last) if last < today => Outcome::Broken(Text::new(
                    format!("有效期至{last}"),
                    format!("valid until {last}"),
                )),
                Some(_) | None => Outcome::Kept,
            };
            (Object::Material(id.clone()), outcome)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rules::testing::{Scene, check};

    #[test]
    fn a_material_counts_to_the_end_of_its_last_day() {
        let scene = Scene::default();
        let with = |last| scene.with_material_until("m1", last);
        check(
            &super::RULE,
            &with("2026-03-02"),
            &expect![[r#"
            material m1: kept
            material m2: kept
            material m3: kept"#]],
        );
        check(
            &super::RULE,
            &with("2026-03-01"),
            &expect![[r#"
            material m1: broken: valid until 2026-03-01
            material m2: kept
            material m3: kept"#]],
        );
    }
}
