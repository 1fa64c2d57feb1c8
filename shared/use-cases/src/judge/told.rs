//! Telling what is confirmed: a case is opened, or the unit's open one is joined.

use icp_domain::Invocation;
use icp_domain::audit::{AuditClock, ClockName, Confirmed};
use icp_domain::command::CommandId;
use icp_domain::finding::{Finding, FindingState, Freeze, Interval};
use icp_domain::history::Happened;
use icp_domain::ids::{CampaignId, CaseId, FindingId, NoticeId, UnitId};
use icp_domain::notice::{CaseFinding, Channel, Notice, NoticeKind};
use icp_domain::rulebook::Level;
use icp_store::records::{Posting, StoredCase, StoredFiling};
use icp_store::{Change, Store, StoreError};
use jiff::Timestamp;

use super::{FUNCTION, Judging, Outcomes};
use crate::By;
use crate::new_case::new_case;
use crate::notices::first_notice_at;

/// What is told together.
pub(super) struct Telling {
    /// The findings to be.
    pub(super) told: Vec<ToTell>,
    /// The campaign that found them, if one did.
    pub(super) campaign: Option<CampaignId>,
    /// What the notice goes by; empty means whatever notices go by.
    pub(super) only: Vec<Channel>,
}

/// A confirmed fault that is told.
pub(super) struct ToTell {
    /// The fault.
    pub(super) found: Confirmed,
    /// What may follow.
    pub(super) level: Level,
    /// Length of its period in calendar days.
    pub(super) period_days: u32,
}

impl Judging<'_> {
    /// Opens a case for what is told, or joins the unit's open one, and posts the first notice.
    pub(super) async fn tell(
        &self,
        change: &mut Change,
        mut filing: StoredFiling,
        case: Option<StoredCase>,
        clock: AuditClock,
        telling: Telling,
        outcomes: &Outcomes,
        inv: &mut Invocation,
    ) -> Result<CaseId, StoreError> {
        let (unit, now) = (self.unit(), inv.now);
        let look = self.evidence.look.id.clone();
        let command = CommandId::of_cause(&unit.to_string(), "confirm", look.as_str());
        let joins = case
            .as_ref()
            .is_some_and(|stored| stored.case.may_be_joined());
        let mut stored = match case {
            Some(stored) if joins => stored,
            Some(_) | None => {
                let case = new_case(self.store, &filing, unit, &command, now).await?;
                StoredCase::opened(case)
            }
        };
        let mut joined = Vec::new();
        for told in &telling.told {
            let finding = self.finding(&stored.case.id, told, telling.campaign.as_ref(), now);
            joined.push(CaseFinding {
                case: stored.case.id.clone(),
                finding: finding.id.clone(),
            });
            stored.case.findings.push(finding);
        }
        self.freeze(change, &mut filing, unit, now).await?;
        let found = telling.told.iter().map(|told| &told.found);
        self.keep_evidence(change, &stored, found, outcomes, inv)
            .await?;
        self.put_clocks(change, &filing, clock, &stored.case.id, now)?;
        let wake = stored.case.wakes_at(&filing.freezes, now, self.rulebook);
        stored.put(change, wake, now)?;
        self.post_first_notice(change, &filing, joined, telling.only, inv)
            .await?;
        let what = if joins {
            Happened::CaseJoined
        } else {
            Happened::CaseOpened
        };
        let deed = By::machine(FUNCTION).deed(what, stored.case.id.as_str(), &command);
        filing.record(change, deed, now)?;
        Ok(stored.case.id)
    }

    /// Writes the clock as it was judged, and the unit's case on the audit clock.
    fn put_clocks(
        &self,
        change: &mut Change,
        filing: &StoredFiling,
        judged: AuditClock,
        case: &CaseId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let unit = self.unit();
        let mut holding = match self.evidence.look.clock {
            ClockName::Audit => judged,
            ClockName::Holder => {
                let named = (unit, ClockName::Holder);
                filing.put_clock_of(change, named, &judged, true, now)?;
                let Some(stored) = filing.clock(unit) else {
                    return Ok(());
                };
                stored.clock.clone()
            }
        };
        holding.open_case = Some(case.clone());
        filing.put_clock(change, unit, &holding, true, now)
    }

    fn finding(
        &self,
        case: &CaseId,
        told: &ToTell,
        campaign: Option<&CampaignId>,
        now: Timestamp,
    ) -> Finding {
        let confirmed = &told.found;
        let rule = confirmed.rule;
        let object = serde_json::to_string(&confirmed.object).unwrap_or_default();
        let look = self.evidence.look.id.as_str();
        Finding {
            id: FindingId::derived("finding", &[case.as_str(), rule.code, &object, look]),
            rule: rule.code.to_owned(),
            object: confirmed.object.clone(),
            level: told.level,
            campaign: campaign.cloned(),
            demand: None,
            brought_by: confirmed.brought_by,
            joined_at: now,
            looks: confirmed.looks.clone(),
            period_days: told.period_days,
            notified_at: None,
            extension: None,
            staff_extensions: Vec::new(),
            appeals: Vec::new(),
            objections: Vec::new(),
            recheck: None,
            rechecked: None,
            reading_asked_at: None,
            due_named: None,
            exempt_until: None,
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
        confirmed: impl Iterator<Item = &Confirmed>,
        outcomes: &Outcomes,
        inv: &Invocation,
    ) -> Result<(), StoreError> {
        let until = inv.now + self.rulebook.policy.audits.evidence_kept();
        stored.put_evidence(change, &self.kept(outcomes), until)?;
        let mut earlier: Vec<_> = confirmed
            .flat_map(|confirmed| &confirmed.looks)
            .filter(|look| **look != self.evidence.look.id)
            .collect();
        earlier.sort();
        earlier.dedup();
        for look in earlier {
            if let Some(kept) = self.store.look_evidence(&self.unit().subject, look).await? {
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
        only: Vec<Channel>,
        inv: &Invocation,
    ) -> Result<(), StoreError> {
        let send_after = first_notice_at(inv.now, &self.rulebook.policy.cases);
        let subject = filing.id();
        let due = send_after.to_string();
        // What goes by other channels is a notice of its own.
        let mut parts = vec![subject.as_str(), &due];
        parts.extend(only.iter().map(|channel| channel.name()));
        let id = NoticeId::derived("first-notice", &parts);
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
            only,
        };
        Store::post(change, &id, Posting::Notice(notice), send_after, inv.now)
    }

    /// Holds the findings still from now on where an order that answers the unit is already under
    /// review: its own step came before there was anything to hold.
    async fn freeze(
        &self,
        change: &mut Change,
        filing: &mut StoredFiling,
        unit: &UnitId,
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
        let answers = stored.order.answers.filter(|answers| answers.include(unit));
        if let (Some(answers), Some(phase)) = (answers, phase) {
            let freeze = Freeze {
                order,
                answers,
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
