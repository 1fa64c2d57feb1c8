//! What the model knows of a filing, and what the service shows held against it.

use std::collections::{BTreeMap, BTreeSet};

use icp_domain::brake::in_stop_window;
use icp_local::stage::Applicant;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use super::life::Life;

/// What the model knows of one filing.
pub(super) struct Filer {
    pub(super) who: Applicant,
    pub(super) subject: String,
    /// Since when the site has been broken, or not.
    pub(super) truth: Vec<(Timestamp, bool)>,
    /// The latest deadline that was shown of each finding.
    pub(super) due: BTreeMap<String, Timestamp>,
    /// Findings that were released.
    pub(super) released: BTreeSet<String>,
    /// Until when staff exempted the site.
    pub(super) exempt_until: Option<Timestamp>,
    /// The finding whose appeal waits.
    pub(super) appealed: Option<String>,
    /// Findings of which staff said that the site is broken, and when.
    pub(super) read: BTreeMap<String, Timestamp>,
    /// Whether a bureau had the site stopped.
    pub(super) demanded: bool,
    /// The order in review, and how many there were.
    pub(super) order: Option<(String, Option<u64>)>,
    pub(super) orders: u32,
    /// Link versions that were stopped.
    pub(super) stopped: BTreeSet<u64>,
    pub(super) link: String,
}

/// What was so at an instant, of what changed at times; `false` before the first.
pub(super) fn was(changes: &[(Timestamp, bool)], at: Timestamp) -> bool {
    let last = changes.iter().rev().find(|(since, _)| *since <= at);
    last.is_some_and(|(_, is)| *is)
}

impl Life {
    /// What the service shows now, held against what the model knows.
    pub(super) async fn observe(&mut self) {
        let topic = self.stage.deployment.topic_messages();
        let new = topic[self.heard..].to_vec();
        self.heard = topic.len();
        for message in new {
            let told: Json = serde_json::from_str(&message.message).unwrap();
            let subject = told["subject"].as_str().unwrap();
            let version = told["linkVersion"].as_u64().unwrap();
            let at = self
                .filers
                .iter()
                .position(|filer| filer.subject == subject)
                .unwrap();
            let route = format!("POST /access-changes/{subject}.1/{version}/acknowledgements");
            self.ask("operator", "ops", &route, None, None).await;
            if told["change"] == "AccessStopped" && self.filers[at].stopped.insert(version) {
                let stopped_at: Timestamp = told["at"].as_str().unwrap().parse().unwrap();
                self.may_be_stopped(at, stopped_at).await;
            }
        }
        for at in 0..self.filers.len() {
            let cases = self.cases(at).await;
            let findings = cases
                .iter()
                .flat_map(|case| case["findings"].as_array().unwrap());
            for finding in findings {
                let id = finding["id"].as_str().unwrap().to_owned();
                let Some(due) = finding["dueAt"].as_str() else {
                    continue;
                };
                let due: Timestamp = due.parse().unwrap();
                let before = self.filers[at].due.insert(id, due);
                assert!(
                    before.is_none_or(|before| before <= due),
                    "a deadline moved from {before:?} to {due}\n{}",
                    self.log.join("\n")
                );
            }
            self.link_changed(at).await;
        }
    }

    /// No stop is told twice: a mail that a fault let be sent again is the same by its name. None that stands is untold.
    pub(super) fn each_stop_is_told_once(&self) {
        let mails = self.stage.deployment.mails();
        for filer in &self.filers {
            let told = mails.iter().filter(|mail| {
                let to = mail.to.iter();
                let mut to = to.filter(|to| to.contains(&format!("@{}", filer.who.domain)));
                to.next().is_some() && mail.subject.contains("接入已停止")
            });
            let told: BTreeSet<&str> = told.map(|mail| mail.message_id.as_str()).collect();
            assert!(
                told.len() <= filer.stopped.len(),
                "{told:?}\n{}",
                self.log.join("\n")
            );
            let stands = filer.link == "stopped" && !filer.stopped.is_empty();
            assert!(
                !stands || !told.is_empty(),
                "{} was told of no stop\n{}",
                filer.who.domain,
                self.log.join("\n")
            );
        }
    }

    /// Nothing but a stop, a won objection, staff, and the bureau changes a link.
    pub(super) async fn link_changed(&mut self, at: usize) {
        let filer = &self.filers[at];
        let route = format!("GET /filings/{}", filer.subject);
        let account = filer.who.account.clone();
        let read = self.ask("filer", &account, &route, None, None).await;
        let link = read.body["services"][0]["link"]["state"].as_str();
        let link = link
            .unwrap_or_else(|| panic!("{read:#?}\n{}", self.log.join("\n")))
            .to_owned();
        let before = std::mem::replace(&mut self.filers[at].link, link.clone());
        let may_follow = match before.as_str() {
            "live" => ["live", "stopped"].as_slice(),
            "stopped" => ["stopped", "live", "reported"].as_slice(),
            "reported" => ["reported", "stopped", "cancelled"].as_slice(),
            _ => ["cancelled"].as_slice(),
        };
        assert!(
            may_follow.contains(&link.as_str()),
            "{before} -> {link}\n{}",
            self.log.join("\n")
        );
    }

    /// Whether the model lets the access of a filing be stopped at an instant.
    pub(super) async fn may_be_stopped(&mut self, at: usize, stopped_at: Timestamp) {
        let log = self.log.join("\n");
        let filer = &self.filers[at];
        let who = &filer.who.domain;
        let cases = self.cases(at).await;
        let is_stopped = |finding: &&Json| {
            let state = finding["state"]["state"].as_str();
            matches!(state, Some("stopping" | "stopped"))
        };
        let stopped_on = cases.iter().find_map(|case| {
            let findings = case["findings"].as_array().unwrap();
            Some((case, findings.iter().find(is_stopped)?))
        });
        let (case, finding) =
            stopped_on.unwrap_or_else(|| panic!("{who}: stopped on nothing: {cases:#?}\n{log}"));
        let id = finding["id"].as_str().unwrap();
        if finding["rule"] == "BUREAU-STOP-NOW" {
            assert!(filer.demanded, "{who}: no bureau wants it\n{log}");
            return;
        }
        let voided_at = self.voided.get(id);
        assert!(
            voided_at.is_none_or(|voided_at| stopped_at <= *voided_at),
            "{who}: taken back\n{log}"
        );
        assert!(!finding["notifiedAt"].is_null(), "{who}: unnoticed\n{log}");
        let due = filer.due[id];
        assert!(
            due <= stopped_at,
            "{who}: early: {stopped_at} before {due}\n{log}"
        );
        assert!(
            filer.appealed.as_deref() != Some(id),
            "{who}: an appeal waits at {stopped_at}\n{log}"
        );
        assert!(
            filer.order.is_none(),
            "{who}: an order holds it at {stopped_at}\n{log}"
        );
        assert!(
            filer.exempt_until.is_none_or(|until| until <= stopped_at),
            "{who}: exempt\n{log}"
        );
        assert!(filer.released.contains(id), "{who}: not released\n{log}");
        assert!(
            !was(&self.brake, stopped_at),
            "{who}: the brake was off at {stopped_at}\n{log}"
        );
        let rulebook = self.stage.rulebook;
        let in_window = in_stop_window(stopped_at, &rulebook.policy.brake, &rulebook.calendar);
        assert!(in_window, "{who}: at {stopped_at}\n{log}");
        let looks: Vec<(Timestamp, &str)> = case["evidence"]
            .as_array()
            .unwrap()
            .iter()
            .map(|kept| &kept["evidence"])
            .filter(|evidence| evidence["look"]["purpose"] == "last-look")
            .map(|evidence| {
                let begun: Timestamp = evidence["begunAt"].as_str().unwrap().parse().unwrap();
                (begun, evidence["look"]["plan"]["vantage"].as_str().unwrap())
            })
            .filter(|(begun, _)| due <= *begun && *begun <= stopped_at)
            // Of what the resolver would not answer nothing was seen.
            .filter(|(begun, _)| !was(&self.resolver, *begun))
            .collect();
        // One reading of people's stands for both looks.
        let read = filer.read.get(id);
        let read = read.is_some_and(|at| due <= *at && *at <= stopped_at);
        let apart = SignedDuration::from_hours(1);
        let fresh = stopped_at - SignedDuration::from_hours(4);
        let two = looks.iter().any(|(later, there)| {
            fresh <= *later
                && looks
                    .iter()
                    .any(|(first, here)| *first + apart <= *later && here != there)
        });
        assert!(
            two || read,
            "{who}: {looks:?} for a stop at {stopped_at}, due {due}\n{log}"
        );
        for (begun, _) in looks {
            assert!(was(&filer.truth, begun), "{who}: kept at {begun}\n{log}");
        }
    }
}
