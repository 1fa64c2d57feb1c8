//! What staff and operators do: decide, look, release, take back, and set the brake.

use std::collections::BTreeSet;

use icp_local::stage::Answer;
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::life::Life;
use super::model::was;

impl Life {
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

    /// Lets nothing be stopped, or what is released again.
    pub(super) async fn brake(&mut self) {
        let is_off = self.brake.last().is_some_and(|(_, is_off)| *is_off);
        if !is_off && !self.chance.one_in(4) {
            return;
        }
        let route = "GET /operations/brake";
        let read = self.ask("operator", "ops", route, None, None).await;
        let nothing = if self.chance.one_in(2) {
            "off"
        } else {
            "dry-run"
        };
        let mode = if is_off { "manual" } else { nothing };
        let body = json!({ "mode": mode, "unlatch": true });
        let set = self
            .ask(
                "operator",
                "ops",
                "POST /operations/brake",
                read.version,
                Some(body),
            )
            .await;
        if set.status == 200 {
            self.brake.push((self.stage.now(), !is_off));
        }
    }

    pub(super) async fn decide(&mut self, case: &Json, step: &str, body: Json) -> Answer {
        let route = format!("POST /review/cases/{}/{step}", case["id"].as_str().unwrap());
        let version = case["version"].as_u64();
        self.ask("reviewer", "staff", &route, version, Some(body))
            .await
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
        if self.decide(&case, "exemptions", body).await.status == 202 {
            self.filers[at].exempt_until = Some(until);
        }
    }

    /// Staff give more days.
    pub(super) async fn extend(&mut self, at: usize) {
        if let Some(case) = self.case(at).await {
            let body = json!({ "finding": case["findings"][0]["id"], "days": 2, "reason": "已与省局沟通" });
            self.decide(&case, "extensions", body).await;
        }
    }

    /// Staff do what waits for them, each thing at times.
    pub(super) async fn staff_work(&mut self) {
        if self.chance.one_in(4) {
            self.confirm_void().await;
        }
        for at in 0..self.filers.len() {
            if self.filers[at].appealed.is_some() && self.chance.one_in(4) {
                self.decide_appeal(at).await;
            }
            if self.filers[at].order.is_some() && self.chance.one_in(6) {
                self.return_order(at).await;
            }
            if self.chance.one_in(2)
                && let Some(case) = self.case(at).await
            {
                match case["findings"][0]["state"]["state"].as_str() {
                    Some("last-look") => self.read(at, &case).await,
                    Some("condemned") => self.release(at, &case).await,
                    Some("reported") => self.bureau_answers(&case).await,
                    _ => {}
                }
            }
        }
    }

    async fn decide_appeal(&mut self, at: usize) {
        let Some(case) = self.case(at).await else {
            return;
        };
        let granted = self.chance.one_in(4);
        let body =
            json!({ "finding": case["findings"][0]["id"], "granted": granted, "reason": "已核实" });
        if self.decide(&case, "appeal-decisions", body).await.status == 202 {
            self.filers[at].appealed = None;
        }
    }

    async fn return_order(&mut self, at: usize) {
        let Some((order, version)) = self.filers[at].order.clone() else {
            return;
        };
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

    /// Of last looks that stay undecided staff say what is so.
    async fn read(&mut self, at: usize, case: &Json) {
        let now = self.stage.now();
        let is_broken = was(&self.filers[at].truth, now);
        let says = if is_broken { "broken" } else { "kept" };
        let body =
            json!({ "finding": case["findings"][0]["id"], "says": says, "reason": "已人工查看" });
        if self.decide(case, "readings", body).await.status == 202 && is_broken {
            let id = case["findings"][0]["id"].as_str().unwrap().to_owned();
            self.filers[at].read.insert(id, now);
        }
    }

    async fn release(&mut self, at: usize, case: &Json) {
        let finding = &case["findings"][0];
        let last = finding["state"]["looks"]
            .as_array()
            .and_then(|looks| looks.last());
        // What a bureau wants stopped has no look, and waits for nobody.
        let Some(last) = last.filter(|_| finding["state"]["release"].is_null()) else {
            return;
        };
        let body = json!({ "findings": [{ "case": case["id"], "finding": finding["id"], "look": last["look"] }] });
        let route = "POST /operations/releases";
        let released = self.ask("operator", "ops", route, None, Some(body)).await;
        let taken = released.body["released"].as_array();
        if taken.is_some_and(|taken| !taken.is_empty()) {
            let id = finding["id"].as_str().unwrap().to_owned();
            self.filers[at].released.insert(id);
        }
    }

    /// The bureau answers what was reported to it, mostly that the access is off its record.
    async fn bureau_answers(&mut self, case: &Json) {
        let refused = self.chance.one_in(3);
        let says = if refused { "refused" } else { "cancelled" };
        let body = json!({ "answer": says, "reason": "管局回复" });
        self.decide(case, "report-answers", body).await;
    }
}
