//! What goes by itself: drafts and files of orders that ended.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use icp_local::stage::{Answer, Applicant, Ask};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::super::orders::site;
use super::{change_principal, operator};
use crate::base;
use crate::table::Table;
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_of_an_order_that_ended_goes_half_a_year_later_and_what_was_filed_stays() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    let other = json!({ "id": "p1", "mobile": "13900000009" });
    let order = change_principal(&mut world, &filed, other).await;
    // A file that nobody ever took into the draft.
    let photo = b"photo".as_slice();
    let sum = STANDARD.encode(Sha256::digest(photo));
    let new = json!({ "kind": "subject-certificate", "mediaType": "image/jpeg",
        "bytes": photo.len(), "sha256": sum });
    let route = format!("POST /orders/{order}/materials");
    let announced = world.filer("account-1", &route, None, Some(new)).await;
    base::put(&world.stage, &announced.body["link"], photo).await;
    let material = announced.body["material"].as_str().unwrap();
    let key = format!("materials/{order}/{material}.jpg");
    let bucket = Table::files(&world.stage);
    assert!(bucket.seen(&key).await.unwrap().is_some());
    let route = format!("POST /orders/{order}/withdrawal");
    let withdrawn = world.filer("account-1", &route, Some(1), None).await;
    assert_eq!(withdrawn.status, 200, "{withdrawn:#?}");
    // Another site, which never came to be.
    let draft = json!({ "services": [site("2", "two.cn")] });
    let wish = json!({ "kind": "add-site", "subject": filed.subject, "draft": draft });
    let ask = Ask {
        role: Some("filer"),
        account: "account-1",
        route: "POST /orders",
        key: Some("second"),
        version: None,
        body: Some(wish),
    };
    let second = world.ask(ask).await;
    let second = format!("/orders/{}", second.body["id"].as_str().unwrap());
    let route = format!("POST {second}/withdrawal");
    let withdrawn = world.filer("account-1", &route, Some(1), None).await;
    assert_eq!(withdrawn.body["sites"], json!(["two.cn"]), "{withdrawn:#?}");
    let table = Table::of(&world.stage);
    let rows = async |order: &str| table.rows(&format!("ORDER#{order}")).await;
    for (days, left) in [(179_i32, 4), (2, 1)] {
        let day = jiff::SignedDuration::from_hours(24);
        world.stage.pass(day * days, day * 30).await.unwrap();
        assert_eq!(rows(&order).await.len(), left, "{:?}", rows(&order).await);
        assert_eq!(bucket.seen(&key).await.unwrap().is_some(), 1 < left);
    }
    assert_eq!(rows(&filed.order).await, ["HEAD"]);
    let route = format!("GET /orders/{order}");
    let read = world.filer("account-1", &route, None, None).await;
    assert_eq!(read.body["state"]["state"], "withdrawn");
    // What was filed is known by its site still, and what never was is not.
    for (order, sites) in [
        (format!("/orders/{}", filed.order), json!(["one.cn"])),
        (second, json!([])),
    ] {
        let route = format!("GET {order}");
        let read = world.filer("account-1", &route, None, None).await;
        assert_eq!(read.body["sites"], sites, "{read:#?}");
    }
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

/// The draft of an individual with one file in place of the paper.
fn individual(who: &Applicant) -> Json {
    let mut draft = who.draft();
    let person = draft["persons"][0].clone();
    draft["subject"]["nature"] = json!("individual");
    draft["subject"]["name"] = person["name"].clone();
    draft["subject"]["certificate"] =
        json!({ "kind": "resident-id", "number": person["identity"] });
    draft
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_the_filing_holds_outlives_its_order_and_goes_with_its_subject() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let mut draft = individual(&who);
    draft["materials"].as_array_mut().unwrap().remove(0);
    let wish = json!({ "kind": "first-filing", "draft": draft });
    let begun = world
        .filer("account-1", "POST /orders", None, Some(wish))
        .await;
    let order = begun.body["id"].as_str().unwrap().to_owned();
    let subject = begun.body["subject"].as_str().unwrap().to_owned();
    let photo = b"certificate".as_slice();
    let sum = STANDARD.encode(Sha256::digest(photo));
    let new = json!({ "kind": "subject-certificate", "mediaType": "image/jpeg",
        "bytes": photo.len(), "sha256": sum });
    let route = format!("POST /orders/{order}/materials");
    let announced = world.filer("account-1", &route, None, Some(new)).await;
    base::put(&world.stage, &announced.body["link"], photo).await;
    let material = announced.body["material"].as_str().unwrap().to_owned();
    let route = format!("POST /orders/{order}/materials/{material}/confirmation");
    let taken = world.filer("account-1", &route, Some(1), None).await;
    assert_eq!(taken.status, 200, "{taken:#?}");
    let holder = format!("/orders/{order}");
    let mut good =
        |route: &str, answer: &Answer| assert!(answer.status < 400, "{route}: {answer:#?}");
    let stage = world.stage.clone();
    stage
        .verify("account-1", &holder, "p1", &who.mobile, &mut good)
        .await
        .unwrap();
    let route = format!("POST /orders/{order}/submission");
    let submitted = world.filer("account-1", &route, taken.version, None).await;
    assert_eq!(submitted.status, 200, "{submitted:#?}");
    let approval = json!({ "number": who.number,
        "services": [{ "service": "1", "number": format!("{}-1", who.number) }] });
    world
        .approve(&order, submitted.version.unwrap(), approval, false)
        .await;
    // Half a year later the draft is gone, and the file is the filing's.
    let day = jiff::SignedDuration::from_hours(24);
    stage.pass(day * 181, day * 30).await.unwrap();
    let key = format!("materials/{order}/{material}.jpg");
    let bucket = Table::files(&stage);
    let rows = Table::of(&stage).rows(&format!("ORDER#{order}")).await;
    assert_eq!(rows, ["HEAD", &format!("UPLOAD#{material}")]);
    assert!(bucket.seen(&key).await.unwrap().is_some());
    world.deregister(&subject).await;
    let erasure = json!({ "subject": subject, "person": "p1", "reason": "本人申请删除" });
    let erased = operator(&world, "erase", "POST /operations/erasures", Some(erasure)).await;
    assert_eq!(erased.body["subjectToo"], true, "{erased:#?}");
    world.minutes(20).await;
    assert!(bucket.seen(&key).await.unwrap().is_none());
    let rows = Table::of(&stage).rows(&format!("ORDER#{order}")).await;
    assert_eq!(rows, ["HEAD"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_person_who_was_the_subject_no_order_keeps_a_site_however_old() {
    for days in [0_i32, 181] {
        let mut world = World::at("2026-03-02T02:00:00Z").await;
        let who = Applicant::new(1, "one.cn");
        let wish = json!({ "kind": "first-filing", "draft": individual(&who) });
        let good =
            |route: &str, answer: &Answer| assert!(answer.status < 400, "{route}: {answer:#?}");
        let filed = world.stage.take_through(&who, wish, good).await.unwrap();
        world.deregister(&filed.subject).await;
        let day = jiff::SignedDuration::from_hours(24);
        world.stage.pass(day * days, day * 30).await.unwrap();
        let route = format!("GET /orders/{}", filed.order);
        let read = world.filer("account-1", &route, None, None).await;
        assert_eq!(read.body["sites"], json!(["one.cn"]), "{read:#?}");
        let erasure = json!({ "subject": filed.subject, "person": "p1", "reason": "本人申请删除" });
        let erased = operator(&world, "erase", "POST /operations/erasures", Some(erasure)).await;
        assert_eq!(erased.body["subjectToo"], true, "{erased:#?}");
        let read = world.filer("account-1", &route, None, None).await;
        assert_eq!(
            read.body["sites"],
            json!([]),
            "after {days} days: {read:#?}"
        );
    }
}
