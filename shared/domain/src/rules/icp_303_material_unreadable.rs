//! `ICP-303` material-unreadable: a material cannot be read.

use super::people::of_materials;
use super::{Category, EVERY_KIND, Fix, Judges, Outcome, Rule, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::reports::MaterialSays;
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-303",
    name: "material-unreadable",
    docs: include_str!("../../docs/rules/ICP-303.md"),
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
    fault: || Text::new("真实性核验材料无法辨认", "a material cannot be read"),
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    of_materials(sight, MaterialSays::Unreadable, || {
        Text::new("真实性核验材料无法辨认", "a material cannot be read")
    })
}

#[cfg(test)]
mod tests {
    use crate::reports::MaterialSays;
    use crate::rules::testing::check_material_fault;

    #[test]
    fn staff_find_it_and_machines_ask_for_staff() {
        check_material_fault(
            &super::RULE,
            MaterialSays::Unreadable,
            "a material cannot be read",
        );
    }
}
