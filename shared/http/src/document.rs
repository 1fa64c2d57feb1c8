//! The one `OpenAPI` document of the service, merged from what each function's routes say.
//!
//! **Invariant:** nothing here describes a route; what is added is what all routes share: who may
//! call, the answers of the gateway, the media type of problems, and ids that are unique.

use crate::rights::{Callers, RIGHTS};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, Content, Info, License, OpenApi, Paths, Ref, RefOr, Response, ResponseBuilder,
};

/// Whose tokens a function takes; the name of the gateway's authorizer, in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Filers, by their own issuer.
    Filers,
    /// Staff, by theirs.
    Staff,
}

impl Audience {
    /// The name of its security scheme.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Filers => "filers",
            Self::Staff => "staff",
        }
    }

    fn scheme_of_tokens(self) -> SecurityScheme {
        let whose = match self {
            Self::Filers => "A token of the filers' issuer, with the claims account and role.",
            Self::Staff => "A token of the staff's issuer, with the claims account and role.",
        };
        SecurityScheme::Http(
            HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .bearer_format("JWT")
                .description(Some(whose))
                .build(),
        )
    }
}

/// What the document says of the whole.
const ABOUT: &str = "ICP filings, from the first draft to the end of access, for filers and staff.\n\n\
    Every answer of 4xx or 5xx that a function gives is a problem document (RFC 9457); its kinds are \
    in PROBLEMS.md. The gateway answers some requests itself, as `{\"message\": \"…\"}`: 401 without \
    an accepted token, 413 beyond its own limit, 429 when it is called too often, 503 when a \
    function does not answer.";

/// The media type of a problem (RFC 9457).
const PROBLEM: &str = "application/problem+json";

/// Merges the functions' documents into the service's.
pub fn document(functions: impl IntoIterator<Item = (Audience, OpenApi)>) -> OpenApi {
    let mut info = Info::new("ICP filing audit", env!("CARGO_PKG_VERSION"));
    info.description = Some(ABOUT.to_owned());
    let mut license = License::new(env!("CARGO_PKG_LICENSE"));
    license.identifier = Some(env!("CARGO_PKG_LICENSE").to_owned());
    info.license = Some(license);
    let mut whole = OpenApi::new(info, Paths::new());
    let mut components = Components::new();
    for audience in [Audience::Filers, Audience::Staff] {
        components.add_security_scheme(audience.scheme(), audience.scheme_of_tokens());
    }
    whole.components = Some(components);
    for (audience, mut function) in functions {
        for (path, item) in &mut function.paths.paths {
            for (method, operation) in operations(item) {
                complete(operation, audience, method, path);
            }
        }
        whole.merge(function);
    }
    whole
}

/// The operations of a path, by their method in lower case.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("get", item.get.as_mut()),
        ("put", item.put.as_mut()),
        ("post", item.post.as_mut()),
        ("delete", item.delete.as_mut()),
        ("patch", item.patch.as_mut()),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation?)))
}

fn complete(operation: &mut Operation, audience: Audience, method: &str, path: &str) {
    operation.operation_id = Some(operation_id(method, path));
    operation.summary = operation.summary.as_deref().map(one_line);
    let line = format!("{} {path}", method.to_ascii_uppercase());
    let is_open = RIGHTS.contains(&(line.as_str(), Callers::Anybody));
    operation.security = Some(if is_open {
        Vec::new()
    } else {
        vec![SecurityRequirement::new(
            audience.scheme(),
            Vec::<String>::new(),
        )]
    });
    let responses = &mut operation.responses.responses;
    for (status, response) in responses.iter_mut() {
        if let RefOr::T(response) = response {
            say(response, status);
            if status.starts_with(['4', '5']) {
                let contents = std::mem::take(&mut response.content);
                let renamed = contents
                    .into_values()
                    .map(|content| (PROBLEM.to_owned(), content));
                response.content = renamed.collect();
            }
        }
    }
    let refused = ResponseBuilder::new()
        .description("The gateway takes no such token; its own answer")
        .build();
    responses.insert("401".to_owned(), RefOr::T(refused));
    let problem = Content::new(Some(Ref::from_schema_name("ProblemBody")));
    let fault = ResponseBuilder::new()
        .description("A fault of the service")
        .content(PROBLEM, problem)
        .build();
    responses.insert("5XX".to_owned(), RefOr::T(fault));
}

/// A response must have a description; routes leave those out that the status says.
fn say(response: &mut Response, status: &str) {
    if response.description.is_empty() {
        let said = match status {
            "201" => "Created",
            "202" => "Taken in",
            "4XX" => "The request is refused",
            _ => "Done",
        };
        said.clone_into(&mut response.description);
    }
}

/// A summary without the line breaks of the source that it comes from.
fn one_line(summary: &str) -> String {
    summary.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An id of the operation that no other has: its method and path.
fn operation_id(method: &str, path: &str) -> String {
    let words = path
        .split(['/', '{', '}', '-'])
        .filter(|word| !word.is_empty());
    let mut id = method.to_owned();
    for word in words {
        id.push('_');
        id.push_str(word);
    }
    id
}
