//! What is planted as personal data, and looked for wherever it must not be: rows, stream images,
//! messages, logs, metrics.

use std::io::Write;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use icp_local::Deployment;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// What every applicant and every imported row holds of people: a name, an identity number, an
/// address, the beginning of the mobiles, and of the mail addresses.
const PLANTED: [&str; 6] = [
    "王小明",
    "李小红",
    "11010519491231002",
    "海淀区示例路",
    "1380000",
    "p1-account-",
];

/// Everything that functions have logged and measured, at every level.
static LOGGED: Mutex<Vec<u8>> = Mutex::new(Vec::new());

fn logged() -> MutexGuard<'static, Vec<u8>> {
    // A test that failed while it held the lock has told what it found.
    LOGGED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where log lines are kept.
struct Kept;

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        logged().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        Self
    }
}

/// Keeps what is logged, and shows what the environment asks for.
pub(crate) fn listen() {
    static LISTENS: OnceLock<()> = OnceLock::new();
    LISTENS.get_or_init(|| {
        // What a deployment logs and more of our own; what serves the emulated AWS is not deployed.
        let ours = EnvFilter::new(
            "info,s3s=off,s3s_fs=off,dynoxide=off,icp_domain=trace,icp_store=trace,\
             icp_use_cases=trace,icp_http=trace,icp_runtime=trace,icp_lookups=trace,\
             icp_notifications=trace,submit_filing=trace,verify_contact=trace,rectify_filing=trace,\
             review_filing=trace,run_operations=trace,import_filings=trace,export_filings=trace,\
             schedule_audits=trace,gather_evidence=trace,judge_evidence=trace,\
             expire_deadlines=trace,deliver_notices=trace",
        );
        let kept = tracing_subscriber::fmt::layer()
            .with_writer(Kept)
            .with_ansi(false);
        icp_runtime::metrics::heard_by(|line| {
            logged().extend_from_slice(without_instant(line).as_bytes());
        });
        let shown = tracing_subscriber::fmt::layer().with_test_writer();
        let _already = tracing_subscriber::registry()
            .with(kept.with_filter(ours))
            .with(shown.with_filter(EnvFilter::from_default_env()))
            .try_init();
    });
}

/// A line of metrics without its instant: milliseconds of 1970 may hold any digits.
fn without_instant(line: &str) -> String {
    let Some((before, after)) = line.split_once("\"Timestamp\":") else {
        return line.to_owned();
    };
    format!(
        "{before}{}",
        after.trim_start_matches(|c: char| c.is_ascii_digit())
    )
}

/// Digits of the longest number of a person: an identity document's.
const LONGEST_NUMBER: usize = 18;

/// Shortest run of hexadecimal digits that is an id or a hash.
const SHORTEST_ID: usize = 32;

/// Whether what was planted stands in a text, by itself and not within a longer number or an id: a stream's own numbers
/// count the time, its ids are drawn by chance, and both come by any digits.
fn stands_in(text: &str, planted: &str) -> bool {
    text.match_indices(planted).any(|(at, found)| {
        let run = |is: fn(&char) -> bool| {
            let before = text[..at].chars().rev().take_while(is).count();
            let after = text[at + found.len()..].chars().take_while(is).count();
            before + found.len() + after
        };
        let is_number = planted.bytes().all(|byte| byte.is_ascii_digit());
        let is_within = LONGEST_NUMBER < run(char::is_ascii_digit);
        let in_id = SHORTEST_ID <= run(char::is_ascii_hexdigit);
        !is_number || !is_within && !in_id
    })
}

/// Nothing planted stands where it must not.
pub(crate) fn is_nowhere(deployment: &Deployment) {
    for value in deployment.everything().unwrap() {
        let text = value.to_string();
        for planted in PLANTED {
            assert!(
                !stands_in(&text, planted),
                "{planted} stands in {}",
                around(&text, planted)
            );
        }
    }
    let logged = logged();
    let logged = String::from_utf8_lossy(&logged);
    for planted in PLANTED {
        assert!(
            !stands_in(&logged, planted),
            "{planted} was logged: {}",
            around(&logged, planted)
        );
    }
}

/// No code that was sent stands in the table, its stream, a queue or a log.
pub(crate) fn no_code_is_anywhere(deployment: &Deployment) {
    let sms = deployment.sms().into_iter();
    let of_codes = sms.filter(|sms| sms.text.contains("验证码"));
    let codes: Vec<String> = of_codes
        .map(|sms| {
            let digits = sms.text.chars().skip_while(|c| !c.is_ascii_digit());
            digits.take_while(char::is_ascii_digit).collect()
        })
        .collect();
    for value in deployment.everything().unwrap() {
        let text = value.to_string();
        for code in &codes {
            assert!(
                !stands_alone(&text, code),
                "{code} stands in {}",
                around(&text, code)
            );
        }
    }
    let logged = logged();
    let logged = String::from_utf8_lossy(&logged);
    for code in &codes {
        assert!(
            !stands_alone(&logged, code),
            "{code} was logged: {}",
            around(&logged, code)
        );
    }
}

/// Whether six digits stand for themselves: within hashes and instants any six stand by chance.
fn stands_alone(text: &str, code: &str) -> bool {
    text.match_indices(code).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text
            .get(at + code.len()..)
            .and_then(|text| text.chars().next());
        ![before, after]
            .into_iter()
            .flatten()
            .any(|c| c.is_ascii_alphanumeric() || c == '.')
    })
}

fn around<'a>(text: &'a str, planted: &str) -> &'a str {
    let at = text.find(planted).unwrap_or_default();
    let mut from = at.saturating_sub(300);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let mut until = (at + 300).min(text.len());
    while !text.is_char_boundary(until) {
        until -= 1;
    }
    &text[from..until]
}
