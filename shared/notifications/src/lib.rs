//! Texts and senders: SMS and the access-changes topic over SNS. SNS stops here.
//!
//! **Invariant:** a message is a template and named parameters, never free text; no parameter is a
//! URL, a domain or a telephone number, and nothing personal stands in an error or a log.

mod sns;
mod texts;

use aws_types::SdkConfig;
use icp_domain::identifiers::Mobile;
use icp_domain::notice::AccessChange;

pub use texts::{SmsMessage, TemplateId, sms_text};

use crate::sns::Sns;

/// The senders of a deployment.
#[derive(Debug, Clone)]
pub struct Senders {
    sns: Sns,
}

/// Why a function does not start: which value, where, and what it may be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendersFault {
    /// A sender that there is not.
    #[error("environment variable ICP_SMS_SENDER is {0:?}; it must be \"sns\"")]
    UnknownSender(String),
    /// A sender that a later release brings.
    #[error(
        "environment variable ICP_SMS_SENDER is \"tencent-sms\", which is not built into this \
         release; it must be \"sns\""
    )]
    NotBuiltIn,
    /// SNS sends no SMS in the China regions.
    #[error(
        "environment variable ICP_SMS_SENDER is \"sns\" and ICP_PROFILE is \"cn\": SNS sends no SMS \
         in the China regions, and this release has no other sender; ICP_PROFILE must be \"global\""
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
    /// The senders that the configuration names: the values of `ICP_SMS_SENDER` and `ICP_PROFILE`,
    /// and the ARN of the topic of access changes.
    pub fn open(
        aws: &SdkConfig,
        sender: &str,
        profile: &str,
        topic: &str,
    ) -> Result<Self, SendersFault> {
        if !matches!(profile, "global" | "cn") {
            return Err(SendersFault::UnknownProfile(profile.to_owned()));
        }
        match sender {
            "sns" if profile == "cn" => Err(SendersFault::NoSmsInChina),
            "sns" if is_topic(topic) => Ok(Self {
                sns: Sns::new(aws, topic),
            }),
            "sns" => Err(SendersFault::NotATopic(topic.to_owned())),
            "tencent-sms" => Err(SendersFault::NotBuiltIn),
            other => Err(SendersFault::UnknownSender(other.to_owned())),
        }
    }

    /// Sends an SMS; answers the sender's reference. That it was taken is not that it arrived.
    pub async fn sms(&self, to: &Mobile, message: &SmsMessage) -> Result<String, SendError> {
        if let Some(name) = message.lacking {
            let template = message.template.as_str();
            return Err(SendError::Refused(format!(
                "the template {template} lacks its {name}"
            )));
        }
        self.sns.sms(to, message.text.reveal()).await
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
