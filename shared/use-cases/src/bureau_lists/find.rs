//! What a row is about, of what is stored.

use icp_domain::bureau_list::{About, Doubt, ListKind, Matched, Named, agrees_with_order, matched};
use icp_domain::filing::Filing;
use icp_domain::ids::{OrderId, SubjectId};
use icp_domain::order::OrderState;
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
        return Ok(match agreeing(store, named, order).await? {
            Agreeing::Does(order) => Of::Order(order.id, order.subject),
            Agreeing::Not(doubt, subject) => Of::Doubtful(doubt, subject),
            Agreeing::Unknown => Of::Nothing,
        });
    }
    let candidates = candidates(store, named).await?;
    let matched = matched(named, &candidates);
    if kind == ListKind::OrderResults {
        return of_some_order(store, named, &candidates, matched).await;
    }
    Ok(match matched {
        Matched::Nothing => Of::Nothing,
        Matched::Doubtful(doubt, subject) => Of::Doubtful(doubt, subject),
        Matched::Sure(about) => {
            let is = |filing: &Filing| filing.subject.id == about.subject;
            match candidates.into_iter().find(is) {
                Some(filing) => Of::Filing(Box::new(filing), about),
                None => Of::Nothing,
            }
        }
    })
}

/// The order whose result a row is that names none: the one in flight of the filing that it is about, or
/// one that was submitted for its domain, which no filing need have yet.
async fn of_some_order(
    store: &Store,
    named: &Named,
    candidates: &[Filing],
    matched: Matched,
) -> Result<Of, StoreError> {
    let (mut orders, mut doubt) = (Vec::new(), None);
    match matched {
        Matched::Nothing => {}
        Matched::Doubtful(of, subject) => doubt = Some((of, subject)),
        Matched::Sure(about) => {
            let is = |filing: &&Filing| filing.subject.id == about.subject;
            let filing = candidates.iter().find(is);
            orders.extend(filing.and_then(|filing| filing.subject.order_in_flight.clone()));
            doubt = Some((Doubt::NoOrder, about.subject));
        }
    }
    for domain in &named.domains {
        for found in store.orders_for(domain).await? {
            if !orders.contains(&found.order) {
                orders.push(found.order);
            }
        }
    }
    let mut fitting = Vec::new();
    for order in &orders {
        match agreeing(store, named, order).await? {
            Agreeing::Does(order) if order.is_over() => {}
            Agreeing::Does(order) => fitting.push(order),
            Agreeing::Not(of, subject) => doubt = Some((of, subject)),
            Agreeing::Unknown => {}
        }
    }
    // Whose number the row names is meant, whoever else wants the domain; and what waits for an answer
    // rather than what has one.
    let holds =
        |filing: &Filing| named.number.is_some() && filing.number() == named.number.as_ref();
    if candidates.iter().any(holds) {
        fitting.retain(|order| order.has_number);
    }
    if fitting.iter().any(Agrees::waits) {
        fitting.retain(Agrees::waits);
    }
    Ok(match (fitting.as_slice(), doubt) {
        ([order], _) => Of::Order(order.id.clone(), order.subject.clone()),
        ([first, ..], _) => Of::Doubtful(Doubt::SeveralFilings, first.subject.clone()),
        ([], Some((doubt, subject))) => Of::Doubtful(doubt, subject),
        ([], None) => Of::Nothing,
    })
}

/// An order that agrees with a row.
struct Agrees {
    id: OrderId,
    subject: SubjectId,
    state: OrderState,
    /// Whether its filing has the number that the row names.
    has_number: bool,
}

impl Agrees {
    /// Whether it is with the provider or the bureau.
    fn waits(&self) -> bool {
        self.state.review_phase().is_some()
    }

    /// Whether it came to nothing, or is not submitted.
    fn is_over(&self) -> bool {
        match self.state {
            OrderState::Draft | OrderState::Withdrawn { .. } | OrderState::Dead { .. } => true,
            OrderState::ProviderReview { .. }
            | OrderState::Returned { .. }
            | OrderState::Queued { .. }
            | OrderState::BureauSms { .. }
            | OrderState::BureauReview { .. }
            | OrderState::Approved { .. } => false,
        }
    }
}

/// Whether an order agrees with a row.
enum Agreeing {
    Does(Agrees),
    Not(Doubt, SubjectId),
    /// There is no such order.
    Unknown,
}

async fn agreeing(store: &Store, named: &Named, order: &OrderId) -> Result<Agreeing, StoreError> {
    let Some(stored) = store.order(order).await? else {
        return Ok(Agreeing::Unknown);
    };
    let subject = stored.order.subject.clone();
    let Some(StoredFiling { filing, .. }) = store.filing(&subject).await? else {
        return Ok(Agreeing::Unknown);
    };
    let Ok(draft) = stored.draft.parse(&filing) else {
        return Ok(Agreeing::Not(Doubt::StepRefused, subject));
    };
    if let Err(doubt) = agrees_with_order(named, stored.order.kind, &filing, &draft) {
        return Ok(Agreeing::Not(doubt, subject));
    }
    let number = named.number.as_ref();
    Ok(Agreeing::Does(Agrees {
        id: order.clone(),
        subject,
        state: stored.order.state,
        has_number: number.is_some() && number == filing.number(),
    }))
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
