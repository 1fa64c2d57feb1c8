//! `ICP-110` principal-not-representative: the subject's principal is not the legal representative.

use super::registry_answer::answer;
use super::{Category, EVERY_KIND, Fix, Judges, NotApplicable, Outcome, Rule, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::names::is_same_name;
use crate::reports::RegistryFound;
use crate::rulebook::Level;
use crate::rulebook::provinces::demands::PrincipalRule;

pub(super) static RULE: Rule = Rule {
    code: "ICP-110",
    name: "principal-not-representative",
    docs: include_str!("../../docs/rules/ICP-110.md"),
    basis: "《非经营性互联网信息服务备案管理办法》第七条；各省管局要求",
    source: "answer of the register; the filing's own field",
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
            "主体负责人不是法定代表人",
            "the subject's principal is not the legal representative",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    vec![(Object::Subject, outcome(sight))]
}

fn outcome(sight: &Sight<'_>) -> Outcome {
    let Some(details) = sight.details() else {
        return Outcome::NotApplicable(NotApplicable::NoBaseline);
    };
    let clause = sight
        .province()
        .and_then(|province| province.demands.principal.for_filing(details.nature));
    let asks = clause.is_some_and(|clause| {
        clause.is == PrincipalRule::LegalRepresentative
            && sight.approved_on().is_some_and(|day| clause.binds(day))
    });
    if !asks {
        return Outcome::NotApplicable(NotApplicable::Silent);
    }
    let registered = match answer(sight).map(|report| &report.found) {
        Ok(RegistryFound::Body(body)) => body.legal_representative.as_ref(),
        Ok(RegistryFound::Nothing) | Err(_) => None,
    };
    let principal = sight.filing.persons.get(&details.principal);
    let (Some(representative), Some(principal)) = (
        registered.or(details.legal_representative.as_ref()),
        principal,
    ) else {
        return Outcome::NotApplicable(NotApplicable::NoBaseline);
    };
    if is_same_name(representative.reveal(), principal.details.name.reveal()) {
        Outcome::Kept
    } else {
        Outcome::ForPeople(Text::new(
            "该省要求主体负责人为法定代表人",
            "the province asks for the legal representative",
        ))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::personal::Personal;
    use crate::rules::testing::{Scene, check};

    #[test]
    fn the_provinces_rule_is_asked_and_people_judge() {
        let by = |province: &str, name: &str| {
            Scene::default()
                .with_details(|details| details.province = province.into())
                .registered(|body| body.legal_representative = Some(Personal::new(name.into())))
        };
        check(&super::RULE, &by("31", "王小明"), &expect!["subject: kept"]);
        check(
            &super::RULE,
            &by("31", "李小红"),
            &expect!["subject: for people: the province asks for the legal representative"],
        );
        check(
            &super::RULE,
            &by("11", "李小红"),
            &expect!["subject: not applicable: Silent"],
        );
        check(
            &super::RULE,
            &by("31", "李小红").approved("2020-01-01T00:00:00Z"),
            &expect!["subject: not applicable: Silent"],
        );
    }
}
