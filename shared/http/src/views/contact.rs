//! Persons as callers see them whose numbers are to be proved.

use icp_domain::contact::{Contact, ContactState};
use icp_domain::filing::Proof;
use icp_domain::personal::masked;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A person whose number is to be proved, masked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContactView {
    /// Its id within the filing.
    pub id: String,
    /// The name's first character.
    pub name: String,
    /// The number's ends.
    pub mobile: String,
    /// Whether the person is the subject's principal (主体负责人).
    pub subject_principal: bool,
    /// Ids of the services whose principal (网站负责人) the person is.
    pub principal_of: Vec<String>,
    /// Whether the whole filing needs this person's proof.
    pub principal: bool,
    /// `unverified`, `verified`, `lapsing`, `lapsed` or `locked`.
    pub state: ContactState,
    /// The last proof of this number, with the instant at which it lapses.
    pub proof: Option<Proof>,
    /// The code that was sent last, while it counts.
    pub code: Option<CodeView>,
    /// When the next code may be asked for; null when it may be now.
    #[schema(value_type = Option<String>)]
    pub next_code_at: Option<Timestamp>,
}

/// A code that counts. Nothing tells the code itself.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CodeView {
    /// Until when.
    #[schema(value_type = String)]
    pub until: Timestamp,
    /// Inputs that are left.
    pub attempts_left: u32,
}

/// The view of a person.
pub fn contact_view(contact: &Contact) -> ContactView {
    let services: Vec<String> = contact
        .roles
        .services
        .iter()
        .map(ToString::to_string)
        .collect();
    ContactView {
        id: contact.id.to_string(),
        name: masked(contact.name.reveal(), 1, 0),
        mobile: contact.mobile.clone(),
        subject_principal: contact.roles.subject,
        principal: contact.roles.subject || !services.is_empty(),
        principal_of: services,
        state: contact.state,
        proof: contact.proof,
        code: contact.code.map(|code| CodeView {
            until: code.until,
            attempts_left: code.attempts_left,
        }),
        next_code_at: contact.next_code_at,
    }
}
