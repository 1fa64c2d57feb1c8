//! The reference of the rules, as `docs/RULES.md` holds it.
//!
//! **Invariant:** it is written from [`RULES`] alone; a rule that is not run is not listed.

use super::{Category, Fix, Judges, Need, RULES, Rule};

/// The reference of all rules, in the order of codes.
pub fn reference() -> String {
    let mut page = String::from(
        "# Rules\n\nGenerated from `shared/domain/src/rules.rs` and `shared/domain/docs/rules/`; a \
         test holds them together. Codes are stable and never reused; the first digit is the \
         category.\n\n\
         | code | name | category | judges | looks up | put right by | rests on |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for rule in RULES {
        page.push_str(&row(rule));
    }
    for rule in RULES {
        page.push('\n');
        page.push_str(&below(rule.docs));
    }
    page
}

fn row(rule: &Rule) -> String {
    let needs: Vec<&str> = rule.needs.iter().copied().map(need).collect();
    let needs = if needs.is_empty() {
        "nothing".to_owned()
    } else {
        needs.join(", ")
    };
    format!(
        "| {} | {} | {} | {} | {needs} | {} | {} |\n",
        rule.code,
        rule.name,
        category(rule.category),
        judges(rule.judges),
        fix(rule.fix),
        rule.basis
    )
}

/// A rule's page with each of its heads one level down, so that it stands below this page's own.
fn below(docs: &str) -> String {
    let mut page = String::new();
    for line in docs.trim_end().lines() {
        if line.starts_with('#') {
            page.push('#');
        }
        page.push_str(line);
        page.push('\n');
    }
    page
}

fn category(category: Category) -> &'static str {
    match category {
        Category::SubjectInformation => "1 主体信息 subject information",
        Category::Contacts => "2 联系方式 contacts",
        Category::Materials => "3 真实性核验材料 materials",
        Category::Access => "4 接入信息 access",
        Category::ContentAndHolder => "5 网站内容、域名持有者 content and holder",
    }
}

fn judges(judges: Judges) -> &'static str {
    match judges {
        Judges::Subject => "the subject",
        Judges::Service => "a service",
    }
}

fn need(need: Need) -> &'static str {
    match need {
        Need::Addresses => "addresses of the names",
        Need::HomePage => "the home page",
    }
}

fn fix(fix: Fix) -> &'static str {
    match fix {
        Fix::ChangeFiling => "a change filing (变更备案)",
        Fix::VerifyNumber => "proving the number by code",
        Fix::PointNamesHere => "pointing the names here",
        Fix::MendPage => "mending the page",
    }
}
