//! What is asked and answered, held against the API's document.
//!
//! **Invariant:** what a function takes and gives is what `docs/API/openapi.json` says of its route.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{LazyLock, Mutex};

use jsonschema::Validator;
use serde_json::Value as Json;

static DOCUMENT: LazyLock<Json> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/API/openapi.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
});

/// Validators that were made so far, by the place of their schema in the document.
static MADE: Mutex<BTreeMap<String, &'static Validator>> = Mutex::new(BTreeMap::new());

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
    // A rendering that is not JSON was read as nothing.
    if !answered.is_null() {
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
    let made = jsonschema::validator_for(&schema).unwrap();
    let made: &'static Validator = Box::leak(Box::new(made));
    MADE.lock().unwrap().insert(place.to_owned(), made);
    made
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
