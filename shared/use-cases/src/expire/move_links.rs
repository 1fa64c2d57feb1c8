//! Moves what was stopped on a finding on, link by link: given back, reported, taken back from the bureau, cancelled.
//!
//! **Invariant:** each link moves in one commit with its counts, its history and its case; the last settles the finding.

use icp_domain::command::CommandId;
use icp_domain::filing::Link;
use icp_domain::finding::{Event, Finding, FindingState, MoveTo, step};
use icp_domain::history::Happened;
use icp_domain::ids::{CaseId, FindingId, ServiceId, UnitId};
use icp_domain::notice::link_name;
use icp_domain::rulebook::calendar::{end_of, local_date};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{StoredCase, StoredFiling};
use icp_store::{Change, Store, StoreError};

use super::FUNCTION;
use crate::By;
use crate::judge::close;
use crate::notices::access_change_id;
use crate::reinstate::Giving;
use crate::trouble::Trouble;
use crate::write_filing::{FrontEnds, Writing, ended};

/// Working days after an order's end in which a report of the stop waits for its filer to ask for access back.
///
/// Source: chosen here: the order's notice is read, and the case is found.
const ASK_BACK_WORKING_DAYS: u32 = 3;

/// The next link of those that the case stopped, or the end of it.
pub(super) async fn move_next(
    (store, rulebook): (&Store, &Rulebook),
    mut stored: StoredCase,
    mut filing: StoredFiling,
    finding: &FindingId,
    inv: &mut Invocation,
) -> Result<Change, Trouble> {
    let (now, id) = (inv.now, stored.case.id.clone());
    let mut change = Change::new();
    let state = stored
        .case
        .finding(finding)
        .map(|finding| finding.state.clone());
    let Some(FindingState::Moving { to, .. }) = state else {
        return Ok(change);
    };
    let mut left = still_to_move(&filing, &id, to, inv).into_iter();
    let next = left.next();
    let is_last = left.next().is_none();
    if is_last {
        for one in &mut stored.case.findings {
            if one.id == *finding {
                let event = if holds_any(&filing, &id) {
                    Event::Moved
                } else {
                    Event::NothingLeft
                };
                *one = step(one.clone(), event, now, rulebook)?;
            }
        }
    }
    let closed = (!stored.case.is_open()).then(|| id.clone());
    let Some((service, link)) = next else {
        close(&mut change, &filing, &stored.case, now)?;
        put(&mut change, rulebook, &stored, &filing, now)?;
        let command = CommandId::of_due(id.as_str(), "moved", now);
        let deed = By::machine(FUNCTION).deed(Happened::CaseSettled, id.as_str(), &command);
        filing.record(&mut change, deed, now)?;
        return Ok(change);
    };
    let command = CommandId::of_due(
        id.as_str(),
        &format!("{} {service}", happened(to).name()),
        now,
    );
    match to {
        MoveTo::GivenBack { .. } => {
            let giving = Giving {
                store,
                rulebook,
                command: &command,
                now,
            };
            giving
                .link(&mut change, &mut filing, &service, &link, closed.as_ref())
                .await?;
            put(&mut change, rulebook, &stored, &filing, now)?;
        }
        MoveTo::Reported { .. } | MoveTo::TakenBack { .. } => {
            filing.put_link(&mut change, &service, &link)?;
            filing.filing.links.insert(service.clone(), link);
            put(&mut change, rulebook, &stored, &filing, now)?;
        }
        MoveTo::Cancelled => {
            let mut after = filing.filing.clone();
            after.links.insert(service.clone(), link);
            let unit = UnitId::of_service(filing.id().clone(), service.clone());
            let of_subject = UnitId::of_subject(filing.id().clone());
            // Where the case's own unit ends with it, whoever writes the filing closes the case.
            let unit = if stored.case.unit.service.is_some() {
                unit
            } else {
                of_subject
            };
            let unit_ends = ended(&filing.filing, &after, &unit);
            let writing = Writing {
                store,
                rulebook,
                front_ends: FrontEnds::AreTold,
            };
            writing
                .difference(&mut change, &mut filing, after, inv)
                .await?;
            if !unit_ends {
                if closed.is_some() {
                    close(&mut change, &filing, &stored.case, now)?;
                }
                put(&mut change, rulebook, &stored, &filing, now)?;
            }
        }
    }
    let about = link_name(filing.id(), &service);
    let deed = By::machine(FUNCTION).deed(happened(to), &about, &command);
    filing.record(&mut change, deed, now)?;
    Ok(change)
}

fn put(
    change: &mut Change,
    rulebook: &Rulebook,
    stored: &StoredCase,
    filing: &StoredFiling,
    now: jiff::Timestamp,
) -> Result<(), StoreError> {
    let wakes_at = stored.case.wakes_at(&filing.freezes, now, rulebook);
    stored.put(change, wakes_at, now)
}

/// The links that the case stopped and that are not yet where they move to, as they are then.
fn still_to_move(
    filing: &StoredFiling,
    case: &CaseId,
    to: MoveTo,
    inv: &Invocation,
) -> Vec<(ServiceId, Link)> {
    let links = filing.filing.links.iter();
    let own = links.filter(|(_, link)| link.stopped_by() == Some(case));
    own.filter_map(|(service, link)| {
        let link = link.clone();
        let after = match to {
            MoveTo::GivenBack { .. } => link.reinstate(inv.now),
            MoveTo::Reported { .. } => link.report(inv.now),
            MoveTo::TakenBack { .. } => link.take_report_back(),
            MoveTo::Cancelled => link.end(inv.now),
        };
        Some((service.clone(), after?))
    })
    .collect()
}

/// Whether any link is left that the case stopped.
fn holds_any(filing: &StoredFiling, case: &CaseId) -> bool {
    let mut links = filing.filing.links.values();
    links.any(|link| link.stopped_by() == Some(case))
}

fn happened(to: MoveTo) -> Happened {
    match to {
        MoveTo::GivenBack { .. } => Happened::AccessReinstated,
        MoveTo::Reported { .. } => Happened::CancellationReported,
        MoveTo::TakenBack { .. } => Happened::ReportRefused,
        MoveTo::Cancelled => Happened::AccessCancelled,
    }
}

/// Begins to report what the case stopped, unless front ends have not carried a stop out or an order is in flight.
pub(super) async fn begin_report(
    (store, rulebook): (&Store, &Rulebook),
    stored: &StoredCase,
    filing: &StoredFiling,
    finding: &FindingId,
    inv: &Invocation,
) -> Result<Option<Change>, Trouble> {
    let reported = stored.case.finding(finding);
    let is_appealed = reported.is_some_and(Finding::is_under_appeal);
    if is_appealed || filing.filing.subject.order_in_flight.is_some() {
        return Ok(None);
    }
    // Who put it right by an order asks for access back once the order has ended.
    let ended = filing.freezes_of(&stored.case.unit).last_ended();
    let asks_until = ended.map(|ended| {
        let ended_on = local_date(ended);
        let calendar = &rulebook.calendar;
        let last = calendar.add_working_days(ended_on, ASK_BACK_WORKING_DAYS);
        end_of(last)
    });
    if asks_until.is_some_and(|until| inv.now < until) {
        return Ok(None);
    }
    for (service, link) in &filing.filing.links {
        if link.stopped_by() != Some(&stored.case.id) {
            continue;
        }
        let id = access_change_id(filing.id(), service, link.link_version);
        let told = store.outbox(&id).await?;
        if told.is_some_and(|told| told.row.done.is_none()) {
            return Ok(None);
        }
    }
    let mut stored = stored.clone();
    let event = if holds_any(filing, &stored.case.id) {
        Event::BeginReport
    } else {
        Event::NothingLeft
    };
    for one in &mut stored.case.findings {
        if one.id == *finding {
            *one = step(one.clone(), event.clone(), inv.now, rulebook)?;
        }
    }
    let mut change = Change::new();
    if !stored.case.is_open() {
        close(&mut change, filing, &stored.case, inv.now)?;
    }
    put(&mut change, rulebook, &stored, filing, inv.now)?;
    // An order that begins meanwhile writes the head.
    filing.check_head(&mut change);
    Ok(Some(change))
}
