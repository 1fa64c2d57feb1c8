//! A stage at a point of the way of a case, and the parts of that way.

use icp_domain::brake::in_stop_window;
use icp_local::Place;
use icp_local::stage::{Applicant, Ask, ELSEWHERE, Stage};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use super::Snapshot;
use crate::world::case_of;

/// A part of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    FirstBrokenLook,
    Confirmed,
    Told,
    Reminded,
    PeriodOver,
    Condemned,
    Released,
    LookedAtAgain,
    Stopped,
    Reinstated,
    ObjectionUpheld,
    Voided,
    Reported,
    Cancelled,
}

/// Up to the stop.
pub(super) const PARTS: [Part; 9] = [
    Part::FirstBrokenLook,
    Part::Confirmed,
    Part::Told,
    Part::Reminded,
    Part::PeriodOver,
    Part::Condemned,
    Part::Released,
    Part::LookedAtAgain,
    Part::Stopped,
];

/// What may come of a stop.
pub(super) const AFTER_STOP: [&[Part]; 4] = [
    &[Part::Reinstated],
    &[Part::ObjectionUpheld],
    &[Part::Voided],
    &[Part::Reported, Part::Cancelled],
];

/// Times that a part is tried before its failure counts as one: a message that failed is hidden for
/// six minutes, and a look that was lost is sent again after fifteen.
pub(super) const PATIENCE: u32 = 6;
pub(super) const BETWEEN: SignedDuration = SignedDuration::from_mins(7);

/// A stage at a point of the way.
pub(super) struct Way {
    pub(super) stage: Stage,
    pub(super) who: Applicant,
    pub(super) subject: String,
}

impl Way {
    /// An approved filing whose site has moved away.
    pub(super) async fn begun(place: Place) -> Self {
        let now = "2026-03-02T02:00:00Z".parse().unwrap();
        let stage = Stage::start_in(Stage::template(), now, place)
            .await
            .unwrap();
        let who = Applicant::new(1, "one.cn");
        stage.sites.point(&who.domain, ELSEWHERE).await;
        let good = |route: &str, answer: &icp_local::stage::Answer| {
            assert!(answer.status < 400, "{route}: {answer:#?}");
        };
        let filed = stage.file(&who, good).await.unwrap();
        let way = Self {
            stage,
            who,
            subject: filed.subject,
        };
        way.acknowledge(1).await;
        way
    }

    /// Goes on from where another ended.
    pub(super) async fn from(snapshot: &Snapshot, place: Place) -> Self {
        let stage = Stage::start_in(Stage::template(), snapshot.at, place);
        let stage = stage.await.unwrap();
        let who = Applicant::new(1, "one.cn");
        stage.sites.point(&who.domain, ELSEWHERE).await;
        Self {
            stage,
            who,
            subject: snapshot.subject.clone(),
        }
    }

    /// Moves the clock to where the part begins. Nothing runs meanwhile: only what the part itself
    /// asks for.
    pub(super) async fn set_out(&self, part: Part) {
        let now = self.stage.now();
        let clock = self.clock_row().await;
        let instant = |value: &Json| value.as_str().unwrap().parse::<Timestamp>().unwrap();
        let hours = SignedDuration::from_hours;
        let begins = match part {
            Part::FirstBrokenLook | Part::Confirmed => {
                instant(&clock["nextAuditAt"]) + SignedDuration::from_mins(3)
            }
            // The first 10:00 that is twelve hours later: 02:00 UTC.
            Part::Told => next_at_two(now + hours(12)),
            Part::Reminded => {
                let finding = self.finding().await;
                let (told, due) = (instant(&finding["notifiedAt"]), instant(&finding["dueAt"]));
                told + due.duration_since(told) / 2 + SignedDuration::from_mins(1)
            }
            // The last reminders come before it: an index lags by minutes, and not by days.
            Part::PeriodOver => {
                let due = instant(&self.finding().await["dueAt"]);
                self.stage.deployment.clock().set(due - hours(8));
                self.try_to(Part::PeriodOver).await;
                due
            }
            Part::Condemned => now + SignedDuration::from_mins(65),
            Part::LookedAtAgain => {
                let rulebook = self.stage.rulebook;
                let open = |at: &Timestamp| {
                    in_stop_window(*at, &rulebook.policy.brake, &rulebook.calendar)
                };
                let days = (0..20).map(|day| next_at_two(now) + hours(24 * day));
                days.into_iter().find(open).unwrap()
            }
            Part::Stopped => now + SignedDuration::from_mins(10),
            // Ten working days after the front ends did it are over.
            Part::Reported => {
                self.acknowledge(2).await;
                next_at_two(now) + hours(24 * 20)
            }
            Part::Released
            | Part::Reinstated
            | Part::ObjectionUpheld
            | Part::Voided
            | Part::Cancelled => now,
        };
        self.stage.deployment.clock().set(begins);
    }

    /// Tries the part until it is come to.
    pub(super) async fn come_to(&self, part: Part) {
        for _ in 0..PATIENCE {
            self.try_to(part).await;
            if self.is_there(part).await {
                return;
            }
            self.stage.deployment.clock().advance(BETWEEN);
        }
        let failures = self.stage.deployment.failures();
        panic!("it did not come to {part:?}: {failures:#?}");
    }

    pub(super) async fn try_to(&self, part: Part) {
        match part {
            Part::FirstBrokenLook | Part::Confirmed => self.tick("schedule-audits").await,
            Part::Told => self.tick("deliver-notices").await,
            Part::Reminded => {
                self.tick("expire-deadlines").await;
                // Half time may come at night; the reminder goes out by day.
                let clock = self.stage.deployment.clock();
                clock.set(next_at_two(self.stage.now()));
                self.tick("deliver-notices").await;
            }
            Part::PeriodOver | Part::Condemned | Part::LookedAtAgain | Part::Stopped => {
                self.tick("expire-deadlines").await;
                self.tick("deliver-notices").await;
            }
            Part::Released => {
                self.release().await;
                // The tick after it puts the case off until the stop window opens.
                self.tick("expire-deadlines").await;
            }
            Part::Reinstated => {
                let route = format!(
                    "POST /review/filings/{}/services/1/reinstatements",
                    self.subject
                );
                self.ask("reviewer", &route, None).await;
                self.tick("deliver-notices").await;
            }
            Part::ObjectionUpheld => {
                let reason = json!({ "reason": "解析一直在贵司" });
                self.act("filer", "objections", reason).await;
                let upheld = json!({ "granted": true, "reason": "解析记录属实" });
                self.act("reviewer", "objection-decisions", upheld).await;
                self.sweeps().await;
            }
            Part::Voided => {
                let terms = json!({ "rule": "ICP-402", "reason": "地址文件有误" });
                self.ask("operator", "POST /operations/voids", Some(terms))
                    .await;
                self.sweeps().await;
                self.confirm_void().await;
                self.sweeps().await;
            }
            Part::Reported => self.sweeps().await,
            Part::Cancelled => {
                let answer = json!({ "answer": "cancelled", "reason": "见管局系统" });
                self.act("reviewer", "report-answers", answer).await;
                self.sweeps().await;
            }
        }
        self.stage.deployment.settle().await.unwrap();
    }

    /// Minutes in which a walk over links or cases goes its way, and tells of it.
    pub(super) async fn sweeps(&self) {
        for _ in 0..2 {
            self.tick("expire-deadlines").await;
            self.stage
                .deployment
                .clock()
                .advance(SignedDuration::from_mins(1));
        }
        self.tick("deliver-notices").await;
    }

    /// An act on the newest case. What was done by a try before is refused now, and done all the same.
    pub(super) async fn act(&self, role: &str, step: &str, body: Json) {
        let ordered = self.stage.deployment.faults().pause();
        let case = case_of(&self.stage, &self.who.account).await.unwrap();
        self.stage.deployment.faults().resume(ordered);
        let id = case["id"].as_str().unwrap();
        let (account, route) = if role == "filer" {
            (
                self.who.account.as_str(),
                format!("POST /cases/{id}/{step}"),
            )
        } else {
            ("staff", format!("POST /review/cases/{id}/{step}"))
        };
        let ask = Ask {
            role: Some(role),
            account,
            route: &route,
            key: Some(step),
            version: case["version"].as_u64(),
            body: Some(body),
        };
        self.stage.ask(ask).await.unwrap();
    }

    /// The second person confirms the void, once it is counted.
    pub(super) async fn confirm_void(&self) {
        let ordered = self.stage.deployment.faults().pause();
        let voids = "GET /operations/voids";
        let voids = self.stage.staff("auditor", voids, None, None).await;
        let void = voids.unwrap().body["items"][0].clone();
        self.stage.deployment.faults().resume(ordered);
        let Some(id) = void["id"].as_str() else {
            return;
        };
        let route = format!("POST /operations/voids/{id}/confirmations");
        let ask = Ask {
            role: Some("operator"),
            account: "second",
            route: &route,
            key: Some("confirm"),
            version: void["version"].as_u64(),
            body: None,
        };
        self.stage.ask(ask).await.unwrap();
    }

    /// One call of a function's minute schedule. That it failed is for the next one to mend.
    pub(super) async fn tick(&self, function: &str) {
        let event = json!({ "version": "0", "detail-type": "Scheduled Event", "detail": {} });
        if self.stage.deployment.delivers_twice() {
            let _died = self.stage.deployment.invoke(function, event.clone()).await;
        }
        let _failed = self.stage.deployment.invoke(function, event).await;
        self.stage.deployment.settle().await.unwrap();
    }

    pub(super) async fn release(&self) {
        let ordered = self.stage.deployment.faults().pause();
        let finding = self.finding().await;
        let case = case_of(&self.stage, &self.who.account).await.unwrap();
        self.stage.deployment.faults().resume(ordered);
        let looks = finding["state"]["looks"].as_array().unwrap();
        let body = json!({ "findings": [{ "case": case["id"], "finding": finding["id"],
            "look": looks.last().unwrap()["look"] }]});
        self.ask("operator", "POST /operations/releases", Some(body))
            .await;
    }

    /// Asks; an answer of 5xx is asked for again by the next try, with the same key.
    pub(super) async fn ask(&self, role: &str, route: &str, body: Option<Json>) {
        let ask = Ask {
            role: Some(role),
            account: "staff",
            route,
            key: Some("way"),
            version: None,
            body,
        };
        let answer = self.stage.ask(ask).await.unwrap();
        assert!(
            answer.status < 400 || 500 <= answer.status,
            "{route}: {answer:#?}"
        );
    }

    pub(super) async fn acknowledge(&self, version: u64) {
        let route = format!(
            "POST /access-changes/{}.1/{version}/acknowledgements",
            self.subject
        );
        self.ask("operator", &route, None).await;
    }
}

/// The next 02:00 UTC, which is 10:00 in Shanghai.
pub(super) fn next_at_two(after: Timestamp) -> Timestamp {
    let text = after.to_string();
    let two: Timestamp = format!("{}T02:00:00Z", &text[..10]).parse().unwrap();
    if after <= two {
        two
    } else {
        two + SignedDuration::from_hours(24)
    }
}
