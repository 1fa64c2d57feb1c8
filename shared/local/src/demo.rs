//! `cargo local demo`: a portfolio of filings played through their lives, on real DNS and real HTTP
//! sites on loopback, with a transcript, and a check that everything went as it must.
#![expect(
    clippy::indexing_slicing,
    reason = "a JSON value answers null for what is not there"
)]

use std::io::{self, Write};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use crate::deployment::Options;
use crate::error::LocalError;
use crate::stage::{Ask, Stage};

mod acts;
mod portfolio;

use portfolio::{Fate, Member, portfolio};

/// When the demo begins: a Monday morning in Shanghai.
const BEGINS: &str = "2026-03-02T02:00:00Z";

/// Days that are played: a first audit within 30, and time for each of the portfolio to end as it does.
const DAYS: i64 = 40;

/// Hours that pass at a time.
const STEP: SignedDuration = SignedDuration::from_hours(3);

/// Plays the demo. The answer is the stage as it then is, and whether everything went as it must.
pub async fn play(options: impl FnOnce(Options) -> Options) -> Result<(Stage, bool), LocalError> {
    let now: Timestamp = BEGINS.parse().unwrap_or_default();
    let options = options(Options::for_tests(Stage::template(), now));
    let mut demo = Demo {
        stage: Stage::open(&options, now).await?,
        heard: 0,
        told: 0,
    };
    say(&format!(
        "A portfolio of {} filings, from {} for {DAYS} days. Names and sites are on loopback: {} and port {}.",
        portfolio().len(),
        day(now),
        demo.stage.sites.resolver,
        demo.stage.sites.http_port,
    ));
    let mut members = portfolio();
    for member in &mut members {
        demo.file(member).await?;
    }
    demo.listen(&members).await?;
    let end = now + SignedDuration::from_hours(24 * DAYS);
    while demo.stage.now() < end {
        demo.stage.pass(STEP, STEP).await?;
        demo.listen(&members).await?;
        for member in &mut members {
            demo.act(member).await?;
        }
        demo.release(&members).await?;
        demo.listen(&members).await?;
    }
    let left = demo.leave_work(&members).await?;
    let verdict = demo.verdict(&members).await?;
    Ok((demo.stage, left && verdict))
}

struct Demo {
    stage: Stage,
    heard: usize,
    told: usize,
}

impl Demo {
    async fn file(&mut self, member: &mut Member) -> Result<(), LocalError> {
        member.set_up(&self.stage.sites).await;
        let mut refused = None;
        let filed = self
            .stage
            .file(&member.who, |route, answer| {
                if 400 <= answer.status {
                    refused = Some(format!(
                        "{route} was answered {}: {}",
                        answer.status, answer.body
                    ));
                }
            })
            .await?;
        if let Some(refused) = refused {
            self.line(member.name, &format!("FAILED: {refused}"));
        }
        member.filed = Some(filed.clone());
        let what = format!(
            "filed as {} ({}): {}",
            member.who.number,
            member.who.domain,
            member.story()
        );
        self.line(member.name, &what);
        member.spoil(&self.stage.sites).await;
        Ok(())
    }

    /// The front ends carry a change of access out.
    async fn acknowledge(&self, subject: &str, version: u64) -> Result<(), LocalError> {
        let route = format!("POST /access-changes/{subject}.1/{version}/acknowledgements");
        self.stage.staff("operator", &route, None, None).await?;
        Ok(())
    }

    /// An operator releases what is condemned, as soon as it is shown; of one nobody decides.
    async fn release(&mut self, members: &[Member]) -> Result<(), LocalError> {
        let condemned = self
            .stage
            .staff("operator", "GET /operations/condemned", None, None)
            .await?;
        let mut findings = Vec::new();
        for case in list(&condemned.body, "items") {
            for finding in list(case, "findings") {
                let state = &finding["state"];
                let member = member_of(members, case["subject"].as_str().unwrap_or_default());
                let waits = member.is_some_and(|member| member.fate == Fate::Unreleased);
                if state["state"] == "condemned" && state["release"].is_null() && !waits {
                    let look = list(state, "looks").last().map(|look| look["look"].clone());
                    findings.push(
                        json!({ "case": case["id"], "finding": finding["id"], "look": look }),
                    );
                    let name = member.map_or("?", |member| member.name);
                    let rule = finding["rule"].as_str().unwrap_or_default();
                    self.line(
                        name,
                        &format!("condemned by {rule}; the operator releases it"),
                    );
                }
            }
        }
        if !findings.is_empty() {
            let body = Some(json!({ "findings": findings }));
            self.stage
                .staff("operator", "POST /operations/releases", None, body)
                .await?;
        }
        Ok(())
    }

    /// The newest case of a member, with its version.
    async fn case(&self, member: &Member) -> Result<Option<Json>, LocalError> {
        let account = member.who.account.as_str();
        let listed = self.stage.filer(account, "GET /cases", None, None).await?;
        let Some(id) = list(&listed.body, "items")
            .last()
            .and_then(|case| case["id"].as_str())
        else {
            return Ok(None);
        };
        let case = self
            .stage
            .filer(account, &format!("GET /cases/{id}"), None, None)
            .await?;
        Ok(Some(case.body))
    }

    /// A filer asks something about a case, and the transcript says so; gives the status of the answer.
    async fn about_case(
        &mut self,
        member: &Member,
        case: &Json,
        act: &str,
        body: Option<Json>,
        why: &str,
    ) -> Result<u16, LocalError> {
        let id = case["id"].as_str().unwrap_or_default();
        let route = format!("POST /cases/{id}/{act}");
        let key = self.stage.now().to_string();
        let ask = Ask {
            role: Some("filer"),
            account: &member.who.account,
            route: &route,
            key: Some(&key),
            version: case["version"].as_u64(),
            body,
        };
        let answer = self.stage.ask(ask).await?;
        self.line(member.name, &format!("{why} ({act}: {})", answer.status));
        Ok(answer.status)
    }

    /// Writes down every SMS and change of access that came since the last time; a front end carries
    /// the latter out and acknowledges it.
    async fn listen(&mut self, members: &[Member]) -> Result<(), LocalError> {
        let sms = self.stage.deployment.sms();
        for sms in sms.iter().skip(self.heard) {
            let member = members
                .iter()
                .find(|member| sms.number.ends_with(&member.who.mobile));
            let name = member.map_or("?", |member| member.name);
            let is_code = sms.text.contains("验证码");
            if !is_code {
                self.line(
                    name,
                    &format!("SMS to {}: {}", masked(&sms.number), sms.text),
                );
            }
        }
        self.heard = sms.len();
        let topic = self.stage.deployment.topic_messages();
        for message in topic.iter().skip(self.told) {
            let body: Json = serde_json::from_str(&message.message).unwrap_or_default();
            let name = name_of(members, body["subject"].as_str().unwrap_or_default());
            let change = body["change"].as_str().unwrap_or_default();
            let subject = body["subject"].as_str().unwrap_or_default();
            self.acknowledge(subject, body["linkVersion"].as_u64().unwrap_or_default())
                .await?;
            if change != "AccessGranted" {
                self.line(
                    name,
                    &format!(
                        "front ends are told: {change} (link version {})",
                        body["linkVersion"]
                    ),
                );
            }
        }
        self.told = topic.len();
        Ok(())
    }

    /// Compares how every member ended with how it must.
    async fn verdict(&self, members: &[Member]) -> Result<bool, LocalError> {
        say("\nHow it ended:");
        let mut all = true;
        for member in members {
            let case = self.case(member).await?;
            let found = acts::ending(case.as_ref());
            let subject = member
                .filed
                .as_ref()
                .map(|filed| filed.subject.as_str())
                .unwrap_or_default();
            let filing = format!("GET /filings/{subject}");
            let filing = self
                .stage
                .filer(&member.who.account, &filing, None, None)
                .await?;
            let service = list(&filing.body, "services").first();
            let link = service
                .and_then(|service| service["link"]["state"].as_str())
                .unwrap_or("none");
            let history = format!("GET /review/filings/{subject}/history");
            let history = self.stage.staff("auditor", &history, None, None).await?;
            let ended = format!("{found}, access {link}");
            let right = ended == member.ends && history.body["whole"] == true;
            all &= right;
            let mark = if right {
                "as it must"
            } else {
                "NOT AS IT MUST"
            };
            say(&format!("  {:<22} {ended:<44} {mark}", member.name));
            if !right {
                say(&format!("  {:<22} {} expected", "", member.ends));
            }
        }
        let failures = self.stage.deployment.failures();
        for failure in &failures {
            say(&format!("  {} failed: {}", failure.function, failure.error));
        }
        let went = all && failures.is_empty();
        say(if went {
            "\nEverything went as it must."
        } else {
            "\nNot everything went as it must."
        });
        Ok(went)
    }

    fn line(&self, who: &str, what: &str) {
        say(&format!("{}  {who:<22} {what}", day(self.stage.now())));
    }
}

/// A list of a JSON document.
fn list<'a>(body: &'a Json, name: &str) -> &'a [Json] {
    body[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn member_of<'a>(members: &'a [Member], subject: &str) -> Option<&'a Member> {
    members.iter().find(|member| {
        let filed = member.filed.as_ref();
        filed.is_some_and(|filed| filed.subject == subject)
    })
}

fn name_of<'a>(members: &'a [Member], subject: &str) -> &'a str {
    member_of(members, subject).map_or("?", |member| member.name)
}

fn masked(number: &str) -> String {
    icp_domain::personal::masked(number, 6, 4)
}

/// An instant as people in Shanghai say it.
fn day(at: Timestamp) -> String {
    let date = icp_domain::rulebook::calendar::local_date(at);
    let time = icp_domain::rulebook::calendar::local_time(at);
    format!("{date} {:02}:{:02}", time.hour(), time.minute())
}

/// A line of the transcript. Nobody reads on where it cannot be written.
fn say(line: &str) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}
