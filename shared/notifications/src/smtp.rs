//! SMTP: mails to the provider's own relay.
//!
//! **Invariant:** of what a server answers only its codes go on: its words repeat the address.

use std::error::Error as _;
use std::time::{Duration, SystemTime};

use icp_domain::bounce::enhanced_code;
use icp_domain::identifiers::EmailAddress;
use icp_domain::notice::{Unreached, WhyUnreached};
use icp_domain::personal::Personal;
use icp_domain::rulebook::Provider;
use jiff::Timestamp;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::Error;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::mail::Mail;
use crate::{SendError, SendersFault, Unsent};

/// How long one command of a session may take. A lease is longer than the commands of a mail together.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(8);

/// What a deployment says of its relay.
#[derive(Debug, Clone)]
pub struct Relay {
    /// Where it is, and who we are to it: `smtps://user:password@relay.example.cn:465`, or
    /// `smtp://…:587?tls=required`.
    pub url: Personal<String>,
    /// The address that mails come from, and that bounces go to.
    pub from: String,
}

/// The relay, as a deployment uses it.
#[derive(Clone)]
pub(crate) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    host: String,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Smtp")
    }
}

/// `Auto-Submitted: auto-generated` (RFC 3834, 5): nobody's out-of-office answers it.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Smtp {
    pub(crate) fn open(relay: &Relay, provider: &Provider) -> Result<Self, SendersFault> {
        let from: Address = relay
            .from
            .parse()
            .map_err(|_| SendersFault::NotAnAddress(relay.from.clone()))?;
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(relay.url.reveal());
        let builder = builder.map_err(|_| SendersFault::NotARelay)?;
        Ok(Self {
            transport: builder.timeout(Some(COMMAND_TIMEOUT)).build(),
            host: from.domain().to_owned(),
            from: Mailbox::new(Some(provider.name.zh.clone()), from),
        })
    }

    /// Sends a mail at `now` under our own reference, which is its `Message-ID`: a bounce repeats it.
    pub(crate) async fn mail(
        &self,
        to: &EmailAddress,
        mail: &Mail,
        reference: &str,
        now: Timestamp,
    ) -> Result<String, SendError> {
        let not_written = || SendError::Unavailable(Unsent::NotWritten);
        // What the filing takes for an address and SMTP does not reaches nobody, however often it is tried.
        let no_address = |_| SendError::Refused(WhyUnreached::Refused.answered("not-an-address"));
        let to: Address = to.reveal().parse().map_err(no_address)?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(&mail.subject)
            .date(system_time(now))
            .message_id(Some(format!("<{reference}@{}>", self.host)))
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(
                mail.text.clone(),
                mail.html.clone(),
            ))
            .map_err(|_| not_written())?;
        match self.transport.send(message).await {
            Ok(response) => Ok(response.code().to_string()),
            Err(error) => Err(refusal(&error)),
        }
    }
}

/// The instant as lettre takes it; before 1970 there is no mail.
fn system_time(at: Timestamp) -> SystemTime {
    let since = u64::try_from(at.as_second()).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(since)
}

fn refusal(error: &Error) -> SendError {
    let Some(status) = error.status() else {
        return SendError::Unavailable(if error.is_timeout() {
            Unsent::TimedOut
        } else if error.is_response() {
            Unsent::NotRead
        } else {
            Unsent::NotReached
        });
    };
    let enhanced = error
        .source()
        .and_then(|text| enhanced_code(&text.to_string()));
    let code = match &enhanced {
        Some(enhanced) => format!("{status} {enhanced}"),
        None => status.to_string(),
    };
    match WhyUnreached::of_mail(enhanced.as_deref()).filter(|_| error.is_permanent()) {
        Some(why) => SendError::Refused(Unreached {
            why,
            code: Some(code),
        }),
        // 421 ends the session for everybody (RFC 5321, 3.8); what else is said may be said of this one alone.
        None if error.is_transient() && u16::from(status) != GOING_AWAY => {
            SendError::Unavailable(Unsent::PutOff(code))
        }
        None => SendError::Unavailable(Unsent::Answered(code)),
    }
}

/// The reply of a server that is going away.
///
/// Source: RFC 5321, 4.2.3.
const GOING_AWAY: u16 = 421;
