//! Takes in an existing base or a bureau's list: divides its file into parts, takes part after part, and
//! writes the report or the reply.

mod convert;
mod records;
mod reply;
mod report;
mod seen;
mod shape;

use icp_domain::Invocation;
use icp_domain::ids::ImportId;
use icp_runtime::{
    Answered, BatchFunction, Clock, Function, FunctionError, Queue, Record, Start, StartError,
};
use icp_store::files::Files;
use icp_store::records::{Brings, ListCounts, ReportCounts, RowCounts};
use icp_store::{Cursor, Store, StoreError};
use icp_use_cases::bureau_lists::take_list_part;
use icp_use_cases::import_filings::{ImportTask, all_taken, converted, end, take_part, tasks};
use icp_use_cases::rekey::rekey_page;
use icp_use_cases::report_files::take_report_part;
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
        let failed = |error: StoreError| FunctionError::Failed(error.into());
        let App {
            store,
            files,
            tasks: queue,
            start,
        } = app;
        match serde_json::from_str(&record.body).map_err(FunctionError::Malformed)? {
            ImportTask::Take { import, part } => {
                take(app, &mut inv, &import, part).await.map_err(failed)?;
                tracing::info!(import = %import, part, "part {part} of {import} was taken in");
            }
            ImportTask::Rekey { list, cursor } => {
                let cursor = cursor.and_then(Cursor::given);
                let next = rekey_page(store, start.rulebook, &mut inv, list, cursor)
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
                finish(app, &inv, &import).await.map_err(failed)?;
            }
        }
        Ok(json!({}))
    })
}

/// Takes a part in. Who takes the last ends the import.
async fn take(
    app: &App,
    inv: &mut Invocation,
    import: &ImportId,
    part: u32,
) -> Result<(), StoreError> {
    let App {
        store,
        files,
        start,
        ..
    } = app;
    let Some(stored) = store.import(import).await? else {
        return Ok(());
    };
    let (import, rulebook) = (&stored.import, start.rulebook);
    match &import.brings {
        Brings::Base { .. } => take_part(store, files, rulebook, inv, import, part).await?,
        Brings::BureauList { list, .. } => {
            let of = (import, list);
            take_list_part(store, files, rulebook, inv, of, part).await?;
        }
        Brings::Reports { kind, .. } => {
            let of = (import, *kind);
            take_report_part(store, files, rulebook, inv, of, part).await?;
        }
    }
    finish(app, inv, &import.id).await
}

/// Writes the report or the reply of an import all of whose parts were taken in, and ends it.
async fn finish(app: &App, inv: &Invocation, import: &ImportId) -> Result<(), StoreError> {
    let App { store, files, .. } = app;
    let Some(stored) = store.import(import).await? else {
        return Ok(());
    };
    match &stored.import.brings {
        Brings::Base { mapping } => {
            let Some(parts) = all_taken::<RowCounts>(store, &stored).await? else {
                return Ok(());
            };
            let bad = parts.iter().filter(|(_, counts)| 0 < counts.bad);
            let bad: Vec<u32> = bad.map(|(part, _)| *part).collect();
            report::write(files, (import, mapping), &bad).await?;
        }
        Brings::Reports { mapping, .. } => {
            let Some(parts) = all_taken::<ReportCounts>(store, &stored).await? else {
                return Ok(());
            };
            let bad = parts
                .iter()
                .filter(|(_, counts)| 0 < counts.bad + counts.unmatched);
            let bad: Vec<u32> = bad.map(|(part, _)| *part).collect();
            report::write(files, (import, mapping), &bad).await?;
        }
        Brings::BureauList { list, .. } => {
            let Some(parts) = all_taken::<ListCounts>(store, &stored).await? else {
                return Ok(());
            };
            reply::write(files, (&stored.import, list.kind), parts.len()).await?;
        }
    }
    end(store, stored, inv.now).await
}
