//! The three sparse indexes: they find, and never decide.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use icp_domain::ids::AccountId;

use crate::{Item, Key, Store, StoreError, keys};

/// What wakes: each family has its own sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Audit clocks.
    Audit,
    /// Cases and orders.
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
    /// Its cases.
    Cases,
}

impl OwnerList {
    /// Its name in keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Filings => "FILING",
            Self::Orders => "ORDER",
            Self::Cases => "CASE",
        }
    }
}

/// Lists of the staff, spread over shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeskList {
    /// Orders in review by the provider.
    OrdersInReview,
    /// Orders that wait to be sent to the bureau, or for its answer.
    OrdersAtBureau,
    /// Open cases.
    OpenCases,
    /// Cases that only people can take further.
    CasesForStaff,
    /// Cases with a condemned finding.
    CondemnedCases,
    /// Units that machines cannot decide about.
    ReviewItems,
}

impl DeskList {
    /// Its name in keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::OrdersInReview => "ORDER-REVIEW",
            Self::OrdersAtBureau => "ORDER-BUREAU",
            Self::OpenCases => "CASE-OPEN",
            Self::CasesForStaff => "CASE-STAFF",
            Self::CondemnedCases => "CASE-CONDEMNED",
            Self::ReviewItems => "REVIEW-ITEM",
        }
    }
}

/// Where a page ended. It holds ids and instants, nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Cursor {
    /// Shard of a staff list; 0 of an account's.
    pub shard: u8,
    /// The last row of the page, if its shard has more.
    pub after: Option<(String, Key)>,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Keys of the rows, in the list's order.
    pub keys: Vec<Key>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Cursor>,
}

impl Store {
    /// A page of an account's list, newest first by its sort key.
    pub async fn owned(
        &self,
        account: &AccountId,
        list: OwnerList,
        cursor: Option<&Cursor>,
        limit: i32,
    ) -> Result<Page, StoreError> {
        let partition = keys::owner_partition(account, list.name());
        let after = cursor.and_then(|cursor| cursor.after.as_ref());
        let (keys, after) = self.index_page("owner", &partition, after, limit).await?;
        let next = after.map(|after| Cursor {
            shard: 0,
            after: Some(after),
        });
        Ok(Page { keys, next })
    }

    /// A page of a staff list: the shards one after another, at most one query each.
    pub async fn on_desk(
        &self,
        list: DeskList,
        cursor: Option<&Cursor>,
        limit: i32,
    ) -> Result<Page, StoreError> {
        let mut shard = cursor.map_or(0, |cursor| cursor.shard);
        let mut after = cursor.and_then(|cursor| cursor.after.clone());
        let mut found = Vec::new();
        while shard < keys::SHARDS {
            let partition = keys::desk_partition(list.name(), shard);
            let wanted = limit - i32::try_from(found.len()).unwrap_or(limit);
            let (keys, more) = self
                .index_page("desk", &partition, after.as_ref(), wanted)
                .await?;
            found.extend(keys);
            let full = limit <= i32::try_from(found.len()).unwrap_or(limit);
            match more {
                Some(more) => {
                    return Ok(Page {
                        keys: found,
                        next: Some(Cursor {
                            shard,
                            after: Some(more),
                        }),
                    });
                }
                None if full && shard + 1 < keys::SHARDS => {
                    let next = Some(Cursor {
                        shard: shard + 1,
                        after: None,
                    });
                    return Ok(Page { keys: found, next });
                }
                None => {
                    shard += 1;
                    after = None;
                }
            }
        }
        Ok(Page {
            keys: found,
            next: None,
        })
    }

    async fn index_page(
        &self,
        index: &str,
        partition: &str,
        after: Option<&(String, Key)>,
        limit: i32,
    ) -> Result<(Vec<Key>, Option<(String, Key)>), StoreError> {
        let (pk, sk) = (format!("{index}_pk"), format!("{index}_sk"));
        let goes_on = after.is_some();
        let start = after.map(|(sort, key)| {
            let mut start = crate::change::key_item(key);
            start.insert(pk.clone(), AttributeValue::S(partition.to_owned()));
            start.insert(sk.clone(), AttributeValue::S(sort.clone()));
            start
        });
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(index)
            .key_condition_expression("#pk = :pk")
            .expression_attribute_names("#pk", &pk)
            .expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()))
            .set_exclusive_start_key(start)
            .limit(limit)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await
            .map_err(|error| match error.code() {
                // The request is ours, but for where it begins.
                Some("ValidationException") if goes_on => StoreError::ForeignCursor,
                _ => StoreError::unavailable(error),
            })?;
        let last = answer.last_evaluated_key.map(Item);
        let after = last.and_then(|item| Some((item.text(&sk)?, item.key())));
        let keys = answer
            .items
            .unwrap_or_default()
            .into_iter()
            .map(|item| Item(item).key())
            .collect();
        Ok((keys, after))
    }
}
