//! The world of a story: a stage, and a transcript of what happened on it. When it ends, nothing
//! personal may stand in any row, message or log.

use std::sync::{Arc, Mutex};

use icp_local::stage::{Answer, Applicant, Ask, Filed, OURS, Stage};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use crate::described;

/// A world. It fails the test when a function failed that the story does not speak of.
pub(crate) struct World {
    pub(crate) stage: Stage,
    lines: Arc<Mutex<Vec<String>>>,
    heard: usize,
    mailed: usize,
    told: usize,
}

/// Hours that pass at a time.
const STEP_HOURS: i64 = 3;

/// Asia/Shanghai has been eight hours ahead of UTC since 1991.
const SHANGHAI: SignedDuration = SignedDuration::from_hours(8);

impl World {
    pub(crate) async fn at(now: &str) -> Self {
        crate::planted::listen();
        let now: Timestamp = now.parse().unwrap();
        Self::on(Stage::start(Stage::template(), now).await.unwrap())
    }

    /// Where SMS go by the mainland's gateway, which tells whether they arrived.
    pub(crate) async fn by_gateway(now: &str) -> Self {
        crate::planted::listen();
        let parameters = [("SmsSender", "tencent-sms"), ("Profile", "cn")];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let now: Timestamp = now.parse().unwrap();
        let stage = Stage::start_with(Stage::template(), now, parameters.into()).await;
        Self::on(stage.unwrap())
    }

    fn on(mut stage: Stage) -> Self {
        stage.watch = Some(described::watch);
        Self {
            stage,
            lines: Arc::default(),
            heard: 0,
            mailed: 0,
            told: 0,
        }
    }

    /// Files a site of ours that shows its number: a filing with nothing wrong.
    pub(crate) async fn file(&mut self, who: &Applicant) -> Filed {
        self.stage.sites.point(&who.domain, OURS).await;
        self.stage
            .sites
            .show(&format!("www.{}", who.domain), &who.page());
        let (lines, at) = (Arc::clone(&self.lines), self.time());
        let filed = self
            .stage
            .file(who, |route, answer| {
                assert!(answer.status < 400, "{route}: {answer:#?}");
                lines
                    .lock()
                    .unwrap()
                    .push(format!("{at}  {} {route}", answer.status));
            })
            .await
            .unwrap();
        self.listen();
        let granted = format!(
            "POST /access-changes/{}.1/1/acknowledgements",
            filed.subject
        );
        self.staff("operator", &granted, None, Some(serde_json::json!({})))
            .await;
        // Until the people of the filing were told of its approval.
        self.minutes(10).await;
        filed
    }

    pub(crate) async fn ask(&mut self, ask: Ask<'_>) -> Answer {
        let (at, route) = (self.time(), ask.route.to_owned());
        let answer = self.stage.ask(ask).await.unwrap();
        let kind = answer.body["type"]
            .as_str()
            .and_then(|urn| urn.rsplit(':').next());
        let kind = kind.map(|kind| format!(" {kind}")).unwrap_or_default();
        let route = Self::without_ids(&route);
        self.say(format!("{at}  {} {route}{kind}", answer.status));
        self.listen();
        answer
    }

    pub(crate) async fn filer(
        &mut self,
        account: &str,
        route: &str,
        version: Option<u64>,
        body: Option<Json>,
    ) -> Answer {
        self.ask(Ask {
            role: Some("filer"),
            account,
            route,
            version,
            body,
            key: None,
        })
        .await
    }

    pub(crate) async fn staff(
        &mut self,
        role: &str,
        route: &str,
        version: Option<u64>,
        body: Option<Json>,
    ) -> Answer {
        let key = format!("{:?}", body.as_ref().map(Json::to_string));
        let key: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
        let key = Some(key.as_str());
        self.ask(Ask {
            role: Some(role),
            account: "staff",
            route,
            key,
            version,
            body,
        })
        .await
    }

    /// Lets hours pass, three at a time: nothing in a filing's life but codes is quicker.
    pub(crate) async fn hours(&mut self, hours: i64) {
        let mut left = hours;
        while left > 0 {
            let step = SignedDuration::from_hours(left.min(STEP_HOURS));
            self.stage.pass(step, step).await.unwrap();
            self.listen();
            self.front_ends_act().await;
            left -= STEP_HOURS;
        }
    }

    /// Lets time pass, ten minutes by ten minutes.
    pub(crate) async fn minutes(&mut self, minutes: i64) {
        let step = SignedDuration::from_mins(10);
        for _ in 0..(minutes / 10) {
            self.stage.pass(step, step).await.unwrap();
            self.listen();
        }
    }

    /// Lets time pass until something is so, at most so many days.
    pub(crate) async fn until(
        &mut self,
        what: &str,
        days: i64,
        holds: impl AsyncFn(&Stage) -> bool,
    ) {
        for _ in 0..days * 24 / STEP_HOURS {
            if holds(&self.stage).await {
                return;
            }
            self.hours(STEP_HOURS).await;
        }
        panic!(
            "within {days} days it did not come to this: {what}\n{}",
            self.transcript()
        );
    }

    /// Lets time pass until the notice of an account's case has arrived, at most so many days.
    pub(crate) async fn until_noticed(&mut self, account: &str, days: i64) {
        self.until("noticed", days, async |stage| {
            let case = case_of(stage, account).await;
            case.is_some_and(|case| case["findings"][0]["notifiedAt"].is_string())
        })
        .await;
    }

    /// The account's one open case.
    pub(crate) async fn case(&self, account: &str) -> Option<Json> {
        case_of(&self.stage, account).await
    }

    /// Looks that were judged: each is one commit.
    pub(crate) fn looks(&self) -> usize {
        let calls = self.stage.deployment.journal().calls();
        let commits = calls
            .iter()
            .filter(|call| call.caller == "judge-evidence" && 0.0 < call.written.table);
        commits.count()
    }

    pub(crate) fn transcript(&self) -> String {
        let mut text = self.lines.lock().unwrap().join("\n");
        text.push('\n');
        text
    }

    /// Forgets what was said so far, so that a story pins only its own part.
    pub(crate) fn forget(&mut self) {
        self.lines.lock().unwrap().clear();
    }

    fn say(&self, line: String) {
        self.lines.lock().unwrap().push(line);
    }

    /// Writes down every SMS and access change that came since the last time.
    fn listen(&mut self) {
        let sms = self.stage.deployment.sms();
        for sms in &sms[self.heard..] {
            let digits: String = sms
                .text
                .chars()
                .map(|c| {
                    if sms.text.contains("验证码") && c.is_ascii_digit() {
                        '*'
                    } else {
                        c
                    }
                })
                .collect();
            let number = icp_domain::personal::masked(&sms.number, 6, 4);
            self.say(format!("{}  sms {number} {digits}", local(sms.at)));
        }
        self.heard = sms.len();
        let mails = self.stage.deployment.mails();
        for mail in &mails[self.mailed..] {
            let (at, to) = (local(mail.at), mail.to.join(" "));
            self.say(format!("{at}  mail {to} {}", mail.subject));
        }
        self.mailed = mails.len();
        let topic = self.stage.deployment.topic_messages();
        for message in &topic[self.told..] {
            let body: Json = serde_json::from_str(&message.message).unwrap();
            let (change, version) = (&body["change"], &body["linkVersion"]);
            self.say(format!(
                "{}  topic {} v{version}",
                local(message.at),
                change.as_str().unwrap()
            ));
        }
        self.told = topic.len();
    }

    /// Front ends carry every change of access out and acknowledge it.
    pub(crate) async fn front_ends_act(&self) {
        for message in self.stage.deployment.topic_messages() {
            let body: Json = serde_json::from_str(&message.message).unwrap();
            let (subject, version) = (body["subject"].as_str().unwrap(), &body["linkVersion"]);
            let route = format!("POST /access-changes/{subject}.1/{version}/acknowledgements");
            self.stage
                .staff("operator", &route, None, None)
                .await
                .unwrap();
        }
    }

    fn time(&self) -> String {
        local(self.stage.now())
    }

    /// Ids are hashes: a transcript shows where they stand, not what they are.
    fn without_ids(route: &str) -> String {
        let is_id = |part: &&str| part.len() == 32 && part.chars().all(|c| c.is_ascii_hexdigit());
        route
            .split('/')
            .map(|part| if is_id(&part) { "…" } else { part })
            .collect::<Vec<_>>()
            .join("/")
    }
}

/// One tick of the sweep, and what it says it did.
pub(crate) async fn swept(stage: &Stage) -> Json {
    let event = include_str!("../fixtures/events/expire-deadlines.json");
    let event = serde_json::from_str(event).unwrap();
    let swept = stage.deployment.invoke("expire-deadlines", event).await;
    swept.unwrap()
}

/// An account's newest case.
pub(crate) async fn case_of(stage: &Stage, account: &str) -> Option<Json> {
    let listed = stage
        .filer(account, "GET /cases", None, None)
        .await
        .unwrap();
    let id = listed.body["items"].as_array()?.last()?["id"]
        .as_str()?
        .to_owned();
    let case = stage
        .filer(account, &format!("GET /cases/{id}"), None, None)
        .await
        .unwrap();
    Some(case.body)
}

/// The state of the first finding of an account's newest case.
pub(crate) async fn finding_state(stage: &Stage, account: &str) -> Option<String> {
    let case = case_of(stage, account).await?;
    Some(case["findings"][0]["state"]["state"].as_str()?.to_owned())
}

fn local(at: Timestamp) -> String {
    let shown = (at + SHANGHAI).to_string();
    format!("{} {}", &shown[5..10], &shown[11..16])
}

impl Drop for World {
    fn drop(&mut self) {
        let failures = self.stage.deployment.failures();
        if std::thread::panicking() {
            let transcript = self.transcript();
            eprintln!("{transcript}\nfailures: {failures:#?}");
            return;
        }
        assert!(failures.is_empty(), "functions failed: {failures:#?}");
        crate::planted::is_nowhere(&self.stage.deployment);
        crate::planted::no_code_is_anywhere(&self.stage.deployment);
        for queue in [
            "LooksUnreadable",
            "EvidenceDeadLetters",
            "StreamDeadLetters",
            "TickDeadLetters",
        ] {
            let dead = self.stage.deployment.queued(queue).unwrap();
            assert!(dead.is_empty(), "{queue}: {dead:#?}");
        }
    }
}

/// Of every answer on the way: none refuses.
pub(crate) fn good(route: &str, answer: &Answer) {
    assert!(answer.status < 300, "{route}: {answer:#?}");
}

/// A first filing whose approval alone is still to come.
pub(crate) async fn up_to_the_bureau(stage: &Stage, who: &Applicant) -> (String, Option<u64>) {
    let begin = json!({ "kind": "first-filing", "draft": who.draft() });
    let submitted = stage.submit(who, begin, good).await.unwrap();
    let order = submitted.order;
    let decisions = format!("POST /review/orders/{order}/decisions");
    let results = format!("POST /review/orders/{order}/bureau-results");
    let mut version = submitted.version;
    for (route, body) in [
        (&decisions, json!({ "decision": "pass" })),
        (&results, json!({ "result": "sent" })),
        (&results, json!({ "result": "sms-done" })),
    ] {
        version = stage
            .staff("reviewer", route, version, Some(body))
            .await
            .unwrap()
            .version;
    }
    (order, version)
}
