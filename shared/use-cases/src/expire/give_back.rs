//! Gives back what was stopped on a finding that fell, link by link.
//!
//! **Invariant:** each link comes back in one commit with its count and the case; the last closes the finding.

use icp_domain::Invocation;
use icp_domain::command::CommandId;
use icp_domain::filing::{Link, LinkState};
use icp_domain::finding::{Event, step};
use icp_domain::ids::{CaseId, FindingId, ServiceId};
use icp_domain::notice::link_name;
use icp_domain::rulebook::Rulebook;
use icp_store::records::{StoredCase, StoredFiling};
use icp_store::{Change, Store};

use super::FUNCTION;
use crate::By;
use crate::judge::close;
use crate::reinstate::Giving;
use crate::trouble::Trouble;

/// The next link of those that the case stopped, or the end of it.
pub(super) async fn give_back(
    (store, rulebook): (&Store, &Rulebook),
    mut stored: StoredCase,
    mut filing: StoredFiling,
    finding: &FindingId,
    inv: &Invocation,
) -> Result<Change, Trouble> {
    let (now, id) = (inv.now, stored.case.id.clone());
    let mut change = Change::new();
    let mut left = stopped_by(&filing, &id).into_iter();
    let next = left.next();
    if left.next().is_none() {
        for one in &mut stored.case.findings {
            if one.id == *finding {
                *one = step(one.clone(), Event::GivenBack, now, rulebook)?;
            }
        }
    }
    let closed = (!stored.case.is_open()).then_some(&id);
    let about = match next {
        Some((service, link)) => {
            let about = link_name(filing.id(), &service);
            let command = CommandId::of_due(id.as_str(), &format!("give back {service}"), now);
            if let Some(live) = link.reinstate(now) {
                let giving = Giving {
                    store,
                    rulebook,
                    command: &command,
                    now,
                };
                giving
                    .link(&mut change, &mut filing, &service, &live, closed)
                    .await?;
            }
            let deed = By::machine(FUNCTION).deed("access-reinstated", &about, &command);
            filing.record(&mut change, deed, now)?;
            Some(about)
        }
        None => None,
    };
    // The link's own clocks let the case go; where none came back, the case is taken off here.
    if about.is_none() && closed.is_some() {
        close(&mut change, &filing, &stored.case, now)?;
        let command = CommandId::of_due(id.as_str(), "given back", now);
        let deed = By::machine(FUNCTION).deed("case-closed", id.as_str(), &command);
        filing.record(&mut change, deed, now)?;
    }
    let wakes_at = stored.case.wakes_at(&filing.freezes, now, rulebook);
    stored.put(&mut change, wakes_at, now)?;
    Ok(change)
}

/// The links that the case stopped and that are stopped still.
fn stopped_by(filing: &StoredFiling, case: &CaseId) -> Vec<(ServiceId, Link)> {
    let links = filing.filing.links.iter();
    let stopped = links.filter(|(_, link)| match &link.state {
        LinkState::Stopped { case: by, .. } => by == case,
        LinkState::Live { .. } | LinkState::Cancelled { .. } => false,
    });
    stopped
        .map(|(service, link)| (service.clone(), link.clone()))
        .collect()
}
