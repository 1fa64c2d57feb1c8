//! Whether a notice is still true: asked before it is expanded, and before each message is sent.

use icp_domain::Rulebook;
use icp_domain::case::Case;
use icp_domain::filing::Link;
use icp_domain::finding::{Finding, FindingState, TimeLeft, time_left};
use icp_domain::ids::{CampaignId, CaseId, ServiceId};
use icp_domain::notice::{AccessChange, Notice, NoticeKind};
use icp_domain::order::OrderState;
use icp_store::records::StoredFiling;
use icp_store::{Store, StoreError};
use jiff::Timestamp;

/// Whether `notice` still says what is.
pub(super) async fn still_true(
    store: &Store,
    rulebook: &Rulebook,
    notice: &Notice,
    now: Timestamp,
) -> Result<bool, StoreError> {
    match &notice.kind {
        NoticeKind::Code {
            person,
            challenge,
            generation,
            ..
        } => {
            let found = store.challenge(&notice.subject, person).await?;
            Ok(found.is_some_and(|(found, _)| {
                found.id == *challenge
                    && found.generation == *generation
                    && !found.used
                    && now < found.expires_at(&rulebook.policy.codes)
            }))
        }
        NoticeKind::ProofLapses { person, until } => {
            let found = store.filing(&notice.subject).await?;
            let person = found.and_then(|mut found| found.filing.persons.remove(person));
            let proof = person.and_then(|person| person.proof);
            Ok(now < *until && proof.is_some_and(|proof| proof.until == *until))
        }
        NoticeKind::OrderApproved { order } => {
            let found = store.order(order).await?;
            Ok(found
                .is_some_and(|stored| matches!(stored.order.state, OrderState::Approved { .. })))
        }
        NoticeKind::OrderReturned { order } | NoticeKind::OrderReminder { order } => {
            let found = store.order(order).await?;
            Ok(found
                .is_some_and(|stored| matches!(stored.order.state, OrderState::Returned { .. })))
        }
        NoticeKind::YearlyReview {
            campaign,
            answer_by,
            ..
        } => Ok(now < *answer_by && waits_for_answer(store, notice, campaign).await?),
        NoticeKind::Audit { told } => {
            for told in told {
                let open = |_: &Case, it: &Finding| it.id == told.finding && !it.state.is_closed();
                if is_told_still(store, &told.case, open).await? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        NoticeKind::Reminder { case, due_at, .. } => {
            let Some(filing) = store.filing(&notice.subject).await? else {
                return Ok(false);
            };
            let still_due = |case: &Case, found: &Finding| {
                is_due_at((case, found), &filing, *due_at, rulebook, now)
            };
            Ok(now < *due_at && is_told_still(store, case, still_due).await?)
        }
        NoticeKind::PeriodExtended { case, finding } => {
            let extended = |found: &Finding| {
                found.id == *finding
                    && found.state == FindingState::Open
                    && (found.extension.is_some() || !found.staff_extensions.is_empty())
            };
            any_finding(store, case, extended).await
        }
        NoticeKind::AppealDecided { case, finding, .. } => {
            let decided = |found: &Finding| found.id == *finding && !found.is_under_appeal();
            any_finding(store, case, decided).await
        }
        // What was decided, and that something told before was wrong, stays true.
        NoticeKind::ObjectionDecided { .. } | NoticeKind::Correction { .. } => Ok(true),
        NoticeKind::Deregistered { service } => {
            let Some(found) = store.filing(&notice.subject).await? else {
                return Ok(false);
            };
            Ok(match service {
                None => found.filing.number().is_none(),
                Some(service) => found
                    .filing
                    .services
                    .get(service)
                    .is_none_or(|service| !service.is_on_record()),
            })
        }
        NoticeKind::CaseClosed { case } => {
            let found = store.case(case).await?;
            Ok(found.is_some_and(|stored| !stored.case.is_open()))
        }
        NoticeKind::AccessStopped {
            service,
            link_version,
            ..
        }
        | NoticeKind::AccessReinstated {
            service,
            link_version,
        } => {
            let link = link(store, notice, service).await?;
            Ok(link.is_some_and(|link| link.link_version == *link_version))
        }
    }
}

/// Whether a finding is still to be put right, and until just then: neither extended nor held since.
pub(super) fn is_due_at(
    (case, finding): (&Case, &Finding),
    filing: &StoredFiling,
    due_at: Timestamp,
    rulebook: &Rulebook,
    now: Timestamp,
) -> bool {
    let (policy, calendar) = (&rulebook.policy.cases, &rulebook.calendar);
    let left = time_left(
        finding,
        filing.freezes_of(&case.unit),
        now,
        policy,
        calendar,
    );
    finding.state == FindingState::Open && left == TimeLeft::Until(due_at)
}

/// Whether a change of access is still the link's last.
pub(super) async fn access_still_true(
    store: &Store,
    access: &AccessChange,
) -> Result<bool, StoreError> {
    let found = store.filing(&access.subject).await?;
    let link = found.and_then(|stored| stored.filing.links.get(&access.service).cloned());
    Ok(link.is_some_and(|link| link.link_version == access.link_version))
}

async fn any_finding(
    store: &Store,
    case: &CaseId,
    holds: impl Fn(&Finding) -> bool,
) -> Result<bool, StoreError> {
    let found = store.case(case).await?;
    Ok(found.is_some_and(|stored| stored.case.findings.iter().any(holds)))
}

/// Whether any such finding is there that no cancelled campaign brought: what that told stands, and it tells no more.
async fn is_told_still(
    store: &Store,
    case: &CaseId,
    holds: impl Fn(&Case, &Finding) -> bool,
) -> Result<bool, StoreError> {
    let Some(stored) = store.case(case).await? else {
        return Ok(false);
    };
    let case = &stored.case;
    let holding = case.findings.iter().filter(|found| holds(case, found));
    for finding in holding {
        let goes_on = match &finding.campaign {
            Some(campaign) => goes_on(store, campaign).await?,
            None => true,
        };
        if goes_on {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn goes_on(store: &Store, campaign: &CampaignId) -> Result<bool, StoreError> {
    let campaign = store.campaign(campaign).await?;
    Ok(campaign.is_some_and(|stored| stored.campaign.cancelled.is_none()))
}

async fn link(
    store: &Store,
    notice: &Notice,
    service: &ServiceId,
) -> Result<Option<Link>, StoreError> {
    let found = store.filing(&notice.subject).await?;
    Ok(found.and_then(|stored| stored.filing.links.get(service).cloned()))
}

/// Whether a yearly review still waits for the filing's answer.
async fn waits_for_answer(
    store: &Store,
    notice: &Notice,
    campaign: &CampaignId,
) -> Result<bool, StoreError> {
    let asked = store.question(&notice.subject, campaign).await?;
    let waits = asked.is_some_and(|asked| asked.question.answered.is_none());
    Ok(waits && goes_on(store, campaign).await?)
}
