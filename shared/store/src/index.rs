//! The three sparse indexes: they find, and never decide.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use icp_domain::ids::AccountId;
use jiff::Timestamp;

use crate::{Cursor, Item, Key, Store, StoreError, keys};

/// What wakes: each family has its own sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Audit clocks.
    Audit,
    /// Cases and orders; persons who are to prove their numbers anew.
    Deadline,
    /// Notices and messages.
    Outbox,
}

impl Family {
    /// Its name in keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Audit => "AUDIT",
            Self::Deadline => "DEADLINE",
            Self::Outbox => "OUTBOX",
        }
    }
}

/// Lists of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerList {
    /// Its filings.
    Filings,
    /// Its orders.
    Orders,
    /// Its cases of which something is open.
    OpenCases,
    /// Its cases that are over.
    ClosedCases,
}

impl OwnerList {
    /// Its name in keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Filings => "FILING",
            Self::Orders => "ORDER",
            Self::OpenCases => "CASE-OPEN",
            Self::ClosedCases => "CASE-CLOSED",
        }
    }

    /// Which end comes first.
    fn first(self) -> First {
        match self {
            Self::Filings | Self::OpenCases => First::Oldest,
            Self::Orders | Self::ClosedCases => First::Newest,
        }
    }
}

/// Lists of the staff, spread over shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeskList {
    /// Orders in review by the provider.
    OrdersInReview,
    /// Orders in flight that want what another filing holds.
    OrdersInConflict,
    /// Orders that wait to be sent to the bureau, or for its answer.
    OrdersAtBureau,
    /// Open cases.
    OpenCases,
    /// Cases that only people can take further, and in which nothing is condemned.
    CasesForStaff,
    /// Cases with a condemned finding, and nothing else that people are asked for.
    CondemnedCases,
    /// Cases with a condemned finding in which people are asked for something else, too.
    CondemnedForStaff,
    /// Units that machines cannot decide about.
    ReviewItems,
    /// Subjects that are filed.
    FiledSubjects,
    /// Subjects that were filed.
    DeregisteredSubjects,
    /// Filings that want what another filing holds.
    FilingsInConflict,
    /// Imports of bases.
    Imports,
    /// Lists that bureaus handed down.
    BureauLists,
    /// Files of reports.
    ReportFiles,
}

impl DeskList {
    /// Its name in keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::OrdersInReview => "ORDER-REVIEW",
            Self::OrdersInConflict => "ORDER-CONFLICT",
            Self::OrdersAtBureau => "ORDER-BUREAU",
            Self::OpenCases => "CASE-OPEN",
            Self::CasesForStaff => "CASE-STAFF",
            Self::CondemnedCases => "CASE-CONDEMNED",
            Self::CondemnedForStaff => "CASE-CONDEMNED-STAFF",
            Self::ReviewItems => "REVIEW-ITEM",
            Self::FiledSubjects => "FILING-FILED",
            Self::DeregisteredSubjects => "FILING-DEREGISTERED",
            Self::FilingsInConflict => "FILING-CONFLICT",
            Self::Imports => "IMPORT",
            Self::BureauLists => "BUREAU-LIST",
            Self::ReportFiles => "REPORT-FILE",
        }
    }

    /// Which end comes first.
    fn first(self) -> First {
        match self {
            Self::OrdersInReview
            | Self::OrdersInConflict
            | Self::OrdersAtBureau
            | Self::OpenCases
            | Self::CasesForStaff
            | Self::CondemnedCases
            | Self::CondemnedForStaff
            | Self::ReviewItems
            | Self::FiledSubjects
            | Self::DeregisteredSubjects
            | Self::FilingsInConflict => First::Oldest,
            Self::Imports | Self::BureauLists | Self::ReportFiles => First::Newest,
        }
    }
}

/// Which end of a list comes first: of what waits the oldest, of what was brought the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum First {
    Oldest,
    Newest,
}

impl First {
    /// The condition for what comes after a place, and the place before the first. Every sort key begins with a letter or a
    /// digit, which stand between the two.
    fn after(self) -> (&'static str, &'static str) {
        match self {
            Self::Oldest => ("#pk = :pk AND #sk > :after", " "),
            Self::Newest => ("#pk = :pk AND #sk < :after", "~"),
        }
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Keys of the rows, in the list's order.
    pub keys: Vec<Key>,
    /// Since when each stands there, where the list is one of the staff.
    pub since: Vec<Option<Timestamp>>,
    /// Where the next page begins; none at the end.
    pub next: Option<Cursor>,
}

impl Store {
    /// A page of an account's list in its order.
    pub async fn owned(
        &self,
        account: &AccountId,
        list: OwnerList,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        self.owned_of(account, &[list], cursor, limit).await
    }

    /// A page of several lists of an account as one, in the order of the first.
    pub async fn owned_of(
        &self,
        account: &AccountId,
        lists: &[OwnerList],
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let partitions = lists
            .iter()
            .map(|list| keys::owner_partition(account, list.name()));
        let partitions: Vec<String> = partitions.collect();
        let parts = Parts {
            index: "owner",
            name: partitions.join(" "),
            partitions,
            first: lists.first().map_or(First::Oldest, |list| list.first()),
        };
        self.merged(&parts, cursor, limit).await
    }

    /// A page of a staff list in its order: each shard is asked once, for at most one page.
    pub async fn on_desk(
        &self,
        list: DeskList,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        self.on_desks(&[list], cursor, limit).await
    }

    /// A page of several staff lists as one, in the order of the first.
    pub async fn on_desks(
        &self,
        lists: &[DeskList],
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let names: Vec<&str> = lists.iter().map(|list| list.name()).collect();
        let partitions = names
            .iter()
            .flat_map(|name| (0..keys::SHARDS).map(|shard| keys::desk_partition(name, shard)));
        let parts = Parts {
            index: "desk",
            name: names.join(" "),
            partitions: partitions.collect(),
            first: lists.first().map_or(First::Oldest, |list| list.first()),
        };
        self.merged(&parts, cursor, limit).await
    }

    /// A page of several partitions as one list: each is asked once, for at most one page.
    async fn merged(
        &self,
        parts: &Parts,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let after = self.after(&parts.name, cursor).await?;
        let place = (parts.first, after.as_deref());
        let partitions = parts.partitions.iter();
        let found = partitions.map(|partition| self.listed(parts.index, partition, place, limit));
        let found = futures::future::try_join_all(found).await?;
        let mut found: Vec<Listed> = found.into_iter().flatten().collect();
        found.sort();
        // What moves from one list to another may stand on both for a moment.
        found.dedup();
        if parts.first == First::Newest {
            found.reverse();
        }
        self.page(&parts.name, found, limit).await
    }

    /// The first `limit` of what was found, and where the next page begins if there is more.
    async fn page(
        &self,
        list: &str,
        mut found: Vec<Listed>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let more = limit < found.len();
        found.truncate(limit);
        let next = match found.last() {
            Some(end) if more => Some(self.cursor(list, &end.sort).await?),
            Some(_) | None => None,
        };
        let since = found.iter().map(|listed| keys::instant_of(&listed.sort));
        let since = since.collect();
        let keys = found.into_iter().map(|listed| listed.key).collect();
        Ok(Page { keys, since, next })
    }

    /// The rows of one partition of an index after a sort key, in an order: one more than a page, so that its end
    /// shows.
    async fn listed(
        &self,
        index: &str,
        partition: &str,
        (first, after): (First, Option<&str>),
        limit: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        let (pk, sk) = (format!("{index}_pk"), format!("{index}_sk"));
        let limit = i32::try_from(limit).unwrap_or(i32::MAX).saturating_add(1);
        let (after_place, before_all) = first.after();
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(index)
            .key_condition_expression(after_place)
            .expression_attribute_names("#pk", &pk)
            .expression_attribute_names("#sk", &sk)
            .expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()))
            .expression_attribute_values(
                ":after",
                AttributeValue::S(after.unwrap_or(before_all).into()),
            )
            .scan_index_forward(first == First::Oldest)
            .limit(limit)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await
            .map_err(StoreError::unavailable)?;
        let items = answer.items.unwrap_or_default().into_iter().map(Item);
        let listed = items.map(|item| Listed {
            sort: item.text(&sk).unwrap_or_default(),
            key: item.key(),
        });
        Ok(listed.collect())
    }
}

/// The partitions of an index that are one list.
struct Parts {
    index: &'static str,
    /// What its cursors are signed for.
    name: String,
    partitions: Vec<String>,
    first: First,
}

/// A row as an index lists it, in the index's order.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Listed {
    sort: String,
    key: Key,
}
