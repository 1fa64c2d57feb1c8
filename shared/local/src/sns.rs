//! SNS: what was sent by SMS or told to a topic is kept for reading, and goes nowhere.

use std::collections::BTreeMap;
use std::sync::Mutex;

use bytes::Bytes;
use http::{Response, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::clock::LocalClock;
use crate::error::LocalError;
use crate::files::{Log, Place};
use crate::policy::Need;
use crate::sync::locked;
use crate::wire::{Refusal, respond};

/// An SMS that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sms {
    /// When.
    pub at: Timestamp,
    /// To which number.
    pub number: String,
    /// What it says.
    pub text: String,
    /// Its attributes, such as the sender's id.
    pub attributes: BTreeMap<String, String>,
}

/// A message that a topic accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TopicMessage {
    /// When.
    pub at: Timestamp,
    /// The topic.
    pub topic_arn: String,
    /// What it says.
    pub message: String,
    /// Its attributes.
    pub attributes: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Published {
    Sms(Sms),
    Topic(TopicMessage),
}

/// Topics and the way to telephones.
pub(crate) struct Sns {
    topics: Vec<String>,
    clock: LocalClock,
    published: Mutex<(Vec<Published>, Log)>,
}

impl Sns {
    /// Opens the record of what was published.
    pub(crate) fn open(
        place: &Place,
        topics: &BTreeMap<String, String>,
        clock: LocalClock,
    ) -> Result<Self, LocalError> {
        let (log, published) = Log::open(place, "published.jsonl")?;
        Ok(Self {
            topics: topics.values().cloned().collect(),
            clock,
            published: Mutex::new((published, log)),
        })
    }

    /// Answers a call with the message's id.
    pub(crate) fn call(
        &self,
        operation: &str,
        form: &[(String, String)],
    ) -> Result<String, Refusal> {
        if operation != "Publish" {
            let text = format!("{operation} is not emulated by the local deployment");
            return Err(Refusal::client("InvalidAction", text));
        }
        let message = field(form, "Message")
            .filter(|message| !message.is_empty())
            .ok_or_else(|| invalid("Invalid parameter: Empty message"))?
            .to_owned();
        let (at, attributes) = (self.clock.now(), attributes(form));
        let published = match (field(form, "PhoneNumber"), topic(form)) {
            (Some(number), None) if is_e164(number) => Published::Sms(Sms {
                at,
                number: number.to_owned(),
                text: message,
                attributes,
            }),
            (Some(_), None) => return Err(invalid("Invalid parameter: PhoneNumber")),
            (None, Some(arn)) if self.topics.iter().any(|topic| topic == arn) => {
                let topic_arn = arn.to_owned();
                Published::Topic(TopicMessage {
                    at,
                    topic_arn,
                    message,
                    attributes,
                })
            }
            (None, Some(_)) => {
                return Err(Refusal {
                    status: StatusCode::NOT_FOUND,
                    code: "NotFound".to_owned(),
                    message: "Topic does not exist".to_owned(),
                });
            }
            _ => {
                return Err(invalid(
                    "Invalid parameter: give either PhoneNumber or TopicArn",
                ));
            }
        };
        let mut kept = locked(&self.published);
        kept.1
            .append(std::slice::from_ref(&published))
            .map_err(|error| Refusal::server("InternalError", error.to_string()))?;
        kept.0.push(published);
        Ok(format!("00000000-0000-4000-8001-{:012x}", kept.0.len()))
    }

    /// Keeps an SMS that a gateway took, and tells how many were kept by now.
    pub(crate) fn keep(&self, sms: Sms) -> Result<usize, LocalError> {
        let published = Published::Sms(sms);
        let mut kept = locked(&self.published);
        kept.1.append(std::slice::from_ref(&published))?;
        kept.0.push(published);
        Ok(kept.0.len())
    }

    /// Every SMS, oldest first.
    pub(crate) fn sms(&self) -> Vec<Sms> {
        let kept = locked(&self.published);
        kept.0
            .iter()
            .filter_map(|published| match published {
                Published::Sms(sms) => Some(sms.clone()),
                Published::Topic(_) => None,
            })
            .collect()
    }

    /// Every SMS to a number with the serial number that [`Sns::keep`] told.
    pub(crate) fn sms_to(&self, number: &str) -> Vec<(usize, Sms)> {
        let kept = locked(&self.published);
        (1..)
            .zip(&kept.0)
            .filter_map(|(serial, published)| match published {
                Published::Sms(sms) if sms.number == number => Some((serial, sms.clone())),
                Published::Sms(_) | Published::Topic(_) => None,
            })
            .collect()
    }

    /// Every message to a topic, oldest first.
    pub(crate) fn topic_messages(&self) -> Vec<TopicMessage> {
        let kept = locked(&self.published);
        kept.0
            .iter()
            .filter_map(|published| match published {
                Published::Topic(message) => Some(message.clone()),
                Published::Sms(_) => None,
            })
            .collect()
    }
}

/// What a call needs. A telephone number has no ARN: the number stands for itself.
pub(crate) fn needs(form: &[(String, String)]) -> Vec<Need> {
    let action = format!("sns:{}", field(form, "Action").unwrap_or_default());
    let resource = field(form, "PhoneNumber")
        .or_else(|| topic(form))
        .unwrap_or("*");
    vec![Need::new(action, resource)]
}

/// A field of the form.
pub(crate) fn field<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    form.iter()
        .find(|(field, _)| field == name)
        .map(|(_, value)| value.as_str())
}

/// The answer in XML.
pub(crate) fn response(operation: &str, result: Result<String, Refusal>) -> Response<Bytes> {
    const SPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";
    const META: &str = "<RequestId>00000000-0000-4000-8002-000000000000</RequestId>";
    match result {
        Ok(id) => respond(
            StatusCode::OK,
            "text/xml",
            format!(
                "<{operation}Response xmlns=\"{SPACE}\"><{operation}Result><MessageId>{id}\
                 </MessageId></{operation}Result><ResponseMetadata>{META}</ResponseMetadata>\
                 </{operation}Response>"
            ),
        ),
        Err(refusal) => respond(
            refusal.status,
            "text/xml",
            format!(
                "<ErrorResponse xmlns=\"{SPACE}\"><Error><Type>{}</Type><Code>{}</Code>\
                 <Message>{}</Message></Error>{META}</ErrorResponse>",
                if refusal.status.is_client_error() {
                    "Sender"
                } else {
                    "Receiver"
                },
                refusal.code,
                escaped(&refusal.message),
            ),
        ),
    }
}

fn topic(form: &[(String, String)]) -> Option<&str> {
    field(form, "TopicArn").or_else(|| field(form, "TargetArn"))
}

/// `MessageAttributes.entry.1.Name=…&MessageAttributes.entry.1.Value.StringValue=…`.
fn attributes(form: &[(String, String)]) -> BTreeMap<String, String> {
    form.iter()
        .filter_map(|(name, value)| {
            let entry = name
                .strip_prefix("MessageAttributes.entry.")?
                .strip_suffix(".Name")?;
            let of = format!("MessageAttributes.entry.{entry}.Value.StringValue");
            Some((value.clone(), field(form, &of)?.to_owned()))
        })
        .collect()
}

fn is_e164(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn invalid(message: &str) -> Refusal {
    Refusal::client("InvalidParameter", message)
}
