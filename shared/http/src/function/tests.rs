//! The border, with events as the gateway sends them.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use expect_test::{Expect, expect};
use icp_domain::ids::OrderId;
use icp_domain::{Rulebook, Violation};
use icp_runtime::Environment;
use icp_store::{Answer, Failure, Repeat};
use serde::Deserialize;
use serde_json::json;

use super::*;
use crate::{Answered, Body, Filer, IfMatch, Keyed, Now, Origin, Paging, PathIds, Staff};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Thing {
    name: String,
    parts: Vec<Part>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Part {
    kind: Kind,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Sized { size: u32 },
}

/// What a handler is given, as an answer.
fn shown(body: Value) -> Answered {
    Answered(Answer {
        status: 200,
        location: None,
        etag: None,
        body,
    })
}

async fn change(
    filer: Filer,
    Now(inv): Now,
    Origin(origin): Origin,
    PathIds(order): PathIds<OrderId>,
    keyed: Keyed,
    IfMatch(version): IfMatch,
    Body(thing): Body<Thing>,
) -> Result<Answered, Problem> {
    let repeat: Repeat<()> = keyed.rendered_by(|()| Answer {
        status: 200,
        location: None,
        etag: None,
        body: Value::Null,
    });
    let Kind::Sized { size } = thing.parts.first().unwrap().kind;
    let seen = json!([
        filer.account,
        filer.user,
        origin,
        order,
        thing.name,
        size,
        inv.now
    ]);
    Ok(Answered(Answer {
        status: 201,
        location: Some(format!("/orders/{order}/edits")),
        etag: Some(version + 1),
        body: json!({ "seen": seen, "command": repeat.command, "hash": repeat.body_hash }),
    }))
}

async fn refuse(Path(slug): Path<String>) -> Problem {
    let kind = ProblemKind::ALL.iter().find(|kind| kind.slug() == slug);
    let kind = *kind.unwrap();
    if kind.status() < 500 {
        let violation = Violation {
            field: "/a".to_owned(),
            rule: "too-long".to_owned(),
            text: Text::new("太长", "too long"),
            source: "a notice".to_owned(),
            as_of: Some("2024-06-01".parse().unwrap()),
        };
        Problem::client(kind, Text::new("详情", "the detail"))
            .violations(vec![violation])
            .retry_after(Duration::from_mins(1))
    } else {
        Problem::server(kind, std::io::Error::other("a secret of ours"))
    }
}

fn function(variables: &[(&str, &str)]) -> HttpFunction {
    let served = OpenApiRouter::new()
        .route("/orders/{order}/edits", post(change))
        .route("/problems/{slug}", get(refuse))
        .route(
            "/bodies",
            post(async |Body(thing): Body<Thing>| shown(json!(thing.name))),
        )
        .route(
            "/keyed",
            post(async |keyed: Keyed| {
                let repeat: Repeat<()> = keyed.rendered_by(|()| unreachable!());
                shown(json!([repeat.command, repeat.body_hash]))
            }),
        )
        .route(
            "/orders",
            get(async |filer: Filer| shown(json!(filer.account))),
        )
        .route(
            "/review/orders",
            get(async |staff: Staff| shown(json!(staff.role)))
                .post(async |staff: Staff| shown(json!(staff.user))),
        )
        .route(
            "/operations/brake",
            get(async |staff: Staff| shown(json!(staff.user)))
                .post(async |staff: Staff| shown(json!(staff.user))),
        )
        .route(
            "/pages",
            get(async |paging: Paging| {
                shown(json!([
                    paging.limit,
                    paging.cursor.map(|at| at.as_str().to_owned())
                ]))
            }),
        )
        .route(
            "/two-ids/{one}",
            get(async |PathIds(ids): PathIds<(OrderId, OrderId)>| shown(json!(ids))),
        )
        .route("/unshaped", get(async || StatusCode::IM_A_TEAPOT))
        .route("/twice", get(async |_: Now, _: Now| shown(Value::Null)));
    let environment = variables
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()));
    let start = Start::of_parts(
        Environment::of(environment.collect::<BTreeMap<_, _>>()),
        &aws_config::SdkConfig::builder().build(),
        Box::leak(Box::new(Rulebook::shipped().unwrap())),
    );
    HttpFunction::new("test", served, (), &start)
}

/// An event as the gateway sends it.
struct Event(Value);

impl Event {
    fn new(method: &str, path: &str) -> Self {
        let claims = json!({ "account": "a1", "role": "filer", "sub": "u1", "exp": "1893456000" });
        Self(json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": "",
            "headers": { "host": "api.example", "x-forwarded-proto": "https" },
            "requestContext": {
                "accountId": "000000000000",
                "apiId": "test",
                "authorizer": { "jwt": { "claims": claims, "scopes": null } },
                "domainName": "api.example",
                "http": {
                    "method": method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "203.0.113.7",
                    "userAgent": "test",
                },
                "requestId": "r1",
                "routeKey": "$default",
                "stage": "$default",
                "time": "02/Mar/2026:02:00:00 +0000",
                "timeEpoch": 1_772_416_800_000_i64,
            },
            "isBase64Encoded": false,
        }))
    }

    /// A change of `/orders/o1/edits` with everything that it needs.
    fn change(body: &str) -> Self {
        Self::new("POST", "/orders/o1/edits")
            .header("idempotency-key", "k1")
            .header("if-match", "\"7\"")
            .json(body)
    }

    fn set(mut self, pointer: &str, value: Value) -> Self {
        *self.0.pointer_mut(pointer).unwrap() = value;
        self
    }

    fn query(self, query: &str) -> Self {
        self.set("/rawQueryString", json!(query))
    }

    fn claims(self, claims: Value) -> Self {
        self.set("/requestContext/authorizer/jwt/claims", claims)
    }

    fn header(mut self, name: &str, value: &str) -> Self {
        self.0["headers"][name] = json!(value);
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.0["headers"].as_object_mut().unwrap().remove(name);
        self
    }

    fn body(mut self, body: &str) -> Self {
        self.0["body"] = json!(body);
        self
    }

    fn json(self, body: &str) -> Self {
        self.header("content-type", "application/json").body(body)
    }

    async fn answer(self) -> Value {
        self.answer_of(&function(&[])).await
    }

    async fn answer_of(self, function: &HttpFunction) -> Value {
        let now = "2026-03-02T02:00:00Z".parse().unwrap();
        let clock = Clock::moved(move || now);
        function.answer(self.0, &clock).await.unwrap()
    }

    /// Status, kind or body, detail, and violations in short.
    async fn brief(self) -> String {
        brief(&self.answer().await)
    }
}

fn body_of(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
}

fn brief(answer: &Value) -> String {
    let body = body_of(answer);
    let status = &answer["statusCode"];
    let Some(urn) = body["type"].as_str() else {
        return format!("{status} {body}");
    };
    assert_eq!(
        answer["headers"]["content-type"],
        "application/problem+json"
    );
    assert_eq!(body["status"], *status);
    let kind = urn.strip_prefix("urn:icp-audit:problem:").unwrap();
    let mut text = format!("{status} {kind}");
    for violation in body["violations"].as_array().into_iter().flatten() {
        text.push_str(&format!(" {}: {}", violation["field"], violation["text"]));
    }
    text
}

fn pretty(answer: &Value, expected: &Expect) {
    let mut answer = answer.clone();
    answer["body"] = body_of(&answer);
    expected.assert_eq(&serde_json::to_string_pretty(&answer).unwrap());
}

const THING: &str = r#"{"name":"n","parts":[{"kind":{"sized":{"size":3}}}]}"#;

#[tokio::test]
async fn a_handler_gets_what_the_request_says_and_its_answer_comes_back_whole() {
    let answer = Event::change(THING).answer().await;
    pretty(
        &answer,
        &expect![[r#"
            {
              "body": {
                "command": "c0591526d7fa95cc9d295d94ebd40951",
                "hash": "f9d25e0dfe9905ec1d329402616b61aa3778dfe491e6bff133f81da310d7b77e",
                "seen": [
                  "a1",
                  "u1",
                  "203.0.113.7",
                  "o1",
                  "n",
                  3,
                  "2026-03-02T02:00:00Z"
                ]
              },
              "cookies": [],
              "headers": {
                "cache-control": "no-store",
                "content-length": "187",
                "content-type": "application/json",
                "etag": "\"8\"",
                "location": "/orders/o1/edits"
              },
              "isBase64Encoded": false,
              "multiValueHeaders": {},
              "statusCode": 201
            }"#]],
    );
}

#[tokio::test]
async fn a_problem_is_a_document_in_the_callers_language() {
    let chinese = Event::new("GET", "/problems/draft-refused").answer().await;
    pretty(
        &chinese,
        &expect![[r#"
        {
          "body": {
            "detail": "详情",
            "retryAfter": 60,
            "status": 422,
            "title": "订单内容不符合要求",
            "type": "urn:icp-audit:problem:draft-refused",
            "violations": [
              {
                "asOf": "2024-06-01",
                "field": "/a",
                "rule": "too-long",
                "source": "a notice",
                "text": "太长"
              }
            ]
          },
          "cookies": [],
          "headers": {
            "cache-control": "no-store",
            "content-language": "zh-CN",
            "content-type": "application/problem+json",
            "retry-after": "60"
          },
          "isBase64Encoded": false,
          "multiValueHeaders": {},
          "statusCode": 422
        }"#]],
    );
    let english = Event::new("GET", "/problems/draft-refused").header("accept-language", "en");
    pretty(
        &english.answer().await,
        &expect![[r#"
        {
          "body": {
            "detail": "the detail",
            "retryAfter": 60,
            "status": 422,
            "title": "The draft breaks rules",
            "type": "urn:icp-audit:problem:draft-refused",
            "violations": [
              {
                "asOf": "2024-06-01",
                "field": "/a",
                "rule": "too-long",
                "source": "a notice",
                "text": "too long"
              }
            ]
          },
          "cookies": [],
          "headers": {
            "cache-control": "no-store",
            "content-language": "en",
            "content-type": "application/problem+json",
            "retry-after": "60"
          },
          "isBase64Encoded": false,
          "multiValueHeaders": {},
          "statusCode": 422
        }"#]],
    );
}

#[tokio::test]
async fn every_kind_has_its_status_and_only_a_callers_problem_has_a_detail() {
    let mut kinds = String::new();
    for kind in ProblemKind::ALL {
        let path = format!("/problems/{}", kind.slug());
        let answer = Event::new("GET", &path).answer().await;
        let body = body_of(&answer);
        assert_eq!(body["title"], kind.title(Language::Chinese));
        assert_eq!(
            body.get("detail").is_some(),
            kind.status() < 500,
            "{kind:?}"
        );
        assert!(!answer.to_string().contains("secret"));
        kinds.push_str(&format!("{} {}\n", answer["statusCode"], kind.slug()));
    }
    expect![[r#"
        400 malformed-request
        400 key-malformed
        403 role-not-allowed
        404 not-found
        405 method-not-allowed
        409 step-refused
        409 confirmation-needed
        409 claimed-by-other
        409 second-person-needed
        412 changed-meanwhile
        413 too-large
        415 media-type
        422 code-not-accepted
        422 draft-refused
        422 key-reused
        428 precondition-missing
        429 slow-down
        500 internal
        503 try-again
    "#]]
    .assert_eq(&kinds);
}

#[test]
fn a_failure_of_a_use_case_is_the_problem_that_it_names() {
    let never = |()| Problem::client(ProblemKind::StepRefused, Text::new("不", "no"));
    let kind = |failure| Problem::of(failure, never).kind();
    assert_eq!(kind(Failure::Refused(())), ProblemKind::StepRefused);
    assert_eq!(kind(Failure::NotFound), ProblemKind::NotFound);
    assert_eq!(kind(Failure::KeyReused), ProblemKind::KeyReused);
    assert_eq!(
        kind(Failure::ChangedMeanwhile),
        ProblemKind::ChangedMeanwhile
    );
    let away = icp_store::StoreError::Unavailable("throttled".into());
    let away = Problem::of(Failure::Fault(away), never);
    assert_eq!(away.kind(), ProblemKind::TryAgain);
    assert_eq!(away.render(Language::English).headers()["retry-after"], "1");
}

#[tokio::test]
async fn a_path_or_method_that_is_not_there_is_a_problem_too() {
    let check = async |method, path, expected: &str| {
        assert_eq!(
            Event::new(method, path).brief().await,
            expected,
            "{method} {path}"
        );
    };
    check("GET", "/nothing", "404 not-found").await;
    check("GET", "/bodies/", "404 not-found").await;
    check("GET", "not a path", "404 not-found").await;
    check("DELETE", "/bodies", "405 method-not-allowed").await;
    check("GET", "/unshaped", "500 internal").await;
    check("GET", "/twice", "500 internal").await;
    check("GET", "/two-ids/a", "500 internal").await;
    let answer = Event::new("PUT", "/operations/brake").answer().await;
    assert_eq!(answer["headers"]["allow"], "GET,HEAD,POST");
    assert_eq!(answer["headers"]["cache-control"], "no-store");
}

#[tokio::test]
async fn what_is_no_id_names_nothing() {
    for path in [
        "/orders/a%20b/edits",
        "/orders/号/edits",
        "/orders/a b/edits",
        "/orders/a?b/edits",
        "/orders/%ff/edits",
    ] {
        let event = Event::change(THING).set("/rawPath", json!(path));
        assert_eq!(event.brief().await, "404 not-found", "{path}");
    }
}

#[tokio::test]
async fn an_event_of_another_kind_fails_and_a_broken_one_is_the_callers() {
    let clock = Clock::system();
    for event in [
        json!({}),
        json!({ "Records": [] }),
        json!({ "version": "1.0", "httpMethod": "GET", "path": "/", "requestContext": {} }),
    ] {
        let answer = function(&[]).answer(event.clone(), &clock).await;
        assert!(
            matches!(answer, Err(FunctionError::Malformed(_))),
            "{event}"
        );
    }
    let coded = Event::change("not base64!").set("/isBase64Encoded", json!(true));
    assert_eq!(coded.brief().await, "400 malformed-request");
    let query = Event::new("GET", "/pages").query("a b");
    assert_eq!(query.brief().await, "400 malformed-request");
}

#[tokio::test]
async fn a_route_of_filers_takes_no_staff_and_a_route_of_staff_no_filers() {
    let check = async |path, claims: Value, expected: &str| {
        let answered = Event::new("GET", path).claims(claims.clone()).brief().await;
        assert_eq!(answered, expected, "{path} {claims}");
    };
    let refused = "403 role-not-allowed";
    let filer = json!({ "account": "a1", "role": "filer", "sub": "u1" });
    let reviewer = json!({ "account": "a1", "role": "reviewer", "sub": "u1" });
    check("/orders", filer.clone(), "200 \"a1\"").await;
    check("/orders", reviewer.clone(), refused).await;
    check("/review/orders", reviewer, "200 \"reviewer\"").await;
    check("/review/orders", filer, refused).await;
    for unusable in [
        json!({}),
        json!({ "role": "filer", "sub": "u1" }),
        json!({ "account": "a/1", "role": "filer", "sub": "u1" }),
        json!({ "account": "a1", "role": "[filer]", "sub": "u1" }),
        json!({ "account": "a1", "sub": "u1" }),
        json!({ "account": "a1", "role": "filer" }),
        json!({ "account": "a1", "role": "filer", "sub": "" }),
    ] {
        check("/orders", unusable.clone(), refused).await;
        check("/review/orders", unusable, refused).await;
    }
    let none = Event::new("GET", "/review/orders").set("/requestContext/authorizer", Value::Null);
    assert_eq!(none.brief().await, refused);
}

#[tokio::test]
async fn an_auditor_reads_and_changes_nothing() {
    let answered = async |path: &str, method, role: &str| {
        let claims = json!({ "role": role, "sub": "u1" });
        let answer = Event::new(method, path).claims(claims).answer();
        answer.await["statusCode"].clone()
    };
    let (orders, brake) = ("/review/orders", "/operations/brake");
    assert_eq!(answered(orders, "GET", "reviewer").await, 200);
    assert_eq!(answered(orders, "GET", "auditor").await, 200);
    assert_eq!(answered(orders, "GET", "operator").await, 403);
    assert_eq!(answered(brake, "GET", "operator").await, 200);
    assert_eq!(answered(brake, "POST", "operator").await, 200);
    assert_eq!(answered(brake, "GET", "auditor").await, 200);
    assert_eq!(answered(brake, "POST", "auditor").await, 403);
    assert_eq!(answered(brake, "GET", "reviewer").await, 403);
    // The router has this route, and the table of rights has not: it is nobody's.
    assert_eq!(answered(orders, "POST", "reviewer").await, 403);
}

#[tokio::test]
async fn the_names_of_the_claims_are_configured() {
    let function = function(&[("ICP_ACCOUNT_CLAIM", "uin"), ("ICP_ROLE_CLAIM", "as")]);
    let claims = json!({ "uin": "a2", "as": "filer", "sub": "u1", "account": "a1" });
    let event = Event::new("GET", "/orders").claims(claims);
    assert_eq!(brief(&event.answer_of(&function).await), "200 \"a2\"");
    let defaults = Event::new("GET", "/orders").answer_of(&function).await;
    assert_eq!(brief(&defaults), "403 role-not-allowed");
}

#[tokio::test]
async fn a_request_is_known_by_caller_path_query_and_key_and_its_body_is_hashed() {
    let event = |key: &str| Event::new("POST", "/keyed").header("idempotency-key", key);
    let known = async |event: Event| {
        let body = body_of(&event.answer().await);
        (body[0].clone(), body[1].clone())
    };
    let (command, hash) = known(event("k1").json("{}")).await;
    assert_eq!(
        hash, "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        "SHA-256 of {{}}"
    );
    // `If-Match` and other headers are no part of it, nor is the way that the body was coded.
    let coded = event("k1")
        .json("e30=")
        .set("/isBase64Encoded", json!(true));
    let again = known(coded.header("if-match", "\"9\"")).await;
    assert_eq!(again, (command.clone(), hash.clone()));
    let (same, other_hash) = known(event("k1").json("{ }")).await;
    assert_eq!((same == command, other_hash == hash), (true, false));
    let of =
        |account: &str, user: &str| json!({ "account": account, "role": "filer", "sub": user });
    for other in [
        event("k2"),
        event("k1").query("a=1"),
        event("k1").claims(of("a2", "u1")),
        event("k1").claims(of("a1", "u2")),
    ] {
        assert_ne!(known(other).await.0, command);
    }
}

#[tokio::test]
async fn a_key_is_1_to_255_visible_ascii_characters() {
    let longest = "k".repeat(255);
    for good in ["k", "~!", &longest] {
        let event = Event::change(THING).header("idempotency-key", good);
        assert_eq!(event.answer().await["statusCode"], 201, "{good}");
    }
    let too_long = "k".repeat(256);
    for bad in ["", "a b", "号", "k\t", &too_long] {
        let event = Event::change(THING).header("idempotency-key", bad);
        assert_eq!(event.brief().await, "400 key-malformed", "{bad}");
    }
    let none = Event::change(THING).without("idempotency-key");
    assert_eq!(none.brief().await, "400 key-malformed");
}

#[tokio::test]
async fn a_change_wants_the_version_that_the_caller_saw() {
    let none = Event::change(THING).without("if-match");
    assert_eq!(none.brief().await, "428 precondition-missing");
    for bad in ["*", "7", "W/\"7\"", "\"seven\"", "\"7\", \"8\""] {
        let event = Event::change(THING).header("if-match", bad);
        assert_eq!(event.brief().await, "400 malformed-request", "{bad}");
    }
}

#[tokio::test]
async fn a_body_is_json_of_at_most_256_kb() {
    let post = |body: &str| Event::new("POST", "/bodies").json(body);
    for media in ["application/json; charset=utf-8", "Application/JSON"] {
        let event = post(THING).header("content-type", media);
        assert_eq!(event.brief().await, "200 \"n\"", "{media}");
    }
    for media in [
        "text/plain",
        "application/problem+json",
        "application/jsonp",
        "",
    ] {
        let event = post(THING).header("content-type", media);
        assert_eq!(event.brief().await, "415 media-type", "{media}");
    }
    let untyped = post(THING).without("content-type");
    assert_eq!(untyped.brief().await, "415 media-type");
    let padded = |length: usize| format!("{THING}{}", " ".repeat(length - THING.len()));
    assert_eq!(post(&padded(256 * 1024)).brief().await, "200 \"n\"");
    assert_eq!(post(&padded(256 * 1024 + 1)).brief().await, "413 too-large");
}

#[tokio::test]
async fn a_body_that_does_not_parse_says_where_and_repeats_no_value() {
    let check = async |body: &str, expected: Expect| {
        let event = Event::new("POST", "/bodies").json(body);
        expected.assert_eq(&event.header("accept-language", "en").brief().await);
    };
    check(
        "",
        expect![[r#"400 malformed-request "": "not JSON at line 1 column 0""#]],
    )
    .await;
    check(
        "{\"name\":",
        expect![[r#"400 malformed-request "/name": "not JSON at line 1 column 8""#]],
    )
    .await;
    check(
        "[]",
        expect![[r#"400 malformed-request "": "expected an object""#]],
    )
    .await;
    check(
        r#"{"name":"n","parts":[]} x"#,
        expect![[r#"400 malformed-request "": "not JSON at line 1 column 25""#]],
    )
    .await;
    check(
        r#"{"parts":[]}"#,
        expect![[r#"400 malformed-request "/name": "it is missing""#]],
    )
    .await;
    check(
        r#"{"name":1,"parts":[]}"#,
        expect![[r#"400 malformed-request "/name": "it must be a text""#]],
    )
    .await;
    check(
        r#"{"name":"n","name":"n","parts":[]}"#,
        expect![[r#"400 malformed-request "": "duplicate field `name`""#]],
    )
    .await;
    check(
        r#"{"name":"n","parts":[],"more":1}"#,
        expect![[
            r#"400 malformed-request "/more": "unknown field `more`, expected `name` or `parts`""#
        ]],
    )
    .await;
    check(
        r#"{"name":"n","parts":[{"kind":{"sized":{"size":"13800000000"}}}]}"#,
        expect![[r#"400 malformed-request "/parts/0/kind/sized/size": "it must be a whole number, not negative and not too large""#]],
    )
    .await;
    check(
        r#"{"name":"n","parts":[{"kind":"张三"}]}"#,
        expect![[r#"400 malformed-request "/parts/0/kind": "expected `sized`""#]],
    )
    .await;
}

#[tokio::test]
async fn a_page_has_a_limit_and_a_cursor_that_the_store_judges() {
    let check = async |query: &str, expected: &str| {
        let event = Event::new("GET", "/pages").query(query);
        assert_eq!(event.brief().await, expected, "{query}");
    };
    check("", "200 [50,null]").await;
    check("limit=1", "200 [1,null]").await;
    check("limit=50", "200 [50,null]").await;
    check("limit=2&cursor=e30.1-ab", "200 [2,\"e30.1-ab\"]").await;
    let long = format!("cursor={}", "x".repeat(600));
    for (bad, said) in [
        ("limit=0", r#""limit": "limit须为1至50""#),
        ("limit=51", r#""limit": "limit须为1至50""#),
        ("limit=-1", r#""limit": "须为不小于0的整数""#),
        ("limit=x", r#""limit": "须为不小于0的整数""#),
        ("limit=", r#""limit": "须为不小于0的整数""#),
        ("limit=1&limit=2", r#""limit": "“limit”重复""#),
        (long.as_str(), r#""cursor": "cursor须来自上一页""#),
        (
            "more=1",
            r#""more": "没有“more”这一项；可用：`limit`、`cursor`""#,
        ),
    ] {
        check(bad, &format!("400 malformed-request {said}")).await;
    }
}
