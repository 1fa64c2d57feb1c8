//! Texts and senders: SMS over SNS or a gateway of the mainland, mails over the provider's relay, and the
//! access-changes topic over SNS. They stop here.
//!
//! **Invariant:** a message is a template and named parameters, never free text; no parameter is a
//! URL, a domain or a telephone number, and nothing personal stands in an error or a log.

mod configured;
mod mail;
mod smtp;
mod sns;
mod tencent;
mod texts;
mod voice;

use aws_types::SdkConfig;
use icp_domain::identifiers::{EmailAddress, Mobile};
use icp_domain::notice::{AccessChange, Counts, Receipt, Unreached, WhyUnreached};
use icp_domain::rulebook::Provider;
use jiff::Timestamp;

pub use configured::{Configured, SendersFault, SmsSender};
pub use mail::{Mail, mail_text};
pub use smtp::Relay;
pub use tencent::TencentAccount;
pub use texts::{
    RegisteredTemplate, SmsMessage, TemplateId, reference, registered_templates, sms_text,
};

pub use voice::{VoiceMessage, voice_code};

use crate::smtp::Smtp;
use crate::sns::Sns;
use crate::tencent::Tencent;

/// The senders of a deployment.
#[derive(Debug, Clone)]
pub struct Senders {
    sns: Sns,
    /// The mainland's gateway, where SMS go by one.
    tencent: Option<Tencent>,
    /// The provider's relay, where there is one.
    smtp: Option<Smtp>,
}

/// Why a message was not sent. It repeats nothing of the message, and not to whom.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It can never be sent as it is.
    #[error("the message is refused: {0:?}")]
    Refused(Unreached),
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
    /// The sender puts this one addressee off, under this code.
    #[error("the sender puts the addressee off: {0}")]
    PutOff(String),
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
    /// The senders that the configuration names.
    pub fn open(
        aws: &SdkConfig,
        configured: Configured,
        provider: &Provider,
    ) -> Result<Self, SendersFault> {
        let Configured {
            sms,
            mail,
            profile,
            topic,
        } = configured;
        if !matches!(profile.as_str(), "global" | "cn") {
            return Err(SendersFault::UnknownProfile(profile));
        }
        if !is_topic(&topic) {
            return Err(SendersFault::NotATopic(topic));
        }
        let (tencent, max_price) = match sms {
            SmsSender::Sns { .. } if profile == "cn" => return Err(SendersFault::NoSmsInChina),
            SmsSender::Sns { max_price } => (None, max_price),
            SmsSender::Tencent(account) => (Some(Tencent::open(aws, account, provider)?), None),
        };
        let smtp = mail.map(|relay| Smtp::open(&relay, provider)).transpose()?;
        Ok(Self {
            sns: Sns::new(aws, &topic, max_price),
            tencent,
            smtp,
        })
    }

    /// Sends an SMS at `now`, under our own reference; answers the sender's, and when it counts as delivered.
    pub async fn sms(
        &self,
        to: &Mobile,
        message: &SmsMessage,
        reference: &str,
        now: Timestamp,
    ) -> Result<(String, Counts), SendError> {
        if let Some(name) = message.lacking {
            let lacks = format!("{}-lacks-{name}", message.template.as_str());
            return Err(SendError::Refused(WhyUnreached::Refused.answered(lacks)));
        }
        if let Some(tencent) = &self.tencent {
            let sent = tencent.sms(to, message, reference, now).await?;
            return Ok((sent, Counts::ByReceipt));
        }
        let sent = self.sns.sms(to, message.text.reveal()).await?;
        Ok((sent, Counts::AtOnce))
    }

    /// What became of an SMS that was taken at `since` under the sender's reference. SNS says no more than that it
    /// took it.
    pub async fn receipt(
        &self,
        to: &Mobile,
        (reference, since): (&str, Timestamp),
        now: Timestamp,
    ) -> Result<Receipt, SendError> {
        match &self.tencent {
            Some(tencent) => tencent.receipt(to, reference, since, now).await,
            None => Ok(Receipt::Arrived),
        }
    }

    /// Whether mails can be sent.
    pub fn mails(&self) -> bool {
        self.smtp.is_some()
    }

    /// Sends a mail at `now`, under our own reference; answers the relay's, and when it counts as delivered.
    pub async fn mail(
        &self,
        to: &EmailAddress,
        mail: &Mail,
        reference: &str,
        now: Timestamp,
    ) -> Result<(String, Counts), SendError> {
        match &self.smtp {
            Some(smtp) => {
                let sent = smtp.mail(to, mail, reference, now).await?;
                Ok((sent, Counts::WhenQuiet))
            }
            None => Err(SendError::Refused(
                WhyUnreached::Refused.answered("no-relay"),
            )),
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
