//! What people are asked to look at, since machines cannot decide.

use icp_domain::Text;
use icp_domain::audit::ClockName;
use icp_domain::finding::{FaultyObject, Object};
use icp_domain::ids::UnitId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::SHAPE;
use crate::index::DeskList;
use crate::{Change, Guard, Key, Row, Store, StoreError, keys};

/// A unit whose looks stayed undecided, look after look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReviewItem {
    /// The unit.
    pub unit: UnitId,
    /// The clock whose looks stayed undecided.
    #[serde(default, skip_serializing_if = "ClockName::is_audit")]
    pub clock: ClockName,
    /// Codes of the rules that could not decide, in order.
    pub rules: Vec<String>,
    /// When people were asked; asked again, the newer time.
    pub asked_at: Timestamp,
    /// Since when machines could not decide; of an item of an earlier release, unknown.
    #[serde(default)]
    pub since: Option<Timestamp>,
    /// What people are asked, each thing by itself.
    #[serde(default)]
    pub doubts: Vec<Doubt>,
}

/// What machines could not decide of one rule and object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Doubt {
    /// The rule's code.
    pub rule: String,
    /// What it is about.
    #[schema(value_type = FaultyObject)]
    pub object: Object,
    /// What the machines saw last, or why they saw nothing.
    pub seen: Text,
}

impl ReviewItem {
    /// Asks people. A clock of a unit has one item: asked again, it is written anew.
    pub fn put(&self, change: &mut Change) -> Result<(), StoreError> {
        let row = Row::of(
            keys::review_item(&self.unit, self.clock),
            SHAPE,
            Guard::Parent,
            self,
        )?;
        change.put(row.desk(Some(DeskList::ReviewItems), self.asked_at));
        Ok(())
    }

    /// Takes back what was asked about a unit by the looks of a clock.
    pub fn remove(change: &mut Change, unit: &UnitId, clock: ClockName) {
        change.delete(keys::review_item(unit, clock), Guard::Parent);
    }
}

impl Store {
    /// What people are asked about a unit by the looks of a clock.
    pub async fn review_item(
        &self,
        unit: &UnitId,
        clock: ClockName,
    ) -> Result<Option<ReviewItem>, StoreError> {
        let item = self.item(&keys::review_item(unit, clock)).await?;
        item.map(|item| item.read(SHAPE)).transpose()
    }

    /// The items of a page, in its order; those that are gone meanwhile are left out.
    pub async fn review_items(&self, rows: &[Key]) -> Result<Vec<ReviewItem>, StoreError> {
        let items = self.items(rows).await?;
        rows.iter()
            .filter_map(|key| items.get(key))
            .map(|item| item.read(SHAPE))
            .collect()
    }
}
