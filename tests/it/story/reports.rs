//! What people and files bring: a register's answer, a decision where machines cannot, a file of front ends.

use icp_local::stage::{Answer, Applicant, Filed};
use serde_json::{Value as Json, json};

use crate::base::{progress_in, start_in, upload_to};
use crate::table::Table;
use crate::world::{World, finding_state};

/// The day that it is in the world.
pub(super) fn today(world: &World) -> String {
    world.stage.now().to_string()[..10].to_owned()
}

async fn answer(world: &mut World, filed: &Filed, who: &Applicant, state: &str) -> Answer {
    let route = format!("POST /review/filings/{}/registry-answers", filed.subject);
    let body = json!({ "source": "公示系统", "certificateNumber": who.credit_code,
        "asOf": today(world), "registeredName": "示例公司", "state": state,
        "legalRepresentative": "王小明", "registeredAddress": "北京市海淀区示例路1号",
        "reason": "到期复查" });
    world.staff("reviewer", &route, None, Some(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_is_asked_of_what_a_first_filing_under_review_files() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let wish = json!({ "kind": "first-filing", "draft": who.draft() });
    let begun = world
        .filer(&who.account, "POST /orders", None, Some(wish))
        .await;
    let order = begun.body["id"].as_str().unwrap().to_owned();
    let subject = begun.body["subject"].as_str().unwrap().to_owned();
    let filed = Filed { subject, order };
    let early = answer(&mut world, &filed, &who, "存续").await;
    assert_eq!(
        early.status, 409,
        "nothing is filed or sent yet: {early:#?}"
    );
    let holder = format!("/orders/{}", filed.order);
    world
        .stage
        .verify(&who.account, &holder, "p1", &who.mobile, &mut |_, _| ())
        .await
        .unwrap();
    let submission = format!("POST {holder}/submission");
    let sent = world
        .filer(&who.account, &submission, begun.version, None)
        .await;
    assert_eq!(sent.status, 200, "{sent:#?}");
    world.minutes(1).await;
    let other = Applicant::new(2, "two.cn");
    let refused = answer(&mut world, &filed, &other, "存续").await;
    assert_eq!(refused.status, 409, "{refused:#?}");
    world.minutes(1).await;
    let taken = answer(&mut world, &filed, &who, "存续").await;
    assert_eq!(taken.status, 202, "{taken:#?}");
    let route = format!("GET /review/filings/{}/reports", filed.subject);
    let shown = world.staff("auditor", &route, None, None).await.body;
    assert_eq!(shown["registry"]["state"], "active", "{shown:#}");
    // Nobody judges what is not filed.
    world.hours(24).await;
    assert!(world.case(&who.account).await.is_none());
}

/// Brings a file of reports, and tells how it ended.
pub(super) async fn bring(world: &World, kind: &str, file: &str) -> Json {
    let stage = &world.stage;
    let of = ("report-files", "staff");
    let id = upload_to(stage, of, "csv", file.as_bytes(), json!({ "kind": kind })).await;
    let started = start_in(stage, of, &id).await;
    assert_eq!(started.status, 202, "{started:#?}");
    progress_in(stage, "report-files", &id).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_that_says_deregistered_opens_a_case_and_a_later_answer_closes_it() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    let taken = answer(&mut world, &filed, &who, "注销").await;
    assert_eq!(taken.status, 202, "{taken:#?}");
    // One fresh reading confirms it, at once and not with the next audit.
    world.stage.deployment.advance_by_minutes(5).await.unwrap();
    let case = world.case(&who.account).await.unwrap();
    assert_eq!(case["findings"][0]["rule"], "ICP-107", "{case:#}");
    // What it names is sealed; who brought it, when and why stands beside it.
    let table = Table::of(&world.stage);
    let row = table
        .row(&format!("SUBJECT#{}", filed.subject), "REPORTED#S")
        .await;
    assert!(row["registry"].is_string(), "{row:#}");
    assert!(!row.to_string().contains("示例公司"), "{row:#}");
    let route = format!("GET /review/filings/{}/reports", filed.subject);
    let shown = world.staff("auditor", &route, None, None).await.body;
    assert_eq!(shown["registry"]["state"], "deregistered", "{shown:#}");
    assert_eq!(shown["registry"]["because"], "到期复查");
    let history = format!("GET /review/filings/{}/history", filed.subject);
    let history = world.staff("auditor", &history, None, None).await.body;
    assert!(history.to_string().contains("registry-answer-brought"));
    // Whom it names gets it with the copy.
    let asked = json!({ "mobile": who.mobile, "reason": "本人申请复制" });
    let copied = world
        .staff(
            "operator",
            "POST /operations/person-copies",
            None,
            Some(asked),
        )
        .await;
    let copy = &copied.body["items"][0]["reports"]["registry"];
    assert_eq!(copy["asOf"], shown["registry"]["asOf"], "{copied:#?}");

    // Staff asked again, the register says otherwise, and the filer asks for a recheck.
    world.hours(24).await;
    let taken = answer(&mut world, &filed, &who, "存续").await;
    assert_eq!(taken.status, 202, "{taken:#?}");
    let case = world.case(&who.account).await.unwrap();
    let recheck = format!("POST /cases/{}/rechecks", case["id"].as_str().unwrap());
    let version = case["version"].as_u64();
    let asked = world.filer(&who.account, &recheck, version, None).await;
    assert_eq!(asked.status, 202, "{asked:#?}");
    world.stage.deployment.advance_by_minutes(5).await.unwrap();
    assert_eq!(
        finding_state(&world.stage, &who.account).await.as_deref(),
        Some("closed")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_about_another_number_or_older_than_what_is_known_is_refused() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    let other = Applicant::new(2, "two.cn");
    let refused = answer(&mut world, &filed, &other, "active").await;
    assert_eq!(refused.status, 409, "{refused:#?}");
    assert_eq!(answer(&mut world, &filed, &who, "active").await.status, 202);
    let route = format!("POST /review/filings/{}/registry-answers", filed.subject);
    let older = json!({ "source": "公示系统", "certificateNumber": who.credit_code,
        "asOf": "2026-03-01", "reason": "旧结果" });
    let refused = world.staff("reviewer", &route, None, Some(older)).await;
    assert_eq!(refused.status, 409, "{refused:#?}");
    let unread = json!({ "source": "公示系统", "certificateNumber": who.credit_code,
        "asOf": "2027-03-01", "state": "注销", "reason": "错填" });
    let refused = world.staff("reviewer", &route, None, Some(unread)).await;
    let fields: Vec<&Json> = refused.body["violations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|violation| &violation["field"])
        .collect();
    assert_eq!(fields, ["/asOf", "/registeredName"], "{refused:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_of_a_material_and_the_carriers_word_are_evidence_at_once() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    let base = format!("POST /review/filings/{}", filed.subject);
    let readings = format!("{base}/materials/m1/readings");
    let nothing = json!({ "reason": "清查" });
    let refused = world
        .staff("reviewer", &readings, None, Some(nothing))
        .await;
    assert_eq!(refused.status, 400, "{refused:#?}");
    let reading = json!({ "says": "unreadable", "reason": "清查",
        "paper": { "shelfMark": "B-12", "seenOn": today(&world) } });
    let taken = world
        .staff("reviewer", &readings, None, Some(reading))
        .await;
    assert_eq!(taken.status, 202, "{taken:#?}");
    let phones = format!("{base}/persons/p1/phone-identities");
    let differs = json!({ "says": "elements-differ", "reason": "三要素核验" });
    let taken = world.staff("reviewer", &phones, None, Some(differs)).await;
    assert_eq!(taken.status, 202, "{taken:#?}");
    let called = json!({ "says": "is-another", "reason": "来电" });
    let refused = world.staff("reviewer", &phones, None, Some(called)).await;
    assert_eq!(refused.status, 400, "{refused:#?}");
    let shelf = Table::of(&world.stage)
        .row(&format!("SUBJECT#{}", filed.subject), "MATERIAL#m1")
        .await;
    assert_eq!(shelf["custody"]["shelfMark"], "B-12", "{shelf:#}");
    world.stage.deployment.advance_by_minutes(5).await.unwrap();
    let case = world.case(&who.account).await.unwrap();
    let findings = case["findings"].as_array().unwrap().iter();
    let rules: Vec<&str> = findings
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect();
    assert!(rules.contains(&"ICP-303"), "{rules:?}");
    assert!(rules.contains(&"ICP-208"), "{rules:?}");
}

/// The items that people are asked about.
pub(super) async fn items(world: &mut World) -> Vec<Json> {
    let listed = world
        .staff("reviewer", "GET /review/items", None, None)
        .await;
    listed.body["items"].as_array().unwrap().clone()
}

pub(super) async fn decide(world: &mut World, item: &Json, decision: &str) -> Answer {
    let route = format!(
        "POST /review/items/{}/decisions",
        item["id"].as_str().unwrap()
    );
    let doubt = &item["doubts"][0];
    let body = json!({ "rule": doubt["rule"], "object": doubt["object"], "says": decision,
        "reason": "浏览器中查看" });
    world.staff("reviewer", &route, None, Some(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_staff_decide_of_an_undecided_unit_stands_for_the_machine() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    let host = format!("www.{}", who.domain);
    let script = "<script>document.write('x')</script>";
    world.stage.sites.show(&host, script);
    let mut asked = Vec::new();
    for _ in 0..60 {
        world.hours(24).await;
        asked = items(&mut world).await;
        if !asked.is_empty() {
            break;
        }
    }
    let item = &asked[0];
    assert_eq!(item["doubts"][0]["rule"], "ICP-501", "{item:#}");
    assert!(item["doubts"][0]["seen"]["zh"].is_string(), "{item:#}");
    assert_eq!(item["doubts"][0]["fault"]["zh"], "网站首页未标明备案号");
    assert!(item["since"].is_string());
    let decided = decide(&mut world, item, "kept").await;
    assert_eq!(decided.status, 202, "{decided:#?}");
    assert_eq!(items(&mut world).await, Vec::<Json>::new());
    // For half a year nobody is asked that again, though no machine can tell.
    world.hours(24 * 60).await;
    let asked = items(&mut world).await;
    let doubts = asked
        .iter()
        .flat_map(|item| item["doubts"].as_array().unwrap());
    let rules: Vec<&str> = doubts
        .map(|doubt| doubt["rule"].as_str().unwrap())
        .collect();
    assert_eq!(
        rules,
        ["ICP-513"],
        "what begins a month after the filing is asked by itself"
    );
    let route = format!("GET /review/filings/{}/reports", filed.subject);
    let shown = world.staff("reviewer", &route, None, None).await.body;
    assert_eq!(
        shown["decisions"][0]["because"], "浏览器中查看",
        "{shown:#}"
    );
    // Of what nobody asks any more, nothing is decided.
    let key = json!({ "rule": "ICP-501", "object": { "kind": "service" }, "says": "broken",
        "reason": "迟来" });
    let route = format!("POST /review/items/{}~1/decisions", filed.subject);
    let late = world.staff("reviewer", &route, None, Some(key)).await;
    assert_eq!(late.status, 409, "{late:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_every_kind_are_matched_and_brought_again_without_effect() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    let (day, number) = (today(&world), &who.number);
    let kinds = [
        (
            "registry-answers",
            format!(
                "certificateNumber,source,asOf,registeredName,state,legalRepresentative\r\n\
                 {},公示系统,{day},示例公司,吊销,王小明\r\n",
                who.credit_code
            ),
        ),
        (
            "phone-identities",
            format!(
                "备案号,手机号码,核验结果,查询日期\r\n{number},{},空号,{day}\r\n",
                who.mobile
            ),
        ),
        (
            "hosting",
            format!("备案号,服务器到期日\r\n{number}-1,2026-01-31\r\n"),
        ),
        (
            "registrars",
            "注册商,是否许可\r\n某注册商,否\r\n".to_owned(),
        ),
        (
            "custody",
            format!("备案号,材料种类,存放位置,所见日期\r\n{number},portrait,C-3,{day}\r\n"),
        ),
    ];
    for (kind, file) in &kinds {
        let seen = bring(&world, kind, file).await;
        assert_eq!(seen["progress"]["state"], "done", "{kind}: {seen:#}");
        assert_eq!(seen["counts"]["changed"], 1, "{kind}: {seen:#}");
        world.stage.deployment.advance_by_minutes(1).await.unwrap();
        let seen = bring(&world, kind, file).await;
        assert_eq!(seen["counts"]["same"], 1, "{kind}: {seen:#}");
    }
    world.stage.deployment.advance_by_minutes(5).await.unwrap();
    let listed = world.filer(&who.account, "GET /cases", None, None).await;
    let mut rules = Vec::new();
    for listed in listed.body["items"].as_array().unwrap() {
        let route = format!("GET /cases/{}", listed["id"].as_str().unwrap());
        let case = world.filer(&who.account, &route, None, None).await.body;
        let findings = case["findings"].as_array().unwrap().iter();
        rules.extend(findings.map(|finding| finding["rule"].as_str().unwrap().to_owned()));
    }
    rules.sort();
    assert_eq!(rules, ["ICP-108", "ICP-404"]);
    let route = format!("GET /review/filings/{}/reports", filed.subject);
    let shown = world.staff("operator", &route, None, None).await;
    assert_eq!(shown.status, 403, "{shown:#?}");
}
