//! DynamoDB: the embedded database behind the real protocol.
//!
//! **Invariant:** the client sees what it asked for; that every call is made to tell its consumed
//! capacity, for the journal, does not show.

mod everything;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use dynoxide::{Database, DynoxideError};
use http::{Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use crate::error::LocalError;
use crate::faults::{Fault, Faults, Instead, lost};
use crate::files::Place;
use crate::journal::{Call, Journal, Units};
use crate::policy::Need;
use crate::template::{Table, arn};
use crate::wire::{Refusal, answer, respond};

const JSON: &str = "application/x-amz-json-1.0";

tokio::task_local! {
    /// Set while another writer of [`Fault::Overtaken`] acts: its calls meet no faults.
    static INTERLOPING: ();
}

/// The tables.
pub(crate) struct Dynamo {
    database: Database,
    faults: Faults,
    journal: Journal,
}

impl Dynamo {
    /// Opens the database and makes the tables that it lacks.
    pub(crate) fn open(
        place: &Place,
        tables: &BTreeMap<String, Table>,
        faults: Faults,
        journal: Journal,
    ) -> Result<Self, LocalError> {
        let dynamo = Self {
            database: opened(place)?,
            faults,
            journal,
        };
        for table in tables.values() {
            match dynamo.execute("CreateTable", table.create.clone()) {
                Ok(_) => {}
                Err(DynoxideError::ResourceInUseException(_)) => {
                    dynamo.check_indexes(place, table)?;
                }
                Err(error) => {
                    return Err(LocalError::Database(format!(
                        "table {}: {error}",
                        table.name
                    )));
                }
            }
        }
        Ok(dynamo)
    }

    /// Refuses a stored table whose indexes are no longer the template's.
    fn check_indexes(&self, place: &Place, table: &Table) -> Result<(), LocalError> {
        let ask = json!({ "TableName": table.name });
        let stored = self
            .execute("DescribeTable", ask)
            .map_err(|error| LocalError::Database(error.to_string()))?;
        let names = |table: Option<&Json>| -> BTreeSet<String> {
            let indexes = table.and_then(|table| table.get("GlobalSecondaryIndexes"));
            let indexes = indexes.and_then(Json::as_array).into_iter().flatten();
            let names = indexes.filter_map(|index| index.get("IndexName")?.as_str());
            names.map(str::to_owned).collect()
        };
        if names(stored.get("Table")) == names(Some(&table.create)) {
            return Ok(());
        }
        Err(LocalError::Damaged {
            path: place.file("table.sqlite").unwrap_or_default(),
            what: format!(
                "table {} has other indexes than the template says",
                table.name
            ),
        })
    }

    /// Answers a call.
    pub(crate) async fn call(
        &self,
        caller: &str,
        operation: &str,
        mut body: Json,
    ) -> Response<Bytes> {
        let interloping = INTERLOPING.try_with(|()| ()).is_ok();
        let fault = if interloping {
            None
        } else {
            self.faults.meet(operation, &body)
        };
        let mut call = Call {
            caller: caller.to_owned(),
            service: "dynamodb",
            operation: operation.to_owned(),
            resource: resource(&body),
            read: Units::default(),
            written: Units::default(),
            outcome: "ok".to_owned(),
            fault: fault.as_ref().map(Fault::name),
        };
        if let Some(instead) = fault
            .as_ref()
            .and_then(|fault| fault.instead(operation, &body))
        {
            let response = match instead {
                Instead::Refusal(refusal) => {
                    refusal.short_code().clone_into(&mut call.outcome);
                    refusal.response(JSON)
                }
                Instead::Body(status, body) => {
                    if !status.is_success() {
                        "TransactionCanceledException".clone_into(&mut call.outcome);
                    }
                    respond(status, JSON, body.to_string())
                }
            };
            self.journal.add(call);
            return response;
        }
        if let Some(Fault::Overtaken(interloper)) = &fault {
            INTERLOPING.scope((), interloper()).await;
        }
        let asked = ask_for_capacity(operation, &mut body);
        let mut result = self.execute(operation, body);
        match &mut result {
            Ok(answer) => take_capacity(operation, answer, asked, &mut call),
            Err(error) => short(error.error_type()).clone_into(&mut call.outcome),
        }
        self.journal.add(call);
        if matches!(fault, Some(Fault::ReplyLost)) {
            return lost().response(JSON);
        }
        match result {
            Ok(body) => answer(JSON, &body),
            Err(error) => respond(
                StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::BAD_REQUEST),
                JSON,
                error.to_json(),
            ),
        }
    }

    /// Executes an operation by the database's own typed methods: no socket, no second parse.
    pub(crate) fn execute(&self, operation: &str, body: Json) -> Result<Json, DynoxideError> {
        let db = &self.database;
        match operation {
            "CreateTable" => typed(body, |request| db.create_table(request)),
            "DescribeTable" => typed(body, |request| db.describe_table(request)),
            "ListTables" => typed(body, |request| db.list_tables(request)),
            "PutItem" => typed(body, |request| db.put_item(request)),
            "GetItem" => typed(body, |request| db.get_item(request)),
            "DeleteItem" => typed(body, |request| db.delete_item(request)),
            "UpdateItem" => typed(body, |request| db.update_item(request)),
            "Query" => typed(body, |request| db.query(request)),
            "Scan" => typed(body, |request| db.scan(request)),
            "BatchGetItem" => typed(body, |request| db.batch_get_item(request)),
            "BatchWriteItem" => typed(body, |request| db.batch_write_item(request)),
            "TransactWriteItems" => typed(body, |request| db.transact_write_items(request)),
            "TransactGetItems" => typed(body, |request| db.transact_get_items(request)),
            "ListStreams" => typed(body, |request| db.list_streams(request)),
            "DescribeStream" => typed(body, |request| db.describe_stream(request)),
            "GetShardIterator" => typed(body, |request| db.get_shard_iterator(request)),
            "GetRecords" => typed(body, |request| db.get_records(request)),
            _ => Err(DynoxideError::ValidationException(format!(
                "{operation} is not emulated by the local deployment"
            ))),
        }
    }
}

/// What a call needs; refuses a body that names no table.
pub(crate) fn needs(operation: &str, body: &Json) -> Result<Vec<Need>, Refusal> {
    let malformed = || {
        Refusal::client(
            "com.amazon.coral.validate#ValidationException",
            "TableName is missing",
        )
    };
    let of_table = |body: &Json| {
        body.get("TableName")
            .and_then(Json::as_str)
            .map(table_arn)
            .ok_or_else(malformed)
    };
    let action = |operation: &str| format!("dynamodb:{operation}");
    Ok(match operation {
        "ListTables" | "ListStreams" => vec![Need::new(action(operation), "*")],
        "DescribeStream" | "GetShardIterator" | "GetRecords" => {
            let stream = body.get("StreamArn").and_then(Json::as_str).unwrap_or("*");
            vec![Need::new(action(operation), stream)]
        }
        "BatchGetItem" | "BatchWriteItem" => body
            .get("RequestItems")
            .and_then(Json::as_object)
            .ok_or_else(malformed)?
            .keys()
            .map(|table| Need::new(action(operation), table_arn(table)))
            .collect(),
        "TransactWriteItems" | "TransactGetItems" => {
            let items = body
                .get("TransactItems")
                .and_then(Json::as_array)
                .ok_or_else(malformed)?;
            let mut needs = Vec::with_capacity(items.len());
            for (kind, item) in items.iter().filter_map(Json::as_object).flatten() {
                // The actions of the items are what is authorised.
                let item_action = match kind.as_str() {
                    "ConditionCheck" => "ConditionCheckItem".to_owned(),
                    kind => format!("{kind}Item"),
                };
                needs.push(Need::new(action(&item_action), of_table(item)?));
            }
            needs
        }
        _ => {
            let table = of_table(body)?;
            let resource = match body.get("IndexName").and_then(Json::as_str) {
                Some(index) => format!("{table}/index/{index}"),
                None => table,
            };
            vec![Need::new(action(operation), resource)]
        }
    })
}

fn table_arn(name: &str) -> String {
    if name.starts_with("arn:") {
        name.to_owned()
    } else {
        arn("dynamodb", &format!("table/{name}"))
    }
}

fn resource(body: &Json) -> String {
    let first = |member: &str| {
        body.get(member)
            .and_then(Json::as_object)
            .and_then(|map| map.keys().next().cloned())
    };
    let of_transaction = || {
        let item = body
            .get("TransactItems")?
            .as_array()?
            .first()?
            .as_object()?
            .values()
            .next()?;
        item.get("TableName")?.as_str().map(str::to_owned)
    };
    let table = body
        .get("TableName")
        .and_then(Json::as_str)
        .map(str::to_owned)
        .or_else(|| first("RequestItems"))
        .or_else(of_transaction)
        .unwrap_or_default();
    match body.get("IndexName").and_then(Json::as_str) {
        Some(index) => format!("{table}/{index}"),
        None => table,
    }
}

const COUNTED: [&str; 10] = [
    "PutItem",
    "GetItem",
    "DeleteItem",
    "UpdateItem",
    "Query",
    "Scan",
    "BatchGetItem",
    "BatchWriteItem",
    "TransactWriteItems",
    "TransactGetItems",
];

/// Has the call tell its capacity; gives whether the client asked for it too.
fn ask_for_capacity(operation: &str, body: &mut Json) -> bool {
    let Some(body) = body
        .as_object_mut()
        .filter(|_| COUNTED.contains(&operation))
    else {
        return true;
    };
    let asked = body.insert("ReturnConsumedCapacity".to_owned(), json!("INDEXES"));
    asked.is_some_and(|asked| asked != "NONE")
}

fn take_capacity(operation: &str, answer: &mut Json, asked: bool, call: &mut Call) {
    let Some(members) = answer.as_object_mut() else {
        return;
    };
    let Some(capacity) = members.get("ConsumedCapacity") else {
        return;
    };
    let units = Units::consumed(capacity);
    if matches!(
        operation,
        "GetItem" | "Query" | "Scan" | "BatchGetItem" | "TransactGetItems"
    ) {
        call.read = units;
    } else {
        call.written = units;
    }
    if !asked {
        members.remove("ConsumedCapacity");
    }
}

fn typed<Q: DeserializeOwned, A: Serialize>(
    body: Json,
    operation: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<Json, DynoxideError> {
    let request = serde_json::from_value(body).map_err(|error| {
        // The database marks what its own readers refuse; the mark is not for the client.
        let text = error.to_string();
        let text = text
            .split_once("VALIDATION:")
            .map_or(text.as_str(), |(_, rest)| rest);
        DynoxideError::ValidationException(text.trim_start().to_owned())
    })?;
    serde_json::to_value(operation(request)?)
        .map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

fn short(error_type: &str) -> &str {
    error_type.rsplit('#').next().unwrap_or(error_type)
}

/// Opens the database and gives it the index without which every write scans all stream records
/// ever written: they are never deleted.
fn opened(place: &Place) -> Result<Database, LocalError> {
    static OPENED: AtomicU64 = AtomicU64::new(0);
    let path = if let Some(path) = place.file("table.sqlite") {
        path.to_string_lossy().into_owned()
    } else {
        // A named database in memory, so that a second connection can make the index.
        let number = OPENED.fetch_add(1, Ordering::Relaxed);
        format!("file:icp-local-{number}?mode=memory&cache=shared")
    };
    let damaged = |what: String| match place.file("table.sqlite") {
        Some(path) => LocalError::Damaged { path, what },
        None => LocalError::Database(what),
    };
    let database = Database::new(&path).map_err(|error| damaged(error.to_string()))?;
    rusqlite::Connection::open(&path)
        .and_then(|connection| {
            connection.execute_batch(
                "CREATE INDEX IF NOT EXISTS icp_local_stream_order \
                 ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
            )
        })
        .map_err(|error| damaged(error.to_string()))?;
    Ok(database)
}
