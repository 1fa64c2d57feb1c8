//! Writes filings, findings, history and other tables as files: gathered chunk by chunk, then made one file.

mod file;

use icp_domain::Rulebook;
use icp_runtime::{
    Answered, BatchFunction, Clock, Function, FunctionError, Queue, Record, Start, StartError,
};
use icp_store::files::Files;
use icp_store::{Store, StoreError};
use icp_use_cases::export_filings::{ExportTask, Gathered, assembled, gather};
use serde_json::json;

/// What this function may reach; `template.yaml` grants exactly this.
pub struct App {
    store: Store,
    files: Files,
    tasks: Queue<ExportTask>,
    rulebook: &'static Rulebook,
}

/// Exports at the same time: each holds a file's piece in memory.
const AT_ONCE: usize = 1;

/// Opens the function.
pub fn open(start: &Start) -> Result<impl Function + use<>, StartError> {
    let environment = &start.environment;
    let table = environment.required("ICP_TABLE", "the table's name")?;
    let key = environment.required("ICP_KEY", "the KMS key's ARN")?;
    let bucket = environment.required("ICP_FILES", "the bucket's name")?;
    let app = App {
        store: Store::open(&start.aws, table, key),
        files: Files::open(&start.aws, bucket),
        tasks: Queue::open(start, "ICP_EXPORTS_QUEUE")?,
        rulebook: start.rulebook,
    };
    Ok(BatchFunction::new(app, AT_ONCE, handle))
}

fn handle<'a>(app: &'a App, clock: &'a Clock, record: Record) -> Answered<'a> {
    Box::pin(async move {
        let now = clock.invocation().now;
        let task: ExportTask =
            serde_json::from_str(&record.body).map_err(FunctionError::Malformed)?;
        let failed = |error: StoreError| FunctionError::Failed(error.into());
        let App {
            store,
            files,
            tasks,
            rulebook,
        } = app;
        match gather(store, rulebook, files, &task.export)
            .await
            .map_err(failed)?
        {
            Gathered::More => {
                let sent = tasks.send(&[task]).await;
                sent.map_err(|error| FunctionError::Failed(error.into()))?;
            }
            Gathered::All(chunks) => {
                let stored = store.export(&task.export).await.map_err(failed)?;
                if let Some(stored) = stored {
                    file::assemble(files, &stored.export, chunks)
                        .await
                        .map_err(failed)?;
                    assembled(store, &task.export, now).await.map_err(failed)?;
                    tracing::info!(export = %task.export, "{} is there", task.export);
                }
            }
            Gathered::Nothing => {}
        }
        Ok(json!({}))
    })
}
