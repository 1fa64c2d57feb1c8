//! `template.yaml` as the local deployment reads it: typed, with every name answered.
//!
//! **Invariant:** there is no second description of the deployment; routes, policies, queues and
//! schedules exist here only because the template has them.

mod function;
mod resolve;
mod source;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json, json};
use serde_yaml_ng::Value as Yaml;

pub use function::{AsyncInvoke, Function};
pub use resolve::{ACCOUNT, REGION, STACK};
pub use source::{QueueSource, RouteSource, ScheduleSource, StreamSource};

pub(crate) use resolve::{arn, queue_url};

use resolve::{Resolver, entries};

/// Why a template does not read.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The file cannot be read.
    #[error("{} cannot be read", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is no YAML.
    #[error("the template is no YAML")]
    Yaml(#[from] serde_yaml_ng::Error),
    /// A part of it is not understood.
    #[error("{path}: {what}")]
    At {
        /// Where.
        path: String,
        /// What is wrong.
        what: String,
    },
}

impl TemplateError {
    pub(crate) fn at(path: &str, what: impl Into<String>) -> Self {
        Self::At {
            path: path.to_owned(),
            what: what.into(),
        }
    }
}

/// The deployment that the template describes.
#[derive(Debug, Clone)]
pub struct Template {
    /// The functions, by name (the name of the folder).
    pub functions: BTreeMap<String, Function>,
    /// The tables, by name.
    pub tables: BTreeMap<String, Table>,
    /// The queues, by name.
    pub queues: BTreeMap<String, Queue>,
    /// The topics' ARNs, by logical id.
    pub topics: BTreeMap<String, String>,
    /// The keys' ids, by logical id.
    pub keys: BTreeMap<String, String>,
    /// The buckets' names, by logical id.
    pub buckets: BTreeMap<String, String>,
    /// The HTTP API.
    pub api: Api,
    /// The alarms, by logical id.
    pub alarms: BTreeMap<String, Alarm>,
}

/// A table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its logical id.
    pub logical: String,
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its stream's ARN, where it has one.
    pub stream_arn: Option<String>,
    /// The request that creates it.
    pub create: Json,
}

/// A queue.
#[derive(Debug, Clone)]
pub struct Queue {
    /// Its logical id.
    pub logical: String,
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its URL.
    pub url: String,
    /// How long a received message is hidden.
    pub visibility_seconds: i64,
    /// How long a message is kept.
    pub retention_seconds: i64,
    /// How long a sent message waits.
    pub delay_seconds: i64,
    /// The longest message.
    pub maximum_bytes: usize,
    /// The name of its dead-letter queue, and after how many receives a message goes there.
    pub dead_letters: Option<(String, u64)>,
}

/// The HTTP API.
#[derive(Debug, Clone, Default)]
pub struct Api {
    /// The authorizer of a route that names none.
    pub default_authorizer: Option<String>,
    /// The JWT authorizers, by name.
    pub authorizers: BTreeMap<String, Authorizer>,
}

/// A JWT authorizer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorizer {
    /// Who must have issued the token.
    pub issuer: String,
    /// For whom; one of them.
    pub audience: Vec<String>,
}

/// An alarm, as far as a check reads it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Alarm {
    /// The metric's namespace.
    pub namespace: Option<String>,
    /// The metric's name.
    pub metric_name: Option<String>,
    /// Its dimensions.
    #[serde(default)]
    pub dimensions: Vec<Json>,
}

impl Template {
    /// Reads the file; `parameters` override the template's defaults.
    pub fn read(path: &Path, parameters: &BTreeMap<String, String>) -> Result<Self, TemplateError> {
        let text = std::fs::read_to_string(path).map_err(|source| TemplateError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text, parameters)
    }

    /// Reads the text; `parameters` override the template's defaults.
    pub fn parse(text: &str, parameters: &BTreeMap<String, String>) -> Result<Self, TemplateError> {
        let yaml: Yaml = serde_yaml_ng::from_str(text)?;
        let resolver = Resolver::new(&yaml, parameters)?;
        let globals = match yaml
            .get("Globals")
            .and_then(|globals| globals.get("Function"))
        {
            None => Json::Object(Map::new()),
            Some(globals) => resolver
                .value(globals, "Globals.Function")?
                .unwrap_or(Json::Null),
        };
        let mut template = Self {
            functions: BTreeMap::new(),
            tables: BTreeMap::new(),
            queues: BTreeMap::new(),
            topics: BTreeMap::new(),
            keys: BTreeMap::new(),
            buckets: BTreeMap::new(),
            api: Api::default(),
            alarms: BTreeMap::new(),
        };
        let policies = function::managed_policies(&resolver, &yaml)?;
        for (logical, resource) in entries(yaml.get("Resources"), "Resources")? {
            let path = format!("Resources.{logical}");
            if let Some(condition) = resource.get("Condition").and_then(Yaml::as_str)
                && !resolver.holds(condition, &path)?
            {
                continue;
            }
            let path = format!("{path}.Properties");
            let properties = match resource.get("Properties") {
                None => Json::Object(Map::new()),
                Some(properties) => resolver.value(properties, &path)?.unwrap_or(Json::Null),
            };
            let kind = resource
                .get("Type")
                .and_then(Yaml::as_str)
                .unwrap_or_default();
            if kind == "AWS::Serverless::Function" {
                let function = function::read(&logical, &globals, properties, &policies, &path)?;
                template.functions.insert(function.name.clone(), function);
            } else {
                template.take(&resolver, kind, &logical, properties, &path)?;
            }
        }
        for queue in template.queues.values() {
            if let Some((target, _)) = &queue.dead_letters
                && !template.queues.contains_key(target)
            {
                return Err(TemplateError::at(
                    &format!("Resources.{}", queue.logical),
                    format!("its dead letters go to {target}, which is no queue here"),
                ));
            }
        }
        Ok(template)
    }

    /// The queue with this ARN.
    pub fn queue_by_arn(&self, arn: &str) -> Option<&Queue> {
        self.queues.values().find(|queue| queue.arn == arn)
    }

    /// The queue with this logical id or name.
    pub fn queue(&self, name: &str) -> Option<&Queue> {
        self.queues
            .values()
            .find(|queue| queue.logical == name || queue.name == name)
    }

    fn take(
        &mut self,
        resolver: &Resolver<'_>,
        kind: &str,
        logical: &str,
        properties: Json,
        path: &str,
    ) -> Result<(), TemplateError> {
        match kind {
            "AWS::Serverless::HttpApi" => self.api = api(&properties, path)?,
            "AWS::DynamoDB::Table" => {
                let table = table(resolver, logical, properties, path)?;
                self.tables.insert(table.name.clone(), table);
            }
            "AWS::SQS::Queue" => {
                let queue = queue(resolver, logical, properties, path)?;
                self.queues.insert(queue.name.clone(), queue);
            }
            "AWS::SNS::Topic" => {
                let arn = resolver.attribute(logical, "TopicArn", path)?;
                self.topics.insert(logical.to_owned(), arn);
            }
            "AWS::KMS::Key" => {
                let id = resolver.attribute(logical, "KeyId", path)?;
                self.keys.insert(logical.to_owned(), id);
            }
            "AWS::S3::Bucket" => {
                let name = resolver.name_of(logical, path)?;
                self.buckets.insert(logical.to_owned(), name);
            }
            "AWS::CloudWatch::Alarm" => {
                let alarm = typed(properties, path)?;
                self.alarms.insert(logical.to_owned(), alarm);
            }
            // Log groups, aliases, layers and the like do nothing on one machine.
            _ => {}
        }
        Ok(())
    }
}

/// The properties as a type, or an error that names their path.
fn typed<T: DeserializeOwned>(properties: Json, path: &str) -> Result<T, TemplateError> {
    serde_json::from_value(properties).map_err(|error| TemplateError::at(path, error.to_string()))
}

fn table(
    resolver: &Resolver<'_>,
    logical: &str,
    properties: Json,
    path: &str,
) -> Result<Table, TemplateError> {
    let name = resolver.name_of(logical, path)?;
    let Json::Object(mut properties) = properties else {
        return Err(TemplateError::at(path, "is no mapping"));
    };
    let mut create = Map::new();
    create.insert("TableName".to_owned(), json!(name));
    for part in [
        "AttributeDefinitions",
        "KeySchema",
        "GlobalSecondaryIndexes",
        "LocalSecondaryIndexes",
        "BillingMode",
    ] {
        if let Some(value) = properties.remove(part) {
            create.insert(part.to_owned(), value);
        }
    }
    let mut stream_arn = None;
    if let Some(Json::Object(mut stream)) = properties.remove("StreamSpecification") {
        stream.insert("StreamEnabled".to_owned(), Json::Bool(true));
        create.insert("StreamSpecification".to_owned(), Json::Object(stream));
        stream_arn = Some(resolver.attribute(logical, "StreamArn", path)?);
    }
    Ok(Table {
        logical: logical.to_owned(),
        arn: resolver.attribute(logical, "Arn", path)?,
        name,
        stream_arn,
        create: Json::Object(create),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct QueueProperties {
    visibility_timeout: Option<i64>,
    message_retention_period: Option<i64>,
    delay_seconds: Option<i64>,
    maximum_message_size: Option<usize>,
    redrive_policy: Option<RedrivePolicy>,
    #[serde(default)]
    fifo_queue: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RedrivePolicy {
    dead_letter_target_arn: String,
    max_receive_count: u64,
}

fn queue(
    resolver: &Resolver<'_>,
    logical: &str,
    properties: Json,
    path: &str,
) -> Result<Queue, TemplateError> {
    let properties: QueueProperties = typed(properties, path)?;
    if properties.fifo_queue {
        return Err(TemplateError::at(path, "FIFO queues are not emulated"));
    }
    let name = resolver.name_of(logical, path)?;
    Ok(Queue {
        logical: logical.to_owned(),
        arn: arn("sqs", &name),
        url: queue_url(&name),
        name,
        // What SQS takes where the template is silent: 30 s, 4 days, no delay, 1 MiB.
        visibility_seconds: properties.visibility_timeout.unwrap_or(30),
        retention_seconds: properties.message_retention_period.unwrap_or(345_600),
        delay_seconds: properties.delay_seconds.unwrap_or(0),
        maximum_bytes: properties.maximum_message_size.unwrap_or(1_048_576),
        dead_letters: properties.redrive_policy.map(|policy| {
            let target = policy
                .dead_letter_target_arn
                .rsplit(':')
                .next()
                .unwrap_or_default();
            (target.to_owned(), policy.max_receive_count)
        }),
    })
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ApiAuth {
    default_authorizer: Option<String>,
    authorizers: BTreeMap<String, AuthorizerProperties>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AuthorizerProperties {
    jwt_configuration: JwtConfiguration,
    identity_source: Option<String>,
    #[serde(default)]
    authorization_scopes: Vec<String>,
}

#[derive(Deserialize)]
struct JwtConfiguration {
    issuer: String,
    audience: Vec<String>,
}

fn api(properties: &Json, path: &str) -> Result<Api, TemplateError> {
    let path = format!("{path}.Auth");
    let auth: ApiAuth = match properties.get("Auth") {
        None => ApiAuth::default(),
        Some(auth) => typed(auth.clone(), &path)?,
    };
    let mut authorizers = BTreeMap::new();
    for (name, authorizer) in auth.authorizers {
        let path = format!("{path}.Authorizers.{name}");
        let source = authorizer.identity_source.as_deref();
        if source.is_some_and(|source| source != "$request.header.Authorization") {
            return Err(TemplateError::at(
                &path,
                "only the Authorization header is read",
            ));
        }
        if !authorizer.authorization_scopes.is_empty() {
            return Err(TemplateError::at(&path, "scopes are not emulated"));
        }
        let JwtConfiguration { issuer, audience } = authorizer.jwt_configuration;
        authorizers.insert(name, Authorizer { issuer, audience });
    }
    Ok(Api {
        default_authorizer: auth.default_authorizer,
        authorizers,
    })
}

#[cfg(test)]
mod tests;
