//! The intrinsics of a template: `!Ref`, `!GetAtt`, `!Sub`, and `!If` with conditions.
//!
//! **Invariant:** whatever is not one of these is refused with its path, never passed through, so
//! that nothing in the template means one thing here and another on AWS.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use serde_yaml_ng::Value as Yaml;
use serde_yaml_ng::value::TaggedValue;

use super::TemplateError;

/// The account of the local deployment.
pub const ACCOUNT: &str = "000000000000";
/// Its region.
pub const REGION: &str = "eu-central-1";
/// Its stack.
pub const STACK: &str = "local";

/// What names may stand for.
pub(super) struct Resolver<'a> {
    parameters: BTreeMap<String, Json>,
    conditions: BTreeMap<String, bool>,
    resources: BTreeMap<String, (String, Option<&'a Yaml>)>,
}

impl<'a> Resolver<'a> {
    /// Reads parameters, conditions and the kinds of resources; `given` overrides defaults.
    pub(super) fn new(
        template: &'a Yaml,
        given: &BTreeMap<String, String>,
    ) -> Result<Self, TemplateError> {
        let mut resolver = Self {
            parameters: parameters(template, given)?,
            conditions: BTreeMap::new(),
            resources: BTreeMap::new(),
        };
        for (name, condition) in entries(template.get("Conditions"), "Conditions")? {
            let holds = resolver.condition(condition, &format!("Conditions.{name}"))?;
            resolver.conditions.insert(name, holds);
        }
        for (name, resource) in entries(template.get("Resources"), "Resources")? {
            let path = format!("Resources.{name}");
            let kind = resource
                .get("Type")
                .and_then(Yaml::as_str)
                .ok_or_else(|| TemplateError::at(&path, "has no Type"))?;
            resolver
                .resources
                .insert(name, (kind.to_owned(), resource.get("Properties")));
        }
        Ok(resolver)
    }

    /// Whether a named condition holds.
    pub(super) fn holds(&self, name: &str, path: &str) -> Result<bool, TemplateError> {
        self.conditions
            .get(name)
            .copied()
            .ok_or_else(|| TemplateError::at(path, format!("names no condition {name}")))
    }

    /// The value with every intrinsic answered; `None` is `AWS::NoValue`.
    pub(super) fn value(&self, value: &Yaml, path: &str) -> Result<Option<Json>, TemplateError> {
        Ok(Some(match value {
            Yaml::Null => Json::Null,
            Yaml::Bool(truth) => Json::Bool(*truth),
            Yaml::Number(number) => serde_json::to_value(number)
                .map_err(|error| TemplateError::at(path, error.to_string()))?,
            Yaml::String(text) => Json::String(text.clone()),
            Yaml::Sequence(values) => {
                let mut list = Vec::with_capacity(values.len());
                for (index, value) in values.iter().enumerate() {
                    list.extend(self.value(value, &format!("{path}[{index}]"))?);
                }
                Json::Array(list)
            }
            Yaml::Mapping(_) => {
                let mut map = Map::new();
                for (key, value) in entries(Some(value), path)? {
                    if key == "Ref" || key.starts_with("Fn::") {
                        return Err(TemplateError::at(path, format!("write {key} as a tag")));
                    }
                    if let Some(value) = self.value(value, &format!("{path}.{key}"))? {
                        map.insert(key, value);
                    }
                }
                Json::Object(map)
            }
            Yaml::Tagged(tagged) => return self.tagged(tagged, path),
        }))
    }

    /// The name that a resource has on AWS.
    pub(super) fn name_of(&self, logical: &str, path: &str) -> Result<String, TemplateError> {
        let (kind, properties) = self.resource(logical, path)?;
        let property = [
            "TableName",
            "QueueName",
            "TopicName",
            "FunctionName",
            "LogGroupName",
        ]
        .iter()
        .find_map(|name| properties.and_then(|all| all.get(name)));
        match property {
            // Names of buckets are part of host names.
            None if kind == "AWS::S3::Bucket" => {
                Ok(format!("{STACK}-{logical}").to_ascii_lowercase())
            }
            None => Ok(format!("{STACK}-{logical}")),
            Some(value) => match self.value(value, path)? {
                Some(Json::String(name)) => Ok(name),
                _ => Err(TemplateError::at(
                    path,
                    format!("{logical} has a name that is no text"),
                )),
            },
        }
    }

    /// An attribute of a resource.
    pub(super) fn attribute(
        &self,
        logical: &str,
        attribute: &str,
        path: &str,
    ) -> Result<String, TemplateError> {
        let (kind, _) = self.resource(logical, path)?;
        let name = self.name_of(logical, path)?;
        Ok(match (kind, attribute) {
            ("AWS::DynamoDB::Table", "Arn") => arn("dynamodb", &format!("table/{name}")),
            ("AWS::DynamoDB::Table", "StreamArn") => {
                arn("dynamodb", &format!("table/{name}/stream/local"))
            }
            ("AWS::SQS::Queue", "Arn") => arn("sqs", &name),
            ("AWS::SQS::Queue", "QueueName") => name,
            ("AWS::SQS::Queue", "QueueUrl") => queue_url(&name),
            ("AWS::SNS::Topic", "TopicArn") => arn("sns", &name),
            ("AWS::SNS::Topic", "TopicName") => name,
            ("AWS::KMS::Key", "Arn") => arn("kms", &format!("key/{name}")),
            ("AWS::KMS::Key", "KeyId") => name,
            ("AWS::S3::Bucket", "Arn") => format!("arn:aws:s3:::{name}"),
            ("AWS::Serverless::Function", "Arn") => arn("lambda", &format!("function:{name}")),
            ("AWS::Logs::LogGroup", "Arn") => arn("logs", &format!("log-group:{name}:*")),
            ("AWS::IAM::Role", "Arn") => {
                format!("arn:aws:iam::{ACCOUNT}:role/{name}")
            }
            _ => {
                return Err(TemplateError::at(
                    path,
                    format!("{kind} {logical} has no attribute {attribute} that is known here"),
                ));
            }
        })
    }

    fn tagged(&self, tagged: &TaggedValue, path: &str) -> Result<Option<Json>, TemplateError> {
        let tag = tagged.tag.to_string();
        match (tag.as_str(), &tagged.value) {
            ("!Ref", Yaml::String(name)) => self.reference(name, path),
            ("!GetAtt", Yaml::String(name)) => {
                let (logical, attribute) = name
                    .split_once('.')
                    .ok_or_else(|| TemplateError::at(path, "!GetAtt wants Resource.Attribute"))?;
                self.attribute(logical, attribute, path)
                    .map(|text| Some(Json::String(text)))
            }
            ("!Sub", Yaml::String(text)) => self
                .substituted(text, path)
                .map(|text| Some(Json::String(text))),
            ("!If", Yaml::Sequence(parts)) => match parts.as_slice() {
                [Yaml::String(condition), yes, no] => {
                    let taken = if self.holds(condition, path)? {
                        yes
                    } else {
                        no
                    };
                    self.value(taken, path)
                }
                _ => Err(TemplateError::at(path, "!If wants [Condition, yes, no]")),
            },
            ("!Equals" | "!Not", _) => Ok(Some(Json::Bool(
                self.condition(&Yaml::Tagged(Box::new(tagged.clone())), path)?,
            ))),
            _ => Err(TemplateError::at(
                path,
                format!("{tag} in this form is not read; only !Ref, !GetAtt, !Sub and !If are"),
            )),
        }
    }

    fn condition(&self, condition: &Yaml, path: &str) -> Result<bool, TemplateError> {
        if let Yaml::Tagged(tagged) = condition {
            match (tagged.tag.to_string().as_str(), &tagged.value) {
                ("!Equals", Yaml::Sequence(sides)) => {
                    if let [left, right] = sides.as_slice() {
                        return Ok(
                            text_of(self.value(left, path)?) == text_of(self.value(right, path)?)
                        );
                    }
                }
                ("!Not", Yaml::Sequence(sides)) => {
                    if let [inner] = sides.as_slice() {
                        return Ok(!self.condition(inner, path)?);
                    }
                }
                ("!Condition", Yaml::String(name)) => return self.holds(name, path),
                _ => {}
            }
        }
        Err(TemplateError::at(
            path,
            "a condition is !Equals [a, b] or !Not [condition]",
        ))
    }

    fn reference(&self, name: &str, path: &str) -> Result<Option<Json>, TemplateError> {
        if name == "AWS::NoValue" {
            return Ok(None);
        }
        if let Some(value) = self.parameters.get(name) {
            return Ok(Some(value.clone()));
        }
        let text = match name {
            "AWS::Partition" => "aws".to_owned(),
            "AWS::Region" => REGION.to_owned(),
            "AWS::AccountId" => ACCOUNT.to_owned(),
            "AWS::StackName" => STACK.to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            _ => {
                let (kind, _) = self.resource(name, path)?;
                match kind {
                    "AWS::SQS::Queue" => self.attribute(name, "QueueUrl", path)?,
                    "AWS::SNS::Topic" => self.attribute(name, "TopicArn", path)?,
                    _ => self.name_of(name, path)?,
                }
            }
        };
        Ok(Some(Json::String(text)))
    }

    fn substituted(&self, text: &str, path: &str) -> Result<String, TemplateError> {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after
                .split_once('}')
                .ok_or_else(|| TemplateError::at(path, "!Sub has ${ without }"))?;
            out.push_str(before);
            if let Some(literal) = name.strip_prefix('!') {
                out.push_str(&format!("${{{literal}}}"));
            } else if let Some((logical, attribute)) =
                name.split_once('.').filter(|_| !name.starts_with("AWS::"))
            {
                out.push_str(&self.attribute(logical, attribute, path)?);
            } else {
                out.push_str(&text_of(self.reference(name, path)?));
            }
            rest = after;
        }
        out.push_str(rest);
        Ok(out)
    }

    fn resource(
        &self,
        logical: &str,
        path: &str,
    ) -> Result<(&str, Option<&'a Yaml>), TemplateError> {
        self.resources
            .get(logical)
            .map(|(kind, properties)| (kind.as_str(), *properties))
            .ok_or_else(|| TemplateError::at(path, format!("nothing is named {logical}")))
    }
}

/// An ARN as AWS forms it.
pub(crate) fn arn(service: &str, rest: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}")
}

/// A queue's URL as AWS forms it.
pub(crate) fn queue_url(name: &str) -> String {
    format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}")
}

/// The entries of a mapping with text keys; nothing where there is no mapping.
pub(super) fn entries<'a>(
    mapping: Option<&'a Yaml>,
    path: &str,
) -> Result<Vec<(String, &'a Yaml)>, TemplateError> {
    match mapping {
        None | Some(Yaml::Null) => Ok(Vec::new()),
        Some(Yaml::Mapping(mapping)) => mapping
            .iter()
            .map(|(key, value)| {
                let key = key
                    .as_str()
                    .ok_or_else(|| TemplateError::at(path, "has a key that is no text"))?;
                Ok((key.to_owned(), value))
            })
            .collect(),
        Some(_) => Err(TemplateError::at(path, "is no mapping")),
    }
}

fn parameters(
    template: &Yaml,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Json>, TemplateError> {
    let mut parameters = BTreeMap::new();
    for (name, parameter) in entries(template.get("Parameters"), "Parameters")? {
        let path = format!("Parameters.{name}");
        let value = match (given.get(&name), parameter.get("Default")) {
            (Some(value), _) => Json::String(value.clone()),
            (None, Some(default)) => Json::String(match default {
                Yaml::String(text) => text.clone(),
                Yaml::Number(number) => number.to_string(),
                Yaml::Bool(truth) => truth.to_string(),
                Yaml::Null | Yaml::Sequence(_) | Yaml::Mapping(_) | Yaml::Tagged(_) => {
                    return Err(TemplateError::at(&path, "has a Default that is no scalar"));
                }
            }),
            (None, None) => {
                return Err(TemplateError::at(
                    &path,
                    "has no Default and was given no value",
                ));
            }
        };
        parameters.insert(name, value);
    }
    Ok(parameters)
}

fn text_of(value: Option<Json>) -> String {
    match value {
        None => String::new(),
        Some(Json::String(text)) => text,
        Some(other) => other.to_string(),
    }
}
