//! What holds for every route of the template alike: who may call it, and which forms a request has.

use std::collections::BTreeSet;

use icp_domain::account::Role;
use icp_http::{Callers, RIGHTS};
use icp_local::stage::Applicant;
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::{Api, Call, Got, begin};
use crate::base::operator as ask_operator;

/// A route and what its requests carry.
struct Route {
    /// Method and path, as in the template.
    line: &'static str,
    /// Whether it takes a key, as every route does that writes.
    keyed: bool,
    /// Whether it takes a version.
    versioned: bool,
    /// A body that it takes.
    body: Option<Json>,
}

impl Route {
    fn read(route: &'static str) -> Self {
        Self {
            line: route,
            keyed: false,
            versioned: false,
            body: None,
        }
    }

    fn keyed(route: &'static str) -> Self {
        Self {
            keyed: true,
            ..Self::read(route)
        }
    }

    fn versioned(route: &'static str) -> Self {
        Self {
            versioned: true,
            ..Self::keyed(route)
        }
    }

    fn body(self, body: Json) -> Self {
        Self {
            body: Some(body),
            ..self
        }
    }

    fn is_for_staff(&self) -> bool {
        self.callers() != Callers::Filers
    }

    /// Who may call it, as the table of rights says.
    fn callers(&self) -> Callers {
        let right = RIGHTS.iter().find(|(line, _)| *line == self.line);
        right
            .unwrap_or_else(|| panic!("{} is nobody's", self.line))
            .1
    }

    /// A role that may call it.
    fn role(&self) -> &'static str {
        match self.callers() {
            Callers::Filers | Callers::Anybody => "filer",
            Callers::Staff => Role::Reviewer.name(),
            Callers::Readers(role) | Callers::Only(role) => role.name(),
        }
    }

    /// Whether it wants a token.
    fn is_guarded(&self) -> bool {
        self.callers() != Callers::Anybody
    }

    /// The route with `id` for each of its ids.
    fn with_ids(&self, id: &str) -> String {
        self.line
            .split('/')
            .map(|part| match part {
                "{link}" => format!("{id}.1"),
                "{kind}" if self.line.contains("{item}") => "order-review".to_owned(),
                "{run}" => "ICP-402.2026-03-02".to_owned(),
                "{version}" => "1".to_owned(),
                part if part.starts_with('{') => id.to_owned(),
                part => part.to_owned(),
            })
            .collect::<Vec<_>>()
            .join("/")
    }

    /// A whole request about things that there are not.
    fn request(&self, api: &Api, role: &str) -> Call {
        self.request_about(api, role, "absent")
    }

    fn request_about(&self, api: &Api, role: &str, id: &str) -> Call {
        let mut call = api.call(role, "account-1", &self.with_ids(id));
        if !self.keyed {
            call = call.without("idempotency-key");
        }
        if self.versioned {
            call = call.version(1);
        }
        match &self.body {
            Some(body) => call.json(body),
            None => call,
        }
    }
}

/// A body with more fields.
fn with(body: &Json, fields: &[(&str, &str)]) -> Json {
    let mut body = body.clone();
    for (name, value) in fields {
        body[*name] = json!(value);
    }
    body
}

/// Every route of the template.
fn routes() -> Vec<Route> {
    let draft = begin(&Applicant::new(1, "one.cn"));
    let reason = || json!({ "finding": "absent", "reason": "why" });
    let mut extension = reason();
    extension["days"] = json!(1);
    let held = json!({ "caseNumber": "3475855925", "mobile": "13800000001" });
    vec![
        Route::read("POST /order-checks").body(draft.clone()),
        Route::keyed("POST /orders").body(draft.clone()),
        Route::read("GET /orders"),
        Route::read("GET /orders/{order}"),
        Route::versioned("POST /orders/{order}/edits").body(json!({ "draft": draft["draft"] })),
        Route::keyed("POST /orders/{order}/materials").body(json!({
            "kind": "subject-certificate", "mediaType": "image/png", "bytes": 4,
            "sha256": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=" })),
        Route::read("GET /orders/{order}/materials/{material}"),
        Route::versioned("POST /orders/{order}/materials/{material}/confirmation"),
        Route::read("GET /filings/{subject}/materials/{material}"),
        Route::read("POST /orders/{order}/consequences").body(json!({})),
        Route::versioned("POST /orders/{order}/submission"),
        Route::versioned("POST /orders/{order}/withdrawal"),
        Route::read("GET /filings"),
        Route::read("POST /filing-searches").body(json!({ "domain": "one.cn" })),
        Route::read("GET /account-contact"),
        Route::keyed("POST /account-contact").body(json!({ "mobile": "13800000001" })),
        Route::read("GET /filings/{subject}"),
        Route::read("GET /filings/{subject}/history"),
        Route::read("GET /filings/{subject}/yearly-reviews"),
        Route::keyed("POST /filings/{subject}/yearly-reviews/{campaign}/answers")
            .body(json!({ "answer": "unchanged" })),
        Route::read("GET /filings/{subject}/persons"),
        Route::keyed("POST /filings/{subject}/persons/{person}/codes"),
        Route::keyed("POST /filings/{subject}/persons/{person}/confirmations")
            .body(json!({ "code": "000000" })),
        Route::read("GET /orders/{order}/persons"),
        Route::keyed("POST /orders/{order}/persons/{person}/codes"),
        Route::keyed("POST /orders/{order}/persons/{person}/confirmations")
            .body(json!({ "code": "000000" })),
        Route::read("GET /contact-checks/provider"),
        Route::keyed("POST /contact-checks/codes").body(held.clone()),
        Route::keyed("POST /contact-checks/confirmations").body(with(&held, &[("code", "000000")])),
        Route::keyed("POST /contact-checks/answers")
            .body(with(&held, &[("ticket", "1.c.1-00"), ("answer", "me")])),
        Route::read("POST /way-back").body(json!({})),
        Route::read("GET /filings/{subject}/services/{service}/way-back"),
        Route::keyed("POST /filings/{subject}/self-checks"),
        Route::read("GET /self-checks/{check}"),
        Route::keyed("POST /public-checks").body(json!({ "domain": "one.cn" })),
        Route::read("GET /public-checks/{check}"),
        Route::keyed("POST /public-checks/{check}/proofs"),
        Route::read("GET /cases"),
        Route::read("GET /cases/{case}"),
        Route::versioned("POST /cases/{case}/rechecks"),
        Route::versioned("POST /cases/{case}/extensions").body(extension),
        Route::versioned("POST /cases/{case}/appeals").body(reason()),
        Route::versioned("POST /cases/{case}/objections").body(json!({ "reason": "why" })),
        Route::keyed("POST /cases/{case}/give-ups").body(json!({ "says": "no-longer-used" })),
        Route::versioned("POST /cases/{case}/call-slots")
            .body(json!({ "person": "p1", "from": "2026-03-06T14:00:00+08:00" })),
    ]
    .into_iter()
    .chain(of_staff())
    .chain(of_operators())
    .collect()
}

/// Those of the staff.
fn of_staff() -> Vec<Route> {
    let mut decision = json!({ "finding": "absent", "reason": "why" });
    decision["granted"] = json!(true);
    vec![
        Route::read("GET /review/queue"),
        Route::read("GET /review/queue/{kind}"),
        Route::keyed("POST /review/queue/{kind}/{item}/claims"),
        Route::keyed("POST /review/queue/{kind}/{item}/releases"),
        Route::read("GET /review/orders"),
        Route::read("GET /review/orders/{order}"),
        Route::versioned("POST /review/orders/{order}/decisions")
            .body(json!({ "decision": "pass" })),
        Route::versioned("POST /review/orders/{order}/bureau-results")
            .body(json!({ "result": "sent" })),
        Route::keyed("POST /review/orders/{order}/materials/{material}/views"),
        Route::keyed("POST /review/filings/{subject}/materials/{material}/views"),
        Route::read("GET /review/cases"),
        Route::read("GET /review/cases/{case}"),
        Route::versioned("POST /review/cases/{case}/appeal-decisions").body(decision),
        Route::versioned("POST /review/cases/{case}/objection-decisions")
            .body(json!({ "granted": true, "reason": "why" })),
        Route::versioned("POST /review/cases/{case}/extensions")
            .body(json!({ "finding": "absent", "days": 7, "reason": "why" })),
        Route::versioned("POST /review/cases/{case}/exemptions")
            .body(json!({ "finding": "absent", "until": "2026-06-30T16:00:00Z", "reason": "why" })),
        Route::versioned("POST /review/cases/{case}/readings")
            .body(json!({ "finding": "absent", "says": "kept", "reason": "why" })),
        Route::versioned("POST /review/cases/{case}/report-answers")
            .body(json!({ "answer": "cancelled", "reason": "why" })),
        Route::versioned("POST /review/cases/{case}/reports").body(json!({ "reason": "why" })),
        Route::versioned("POST /review/cases/{case}/calls")
            .body(json!({ "person": "absent", "outcome": "no-answer" })),
        Route::read("GET /review/items"),
        Route::keyed("POST /review/items/{item}/decisions").body(
            json!({ "rule": "ICP-505", "object": { "kind": "service" }, "says": "kept",
                "reason": "why" }),
        ),
        Route::read("GET /review/filings/{subject}/reports"),
        Route::keyed("POST /review/filings/{subject}/registry-answers").body(
            json!({ "source": "公示系统", "certificateNumber": "91110108551385082Q",
                "asOf": "2026-01-05", "reason": "why" }),
        ),
        Route::keyed("POST /review/filings/{subject}/materials/{material}/readings")
            .body(json!({ "says": "agrees", "reason": "why" })),
        Route::keyed("POST /review/filings/{subject}/persons/{person}/phone-identities")
            .body(json!({ "says": "elements-agree", "reason": "why" })),
        Route::keyed("POST /review/filings/{subject}/services/{service}/reinstatements"),
        Route::read("POST /review/filing-searches").body(json!({ "by": { "domain": "one.cn" } })),
        Route::read("GET /review/filings/{subject}"),
        Route::keyed("POST /review/filings/{subject}/disclosures").body(json!({ "reason": "why" })),
        Route::keyed("POST /review/orders/{order}/disclosures").body(json!({ "reason": "why" })),
        Route::read("GET /review/filings/{subject}/persons"),
        Route::keyed("POST /review/filings/{subject}/persons/{person}/unlocks")
            .body(json!({ "reason": "why" })),
        Route::keyed("POST /review/orders/{order}/persons/{person}/unlocks")
            .body(json!({ "reason": "why" })),
        Route::read("GET /review/filings/{subject}/history"),
    ]
}

/// Those of the operators.
fn of_operators() -> Vec<Route> {
    let shown = json!({ "case": "absent", "finding": "absent", "look": "absent" });
    let bounce = "Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: \
        message/delivery-status\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\nContent-Type: \
        text/rfc822-headers\r\n\r\nMessage-ID: <absent@example.cn>\r\n\r\n--b--\r\n";
    vec![
        Route::read("GET /operations/condemned"),
        Route::keyed("POST /operations/releases").body(json!({ "findings": [shown] })),
        Route::read("GET /operations/brake"),
        Route::versioned("POST /operations/brake").body(json!({ "mode": "manual" })),
        Route::keyed("POST /bounces").body(json!({ "report": bounce })),
        Route::keyed("POST /access-changes/{link}/{version}/acknowledgements"),
        Route::read("GET /operations/history-checks/{state}"),
        Route::keyed("POST /operations/exports")
            .body(json!({ "what": "filings", "format": "csv" })),
        Route::read("GET /operations/exports/{export}"),
        Route::read("GET /operations/imports"),
        Route::keyed("POST /operations/imports").body(json!({ "format": "csv", "bytes": 4,
            "sha256": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=" })),
        Route::read("GET /operations/imports/{import}"),
        Route::keyed("POST /operations/imports/{import}/start"),
        Route::read("GET /operations/bureau-lists"),
        Route::keyed("POST /operations/bureau-lists").body(json!({ "format": "csv", "bytes": 4,
            "sha256": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
            "paper": { "kind": "to-rectify", "documentNumber": "京通管〔2026〕1号",
                "issuedOn": "2026-01-05" } })),
        Route::read("GET /operations/bureau-lists/{list}"),
        Route::keyed("POST /operations/bureau-lists/{list}/start"),
        Route::read("GET /operations/report-files"),
        Route::keyed("POST /operations/report-files")
            .body(json!({ "kind": "registrars", "format": "csv", "bytes": 4,
                "sha256": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=" })),
        Route::read("GET /operations/report-files/{file}"),
        Route::keyed("POST /operations/report-files/{file}/start"),
        Route::keyed("POST /operations/person-copies")
            .body(json!({ "mobile": "13800000001", "reason": "why" })),
        Route::keyed("POST /operations/erasures")
            .body(json!({ "subject": "absent", "person": "absent", "reason": "why" })),
        Route::keyed("POST /operations/keys/{purpose}/rotations"),
        Route::read("GET /operations/quarantine"),
        Route::read("GET /operations/voids"),
        Route::keyed("POST /operations/voids").body(json!({ "rule": "ICP-402", "reason": "why" })),
        Route::read("GET /operations/voids/{void}"),
        Route::versioned("POST /operations/voids/{void}/confirmations"),
        Route::read("GET /operations/campaigns"),
        Route::keyed("POST /operations/campaigns").body(json!({ "name": "核查",
            "legalBases": ["33号令第十九条"], "ratePerMinute": 60, "chosen": { "everybody": true },
            "rules": { "ICP-401": { "level": "notify", "periodDays": 15 } } })),
        Route::read("GET /operations/campaigns/{campaign}"),
        Route::read("GET /operations/campaigns/{campaign}/preview"),
        Route::keyed("POST /operations/campaigns/{campaign}/steps")
            .body(json!({ "step": "pause", "reason": "why" })),
        Route::read("GET /operations/campaigns/{campaign}/report"),
        Route::read("GET /operations/reports"),
        Route::read("GET /operations/observed/{rule}"),
        Route::read("POST /operations/level-previews")
            .body(json!({ "rule": "ICP-402", "scope": "imported", "level": "notify" })),
        Route::read("GET /operations/notice-holds"),
        Route::versioned("POST /operations/notice-holds/{run}/releases")
            .body(json!({ "reason": "why" })),
        Route::read("GET /operations/levels"),
        Route::versioned("POST /operations/levels")
            .body(json!({ "rule": "ICP-402", "level": "notify" })),
        Route::keyed("POST /operations/dead-letters/{queue}/redrives").body(json!({ "most": 1 })),
        Route::keyed("POST /operations/quarantine/requeues")
            .body(json!({ "pk": "OUTBOX#absent", "sk": "absent" })),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_of_these_tests_has_every_route_of_the_template() {
    let api = Api::start().await;
    let functions = api.stage.deployment.template().functions.values();
    let of_template: BTreeSet<String> = functions
        .filter(|function| function.name != "serve-pages")
        .flat_map(|function| &function.routes)
        .filter(|route| route.path != "$default")
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let of_table = routes().iter().map(|route| route.line.to_owned()).collect();
    assert_eq!(of_template, of_table);
    let of_rights = RIGHTS.iter().map(|(line, _)| (*line).to_owned()).collect();
    assert_eq!(of_template, of_rights, "the table of rights");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_missing_expired_or_of_the_other_issuer_is_the_gateways_to_refuse() {
    let api = Api::start().await;
    let expired = |role| {
        api.stage
            .deployment
            .token(role, "account-1", "old")
            .unwrap()
    };
    let (old_filer, old_staff) = (expired("filer"), expired("reviewer"));
    api.stage
        .deployment
        .advance(SignedDuration::from_hours(24))
        .await
        .unwrap();
    for route in routes().into_iter().filter(Route::is_guarded) {
        let (old, other) = if route.is_for_staff() {
            (&old_staff, "filer")
        } else {
            (&old_filer, "operator")
        };
        let good = route.request(&api, route.role());
        for (why, call) in [
            ("no token", good.clone().token(None)),
            ("no token at all", good.clone().token(Some("nonsense"))),
            ("expired", good.clone().token(Some(old))),
            ("of the other issuer", route.request(&api, other)),
        ] {
            let got = api.refused(&call).await;
            let told = (got.status, got.body);
            let expected = (401, json!({ "message": "Unauthorized" }));
            assert_eq!(told, expected, "{}: {why}", route.line);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_open_asks_for_no_token() {
    let api = Api::start().await;
    let mut open = 0;
    for route in routes().into_iter().filter(|route| !route.is_guarded()) {
        let got = api.send(&route.request(&api, "filer").token(None)).await;
        let expected = if route.keyed {
            202..=422
        } else if route.line.contains('{') {
            404..=404
        } else {
            200..=200
        };
        assert!(expected.contains(&got.status), "{}: {got:#?}", route.line);
        assert_ne!(got.status, 401, "{}", route.line);
        open += 1;
    }
    assert_eq!(open, 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_may_call_what_the_table_of_rights_gives_it_and_nothing_else() {
    let api = Api::start().await;
    for route in routes().into_iter().filter(Route::is_guarded) {
        let authorizer = if route.is_for_staff() {
            "Staff"
        } else {
            "Filers"
        };
        let of = &api.stage.deployment.template().api.authorizers[authorizer];
        let named = Role::ALL.map(|role| Some(role.name()));
        // Whoever signs for a pool may put any role into its tokens.
        for role in named.into_iter().chain([None, Some("king")]) {
            let mut claims = json!({
                "iss": of.issuer, "aud": of.audience[0], "sub": "someone",
                "exp": 4_000_000_000_u64, "account": "account-1",
            });
            if let Some(role) = role {
                claims["role"] = json!(role);
            }
            let issuers = api.stage.deployment.issuers();
            let token = issuers.token_with(authorizer, &claims).unwrap();
            let call = route.request(&api, route.role()).token(Some(&token));
            let may = role
                .and_then(Role::from_claim)
                .is_some_and(|role| route.callers().include(role));
            if may {
                let got = api.send(&call).await;
                assert_ne!(got.status, 403, "{}: {role:?}", route.line);
            } else {
                let got = api.refused(&call).await;
                assert_eq!(
                    got.line(),
                    "403 role-not-allowed",
                    "{}: {role:?}",
                    route.line
                );
            }
        }
    }
}

/// A yearly review that asked every filing.
async fn yearly_review(api: &Api) -> String {
    let operator = async |route: &str, body: Option<Json>| {
        let key = format!("review-{}", route.len());
        let answer = ask_operator(&api.stage, route, &key, body).await;
        assert!(answer.status < 300, "{route}: {answer:#?}");
        answer.body
    };
    let minute = SignedDuration::from_mins(1);
    let terms = json!({ "name": "年审", "legalBases": ["33号令"], "rules": {},
        "yearlyReview": { "answerDays": 30 }, "chosen": { "everybody": true }, "ratePerMinute": 60 });
    let begun = operator("POST /operations/campaigns", Some(terms)).await;
    let id = begun["id"].as_str().unwrap().to_owned();
    api.stage.pass(minute, minute).await.unwrap();
    let preview = format!("GET /operations/campaigns/{id}/preview");
    let token = operator(&preview, None).await["token"].clone();
    let release = json!({ "step": "release", "reason": "年度核对", "preview": token });
    let steps = format!("POST /operations/campaigns/{id}/steps");
    operator(&steps, Some(release)).await;
    api.stage.pass(minute, minute).await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_another_accounts_is_not_there() {
    let api = Api::start().await;
    let (filed, case) = api.case(&Applicant::new(1, "one.cn")).await;
    let begun = api.filer("account-1", "POST /orders").json(&json!({
        "kind": "change", "subject": filed.subject }));
    let order = api.done(&begun).await.field("/id").to_owned();
    let asks = format!("POST /filings/{}/self-checks", filed.subject);
    let asked = api.done(&api.filer("account-1", &asks)).await;
    let check = asked.field("/id").to_owned();
    let review = yearly_review(&api).await;
    let mut tried = 0;
    let foreign = routes();
    let foreign = foreign
        .iter()
        .filter(|route| !route.is_for_staff() && route.line.contains('{'));
    for route in foreign {
        let parts = route.line.split('/').map(|part| match part {
            "{order}" => order.clone(),
            "{check}" => check.clone(),
            "{campaign}" => review.clone(),
            "{subject}" => filed.subject.clone(),
            "{case}" => case["id"].as_str().unwrap().to_owned(),
            "{person}" => "p1".to_owned(),
            "{service}" => "1".to_owned(),
            other => other.to_owned(),
        });
        let line = parts.collect::<Vec<_>>().join("/");
        let with_body = |account: &str| {
            let mut call = api.filer(account, &line);
            if !route.keyed {
                call = call.without("idempotency-key");
            }
            if route.versioned {
                call = call.version(1);
            }
            match &route.body {
                Some(body) => call.json(body),
                None => call,
            }
        };
        let got = api.refused(&with_body("account-2")).await;
        assert_eq!(got.line(), "404 not-found", "{}", route.line);
        // No file was uploaded; files have tests of their own.
        if route.line.contains("{material}") {
            continue;
        }
        // The same is there for its own account, whatever it says to the request.
        let own = api.send(&with_body("account-1")).await;
        assert_ne!(own.status, 404, "{}: {own:#?}", route.line);
        tried += 1;
    }
    assert!(10 < tried);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_and_what_is_no_id_are_not_found() {
    let api = Api::start().await;
    for route in routes()
        .into_iter()
        .filter(|route| route.line.contains('{'))
    {
        for id in ["absent", "no%20id", "%E5%8F%B7"] {
            let got = api
                .refused(&route.request_about(&api, route.role(), id))
                .await;
            assert_eq!(got.line(), "404 not-found", "{} {id}", route.line);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_path_is_not_found_and_an_unknown_method_is_refused() {
    let api = Api::start().await;
    for (route, expected) in [
        ("GET /nowhere", "404 not-found"),
        ("GET /orders/1/2/3", "404 not-found"),
        ("GET /way-back", "405 method-not-allowed"),
        ("DELETE /cases/1", "405 method-not-allowed"),
        // The gateway's default route knows no path but those of its own function.
        ("DELETE /orders", "404 not-found"),
    ] {
        let got = api.refused(&api.filer("account-1", route)).await;
        assert_eq!(got.line(), expected, "{route}");
    }
}

/// What a call says after one change to a good request of each route that `takes` it.
async fn all_say(
    takes: impl Fn(&Route) -> bool,
    change: impl Fn(Call) -> Call,
    expected: &str,
) -> Vec<Got> {
    let api = Api::start().await;
    let mut answers = Vec::new();
    for route in routes().into_iter().filter(takes) {
        let call = change(route.request(&api, route.role()));
        let got = api.refused(&call).await;
        assert_eq!(got.line(), expected, "{}: {call:#?}\n{got:#?}", route.line);
        answers.push(got);
    }
    assert!(!answers.is_empty());
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_demanded_in_its_form() {
    let keyed = |route: &Route| route.keyed;
    all_say(
        keyed,
        |call| call.without("idempotency-key"),
        "400 key-malformed",
    )
    .await;
    for key in ["", "two words", &"k".repeat(256)] {
        all_say(keyed, |call| call.key(key), "400 key-malformed").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_is_demanded_in_its_form() {
    let versioned = |route: &Route| route.versioned;
    all_say(
        versioned,
        |call| call.without("if-match"),
        "428 precondition-missing",
    )
    .await;
    for version in ["*", "W/\"1\"", "1", "\"one\"", "\"1\", \"2\""] {
        let with = |call: Call| call.header("if-match", version);
        all_say(versioned, with, "400 malformed-request").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_json_within_its_size() {
    let with_body = |route: &Route| route.body.is_some();
    let as_text = |call: Call| {
        let body = call.body.clone();
        call.text("text/plain", &body)
    };
    all_say(with_body, as_text, "415 media-type").await;
    let too_large = format!("{{\"x\":\"{}\"}}", "x".repeat(256 * 1024));
    let larger = |call: Call| call.text("application/json", &too_large);
    all_say(with_body, larger, "413 too-large").await;
    for body in ["", "{", "[]", "null", "{} {}"] {
        let with = |call: Call| call.text("application/json; charset=utf-8", body);
        all_say(with_body, with, "400 malformed-request").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_field_is_refused_and_named() {
    let with_surprise = |call: Call| {
        let mut body: Json = serde_json::from_str(&call.body).unwrap();
        body["surprise"] = json!(true);
        call.json(&body)
    };
    // Of a body whose fields depend on one of them, serde tells the name, but not the place.
    let depends = |route: &Route| {
        let named = |body: &Json| body.get("decision").or(body.get("result")).is_some();
        route.body.as_ref().is_some_and(named)
    };
    let plain = |route: &Route| route.body.is_some() && !depends(route);
    for (fields, place) in [
        (
            all_say(plain, with_surprise, "400 malformed-request").await,
            "/surprise",
        ),
        (
            all_say(depends, with_surprise, "400 malformed-request").await,
            "",
        ),
    ] {
        for got in fields {
            assert_eq!(got.field("/violations/0/field"), place, "{got:#?}");
            let text = got.field("/violations/0/text");
            assert!(text.contains("unknown field `surprise`"), "{text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_has_a_limit_and_a_cursor_that_was_given_out() {
    let api = Api::start().await;
    let lists = [
        "GET /orders",
        "GET /filings",
        "GET /cases",
        "GET /review/orders",
        "GET /review/cases",
        "GET /operations/condemned",
    ];
    for route in routes()
        .into_iter()
        .filter(|route| lists.contains(&route.line))
    {
        let good = api.done(&route.request(&api, route.role())).await;
        assert_eq!(
            good.body,
            json!({ "items": [], "next": null }),
            "{}",
            route.line
        );
        for query in [
            "limit=0",
            "limit=1000",
            "limit=all",
            "cursor=nonsense",
            "page=2",
        ] {
            let mut call = route.request(&api, route.role());
            call.path = format!("{}?{query}", call.path);
            let got = api.refused(&call).await;
            assert_eq!(
                got.line(),
                "400 malformed-request",
                "{}?{query}",
                route.line
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_of_the_api_is_open_to_whoever_reads_it() {
    let api = Api::start().await;
    let got = api.send(&Call::to("GET /openapi.json")).await;
    assert_eq!(
        (got.status, got.header("content-type")),
        (200, Some("application/json"))
    );
    assert_eq!(got.field("/openapi"), "3.1.0");
    let described = got.body["paths"].as_object().unwrap();
    for route in routes() {
        let (method, path) = route.line.split_once(' ').unwrap();
        let operation = &described[path][method.to_ascii_lowercase()];
        assert!(operation.is_object(), "{}", route.line);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_of_every_body_is_one_that_the_route_reads() {
    let api = Api::start().await;
    let described = api.send(&Call::to("GET /openapi.json")).await.body;
    for route in routes() {
        let (method, path) = route.line.split_once(' ').unwrap();
        let operation = &described["paths"][path][method.to_ascii_lowercase()];
        let content = &operation["requestBody"]["content"]["application/json"];
        if content.is_null() {
            continue;
        }
        let named = content["schema"]["$ref"].as_str();
        let named = named.or_else(|| content["schema"]["oneOf"][0]["$ref"].as_str());
        let own = named.and_then(|name| name.rsplit('/').next());
        let of_type = own.map(|name| &described["components"]["schemas"][name]["example"]);
        let example = of_type
            .filter(|example| !example.is_null())
            .unwrap_or(&content["example"]);
        assert!(example.is_object(), "{} has no example", route.line);
        let call = route
            .request_about(&api, route.role(), "absent")
            .json(example);
        let got = api.send(&call).await;
        assert_ne!(got.status, 400, "{}: {:#}", route.line, got.body);
        assert!(got.status < 500, "{}: {:#}", route.line, got.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_speaks_the_callers_language() {
    let api = Api::start().await;
    let ask = |language: &str| {
        api.filer("account-1", "GET /orders/absent")
            .header("accept-language", language)
    };
    for (language, title) in [
        ("en-GB,en;q=0.8", "Not found"),
        ("zh-CN", "未找到"),
        ("fr, en", "Not found"),
        ("fr", "未找到"),
    ] {
        let got = api.refused(&ask(language)).await;
        assert_eq!(got.body["title"], title, "{language}");
    }
}
