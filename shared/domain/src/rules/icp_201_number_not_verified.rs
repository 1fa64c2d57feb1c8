//! `ICP-201` number-not-verified: a principal's mobile has no standing proof.

use super::{Category, EVERY_KIND, Fix, Judges, NotApplicable, Outcome, Rule, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::rulebook::Level;
use crate::rulebook::calendar::local_date;

pub(super) static RULE: Rule = Rule {
    code: "ICP-201",
    name: "number-not-verified",
    docs: include_str!("../../docs/rules/ICP-201.md"),
    basis: "《非经营性互联网信息服务备案管理办法》第七条",
    source: "proofs by code",
    category: Category::Contacts,
    judges: Judges::Subject,
    kinds: EVERY_KIND,
    natures: Natures::All,
    brought_by: BroughtBy::Rows,
    needs: &[],
    fix: Fix::VerifyNumber,
    most: Level::Enforce,
    fault: || {
        Text::new(
            "负责人手机号码未在规定时间内完成核验",
            "a principal's mobile number is not verified in time",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    let grace = sight.rulebook.policy.codes.lapse_grace();
    let filing = sight.filing;
    filing
        .principals()
        .into_iter()
        .map(|id| {
            let outcome = match filing.persons.get(id).map(|person| person.proof) {
                // An imported person was never asked: no baseline.
                None | Some(None) => Outcome::NotApplicable(NotApplicable::NoBaseline),
                Some(Some(proof)) if sight.at < proof.until + grace => Outcome::Kept,
                Some(Some(proof)) => {
                    let on = local_date(proof.until);
                    Outcome::Broken(Text::new(
                        format!("核验已于{on}失效"),
                        format!("the proof lapsed on {on}"),
                    ))
                }
            };
            (Object::Person(id.clone()), outcome)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rules::testing::{Scene, check};

    #[test]
    fn a_lapsed_proof_is_a_fault_thirty_days_later() {
        let scene = Scene::default();
        check(&super::RULE, &scene, &expect!["person p1: kept"]);
        check(
            &super::RULE,
            &scene.with_proof_until("2026-01-31T02:00:00.000000001Z"),
            &expect!["person p1: kept"],
        );
        check(
            &super::RULE,
            &scene.with_proof_until("2026-01-31T02:00:00Z"),
            &expect!["person p1: broken: the proof lapsed on 2026-01-31"],
        );
    }
}
