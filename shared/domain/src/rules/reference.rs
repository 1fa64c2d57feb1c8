//! The reference of the rules, as `docs/RULES.md` holds it.
//!
//! **Invariant:** it is written from [`RULES`] and [`FAULTS`] alone; a rule that is not run is not listed.

use super::{Answer, Category, FAULTS, Fault, Fix, Judges, RULES, Rule};
use crate::Text;
use crate::filing::Natures;
use crate::rulebook::Level;

/// The reference of all rules, in the order of codes.
pub fn reference() -> String {
    let mut page = String::from(
        "# Rules\n\nGenerated from `shared/domain/src/rules.rs` and `shared/domain/docs/rules/`; a \
         test holds them together. Codes are stable and never reused; the first digit is the \
         category.\n\n\
         | code | name | category | judges | facts from | at most | put right by | rests on |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for rule in RULES {
        page.push_str(&row(rule));
    }
    page.push_str(
        "\n## Faults as audits of the field name them\n\n\
         Each is answered by a rule or by people.\n\n\
         | category | fault | answered by |\n|---|---|---|\n",
    );
    for fault in FAULTS {
        page.push_str(&answered(fault));
    }
    for rule in RULES {
        page.push('\n');
        page.push_str(&below(rule.docs));
    }
    page
}

fn row(rule: &Rule) -> String {
    let most = match rule.most {
        Level::Off => "nothing",
        Level::Observe => "counted",
        Level::Notify => "a notice",
        Level::Enforce => "a stop",
    };
    format!(
        "| {} | {} | {} | {} | {} | {most} | {} | {} |\n",
        rule.code,
        rule.name,
        category(rule.category),
        judges(rule),
        rule.source,
        fix(rule.fix),
        rule.basis
    )
}

fn answered(fault: &Fault) -> String {
    let text = (fault.text)();
    let answer = match &fault.answer {
        Answer::Rules(codes) => codes.join(", "),
        Answer::People(why) => format!("people. {why}"),
    };
    format!(
        "| {} | {} ({}) | {answer} |\n",
        category(fault.category),
        text.zh,
        text.en
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

fn category(category: Category) -> String {
    let at = Category::ALL.iter().position(|other| *other == category);
    let (number, Text { zh, en }) = (at.map_or(0, |at| at + 1), category.text());
    format!("{number} {zh} {en}")
}

fn judges(rule: &Rule) -> String {
    let natures = match rule.natures {
        Natures::All => "",
        Natures::Individuals => " of individuals",
        Natures::Organisations => " of organisations",
        Natures::Enterprises => " of enterprises",
        Natures::PublicBodies => " of public bodies",
    };
    let what = match rule.judges {
        Judges::Subject => "the filing",
        Judges::Service if rule.kinds.len() == 1 => "a site",
        Judges::Service => "a service",
    };
    format!("{what}{natures}")
}

fn fix(fix: Fix) -> &'static str {
    match fix {
        Fix::ChangeFiling => "a change filing (变更备案)",
        Fix::VerifyNumber => "proving the number by code",
        Fix::PointNamesHere => "pointing the names here",
        Fix::MendPage => "mending the page",
        Fix::OpenSite => "opening the site",
        Fix::RenewDomain => "renewing the domain",
        Fix::TransferDomain => "transferring the domain or showing its certificate",
        Fix::RenewServer => "renewing the server",
        Fix::Deregister => "a deregistration (注销备案)",
    }
}
