//! The mainland's SMS gateway in place of SNS: the same story, by registered templates.

use icp_local::stage::{Applicant, OURS};
use jiff::SignedDuration;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn codes_and_notices_go_by_registered_templates_where_sns_sends_none() {
    let world = World::by_gateway("2026-03-02T02:00:00Z").await;
    let stage = &world.stage;
    let who = Applicant::new(1, "one.cn");
    stage.sites.point(&who.domain, OURS).await;
    // Filed: the code came by the gateway, and was right.
    stage
        .file(&who, |_, answer| assert!(answer.status < 400))
        .await
        .unwrap();
    let page = who.page().replace(&who.number, "");
    stage.sites.show(&format!("www.{}", who.domain), &page);
    let day = SignedDuration::from_hours(24);
    stage
        .pass(day * 35, SignedDuration::from_hours(6))
        .await
        .unwrap();
    let sms = stage.deployment.sms();
    let notice = sms.iter().find(|sms| sms.text.contains("整改")).unwrap();
    assert!(notice.text.starts_with("【示例云】"), "{}", notice.text);
    assert!(!notice.text.contains('{'), "{}", notice.text);
    // The reference by which a repeat is known.
    let references: Vec<&String> = sms
        .iter()
        .map(|sms| &sms.attributes["SessionContext"])
        .collect();
    let distinct: std::collections::BTreeSet<&&String> = references.iter().collect();
    assert_eq!(distinct.len(), references.len());
    let calls = stage.deployment.journal().take();
    let by_sns = calls
        .iter()
        .filter(|call| call.service == "sns" && call.resource.is_empty());
    assert_eq!(by_sns.count(), 0, "no SMS goes by SNS");
}
