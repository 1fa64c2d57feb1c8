//! Each branch of the way back, from where it begins to where access is given again. What is done elsewhere (at another
//! provider, at the carrier, at the bureau) shows in what the filer answers next, and in what the bureau's list says.

use expect_test::{Expect, expect};
use icp_local::stage::{Applicant, OURS};
use serde_json::{Value as Json, json};

use super::{START, advised, follow, found_out};
use crate::story::bureau_lists::{hand_down, paper_of, table};
use crate::story::orders::{links, papers, site, two_sites};
use crate::world::World;

/// What the filer answers, and otherwise than [`found_out`].
fn answers(record: &str, others: &[(&str, Json)]) -> Json {
    let mut found = found_out(record);
    found["otherServices"] = json!("no");
    // What would be lost was shown, and typed.
    found["guards"]["lossShown"] = json!("pass");
    found["guards"]["confirmed"] = json!("pass");
    for (input, answer) in others {
        found[*input] = answer.clone();
    }
    found
}

/// What the bureau took off its record: sites by their domains, or the subject by its number.
async fn off_the_record(world: &mut World, of: &str, what: &str) {
    let head = if of == "sites" {
        "网站域名"
    } else {
        "备案号"
    };
    let mut more = paper_of(of);
    more["paper"]["documentNumber"] = json!(format!("京通管〔2026〕{}号", world.stage.now()));
    let file = table(&[&[head], &[what]]);
    hand_down(&world.stage, ("anna", "ben"), "csv", &file, more).await;
    world.hours(1).await;
}

/// Access to the first site is given up, so that there is a way back to be found.
async fn give_up(world: &mut World, subject: &str) {
    let draft = json!({ "services": [{ "id": "1" }] });
    world
        .order("cancel-access", subject, draft, json!({}))
        .await;
    world.hours(1).await;
}

/// The access filing, as the last step says; then access is given.
async fn access(world: &mut World, who: &Applicant, subject: &str) {
    world.hours(1).await;
    let draft = json!({ "services": [{ "id": "1" }], "materials": papers() });
    let wish = json!({ "kind": "add-access", "subject": subject, "draft": draft });
    follow(world, who, wish).await;
    let links = links(&world.filing(subject).await);
    assert!(links[0].contains(" live "), "{links:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn access_that_was_cancelled_comes_back_on_every_way_that_keeps_the_number() {
    let mut world = World::at(START).await;
    let who = Applicant::new(1, "one.cn");
    let subject = world.file(&who).await.subject;
    let ask = async |world: &mut World, answers: Json, expected: Expect| {
        advised(world, &subject, "1", answers, &expected).await;
    };
    let other = ("otherProvider", json!("yes"));
    let differs = ("differs", json!(["certificate-number"]));

    // Nothing differs.
    give_up(&mut world, &subject).await;
    let nothing = expect![[r#"
        "access"
        "access-filing" at "here""#]];
    ask(&mut world, answers("site", &[]), nothing).await;
    access(&mut world, &who, &subject).await;

    // The province lets access come first.
    give_up(&mut world, &subject).await;
    let first = answers("site", &[differs.clone(), ("province", json!("粤"))]);
    ask(
        &mut world,
        first,
        expect![[r#"
        "access-then-change"
        "access-filing" at "here"
        "change-filing" at "here""#]],
    )
    .await;
    access(&mut world, &who, &subject).await;
    let address =
        json!({ "subject": { "postalAddress": "北京市海淀区别处2号" }, "materials": papers() });
    world.order("change", &subject, address, json!({})).await;

    // Another provider holds the data: changed there, nothing differs any more.
    give_up(&mut world, &subject).await;
    let held = answers("site", &[differs, other.clone(), ("province", json!("豫"))]);
    ask(
        &mut world,
        held,
        expect![[r#"
        "change-then-access"
        "change-filing" at "other-provider"
        "access-filing" at "here""#]],
    )
    .await;
    let changed = answers("site", &[other]);
    ask(
        &mut world,
        changed,
        expect![[r#"
        "access"
        "access-filing" at "here""#]],
    )
    .await;
    access(&mut world, &who, &subject).await;

    // The carrier gives the number back.
    give_up(&mut world, &subject).await;
    let lost = answers("site", &[("sitePhone", json!("lost"))]);
    ask(
        &mut world,
        lost,
        expect![[r#"
        "regain-number"
        "regain-number" at "carrier-or-bureau""#]],
    )
    .await;
    ask(
        &mut world,
        answers("site", &[]),
        expect![[r#"
        "access"
        "access-filing" at "here""#]],
    )
    .await;
    access(&mut world, &who, &subject).await;

    // An order that is in flight is withdrawn.
    give_up(&mut world, &subject).await;
    let draft =
        json!({ "services": [{ "id": "1", "name": "改名后的网站" }], "materials": papers() });
    let order = world.begin("change", &subject, draft).await;
    let submission = format!("POST /orders/{order}/submission");
    let submitted = world.good(&submission, Some(1), None).await;
    let mut in_flight = answers("site", &[]);
    in_flight.as_object_mut().unwrap().remove("pendingOrder");
    ask(
        &mut world,
        in_flight,
        expect![[r#"
        "wait-or-withdraw"
        "wait-for-order" at "provider-of-order""#]],
    )
    .await;
    let withdrawal = format!("POST /orders/{order}/withdrawal");
    world.good(&withdrawal, submitted.version, None).await;
    ask(
        &mut world,
        answers("site", &[]),
        expect![[r#"
        "access"
        "access-filing" at "here""#]],
    )
    .await;
    access(&mut world, &who, &subject).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_number_is_lost_a_site_is_added_or_filed_anew_and_no_more_is_given_up() {
    let mut world = World::at(START).await;
    let who = Applicant::new(1, "one.cn");
    let subject = two_sites(&mut world, &who).await;
    let gone = ("sitePhone", json!("lost-for-good"));
    let others = ("otherServices", json!("yes"));
    let add = async |world: &mut World, id: &str, domain: &str| {
        world.hours(1).await;
        world.stage.sites.point(domain, OURS).await;
        let draft = json!({ "services": [site(id, domain)], "materials": papers() });
        let number = format!("{}-{id}", who.number);
        let approval = json!({ "services": [{ "service": id, "number": number }] });
        world.order("add-site", &subject, draft, approval).await;
        let links = links(&world.filing(&subject).await);
        assert!(links.last().unwrap().ends_with(" live v1"), "{links:?}");
    };

    // The filed number cannot be had again, and the subject has another site.
    give_up(&mut world, &subject).await;
    let last = answers(
        "site",
        &[gone.clone(), others.clone(), ("province", json!("粤"))],
    );
    advised(
        &mut world,
        &subject,
        "1",
        last,
        &expect![[r#"
        "deregister-site-then-add"
        "regain-number" at "carrier-or-bureau"
        "deregister-site" at "bureau"
        "add-site" at "here""#]],
    )
    .await;
    off_the_record(&mut world, "sites", "one.cn").await;
    add(&mut world, "3", "one.cn").await;

    // Off the record, and the subject's data differ: they are changed before the site is added.
    off_the_record(&mut world, "sites", "one.cn").await;
    let old = answers(
        "subject-other",
        &[others, ("differs", json!(["unit-name"]))],
    );
    advised(
        &mut world,
        &subject,
        "3",
        old,
        &expect![[r#"
        "change-then-add"
        "change-filing" at "here"
        "add-site" at "here""#]],
    )
    .await;
    let change =
        json!({ "subject": { "postalAddress": "北京市海淀区别处2号" }, "materials": papers() });
    world.order("change", &subject, change, json!({})).await;
    add(&mut world, "4", "one.cn").await;

    // A shell, in a province that lets one add a site.
    off_the_record(&mut world, "sites", "one.cn").await;
    off_the_record(&mut world, "sites", "two.cn").await;
    let shell = answers("subject-only", &[("province", json!("浙"))]);
    advised(
        &mut world,
        &subject,
        "4",
        shell,
        &expect![[r#"
        "add-to-shell"
        "add-to-shell" at "here""#]],
    )
    .await;
    add(&mut world, "5", "one.cn").await;

    // A shell, in one that does not: the subject is deregistered, and files first again.
    off_the_record(&mut world, "sites", "one.cn").await;
    let shell = answers("subject-only", &[("province", json!("粤"))]);
    advised(
        &mut world,
        &subject,
        "5",
        shell,
        &expect![[r#"
        "deregister-shell-then-file"
        "deregister-subject" at "bureau"
        "first-filing" at "here""#]],
    )
    .await;
    off_the_record(&mut world, "subjects", &who.number).await;
    let second = refiled(&mut world, &who, 2).await;

    // The last site, whose number cannot be had again: the subject goes with it, and files first again.
    give_up(&mut world, &second).await;
    let last = answers("site", &[gone, ("province", json!("粤"))]);
    advised(
        &mut world,
        &second,
        "1",
        last,
        &expect![[r#"
        "deregister-subject-then-file"
        "regain-number" at "carrier-or-bureau"
        "deregister-subject" at "bureau"
        "first-filing" at "here""#]],
    )
    .await;
    let number = Applicant::new(2, "one.cn").number;
    off_the_record(&mut world, "subjects", &number).await;
    refiled(&mut world, &who, 3).await;
}

/// A first filing of the same subject, to which the bureau gives another number; gives the filing.
async fn refiled(world: &mut World, who: &Applicant, n: u32) -> String {
    world.hours(1).await;
    let again = Applicant {
        number: Applicant::new(n, "one.cn").number,
        ..who.clone()
    };
    let wish = json!({ "kind": "first-filing", "draft": again.draft() });
    follow(world, &again, wish).await;
    let filings = world.good("GET /filings", None, None).await.body;
    let filed = filings["items"].as_array().unwrap().iter();
    let mut filed = filed.filter(|filing| filing["state"]["number"] == json!(again.number));
    let filing = filed.next().unwrap();
    assert_eq!(links(filing), [format!("{}-1 live v1", again.number)]);
    filing["id"].as_str().unwrap().to_owned()
}
