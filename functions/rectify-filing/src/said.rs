//! What a check says, in the caller's language.

use icp_domain::checks::{Said, Says};
use icp_domain::finding::{FaultyObject, Object};
use icp_domain::rulebook::Level;
use icp_domain::rules::{Category, rule};
use icp_domain::{Language, Text};
use serde::Serialize;
use utoipa::ToSchema;

/// What one rule says of one object, in words.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SaidView {
    /// The rule's code.
    rule: String,
    /// The audit category.
    category: Option<Category>,
    /// What it speaks of.
    #[schema(value_type = FaultyObject)]
    object: Object,
    /// `broken`, `for-people`, `undecided`, `kept` or `not-applicable`.
    outcome: Says,
    /// The same in one sentence, with what was seen.
    says: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    to_do: Option<String>,
    /// How far a finding of it would go now: `off`, `observe`, `notify`, `enforce`.
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<Level>,
    /// What would follow now if audits found the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    consequences: Option<String>,
}

/// How many of what was said say what.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Counted {
    /// Not as it must be.
    broken: usize,
    /// People would judge.
    for_people: usize,
    /// It could not be seen.
    undecided: usize,
    /// As it must be.
    kept: usize,
    /// Not spoken of.
    not_applicable: usize,
}

impl Counted {
    /// The count of what was said.
    pub(crate) fn of<'a>(said: impl Iterator<Item = &'a Said>) -> Self {
        let mut counted = Self::default();
        for said in said {
            let count = match said.says {
                Says::Broken => &mut counted.broken,
                Says::ForPeople => &mut counted.for_people,
                Says::Undecided => &mut counted.undecided,
                Says::Kept => &mut counted.kept,
                Says::NotApplicable => &mut counted.not_applicable,
            };
            *count += 1;
        }
        counted
    }

    /// The count in one sentence.
    pub(crate) fn sentence(&self) -> Text {
        let Self {
            broken,
            for_people,
            undecided,
            kept,
            ..
        } = self;
        Text::new(
            format!(
                "不合格{broken}项，须人工判断{for_people}项，未能判定{undecided}项，合格{kept}项。"
            ),
            format!(
                "{broken} not as they must be, {for_people} for people to judge, {undecided} not seen, {kept} as they \
                 must be."
            ),
        )
    }
}

/// What was said, what is broken first. A rule that is no more says nothing.
pub(crate) fn in_words(said: &[Said], language: Language) -> Vec<SaidView> {
    let mut said: Vec<&Said> = said.iter().collect();
    said.sort_by_key(|said| said.says);
    let views = said.into_iter().filter_map(|said| {
        let rule = rule(&said.rule)?;
        let in_language = |text: Text| text.in_language(language).to_owned();
        Some(SaidView {
            rule: said.rule.clone(),
            category: Some(rule.category),
            object: said.object.clone(),
            outcome: said.says,
            says: in_language(said.sentence(&(rule.fault)())),
            to_do: said.to_do(rule.fix).map(in_language),
            level: said.level,
            consequences: said.consequences().map(in_language),
        })
    });
    views.collect()
}
