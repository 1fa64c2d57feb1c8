//! A person named in a filing proves the number by a case's number and the own mobile.

use icp_local::stage::{Answer, Applicant, Ask, ELSEWHERE};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use crate::world::{World, finding_state};

/// A filing with a case, and the case's number as a notice printed it.
async fn noticed(world: &mut World) -> (Applicant, String, String) {
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    world.stage.sites.point(&who.domain, ELSEWHERE).await;
    let account = who.account.clone();
    let opened =
        async |stage: &icp_local::stage::Stage| finding_state(stage, &account).await.is_some();
    world.until("a case", 32, opened).await;
    world.hours(48).await;
    let sms = world.stage.deployment.sms();
    let notice = sms.iter().rev().find(|sms| sms.text.contains("核查编号"));
    let text = &notice.unwrap().text;
    let behind = text.split("核查编号").nth(1).unwrap();
    let printed = |c: &char| c.is_ascii_digit() || *c == '-';
    let number: String = behind.chars().take_while(printed).collect();
    assert_eq!(number.len(), 11, "{text}");
    (who, filed.subject, number)
}

/// A call without a token.
async fn open(world: &World, what: &str, key: &str, body: Json) -> Answer {
    let ask = Ask {
        role: None,
        route: &format!("POST /contact-checks/{what}"),
        key: Some(key),
        body: Some(body),
        ..Ask::default()
    };
    world.stage.ask(ask).await.unwrap()
}

fn held(number: &str, mobile: &str) -> Json {
    json!({ "caseNumber": number, "mobile": mobile })
}

fn with(mut body: Json, name: &str, value: &str) -> Json {
    body[name] = json!(value);
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_holds_the_notice_and_the_phone_proves_the_number_and_nobody_else_learns_anything()
{
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let (who, subject, number) = noticed(&mut world).await;
    let before = world.stage.deployment.sms().len();
    // Another's mobile, and a case that there is not: answered as for sent.
    let other = open(&world, "codes", "a", held(&number, "13900000009")).await;
    let none = open(&world, "codes", "b", held("3475855925", &who.mobile)).await;
    assert_eq!(world.stage.deployment.sms().len(), before);
    let sent = open(&world, "codes", "c", held(&number, &who.mobile)).await;
    assert_eq!(world.stage.deployment.sms().len(), before + 1);
    for answer in [&other, &none] {
        assert_eq!((answer.status, &answer.body), (sent.status, &sent.body));
    }
    // Too soon is as for sent, too.
    let soon = open(&world, "codes", "d", held(&number, &who.mobile)).await;
    assert_eq!((soon.status, &soon.body), (sent.status, &sent.body));
    let code = world.stage.last_code(&who.mobile).unwrap();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let guess = with(held(&number, &who.mobile), "code", wrong);
    let guess = open(&world, "confirmations", "e", guess).await;
    let stranger = with(held(&number, "13900000009"), "code", &code);
    let stranger = open(&world, "confirmations", "f", stranger).await;
    assert_eq!((guess.status, stranger.status), (422, 422));
    assert_eq!(guess.body, stranger.body);

    let right = with(held(&number, &who.mobile), "code", &code);
    let told = open(&world, "confirmations", "g", right.clone()).await;
    assert_eq!(told.status, 200, "{told:#?}");
    assert_eq!(told.body["domain"], "o**.cn");
    assert_eq!(
        told.body["roles"],
        json!(["subject-principal", "service-principal"])
    );
    assert_eq!(told.body["provider"]["zh"], "示例云");
    let again = open(&world, "confirmations", "g", right.clone()).await;
    assert_eq!(again.body, told.body, "a lost answer is asked for again");
    let used = open(&world, "confirmations", "h", right).await;
    assert_eq!(used.status, 422, "a code is used once");

    let ticket = told.body["ticket"].as_str().unwrap();
    let forged = with(held(&number, &who.mobile), "ticket", &format!("9{ticket}"));
    let forged = open(&world, "answers", "i", with(forged, "answer", "me")).await;
    assert_eq!(forged.status, 422);
    let said = with(held(&number, &who.mobile), "ticket", ticket);
    let said = open(&world, "answers", "j", with(said, "answer", "me")).await;
    assert_eq!(said.status, 200, "{said:#?}");
    assert!(said.body["verifiedUntil"].is_string());
    let ticket = with(held(&number, &who.mobile), "ticket", ticket);
    let twice = open(
        &world,
        "answers",
        "k",
        with(ticket, "answer", "not-principal"),
    )
    .await;
    assert_eq!(twice.status, 422, "a ticket is used once");
    let route = format!("GET /review/filings/{subject}/history");
    let history = world
        .stage
        .staff("reviewer", &route, None, None)
        .await
        .unwrap();
    let entries = history.body["items"].as_array().unwrap();
    let last = entries
        .iter()
        .rfind(|entry| entry["what"] == "number-verified")
        .unwrap();
    assert_eq!(last["actor"], json!({ "kind": "person", "person": "p1" }));
    assert_eq!(history.body["whole"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_the_principal_says_so_and_the_filing_is_judged_by_it() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let (who, subject, number) = noticed(&mut world).await;
    open(&world, "codes", "a", held(&number, &who.mobile)).await;
    let code = world.stage.last_code(&who.mobile).unwrap();
    let right = with(held(&number, &who.mobile), "code", &code);
    let told = open(&world, "confirmations", "b", right).await;
    let ticket = told.body["ticket"].as_str().unwrap();
    let said = with(held(&number, &who.mobile), "ticket", ticket);
    let stop = open(&world, "answers", "c", with(said.clone(), "answer", "stop")).await;
    assert_eq!(stop.body["verifiedUntil"], Json::Null);
    let said = open(
        &world,
        "answers",
        "d",
        with(said, "answer", "not-principal"),
    )
    .await;
    assert_eq!(said.status, 200, "{said:#?}");
    let route = format!("GET /review/filings/{subject}/persons");
    let seen = world
        .stage
        .staff("reviewer", &route, None, None)
        .await
        .unwrap();
    assert_eq!(seen.body["items"][0]["state"], "unverified");
    // Looked at within minutes, and a case of the subject.
    world.stage.deployment.advance_by_minutes(3).await.unwrap();
    let listed = world
        .stage
        .filer(&who.account, "GET /cases", None, None)
        .await;
    let mut cases = Vec::new();
    for listed in listed.unwrap().body["items"].as_array().unwrap() {
        let route = format!("GET /cases/{}", listed["id"].as_str().unwrap());
        let case = world.stage.filer(&who.account, &route, None, None).await;
        cases.push(case.unwrap().body);
    }
    let rules: Vec<&Json> = cases
        .iter()
        .flat_map(|case| case["findings"].as_array().unwrap())
        .map(|finding| &finding["rule"])
        .collect();
    assert!(rules.contains(&&json!("ICP-208")), "{cases:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_about_a_case_refuses_nobody_who_is_right() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let (who, _, number) = noticed(&mut world).await;
    let keys: Vec<String> = (0..70).map(|n| format!("flood-{n}")).collect();
    let calls = keys.iter().map(|key| {
        let body = with(held(&number, "13900000009"), "code", "123456");
        open(&world, "confirmations", key, body)
    });
    let answers = futures::future::join_all(calls).await;
    let slow = answers.iter().filter(|answer| answer.status == 429).count();
    assert_eq!(slow, 10, "sixty an hour, counted exactly");
    let asked = open(&world, "codes", "mine", held(&number, &who.mobile)).await;
    assert_eq!(asked.status, 429, "told as to everybody");
    let code = world.stage.last_code(&who.mobile).unwrap();
    let right = with(held(&number, &who.mobile), "code", &code);
    assert_eq!(
        open(&world, "confirmations", "mine", right).await.status,
        200
    );
    let hour = SignedDuration::from_hours(1);
    world.stage.deployment.advance(hour).await.unwrap();
    let later = open(&world, "codes", "later", held(&number, "13900000009")).await;
    assert_eq!(later.status, 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_fails_tells_no_match_from_a_mismatch() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let (who, _, number) = noticed(&mut world).await;
    let faults = world.stage.deployment.faults().clone();
    // A process that has its keys counts twice, and reads number, case and filing: what comes then only a
    // match asks for, and it fails.
    open(&world, "codes", "warm", held(&number, "13900000009")).await;
    faults.from(6, icp_local::Fault::Refused);
    let sent = open(&world, "codes", "a", held(&number, &who.mobile)).await;
    assert!(!faults.clear().is_empty(), "nothing failed");
    assert_eq!(sent.status, 202, "{sent:#?}");
    faults.from(7, icp_local::Fault::Refused);
    let guess = with(held(&number, &who.mobile), "code", "000000");
    let failed = open(&world, "confirmations", "b", guess).await;
    assert!(!faults.clear().is_empty(), "nothing failed");
    let guess = with(held(&number, "13900000009"), "code", "000000");
    let mismatch = open(&world, "confirmations", "c", guess).await;
    assert_eq!(
        (failed.status, failed.body),
        (mismatch.status, mismatch.body)
    );
}
