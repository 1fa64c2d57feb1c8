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
        let calls = self.start();
        self.lines.push(counted(&calls, what, caller, |_| true));
    }

    /// Forgets what was called so far, and gives it.
    fn start(&self) -> Vec<Call> {
        self.world.stage.deployment.journal().take()
    }
}

/// The calls of `caller` to the table that count, in a line.
fn counted(calls: &[Call], what: &str, caller: &str, counts: impl Fn(&Call) -> bool) -> String {
    let mut number = 0;
    let (mut read, mut written) = (Units::default(), Units::default());
    for call in calls {
        if call.service == "dynamodb" && call.caller == caller && counts(call) {
            number += 1;
            read.add(&call.read);
            written.add(&call.written);
        }
    }
    format!(
        "{what:<34} {number:>2} calls  read {:>4}  write {:>4} + {} index",
        read.table,
        written.table,
        written.index_total(),
    )
}

/// Writes of rows: sweeps also read and move watermarks, by puts of their own.
fn is_transaction(call: &Call) -> bool {
    call.operation == "TransactWriteItems"
}

/// Writes of the outbox: the watermarks that a sweep moves stand in no index.
fn is_write_but_of_a_watermark(call: &Call) -> bool {
    is_transaction(call) || (call.operation == "PutItem" && 0.0 < call.written.index_total())
}

/// Reads and writes of cases and filings, but not of watermarks and what is due.
fn is_of_a_case(call: &Call) -> bool {
    let reads = ["Query", "BatchGetItem"].contains(&call.operation.as_str());
    is_transaction(call) || (reads && !call.resource.contains('/'))
}

/// Reads of many rows by their keys: planning makes no other.
fn is_batch(call: &Call) -> bool {
    call.operation == "BatchGetItem"
}

/// The batch of rows that a service's unit is judged from.
fn is_judging(call: &Call) -> bool {
    call.caller == "judge-evidence" && is_batch(call)
}

/// Rows, and so units, of the batch that a service's unit is judged from. Lists of registrars are smaller.
const SERVICE_ROWS: f64 = 6.0;

/// The same with a holder clock.
const HOLDER_ROWS: f64 = 7.0;

#[tokio::test(flavor = "multi_thread")]
async fn what_filers_do_costs_what_the_data_model_says() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    // Data keys are made once in a table's life, and cached by each function.
    let other = Applicant::new(2, "two.cn");
    let filed = world.file(&other).await;
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
    // The same of a filing, whose head is read with the person.
    stage
        .deployment
        .advance(jiff::SignedDuration::from_mins(2))
        .await
        .unwrap();
    let of_filing = async |step: &str, body: Option<serde_json::Value>| {
        let route = format!("POST /filings/{}/persons/p1/{step}", filed.subject);
        let ask = Ask {
            role: Some("filer"),
            account: &other.account,
            route: &route,
            key: Some("k"),
            version: None,
            body,
        };
        stage.ask(ask).await.unwrap().status
    };
    count.start();
    assert_eq!(of_filing("codes", None).await, 202);
    count.line("send a code to a filing's person", "verify-contact");
    let body = json!({ "code": stage.last_code(&other.mobile).unwrap() });
    assert_eq!(of_filing("confirmations", Some(body)).await, 200);
    count.line("confirm it, right", "verify-contact");
    expect![[r#"
        begin an order                      2 calls  read    1  write   16 + 3 index
        send a code                         4 calls  read    4  write    9 + 1 index
        confirm a code, wrong               2 calls  read    3  write    1 + 0 index
        confirm a code, right               4 calls  read    4  write   13 + 0 index
        submit a stored draft               5 calls  read    5  write   10 + 2 index
        send a code to a filing's person    4 calls  read    4  write    9 + 1 index
        confirm it, right                   3 calls  read    3  write   11 + 2 index"#]]
    .assert_eq(&count.lines.join("\n"));
}

/// Longest time until anything of a filing's life comes round: a holder clock's period.
const DAYS: i64 = 91;

/// Lets hours pass one by one until a function has made a call; gives the calls of that hour.
async fn until_called(world: &World, is_it: impl Fn(&Call) -> bool) -> Vec<Call> {
    until_called_within(world, 1, is_it).await
}

/// The same by so many hours at a time, for what comes round once in months.
async fn until_called_within(
    world: &World,
    hours: i64,
    is_it: impl Fn(&Call) -> bool,
) -> Vec<Call> {
    let step = jiff::SignedDuration::from_hours(hours);
    for _ in 0..=24 * DAYS / hours {
        world.stage.deployment.journal().take();
        world.stage.deployment.advance(step).await.unwrap();
        let calls = world.stage.deployment.journal().take();
        if calls.iter().any(&is_it) {
            return calls;
        }
    }
    panic!("within {DAYS} days nobody made such a call");
}

/// Lets so many hours pass at a time until the account's finding is in a state; gives the calls of the last ones.
async fn until_state(world: &World, hours: i64, who: &Applicant, state: &str) -> Vec<Call> {
    let step = jiff::SignedDuration::from_hours(hours);
    for _ in 0..=24 * DAYS / hours {
        world.stage.deployment.journal().take();
        world.stage.deployment.advance(step).await.unwrap();
        let calls = world.stage.deployment.journal().take();
        if finding_state(&world.stage, &who.account).await.as_deref() == Some(state) {
            return calls;
        }
    }
    panic!("within {DAYS} days it was not {state}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_machines_do_costs_what_the_data_model_says() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    // Both units are looked at once, so that keys are cached; then the site moves away.
    world.hours(24 * 31).await;
    let mut lines = Vec::new();
    for (what, address) in [
        ("judge a clean look", OURS),
        ("judge a first broken look", ELSEWHERE),
        ("judge a confirmed one", ELSEWHERE),
    ] {
        world.stage.sites.point(&who.domain, address).await;
        // Only a service's unit is judged from a batch of named rows, and one more by its holder clock.
        let of_service = |call: &Call| {
            is_judging(call) && (SERVICE_ROWS..HOLDER_ROWS).contains(&call.read.table)
        };
        let calls = until_called(&world, of_service).await;
        if what == "judge a clean look" {
            let plan = counted(&calls, "plan a page of one", "schedule-audits", is_batch);
            lines.push(plan);
        }
        lines.push(counted(&calls, what, "judge-evidence", |_| true));
    }
    // The notice is expanded by the sweep, its mail handed over from the stream, and ten minutes later its text.
    let expanded = |call: &Call| call.caller == "deliver-notices" && is_transaction(call);
    let sent = |call: &Call| call.caller == "deliver-notices" && call.service == "sns";
    let calls = until_called(&world, expanded).await;
    let told = |calls: &[Call], what: &str| {
        counted(calls, what, "deliver-notices", is_write_but_of_a_watermark)
    };
    lines.push(told(&calls, "expand a first notice and mail it"));
    let calls = until_called(&world, sent).await;
    lines.push(told(&calls, "deliver its text"));
    let calls = until_state(&world, 3, &who, "last-look").await;
    let over = "end a period, ask for a last look";
    lines.push(counted(&calls, over, "expire-deadlines", is_of_a_case));
    let judged = |calls: &[Call], what: &str| counted(calls, what, "judge-evidence", |_| true);
    lines.push(judged(&calls, "judge it, broken"));
    let calls = until_state(&world, 1, &who, "condemned").await;
    let again = "ask for a second one";
    lines.push(counted(&calls, again, "expire-deadlines", is_of_a_case));
    lines.push(judged(&calls, "judge it, condemned"));
    let case = world.case(&who.account).await.unwrap();
    let finding = &case["findings"][0];
    let looks = finding["state"]["looks"].as_array().unwrap();
    let release = json!({ "findings": [{ "case": case["id"], "finding": finding["id"],
        "look": looks.last().unwrap()["look"] }]});
    world
        .staff("operator", "POST /operations/releases", None, Some(release))
        .await;
    let calls = until_called(&world, sent).await;
    let stop = "stop one case";
    lines.push(counted(&calls, stop, "expire-deadlines", is_of_a_case));
    // The stop's notice begins no period: claimed, sent, marked.
    lines.push(told(&calls, "and a notice, and an access change"));
    assert_eq!(
        finding_state(&world.stage, &who.account).await.as_deref(),
        Some("stopped"),
        "{filed:?}"
    );
    expect![[r#"
        plan a page of one                  1 calls  read    3  write    0 + 0 index
        judge a clean look                  2 calls  read    6  write    1 + 2 index
        judge a first broken look           3 calls  read    7  write    4 + 2 index
        judge a confirmed one               7 calls  read   11  write   18 + 6 index
        expand a first notice and mail it   3 calls  read    0  write   10 + 7 index
        deliver its text                    2 calls  read    0  write   13 + 5 index
        end a period, ask for a last look   3 calls  read    2  write    8 + 2 index
        judge it, broken                    3 calls  read    7  write    8 + 2 index
        ask for a second one                2 calls  read    2  write    0 + 0 index
        judge it, condemned                 3 calls  read    7  write   12 + 4 index
        stop one case                       4 calls  read    3  write   28 + 9 index
        and a notice, and an access change  7 calls  read    0  write   15 + 13 index"#]]
    .assert_eq(&lines.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_look_costs_what_the_data_model_says() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    world.file(&who).await;
    let of_holder = |call: &Call| is_judging(call) && HOLDER_ROWS <= call.read.table;
    // The first look fills the caches of data keys.
    until_called_within(&world, 4, of_holder).await;
    let calls = until_called_within(&world, 4, of_holder).await;
    let lines = [
        counted(&calls, "plan a holder look", "schedule-audits", |call| {
            is_batch(call)
        }),
        counted(&calls, "judge a clean one", "judge-evidence", |_| true),
    ];
    expect![[r#"
        plan a holder look                  2 calls  read    6  write    0 + 0 index
        judge a clean one                   3 calls  read    9  write    1 + 2 index"#]]
    .assert_eq(&lines.join("\n"));
}
