//! Files: objects of the one bucket, reached by presigned links or read part by part.
//!
//! **Invariant:** S3 stops here. A link is for one object, one length, one type and one checksum, and
//! never overwrites; what a row pins is the version that was seen.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumMode, CompletedMultipartUpload, CompletedPart};
use aws_types::SdkConfig;
use icp_domain::filing::MediaType;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::StoreError;

/// The bucket.
#[derive(Debug, Clone)]
pub struct Files {
    client: Client,
    bucket: String,
}

/// An object as it shall be uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its type.
    pub media_type: &'a str,
    /// SHA-256 of its bytes, in base64 as S3 writes it.
    pub sha256: &'a str,
}

/// An object as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its version, where the bucket keeps versions.
    pub version: Option<String>,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its type.
    pub media_type: String,
    /// SHA-256 of its bytes, in base64, where S3 holds it.
    pub sha256: Option<String>,
}

/// A link that does one thing to one object, for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FileLink)]
pub struct Link {
    /// `PUT` or `GET`.
    pub method: String,
    /// Where.
    pub url: String,
    /// Headers that the request has to carry as they are.
    pub headers: Vec<(String, String)>,
}

impl Files {
    /// The bucket `bucket`. Nothing is called before the first use.
    pub fn open(aws: &SdkConfig, bucket: &str) -> Self {
        // An endpoint of its own has no host name for each bucket.
        let by_path = aws.endpoint_url().is_some();
        let config = Builder::from(aws).force_path_style(by_path).build();
        Self {
            client: Client::from_conf(config),
            bucket: bucket.to_owned(),
        }
    }

    /// A link that uploads an object as expected, and only where there is none.
    pub async fn upload_link(
        &self,
        expected: &Expected<'_>,
        life: Duration,
    ) -> Result<Link, StoreError> {
        let request = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(expected.key)
            .content_length(i64::try_from(expected.bytes).unwrap_or(i64::MAX))
            .content_type(expected.media_type)
            .checksum_sha256(expected.sha256)
            .if_none_match("*")
            .presigned(presigning(life)?)
            .await
            .map_err(StoreError::unavailable)?;
        Ok(link(&request))
    }

    /// A link that downloads an object at a version, under a name.
    pub async fn download_link(
        &self,
        key: &str,
        version: Option<&str>,
        name: &str,
        life: Duration,
    ) -> Result<Link, StoreError> {
        let request = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .set_version_id(version.map(str::to_owned))
            // Shown by nobody's page: a browser saves it.
            .response_content_disposition(format!("attachment; filename=\"{name}\""))
            .presigned(presigning(life)?)
            .await
            .map_err(StoreError::unavailable)?;
        Ok(link(&request))
    }

    /// An object as it stands, if it is there.
    pub async fn seen(&self, key: &str) -> Result<Option<Seen>, StoreError> {
        let head = self
            .client
            .head_object()
            .bucket(&self.bucket)
            .key(key)
            .checksum_mode(ChecksumMode::Enabled)
            .send()
            .await;
        match head {
            Ok(head) => Ok(Some(Seen {
                version: head.version_id().map(str::to_owned),
                bytes: u64::try_from(head.content_length().unwrap_or_default()).unwrap_or_default(),
                media_type: head.content_type().unwrap_or_default().to_owned(),
                sha256: head.checksum_sha256().map(str::to_owned),
            })),
            // The answer to HEAD has no body that would name the error.
            Err(error)
                if error
                    .raw_response()
                    .is_some_and(|raw| raw.status().as_u16() == 404) =>
            {
                Ok(None)
            }
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }

    /// An object whole. For objects that this service wrote itself and knows to be small.
    pub async fn read(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(stream) = self.stream(key).await? else {
            return Ok(None);
        };
        let bytes = stream.collect().await.map_err(StoreError::unavailable)?;
        Ok(Some(bytes.to_vec()))
    }

    /// An object as it comes.
    pub async fn stream(&self, key: &str) -> Result<Option<ByteStream>, StoreError> {
        let got = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .send()
            .await;
        match got {
            Ok(got) => Ok(Some(got.body)),
            Err(error) if error.code() == Some("NoSuchKey") => Ok(None),
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }

    /// Bytes of an object from `from` on, at most `most`; empty behind its end.
    pub async fn range(&self, key: &str, from: u64, most: u64) -> Result<Vec<u8>, StoreError> {
        let last = from.saturating_add(most).saturating_sub(1);
        let got = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .range(format!("bytes={from}-{last}"))
            .send()
            .await;
        match got {
            Ok(got) => {
                let bytes = got.body.collect().await.map_err(StoreError::unavailable)?;
                Ok(bytes.to_vec())
            }
            Err(error) if error.code() == Some("InvalidRange") => Ok(Vec::new()),
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }

    /// Writes an object that this service makes; writing it again writes the same.
    pub async fn write(
        &self,
        key: &str,
        media_type: &str,
        bytes: Vec<u8>,
    ) -> Result<(), StoreError> {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(media_type)
            .body(bytes.into())
            .send()
            .await
            .map(|_| ())
            .map_err(StoreError::unavailable)
    }

    /// Deletes an object at a version; one that is gone is no fault.
    pub async fn delete(&self, key: &str, version: Option<&str>) -> Result<(), StoreError> {
        self.client
            .delete_object()
            .bucket(&self.bucket)
            .key(key)
            .set_version_id(version.map(str::to_owned))
            .send()
            .await
            .map(|_| ())
            .map_err(StoreError::unavailable)
    }

    /// Begins an object that is written part by part; gives the upload's id.
    pub async fn begin(&self, key: &str, media_type: &str) -> Result<String, StoreError> {
        let begun = self
            .client
            .create_multipart_upload()
            .bucket(&self.bucket)
            .key(key)
            .content_type(media_type)
            .send()
            .await
            .map_err(StoreError::unavailable)?;
        Ok(begun.upload_id().unwrap_or_default().to_owned())
    }

    /// Writes one part, from 1 on; all but the last have 5 MB at least. Gives its tag.
    pub async fn write_part(
        &self,
        key: &str,
        upload: &str,
        number: i32,
        bytes: Vec<u8>,
    ) -> Result<String, StoreError> {
        let written = self
            .client
            .upload_part()
            .bucket(&self.bucket)
            .key(key)
            .upload_id(upload)
            .part_number(number)
            .body(bytes.into())
            .send()
            .await
            .map_err(StoreError::unavailable)?;
        Ok(written.e_tag().unwrap_or_default().to_owned())
    }

    /// Makes one object of the parts, by their tags in order.
    pub async fn finish(&self, key: &str, upload: &str, tags: &[String]) -> Result<(), StoreError> {
        let parts = (1..).zip(tags).map(|(number, tag)| {
            CompletedPart::builder()
                .part_number(number)
                .e_tag(tag)
                .build()
        });
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts.collect()));
        self.client
            .complete_multipart_upload()
            .bucket(&self.bucket)
            .key(key)
            .upload_id(upload)
            .multipart_upload(parts.build())
            .send()
            .await
            .map(|_| ())
            .map_err(StoreError::unavailable)
    }
}

impl Seen {
    /// Whether it is what was expected.
    pub fn is(&self, expected: &Expected<'_>) -> bool {
        self.bytes == expected.bytes
            && self.media_type == expected.media_type
            && self.sha256.as_deref() == Some(expected.sha256)
    }
}

/// Key of a material's object.
pub fn material_key(order: &str, material: &str, media_type: MediaType) -> String {
    format!("materials/{order}/{material}.{}", media_type.extension())
}

fn presigning(life: Duration) -> Result<PresigningConfig, StoreError> {
    PresigningConfig::expires_in(life).map_err(StoreError::unavailable)
}

fn link(request: &PresignedRequest) -> Link {
    let headers = request.headers();
    Link {
        method: request.method().to_owned(),
        url: request.uri().to_owned(),
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    }
}
