//! Identifiers of the field: certificates, filing numbers, telephone numbers, domain names.
//!
//! **Invariant:** a value of these types has its form and holds its canonical text, so nobody looks at
//! the form again. What was typed by `parse` has passed its checks too; what is filed may lack a right
//! check character (`as_filed`, `checks`), since the bureau accepted it. Input is taken as people type it
//! (full width, spaces, dashes, lower case); `parse` of a canonical text gives the same value. The personal ones redact their `Debug`, have
//! no `Display`, and open by `reveal` alone.

mod certificate;
mod domain_name;
mod email_address;
mod fault;
mod icp_number;
mod identity_document;
mod police_number;
mod resident_id;
mod telephone;
mod typed;

pub use certificate::{CreditClass, CreditCode, OrganisationCode, RegistrationNumber};
pub use domain_name::DomainName;
pub use email_address::EmailAddress;
pub use fault::IdentifierFault;
pub use icp_number::{IcpNumber, PREFIXES};
pub use identity_document::{
    HongKongMacaoPermit, IdentityDocument, IdentityKind, Passport, PermanentResidentId,
    TaiwanPermit,
};
pub use police_number::PoliceNumber;
pub use resident_id::{Residence, ResidentId};
pub use telephone::{Landline, Mobile};

/// What every identifier has beside its own `parse`: `FromStr` through it, and serde through what reads
/// stored texts.
macro_rules! through_parse {
    ($name:ident, $stored:ident) => {
        $crate::schema::text_schema!($name);

        impl std::str::FromStr for $name {
            type Err = $crate::identifiers::IdentifierFault;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::identifiers::IdentifierFault;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::$stored(&text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0
            }
        }
    };
}

/// A public identifier: shown as its canonical text.
macro_rules! public_identifier {
    ($name:ident) => {
        $crate::identifiers::public_identifier!($name, parse);
    };
    ($name:ident, $stored:ident) => {
        $crate::identifiers::through_parse!($name, $stored);

        impl $name {
            /// The canonical text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

/// A personal identifier: redacted when printed, opened by `reveal`.
macro_rules! personal_identifier {
    ($name:ident) => {
        $crate::identifiers::personal_identifier!($name, parse);
    };
    ($name:ident, $stored:ident) => {
        $crate::identifiers::through_parse!($name, $stored);

        impl $name {
            /// The canonical text, for those who have a reason to see it.
            pub fn reveal(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "([personal])"))
            }
        }
    };
}

use {personal_identifier, public_identifier, through_parse};

pub(crate) use typed::narrow;

/// `text` in half-width characters.
pub(crate) fn narrowed(text: &str) -> String {
    text.chars().map(narrow).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn parsing_never_panics(text in any::<String>()) {
            let _ = (CreditCode::parse(&text), OrganisationCode::parse(&text));
            let _ = (RegistrationNumber::parse(&text), ResidentId::parse(&text));
            let _ = (Mobile::parse(&text), Landline::parse(&text), EmailAddress::parse(&text));
            let _ = (DomainName::parse(&text), IcpNumber::parse(&text));
            let _ = (Passport::parse(&text), HongKongMacaoPermit::parse(&text));
            let _ = (TaiwanPermit::parse(&text), PermanentResidentId::parse(&text));
            let _ = (IcpNumber::find_in(&text), PoliceNumber::find_in(&text));
        }

        #[test]
        fn parsing_digits_and_signs_never_panics(text in "[0-9+()X. -]{0,24}") {
            let _ = (CreditCode::parse(&text), OrganisationCode::parse(&text));
            let _ = (RegistrationNumber::parse(&text), ResidentId::parse(&text));
            let _ = (Mobile::parse(&text), Landline::parse(&text), DomainName::parse(&text));
        }
    }

    #[test]
    fn a_personal_identifier_is_redacted_when_printed() {
        let mobile = Mobile::parse("13800000000").unwrap();
        assert_eq!(format!("{mobile:?}"), "Mobile([personal])");
    }

    #[test]
    fn stored_text_is_checked_on_the_way_in() {
        let read: Result<DomainName, _> = serde_json::from_str("\"Example.CN\"");
        assert_eq!(read.unwrap().as_str(), "example.cn");
        assert!(serde_json::from_str::<DomainName>("\"cn\"").is_err());
    }
}
