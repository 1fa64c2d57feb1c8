//! Rules on the name of a site (网站名称), dossier 1.4.

use crate::Text;
use crate::filing::{Nature, Natures};
use crate::identifiers::DomainName;

/// Fewest characters of a site's name.
///
/// Source: Tencent Cloud 网站命名要求, snapshot 2021-04-11.
const SHORTEST: usize = 3;

/// Words that only bodies of the state may bear in a name.
///
/// Source: as above (no 中国, 中华, 国家 for other bodies).
const STATE_WORDS: [&str; 3] = ["中国", "中华", "国家"];

/// The only signs beside letters, digits and Chinese characters.
///
/// Source: as above.
const SIGNS: &str = "()（）-－";

/// Words in which an individual's name of a site presents an enterprise.
///
/// Source: as above (individuals: no names of units).
const UNIT_WORDS: [&str; 3] = ["公司", "集团", "协会"];

/// Everything that is wrong with a name: the rule's code and what is demanded.
pub(super) fn faults(
    name: &str,
    nature: Nature,
    subject: &str,
    domains: &[DomainName],
) -> Vec<(&'static str, Text)> {
    let mut found = Vec::new();
    if name.chars().count() < SHORTEST {
        found.push((
            "site-name-too-short",
            Text::new(
                "网站名称至少3个字",
                "a site's name has at least 3 characters",
            ),
        ));
    }
    if !name.is_empty() && name.chars().all(|c| c.is_ascii() || c.is_numeric()) {
        found.push((
            "site-name-latin",
            Text::new(
                "网站名称不能全为数字、字母或符号",
                "a site's name is not all digits, Latin letters and signs",
            ),
        ));
    }
    if name
        .chars()
        .any(|c| !c.is_alphanumeric() && !SIGNS.contains(c))
    {
        found.push((
            "site-name-sign",
            Text::new(
                "网站名称只能含文字、数字、字母、括号和短横线",
                "a site's name has letters, digits, brackets and dashes only",
            ),
        ));
    }
    let of_state = Natures::PublicBodies.contain(nature)
        || matches!(nature, Nature::Defence | Nature::MassOrganisation);
    let in_own_name = |word: &str| subject.contains(word);
    if !of_state
        && STATE_WORDS
            .iter()
            .filter(|word| !in_own_name(word))
            .any(|word| name.contains(word))
    {
        found.push((
            "site-name-of-state",
            Text::new(
                "非国家机关不得使用含“中国”“中华”“国家”的网站名称",
                "only bodies of the state use 中国, 中华 or 国家 in a site's name",
            ),
        ));
    }
    if domains.iter().any(|domain| is_domain(name, domain)) {
        found.push((
            "site-name-is-domain",
            Text::new("网站名称不能是域名", "a site's name is not its domain"),
        ));
    }
    if nature == Nature::Individual {
        if name.trim() == subject {
            found.push((
                "site-name-is-person",
                Text::new(
                    "个人网站名称不能是个人姓名",
                    "an individual's site is not named by the person's own name",
                ),
            ));
        }
        if UNIT_WORDS.iter().any(|word| name.contains(word)) {
            found.push((
                "site-name-of-unit",
                Text::new(
                    "个人网站名称不能体现单位",
                    "an individual's site does not bear the name of a unit",
                ),
            ));
        }
    }
    found
}

fn is_domain(name: &str, domain: &DomainName) -> bool {
    let typed = DomainName::parse(name).ok();
    typed.is_some_and(|typed| typed.registrable() == domain.registrable())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_on_names_is_said() {
        let domains = [DomainName::parse("例子网.cn").unwrap()];
        let check = |name: &str, nature, subject: &str, expected: &[&str]| {
            let rules: Vec<&str> = faults(name, nature, subject, &domains)
                .into_iter()
                .map(|(rule, _)| rule)
                .collect();
            assert_eq!(rules, expected, "{name}");
        };
        let unit = Nature::Enterprise;
        check("示例网站", unit, "示例公司", &[]);
        check("示例(中国)网", unit, "示例公司", &["site-name-of-state"]);
        check("中国示例网", unit, "中国示例公司", &[]);
        check("中国示例网", Nature::Government, "某某局", &[]);
        check("示例", unit, "x", &["site-name-too-short"]);
        check(
            "Example 1",
            unit,
            "x",
            &["site-name-latin", "site-name-sign"],
        );
        check("示例网站！", unit, "x", &["site-name-sign"]);
        check(
            "例子网.cn",
            unit,
            "x",
            &["site-name-sign", "site-name-is-domain"],
        );
        check(
            "王小明",
            Nature::Individual,
            "王小明",
            &["site-name-is-person"],
        );
        check(
            "示例公司网",
            Nature::Individual,
            "王小明",
            &["site-name-of-unit"],
        );
        check("王小明的博客", Nature::Individual, "王小明", &[]);
    }
}
