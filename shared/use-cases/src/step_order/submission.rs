//! What a submission demands beside a state that takes it: rules, proofs, no other order, and where
//! it takes away for good, the confirmation.

use icp_domain::filing::{Filing, Proof, SubjectState};
use icp_domain::ids::{PersonId, ServiceId};
use icp_domain::order::{Against, Draft, Order};
use icp_domain::{Text, Violation};
use icp_store::records::{StoredFiling, StoredOrder};
use icp_store::{Failure, Store, StoreError};
use jiff::Timestamp;

use super::{StepOrderRefused, Taking};
use crate::weigh_order::{Confirmation, is_confirmed};
use crate::write_filing::held_elsewhere;

impl Taking<'_> {
    /// Notes on the order what follows from its draft: whose findings it answers, and what other filings hold of what it
    /// wants, which is for staff, and no reason to refuse.
    pub(super) async fn note(
        &self,
        order: &mut Order,
        draft: &Draft,
        filing: &StoredFiling,
    ) -> Result<(), StoreError> {
        order.answers = draft.answers(order.kind, &filing.filing);
        order.conflicts = held_elsewhere(self.store, filing.id(), order.kind, draft).await?;
        Ok(())
    }

    /// All that a submission demands: the draft's rules, the proofs, no other order in flight, and
    /// where it takes away for good, the confirmation. Gives the draft.
    pub(super) async fn submittable(
        &self,
        stored: &StoredOrder,
        filing: &StoredFiling,
        confirmation: Option<&Confirmation>,
        now: Timestamp,
    ) -> Result<Draft, Failure<StepOrderRefused>> {
        if filing.filing.subject.state == SubjectState::New {
            let most = self.rulebook.policy.orders.subjects_per_account;
            let load = self.store.account(&stored.order.account).await?;
            if u64::from(most) <= load.subjects {
                return Err(Failure::Refused(StepOrderRefused::SubjectsOfAccount(most)));
            }
        }
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
        if !unproven.is_empty() {
            return Err(Failure::Refused(StepOrderRefused::Draft(unproven)));
        }
        if !stored.order.kind.is_irreversible() {
            return Ok(draft);
        }
        let confirmed = match confirmation {
            Some(given) => {
                is_confirmed(self.store, self.rulebook, (stored, filing), given, now).await?
            }
            None => false,
        };
        if confirmed {
            Ok(draft)
        } else {
            Err(Failure::Refused(StepOrderRefused::ConfirmationNeeded))
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
    let of_draft = match stored.proofs.get(person.as_str()) {
        Some((proven, proof)) if store.keys().is_hash_of(mobile.reveal(), proven).await? => {
            Some(*proof)
        }
        Some(_) | None => None,
    };
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
    let mut found = unproven_principals(stored, filing, draft, now);
    for (at, typed) in stored.draft.persons.iter().enumerate() {
        let Some((id, person)) = draft.persons.iter().find(|(id, _)| id.as_str() == typed.id)
        else {
            continue;
        };
        let proof = latest_proof(store, stored, filing, id, &person.mobile).await?;
        if !proof.is_some_and(|proof| proof.stands(now)) {
            found.push(not_verified(format!("/persons/{at}/mobile")));
        }
    }
    Ok(found)
}

/// Services that an order files under a principal of the filing whose proof lapsed.
fn unproven_principals(
    stored: &StoredOrder,
    filing: &Filing,
    draft: &Draft,
    now: Timestamp,
) -> Vec<Violation> {
    let typed = |id: &PersonId| {
        let listed = &stored.draft.persons;
        listed.iter().any(|person| person.id == id.as_str())
    };
    let stands = |id: &PersonId| {
        let proof = filing.persons.get(id).and_then(|person| person.proof);
        proof.is_some_and(|proof| proof.stands(now))
    };
    let mut found = Vec::new();
    for (at, service) in stored.draft.services.iter().enumerate() {
        let id: Option<ServiceId> = service.id.parse().ok();
        // What is filed keeps its principal, proved or not: only a new service wants a proof.
        let new = id.filter(|id| !filing.services.contains_key(id));
        let principal = new.and_then(|id| draft.services.get(&id));
        let principal = principal.map(|details| &details.principal);
        if principal.is_some_and(|id| !typed(id) && !stands(id)) {
            found.push(not_verified(format!("/services/{at}/principal")));
        }
    }
    found
}

fn not_verified(field: String) -> Violation {
    Violation {
        field,
        rule: "number-not-verified".to_owned(),
        text: Text::new(
            "手机号码须先由本人通过短信验证码核验",
            "the person must first prove the number by SMS code",
        ),
        source: "《非经营性互联网信息服务备案管理办法》第七条".to_owned(),
        as_of: None,
    }
}
