//! What the rules on a domain's registration share.

use super::{NotApplicable, Outcome, Sight, Undecided};
use crate::finding::Object;
use crate::identifiers::DomainName;
use crate::look::Seen;
use crate::registration::{Registration, RegistrationAnswer};

/// What a rule says of each domain of the service.
pub(super) fn of_domains(
    sight: &Sight<'_>,
    says: impl Fn(&DomainName) -> Outcome,
) -> Vec<(Object, Outcome)> {
    let Some((service, _)) = sight.service().filter(|_| sight.is_live()) else {
        return vec![(
            Object::Service,
            Outcome::NotApplicable(NotApplicable::NotLive),
        )];
    };
    let domains = &service.details.domains;
    domains
        .iter()
        .map(|domain| (Object::Domain(domain.clone()), says(domain)))
        .collect()
}

/// The domain's registration, `None` where nobody has it, or the outcome of every rule without an
/// answer.
pub(super) fn registration<'a>(
    sight: &Sight<'a>,
    domain: &DomainName,
) -> Result<Option<&'a Registration>, Outcome> {
    let seen = sight
        .evidence
        .registrations
        .iter()
        .find(|seen| seen.domain == *domain);
    match seen.map(|seen| &seen.seen) {
        None => Err(Outcome::NotApplicable(NotApplicable::NotLookedUp)),
        Some(Seen::Failed(failure)) => Err(Outcome::Undecided(Undecided::LookFailed(*failure))),
        Some(Seen::Answer(RegistrationAnswer::NotRegistered)) => Ok(None),
        Some(Seen::Answer(RegistrationAnswer::Registered(registration))) => Ok(Some(registration)),
    }
}
