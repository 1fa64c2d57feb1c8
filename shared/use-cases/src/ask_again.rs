//! Asks a person whose proof is about to lapse to prove the number anew.

use icp_domain::command::CommandId;
use icp_domain::ids::{PersonId, SubjectId};
use icp_domain::notice::NoticeKind;
use icp_domain::{Invocation, Rulebook};
use icp_store::{Change, CommitError, Store, StoreError, keys};

use crate::attempt::Stepped;
use crate::notices::post_notice;

/// Asks, if it is time. A person whom nobody needs to prove (no principal any more, or of a filing that
/// is off the record) is not asked.
pub(crate) async fn ask_again(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    (subject, person): (&SubjectId, &PersonId),
) -> Result<Stepped, StoreError> {
    for _ in 0..=rulebook.policy.sweeps.reloads {
        let Some(change) = asked(store, rulebook, inv, (subject, person)).await? else {
            return Ok(Stepped::Overtaken);
        };
        match store.commit(&change).await {
            Ok(()) => return Ok(Stepped::Done),
            // Somebody acted in time: load and decide again.
            Err(CommitError::Conflict(_)) => {}
            Err(CommitError::Store(error)) => return Err(error),
        }
    }
    Ok(Stepped::Overtaken)
}

async fn asked(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    (subject, id): (&SubjectId, &PersonId),
) -> Result<Option<Change>, StoreError> {
    let now = inv.now;
    let Some(stored) = store.filing(subject).await? else {
        return Ok(None);
    };
    let Some(mut person) = stored.filing.persons.get(id).cloned() else {
        return Ok(None);
    };
    let due = person
        .proof
        .filter(|proof| proof.ask_at.is_some_and(|at| at <= now));
    let Some(proof) = due else {
        return Ok(None);
    };
    let mut change = Change::new();
    let is_needed = stored.filing.number().is_some() && stored.filing.principals().contains(&id);
    if is_needed && proof.is_to_be_asked(now) {
        let row = keys::person(subject, id).to_string();
        let asked_at = proof.ask_at.unwrap_or(now);
        let command = CommandId::of_due(&row, "ask-again", asked_at);
        let kind = NoticeKind::ProofLapses {
            person: id.clone(),
            until: proof.until,
        };
        let policy = &rulebook.policy.cases;
        post_notice(&mut change, &command, subject, kind, now, policy)?;
    }
    person.proof = Some(proof.asked(now, &rulebook.policy.codes));
    stored
        .put_person(store, &mut change, id, &person, inv)
        .await?;
    stored.put_head(&mut change)?;
    Ok(Some(change))
}
