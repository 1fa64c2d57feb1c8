//! The steps of an order after its draft: submitted, withdrawn, reviewed, answered by the bureau.

use icp_domain::command::CommandId;
use icp_domain::filing::{Filing, Proof};
use icp_domain::ids::OrderId;
use icp_domain::notice::NoticeKind;
use icp_domain::order::{
    Against, Approval, Draft, OrderEvent, OrderState, ReturnReason, StepRefused,
};
use icp_domain::{Invocation, Rulebook, Text, Violation};
use icp_store::records::{StoredFiling, StoredOrder};
use icp_store::{Answer, Change, CommitError, Failure, Repeat, Store, StoreError};
use jiff::Timestamp;

use crate::By;
use crate::approve::{self, ApprovalRefused};
use crate::attempt::{Decided, Stepped, Tries};
use crate::draft_order::own_order;
use crate::notices::post_notice;

mod settle;

use settle::settle;

/// A step of an order.
#[derive(Debug, Clone)]
pub struct StepOrder {
    /// The order.
    pub order: OrderId,
    /// Who, from where.
    pub by: By,
    /// The version that the caller saw.
    pub expected: u64,
    /// The step.
    pub step: Step,
}

/// What a caller may do with an order.
#[derive(Debug, Clone)]
pub enum Step {
    /// The filer submits.
    Submit,
    /// The filer takes it back.
    Withdraw,
    /// Staff pass it.
    Pass,
    /// Staff send it back.
    Return(Vec<ReturnReason>),
    /// Staff record that it was sent to the bureau.
    Send,
    /// Staff record that all named persons answered the bureau.
    SmsDone,
    /// Staff record that they did not.
    SmsNotDone,
    /// Staff record the bureau's rejection.
    Reject(Vec<ReturnReason>),
    /// Staff record the bureau's approval.
    Approve(Approval),
}

/// Why a step is refused.
#[derive(Debug, thiserror::Error)]
pub enum StepOrderRefused {
    /// The draft breaks rules: all of them.
    #[error("the draft breaks rules")]
    Draft(Vec<Violation>),
    /// The state does not take the step.
    #[error(transparent)]
    Step(#[from] StepRefused),
    /// Another order of the subject is in flight.
    #[error("another order of this filing is in flight")]
    OtherInFlight,
    /// The bureau's approval does not fit the order.
    #[error(transparent)]
    Approval(#[from] ApprovalRefused),
}

/// Takes a step of an order.
pub async fn step(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<StoredOrder>,
    command: StepOrder,
) -> Result<Answer, Failure<StepOrderRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let stored = own_order(store, &command.order, &command.by).await?;
            if stored.version() != command.expected {
                return Err(Failure::ChangedMeanwhile);
            }
            let filing = store
                .filing(&stored.order.subject)
                .await?
                .ok_or(Failure::NotFound)?;
            let taken = Taking {
                store,
                rulebook,
                by: &command.by,
                command: &repeat.command,
            };
            let (change, done) = taken
                .step(stored, filing, command.step.clone(), inv)
                .await?;
            Ok::<_, Failure<StepOrderRefused>>(Decided { change, done })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

/// Lets an order's clock act, if it is time: an idle return, a dead draft, a presumed SMS lapse.
pub async fn lapse(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    order: &OrderId,
    function: &str,
) -> Result<Stepped, StoreError> {
    let by = By::machine(function);
    for _ in 0..=rulebook.policy.sweeps.reloads {
        let Some(change) = lapsed(store, rulebook, inv.now, order, &by).await? else {
            return Ok(Stepped::Overtaken);
        };
        match store.commit(&change).await {
            Ok(()) => return Ok(Stepped::Done),
            // Somebody acted in time: load and decide again.
            Err(CommitError::Conflict(_)) => {}
            Err(CommitError::Store(error)) => return Err(error),
        }
    }
    Ok(Stepped::Overtaken)
}

async fn lapsed(
    store: &Store,
    rulebook: &Rulebook,
    now: Timestamp,
    order: &OrderId,
    by: &By,
) -> Result<Option<Change>, StoreError> {
    let Some(mut stored) = store.order(order).await? else {
        return Ok(None);
    };
    let due = stored.order.wakes_at(rulebook).filter(|due| *due <= now);
    let Some(due) = due else { return Ok(None) };
    let Some(mut filing) = store.filing(&stored.order.subject).await? else {
        return Ok(None);
    };
    let Ok(next) = stored.order.clone().step(OrderEvent::Lapse, now) else {
        return Ok(None);
    };
    stored.order = next;
    let mut change = Change::new();
    settle(&mut change, &stored, &mut filing, now)?;
    stored.put_head(&mut change, stored.order.wakes_at(rulebook), now)?;
    let command = CommandId::of_due(order.as_str(), "lapse", due);
    let deed = by.deed(happened(&stored.order.state), order.as_str(), &command);
    filing.record(&mut change, deed, now)?;
    Ok(Some(change))
}

/// What taking a step may reach.
struct Taking<'a> {
    store: &'a Store,
    rulebook: &'a Rulebook,
    by: &'a By,
    command: &'a CommandId,
}

impl Taking<'_> {
    async fn step(
        &self,
        mut stored: StoredOrder,
        mut filing: StoredFiling,
        step: Step,
        inv: &mut Invocation,
    ) -> Result<(Change, StoredOrder), Failure<StepOrderRefused>> {
        let now = inv.now;
        let mut change = Change::new();
        let event = match step {
            Step::Submit => {
                self.submittable(&stored, &filing, now).await?;
                OrderEvent::Submit
            }
            Step::Withdraw => OrderEvent::Withdraw,
            Step::Pass => OrderEvent::Pass,
            Step::Return(reasons) => OrderEvent::Return(reasons),
            Step::Send => OrderEvent::Send,
            Step::SmsDone => OrderEvent::SmsDone,
            Step::SmsNotDone => OrderEvent::SmsNotDone,
            Step::Reject(reasons) => OrderEvent::Reject(reasons),
            Step::Approve(approval) => OrderEvent::Approve(approval),
        };
        let approval = match &event {
            OrderEvent::Approve(approval) => Some(approval.clone()),
            OrderEvent::Submit
            | OrderEvent::Withdraw
            | OrderEvent::Pass
            | OrderEvent::Return(_)
            | OrderEvent::Send
            | OrderEvent::SmsDone
            | OrderEvent::SmsNotDone
            | OrderEvent::Reject(_)
            | OrderEvent::Lapse => None,
        };
        stored.order = stored
            .order
            .clone()
            .step(event, now)
            .map_err(|error| Failure::Refused(error.into()))?;
        settle(&mut change, &stored, &mut filing, now)?;
        if let Some(approval) = approval {
            let approving = approve::Approving {
                store: self.store,
                rulebook: self.rulebook,
            };
            approving
                .apply(&mut change, &stored, &mut filing, &approval, inv)
                .await?;
        }
        if let Some(kind) = told(&stored.order.state, stored.order.id.clone()) {
            let policy = &self.rulebook.policy.cases;
            post_notice(&mut change, self.command, filing.id(), kind, now, policy)?;
        }
        stored.put_head(&mut change, stored.order.wakes_at(self.rulebook), now)?;
        let deed = self.by.deed(
            happened(&stored.order.state),
            stored.order.id.as_str(),
            self.command,
        );
        filing.record(&mut change, deed, now)?;
        Ok((change, stored))
    }

    /// All that a submission demands: the draft's rules, the proofs, and no other order in flight.
    async fn submittable(
        &self,
        stored: &StoredOrder,
        filing: &StoredFiling,
        now: Timestamp,
    ) -> Result<(), Failure<StepOrderRefused>> {
        let other = filing.filing.subject.order_in_flight.as_ref();
        if other.is_some_and(|other| *other != stored.order.id) {
            return Err(Failure::Refused(StepOrderRefused::OtherInFlight));
        }
        let against = Against {
            kind: stored.order.kind,
            filing: &filing.filing,
            rulebook: self.rulebook,
            now,
        };
        let draft = stored.draft.checked(&against);
        let draft = draft.map_err(|found| Failure::Refused(StepOrderRefused::Draft(found)))?;
        let unproven = unproven(self.store, stored, &filing.filing, &draft, now).await?;
        if unproven.is_empty() {
            Ok(())
        } else {
            Err(Failure::Refused(StepOrderRefused::Draft(unproven)))
        }
    }
}

/// The latest proof of a draft's person: of the draft itself, or of the filing where the number stayed
/// the same. It may have lapsed.
pub(crate) async fn latest_proof(
    store: &Store,
    stored: &StoredOrder,
    filing: &Filing,
    person: &icp_domain::ids::PersonId,
    mobile: &icp_domain::identifiers::Mobile,
) -> Result<Option<Proof>, StoreError> {
    let hash = store.keys().hashed(mobile.reveal()).await?;
    let of_draft = stored
        .proofs
        .get(person.as_str())
        .filter(|(proven, _)| *proven == hash)
        .map(|(_, proof)| *proof);
    let of_filing = filing
        .persons
        .get(person)
        .filter(|person| person.details.mobile == *mobile)
        .and_then(|person| person.proof);
    let proofs = [of_draft, of_filing].into_iter().flatten();
    Ok(proofs.max_by_key(|proof| proof.until))
}

/// Every person of the draft whose number is not proven.
async fn unproven(
    store: &Store,
    stored: &StoredOrder,
    filing: &Filing,
    draft: &Draft,
    now: Timestamp,
) -> Result<Vec<Violation>, StoreError> {
    let mut found = Vec::new();
    for (at, typed) in stored.draft.persons.iter().enumerate() {
        let Some((id, person)) = draft.persons.iter().find(|(id, _)| id.as_str() == typed.id)
        else {
            continue;
        };
        let proof = latest_proof(store, stored, filing, id, &person.mobile).await?;
        if !proof.is_some_and(|proof| proof.stands(now)) {
            found.push(Violation {
                field: format!("/persons/{at}/mobile"),
                rule: "number-not-verified".to_owned(),
                text: Text::new(
                    "手机号码须先由本人通过短信验证码核验",
                    "the person must first prove the number by SMS code",
                ),
                source: "《非经营性互联网信息服务备案管理办法》第七条".to_owned(),
                as_of: None,
            });
        }
    }
    Ok(found)
}

/// What the filer is told of an order's new state.
fn told(state: &OrderState, order: OrderId) -> Option<NoticeKind> {
    match state {
        OrderState::Returned { .. } => Some(NoticeKind::OrderReturned { order }),
        OrderState::Approved { .. } => Some(NoticeKind::OrderApproved { order }),
        OrderState::Draft
        | OrderState::ProviderReview { .. }
        | OrderState::Queued { .. }
        | OrderState::BureauSms { .. }
        | OrderState::BureauReview { .. }
        | OrderState::Withdrawn { .. }
        | OrderState::Dead { .. } => None,
    }
}

/// The step's name in history, by the state that it led to.
fn happened(state: &OrderState) -> &'static str {
    match state {
        OrderState::Draft => "order-back-to-draft",
        OrderState::ProviderReview { .. } => "order-submitted",
        OrderState::Returned { .. } => "order-returned",
        OrderState::Queued { .. } => "order-passed",
        OrderState::BureauSms { .. } => "order-sent-to-bureau",
        OrderState::BureauReview { .. } => "order-sms-done",
        OrderState::Approved { .. } => "order-approved",
        OrderState::Withdrawn { .. } => "order-withdrawn",
        OrderState::Dead { .. } => "order-died",
    }
}
