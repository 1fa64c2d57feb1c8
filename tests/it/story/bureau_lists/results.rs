//! Results of orders, as a list brings them.

use icp_local::stage::Applicant;
use serde_json::{Value as Json, json};

use super::super::orders::{papers, site};
use super::{counted, counts, hand_down, paper, replies, table};
use crate::world::{World, up_to_the_bureau};

/// A site that a filing shall have beside its first: its order, with the bureau.
pub(super) async fn at_the_bureau(world: &mut World, n: u32) -> (String, String) {
    let who = Applicant::new(n, &format!("one-{n}.cn"));
    let filed = world.file(&who).await;
    let draft = json!({ "services": [site("2", &format!("two-{n}.cn"))], "materials": papers() });
    let (account, begun) = (
        who.account,
        json!({ "kind": "add-site", "subject": filed.subject,
        "draft": draft }),
    );
    let route = "POST /orders";
    let order = world.as_filer(&account, route, None, Some(begun)).await;
    let order = order.body["id"].as_str().unwrap().to_owned();
    let route = format!("POST /orders/{order}/submission");
    let submitted = world.as_filer(&account, &route, Some(1), None).await;
    world
        .up_to_the_bureau(&order, submitted.version.unwrap(), false)
        .await;
    (account, order)
}

#[tokio::test(flavor = "multi_thread")]
async fn results_of_orders_are_tried_recorded_and_found_recorded() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let mut orders = Vec::new();
    for n in 1..=5 {
        orders.push(at_the_bureau(&mut world, n).await);
    }
    let ids: Vec<&str> = orders.iter().map(|(_, order)| order.as_str()).collect();
    let file = table(&[
        &["备案订单号", "备案号", "域名", "审核结果", "退回原因"],
        &[ids[0], "京ICP备2026000001号-2", "two-1.cn", "通过", ""],
        &[ids[1], "", "", "驳回", "网站名称与内容不符"],
        // The order is known by its filing.
        &["", "京ICP备2026000003号", "", "驳回", "材料不清晰"],
        // Numbers of another subject, and no number at all.
        &[ids[3], "京ICP备2026000001号-3", "", "通过", ""],
        &["no-such-order", "", "", "通过", ""],
        &[ids[4], "京ICP备2026000005号-2", "", "通过", ""],
        &[ids[4], "", "", "", ""],
    ]);
    let expected = [
        ("bad", 1),
        ("doubtful", 2),
        ("recorded", 3),
        ("rows", 7),
        ("unmatched", 1),
    ];
    let said = [
        "已登记",
        "已登记",
        "已登记",
        "待核实 备案号与我司记录不一致",
        "未匹配 未找到订单；请填写订单号或域名",
        "待核实 同一订单的其他行结果不一致或无法读取",
        "无法读取 审核结果：须为以下之一：审核通过、审核不通过、短信核验完成、短信核验未完成、已提交管局",
    ];
    let mut tried = paper("order-results");
    tried["dryRun"] = json!(true);
    for (more, changes) in [(tried, false), (paper("order-results"), true)] {
        let seen = hand_down(&world.stage, ("anna", "anna"), "csv", &file, more).await;
        assert_eq!(counts(&seen), counted(&expected));
        // Nobody takes the reply of a trial for one that is handed in.
        let trial = if changes { "" } else { "试算：" };
        let expected = said.map(|said| {
            if said.starts_with("无法读取") {
                said.to_owned()
            } else {
                format!("{trial}{said}")
            }
        });
        assert_eq!(replies(&world.stage, &seen).await, expected);
        let mut states = Vec::new();
        for (account, order) in &orders {
            let state = world.state_of(account, order).await;
            states.push(state["state"].as_str().unwrap().to_owned());
        }
        let expected = if changes {
            [
                "approved",
                "returned",
                "returned",
                "bureau-review",
                "bureau-review",
            ]
        } else {
            ["bureau-review"; 5]
        };
        assert_eq!(states, expected);
    }
    let state = world.state_of(&orders[1].0, &orders[1].1).await;
    assert_eq!(state["reasons"][0]["error"], "网站名称与内容不符");
    // Known from before, a result stands.
    let mut again = paper("order-results");
    again["paper"]["documentNumber"] = json!("京通管〔2026〕13号");
    let seen = hand_down(&world.stage, ("ben", "ben"), "csv", &file, again).await;
    let said_now = replies(&world.stage, &seen).await;
    assert_eq!(said_now[..2], said[..2]);
    assert_eq!(said_now[2], said[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_before_says_nothing_of_what_was_sent_since() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    world.hours(24).await;
    let (account, order) = at_the_bureau(&mut world, 1).await;
    // Another site's number is no result of the one that the order is about.
    let other = ["", "京ICP备2026000001号-1", "通过"];
    let own = [order.as_str(), "京ICP备2026000001号-2", "通过"];
    let header = ["订单号", "备案号", "结果"];
    for (issued, row, expected) in [
        ("2026-03-02", &own, "待核实 清单早于订单提交管局的日期"),
        ("2026-03-03", &other, "待核实 该主体下无此网站备案号"),
        ("2026-03-03", &own, "已登记"),
    ] {
        let mut more = paper("order-results");
        more["paper"]["issuedOn"] = json!(issued);
        let file = table(&[&header, row]);
        let seen = hand_down(&world.stage, ("anna", "anna"), "csv", &file, more).await;
        assert_eq!(replies(&world.stage, &seen).await, [expected]);
    }
    assert_eq!(world.state_of(&account, &order).await["state"], "approved");
    // Approved under one number, it is not said to be recorded under another.
    let file = table(&[&header, &[&order, "京ICP备2026000001号-9", "通过"]]);
    let mut more = paper("order-results");
    more["paper"]["issuedOn"] = json!("2026-03-03");
    let seen = hand_down(&world.stage, ("anna", "anna"), "csv", &file, more).await;
    assert_eq!(
        replies(&world.stage, &seen).await,
        ["待核实 备案号与我司记录不一致"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_filing_is_known_by_its_domain_before_any_filing_has_it() {
    let world = World::at("2026-03-02T02:00:00Z").await;
    let one = Applicant::new(1, "one.cn");
    // Two units of one name want one domain.
    let (two, three) = (Applicant::new(2, "one.cn"), Applicant::new(3, "three.cn"));
    for who in [&one, &two, &three] {
        up_to_the_bureau(&world.stage, who).await;
    }
    let header = ["主办单位名称", "备案号", "域名", "审核结果", "退回原因"];
    let file = table(&[
        &header,
        &["", "", "one.cn", "驳回", "材料不清晰"],
        &["", "", "other.cn", "驳回", "材料不清晰"],
        &["", "京ICP备2026000003号-1", "three.cn", "通过", ""],
    ]);
    let seen = hand_down(
        &world.stage,
        ("anna", "anna"),
        "csv",
        &file,
        paper("order-results"),
    )
    .await;
    assert_eq!(
        replies(&world.stage, &seen).await,
        ["待核实", "未匹配 未找到订单；请填写订单号或域名", "已登记"]
    );
    let sought = Some(json!({ "by": { "domain": "www.one.cn" } }));
    let route = "POST /review/filing-searches";
    let found = world.stage.staff("reviewer", route, None, sought).await;
    let found = found.unwrap().body["items"].clone();
    let mut accounts: Vec<&Json> = (0..2).map(|at| &found[at]["account"]).collect();
    accounts.sort_by_key(ToString::to_string);
    assert_eq!(accounts, [&json!(one.account), &json!(two.account)]);
    let row = ["", "京ICP备2026000003号-1", "three.cn", "通过", ""];
    let file = table(&[&header, &row]);
    // Brought again by the same words, it stands.
    for number in ["京通管〔2026〕21号", "京通管〔2026〕22号"] {
        let mut more = paper("order-results");
        more["paper"]["documentNumber"] = json!(number);
        let seen = hand_down(&world.stage, ("anna", "anna"), "csv", &file, more).await;
        assert_eq!(replies(&world.stage, &seen).await, ["已登记"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_cannot_be_undone_waits_for_a_second_persons_list() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let filed = world.file(&Applicant::new(1, "one.cn")).await;
    let order = world
        .begin("deregister-subject", &filed.subject, json!({}))
        .await;
    let shown = world.weighed(&order).await;
    let body = json!({ "confirmation": shown["confirmation"], "typed": shown["number"] });
    let route = format!("POST /orders/{order}/submission");
    let submitted = world.good(&route, Some(1), Some(body)).await;
    world
        .up_to_the_bureau(&order, submitted.version.unwrap(), true)
        .await;
    let file = table(&[&["订单号", "审核结果"], &[&order, "通过"]]);
    // A trial says what would be: one person's word waits, two people's list has both.
    for (people, expected) in [(("anna", "anna"), "待复核"), (("anna", "ben"), "已登记")] {
        let mut more = paper("order-results");
        more["dryRun"] = json!(true);
        more["paper"]["documentNumber"] = json!(expected);
        let seen = hand_down(&world.stage, people, "csv", &file, more).await;
        let expected = format!("试算：{expected}");
        assert_eq!(replies(&world.stage, &seen).await, [expected]);
        let found = world.state_of("account-1", &order).await;
        assert_eq!(found["state"], "bureau-review");
    }
    let waits = [("awaitingSecond", 1), ("rows", 1)];
    for (number, people, expected, state) in [
        ("1号", ("anna", "anna"), waits, "bureau-review"),
        ("2号", ("anna", "anna"), waits, "bureau-review"),
        (
            "3号",
            ("ben", "ben"),
            [("recorded", 1), ("rows", 1)],
            "approved",
        ),
    ] {
        let mut more = paper("order-results");
        more["paper"]["documentNumber"] = json!(number);
        let seen = hand_down(&world.stage, people, "csv", &file, more).await;
        assert_eq!(counts(&seen), counted(&expected), "{number}: {seen:#}");
        let found = world.state_of("account-1", &order).await;
        assert_eq!(found["state"], state, "{number}");
    }
}
