//! Whose domain it is, without saying whose: digests of the names that may hold it go out, and what
//! comes back says same, different or hidden.
//!
//! **Invariant:** no type here that can be written down holds a name. A digest is salted per look,
//! so that digests of two looks cannot be held against each other.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::filing::{PersonDetails, SubjectDetails};
use crate::ids::LookId;
use crate::names::{has_han, normalised};
use crate::personal::{Personal, masked};
use crate::reports::{RegistryFound, RegistryReport};

/// Who may hold the domains of a service, as salted digests of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AcceptedHolders {
    /// What each name is hashed with: the look's id.
    pub salt: String,
    /// SHA-256 of the salt and the normalised name, in hex, sorted.
    pub digests: Vec<String>,
    /// Whether any of the names has Chinese characters: a holder that is written without may be the
    /// same body under a name that nobody filed.
    pub in_han: bool,
}

/// The holder (域名持有者) that a registry names, held against those that are accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RegisteredHolder)]
pub enum Holder {
    /// One of those that are accepted.
    Same,
    /// Another name.
    Different {
        /// Its first character.
        masked: String,
    },
    /// Another name, in a script that none of the accepted ones is written in: it may be theirs.
    OtherScript {
        /// Its first character.
        masked: String,
    },
    /// A name, and nobody to hold it against.
    Uncompared,
    /// The registry hides it.
    #[default]
    Hidden,
}

/// Characters of a masked holder: the first, and stars that do not tell how long the name is.
///
/// Source: chosen here.
const MASKED_CHARACTERS: usize = 3;

impl AcceptedHolders {
    /// The digests of `names` for one look.
    pub fn of<'a>(look: &LookId, names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut holders = Self {
            salt: look.to_string(),
            ..Self::default()
        };
        for name in names {
            holders.digests.extend(digest(&holders.salt, name));
            holders.in_han |= has_han(name);
        }
        holders.digests.sort();
        holders.digests.dedup();
        holders
    }

    /// What a registry's holder is to those that are accepted. `None` where the registry hides it.
    pub fn compare(&self, holder: Option<&Personal<String>>) -> Holder {
        let Some(holder) = holder.map(Personal::reveal) else {
            return Holder::Hidden;
        };
        let Some(digest) = digest(&self.salt, holder) else {
            return Holder::Hidden;
        };
        if self.digests.is_empty() {
            return Holder::Uncompared;
        }
        if self.digests.contains(&digest) {
            return Holder::Same;
        }
        let seen: String = holder.trim().chars().take(1).collect();
        let masked = masked(&format!("{seen:*<MASKED_CHARACTERS$}"), 1, 0);
        if has_han(holder) == self.in_han {
            Holder::Different { masked }
        } else {
            Holder::OtherScript { masked }
        }
    }
}

/// The digest of a name; `None` where nothing is left of it when it is normalised.
fn digest(salt: &str, name: &str) -> Option<String> {
    let name = normalised(name);
    (!name.is_empty()).then(|| {
        let mut hash = Sha256::new();
        hash.update((salt.len() as u64).to_be_bytes());
        hash.update(salt.as_bytes());
        hash.update(name.as_bytes());
        hex::encode(hash.finalize())
    })
}

/// The names that a domain may be registered to: the unit, its former names and its legal
/// representative, as filed and as a register has them, and the principals.
///
/// Source: behaviour of this service, part 3.
pub fn accepted_names<'a>(
    details: Option<&'a SubjectDetails>,
    registry: Option<&'a RegistryReport>,
    principals: impl IntoIterator<Item = &'a PersonDetails>,
) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    if let Some(details) = details {
        names.push(details.name.reveal());
        let representative = details.legal_representative.iter();
        names.extend(representative.map(|name| name.reveal().as_str()));
    }
    // An answer on another number names somebody else.
    let filed = details.map(|details| details.certificate.number());
    let of_filed = |report: &&RegistryReport| {
        filed.is_some_and(|number| *number.reveal() == report.number.reveal().as_str())
    };
    if let Some(RegistryReport {
        found: RegistryFound::Body(body),
        ..
    }) = registry.filter(of_filed)
    {
        names.push(body.name.reveal());
        names.extend(body.former_names.iter().map(String::as_str));
        let representative = body.legal_representative.iter();
        names.extend(representative.map(|name| name.reveal().as_str()));
    }
    let principals = principals.into_iter();
    names.extend(principals.map(|person| person.name.reveal().as_str()));
    names
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use proptest::prelude::*;

    use super::*;

    fn accepted(names: &[&str]) -> AcceptedHolders {
        AcceptedHolders::of(&"l1".parse().unwrap(), names.iter().copied())
    }

    fn compared(names: &[&str], holder: &str) -> String {
        let holder = Personal::new(holder.to_owned());
        serde_json::to_string(&accepted(names).compare(Some(&holder))).unwrap()
    }

    #[test]
    fn a_holder_is_held_against_every_accepted_name() {
        let names = ["示例（北京）有限公司", "王小明"];
        for (holder, expected) in [
            ("示例(北京)有限公司", "\"same\""),
            (" 王小明 ", "\"same\""),
            ("王小红", r#"{"different":{"masked":"王**"}}"#),
            ("某某集团", r#"{"different":{"masked":"某**"}}"#),
            ("Example Ltd", r#"{"otherScript":{"masked":"E**"}}"#),
            (" . ", "\"hidden\""),
        ] {
            assert_eq!(compared(&names, holder), expected, "{holder}");
        }
        assert_eq!(
            compared(&["Example Ltd"], "示例公司"),
            r#"{"otherScript":{"masked":"示**"}}"#
        );
        assert_eq!(compared(&["Example Ltd"], "EXAMPLE  LTD."), "\"same\"");
        assert_eq!(compared(&[], "示例公司"), "\"uncompared\"");
        assert_eq!(accepted(&names).compare(None), Holder::Hidden);
    }

    #[test]
    fn digests_are_salted_by_their_look_and_pinned() {
        let of = |look: &str| AcceptedHolders::of(&look.parse().unwrap(), ["示例公司", "示例公司"]);
        assert_ne!(of("l1").digests, of("l2").digests);
        expect![[r#"{"salt":"l1","digests":["539abfd87ffb5ed9b410c12bfdd3085cbedafa8eca54a0851c634175d2826e87"],"inHan":true}"#]]
            .assert_eq(&serde_json::to_string(&of("l1")).unwrap());
    }

    proptest! {
        #[test]
        fn no_name_leaves_the_comparison(
            name in "[\u{4E00}-\u{4E20}A-Za-z]{2,12}",
            other in "[\u{4E00}-\u{4E20}A-Za-z]{2,12}",
        ) {
            let accepted = accepted(&[&name]);
            let sent = serde_json::to_string(&accepted).unwrap();
            // A short name in Latin letters may stand in hex by chance.
            if name.len() > 4 {
                prop_assert!(!sent.contains(&name));
            }
            let compared = accepted.compare(Some(&Personal::new(other.clone())));
            let seen = serde_json::to_string(&compared).unwrap();
            prop_assert_eq!(compared == Holder::Same, normalised(&name) == normalised(&other));
            let second = other.chars().nth(1).unwrap();
            if !second.is_ascii() {
                prop_assert!(!seen.contains(second) || other.starts_with(second));
            }
        }

        #[test]
        fn any_text_is_compared(name in "\\PC{0,40}", holder in "\\PC{0,40}") {
            let _ = accepted(&[&name]).compare(Some(&Personal::new(holder)));
        }
    }
}
