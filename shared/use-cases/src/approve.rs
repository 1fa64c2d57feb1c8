//! What the bureau's approval writes: the filing as the draft says, its numbers, links and clocks.

use icp_domain::audit::AuditClock;
use icp_domain::filing::{Filing, Link, Person, Service, SubjectState};
use icp_domain::identifiers::IcpNumber;
use icp_domain::ids::{PersonId, ServiceId, UnitId};
use icp_domain::notice::{AccessChangeKind, link_name};
use icp_domain::order::{Approval, Draft, OrderKind};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{StoredFiling, StoredOrder};
use icp_store::{Change, Failure, Store, keys};

use crate::notices::post_access_change;
use crate::step_order::{StepOrderRefused, latest_proof};

/// Why an approval is not recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalRefused {
    /// The subject's number has a service's suffix, or a service's number is not the subject's.
    #[error("the numbers do not belong together")]
    NumbersApart,
    /// A service of the order has no number, or a number is for no service of it.
    #[error("each service of the order needs its number")]
    NumberMissing,
    /// The draft no longer parses: a bug, since it was submitted.
    #[error("the draft does not parse")]
    DraftUnreadable,
    /// Another filing holds the certificate, a domain or a number: for staff to settle.
    #[error("another filing holds the {0}")]
    TakenElsewhere(&'static str),
}

/// What an approval may reach.
pub(crate) struct Approving<'a> {
    pub(crate) store: &'a Store,
    pub(crate) rulebook: &'a Rulebook,
}

impl Approving<'_> {
    /// Writes an approved order's filing into the change that approves it.
    pub(crate) async fn apply(
        &self,
        change: &mut Change,
        stored: &StoredOrder,
        filing: &mut StoredFiling,
        approval: &Approval,
        inv: &mut Invocation,
    ) -> Result<(), Failure<StepOrderRefused>> {
        let refused = |why: ApprovalRefused| Failure::Refused(StepOrderRefused::Approval(why));
        let draft = stored
            .draft
            .parse()
            .map_err(|_| refused(ApprovalRefused::DraftUnreadable))?;
        fits(approval, &draft).map_err(refused)?;
        let before = filing.filing.clone();
        self.take(change, filing, &before, &draft, approval).await?;
        // A change keeps the day on which the subject was first filed.
        let filed_at = match &before.subject.state {
            SubjectState::New => inv.now,
            SubjectState::Filed { filed_at, .. } => *filed_at,
        };
        filing.filing.subject.state = SubjectState::Filed {
            number: approval.number.clone(),
            filed_at,
        };
        self.persons(change, stored, filing, &before, &draft, inv)
            .await?;
        self.services(change, filing, &draft, approval, inv).await?;
        for (id, material) in &draft.materials {
            filing.put_material(change, id, material)?;
        }
        for gone in before
            .materials
            .keys()
            .filter(|id| !draft.materials.contains_key(*id))
        {
            change.delete(keys::material(filing.id(), gone), icp_store::Guard::Parent);
        }
        filing.set_details(self.store, draft.subject, inv).await?;
        if stored.order.kind == OrderKind::FirstFiling {
            let unit = UnitId::of_subject(filing.id().clone());
            let clock = AuditClock::started(&unit, inv.now, &self.rulebook.policy.audits);
            filing.put_clock(change, &unit, &clock, true, inv.now)?;
        }
        Ok(())
    }

    /// Takes certificate, numbers and domains, so that one of each stands in one filing.
    async fn take(
        &self,
        change: &mut Change,
        filing: &StoredFiling,
        before: &Filing,
        draft: &Draft,
        approval: &Approval,
    ) -> Result<(), Failure<StepOrderRefused>> {
        let mut wanted = Vec::new();
        let certificate = draft.subject.certificate.number();
        let old = before
            .subject
            .details
            .as_ref()
            .map(|details| details.certificate.number());
        if old.as_ref().map(|old| *old.reveal()) != Some(certificate.reveal()) {
            let hash = self.store.keys().hashed(certificate.reveal()).await?;
            wanted.push(("certificate", keys::taken_certificate(&hash)));
            if let Some(old) = old {
                let hash = self.store.keys().hashed(old.reveal()).await?;
                change.delete(keys::taken_certificate(&hash), icp_store::Guard::Parent);
            }
        }
        if before.number() != Some(&approval.number) {
            wanted.push((
                "filing number",
                keys::taken_number(&approval.number.to_string()),
            ));
        }
        let held = |domain: &_| {
            before
                .services
                .values()
                .any(|s| s.details.domains.contains(domain))
        };
        for domain in draft.services.values().flat_map(|service| &service.domains) {
            if !held(domain) {
                wanted.push(("domain", keys::taken_domain(domain.as_str())));
            }
        }
        let kept = |domain: &_| draft.services.values().any(|s| s.domains.contains(domain));
        for domain in before
            .services
            .values()
            .flat_map(|service| &service.details.domains)
        {
            if !kept(domain) {
                change.delete(
                    keys::taken_domain(domain.as_str()),
                    icp_store::Guard::Parent,
                );
            }
        }
        for (what, key) in wanted {
            // The row guards; reading first only says which of them is held.
            match self.store.holder(&key).await? {
                None => Store::take(change, key, filing.id())?,
                Some(holder) if holder == filing.id().as_str() => {}
                Some(_) => {
                    let why = ApprovalRefused::TakenElsewhere(what);
                    return Err(Failure::Refused(StepOrderRefused::Approval(why)));
                }
            }
        }
        Ok(())
    }

    async fn persons(
        &self,
        change: &mut Change,
        stored: &StoredOrder,
        filing: &mut StoredFiling,
        before: &Filing,
        draft: &Draft,
        inv: &mut Invocation,
    ) -> Result<(), Failure<StepOrderRefused>> {
        for (id, details) in &draft.persons {
            // One that lapsed at the bureau is carried over too: its lapse is then found, and not
            // taken for a number that was never to be proven.
            let proof = latest_proof(self.store, stored, before, id, &details.mobile).await?;
            let person = Person {
                details: details.clone(),
                proof,
            };
            filing
                .put_person(self.store, change, id, &person, inv)
                .await?;
            filing.filing.persons.insert(id.clone(), person);
        }
        let gone: Vec<PersonId> = before
            .persons
            .keys()
            .filter(|id| !draft.persons.contains_key(*id))
            .cloned()
            .collect();
        for id in gone {
            change.delete(keys::person(filing.id(), &id), icp_store::Guard::Parent);
            filing.filing.persons.remove(&id);
        }
        Ok(())
    }

    async fn services(
        &self,
        change: &mut Change,
        filing: &mut StoredFiling,
        draft: &Draft,
        approval: &Approval,
        inv: &mut Invocation,
    ) -> Result<(), Failure<StepOrderRefused>> {
        let subject = filing.id().clone();
        let mut granted = 0;
        for (id, details) in &draft.services {
            let number = approval.services.iter().find(|given| given.service == *id);
            let service = Service {
                number: number.map(|given| given.number.clone()),
                details: details.clone(),
            };
            filing.put_service(change, id, &service)?;
            let unit = UnitId::of_service(subject.clone(), id.clone());
            let replanned = filing
                .filing
                .services
                .get(id)
                .is_some_and(|before| before.details != *details);
            match filing.clock(&unit) {
                Some(clock) if replanned => {
                    let clock = AuditClock {
                        facts_revision: clock.clock.facts_revision + 1,
                        ..clock.clock.clone()
                    };
                    let live = filing.filing.links.get(id).is_some_and(Link::is_live);
                    filing.put_clock(change, &unit, &clock, live, inv.now)?;
                }
                Some(_) => {}
                None => {
                    let clock = AuditClock::started(&unit, inv.now, &self.rulebook.policy.audits);
                    filing.put_clock(change, &unit, &clock, true, inv.now)?;
                }
            }
            if !filing.filing.links.contains_key(id) {
                let link = Link::granted(inv.now);
                filing.put_link(change, id, &link)?;
                let kind = AccessChangeKind::AccessGranted;
                post_access_change(
                    change,
                    &subject,
                    (id, &service),
                    link.link_version,
                    kind,
                    inv.now,
                )?;
                filing.filing.links.insert(id.clone(), link);
                granted += 1;
            }
            filing.filing.services.insert(id.clone(), service);
        }
        if granted > 0 {
            let mut load = self.store.account(&filing.filing.subject.account).await?;
            load.live_links += u64::try_from(granted).unwrap_or_default();
            load.put(change)?;
            let first = draft.services.keys().next().cloned();
            let name =
                first.map_or_else(String::new, |first: ServiceId| link_name(&subject, &first));
            Store::count_live(change, &name, granted);
        }
        Ok(())
    }
}

fn fits(approval: &Approval, draft: &Draft) -> Result<(), ApprovalRefused> {
    let of_subject = |number: &IcpNumber| number.subject() == approval.number;
    let apart = approval.number.subject() != approval.number
        || !approval
            .services
            .iter()
            .all(|given| of_subject(&given.number));
    if apart {
        return Err(ApprovalRefused::NumbersApart);
    }
    let given = |id: &ServiceId| {
        approval
            .services
            .iter()
            .filter(|g| g.service == *id)
            .count()
            == 1
    };
    if approval.services.len() != draft.services.len() || !draft.services.keys().all(given) {
        return Err(ApprovalRefused::NumberMissing);
    }
    Ok(())
}
