//! Looks things up, and judges nothing: looks in, evidence out.
//!
//! **Invariant:** this function fetches hostile sites and may reach nothing else: no table, no file,
//! no key. Its manifest names no database client. A look that was begun before and did not end goes
//! on alone, in a process of its own: a page that kills its process takes no other look with it twice.

use std::time::Duration;

use icp_domain::look::{Evidence, Look};
use icp_lookups::Lookups;
use icp_runtime::{
    Clock, ForwardFunction, Function, FunctionError, Made, Queue, Record, Start, StartError,
};
use jiff::{SignedDuration, Timestamp};

/// What this function may reach; `template.yaml` grants exactly this.
pub struct App {
    lookups: Lookups,
    alone: Queue<Look>,
    start: Start,
}

/// Looks made at the same time in one invocation: most wait for sites, and a silent one keeps few others waiting.
///
/// Source: chosen here, by `docs/PERFORMANCE.md`, as many as the largest pages leave room for in the function's memory, and
/// as get their turn in time where all of them lead to one address (`audits.fetchesPerAuthoritySecond`).
pub const AT_ONCE: usize = 20;

/// Time of one look with all its names and its page; what a batch begins ends inside the function's own.
pub const LOOK: Duration = Duration::from_secs(20);

/// Opens the function.
pub fn open(start: &Start) -> Result<impl Function + use<>, StartError> {
    let contact = start
        .environment
        .required("ICP_CONTACT_URL", "a URL that tells who looks, and why")?;
    let lookups = Lookups::new(start.rulebook, contact);
    let lookups = lookups.map_err(|error| StartError::Unusable {
        name: "ICP_CONTACT_URL",
        source: error.into(),
    })?;
    open_with(start, lookups)
}

/// Opens the function with look-ups of the caller's: the local deployment's, on loopback.
pub fn open_with(start: &Start, lookups: Lookups) -> Result<impl Function + use<>, StartError> {
    let evidence = Queue::open(start, "ICP_EVIDENCE_QUEUE")?;
    let alone = Queue::open(start, "ICP_LOOKS_ALONE_QUEUE")?;
    let app = App {
        lookups,
        alone,
        start: start.clone(),
    };
    Ok(ForwardFunction::new(app, evidence, AT_ONCE, handle))
}

/// The evidence of a look; none where it is not made here.
fn handle<'a>(app: &'a App, clock: &'a Clock, record: Record) -> Made<'a, Option<Evidence>> {
    Box::pin(async move {
        let now = clock.invocation().now;
        let look: Look = serde_json::from_str(&record.body).map_err(FunctionError::Malformed)?;
        let stale = app.start.rulebook.policy.audits.look_stale();
        if is_stale(record.sent_at(), now, stale) {
            let id = &look.id;
            tracing::info!(look = %id, "look {id} came too late and is not made");
            return Ok(None);
        }
        if record.endangers_others() {
            let id = &look.id;
            tracing::warn!(look = %id, "look {id} was begun before and did not end: it goes on alone");
            let sent = app.alone.send(&[look]).await;
            sent.map_err(|error| FunctionError::Failed(error.into()))?;
            return Ok(None);
        }
        Ok(Some(app.lookups.look(&look, now, LOOK).await))
    })
}

/// Whether a look waited so long that its row has long called for another: a backlog must not
/// double. A queue that does not say when it was sent leaves it fresh.
fn is_stale(sent_at: Option<Timestamp>, now: Timestamp, stale: SignedDuration) -> bool {
    sent_at.is_some_and(|sent_at| sent_at + stale <= now)
}

#[cfg(test)]
mod tests {
    use icp_domain::Rulebook;

    use super::*;

    #[test]
    fn a_look_is_made_until_it_is_six_hours_old() {
        let stale = Rulebook::shipped().unwrap().policy.audits.look_stale();
        let sent_at: Timestamp = "2026-03-02T02:00:00Z".parse().unwrap();
        for (now, expected) in [
            ("2026-03-02T02:00:00Z", false),
            ("2026-03-02T07:59:59Z", false),
            ("2026-03-02T08:00:00Z", true),
            ("2026-03-02T08:00:01Z", true),
        ] {
            let now = now.parse().unwrap();
            assert_eq!(is_stale(Some(sent_at), now, stale), expected, "{now}");
            assert!(!is_stale(None, now, stale), "{now}");
        }
    }
}
