//! What a list demands of a unit: a case is opened or joined, and a stop that is ordered is decided.
//!
//! **Invariant:** the finding, the unit's clock and the row's outcome are one commit.

use std::collections::BTreeSet;

use icp_domain::Invocation;
use icp_domain::bureau_list::{About, ListRow, Outcome};
use icp_domain::filing::{Filing, LinkState};
use icp_domain::finding::{
    BroughtBy, Condemned, Demand, Event, Finding, FindingState, MoveTo, Object, Wants, step,
};
use icp_domain::history::Happened;
use icp_domain::ids::{CaseId, FindingId, UnitId};
use icp_domain::notice::{CaseFinding, NoticeKind};
use icp_domain::rulebook::Level;
use icp_store::records::{StoredCase, StoredFiling};
use icp_store::{Change, CommitError, StoreError, keys};
use jiff::Timestamp;

use super::record::{Recording, again_and_again};
use crate::new_case::new_case;
use crate::notices::post_notice;

impl Recording<'_> {
    /// Records what the bureau demands of a unit, where access is given; says how it stands where it is not.
    pub(super) async fn demand(
        &self,
        about: &About,
        wants: Wants,
        (row, says): (u64, &ListRow),
        inv: &mut Invocation,
    ) -> Result<Outcome, StoreError> {
        let outcome = match wants {
            Wants::Rectified => Outcome::CaseOpened,
            Wants::StoppedNow => Outcome::StopOrdered,
        };
        let unit = UnitId {
            subject: about.subject.clone(),
            service: about.service.clone(),
        };
        for _ in 0..=self.rulebook.policy.sweeps.reloads {
            let Some(filing) = self.store.filing(&about.subject).await? else {
                return Ok(Outcome::Unmatched);
            };
            let holds = held_by(&filing.filing, &unit);
            let stands = Outcome::of_access(&filing.filing, about);
            let outcome = match (filing.filing.has_access(&unit), wants) {
                (true, _) => outcome,
                (false, Wants::StoppedNow) if !holds.is_empty() => stands,
                (false, Wants::StoppedNow | Wants::Rectified) => return Ok(stands),
            };
            if self.import.dry_run {
                return Ok(outcome);
            }
            let demand = Demand::of_row(wants, self.list, says.says.as_deref(), self.rulebook);
            let (mut filing, mut change) = (filing, Change::new());
            let mut cases = Vec::new();
            if wants == Wants::StoppedNow {
                for case in &holds {
                    let held = self.hold(&mut change, &filing, case, &demand, (row, inv.now));
                    cases.extend(held.await?);
                }
            }
            if filing.filing.has_access(&unit) {
                let told = self.tell(&mut change, &mut filing, &unit, demand, (row, inv.now));
                cases.extend(told.await?);
            }
            self.remember(&mut change, &mut filing, (wants, &cases), (row, inv.now))?;
            self.put_rows(&mut change, &[row], outcome)?;
            match self.store.commit(&change).await {
                Ok(()) => return Ok(outcome),
                Err(CommitError::Conflict(_)) => {}
                Err(CommitError::Store(error)) => return Err(error),
            }
        }
        Err(again_and_again())
    }

    /// What is stopped already is held by the order as well: nobody here gives it back.
    async fn hold(
        &self,
        change: &mut Change,
        filing: &StoredFiling,
        case: &CaseId,
        demand: &Demand,
        (row, now): (u64, Timestamp),
    ) -> Result<Option<CaseId>, StoreError> {
        let Some(mut stored) = self.store.case(case).await? else {
            return Ok(None);
        };
        if holds_already(&stored, demand) {
            return Ok(None);
        }
        for finding in &mut stored.case.findings {
            if let FindingState::Moving {
                to: MoveTo::GivenBack { .. },
                ..
            } = finding.state
            {
                let ended = step(finding.clone(), Event::NothingLeft, now, self.rulebook);
                *finding = ended.map_err(|refused| StoreError::Malformed {
                    key: keys::case(case),
                    reason: refused.to_string(),
                })?;
            }
        }
        let unit = stored.case.unit.clone();
        let command = self.command(row);
        let finding = self.finding(case, &unit, demand.clone(), (command.as_str(), now));
        stored.case.findings.push(Finding {
            state: FindingState::Stopped {
                stopped_at: now,
                report_refused_at: None,
            },
            ..finding
        });
        let wakes_at = stored.case.wakes_at(&filing.freezes, now, self.rulebook);
        stored.put(change, wakes_at, now)?;
        Ok(Some(case.clone()))
    }

    /// The unit's open case with the finding, or a new one.
    async fn tell(
        &self,
        change: &mut Change,
        filing: &mut StoredFiling,
        unit: &UnitId,
        demand: Demand,
        (row, now): (u64, Timestamp),
    ) -> Result<Option<CaseId>, StoreError> {
        let command = self.command(row);
        let clock = filing.clock(unit).map(|stored| stored.clock.clone());
        let open = clock.as_ref().and_then(|clock| clock.open_case.clone());
        let open = match &open {
            Some(case) => self.store.case(case).await?,
            None => None,
        };
        let joins = |stored: &StoredCase| stored.case.may_be_joined();
        let mut stored = if let Some(open) = open.filter(joins) {
            open
        } else {
            let case = new_case(self.store, filing, unit, &command, now).await?;
            StoredCase::opened(case)
        };
        let wants = demand.wants;
        // A site with two domains has two rows: the bureau demands it once.
        if holds_already(&stored, &demand) {
            return Ok(None);
        }
        let finding = self.finding(&stored.case.id, unit, demand, (command.as_str(), now));
        let told = CaseFinding {
            case: stored.case.id.clone(),
            finding: finding.id.clone(),
        };
        stored.case.findings.push(finding);
        if let Some(mut clock) = clock {
            clock.open_case = Some(stored.case.id.clone());
            filing.put_clock(change, unit, &clock, true, now)?;
        }
        let wakes_at = stored.case.wakes_at(&filing.freezes, now, self.rulebook);
        stored.put(change, wakes_at, now)?;
        // Of a stop its own notice tells, at once.
        if wants == Wants::Rectified {
            let kind = NoticeKind::Audit { told: vec![told] };
            let policy = &self.rulebook.policy.cases;
            post_notice(change, &command, filing.id(), kind, now, policy)?;
        }
        Ok(Some(stored.case.id))
    }

    /// Writes to history what each case was given. Who started the list decided last.
    fn remember(
        &self,
        change: &mut Change,
        filing: &mut StoredFiling,
        (wants, cases): (Wants, &[CaseId]),
        (row, now): (u64, Timestamp),
    ) -> Result<(), StoreError> {
        let (Some(user), Some((last, others))) = (self.people.last(), cases.split_last()) else {
            return Ok(());
        };
        let command = self.command(row);
        let by = self.by(user);
        for case in others {
            filing.note(
                change,
                by.deed(happened(wants), case.as_str(), &command),
                now,
            )?;
        }
        filing.record(
            change,
            by.deed(happened(wants), last.as_str(), &command),
            now,
        )
    }

    fn finding(
        &self,
        case: &CaseId,
        unit: &UnitId,
        demand: Demand,
        (command, now): (&str, Timestamp),
    ) -> Finding {
        let code = demand.wants.code();
        let state = match demand.wants {
            Wants::Rectified => FindingState::Open,
            Wants::StoppedNow => FindingState::Condemned(Condemned {
                looks: Vec::new(),
                condemned_at: now,
                release: None,
                asked: None,
                undecided: None,
            }),
        };
        Finding {
            id: FindingId::derived("finding", &[case.as_str(), code, command]),
            rule: code.to_owned(),
            object: match unit.service {
                Some(_) => Object::Service,
                None => Object::Subject,
            },
            level: Level::Enforce,
            campaign: None,
            demand: Some(demand),
            brought_by: BroughtBy::Files,
            joined_at: now,
            looks: Vec::new(),
            period_days: self.rulebook.policy.cases.period_other_days,
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
            state,
        }
    }
}

/// Whether the case holds the same demand of the same paper.
fn holds_already(stored: &StoredCase, demand: &Demand) -> bool {
    let mut open = stored.case.findings.iter();
    open.any(|finding| {
        let same = finding.demand.as_ref().is_some_and(|held| {
            held.wants == demand.wants && held.document_number == demand.document_number
        });
        same && !finding.state.is_closed()
    })
}

/// The cases that stopped what a unit has.
fn held_by(filing: &Filing, unit: &UnitId) -> BTreeSet<CaseId> {
    let links = filing.links.iter().filter(|(service, _)| {
        let own = unit.service.as_ref();
        own.is_none_or(|own| own == *service)
    });
    let cases = links.filter_map(|(_, link)| match &link.state {
        LinkState::Stopped { case, .. } => Some(case.clone()),
        LinkState::Live { .. } | LinkState::Reported { .. } | LinkState::Cancelled { .. } => None,
    });
    cases.collect()
}

/// What history calls it.
fn happened(wants: Wants) -> Happened {
    match wants {
        Wants::Rectified => Happened::BureauDemands,
        Wants::StoppedNow => Happened::BureauOrdersStop,
    }
}
