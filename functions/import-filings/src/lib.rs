//! Takes in an existing base: divides its file into parts, then takes part after part.

mod cells;
mod convert;
mod cut;
mod seen;
mod workbook;

use icp_runtime::{
    Answered, BatchFunction, Clock, Function, FunctionError, Queue, Record, Start, StartError,
};
use icp_store::files::Files;
use icp_store::{Cursor, Store};
use icp_use_cases::import_filings::{ImportTask, converted, finish, take_part, tasks};
use icp_use_cases::rekey::rekey_page;
use serde_json::json;

/// What this function may reach; `template.yaml` grants exactly this.
pub struct App {
    store: Store,
    files: Files,
    tasks: Queue<ImportTask>,
    start: Start,
}

/// Parts taken in at the same time: each has filings side by side itself.
const AT_ONCE: usize = 2;

/// Opens the function.
pub fn open(start: &Start) -> Result<impl Function + use<>, StartError> {
    let environment = &start.environment;
    let table = environment.required("ICP_TABLE", "the table's name")?;
    let key = environment.required("ICP_KEY", "the KMS key's ARN")?;
    let bucket = environment.required("ICP_FILES", "the bucket's name")?;
    let app = App {
        store: Store::open(&start.aws, table, key),
        files: Files::open(&start.aws, bucket),
        tasks: Queue::open(start, "ICP_IMPORTS_QUEUE")?,
        start: start.clone(),
    };
    Ok(BatchFunction::new(app, AT_ONCE, handle))
}

fn handle<'a>(app: &'a App, clock: &'a Clock, record: Record) -> Answered<'a> {
    Box::pin(async move {
        let mut inv = clock.invocation();
        let failed = |error: icp_store::StoreError| FunctionError::Failed(error.into());
        let App {
            store,
            files,
            tasks: queue,
            start,
        } = app;
        match serde_json::from_str(&record.body).map_err(FunctionError::Malformed)? {
            ImportTask::Take { import, part } => {
                let taken = take_part(store, files, start.rulebook, &mut inv, &import, part);
                taken.await.map_err(failed)?;
                tracing::info!(import = %import, part, "part {part} of {import} was taken in");
            }
            ImportTask::Rekey { list, cursor } => {
                let cursor = cursor.and_then(Cursor::given);
                let next = rekey_page(store, &mut inv, list, cursor)
                    .await
                    .map_err(failed)?;
                if let Some((list, cursor)) = next {
                    let cursor = cursor.map(|cursor| cursor.as_str().to_owned());
                    let sent = queue.send(&[ImportTask::Rekey { list, cursor }]).await;
                    sent.map_err(|error| FunctionError::Failed(error.into()))?;
                }
            }
            ImportTask::Convert { import, part } => {
                let Some(stored) = store.import(&import).await.map_err(failed)? else {
                    return Ok(json!({}));
                };
                let before = tasks(&stored.import, part);
                // Whoever was here before came further: what follows is sent again.
                let next = if convert::is_due(&stored.import, part) {
                    let came = convert::step(files, start.rulebook, &stored.import).await;
                    let came = came.map_err(failed)?;
                    converted(store, stored, part, came, inv.now)
                        .await
                        .map_err(failed)?
                } else {
                    before
                };
                let sent = queue.send(&next).await;
                sent.map_err(|error| FunctionError::Failed(error.into()))?;
                // A file without rows has no part that would end it.
                finish(store, files, &import, inv.now)
                    .await
                    .map_err(failed)?;
            }
        }
        Ok(json!({}))
    })
}
