//! RDAP answers (RFC 9083).

use jiff::Timestamp;
use serde_json::Value;

use super::{Failure, RegistryAnswer, RegistryRecord, holder, is_hold, kept, readable};

/// Reads the body of an RDAP answer about a domain.
///
/// Fails with [`Failure::Malformed`] where it is no domain object and no "not found".
pub fn of_rdap(text: &str) -> Result<RegistryAnswer, Failure> {
    let answer: Value = serde_json::from_str(readable(text)?).map_err(|_| Failure::Malformed)?;
    if answer.get("errorCode").and_then(Value::as_u64) == Some(404) {
        return Ok(RegistryAnswer::NotRegistered);
    }
    if answer.get("objectClassName").and_then(Value::as_str) != Some("domain") {
        return Err(Failure::Malformed);
    }
    let entity = |role: &str| {
        list(&answer, "entities").find(|entity| {
            list(entity, "roles").any(|found| {
                found
                    .as_str()
                    .is_some_and(|found| found.eq_ignore_ascii_case(role))
            })
        })
    };
    let registrar = entity("registrar");
    let registrant = entity("registrant");
    let of_card = |entity: Option<&Value>, property: &str| {
        entity
            .and_then(|entity| card(entity, property))
            .unwrap_or_default()
    };
    Ok(RegistryAnswer::Registered(RegistryRecord {
        registrar: kept(&of_card(registrar, "fn")),
        registrar_iana_id: registrar.and_then(iana_id),
        holder: holder(&of_card(registrant, "org")).or_else(|| holder(&of_card(registrant, "fn"))),
        expires_at: expiration(&answer),
        on_hold: list(&answer, "status").any(|status| status.as_str().is_some_and(is_hold)),
    }))
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// The text of a property of an entity's jCard (RFC 7095): `[name, {}, type, value]`.
fn card(entity: &Value, property: &str) -> Option<String> {
    let rows = entity.get("vcardArray")?.get(1)?.as_array()?;
    let row = rows
        .iter()
        .find(|row| row.get(0).and_then(Value::as_str) == Some(property))?;
    match row.get(3)? {
        Value::String(text) => Some(text.clone()),
        // An organisation may be a list: the body, then its units.
        Value::Array(parts) => parts.first()?.as_str().map(str::to_owned),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

fn iana_id(registrar: &Value) -> Option<u32> {
    let id = list(registrar, "publicIds").find(|id| {
        id.get("type")
            .and_then(Value::as_str)
            .is_some_and(|kind| kind.eq_ignore_ascii_case("IANA Registrar ID"))
    })?;
    match id.get("identifier")? {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => number.as_u64().and_then(|number| number.try_into().ok()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn expiration(answer: &Value) -> Option<Timestamp> {
    let event = list(answer, "events").find(|event| {
        event
            .get("eventAction")
            .and_then(Value::as_str)
            .is_some_and(|action| action.eq_ignore_ascii_case("expiration"))
    })?;
    event.get("eventDate")?.as_str()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ANSWER: &str = r#"{
        "objectClassName": "domain", "ldhName": "example.com",
        "status": ["client transfer prohibited", "client hold"],
        "events": [
            { "eventAction": "registration", "eventDate": "1995-08-14T04:00:00Z" },
            { "eventAction": "expiration", "eventDate": "2026-08-13T12:00:00+08:00" } ],
        "entities": [
            { "roles": ["registrar"],
              "publicIds": [{ "type": "IANA Registrar ID", "identifier": "420" }],
              "vcardArray": ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", "Alibaba Cloud"]]] },
            { "roles": ["registrant"],
              "vcardArray": ["vcard", [["fn", {}, "text", "REDACTED FOR PRIVACY"], ["org", {}, "text", ["示例公司", "研发部"]]]] } ]
    }"#;

    fn read(text: &str) -> RegistryRecord {
        match of_rdap(text).unwrap() {
            RegistryAnswer::Registered(registration) => registration,
            RegistryAnswer::NotRegistered => panic!("not registered"),
        }
    }

    #[test]
    fn a_domain_is_read() {
        let registration = read(ANSWER);
        assert_eq!(registration.registrar.as_deref(), Some("Alibaba Cloud"));
        assert_eq!(registration.registrar_iana_id, Some(420));
        assert_eq!(registration.holder.unwrap().reveal(), "示例公司");
        let expires = "2026-08-13T04:00:00Z".parse().unwrap();
        assert_eq!(registration.expires_at, Some(expires));
        assert!(registration.on_hold);
    }

    #[test]
    fn what_is_hidden_is_absent() {
        let hidden = ANSWER.replace(r#"["示例公司", "研发部"]"#, r#""Domains By Privacy LLC""#);
        assert_eq!(read(&hidden).holder, None);
        assert_eq!(
            read(r#"{ "objectClassName": "domain" }"#),
            RegistryRecord::default()
        );
    }

    #[test]
    fn not_found_is_an_answer_and_other_objects_are_none() {
        assert_eq!(
            of_rdap(r#"{ "errorCode": 404, "title": "Not Found" }"#),
            Ok(RegistryAnswer::NotRegistered)
        );
        for text in [
            "",
            "[]",
            "null",
            r#"{ "errorCode": 429 }"#,
            r#"{ "objectClassName": "entity" }"#,
        ] {
            assert_eq!(of_rdap(text), Err(Failure::Malformed), "{text}");
        }
        assert_eq!(of_rdap(&"[".repeat(300_000)), Err(Failure::Malformed));
        assert_eq!(of_rdap(&"[".repeat(200_000)), Err(Failure::Malformed));
    }

    proptest! {
        #[test]
        fn any_pieces_of_an_answer_give_an_answer(cut in 0_usize..900, put in "[\\[\\]{}\",:0-9a-z]{0,8}") {
            let cut = ANSWER.floor_char_boundary(cut.min(ANSWER.len()));
            let (head, tail) = ANSWER.split_at(cut);
            let _ = of_rdap(&format!("{head}{put}{tail}"));
            let _ = of_rdap(head);
        }
    }
}
