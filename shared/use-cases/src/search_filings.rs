//! Finding filings: by account, state, domain, number, certificate, name or a person's mobile.
//!
//! **Invariant:** a filer finds what is the account's own, and learns of nothing else that it is
//! there.

use icp_domain::case::CaseNumber;
use icp_domain::filing::{Certificate, Filing};
use icp_domain::identifiers::{DomainName, IcpNumber, Mobile};
use icp_domain::ids::{AccountId, CaseId, SubjectId};
use icp_domain::personal::Personal;
use icp_store::records::StoredFiling;
use icp_store::{Cursor, DeskList, Failure, Key, OwnerList, Store, StoreError, keys};

use serde::Deserialize;

use crate::By;
use crate::read::{Listed, ReadRefused};

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought {
    /// Filings of an account.
    Account(AccountId),
    /// Filings of a state.
    State(SoughtState),
    /// Who has a domain, or wants it: also by an order in flight.
    Domain(DomainName),
    /// Who has a number, of the subject or of a service, or wants it.
    Number(IcpNumber),
    /// Who has a certificate, or wants it: one of these, where nobody says the kind.
    Certificate(Vec<Certificate>),
    /// Whose person answers under a mobile.
    Mobile(Mobile),
    /// Whose subject has a name, however it is written.
    Name(Personal<String>),
    /// Of which a notice's case is.
    Case(CaseNumber),
}

/// States by which filings are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SoughtState {
    /// Filed, with nothing in conflict.
    Filed,
    /// Off the record.
    Deregistered,
    /// Filed, and wanting what another filing holds.
    Conflict,
}

impl SoughtState {
    /// The list of its filings.
    pub(crate) fn list(self) -> DeskList {
        match self {
            Self::Filed => DeskList::FiledSubjects,
            Self::Deregistered => DeskList::DeregisteredSubjects,
            Self::Conflict => DeskList::FilingsInConflict,
        }
    }
}

/// What a page is filtered by: what does not fit is left out of it, so that pages may be short.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Code of a province, two digits.
    pub province: Option<String>,
    /// An account group.
    pub label: Option<String>,
    /// Whether it is on the bureau's record.
    pub state: Option<RecordState>,
}

/// Whether a filing is on the bureau's record: nothing of what another filing holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordState {
    /// Filed.
    Filed,
    /// Off the record.
    Deregistered,
}

impl RecordState {
    fn is_of(self, filing: &Filing) -> bool {
        match self {
            Self::Filed => filing.number().is_some(),
            Self::Deregistered => filing.is_deregistered(),
        }
    }
}

impl Filter {
    fn fits(&self, stored: &StoredFiling) -> bool {
        let subject = &stored.filing.subject;
        let province = subject.details.as_ref().map(|details| &details.province);
        let of_province = self.province.is_none() || self.province.as_ref() == province;
        let of_state = self.state.is_none_or(|state| state.is_of(&stored.filing));
        of_state && of_province && (self.label.is_none() || self.label == subject.label)
    }
}

/// A page of what is found.
pub async fn search(
    store: &Store,
    by: &By,
    sought: &Sought,
    filter: &Filter,
    cursor: Option<&Cursor>,
    limit: usize,
) -> Result<Listed<StoredFiling>, Failure<ReadRefused>> {
    let (subjects, next) = match sought {
        Sought::Account(account) => {
            let page = store.owned(account, OwnerList::Filings, cursor, limit);
            let page = page.await?;
            (subjects(&page.keys), page.next)
        }
        Sought::State(state) => {
            let page = store.on_desk(state.list(), cursor, limit).await?;
            (subjects(&page.keys), page.next)
        }
        Sought::Domain(domain) => {
            let domain = domain.registrable();
            let taken = store.taken(&keys::taken_domain(domain.as_str())).await?;
            let mut subjects: Vec<SubjectId> = taken.takers().collect();
            for subject in asking_for(store, &domain).await? {
                if !subjects.contains(&subject) {
                    subjects.push(subject);
                }
            }
            (subjects, None)
        }
        Sought::Number(number) => {
            let row = keys::taken_number(&number.subject().to_string());
            (store.taken(&row).await?.takers().collect(), None)
        }
        Sought::Certificate(certificates) => (holding(store, certificates).await?, None),
        Sought::Mobile(mobile) => (store.users_of(mobile).await?, None),
        Sought::Case(number) => {
            let case = store.case_of_number(number).await?;
            let case = match case.and_then(|case| case.parse::<CaseId>().ok()) {
                Some(case) => store.case(&case).await?,
                None => None,
            };
            let subject = case.map(|stored| stored.case.unit.subject);
            (subject.into_iter().collect(), None)
        }
        Sought::Name(name) => (store.named(name.reveal(), limit).await?, None),
    };
    let found = filings(store, subjects).await?;
    let items = found
        .into_iter()
        .filter(|stored| by.may_see(&stored.filing.subject.account) && filter.fits(stored));
    Ok(Listed {
        items: items.collect(),
        next,
    })
}

/// The filings that hold one of these certificates, or want it.
async fn holding(
    store: &Store,
    certificates: &[Certificate],
) -> Result<Vec<SubjectId>, StoreError> {
    let mut rows = Vec::new();
    for certificate in certificates {
        rows.extend(
            store
                .certificate_rows(certificate.number().reveal())
                .await?,
        );
    }
    // Kinds may write a number alike.
    rows.sort();
    rows.dedup();
    let mut subjects: Vec<SubjectId> = Vec::new();
    for row in rows {
        for subject in store.taken(&row).await?.takers() {
            if !subjects.contains(&subject) {
                subjects.push(subject);
            }
        }
    }
    Ok(subjects)
}

/// The filings with an order in flight that asks for a domain.
async fn asking_for(store: &Store, domain: &DomainName) -> Result<Vec<SubjectId>, StoreError> {
    let orders = store.orders_for(domain).await?;
    let rows: Vec<Key> = orders
        .iter()
        .map(|found| keys::order(&found.order))
        .collect();
    let heads = store.order_heads(&rows).await?.into_iter();
    let in_flight = heads.filter(|(order, _)| order.state.is_in_flight());
    Ok(in_flight.map(|(order, _)| order.subject).collect())
}

/// The filings whose rows a page names.
pub(crate) fn subjects(keys: &[Key]) -> Vec<SubjectId> {
    let ids = keys
        .iter()
        .filter_map(|key| key.pk.strip_prefix("SUBJECT#"));
    ids.filter_map(|id| id.parse().ok()).collect()
}

/// The filings of these subjects in their order; what is gone is left out.
pub(crate) async fn filings(
    store: &Store,
    subjects: Vec<SubjectId>,
) -> Result<Vec<StoredFiling>, StoreError> {
    let mut found = store.filings(&subjects).await?;
    let listed = subjects.iter().filter_map(|id| found.remove(id));
    Ok(listed.collect())
}
