//! The end of a person's data.

use icp_domain::filing::{Filing, SubjectState};
use icp_domain::history::Happened;
use icp_domain::identifiers::Mobile;
use icp_domain::ids::{AccountId, OrderId, PersonId, SubjectId, UnitId};
use icp_domain::order::{DraftLeft, OrderEvent, OrderState, TypedCertificate, TypedPerson};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{AccountContact, StoredFiling, StoredOrder};
use icp_store::{
    Answer, Change, CommitError, Cursor, Failure, Guard, OwnerList, Repeat, Store, StoreError, keys,
};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::By;
use crate::attempt::{Decided, Tries};

/// Whom to erase in a filing and in the drafts of its orders.
#[derive(Debug, Clone)]
pub enum Whom {
    /// Whoever stands under an id of the filing.
    Person(PersonId),
    /// Whoever has a mobile: also one who was replaced under an id that another has now.
    Mobile(Mobile),
}

impl Whom {
    fn is_typed(&self, typed: &TypedPerson) -> bool {
        match self {
            Self::Person(id) => typed.id == id.as_str(),
            Self::Mobile(mobile) => Mobile::parse(typed.mobile.reveal()).as_ref() == Ok(mobile),
        }
    }

    /// The persons of a filing who are meant.
    fn of(&self, filing: &Filing) -> Vec<PersonId> {
        let persons = filing.persons.iter();
        let theirs = persons.filter(|(id, person)| match self {
            Self::Person(whom) => *id == whom,
            Self::Mobile(mobile) => person.details.mobile == *mobile,
        });
        theirs.map(|(id, _)| id.clone()).collect()
    }
}

/// Why a person is not erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseRefused {
    /// The bureau's record names the person.
    #[error(
        "the bureau's record names this person; a change filing or a deregistration comes first"
    )]
    OnRecord,
    /// An order is under way.
    #[error("an order of this filing is in flight")]
    OrderInFlight,
}

/// What was erased.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Erased {
    /// When the last copy, that of point-in-time recovery, is gone; `None` where nobody was found.
    pub complete_at: Option<Timestamp>,
    /// Persons of the filing.
    pub persons: usize,
    /// Whether the subject's own data went with it, as of an individual.
    pub subject_too: bool,
    /// Drafts of orders, of this call: what an earlier one that broke off erased is not counted.
    pub drafts: usize,
    /// Whether the contact of the account's holder was theirs, and went too.
    pub holder: bool,
}

/// Days that point-in-time recovery reaches back.
///
/// Source: Amazon DynamoDB, point-in-time recovery.
const RECOVERY: SignedDuration = SignedDuration::from_hours(35 * 24);

/// Erases a person whom the bureau's record does not name: in drafts, order by order, then in the
/// filing and, where the person is the subject, the subject's data. Files go with what is left of the
/// orders that brought them. A call that broke off is asked again, and goes on.
pub async fn erase(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<Erased>,
    by: &By,
    (subject, whom, reason): (&SubjectId, &Whom, &str),
) -> Result<Answer, Failure<EraseRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let stored = store.filing(subject).await?;
            let mut stored = stored.ok_or(Failure::NotFound)?;
            if stored.filing.subject.order_in_flight.is_some() {
                return Err(Failure::Refused(EraseRefused::OrderInFlight));
            }
            let persons = whom.of(&stored.filing);
            if persons
                .iter()
                .any(|person| is_named(&stored.filing, person))
            {
                return Err(Failure::Refused(EraseRefused::OnRecord));
            }
            let subject_too = persons
                .iter()
                .any(|person| is_subject(&stored.filing, person));
            let erasing = ErasingDrafts {
                store,
                rulebook,
                whom,
                whole: subject_too,
                named: stored.filing.principals().into_iter().cloned().collect(),
            };
            let drafts = erasing.all(&stored, inv).await?;
            let mut change = Change::new();
            for person in &persons {
                if let Some(held) = stored.filing.persons.get(person) {
                    store.forget_sent_to(&held.details.mobile).await?;
                }
                stored.delete_person(&mut change, person);
                change.delete(keys::challenge(subject, person), Guard::Parent);
            }
            erase_reports(store, &mut change, &stored, (&persons, subject_too), inv).await?;
            if subject_too {
                stored.erase_subject(store, &mut change, inv).await?;
                for material in std::mem::take(&mut stored.filing.materials).into_keys() {
                    change.delete(keys::material(stored.id(), &material), Guard::Parent);
                }
            }
            for person in &persons {
                stored.filing.persons.remove(person);
            }
            let account = stored.filing.subject.account.clone();
            let holder = erase_holder(store, &mut change, whom, &account, inv).await?;
            let about = match whom {
                Whom::Person(person) => format!("{person}: {reason}"),
                Whom::Mobile(_) => reason.to_owned(),
            };
            let deed = by.deed(Happened::PersonErased, &about, &repeat.command);
            stored.record(&mut change, deed, inv.now)?;
            let done = Erased {
                complete_at: (0 < persons.len() + drafts || holder).then(|| inv.now + RECOVERY),
                persons: persons.len(),
                subject_too,
                drafts,
                holder,
            };
            Ok::<_, Failure<EraseRefused>>(Decided { change, done })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

/// Takes away what was reported: all of it with the subject, and the register's answer where it names a person
/// who is erased. What was heard of a person's number goes with the person's key.
async fn erase_reports(
    store: &Store,
    change: &mut Change,
    stored: &StoredFiling,
    (persons, subject_too): (&[PersonId], bool),
    inv: &mut Invocation,
) -> Result<(), StoreError> {
    if subject_too {
        for unit in stored.reported.keys() {
            stored.delete_reported(change, unit);
        }
        return Ok(());
    }
    let unit = UnitId::of_subject(stored.id().clone());
    let mut reported = stored.reported(&unit);
    let held = persons
        .iter()
        .filter_map(|id| stored.filing.persons.get(id));
    let named = held.map(|person| person.details.name.reveal()).any(|name| {
        let answer = reported.registry.as_ref();
        answer.is_some_and(|answer| answer.report.names(name))
    });
    if named {
        reported.registry = None;
        stored
            .put_reported(store, change, &unit, reported, inv)
            .await?;
    }
    Ok(())
}

/// Takes the contact of the account's holder away, where it is of the mobile that is erased.
async fn erase_holder(
    store: &Store,
    change: &mut Change,
    whom: &Whom,
    account: &AccountId,
    inv: &mut Invocation,
) -> Result<bool, StoreError> {
    let Whom::Mobile(mobile) = whom else {
        return Ok(false);
    };
    let held = store.account_contact(account).await?;
    if held.contact.mobile.as_ref() != Some(mobile) {
        return Ok(false);
    }
    let nobody = AccountContact::default();
    held.put(store, change, account, &nobody, inv).await?;
    store.forget_sent_to(mobile).await?;
    Ok(true)
}

/// Whether the bureau's record names a person: as the principal of a filed subject, or of a service.
fn is_named(filing: &Filing, person: &PersonId) -> bool {
    let filed = match filing.subject.state {
        SubjectState::Filed { .. } => true,
        SubjectState::New | SubjectState::Deregistered { .. } => false,
    };
    filed && filing.principals().contains(&person)
}

/// Whether the subject is the person: an individual who files for oneself.
fn is_subject(filing: &Filing, person: &PersonId) -> bool {
    let details = filing.subject.details.as_ref();
    details
        .is_some_and(|details| details.certificate.is_of_person() && details.principal == *person)
}

/// Takes a person out of the drafts of a filing's orders.
struct ErasingDrafts<'a> {
    store: &'a Store,
    rulebook: &'a Rulebook,
    whom: &'a Whom,
    /// Whether the drafts go whole, with their files.
    whole: bool,
    /// Persons of the filing who stay, and keep their codes.
    named: Vec<PersonId>,
}

impl ErasingDrafts<'_> {
    /// Erases the person in every draft, each in a commit of its own; tells how many held the person.
    async fn all(
        &self,
        filing: &StoredFiling,
        inv: &mut Invocation,
    ) -> Result<usize, Failure<EraseRefused>> {
        let account = &filing.filing.subject.account;
        let (mut cursor, mut erased): (Option<Cursor>, usize) = (None, 0);
        loop {
            let page = self
                .store
                .owned(account, OwnerList::Orders, cursor.as_ref(), 50)
                .await?;
            for (order, _) in self.store.order_heads(&page.keys).await? {
                if order.subject == *filing.id() {
                    erased += usize::from(self.one(&order.id, inv).await?);
                }
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(erased);
            }
        }
    }

    async fn one(
        &self,
        order: &OrderId,
        inv: &mut Invocation,
    ) -> Result<bool, Failure<EraseRefused>> {
        for _ in 0..=self.rulebook.policy.sweeps.reloads {
            let Some(stored) = self.store.order(order).await? else {
                return Ok(false);
            };
            if stored.order.state.is_in_flight() {
                return Err(Failure::Refused(EraseRefused::OrderInFlight));
            }
            let Some(change) = self.erased(stored, inv).await? else {
                return Ok(false);
            };
            match self.store.commit(&change).await {
                Ok(()) => return Ok(true),
                // The filer wrote first: load and decide again.
                Err(CommitError::Conflict(_)) => {}
                Err(CommitError::Store(error)) => return Err(error.into()),
            }
        }
        Err(Failure::ChangedMeanwhile)
    }

    /// The order without the person; `None` where its draft holds nothing of the person.
    async fn erased(
        &self,
        mut stored: StoredOrder,
        inv: &mut Invocation,
    ) -> Result<Option<Change>, StoreError> {
        let holds = stored
            .draft
            .persons
            .iter()
            .any(|typed| self.whom.is_typed(typed));
        let is_left = stored.order.left == DraftLeft::Whole || !stored.uploads.is_empty();
        if !(holds || self.whole && (is_left || !stored.order.sites.is_empty())) {
            return Ok(None);
        }
        let mut change = Change::new();
        // Codes that were asked for while the person stood in the draft.
        let theirs = stored.draft.persons.iter();
        let theirs = theirs.filter(|typed| self.whole || self.whom.is_typed(typed));
        for person in theirs.filter_map(|typed| typed.id.parse().ok()) {
            if !self.named.contains(&person) {
                let row = keys::challenge(&stored.order.subject, &person);
                change.delete(row, Guard::Parent);
            }
        }
        if self.whole || self.is_subject_of(&stored) {
            stored.delete_draft(&mut change);
            stored.order.sites.clear();
            if is_left {
                stored.order.left = DraftLeft::Files { erased_at: inv.now };
            }
            // A draft of nothing is nobody's to go on with.
            if stored.order.state == OrderState::Draft
                && let Ok(dead) = stored.order.clone().step(OrderEvent::Lapse, inv.now)
            {
                stored.order = dead;
            }
        } else {
            let mut draft = std::mem::take(&mut stored.draft);
            draft.persons.retain(|typed| !self.whom.is_typed(typed));
            stored
                .put_draft(self.store, &mut change, &draft, inv)
                .await?;
        }
        stored.put_head(&mut change, stored.order.wakes_at(self.rulebook), inv.now)?;
        Ok(Some(change))
    }

    /// Whether the draft's subject is the person.
    fn is_subject_of(&self, stored: &StoredOrder) -> bool {
        let subject = &stored.draft.subject;
        let of_person = subject
            .certificate
            .as_ref()
            .is_some_and(TypedCertificate::is_of_person);
        let mut persons = stored.draft.persons.iter();
        of_person && persons.any(|typed| typed.id == subject.principal && self.whom.is_typed(typed))
    }
}
