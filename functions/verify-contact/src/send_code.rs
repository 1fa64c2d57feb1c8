//! `POST …/persons/{person}/codes`: sends a code.

use std::time::Duration;

use axum::extract::State;
use icp_domain::ids::{OrderId, PersonId, SubjectId};
use icp_domain::{Invocation, Text};
use icp_http::{
    Answered, DoneView, Filer, Keyed, Now, Origin, PathIds, Problem, ProblemBody, ProblemKind, told,
};
use icp_runtime::metrics::{Metric, measure};
use icp_store::Answer;
use icp_store::records::Holder;
use icp_use_cases::By;
use icp_use_cases::send_code::{SendCode, SendCodeRefused, send_code};

use crate::App;

/// Sends a code to a person of a filing. Sent, capped and unreachable answer alike.
#[utoipa::path(post, path = "/filings/{subject}/persons/{person}/codes", tag = "contacts",
    params(("subject" = String, Path), ("person" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 202, body = DoneView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn to_person_of_filing(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    Origin(origin): Origin,
    PathIds((subject, person)): PathIds<(SubjectId, PersonId)>,
    keyed: Keyed,
) -> Result<Answered, Problem> {
    send(
        app,
        filer,
        inv,
        origin,
        (Holder::Filing(subject), person),
        keyed,
    )
    .await
}

/// Sends a code to a person of an order's draft. Sent, capped and unreachable answer alike.
#[utoipa::path(post, path = "/orders/{order}/persons/{person}/codes", tag = "contacts",
    params(("order" = String, Path), ("person" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 202, body = DoneView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn to_person_of_order(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    Origin(origin): Origin,
    PathIds((order, person)): PathIds<(OrderId, PersonId)>,
    keyed: Keyed,
) -> Result<Answered, Problem> {
    send(
        app,
        filer,
        inv,
        origin,
        (Holder::Order(order), person),
        keyed,
    )
    .await
}

async fn send(
    app: &App,
    filer: Filer,
    mut inv: Invocation,
    origin: String,
    (holder, person): (Holder, PersonId),
    keyed: Keyed,
) -> Result<Answered, Problem> {
    let now = inv.now;
    let account = filer.account.clone();
    let by = By::filer(filer.account, filer.user, origin);
    let command = SendCode {
        holder,
        person,
        account,
        by,
    };
    let repeat = keyed.rendered_by(sent);
    let asked = send_code(&app.store, app.rulebook, &mut inv, repeat, command).await;
    let asked = asked.map_err(|failure| {
        Problem::of(failure, |refused| {
            let (until, detail) = match refused {
                SendCodeRefused::TooSoon(until) => (
                    until,
                    Text::new(
                        "请稍后再获取验证码",
                        "wait before the next code is asked for",
                    ),
                ),
                SendCodeRefused::TooMany(until) => (
                    until,
                    Text::new(
                        "您的账号本小时内获取的验证码过多",
                        "the account had as many codes sent as it may within an hour",
                    ),
                ),
            };
            let wait = until.duration_since(now);
            let wait = Duration::try_from(wait).unwrap_or_default() + ROUNDED_UP;
            Problem::client(ProblemKind::SlowDown, detail).retry_after(wait)
        })
    })?;
    if asked.is_contested {
        tracing::warn!("several accounts brought a number to its cap of codes");
        measure(Metric::ContestedNumbers, 1, now);
    }
    Ok(Answered(asked.answer))
}

/// `Retry-After` has whole seconds: a part of one waits for the whole.
const ROUNDED_UP: Duration = Duration::from_millis(999);

/// One answer for all that may have become of it.
/// What is answered whether a code was sent or not.
pub(crate) const SENT: DoneView = DoneView {
    status: "sent-if-reachable",
};

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "a use case renders whatever it did by reference"
)]
fn sent((): &()) -> Answer {
    told(202, &SENT)
}
