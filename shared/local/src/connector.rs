//! The real SDK clients without a socket: their connector calls the port.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use bytes::Bytes;

use crate::port::{Port, Services};
use crate::template::REGION;

/// A configuration whose clients call `port` as `caller`: a function's name, or `local`.
pub fn sdk_config(port: &Port, caller: &str) -> SdkConfig {
    SdkConfig::builder()
        .endpoint_url(port.base())
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static(REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials(caller)))
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        // The SDK's own attempts; it need not wait for a database in the same process to recover.
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
        .http_client(SharedHttpClient::new(PortClient(Arc::downgrade(&port.0))))
        .build()
}

/// The secret of every caller. It is no secret: whoever reaches the loopback may name any function.
pub(crate) const SECRET: &str = "local";

/// Credentials that name the caller.
fn credentials(caller: &str) -> Credentials {
    Credentials::new(caller, SECRET, None, None, "icp-local")
}

/// Functions in this process live as long as it does, and their clients with them: the deployment ends all the same.
#[derive(Clone)]
struct PortClient(Weak<Services>);

impl fmt::Debug for PortClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PortClient")
    }
}

impl HttpClient for PortClient {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for PortClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let port = self.0.upgrade().map(Port);
        HttpConnectorFuture::new(async move {
            let port = port.ok_or_else(|| ConnectorError::user("the deployment is over".into()))?;
            let request = into_http(&request)?;
            from_http(&port.call(request).await)
        })
    }
}

fn into_http(request: &HttpRequest) -> Result<http::Request<Bytes>, ConnectorError> {
    let body = request
        .body()
        .bytes()
        .ok_or_else(|| ConnectorError::user("the local port takes no streamed bodies".into()))?;
    let mut builder = http::Request::builder()
        .method(request.method())
        .uri(request.uri());
    for (name, value) in request.headers() {
        builder = builder.header(name, value);
    }
    // A client of HTTP would write it; the signature is over it.
    let uri: http::Uri = request.uri().parse().unwrap_or_default();
    if let (Some(authority), None) = (uri.authority(), request.headers().get("host")) {
        builder = builder.header(http::header::HOST, authority.as_str());
    }
    builder
        .body(Bytes::copy_from_slice(body))
        .map_err(|error| ConnectorError::user(error.into()))
}

fn from_http(response: &http::Response<Bytes>) -> Result<HttpResponse, ConnectorError> {
    let status = response
        .status()
        .as_u16()
        .try_into()
        .map_err(|_| ConnectorError::user("the status is out of range".into()))?;
    let mut answer = HttpResponse::new(status, SdkBody::from(response.body().clone()));
    for (name, value) in response.headers() {
        if let Ok(value) = value.to_str() {
            answer
                .headers_mut()
                .insert(name.as_str().to_owned(), value.to_owned());
        }
    }
    Ok(answer)
}
