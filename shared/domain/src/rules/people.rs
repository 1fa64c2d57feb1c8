//! What the rules on persons and on materials share.

use super::{NotApplicable, Outcome, Sight};
use crate::Text;
use crate::filing::{Custody, Material, PersonDetails};
use crate::finding::Object;
use crate::ids::PersonId;
use crate::reports::{MaterialReport, MaterialSays, ReadBy, Shared};

/// What a rule says of each principal.
pub(super) fn of_principals(
    sight: &Sight<'_>,
    says: impl Fn(&PersonId) -> Outcome,
) -> Vec<(Object, Outcome)> {
    sight
        .filing
        .principals()
        .into_iter()
        .map(|id| (Object::Person(id.clone()), says(id)))
        .collect()
}

/// What two different humans of the filing give alike. One human in two roles has one identity
/// number: only where those differ is it shared.
pub(super) fn shared_within<T: PartialEq + ?Sized>(
    sight: &Sight<'_>,
    field: impl Fn(&PersonDetails) -> &T,
    basis: impl Fn() -> Text,
) -> Vec<(Object, Outcome)> {
    let persons = &sight.filing.persons;
    persons
        .iter()
        .map(|(id, person)| {
            let shared = persons.values().any(|other| {
                field(&other.details) == field(&person.details)
                    && other.details.identity != person.details.identity
            });
            let outcome = if shared {
                Outcome::Broken(basis())
            } else {
                Outcome::Kept
            };
            (Object::Person(id.clone()), outcome)
        })
        .collect()
}

/// What another subject's person gives alike, by the index of all filings.
pub(super) fn shared_across(
    sight: &Sight<'_>,
    what: Shared,
    basis: impl Fn() -> Text,
) -> Vec<(Object, Outcome)> {
    of_principals(sight, |id| match sight.reports.shared.get(id) {
        None => Outcome::NotApplicable(NotApplicable::NoBaseline),
        Some(shared) if shared.contains(&what) => Outcome::Broken(basis()),
        Some(_) => Outcome::Kept,
    })
}

/// What reading each material came to: staff find a fault, a machine asks for staff.
pub(super) fn of_materials(
    sight: &Sight<'_>,
    fault: MaterialSays,
    basis: impl Fn() -> Text,
) -> Vec<(Object, Outcome)> {
    sight
        .filing
        .materials
        .iter()
        .map(|(id, material)| {
            let report = sight.reports.materials.get(id);
            let outcome = match report.filter(|report| was_read(report, material)) {
                None => Outcome::NotApplicable(NotApplicable::NoBaseline),
                Some(report) if report.says != fault => Outcome::Kept,
                Some(report) => match report.by {
                    ReadBy::Staff => Outcome::Broken(basis()),
                    ReadBy::Machine => Outcome::ForPeople(basis()),
                },
            };
            (Object::Material(id.clone()), outcome)
        })
        .collect()
}

/// Whether a report is of the material as it is now: of the same file, or of paper.
fn was_read(report: &MaterialReport, material: &Material) -> bool {
    match &material.custody {
        Custody::Stored(object) => report.sha256.as_ref() == Some(&object.sha256),
        Custody::Paper { .. } | Custody::Unknown => report.sha256.is_none(),
    }
}
