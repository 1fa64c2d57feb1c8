//! The control endpoints of a running deployment, under `/_local/` on the port of the AWS
//! protocols: for `cargo local`'s other commands, and for tests of the binaries.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::deployment::Deployment;
use crate::error::LocalError;
use crate::gateway::own;
use crate::issuer::Grant;
use crate::wire::answer as json_answer;

/// Beyond this a move of the clock goes in larger steps, so that it ends while one waits.
const MINUTE_BY_MINUTE: SignedDuration = SignedDuration::from_hours(6);
const SMALL_STEP: SignedDuration = SignedDuration::from_mins(1);
const LARGE_STEP: SignedDuration = SignedDuration::from_mins(10);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum MoveClock {
    Advance(String),
    Set(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    role: String,
    account: String,
    sub: String,
}

/// Answers a request to `/_local/…`.
pub(crate) async fn answer(deployment: &Deployment, request: &Request<Bytes>) -> Response<Bytes> {
    let path = request.uri().path().trim_start_matches("/_local/");
    if let Some((authorizer, below)) = path
        .strip_prefix("issuers/")
        .and_then(|path| path.split_once('/'))
    {
        return deployment.issuers().answer(authorizer, below, request);
    }
    match answered(deployment, request.method(), path, request.body()).await {
        Ok(Some(answer)) => json_answer("application/json", &answer),
        Ok(None) => own(StatusCode::NOT_FOUND, "Not Found"),
        Err(error) => own(StatusCode::BAD_REQUEST, &chain(&error)),
    }
}

async fn answered(
    deployment: &Deployment,
    method: &Method,
    path: &str,
    body: &[u8],
) -> Result<Option<Json>, LocalError> {
    let parts: Vec<&str> = path.split('/').collect();
    Ok(Some(match (method.as_str(), parts.as_slice()) {
        ("GET", ["clock"]) => clock(deployment),
        ("POST", ["clock"]) => {
            match read(body)? {
                MoveClock::Set(text) => {
                    let now: Timestamp = text.parse().map_err(|_| {
                        let wanted = "an instant, such as 2026-03-02T10:00:00+08:00";
                        LocalError::Refused(format!("{text:?} is not {wanted}"))
                    })?;
                    deployment.set_clock(now).await?;
                }
                MoveClock::Advance(text) => {
                    let span: Span = text.parse().map_err(|_| {
                        let wanted = "a span of time, such as 3d, 12h or 90m";
                        LocalError::Refused(format!("{text:?} is not {wanted}"))
                    })?;
                    advance(deployment, span).await?;
                }
            }
            clock(deployment)
        }
        ("POST", ["run", function]) => {
            let before = deployment.failures().len();
            deployment.tick(function).await?;
            if let Some(failure) = deployment.failures().get(before..).and_then(<[_]>::last) {
                return Err(LocalError::Refused(format!(
                    "{} failed: {}",
                    failure.function, failure.error
                )));
            }
            json!({ "batches": deployment.settle().await? })
        }
        ("POST", ["settle"]) => json!({ "batches": deployment.settle().await? }),
        ("GET", ["sent"]) => json!({
            "sms": deployment.sms(),
            "mails": deployment.mails(),
            "topicMessages": deployment.topic_messages(),
        }),
        ("GET", ["sms"]) => json!(deployment.sms()),
        ("GET", ["topic-messages"]) => json!(deployment.topic_messages()),
        ("GET", ["queues"]) => queues(deployment),
        ("POST", ["tokens"]) => {
            let Ask { role, account, sub } = read(body)?;
            json!({ "token": deployment.issuers().token(&Grant { role, account, sub })? })
        }
        _ => return Ok(None),
    }))
}

async fn advance(deployment: &Deployment, span: Span) -> Result<(), LocalError> {
    let mut left = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|error| LocalError::Refused(error.to_string()))?;
    if left.is_negative() {
        return Err(LocalError::Refused(
            "time goes forward; use `clock set` to go back".to_owned(),
        ));
    }
    let step = if left <= MINUTE_BY_MINUTE {
        SMALL_STEP
    } else {
        LARGE_STEP
    };
    while !left.is_zero() {
        let next = step.min(left);
        deployment.advance(next).await?;
        left -= next;
    }
    Ok(())
}

fn clock(deployment: &Deployment) -> Json {
    json!({ "now": deployment.clock().now() })
}

fn queues(deployment: &Deployment) -> Json {
    let queues = deployment.template().queues.values().map(|queue| {
        let depth = deployment.port().sqs().depth(queue);
        let counts = json!({
            "visible": depth.visible, "hidden": depth.hidden, "delayed": depth.delayed,
        });
        (queue.logical.clone(), counts)
    });
    Json::Object(queues.collect())
}

fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, LocalError> {
    serde_json::from_slice(body).map_err(|error| LocalError::Refused(error.to_string()))
}

/// An error with its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
