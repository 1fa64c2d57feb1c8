//! S3: objects as files, behind the protocol's own checks.
//!
//! **Invariant:** signatures, checksums and conditions are checked here, unlike elsewhere: a link
//! that was tampered with or is over gets nothing, since browsers follow it without the port's
//! other callers between.

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{S3Error, S3ErrorCode, S3Result};
use s3s_fs::FileSystem;
use tempfile::TempDir;

use crate::connector::SECRET;
use crate::error::LocalError;
use crate::files::{Place, io_at};
use crate::policy::Need;
use crate::wire::respond;

/// All buckets.
pub(crate) struct S3 {
    service: S3Service,
    buckets: Vec<String>,
    _gone_with_the_process: Option<TempDir>,
}

impl S3 {
    /// Opens the buckets that the template names.
    pub(crate) fn open(
        place: &Place,
        buckets: &BTreeMap<String, String>,
    ) -> Result<Self, LocalError> {
        let (root, temporary) = if let Some(root) = place.file("s3") {
            (root, None)
        } else {
            let held = TempDir::new().map_err(|source| io_at(&std::env::temp_dir(), source))?;
            (held.path().join("s3"), Some(held))
        };
        // The root is there also for a template without a bucket.
        std::fs::create_dir_all(&root).map_err(|source| io_at(&root, source))?;
        for bucket in buckets.values() {
            let folder = root.join(bucket);
            std::fs::create_dir_all(&folder).map_err(|source| io_at(&folder, source))?;
        }
        Ok(Self {
            service: service(&root)?,
            buckets: buckets.values().cloned().collect(),
            _gone_with_the_process: temporary,
        })
    }

    /// What a request needs.
    pub(crate) fn needs(request: &Request<Bytes>) -> Vec<Need> {
        let path = percent_encoding::percent_decode_str(request.uri().path()).decode_utf8_lossy();
        let path = path.trim_start_matches('/');
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let arn = |rest: &str| format!("arn:aws:s3:::{bucket}{rest}");
        let on_object = |action: &str| vec![Need::new(action, arn(&format!("/{key}")))];
        match (key.is_empty(), request.method()) {
            (true, _) => vec![Need::new("s3:ListBucket", arn(""))],
            (false, &Method::PUT | &Method::POST) => on_object("s3:PutObject"),
            (false, &Method::DELETE)
                if request
                    .uri()
                    .query()
                    .is_some_and(|query| query.contains("versionId=")) =>
            {
                on_object("s3:DeleteObjectVersion")
            }
            (false, &Method::DELETE) => on_object("s3:DeleteObject"),
            (false, _) => on_object("s3:GetObject"),
        }
    }

    /// Whether a path leads into a bucket.
    pub(crate) fn holds(&self, path: &str) -> bool {
        let bucket = path.trim_start_matches('/').split('/').next();
        self.buckets
            .iter()
            .any(|name| Some(name.as_str()) == bucket)
    }

    /// Answers a request.
    pub(crate) async fn call(&self, request: Request<Bytes>) -> Response<Bytes> {
        // The file system keeps what it then finds to be other than its checksum says.
        if let Some(refused) = not_as_announced(&request) {
            return refused;
        }
        let answered = self.service.call(request.map(s3s::Body::from)).await;
        let mut response = match answered {
            Ok(response) => {
                let (parts, body) = response.into_parts();
                match body.collect().await {
                    Ok(body) => Response::from_parts(parts, body.to_bytes()),
                    Err(error) => broken(&error.to_string()),
                }
            }
            Err(error) => broken(&format!("{error:?}")),
        };
        let anybody = HeaderValue::from_static("*");
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, anybody);
        response
    }
}

/// What a browser asks before it uploads: the bucket's CORS rules of the template allow it.
pub(crate) fn preflight() -> Response<Bytes> {
    let mut response = respond(StatusCode::NO_CONTENT, "text/plain", "");
    let headers = response.headers_mut();
    let star = || HeaderValue::from_static("*");
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, star());
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, star());
    let methods = HeaderValue::from_static("GET, PUT");
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    response
}

/// The answer to a body that is not as long as its headers say, or of another checksum.
fn not_as_announced(request: &Request<Bytes>) -> Option<Response<Bytes>> {
    let header = |name: &str| request.headers().get(name)?.to_str().ok();
    let length = header("content-length").and_then(|length| length.parse().ok());
    let refused = |code: &str| {
        let body = format!("<Error><Code>{code}</Code></Error>");
        Some(respond(StatusCode::BAD_REQUEST, "application/xml", body))
    };
    if length.is_some_and(|length: usize| length != request.body().len()) {
        return refused("IncompleteBody");
    }
    let sum = header("x-amz-checksum-sha256")?;
    let digest = ring::digest::digest(&ring::digest::SHA256, request.body());
    if STANDARD.encode(digest) == sum {
        None
    } else {
        refused("BadDigest")
    }
}

fn service(root: &PathBuf) -> Result<S3Service, LocalError> {
    let files = FileSystem::new(root).map_err(|error| LocalError::Damaged {
        path: root.clone(),
        what: format!("{error:?}"),
    })?;
    let mut builder = S3ServiceBuilder::new(files);
    builder.set_auth(OneSecret);
    builder.set_access(WhoeverSigned);
    Ok(builder.build())
}

fn broken(what: &str) -> Response<Bytes> {
    tracing::error!("the emulated S3 failed: {what}");
    respond(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", "")
}

/// Every caller has the one local secret.
struct OneSecret;

#[async_trait::async_trait]
impl S3Auth for OneSecret {
    async fn get_secret_key(&self, _access_key: &str) -> S3Result<SecretKey> {
        Ok(SecretKey::from(SECRET))
    }
}

/// What a caller may do was asked of its policy before the request came here.
struct WhoeverSigned;

#[async_trait::async_trait]
impl S3Access for WhoeverSigned {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        match context.credentials() {
            Some(_) => Ok(()),
            None => Err(S3Error::new(S3ErrorCode::AccessDenied)),
        }
    }
}
