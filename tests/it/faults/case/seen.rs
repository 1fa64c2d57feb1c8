//! What a stage at a point of the way shows: whether a part is come to, and what has been come to.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use super::way::{Part, Way};
use crate::table::Table;
use crate::world::case_of;

/// What has been come to, for comparison: nothing of when.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct End {
    pub(super) link: Json,
    pub(super) findings: Vec<Json>,
    pub(super) clock: Json,
    pub(super) steps: Vec<String>,
    pub(super) sms: Vec<String>,
    pub(super) access: Vec<String>,
    pub(super) quarantined: usize,
}

impl Way {
    /// Whether the part is come to. Reads as staff do, and with faults out of the way.
    pub(super) async fn is_there(&self, part: Part) -> bool {
        let ordered = self.stage.deployment.faults().pause();
        let there = match part {
            Part::FirstBrokenLook => {
                let clock = self.clock_row().await;
                clock["suspicions"]
                    .as_array()
                    .is_some_and(|all| !all.is_empty())
            }
            Part::Confirmed => case_of(&self.stage, &self.who.account).await.is_some(),
            Part::Told => self.finding().await["notifiedAt"].is_string(),
            Part::Reminded => self.was_told("提醒"),
            Part::PeriodOver => {
                let state = self.finding().await["state"].clone();
                state["broken"].is_object()
            }
            Part::Condemned => self.finding().await["state"]["state"] == "condemned",
            Part::Released => self.finding().await["state"]["release"].is_object(),
            Part::LookedAtAgain => {
                let state = self.finding().await["state"].clone();
                let last = state["looks"]
                    .as_array()
                    .and_then(|looks| looks.last()?["begunAt"].as_str());
                let fresh = self.stage.now() - SignedDuration::from_hours(2);
                last.is_some_and(|last| fresh < last.parse::<Timestamp>().unwrap())
                    && state["asked"].is_null()
            }
            Part::Stopped => self.was_published("AccessStopped") && self.was_told("已被停止接入"),
            Part::Reinstated => {
                self.was_published("AccessReinstated") && self.was_told("已恢复接入")
            }
            Part::ObjectionUpheld | Part::Voided if !self.was_published("AccessReinstated") => {
                false
            }
            Part::ObjectionUpheld => self.was_told("已恢复接入") && self.was_told("恢复申请成立"),
            Part::Voided => self.was_told("已恢复接入") && self.was_told("更正"),
            Part::Reported => self.finding().await["state"]["state"] == "reported",
            Part::Cancelled => self.finding().await["state"]["why"] == "cancelled",
        };
        self.stage.deployment.faults().resume(ordered);
        there
    }

    /// Texts, each once, in no order: of two of one minute either may be held up by a fault.
    pub(super) fn told(&self) -> Vec<String> {
        let sent = self.stage.deployment.sms().into_iter();
        let mut told = once(sent.map(|sms| without_codes(&sms.text)));
        told.sort();
        told
    }

    pub(super) fn was_told(&self, words: &str) -> bool {
        let sms = self.stage.deployment.sms();
        sms.iter().any(|sms| sms.text.contains(words))
    }

    pub(super) fn was_published(&self, change: &str) -> bool {
        let messages = self.stage.deployment.topic_messages();
        messages
            .iter()
            .any(|message| message.message.contains(change))
    }

    /// The first finding as staff see it.
    pub(super) async fn finding(&self) -> Json {
        let Some(case) = case_of(&self.stage, &self.who.account).await else {
            return Json::Null;
        };
        let route = format!("GET /review/cases/{}", case["id"].as_str().unwrap());
        let read = self
            .stage
            .staff("auditor", &route, None, None)
            .await
            .unwrap();
        read.body["findings"][0].clone()
    }

    pub(super) async fn clock_row(&self) -> Json {
        let table = Table::of(&self.stage);
        table
            .row(&format!("SUBJECT#{}", self.subject), "CLOCK#1")
            .await
    }

    pub(super) async fn end(&self) -> End {
        self.stage.deployment.faults().clear();
        let filing = format!("GET /filings/{}", self.subject);
        let filing = self
            .stage
            .filer(&self.who.account, &filing, None, None)
            .await;
        let filing = filing.unwrap().body;
        let history = format!("GET /review/filings/{}/history", self.subject);
        let history = self
            .stage
            .staff("auditor", &history, None, None)
            .await
            .unwrap();
        assert_eq!(history.body["whole"], true);
        let steps = history.body["items"].as_array().unwrap().iter();
        let case = case_of(&self.stage, &self.who.account).await;
        let findings = case.map(|case| case["findings"].as_array().unwrap().clone());
        let clock = self.clock_row().await;
        let quarantine = "GET /operations/quarantine";
        let aside = self
            .stage
            .staff("operator", quarantine, None, None)
            .await
            .unwrap();
        for queue in [
            "LooksUnreadable",
            "EvidenceDeadLetters",
            "StreamDeadLetters",
        ] {
            let dead = self.stage.deployment.queued(queue).unwrap();
            assert!(dead.is_empty(), "{queue}: {dead:#?}");
        }
        End {
            link: json!([
                filing["services"][0]["link"]["state"],
                filing["services"][0]["linkVersion"]
            ]),
            findings: findings.iter().flatten().map(told_apart).collect(),
            clock: json!([
                clock["suspicions"].as_array().map(Vec::len),
                clock["openCase"].is_string()
            ]),
            steps: steps
                .map(|entry| entry["what"].as_str().unwrap().to_owned())
                .collect(),
            sms: self.told(),
            access: once(
                self.stage
                    .deployment
                    .topic_messages()
                    .into_iter()
                    .map(|message| {
                        let body: Json = serde_json::from_str(&message.message).unwrap();
                        format!("{} {}", body["change"], body["linkVersion"])
                    }),
            ),
            quarantined: aside.body["items"].as_array().unwrap().len(),
        }
    }
}

/// What of a finding must not depend on what failed: not when, and not after how many looks.
fn told_apart(finding: &Json) -> Json {
    let state = &finding["state"];
    json!({
        "rule": finding["rule"], "level": finding["level"], "state": state["state"],
        "why": state["why"], "told": finding["notifiedAt"].is_string(),
        "released": state["release"].is_object(),
    })
}

/// Texts in order, one that came again right away once: a reply that was lost lets a message be sent
/// twice, with the same reference.
fn once(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut texts: Vec<String> = texts.collect();
    texts.dedup();
    texts
}

fn without_codes(text: &str) -> String {
    let is_code = text.contains("验证码");
    text.chars()
        .filter(|c| !is_code || !c.is_ascii_digit())
        .collect()
}
