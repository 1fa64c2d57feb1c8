//! TC3-HMAC-SHA256, the signature of Tencent Cloud's API 3.0.
//!
//! Source: Tencent Cloud, API 3.0, 签名方法 v3, <https://cloud.tencent.com/document/api/382/38766>.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use jiff::tz::Offset;
use sha2::{Digest, Sha256};

use super::{CONTENT_TYPE, SERVICE};

/// The value of `Authorization` of a POST to `/`.
pub(super) fn authorization(
    (secret_id, secret_key): (&str, &str),
    host: &str,
    body: &str,
    now: Timestamp,
) -> String {
    let date = Offset::UTC.to_datetime(now).date().to_string();
    let scope = format!("{date}/{SERVICE}/tc3_request");
    let canonical = format!(
        "POST\n/\n\ncontent-type:{CONTENT_TYPE}\nhost:{host}\n\ncontent-type;host\n{}",
        digest(body)
    );
    let to_sign = format!(
        "TC3-HMAC-SHA256\n{}\n{scope}\n{}",
        now.as_second(),
        digest(&canonical)
    );
    let mut key = format!("TC3{secret_key}").into_bytes();
    for part in [date.as_str(), SERVICE, "tc3_request", to_sign.as_str()] {
        key = mac(&key, part);
    }
    let signature = hex::encode(key);
    format!(
        "TC3-HMAC-SHA256 Credential={secret_id}/{scope}, SignedHeaders=content-type;host, \
         Signature={signature}"
    )
}

fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    // HMAC takes a key of any length, so the error of this constructor cannot occur.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return Vec::new();
    };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by the vendor's own implementation: `tencentcloud-sdk-python-common` 3.1.195,
    /// `_build_req_with_tc3_signature` of this body at this instant.
    #[test]
    fn a_request_is_signed_as_the_vendors_own_sdk_signs_it() {
        let body = r#"{"PhoneNumberSet": ["+8613800000001"], "SmsSdkAppId": "1400006666", "SignName": "\u793a\u4f8b\u4e91", "TemplateId": "1234567", "TemplateParamSet": ["012345"], "SessionContext": "n1"}"#;
        let now = Timestamp::from_second(1_772_416_800).unwrap();
        let secret = ("AKIDEXAMPLE", "secret-example");
        assert_eq!(
            authorization(secret, "sms.tencentcloudapi.com", body, now),
            "TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2026-03-02/sms/tc3_request, \
             SignedHeaders=content-type;host, \
             Signature=5fb469b496c55bcd1e7bd996fca60f38f9bcd47d1bbe291d62ce85adb50d48bd"
        );
    }
}
