//! Notices: gathered, told by SMS and mail, counted as delivered, come back, and held up by an outage.

use icp_local::stage::{Applicant, Ask, ELSEWHERE};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use crate::world::{World, finding_state};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn address(who: &Applicant) -> String {
    format!("p1-{}@{}", who.account, who.domain)
}

/// Texts to a number, without codes.
fn texts(world: &World, mobile: &str) -> Vec<String> {
    let sms = world.stage.deployment.sms().into_iter();
    let of_number = sms.filter(|sms| sms.number.ends_with(mobile));
    let notices = of_number.filter(|sms| !sms.text.contains("验证码"));
    notices.map(|sms| sms.text).collect()
}

/// A site that moved away, at the instant at which its filer's first notice was expanded.
async fn told(world: &mut World, who: &Applicant) -> Json {
    world.file(who).await;
    world.stage.sites.point(&who.domain, ELSEWHERE).await;
    let account = who.account.clone();
    let opened =
        async |stage: &icp_local::stage::Stage| finding_state(stage, &account).await.is_some();
    world.until("a case", 32, opened).await;
    let mailed = |world: &World| {
        let mails = world.stage.deployment.mails();
        mails
            .iter()
            .any(|mail| mail.subject.contains("备案核查通知"))
    };
    for _ in 0..24 * 3 {
        if mailed(world) {
            break;
        }
        world.stage.pass(HOUR, HOUR).await.unwrap();
    }
    world.case(&who.account).await.unwrap()
}

async fn notified_at(world: &World, who: &Applicant) -> Json {
    world.case(&who.account).await.unwrap()["findings"][0]["notifiedAt"].clone()
}

/// The relay's report of a mail that came back.
fn report(message_id: &str, status: &str) -> Json {
    let report = format!(
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: \
         message/delivery-status\r\n\r\nReporting-MTA: dns; relay.example.cn\r\n\r\nAction: failed\r\nStatus: \
         {status}\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{message_id}>\r\n\r\n--b--\r\n"
    );
    json!({ "report": report })
}

async fn bounce(world: &World, message_id: &str, status: &str) -> u16 {
    let ask = Ask {
        role: Some("operator"),
        account: "relay",
        route: "POST /bounces",
        key: Some(&format!("{}-{status}", message_id.replace('@', "-"))),
        body: Some(report(message_id, status)),
        ..Ask::default()
    };
    world.stage.ask(ask).await.unwrap().status
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_number_is_told_on_a_day_goes_out_as_one_text_and_the_rest_the_next_day() {
    let world = World::at("2026-03-02T02:00:00Z").await;
    let shared = Applicant::new(1, "one.cn").mobile;
    let applicants = [(1, "one.cn"), (2, "two.cn"), (3, "three.cn")].map(|(n, domain)| {
        let who = Applicant::new(n, domain);
        Applicant {
            mobile: shared.clone(),
            ..who
        }
    });
    let [one, two, three] = &applicants;
    for who in [one, two] {
        world
            .stage
            .file(who, |_, answer| assert!(answer.status < 400))
            .await
            .unwrap();
        world.stage.pass(MINUTE * 2, MINUTE).await.unwrap();
    }
    assert_eq!(
        texts(&world, &shared),
        Vec::<String>::new(),
        "they are gathered"
    );
    world.stage.pass(MINUTE * 10, MINUTE).await.unwrap();
    let first = texts(&world, &shared);
    assert_eq!(first.len(), 1, "{first:?}");
    assert!(first[0].contains("有2项通知"), "{first:?}");
    // Mails are not gathered: each says what it is about.
    assert_eq!(world.stage.deployment.mails().len(), 2);
    world
        .stage
        .file(three, |_, answer| assert!(answer.status < 400))
        .await
        .unwrap();
    world.stage.pass(HOUR * 12, HOUR).await.unwrap();
    assert_eq!(texts(&world, &shared).len(), 1, "the day's text is out");
    world.stage.pass(HOUR * 13, MINUTE * 10).await.unwrap();
    let both = texts(&world, &shared);
    assert_eq!(both.len(), 2, "{both:?}");
    assert!(
        both[1].contains("订单已审核通过"),
        "one alone says what it is: {both:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_holder_of_the_account_is_told_too_and_a_number_in_two_roles_once() {
    let world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let contact = json!({ "mobile": "13900000001", "email": "holder@example.com" });
    let set = Ask {
        role: Some("filer"),
        account: &who.account,
        route: "POST /account-contact",
        body: Some(contact),
        ..Ask::default()
    };
    let neither = Ask {
        body: Some(json!({ "mobile": "139", "email": "holder" })),
        key: Some("neither"),
        ..set.clone()
    };
    let refused = world.stage.ask(neither).await.unwrap();
    let fields = refused.body["violations"].as_array().unwrap();
    assert_eq!((refused.status, fields.len()), (400, 2), "{refused:#?}");
    let set = world.stage.ask(set).await.unwrap();
    assert_eq!(set.status, 200, "{set:#?}");
    assert_eq!(set.body["mobile"], "139****0001");
    assert_eq!(set.body["email"], "h*****@example.com");
    world
        .stage
        .file(&who, |_, answer| assert!(answer.status < 400))
        .await
        .unwrap();
    world.stage.pass(MINUTE * 12, MINUTE).await.unwrap();
    assert_eq!(texts(&world, &who.mobile).len(), 1);
    assert_eq!(texts(&world, "13900000001").len(), 1);
    let mut to: Vec<String> = world
        .stage
        .deployment
        .mails()
        .into_iter()
        .flat_map(|mail| mail.to)
        .collect();
    to.sort();
    assert_eq!(to, ["holder@example.com".to_owned(), address(&who)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_begins_with_a_mail_a_day_after_it_was_taken_and_not_where_it_comes_back() {
    let mut world = World::by_gateway("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    world
        .stage
        .deployment
        .take_out_of_service(&format!("+86{}", who.mobile));
    told(&mut world, &who).await;
    world.stage.pass(HOUR * 22, HOUR).await.unwrap();
    assert!(
        notified_at(&world, &who).await.is_null(),
        "the number is out of service, and the mail too young"
    );
    world.stage.pass(HOUR * 3, HOUR).await.unwrap();
    assert!(
        notified_at(&world, &who).await.is_string(),
        "the mail did not come back"
    );

    // It comes back late: nobody was told after all.
    let mails = world.stage.deployment.mails();
    let notice = mails
        .iter()
        .find(|mail| mail.subject.contains("备案核查通知"))
        .unwrap();
    assert_eq!(
        bounce(&world, "no-mail-of-ours@example.cn", "5.1.1").await,
        404
    );
    assert_eq!(bounce(&world, &notice.message_id, "5.1.1").await, 200);
    assert!(
        notified_at(&world, &who).await.is_null(),
        "a bounce of the only message"
    );
    assert_eq!(
        bounce(&world, &notice.message_id, "5.2.2").await,
        200,
        "again, and nothing changes"
    );
    // Staff are asked to call, as where nobody was ever reached.
    let account = who.account.clone();
    world
        .until("a staff item", 10, async |stage| {
            let case = crate::world::case_of(stage, &account).await;
            case.is_some_and(|case| case["needsStaff"]["kind"] == "nobody-reached")
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_comes_back_within_the_day_never_counts_and_another_that_arrived_does() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    told(&mut world, &who).await;
    world.stage.pass(HOUR, MINUTE * 5).await.unwrap();
    let by_text = notified_at(&world, &who).await;
    assert!(by_text.is_string(), "SNS gives no receipts: taken is told");
    let mails = world.stage.deployment.mails();
    let notice = mails
        .iter()
        .find(|mail| mail.subject.contains("备案核查通知"))
        .unwrap();
    assert_eq!(bounce(&world, &notice.message_id, "4.4.7").await, 200);
    world.stage.pass(HOUR * 30, HOUR).await.unwrap();
    assert_eq!(notified_at(&world, &who).await, by_text);
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_mail_server_puts_off_is_tried_again_and_an_address_that_there_is_not_is_reported() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let (who, other) = (Applicant::new(1, "one.cn"), Applicant::new(2, "two.cn"));
    world.stage.deployment.relay_puts_off(&address(&who));
    let filed = world.file(&who).await;
    let to = |world: &World, who: &Applicant| {
        let mails = world.stage.deployment.mails().into_iter();
        mails.filter(|mail| mail.to.contains(&address(who))).count()
    };
    world.stage.pass(MINUTE * 5, MINUTE).await.unwrap();
    assert_eq!(to(&world, &who), 1, "greylisting is no refusal");

    world
        .stage
        .deployment
        .relay_answers(&address(&other), "550 5.1.1 <two> no such user");
    let refused = world.file(&other).await;
    world.stage.pass(HOUR * 5, MINUTE * 10).await.unwrap();
    assert_eq!(to(&world, &other), 0);
    let history = async |subject: &str| {
        let route = format!("GET /review/filings/{subject}/history");
        let ask = Ask {
            role: Some("reviewer"),
            account: "staff",
            route: &route,
            ..Ask::default()
        };
        let items = world.stage.ask(ask).await.unwrap().body["items"].clone();
        let items = items.as_array().unwrap().clone();
        items
            .iter()
            .filter(|entry| entry["what"] == "mail-refused")
            .count()
    };
    assert_eq!(history(&filed.subject).await, 0);
    assert_eq!(
        history(&refused.subject).await,
        1,
        "said once, and not tried again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_without_senders_loses_nothing_and_asks_them_little() {
    let world = World::at("2026-03-02T02:00:00Z").await;
    let applicants: Vec<Applicant> = (1..=12)
        .map(|n| Applicant::new(n, &format!("site{n}.cn")))
        .collect();
    for who in &applicants {
        world
            .stage
            .file(who, |_, answer| assert!(answer.status < 400))
            .await
            .unwrap();
    }
    let approved = world.stage.deployment.mails().len();
    assert_eq!(approved, 12, "mails are not gathered");
    world.stage.deployment.take_senders_down(true);
    world.stage.deployment.journal().take();
    let mut most = 0;
    for _ in 0..60 {
        world.stage.pass(MINUTE, MINUTE).await.unwrap();
        let calls = world.stage.deployment.journal().take();
        // Five that fail in a row, each tried three times by the SDK.
        let asked = calls.iter().filter(|call| call.service == "sns").count();
        most = most.max(asked);
    }
    assert!((1..=15).contains(&most), "{most} calls within a minute");
    for who in &applicants {
        assert_eq!(texts(&world, &who.mobile).len(), 0);
    }
    world.stage.deployment.take_senders_down(false);
    world.stage.pass(HOUR * 5, MINUTE * 5).await.unwrap();
    for who in &applicants {
        assert_eq!(texts(&world, &who.mobile).len(), 1, "{}", who.mobile);
    }
}
