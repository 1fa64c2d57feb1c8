//! Routes: what the functions serve, what the template routes to them, what the document says.

use std::collections::{BTreeMap, BTreeSet};

use expect_test::expect_file;
use icp_http::{Audience, Callers, RIGHTS, document};
use serde_json::{Value as Json, json};
use utoipa::openapi::OpenApi;

use super::root;
use super::template::template;

/// The functions that answer HTTP: whose tokens each takes, and what it says of its routes.
fn functions() -> Vec<(&'static str, Audience, OpenApi)> {
    vec![
        (
            "submit-filing",
            Audience::Filers,
            submit_filing::routes().into_openapi(),
        ),
        (
            "verify-contact",
            Audience::Filers,
            verify_contact::routes().into_openapi(),
        ),
        (
            "rectify-filing",
            Audience::Filers,
            rectify_filing::routes().into_openapi(),
        ),
        (
            "review-filing",
            Audience::Staff,
            review_filing::routes().into_openapi(),
        ),
        (
            "run-operations",
            Audience::Staff,
            run_operations::routes().into_openapi(),
        ),
    ]
}

#[test]
fn the_template_routes_exactly_what_the_functions_serve_and_lets_in_whom_they_know() {
    let mut served = BTreeSet::new();
    for (function, audience, document) in functions() {
        for (method, path, _) in operations(&json(&document)) {
            let line = format!("{method} {path}");
            let is_open = RIGHTS.contains(&(line.as_str(), Callers::Anybody));
            let scheme = if is_open { "nobody" } else { audience.scheme() };
            served.insert(format!("{method} {path} -> {function} for {scheme}"));
        }
    }
    let mut routed = BTreeSet::new();
    for (function, described) in template().functions {
        for route in described.routes {
            // Pages are files, and no calls.
            if route.path == "$default" || function == "serve-pages" {
                continue;
            }
            let scheme = route.authorizer.unwrap_or_else(|| "nobody".to_owned());
            let scheme = scheme.to_ascii_lowercase();
            let (method, path) = (route.method, route.path);
            let new = routed.insert(format!("{method} {path} -> {function} for {scheme}"));
            assert!(new, "{method} {path} is routed twice");
        }
    }
    let differ: Vec<&String> = served.symmetric_difference(&routed).collect();
    assert!(differ.is_empty(), "on one side only: {differ:#?}");
    assert!(!served.is_empty());
}

#[test]
fn the_template_routes_to_the_pages_what_they_serve() {
    let serves = &template().functions["serve-pages"].routes;
    let routed = serves
        .iter()
        .map(|route| format!("{} {}", route.method, route.path));
    assert_eq!(routed.collect::<Vec<_>>(), serve_pages::ROUTES);
}

#[test]
fn the_document_is_pinned() {
    let mut pretty = whole_document().to_pretty_json().unwrap();
    pretty.push('\n');
    expect_file!["../../../docs/API/openapi.json"].assert_eq(&pretty);
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    let whole = json(&whole_document());
    let mut references = Vec::new();
    collect(&whole, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(whole.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn no_two_bodies_of_a_function_have_one_name() {
    for (function, _, _) in functions() {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        let folder = root().join("functions").join(function).join("src");
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let Ok(source) = std::fs::read_to_string(&path) else {
                continue;
            };
            // What is described of a type follows its derivation.
            for after in source.split("ToSchema)]").skip(1) {
                let words = after.split_whitespace();
                let name = words
                    .skip_while(|word| !matches!(*word, "struct" | "enum"))
                    .nth(1)
                    .unwrap();
                let name: String = name.chars().take_while(|c| c.is_alphanumeric()).collect();
                let file = path.display().to_string();
                if let Some(other) = seen.insert(name.clone(), file.clone()) {
                    panic!("{name} stands in {other} and in {file}: one hides the other");
                }
            }
        }
    }
}

#[test]
fn no_two_functions_mean_different_things_by_one_schema() {
    let mut seen: BTreeMap<String, (Json, &str)> = BTreeMap::new();
    for (function, _, document) in functions() {
        let document = json(&document);
        let Some(schemas) = document["components"]["schemas"].as_object() else {
            continue;
        };
        for (name, schema) in schemas {
            let (first, of) = seen
                .entry(name.clone())
                .or_insert_with(|| (schema.clone(), function));
            assert_eq!(first, schema, "{name} of {of} and of {function}");
        }
    }
    assert!(!seen.is_empty());
}

#[test]
fn the_document_says_what_it_is_and_under_which_licence() {
    let whole = json(&whole_document());
    let info = &whole["info"];
    assert_eq!(info["title"], "ICP filing audit");
    assert_eq!(info["license"]["identifier"], "MIT OR Apache-2.0");
    assert!(!info["description"].as_str().unwrap().is_empty());
    let schemes = whole["components"]["securitySchemes"].as_object().unwrap();
    let names: Vec<&String> = schemes.keys().collect();
    assert_eq!(names, ["filers", "staff"]);
}

#[test]
fn every_route_says_who_may_call_it_what_it_does_and_which_problems_it_has() {
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&json(&whole_document())) {
        let route = format!("{method} {path}");
        let security = operation["security"].as_array().unwrap();
        let staff = ["/review/", "/operations/", "/access-changes/", "/bounces"];
        let staff = staff.iter().any(|prefix| path.starts_with(prefix));
        let scheme = if staff { "staff" } else { "filers" };
        let open = ["/contact-checks/", "/public-checks", "/way-back"];
        let expected = if open.iter().any(|prefix| path.starts_with(prefix)) {
            vec![]
        } else {
            vec![json!({ scheme: [] })]
        };
        assert_eq!(*security, expected, "{route}");
        let summary = operation["summary"].as_str().unwrap_or_default();
        assert!(summary.ends_with('.'), "{route} says {summary:?}");
        for kind in ["4XX", "5XX"] {
            let content = &operation["responses"][kind]["content"];
            let body = &content["application/problem+json"]["schema"]["$ref"];
            assert_eq!(body, "#/components/schemas/ProblemBody", "{route}");
        }
        let done = operation["responses"].as_object().unwrap();
        assert!(done.keys().any(|status| status.starts_with('2')), "{route}");
        let id = operation["operationId"].as_str().unwrap().to_owned();
        assert!(ids.insert(id), "{route} has another's operationId");
    }
}

#[test]
fn every_route_that_changes_something_takes_a_key_and_no_other_does() {
    // What is only asked is asked by POST where the question is a document.
    let asks = [
        "POST /order-checks",
        "POST /filing-searches",
        "POST /orders/{order}/consequences",
        "POST /review/filing-searches",
        "POST /way-back",
        "POST /operations/level-previews",
    ];
    for (method, path, operation) in operations(&json(&whole_document())) {
        let route = format!("{method} {path}");
        let changes = method == "POST" && !asks.contains(&route.as_str());
        let named = parameters(&operation, "header");
        assert_eq!(named.contains("Idempotency-Key"), changes, "{route}");
    }
}

#[test]
fn a_route_says_of_its_headers_and_pages_what_its_handler_takes() {
    let said_for = [
        (&["Keyed,\n"][..], "(\"Idempotency-Key\" = String, Header)"),
        (&["IfMatch(expected)"], "(\"If-Match\" = String, Header)"),
        (
            // A page alone, or one that is narrowed.
            &["paging: Paging", "Parameters<AskedPage>"],
            "(\"cursor\" = Option<String>, Query)",
        ),
    ];
    let mut taken = 0;
    for (function, _, _) in functions() {
        for file in std::fs::read_dir(root().join(format!("functions/{function}/src"))).unwrap() {
            let path = file.unwrap().path();
            // Routes stand in the files of this folder; parts of them in folders below.
            if path.is_dir() {
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            for route in source.split("#[utoipa::path(").skip(1) {
                let (route, _body) = route.split_once(") -> Result<").unwrap();
                for (takes, says) in said_for {
                    let takes_it = takes.iter().any(|takes| route.contains(takes));
                    assert_eq!(takes_it, route.contains(says), "{path:?}: {route}");
                    taken += usize::from(takes_it);
                }
            }
        }
    }
    assert!(0 < taken, "no handler takes any of these");
}

#[test]
fn one_name_is_one_shape_in_every_function() {
    let mut seen: BTreeMap<String, (Json, &str)> = BTreeMap::new();
    for (function, _, document) in functions() {
        let schemas = json(&document)["components"]["schemas"].clone();
        for (name, schema) in schemas.as_object().into_iter().flatten() {
            let (first, of) = seen
                .entry(name.clone())
                .or_insert_with(|| (schema.clone(), function));
            assert_eq!(first, schema, "{name} of {of} and of {function}");
        }
    }
}

/// What the document leaves open: a base's columns and words are each provider's own.
const LEFT_OPEN: [&str; 1] = ["mapping"];

#[test]
fn the_document_says_of_what_every_body_and_answer_is() {
    let document = json(&whole_document());
    for (method, path, operation) in operations(&document) {
        let answers = operation["responses"].as_object().unwrap();
        let good = answers.iter().filter(|(code, _)| code.starts_with('2'));
        for (code, answer) in good {
            let content = answer["content"].as_object();
            let typed =
                content.is_some_and(|content| content.values().all(|of| of["schema"].is_object()));
            assert!(typed, "{method} {path}: {code} has no schema");
        }
    }
    let mut open = Vec::new();
    untyped(&document["components"]["schemas"], "schemas", &mut open);
    untyped(&document["paths"], "paths", &mut open);
    let known = |place: &String| LEFT_OPEN.iter().any(|name| place.ends_with(name));
    open.retain(|place| !known(place));
    assert_eq!(open, [""; 0]);
}

/// Places of objects of which nothing is said.
fn untyped(value: &Json, place: &str, found: &mut Vec<String>) {
    let says = [
        "properties",
        "additionalProperties",
        "oneOf",
        "allOf",
        "$ref",
    ];
    let is_schema = value["type"] == "object" && value["properties"]["type"].is_null();
    if is_schema && says.iter().all(|says| value.get(says).is_none()) {
        found.push(place.to_owned());
    }
    match value {
        Json::Object(fields) => {
            for (name, field) in fields.iter().filter(|(name, _)| *name != "example") {
                untyped(field, &format!("{place}/{name}"), found);
            }
        }
        Json::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                untyped(item, &format!("{place}/{at}"), found);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

#[test]
fn every_route_names_the_parts_of_its_path() {
    for (method, path, operation) in operations(&json(&whole_document())) {
        let parts: BTreeSet<String> = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .map(ToOwned::to_owned)
            .collect();
        assert_eq!(parameters(&operation, "path"), parts, "{method} {path}");
    }
}

fn whole_document() -> OpenApi {
    let functions = functions().into_iter();
    document(functions.map(|(_, audience, document)| (audience, document)))
}

fn json(document: &OpenApi) -> Json {
    serde_json::to_value(document).unwrap()
}

fn operations(document: &Json) -> Vec<(String, String, Json)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = method.to_ascii_uppercase();
            found.push((method, path.clone(), operation.clone()));
        }
    }
    assert!(!found.is_empty(), "the document has no routes");
    found
}

fn parameters(operation: &Json, place: &str) -> BTreeSet<String> {
    let listed = operation["parameters"].as_array();
    listed
        .into_iter()
        .flatten()
        .filter(|parameter| parameter["in"] == place)
        .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
        .collect()
}

/// Every `$ref` below a value.
fn collect<'a>(value: &'a Json, references: &mut Vec<&'a str>) {
    match value {
        Json::Object(fields) => {
            references.extend(fields.get("$ref").and_then(Json::as_str));
            fields.values().for_each(|field| collect(field, references));
        }
        Json::Array(items) => items.iter().for_each(|item| collect(item, references)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}
