//! People's data: handed out, erased, and sealed under other keys.

mod retention;

use icp_local::stage::{Answer, Applicant, Ask, Filed};
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
async fn a_person_gets_a_copy_and_stays_while_the_record_names_them() {
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
    // Nobody is there under that id: nothing was erased, and nothing is.
    let none = json!({ "subject": filed.subject, "person": "p9", "reason": "x" });
    let none = operator(&world, "none", erase, Some(none)).await;
    assert_eq!(
        (&none.body["persons"], &none.body["drafts"]),
        (&json!(0), &json!(0))
    );
    for (key, whom) in [("both", Some(&who.mobile)), ("neither", None)] {
        let mut asked = json!({ "subject": filed.subject, "reason": "x" });
        if let Some(mobile) = whom {
            asked["mobile"] = json!(mobile);
            asked["person"] = json!("p1");
        }
        let refused = operator(&world, key, erase, Some(asked)).await;
        assert_eq!(refused.status, 400, "{key}");
        let named = refused.body["violations"].as_array().unwrap();
        assert_eq!(named.len(), 2, "{key}: both fields are named");
    }
}

/// An order of the account's that changes its principal; the order's id.
async fn change_principal(world: &mut World, filed: &Filed, change: Json) -> String {
    let draft = json!({ "persons": [change], "materials": [{ "id": "m9",
        "kind": "verification-form", "custody": { "custody": "paper", "shelfMark": "A-9" } }] });
    let wish = json!({ "kind": "change", "subject": filed.subject, "draft": draft });
    let begun = world
        .filer("account-1", "POST /orders", None, Some(wish))
        .await;
    begun.body["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stands_in_a_draft_alone_gets_a_copy_and_is_erased_by_number() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    // Under the same id another person, in a draft that is never submitted.
    let other = json!({ "id": "p1", "name": "李小红", "identity": "440300199001010016",
        "mobile": "13900000009", "email": "other@example.cn" });
    let order = change_principal(&mut world, &filed, other).await;
    let ask_copy = "POST /operations/person-copies";
    let asked = json!({ "mobile": "13900000009", "reason": "本人申请复制" });
    let answer = operator(&world, "copy", ask_copy, Some(asked.clone())).await;
    let copy = &answer.body["items"][0];
    assert_eq!(copy["order"], json!(order), "{answer:#?}");
    assert_eq!(copy["details"]["name"], "李小红");
    assert_eq!(answer.body["next"], Json::Null);
    // The id is the principal's, whom the record names; the number is not.
    let erase = "POST /operations/erasures";
    let by_id = json!({ "subject": filed.subject, "person": "p1", "reason": "本人申请删除" });
    assert_eq!(operator(&world, "id", erase, Some(by_id)).await.status, 409);
    let by_number =
        json!({ "subject": filed.subject, "mobile": "13900000009", "reason": "本人申请删除" });
    let erased = operator(&world, "number", erase, Some(by_number)).await;
    assert_eq!(erased.body["drafts"], 1, "{erased:#?}");
    let rows = Table::of(&world.stage)
        .rows(&format!("ORDER#{order}"))
        .await;
    assert!(!rows.contains(&"PERSON#p1".to_owned()), "{rows:?}");
    let answer = operator(&world, "again", ask_copy, Some(asked)).await;
    assert_eq!(answer.body["items"], json!([]), "{answer:#?}");
    let filing = world
        .filer(
            "account-1",
            &format!("GET /filings/{}", filed.subject),
            None,
            None,
        )
        .await;
    assert_eq!(filing.body["persons"][0]["name"], "王**");
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
        next =
            icp_use_cases::rekey::rekey_page(&store, world.stage.rulebook, &mut inv, list, cursor)
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
    // Whoever knows only the key of before meets whoever knows both: what is taken is taken under each.
    let row = base::row(50, &[]);
    let certificate = row
        .iter()
        .find(|(column, _)| *column == icp_domain::import::Column::CertificateNumber);
    let hashes = store.keys().hashes(&certificate.unwrap().1).await.unwrap();
    base::bring(&world.stage, "csv", &base::csv(&[row]), json!({})).await;
    assert_eq!(hashes.len(), 2);
    for hash in hashes {
        let rows = table.rows(&format!("TAKEN#CERTIFICATE#{hash}")).await;
        assert_eq!(rows, ["HEAD"], "{hash}");
    }
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

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_off_the_record_is_erased_and_what_was_copied_no_longer_opens() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    world.deregister(&filed.subject).await;
    let erasure = json!({ "subject": filed.subject, "person": "p1", "reason": "本人申请删除" });
    let erase = "POST /operations/erasures";
    let erased = operator(&world, "erase", erase, Some(erasure.clone())).await;
    assert_eq!(erased.status, 200, "{erased:#?}");
    // 35 days of point-in-time recovery later nothing of the person is left anywhere.
    let complete_at: jiff::Timestamp = erased.body["completeAt"].as_str().unwrap().parse().unwrap();
    let wait = complete_at.duration_since(world.stage.now());
    assert_eq!(wait.as_hours() / 24, 35);
    assert!(1 <= erased.body["drafts"].as_u64().unwrap());
    let table = Table::of(&world.stage);
    let subject = format!("SUBJECT#{}", filed.subject);
    let left = table.rows(&subject).await;
    assert!(
        !left.iter().any(|row| row.contains("PERSON#p1")),
        "{left:?}"
    );
    let asked = json!({ "mobile": who.mobile, "reason": "本人申请复制" });
    let copies = "POST /operations/person-copies";
    let answer = operator(&world, "copy", copies, Some(asked)).await;
    assert_eq!(answer.body["items"], json!([]), "{answer:#?}");
    // Nobody is there any more; the deed stands in a history that is whole.
    let again = operator(&world, "again", erase, Some(erasure)).await;
    assert_eq!(again.body["persons"], 0, "{again:#?}");
    assert_eq!(again.body["drafts"], 0, "{again:#?}");
    let checks = "GET /operations/history-checks/deregistered";
    let checked = operator(&world, "read", checks, None).await;
    assert_eq!(checked.body["items"][0]["broken"], Json::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_edits_removes_or_reorders_history_is_found_out() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let mut subjects = Vec::new();
    for n in 1..=5 {
        let mut who = Applicant::new(n, &format!("site{n}.cn"));
        who.number = format!("京ICP备202600000{n}号");
        subjects.push(world.file(&who).await.subject);
    }
    let table = Table::of(&world.stage);
    let [whole, edited, missing, cut, reordered] = &subjects[..] else {
        unreachable!("five were filed")
    };
    let partition = |subject: &str| format!("HISTORY#{subject}");
    let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let second = "0000000002";
    table
        .set(&partition(edited), second, "about", text("other"))
        .await;
    table.remove(&partition(missing), second).await;
    let last = table.rows(&partition(cut)).await.len();
    table.remove(&partition(cut), &format!("{last:010}")).await;
    for attribute in ["what", "about", "hash"] {
        let partition = partition(reordered);
        let (one, two) = (
            table.read(&partition, "0000000001", attribute).await,
            table.read(&partition, second, attribute).await,
        );
        let (one, two) = (one.unwrap(), two.unwrap());
        table.set(&partition, "0000000001", attribute, two).await;
        table.set(&partition, second, attribute, one).await;
    }
    let checks = "GET /operations/history-checks/filed?limit=2";
    let (mut verdicts, mut cursor) = (std::collections::BTreeMap::new(), String::new());
    loop {
        let checked = operator(&world, "read", &format!("{checks}{cursor}"), None).await;
        assert_eq!(checked.status, 200, "{checked:#?}");
        for item in checked.body["items"].as_array().unwrap() {
            let subject = item["subject"].as_str().unwrap().to_owned();
            verdicts.insert(subject, item["broken"].clone());
        }
        let Some(next) = checked.body["next"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    let verdict = |subject: &String| verdicts[subject].clone();
    assert_eq!(verdict(whole), Json::Null);
    let follows = |n| json!(format!("entry {n} does not follow from the one before"));
    assert_eq!(verdict(edited), follows(2));
    assert_eq!(verdict(missing), json!("entry 2 is missing"));
    assert_eq!(
        verdict(cut),
        json!("the filing's head names another last entry")
    );
    assert_eq!(verdict(reordered), follows(1));
    let route = format!("GET /review/filings/{edited}/history");
    let shown = world.stage.ask(Ask {
        role: Some("reviewer"),
        account: "staff",
        route: &route,
        key: None,
        version: None,
        body: None,
    });
    assert_eq!(shown.await.unwrap().body["whole"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_replaced_by_a_change_is_erased_from_the_orders_that_still_name_them() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    let second = Applicant {
        second_principal: Some("440300199001010016".to_owned()),
        ..who.clone()
    };
    let mut draft = second.draft();
    let successor = draft["persons"][1].take();
    draft["subject"]["principal"] = json!("p2");
    draft["persons"] = json!([successor]);
    let wish = json!({ "kind": "change", "subject": filed.subject, "draft": draft });
    let begun = world
        .filer("account-1", "POST /orders", None, Some(wish))
        .await;
    let order = begun.body["id"].as_str().unwrap().to_owned();
    let holder = format!("/orders/{order}");
    world
        .stage
        .verify(
            "account-1",
            &holder,
            "p2",
            &who.mobile,
            &mut |route, answer| {
                assert!(answer.status < 400, "{route}: {answer:#?}");
            },
        )
        .await
        .unwrap();
    let route = format!("POST /orders/{order}/submission");
    let submitted = world.filer("account-1", &route, begun.version, None).await;
    assert!(submitted.status < 400, "{submitted:#?}");
    world
        .approve(&order, submitted.version.unwrap(), json!({}), false)
        .await;
    let first = format!("ORDER#{}", filed.order);
    let table = Table::of(&world.stage);
    assert!(
        table
            .rows(&first)
            .await
            .iter()
            .any(|row| row == "PERSON#p1")
    );
    let erasure = json!({ "subject": filed.subject, "person": "p1", "reason": "本人申请删除" });
    let erased = operator(&world, "erase", "POST /operations/erasures", Some(erasure)).await;
    assert_eq!(erased.status, 200, "{erased:#?}");
    assert_eq!(erased.body["drafts"], 1);
    assert!(
        !table
            .rows(&first)
            .await
            .iter()
            .any(|row| row == "PERSON#p1")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_holder_of_an_account_is_erased_by_the_mobile_that_was_set() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let contact = json!({ "mobile": "13900000021", "email": "holder@example.com" });
    let set = "POST /account-contact";
    let set = world.filer(&who.account, set, None, Some(contact)).await;
    assert_eq!(set.status, 200, "{set:#?}");
    let filed = world.file(&who).await;
    let erase = "POST /operations/erasures";
    let of = |mobile: &str| json!({ "subject": filed.subject, "mobile": mobile, "reason": "本人申请删除" });
    let other = operator(&world, "other", erase, Some(of("13900000022"))).await;
    assert_eq!(other.body["holder"], false, "{other:#?}");
    let erased = operator(&world, "holder", erase, Some(of("13900000021"))).await;
    assert_eq!(erased.body["holder"], true, "{erased:#?}");
    assert!(erased.body["completeAt"].is_string(), "{erased:#?}");
    let left = world
        .filer(&who.account, "GET /account-contact", None, None)
        .await;
    assert_eq!(left.body, json!({ "mobile": null, "email": null }));
}
