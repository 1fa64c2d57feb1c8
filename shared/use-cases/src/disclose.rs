//! Shows personal data to one of the staff, for a reason that is recorded.

use icp_domain::filing::{PersonDetails, SubjectDetails};
use icp_domain::history::Happened;
use icp_domain::ids::{OrderId, PersonId, SubjectId};
use icp_domain::order::TypedDraft;
use icp_domain::reports::RegistryReport;
use icp_domain::{Invocation, Rulebook};
use icp_store::{Answer, Change, Failure, Repeat, Store};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

use crate::By;
use crate::attempt::{Decided, Tries};
use crate::draft_order::own_order;
use crate::read::ReadRefused;

/// What is shown.
#[derive(Debug, Clone)]
pub enum DiscloseOf {
    /// A filing's subject and persons.
    Filing(SubjectId),
    /// An order's draft.
    Order(OrderId),
}

/// Personal data, as they are filed or typed.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", untagged)]
pub enum Disclosed {
    /// Of a filing.
    Filing {
        /// The subject.
        subject: Option<SubjectDetails>,
        /// Its persons.
        persons: BTreeMap<PersonId, PersonDetails>,
        /// What the register answered, where it was asked.
        registry: Option<RegistryReport>,
    },
    /// Of an order.
    Order {
        /// The draft.
        draft: TypedDraft,
    },
}

/// Shows personal data, and records who was shown them and why.
pub async fn disclose(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<Disclosed>,
    by: &By,
    (of, reason): (DiscloseOf, String),
) -> Result<Answer, Failure<ReadRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let (mut filing, done, what) = match &of {
                DiscloseOf::Filing(subject) => {
                    let filing = crate::read::filing(store, by, subject).await?;
                    let persons = filing.filing.persons.iter();
                    let persons = persons.map(|(id, person)| (id.clone(), person.details.clone()));
                    let shown = Disclosed::Filing {
                        subject: filing.filing.subject.details.clone(),
                        persons: persons.collect(),
                        registry: filing.reports.registry.clone(),
                    };
                    (filing, shown, String::new())
                }
                DiscloseOf::Order(order) => {
                    let stored = own_order(store, order, by).await?;
                    let filing = store.filing(&stored.order.subject).await?;
                    let filing = filing.ok_or(Failure::NotFound)?;
                    let shown = Disclosed::Order {
                        draft: stored.draft,
                    };
                    (filing, shown, format!("{order}: "))
                }
            };
            let mut change = Change::new();
            let about = format!("{what}{reason}");
            let deed = by.deed(Happened::PersonalDataViewed, &about, &repeat.command);
            filing.record(&mut change, deed, inv.now)?;
            Ok::<_, Failure<ReadRefused>>(Decided { change, done })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}
