//! What a deployment says of its senders, and why it is not taken.

use icp_domain::personal::Personal;

use crate::smtp::Relay;
use crate::tencent::TencentAccount;

/// What a deployment says of its senders.
#[derive(Debug, Clone)]
pub struct Configured {
    /// Who sends SMS.
    pub sms: SmsSender,
    /// Where mails go; nowhere, where there is no relay.
    pub mail: Option<Relay>,
    /// `global` or `cn`.
    pub profile: String,
    /// The ARN of the topic of access changes.
    pub topic: String,
}

impl Configured {
    /// From the variables of a function: the values of `ICP_SMS_SENDER`, `ICP_PROFILE` and
    /// `ICP_ACCESS_CHANGES_TOPIC`, and what `variable` says of the others.
    pub fn of(
        (sender, profile, topic): (&str, &str, &str),
        variable: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Self, SendersFault> {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        let relay = set("ICP_MAIL_RELAY").map(|url| {
            let from = set("ICP_MAIL_FROM").ok_or(SendersFault::NoFrom)?;
            let url = Personal::new(url);
            Ok(Relay { url, from })
        });
        Ok(Self {
            sms: SmsSender::named(sender, set)?,
            mail: relay.transpose()?,
            profile: profile.to_owned(),
            topic: topic.to_owned(),
        })
    }
}

/// Who sends SMS.
#[derive(Debug, Clone)]
pub enum SmsSender {
    /// SNS.
    Sns {
        /// The most that one message may cost, in US dollars; none: whatever it costs.
        max_price: Option<String>,
    },
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
            "sns" => {
                let max_price = variable("ICP_SMS_MAX_PRICE").filter(|price| !price.is_empty());
                if let Some(price) = max_price.as_ref().filter(|price| !is_price(price)) {
                    return Err(SendersFault::NotAPrice(price.clone()));
                }
                Ok(Self::Sns { max_price })
            }
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
    /// Something that is no price.
    #[error(
        "environment variable ICP_SMS_MAX_PRICE is {0:?}; it must be US dollars a message, such as \"0.25\", or \
         nothing"
    )]
    NotAPrice(String),
    /// A relay without the address that mails come from.
    #[error(
        "environment variable ICP_MAIL_FROM is not set; with ICP_MAIL_RELAY it must be the address that mails come \
         from, such as \"beian@example.cn\""
    )]
    NoFrom,
    /// Something that is no address.
    #[error(
        "environment variable ICP_MAIL_FROM is {0:?}; it must be a mail address, such as \"beian@example.cn\""
    )]
    NotAnAddress(String),
    /// Something that is no relay; the value holds a password.
    #[error(
        "environment variable ICP_MAIL_RELAY is no relay; it must be an address such as \
         \"smtps://user:password@relay.example.cn:465\""
    )]
    NotARelay,
    /// Something that is no topic.
    #[error(
        "environment variable ICP_ACCESS_CHANGES_TOPIC is {0:?}; it must be the ARN of an SNS topic, such as \
         \"arn:aws:sns:eu-central-1:123456789012:access-changes\""
    )]
    NotATopic(String),
}

/// Dollars with at most two digits of cents and fractions of them.
fn is_price(text: &str) -> bool {
    let (whole, parts) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| {
        (1..=5).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    digits(whole) && digits(parts)
}
