//! Counted cost: calls and units of each operation, base table and indexes apart. Units are exact,
//! so they are pinned; `docs/DATA-MODEL.md` says why each is needed.

use expect_test::expect;
use icp_local::stage::{Applicant, Ask, ELSEWHERE, OURS};
use icp_local::{Call, Units};
use serde_json::json;

use crate::world::{World, finding_state};

/// What one function's calls to the table came to since the last count.
struct Count<'a> {
    world: &'a World,
    lines: Vec<String>,
}

impl Count<'_> {
    /// Counts what `caller` called, and forgets it.
    fn line(&mut self, what: &str, caller: &str) {
        self.filtered(what, caller, |_| true);
    }

    /// Counts the writes of `caller` that are transactions: sweeps also read and move watermarks.
    fn transactions(&mut self, what: &str, caller: &str) {
        self.filtered(what, caller, |call| call.operation == "TransactWriteItems");
    }

    fn filtered(&mut self, what: &str, caller: &str, counts: impl Fn(&Call) -> bool) {
        let calls = self.world.stage.deployment.journal().take();
        let mut counted = 0;
        let (mut read, mut written) = (Units::default(), Units::default());
        for call in &calls {
            if call.service == "dynamodb" && call.caller == caller && counts(call) {
                counted += 1;
                read.add(&call.read);
                written.add(&call.written);
            }
        }
        self.lines.push(format!(
            "{what:<34} {counted:>2} calls  read {:>4}  write {:>4} + {} index",
            read.table,
            written.table,
            written.index_total(),
        ));
    }

    /// Forgets what was called so far.
    fn start(&self) {
        self.world.stage.deployment.journal().take();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_filers_do_costs_what_the_data_model_says() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    // Data keys are made once in a table's life, and cached by each function.
    let other = Applicant::new(2, "two.cn");
    world.file(&other).await;
    let begin = json!({ "kind": "first-filing", "draft": who.draft() });
    let stage = world.stage.clone();
    let ask = |route: String, version: Option<u64>, key: &'static str, body| {
        let (stage, account) = (stage.clone(), who.account.clone());
        async move {
            let ask = Ask {
                role: Some("filer"),
                account: &account,
                route: &route,
                key: Some(key),
                version,
                body,
            };
            stage.ask(ask).await.unwrap()
        }
    };
    let mut count = Count {
        world: &world,
        lines: Vec::new(),
    };
    count.start();
    let drafted = ask("POST /orders".into(), None, "k", Some(begin)).await;
    count.line("begin an order", "submit-filing");
    let order = drafted.body["id"].as_str().unwrap();
    let codes = format!("POST /orders/{order}/persons/p1/codes");
    assert_eq!(ask(codes, None, "k", None).await.status, 202);
    count.line("send a code", "verify-contact");
    let confirmations = format!("POST /orders/{order}/persons/p1/confirmations");
    let code = stage.last_code(&who.mobile).unwrap();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    count.start();
    let body = Some(json!({ "code": wrong }));
    assert_eq!(
        ask(confirmations.clone(), None, "wrong", body).await.status,
        422
    );
    count.line("confirm a code, wrong", "verify-contact");
    let body = Some(json!({ "code": code }));
    assert_eq!(ask(confirmations, None, "right", body).await.status, 200);
    count.line("confirm a code, right", "verify-contact");
    let submission = format!("POST /orders/{order}/submission");
    assert_eq!(
        ask(submission, drafted.version, "k", None).await.status,
        200
    );
    count.line("submit a stored draft", "submit-filing");
    expect![[r#"
        begin an order                      1 calls  read    0  write   14 + 3 index
        send a code                         3 calls  read    4  write    8 + 1 index
        confirm a code, wrong               2 calls  read    3  write    1 + 0 index
        confirm a code, right               4 calls  read    4  write   13 + 0 index
        submit a stored draft               3 calls  read    2  write    8 + 2 index"#]]
    .assert_eq(&count.lines.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_machines_do_costs_what_the_data_model_says() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    // Both units are looked at once, so that keys are cached; then the site moves away.
    world.hours(24 * 31).await;
    let judge = |world: &World| {
        let calls = world.stage.deployment.journal().calls();
        calls
            .iter()
            .any(|call| call.caller == "judge-evidence" && call.operation.contains("Item"))
    };
    let mut lines = Vec::new();
    for (what, address) in [
        ("judge a clean look", OURS),
        ("judge a first broken look", ELSEWHERE),
        ("judge a confirmed one", ELSEWHERE),
    ] {
        world.stage.sites.point(&who.domain, address).await;
        world.stage.deployment.journal().take();
        for _ in 0..24 * 40 {
            // Only the service's unit is judged from a batch of named rows.
            let calls = world.stage.deployment.journal().calls();
            let of_service = calls
                .iter()
                .any(|call| call.caller == "judge-evidence" && call.operation == "BatchGetItem");
            if of_service && judge(&world) {
                break;
            }
            world.stage.deployment.journal().take();
            world
                .stage
                .deployment
                .advance(jiff::SignedDuration::from_hours(1))
                .await
                .unwrap();
        }
        let mut count = Count {
            world: &world,
            lines: Vec::new(),
        };
        count.line(what, "judge-evidence");
        lines.extend(count.lines);
    }
    let account = who.account.clone();
    world
        .until("noticed", 3, async |stage| {
            let case = crate::world::case_of(stage, &account).await.unwrap();
            case["findings"][0]["notifiedAt"].is_string()
        })
        .await;
    world
        .until("condemned", 12, async |stage| {
            finding_state(stage, &account).await.as_deref() == Some("condemned")
        })
        .await;
    let case = world.case(&who.account).await.unwrap();
    let finding = &case["findings"][0];
    let look = &finding["state"]["looks"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()["look"];
    let release =
        json!({ "findings": [{ "case": case["id"], "finding": finding["id"], "look": look }]});
    world
        .staff("operator", "POST /operations/releases", None, Some(release))
        .await;
    for _ in 0..24 * 5 {
        world.stage.deployment.journal().take();
        world
            .stage
            .deployment
            .advance(jiff::SignedDuration::from_hours(1))
            .await
            .unwrap();
        let calls = world.stage.deployment.journal().calls();
        if calls
            .iter()
            .any(|call| call.caller == "deliver-notices" && call.service == "sns")
        {
            break;
        }
    }
    let mut count = Count {
        world: &world,
        lines: Vec::new(),
    };
    count.transactions("stop one case", "expire-deadlines");
    lines.extend(count.lines);
    assert_eq!(
        finding_state(&world.stage, &who.account).await.as_deref(),
        Some("stopped"),
        "{filed:?}"
    );
    expect![[r#"
        judge a clean look                  2 calls  read    5  write    1 + 2 index
        judge a first broken look           2 calls  read    5  write    4 + 2 index
        judge a confirmed one               6 calls  read    9  write   18 + 6 index
        stop one case                       1 calls  read    0  write   26 + 7 index"#]]
    .assert_eq(&lines.join("\n"));
}
