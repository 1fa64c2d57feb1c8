//! Answers of steps that commit nothing of their own: kept all the same, so that a repeat is known.

use icp_domain::{Invocation, Rulebook};
use icp_store::{Answer, Change, Failure, Repeat, Store};

use crate::attempt::{Decided, Tries, answered_before};

/// Such a step is refused nothing here.
#[derive(Debug, thiserror::Error)]
pub enum RememberRefused {}

/// The answer that the same request got before, if it came before.
pub async fn before<T>(
    store: &Store,
    repeat: &Repeat<T>,
) -> Result<Option<Answer>, Failure<RememberRefused>> {
    answered_before(store, repeat).await
}

/// Keeps the answer of what was done. Of two at the same time, both get the answer of the first.
pub async fn remember<T: Clone>(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: &Repeat<T>,
    done: &T,
) -> Result<Answer, Failure<RememberRefused>> {
    let mut tries = Tries::of(store, rulebook, repeat);
    loop {
        let decided = Ok(Decided {
            change: Change::new(),
            done: done.clone(),
        });
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}
