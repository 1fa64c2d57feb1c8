//! What calls and units come to while they are made.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use icp_local::{Call, Journal};

/// Counts calls and units: the journal keeps the latest calls only, so that it is read as they come.
pub(crate) struct Counts {
    done: Arc<AtomicBool>,
    counting: tokio::task::JoinHandle<Counted>,
}

#[derive(Default)]
pub(crate) struct Counted(BTreeMap<&'static str, Sum>);

#[derive(Default)]
struct Sum {
    queue: u32,
    table: u32,
    read: f64,
    written: f64,
    index: f64,
}

impl Counts {
    pub(crate) fn begin(journal: &Journal) -> Self {
        journal.take();
        let done = Arc::new(AtomicBool::new(false));
        let (journal, ended) = (journal.clone(), Arc::clone(&done));
        let counting = tokio::spawn(async move {
            let mut counted = Counted::default();
            loop {
                let last = ended.load(Ordering::Relaxed);
                for call in journal.take() {
                    counted.add(&call);
                }
                if last {
                    return counted;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        Self { done, counting }
    }

    pub(crate) async fn end(self) -> Counted {
        self.done.store(true, Ordering::Relaxed);
        self.counting.await.unwrap()
    }
}

impl Counted {
    fn add(&mut self, call: &Call) {
        let functions = ["schedule-audits", "gather-evidence", "judge-evidence"];
        let Some(function) = functions.into_iter().find(|name| *name == call.caller) else {
            return;
        };
        let sum = self.0.entry(function).or_default();
        match call.service {
            "sqs" => sum.queue += 1,
            "dynamodb" => sum.table += 1,
            _ => return,
        }
        sum.read += call.read.table + call.read.indexes.values().sum::<f64>();
        sum.written += call.written.table;
        sum.index += call.written.indexes.values().sum::<f64>();
    }

    pub(crate) fn costs(&self, audits: f64) -> BTreeMap<&'static str, String> {
        let each = |sum: &Sum| {
            format!(
                "{:.2} sends and {:.2} calls to the table an audit, {:.2} read units, {:.2} + {:.2} write units",
                f64::from(sum.queue) / audits,
                f64::from(sum.table) / audits,
                sum.read / audits,
                sum.written / audits,
                sum.index / audits,
            )
        };
        let costs = self.0.iter();
        costs
            .map(|(function, sum)| (*function, each(sum)))
            .collect()
    }
}
