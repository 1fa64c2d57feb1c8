//! Reads for people: what is theirs, and what staff work on.

use icp_domain::ids::{AccountId, CaseId, OrderId, SubjectId};
use icp_domain::order::Order;
use icp_store::records::{KeptEvidence, ReviewItem, StoredCase, StoredFiling, StoredOrder};
use icp_store::{Cursor, DeskList, Failure, OwnerList, Store};

use crate::By;
use crate::draft_order::own_order;
use crate::search_filings::{filings, subjects};

/// A page of a list, and where the next one begins.
#[derive(Debug, Clone)]
pub struct Listed<T> {
    /// What is on the page.
    pub items: Vec<T>,
    /// Where the next page begins; none at the end.
    pub next: Option<Cursor>,
}

/// A read is refused nothing but what is not there.
#[derive(Debug, thiserror::Error)]
pub enum ReadRefused {}

/// A filing that is there for the caller.
pub async fn filing(
    store: &Store,
    by: &By,
    subject: &SubjectId,
) -> Result<StoredFiling, Failure<ReadRefused>> {
    let found = store.filing(subject).await?;
    found
        .filter(|stored| by.may_see(&stored.filing.subject.account))
        .ok_or(Failure::NotFound)
}

/// An order that is there for the caller.
pub async fn order(
    store: &Store,
    by: &By,
    order: &OrderId,
) -> Result<StoredOrder, Failure<ReadRefused>> {
    own_order(store, order, by).await
}

/// A case that is there for the caller, with its evidence.
pub async fn case(
    store: &Store,
    by: &By,
    case: &CaseId,
) -> Result<(StoredCase, Vec<KeptEvidence>), Failure<ReadRefused>> {
    let found = store.case(case).await?;
    let stored = found
        .filter(|stored| by.may_see(&stored.case.account))
        .ok_or(Failure::NotFound)?;
    let evidence = store.case_evidence(case).await?;
    Ok((stored, evidence))
}

/// A page of an account's filings.
pub async fn filings_of(
    store: &Store,
    account: &AccountId,
    cursor: Option<&Cursor>,
    limit: usize,
) -> Result<Listed<StoredFiling>, Failure<ReadRefused>> {
    let page = store
        .owned(account, OwnerList::Filings, cursor, limit)
        .await?;
    Ok(Listed {
        items: filings(store, subjects(&page.keys)).await?,
        next: page.next,
    })
}

/// A page of an account's orders, the newest first.
pub async fn orders_of(
    store: &Store,
    account: &AccountId,
    cursor: Option<&Cursor>,
    limit: usize,
) -> Result<Listed<(Order, u64)>, Failure<ReadRefused>> {
    let page = store
        .owned(account, OwnerList::Orders, cursor, limit)
        .await?;
    Ok(Listed {
        items: store.order_heads(&page.keys).await?,
        next: page.next,
    })
}

/// Which cases of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CasesOf {
    /// Every one, the oldest first. One that ends while it is read may be missing for that moment.
    All,
    /// Those of which something is open, the oldest first.
    Open,
    /// Those that are over, the newest first.
    Closed,
}

impl CasesOf {
    fn lists(self) -> &'static [OwnerList] {
        match self {
            Self::All => &[OwnerList::OpenCases, OwnerList::ClosedCases],
            Self::Open => &[OwnerList::OpenCases],
            Self::Closed => &[OwnerList::ClosedCases],
        }
    }
}

/// A page of an account's cases.
pub async fn cases_of(
    store: &Store,
    account: &AccountId,
    which: CasesOf,
    cursor: Option<&Cursor>,
    limit: usize,
) -> Result<Listed<StoredCase>, Failure<ReadRefused>> {
    let page = store
        .owned_of(account, which.lists(), cursor, limit)
        .await?;
    Ok(Listed {
        items: store.cases(&page.keys).await?,
        next: page.next,
    })
}

/// A page of a staff list of orders.
pub async fn orders_on_desk(
    store: &Store,
    list: DeskList,
    cursor: Option<&Cursor>,
    limit: usize,
) -> Result<Listed<(Order, u64)>, Failure<ReadRefused>> {
    let page = store.on_desk(list, cursor, limit).await?;
    Ok(Listed {
        items: store.order_heads(&page.keys).await?,
        next: page.next,
    })
}

/// A page of what people are asked to look at.
pub async fn review_items(
    store: &Store,
    cursor: Option<&Cursor>,
    limit: usize,
) -> Result<Listed<ReviewItem>, Failure<ReadRefused>> {
    let page = store.on_desk(DeskList::ReviewItems, cursor, limit).await?;
    Ok(Listed {
        items: store.review_items(&page.keys).await?,
        next: page.next,
    })
}

/// Cases in which people are asked for something.
pub const FOR_STAFF: [DeskList; 2] = [DeskList::CasesForStaff, DeskList::CondemnedForStaff];

/// Cases with a condemned finding.
pub const CONDEMNED: [DeskList; 2] = [DeskList::CondemnedCases, DeskList::CondemnedForStaff];

/// A page of staff lists of cases.
pub async fn cases_on_desk(
    store: &Store,
    lists: &[DeskList],
    cursor: Option<&Cursor>,
    limit: usize,
) -> Result<Listed<StoredCase>, Failure<ReadRefused>> {
    let page = store.on_desks(lists, cursor, limit).await?;
    Ok(Listed {
        items: store.cases(&page.keys).await?,
        next: page.next,
    })
}
