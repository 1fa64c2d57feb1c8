//! Staff let a person's number be tried again: failures in a row begin at none, and so do the sends to
//! the number.

use icp_domain::code::{Challenge, Sends};
use icp_domain::history::Happened;
use icp_domain::ids::PersonId;
use icp_domain::{Invocation, Rulebook};
use icp_store::records::Holder;
use icp_store::{Answer, Change, Failure, Repeat, Store};

use crate::By;
use crate::attempt::{Decided, Tries};

/// Unlocks a person.
#[derive(Debug, Clone)]
pub struct UnlockPerson {
    /// Where the person stands.
    pub holder: Holder,
    /// The person.
    pub person: PersonId,
    /// Who of the staff, from where.
    pub by: By,
    /// Why: it stands in the history.
    pub reason: String,
}

/// An unlocking is refused nothing but what is not there.
#[derive(Debug, thiserror::Error)]
pub enum UnlockRefused {}

/// Unlocks a person. The code that was sent last, if it still counts, counts on.
pub async fn unlock_person(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<()>,
    command: UnlockPerson,
) -> Result<Answer, Failure<UnlockRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let found = store.proof(&command.holder, &command.person).await?;
            let mut asked = found
                .filter(|found| command.by.may_see(&found.account))
                .ok_or(Failure::NotFound)?;
            let mut filing = asked.filing(store).await?.ok_or(Failure::NotFound)?;
            let mut change = Change::new();
            if let Some(hash) = &asked.number_hash {
                let (challenge, ring) = store
                    .challenge_and_sends(&asked.subject, &command.person, hash)
                    .await?;
                if let Some((challenge, version)) = challenge {
                    let cleared = Challenge {
                        failures_in_a_row: 0,
                        ..challenge
                    };
                    let policy = &rulebook.policy.codes;
                    let read = Some(version);
                    Store::put_challenge(&mut change, &asked.subject, &cleared, read, policy)?;
                }
                ring.put(&mut change, hash, &Sends::default(), inv.now)?;
            }
            let about = format!("{}: {}", command.person, command.reason);
            let deed = command
                .by
                .deed(Happened::PersonUnlocked, &about, &repeat.command);
            filing.record(&mut change, deed, inv.now)?;
            Ok::<_, Failure<UnlockRefused>>(Decided { change, done: () })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}
