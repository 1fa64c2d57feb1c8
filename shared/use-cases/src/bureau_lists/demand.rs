//! What a list demands of a unit: a case is opened or joined, and a stop that is ordered is decided.
//!
//! **Invariant:** the finding, the unit's clock and the row's outcome are one commit.

use icp_domain::Invocation;
use icp_domain::bureau_list::{About, ListRow, Outcome};
use icp_domain::finding::{BroughtBy, Condemned, Demand, Finding, FindingState, Object, Wants};
use icp_domain::ids::{CaseId, FindingId, UnitId};
use icp_domain::notice::{CaseFinding, NoticeKind};
use icp_domain::rulebook::Level;
use icp_store::records::{StoredCase, StoredFiling};
use icp_store::{Change, CommitError, StoreError};
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
            if !filing.filing.has_access(&unit) {
                return Ok(Outcome::of_access(&filing.filing, about));
            }
            if self.import.dry_run {
                return Ok(outcome);
            }
            let demand = Demand::of_row(wants, self.list, says.says.as_deref(), self.rulebook);
            let mut change = Change::new();
            self.tell(&mut change, filing, &unit, demand, (row, inv.now))
                .await?;
            self.put_rows(&mut change, &[row], outcome)?;
            match self.store.commit(&change).await {
                Ok(()) => return Ok(outcome),
                Err(CommitError::Conflict(_)) => {}
                Err(CommitError::Store(error)) => return Err(error),
            }
        }
        Err(again_and_again())
    }

    /// The unit's open case with the finding, or a new one.
    async fn tell(
        &self,
        change: &mut Change,
        mut filing: StoredFiling,
        unit: &UnitId,
        demand: Demand,
        (row, now): (u64, Timestamp),
    ) -> Result<(), StoreError> {
        let command = self.command(row);
        let clock = filing.clock(unit).map(|stored| stored.clock.clone());
        let open = clock.as_ref().and_then(|clock| clock.open_case.clone());
        let open = match &open {
            Some(case) => self.store.case(case).await?,
            None => None,
        };
        let mut stored = if let Some(open) = open.filter(|stored| stored.case.is_open()) {
            open
        } else {
            let case = new_case(self.store, &filing, unit, &command, now).await?;
            StoredCase::opened(case)
        };
        let wants = demand.wants;
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
        // Who started the list decided last.
        if let Some(user) = self.people.last() {
            let case = stored.case.id.as_str();
            let deed = self.by(user).deed(happened(wants), case, &command);
            filing.record(change, deed, now)?;
        }
        Ok(())
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
            recheck: None,
            reminded: None,
            looks_asked: 0,
            state,
        }
    }
}

/// What history calls it.
fn happened(wants: Wants) -> &'static str {
    match wants {
        Wants::Rectified => "bureau-demands",
        Wants::StoppedNow => "bureau-orders-stop",
    }
}
