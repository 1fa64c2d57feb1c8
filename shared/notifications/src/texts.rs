//! The texts of SMS: one fixed template per kind and stage, with few and plain parameters.
//!
//! **Invariant:** what a template leaves open is a [`Field`], and no field is a URL, a domain or a
//! telephone number: the provider's signature, address and telephone number are part of the text
//! that is registered once. A template id keeps its text; another text is another id.

use icp_domain::notice::{About, Parameters};
use icp_domain::personal::Personal;
use icp_domain::rulebook::Provider;
use icp_domain::wall_clock::deadline;

mod templates;

use templates::{every_template, template};

/// A message: the template, its parameters, and the text that both make. It may hold a code, so
/// that nothing of it but the template is printed by accident.
#[derive(Debug, Clone)]
pub struct SmsMessage {
    /// The template's id, stable.
    pub template: TemplateId,
    /// Parameters, by name, in the text's order.
    pub parameters: Vec<(&'static str, Personal<String>)>,
    /// The whole text.
    pub text: Personal<String>,
    /// A parameter that the template needs and the notice has not. No sender takes such a message.
    pub(crate) lacking: Option<&'static str>,
}

/// The id under which a template is registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TemplateId(&'static str);

impl TemplateId {
    /// The id as text.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

/// The SMS of a notice, in Chinese: the one language that mainland gateways register.
pub fn sms_text(about: &About, parameters: &Parameters, provider: &Provider) -> SmsMessage {
    let template = template(about, parameters);
    let mut given: Vec<(&'static str, String)> = Vec::new();
    let mut lacking = None;
    for field in template.fields {
        match field.of(parameters) {
            Some(values) => given.extend(values),
            None => {
                lacking.get_or_insert(field.name());
            }
        }
    }
    let registered = template.registered(provider);
    let text = given.iter().fold(registered, |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    });
    SmsMessage {
        template: TemplateId(template.id),
        parameters: given
            .into_iter()
            .map(|(name, value)| (name, Personal::new(value)))
            .collect(),
        text: Personal::new(text),
        lacking,
    }
}

/// What a template leaves open. Gateways take few characters a variable (Tencent Cloud six), so that what
/// is longer is several variables between fixed words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Code,
    CaseNumber,
    Findings,
    Deadline,
}

/// Most findings that are counted in a text; more are said to be more.
const MOST_FINDINGS: usize = 999;

impl Field {
    fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::CaseNumber => "number",
            Self::Findings => "findings",
            Self::Deadline => "deadline",
        }
    }

    /// How it stands in a template's text, with its variables and the most characters of each.
    fn variables(self) -> (&'static str, &'static [(&'static str, usize)]) {
        match self {
            Self::Code => ("{code}", &[("code", 6)]),
            Self::CaseNumber => (
                "{numberHead}-{numberTail}",
                &[("numberHead", 5), ("numberTail", 5)],
            ),
            Self::Findings => ("{findings}", &[("findings", 4)]),
            Self::Deadline => (
                "{year}年{month}月{day}日（周{weekday}）{time}",
                &[
                    ("year", 4),
                    ("month", 2),
                    ("day", 2),
                    ("weekday", 1),
                    ("time", 5),
                ],
            ),
        }
    }

    /// The values of its variables, in their order; `None` where the notice has none to say.
    fn of(self, parameters: &Parameters) -> Option<Vec<(&'static str, String)>> {
        let values = match self {
            Self::Code => vec![parameters.code.as_ref()?.reveal().to_owned()],
            Self::CaseNumber => {
                let number = parameters.case_number.as_ref()?;
                let (head, tail) = number.as_str().split_at_checked(5)?;
                vec![head.to_owned(), tail.to_owned()]
            }
            Self::Findings => match parameters.findings {
                0 => return None,
                count if count <= MOST_FINDINGS => vec![count.to_string()],
                _ => vec![format!("{MOST_FINDINGS}+")],
            },
            Self::Deadline => deadline(parameters.due_at?).to_vec(),
        };
        let (_, variables) = self.variables();
        let named = variables.iter().zip(values);
        Some(named.map(|((name, _), value)| (*name, value)).collect())
    }
}

struct Template {
    id: &'static str,
    fields: &'static [Field],
    text: &'static str,
}

impl Template {
    /// The text with the provider's own words, and its variables open.
    fn registered(&self, provider: &Provider) -> String {
        let text = self
            .text
            .replace("{signature}", &provider.signature)
            .replace("{provider}", &provider.name.zh)
            .replace("{address}", &provider.address)
            .replace("{telephone}", &provider.telephone);
        self.fields.iter().fold(text, |text, field| {
            let (stands, _) = field.variables();
            text.replace(&format!("{{{}}}", field.name()), stands)
        })
    }

    /// Its variables, in the text's order, with the most characters of each.
    fn variables(&self) -> impl Iterator<Item = (&'static str, usize)> {
        let variables = self.fields.iter().flat_map(|field| field.variables().1);
        variables.copied()
    }
}

/// A template as it is registered at a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredTemplate {
    /// Its id here.
    pub id: TemplateId,
    /// Its text without the signature, variables numbered from 1 in their order: `{1}`.
    pub text: String,
    /// The most characters of each variable, in their order.
    pub longest: Vec<usize>,
}

/// Every template, as a gateway of the mainland registers it for a provider.
pub fn registered_templates(provider: &Provider) -> Vec<RegisteredTemplate> {
    let templates = every_template().into_iter().map(|template| {
        let text = template.registered(provider);
        let signature = format!("【{}】", provider.signature);
        let text = text.strip_prefix(&signature).unwrap_or(&text).to_owned();
        let variables: Vec<(&str, usize)> = template.variables().collect();
        let text = variables
            .iter()
            .zip(1..)
            .fold(text, |text, ((name, _), at)| {
                text.replace(&format!("{{{name}}}"), &format!("{{{at}}}"))
            });
        RegisteredTemplate {
            id: TemplateId(template.id),
            text,
            longest: variables.into_iter().map(|(_, longest)| longest).collect(),
        }
    });
    templates.collect()
}

/// The page of templates for whoever registers them at a gateway: `docs/SMS-TEMPLATES.md`.
pub fn reference(provider: &Provider) -> String {
    let mut page = String::from(
        "# Templates of SMS\n\nGenerated from `shared/notifications/src/texts/templates.rs`; a test holds it to the code. \
         Register each text at the gateway, with your own signature, name, address and telephone in place of the \
         example's, and write the id that you are given into `provider.json`, under `smsTemplates` by the name \
         here. Variables are numbered in their order.\n\n| name | text | most characters of each variable |\n|---|---|---|\n",
    );
    for template in registered_templates(provider) {
        let longest: Vec<String> = template.longest.iter().map(ToString::to_string).collect();
        let (id, text) = (template.id.as_str(), &template.text);
        page.push_str(&format!("| `{id}` | {text} | {} |\n", longest.join(", ")));
    }
    page
}

#[cfg(test)]
mod kinds;
#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use kinds::every_kind;
