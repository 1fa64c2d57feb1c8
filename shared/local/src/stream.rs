//! A table's stream as each function reads it: where it stands, and what comes next.
//!
//! **Invariant:** the position moves only after the records before it were delivered or given up,
//! so a restart delivers again rather than not at all.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::dynamo::Dynamo;
use crate::error::LocalError;
use crate::events::stream_record;
use crate::files::{self, Place};
use crate::sync::locked;

/// The positions of the functions that read streams.
pub(crate) struct Positions {
    path: Option<PathBuf>,
    after: Mutex<BTreeMap<String, String>>,
}

impl Positions {
    /// Reads the positions.
    pub(crate) fn open(place: &Place) -> Result<Self, LocalError> {
        let path = place.file("stream.json");
        let after = match &path {
            Some(path) => files::read(path)?.unwrap_or_default(),
            None => BTreeMap::new(),
        };
        Ok(Self {
            path,
            after: Mutex::new(after),
        })
    }

    /// The next records for a reader of a table's stream, at most `most`.
    pub(crate) fn next(
        &self,
        dynamo: &Dynamo,
        reader: &str,
        table: &str,
        stream_arn: &str,
        most: usize,
        now: Timestamp,
    ) -> Result<Vec<Json>, LocalError> {
        let mut ask = json!({
            // The database finds the table by its own form of the ARN.
            "StreamArn": dynoxide::streams::stream_arn(table, "local"),
            "ShardId": dynoxide::streams::shard_id(table),
            "ShardIteratorType": "TRIM_HORIZON",
        });
        if let (Some(after), Some(ask)) = (locked(&self.after).get(reader), ask.as_object_mut()) {
            ask.insert(
                "ShardIteratorType".to_owned(),
                json!("AFTER_SEQUENCE_NUMBER"),
            );
            ask.insert("SequenceNumber".to_owned(), json!(after));
        }
        let refused = |error: dynoxide::DynoxideError| LocalError::Database(error.to_string());
        let iterator = dynamo.execute("GetShardIterator", ask).map_err(refused)?;
        let ask = json!({ "ShardIterator": iterator.get("ShardIterator"), "Limit": most });
        let mut answer = dynamo.execute("GetRecords", ask).map_err(refused)?;
        let records = answer.get_mut("Records").map(Json::take);
        let Some(Json::Array(records)) = records else {
            return Ok(Vec::new());
        };
        Ok(records
            .into_iter()
            .map(|record| stream_record(record, stream_arn, now))
            .collect())
    }

    /// The reader has done with everything up to here.
    pub(crate) fn reached(&self, reader: &str, sequence_number: &str) -> Result<(), LocalError> {
        let mut after = locked(&self.after);
        after.insert(reader.to_owned(), sequence_number.to_owned());
        match &self.path {
            Some(path) => files::write(path, &*after),
            None => Ok(()),
        }
    }
}
