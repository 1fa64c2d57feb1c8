//! `/contact-checks`: a person named in a filing proves the number without an account.
//!
//! **Invariant:** match and mismatch answer alike, after the same while: only the right code tells
//! whether there is such a case and such a person.

use std::future::Future;
use std::time::Duration;

use axum::extract::State;
use icp_domain::case::CaseNumber;
use icp_domain::code::NotAccepted;
use icp_domain::contact::{ContactAnswer, Roles};
use icp_domain::identifiers::Mobile;
use icp_domain::personal::{Personal, masked};
use icp_domain::{Invocation, Text, Violation};
use icp_http::{
    Answered, Body, DoneView, Now, OpenKeyed, Origin, Problem, ProblemBody, ProblemKind, told,
};
use icp_runtime::metrics::{Metric, measure};
use icp_store::records::{Limited, SentTo};
use icp_store::{Answer, Failure, StoreError};
use icp_use_cases::contact_check::{AnswerCheck, Named, Recorded, Shown, answer, ask, confirm};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::confirm_code::not_accepted;

/// Each of these calls is answered after a whole number of such stretches, whatever was done for it; one is
/// longer than what any of them takes.
///
/// Source: behaviour of this service, part 2 (match and mismatch answer alike).
const ANSWERED_AFTER: Duration = Duration::from_millis(400);

/// What stands on a notice, and where it came to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "caseNumber": "3475855925", "mobile": "13800000001" }))]
pub(crate) struct AskedWithoutAccount {
    /// The ten digits that the notice printed.
    case_number: String,
    /// The caller's own mobile.
    mobile: Personal<String>,
}

/// Sends a code to the caller's mobile, if a filing's principal answers under it. Sent or not, the
/// answer is the same.
#[utoipa::path(post, path = "/contact-checks/codes", tag = "contacts",
    request_body = AskedWithoutAccount,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 202, body = DoneView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn send(
    State(app): State<&'static App>,
    Now(mut inv): Now,
    Origin(origin): Origin,
    keyed: OpenKeyed,
    Body(asked): Body<AskedWithoutAccount>,
) -> Result<Answered, Problem> {
    let named = named(&asked.case_number, asked.mobile.reveal(), origin)?;
    let work = async {
        let over = is_over(app, &named, &inv).await?;
        let repeat = keyed.rendered_by(&held(&named), sent);
        let asked = ask(&app.store, app.rulebook, &mut inv, repeat, &named).await;
        match asked {
            Ok(asked) if asked.is_contested => measure(Metric::ContestedNumbers, 1, inv.now),
            Ok(_) => {}
            Err(fault) => told_to_us(&fault, inv.now),
        }
        if over {
            return Err(slow_down());
        }
        Ok(Answered(sent(&())))
    };
    in_a_while(Box::pin(work)).await
}

/// The code that came.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "caseNumber": "3475855925", "mobile": "13800000001", "code": "012345" }))]
pub(crate) struct ConfirmedWithoutAccount {
    /// The ten digits that the notice printed.
    case_number: String,
    /// The caller's own mobile.
    mobile: Personal<String>,
    /// Six digits.
    code: String,
}

/// Tells what the notice is about, if the code is right: the provider, a masked domain, the role in which
/// the caller is named, and what was sent to the mobile within 30 days, so that it is known whether a message was
/// genuine. `ticket` is what the answer is given with.
#[utoipa::path(post, path = "/contact-checks/confirmations", tag = "contacts",
    request_body = ConfirmedWithoutAccount,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 200, body = ToldView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn tell(
    State(app): State<&'static App>,
    Now(mut inv): Now,
    Origin(origin): Origin,
    keyed: OpenKeyed,
    Body(asked): Body<ConfirmedWithoutAccount>,
) -> Result<Answered, Problem> {
    let named = named(&asked.case_number, asked.mobile.reveal(), origin)?;
    let work = async {
        let over = is_over(app, &named, &inv).await?;
        let repeat = keyed.rendered_by(&held(&named), shown);
        let of = (&named, asked.code.as_str());
        let told = confirm(&app.store, app.rulebook, &mut inv, repeat, of).await;
        let told = told.map_err(|failure| refused(over, failure, inv.now))?;
        Ok(Answered(told))
    };
    in_a_while(Box::pin(work)).await
}

/// Who the provider is, by what every message of it says: for comparing, without any proof.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Published {
    /// Its name.
    provider: Text,
    /// The signature that its SMS begin with.
    signature: String,
    /// The one address that every message gives.
    address: String,
    /// The one telephone number that every message gives.
    telephone: String,
}

/// Tells who the provider is: name, signature, and the one address and telephone number that every message gives.
#[utoipa::path(get, path = "/contact-checks/provider", tag = "contacts",
    responses((status = 200, body = Published), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn publish(State(app): State<&'static App>) -> Result<Answered, Problem> {
    let provider = &app.rulebook.provider;
    let published = Published {
        provider: provider.name.clone(),
        signature: provider.signature.clone(),
        address: provider.address.clone(),
        telephone: provider.telephone.clone(),
    };
    Ok(Answered::read(&published, None))
}

/// What the caller says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "caseNumber": "3475855925", "mobile": "13800000001", "ticket": "1772418600.c1.1-00", "answer": "not-principal" }))]
pub(crate) struct SaidWithoutAccount {
    /// The ten digits that the notice printed.
    case_number: String,
    /// The caller's own mobile.
    mobile: Personal<String>,
    /// What the right code gave.
    ticket: String,
    /// `me`, `not-principal` or `stop`.
    answer: ContactAnswer,
}

/// Records what the caller says: a proof of the number, or that the filing names somebody else. `stop` records
/// nothing.
#[utoipa::path(post, path = "/contact-checks/answers", tag = "contacts",
    request_body = SaidWithoutAccount,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 200, body = RecordedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn say(
    State(app): State<&'static App>,
    Now(mut inv): Now,
    Origin(origin): Origin,
    keyed: OpenKeyed,
    Body(said): Body<SaidWithoutAccount>,
) -> Result<Answered, Problem> {
    let named = named(&said.case_number, said.mobile.reveal(), origin)?;
    let work = async {
        let over = is_over(app, &named, &inv).await?;
        let repeat = keyed.rendered_by(&held(&named), recorded);
        let command = AnswerCheck {
            named,
            ticket: said.ticket,
            answer: said.answer,
        };
        let done = answer(&app.store, app.rulebook, &mut inv, repeat, command).await;
        let done = done.map_err(|failure| refused(over, failure, inv.now))?;
        Ok(Answered(done))
    };
    in_a_while(Box::pin(work)).await
}

/// Does its work, and answers at the end of a stretch of time that every such call takes whole.
async fn in_a_while<T>(work: impl Future<Output = T> + Unpin) -> T {
    let (mut work, mut done) = (work, None);
    loop {
        let stretch = tokio::time::sleep(ANSWERED_AFTER);
        tokio::pin!(stretch);
        loop {
            tokio::select! {
                out = &mut work, if done.is_none() => done = Some(out),
                () = &mut stretch => break,
            }
        }
        if let Some(done) = done {
            return done;
        }
    }
}

/// What the caller holds, read; each field that does not read is named.
fn named(case: &str, mobile: &str, origin: String) -> Result<Named, Problem> {
    let mut broken = Vec::new();
    let case = CaseNumber::parse(case).map_err(|fault| broken.push(fault.at("/caseNumber")));
    let mobile = Mobile::parse(mobile).map_err(|fault| {
        broken.push(Violation {
            field: "/mobile".to_owned(),
            rule: fault.code().to_owned(),
            text: fault.text(),
            source: fault.basis().to_owned(),
            as_of: None,
        });
    });
    if let (Ok(case), Ok(mobile)) = (case, mobile) {
        return Ok(Named {
            case,
            mobile,
            origin,
        });
    }
    let detail = Text::new("请按所列各项修改", "the fields named do not read");
    Err(Problem::client(ProblemKind::MalformedRequest, detail).violations(broken))
}

fn held(named: &Named) -> [&str; 2] {
    [named.case.as_str(), named.mobile.reveal()]
}

/// Counts the call by where it comes from and by the case that it names. Whether either is over its limit is
/// told to all who are not proved to be right; whoever is right is never refused.
async fn is_over(app: &App, named: &Named, inv: &Invocation) -> Result<bool, Problem> {
    let policy = &app.rulebook.policy.codes;
    let source = Origin(named.origin.clone()).network();
    let of = [
        (
            Limited::Source,
            source.as_str(),
            policy.open_calls_per_source_hour,
        ),
        (
            Limited::Case,
            named.case.as_str(),
            policy.open_calls_per_case_hour,
        ),
    ];
    let mut over = false;
    for (limited, name, most) in of {
        let calls = app.store.count_call(limited, name, inv.now).await;
        over |= u64::from(most) < calls.map_err(Problem::fault)?;
    }
    Ok(over)
}

/// What is not accepted, for whatever reason: what only a match can meet is told as a mismatch is.
fn refused(over: bool, failure: Failure<NotAccepted>, now: Timestamp) -> Problem {
    let failure = match failure {
        Failure::Fault(fault) => {
            told_to_us(&fault, now);
            Failure::Refused(NotAccepted::NoChallenge)
        }
        Failure::ChangedMeanwhile => Failure::Refused(NotAccepted::NoChallenge),
        Failure::NotFound | Failure::KeyReused | Failure::Refused(_) => failure,
    };
    Problem::of(failure, |why| {
        let told = not_accepted(why);
        if over { slow_down() } else { told }
    })
}

/// A fault that callers are not told of rings our alarm.
fn told_to_us(fault: &StoreError, now: Timestamp) {
    tracing::error!("a check without an account failed: {fault}");
    measure(Metric::InternalFaults, 1, now);
}

fn slow_down() -> Problem {
    let detail = Text::new("操作过于频繁，请稍后再试", "wait before you try again");
    Problem::client(ProblemKind::SlowDown, detail).retry_after(Duration::from_hours(1))
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "a use case renders whatever it did by reference"
)]
fn sent((): &()) -> Answer {
    told(202, &crate::send_code::SENT)
}

/// What whoever proved a number is told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ToldView {
    /// Who gives access, and asks.
    provider: Text,
    /// The first domain of what the case is about, masked.
    domain: Option<String>,
    /// The roles in which the filing names the person: `subject-principal`, `service-principal`.
    roles: Vec<&'static str>,
    /// What the answer is given with.
    ticket: String,
    /// Until when.
    #[schema(value_type = String)]
    until: Timestamp,
    /// What was sent to the number of late, the newest first.
    sent: Vec<SentTo>,
}

/// What was recorded of an answer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecordedView {
    /// `recorded`.
    status: &'static str,
    /// Until when the number is proved, where that was the answer.
    #[schema(value_type = Option<String>)]
    verified_until: Option<Timestamp>,
}

fn shown(shown: &Shown) -> Answer {
    let Roles { subject, services } = &shown.roles;
    let mut roles = Vec::new();
    if *subject {
        roles.push("subject-principal");
    }
    if !services.is_empty() {
        roles.push("service-principal");
    }
    let domain = shown.domain.as_deref().map(masked_domain);
    let view = ToldView {
        provider: shown.provider.clone(),
        domain,
        roles,
        ticket: shown.ticket.clone(),
        until: shown.until,
        sent: shown.sent.clone(),
    };
    told(200, &view)
}

/// A domain of which the owner knows it, and nobody else: `example.com.cn` as `e******.com.cn`.
fn masked_domain(domain: &str) -> String {
    match domain.split_once('.') {
        Some((label, suffix)) => format!("{}.{suffix}", masked(label, 1, 0)),
        None => masked(domain, 1, 0),
    }
}

fn recorded(recorded: &Recorded) -> Answer {
    let until = recorded.proof.map(|proof| proof.until);
    let view = RecordedView {
        status: "recorded",
        verified_until: until,
    };
    told(200, &view)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_told_to_whoever_knows_it() {
        assert_eq!(masked_domain("example.com.cn"), "e******.com.cn");
    }

    #[test]
    fn every_field_that_does_not_read_is_named() {
        let problem = named("123", "12345", "192.0.2.1".to_owned()).unwrap_err();
        let problem = format!("{problem:?}");
        assert!(problem.contains("/caseNumber") && problem.contains("/mobile"));
    }
}
