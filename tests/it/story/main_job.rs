//! The main job: filed, audited, found broken, noticed, put right or stopped, and the way back.

use expect_test::expect;
use icp_local::stage::{Applicant, ELSEWHERE, OURS};
use serde_json::json;

use crate::world::{World, finding_state};

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_submitted_reviewed_and_approved() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    let filing = world
        .filer(
            &who.account,
            &format!("GET /filings/{}", filed.subject),
            None,
            None,
        )
        .await;
    assert_eq!(filing.body["state"]["state"], "filed");
    assert_eq!(filing.body["verified"], true);
    expect![[r#"
        03-02 10:00  201 POST /orders
        03-02 10:00  202 POST …/codes
        03-02 10:00  200 POST …/confirmations
        03-02 10:00  200 POST /orders/{order}/submission
        03-02 10:00  200 POST /review/orders/{order}/decisions
        03-02 10:00  200 POST /review/orders/{order}/bureau-results
        03-02 10:00  200 POST /review/orders/{order}/bureau-results
        03-02 10:00  200 POST /review/orders/{order}/bureau-results
        03-02 10:00  sms +86138****0001 【示例云】备案联系方式核验：验证码******，**分钟内有效，由示例云发送。若非您的备案，请勿告诉他人。
        03-02 10:00  mail p1-account-1@one.cn 【示例云】备案订单已审核通过 / A filing order was approved
        03-02 10:00  topic AccessGranted v1
        03-02 10:00  200 POST /access-changes/ea0e511888bd3cb8c752b2fc8cd175f3.1/1/acknowledgements
        03-02 10:10  sms +86138****0001 【示例云】您的备案订单已审核通过。详情请登录 beian.example.cn 查询，电话010-00000000。
        03-02 10:10  200 GET /filings/…
    "#]].assert_eq(&world.transcript());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_as_it_must_be_is_audited_and_nobody_is_told_anything() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    world.file(&who).await;
    world.forget();
    world.hours(24 * 35).await;
    assert!(
        world.looks() >= 2,
        "the subject and its site were both looked at"
    );
    assert_eq!(world.transcript(), "\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_moved_away_is_told_and_put_right_in_time() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    world.file(&who).await;
    world.stage.sites.point(&who.domain, ELSEWHERE).await;
    world.forget();
    let account = who.account.clone();
    world
        .until("a case", 32, async |stage| {
            finding_state(stage, &account).await.is_some()
        })
        .await;
    world.hours(48).await;
    let case = world.case(&who.account).await.unwrap();
    assert_eq!(case["findings"][0]["rule"], "ICP-402");
    assert!(case["findings"][0]["dueAt"].is_string(), "{case:#}");
    assert_eq!(case["evidence"].as_array().unwrap().len(), 2);
    world.stage.sites.point(&who.domain, OURS).await;
    let recheck = format!("POST /cases/{}/rechecks", case["id"].as_str().unwrap());
    let version = case["version"].as_u64();
    world.filer(&who.account, &recheck, version, None).await;
    assert_eq!(
        finding_state(&world.stage, &who.account).await.as_deref(),
        Some("closed")
    );
    world.hours(24).await;
    expect![[r#"
        03-14 10:10  mail p1-account-1@one.cn 【示例云】备案核查通知（46533-73212） / Notice of an audit of your ICP filing
        03-14 13:10  sms +86138****0001 【示例云】您的备案经核查有1项不合格，请于2026年3月23日（周一）24:00前整改，逾期可能被停止接入。核查编号46533-73212，办法请登录 beian.example.cn 查询，电话010-00000000。
        03-15 07:10  202 POST /cases/…/rechecks
        03-15 10:10  mail p1-account-1@one.cn 【示例云】核查已办结（46533-73212） / A case is closed
        03-15 13:10  sms +86138****0001 【示例云】核查编号46533-73212已办结。详情请登录 beian.example.cn 查询，电话010-00000000。
    "#]].assert_eq(&world.transcript());
}

/// The mail of a stop tells what it is for, and the way back as far as it is known.
fn is_told_the_way_back(world: &World) {
    let mails = world.stage.deployment.mails();
    let stop = mails
        .iter()
        .find(|mail| mail.subject.contains("接入已停止"));
    let stop = &stop.unwrap().text;
    for said in ["ICP-402", "恢复接入的办法", "The way back", "请先查明"] {
        assert!(stop.contains(said), "{said}: {stop}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_period_stops_access_after_fresh_looks_and_a_release() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    world.stage.sites.point(&who.domain, ELSEWHERE).await;
    world.forget();
    let account = who.account.clone();
    world
        .until("condemned", 60, async |stage| {
            finding_state(stage, &account).await.as_deref() == Some("condemned")
        })
        .await;
    // The brake is manual: nothing is stopped by itself.
    world.hours(72).await;
    assert_eq!(
        finding_state(&world.stage, &who.account).await.as_deref(),
        Some("condemned")
    );
    let condemned = world
        .staff("operator", "GET /operations/condemned", None, None)
        .await;
    let case = &condemned.body["items"][0];
    let finding = &case["findings"][0];
    let look = finding["state"]["looks"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()["look"]
        .clone();
    let release = json!({ "findings": [
        { "case": case["id"], "finding": finding["id"], "look": look },
    ]});
    let released = world
        .staff("operator", "POST /operations/releases", None, Some(release))
        .await;
    assert_eq!(released.body["released"].as_array().unwrap().len(), 1);
    world
        .until("stopped", 5, async |stage| {
            finding_state(stage, &account).await.as_deref() == Some("stopped")
        })
        .await;
    is_told_the_way_back(&world);
    let way_back = format!("GET /filings/{}/services/1/way-back", filed.subject);
    let told = world.filer(&who.account, &way_back, None, None).await;
    assert!(
        !told.body["questions"].as_array().unwrap().is_empty(),
        "{told:#?}"
    );
    world.hours(24).await;
    // The front end carries the stop out, and staff give access again after an objection.
    let acknowledged = format!(
        "POST /access-changes/{}.1/2/acknowledgements",
        filed.subject
    );
    world
        .staff("operator", &acknowledged, None, Some(json!({})))
        .await;
    world.stage.sites.point(&who.domain, OURS).await;
    let reinstate = format!(
        "POST /review/filings/{}/services/1/reinstatements",
        filed.subject
    );
    let given = world
        .staff("reviewer", &reinstate, None, Some(json!({})))
        .await;
    assert_eq!(given.body["link"]["state"], "live");
    world.hours(2).await;
    assert_eq!(
        finding_state(&world.stage, &who.account).await.as_deref(),
        Some("closed")
    );
    let history = format!("GET /review/filings/{}/history", filed.subject);
    let history = world.staff("auditor", &history, None, None).await;
    assert_eq!(history.body["whole"], true);
    expect![[r#"
        03-14 10:10  mail p1-account-1@one.cn 【示例云】备案核查通知（46533-73212） / Notice of an audit of your ICP filing
        03-14 13:10  sms +86138****0001 【示例云】您的备案经核查有1项不合格，请于2026年3月23日（周一）24:00前整改，逾期可能被停止接入。核查编号46533-73212，办法请登录 beian.example.cn 查询，电话010-00000000。
        03-19 10:10  mail p1-account-1@one.cn 【示例云】整改提醒：整改期已过半（46533-73212） / Reminder: half of the rectification period is over
        03-19 13:10  sms +86138****0001 【示例云】提醒：整改期已过半。核查编号46533-73212尚有1项不合格，请于2026年3月23日（周一）24:00前整改。办法请登录 beian.example.cn 查询，电话010-00000000。
        03-21 10:10  mail p1-account-1@one.cn 【示例云】整改提醒：至多还剩3天（46533-73212） / Reminder: at most 3 days of the rectification period are left
        03-21 13:10  sms +86138****0001 【示例云】提醒：整改期至多还剩3天。核查编号46533-73212尚有1项不合格，请于2026年3月23日（周一）24:00前整改。办法请登录 beian.example.cn 查询，电话010-00000000。
        03-23 10:10  sms +86138****0001 【示例云】最后提醒：整改期至多还剩1天。核查编号46533-73212尚有1项不合格，请于2026年3月23日（周一）24:00前整改，逾期可能被停止接入。办法请登录 beian.example.cn 查询，电话010-00000000。
        03-23 10:10  mail p1-account-1@one.cn 【示例云】最后提醒：整改期至多还剩1天（46533-73212） / Last reminder: at most 1 day of the rectification period is left
        03-27 04:10  200 GET /operations/condemned
        03-27 04:10  200 POST /operations/releases
        03-27 13:10  sms +86138****0001 【示例云】您备案的一项服务已被停止接入，核查编号46533-73212。原因、恢复接入的办法和异议途径，请登录 beian.example.cn 凭该编号查询，电话010-00000000。
        03-27 13:10  mail p1-account-1@one.cn 【示例云】接入已停止（46533-73212） / Access was stopped
        03-27 13:10  topic AccessStopped v2
        03-27 13:10  200 GET /filings/…/services/1/way-back
        03-28 13:10  200 POST /access-changes/ea0e511888bd3cb8c752b2fc8cd175f3.1/2/acknowledgements
        03-28 13:10  200 POST /review/filings/…/services/1/reinstatements
        03-28 13:10  sms +86138****0001 【示例云】您备案的一项服务已恢复接入。详情请登录 beian.example.cn 查询，电话010-00000000。
        03-28 13:10  mail p1-account-1@one.cn 【示例云】接入已恢复 / Access is given again
        03-28 13:10  topic AccessReinstated v3
        03-28 15:10  topic AccessReinstated v3
        03-28 15:10  200 GET /review/filings/…/history
    "#]].assert_eq(&world.transcript());
}
