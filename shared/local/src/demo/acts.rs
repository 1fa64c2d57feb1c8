//! What people do as the demo goes on, each when their moment comes.
#![expect(
    clippy::indexing_slicing,
    reason = "a JSON value answers null for what is not there"
)]

use serde_json::{Value as Json, json};

use super::portfolio::{Fate, Member};
use super::{Demo, list};
use crate::error::LocalError;
use crate::stage::{Answer, Applicant, OURS};

impl Demo {
    /// Lets a member's filer, or staff for it, do what comes next.
    pub(super) async fn act(&mut self, member: &mut Member) -> Result<(), LocalError> {
        let Some(case) = self.case(member).await? else {
            return Ok(());
        };
        let Some(finding) = list(&case, "findings").first().cloned() else {
            return Ok(());
        };
        let noticed = finding["notifiedAt"].is_string();
        let state = finding["state"]["state"].as_str().unwrap_or_default();
        match (member.fate, member.acted) {
            (Fate::MovedAndBack, 0) if noticed => {
                self.stage.sites.point(&member.who.domain, OURS).await;
                self.about_case(member, &case, "rechecks", None, "points the names back")
                    .await?;
                member.acted = 1;
            }
            (Fate::NumberMissing, 0) if self.was_reminded(member) => {
                let host = format!("www.{}", member.who.domain);
                self.stage.sites.show(&host, &member.who.page());
                self.about_case(
                    member,
                    &case,
                    "rechecks",
                    None,
                    "puts the number on the page",
                )
                .await?;
                member.acted = 1;
            }
            (Fate::NumberWrong, 0) if noticed => {
                let body =
                    json!({ "finding": finding["id"], "days": 10, "reason": "网页由外包公司维护" });
                self.about_case(
                    member,
                    &case,
                    "extensions",
                    Some(body),
                    "asks for ten more days",
                )
                .await?;
                member.acted = 1;
            }
            (Fate::NumberWrong, 1) if self.was_reminded(member) => {
                let host = format!("www.{}", member.who.domain);
                self.stage.sites.show(&host, &member.who.page());
                self.about_case(member, &case, "rechecks", None, "corrects the number")
                    .await?;
                member.acted = 2;
            }
            (Fate::Appealed, 0) if noticed => {
                let body =
                    json!({ "finding": finding["id"], "reason": "域名仍由贵司高防产品代理" });
                self.about_case(member, &case, "appeals", Some(body), "appeals")
                    .await?;
                member.acted = 1;
            }
            (Fate::Appealed, 1) => {
                self.grant_appeal(member, &case, &finding).await?;
                member.acted = 2;
            }
            (Fate::IdentityExpires, 0) if noticed => {
                self.renew_identity(member).await?;
                member.acted = 1;
            }
            (Fate::IdentityExpires, 1) => {
                self.about_case(member, &case, "rechecks", None, "asks for a recheck")
                    .await?;
                member.acted = 2;
            }
            (Fate::StoppedAndReinstated, 0) if state == "stopped" => {
                self.tell_way_back(member).await?;
                member.acted = 1;
            }
            (Fate::StoppedAndReinstated, 1) => {
                self.reinstate(member).await?;
                member.acted = 2;
            }
            _ => {}
        }
        Ok(())
    }

    /// Leaves something on the lists of staff, for whoever looks around: an objection, and an order to review. What is
    /// condemned and not released is on the operators'. Whether all of it was taken.
    pub(super) async fn leave_work(&mut self, members: &[Member]) -> Result<bool, LocalError> {
        let mut refused = Vec::new();
        let mut objects = members.iter();
        let objects = objects.find(|member| member.fate == Fate::ObjectionWaits);
        if let Some(member) = objects
            && let Some(case) = self.case(member).await?
        {
            let body = json!({ "grounds": "wrong", "reason": "备案号在页脚，由脚本加载" });
            let status = self
                .about_case(member, &case, "objections", Some(body), "objects")
                .await?;
            refused.extend((400 <= status).then_some(status));
        }
        let who = Applicant::new(17, "waits.cn");
        let begin = json!({ "kind": "first-filing", "draft": who.draft() });
        let seen = |_: &str, answer: &Answer| {
            refused.extend((400 <= answer.status).then_some(answer.status));
        };
        self.stage.submit(&who, begin, seen).await?;
        let what = if refused.is_empty() {
            "submits a first filing of waits.cn".to_owned()
        } else {
            format!("FAILED: {refused:?}")
        };
        self.line("waits-for-review", &what);
        Ok(refused.is_empty())
    }

    fn was_reminded(&self, member: &Member) -> bool {
        let sms = self.stage.deployment.sms();
        sms.iter()
            .any(|sms| sms.number.ends_with(&member.who.mobile) && sms.text.contains("提醒"))
    }

    async fn grant_appeal(
        &mut self,
        member: &Member,
        case: &Json,
        finding: &Json,
    ) -> Result<(), LocalError> {
        let id = case["id"].as_str().unwrap_or_default();
        let route = format!("POST /review/cases/{id}/appeal-decisions");
        let body =
            json!({ "finding": finding["id"], "granted": true, "reason": "经核实为本商高防节点" });
        let version = case["version"].as_u64();
        let decided = self
            .stage
            .staff("reviewer", &route, version, Some(body))
            .await?;
        self.stage.sites.point(&member.who.domain, OURS).await;
        let what = format!(
            "staff grant the appeal ({}); the front end is taken off",
            decided.status
        );
        self.line(member.name, &what);
        Ok(())
    }

    /// A change filing with the renewed document, through review and bureau.
    async fn renew_identity(&mut self, member: &Member) -> Result<(), LocalError> {
        let mut who = member.who.clone();
        who.identity_until = None;
        let subject = member
            .filed
            .as_ref()
            .map(|filed| filed.subject.clone())
            .unwrap_or_default();
        let begin = json!({ "kind": "change", "subject": subject, "draft": who.draft() });
        self.line(
            member.name,
            "submits a change filing with the renewed document",
        );
        let mut refused = None;
        self.stage
            .take_through(&who, begin, |route, answer| {
                if 400 <= answer.status {
                    refused = Some(format!(
                        "{route} was answered {}: {}",
                        answer.status, answer.body
                    ));
                }
            })
            .await?;
        let outcome = refused.map_or("the bureau approves the change".to_owned(), |why| {
            format!("FAILED: {why}")
        });
        self.line(member.name, &outcome);
        Ok(())
    }

    async fn tell_way_back(&mut self, member: &Member) -> Result<(), LocalError> {
        let subject = member
            .filed
            .as_ref()
            .map(|filed| filed.subject.clone())
            .unwrap_or_default();
        let route = format!("GET /filings/{subject}/services/1/way-back");
        let advice = self
            .stage
            .filer(&member.who.account, &route, None, None)
            .await?;
        let summary = advice.body["summary"]["en"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        self.line(member.name, &format!("asks for the way back: {summary}"));
        for question in list(&advice.body, "questions") {
            let ask = question["ask"]["en"].as_str().unwrap_or_default();
            self.line(member.name, &format!("  still to be answered: {ask}"));
        }
        Ok(())
    }

    async fn reinstate(&mut self, member: &Member) -> Result<(), LocalError> {
        let subject = member
            .filed
            .as_ref()
            .map(|filed| filed.subject.clone())
            .unwrap_or_default();
        self.stage.sites.point(&member.who.domain, OURS).await;
        let route = format!("POST /review/filings/{subject}/services/1/reinstatements");
        let answer = self.stage.staff("reviewer", &route, None, None).await?;
        self.line(
            member.name,
            &format!(
                "the names lead here again; staff give access again ({})",
                answer.status
            ),
        );
        Ok(())
    }
}

/// How a case ended, in words.
pub(super) fn ending(case: Option<&Json>) -> String {
    let Some(finding) = case.and_then(|case| list(case, "findings").first()) else {
        return "no case".to_owned();
    };
    let state = &finding["state"];
    match (state["state"].as_str(), state["why"].as_str()) {
        (Some(name), Some(why)) => format!("{name}: {why}"),
        (Some(name), None) => name.to_owned(),
        (None, _) => "unknown".to_owned(),
    }
}
