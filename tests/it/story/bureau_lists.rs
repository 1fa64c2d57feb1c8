//! Lists that bureaus hand down: matched, recorded where they say what the bureau did, and replied to in
//! their own columns.

mod beside;
mod demands;
mod deregistered;
mod results;
mod stop_now;

use icp_domain::import::Column;
use icp_local::stage::{Answer, Stage};
use serde_json::{Value as Json, json};

use crate::base::{bring, csv, download, progress_in, row, start_in, upload_to};
use crate::world::World;

const LISTS: &str = "bureau-lists";

fn paper(kind: &str) -> Json {
    json!({ "paper": { "kind": kind, "documentNumber": "京通管〔2026〕12号",
        "issuedOn": "2026-03-02", "replyBy": "2026-03-20" } })
}

/// A paper of deregistrations, of subjects or of sites.
pub(super) fn paper_of(of: &str) -> Json {
    let mut more = paper("deregistered");
    more["paper"]["of"] = json!(of);
    more
}

pub(super) fn table(rows: &[&[&str]]) -> Vec<u8> {
    let lines: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
    lines.join("\r\n").into_bytes()
}

/// Brings a list: announced by one operator, started by another or the same.
pub(super) async fn hand_down(
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
            ("bad", 1),
            ("casesOpened", 2),
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
            "1|京ICP备2026000001号-1|示例1有限公司|www.site-1.cn|主体信息不准确|已通知限期整改",
            "2|京ICP备2026000002号-1|别的公司|site-2.cn|=1+1|待核实|主办单位名称与我司记录不一致",
            "3|京ICP备2026999999号-1|外地公司|elsewhere.cn|无法联系|非我司接入|我司无此备案号、域名或主办单位",
            "4|京ICP备2026000004号-1|示例4有限公司||未接入|我司未接入",
            "5|京ICP备||||无法读取|网站备案号：备案号格式应如“京ICP备12345678号-1”。",
            "6|||https://site-3.cn/index.html|无备案号链接|已通知限期整改",
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
    let shells = paper("shell-announcement");
    let seen = hand_down(stage, ("anna", "anna"), "csv", &as_csv, shells).await;
    let reply = String::from_utf8(download(stage, &seen["reply"]).await).unwrap();
    assert!(
        reply.contains("\"'=HYPERLINK(1)\",\"我司接入中\""),
        "{reply}"
    );
    // Nothing is stopped by it.
    assert_eq!(stage.deployment.topic_messages().len(), 0);
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
async fn a_paper_and_a_file_that_do_not_read_are_refused_with_all_that_is_wrong() {
    let world = World::at("2026-03-02T02:00:00Z").await;
    let stage = &world.stage;
    let bad = json!({ "kind": "deregistered", "documentNumber": "", "issuedOn": "2026-03-03",
        "replyBy": "2026-03-01" });
    let body = json!({ "paper": bad, "format": "csv", "bytes": 0, "sha256": "none" });
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
            "/bytes",
            "/sha256",
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
