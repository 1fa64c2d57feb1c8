//! The emulator against the real SDK clients, and the deployment as a whole.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking"
)]

mod aws;
mod command;
mod deliveries;
mod fault_run;
mod gateway;
mod restart;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::types::AttributeValue;
use futures::FutureExt;
use icp_local::{Deployment, Handler, Options};
use serde_json::Value as Json;

/// The table of the sample.
pub(crate) const TABLE: &str = "local-Table";
/// The function of the sample that has rights.
pub(crate) const KEEPER: &str = "keep-notes";

/// The sample's template.
pub(crate) fn sample() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sample.yaml"))
}

/// The sample, in memory, at a fixed instant.
pub(crate) fn deployment() -> Deployment {
    Deployment::start(&Options::for_tests(
        sample(),
        "2026-03-02T02:00:00Z".parse().unwrap(),
    ))
    .unwrap()
}

/// A client of the table.
pub(crate) fn dynamodb(deployment: &Deployment, caller: &str) -> aws_sdk_dynamodb::Client {
    aws_sdk_dynamodb::Client::new(&deployment.sdk_config(caller))
}

/// Writes a row.
pub(crate) async fn put(client: &aws_sdk_dynamodb::Client, pk: &str) -> Result<(), String> {
    client
        .put_item()
        .table_name(TABLE)
        .item("pk", AttributeValue::S(pk.to_owned()))
        .item("sk", AttributeValue::S("HEAD".to_owned()))
        .send()
        .await
        .map(|_| ())
        .map_err(|error| {
            error
                .into_service_error()
                .meta()
                .code()
                .unwrap_or("none")
                .to_owned()
        })
}

/// Events that a function got.
pub(crate) type Seen = Arc<Mutex<Vec<Json>>>;

/// A function that keeps its events and answers by `answer`.
pub(crate) fn recording(
    answer: impl Fn(&Json) -> Result<Json, String> + Send + Sync + 'static,
) -> (Handler, Seen) {
    let seen = Seen::default();
    let kept = Arc::clone(&seen);
    let handler: Handler = Arc::new(move |event| {
        let result = answer(&event);
        kept.lock().unwrap().push(event);
        async move { result }.boxed()
    });
    (handler, seen)
}
