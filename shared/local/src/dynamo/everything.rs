//! All that is stored: for tests that look for what must not be.

use dynoxide::DynoxideError;
use serde_json::{Value as Json, json};

use super::Dynamo;
use crate::deployment::Deployment;
use crate::error::LocalError;

impl Dynamo {
    /// Every row, and every image that the streams hold.
    pub(crate) fn everything(&self) -> Result<Vec<Json>, LocalError> {
        let refused = |error: DynoxideError| LocalError::Database(error.to_string());
        let mut all = Vec::new();
        let tables = self.execute("ListTables", json!({})).map_err(refused)?;
        let names = tables.get("TableNames").and_then(Json::as_array);
        for table in names.into_iter().flatten().filter_map(Json::as_str) {
            let mut page = json!({ "TableName": table });
            loop {
                let mut found = self.execute("Scan", page.clone()).map_err(refused)?;
                all.extend(found.get_mut("Items").map(Json::take));
                match found.get("LastEvaluatedKey").filter(|key| !key.is_null()) {
                    Some(key) => page = json!({ "TableName": table, "ExclusiveStartKey": key }),
                    None => break,
                }
            }
            let ask = json!({ "StreamArn": dynoxide::streams::stream_arn(table, "local"),
                "ShardId": dynoxide::streams::shard_id(table), "ShardIteratorType": "TRIM_HORIZON" });
            let mut begun = self.execute("GetShardIterator", ask).map_err(refused)?;
            let mut next = begun
                .get_mut("ShardIterator")
                .map(Json::take)
                .unwrap_or_default();
            loop {
                let ask = json!({ "ShardIterator": next, "Limit": 1000 });
                let mut got = self.execute("GetRecords", ask).map_err(refused)?;
                let records = got.get_mut("Records").map(Json::take).unwrap_or_default();
                if records.as_array().is_none_or(Vec::is_empty) {
                    break;
                }
                all.push(records);
                next = got
                    .get_mut("NextShardIterator")
                    .map(Json::take)
                    .unwrap_or_default();
            }
        }
        Ok(all)
    }
}

impl Deployment {
    /// All that is stored or was ever written or sent: rows, images of the stream, bodies of messages.
    pub fn everything(&self) -> Result<Vec<Json>, LocalError> {
        let mut all = self.port().dynamo().everything()?;
        all.extend(self.port().sqs().heard().into_iter().map(Json::from));
        Ok(all)
    }
}
