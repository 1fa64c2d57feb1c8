//! The fault run: every call of the way from a draft to an approved filing, with every fault in turn.
//! Whatever fails, the same request asked again ends in the same state, and nobody is told twice.

use icp_local::Fault;
use icp_local::stage::{Answer, Applicant, Ask, OURS, Stage};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

/// What a filing has come to, for comparison: its state, its history's steps, who was told what.
#[derive(Debug, PartialEq)]
struct End {
    filing: Json,
    steps: Vec<String>,
    sms: Vec<String>,
    access: Vec<String>,
}

/// A filer and staff who ask again until they are answered, each time the same.
struct Patient<'a> {
    stage: &'a Stage,
    who: &'a Applicant,
}

/// Times that a request is asked before its failure counts as one.
const PATIENCE: u32 = 6;

impl Patient<'_> {
    async fn ask(
        &self,
        role: &str,
        key: &str,
        route: &str,
        version: Option<u64>,
        body: Option<Json>,
    ) -> Answer {
        let account = if role == "filer" {
            self.who.account.as_str()
        } else {
            "staff"
        };
        let mut last = None;
        for _ in 0..PATIENCE {
            let body = body.clone();
            let ask = Ask {
                role: Some(role),
                account,
                route,
                key: Some(key),
                version,
                body,
            };
            let answer = self.stage.ask(ask).await.unwrap();
            if answer.status < 500 {
                return answer;
            }
            last = Some(answer);
        }
        panic!("{route} was not answered: {last:#?}");
    }

    /// From a draft to an approved filing.
    async fn file(&self) -> End {
        let begin = json!({ "kind": "first-filing", "draft": self.who.draft() });
        let drafted = self
            .ask("filer", "draft", "POST /orders", None, Some(begin))
            .await;
        assert_eq!(drafted.status, 201, "{drafted:#?}");
        let order = drafted.body["id"].as_str().unwrap().to_owned();
        let subject = drafted.body["subject"].as_str().unwrap().to_owned();
        let codes = format!("POST /orders/{order}/persons/p1/codes");
        assert_eq!(
            self.ask("filer", "send", &codes, None, None).await.status,
            202
        );
        self.wait_for(SignedDuration::from_mins(1), |stage| {
            stage.last_code(&self.who.mobile).is_some()
        })
        .await;
        let code = self.stage.last_code(&self.who.mobile).unwrap();
        let confirm = format!("POST /orders/{order}/persons/p1/confirmations");
        let body = Some(json!({ "code": code }));
        let confirmed = self.ask("filer", "confirm", &confirm, None, body).await;
        assert_eq!(confirmed.status, 200, "{confirmed:#?}");
        let submission = format!("POST /orders/{order}/submission");
        let mut version = drafted.version;
        let submitted = self
            .ask("filer", "submit", &submission, version, None)
            .await;
        assert_eq!(submitted.status, 200, "{submitted:#?}");
        version = submitted.version;
        let decisions = format!("POST /review/orders/{order}/decisions");
        let results = format!("POST /review/orders/{order}/bureau-results");
        let number = &self.who.number;
        let steps = [
            (&decisions, json!({ "decision": "pass" })),
            (&results, json!({ "result": "sent" })),
            (&results, json!({ "result": "sms-done" })),
            (
                &results,
                json!({ "result": "approved", "approval": { "number": number,
                "services": [{ "service": "1", "number": format!("{number}-1") }] } }),
            ),
        ];
        for (n, (route, body)) in steps.into_iter().enumerate() {
            let key = format!("step-{n}");
            let answer = self.ask("reviewer", &key, route, version, Some(body)).await;
            assert_eq!(answer.status, 200, "{route}: {answer:#?}");
            version = answer.version;
        }
        let told = |stage: &Stage| {
            let approved = stage
                .deployment
                .sms()
                .iter()
                .any(|sms| sms.text.contains("审核通过"));
            let mailed = stage.deployment.mails();
            let mailed = mailed.iter().any(|mail| mail.subject.contains("审核通过"));
            approved && mailed && !stage.deployment.topic_messages().is_empty()
        };
        // How a digest goes out whatever fails is the way of a case; here it is only waited for.
        let ordered = self.stage.deployment.faults().pause();
        let gather = self.stage.rulebook.policy.delivery.digest_gather();
        self.wait_for(gather, told).await;
        self.stage.deployment.faults().resume(ordered);
        self.end(&subject).await
    }

    /// What a fault held up is sent by the sweep, minutes later: a text once its number's of the day are gathered. Only
    /// the sweep of what is sent is made, since every call of a run is failed in turn.
    async fn wait_for(&self, step: SignedDuration, holds: impl Fn(&Stage) -> bool) {
        for _ in 0..PATIENCE {
            if holds(self.stage) {
                return;
            }
            let deployment = &self.stage.deployment;
            deployment.clock().advance(step);
            deployment.tick("deliver-notices").await.unwrap();
            deployment.settle().await.unwrap();
        }
        panic!("it was not sent: {:#?}", self.stage.deployment.failures());
    }

    async fn end(&self, subject: &str) -> End {
        self.stage.deployment.faults().clear();
        let filing = format!("GET /filings/{subject}");
        let mut filing = self.ask("filer", "read", &filing, None, None).await.body;
        filing["persons"] = Json::Null;
        filing["state"]["filedAt"] = Json::Null;
        for service in filing["services"].as_array_mut().unwrap() {
            service["link"]["since"] = Json::Null;
        }
        let history = format!("GET /review/filings/{subject}/history");
        let history = self
            .ask("reviewer", "read", &history, None, None)
            .await
            .body;
        assert_eq!(history["whole"], true);
        let steps = history["items"].as_array().unwrap().iter();
        let steps = steps
            .map(|entry| entry["what"].as_str().unwrap().to_owned())
            .collect();
        // A notice may come twice when a reply was lost; what it says is then the same.
        let mut sms: Vec<String> = self
            .stage
            .deployment
            .sms()
            .into_iter()
            .map(|sms| without_code(&sms.text))
            .collect();
        sms.dedup();
        let mut access: Vec<String> = self
            .stage
            .deployment
            .topic_messages()
            .into_iter()
            .map(|message| message.message)
            .collect();
        for message in &mut access {
            let mut body: Json = serde_json::from_str(message).unwrap();
            body["at"] = Json::Null;
            *message = body.to_string();
        }
        access.dedup();
        End {
            filing,
            steps,
            sms,
            access,
        }
    }
}

/// A code comes from a secret by chance: runs differ in it, and in nothing else.
fn without_code(text: &str) -> String {
    let is_code = text.contains("验证码");
    text.chars()
        .filter(|c| !is_code || !c.is_ascii_digit())
        .collect()
}

async fn stage(who: &Applicant) -> Stage {
    let stage = Stage::start(Stage::template(), "2026-03-02T02:00:00Z".parse().unwrap())
        .await
        .unwrap();
    stage.sites.point(&who.domain, OURS).await;
    stage
}

/// A fault, and on how many calls in a row: the SDK tries a call three times by itself.
type Blow = (fn() -> Fault, u64);

/// Every fault, once for the SDK to absorb and, where the caller must see it, often enough.
const BLOWS: [Blow; 6] = [
    (|| Fault::Refused, 1),
    (|| Fault::Refused, 3),
    (|| Fault::ReplyLost, 1),
    (|| Fault::ReplyLost, 3),
    (|| Fault::Contended, 1),
    (|| Fault::Throttled, 3),
];

/// Plays the way once with a blow that begins at the `nth` call.
async fn with_blow(who: Applicant, nth: u64, (fault, times): Blow) -> End {
    let stage = stage(&who).await;
    for call in nth..nth + times {
        stage.deployment.faults().on(call, fault());
    }
    Patient {
        stage: &stage,
        who: &who,
    }
    .file()
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_call_fails_on_the_way_to_an_approval_the_end_is_the_same() {
    let who = Applicant::new(1, "one.cn");
    let calm = stage(&who).await;
    let expected = Patient {
        stage: &calm,
        who: &who,
    }
    .file()
    .await;
    let calls = calm.deployment.faults().calls();
    assert!(50 < calls, "the way has only {calls} calls");
    for blow in BLOWS {
        let mut nth = 1;
        while nth <= calls {
            let together = (nth..=calls.min(nth + TOGETHER)).map(|nth| {
                let who = who.clone();
                tokio::spawn(async move { (nth, with_blow(who, nth, blow).await) })
            });
            for played in futures::future::join_all(together).await {
                let (nth, end) = played.unwrap();
                let (name, times) = (blow.0().name(), blow.1);
                assert_eq!(end, expected, "{name} on {times} calls from call {nth}");
            }
            nth += TOGETHER + 1;
        }
    }
}

/// Ways played at the same time.
const TOGETHER: u64 = 31;

#[tokio::test(flavor = "multi_thread")]
async fn an_input_that_meets_another_transaction_is_counted_and_answered_at_once() {
    let who = Applicant::new(1, "one.cn");
    let stage = stage(&who).await;
    let patient = Patient {
        stage: &stage,
        who: &who,
    };
    let begin = json!({ "kind": "first-filing", "draft": who.draft() });
    let drafted = patient.ask("filer", "draft", "POST /orders", None, Some(begin));
    let order = drafted.await.body["id"].as_str().unwrap().to_owned();
    let codes = format!("POST /orders/{order}/persons/p1/codes");
    patient.ask("filer", "send", &codes, None, None).await;
    stage.deployment.settle().await.unwrap();
    let code: u32 = stage.last_code(&who.mobile).unwrap().parse().unwrap();
    let wrong = format!("{:06}", (code + 1) % 1_000_000);
    let faults = stage.deployment.faults();
    let confirm = format!("POST /orders/{order}/persons/p1/confirmations");
    for nth in 1..=4 {
        faults.on(nth, Fault::Contended);
        let key = format!("confirm-{nth}");
        let ask = Ask {
            role: Some("filer"),
            account: who.account.as_str(),
            route: &confirm,
            key: Some(&key),
            version: None,
            body: Some(json!({ "code": wrong })),
        };
        let answer = stage.ask(ask).await.unwrap();
        assert_eq!(answer.status, 422, "call {nth}: {answer:#?}");
    }
    assert!(
        faults.fired().iter().any(|(_, name)| *name == "contended"),
        "no call could meet one"
    );
    let persons = format!("GET /orders/{order}/persons");
    let persons = patient.ask("filer", "read", &persons, None, None).await;
    assert_eq!(
        persons.body["items"][0]["code"]["attemptsLeft"], 1,
        "{persons:#?}"
    );
}
