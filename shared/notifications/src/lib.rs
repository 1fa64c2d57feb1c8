//! Texts and senders: SMS over SNS or a gateway of the mainland, and the access-changes topic over SNS.
//! They stop here.
//!
//! **Invariant:** a message is a template and named parameters, never free text; no parameter is a
//! URL, a domain or a telephone number, and nothing personal stands in an error or a log.

mod sns;
mod tencent;
mod texts;

use aws_types::SdkConfig;
use icp_domain::identifiers::Mobile;
use icp_domain::notice::AccessChange;
use icp_domain::personal::Personal;
use icp_domain::rulebook::Provider;
use jiff::Timestamp;

pub use tencent::TencentAccount;
pub use texts::{
    RegisteredTemplate, SmsMessage, TemplateId, reference, registered_templates, sms_text,
};

use crate::sns::Sns;
use crate::tencent::Tencent;

/// The senders of a deployment.
#[derive(Debug, Clone)]
pub struct Senders {
    sns: Sns,
    /// The mainland's gateway, where SMS go by one.
    tencent: Option<Tencent>,
}

/// Who sends SMS.
#[derive(Debug, Clone)]
pub enum SmsSender {
    /// SNS.
    Sns,
    /// Tencent Cloud SMS, under an account.
    Tencent(TencentAccount),
}

impl SmsSender {
    /// The sender of a name, the value of `ICP_SMS_SENDER`, with what `variable` says of its account.
    pub fn named(
        name: &str,
        variable: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Self, SendersFault> {
        let required = |name: &'static str| {
            let value = variable(name).filter(|value| !value.is_empty());
            value.ok_or(SendersFault::Missing(name))
        };
        match name {
            "sns" => Ok(Self::Sns),
            "tencent-sms" => Ok(Self::Tencent(TencentAccount {
                secret_id: required("ICP_TENCENT_SECRET_ID")?,
                secret_key: Personal::new(required("ICP_TENCENT_SECRET_KEY")?),
                app: required("ICP_TENCENT_SMS_APP")?,
                region: required("ICP_TENCENT_REGION")?,
                endpoint: required("ICP_TENCENT_ENDPOINT")?,
            })),
            other => Err(SendersFault::UnknownSender(other.to_owned())),
        }
    }
}

/// Why a function does not start: which value, where, and what it may be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendersFault {
    /// A sender that there is not.
    #[error("environment variable ICP_SMS_SENDER is {0:?}; it must be \"sns\" or \"tencent-sms\"")]
    UnknownSender(String),
    /// A variable that the sender needs.
    #[error("environment variable {0} is not set; the sender \"tencent-sms\" needs it")]
    Missing(&'static str),
    /// A template that the provider's file gives no id at the gateway.
    #[error(
        "provider.json names no id of the template {0:?} at the SMS gateway (smsTemplates): register it \
         there (docs/SMS-TEMPLATES.md), and write its id"
    )]
    NotRegistered(&'static str),
    /// A template with a variable that the gateway does not take.
    #[error(
        "a variable of the template {0:?} has up to {1} characters, which the SMS gateway does not take"
    )]
    TooLong(&'static str, usize),
    /// Something that is no endpoint.
    #[error(
        "environment variable ICP_TENCENT_ENDPOINT is {0:?}; it must be an address such as \
         \"https://sms.tencentcloudapi.com\""
    )]
    NotAnEndpoint(String),
    /// The process was started without an HTTP client.
    #[error("there is no HTTP client for the SMS gateway")]
    NoHttp,
    /// SNS sends no SMS in the China regions.
    #[error(
        "environment variable ICP_SMS_SENDER is \"sns\" and ICP_PROFILE is \"cn\": SNS sends no SMS \
         in the China regions; ICP_SMS_SENDER must be \"tencent-sms\""
    )]
    NoSmsInChina,
    /// A profile that there is not.
    #[error("environment variable ICP_PROFILE is {0:?}; it must be \"global\" or \"cn\"")]
    UnknownProfile(String),
    /// Something that is no topic.
    #[error(
        "environment variable ICP_ACCESS_CHANGES_TOPIC is {0:?}; it must be the ARN of an SNS topic, such as \
         \"arn:aws:sns:eu-central-1:123456789012:access-changes\""
    )]
    NotATopic(String),
}

/// Why a message was not sent. It repeats nothing of the message, and not to whom.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It can never be sent as it is.
    #[error("the message is refused: {0}")]
    Refused(String),
    /// It was not sent, or not surely, and may be sent later.
    #[error("the message could not be handed to its sender")]
    Unavailable(#[source] Unsent),
}

/// What kept a message from being handed over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsent {
    /// The sender answered with an error of this code.
    #[error("the sender answers {0}")]
    Answered(String),
    /// The sender did not answer in time.
    #[error("the sender did not answer in time")]
    TimedOut,
    /// No connection to the sender.
    #[error("the sender was not reached")]
    NotReached,
    /// The sender's answer is none.
    #[error("the sender's answer could not be read")]
    NotRead,
    /// The call could not be made.
    #[error("the call to the sender could not be written")]
    NotWritten,
}

impl Senders {
    /// The senders that the configuration names: who sends SMS, the value of `ICP_PROFILE`, and the ARN of
    /// the topic of access changes.
    pub fn open(
        aws: &SdkConfig,
        sender: SmsSender,
        (profile, topic): (&str, &str),
        provider: &Provider,
    ) -> Result<Self, SendersFault> {
        if !matches!(profile, "global" | "cn") {
            return Err(SendersFault::UnknownProfile(profile.to_owned()));
        }
        if !is_topic(topic) {
            return Err(SendersFault::NotATopic(topic.to_owned()));
        }
        let tencent = match sender {
            SmsSender::Sns if profile == "cn" => return Err(SendersFault::NoSmsInChina),
            SmsSender::Sns => None,
            SmsSender::Tencent(account) => Some(Tencent::open(aws, account, provider)?),
        };
        Ok(Self {
            sns: Sns::new(aws, topic),
            tencent,
        })
    }

    /// Sends an SMS at `now`, under our own reference; answers the sender's. That it was taken is not that
    /// it arrived.
    pub async fn sms(
        &self,
        to: &Mobile,
        message: &SmsMessage,
        reference: &str,
        now: Timestamp,
    ) -> Result<String, SendError> {
        if let Some(name) = message.lacking {
            let template = message.template.as_str();
            return Err(SendError::Refused(format!(
                "the template {template} lacks its {name}"
            )));
        }
        match &self.tencent {
            Some(tencent) => tencent.sms(to, message, reference, now).await,
            None => self.sns.sms(to, message.text.reveal()).await,
        }
    }

    /// Publishes a change of access; answers the topic's reference.
    pub async fn access_change(&self, change: &AccessChange) -> Result<String, SendError> {
        self.sns.access_change(change).await
    }
}

/// `arn:PARTITION:sns:REGION:ACCOUNT:NAME`.
fn is_topic(arn: &str) -> bool {
    let parts: Vec<&str> = arn.split(':').collect();
    matches!(parts.as_slice(), ["arn", _, "sns", _, _, _])
        && parts.iter().all(|part| !part.is_empty())
}
