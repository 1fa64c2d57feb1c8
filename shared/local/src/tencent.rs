//! The SMS gateway of the mainland: what was sent is kept with what SNS was given, and goes nowhere. Its receipts
//! say that it arrived, but for numbers that are said to be out of service.
//!
//! It refuses what Tencent Cloud refuses: a stale timestamp, a template that is not registered, variables that
//! are too many, too few or too long. The signature is not checked, as that of no other service is.

use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock};

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use icp_domain::rulebook::Provider;
use icp_notifications::{RegisteredTemplate, registered_templates};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::error::LocalError;
use crate::sns::Sms;
use crate::sync::locked;
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
    out_of_service: Mutex<BTreeSet<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PullSmsSendStatusByPhoneNumber {
    begin_time: i64,
    end_time: i64,
    offset: u32,
    limit: usize,
    phone_number: String,
    #[serde(rename = "SmsSdkAppId")]
    _app: String,
}

/// Seconds that a message is on its way.
const ON_ITS_WAY: i64 = 10;

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

    /// Says that a number is out of service, in the form `+86…`: messages to it are taken, and never arrive.
    pub(crate) fn take_out_of_service(&self, number: &str) {
        locked(&self.out_of_service).insert(number.to_owned());
    }

    /// Answers a call: `keep` keeps a message and tells under which serial number, `kept` gives those of a number.
    pub(crate) fn call(
        &self,
        (headers, body): (&HeaderMap, &[u8]),
        now: Timestamp,
        keep: impl Fn(Sms) -> Result<usize, LocalError>,
        kept: impl Fn(&str) -> Vec<(usize, Sms)>,
    ) -> Result<Json, &'static str> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let at = header("x-tc-timestamp").and_then(|at| at.parse::<i64>().ok());
        if at.is_none_or(|at| FRESH_SECONDS < (at - now.as_second()).abs()) {
            return Err("AuthFailure.SignatureExpire");
        }
        match (header("x-tc-action"), header("x-tc-version")) {
            (Some("SendSms"), Some("2021-01-11")) => {
                let serial = keep(self.message(body, now)?).map_err(|_| "InternalError")?;
                let status = json!({ "SerialNo": serial.to_string(), "Code": "Ok" });
                Ok(json!({ "SendStatusSet": [status] }))
            }
            (Some("PullSmsSendStatusByPhoneNumber"), Some("2021-01-11")) => {
                self.receipts(body, now, kept)
            }
            _ => Err("InvalidAction"),
        }
    }

    fn receipts(
        &self,
        body: &[u8],
        now: Timestamp,
        kept: impl Fn(&str) -> Vec<(usize, Sms)>,
    ) -> Result<Json, &'static str> {
        let asked: PullSmsSendStatusByPhoneNumber =
            serde_json::from_slice(body).map_err(|_| "InvalidParameter")?;
        if asked.offset != 0 || !(1..=100).contains(&asked.limit) {
            return Err("InvalidParameterValue");
        }
        let out_of_service = locked(&self.out_of_service).contains(&asked.phone_number);
        let (status, description) = if out_of_service {
            ("FAIL", "空号")
        } else {
            ("SUCCESS", "用户短信接收成功")
        };
        let span = asked.begin_time..=asked.end_time.min(now.as_second() - ON_ITS_WAY);
        let told = kept(&asked.phone_number).into_iter();
        let told = told.filter(|(_, sms)| span.contains(&sms.at.as_second()));
        let receipts = told.take(asked.limit).map(|(serial, sms)| {
            json!({
                "SerialNo": serial.to_string(),
                "PhoneNumber": asked.phone_number,
                "ReportStatus": status,
                "Description": description,
                "SessionContext": sms.attributes.get("SessionContext"),
            })
        });
        Ok(json!({ "PullSmsSendStatusSet": receipts.collect::<Vec<_>>() }))
    }

    /// The message of a call, or the code with which it is refused.
    fn message(&self, body: &[u8], now: Timestamp) -> Result<Sms, &'static str> {
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
pub(crate) fn response(result: Result<Json, &'static str>) -> Response<Bytes> {
    let said = result.unwrap_or_else(|code| json!({ "Error": { "Code": code, "Message": code } }));
    let body = json!({ "Response": said }).to_string();
    respond(StatusCode::OK, "application/json", body)
}
