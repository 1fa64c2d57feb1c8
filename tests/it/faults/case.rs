//! The way of a case from its first broken look to the stop, and what may come of that: each part is played again from
//! where the part before it ended, with every fault on every call of it that can show it, and with every event twice.

mod seen;
mod way;

use std::path::PathBuf;
use std::sync::Arc;

use icp_local::{Call, Fault, Interloper, Place};
use jiff::Timestamp;
use tempfile::TempDir;

use super::copied;
use crate::table::Table;
use way::{AFTER_STOP, PARTS, Part, Way};

/// What strikes the writes of what comes of a stop.
const AFTER: [Blow; 3] = [Blow::Refused, Blow::ReplyLost, Blow::Overtaken];

/// Where a part begins: the data directory as it was, and the clock.
struct Snapshot {
    directory: TempDir,
    at: Timestamp,
    subject: String,
}

/// What goes wrong in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blow {
    /// The call and its two retries are refused.
    Refused,
    /// The call is carried out and its reply is lost; the retry meets what it did.
    ReplyLostOnce,
    /// It is carried out and neither reply nor retries come through.
    ReplyLost,
    /// Another transaction holds the row.
    Contended,
    /// The index does not show the row yet.
    Stale,
    /// The batch hands everything back.
    Partly,
    /// Somebody else writes the same rows just before.
    Overtaken,
}

impl Blow {
    const ALL: [Self; 7] = [
        Self::Refused,
        Self::ReplyLostOnce,
        Self::ReplyLost,
        Self::Contended,
        Self::Stale,
        Self::Partly,
        Self::Overtaken,
    ];

    /// Whether the blow shows anything on this call. A reply that is lost of a read is a refused read,
    /// and who comes before a read came before it all.
    fn meets(self, call: &Call) -> bool {
        let writes = is_write(call);
        match self {
            Self::Refused => true,
            Self::ReplyLostOnce | Self::ReplyLost | Self::Contended | Self::Overtaken => writes,
            Self::Stale => call.operation == "Query" && call.resource.contains('/'),
            Self::Partly => call.operation == "BatchGetItem",
        }
    }

    fn times(self) -> u64 {
        match self {
            Self::Refused | Self::ReplyLost => 3,
            Self::ReplyLostOnce
            | Self::Contended
            | Self::Stale
            | Self::Partly
            | Self::Overtaken => 1,
        }
    }

    fn fault(self, way: &Way) -> Fault {
        match self {
            Self::Refused => Fault::Refused,
            Self::ReplyLostOnce | Self::ReplyLost => Fault::ReplyLost,
            Self::Contended => Fault::Contended,
            Self::Stale => Fault::Stale,
            Self::Partly => Fault::Partly,
            Self::Overtaken => Fault::Overtaken(interloper(way)),
        }
    }
}

fn is_write(call: &Call) -> bool {
    !matches!(
        call.operation.as_str(),
        "GetItem" | "BatchGetItem" | "Query"
    )
}

/// Another writer of the same filing and case, who changes nothing but their versions.
fn interloper(way: &Way) -> Interloper {
    let (stage, subject) = (way.stage.clone(), way.subject.clone());
    Arc::new(move || {
        let (stage, subject) = (stage.clone(), subject.clone());
        Box::pin(async move {
            let table = Table::of(&stage);
            let partition = format!("SUBJECT#{subject}");
            table.touch(&partition, "HEAD").await;
            table.touch(&partition, "CLOCK#1").await;
            let clock = table.row(&partition, "CLOCK#1").await;
            if let Some(case) = clock["openCase"].as_str() {
                table.touch(&format!("CASE#{case}"), "HEAD").await;
            }
        })
    })
}

/// Plays a part from a snapshot. Gives the stage, whose clock stands where the part ended.
async fn play(snapshot: &Snapshot, part: Part, blow: Option<(Blow, u64)>) -> (Way, TempDir) {
    let directory = copied(snapshot.directory.path());
    let place = Place::Directory(PathBuf::from(directory.path()));
    let way = Way::from(snapshot, place).await;
    way.set_out(part).await;
    way.stage.deployment.journal().take();
    if let Some((blow, nth)) = blow {
        for call in nth..nth + blow.times() {
            way.stage.deployment.faults().on(call, blow.fault(&way));
        }
    }
    way.come_to(part).await;
    (way, directory)
}

/// The calls that a part makes to the table when nothing goes wrong, until it is come to.
async fn calls_of(snapshot: &Snapshot, part: Part) -> Vec<Call> {
    let directory = copied(snapshot.directory.path());
    let place = Place::Directory(PathBuf::from(directory.path()));
    let way = Way::from(snapshot, place).await;
    way.set_out(part).await;
    way.stage.deployment.journal().take();
    way.try_to(part).await;
    let calls = way.stage.deployment.journal().take();
    let to_table = calls.into_iter().filter(|call| call.service == "dynamodb");
    to_table.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_fails_on_the_way_of_a_case_it_comes_to_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let begun = Way::begun(Place::Directory(PathBuf::from(directory.path()))).await;
    let mut snapshot = Arc::new(Snapshot {
        at: begun.stage.now(),
        subject: begun.subject.clone(),
        directory: copied(directory.path()),
    });
    drop(begun);
    for part in PARTS {
        snapshot = struck(snapshot, part).await;
    }
    for parts in AFTER_STOP {
        let mut snapshot = Arc::clone(&snapshot);
        for part in parts {
            snapshot = struck(snapshot, *part).await;
        }
    }
}

/// Plays a part with every blow on every call that it meets. Gives where the part ends.
async fn struck(snapshot: Arc<Snapshot>, part: Part) -> Arc<Snapshot> {
    let (calm, kept) = play(&snapshot, part, None).await;
    let expected = calm.end().await;
    let calls = calls_of(&snapshot, part).await;
    assert!(3 < calls.len(), "{part:?} made {} calls", calls.len());
    // What a sweep reads, and what the SDK tries again, is struck on the way to the stop.
    let on_the_way = PARTS.contains(&part);
    let is_struck = |blow: Blow, call: &Call| on_the_way || is_write(call) && AFTER.contains(&blow);
    let mut runs = Vec::new();
    for blow in Blow::ALL {
        for (at, call) in calls.iter().enumerate() {
            if blow.meets(call) && is_struck(blow, call) {
                runs.push((blow, at as u64 + 1));
            }
        }
    }
    for together in runs.chunks(TOGETHER) {
        let played = together.iter().map(|(blow, nth)| {
            let (snapshot, blow, nth) = (Arc::clone(&snapshot), *blow, *nth);
            tokio::spawn(async move {
                let (way, _directory) = play(&snapshot, part, Some((blow, nth))).await;
                way.end().await
            })
        });
        let played = futures::future::join_all(played).await;
        for ((blow, nth), end) in together.iter().zip(played) {
            let end = end.unwrap_or_else(|died| panic!("{part:?}, {blow:?} on {nth}: {died}"));
            assert_eq!(end, expected, "{part:?}: {blow:?} on call {nth}");
        }
    }
    Arc::new(Snapshot {
        at: calm.stage.now(),
        subject: calm.subject.clone(),
        directory: copied(kept.path()),
    })
}

/// Runs at the same time.
const TOGETHER: usize = 12;

#[tokio::test(flavor = "multi_thread")]
async fn the_way_of_a_case_is_the_same_when_every_event_comes_twice() {
    let mut ends = Vec::new();
    for twice in [false, true] {
        let way = Way::begun(Place::Memory).await;
        if twice {
            way.stage.deployment.deliver_twice();
        }
        for part in PARTS.into_iter().chain([Part::Reinstated]) {
            way.set_out(part).await;
            way.come_to(part).await;
        }
        ends.push(way.end().await);
    }
    assert_eq!(ends[0], ends[1]);
    assert_eq!(ends[0].access.len(), 3, "{:#?}", ends[0]);
}
