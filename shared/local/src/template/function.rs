//! A function of the template: what it may do, what calls it, and with which environment.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;
use serde_yaml_ng::Value as Yaml;

use super::resolve::{Resolver, entries};
use super::source::{DestinationConfig, QueueSource, RouteSource, ScheduleSource, StreamSource};
use super::{TemplateError, source, typed};
use crate::policy::{Resources, Statement};

/// One Lambda function.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name: of the folder, the package and the binary.
    pub name: String,
    /// Its logical id.
    pub logical: String,
    /// After how long it is ended.
    pub timeout_seconds: u64,
    /// Its memory.
    pub memory_megabytes: u64,
    /// How many of it may run at once, where the template says so.
    pub reserved_concurrency: Option<u64>,
    /// Its variables.
    pub environment: BTreeMap<String, String>,
    /// What it may do.
    pub statements: Vec<Statement>,
    /// The most that it may do, whatever its policy says.
    pub boundary: Option<Vec<Statement>>,
    /// HTTP routes that call it.
    pub routes: Vec<RouteSource>,
    /// Schedules that call it.
    pub schedules: Vec<ScheduleSource>,
    /// Queues that call it.
    pub queues: Vec<QueueSource>,
    /// Streams that call it.
    pub streams: Vec<StreamSource>,
    /// What happens to an asynchronous event that it fails.
    pub asynchronous: AsyncInvoke,
    /// All its properties, for checks that read more.
    pub properties: Json,
}

/// What Lambda does with an asynchronous event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsyncInvoke {
    /// How often a failed event is tried again.
    pub retries: u64,
    /// Where it goes then.
    pub on_failure_arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    code_uri: String,
    timeout: Option<u64>,
    memory_size: Option<u64>,
    reserved_concurrent_executions: Option<u64>,
    environment: Option<Environment>,
    #[serde(default)]
    policies: Vec<PolicyProperty>,
    #[serde(default)]
    events: BTreeMap<String, Event>,
    event_invoke_config: Option<EventInvokeConfig>,
    dead_letter_queue: Option<DeadLetterQueue>,
    permissions_boundary: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Environment {
    variables: BTreeMap<String, Json>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PolicyProperty {
    statement: OneOrMany<StatementProperty>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct StatementProperty {
    effect: String,
    action: OneOrMany<String>,
    resource: Option<OneOrMany<String>>,
    not_resource: Option<OneOrMany<String>>,
    #[serde(rename = "Sid")]
    _sid: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

impl<T> OneOrMany<T> {
    fn into_vec(self) -> Vec<T> {
        match self {
            Self::Many(values) => values,
            Self::One(value) => vec![value],
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    r#type: String,
    #[serde(default)]
    properties: Json,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EventInvokeConfig {
    maximum_retry_attempts: Option<u64>,
    destination_config: Option<DestinationConfig>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeadLetterQueue {
    target_arn: String,
}

/// Reads a function; `globals` are laid under its properties.
pub(super) fn read(
    logical: &str,
    globals: &Json,
    properties: Json,
    managed: &BTreeMap<String, Vec<Statement>>,
    path: &str,
) -> Result<Function, TemplateError> {
    let all = merged(globals.clone(), properties);
    let properties: Properties = typed(all.clone(), path)?;
    let name = properties
        .code_uri
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .filter(|name| !name.is_empty())
        .ok_or_else(|| TemplateError::at(path, "CodeUri names no folder"))?;
    let boundary = match properties.permissions_boundary {
        None => None,
        Some(policy) => Some(managed.get(&policy).cloned().ok_or_else(|| {
            TemplateError::at(
                path,
                format!("its boundary {policy} is no managed policy here"),
            )
        })?),
    };
    let mut function = Function {
        name: name.to_owned(),
        logical: logical.to_owned(),
        timeout_seconds: properties.timeout.unwrap_or(3),
        memory_megabytes: properties.memory_size.unwrap_or(128),
        reserved_concurrency: properties.reserved_concurrent_executions,
        environment: properties
            .environment
            .map_or_else(BTreeMap::new, |environment| {
                environment
                    .variables
                    .into_iter()
                    .map(|(name, value)| (name, plain(&value)))
                    .collect()
            }),
        statements: statements(properties.policies, path)?,
        boundary,
        routes: Vec::new(),
        schedules: Vec::new(),
        queues: Vec::new(),
        streams: Vec::new(),
        asynchronous: asynchronous(properties.event_invoke_config, properties.dead_letter_queue),
        properties: all,
    };
    for (name, event) in properties.events {
        let path = format!("{path}.Events.{name}");
        match event.r#type.as_str() {
            "HttpApi" => function
                .routes
                .push(source::route(event.properties, &path)?),
            "Schedule" | "ScheduleV2" => {
                let by_scheduler = event.r#type == "ScheduleV2";
                let schedule = source::schedule(name, by_scheduler, event.properties, &path)?;
                function.schedules.extend(schedule);
            }
            "SQS" => function
                .queues
                .push(source::queue(event.properties, &path)?),
            "DynamoDB" => function
                .streams
                .push(source::stream(event.properties, &path)?),
            other => {
                return Err(TemplateError::at(
                    &path,
                    format!("{other} events are not emulated"),
                ));
            }
        }
    }
    Ok(function)
}

/// `over` laid over `under`: mappings merge, lists add up, the rest is replaced, as SAM does.
fn merged(under: Json, over: Json) -> Json {
    match (under, over) {
        (Json::Object(mut under), Json::Object(over)) => {
            for (key, value) in over {
                let value = match under.remove(&key) {
                    Some(below) => merged(below, value),
                    None => value,
                };
                under.insert(key, value);
            }
            Json::Object(under)
        }
        (Json::Array(mut under), Json::Array(over)) => {
            under.extend(over);
            Json::Array(under)
        }
        (_, over) => over,
    }
}

fn plain(value: &Json) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The statements of policies.
pub(super) fn statements(
    policies: Vec<PolicyProperty>,
    path: &str,
) -> Result<Vec<Statement>, TemplateError> {
    let all = policies
        .into_iter()
        .flat_map(|policy| policy.statement.into_vec());
    all.map(|statement| {
        let allows = match statement.effect.as_str() {
            "Allow" => true,
            "Deny" => false,
            other => {
                return Err(TemplateError::at(
                    path,
                    format!("no Effect is called {other}"),
                ));
            }
        };
        let resources = match (statement.resource, statement.not_resource) {
            (Some(only), None) => Resources::Only(only.into_vec()),
            (None, Some(but)) => Resources::AllBut(but.into_vec()),
            _ => {
                return Err(TemplateError::at(
                    path,
                    "a statement has either Resource or NotResource",
                ));
            }
        };
        Ok(Statement {
            allows,
            actions: statement.action.into_vec(),
            resources,
        })
    })
    .collect()
}

fn asynchronous(
    config: Option<EventInvokeConfig>,
    dead_letters: Option<DeadLetterQueue>,
) -> AsyncInvoke {
    let retries = config
        .as_ref()
        .and_then(|config| config.maximum_retry_attempts);
    let destination = config
        .and_then(|config| config.destination_config)
        .and_then(|config| config.on_failure)
        .map(|on_failure| on_failure.destination);
    AsyncInvoke {
        // Lambda tries twice more where the template is silent.
        retries: retries.unwrap_or(2),
        on_failure_arn: destination.or(dead_letters.map(|queue| queue.target_arn)),
    }
}

/// The managed policies, by name: a function's boundary is one of them.
pub(super) fn managed_policies(
    resolver: &Resolver<'_>,
    yaml: &Yaml,
) -> Result<BTreeMap<String, Vec<Statement>>, TemplateError> {
    let mut policies = BTreeMap::new();
    for (logical, resource) in entries(yaml.get("Resources"), "Resources")? {
        if resource.get("Type").and_then(Yaml::as_str) == Some("AWS::IAM::ManagedPolicy") {
            let path = format!("Resources.{logical}.Properties.PolicyDocument");
            let document = resource
                .get("Properties")
                .and_then(|properties| properties.get("PolicyDocument"))
                .ok_or_else(|| TemplateError::at(&path, "is missing"))?;
            let document = resolver.value(document, &path)?.unwrap_or(Json::Null);
            let name = resolver.name_of(&logical, &path)?;
            policies.insert(name, statements(vec![typed(document, &path)?], &path)?);
        }
    }
    Ok(policies)
}
