//! `ICP-108` body-revoked: the licence of the subject is revoked.

use super::registry_answer::body;
use super::{Category, EVERY_KIND, Fix, Judges, Outcome, Rule, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::reports::BodyState;
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-108",
    name: "body-revoked",
    docs: include_str!("../../docs/rules/ICP-108.md"),
    basis: "《非经营性互联网信息服务备案管理办法》第七条",
    source: "answer of the register (form or bulk file)",
    category: Category::SubjectInformation,
    judges: Judges::Subject,
    kinds: EVERY_KIND,
    natures: Natures::Organisations,
    brought_by: BroughtBy::Files,
    needs: &[],
    fix: Fix::Deregister,
    most: Level::Enforce,
    fault: || {
        Text::new(
            "主办单位营业执照已被吊销",
            "the licence of the subject is revoked",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    let outcome = match body(sight).map(|body| body.state) {
        Err(outcome) => outcome,
        Ok(BodyState::Revoked) => {
            Outcome::Broken(Text::new("登记状态为吊销", "the register says revoked"))
        }
        Ok(BodyState::Active | BodyState::Deregistered | BodyState::Other) => Outcome::Kept,
    };
    vec![(Object::Subject, outcome)]
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::reports::BodyState;
    use crate::rules::testing::{Scene, check};

    #[test]
    fn the_state_in_the_register_is_told() {
        let scene = Scene::default();
        let state = |state| scene.registered(|body| body.state = state);
        check(
            &super::RULE,
            &state(BodyState::Active),
            &expect!["subject: kept"],
        );
        check(
            &super::RULE,
            &state(BodyState::Revoked),
            &expect!["subject: broken: the register says revoked"],
        );
        check(
            &super::RULE,
            &state(BodyState::Deregistered),
            &expect!["subject: kept"],
        );
    }
}
