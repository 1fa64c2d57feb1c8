//! An order (备案订单): one wish, from draft to the bureau's answer.
//!
//! **Invariant:** no step of an order changes a filing or a link; only [`OrderState::Approved`]
//! does, in the commit that records it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Text;
use crate::filing::Takes;
use crate::finding::{Answers, Phase};
use crate::identifiers::DomainName;
use crate::ids::{AccountId, OrderId, SubjectId};

mod answers;
mod approval;
mod check;
mod clock;
mod consequences;
mod draft;
mod faults;
mod kind;
mod left;
pub mod materials;
mod names;
mod over;
mod parts;
mod reasons;
mod second_person;
mod sites;
mod state;
mod typed_certificate;
mod wish;

pub use approval::{Approval, ApprovalMisfit, Approved, ServiceNumber};
pub use check::{Against, Checked};
pub use consequences::{Consequences, consequences};
pub use draft::{
    Draft, MOST_MATERIALS, MOST_PERSONS, MOST_SERVICES, TypedDraft, TypedMaterial, TypedPerson,
    TypedService, TypedSubject,
};
pub use kind::{AsksBureau, OrderKind, Withdrawal};
pub use left::DraftLeft;
pub use reasons::ReturnReason;
pub use second_person::{Decision, Proposed, SamePerson, Word};
pub use state::{OrderState, ReturnedBy};
pub use typed_certificate::TypedCertificate;
pub use wish::{Becomes, DomainRecord, Held, SubjectRecord, Wanted};

/// An order with its state; the draft stands beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// The account that asked.
    pub account: AccountId,
    /// The filing it is about.
    pub subject: SubjectId,
    /// The wish.
    pub kind: OrderKind,
    /// Where its life stands.
    pub state: OrderState,
    /// When it was begun; of rows from before this was kept, the beginning of time.
    #[serde(default)]
    pub begun_at: Timestamp,
    /// Last change of the draft.
    pub edited_at: Timestamp,
    /// The sites that its draft names, each by its first domain; none once they were erased.
    #[serde(default)]
    pub sites: Vec<DomainName>,
    /// Whose findings it may put right, as it was submitted: of a draft, and of what answers none, nothing.
    #[serde(default)]
    pub answers: Option<Answers>,
    /// What another filing holds of what this one wants: for staff, and told to nobody else.
    #[serde(default)]
    pub conflicts: Vec<Takes>,
    /// A decision that waits for a second person.
    #[serde(default)]
    pub proposed: Option<Proposed>,
    /// What is left of its draft and files.
    #[serde(default)]
    pub left: DraftLeft,
    /// When it was last sent to the bureau: what the bureau said before is of what was sent before.
    #[serde(default)]
    pub sent_at: Option<Timestamp>,
}

/// What happens to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderEvent {
    /// The filer submits.
    Submit,
    /// The filer takes it back.
    Withdraw,
    /// Staff pass it.
    Pass,
    /// Staff send it back.
    Return(Vec<ReturnReason>),
    /// It was sent; the bureau's SMS check runs.
    Send,
    /// All named persons answered the bureau.
    SmsDone,
    /// The bureau says that the SMS check was not done.
    SmsNotDone,
    /// The bureau rejects it.
    Reject(Vec<ReturnReason>),
    /// The bureau approves it.
    Approve(Approval),
    /// The filer is reminded of it: as many of the days are over.
    Remind(u32),
    /// Its clock ran out.
    Lapse,
}

/// A step that is not open to an order as it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an order that is {} does not take this step", .state.en)]
pub struct StepRefused {
    /// The state.
    pub state: Text,
}

impl StepRefused {
    /// The refusal for people.
    pub fn text(&self) -> Text {
        let zh = format!("订单处于“{}”，不能进行此操作", self.state.zh);
        Text::new(zh, self.to_string())
    }
}

impl Order {
    /// The order after `event`, or why the step is not open.
    pub fn step(self, event: OrderEvent, now: Timestamp) -> Result<Self, StepRefused> {
        use OrderEvent as E;
        use OrderState as S;
        let refused = StepRefused {
            state: self.state.text(),
        };
        let returned = |by, reasons| S::Returned {
            returned_at: now,
            by,
            reasons,
            reminded: 0,
        };
        let editable = self.state.is_editable();
        let waits_for_sms = self.state.waits_for_sms();
        let at_bureau = self.state.review_phase() == Some(Phase::Bureau);
        let sent_at = if event == E::Send {
            Some(now)
        } else {
            self.sent_at
        };
        let next = match (self.state, event) {
            (S::Draft | S::Returned { .. }, E::Submit) if editable => {
                S::ProviderReview { since: now }
            }
            (S::Draft | S::Returned { .. }, E::Withdraw) if editable => {
                S::Withdrawn { withdrawn_at: now }
            }
            (S::ProviderReview { .. }, E::Withdraw) => S::Withdrawn { withdrawn_at: now },
            (S::ProviderReview { .. }, E::Pass) => S::Queued { since: now },
            (S::ProviderReview { .. }, E::Return(reasons)) => {
                returned(ReturnedBy::Provider, reasons)
            }
            (S::Queued { .. }, E::Send) => S::BureauSms { since: now },
            (S::BureauSms { .. }, E::Lapse) => returned(ReturnedBy::SmsCheckPresumed, Vec::new()),
            // The bureau's answer outruns what only our clock counted.
            (_, E::SmsDone) if waits_for_sms => S::BureauReview { since: now },
            (_, E::SmsNotDone) if waits_for_sms => returned(ReturnedBy::SmsCheck, Vec::new()),
            (_, E::Reject(reasons)) if at_bureau => returned(ReturnedBy::Bureau, reasons),
            (_, E::Approve(_)) if at_bureau => S::Approved { approved_at: now },
            (
                S::Returned {
                    returned_at,
                    by,
                    reasons,
                    ..
                },
                E::Remind(reminded),
            ) => S::Returned {
                returned_at,
                by,
                reasons,
                reminded,
            },
            (S::Returned { .. }, E::Lapse) => S::Draft,
            (S::Draft, E::Lapse) => S::Dead { died_at: now },
            (
                S::Draft
                | S::ProviderReview { .. }
                | S::Returned { .. }
                | S::Queued { .. }
                | S::BureauSms { .. }
                | S::BureauReview { .. }
                | S::Approved { .. }
                | S::Withdrawn { .. }
                | S::Dead { .. },
                E::Submit
                | E::Withdraw
                | E::Pass
                | E::Return(_)
                | E::Send
                | E::SmsDone
                | E::SmsNotDone
                | E::Reject(_)
                | E::Approve(_)
                | E::Remind(_)
                | E::Lapse,
            ) => return Err(refused),
        };
        // A draft that came back by a lapse has its own thirty days from now.
        let edited_at = if matches!(next, S::Draft) {
            now
        } else {
            self.edited_at
        };
        Ok(Self {
            state: next,
            edited_at,
            proposed: None,
            sent_at,
            ..self
        })
    }

    /// An order that is begun now.
    pub fn begun(
        id: OrderId,
        account: AccountId,
        subject: SubjectId,
        kind: OrderKind,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            account,
            subject,
            kind,
            state: OrderState::Draft,
            begun_at: now,
            edited_at: now,
            sites: Vec::new(),
            answers: None,
            conflicts: Vec::new(),
            proposed: None,
            left: DraftLeft::Whole,
            sent_at: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::Rulebook;

    fn order(state: OrderState) -> Order {
        let id = "o1".parse().unwrap();
        let (account, subject) = ("a1".parse().unwrap(), "s1".parse().unwrap());
        let begun = Order::begun(id, account, subject, OrderKind::FirstFiling, at());
        Order { state, ..begun }
    }

    fn at() -> Timestamp {
        "2026-03-02T02:00:00Z".parse().unwrap()
    }

    fn returned(by: ReturnedBy) -> OrderState {
        OrderState::Returned {
            returned_at: at(),
            by,
            reasons: Vec::new(),
            reminded: 0,
        }
    }

    #[test]
    fn what_only_our_clock_sent_back_is_neither_edited_nor_withdrawn_until_the_bureau_answers() {
        let sent = OrderState::BureauSms { since: at() };
        let presumed = order(sent).step(OrderEvent::Lapse, at()).unwrap();
        assert_eq!(presumed.state, returned(ReturnedBy::SmsCheckPresumed));
        assert!(!presumed.state.is_editable());
        assert_eq!(presumed.state.review_phase(), Some(Phase::Bureau));
        for event in [OrderEvent::Submit, OrderEvent::Withdraw] {
            assert!(
                presumed.clone().step(event.clone(), at()).is_err(),
                "{event:?}"
            );
        }
        let answered = presumed.clone().step(OrderEvent::SmsNotDone, at()).unwrap();
        assert!(answered.state.is_editable());
        assert!(answered.step(OrderEvent::Submit, at()).is_ok());
        let done = presumed.step(OrderEvent::SmsDone, at()).unwrap();
        assert_eq!(done.state, OrderState::BureauReview { since: at() });
    }

    #[test]
    fn a_return_is_reminded_of_on_its_days_and_a_missed_one_is_not_made_up_for() {
        let rulebook = Rulebook::shipped().unwrap();
        let day = |days: i64| at() + SignedDuration::from_hours(24 * days);
        let mut order = order(returned(ReturnedBy::Provider));
        let mut seen = Vec::new();
        // No sweep ran from day 9 to day 16.
        for today in (1..9).chain(16..47) {
            while let Some((due, event)) = order.due(&rulebook, day(today)) {
                seen.push((today, due == day(today), format!("{event:?}")));
                order = order.step(event, day(today)).unwrap();
            }
        }
        let seen: Vec<_> = seen
            .iter()
            .map(|(d, on, e)| (*d, *on, e.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                (5, true, "Remind(1)"),
                (16, false, "Remind(3)"),
                (45, true, "Lapse")
            ]
        );
        assert_eq!(order.state, OrderState::Draft);
        let presumed = returned(ReturnedBy::SmsCheckPresumed);
        let order = super::tests::order(presumed);
        assert_eq!(order.due(&rulebook, day(20)), None, "nothing to mend yet");
    }

    #[test]
    fn what_somebody_sent_back_is_the_filers_again() {
        for by in [
            ReturnedBy::Provider,
            ReturnedBy::Bureau,
            ReturnedBy::SmsCheck,
        ] {
            let back = order(returned(by));
            assert!(back.state.is_editable(), "{by:?}");
            assert_eq!(back.state.review_phase(), None, "{by:?}");
            assert!(back.step(OrderEvent::Withdraw, at()).is_ok(), "{by:?}");
        }
    }
}
