//! What happens: sites move, filers and staff act, bureaus demand, and things fail.

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
        self.resolver();
        match self.chance.below(20) {
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
            13 => self.brake().await,
            14 => self.extend(at).await,
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

    pub(super) async fn site(&mut self, at: usize, address: std::net::Ipv4Addr, domain: &str) {
        self.stage.sites.point(domain, address).await;
        let (now, broken) = (self.stage.now(), address == ELSEWHERE);
        self.filers[at].truth.push((now, broken));
        self.log.push(format!("{now} {domain} broken: {broken}"));
    }

    /// The resolver answers nothing for a while, or answers again: what is looked at meanwhile is undecided.
    fn resolver(&mut self) {
        let is_out = self.resolver.last().is_some_and(|(_, is_out)| *is_out);
        if self.chance.one_in(if is_out { 4 } else { 40 }) {
            let now = self.stage.now();
            self.stage.sites.out_of_order(!is_out);
            self.resolver.push((now, !is_out));
            self.log
                .push(format!("{now} resolver out of order: {}", !is_out));
        }
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

    pub(super) async fn object(&mut self, at: usize) {
        let grounds = if self.chance.one_in(2) {
            "wrong"
        } else {
            "put-right"
        };
        let body = json!({ "grounds": grounds, "reason": "不服" });
        let made = self.of_case(at, "objections", Some(body)).await;
        if made == Some(202)
            && let Some(case) = self.case(at).await
        {
            let granted = self.chance.one_in(2);
            let body = json!({ "granted": granted, "reason": "已核实" });
            self.decide(&case, "objection-decisions", body).await;
        }
    }
}
