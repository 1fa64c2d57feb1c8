//! The seven kinds of order, from draft to the bureau's answer.

use expect_test::expect;
use icp_domain::import::Column;
use icp_local::stage::{Answer, Applicant, Ask, OURS};
use serde_json::{Value as Json, json};

use crate::base;
use crate::world::World;

const ACCOUNT: &str = "account-1";

/// A site that an order files, with the filing's own principal.
pub(crate) fn site(id: &str, domain: &str) -> Json {
    json!({ "id": id, "name": "第二示例网站", "domains": [domain], "principal": "p1",
        "homePage": format!("http://www.{domain}/"), "addresses": ["127.0.0.1"] })
}

/// The papers that are made for each order.
pub(crate) fn papers() -> Json {
    json!([{ "id": "m9", "kind": "verification-form",
        "custody": { "custody": "paper", "shelfMark": "A-9" } }])
}

impl World {
    pub(crate) async fn good(
        &mut self,
        route: &str,
        version: Option<u64>,
        body: Option<Json>,
    ) -> Answer {
        let answer = self.says("filer", ACCOUNT, route, version, body).await;
        assert!(answer.status < 400, "{route}: {answer:#?}");
        answer
    }

    /// Asks under a key of its own for each instant, version and body.
    pub(crate) async fn says(
        &mut self,
        role: &str,
        who: &str,
        route: &str,
        version: Option<u64>,
        body: Option<Json>,
    ) -> Answer {
        let said = format!("{} {version:?} {body:?}", self.stage.now());
        let key = icp_domain::command::hashed("key", &[&said]);
        self.ask(Ask {
            role: Some(role),
            account: who,
            route,
            key: Some(&key),
            version,
            body,
        })
        .await
    }

    pub(crate) async fn begin(&mut self, kind: &str, subject: &str, draft: Json) -> String {
        let wish = json!({ "kind": kind, "subject": subject, "draft": draft });
        let answer = self.good("POST /orders", None, Some(wish)).await;
        answer.body["id"].as_str().unwrap().to_owned()
    }

    /// An order from its draft to its approval.
    pub(crate) async fn order(&mut self, kind: &str, subject: &str, draft: Json, approval: Json) {
        let order = self.begin(kind, subject, draft).await;
        let submission = format!("POST /orders/{order}/submission");
        let submitted = self.good(&submission, Some(1), None).await;
        self.approve(&order, submitted.version.unwrap(), approval, false)
            .await;
    }

    /// What an order takes away, and its confirmation.
    pub(crate) async fn weighed(&mut self, order: &str) -> Json {
        let route = format!("POST /orders/{order}/consequences");
        self.good(&route, None, Some(situation())).await.body
    }

    /// Takes a subject of the first account off the record; gives the numbers that went.
    pub(crate) async fn deregister(&mut self, subject: &str) -> Json {
        let order = self.begin("deregister-subject", subject, json!({})).await;
        let shown = self.weighed(&order).await;
        let body = json!({ "confirmation": shown["confirmation"], "typed": shown["number"] });
        let submission = format!("POST /orders/{order}/submission");
        let submitted = self.good(&submission, Some(1), Some(body)).await;
        self.approve(&order, submitted.version.unwrap(), json!({}), true)
            .await;
        shown["loses"].clone()
    }

    /// Through review and bureau; a deregistration by two reviewers each time.
    pub(crate) async fn approve(
        &mut self,
        order: &str,
        version: u64,
        approval: Json,
        two: bool,
    ) -> Answer {
        let version = self.up_to_the_bureau(order, version, two).await;
        let results = format!("POST /review/orders/{order}/bureau-results");
        let approved = json!({ "result": "approved", "approval": approval });
        self.taken(version, vec![(results, approved, two)]).await
    }

    /// Through review to the bureau's own; gives the version.
    pub(crate) async fn up_to_the_bureau(&mut self, order: &str, version: u64, two: bool) -> u64 {
        let decisions = format!("POST /review/orders/{order}/decisions");
        let results = format!("POST /review/orders/{order}/bureau-results");
        let steps = vec![
            (decisions, json!({ "decision": "pass" }), two),
            (results.clone(), json!({ "result": "sent" }), false),
            (results, json!({ "result": "sms-done" }), false),
        ];
        self.taken(version, steps).await.version.unwrap()
    }

    /// Steps of the staff, each by two of them where it takes two.
    async fn taken(&mut self, version: u64, steps: Vec<(String, Json, bool)>) -> Answer {
        let mut last = None;
        let mut version = version;
        for (route, body, two) in steps {
            for reviewer in ["anna", "ben"].into_iter().take(if two { 2 } else { 1 }) {
                let answer = self.staff_as(reviewer, &route, version, body.clone()).await;
                assert!(answer.status < 400, "{route} {body}: {answer:#?}");
                version = answer.version.unwrap();
                last = Some(answer);
            }
        }
        last.unwrap()
    }

    async fn staff_as(&mut self, who: &str, route: &str, version: u64, body: Json) -> Answer {
        self.says("reviewer", who, route, Some(version), Some(body))
            .await
    }

    pub(crate) async fn filing(&mut self, subject: &str) -> Json {
        self.good(&format!("GET /filings/{subject}"), None, None)
            .await
            .body
    }
}

pub(crate) fn links(filing: &Json) -> Vec<String> {
    let services = filing["services"].as_array().unwrap();
    let line = |service: &Json| {
        let state = service["link"]["state"].as_str().unwrap_or("none");
        let off = if service["deregisteredAt"].is_null() {
            ""
        } else {
            ", off the record"
        };
        format!(
            "{} {state} v{}{off}",
            service["number"].as_str().unwrap_or("-"),
            service["linkVersion"]
        )
    };
    services.iter().map(line).collect()
}

/// What only the filer knows of a site that goes: everything stands well, nobody else has it.
fn situation() -> Json {
    json!({ "record": "site", "freshness": "fresh", "pendingOrder": "none",
        "otherProvider": "no", "otherServices": "no", "sitePhone": "works", "subjectPhone": "works",
        "domainOfAnother": "no", "differs": [], "conditionsMet": "yes",
        "guards": { "suffix": "pass", "registrar": "pass", "holder": "pass", "eligible": "pass",
            "unblocked": "pass" } })
}

/// A filing of two sites.
pub(crate) async fn two_sites(world: &mut World, who: &Applicant) -> String {
    let subject = world.file(who).await.subject;
    world.stage.sites.point("two.cn", OURS).await;
    world.stage.sites.show("www.two.cn", &who.page());
    // The order says nothing of the first.
    let draft = json!({ "services": [site("2", "two.cn")], "materials": papers() });
    let approval =
        json!({ "services": [{ "service": "2", "number": format!("{}-2", who.number) }] });
    world.order("add-site", &subject, draft, approval).await;
    subject
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_grows_changes_and_shrinks() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let subject = two_sites(&mut world, &who).await;
    let first = "京ICP备2026000001号-1 live v1";
    assert_eq!(
        links(&world.filing(&subject).await),
        [first, "京ICP备2026000001号-2 live v1"]
    );
    // A change that says one field.
    let draft =
        json!({ "services": [{ "id": "2", "name": "改名后的网站" }], "materials": papers() });
    world.order("change", &subject, draft, json!({})).await;
    let filing = world.filing(&subject).await;
    assert_eq!(filing["services"][1]["name"], "改名后的网站");
    assert_eq!(filing["services"][0]["name"], "示例网站");
    // Access is given up, and had again.
    let draft = json!({ "services": [{ "id": "2" }] });
    world
        .order("cancel-access", &subject, draft, json!({}))
        .await;
    assert_eq!(
        links(&world.filing(&subject).await),
        [first, "京ICP备2026000001号-2 cancelled v2"]
    );
    let draft = json!({ "services": [{ "id": "2" }], "materials": papers() });
    world.order("add-access", &subject, draft, json!({})).await;
    assert_eq!(
        links(&world.filing(&subject).await),
        [first, "京ICP备2026000001号-2 live v3"]
    );
    // Each names its site, whether it typed a domain or the site alone.
    let listed = world.says("filer", ACCOUNT, "GET /orders", None, None);
    let listed = listed.await.body;
    let orders = listed["items"].as_array().unwrap().iter();
    let mut sites: Vec<&str> = orders.filter_map(|it| it["sites"][0].as_str()).collect();
    // All of them were begun in one instant.
    sites.sort_unstable();
    assert_eq!(sites, ["one.cn", "two.cn", "two.cn", "two.cn", "two.cn"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_goes_off_the_record_when_its_loss_was_shown_typed_and_decided_by_two() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let subject = two_sites(&mut world, &who).await;
    let second = format!("{}-2", who.number);
    let draft = json!({ "services": [{ "id": "2" }] });
    let order = world.begin("deregister-site", &subject, draft).await;
    let submission = format!("POST /orders/{order}/submission");
    let shown = world.weighed(&order).await;
    assert_eq!(shown["loses"], json!([second]));
    let token = shown["confirmation"].as_str().unwrap().to_owned();
    let wrong = |token: &str, typed: &str| Some(json!({ "confirmation": token, "typed": typed }));
    for body in [
        None,
        wrong(&token, &who.number),
        wrong("1.0001-00", &second),
        wrong("nonsense", &second),
    ] {
        let refused = world
            .says("filer", ACCOUNT, &submission, Some(1), body.clone())
            .await;
        assert_eq!(refused.status, 409, "{body:?}");
        assert!(
            refused.body["type"]
                .as_str()
                .unwrap()
                .ends_with("confirmation-needed")
        );
    }
    let confirmed = wrong(&token, &second);
    let submitted = world.good(&submission, Some(1), confirmed).await;
    let decisions = format!("POST /review/orders/{order}/decisions");
    let pass = json!({ "decision": "pass" });
    // While Anna works on it nobody else decides; her word said, it is free for a second person.
    let claims = format!("POST /review/queue/order-review/{order}/claims");
    let claimed = world.says("reviewer", "anna", &claims, None, None).await;
    assert_eq!(claimed.status, 200, "{claimed:#?}");
    let shut_out = world
        .staff_as("ben", &decisions, submitted.version.unwrap(), pass.clone())
        .await;
    assert_eq!(shut_out.status, 409, "{shut_out:#?}");
    let first = world
        .staff_as("anna", &decisions, submitted.version.unwrap(), pass.clone())
        .await;
    assert_eq!(first.status, 202, "{first:#?}");
    assert_eq!(first.body["state"]["state"], "provider-review");
    let same = world
        .staff_as("anna", &decisions, first.version.unwrap(), pass)
        .await;
    assert_eq!(same.status, 409, "{same:#?}");
    let results = format!("POST /review/orders/{order}/bureau-results");
    let mut version = first.version.unwrap();
    let approved = json!({ "result": "approved", "approval": {} });
    for (who, route, body) in [
        ("ben", &decisions, json!({ "decision": "pass" })),
        ("ben", &results, json!({ "result": "sent" })),
        ("ben", &results, json!({ "result": "sms-done" })),
        ("ben", &results, approved.clone()),
        ("anna", &results, approved),
    ] {
        let answer = world.staff_as(who, route, version, body).await;
        assert!(answer.status < 400, "{route}: {answer:#?}");
        version = answer.version.unwrap();
    }
    assert_eq!(
        links(&world.filing(&subject).await),
        [
            "京ICP备2026000001号-1 live v1",
            "京ICP备2026000001号-2 cancelled v2, off the record"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_goes_with_all_its_sites_and_its_domains_are_anybodys() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let subject = two_sites(&mut world, &who).await;
    let loses = world.deregister(&subject).await;
    let number = &who.number;
    assert_eq!(
        loses,
        json!([format!("{number}-1"), format!("{number}-2"), number])
    );
    let filing = world.filing(&subject).await;
    assert_eq!(filing["state"]["state"], "deregistered");
    assert_eq!(
        links(&filing),
        [
            "京ICP备2026000001号-1 cancelled v2, off the record",
            "京ICP备2026000001号-2 cancelled v2, off the record"
        ]
    );
    world.file(&Applicant::new(3, "one.cn")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_want_one_domain_are_for_staff_and_neither_learns_of_the_other() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let (one, mut two) = (Applicant::new(1, "one.cn"), Applicant::new(2, "one.cn"));
    world.file(&one).await;
    two.number = "京ICP备2026000002号".to_owned();
    let wish = json!({ "kind": "first-filing", "draft": two.draft() });
    let begun = world
        .filer("account-2", "POST /orders", None, Some(wish))
        .await;
    let order = begun.body["id"].as_str().unwrap().to_owned();
    let holder = format!("/orders/{order}");
    world
        .stage
        .verify("account-2", &holder, "p1", &two.mobile, &mut |_, _| ())
        .await
        .unwrap();
    let submission = format!("POST /orders/{order}/submission");
    let submitted = world.filer("account-2", &submission, Some(1), None).await;
    assert_eq!(submitted.status, 200, "{submitted:#?}");
    assert_eq!(
        submitted.body.get("conflicts"),
        None,
        "the filer is not told"
    );
    let queue = world
        .staff("reviewer", "GET /review/queue/order-conflict", None, None)
        .await;
    assert_eq!(queue.body["items"][0]["id"], order);
    let read = format!("GET /review/orders/{order}");
    let seen = world.staff("reviewer", &read, None, None).await;
    assert_eq!(seen.body["conflicts"], json!(["domain"]));
    let decisions = format!("POST /review/orders/{order}/decisions");
    let results = format!("POST /review/orders/{order}/bureau-results");
    let mut version = submitted.version.unwrap();
    let approved = json!({ "result": "approved", "approval": { "number": two.number,
        "services": [{ "service": "1", "number": format!("{}-1", two.number) }] } });
    for (route, body) in [
        (&decisions, json!({ "decision": "pass" })),
        (&results, json!({ "result": "sent" })),
        (&results, json!({ "result": "sms-done" })),
    ] {
        let answer = world.staff_as("anna", route, version, body).await;
        version = answer.version.unwrap();
    }
    let refused = world.staff_as("anna", &results, version, approved).await;
    assert_eq!(refused.status, 409);
    assert_eq!(refused.body["detail"], "another filing holds the domain");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_filed_elsewhere_brings_the_data_and_the_numbers_stay() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    world.stage.sites.point("one.cn", OURS).await;
    world.stage.sites.show("www.one.cn", &who.page());
    let wish = json!({ "kind": "add-access", "draft": who.draft() });
    let begun = world.good("POST /orders", None, Some(wish)).await;
    let order = begun.body["id"].as_str().unwrap().to_owned();
    let subject = begun.body["subject"].as_str().unwrap().to_owned();
    let holder = format!("/orders/{order}");
    world
        .stage
        .verify(ACCOUNT, &holder, "p1", &who.mobile, &mut |_, _| ())
        .await
        .unwrap();
    let submission = format!("POST /orders/{order}/submission");
    let submitted = world.good(&submission, Some(1), None).await;
    let approval = json!({ "number": who.number,
        "services": [{ "service": "1", "number": format!("{}-1", who.number) }] });
    world
        .approve(&order, submitted.version.unwrap(), approval, false)
        .await;
    let filing = world.filing(&subject).await;
    assert_eq!(links(&filing), ["京ICP备2026000001号-1 live v1"]);
    // One subject is all that new orders make of an account.
    let second = json!({ "kind": "first-filing", "draft": Applicant::new(9, "nine.cn").draft() });
    let refused = world
        .says("filer", ACCOUNT, "POST /orders", None, Some(second))
        .await;
    assert_eq!(refused.status, 409);
    assert_eq!(refused.body["detail"], "an account has at most 1 subjects");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_returned_order_is_reminded_of_three_times_and_falls_back_to_a_draft() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let wish = json!({ "kind": "first-filing", "draft": who.draft() });
    let begun = world.good("POST /orders", None, Some(wish)).await;
    let order = begun.body["id"].as_str().unwrap().to_owned();
    let holder = format!("/orders/{order}");
    world
        .stage
        .verify(ACCOUNT, &holder, "p1", &who.mobile, &mut |_, _| ())
        .await
        .unwrap();
    let submission = format!("POST /orders/{order}/submission");
    let submitted = world.good(&submission, Some(1), None).await;
    let back = json!({ "decision": "return", "reasons": [
        { "field": "/services/0/name", "error": "名称过于宽泛", "suggestion": "使用公司简称" }] });
    let decisions = format!("POST /review/orders/{order}/decisions");
    world
        .staff_as("anna", &decisions, submitted.version.unwrap(), back)
        .await;
    let order_now = format!("GET /orders/{order}");
    let read = world.good(&order_now, None, None).await;
    assert_eq!(read.body["lapsesAt"], "2026-04-16T02:00:00Z", "45 days");
    world.forget();
    world.hours(47 * 24).await;
    expect![[r#"
        03-02 13:00  sms +86138****0001 【示例云】您的备案订单已退回。请登录 beian.example.cn 查看原因，修改后重新提交，电话010-00000000。
        03-07 10:00  mail p1-account-1@one.cn 【示例云】被退回的备案订单仍待修改 / A returned filing order waits to be mended
        03-07 13:00  sms +86138****0001 【示例云】您被退回的备案订单仍待修改，逾期将退回草稿。请登录 beian.example.cn 查看原因，修改后重新提交，电话010-00000000。
        03-12 10:00  mail p1-account-1@one.cn 【示例云】被退回的备案订单仍待修改 / A returned filing order waits to be mended
        03-12 13:00  sms +86138****0001 【示例云】您被退回的备案订单仍待修改，逾期将退回草稿。请登录 beian.example.cn 查看原因，修改后重新提交，电话010-00000000。
        03-17 10:00  mail p1-account-1@one.cn 【示例云】被退回的备案订单仍待修改 / A returned filing order waits to be mended
        03-17 13:00  sms +86138****0001 【示例云】您被退回的备案订单仍待修改，逾期将退回草稿。请登录 beian.example.cn 查看原因，修改后重新提交，电话010-00000000。
    "#]].assert_eq(&world.transcript());
    let read = world.good(&order_now, None, None).await;
    assert_eq!(read.body["state"]["state"], "draft");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_of_more_domains_than_a_commit_takes_is_deregistered_by_its_order_too() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let rows: Vec<_> = (1..=9)
        .map(|n| {
            let domains: Vec<String> = (0..9).map(|d| format!("many-{n}-{d}.cn")).collect();
            let (number, domains) = (format!("京ICP备2026000001号-{n}"), domains.join(" "));
            base::row(
                1,
                &[
                    (Column::Account, ACCOUNT),
                    (Column::ServiceNumber, &number),
                    (Column::Domains, &domains),
                ],
            )
        })
        .collect();
    base::bring(&world.stage, "csv", &base::csv(&rows), json!({})).await;
    let listed = world.good("GET /filings", None, None).await;
    let subject = listed.body["items"][0]["id"].as_str().unwrap().to_owned();
    world.deregister(&subject).await;
    let filing = world.filing(&subject).await;
    assert_eq!(filing["state"]["state"], "deregistered", "{filing:#}");
    let states = links(&filing);
    assert_eq!(states.len(), 9);
    assert!(
        states
            .iter()
            .all(|line| line.ends_with("cancelled v2, off the record")),
        "{states:#?}"
    );
}
