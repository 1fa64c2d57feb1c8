//! Rights of the people whose data are filed: a copy of them, and their end; and the rotation of the
//! keys that seal them.
//!
//! **Invariant:** whoever the bureau's record names is not erased while it does; what is erased
//! cannot be opened again, since its key is gone with it.
//!
//! Source: 《个人信息保护法》第四十五条（查阅、复制）、第四十七条（删除）.

use icp_domain::filing::{Custody, Filing, Person, PersonDetails, Proof, SubjectState};
use icp_domain::identifiers::{IcpNumber, Mobile};
use icp_domain::ids::{PersonId, SubjectId};
use icp_domain::order::{TypedCertificate, TypedDraft};
use icp_domain::{Invocation, Rulebook};
use icp_store::files::Files;
use icp_store::records::{StoredFiling, StoredOrder};
use icp_store::{Answer, Change, Cursor, Failure, OwnerList, Repeat, Store, StoreError, keys};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::By;
use crate::attempt::{Decided, Tries};
use crate::read::ReadRefused;

/// All that is stored of a person in one filing.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredOfPerson {
    /// The filing.
    pub subject: SubjectId,
    /// The person's id in it.
    pub person: PersonId,
    /// The subject's number.
    pub number: Option<IcpNumber>,
    /// Of which services the person is principal, and whether of the subject.
    pub principal_of: Vec<String>,
    /// Name, identity document, mobile and mail.
    pub details: PersonDetails,
    /// The proof of the mobile.
    pub proof: Option<Proof>,
}

/// Most filings of one person whose data are handed out at once, so that it is recorded in one
/// commit.
const MOST_FILINGS: usize = 30;

/// A copy of all that is stored of whoever answers under a mobile; that it was given stands in the
/// history of each filing.
pub async fn copy(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<Vec<StoredOfPerson>>,
    by: &By,
    (mobile, reason): (&Mobile, &str),
) -> Result<Answer, Failure<ReadRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let mut change = Change::new();
            let mut found = Vec::new();
            let subjects = store.users_of(mobile).await?;
            for subject in subjects.iter().take(MOST_FILINGS) {
                let Some(mut stored) = store.filing(subject).await? else {
                    continue;
                };
                let filing = &stored.filing;
                let persons = filing.persons.iter();
                let theirs = persons.filter(|(_, person)| person.details.mobile == *mobile);
                found.extend(theirs.map(|(id, person)| of_person(filing, id, person)));
                let deed = by.deed("personal-data-copied", reason, &repeat.command);
                stored.record(&mut change, deed, inv.now)?;
            }
            Ok::<_, Failure<ReadRefused>>(Decided {
                change,
                done: found,
            })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

fn of_person(filing: &Filing, id: &PersonId, person: &Person) -> StoredOfPerson {
    let of_subject = filing
        .subject
        .details
        .iter()
        .filter(|details| details.principal == *id)
        .map(|_| "subject".to_owned());
    let of_services = filing
        .services
        .iter()
        .filter(|(_, service)| service.details.principal == *id)
        .map(|(service, _)| service.to_string());
    StoredOfPerson {
        subject: filing.subject.id.clone(),
        person: id.clone(),
        number: filing.number().cloned(),
        principal_of: of_subject.chain(of_services).collect(),
        details: person.details.clone(),
        proof: person.proof,
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

/// A person that was erased.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Erased {
    /// When the last copy, that of point-in-time recovery, is gone.
    pub complete_at: Timestamp,
    /// Whether the subject's own data went with it, as of an individual.
    pub subject_too: bool,
    /// Drafts of orders that held the person.
    pub drafts: usize,
}

/// Days that point-in-time recovery reaches back.
///
/// Source: Amazon DynamoDB, point-in-time recovery.
const RECOVERY: SignedDuration = SignedDuration::from_hours(35 * 24);

/// Erases a person whom the bureau's record does not name: rows, keys, drafts and, where the person is
/// the subject, the subject's data and files.
pub async fn erase(
    store: &Store,
    files: &Files,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<Erased>,
    by: &By,
    (subject, person, reason): (&SubjectId, &PersonId, &str),
) -> Result<Answer, Failure<EraseRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let stored = store.filing(subject).await?;
            let mut stored = stored.ok_or(Failure::NotFound)?;
            if stored.filing.subject.order_in_flight.is_some() {
                return Err(Failure::Refused(EraseRefused::OrderInFlight));
            }
            if is_named(&stored.filing, person) {
                return Err(Failure::Refused(EraseRefused::OnRecord));
            }
            let mut change = Change::new();
            // Whoever was replaced, or never approved, stands in drafts of orders alone.
            let in_filing = stored.filing.persons.contains_key(person);
            if in_filing {
                stored.delete_person(&mut change, person);
                change.delete(keys::challenge(subject, person), icp_store::Guard::Parent);
                stored.filing.persons.remove(person);
            }
            let erasing = ErasingDrafts {
                store,
                files,
                rulebook,
                person,
            };
            let subject_too = is_subject(&stored.filing, person);
            let drafts = erasing.all(&stored, subject_too, &mut change, inv).await?;
            if !in_filing && drafts == 0 {
                return Err(Failure::NotFound);
            }
            if subject_too {
                stored.erase_subject(store, inv).await?;
                erase_files(files, &mut stored, &mut change).await?;
            }
            let about = format!("{person}: {reason}");
            let deed = by.deed("person-erased", &about, &repeat.command);
            stored.record(&mut change, deed, inv.now)?;
            let done = Erased {
                complete_at: inv.now + RECOVERY,
                subject_too,
                drafts,
            };
            Ok::<_, Failure<EraseRefused>>(Decided { change, done })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
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

async fn erase_files(
    files: &Files,
    stored: &mut StoredFiling,
    change: &mut Change,
) -> Result<(), StoreError> {
    for (id, material) in std::mem::take(&mut stored.filing.materials) {
        // The object first: a row whose object is gone is found again, an object without a row never.
        if let Custody::Stored(object) = &material.custody {
            files.delete(&object.key, object.version.as_deref()).await?;
        }
        change.delete(keys::material(stored.id(), &id), icp_store::Guard::Parent);
    }
    Ok(())
}

/// Takes a person out of the drafts of a filing's orders.
struct ErasingDrafts<'a> {
    store: &'a Store,
    files: &'a Files,
    rulebook: &'a Rulebook,
    person: &'a PersonId,
}

impl ErasingDrafts<'_> {
    /// Erases the person in every draft, and with the subject the whole drafts; tells how many held the
    /// person.
    async fn all(
        &self,
        filing: &StoredFiling,
        whole: bool,
        change: &mut Change,
        inv: &mut Invocation,
    ) -> Result<usize, StoreError> {
        let account = &filing.filing.subject.account;
        let (mut cursor, mut erased): (Option<Cursor>, usize) = (None, 0);
        loop {
            let page = self
                .store
                .owned(account, OwnerList::Orders, cursor.as_ref(), 50)
                .await?;
            for (order, _) in self.store.order_heads(&page.keys).await? {
                if order.subject == *filing.id()
                    && let Some(stored) = self.store.order(&order.id).await?
                    && self.one(stored, whole, change, inv).await?
                {
                    erased += 1;
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
        mut stored: StoredOrder,
        whole: bool,
        change: &mut Change,
        inv: &mut Invocation,
    ) -> Result<bool, StoreError> {
        let id = self.person.as_str();
        if !whole && !stored.draft.persons.iter().any(|typed| typed.id == id) {
            return Ok(false);
        }
        let mut draft = std::mem::take(&mut stored.draft);
        let certificate = draft.subject.certificate.as_ref();
        let is_subject = draft.subject.principal == id
            && certificate.is_some_and(TypedCertificate::is_of_person);
        if whole || is_subject {
            draft = TypedDraft::default();
            for (material, upload) in &stored.uploads {
                let version = upload
                    .seen
                    .as_ref()
                    .and_then(|seen| seen.version.as_deref());
                self.files.delete(&upload.key, version).await?;
                let row = keys::order_upload(&stored.order.id, material);
                change.delete(row, icp_store::Guard::Parent);
            }
        } else {
            draft.persons.retain(|typed| typed.id != id);
        }
        stored.put_draft(self.store, change, &draft, inv).await?;
        stored.put_head(change, stored.order.wakes_at(self.rulebook), inv.now)?;
        Ok(true)
    }
}
