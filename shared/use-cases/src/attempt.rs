//! Trying a step until it commits, is refused, or turns out to be done.

use icp_domain::{Invocation, Rulebook};
use icp_store::{Answer, Change, CommitError, Failure, Repeat, Repeated, Store};

/// What a step decided: the change, and what it did for the caller to see.
pub(crate) struct Decided<T> {
    pub(crate) change: Change,
    pub(crate) done: T,
}

/// The tries of a request that may come again: decided, committed, and on conflict decided anew.
///
/// The answer is rendered before the commit and stored with it. Before a refusal is passed on, and
/// whenever a commit does not succeed, the table is asked whether the request was done before: then
/// it gets the answer that it got.
pub(crate) struct Tries<'a, T> {
    store: &'a Store,
    rulebook: &'a Rulebook,
    repeat: &'a Repeat<T>,
    left: u32,
}

impl<'a, T> Tries<'a, T> {
    pub(crate) fn of(store: &'a Store, rulebook: &'a Rulebook, repeat: &'a Repeat<T>) -> Self {
        Self {
            store,
            rulebook,
            repeat,
            left: rulebook.policy.sweeps.reloads,
        }
    }

    /// Commits what was decided. `None` when somebody else wrote first: load and decide again.
    pub(crate) async fn settle<R>(
        &mut self,
        decided: Result<Decided<T>, Failure<R>>,
        inv: &mut Invocation,
    ) -> Option<Result<Answer, Failure<R>>> {
        self.settled(decided, inv).await.transpose()
    }

    async fn settled<R>(
        &mut self,
        decided: Result<Decided<T>, Failure<R>>,
        inv: &mut Invocation,
    ) -> Result<Option<Answer>, Failure<R>> {
        let Decided { mut change, done } = match decided {
            Ok(decided) => decided,
            Err(Failure::Fault(fault)) => return Err(Failure::Fault(fault)),
            Err(refusal) => {
                let before = answered_before(self.store, self.repeat).await?;
                return before.map(Some).ok_or(refusal);
            }
        };
        let answer = (self.repeat.render)(&done);
        let kept = self.rulebook.policy.repeats.answer_hours;
        change.put(
            self.store
                .repeat_row(self.repeat, &answer, kept, inv)
                .await?,
        );
        let fault = match self.store.commit(&change).await {
            Ok(()) => return Ok(Some(answer)),
            Err(CommitError::Conflict(_)) => None,
            // The call may have been carried out although its reply was lost.
            Err(CommitError::Store(fault)) => Some(fault),
        };
        if let Some(answer) = answered_before(self.store, self.repeat).await? {
            return Ok(Some(answer));
        }
        match (fault, self.left) {
            (Some(fault), _) => Err(Failure::Fault(fault)),
            (None, 0) => Err(Failure::ChangedMeanwhile),
            (None, _) => {
                self.left -= 1;
                Ok(None)
            }
        }
    }
}

/// The stored answer of a request that was done before.
pub(crate) async fn answered_before<T, R>(
    store: &Store,
    repeat: &Repeat<T>,
) -> Result<Option<Answer>, Failure<R>> {
    match store.repeated(repeat).await? {
        Repeated::No => Ok(None),
        Repeated::Answered(answer) => Ok(Some(answer)),
        Repeated::OtherBody => Err(Failure::KeyReused),
    }
}

/// What a machine's step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stepped {
    /// It was done now.
    Done,
    /// Somebody acted in time, or it was done before: nothing is left to do.
    Overtaken,
}
