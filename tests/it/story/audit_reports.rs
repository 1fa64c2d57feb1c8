//! Reports: what audits and a campaign came to, from counters alone, in each form and by province.

use icp_domain::import::Column;
use icp_local::stage::OURS;
use serde_json::{Value as Json, json};

use crate::base::{bring, csv, row};
use crate::world::World;

/// The counts of a report's line with this code.
fn line(lines: &Json, code: &str) -> [u64; 4] {
    let found = lines
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["code"] == code);
    let found = found.unwrap_or_else(|| panic!("no {code} in {lines:#}"));
    ["checks", "findings", "undecided", "rest"].map(|name| found[name].as_u64().unwrap())
}

async fn read(world: &mut World, path: &str) -> Json {
    let route = format!("GET {path}");
    let answer = world.staff("auditor", &route, None, None).await;
    assert_eq!(answer.status, 200, "{answer:#?}");
    answer.body
}

/// A report in another form: its status, media type and text.
async fn read_as(world: &World, path: &str, accept: &str) -> (String, String) {
    let token = world.stage.deployment.token("operator", "provider", "ann");
    let token = token.unwrap();
    let headers = [("accept", accept)];
    let asked = world
        .stage
        .deployment
        .http("GET", path, Some(&token), &headers, "");
    let answer = asked.await;
    assert_eq!(answer.status(), 200);
    let media = answer.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    (media, String::from_utf8(answer.body().to_vec()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_divides_what_audits_counted_by_rule_province_and_day() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let rows: Vec<_> = (1..=4).map(|n| row(n, &[])).collect();
    bring(&world.stage, "csv", &csv(&rows), json!({})).await;
    for host in ["site-4.cn", "www.site-4.cn"] {
        world.stage.sites.point(host, OURS).await;
    }
    world.hours(33 * 24).await;

    let report = read(
        &mut world,
        "/operations/reports?from=2026-03-02&until=2026-04-04",
    )
    .await;
    assert_eq!(
        (&report["step"], report["times"].as_array().unwrap().len()),
        (&json!("day"), 34)
    );
    let [checks, findings, ..] = line(&report["rules"], "ICP-401");
    // Each site was due at least once in its thirty days; three of them have no address.
    assert!(4 <= checks, "{report:#}");
    assert_eq!(findings, 3, "{report:#}");
    let sum = |lines: &Json| -> u64 {
        let lines = lines.as_array().unwrap().iter();
        lines.map(|line| line["findings"].as_u64().unwrap()).sum()
    };
    let all = report["all"]["findings"].as_u64().unwrap();
    for division in ["times", "categories", "rules", "provinces"] {
        assert_eq!(sum(&report[division]), all, "{division}: {report:#}");
    }
    // The base files Beijing throughout, and each unit's clock knows it from the first.
    let provinces = report["provinces"].as_array().unwrap();
    assert_eq!(provinces.len(), 1, "{report:#}");
    assert_eq!(provinces[0]["name"]["en"], "Beijing");
    assert_eq!(provinces[0]["checks"], report["all"]["checks"]);

    let path = "/operations/reports?from=2026-03-02&until=2026-04-04";
    let (media, table) = read_as(&world, path, "text/csv").await;
    assert_eq!(media, "text/csv; charset=utf-8; header=present");
    let rows: Vec<&str> = table.trim_start_matches('\u{feff}').split("\r\n").collect();
    assert!(
        rows[0].starts_with("\"部分 part\",\"代码 code\""),
        "{}",
        rows[0]
    );
    let of_rule = rows
        .iter()
        .find(|row| row.starts_with("\"rule\",\"ICP-401\""))
        .unwrap();
    assert!(
        of_rule.contains(&format!("\"{checks}\",\"3\"")),
        "{of_rule}"
    );
    let (media, page) = read_as(&world, path, "text/html").await;
    assert_eq!(media, "text/html; charset=utf-8");
    assert!(page.contains("ICP-401") && page.contains("<svg "), "{page}");

    let empty = read(
        &mut world,
        "/operations/reports?from=2025-01-01&until=2025-12-31",
    )
    .await;
    assert_eq!(empty["all"]["findingsBasisPoints"], Json::Null);
    assert_eq!(
        (&empty["step"], empty["times"].as_array().unwrap().len()),
        (&json!("month"), 12)
    );
    for refused in [
        "from=2026-03-02&until=2026-03-01",
        "from=2025-01-01&until=2026-01-02",
        "from=yesterday",
        "since=2026-03-02",
    ] {
        let route = format!("GET /operations/reports?{refused}");
        let answer = world.staff("operator", &route, None, None).await;
        assert_eq!(answer.status, 400, "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaigns_report_counts_its_members_by_province() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let named = [(Column::Label, "大客户")];
    let rows: Vec<_> = (1..=3).map(|n| row(n, &named)).collect();
    bring(&world.stage, "csv", &csv(&rows), json!({})).await;
    for host in ["site-3.cn", "www.site-3.cn"] {
        world.stage.sites.point(host, OURS).await;
    }
    let terms = json!({ "name": "=1+1 专项核查", "legalBases": ["33号令第十九条"],
        "rules": { "ICP-401": { "level": "notify", "periodDays": 30 } },
        "chosen": { "everybody": true }, "ratePerMinute": 600 });
    let begun = world.staff("operator", "POST /operations/campaigns", None, Some(terms));
    let begun = begun.await.body;
    world.hours(60).await;
    let path = format!(
        "/operations/campaigns/{}/report",
        begun["id"].as_str().unwrap()
    );
    let report = read(&mut world, &path).await;
    assert_eq!(report["chosen"], 3, "{report:#}");
    let all = &report["all"];
    assert_eq!(
        (&all["done"], &all["kept"], &all["broken"]),
        (&json!(3), &json!(1), &json!(2))
    );
    assert_eq!(all["brokenBasisPoints"], 6666);
    assert_eq!(report["rules"][0]["broken"], 2);
    assert_eq!(report["categories"][0]["code"], "access");
    let provinces = report["provinces"].as_array().unwrap();
    assert_eq!(provinces.len(), 1, "{report:#}");
    assert_eq!(
        (&provinces[0]["code"], &provinces[0]["broken"]),
        (&json!("11"), &json!(2))
    );
    let (_, table) = read_as(&world, &path, "text/csv").await;
    assert!(table.contains("\"province\",\"11\",\"北京\""), "{table}");
    let (_, page) = read_as(&world, &path, "text/html").await;
    assert!(page.contains("=1+1 专项核查"), "{page}");
    let absent = "GET /operations/campaigns/absent/report";
    let answer = world.staff("operator", absent, None, None).await;
    assert_eq!(answer.status, 404);
}
