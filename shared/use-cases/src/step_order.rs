//! The steps of an order after its draft: submitted, withdrawn, reviewed, answered by the bureau.

use icp_domain::account::Actor;
use icp_domain::command::CommandId;
use icp_domain::filing::Takes;
use icp_domain::history::Happened;
use icp_domain::ids::{OrderId, UserId};
use icp_domain::notice::NoticeKind;
use icp_domain::order::{
    Approval, Decision, OrderEvent, OrderState, Proposed, ReturnReason, SamePerson, StepRefused,
    Word,
};
use icp_domain::{Invocation, Rulebook, Text, Violation};
use icp_store::records::{StoredFiling, StoredOrder};
use icp_store::{Answer, Change, CommitError, Failure, Repeat, Store, StoreError, keys};
use jiff::Timestamp;

use crate::By;
use crate::approve::{self, ApprovalRefused};
use crate::attempt::{Decided, Tries};
use crate::claim_item::{ClaimThen, held_text, rest_on_claim};
use crate::draft_order::own_order;
use crate::notices::post_notice;
use crate::weigh_order::Confirmation;

mod ahead;
mod answer;
mod lapse;
mod settle;
mod submission;

pub(crate) use answer::{Answered, RecordAnswer, Trial, Unrecorded, record_answer};
pub use lapse::lapse;
pub(crate) use submission::latest_proof;

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
    /// The filer submits; what takes away for good, with a confirmation.
    Submit(Option<Confirmation>),
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
    /// What it takes away has to be confirmed first.
    #[error("what the order takes away has to be shown and confirmed first")]
    ConfirmationNeeded,
    /// The account has as many subjects as new orders may make.
    #[error("an account has at most {0} subjects")]
    SubjectsOfAccount(u32),
    /// Somebody else of the staff works on it.
    #[error("somebody else works on it until {0}")]
    Claimed(Timestamp),
    /// A second person has to take the same decision.
    #[error(transparent)]
    SamePerson(#[from] SamePerson),
    /// Another order of the subject is in flight.
    #[error("another order of this filing is in flight")]
    OtherInFlight,
    /// The bureau's approval does not fit the order.
    #[error(transparent)]
    Approval(#[from] ApprovalRefused),
}

impl StepOrderRefused {
    /// What is said of it, to whoever may be told.
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::Draft(_) => "请按所列各项修改订单".to_owned(),
            Self::Step(refused) => return refused.text(),
            Self::ConfirmationNeeded => "此类订单不可撤销，请先查看后果并输入备案号确认".to_owned(),
            Self::SubjectsOfAccount(most) => format!("每个账号最多{most}个主体"),
            Self::Claimed(until) => return held_text("该订单", *until),
            Self::SamePerson(_) => "须由另一人员作出相同决定".to_owned(),
            Self::OtherInFlight => "该主体已有在途订单".to_owned(),
            Self::Approval(ApprovalRefused::TakenElsewhere(what)) => {
                format!("{}已在另一备案中，请先处理冲突", what.text().zh)
            }
            Self::Approval(_) => "管局结果与订单不符".to_owned(),
        };
        Text::new(zh, self.to_string())
    }
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
        let taking = Taking {
            store,
            rulebook,
            by: &command.by,
            command: &repeat.command,
        };
        let decided = async {
            let (change, done) = taking.decided(&command, inv).await?;
            // The answer is one row more.
            if Change::MOST_ROWS <= change.rows() && taking.go_ahead(&command.order, inv).await? {
                return Ok(None);
            }
            Ok::<_, Failure<StepOrderRefused>>(Some(Decided { change, done }))
        }
        .await;
        let decided = match decided {
            Ok(None) => continue,
            Ok(Some(decided)) => Ok(decided),
            Err(failure) => Err(failure),
        };
        if let Err(Failure::Refused(StepOrderRefused::Approval(ApprovalRefused::TakenElsewhere(
            what,
        )))) = &decided
        {
            competes(store, rulebook, &command.order, *what, inv.now).await?;
        }
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

/// Notes on an order that the bureau approved what another filing holds here: staff settle which of
/// them stands, and then record the approval again.
async fn competes(
    store: &Store,
    rulebook: &Rulebook,
    order: &OrderId,
    what: Takes,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(mut stored) = store.order(order).await? else {
        return Ok(());
    };
    if stored.order.conflicts.contains(&what) {
        return Ok(());
    }
    stored.order.conflicts.push(what);
    let mut change = Change::new();
    stored.put_head(&mut change, stored.order.wakes_at(rulebook), now)?;
    match store.commit(&change).await {
        // Whoever wrote first meets the same conflict when the approval is recorded.
        Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error),
    }
}

/// What taking a step may reach.
struct Taking<'a> {
    store: &'a Store,
    rulebook: &'a Rulebook,
    by: &'a By,
    command: &'a CommandId,
}

impl Taking<'_> {
    async fn decided(
        &self,
        command: &StepOrder,
        inv: &mut Invocation,
    ) -> Result<(Change, StoredOrder), Failure<StepOrderRefused>> {
        let stored = own_order(self.store, &command.order, &command.by).await?;
        if stored.version() != command.expected {
            return Err(Failure::ChangedMeanwhile);
        }
        let filing = self.store.filing(&stored.order.subject).await?;
        let filing = filing.ok_or(Failure::NotFound)?;
        self.step(stored, filing, command.step.clone(), inv).await
    }

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
            Step::Submit(confirmation) => {
                let confirmation = confirmation.as_ref();
                let draft = self
                    .submittable(&stored, &filing, confirmation, now)
                    .await?;
                self.note(&mut stored.order, &draft, &filing).await?;
                stored.put_domains(&mut change)?;
                OrderEvent::Submit
            }
            Step::Withdraw => OrderEvent::Withdraw,
            Step::Pass => OrderEvent::Pass,
            Step::Return(reasons) => OrderEvent::Return(unnamed(reasons, &stored, &filing)),
            Step::Send => OrderEvent::Send,
            Step::SmsDone => OrderEvent::SmsDone,
            Step::SmsNotDone => OrderEvent::SmsNotDone,
            Step::Reject(reasons) => OrderEvent::Reject(unnamed(reasons, &stored, &filing)),
            Step::Approve(approval) => OrderEvent::Approve(approval),
        };
        if let Actor::Staff { user, .. } = &self.by.actor {
            let row = keys::order(&stored.order.id);
            let then = ClaimThen::Ends;
            rest_on_claim(self.store, &mut change, (&row, user), then, now)
                .await?
                .map_err(|until| Failure::Refused(StepOrderRefused::Claimed(until)))?;
            if let Some(proposed) = proposed(&stored, &event, user, now)? {
                let what = match proposed.decision {
                    Decision::Pass => Happened::OrderPassProposed,
                    Decision::Approve => Happened::OrderApprovalProposed,
                };
                stored.order.proposed = Some(proposed);
                stored.put_head(&mut change, stored.order.wakes_at(self.rulebook), now)?;
                let deed = self.by.deed(what, stored.order.id.as_str(), self.command);
                filing.record(&mut change, deed, now)?;
                return Ok((change, stored));
            }
        }
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
            | OrderEvent::Remind(_)
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
}

fn unnamed(
    reasons: Vec<ReturnReason>,
    stored: &StoredOrder,
    filing: &StoredFiling,
) -> Vec<ReturnReason> {
    let reasons = reasons.into_iter();
    reasons
        .map(|reason| reason.unnamed(&stored.draft, &filing.filing))
        .collect()
}

/// The decision as it waits for a second person, where one alone does not take it.
fn proposed(
    stored: &StoredOrder,
    event: &OrderEvent,
    user: &UserId,
    now: Timestamp,
) -> Result<Option<Proposed>, Failure<StepOrderRefused>> {
    let decision = match event {
        OrderEvent::Pass => Decision::Pass,
        OrderEvent::Approve(_) => Decision::Approve,
        OrderEvent::Submit
        | OrderEvent::Withdraw
        | OrderEvent::Return(_)
        | OrderEvent::Send
        | OrderEvent::SmsDone
        | OrderEvent::SmsNotDone
        | OrderEvent::Reject(_)
        | OrderEvent::Remind(_)
        | OrderEvent::Lapse => return Ok(None),
    };
    let refused = |why: StepOrderRefused| Failure::Refused(why);
    // What the state does not take is refused before anybody else is asked.
    let step = stored.order.clone().step(event.clone(), now);
    step.map_err(|error| refused(error.into()))?;
    match stored.order.word(decision, user, now) {
        Ok(Word::Taken) => Ok(None),
        Ok(Word::Waits(proposed)) => Ok(Some(proposed)),
        Err(same) => Err(refused(same.into())),
    }
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
fn happened(state: &OrderState) -> Happened {
    match state {
        OrderState::Draft => Happened::OrderBackToDraft,
        OrderState::ProviderReview { .. } => Happened::OrderSubmitted,
        OrderState::Returned { .. } => Happened::OrderReturned,
        OrderState::Queued { .. } => Happened::OrderPassed,
        OrderState::BureauSms { .. } => Happened::OrderSentToBureau,
        OrderState::BureauReview { .. } => Happened::OrderSmsDone,
        OrderState::Approved { .. } => Happened::OrderApproved,
        OrderState::Withdrawn { .. } => Happened::OrderWithdrawn,
        OrderState::Dead { .. } => Happened::OrderDied,
    }
}
