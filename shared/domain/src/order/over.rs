//! An order says only what it changes: the rest of its draft is the filing as it stands.

use super::parts::Parts;
use super::typed_certificate::typed;
use super::{TypedDraft, TypedPerson, TypedService, TypedSubject};
use crate::filing::{Filing, Person, PersonDetails, Service, ServiceKind, SubjectDetails};
use crate::identifiers::DomainName;
use crate::personal::Personal;

impl TypedDraft {
    /// The draft with every field that it leaves empty as the filing has it. Entries keep their
    /// places, so that a fault is named where the filer typed it.
    pub(super) fn over(&self, filing: &Filing) -> Self {
        let mut whole = self.clone();
        if let Some(details) = &filing.subject.details {
            whole.subject.fill(details);
        }
        for person in &mut whole.persons {
            let id = person.id.parse().ok();
            if let Some(filed) = id.and_then(|id| filing.persons.get(&id)) {
                person.fill(&filed.details);
            }
        }
        for service in &mut whole.services {
            let id = service.id.parse().ok();
            if let Some(filed) = id.and_then(|id| filing.services.get(&id)) {
                service.fill(filed);
            }
        }
        whole
    }
}

impl Parts {
    /// With what the filing holds and the draft does not list.
    pub(super) fn with_the_rest_of(mut self, filing: &Filing) -> Self {
        for (id, Person { details, .. }) in &filing.persons {
            let of_filing = || details.clone();
            self.persons.entry(id.clone()).or_insert_with(of_filing);
        }
        for (id, service) in filing.on_record() {
            let of_filing = || service.details.clone();
            self.services.entry(id.clone()).or_insert_with(of_filing);
        }
        for (id, material) in &filing.materials {
            let of_filing = || material.clone();
            self.materials.entry(id.clone()).or_insert_with(of_filing);
        }
        self
    }
}

impl TypedSubject {
    fn fill(&mut self, filed: &SubjectDetails) {
        or(&mut self.province, &filed.province);
        self.nature = self.nature.or(Some(filed.nature));
        or_personal(&mut self.name, filed.name.reveal());
        if self.certificate.is_none() {
            self.certificate = Some(typed(&filed.certificate));
        }
        or_personal(
            &mut self.certificate_address,
            filed.certificate_address.reveal(),
        );
        or_personal(&mut self.postal_address, filed.postal_address.reveal());
        or(&mut self.principal, filed.principal.as_str());
        if let Some(representative) = &filed.legal_representative {
            or_personal(&mut self.legal_representative, representative.reveal());
        }
    }
}

impl TypedPerson {
    fn fill(&mut self, filed: &PersonDetails) {
        or_personal(&mut self.name, filed.name.reveal());
        // A document and its last day are told together.
        if self.identity.reveal().trim().is_empty() {
            self.identity_kind = filed.identity.kind();
            self.identity = owned(filed.identity.number().reveal());
            self.identity_until = self.identity_until.or(filed.identity_until);
        }
        or_personal(&mut self.mobile, filed.mobile.reveal());
        or_personal(&mut self.email, filed.email.reveal());
    }
}

impl TypedService {
    fn fill(&mut self, filed: &Service) {
        let filed = &filed.details;
        // No order makes an App of a site; an absent kind reads as a site.
        if self.kind == ServiceKind::default() {
            self.kind = filed.kind;
        }
        or(&mut self.name, &filed.name);
        if self.domains.is_empty() {
            let names = filed.domains.iter().map(DomainName::as_str);
            self.domains = names.map(str::to_owned).collect();
        }
        if self.home_page.is_none() {
            self.home_page.clone_from(&filed.home_page);
        }
        or(&mut self.principal, filed.principal.as_str());
        if self.addresses.is_empty() {
            self.addresses = filed.addresses.iter().map(ToString::to_string).collect();
        }
    }
}

fn or(typed: &mut String, filed: &str) {
    if typed.trim().is_empty() {
        filed.clone_into(typed);
    }
}

fn or_personal(typed: &mut Personal<String>, filed: &str) {
    if typed.reveal().trim().is_empty() {
        *typed = owned(filed);
    }
}

fn owned(text: &str) -> Personal<String> {
    Personal::new(text.to_owned())
}
