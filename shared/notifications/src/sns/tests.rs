//! The real client against a server that speaks SNS's protocol on loopback.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_sns::config::retry::RetryConfig;
use aws_sdk_sns::config::timeout::TimeoutConfig;
use aws_sdk_sns::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_types::SdkConfig;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use icp_domain::Rulebook;
use icp_domain::code::derive;
use icp_domain::notice::{About, Counts, NoticeKind, Parameters};
use tokio::net::TcpListener;

use super::*;
use crate::{Configured, Senders, SendersFault, SmsMessage, sms_text};

const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:access-changes";
fn now() -> jiff::Timestamp {
    jiff::Timestamp::UNIX_EPOCH
}

const NUMBER: &str = "+8613800000000";
const TAKEN: &str = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
    <PublishResult><MessageId>m-1</MessageId></PublishResult>\
    <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></PublishResponse>";

/// What the server was asked.
type Asked = Arc<Mutex<Vec<BTreeMap<String, String>>>>;

/// A server that answers every call with `status` and `body`; no answer at all for no status.
async fn senders(status: Option<u16>, body: String) -> (Senders, Asked) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Asked::default();
    let kept = Arc::clone(&asked);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (kept, body) = (Arc::clone(&kept), body.clone());
            let answer = service_fn(move |request: Request<Incoming>| {
                let (kept, body) = (Arc::clone(&kept), body.clone());
                async move {
                    let form = request.into_body().collect().await.unwrap().to_bytes();
                    let form = url::form_urlencoded::parse(&form).into_owned().collect();
                    kept.lock().unwrap().push(form);
                    let Some(status) = status else {
                        return std::future::pending().await;
                    };
                    let response = Response::builder().status(status);
                    response.body(Full::new(Bytes::from(body)))
                }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
        }
    });
    (opened(port), asked)
}

fn opened(port: u16) -> Senders {
    let provider = Rulebook::shipped().unwrap().provider;
    let price = |name: &'static str| (name == "ICP_SMS_MAX_PRICE").then(|| "0.25".to_owned());
    let configured = Configured::of(("sns", "global", TOPIC), price).unwrap();
    Senders::open(&aws(port), configured, &provider).unwrap()
}

fn aws(port: u16) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .operation_timeout(Duration::from_millis(500))
        .build();
    let credentials = Credentials::new("test", "test", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(format!("http://127.0.0.1:{port}"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .timeout_config(timeouts)
        .retry_config(RetryConfig::disabled())
        .build()
}

fn refusal(code: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error>\
         <Type>Sender</Type><Code>{code}</Code><Message>PhoneNumber Reason: {NUMBER} is not valid \
         to publish to</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
    )
}

fn to() -> Mobile {
    Mobile::parse(NUMBER).unwrap()
}

fn code() -> About {
    About::Notice(NoticeKind::Code {
        person: "p1".parse().unwrap(),
        order: None,
        challenge: "x".into(),
        generation: 1,
    })
}

fn message() -> SmsMessage {
    let code_digits = derive(b"secret", "contact", &["x"], 6);
    let parameters = Parameters {
        code: Some(code_digits),
        ..Parameters::default()
    };
    sms_text(&code(), &parameters, &Rulebook::shipped().unwrap().provider)
}

fn change() -> AccessChange {
    AccessChange {
        subject: "s1".parse().unwrap(),
        service: "2".parse().unwrap(),
        link_version: 7,
        change: AccessChangeKind::AccessStopped,
        at: "2026-03-12T02:00:00Z".parse().unwrap(),
        domains: vec!["example.cn".to_owned().try_into().unwrap()],
    }
}

#[tokio::test]
async fn an_sms_goes_to_its_number_as_a_transactional_message() {
    let (senders, asked) = senders(Some(200), TAKEN.to_owned()).await;
    assert_eq!(
        senders.sms(&to(), &message(), "n1", now()).await,
        Ok(("m-1".to_owned(), Counts::AtOnce))
    );
    let (asked, message) = (asked.lock().unwrap(), message());
    let form = &asked[0];
    assert_eq!(form["Action"], "Publish");
    assert_eq!(form["Message"], *message.text.reveal());
    assert_eq!(form["PhoneNumber"], NUMBER);
    let expected = [
        ("AWS.SNS.SMS.MaxPrice", "Number", "0.25"),
        ("AWS.SNS.SMS.SMSType", "String", "Transactional"),
    ];
    let expected = expected.map(|(a, b, c)| (a.into(), b.into(), c.into()));
    assert_eq!(attributes(form, 2), expected);
}

/// The message's attributes by name: the SDK writes them in any order.
fn attributes(form: &BTreeMap<String, String>, count: usize) -> Vec<(String, String, String)> {
    let mut attributes: Vec<_> = (1..=count)
        .map(|at| {
            let of = |field: &str| form[&format!("MessageAttributes.entry.{at}.{field}")].clone();
            (of("Name"), of("Value.DataType"), of("Value.StringValue"))
        })
        .collect();
    attributes.sort();
    attributes
}

#[tokio::test]
async fn a_change_of_access_goes_to_the_topic_with_what_subscribers_filter_by() {
    let (senders, asked) = senders(Some(200), TAKEN.to_owned()).await;
    assert_eq!(senders.access_change(&change()).await, Ok("m-1".to_owned()));
    let asked = asked.lock().unwrap();
    let form = &asked[0];
    assert_eq!(form["TopicArn"], TOPIC);
    assert!(!form.contains_key("PhoneNumber"));
    assert_eq!(
        serde_json::from_str::<AccessChange>(&form["Message"]).unwrap(),
        change()
    );
    let expected = [
        ("change", "String", "AccessStopped"),
        ("link", "String", "s1.2"),
        ("linkVersion", "Number", "7"),
    ];
    assert_eq!(
        attributes(form, 3),
        expected.map(|(a, b, c)| (a.into(), b.into(), c.into()))
    );
}

#[tokio::test]
async fn what_is_wrong_with_the_number_is_refused_for_good_and_all_else_is_tried_again() {
    let unavailable = |code: &str| SendError::Unavailable(Unsent::Answered(code.to_owned()));
    let refused =
        |why: WhyUnreached, code: &str| SendError::Refused(why.answered(format!("SNS {code}")));
    let (invalid, opted_out) = (WhyUnreached::InvalidNumber, WhyUnreached::OptedOut);
    for (status, code, expected) in [
        (
            400,
            "InvalidParameter",
            refused(invalid, "InvalidParameter"),
        ),
        (
            400,
            "ParameterValueInvalid",
            refused(invalid, "ParameterValueInvalid"),
        ),
        (400, "OptedOut", refused(opted_out, "OptedOut")),
        (403, "AuthorizationError", unavailable("AuthorizationError")),
        (429, "Throttling", unavailable("Throttling")),
        (500, "InternalError", unavailable("InternalError")),
    ] {
        let (senders, _) = senders(Some(status), refusal(code)).await;
        assert_eq!(
            senders.sms(&to(), &message(), "n1", now()).await,
            Err(expected),
            "{code}"
        );
    }
}

#[tokio::test]
async fn a_topic_is_never_refused_for_good() {
    let (senders, _) = senders(Some(400), refusal("InvalidParameter")).await;
    let expected = SendError::Unavailable(Unsent::Answered("InvalidParameter".to_owned()));
    assert_eq!(senders.access_change(&change()).await, Err(expected));
}

#[tokio::test]
async fn no_answer_is_no_refusal() {
    let (silent, _) = senders(None, String::new()).await;
    let expected = Err(SendError::Unavailable(Unsent::TimedOut));
    assert_eq!(silent.sms(&to(), &message(), "n1", now()).await, expected);

    let closed = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let expected = Err(SendError::Unavailable(Unsent::NotReached));
    assert_eq!(
        opened(port).sms(&to(), &message(), "n1", now()).await,
        expected
    );

    let (strange, _) = senders(Some(200), "<html>".to_owned()).await;
    let answer = strange.sms(&to(), &message(), "n1", now()).await;
    assert!(
        matches!(answer, Err(SendError::Unavailable(_))),
        "{answer:?}"
    );
}

#[tokio::test]
async fn no_error_repeats_the_number_or_the_code() {
    let code = derive(b"secret", "contact", &["x"], 6);
    for name in ["InvalidParameter", "AuthorizationError"] {
        let (senders, _) = senders(Some(400), refusal(name)).await;
        let error = senders
            .sms(&to(), &message(), "n1", now())
            .await
            .unwrap_err();
        let cause = error
            .source()
            .map(|cause| format!("{cause} {cause:?}"))
            .unwrap_or_default();
        let printed = format!("{error} {error:?} {cause}");
        assert!(!printed.contains("13800000000"), "{printed}");
        assert!(!printed.contains(code.reveal()), "{printed}");
    }
}

#[tokio::test]
async fn a_message_that_lacks_its_code_is_not_sent() {
    let (senders, asked) = senders(Some(200), TAKEN.to_owned()).await;
    let provider = Rulebook::shipped().unwrap().provider;
    let empty = sms_text(&code(), &Parameters::default(), &provider);
    let expected = SendError::Refused(WhyUnreached::Refused.answered("code-lacks-code"));
    assert_eq!(senders.sms(&to(), &empty, "n1", now()).await, Err(expected));
    assert!(asked.lock().unwrap().is_empty());
}

#[test]
fn a_wrong_configuration_is_refused_with_what_it_may_be() {
    let provider = Rulebook::shipped().unwrap().provider;
    let fault = |sender: &str, profile: &str, topic: &str| -> SendersFault {
        let set = |name: &'static str| name.starts_with("ICP_TENCENT") && !name.ends_with("APP");
        let variable = |name: &'static str| set(name).then(|| "x".to_owned());
        Configured::of((sender, profile, topic), variable)
            .and_then(|configured| Senders::open(&aws(1), configured, &provider))
            .unwrap_err()
    };
    assert_eq!(fault("sns", "cn", TOPIC), SendersFault::NoSmsInChina);
    for (fault, says) in [
        (
            fault("sns", "cn", TOPIC),
            "ICP_SMS_SENDER must be \"tencent-sms\"",
        ),
        (
            fault("tencent-sms", "cn", TOPIC),
            "ICP_TENCENT_SMS_APP is not set",
        ),
        (
            fault("twilio", "global", TOPIC),
            "ICP_SMS_SENDER is \"twilio\"; it must be \"sns\" or",
        ),
        (
            fault("sns", "eu", TOPIC),
            "ICP_PROFILE is \"eu\"; it must be \"global\" or \"cn\"",
        ),
        (
            fault("sns", "global", "access-changes"),
            "is \"access-changes\"; it must be the ARN",
        ),
        (
            fault("sns", "global", "arn:aws:sns:r:1:"),
            "it must be the ARN",
        ),
    ] {
        assert!(fault.to_string().contains(says), "{fault}");
    }
    let everything = |name: &'static str| match name {
        "ICP_MAIL_RELAY" => None,
        _ => Some("0.1".to_owned()),
    };
    let everything = Configured::of(("tencent-sms", "cn", TOPIC), everything).unwrap();
    let unregistered = Senders::open(&aws(1), everything, &provider).unwrap_err();
    assert_eq!(unregistered, SendersFault::NotRegistered("code"));
    let with = |name: &'static str, value: &'static str| {
        let variable = |asked: &'static str| (asked == name).then(|| value.to_owned());
        Configured::of(("sns", "global", TOPIC), variable).unwrap_err()
    };
    let no_price = with("ICP_SMS_MAX_PRICE", "a lot");
    assert_eq!(no_price, SendersFault::NotAPrice("a lot".to_owned()));
    let no_from = with("ICP_MAIL_RELAY", "smtp://relay.example.cn");
    assert_eq!(no_from, SendersFault::NoFrom);
}

#[tokio::test]
async fn no_sender_speaks_and_each_says_so() {
    let (senders, asked) = senders(Some(200), TAKEN.to_owned()).await;
    let code = derive(b"secret", "contact", &["x"], 6);
    let message = crate::voice_code(&code, &Rulebook::shipped().unwrap().provider);
    let landline = icp_domain::identifiers::Landline::parse("010-12345678").unwrap();
    let refused = SendError::Refused(WhyUnreached::NoVoice.answered("sns"));
    assert_eq!(senders.speak(&landline, &message), Err(refused));
    assert!(asked.lock().unwrap().is_empty());
}
