//! Units at which a rule is observed to break: confirmed, and told to nobody.

use std::collections::BTreeSet;

use icp_domain::Text;
use icp_domain::audit::AuditClock;
use icp_domain::filing::Origin;
use icp_domain::finding::{FaultyObject, Object};
use icp_domain::ids::{AccountId, LookId, UnitId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::SHAPE;
use crate::{Change, Cursor, Guard, Item, Row, Store, StoreError, keys};

/// A unit at which a rule is observed to break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObservedUnit {
    /// The unit.
    pub unit: UnitId,
    /// The account that holds it.
    pub account: AccountId,
    /// How it came here.
    pub origin: Origin,
    /// Its account group.
    pub label: Option<String>,
    /// Code of the subject's province, where it is known.
    pub province: Option<String>,
    /// When this was seen.
    pub seen_at: Timestamp,
    /// The look that saw it.
    pub look: LookId,
    /// What is at fault.
    pub objects: Vec<Observation>,
}

/// What is observed of one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Observation {
    /// The object.
    #[schema(value_type = FaultyObject)]
    pub object: Object,
    /// What that rests on.
    pub basis: Text,
}

/// A page of observed units, and where the next one begins.
pub type ObservedPage = (Vec<ObservedUnit>, Option<Cursor>);

impl ObservedUnit {
    /// Puts the unit on the rule's list. The unit's clock, written beside it, says so too.
    pub fn put(&self, change: &mut Change, rule: &str) -> Result<(), StoreError> {
        let key = keys::observed(rule, &self.unit);
        change.put(Row::of(key, SHAPE, Guard::Parent, self)?);
        Ok(())
    }
}

/// Takes a unit off the lists of the rules that its clock does not name any more.
pub(in crate::records) fn take_off(
    change: &mut Change,
    unit: &UnitId,
    before: Option<&AuditClock>,
    after: &AuditClock,
) {
    let before = before.iter().flat_map(|clock| &clock.observed);
    let gone: BTreeSet<&str> = before
        .map(|one| one.rule.as_str())
        .filter(|rule| after.observed.iter().all(|one| one.rule != *rule))
        .collect();
    for rule in gone {
        change.delete(keys::observed(rule, unit), Guard::Parent);
    }
}

impl Store {
    /// A page of the units at which a rule is observed to break, in the order of their ids.
    pub async fn observed(
        &self,
        rule: &str,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<ObservedPage, StoreError> {
        let list = keys::observed_partition(rule);
        let after = self.after(&list, cursor).await?;
        let (items, more) = self.page_of(&list, after.as_deref(), limit).await?;
        let next = match items.last() {
            Some(end) if more => Some(self.cursor(&list, &end.key().sk).await?),
            Some(_) | None => None,
        };
        let units = items.iter().map(|item: &Item| item.read(SHAPE));
        Ok((units.collect::<Result<_, _>>()?, next))
    }
}
