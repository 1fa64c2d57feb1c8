//! Bounces (退信): delivery reports of mail servers, read.
//!
//! **Invariant:** nothing of a report's own words goes on: of it are taken the `Message-ID` that we gave, and its
//! codes.
//!
//! Source: RFC 3464 (the report), RFC 3462 (its MIME), RFC 3463 (the codes).

use mail_parser::{Message, MessageParser, MimeHeaders, PartType};

use crate::ids::NoticeId;

/// A mail of ours that came back for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounce {
    /// The message of ours.
    pub message: NoticeId,
    /// The enhanced status code, such as `5.1.1`.
    pub status: String,
}

/// Why a report is no bounce.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoBounce {
    /// It is no delivery report.
    #[error("it is no delivery report (RFC 3464)")]
    NotAReport,
    /// It says that the mail is late, was relayed or arrived.
    #[error("it tells of no failure")]
    NotFailed,
    /// It returns neither the message nor its header with the `Message-ID` that we gave.
    #[error("it names no mail of ours")]
    NotOurs,
}

/// Most lines of a report's own part that are read; servers write some twenty.
const MOST_LINES: usize = 1000;

/// Reads a report as a relay received it.
pub fn read(report: &str) -> Result<Bounce, NoBounce> {
    let message = MessageParser::default()
        .parse(report.as_bytes())
        .ok_or(NoBounce::NotAReport)?;
    let status = status_part(&message).ok_or(NoBounce::NotAReport)?;
    let field = |name: &str| {
        let lines = status.lines().take(MOST_LINES);
        let mut of_name = lines.filter_map(|line| {
            let (field, value) = line.split_once(':')?;
            field
                .trim()
                .eq_ignore_ascii_case(name)
                .then(|| value.trim())
        });
        of_name.next()
    };
    let action = field("Action").ok_or(NoBounce::NotAReport)?;
    if !action.eq_ignore_ascii_case("failed") {
        return Err(NoBounce::NotFailed);
    }
    let status = field("Status").and_then(code).ok_or(NoBounce::NotAReport)?;
    let message = returned_id(&message).ok_or(NoBounce::NotOurs)?;
    Ok(Bounce { message, status })
}

/// The part of the type `message/delivery-status`.
fn status_part(message: &Message<'_>) -> Option<String> {
    message.parts.iter().find_map(|part| {
        let of_type = part.content_type().is_some_and(|kind| {
            kind.ctype().eq_ignore_ascii_case("message")
                && kind
                    .subtype()
                    .is_some_and(|subtype| subtype.eq_ignore_ascii_case("delivery-status"))
        });
        of_type.then(|| String::from_utf8_lossy(part.contents()).into_owned())
    })
}

/// The id that stands in the `Message-ID` of the message, or the header, that the report returns.
fn returned_id(message: &Message<'_>) -> Option<NoticeId> {
    let mut ids = message.parts.iter().filter_map(|part| match &part.body {
        PartType::Message(returned) => returned.message_id().map(str::to_owned),
        PartType::Text(header) => of_header(part, header),
        PartType::Binary(header) => of_header(part, &String::from_utf8_lossy(header)),
        PartType::Html(_) | PartType::InlineBinary(_) | PartType::Multipart(_) => None,
    });
    let (name, _host) = ids
        .next()?
        .split_once('@')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))?;
    name.parse().ok()
}

/// The `Message-ID` of a part of the type `text/rfc822-headers`.
fn of_header(part: &mail_parser::MessagePart<'_>, header: &str) -> Option<String> {
    let is_header = part.content_type().is_some_and(|kind| {
        kind.subtype()
            .is_some_and(|subtype| subtype.eq_ignore_ascii_case("rfc822-headers"))
    });
    if !is_header {
        return None;
    }
    let parsed = MessageParser::default().parse_headers(header.as_bytes())?;
    parsed.message_id().map(str::to_owned)
}

/// An enhanced status code of the classes of failures; a comment may follow it.
fn code(value: &str) -> Option<String> {
    enhanced_code(value).filter(|code| code.starts_with(['4', '5']))
}

/// The enhanced status code (RFC 3463) that a reply, or a field of a report, begins with.
pub fn enhanced_code(text: &str) -> Option<String> {
    let first = text.split_whitespace().next()?;
    let parts: Vec<&str> = first.split('.').collect();
    let digits = |part: &&str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let whole = matches!(parts.as_slice(), ["2" | "4" | "5", _, _]) && parts.iter().all(digits);
    whole.then(|| first.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As Postfix writes it, with the header alone returned.
    const POSTFIX: &str = "From: MAILER-DAEMON@relay.example.cn (Mail Delivery System)\r\n\
        To: beian@example.cn\r\nSubject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"B1\"\r\n\r\n\
        This is a MIME-encapsulated message.\r\n\r\n--B1\r\nContent-Description: Notification\r\n\
        Content-Type: text/plain; charset=us-ascii\r\n\r\n<zhang@example.com>: host mx said: 550 5.1.1 no such user\
        \r\n\r\n--B1\r\nContent-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\n\
        Reporting-MTA: dns; relay.example.cn\r\nArrival-Date: Mon, 2 Mar 2026 10:00:00 +0800\r\n\r\n\
        Final-Recipient: rfc822; zhang@example.com\r\nOriginal-Recipient: rfc822;zhang@example.com\r\n\
        Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n--B1\r\n\
        Content-Description: Undelivered Message Headers\r\nContent-Type: text/rfc822-headers\r\n\r\n\
        From: =?utf-8?B?56S65L6L5LqR?= <beian@example.cn>\r\nMessage-ID: <n-1f2e@example.cn>\r\nSubject: x\r\n\r\n\
        --B1--\r\n";

    #[test]
    fn a_report_says_which_mail_came_back_and_why() {
        let bounce = read(POSTFIX).unwrap();
        assert_eq!(bounce.message.as_str(), "n-1f2e");
        assert_eq!(bounce.status, "5.1.1");
        // The whole message returned, and lines ended as Unix ends them.
        let whole = POSTFIX.replace("text/rfc822-headers", "message/rfc822");
        assert_eq!(read(&whole), Ok(bounce.clone()));
        assert_eq!(read(&whole.replace("\r\n", "\n")), Ok(bounce));
    }

    #[test]
    fn what_is_no_bounce_of_ours_says_why() {
        let late = POSTFIX.replace("Action: failed", "Action: delayed");
        assert_eq!(read(&late), Err(NoBounce::NotFailed));
        let without = POSTFIX.replace("Message-ID: <n-1f2e@example.cn>\r\n", "");
        assert_eq!(read(&without), Err(NoBounce::NotOurs));
        let strange = POSTFIX.replace("n-1f2e@", "not an id@");
        assert_eq!(read(&strange), Err(NoBounce::NotOurs));
        let plain = "From: a@example.cn\r\nSubject: out of office\r\n\r\nback on Monday\r\n";
        assert_eq!(read(plain), Err(NoBounce::NotAReport));
        assert_eq!(read(""), Err(NoBounce::NotAReport));
        let arrived = POSTFIX.replace("Status: 5.1.1", "Status: 2.0.0");
        assert_eq!(read(&arrived), Err(NoBounce::NotAReport));
    }

    proptest! {
        #[test]
        fn no_report_panics(report in "(?s).{0,400}") {
            let _ = read(&report);
        }

        #[test]
        fn no_damaged_report_panics_or_names_another_mail(at in 0..POSTFIX.len(), byte in any::<char>()) {
            let mut damaged = POSTFIX.to_owned();
            damaged.replace_range(at..=at, &byte.to_string());
            if let Ok(bounce) = read(&damaged) {
                prop_assert!(bounce.message.as_str().len() <= 64);
            }
        }
    }
}
