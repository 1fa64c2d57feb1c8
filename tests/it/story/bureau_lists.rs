//! Lists that bureaus hand down: matched, recorded where they say what the bureau did, and replied to in
//! their own columns.

use icp_domain::import::Column;
use icp_local::stage::{Answer, Applicant, Stage};
use serde_json::{Value as Json, json};

use super::orders::{papers, site, two_sites};
use crate::base::{bring, csv, download, progress_in, row, start_in, upload_to};
use crate::world::World;

const LISTS: &str = "bureau-lists";

fn paper(kind: &str) -> Json {
    json!({ "paper": { "kind": kind, "documentNumber": "京通管〔2026〕12号",
        "issuedOn": "2026-03-02", "replyBy": "2026-03-20" } })
}

/// A paper of deregistrations, of subjects or of sites.
fn paper_of(of: &str) -> Json {
    let mut more = paper("deregistered");
    more["paper"]["of"] = json!(of);
    more
}

fn table(rows: &[&[&str]]) -> Vec<u8> {
    let lines: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
    lines.join("\r\n").into_bytes()
}

/// Brings a list: announced by one operator, started by another or the same.
async fn hand_down(
    stage: &Stage,
    (announces, starts): (&str, &str),
    format: &str,
    file: &[u8],
    more: Json,
) -> Json {
    let id = upload_to(stage, (LISTS, announces), format, file, more).await;
    let started = start_in(stage, (LISTS, starts), &id).await;
    assert_eq!(started.status, 202, "{started:#?}");
    let seen = progress_in(stage, LISTS, &id).await;
    assert_eq!(seen["progress"]["state"], "done", "{seen:#}");
    seen
}

/// What is said to each row: the last two cells.
async fn replies(stage: &Stage, seen: &Json) -> Vec<String> {
    let reply = String::from_utf8(download(stage, &seen["reply"]).await).unwrap();
    let rows = reply.lines().skip(1);
    rows.map(|line| {
        let cells = icp_tables::of_csv(line.as_bytes(), b',').unwrap();
        cells[cells.len() - 2..].join(" ").trim().to_owned()
    })
    .collect()
}

fn counts(seen: &Json) -> Vec<(String, u64)> {
    let counts = seen["counts"].as_object().unwrap();
    let mut counts: Vec<(String, u64)> = counts
        .iter()
        .map(|(name, count)| (name.clone(), count.as_u64().unwrap()))
        .filter(|(_, count)| 0 < *count)
        .collect();
    counts.sort();
    counts
}

fn counted(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    let expected = expected.iter();
    expected
        .map(|(name, count)| ((*name).to_owned(), *count))
        .collect()
}

/// A workbook as a bureau hands it down: a title, a blank row, its own columns.
fn to_rectify() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let rows: &[&[&str]] = &[
        &["附件1：未整改网站名单"],
        &[],
        &["序号", "网站备案号", "主办单位", "网站域名", "存在问题"],
        &[
            "1",
            "京ICP备2026000001号-1",
            "示例1有限公司",
            "www.site-1.cn",
            "主体信息不准确",
        ],
        &[
            "2",
            "京ICP备2026000002号-1",
            "别的公司",
            "site-2.cn",
            "=1+1",
        ],
        &[
            "3",
            "京ICP备2026999999号-1",
            "外地公司",
            "elsewhere.cn",
            "无法联系",
        ],
        &["4", "京ICP备2026000004号-1", "示例4有限公司", "", "未接入"],
        &["5", "京ICP备", "", "", ""],
        &["6", "", "", "https://site-3.cn/index.html", "无备案号链接"],
        &["7", "", "示例3（有限公司）", "", "仅有名称"],
        &["8", "", "示例3有限公司", "", "仅有名称"],
    ];
    for (line, row) in (0..).zip(rows) {
        for (at, cell) in (0..).zip(*row) {
            sheet.write_string(line, at, *cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_to_rectify_is_matched_and_replied_to_under_its_own_title_and_columns() {
    let world = World::at("2026-03-02T02:00:00Z").await;
    let stage = &world.stage;
    let base = [(1, "是"), (2, "是"), (3, "是"), (4, "否")];
    let base = base.map(|(n, access)| row(n, &[(Column::Access, access)]));
    bring(stage, "csv", &csv(&base), json!({})).await;

    let file = to_rectify();
    let seen = hand_down(stage, ("anna", "anna"), "xlsx", &file, paper("to-rectify")).await;
    assert_eq!(
        counts(&seen),
        counted(&[
            ("accessed", 2),
            ("bad", 1),
            ("doubtful", 2),
            ("notAccessed", 1),
            ("rows", 8),
            ("unmatched", 2)
        ])
    );
    assert_eq!(seen["paper"]["documentNumber"], "京通管〔2026〕12号");

    let reply = download(stage, &seen["reply"]).await;
    let mut found = Vec::new();
    icp_tables::rows(&reply, None, 10_000, |row| {
        found.push(row.unwrap().cells.join("|"));
        true
    })
    .unwrap();
    assert_eq!(
        found,
        [
            "附件1：未整改网站名单",
            "",
            "序号|网站备案号|主办单位|网站域名|存在问题|处理结果|说明",
            "1|京ICP备2026000001号-1|示例1有限公司|www.site-1.cn|主体信息不准确|我司接入中",
            "2|京ICP备2026000002号-1|别的公司|site-2.cn|=1+1|待核实|主办单位名称与我司记录不一致",
            "3|京ICP备2026999999号-1|外地公司|elsewhere.cn|无法联系|非我司接入|我司无此备案号、域名或主办单位",
            "4|京ICP备2026000004号-1|示例4有限公司||未接入|我司未接入",
            "5|京ICP备||||无法读取|网站备案号：备案号格式应如“京ICP备12345678号-1”。",
            "6|||https://site-3.cn/index.html|无备案号链接|我司接入中",
            "7||示例3（有限公司）||仅有名称|非我司接入|我司无此备案号、域名或主办单位",
            "8||示例3有限公司||仅有名称|待核实|仅主办单位名称一致",
        ]
    );
    let open = String::from_utf8(download(stage, &seen["openRows"]).await).unwrap();
    let lines: Vec<&str> = open.lines().collect();
    assert_eq!(lines.len(), 6, "{open}");
    assert!(
        lines[1].starts_with("\"5\",\"doubtful\",\"\",\"unit-name-differs\""),
        "{open}"
    );
    assert!(lines[2].starts_with("\"6\",\"unmatched\""), "{open}");
    assert!(
        lines[3].starts_with("\"8\",\"bad\",\"serviceNumber\",\"icp-number-form\""),
        "{open}"
    );
    // A reply as CSV holds no formula either.
    let as_csv = table(&[&["域名", "备注"], &["site-1.cn", "=HYPERLINK(1)"]]);
    let seen = hand_down(stage, ("anna", "anna"), "csv", &as_csv, paper("stop-now")).await;
    let reply = String::from_utf8(download(stage, &seen["reply"]).await).unwrap();
    assert!(
        reply.contains("\"'=HYPERLINK(1)\",\"我司接入中\""),
        "{reply}"
    );
    // Nobody is told anything, and nothing is stopped, by a list that is read.
    assert_eq!(stage.deployment.sms().len(), 0);
    assert_eq!(stage.deployment.topic_messages().len(), 0);
}

/// A site that a filing shall have beside its first: its order, with the bureau.
async fn at_the_bureau(world: &mut World, n: u32) -> (String, String) {
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

impl World {
    async fn as_filer(
        &mut self,
        account: &str,
        route: &str,
        version: Option<u64>,
        body: Option<Json>,
    ) -> Answer {
        let answer = self.says("filer", account, route, version, body).await;
        assert!(answer.status < 400, "{route}: {answer:#?}");
        answer
    }

    async fn state_of(&mut self, account: &str, order: &str) -> Json {
        let route = format!("GET /orders/{order}");
        self.as_filer(account, &route, None, None).await.body["state"].clone()
    }
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
        "未匹配 未找到订单；首次备案请填写订单号",
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

/// Two sites of a first filing, one order in flight of a second, and a third.
struct Three {
    world: World,
    subjects: [String; 3],
}

impl Three {
    async fn begun() -> Self {
        let mut world = World::at("2026-03-02T02:00:00Z").await;
        let who = Applicant::new(1, "one.cn");
        let first = two_sites(&mut world, &who).await;
        let (account, _) = at_the_bureau(&mut world, 2).await;
        let listed = world.as_filer(&account, "GET /filings", None, None).await;
        let second = listed.body["items"][0]["id"].as_str().unwrap().to_owned();
        let third = world.file(&Applicant::new(3, "three.cn")).await.subject;
        Self {
            world,
            subjects: [first, second, third],
        }
    }

    async fn filing(&mut self, nth: usize) -> Json {
        let route = format!("GET /filings/{}", self.subjects[nth - 1]);
        let account = format!("account-{nth}");
        self.world.as_filer(&account, &route, None, None).await.body
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_bureau_took_off_its_record_two_people_bring_and_it_is_off_ours() {
    let mut three = Three::begun().await;
    let stage = three.world.stage.clone();
    let sites = table(&[
        &["主体备案号", "域名", "单位名称"],
        &["京ICP备2026000001号", "two.cn", "示例公司"],
        &["京ICP备2026000002号", "one-2.cn", "示例公司"],
        // A site's number that lost its suffix is no subject.
        &["京ICP备2026000003号", "", "示例公司"],
    ]);
    let id = upload_to(&stage, (LISTS, "anna"), "csv", &sites, paper_of("sites")).await;
    let alone = start_in(&stage, (LISTS, "anna"), &id).await;
    assert_eq!(alone.status, 409, "{alone:#?}");
    let kind = alone.body["type"].as_str().unwrap();
    assert!(kind.ends_with("second-person-needed"), "{kind}");
    let shown = progress_in(&stage, LISTS, &id).await;
    assert_eq!(shown["announcedBy"], "anna");
    assert_eq!(download(&stage, &shown["file"]).await, sites);
    let started = start_in(&stage, (LISTS, "ben"), &id).await;
    assert_eq!(started.status, 202, "{started:#?}");
    let seen = progress_in(&stage, LISTS, &id).await;
    let expected = [("doubtful", 2), ("recorded", 1), ("rows", 3)];
    assert_eq!(counts(&seen), counted(&expected), "{seen:#}");
    let said = [
        "网站已注销",
        "待核实",
        "待核实 注销网站清单须有网站备案号或域名",
    ];
    assert_eq!(replies(&stage, &seen).await, said);
    let open = String::from_utf8(download(&stage, &seen["openRows"]).await).unwrap();
    assert!(open.contains("\"order-in-flight\""), "{open}");
    let filing = three.filing(1).await;
    assert_eq!(filing["state"]["state"], "filed", "{filing:#}");
    assert_eq!(filing["services"][0]["link"]["state"], "live");
    assert_eq!(filing["services"][1]["link"]["state"], "cancelled");
    assert!(!filing["services"][1]["deregisteredAt"].is_null());
    assert_eq!(
        three.filing(3).await["services"][0]["link"]["state"],
        "live"
    );

    let subjects = table(&[
        &["备案号", "单位名称"],
        &["京ICP备2026000003号", "示例公司"],
        &["京ICP备2026000001号-1", "示例公司"],
    ]);
    let people = ("anna", "ben");
    for number in ["1号", "2号"] {
        let mut more = paper_of("subjects");
        more["paper"]["documentNumber"] = json!(number);
        let seen = hand_down(&stage, people, "csv", &subjects, more).await;
        assert_eq!(
            replies(&stage, &seen).await,
            ["主体已注销", "待核实 注销主体清单不应有网站备案号"],
            "{number}"
        );
    }
    assert_eq!(three.filing(3).await["state"]["state"], "deregistered");
    assert_eq!(three.filing(1).await["state"]["state"], "filed");
    three.world.front_ends_act().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_of_many_sites_goes_off_the_record_in_steps_and_whole() {
    let world = World::at("2026-03-02T02:00:00Z").await;
    let stage = &world.stage;
    let many: Vec<_> = (1..=25)
        .map(|n| {
            let number = format!("京ICP备2026000001号-{n}");
            let domain = format!("many-{n}.cn");
            row(
                1,
                &[
                    (Column::ServiceNumber, number.as_str()),
                    (Column::Domains, domain.as_str()),
                ],
            )
        })
        .collect();
    bring(stage, "csv", &csv(&many), json!({})).await;
    let file = table(&[&["备案号"], &["京ICP备2026000001号"]]);
    let people = ("anna", "ben");
    let seen = hand_down(stage, people, "csv", &file, paper_of("subjects")).await;
    assert_eq!(replies(stage, &seen).await, ["主体已注销"]);
    let listed = stage.filer("base-1", "GET /filings", None, None).await;
    let filing = &listed.unwrap().body["items"][0];
    assert_eq!(filing["state"]["state"], "deregistered", "{filing:#}");
    let services = filing["services"].as_array().unwrap();
    assert!(
        services
            .iter()
            .all(|service| !service["deregisteredAt"].is_null())
    );
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

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_and_a_file_that_do_not_read_are_refused_with_all_that_is_wrong() {
    let world = World::at("2026-03-02T02:00:00Z").await;
    let stage = &world.stage;
    let bad = json!({ "kind": "deregistered", "documentNumber": "", "issuedOn": "2026-03-03",
        "replyBy": "2026-03-01" });
    let body = json!({ "paper": bad, "format": "csv", "bytes": 4,
        "sha256": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=" });
    let refused = crate::base::operator(stage, "POST /operations/bureau-lists", "k", Some(body));
    let refused = refused.await;
    assert_eq!(refused.status, 400, "{refused:#?}");
    let fields: Vec<&str> = refused.body["violations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|violation| violation["field"].as_str().unwrap())
        .collect();
    assert_eq!(
        fields,
        [
            "/paper/documentNumber",
            "/paper/issuedOn",
            "/paper/replyBy",
            "/paper/of"
        ]
    );
    // A file without a column that names anything.
    let file = table(&[&["序号", "备注"], &["1", "x"]]);
    let id = upload_to(stage, (LISTS, "anna"), "csv", &file, paper("to-rectify")).await;
    assert_eq!(start_in(stage, (LISTS, "anna"), &id).await.status, 202);
    let seen = progress_in(stage, LISTS, &id).await;
    assert_eq!(seen["progress"]["state"], "refused", "{seen:#}");
    // A list is no base, and a base no list.
    let route = format!("GET /operations/imports/{id}");
    let none = crate::base::operator(stage, &route, "read", None).await;
    assert_eq!(none.status, 404);
    assert_eq!(start_in(stage, ("imports", "anna"), &id).await.status, 404);
}
