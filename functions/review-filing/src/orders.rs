//! `GET /review/orders` and `/review/orders/{order}`: orders that staff work on.

use axum::extract::State;
use icp_domain::filing::Filing;
use icp_domain::ids::OrderId;
use icp_domain::order::Against;
use icp_http::views::{OrderHeadView, ReviewedOrderView, masked_draft, order_view};
use icp_http::{Answered, Now, Page, Paging, PathIds, Problem, ProblemBody, Staff, page_body};
use icp_store::DeskList;
use icp_use_cases::{By, read};

use crate::App;

/// Orders in review by the provider.
#[utoipa::path(get, path = "/review/orders", tag = "review",
    params(("limit" = Option<i32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<OrderHeadView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn list(
    State(app): State<&'static App>,
    _staff: Staff,
    paging: Paging,
) -> Result<Answered, Problem> {
    let (cursor, limit) = (paging.cursor.as_ref(), paging.limit);
    let listed = read::orders_on_desk(&app.store, DeskList::OrdersInReview, cursor, limit).await;
    let listed = listed.map_err(|failure| Problem::of(failure, |never| match never {}))?;
    let items: Vec<OrderHeadView> = listed
        .items
        .iter()
        .map(|(order, version)| OrderHeadView::for_staff(order, *version))
        .collect();
    Ok(Answered::read(
        &page_body(&items, listed.next.as_ref()),
        None,
    ))
}

/// An order with its draft, masked, and with what its filer was warned of.
#[utoipa::path(get, path = "/review/orders/{order}", tag = "review",
    params(("order" = String, Path)),
    responses((status = 200, body = ReviewedOrderView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn read(
    State(app): State<&'static App>,
    staff: Staff,
    Now(inv): Now,
    PathIds(order): PathIds<OrderId>,
) -> Result<Answered, Problem> {
    let by = By::staff(staff.user, staff.role, String::new());
    let stored = read::order(&app.store, &by, &order).await;
    let stored = stored.map_err(|failure| Problem::of(failure, |never| match never {}))?;
    let mut view = order_view(&stored, app.rulebook);
    view.head = OrderHeadView::for_staff(&stored.order, stored.version());
    let (subject, account) = (&stored.order.subject, &stored.order.account);
    let filing = app.store.filing(subject).await.map_err(Problem::fault)?;
    let filing = filing.map_or_else(
        || Filing::begun(subject.clone(), account.clone()),
        |stored| stored.filing,
    );
    let checked = stored.draft.check(&Against {
        kind: stored.order.kind,
        filing: &filing,
        rulebook: app.rulebook,
        now: inv.now,
    });
    let filed = filing.subject.details.map(|details| details.nature);
    view.draft = masked_draft(view.draft, filed);
    let view = ReviewedOrderView {
        order: view,
        warnings: checked.warnings,
    };
    Ok(Answered::read(&view, Some(stored.version())))
}
