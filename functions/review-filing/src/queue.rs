//! `GET /review/queue/{kind}` and its claims: what waits for the staff, and who works on it.

use axum::extract::State;
use icp_domain::audit::ClockName;
use icp_domain::ids::{CaseId, OrderId, SubjectId, UnitId};
use icp_http::{
    Answered, Keyed, Now, Page, Paging, PathIds, Problem, ProblemBody, ProblemKind, Staff,
    page_body, told,
};
use icp_store::records::ItemClaim;
use icp_store::{DeskList, Key, keys};
use icp_use_cases::claim_item::{ClaimAct, ClaimItem, ClaimRefused, claim, held_text, queue};
use icp_use_cases::read::{CONDEMNED, FOR_STAFF};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::waiting::{self, WaitingView};

/// Kinds of what waits, as the path names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum QueueKind {
    /// Orders in review by the provider.
    OrderReview,
    /// Orders that want what another filing holds.
    OrderConflict,
    /// Orders that wait to be sent to the bureau, or for its answer.
    OrderBureau,
    /// Open cases that nothing is asked of people about.
    CaseOpen,
    /// Cases that only people can take further.
    CaseStaff,
    /// Cases with a condemned finding.
    CaseCondemned,
    /// Units that machines cannot decide about.
    Review,
    /// Filings that want what another filing holds.
    FilingConflict,
}

impl QueueKind {
    /// Every kind: what waits for a decision first, then what is watched.
    const ALL: [Self; 8] = [
        Self::OrderReview,
        Self::OrderBureau,
        Self::OrderConflict,
        Self::CaseStaff,
        Self::Review,
        Self::FilingConflict,
        Self::CaseCondemned,
        Self::CaseOpen,
    ];

    fn lists(self) -> &'static [DeskList] {
        match self {
            Self::OrderReview => &[DeskList::OrdersInReview],
            Self::OrderConflict => &[DeskList::OrdersInConflict],
            Self::OrderBureau => &[DeskList::OrdersAtBureau],
            Self::CaseOpen => &[DeskList::OpenCases],
            Self::CaseStaff => &FOR_STAFF,
            Self::CaseCondemned => &CONDEMNED,
            Self::Review => &[DeskList::ReviewItems],
            Self::FilingConflict => &[DeskList::FilingsInConflict],
        }
    }

    /// The row of an item that the path names.
    fn row(self, item: &str) -> Option<Key> {
        Some(match self {
            Self::OrderReview | Self::OrderConflict | Self::OrderBureau => {
                keys::order(&item.parse::<OrderId>().ok()?)
            }
            Self::CaseOpen | Self::CaseStaff | Self::CaseCondemned => {
                keys::case(&item.parse::<CaseId>().ok()?)
            }
            Self::Review => {
                let (item, clock) = match item.strip_suffix(HOLDER) {
                    Some(unit) => (unit, ClockName::Holder),
                    None => (item, ClockName::Audit),
                };
                keys::review_item(&unit(item)?, clock)
            }
            Self::FilingConflict => keys::subject(&item.parse::<SubjectId>().ok()?),
        })
    }
}

/// What ends the name of a unit that looks at registrations cannot decide about.
pub(crate) const HOLDER: &str = "~holder";

/// A unit as queues name it: the subject, or the subject and its service after a `~`.
pub(crate) fn unit(text: &str) -> Option<UnitId> {
    match text.split_once('~') {
        None => Some(UnitId::of_subject(text.parse().ok()?)),
        Some((subject, service)) => Some(UnitId::of_service(
            subject.parse().ok()?,
            service.parse().ok()?,
        )),
    }
}

/// What waits of a kind, the oldest first, with who works on it.
#[utoipa::path(get, path = "/review/queue/{kind}", tag = "review",
    params(("kind" = String, Path), ("limit" = Option<i32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<WaitingView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn list(
    State(app): State<&'static App>,
    _staff: Staff,
    Now(inv): Now,
    PathIds(kind): PathIds<QueueKind>,
    paging: Paging,
) -> Result<Answered, Problem> {
    let cursor = paging.cursor.as_ref();
    let listed = queue(&app.store, kind.lists(), cursor, paging.limit, inv.now).await;
    let listed = listed.map_err(|failure| Problem::of(failure, |never| match never {}))?;
    let shown = waiting::shown(&app.store, kind, listed.items).await;
    let items = shown.map_err(Problem::fault)?;
    Ok(Answered::read(
        &page_body(&items, listed.next.as_ref()),
        None,
    ))
}

/// Who works on an item now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClaimView {
    /// The claim; null where nobody does.
    claim: Option<ItemClaim>,
}

/// How much waits of a kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QueueView {
    /// The kind, as the paths of its items name it.
    kind: QueueKind,
    /// How many wait, as far as they were counted.
    waiting: usize,
    /// Whether there are more.
    more: bool,
}

/// How much waits of each kind, counted as far as a page goes; in the order in which it is most urgent.
#[utoipa::path(get, path = "/review/queue", tag = "review",
    responses((status = 200, body = Page<QueueView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn kinds(
    State(app): State<&'static App>,
    _staff: Staff,
) -> Result<Answered, Problem> {
    let most = app.rulebook.policy.http.page_items as usize;
    let mut items = Vec::new();
    // Each asks all its shards at once: one after another is quick enough.
    for kind in QueueKind::ALL {
        let page = app.store.on_desks(kind.lists(), None, most).await;
        let page = page.map_err(Problem::fault)?;
        items.push(QueueView {
            kind,
            waiting: page.keys.len(),
            more: page.next.is_some(),
        });
    }
    Ok(Answered::read(&page_body(&items, None), None))
}

/// Takes an item to work on, or holds it longer.
#[utoipa::path(post, path = "/review/queue/{kind}/{item}/claims", tag = "review",
    params(("kind" = String, Path), ("item" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = ClaimView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn take(
    State(app): State<&'static App>,
    staff: Staff,
    now: Now,
    PathIds((kind, item)): PathIds<(QueueKind, String)>,
    keyed: Keyed,
) -> Result<Answered, Problem> {
    claimed(app, staff, now, (kind, &item), keyed, ClaimAct::Take).await
}

/// Gives an item back.
#[utoipa::path(post, path = "/review/queue/{kind}/{item}/releases", tag = "review",
    params(("kind" = String, Path), ("item" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = ClaimView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn release(
    State(app): State<&'static App>,
    staff: Staff,
    now: Now,
    PathIds((kind, item)): PathIds<(QueueKind, String)>,
    keyed: Keyed,
) -> Result<Answered, Problem> {
    claimed(app, staff, now, (kind, &item), keyed, ClaimAct::Release).await
}

async fn claimed(
    app: &App,
    staff: Staff,
    Now(mut inv): Now,
    (kind, item): (QueueKind, &str),
    keyed: Keyed,
    act: ClaimAct,
) -> Result<Answered, Problem> {
    let row = kind.row(item).ok_or_else(Problem::not_found)?;
    let command = ClaimItem {
        row,
        user: staff.user,
        act,
    };
    let repeat = keyed.rendered_by(|claim: &Option<ItemClaim>| {
        let claim = claim.clone();
        told(200, &ClaimView { claim })
    });
    let answer = claim(&app.store, app.rulebook, &mut inv, repeat, command).await;
    answer.map(Answered).map_err(|failure| {
        Problem::of(failure, |ClaimRefused::Held(until)| {
            Problem::client(ProblemKind::ClaimedByOther, held_text("该事项", until))
        })
    })
}
