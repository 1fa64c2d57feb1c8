//! An existing base is brought: files with bad rows, twice, over kills, and nobody is told.

use icp_domain::import::Column;
use icp_local::stage::Stage;
use serde_json::{Value as Json, json};

use crate::base::{bring, csv, download, exported, operator, progress, row};
use crate::world::World;

/// The report of bad rows.
async fn report(stage: &Stage, progress: &Json) -> String {
    String::from_utf8(download(stage, &progress["badRows"]).await).unwrap()
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
            .map(|line| line
                .split('"')
                .skip(1)
                .step_by(2)
                .take(4)
                .collect::<Vec<_>>())
            .collect::<Vec<_>>(),
        [
            ["253", "主办单位性质", "nature", "not-in-list"],
            [
                "253",
                "主体负责人手机号码",
                "principalMobile",
                "mobile-form"
            ]
        ]
    );
    assert_eq!(seen["announcedBy"], seen["startedBy"]);
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

#[tokio::test(flavor = "multi_thread")]
async fn what_a_mapping_and_its_file_do_not_agree_on_is_told() {
    let world = World::at("2026-03-02T02:00:00Z").await;
    let stage = &world.stage;
    let bad = row(2, &[(Column::PrincipalMobile, "12345")]);
    let file = String::from_utf8(csv(&[row(1, &[]), bad])).unwrap();
    // The provider's own word for a column, one that it has besides, and an empty one.
    let file = file.replace("主体负责人手机号码", "联系电话,销售代表,");
    let (mobiles, file) = (["13800000001", "12345"], file);
    let file = mobiles.iter().fold(file, |file, mobile| {
        file.replace(&format!(",{mobile},"), &format!(",{mobile},小李,,"))
    });
    let mapping = json!({ "columns": { "principalMobile": "联系电话" } });
    let id = bring(stage, "csv", file.as_bytes(), json!({ "mapping": mapping })).await;
    let seen = progress(stage, &id).await;
    assert_eq!(seen["ignoredColumns"], json!(["销售代表"]), "{seen:#}");
    assert_eq!(seen["counts"]["added"], 1);
    let report = report(stage, &seen).await;
    assert!(
        report.contains("\"3\",\"联系电话\",\"principalMobile\""),
        "{report}"
    );

    let mapping = json!({ "columns": { "principalMobile": "联系手机", "label": "客户等级" } });
    let id = bring(stage, "csv", file.as_bytes(), json!({ "mapping": mapping })).await;
    let seen = progress(stage, &id).await;
    assert_eq!(
        seen["progress"]["why"]["zh"], "文件缺少映射所列的列名：客户等级, 联系手机",
        "{seen:#}"
    );

    let mapping =
        json!({ "columns": { "principalMobile": "电话", "servicePrincipalMobile": "电话" } });
    let new = json!({ "format": "csv", "bytes": 1, "sha256": "none", "mapping": mapping });
    let refused = operator(stage, "POST /operations/imports", "k", Some(new)).await;
    let fields: Vec<&Json> = refused.body["violations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|violation| &violation["field"])
        .collect();
    assert_eq!(
        fields,
        ["/sha256", "/mapping/columns/servicePrincipalMobile"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_in_is_exported_masked_and_comes_back_as_it_was() {
    let world = World::at("2026-03-02T02:00:00Z").await;
    let stage = &world.stage;
    let mut rows: Vec<_> = (1..=230).map(|n| row(n, &[])).collect();
    rows[0] = row(1, &[(Column::SubjectName, "=HYPERLINK(\"http://x\")")]);
    bring(stage, "csv", &csv(&rows), json!({})).await;

    let masked = exported(stage, json!({ "what": "filings", "format": "csv" })).await;
    let masked = String::from_utf8(masked).unwrap();
    assert_eq!(masked.lines().count(), 231);
    assert!(
        masked.contains("\"'=HYPERLINK(\"\"http://x\"\")\""),
        "{masked}"
    );
    for personal in [
        "王小明",
        "13800000002",
        "11010519491231002X",
        "p2@example.cn",
        "示例路",
    ] {
        assert!(!masked.contains(personal), "{personal}");
    }
    assert!(
        masked.contains("138****0002"),
        "{}",
        masked.lines().nth(5).unwrap()
    );

    let because =
        json!({ "what": "filings", "format": "json-lines", "personalBecause": "年度核对" });
    let whole = exported(stage, because).await;
    let again = bring(stage, "json-lines", &whole, json!({})).await;
    let seen = progress(stage, &again).await;
    assert_eq!(
        seen["counts"]["same"], 230,
        "an export is an import: {seen:#}"
    );

    let book = exported(stage, json!({ "what": "filings", "format": "xlsx" })).await;
    assert!(book.starts_with(b"PK"));
    let history = json!({ "what": "history", "format": "csv", "account": "base-1" });
    let history = String::from_utf8(exported(stage, history).await).unwrap();
    assert!(history.contains("filing-imported"));
    let none = json!({ "what": "findings", "format": "csv" });
    let none = String::from_utf8(exported(stage, none).await).unwrap();
    assert_eq!(none.lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_of_before_brings_nothing_back_that_an_order_took_off_the_record() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = icp_local::stage::Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    world.deregister(&filed.subject).await;
    // The same number, in the base under the account that had it, and under another.
    let mut rows = vec![row(1, &[(Column::Account, "account-1")]), row(1, &[])];
    rows.push(row(2, &[]));
    let id = bring(&world.stage, "csv", &csv(&rows), json!({})).await;
    let seen = progress(&world.stage, &id).await;
    assert_eq!(seen["counts"]["kept"], 2, "{seen:#}");
    assert_eq!(seen["counts"]["added"], 1);
    assert_eq!(seen["counts"]["conflicts"], 0);
    let listed = world.filer("account-1", "GET /filings", None, None).await;
    let filings = listed.body["items"].as_array().unwrap();
    assert_eq!(filings.len(), 1, "{filings:#?}");
    assert_eq!(filings[0]["state"]["state"], "deregistered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quote_within_a_cell_costs_no_row_behind_it() {
    let world = World::at("2026-03-02T02:00:00Z").await;
    let mut rows: Vec<_> = (1..=20).map(|n| row(n, &[])).collect();
    rows[2] = row(3, &[(Column::ServiceName, "示例12寸屏")]);
    rows[16] = row(17, &[(Column::ServiceName, "示例24寸屏")]);
    let file = String::from_utf8(csv(&rows)).unwrap().replace('寸', "\"");
    let id = bring(&world.stage, "csv", file.as_bytes(), json!({})).await;
    let seen = progress(&world.stage, &id).await;
    assert_eq!(seen["counts"]["rows"], 20, "{seen:#}");
    assert_eq!(seen["counts"]["added"], 20, "{seen:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_imported_filing_wanted_in_vain_it_takes_once_it_is_free() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = icp_local::stage::Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    let wanted = row(2, &[(Column::Domains, "one.cn")]);
    let counts = async |world: &World, part: &str| {
        let mapping = json!({ "mapping": { "sheet": part } });
        let id = bring(
            &world.stage,
            "csv",
            &csv(std::slice::from_ref(&wanted)),
            mapping,
        )
        .await;
        let seen = progress(&world.stage, &id).await;
        let counts = &seen["counts"];
        (
            counts["added"].clone(),
            counts["same"].clone(),
            counts["conflicts"].clone(),
        )
    };
    assert_eq!(counts(&world, "1").await, (json!(1), json!(0), json!(1)));
    assert_eq!(counts(&world, "2").await, (json!(0), json!(1), json!(1)));
    world.deregister(&filed.subject).await;
    // It was handed over as it was given back: nobody comes between.
    let third = row(3, &[(Column::Domains, "one.cn")]);
    let id = bring(&world.stage, "csv", &csv(&[third]), json!({})).await;
    let seen = progress(&world.stage, &id).await;
    assert_eq!(seen["counts"]["conflicts"], 1, "{seen:#}");
    assert_eq!(counts(&world, "3").await, (json!(0), json!(1), json!(0)));
    let queue = "GET /review/queue/filing-conflict";
    let left = world.stage.staff("reviewer", queue, None, None).await;
    let left = left.unwrap();
    assert_eq!(
        left.body["items"].as_array().unwrap().len(),
        1,
        "the third's"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_rows_that_contradict_one_another_the_first_stands_and_the_other_is_told() {
    let world = World::at("2026-03-02T02:00:00Z").await;
    let mut rows: Vec<_> = (1..=250).map(|n| row(n, &[])).collect();
    let account = (Column::Account, "base-of-one");
    rows[0] = row(1, &[account]);
    // In another part of the file.
    rows.push(row(1, &[account, (Column::Domains, "other.cn")]));
    let file = csv(&rows);
    for (dry_run, time) in [(true, "1"), (false, "2"), (false, "3")] {
        let what = json!({ "dryRun": dry_run, "mapping": { "sheet": time } });
        let id = bring(&world.stage, "csv", &file, what).await;
        let seen = progress(&world.stage, &id).await;
        assert_eq!(seen["counts"]["bad"], 1, "{seen:#}");
        let report = report(&world.stage, &seen).await;
        assert!(
            report.contains("\"252\",\"网站备案号\",\"serviceNumber\",\"contradicts-row\""),
            "{report}"
        );
    }
    let filings = world
        .stage
        .filer("base-of-one", "GET /filings", None, None)
        .await;
    let services = &filings.unwrap().body["items"][0]["services"];
    assert_eq!(services[0]["domains"], json!(["site-1.cn"]), "{services:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_are_listed_from_the_newest_page_by_page() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let mut brought = Vec::new();
    for n in 1..=3 {
        let file = csv(&[row(n, &[])]);
        brought.push(bring(&world.stage, "csv", &file, json!({})).await);
        world.minutes(10).await;
    }
    brought.reverse();
    let mut listed = Vec::new();
    let mut cursor = String::new();
    loop {
        let route = format!("GET /operations/imports?limit=2{cursor}");
        let page = operator(&world.stage, &route, "read", None).await.body;
        let ids = page["items"].as_array().unwrap().iter();
        listed.push(ids.map(|one| one["id"].clone()).collect::<Vec<_>>());
        let Some(next) = page["next"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(
        listed,
        [
            vec![json!(brought[0]), json!(brought[1])],
            vec![json!(brought[2])]
        ]
    );
}
