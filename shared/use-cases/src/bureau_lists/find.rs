//! What a row is about, of what is stored.

use icp_domain::bureau_list::{About, Doubt, ListKind, Matched, Named, agrees_with_order, matched};
use icp_domain::filing::Filing;
use icp_domain::ids::{OrderId, SubjectId};
use icp_store::records::StoredFiling;
use icp_store::{Store, StoreError, keys};

/// What a row is about.
pub(super) enum Of {
    /// A filing, or a service of it.
    Filing(Box<Filing>, About),
    /// An order, of a list of results.
    Order(OrderId, SubjectId),
    /// People have to say.
    Doubtful(Doubt, SubjectId),
    /// None of ours.
    Nothing,
    /// What is stored of it does not read.
    Unreadable,
}

impl Of {
    pub(super) fn subject(&self) -> Option<&SubjectId> {
        match self {
            Self::Filing(_, about) => Some(&about.subject),
            Self::Order(_, subject) => Some(subject),
            Self::Doubtful(_, subject) => Some(subject),
            Self::Nothing | Self::Unreadable => None,
        }
    }

    pub(super) fn order(&self) -> Option<&OrderId> {
        match self {
            Self::Order(order, _) => Some(order),
            Self::Filing(..) | Self::Doubtful(..) | Self::Nothing | Self::Unreadable => None,
        }
    }
}

/// Finds what a row is about.
pub(super) async fn find(store: &Store, kind: ListKind, named: &Named) -> Result<Of, StoreError> {
    if let (ListKind::OrderResults, Some(order)) = (kind, &named.order) {
        return of_order(store, named, order).await;
    }
    let candidates = candidates(store, named).await?;
    let (about, filing) = match matched(named, &candidates) {
        Matched::Nothing => return Ok(Of::Nothing),
        Matched::Doubtful(doubt, subject) => return Ok(Of::Doubtful(doubt, subject)),
        Matched::Sure(about) => {
            let is = |filing: &Filing| filing.subject.id == about.subject;
            match candidates.into_iter().find(is) {
                Some(filing) => (about, filing),
                None => return Ok(Of::Nothing),
            }
        }
    };
    if kind != ListKind::OrderResults {
        return Ok(Of::Filing(Box::new(filing), about));
    }
    match &filing.subject.order_in_flight {
        Some(order) => of_order(store, named, order).await,
        None => Ok(Of::Doubtful(Doubt::NoOrder, about.subject)),
    }
}

async fn of_order(store: &Store, named: &Named, order: &OrderId) -> Result<Of, StoreError> {
    let Some(stored) = store.order(order).await? else {
        return Ok(Of::Nothing);
    };
    let subject = stored.order.subject.clone();
    let Some(StoredFiling { filing, .. }) = store.filing(&subject).await? else {
        return Ok(Of::Nothing);
    };
    let Ok(draft) = stored.draft.parse(&filing) else {
        return Ok(Of::Doubtful(Doubt::StepRefused, subject));
    };
    match agrees_with_order(named, stored.order.kind, &filing, &draft) {
        Ok(()) => Ok(Of::Order(order.clone(), subject)),
        Err(doubt) => Ok(Of::Doubtful(doubt, subject)),
    }
}

/// Most filings that are looked at of one name.
const MOST_OF_NAME: usize = 5;

/// The filings that hold or want what a row names, holders first: by number; where none has it, by
/// domain; where none has that, by name.
async fn candidates(store: &Store, named: &Named) -> Result<Vec<Filing>, StoreError> {
    let mut subjects = Vec::new();
    if let Some(number) = &named.number {
        let taken = keys::taken_number(&number.to_string());
        subjects = store.taken(&taken).await?.takers().collect();
    }
    if subjects.is_empty() {
        for domain in &named.domains {
            let taken = keys::taken_domain(domain.as_str());
            for subject in store.taken(&taken).await?.takers() {
                if !subjects.contains(&subject) {
                    subjects.push(subject);
                }
            }
        }
    }
    if let (true, Some(name)) = (subjects.is_empty(), &named.unit_name) {
        subjects = store.named(name.reveal(), MOST_OF_NAME).await?;
    }
    let mut found = Vec::new();
    for subject in &subjects {
        found.extend(store.filing(subject).await?.map(|stored| stored.filing));
    }
    Ok(found)
}
