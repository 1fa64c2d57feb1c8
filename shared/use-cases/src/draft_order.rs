//! Begins an order and edits its draft.

use icp_domain::filing::{Custody, StoredObject};
use icp_domain::history::Happened;
use icp_domain::ids::{AccountId, OrderId, SubjectId};
use icp_domain::order::{Order, OrderKind, OrderState, StepRefused, TypedDraft};
use icp_domain::{Invocation, Rulebook, Violation};
use icp_store::records::{StoredFiling, StoredOrder};
use icp_store::{Answer, Change, Failure, Repeat, Store};

use crate::By;
use crate::attempt::{Decided, Tries};
use crate::upload_material::unseen;

/// Begins an order.
#[derive(Debug, Clone)]
pub struct DraftOrder {
    /// The account that asks.
    pub account: AccountId,
    /// Who, from where.
    pub by: By,
    /// The wish.
    pub kind: OrderKind,
    /// The filing that it is about; `None` where a first filing begins one, or an added site or
    /// access one of a subject that is filed elsewhere.
    pub subject: Option<SubjectId>,
    /// The draft, as typed.
    pub draft: TypedDraft,
}

/// Edits a draft.
#[derive(Debug, Clone)]
pub struct EditOrder {
    /// The order.
    pub order: OrderId,
    /// Who, from where.
    pub by: By,
    /// The version that the caller saw.
    pub expected: u64,
    /// The draft, as typed.
    pub draft: TypedDraft,
}

/// Why a draft is not kept.
#[derive(Debug, thiserror::Error)]
pub enum DraftRefused {
    /// It cannot even be kept.
    #[error("the draft cannot be kept")]
    Unkeepable(Vec<Violation>),
    /// A first filing names a filing, or a change names none.
    #[error(
        "a first filing names no filing, and a change or an end names the one that it is about"
    )]
    SubjectOfKind,
    /// The account has as many subjects as new orders may make.
    #[error("an account has at most {0} subjects")]
    SubjectsOfAccount(u32),
    /// The order cannot be edited as it stands.
    #[error(transparent)]
    NotEditable(#[from] StepRefused),
}

/// Begins an order: a draft, not in flight. A first filing begins its filing with it.
pub async fn draft(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<StoredOrder>,
    command: DraftOrder,
) -> Result<Answer, Failure<DraftRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            fits(&command.draft)?;
            let mut filing = match (command.kind, &command.subject) {
                (OrderKind::FirstFiling | OrderKind::AddSite | OrderKind::AddAccess, None) => {
                    let most = rulebook.policy.orders.subjects_per_account;
                    if u64::from(most) <= store.account(&command.account).await?.subjects {
                        return Err(Failure::Refused(DraftRefused::SubjectsOfAccount(most)));
                    }
                    let subject = SubjectId::derived("subject", &[repeat.command.as_str()]);
                    StoredFiling::begun(store, subject, command.account.clone(), inv).await?
                }
                (
                    OrderKind::AddSite
                    | OrderKind::AddAccess
                    | OrderKind::Change
                    | OrderKind::DeregisterSite
                    | OrderKind::DeregisterSubject
                    | OrderKind::CancelAccess,
                    Some(subject),
                ) => {
                    let found = store.filing(subject).await?;
                    found
                        .filter(|stored| command.by.may_see(&stored.filing.subject.account))
                        .ok_or(Failure::NotFound)?
                }
                (OrderKind::FirstFiling, Some(_))
                | (
                    OrderKind::Change
                    | OrderKind::DeregisterSite
                    | OrderKind::DeregisterSubject
                    | OrderKind::CancelAccess,
                    None,
                ) => return Err(Failure::Refused(DraftRefused::SubjectOfKind)),
            };
            seen_only(&command.draft, &filing_objects(&filing))?;
            let order = Order::begun(
                OrderId::derived("order", &[repeat.command.as_str()]),
                command.account.clone(),
                filing.id().clone(),
                command.kind,
                inv.now,
            );
            let mut stored = StoredOrder::begun(order);
            stored.order.sites = command.draft.sites(&filing.filing);
            let mut change = Change::new();
            stored
                .put_draft(store, &mut change, &command.draft, inv)
                .await?;
            stored.put_head(&mut change, stored.order.wakes_at(rulebook), inv.now)?;
            let about = stored.order.id.as_str();
            let deed = command
                .by
                .deed(Happened::OrderDrafted, about, &repeat.command);
            filing.record(&mut change, deed, inv.now)?;
            stored.draft = command.draft.clone();
            Ok::<_, Failure<DraftRefused>>(Decided {
                change,
                done: stored,
            })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

/// Replaces a draft that is open to edits.
pub async fn edit(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<StoredOrder>,
    command: EditOrder,
) -> Result<Answer, Failure<DraftRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let subject = own_order(store, &command.order, &command.by)
                .await?
                .order
                .subject;
            // A code confirmed meanwhile writes the filing's head, and its proof into the draft: read
            // in this order, the edit either keeps the proof or meets the head.
            let filing = store.filing(&subject).await?;
            let mut filing = filing.ok_or(Failure::NotFound)?;
            let mut stored = own_order(store, &command.order, &command.by).await?;
            if stored.version() != command.expected {
                return Err(Failure::ChangedMeanwhile);
            }
            if !stored.order.state.is_editable() {
                let state = stored.order.state.text();
                return Err(Failure::Refused(StepRefused { state }.into()));
            }
            fits(&command.draft)?;
            let uploads = stored.uploads.values();
            let uploads = uploads.filter_map(|upload| upload.seen.as_ref());
            let mut seen = filing_objects(&filing);
            seen.extend(uploads);
            seen_only(&command.draft, &seen)?;
            stored.order.edited_at = inv.now;
            stored.order.sites = command.draft.sites(&filing.filing);
            let mut change = Change::new();
            stored
                .put_draft(store, &mut change, &command.draft, inv)
                .await?;
            stored.put_head(&mut change, stored.order.wakes_at(rulebook), inv.now)?;
            let about = stored.order.id.as_str();
            let deed = command
                .by
                .deed(Happened::OrderEdited, about, &repeat.command);
            filing.record(&mut change, deed, inv.now)?;
            stored.draft = command.draft.clone();
            Ok::<_, Failure<DraftRefused>>(Decided {
                change,
                done: stored,
            })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

fn fits(draft: &TypedDraft) -> Result<(), Failure<DraftRefused>> {
    let unkeepable = draft.unkeepable();
    if unkeepable.is_empty() {
        Ok(())
    } else {
        Err(Failure::Refused(DraftRefused::Unkeepable(unkeepable)))
    }
}

/// Refuses files that nobody saw.
fn seen_only(draft: &TypedDraft, known: &[&StoredObject]) -> Result<(), Failure<DraftRefused>> {
    let unseen = unseen(draft, known);
    if unseen.is_empty() {
        Ok(())
    } else {
        Err(Failure::Refused(DraftRefused::Unkeepable(unseen)))
    }
}

fn filing_objects(filing: &StoredFiling) -> Vec<&StoredObject> {
    let materials = filing.filing.materials.values();
    let objects = materials.filter_map(|material| match &material.custody {
        Custody::Stored(object) => Some(object),
        Custody::Paper { .. } | Custody::Unknown => None,
    });
    objects.collect()
}

/// An order that is there for the caller.
pub(crate) async fn own_order<R>(
    store: &Store,
    id: &OrderId,
    by: &By,
) -> Result<StoredOrder, Failure<R>> {
    let found = store.order(id).await?;
    found
        .filter(|stored| by.may_see(&stored.order.account))
        .filter(|stored| !by.is_staff() || stored.order.state != OrderState::Draft)
        .ok_or(Failure::NotFound)
}
