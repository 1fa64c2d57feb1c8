//! The SMS gateway of the mainland: what was sent is kept with what SNS was given, and goes nowhere.
//!
//! It refuses what Tencent Cloud refuses: a stale timestamp, a template that is not registered, variables that
//! are too many, too few or too long. The signature is not checked, as that of no other service is.

use std::sync::OnceLock;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use icp_domain::rulebook::Provider;
use icp_notifications::{RegisteredTemplate, registered_templates};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::sns::Sms;
use crate::wire::respond;

/// How far a timestamp may be from the gateway's clock, in seconds.
///
/// Source: Tencent Cloud, API 3.0, `AuthFailure.SignatureExpire`.
const FRESH_SECONDS: i64 = 300;

/// Most characters of a variable.
///
/// Source: <https://cloud.tencent.com/document/product/382/13301>.
const LONGEST_VARIABLE: usize = 6;

/// The gateway, with the templates that are registered there.
#[derive(Default)]
pub(crate) struct Tencent {
    registered: OnceLock<(String, Vec<(String, RegisteredTemplate)>)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SendSms {
    phone_number_set: Vec<String>,
    #[serde(rename = "SmsSdkAppId")]
    _app: String,
    sign_name: String,
    template_id: String,
    template_param_set: Vec<String>,
    session_context: String,
}

impl Tencent {
    /// Registers a provider's templates under the ids of its file; the first provider stays.
    pub(crate) fn register(&self, provider: &Provider) {
        let templates = registered_templates(provider).into_iter();
        let under = templates.filter_map(|template| {
            let id = provider.sms_templates.get(template.id.as_str())?;
            Some((id.clone(), template))
        });
        let signature = provider.signature.clone();
        let _first_stays = self.registered.set((signature, under.collect()));
    }

    /// The message of a call, or the code with which it is refused.
    pub(crate) fn message(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Sms, &'static str> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        if (header("x-tc-action"), header("x-tc-version")) != (Some("SendSms"), Some("2021-01-11"))
        {
            return Err("InvalidAction");
        }
        let at = header("x-tc-timestamp").and_then(|at| at.parse::<i64>().ok());
        if at.is_none_or(|at| FRESH_SECONDS < (at - now.as_second()).abs()) {
            return Err("AuthFailure.SignatureExpire");
        }
        let call: SendSms = serde_json::from_slice(body).map_err(|_| "InvalidParameter")?;
        let [number] = call.phone_number_set.as_slice() else {
            return Err("LimitExceeded.PhoneNumberCountLimit");
        };
        let national = number.strip_prefix("+86").unwrap_or_default();
        if national.len() != 11 || !national.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("InvalidParameterValue.IncorrectPhoneNumber");
        }
        let (signature, registered) = self
            .registered
            .get()
            .ok_or("FailedOperation.TemplateIncorrectOrUnapproved")?;
        if call.sign_name != *signature {
            return Err("FailedOperation.SignatureIncorrectOrUnapproved");
        }
        let (_, template) = registered
            .iter()
            .find(|(id, _)| *id == call.template_id)
            .ok_or("FailedOperation.TemplateIncorrectOrUnapproved")?;
        let values = &call.template_param_set;
        if values.len() != template.longest.len() {
            return Err("FailedOperation.TemplateParamSetNotMatchApprovedTemplate");
        }
        if values
            .iter()
            .any(|value| LONGEST_VARIABLE < value.chars().count())
        {
            return Err("InvalidParameterValue.TemplateParameterLengthLimit");
        }
        let text = (1..)
            .zip(values)
            .fold(template.text.clone(), |text, (at, value)| {
                text.replace(&format!("{{{at}}}"), value)
            });
        let reference = ("SessionContext".to_owned(), call.session_context);
        Ok(Sms {
            at: now,
            number: number.clone(),
            text: format!("【{signature}】{text}"),
            attributes: [reference].into_iter().collect(),
        })
    }
}

/// The answer, as the gateway words it: refused or not, the status is 200.
pub(crate) fn response(result: Result<usize, &'static str>) -> Response<Bytes> {
    let said: Json = match result {
        Ok(serial) => {
            json!({ "SendStatusSet": [{ "SerialNo": serial.to_string(), "Code": "Ok" }] })
        }
        Err(code) => json!({ "Error": { "Code": code, "Message": code } }),
    };
    let body = json!({ "Response": said }).to_string();
    respond(StatusCode::OK, "application/json", body)
}
