//! What was called, by whom, and what it consumed.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use serde::Serialize;
use serde_json::Value as Json;

use crate::sync::locked;

/// How many calls are kept: enough for any test, bounded for a deployment that runs for days.
const KEPT: usize = 100_000;

/// Every call through the port, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Journal(Arc<Mutex<VecDeque<Call>>>);

/// One call.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// The function, or `local`.
    pub caller: String,
    /// `dynamodb`, `sqs`, `sns` or `kms`.
    pub service: &'static str,
    /// Such as `TransactWriteItems`.
    pub operation: String,
    /// The table, or `table/index`, or the queue, topic or key; nothing for a telephone number.
    pub resource: String,
    /// Read units consumed. A refused call tells none.
    pub read: Units,
    /// Write units consumed. A refused call tells none: DynamoDB charges a failed condition like
    /// the write, but does not say so in its answer.
    pub written: Units,
    /// `ok`, or the name of the error.
    pub outcome: String,
    /// The fault that was injected.
    pub fault: Option<&'static str>,
}

/// Units, table and indexes apart.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Units {
    /// Of the table itself.
    pub table: f64,
    /// Of each index.
    pub indexes: BTreeMap<String, f64>,
}

impl Units {
    /// Of all indexes together.
    pub fn index_total(&self) -> f64 {
        self.indexes.values().fold(0.0, |sum, units| sum + units)
    }

    /// Adds `other`.
    pub fn add(&mut self, other: &Self) {
        self.table += other.table;
        for (index, units) in &other.indexes {
            *self.indexes.entry(index.clone()).or_default() += units;
        }
    }

    /// Reads one or several `ConsumedCapacity`.
    pub(crate) fn consumed(capacity: &Json) -> Self {
        let mut units = Self::default();
        let each = capacity
            .as_array()
            .map_or(std::slice::from_ref(capacity), Vec::as_slice);
        for capacity in each {
            let of = |part: &Json| {
                part.get("CapacityUnits")
                    .and_then(Json::as_f64)
                    .unwrap_or(0.0)
            };
            units.table += capacity.get("Table").map_or(0.0, of);
            let indexes = capacity
                .get("GlobalSecondaryIndexes")
                .and_then(Json::as_object);
            for (index, capacity) in indexes.into_iter().flatten() {
                *units.indexes.entry(index.clone()).or_default() += of(capacity);
            }
        }
        units
    }
}

impl Journal {
    /// Every call kept.
    pub fn calls(&self) -> Vec<Call> {
        locked(&self.0).iter().cloned().collect()
    }

    /// Every call kept, which are then forgotten: what the next step costs is counted from here.
    pub fn take(&self) -> Vec<Call> {
        std::mem::take(&mut *locked(&self.0)).into()
    }

    pub(crate) fn add(&self, call: Call) {
        let mut calls = locked(&self.0);
        if calls.len() == KEPT {
            calls.pop_front();
        }
        calls.push_back(call);
    }
}
