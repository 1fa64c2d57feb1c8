//! SNS: SMS to a number, and messages to the access-changes topic.
//!
//! **Invariant:** of what SNS answers only the error's code goes on: its words repeat the number
//! (`PhoneNumber Reason: +86… is not valid to publish to`, `… not authorized … on resource: +86…`).

use aws_sdk_sns::Client;
use aws_sdk_sns::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_sns::operation::publish::{PublishError, PublishOutput};
use aws_sdk_sns::types::MessageAttributeValue;
use aws_types::SdkConfig;
use icp_domain::identifiers::Mobile;
use icp_domain::notice::{AccessChange, AccessChangeKind, Unreached, WhyUnreached, link_name};

use crate::{SendError, Unsent};

/// The SNS client with the topic of access changes.
#[derive(Debug, Clone)]
pub(crate) struct Sns {
    client: Client,
    topic: String,
    /// The most that an SMS may cost, in US dollars.
    max_price: Option<String>,
}

/// Codes that say something about the number, which no second try changes. Rights, quotas and
/// SNS's own faults are the deployment's, and are tried again once somebody has mended them.
///
/// Source: Amazon SNS API reference, `Publish`, Errors; `OptedOut` stands there under other actions
/// only, and means the same whichever action answers it.
const FOR_GOOD: [(&str, WhyUnreached); 3] = [
    ("InvalidParameter", WhyUnreached::InvalidNumber),
    ("ParameterValueInvalid", WhyUnreached::InvalidNumber),
    ("OptedOut", WhyUnreached::OptedOut),
];

impl Sns {
    pub(crate) fn new(aws: &SdkConfig, topic: &str, max_price: Option<String>) -> Self {
        Self {
            client: Client::new(aws),
            topic: topic.to_owned(),
            max_price,
        }
    }

    /// Sends a text to a number, as a message that must arrive rather than be cheap.
    pub(crate) async fn sms(&self, to: &Mobile, text: &str) -> Result<String, SendError> {
        let transactional = attribute("String", "Transactional")?;
        let max_price = self.max_price.as_deref();
        let max_price = max_price
            .map(|price| attribute("Number", price))
            .transpose()?;
        let mut publish = self
            .client
            .publish()
            .phone_number(to.reveal())
            .message(text)
            .message_attributes("AWS.SNS.SMS.SMSType", transactional);
        if let Some(price) = max_price {
            publish = publish.message_attributes("AWS.SNS.SMS.MaxPrice", price);
        }
        let sent = publish.send().await;
        match sent {
            Ok(answer) => reference(answer),
            Err(error) => match error.code().and_then(said_for_good) {
                Some(why) => Err(SendError::Refused(why)),
                None => Err(SendError::Unavailable(unsent(&error))),
            },
        }
    }

    /// Publishes a change of access. A topic is never refused for good: what it says about the
    /// topic is the deployment's fault, and the front ends must still learn of the change.
    pub(crate) async fn access_change(&self, change: &AccessChange) -> Result<String, SendError> {
        let body = serde_json::to_string(change)
            .map_err(|_| SendError::Unavailable(Unsent::NotWritten))?;
        let link = link_name(&change.subject, &change.service);
        let version = change.link_version.to_string();
        self.client
            .publish()
            .topic_arn(&self.topic)
            .message(body)
            .message_attributes("change", attribute("String", name(change.change))?)
            .message_attributes("link", attribute("String", &link)?)
            .message_attributes("linkVersion", attribute("Number", &version)?)
            .send()
            .await
            .map_err(|error| SendError::Unavailable(unsent(&error)))
            .and_then(reference)
    }
}

fn said_for_good(code: &str) -> Option<Unreached> {
    let (_, why) = FOR_GOOD.into_iter().find(|(name, _)| *name == code)?;
    Some(why.answered(format!("SNS {code}")))
}

fn reference(answer: PublishOutput) -> Result<String, SendError> {
    answer
        .message_id
        .ok_or(SendError::Unavailable(Unsent::NotRead))
}

fn unsent(error: &SdkError<PublishError>) -> Unsent {
    if let Some(code) = error.code() {
        return Unsent::Answered(code.to_owned());
    }
    match error {
        SdkError::ConstructionFailure(_) => Unsent::NotWritten,
        SdkError::TimeoutError(_) => Unsent::TimedOut,
        SdkError::DispatchFailure(_) => Unsent::NotReached,
        SdkError::ResponseError(_) | SdkError::ServiceError(_) | _ => Unsent::NotRead,
    }
}

fn attribute(kind: &str, value: &str) -> Result<MessageAttributeValue, SendError> {
    let built: Result<_, BuildError> = MessageAttributeValue::builder()
        .data_type(kind)
        .string_value(value)
        .build();
    built.map_err(|_| SendError::Unavailable(Unsent::NotWritten))
}

/// The change as subscribers filter by it: the word that the body has.
fn name(change: AccessChangeKind) -> &'static str {
    match change {
        AccessChangeKind::AccessGranted => "AccessGranted",
        AccessChangeKind::AccessStopped => "AccessStopped",
        AccessChangeKind::AccessReinstated => "AccessReinstated",
    }
}

#[cfg(test)]
mod tests;
