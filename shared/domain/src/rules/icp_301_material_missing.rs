//! `ICP-301` material-missing: a material that every filing must bring is not there.

use super::{Category, EVERY_KIND, Fix, Judges, NotApplicable, Outcome, Rule, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::filing::{Custody, Material, MaterialKind, Nature, Origin, Regime};
use crate::finding::{BroughtBy, Object};
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-301",
    name: "material-missing",
    docs: include_str!("../../docs/rules/ICP-301.md"),
    basis: "工信部电管〔2010〕64号",
    source: "rows of the filing: custody of materials",
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
            "真实性核验材料不完整",
            "a material that proves the filing is missing",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    let materials = &sight.filing.materials;
    // What an import did not bring is no baseline, and no fault.
    let baseline = sight.filing.subject.origin == Origin::Order;
    let individual = sight
        .details()
        .is_some_and(|details| details.nature == Nature::Individual);
    let regime = sight.approved_on().map_or(Regime::Electronic, Regime::on);
    regime
        .demanded()
        .iter()
        .copied()
        .map(|kind| {
            // An individual's certificate is the principal's own identity document.
            let serves = |material: &Material| {
                material.kind == kind
                    || (individual
                        && kind == MaterialKind::SubjectCertificate
                        && material.kind == MaterialKind::PrincipalIdentity)
            };
            let of_kind = materials.values().find(|material| serves(material));
            let outcome = match of_kind.map(|material| &material.custody) {
                None if !baseline => Outcome::NotApplicable(NotApplicable::NoBaseline),
                Some(Custody::Unknown) => Outcome::NotApplicable(NotApplicable::NoBaseline),
                Some(Custody::Stored(_) | Custody::Paper { .. }) => Outcome::Kept,
                None => Outcome::Broken(Text::new("未提交该材料", "the material was not brought")),
            };
            (Object::MaterialKind(kind), outcome)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::filing::Origin;
    use crate::rules::testing::{Scene, check};

    #[test]
    fn what_was_brought_is_kept_and_what_nobody_recorded_is_not_held_against_the_filer() {
        let scene = Scene::default();
        check(
            &super::RULE,
            &scene,
            &expect![[r#"
            material subject-certificate: kept
            material principal-identity: kept
            material verification-form: kept"#]],
        );
        check(
            &super::RULE,
            &scene.without_material("m3"),
            &expect![[r#"
            material subject-certificate: kept
            material principal-identity: kept
            material verification-form: broken: the material was not brought"#]],
        );
        // The photo belongs to the regime of 2010.
        check(
            &super::RULE,
            &scene.approved("2017-01-01T00:00:00Z"),
            &expect![[r#"
            material subject-certificate: kept
            material principal-identity: kept
            material verification-form: kept
            material portrait: broken: the material was not brought"#]],
        );
        let mut imported = scene.without_material("m1");
        imported.filing.subject.origin = Origin::Import;
        let imported = imported.without_material("m2").without_material("m3");
        check(
            &super::RULE,
            &imported,
            &expect![[r#"
            material subject-certificate: not applicable: NoBaseline
            material principal-identity: not applicable: NoBaseline
            material verification-form: not applicable: NoBaseline"#]],
        );
    }
}
