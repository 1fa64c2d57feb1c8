//! What a function is opened with.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::config::{SharedCredentialsProvider, retry::RetryConfig};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use icp_domain::Rulebook;

use crate::{Environment, StartError};

/// What a function is opened with: its variables, its way to AWS, and the policy.
#[derive(Debug, Clone)]
pub struct Start {
    /// Variables.
    pub environment: Environment,
    /// Every AWS client is made from this.
    pub aws: SdkConfig,
    /// Policy, validated.
    pub rulebook: &'static Rulebook,
}

/// One try of one call. A DynamoDB write answers in milliseconds; what takes longer is lost.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);

/// One call with its retries: shorter than the shortest function's own time-out.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(12);

/// Tries of one call, the first included.
const ATTEMPTS: u32 = 3;

impl Start {
    /// From the process's environment, as on Lambda.
    pub fn of_process() -> Result<Self, StartError> {
        let environment = Environment::of_process();
        let region = environment.required("AWS_REGION", "the region, such as eu-central-1")?;
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let mut aws = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(
                EnvironmentVariableCredentialsProvider::new(),
            ))
            .http_client(http);
        aws.set_endpoint_url(environment.optional("AWS_ENDPOINT_URL").map(str::to_owned));
        let aws = bounded(aws).build();
        let rulebook = match environment.optional("ICP_CONFIG_DIR") {
            Some(folder) => read_rulebook(Path::new(folder))?,
            None => Rulebook::shipped()?,
        };
        Ok(Self {
            environment,
            aws,
            rulebook: Box::leak(Box::new(rulebook)),
        })
    }

    /// From given parts, as in the local deployment; the time bounds are the deployed ones.
    pub fn of_parts(
        environment: Environment,
        aws: &SdkConfig,
        rulebook: &'static Rulebook,
    ) -> Self {
        Self {
            environment,
            aws: bounded(aws.clone().into_builder()).build(),
            rulebook,
        }
    }
}

fn bounded(mut aws: aws_types::sdk_config::Builder) -> aws_types::sdk_config::Builder {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build();
    aws.set_timeout_config(Some(timeouts))
        .set_retry_config(Some(RetryConfig::standard().with_max_attempts(ATTEMPTS)))
        .set_sleep_impl(Some(SharedAsyncSleep::new(TokioSleep::new())));
    aws
}

/// Reads the policy: what is shipped, overlaid by the JSON files of an operator's folder.
pub fn read_rulebook(folder: &Path) -> Result<Rulebook, StartError> {
    Ok(Rulebook::read(&config_files(folder)?)?)
}

/// Reads every JSON file of the configuration's folder: name -> text.
fn config_files(folder: &Path) -> Result<BTreeMap<String, String>, StartError> {
    let unreadable = |path: &Path| {
        let path = path.display().to_string();
        move |source| StartError::Unreadable { path, source }
    };
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable(folder))? {
        let path = entry.map_err(unreadable(folder))?.path();
        let (Some(name), Some("json")) = (
            path.file_name().and_then(|name| name.to_str()),
            path.extension().and_then(|extension| extension.to_str()),
        ) else {
            continue;
        };
        let text = std::fs::read_to_string(&path).map_err(unreadable(&path))?;
        files.insert(name.to_owned(), text);
    }
    Ok(files)
}
