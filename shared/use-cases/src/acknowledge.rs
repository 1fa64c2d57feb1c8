//! Acknowledges a change of access: the front ends have carried it out.

use icp_domain::ids::{ServiceId, SubjectId};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{Done, OutboxRow, Outcome};
use icp_store::{Answer, Change, Failure, Repeat, Store};

use crate::attempt::{Decided, Tries};
use crate::notices::access_change_id;

/// Acknowledges one version of a link.
#[derive(Debug, Clone)]
pub struct Acknowledge {
    /// The filing.
    pub subject: SubjectId,
    /// The service.
    pub service: ServiceId,
    /// The link's version that was carried out.
    pub link_version: u64,
}

/// An acknowledgement is refused nothing but to be of a change that never was.
#[derive(Debug, thiserror::Error)]
pub enum AcknowledgeRefused {}

/// Records the acknowledgement. A second one changes nothing and is answered alike.
pub async fn acknowledge(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<()>,
    command: Acknowledge,
) -> Result<Answer, Failure<AcknowledgeRefused>> {
    let id = access_change_id(&command.subject, &command.service, command.link_version);
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let stored = store.outbox(&id).await?.ok_or(Failure::NotFound)?;
            let mut change = Change::new();
            let settled = stored
                .row
                .done
                .as_ref()
                .is_some_and(|done| done.outcome == Outcome::Settled);
            if !settled {
                let done = Some(Done {
                    at: inv.now,
                    outcome: Outcome::Settled,
                });
                let row = OutboxRow {
                    done,
                    claim: None,
                    ..stored.row.clone()
                };
                stored.put(&mut change, &row, inv.now)?;
            }
            Ok::<_, Failure<AcknowledgeRefused>>(Decided { change, done: () })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}
