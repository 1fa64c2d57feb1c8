//! Decisions that take two of the staff: what cannot be undone goes on by a second person's word.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Order, OrderKind};
use crate::ids::UserId;

/// A decision that a second person has to take too, where the order is irreversible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ProposedDecision)]
pub enum Decision {
    /// It goes on to the bureau.
    Pass,
    /// The bureau's approval is recorded.
    Approve,
}

/// A decision that one person took and that waits for another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Proposed {
    /// Which.
    pub decision: Decision,
    /// Who took it.
    pub by: UserId,
    /// When.
    pub proposed_at: Timestamp,
}

/// What one person's word comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// The decision is taken.
    Taken,
    /// It waits for a second person.
    Waits(Proposed),
}

/// The same person cannot be the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("another person has to take the same decision")]
pub struct SamePerson;

impl OrderKind {
    /// Whether a decision of the staff on such an order takes two.
    fn takes_two(self) -> bool {
        self.is_irreversible()
    }
}

impl Order {
    /// What the word of `by` comes to. `by` is a token's `sub`; a second role of the same person is
    /// the same person.
    pub fn word(
        &self,
        decision: Decision,
        by: &UserId,
        now: Timestamp,
    ) -> Result<Word, SamePerson> {
        if !self.kind.takes_two() {
            return Ok(Word::Taken);
        }
        match &self.proposed {
            Some(proposed) if proposed.decision == decision && proposed.by == *by => {
                Err(SamePerson)
            }
            Some(proposed) if proposed.decision == decision => Ok(Word::Taken),
            Some(_) | None => Ok(Word::Waits(Proposed {
                decision,
                by: by.clone(),
                proposed_at: now,
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::OrderState;

    #[test]
    fn what_cannot_be_undone_takes_two_different_people_and_all_else_one() {
        let at: Timestamp = "2026-03-02T02:00:00Z".parse().unwrap();
        let (anna, ben): (UserId, UserId) = ("anna".parse().unwrap(), "ben".parse().unwrap());
        for kind in OrderKind::ALL {
            let mut order = Order::begun(
                "o1".parse().unwrap(),
                "a1".parse().unwrap(),
                "s1".parse().unwrap(),
                kind,
                at,
            );
            order.state = OrderState::ProviderReview { since: at };
            let first = order.word(Decision::Pass, &anna, at).unwrap();
            if !kind.is_irreversible() {
                assert_eq!(first, Word::Taken, "{kind:?}");
                continue;
            }
            let Word::Waits(proposed) = first else {
                panic!("{kind:?} was decided by one");
            };
            order.proposed = Some(proposed);
            assert_eq!(order.word(Decision::Pass, &anna, at), Err(SamePerson));
            assert_eq!(order.word(Decision::Pass, &ben, at), Ok(Word::Taken));
            assert!(matches!(
                order.word(Decision::Approve, &ben, at),
                Ok(Word::Waits(_))
            ));
        }
    }
}
