//! What is asked and answered, held against the API's document.
//!
//! **Invariant:** what a function takes and gives is what `docs/API/openapi.json` says of its route.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{LazyLock, Mutex};

use icp_local::stage::Answer;
use jsonschema::Validator;
use serde_json::Value as Json;

static DOCUMENT: LazyLock<Json> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/API/openapi.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
});

/// Validators that were made so far, by the place of their schema in the document.
static MADE: Mutex<BTreeMap<String, &'static Validator>> = Mutex::new(BTreeMap::new());

/// Holds each call of a stage against the document.
pub(crate) fn watch(method: &str, path: &str, asked: &str, answer: &Answer) {
    hold(method, path, asked, answer.status, &answer.body);
}

/// Holds a call against the document: what was taken, and what came back.
pub(crate) fn hold(method: &str, path: &str, asked: &str, status: u16, answered: &Json) {
    let path = path.split('?').next().unwrap_or_default();
    // What is no route of the document is the gateway's to refuse.
    let Some(template) = template(path) else {
        return;
    };
    let method = method.to_ascii_lowercase();
    let operation = format!(
        "/paths/{}/{method}",
        template.replace('~', "~0").replace('/', "~1")
    );
    if DOCUMENT.pointer(&operation).is_none() {
        return;
    }
    let (code, media) = match status {
        200..400 => (status.to_string(), "application~1json"),
        // The gateway's own word.
        401 => return,
        400..500 => ("4XX".to_owned(), "application~1problem+json"),
        _ => ("5XX".to_owned(), "application~1problem+json"),
    };
    let answer = format!("{operation}/responses/{code}");
    assert!(
        DOCUMENT.pointer(&answer).is_some(),
        "{method} {path}: nothing is said of {status}"
    );
    let renderings = DOCUMENT.pointer(&format!("{answer}/content"));
    let is_json_alone = renderings
        .and_then(Json::as_object)
        .is_some_and(|of| of.len() == 1);
    // One that is not JSON was read as nothing.
    if is_json_alone || !answered.is_null() {
        let schema = format!("{answer}/content/{media}/schema");
        holds(
            &schema,
            answered,
            &format!("{method} {path} answered {status}"),
        );
    }
    let body = format!("{operation}/requestBody/content/application~1json/schema");
    if let (200..300, Ok(asked), true) = (
        status,
        serde_json::from_str::<Json>(asked),
        DOCUMENT.pointer(&body).is_some(),
    ) {
        holds(&body, &asked, &format!("{method} {path} takes"));
    }
}

fn holds(place: &str, value: &Json, what: &str) {
    let faults: Vec<String> = validator(place, what)
        .iter_errors(value)
        .map(|fault| format!("{fault} at {:?}", fault.instance_path().as_str()))
        .collect();
    assert!(
        faults.is_empty(),
        "{what} otherwise than the document says: {faults:#?}\n{value:#}"
    );
}

fn validator(place: &str, what: &str) -> &'static Validator {
    if let Some(made) = MADE.lock().unwrap().get(place) {
        return made;
    }
    let schema = DOCUMENT.pointer(place);
    let mut schema = schema
        .unwrap_or_else(|| panic!("{what}: the document has no schema"))
        .clone();
    schema["components"] = DOCUMENT["components"].clone();
    close(&mut schema, true);
    let made = jsonschema::validator_for(&schema).unwrap();
    let made: &'static Validator = Box::leak(Box::new(made));
    MADE.lock().unwrap().insert(place.to_owned(), made);
    made
}

/// What is not described may not be there: each schema of a whole value says so, those that others are made of do not.
fn close(schema: &mut Json, is_whole: bool) {
    match schema {
        Json::Object(fields) => {
            let says_nothing = fields.get("type") == Some(&Json::from("object"))
                && !fields.contains_key("properties")
                && !fields.contains_key("additionalProperties");
            if is_whole && !says_nothing {
                fields.insert("unevaluatedProperties".to_owned(), Json::Bool(false));
            }
            for (name, field) in fields.iter_mut() {
                match (name.as_str(), field) {
                    ("properties" | "schemas", Json::Object(parts)) => {
                        let is_property = name == "properties";
                        for part in parts.values_mut() {
                            close(part, is_property);
                        }
                    }
                    ("items" | "additionalProperties", part) => close(part, true),
                    ("prefixItems", Json::Array(parts)) => {
                        for part in parts {
                            close(part, true);
                        }
                    }
                    (_, part) => close(part, false),
                }
            }
        }
        Json::Array(parts) => {
            for part in parts {
                close(part, false);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// The route of a path, as the document writes it.
fn template(path: &str) -> Option<&'static str> {
    let parts: Vec<&str> = path.split('/').collect();
    let mut routes = DOCUMENT["paths"].as_object().unwrap().keys();
    // What is written out goes before what stands for anything.
    let mut fitting: Vec<&'static str> = routes
        .by_ref()
        .filter(|route| {
            let of: Vec<&str> = route.split('/').collect();
            let fits = |(one, other): (&&str, &&str)| one.starts_with('{') || one == other;
            of.len() == parts.len() && of.iter().zip(&parts).all(fits)
        })
        .map(String::as_str)
        .collect();
    fitting.sort_by_key(|route| route.matches('{').count());
    fitting.first().copied()
}

/// The brake as it is read.
fn brake() -> Json {
    serde_json::json!({ "mode": "manual", "latchedAt": null, "liveLinks": 1, "stoppedInLastDay": 0,
        "releasedAtOnce": 20, "version": 1 })
}

#[test]
fn what_is_described_passes() {
    hold("GET", "/operations/brake", "", 200, &brake());
}

#[test]
#[should_panic(expected = "otherwise than the document says")]
fn what_is_not_described_is_found() {
    let mut more = brake();
    more["more"] = Json::from(1);
    hold("GET", "/operations/brake", "", 200, &more);
}

#[test]
#[should_panic(expected = "otherwise than the document says")]
fn what_is_missing_or_another_value_is_found() {
    let mut other = brake();
    other["mode"] = Json::from("half");
    hold("GET", "/operations/brake", "", 200, &other);
}
