//! People's data: handed out, erased, and sealed under other keys.

use icp_local::stage::{Answer, Applicant, Ask};
use serde_json::{Value as Json, json};

use crate::base;
use crate::table::Table;
use crate::world::World;

async fn operator(world: &World, key: &str, route: &str, body: Option<Json>) -> Answer {
    let ask = Ask {
        role: Some("operator"),
        account: "staff",
        route,
        key: Some(key),
        version: None,
        body,
    };
    world.stage.ask(ask).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_gets_a_copy_and_is_erased_once_the_record_names_nobody() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    let asked = json!({ "mobile": who.mobile, "reason": "本人申请复制" });
    let copied = operator(
        &world,
        "copy",
        "POST /operations/person-copies",
        Some(asked),
    )
    .await;
    let copy = &copied.body["items"][0];
    assert_eq!(copy["details"]["mobile"], format!("+86{}", who.mobile));
    assert_eq!(copy["principalOf"], json!(["subject", "1"]));
    let erasure = json!({ "subject": filed.subject, "person": "p1", "reason": "本人申请删除" });
    let erase = "POST /operations/erasures";
    let refused = operator(&world, "erase", erase, Some(erasure.clone())).await;
    assert_eq!(refused.status, 409, "{refused:#?}");
    // Another principal takes over; the one before leaves the filing, and the drafts name nobody.
    let table = Table::of(&world.stage);
    let person = table
        .row(&format!("SUBJECT#{}", filed.subject), "PERSON#p1")
        .await;
    let hash = person["numberHash"].as_str().unwrap().to_owned();
    let before = table.rows(&format!("NUMBER#{hash}")).await;
    assert!(
        before.iter().any(|row| row.starts_with("PERSON#")),
        "{before:?}"
    );
    let none = json!({ "subject": filed.subject, "person": "p9", "reason": "x" });
    assert_eq!(
        operator(&world, "none", erase, Some(none)).await.status,
        404
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_seals_everything_anew_and_everything_stays_readable_and_found() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    let rows: Vec<_> = (11..=40).map(|n| base::row(n, &[])).collect();
    base::bring(&world.stage, "csv", &base::csv(&rows), json!({})).await;
    let subject = format!("SUBJECT#{}", filed.subject);
    let table = Table::of(&world.stage);
    for purpose in ["personal", "index", "code", "signature"] {
        let route = format!("POST /operations/keys/{purpose}/rotations");
        let rotated = operator(&world, "rotate", &route, None).await;
        assert_eq!(rotated.body["key"], "0002", "{rotated:#?}");
        let again = operator(&world, "rotate", &route, None).await;
        assert_eq!(again.body, rotated.body, "once, however often it is asked");
    }
    // Processes know the newest key for a while; a new one takes it at once, as the walk does later.
    let store = Table::store(&world.stage);
    let mut inv = icp_domain::Invocation::fixed(world.stage.now(), 7);
    let mut next = Some((0, None));
    while let Some((list, cursor)) = next {
        next = icp_use_cases::privacy::rekey_page(&store, &mut inv, list, cursor)
            .await
            .unwrap();
    }
    let person = table.row(&subject, "PERSON#p1").await;
    assert_eq!(person["key"]["dataKey"], "0002");
    let hash = person["numberHash"].as_str().unwrap();
    assert!(hash.starts_with("0002-"), "{hash}");
    let found = table.rows(&format!("NUMBER#{hash}")).await;
    assert!(
        found.iter().any(|row| row.starts_with("PERSON#")),
        "{found:?}"
    );
    let mobile = icp_domain::identifiers::Mobile::parse(&who.mobile).unwrap();
    assert_eq!(store.users_of(&mobile).await.unwrap().len(), 1);
    world.hours(3).await;
    // The filing lives on: read, changed, and its certificate is still its own.
    let draft = json!({ "services": [{ "id": "1", "name": "改名后的网站" }], "materials": [
        { "id": "m9", "kind": "verification-form",
          "custody": { "custody": "paper", "shelfMark": "A-9" } }] });
    let wish = json!({ "kind": "change", "subject": filed.subject, "draft": draft });
    world
        .stage
        .take_through(&who, wish, |route, answer| {
            assert!(answer.status < 400, "{route}: {answer:#?}");
        })
        .await
        .unwrap();
}
