//! `POST /filings/{subject}/self-checks`, `GET /self-checks/{check}`: how a filing stands, for its filer alone.

use std::time::Duration;

use axum::extract::State;
use icp_domain::audit::ClockName;
use icp_domain::ids::{CheckId, ServiceId, SubjectId};
use icp_domain::{Language, Rulebook, Text};
use icp_http::{
    Answered, Filer, InLanguage, Keyed, MaybeBody, Now, Origin, PathIds, Problem, ProblemBody,
    ProblemKind, told,
};
use icp_store::Answer;
use icp_store::records::{AwaitedLook, CheckedLook, SelfCheck};
use icp_use_cases::By;
use icp_use_cases::self_check::{AskSelfCheck, SelfCheckRefused, ask_self_check, read_self_check};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::said::{Counted, SaidView, in_words};

/// What of a filing is checked; all of it where nothing is said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "service": "1" }))]
pub(crate) struct WantedSelfCheck {
    /// One service.
    service: Option<ServiceId>,
}

/// Has a filing looked at now by every rule. Nothing follows from what is found: no case, no notice, no entry of
/// history. `Location` says where it is read, as far as it has come.
#[utoipa::path(post, path = "/filings/{subject}/self-checks", tag = "cases",
    request_body = Option<WantedSelfCheck>,
    params(("subject" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 202, body = AskedSelfCheckView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn ask(
    State(app): State<&'static App>,
    filer: Filer,
    Now(mut inv): Now,
    Origin(origin): Origin,
    PathIds(subject): PathIds<SubjectId>,
    keyed: Keyed,
    MaybeBody(wanted): MaybeBody<WantedSelfCheck>,
) -> Result<Answered, Problem> {
    let now = inv.now;
    let command = AskSelfCheck {
        subject,
        service: wanted.and_then(|wanted| wanted.service),
        account: filer.account.clone(),
        by: By::filer(filer.account, filer.user, origin),
    };
    let repeat = keyed.rendered_by(asked);
    let done = ask_self_check(&app.store, app.rulebook, &mut inv, repeat, command).await;
    let (answer, looks) =
        done.map_err(|failure| Problem::of(failure, |refusal| refused(&refusal, now)))?;
    // What is lost here reads as undecided, and is asked for again.
    if let Err(error) = app.looks.send(&looks).await {
        tracing::error!(
            "looks of a self-check were not sent: {}",
            icp_runtime::Chain(&error)
        );
    }
    Ok(Answered(answer))
}

/// A self-check, as far as it has come.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SelfCheckView {
    /// Its id.
    id: String,
    /// The filing.
    subject: String,
    /// When it was asked for.
    #[schema(value_type = String)]
    asked_at: Timestamp,
    /// From when on what was not seen is undecided.
    #[schema(value_type = String)]
    until: Timestamp,
    /// `looking` while something is still to come, then `looked`.
    state: &'static str,
    /// What it came to, in one sentence.
    says: String,
    /// How many rules say what.
    counts: Counted,
    /// Look by look.
    looks: Vec<LookView>,
}

/// What one look of a self-check said.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LookView {
    /// The service, or none for the subject itself.
    service: Option<String>,
    /// `audit`, or `holder` for the registrations of the domains.
    clock: ClockName,
    /// `looking`, `looked`, or `undecided` where nothing was seen in time.
    state: &'static str,
    /// When the looking began.
    #[schema(value_type = Option<String>)]
    begun_at: Option<Timestamp>,
    /// The same in one sentence, where there is nothing else to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<String>,
    /// Rule by rule, what is broken first.
    rules: Vec<SaidView>,
}

/// How a filing stands, as far as the check has come: rule by rule, in words that say what to do.
#[utoipa::path(get, path = "/self-checks/{check}", tag = "cases", params(("check" = String, Path)),
    responses((status = 200, body = SelfCheckView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn read(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    InLanguage(language): InLanguage,
    PathIds(check): PathIds<CheckId>,
) -> Result<Answered, Problem> {
    let by = By::filer(filer.account, filer.user, String::new());
    let found = read_self_check(&app.store, app.rulebook, &by, &check, inv.now).await;
    let (check, judged) = found.map_err(|failure| Problem::of(failure, |never| match never {}))?;
    let view = view(&check, &judged, language, app.rulebook, inv.now);
    Ok(Answered::read(&view, None))
}

fn view(
    check: &SelfCheck,
    judged: &[CheckedLook],
    language: Language,
    rulebook: &Rulebook,
    now: Timestamp,
) -> SelfCheckView {
    let until = check.asked_at + rulebook.policy.audits.check_judged();
    let looks: Vec<LookView> = check
        .looks
        .iter()
        .map(|awaited| {
            let judged = judged.iter().find(|judged| judged.look == awaited.look);
            look_view(awaited, judged, now < until, language)
        })
        .collect();
    let looking = looks.iter().any(|look| look.state == "looking");
    let counts = Counted::of(judged.iter().flat_map(|judged| &judged.said));
    let says = if looking {
        Text::new(
            "正在查看，请稍后再读取。",
            "It is being looked at; read again in a while.",
        )
    } else {
        counts.sentence()
    };
    SelfCheckView {
        id: check.id.to_string(),
        subject: check.subject.to_string(),
        asked_at: check.asked_at,
        until,
        state: if looking { "looking" } else { "looked" },
        says: says.in_language(language).to_owned(),
        counts,
        looks,
    }
}

fn look_view(
    awaited: &AwaitedLook,
    judged: Option<&CheckedLook>,
    in_time: bool,
    language: Language,
) -> LookView {
    let (state, says) = match judged {
        Some(_) => ("looked", None),
        None if in_time => ("looking", None),
        None => (
            "undecided",
            Some(Text::new(
                "未能在时限内查看，或备案其间有变更；不计为不合格，请再次自查。",
                "It was not seen in time, or the filing changed meanwhile; it counts for nothing. Check again.",
            )),
        ),
    };
    LookView {
        service: awaited.unit.service.as_ref().map(ToString::to_string),
        clock: awaited.clock,
        state,
        begun_at: judged.map(|judged| judged.begun_at),
        says: says.map(|says| says.in_language(language).to_owned()),
        rules: judged.map_or_else(Vec::new, |judged| in_words(&judged.said, language)),
    }
}

/// A self-check that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AskedSelfCheckView {
    /// Its id.
    id: CheckId,
    /// The filing.
    subject: SubjectId,
    /// How many looks are made.
    looks: usize,
}

fn asked(check: &SelfCheck) -> Answer {
    let view = AskedSelfCheckView {
        id: check.id.clone(),
        subject: check.subject.clone(),
        looks: check.looks.len(),
    };
    Answer {
        location: Some(format!("/self-checks/{}", check.id)),
        ..told(202, &view)
    }
}

fn refused(refusal: &SelfCheckRefused, now: Timestamp) -> Problem {
    match refusal {
        SelfCheckRefused::NoAccess | SelfCheckRefused::TooMuch(_) => {
            Problem::client(ProblemKind::StepRefused, refusal.text())
        }
        SelfCheckRefused::TooMany(until) => slow_down(refusal.text(), *until, now),
    }
}

/// Too often: with the whole seconds until it is worth trying again.
pub(crate) fn slow_down(detail: Text, until: Timestamp, now: Timestamp) -> Problem {
    let wait = until.duration_since(now).as_secs_f64().ceil().max(1.0);
    let wait = Duration::try_from_secs_f64(wait).unwrap_or(Duration::from_hours(1));
    Problem::client(ProblemKind::SlowDown, detail).retry_after(wait)
}
