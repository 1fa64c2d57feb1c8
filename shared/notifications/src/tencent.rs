//! Tencent Cloud SMS (短信), API 2021-01-11: registered templates to numbers of the mainland, where SNS
//! sends none.
//!
//! **Invariant:** of what the gateway answers only the code goes on: its words may repeat the number.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use icp_domain::identifiers::Mobile;
use icp_domain::notice::{Receipt, WhyUnreached};
use icp_domain::personal::Personal;
use icp_domain::rulebook::Provider;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::texts::registered_templates;
use crate::{SendError, SendersFault, SmsMessage, Unsent};

mod signature;

const SERVICE: &str = "sms";
const VERSION: &str = "2021-01-11";
const CONTENT_TYPE: &str = "application/json";

/// Most characters of a variable.
///
/// Source: Tencent Cloud, 短信, 常见问题, 模板相关 (<https://cloud.tencent.com/document/product/382/13301>): 6 digits
/// in a code, 6 characters in any other.
const LONGEST_VARIABLE: usize = 6;

/// One call. A message that was taken and whose answer was lost is sent again under the same reference.
const CALL_TIMEOUT: Duration = Duration::from_secs(8);

/// Codes that say something about the number or the words of this message, which no second try changes.
/// Rights, quotas, templates that are not registered and the gateway's own faults are the deployment's, and
/// are tried again once somebody has mended them.
///
/// Source: Tencent Cloud, 短信, 错误码 (<https://cloud.tencent.com/document/product/382/49316>).
const FOR_GOOD: [(&str, WhyUnreached); 5] = [
    (
        "FailedOperation.ContainSensitiveWord",
        WhyUnreached::Refused,
    ),
    (
        "FailedOperation.PhoneNumberInBlacklist",
        WhyUnreached::OptedOut,
    ),
    (
        "InvalidParameterValue.IncorrectPhoneNumber",
        WhyUnreached::InvalidNumber,
    ),
    (
        "InvalidParameterValue.TemplateParameterFormatError",
        WhyUnreached::Refused,
    ),
    (
        "InvalidParameterValue.TemplateParameterLengthLimit",
        WhyUnreached::Refused,
    ),
];

/// How codes begin that put one number off, as it gets many.
const OF_THE_NUMBER: &str = "LimitExceeded.PhoneNumber";

/// Seconds before our own instant of sending from which receipts are asked for: the gateway has its own clock.
const CLOCKS_APART: i64 = 600;

/// Most receipts of one answer; a number gets far fewer in the days that are asked for.
///
/// Source: Tencent Cloud, 短信, `PullSmsSendStatusByPhoneNumber`.
const MOST_RECEIPTS: u32 = 100;

/// The word of a carrier's receipt for a number that there is not.
const NO_SUCH_NUMBER: &str = "空号";

/// What a deployment says of its account at the gateway.
#[derive(Debug, Clone)]
pub struct TencentAccount {
    /// `SecretId`.
    pub secret_id: String,
    /// `SecretKey`.
    pub secret_key: Personal<String>,
    /// `SmsSdkAppId`.
    pub app: String,
    /// The region, such as `ap-guangzhou`.
    pub region: String,
    /// Where it is called: `https://sms.tencentcloudapi.com`.
    pub endpoint: String,
}

/// The gateway, as a deployment calls it.
#[derive(Debug, Clone)]
pub(crate) struct Tencent {
    account: TencentAccount,
    host: String,
    signature: String,
    templates: BTreeMap<String, String>,
    call: Operation<Call, Response, NoAnswer>,
}

/// A call with its headers. It holds a number and perhaps a code, so that nothing of it is printed.
struct Call {
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[call]")
    }
}

/// An answer that is none.
#[derive(Debug, thiserror::Error)]
#[error("the answer could not be read")]
struct NoAnswer;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SendSms<'a> {
    phone_number_set: [&'a str; 1],
    sms_sdk_app_id: &'a str,
    sign_name: &'a str,
    template_id: &'a str,
    template_param_set: Vec<&'a str>,
    session_context: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PullSmsSendStatusByPhoneNumber<'a> {
    begin_time: i64,
    end_time: i64,
    offset: u32,
    limit: u32,
    phone_number: &'a str,
    sms_sdk_app_id: &'a str,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    response: Response,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Response {
    #[serde(default)]
    send_status_set: Vec<SendStatus>,
    #[serde(default)]
    pull_sms_send_status_set: Vec<ReceiptOf>,
    error: Option<Fault>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendStatus {
    serial_no: String,
    code: String,
}

/// A receipt. Its description is the carrier's, and goes no further than to be asked for one word.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReceiptOf {
    serial_no: String,
    report_status: String,
    #[serde(default)]
    description: String,
}

impl std::fmt::Debug for ReceiptOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[receipt {}]", self.report_status)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Fault {
    code: String,
}

impl Tencent {
    pub(crate) fn open(
        aws: &SdkConfig,
        account: TencentAccount,
        provider: &Provider,
    ) -> Result<Self, SendersFault> {
        for template in registered_templates(provider) {
            let id = template.id.as_str();
            if !provider.sms_templates.contains_key(id) {
                return Err(SendersFault::NotRegistered(id));
            }
            if let Some(longest) = template
                .longest
                .iter()
                .find(|most| LONGEST_VARIABLE < **most)
            {
                return Err(SendersFault::TooLong(id, *longest));
            }
        }
        let endpoint = Url::parse(&account.endpoint).ok();
        let host = endpoint.as_ref().and_then(|url| {
            let host = url.host_str()?;
            Some(
                url.port()
                    .map_or(host.to_owned(), |port| format!("{host}:{port}")),
            )
        });
        let host = host.ok_or_else(|| SendersFault::NotAnEndpoint(account.endpoint.clone()))?;
        let http = aws.http_client().ok_or(SendersFault::NoHttp)?;
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(CALL_TIMEOUT)
            .build();
        let mut send = Operation::builder()
            .service_name(SERVICE)
            .operation_name("Call")
            .http_client(http)
            .endpoint_url(&account.endpoint)
            .no_auth()
            // The outbox tries again, later and at most as often as it says.
            .no_retry()
            .timeout_config(timeouts)
            .with_connection_poisoning();
        if let Some(sleep) = aws.sleep_impl() {
            send = send.sleep_impl(sleep);
        }
        Ok(Self {
            host,
            signature: provider.signature.clone(),
            templates: provider.sms_templates.clone(),
            account,
            call: send.serializer(request).deserializer(response).build(),
        })
    }

    /// Sends a registered template to a number, under our own reference.
    pub(crate) async fn sms(
        &self,
        to: &Mobile,
        message: &SmsMessage,
        reference: &str,
        now: Timestamp,
    ) -> Result<String, SendError> {
        let not_written = || SendError::Unavailable(Unsent::NotWritten);
        let template = self.templates.get(message.template.as_str());
        let parameters = message.parameters.iter();
        let body = SendSms {
            phone_number_set: [to.reveal()],
            sms_sdk_app_id: &self.account.app,
            sign_name: &self.signature,
            template_id: template.ok_or_else(not_written)?,
            template_param_set: parameters
                .map(|(_, value)| value.reveal().as_str())
                .collect(),
            session_context: reference,
        };
        said(self.call("SendSms", &body, now).await?)
    }

    /// What became of a message that was taken at `since` under the gateway's `reference`: asked for by the number, so
    /// that nothing is lost with a process that had been told.
    pub(crate) async fn receipt(
        &self,
        to: &Mobile,
        reference: &str,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Receipt, SendError> {
        let asked = PullSmsSendStatusByPhoneNumber {
            begin_time: since.as_second() - CLOCKS_APART,
            end_time: now.as_second() + CLOCKS_APART,
            offset: 0,
            limit: MOST_RECEIPTS,
            phone_number: to.reveal(),
            sms_sdk_app_id: &self.account.app,
        };
        let answer = self
            .call("PullSmsSendStatusByPhoneNumber", &asked, now)
            .await?;
        if let Some(fault) = answer.error {
            return Err(SendError::Unavailable(Unsent::Answered(fault.code)));
        }
        let mut receipts = answer.pull_sms_send_status_set.into_iter();
        Ok(
            match receipts.find(|receipt| receipt.serial_no == reference) {
                None => Receipt::NotYet,
                Some(receipt) if receipt.report_status == "SUCCESS" => Receipt::Arrived,
                Some(receipt) if receipt.description.contains(NO_SUCH_NUMBER) => {
                    Receipt::Failed(WhyUnreached::NoSuchNumber.alone())
                }
                Some(_) => Receipt::Failed(WhyUnreached::NotArrived.alone()),
            },
        )
    }

    async fn call<T: Serialize>(
        &self,
        action: &'static str,
        body: &T,
        now: Timestamp,
    ) -> Result<Response, SendError> {
        let body =
            serde_json::to_string(body).map_err(|_| SendError::Unavailable(Unsent::NotWritten))?;
        let secret = (
            self.account.secret_id.as_str(),
            self.account.secret_key.reveal().as_str(),
        );
        let headers = vec![
            (
                "authorization",
                signature::authorization(secret, &self.host, &body, now),
            ),
            ("content-type", CONTENT_TYPE.to_owned()),
            ("host", self.host.clone()),
            ("x-tc-action", action.to_owned()),
            ("x-tc-version", VERSION.to_owned()),
            ("x-tc-region", self.account.region.clone()),
            ("x-tc-timestamp", now.as_second().to_string()),
        ];
        let answered = self.call.invoke(Call { headers, body }).await;
        answered.map_err(|error| SendError::Unavailable(unsent(&error)))
    }
}

/// What the gateway says of the one number that was asked for.
fn said(response: Response) -> Result<String, SendError> {
    let code = match (response.error, response.send_status_set.into_iter().next()) {
        (Some(fault), _) => fault.code,
        (None, Some(status)) if status.code == "Ok" => return Ok(status.serial_no),
        (None, Some(status)) => status.code,
        (None, None) => return Err(SendError::Unavailable(Unsent::NotRead)),
    };
    match FOR_GOOD.into_iter().find(|(name, _)| *name == code) {
        Some((_, why)) => Err(SendError::Refused(why.answered(code))),
        None if code.starts_with(OF_THE_NUMBER) => {
            Err(SendError::Unavailable(Unsent::PutOff(code)))
        }
        None => Err(SendError::Unavailable(Unsent::Answered(code))),
    }
}

fn request(call: Call) -> Result<HttpRequest, Box<dyn std::error::Error + Send + Sync>> {
    let mut request = HttpRequest::new(SdkBody::from(call.body));
    request.set_method("POST")?;
    request.set_uri("/")?;
    for (name, value) in call.headers {
        request.headers_mut().try_insert(name, value)?;
    }
    Ok(request)
}

fn response(response: &HttpResponse) -> Result<Response, OrchestratorError<NoAnswer>> {
    let bytes = response.body().bytes().unwrap_or_default();
    let answer: Result<Answer, _> = serde_json::from_slice(bytes);
    match answer {
        Ok(answer) => Ok(answer.response),
        Err(_) => Err(OrchestratorError::operation(NoAnswer)),
    }
}

fn unsent(error: &SdkError<NoAnswer, HttpResponse>) -> Unsent {
    match error {
        SdkError::ConstructionFailure(_) => Unsent::NotWritten,
        SdkError::TimeoutError(_) => Unsent::TimedOut,
        SdkError::DispatchFailure(_) => Unsent::NotReached,
        SdkError::ResponseError(_) | SdkError::ServiceError(_) | _ => Unsent::NotRead,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Result<String, SendError> {
        let answer: Answer = serde_json::from_str(text).unwrap();
        said(answer.response)
    }

    #[test]
    fn what_the_gateway_says_is_taken_at_its_word() {
        let ok = r#"{"Response":{"SendStatusSet":[{"SerialNo":"5000:1045710669157053657849499619","PhoneNumber":"+8613711112222","Fee":1,"SessionContext":"n1","Code":"Ok","Message":"send success","IsoCode":"CN"}],"RequestId":"a0aabda6"}}"#;
        assert_eq!(told(ok), Ok("5000:1045710669157053657849499619".to_owned()));
        let status = |code: &str| ok.replace("\"Ok\"", &format!("\"{code}\""));
        let opted_out = told(&status("FailedOperation.PhoneNumberInBlacklist"));
        assert!(matches!(opted_out, Err(SendError::Refused(_))));
        let later = told(&status("LimitExceeded.PhoneNumberThirtySecondLimit"));
        assert!(matches!(later, Err(SendError::Unavailable(_))));
        let unsigned = r#"{"Response":{"Error":{"Code":"AuthFailure.SignatureFailure","Message":"+86"},"RequestId":"r"}}"#;
        assert_eq!(
            told(unsigned),
            Err(SendError::Unavailable(Unsent::Answered(
                "AuthFailure.SignatureFailure".to_owned()
            )))
        );
        let nothing = told(r#"{"Response":{"RequestId":"r"}}"#);
        assert_eq!(nothing, Err(SendError::Unavailable(Unsent::NotRead)));
    }
}
