//! The rows of a case's partition: the case, and the evidence it rests on.

use icp_domain::Text;
use icp_domain::case::Case;
use icp_domain::finding::{FaultyObject, Object};
use icp_domain::ids::CaseId;
use icp_domain::look::Evidence;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::SHAPE;
use super::taken::take_case_number;
use crate::index::{DeskList, Family, OwnerList};
use crate::{Change, Guard, Item, Key, Row, Store, StoreError, keys};

/// A case as stored, with what its next commit needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCase {
    /// The case.
    pub case: Case,
    guard: Guard,
}

/// Evidence that is kept, beside a filing or with a case: what was seen, and what the rules said it shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeptEvidence {
    /// What was seen.
    pub evidence: Evidence,
    /// What each broken outcome rests on: rule, object, and the sentence.
    #[serde(default)]
    #[schema(value_type = Vec<(String, FaultyObject, Text)>)]
    pub shows: Vec<(String, Object, Text)>,
}

impl StoredCase {
    /// A case that is opened now.
    pub fn opened(case: Case) -> Self {
        Self {
            case,
            guard: Guard::New,
        }
    }

    /// The version that was read; 0 before the first write.
    pub fn version(&self) -> u64 {
        match self.guard {
            Guard::Version(read) => read,
            Guard::New | Guard::Parent => 0,
        }
    }

    /// Writes the case: findings, what staff are needed for, wake, lists. A new one takes its number in the same change.
    pub fn put(
        &self,
        change: &mut Change,
        wakes_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut case = self.case.clone();
        case.needs_staff = case.needs_now();
        let row = Row::of(keys::case(&case.id), SHAPE, self.guard, &case)?
            .wake(Family::Deadline, wakes_at, now)
            .owner(
                &case.account,
                if case.is_open() {
                    OwnerList::OpenCases
                } else {
                    OwnerList::ClosedCases
                },
                &format!("{}#{}", keys::instant(case.opened_at), case.id),
            )
            .desk(desk_list(&case), case.opened_at);
        change.put(row);
        if self.guard == Guard::New {
            let number = keys::taken_case_number(&case.number);
            take_case_number(change, number, case.id.as_str())?;
        }
        Ok(())
    }

    /// Keeps evidence with the case.
    pub fn put_evidence(
        &self,
        change: &mut Change,
        evidence: &KeptEvidence,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let key = keys::case_evidence(&self.case.id, &evidence.evidence.look.id);
        change.put(Row::of(key, SHAPE, Guard::Parent, evidence)?.ttl(until));
        Ok(())
    }
}

/// The staff list on which a case stands.
fn desk_list(case: &Case) -> Option<DeskList> {
    case.is_open()
        .then(|| match (case.is_condemned(), case.needs_staff.is_some()) {
            (true, true) => DeskList::CondemnedForStaff,
            (true, false) => DeskList::CondemnedCases,
            (false, true) => DeskList::CasesForStaff,
            (false, false) => DeskList::OpenCases,
        })
}

fn stored(item: &Item) -> Result<StoredCase, StoreError> {
    Ok(StoredCase {
        case: item.read(SHAPE)?,
        guard: Guard::Version(item.version()?),
    })
}

impl Store {
    /// A case.
    pub async fn case(&self, id: &CaseId) -> Result<Option<StoredCase>, StoreError> {
        self.item(&keys::case(id))
            .await?
            .as_ref()
            .map(stored)
            .transpose()
    }

    /// Many cases, in the order of `rows`; those that are gone are left out.
    pub async fn cases(&self, rows: &[Key]) -> Result<Vec<StoredCase>, StoreError> {
        let items = self.items(rows).await?;
        rows.iter()
            .filter_map(|key| items.get(key))
            .map(stored)
            .collect()
    }

    /// The evidence that is kept with a case, in the order of the looks.
    pub async fn case_evidence(&self, id: &CaseId) -> Result<Vec<KeptEvidence>, StoreError> {
        let items = self.partition(&keys::case_partition(id)).await?;
        let mut found = items
            .iter()
            .filter(|item| item.key().sk != keys::HEAD)
            .map(|item| item.read::<KeptEvidence>(SHAPE))
            .collect::<Result<Vec<_>, _>>()?;
        found.sort_by_key(|kept| kept.evidence.begun_at);
        Ok(found)
    }

    /// Whether a case number is taken, and by which case.
    pub async fn case_of_number(
        &self,
        number: &icp_domain::case::CaseNumber,
    ) -> Result<Option<String>, StoreError> {
        self.holder(&keys::taken_case_number(number)).await
    }
}
