//! What machines leave to people: filers whom no notice reaches, units that nothing decides.

use expect_test::expect;
use icp_local::stage::{Applicant, Ask, ELSEWHERE};
use serde_json::{Value as Json, json};

use crate::world::{World, case_of, finding_state};

/// A site that moved away, whose filer nothing reaches: the number is out of service, and the mail server knows no such
/// address.
async fn unreachable(world: &mut World) -> Applicant {
    let who = Applicant::new(1, "one.cn");
    let deployment = world.stage.deployment.clone();
    deployment.take_out_of_service(&format!("+86{}", who.mobile));
    let address = format!("p1-{}@{}", who.account, who.domain);
    deployment.relay_answers(&address, "550 5.1.1 no such user");
    world.file(&who).await;
    world.stage.sites.point(&who.domain, ELSEWHERE).await;
    let account = who.account.clone();
    world
        .until("a staff item", 45, async |stage| {
            let case = case_of(stage, &account).await;
            case.is_some_and(|case| case["needsStaff"]["kind"] == "nobody-reached")
        })
        .await;
    world.forget();
    who
}

async fn call(world: &mut World, account: &str, person: &str, outcome: &str) -> u16 {
    let case = world.case(account).await.unwrap();
    let route = format!("POST /review/cases/{}/calls", case["id"].as_str().unwrap());
    // Each call is a request of its own, whatever it says.
    let key = world.stage.now().as_second().to_string();
    let ask = Ask {
        role: Some("reviewer"),
        account: "staff",
        route: &route,
        key: Some(&format!("{key}-{person}")),
        version: case["version"].as_u64(),
        body: Some(json!({ "person": person, "outcome": outcome, "note": "上午拨打" })),
    };
    world.ask(ask).await.status
}

async fn first_finding(world: &World, account: &str) -> Json {
    world.case(account).await.unwrap()["findings"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_calls_in_vain_on_two_working_days_begin_the_period() {
    let mut world = World::by_gateway("2026-03-02T02:00:00Z").await;
    let who = unreachable(&mut world).await;
    assert_eq!(
        call(&mut world, &who.account, "nobody", "is-the-person").await,
        400
    );
    assert_eq!(call(&mut world, &who.account, "p1", "no-answer").await, 202);
    let before = first_finding(&world, &who.account).await;
    assert!(before["notifiedAt"].is_null(), "{before:#}");
    world.hours(24).await;
    assert_eq!(call(&mut world, &who.account, "p1", "no-answer").await, 202);
    let after = first_finding(&world, &who.account).await;
    assert_eq!(after["notifiedAt"], world.stage.now().to_string());
    let case = world.case(&who.account).await.unwrap();
    assert!(case["needsStaff"].is_null(), "{case:#}");
    assert_eq!(case["calls"].as_array().unwrap().len(), 2);
    assert_eq!(case["calls"][0]["outcome"], "no-answer");
    assert!(
        case["calls"][0].get("note").is_none(),
        "what staff note is theirs"
    );
    // The period runs like any other: it ends in last looks.
    let account = who.account.clone();
    world
        .until("condemned", 20, async |stage| {
            finding_state(stage, &account).await.as_deref() == Some("condemned")
        })
        .await;
    expect![[r#"
        03-18 10:10  400 POST /review/cases/…/calls malformed-request
        03-18 10:10  202 POST /review/cases/…/calls
        03-19 10:10  202 POST /review/cases/…/calls
        03-23 13:10  sms +86138****0001 【示例云】提醒：整改期已过半。核查编号46533-73212尚有1项不合格，请于2026年3月26日（周四）24:00前整改。办法请登录 beian.example.cn 查询，电话010-00000000。
        03-24 13:10  sms +86138****0001 【示例云】提醒：整改期至多还剩3天。核查编号46533-73212尚有1项不合格，请于2026年3月26日（周四）24:00前整改。办法请登录 beian.example.cn 查询，电话010-00000000。
        03-26 10:10  sms +86138****0001 【示例云】最后提醒：整改期至多还剩1天。核查编号46533-73212尚有1项不合格，请于2026年3月26日（周四）24:00前整改，逾期可能被停止接入。办法请登录 beian.example.cn 查询，电话010-00000000。
    "#]]
    .assert_eq(&world.transcript());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_reached_by_telephone_is_told_by_that_call() {
    let mut world = World::by_gateway("2026-03-02T02:00:00Z").await;
    let who = unreachable(&mut world).await;
    // A case that another of the staff works on is left alone, until it is given back.
    let case = world.case(&who.account).await.unwrap();
    for act in ["claims", "releases"] {
        let case = case["id"].as_str().unwrap();
        let route = format!("POST /review/queue/case-staff/{case}/{act}");
        let ask = Ask {
            role: Some("reviewer"),
            account: "ben",
            route: &route,
            ..Ask::default()
        };
        assert_eq!(world.ask(ask).await.status, 200, "{act}");
        if act == "claims" {
            let refused = call(&mut world, &who.account, "p1", "is-the-person").await;
            assert_eq!(refused, 409);
        }
    }
    assert_eq!(
        call(&mut world, &who.account, "p1", "is-the-person").await,
        202
    );
    let told = first_finding(&world, &who.account).await;
    assert_eq!(told["notifiedAt"], world.stage.now().to_string());
    // A second call changes no deadline.
    world.hours(24).await;
    assert_eq!(
        call(&mut world, &who.account, "p1", "is-the-person").await,
        202
    );
    let again = first_finding(&world, &who.account).await;
    assert_eq!(again["dueAt"], told["dueAt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_stays_undecided_is_shown_to_people_until_a_look_decides() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    // A page that only a script would write: nothing is said of its text.
    let host = format!("www.{}", who.domain);
    world
        .stage
        .sites
        .show(&host, "<script>document.write('x')</script>");
    let items = async |world: &mut World| {
        let listed = world
            .staff("reviewer", "GET /review/items", None, None)
            .await;
        listed.body["items"].as_array().unwrap().clone()
    };
    let mut shown = Vec::new();
    for _ in 0..60 {
        world.hours(24).await;
        shown = items(&mut world).await;
        if !shown.is_empty() {
            break;
        }
    }
    assert_eq!(shown.len(), 1, "{shown:#?}");
    assert_eq!(shown[0]["subject"], filed.subject);
    assert_eq!(shown[0]["service"], "1");
    assert_eq!(shown[0]["rules"], json!(["ICP-501"]));
    assert_eq!(finding_state(&world.stage, &who.account).await, None);
    world.stage.sites.show(&host, &who.page());
    world.hours(24 * 35).await;
    assert_eq!(items(&mut world).await, Vec::<Json>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_call_says_of_a_number_is_evidence_at_once() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    world.file(&who).await;
    world
        .stage
        .sites
        .point(&who.domain, icp_local::stage::ELSEWHERE)
        .await;
    let account = who.account.clone();
    let opened = async |stage: &icp_local::stage::Stage| case_of(stage, &account).await.is_some();
    world.until("a case", 32, opened).await;
    // The first case is of the site; who answers says that the filing names somebody else.
    assert_eq!(
        call(&mut world, &who.account, "p1", "is-another").await,
        202
    );
    world.stage.deployment.advance_by_minutes(3).await.unwrap();
    let listed = world
        .stage
        .filer(&who.account, "GET /cases", None, None)
        .await;
    let mut rules = Vec::new();
    for listed in listed.unwrap().body["items"].as_array().unwrap() {
        let route = format!("GET /cases/{}", listed["id"].as_str().unwrap());
        let case = world.stage.filer(&who.account, &route, None, None).await;
        rules.push(case.unwrap().body["findings"][0]["rule"].clone());
    }
    assert!(rules.contains(&json!("ICP-208")), "{rules:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_wants_to_be_called_says_when_and_the_call_answers_it() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    world.file(&who).await;
    world.stage.sites.point(&who.domain, ELSEWHERE).await;
    let account = who.account.clone();
    world
        .until("a case", 32, async |stage| {
            case_of(stage, &account).await.is_some()
        })
        .await;
    let case = world.case(&who.account).await.unwrap();
    let route = format!("POST /cases/{}/call-slots", case["id"].as_str().unwrap());
    let choose = async |world: &mut World, from: &str| {
        let body = json!({ "person": "p1", "from": from });
        let version = case["version"].as_u64();
        world.filer(&who.account, &route, version, Some(body)).await
    };
    let sunday = choose(&mut world, "2026-03-15T10:00:00+08:00").await;
    assert_eq!(sunday.status, 400, "{sunday:#?}");
    assert_eq!(
        sunday.body["violations"][0]["field"], "/from",
        "{sunday:#?}"
    );
    let ask = Ask {
        role: Some("filer"),
        account: &who.account,
        route: &route,
        key: Some("another"),
        version: case["version"].as_u64(),
        body: Some(json!({ "person": "p1", "from": "2026-03-18T14:00:00+08:00" })),
    };
    let chosen = world.ask(ask).await;
    assert_eq!(chosen.status, 202, "{chosen:#?}");
    let case = world.case(&who.account).await.unwrap();
    assert_eq!(case["needsStaff"]["kind"], "call-wanted", "{case:#}");
    assert_eq!(case["callSlot"]["until"], "2026-03-18T08:00:00Z");
    assert_eq!(
        call(&mut world, &who.account, "p1", "is-the-person").await,
        202
    );
    let case = world.case(&who.account).await.unwrap();
    assert_eq!(case["calls"][0]["slot"]["from"], "2026-03-18T06:00:00Z");
    assert!(
        case["callSlot"].is_null() && case["needsStaff"].is_null(),
        "{case:#}"
    );
}
