//! `/public-checks`: how the site of a domain stands, for whoever controls the domain, without an account.
//!
//! **Invariant:** nothing is said of the site until a text in the zone proved who asks, and nothing then that is
//! not seen of it by everybody.

use axum::extract::State;
use icp_domain::identifiers::DomainName;
use icp_domain::ids::CheckId;
use icp_domain::look::Seen;
use icp_domain::{Language, Text};
use icp_http::{
    Answered, Body, InLanguage, Now, OpenKeyed, Origin, PathIds, Problem, ProblemBody, ProblemKind,
    told,
};
use icp_store::Answer;
use icp_store::records::PublicCheck;
use icp_use_cases::public_check::{
    AskPublicCheck, Challenge, PublicCheckRefused, Shown, ask_public_check, is_over,
    prove_public_check, read_public_check,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::said::{Counted, SaidView, in_words};
use crate::self_check::slow_down;

/// Which site is checked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "domain": "example.cn" }))]
pub(crate) struct WantedPublicCheck {
    /// The domain.
    domain: String,
}

/// Takes a check of a domain's site in. The answer has the text record to set, which proves who controls the
/// domain; nothing is looked at before `POST /public-checks/{check}/proofs`.
#[utoipa::path(post, path = "/public-checks", tag = "checks", request_body = WantedPublicCheck,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 202, body = AskedPublicCheckView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn ask(
    State(app): State<&'static App>,
    Now(mut inv): Now,
    origin: Origin,
    keyed: OpenKeyed,
    Body(wanted): Body<WantedPublicCheck>,
) -> Result<Answered, Problem> {
    let (now, network) = (inv.now, origin.network());
    let domain = DomainName::parse(&wanted.domain);
    let domain = domain.map_err(|fault| Problem::unread("/domain", &fault))?;
    let repeat = keyed.rendered_by(&[domain.as_str(), &network], asked);
    let command = AskPublicCheck { domain, network };
    let done = ask_public_check(&app.store, app.rulebook, &mut inv, repeat, command).await;
    let answer = done.map_err(|failure| Problem::of(failure, |refusal| refused(&refusal, now)))?;
    Ok(Answered(answer))
}

/// A public check, as far as it has come.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PublicCheckView {
    /// Its id.
    id: String,
    /// The domain.
    domain: String,
    /// Until when it can be proved and read.
    #[schema(value_type = String)]
    until: Timestamp,
    /// `to-prove`, `looking`, `not-proved` or `looked`.
    state: &'static str,
    /// What to do, or what it came to, in one sentence.
    says: String,
    /// The text record to set.
    txt: TextRecordView,
    /// How many rules say what.
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<Counted>,
    /// Rule by rule, what is broken first.
    rules: Vec<SaidView>,
}

/// How the site stands, as far as the check has come, in words that say what to do. Looks at nothing.
#[utoipa::path(get, path = "/public-checks/{check}", tag = "checks", params(("check" = String, Path)),
    responses((status = 200, body = PublicCheckView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn read(
    State(app): State<&'static App>,
    Now(inv): Now,
    InLanguage(language): InLanguage,
    PathIds(check): PathIds<CheckId>,
) -> Result<Answered, Problem> {
    let found = read_public_check(&app.store, app.rulebook, &check, inv.now).await;
    let shown =
        found.map_err(|failure| Problem::of(failure, |refusal| refused(&refusal, inv.now)))?;
    Ok(Answered::read(&view(app, &shown, language, inv.now), None))
}

/// Has the site looked at, if the text record stands in the zone. `Location` says where the answer is read.
#[utoipa::path(post, path = "/public-checks/{check}/proofs", tag = "checks",
    params(("check" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 202, body = ProvingView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn prove(
    State(app): State<&'static App>,
    Now(mut inv): Now,
    origin: Origin,
    PathIds(check): PathIds<CheckId>,
    keyed: OpenKeyed,
) -> Result<Answered, Problem> {
    let (now, network) = (inv.now, origin.network());
    let repeat = keyed.rendered_by(&[check.as_str()], asked_to_prove);
    let of = (&check, network.as_str());
    let done = prove_public_check(&app.store, app.rulebook, &mut inv, repeat, of).await;
    let (answer, looks) =
        done.map_err(|failure| Problem::of(failure, |refusal| refused(&refusal, now)))?;
    // What is lost here is not seen in time, and is asked for again.
    if let Err(error) = app.looks.send(&looks).await {
        tracing::error!(
            "looks of a public check were not sent: {}",
            icp_runtime::Chain(&error)
        );
    }
    Ok(Answered(answer))
}

fn view(app: &App, shown: &Shown, language: Language, now: Timestamp) -> PublicCheckView {
    let (check, policy) = (&shown.check, &app.rulebook.policy.audits);
    let said: Vec<_> = shown
        .looks
        .iter()
        .flat_map(|look| &look.said)
        .cloned()
        .collect();
    let proved = |stands: bool| {
        let answer = Some(Seen::Answer(stands));
        shown.looks.iter().any(|look| look.proved == answer)
    };
    let counts = Counted::of(said.iter());
    let set = |before_zh: &str, before_en: &str| {
        let (name, value) = (&shown.challenge.name, &shown.challenge.value);
        Text::new(
            format!("{before_zh}请为{name}添加TXT记录{value}，生效后开始检测。"),
            format!(
                "{before_en}Set a TXT record {value} at {name}, and ask for the proof once it is there."
            ),
        )
    };
    let (state, says) = match &check.proof {
        None => ("to-prove", set("", "")),
        Some(proof)
            if !is_over(proof, &shown.looks) && now < proof.asked_at + policy.check_judged() =>
        {
            (
                "looking",
                Text::new(
                    "正在检测，请稍后再读取。",
                    "It is being looked at; read again in a while.",
                ),
            )
        }
        Some(_) if proved(true) => ("looked", counts.sentence()),
        Some(_) if proved(false) => (
            "not-proved",
            set("未查到该TXT记录。", "The TXT record was not found. "),
        ),
        Some(_) => (
            "not-proved",
            set("未能查询域名。", "The domain could not be asked for. "),
        ),
    };
    let looked = state == "looked";
    PublicCheckView {
        id: check.id.to_string(),
        domain: check.domain.to_string(),
        until: check.asked_at + policy.check_kept(),
        state,
        says: says.in_language(language).to_owned(),
        txt: TextRecordView::of(&check.domain, &shown.challenge),
        counts: looked.then_some(counts),
        rules: if looked {
            in_words(&said, language)
        } else {
            Vec::new()
        },
    }
}

/// The text record that proves who controls a domain.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TextRecordView {
    /// Its whole name.
    name: String,
    /// The same as DNS consoles want it: without the registered domain (主机记录).
    host: String,
    /// Its value.
    value: String,
}

impl TextRecordView {
    fn of(domain: &DomainName, challenge: &Challenge) -> Self {
        let zone = format!(".{}", domain.registrable());
        let host = challenge.name.strip_suffix(&zone);
        Self {
            host: host.unwrap_or(&challenge.name).to_owned(),
            name: challenge.name.clone(),
            value: challenge.value.clone(),
        }
    }
}

/// A public check that was taken in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AskedPublicCheckView {
    /// Its id.
    id: CheckId,
    /// The domain.
    domain: DomainName,
    /// The text record to set.
    txt: TextRecordView,
}

/// A public check whose proof is looked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProvingView {
    /// Its id.
    id: CheckId,
    /// The domain.
    domain: DomainName,
    /// `looking`.
    state: &'static str,
}

fn asked(shown: &Shown) -> Answer {
    let Shown {
        check, challenge, ..
    } = shown;
    let view = AskedPublicCheckView {
        id: check.id.clone(),
        domain: check.domain.clone(),
        txt: TextRecordView::of(&check.domain, challenge),
    };
    Answer {
        location: Some(format!("/public-checks/{}", check.id)),
        ..told(202, &view)
    }
}

fn asked_to_prove(check: &PublicCheck) -> Answer {
    let view = ProvingView {
        id: check.id.clone(),
        domain: check.domain.clone(),
        state: "looking",
    };
    Answer {
        location: Some(format!("/public-checks/{}", check.id)),
        ..told(202, &view)
    }
}

fn refused(refusal: &PublicCheckRefused, now: Timestamp) -> Problem {
    match refusal {
        PublicCheckRefused::UnderWay => Problem::client(ProblemKind::StepRefused, refusal.text()),
        PublicCheckRefused::TooMany(until) => slow_down(refusal.text(), *until, now),
    }
}
