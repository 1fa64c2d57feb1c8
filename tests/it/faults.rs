//! Fault runs: every call with every fault that AWS could show on it, and every event twice. Whatever
//! fails, the same state is come to, and nobody is told anything else.

use std::path::Path;

use futures::StreamExt;
use icp_local::Fault;
use icp_local::stage::Stage;
use tempfile::TempDir;

mod bureau_list;
mod case;
mod half_stopped;
mod import;
mod order;

/// A copy of a deployment's data.
fn copied(from: &Path) -> TempDir {
    let to = tempfile::tempdir().unwrap();
    copy_all(from, to.path());
    to
}

/// Copies what is in a directory, the buckets' folders too.
fn copy_all(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            std::fs::create_dir(&to).unwrap();
            copy_all(&path, &to);
        } else {
            std::fs::copy(&path, &to).unwrap();
        }
    }
}

/// A fault, and the call that it begins with.
type Blow = (fn() -> Fault, u64);

/// A refusal and a lost reply at each of so many calls.
fn blows(calls: u64) -> impl Iterator<Item = Blow> {
    let faults: [fn() -> Fault; 2] = [|| Fault::Refused, || Fault::ReplyLost];
    faults
        .into_iter()
        .flat_map(move |fault| (1..=calls).map(move |nth| (fault, nth)))
}

/// Lets three calls fail, as many as the SDK tries: the caller sees it.
fn strike(stage: &Stage, fault: fn() -> Fault, nth: u64) {
    for call in nth..nth + 3 {
        stage.deployment.faults().on(call, fault());
    }
}

/// Runs that mostly wait, as the SDK does before it tries again, some at a time.
async fn side_by_side(runs: impl Iterator<Item = impl Future<Output = ()>>) {
    futures::stream::iter(runs)
        .buffer_unordered(8)
        .collect::<()>()
        .await;
}
