//! What calls a function: routes, schedules, queues and streams, as their events say.

use serde::Deserialize;
use serde_json::Value as Json;

use super::{TemplateError, typed};

/// A route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteSource {
    /// Upper case, or `ANY`; `$default` has `ANY`.
    pub method: String,
    /// As the template writes it, or `$default`.
    pub path: String,
    /// The named authorizer, `NONE`, or nothing: the API's default.
    pub authorizer: Option<String>,
}

/// A schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleSource {
    /// The event's name in the template.
    pub name: String,
    /// How often.
    pub every_seconds: i64,
    /// The event, where the template fixes it.
    pub input: Option<Json>,
    /// By EventBridge Scheduler rather than by a rule.
    pub by_scheduler: bool,
}

/// A queue that calls a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSource {
    /// The queue's ARN.
    pub queue_arn: String,
    /// How many messages at once.
    pub batch_size: usize,
    /// Whether the function names the messages that failed.
    pub reports_failures: bool,
}

/// A table's stream that calls a function.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamSource {
    /// The stream's ARN.
    pub stream_arn: String,
    /// How many records at once.
    pub batch_size: usize,
    /// Patterns; a record must match one of them, where there are any.
    pub filters: Vec<Json>,
    /// How often a failed batch is tried again; nothing: until it is too old.
    pub retries: Option<u64>,
    /// Beyond which age a record is given up.
    pub maximum_age_seconds: Option<i64>,
    /// Whether a failed batch is halved.
    pub bisects: bool,
    /// Whether the function names the record that failed.
    pub reports_failures: bool,
    /// Where a batch that was given up is told of.
    pub on_failure_arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DestinationConfig {
    pub(super) on_failure: Option<OnFailure>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OnFailure {
    pub(super) destination: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HttpApiEvent {
    path: Option<String>,
    method: Option<String>,
    auth: Option<RouteAuth>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RouteAuth {
    authorizer: Option<String>,
}

/// Reads the event of a route.
pub(super) fn route(properties: Json, path: &str) -> Result<RouteSource, TemplateError> {
    let event: HttpApiEvent = typed(properties, path)?;
    let method = event
        .method
        .unwrap_or_else(|| "ANY".to_owned())
        .to_ascii_uppercase();
    Ok(RouteSource {
        method: if method == "*" || method == "X-AMAZON-APIGATEWAY-ANY-METHOD" {
            "ANY".to_owned()
        } else {
            method
        },
        path: event.path.unwrap_or_else(|| "$default".to_owned()),
        authorizer: event.auth.and_then(|auth| auth.authorizer),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ScheduleEvent {
    #[serde(alias = "ScheduleExpression")]
    schedule: String,
    input: Option<String>,
    #[serde(default)]
    state: ScheduleState,
}

#[derive(Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ScheduleState {
    #[default]
    Enabled,
    Disabled,
}

/// Reads the event of a schedule; none where it is switched off.
pub(super) fn schedule(
    name: String,
    by_scheduler: bool,
    properties: Json,
    path: &str,
) -> Result<Option<ScheduleSource>, TemplateError> {
    let event: ScheduleEvent = typed(properties, path)?;
    let every_seconds = event
        .schedule
        .strip_prefix("rate(")
        .and_then(|rest| rest.strip_suffix(')'))
        .and_then(|rest| rest.split_once(' '))
        .and_then(|(count, unit)| {
            let count: i64 = count.parse().ok().filter(|count| 0 < *count)?;
            // EventBridge takes the singular for one and the plural for more, and nothing else.
            let seconds = match (count, unit) {
                (1, "minute") | (2.., "minutes") => 60,
                (1, "hour") | (2.., "hours") => 3_600,
                (1, "day") | (2.., "days") => 86_400,
                _ => return None,
            };
            Some(count * seconds)
        })
        .ok_or_else(|| {
            TemplateError::at(path, format!("{} is no rate(n minutes)", event.schedule))
        })?;
    let input = match event.input {
        None => None,
        Some(text) => Some(
            serde_json::from_str(&text)
                .map_err(|error| TemplateError::at(path, format!("Input is no JSON: {error}")))?,
        ),
    };
    let is_on = event.state == ScheduleState::Enabled;
    Ok(is_on.then_some(ScheduleSource {
        name,
        every_seconds,
        input,
        by_scheduler,
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct QueueEvent {
    queue: String,
    batch_size: Option<usize>,
    #[serde(default)]
    function_response_types: Vec<String>,
    filter_criteria: Option<Json>,
}

/// Reads the event of a queue.
pub(super) fn queue(properties: Json, path: &str) -> Result<QueueSource, TemplateError> {
    let event: QueueEvent = typed(properties, path)?;
    if event.filter_criteria.is_some() {
        return Err(TemplateError::at(
            path,
            "filters of queues are not emulated",
        ));
    }
    Ok(QueueSource {
        queue_arn: event.queue,
        batch_size: event.batch_size.unwrap_or(10),
        reports_failures: reports(&event.function_response_types, path)?,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StreamEvent {
    stream: String,
    batch_size: Option<usize>,
    filter_criteria: Option<FilterCriteria>,
    maximum_retry_attempts: Option<i64>,
    maximum_record_age_in_seconds: Option<i64>,
    #[serde(default)]
    bisect_batch_on_function_error: bool,
    #[serde(default)]
    function_response_types: Vec<String>,
    destination_config: Option<DestinationConfig>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FilterCriteria {
    filters: Vec<Filter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    pattern: String,
}

/// Reads the event of a stream.
pub(super) fn stream(properties: Json, path: &str) -> Result<StreamSource, TemplateError> {
    let event: StreamEvent = typed(properties, path)?;
    let filters = event
        .filter_criteria
        .map_or_else(Vec::new, |criteria| criteria.filters);
    Ok(StreamSource {
        stream_arn: event.stream,
        batch_size: event.batch_size.unwrap_or(100),
        filters: filters
            .iter()
            .map(|filter| {
                let pattern = serde_json::from_str(&filter.pattern).map_err(|error| {
                    TemplateError::at(path, format!("a filter's Pattern is no JSON: {error}"))
                })?;
                crate::events::check_pattern(&pattern)
                    .map_err(|what| TemplateError::at(path, what))?;
                Ok(pattern)
            })
            .collect::<Result<_, TemplateError>>()?,
        // -1 is AWS's word for "no end".
        retries: event
            .maximum_retry_attempts
            .and_then(|count| u64::try_from(count).ok()),
        maximum_age_seconds: event.maximum_record_age_in_seconds.filter(|age| 0 <= *age),
        bisects: event.bisect_batch_on_function_error,
        reports_failures: reports(&event.function_response_types, path)?,
        on_failure_arn: event
            .destination_config
            .and_then(|config| config.on_failure)
            .map(|on_failure| on_failure.destination),
    })
}

fn reports(types: &[String], path: &str) -> Result<bool, TemplateError> {
    match types {
        [] => Ok(false),
        [only] if only == "ReportBatchItemFailures" => Ok(true),
        _ => Err(TemplateError::at(
            path,
            "FunctionResponseTypes knows ReportBatchItemFailures only",
        )),
    }
}
