//! Reinstates access that was stopped: staff decide, the front ends and the filer are told.

use icp_domain::audit::AuditClock;
use icp_domain::filing::{Link, LinkState};
use icp_domain::finding::{Event, step};
use icp_domain::ids::{ServiceId, SubjectId, UnitId};
use icp_domain::notice::{AccessChangeKind, NoticeKind, link_name};
use icp_domain::{Invocation, Rulebook};
use icp_store::{Answer, Change, Failure, Repeat, Store};

use crate::By;
use crate::attempt::{Decided, Tries};
use crate::judge::close;
use crate::notices::{post_access_change, post_notice};

/// Reinstates one link.
#[derive(Debug, Clone)]
pub struct Reinstate {
    /// The filing.
    pub subject: SubjectId,
    /// The service.
    pub service: ServiceId,
    /// Who, from where.
    pub by: By,
}

/// Why access is not given again.
#[derive(Debug, thiserror::Error)]
pub enum ReinstateRefused {
    /// The link is not stopped.
    #[error("access to the service is not stopped")]
    NotStopped,
}

/// Gives access again, and closes what stopped it.
pub async fn reinstate(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<Link>,
    command: Reinstate,
) -> Result<Answer, Failure<ReinstateRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let now = inv.now;
            let mut filing = store
                .filing(&command.subject)
                .await?
                .ok_or(Failure::NotFound)?;
            let service = filing.filing.services.get(&command.service).cloned();
            let link = filing.filing.links.get(&command.service).cloned();
            let (Some(service), Some(link)) = (service, link) else {
                return Err(Failure::NotFound);
            };
            let not_stopped = Failure::Refused(ReinstateRefused::NotStopped);
            let LinkState::Stopped { case, .. } = link.state.clone() else {
                return Err(not_stopped);
            };
            let Some(live) = link.reinstate(now) else {
                return Err(not_stopped);
            };
            let mut change = Change::new();
            filing.put_link(&mut change, &command.service, &live)?;
            filing
                .filing
                .links
                .insert(command.service.clone(), live.clone());
            let unit = UnitId::of_service(command.subject.clone(), command.service.clone());
            let mut written = None;
            if let Some(mut stored) = store.case(&case).await? {
                let findings = stored.case.findings.drain(..).map(|finding| {
                    step(finding.clone(), Event::Reinstate, now, rulebook).unwrap_or(finding)
                });
                stored.case.findings = findings.collect();
                // A subject's case that stopped several links is closed with the first that comes back.
                if !stored.case.is_open() && stored.case.unit != unit {
                    close(&mut change, &filing, &stored.case, now)?;
                }
                written = (!stored.case.is_open()).then(|| stored.case.id.clone());
                let wake = stored
                    .case
                    .next(&filing.frozen(), now, rulebook)
                    .map(|(at, _, _)| at);
                stored.put(&mut change, wake, now)?;
            }
            if let Some(stored) = filing.clock(&unit) {
                let mut clock = AuditClock {
                    suspicions: Vec::new(),
                    undecided: None,
                    ..stored.clock.clone()
                };
                clock.next_audit_at = clock.next_audit_at.max(now);
                clock.regular_at = clock.regular_at.max(clock.next_audit_at);
                if clock.open_case == written {
                    clock.open_case = None;
                }
                filing.put_clock(&mut change, &unit, &clock, true, now)?;
            }
            let mut account = store.account(&filing.filing.subject.account).await?;
            account.live_links += 1;
            account.put(&mut change)?;
            Store::count_live(
                &mut change,
                &link_name(&command.subject, &command.service),
                1,
            );
            let (id, version) = (command.subject.clone(), live.link_version);
            let kind = AccessChangeKind::AccessReinstated;
            post_access_change(
                &mut change,
                &id,
                (&command.service, &service),
                version,
                kind,
                now,
            )?;
            let kind = NoticeKind::AccessReinstated {
                service: command.service.clone(),
                link_version: version,
            };
            post_notice(
                &mut change,
                &repeat.command,
                &id,
                kind,
                now,
                &rulebook.policy.cases,
            )?;
            let about = link_name(&command.subject, &command.service);
            let deed = command
                .by
                .deed("access-reinstated", &about, &repeat.command);
            filing.record(&mut change, deed, now)?;
            Ok::<_, Failure<ReinstateRefused>>(Decided { change, done: live })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}
