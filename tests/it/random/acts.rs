//! What happens: sites move, filers and staff act, bureaus demand, and things fail.

use std::collections::BTreeSet;

use icp_local::Fault;
use icp_local::stage::{ELSEWHERE, OURS};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::life::Life;
use crate::base::{start_in, upload_to};

impl Life {
    /// Something happens to one filing, or nothing.
    pub(super) async fn something(&mut self) {
        let at = usize::try_from(self.chance.below(self.filers.len() as u64)).unwrap();
        let (account, domain) = {
            let who = &self.filers[at].who;
            (who.account.clone(), who.domain.clone())
        };
        match self.chance.below(16) {
            0 | 1 => self.site(at, ELSEWHERE, &domain).await,
            2 => self.site(at, OURS, &domain).await,
            3 => drop(self.of_case(at, "rechecks", None).await),
            4 => {
                let body = json!({ "days": 3, "reason": "出差" });
                self.of_finding(at, "extensions", body).await;
            }
            5 => self.appeal(at).await,
            6 => self.order(at, &account).await,
            7 => self.exempt(at).await,
            8 => self.object(at).await,
            9 => self.strike(),
            10 => {
                let minutes = if self.chance.one_in(2) { 10 } else { -10 };
                let now = self.stage.now() + SignedDuration::from_mins(minutes);
                self.stage.deployment.set_clock(now).await.unwrap();
            }
            11 => self.stop_now(at, &domain).await,
            12 => self.take_back().await,
            _ => {}
        }
        self.staff_work().await;
    }

    /// A bureau has one site stopped now, which two people carry out.
    pub(super) async fn stop_now(&mut self, at: usize, domain: &str) {
        if !self.chance.one_in(6) || self.filers[at].link != "live" {
            return;
        }
        let paused = self.stage.deployment.faults().pause();
        let paper = json!({ "paper": { "kind": "stop-now", "issuedOn": "2026-03-02",
            "documentNumber": format!("{}号", self.log.len()) } });
        let list = format!("网站域名\r\n{domain}\r\n");
        let of = ("bureau-lists", "anna");
        let id = upload_to(&self.stage, of, "csv", list.as_bytes(), paper).await;
        self.stage.deployment.faults().resume(paused);
        let started = start_in(&self.stage, ("bureau-lists", "bert"), &id).await;
        if started.status == 202 {
            self.filers[at].demanded = true;
        }
        let now = self.stage.now();
        self.log
            .push(format!("{now} {} stop-now of {domain}", started.status));
    }

    /// One of the operators proposes that what was found so far was wrong.
    pub(super) async fn take_back(&mut self) {
        if !self.chance.one_in(6) || self.void.is_some() {
            return;
        }
        let mut found = BTreeSet::new();
        for at in 0..self.filers.len() {
            for case in self.cases(at).await {
                let findings = case["findings"].as_array().unwrap().iter();
                let of_looks = findings.filter(|finding| finding["rule"] == "ICP-402");
                found.extend(of_looks.map(|finding| finding["id"].as_str().unwrap().to_owned()));
            }
        }
        let terms = json!({ "rule": "ICP-402", "reason": "地址文件有误" });
        let route = "POST /operations/voids";
        let begun = self.ask("operator", "anna", route, None, Some(terms)).await;
        if let Some(id) = begun.body["id"].as_str() {
            self.void = Some((id.to_owned(), found));
        }
    }

    /// The second person confirms a void, once it is counted.
    async fn confirm_void(&mut self) {
        let Some((id, found)) = self.void.clone() else {
            return;
        };
        let route = format!("GET /operations/voids/{id}");
        let read = self.ask("operator", "bert", &route, None, None).await;
        if read.body["stage"]["stage"] != "counted" {
            return;
        }
        let route = format!("POST /operations/voids/{id}/confirmations");
        let done = self
            .ask("operator", "bert", &route, read.version, None)
            .await;
        if done.status == 202 {
            let at = self.stage.now();
            self.voided
                .extend(found.into_iter().map(|finding| (finding, at)));
            self.void = None;
        }
    }

    pub(super) async fn site(&mut self, at: usize, address: std::net::Ipv4Addr, domain: &str) {
        self.stage.sites.point(domain, address).await;
        let (now, broken) = (self.stage.now(), address == ELSEWHERE);
        self.filers[at].truth.push((now, broken));
        self.log.push(format!("{now} {domain} broken: {broken}"));
    }

    /// Three calls in a row fail, as many as the SDK tries, somewhere ahead.
    pub(super) fn strike(&mut self) {
        let faults = self.stage.deployment.faults();
        let first = 1 + self.chance.below(60);
        let lost = self.chance.one_in(2);
        for call in first..first + 3 {
            let fault = if lost {
                Fault::ReplyLost
            } else {
                Fault::Refused
            };
            faults.on(call, fault);
        }
    }

    /// The newest case of a filing, read in spite of what else goes wrong.
    pub(super) async fn newest(&self, at: usize) -> Option<Json> {
        self.cases(at).await.pop()
    }

    /// All cases of a filing, the newest last.
    pub(super) async fn cases(&self, at: usize) -> Vec<Json> {
        let faults = self.stage.deployment.faults();
        let paused = faults.pause();
        let account = &self.filers[at].who.account;
        let read = async |route: &str| {
            let answer = self.stage.filer(account, route, None, None).await;
            answer.unwrap().body
        };
        let listed = read("GET /cases?limit=50").await;
        let mut cases = Vec::new();
        for case in listed["items"].as_array().unwrap() {
            cases.push(read(&format!("GET /cases/{}", case["id"].as_str().unwrap())).await);
        }
        faults.resume(paused);
        cases
    }

    pub(super) async fn case(&self, at: usize) -> Option<Json> {
        let case = self.newest(at).await?;
        case["open"].as_bool().unwrap_or_default().then_some(case)
    }

    pub(super) async fn of_case(
        &mut self,
        at: usize,
        step: &str,
        body: Option<Json>,
    ) -> Option<u16> {
        let case = self.case(at).await?;
        let route = format!("POST /cases/{}/{step}", case["id"].as_str()?);
        let account = self.filers[at].who.account.clone();
        let version = case["version"].as_u64();
        Some(
            self.ask("filer", &account, &route, version, body)
                .await
                .status,
        )
    }

    pub(super) async fn of_finding(
        &mut self,
        at: usize,
        step: &str,
        mut body: Json,
    ) -> Option<u16> {
        let case = self.case(at).await?;
        body["finding"] = case["findings"][0]["id"].clone();
        self.of_case(at, step, Some(body)).await
    }

    pub(super) async fn decide(&mut self, case: &Json, step: &str, body: Json) -> u16 {
        let route = format!("POST /review/cases/{}/{step}", case["id"].as_str().unwrap());
        let version = case["version"].as_u64();
        self.ask("reviewer", "staff", &route, version, Some(body))
            .await
            .status
    }

    pub(super) async fn appeal(&mut self, at: usize) {
        let made = self
            .of_finding(at, "appeals", json!({ "reason": "源站在贵司" }))
            .await;
        if made == Some(202)
            && let Some(case) = self.newest(at).await
        {
            let finding = case["findings"][0]["id"].as_str().unwrap();
            self.filers[at].appealed = Some(finding.to_owned());
        }
    }

    pub(super) async fn order(&mut self, at: usize, account: &str) {
        // Two orders hold a case at most: more would be the caps' story.
        if self.filers[at].order.is_some() || 1 < self.filers[at].orders {
            return;
        }
        let mut draft = self.filers[at].who.draft();
        draft["services"][0]["name"] = json!(format!("改名{}次的网站", self.filers[at].orders + 1));
        let wish = json!({ "kind": "change", "subject": self.filers[at].subject, "draft": draft });
        let drafted = self
            .ask("filer", account, "POST /orders", None, Some(wish))
            .await;
        let Some(order) = drafted.body["id"].as_str() else {
            return;
        };
        let route = format!("POST /orders/{order}/submission");
        let submitted = self
            .ask("filer", account, &route, drafted.version, None)
            .await;
        if submitted.status == 200 {
            self.filers[at].orders += 1;
            self.filers[at].order = Some((order.to_owned(), submitted.version));
        }
    }

    pub(super) async fn exempt(&mut self, at: usize) {
        if !self.chance.one_in(4) {
            return;
        }
        let Some(case) = self.case(at).await else {
            return;
        };
        let until = self.stage.now() + SignedDuration::from_hours(24 * 10);
        let body = json!({ "finding": case["findings"][0]["id"], "until": until, "reason": "省局同意暂缓" });
        if self.decide(&case, "exemptions", body).await == 202 {
            self.filers[at].exempt_until = Some(until);
        }
    }

    pub(super) async fn object(&mut self, at: usize) {
        let made = self
            .of_case(at, "objections", Some(json!({ "reason": "不服" })))
            .await;
        if made == Some(202)
            && let Some(case) = self.case(at).await
        {
            let granted = self.chance.one_in(2);
            let body = json!({ "granted": granted, "reason": "已核实" });
            self.decide(&case, "objection-decisions", body).await;
        }
    }

    /// Staff release what is condemned, decide appeals, and return orders, each at times.
    pub(super) async fn staff_work(&mut self) {
        if self.chance.one_in(4) {
            self.confirm_void().await;
        }
        for at in 0..self.filers.len() {
            if self.filers[at].appealed.is_some()
                && self.chance.one_in(4)
                && let Some(case) = self.case(at).await
            {
                let granted = self.chance.one_in(4);
                let body = json!({ "finding": case["findings"][0]["id"], "granted": granted, "reason": "已核实" });
                if self.decide(&case, "appeal-decisions", body).await == 202 {
                    self.filers[at].appealed = None;
                }
            }
            if self.chance.one_in(6)
                && let Some((order, version)) = self.filers[at].order.clone()
            {
                let route = format!("POST /review/orders/{order}/decisions");
                let body = json!({ "decision": "return", "reasons": [
                    { "field": "/subject/name", "error": "名称不清", "suggestion": "请核对" }] });
                let returned = self
                    .ask("reviewer", "staff", &route, version, Some(body))
                    .await;
                if returned.status == 200 {
                    let route = format!("POST /orders/{order}/withdrawal");
                    let account = self.filers[at].who.account.clone();
                    self.ask("filer", &account, &route, returned.version, None)
                        .await;
                    self.filers[at].order = None;
                }
            }
            if self.chance.one_in(2)
                && let Some(case) = self.case(at).await
                && case["findings"][0]["state"]["state"] == "condemned"
                && case["findings"][0]["state"]["release"].is_null()
                // What a bureau wants stopped waits for nobody.
                && let Some(looks) = case["findings"][0]["state"]["looks"].as_array()
                && let Some(look) = looks.last()
            {
                let finding = &case["findings"][0];
                let body = json!({ "findings": [{ "case": case["id"], "finding": finding["id"],
                    "look": look["look"] }] });
                let released = self
                    .ask(
                        "operator",
                        "ops",
                        "POST /operations/releases",
                        None,
                        Some(body),
                    )
                    .await;
                let taken = released.body["released"].as_array();
                if taken.is_some_and(|taken| !taken.is_empty()) {
                    let id = finding["id"].as_str().unwrap().to_owned();
                    self.filers[at].released.insert(id);
                }
            }
        }
    }
}
