//! An existing base is brought: files with bad rows, twice, over kills, and nobody is told.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use icp_domain::import::Column;
use icp_local::stage::{Answer, Ask, Stage};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::world::World;

/// A row of a base, by column.
fn row(n: u32, change: &[(Column, &str)]) -> Vec<(Column, String)> {
    let who = icp_local::stage::Applicant::new(n, "one.cn");
    let mut row: Vec<(Column, String)> = vec![
        (Column::Account, format!("base-{}", n % 7)),
        (Column::ServiceNumber, format!("{}-1", who.number)),
        (Column::SubjectName, format!("示例{n}有限公司")),
        (Column::Nature, "企业".to_owned()),
        (Column::CertificateKind, "统一社会信用代码".to_owned()),
        (Column::CertificateNumber, who.credit_code),
        (
            Column::CertificateAddress,
            "北京市海淀区示例路1号".to_owned(),
        ),
        (Column::PostalAddress, "北京市海淀区示例路1号".to_owned()),
        (Column::PrincipalName, "王小明".to_owned()),
        (Column::PrincipalIdentity, "11010519491231002X".to_owned()),
        (Column::PrincipalMobile, who.mobile),
        (Column::PrincipalEmail, format!("p{n}@example.cn")),
        (Column::ServiceName, "示例网站".to_owned()),
        (Column::Domains, format!("site-{n}.cn")),
    ];
    for (column, text) in change {
        row.retain(|(other, _)| other != column);
        row.push((*column, (*text).to_owned()));
    }
    row
}

/// Lines of CSV with the headers of a provider of China.
fn csv(rows: &[Vec<(Column, String)>]) -> Vec<u8> {
    let columns: Vec<Column> = rows[0].iter().map(|(column, _)| *column).collect();
    let header: Vec<&str> = columns.iter().map(|column| column.chinese()).collect();
    let mut text = format!("{}\r\n", header.join(","));
    for row in rows {
        let cell = |column: &Column| {
            let found = row.iter().find(|(other, _)| other == column);
            found.map_or("", |(_, text)| text.as_str())
        };
        let cells: Vec<&str> = columns.iter().map(cell).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text.into_bytes()
}

/// Brings a file and starts it; what follows happens at once.
async fn bring(stage: &Stage, format: &str, file: &[u8], more: Json) -> String {
    let sum = STANDARD.encode(Sha256::digest(file));
    let mut new = json!({ "format": format, "bytes": file.len(), "sha256": sum });
    for (name, value) in more.as_object().unwrap() {
        new[name] = value.clone();
    }
    let key = icp_domain::command::hashed("key", &[&new.to_string(), &stage.now().to_string()]);
    let announced = operator(stage, "POST /operations/imports", &key, Some(new)).await;
    assert_eq!(announced.status, 201, "{announced:#?}");
    let link = &announced.body["link"];
    let mut request = http::Request::builder()
        .method("PUT")
        .uri(link["url"].as_str().unwrap());
    let host = link["url"].as_str().unwrap().split('/').nth(2).unwrap();
    request = request.header("host", host);
    for header in link["headers"].as_array().unwrap() {
        request = request.header(header[0].as_str().unwrap(), header[1].as_str().unwrap());
    }
    let request = request.body(Bytes::copy_from_slice(file)).unwrap();
    let put = stage.deployment.port().call(request).await;
    assert!(put.status().is_success(), "{put:?}");
    let id = announced.body["id"].as_str().unwrap().to_owned();
    let started = operator(
        stage,
        &format!("POST /operations/imports/{id}/start"),
        &key,
        None,
    )
    .await;
    assert_eq!(started.status, 202, "{started:#?}");
    id
}

async fn operator(stage: &Stage, route: &str, key: &str, body: Option<Json>) -> Answer {
    let ask = Ask {
        role: Some("operator"),
        account: "staff",
        route,
        key: Some(key),
        version: None,
        body,
    };
    stage.ask(ask).await.unwrap()
}

async fn progress(stage: &Stage, id: &str) -> Json {
    let route = format!("GET /operations/imports/{id}");
    operator(stage, &route, "read", None).await.body
}

/// The report of bad rows.
async fn report(stage: &Stage, progress: &Json) -> String {
    let url = progress["badRows"]["url"].as_str().unwrap();
    let host = url.split('/').nth(2).unwrap();
    let request = http::Request::get(url).header("host", host);
    let request = request.body(Bytes::new()).unwrap();
    let got = stage.deployment.port().call(request).await;
    String::from_utf8(got.into_body().to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_is_tried_taken_in_and_brought_again_and_nobody_hears_of_it() {
    let world = World::at("2026-03-02T02:00:00Z").await;
    let stage = &world.stage;
    let mut rows: Vec<_> = (1..=250).map(|n| row(n, &[])).collect();
    // A second site of the first subject, a bad row, and a duplicate under another account.
    rows.push(row(
        1,
        &[
            (Column::ServiceNumber, "京ICP备2026000001号-2"),
            (Column::Domains, "second.cn"),
        ],
    ));
    rows.push(row(
        300,
        &[(Column::PrincipalMobile, "12345"), (Column::Nature, "公司")],
    ));
    rows.push(row(2, &[(Column::Account, "another")]));
    let file = csv(&rows);

    let tried = bring(stage, "csv", &file, json!({ "dryRun": true })).await;
    let seen = progress(stage, &tried).await;
    assert_eq!(seen["progress"]["state"], "done", "{seen:#}");
    assert_eq!(seen["counts"]["added"], 252);
    assert_eq!(seen["counts"]["bad"], 1);
    let report = report(stage, &seen).await;
    let lines: Vec<&str> = report.lines().skip(1).collect();
    assert_eq!(
        lines
            .iter()
            .map(|line| line.split(",\"").next().unwrap())
            .collect::<Vec<_>>(),
        ["253,nature,not-in-list", "253,principalMobile,mobile-form"]
    );
    let listed = stage
        .filer("base-1", "GET /filings", None, None)
        .await
        .unwrap();
    assert_eq!(listed.body["items"], json!([]), "a trial writes nothing");

    let id = bring(stage, "csv", &file, json!({})).await;
    let seen = progress(stage, &id).await;
    assert_eq!(seen["progress"]["state"], "done", "{seen:#}");
    let counts = json!({ "rows": 253, "added": 252, "changed": 0, "same": 0, "kept": 0,
        "conflicts": 1, "bad": 1 });
    assert_eq!(seen["counts"], counts);

    let filings = stage
        .filer("base-1", "GET /filings?limit=1", None, None)
        .await
        .unwrap();
    let filing = &filings.body["items"][0];
    assert_eq!(filing["state"]["state"], "filed");
    let conflicts = stage
        .staff("reviewer", "GET /review/queue/filing-conflict", None, None)
        .await
        .unwrap();
    assert_eq!(conflicts.body["items"].as_array().unwrap().len(), 1);

    // Again: nothing changes. With one row changed: that one.
    let again = bring(stage, "csv", &file, json!({ "mapping": { "sheet": "x" } })).await;
    let seen = progress(stage, &again).await;
    assert_eq!(seen["counts"]["same"], 252, "{seen:#}");
    rows[9] = row(10, &[(Column::ServiceName, "新的网站名称")]);
    let changed = bring(stage, "csv", &csv(&rows), json!({})).await;
    let seen = progress(stage, &changed).await;
    assert_eq!(seen["counts"]["changed"], 1, "{seen:#}");
    assert_eq!(seen["counts"]["same"], 251);

    // Three weeks of audits, at level observe: nobody is told anything.
    for _ in 0..8 {
        stage
            .pass(
                jiff::SignedDuration::from_hours(24),
                jiff::SignedDuration::from_hours(6),
            )
            .await
            .unwrap();
    }
    assert_eq!(stage.deployment.sms().len(), 0);
    assert_eq!(stage.deployment.topic_messages().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn json_lines_workbooks_and_own_headers_are_taken_in_alike() {
    let world = World::at("2026-03-02T02:00:00Z").await;
    let stage = &world.stage;
    let mut lines = String::new();
    for n in 1..=3 {
        let object: serde_json::Map<String, Json> = row(n, &[])
            .into_iter()
            .map(|(column, text)| (column.name().to_owned(), json!(text)))
            .collect();
        lines.push_str(&format!("{}\n", Json::Object(object)));
    }
    lines.push_str("not json\n\n");
    let id = bring(stage, "json-lines", lines.as_bytes(), json!({})).await;
    let seen = progress(stage, &id).await;
    assert_eq!(seen["counts"]["added"], 3, "{seen:#}");
    assert_eq!(seen["counts"]["bad"], 1);

    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let rows: Vec<_> = (4..=5).map(|n| row(n, &[])).collect();
    for (at, (column, _)) in rows[0].iter().enumerate() {
        let at = u16::try_from(at).unwrap();
        let own = format!("我的{}", column.chinese());
        sheet.write(0, at, own).unwrap();
        for (line, row) in (1..).zip(&rows) {
            sheet.write(line, at, &row[usize::from(at)].1).unwrap();
        }
    }
    let columns: serde_json::Map<String, Json> = rows[0]
        .iter()
        .map(|(column, _)| {
            (
                column.name().to_owned(),
                json!(format!("我的{}", column.chinese())),
            )
        })
        .collect();
    let file = book.save_to_buffer().unwrap();
    let id = bring(
        stage,
        "xlsx",
        &file,
        json!({ "mapping": { "columns": columns } }),
    )
    .await;
    let seen = progress(stage, &id).await;
    assert_eq!(seen["counts"]["added"], 2, "{seen:#}");
    let without = bring(stage, "xlsx", &file, json!({})).await;
    let seen = progress(stage, &without).await;
    assert_eq!(seen["progress"]["state"], "refused", "{seen:#}");
}
