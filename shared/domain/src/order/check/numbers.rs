//! Whether numbers that were typed anew check; what is filed is the bureau's.

use super::{Demand, Desk};
use crate::identifiers::{IdentifierFault, IdentityDocument};

impl Desk<'_> {
    /// Of every order: one that brings what is filed elsewhere brings its numbers, too.
    pub(super) fn numbers_check(&mut self) {
        let (parts, filing) = (self.parts, self.against.filing);
        let filed = filing.subject.details.as_ref();
        let filed = filed.map(|details| &details.certificate);
        let typed = parts.certificate.as_ref();
        if let Some(typed) = typed.filter(|typed| filed != Some(typed)) {
            self.checks("/subject/certificate/number", typed.checks());
        }
        for (at, typed) in self.typed.persons.iter().enumerate() {
            // Whatever else of the person is still to be typed.
            let (kind, number) = (typed.identity_kind, typed.identity.reveal());
            let Ok(identity) = IdentityDocument::as_filed(kind, number) else {
                continue;
            };
            let mut same = filing
                .persons
                .iter()
                .filter(|(id, _)| id.as_str() == typed.id);
            if !same.any(|(_, filed)| filed.details.identity == identity) {
                self.checks(format!("/persons/{at}/identity"), identity.checks());
            }
        }
    }

    fn checks(&mut self, field: impl Into<String>, checked: Result<(), IdentifierFault>) {
        if let Err(fault) = checked {
            let demand = Demand {
                rule: fault.code(),
                text: fault.text(),
                source: fault.basis(),
                as_of: None,
            };
            self.refuse(field, demand);
        }
    }
}
