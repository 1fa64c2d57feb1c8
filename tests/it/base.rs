//! A provider's existing base, and bringing it: for stories, fault runs and the measure.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use icp_domain::import::Column;
use icp_local::stage::{Answer, Ask, Stage};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

/// A row of a base, by column.
pub(crate) fn row(n: u32, change: &[(Column, &str)]) -> Vec<(Column, String)> {
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
pub(crate) fn csv(rows: &[Vec<(Column, String)>]) -> Vec<u8> {
    let columns: Vec<Column> = rows[0].iter().map(|(column, _)| *column).collect();
    let header: Vec<&str> = columns.iter().map(|column| column.chinese()).collect();
    let mut text = format!("{}\r\n", header.join(","));
    for row in rows {
        let cell = |column: &Column| {
            let found = row.iter().find(|(other, _)| other == column);
            found.map_or("", |(_, text)| text.as_str())
        };
        let quoted = |text: &str| {
            if text.contains('"') {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text.to_owned()
            }
        };
        let cells: Vec<String> = columns.iter().map(|column| quoted(cell(column))).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text.into_bytes()
}

/// A file's sums, as it is announced.
fn announcement(format: &str, file: &[u8], more: &Json) -> Json {
    let sum = STANDARD.encode(Sha256::digest(file));
    let mut new = json!({ "format": format, "bytes": file.len(), "sha256": sum });
    for (name, value) in more.as_object().unwrap() {
        new[name] = value.clone();
    }
    new
}

/// Brings a base and starts it.
pub(crate) async fn bring(stage: &Stage, format: &str, file: &[u8], more: Json) -> String {
    let id = upload(stage, format, file, more).await;
    start(stage, &id).await;
    id
}

/// Announces a base and uploads it.
pub(crate) async fn upload(stage: &Stage, format: &str, file: &[u8], more: Json) -> String {
    upload_to(stage, ("imports", "staff"), format, file, more).await
}

/// Announces a file as one of the operators, among imports or bureau lists, and uploads it.
pub(crate) async fn upload_to(
    stage: &Stage,
    (list, who): (&str, &str),
    format: &str,
    file: &[u8],
    more: Json,
) -> String {
    let new = announcement(format, file, &more);
    let key = icp_domain::command::hashed("key", &[&new.to_string(), &stage.now().to_string()]);
    let route = format!("POST /operations/{list}");
    let announced = operator_as(stage, who, &route, &key, Some(new)).await;
    assert_eq!(announced.status, 201, "{announced:#?}");
    put(stage, &announced.body["link"], file).await;
    announced.body["id"].as_str().unwrap().to_owned()
}

/// Uploads a file by its link.
pub(crate) async fn put(stage: &Stage, link: &Json, file: &[u8]) {
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
}

/// Starts an import, asked again until it is answered; what follows happens at once.
pub(crate) async fn start(stage: &Stage, id: &str) {
    let started = start_in(stage, ("imports", "staff"), id).await;
    assert_eq!(started.status, 202, "{started:#?}");
}

/// Starts what one of the operators finds among imports or bureau lists, asked again until it is
/// answered.
pub(crate) async fn start_in(stage: &Stage, (list, who): (&str, &str), id: &str) -> Answer {
    let route = format!("POST /operations/{list}/{id}/start");
    for _ in 0..6 {
        let started = operator_as(stage, who, &route, "start", None).await;
        if started.status < 500 {
            return started;
        }
    }
    panic!("{id} was not started");
}

/// Brings a bureau's list by which access of the first so many sites of a base is stopped now, and starts it.
pub(crate) async fn order_stops(stage: &Stage, many: u32) -> String {
    let mut list = "网站域名\r\n".to_owned();
    for n in 1..=many {
        list.push_str(&format!("site-{n}.cn\r\n"));
    }
    let paper =
        json!({ "paper": { "kind": "stop-now", "documentNumber": "1", "issuedOn": "2026-03-02" } });
    let of = ("bureau-lists", "anna");
    let id = upload_to(stage, of, "csv", list.as_bytes(), paper).await;
    let started = start_in(stage, ("bureau-lists", "bert"), &id).await;
    assert_eq!(started.status, 202, "{started:#?}");
    id
}

pub(crate) async fn operator(stage: &Stage, route: &str, key: &str, body: Option<Json>) -> Answer {
    operator_as(stage, "staff", route, key, body).await
}

async fn operator_as(
    stage: &Stage,
    who: &str,
    route: &str,
    key: &str,
    body: Option<Json>,
) -> Answer {
    let ask = Ask {
        role: Some("operator"),
        account: who,
        route,
        key: Some(key),
        version: None,
        body,
    };
    stage.ask(ask).await.unwrap()
}

pub(crate) async fn progress(stage: &Stage, id: &str) -> Json {
    progress_in(stage, "imports", id).await
}

pub(crate) async fn progress_in(stage: &Stage, list: &str, id: &str) -> Json {
    let route = format!("GET /operations/{list}/{id}");
    operator(stage, &route, "read", None).await.body
}

/// What a link leads to.
pub(crate) async fn download(stage: &Stage, link: &Json) -> Vec<u8> {
    let url = link["url"].as_str().unwrap();
    let host = url.split('/').nth(2).unwrap();
    let request = http::Request::get(url).header("host", host);
    let request = request.body(Bytes::new()).unwrap();
    let got = stage.deployment.port().call(request).await;
    got.into_body().to_vec()
}

/// A file that was exported, as it was downloaded.
pub(crate) async fn exported(stage: &Stage, new: Json) -> Vec<u8> {
    let key = icp_domain::command::hashed("key", &[&new.to_string()]);
    let asked = operator(stage, "POST /operations/exports", &key, Some(new)).await;
    assert_eq!(asked.status, 202, "{asked:#?}");
    let route = format!(
        "GET /operations/exports/{}",
        asked.body["id"].as_str().unwrap()
    );
    let seen = operator(stage, &route, "read", None).await.body;
    assert_eq!(seen["progress"]["state"], "done", "{seen:#}");
    download(stage, &seen["file"]).await
}
