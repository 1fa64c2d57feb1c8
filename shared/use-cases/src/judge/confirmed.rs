//! What a confirmed fault leads to: a case is opened, or the unit's open one is joined.

use icp_domain::Invocation;
use icp_domain::audit::{Confirmed, Judgement};
use icp_domain::case::{Case, CaseNumber};
use icp_domain::command::CommandId;
use icp_domain::filing::Origin;
use icp_domain::finding::{Finding, FindingState, Freeze, Interval};
use icp_domain::ids::{CaseId, FindingId, NoticeId};
use icp_domain::notice::{CaseFinding, Notice, NoticeKind};
use icp_domain::order::OrderKind;
use icp_domain::rulebook::Level;
use icp_domain::rulebook::calendar::local_date;
use icp_domain::rules::{Category, Need, Rule};
use icp_store::records::{CaseEvidence, Levels, Posting, StoredCase, StoredFiling};
use icp_store::{Change, Store, StoreError};
use jiff::Timestamp;

use super::{FUNCTION, Judging, Outcomes, Verdict, broken};
use crate::By;
use crate::notices::first_notice_at;

impl Judging<'_> {
    /// Opens a case for what is confirmed, or joins the unit's open one.
    pub(super) async fn confirmed(
        &self,
        mut change: Change,
        mut filing: StoredFiling,
        case: Option<StoredCase>,
        judgement: Judgement,
        outcomes: &Outcomes,
        inv: &mut Invocation,
    ) -> Result<(Change, Verdict), StoreError> {
        let (unit, now) = (self.unit(), inv.now);
        let look = self.evidence.look.id.clone();
        let levels = self.store.levels().await?.levels;
        let origin = filing.filing.origin(unit);
        let levelled: Vec<(Confirmed, Level)> = judgement
            .confirmed
            .iter()
            .map(|confirmed| {
                (
                    confirmed.clone(),
                    self.level(&levels, origin, confirmed.rule),
                )
            })
            .collect();
        for (confirmed, level) in &levelled {
            if *level != Level::Off {
                let day = local_date(now);
                Store::count_outcome(
                    &mut change,
                    day,
                    confirmed.rule.code,
                    look.as_str(),
                    "broken",
                );
            }
        }
        let told: Vec<&(Confirmed, Level)> = levelled
            .iter()
            .filter(|(_, level)| Level::Notify <= *level)
            .collect();
        let mut clock = judgement.clock;
        if told.is_empty() {
            filing.put_clock(&mut change, unit, &clock, true, now)?;
            if judgement.suspected {
                let until = now + self.rulebook.policy.audits.evidence_kept();
                filing.put_evidence(&mut change, self.evidence, until)?;
            }
            return Ok((change, Verdict::Observed));
        }
        let command = CommandId::of_cause(&unit.to_string(), "confirm", look.as_str());
        let joins = case.as_ref().is_some_and(|stored| stored.case.is_open());
        let mut stored = match case {
            Some(stored) if joins => stored,
            Some(_) | None => StoredCase::opened(self.open(&filing, &command, now).await?),
        };
        let mut joined = Vec::new();
        for (confirmed, level) in told {
            let finding = self.finding(&stored.case.id, confirmed, *level, now);
            joined.push(CaseFinding {
                case: stored.case.id.clone(),
                finding: finding.id.clone(),
            });
            stored.case.findings.push(finding);
        }
        if judgement.suspected {
            let until = now + self.rulebook.policy.audits.evidence_kept();
            filing.put_evidence(&mut change, self.evidence, until)?;
        }
        self.freeze(&mut change, &mut filing, now).await?;
        self.keep_evidence(&mut change, &stored, &judgement.confirmed, outcomes, inv)
            .await?;
        clock.open_case = Some(stored.case.id.clone());
        filing.put_clock(&mut change, unit, &clock, true, now)?;
        let wake = stored.case.wakes_at(&filing.freezes, now, self.rulebook);
        stored.put(&mut change, wake, now)?;
        self.post_first_notice(&mut change, &filing, joined, inv)
            .await?;
        let what = if joins { "case-joined" } else { "case-opened" };
        let deed = By::machine(FUNCTION).deed(what, stored.case.id.as_str(), &command);
        filing.record(&mut change, deed, now)?;
        Ok((change, Verdict::Confirmed(stored.case.id)))
    }

    /// The level of a rule, at most what the rule itself allows. Rules on pages stay at `observe` while all exits stand in one network.
    fn level(&self, levels: &Levels, origin: Origin, rule: &Rule) -> Level {
        let level = levels.of_origin(rule.code, origin, self.rulebook);
        let level = level.min(rule.most);
        let reads_pages = rule.needs.contains(&Need::HomePage);
        if reads_pages && !self.rulebook.vantages.http_confirmable() {
            level.min(Level::Observe)
        } else {
            level
        }
    }

    async fn open(
        &self,
        filing: &StoredFiling,
        command: &CommandId,
        now: Timestamp,
    ) -> Result<Case, StoreError> {
        let id = CaseId::derived("case", &[command.as_str()]);
        let mut attempt = 0;
        let number = loop {
            let number = CaseNumber::of_attempt(&id, attempt);
            match self.store.case_of_number(&number).await? {
                Some(other) if other != id.as_str() => attempt += 1,
                Some(_) | None => break number,
            }
        };
        Ok(Case {
            id,
            number,
            unit: self.unit().clone(),
            account: filing.filing.subject.account.clone(),
            opened_at: now,
            findings: Vec::new(),
            needs_staff: None,
            calls: Vec::new(),
            call_slot: None,
        })
    }

    fn finding(
        &self,
        case: &CaseId,
        confirmed: &Confirmed,
        level: Level,
        now: Timestamp,
    ) -> Finding {
        let policy = &self.rulebook.policy.cases;
        let rule = confirmed.rule;
        let object = serde_json::to_string(&confirmed.object).unwrap_or_default();
        let look = self.evidence.look.id.as_str();
        Finding {
            id: FindingId::derived("finding", &[case.as_str(), rule.code, &object, look]),
            rule: rule.code.to_owned(),
            object: confirmed.object.clone(),
            level,
            brought_by: confirmed.brought_by,
            joined_at: now,
            looks: confirmed.looks.clone(),
            period_days: match rule.category {
                Category::Access => policy.period_access_days,
                Category::SubjectInformation
                | Category::Contacts
                | Category::Materials
                | Category::ContentAndHolder => policy.period_other_days,
            },
            notified_at: None,
            extension: None,
            appeals: Vec::new(),
            recheck: None,
            reminded: None,
            looks_asked: 0,
            state: FindingState::Open,
        }
    }

    /// Keeps with the case what each confirmed fault rests on: this look's evidence, and the
    /// earlier look's that was kept beside the filing.
    async fn keep_evidence(
        &self,
        change: &mut Change,
        stored: &StoredCase,
        confirmed: &[Confirmed],
        outcomes: &Outcomes,
        inv: &Invocation,
    ) -> Result<(), StoreError> {
        let until = inv.now + self.rulebook.policy.audits.evidence_kept();
        let shows = broken(outcomes);
        let kept = CaseEvidence {
            evidence: self.evidence.clone(),
            shows: shows.clone(),
        };
        stored.put_evidence(change, &kept, until)?;
        let mut earlier: Vec<_> = confirmed
            .iter()
            .flat_map(|confirmed| &confirmed.looks)
            .filter(|look| **look != self.evidence.look.id)
            .collect();
        earlier.sort();
        earlier.dedup();
        for look in earlier {
            if let Some(evidence) = self.store.look_evidence(&self.unit().subject, look).await? {
                let kept = CaseEvidence {
                    evidence,
                    shows: shows.clone(),
                };
                stored.put_evidence(change, &kept, until)?;
            }
        }
        Ok(())
    }

    /// The filing's first notice of the coming 10:00: made by the first case, joined by the next.
    async fn post_first_notice(
        &self,
        change: &mut Change,
        filing: &StoredFiling,
        joined: Vec<CaseFinding>,
        inv: &Invocation,
    ) -> Result<(), StoreError> {
        let send_after = first_notice_at(inv.now, &self.rulebook.policy.cases);
        let subject = filing.id();
        let id = NoticeId::derived("first-notice", &[subject.as_str(), &send_after.to_string()]);
        if let Some(stored) = self.store.outbox(&id).await? {
            let mut row = stored.row.clone();
            if let Posting::Notice(Notice {
                kind: NoticeKind::Audit { told },
                ..
            }) = &mut row.posting
            {
                told.extend(joined);
                return stored.put(change, &row, inv.now);
            }
            return Ok(());
        }
        let kind = NoticeKind::Audit { told: joined };
        let notice = Notice {
            id: id.clone(),
            subject: subject.clone(),
            kind,
        };
        Store::post(change, &id, Posting::Notice(notice), send_after, inv.now)
    }

    /// Holds the findings still from now on where an order that answers the case is already under
    /// review: its own step came before there was anything to hold.
    async fn freeze(
        &self,
        change: &mut Change,
        filing: &mut StoredFiling,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(order) = filing.filing.subject.order_in_flight.clone() else {
            return Ok(());
        };
        // The judge of a service reads the rows that it needs each time, and these it hardly ever does.
        filing.freezes = self.store.freezes(filing.id()).await?;
        let lasts = |freeze: &Freeze| freeze.order == order && freeze.interval.until.is_none();
        if filing.freezes.iter().any(lasts) {
            return Ok(());
        }
        let Some(stored) = self.store.order(&order).await? else {
            return Ok(());
        };
        let phase = stored.order.state.review_phase();
        if let (OrderKind::Change, Some(phase)) = (stored.order.kind, phase) {
            let freeze = Freeze {
                order,
                phase,
                interval: Interval {
                    from: now,
                    until: None,
                },
            };
            filing.put_freeze(change, &freeze)?;
            filing.freezes.push(freeze);
        }
        Ok(())
    }
}
