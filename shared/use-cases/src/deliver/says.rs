//! What the text of a message says.

use std::collections::BTreeMap;

use icp_domain::case::Case;
use icp_domain::filing::Filing;
use icp_domain::finding::{Finding, FindingState, Freezes, MoveTo, TimeLeft, Why, time_left};
use icp_domain::ids::{CampaignId, CaseId, ServiceId};
use icp_domain::notice::{CampaignTold, CaseFinding, NoticeKind, Parameters, Told};
use icp_domain::rulebook::Level;
use icp_domain::way_back::{Situation, advise};
use icp_domain::{Rulebook, Text};
use icp_store::records::Message;
use icp_store::{Store, StoreError};
use jiff::Timestamp;

use super::truth::is_due_at;
use crate::send_code::code_of;

/// What the text of a message says.
pub(super) async fn parameters(
    store: &Store,
    rulebook: &Rulebook,
    message: &Message,
    now: Timestamp,
) -> Result<Parameters, StoreError> {
    let mut parameters = Parameters::default();
    match &message.notice.kind {
        NoticeKind::Code { person, .. } => {
            if let Some((challenge, _)) = store.challenge(message.subject(), person).await? {
                parameters.code = Some(code_of(store, &challenge, rulebook).await?);
            }
        }
        NoticeKind::Audit { told } => {
            for case in cases(told) {
                let of_notice = |_: &Case, found: &Finding| {
                    is_open(found) && told.iter().any(|t| t.finding == found.id)
                };
                add_case(store, rulebook, case, of_notice, &mut parameters, now).await?;
            }
        }
        NoticeKind::Reminder { case, due_at, .. } => {
            if let Some(filing) = store.filing(message.subject()).await? {
                let due = |case: &Case, found: &Finding| {
                    is_due_at((case, found), &filing, *due_at, rulebook, now)
                };
                add_case(store, rulebook, case, due, &mut parameters, now).await?;
            }
            parameters.due_at = Some(*due_at);
        }
        NoticeKind::PeriodExtended { case, finding } => {
            let of_notice = |_: &Case, found: &Finding| is_open(found) && found.id == *finding;
            add_case(store, rulebook, case, of_notice, &mut parameters, now).await?;
        }
        NoticeKind::CaseClosed { case }
        | NoticeKind::AppealDecided { case, .. }
        | NoticeKind::ObjectionDecided { case, .. }
        | NoticeKind::AccessStopped { case, .. } => {
            let open = |_: &Case, found: &Finding| is_open(found);
            add_case(store, rulebook, case, open, &mut parameters, now).await?;
        }
        NoticeKind::Correction { case } => {
            let stays = |_: &Case, found: &Finding| stays(found);
            add_case(store, rulebook, case, stays, &mut parameters, now).await?;
        }
        NoticeKind::ProofLapses { until, .. }
        | NoticeKind::YearlyReview {
            answer_by: until, ..
        } => parameters.due_at = Some(*until),
        NoticeKind::OrderApproved { .. }
        | NoticeKind::OrderReturned { .. }
        | NoticeKind::OrderReminder { .. }
        | NoticeKind::Deregistered { .. }
        | NoticeKind::AccessReinstated { .. } => {}
    }
    Ok(parameters)
}

/// What a mail says: the same, and the findings in words.
pub(super) async fn in_words(
    store: &Store,
    rulebook: &Rulebook,
    message: &Message,
    now: Timestamp,
) -> Result<Parameters, StoreError> {
    let mut parameters = parameters(store, rulebook, message, now).await?;
    let told = message.notice.kind.findings();
    if let NoticeKind::YearlyReview { campaign, .. } = &message.notice.kind {
        parameters.campaign = campaign_told(store, campaign).await?;
    }
    let mut of_notice = cases(&told);
    // What access was stopped for is told whole.
    let mut stopped = false;
    if let NoticeKind::AccessStopped { case, service, .. } = &message.notice.kind {
        (of_notice, stopped) = (vec![case], true);
        if let Some(filing) = store.filing(message.subject()).await? {
            let filing = &filing.filing;
            parameters.way_back = way_back(filing, service, rulebook, now);
        }
    }
    // So is what stays of a case in which something was taken back.
    let corrects = matches!(message.notice.kind, NoticeKind::Correction { .. });
    if let NoticeKind::Correction { case } = &message.notice.kind {
        of_notice = vec![case];
    }
    // The cases of a notice are of one filing, as a rule.
    let mut filings = BTreeMap::new();
    for case in of_notice {
        let Some(stored) = store.case(case).await? else {
            continue;
        };
        let evidence = store.case_evidence(case).await?;
        let unit = &stored.case.unit;
        if !filings.contains_key(&unit.subject) {
            let read = store.filing(&unit.subject).await?;
            filings.insert(unit.subject.clone(), read);
        }
        let filing = filings.get(&unit.subject).and_then(Option::as_ref);
        let freezes = filing.map(|stored| stored.freezes.as_slice());
        let freezes = Freezes::of(unit, freezes.unwrap_or_default());
        let open = stored.case.findings.iter().filter(|finding| {
            if stopped {
                matches!(finding.state, FindingState::Stopped { .. })
            } else {
                let is_told = told.iter().any(|t| t.finding == finding.id);
                (corrects && stays(finding)) || (is_open(finding) && is_told)
            }
        });
        let open: Vec<&Finding> = open.collect();
        if corrects {
            let findings = stored.case.findings.iter();
            let taken_back = findings.filter(|finding| is_taken_back(finding));
            let faults = taken_back.filter_map(Finding::fault);
            parameters.withdrawn.extend(faults);
        }
        let of_campaign = open.iter().find_map(|finding| finding.campaign.as_ref());
        if let Some(campaign) = of_campaign {
            parameters.campaign = campaign_told(store, campaign).await?;
        }
        let words = open.into_iter().filter_map(|finding| {
            let shown = evidence.iter().rev().flat_map(|kept| &kept.shows);
            let mut of_finding = shown
                .filter(|(code, object, _)| *code == finding.rule && *object == finding.object);
            Some(Told {
                case_number: stored.case.number.clone(),
                rule: finding.rule.clone(),
                about: filing.and_then(|stored| stored.filing.names(&finding.object)),
                fault: finding.fault()?,
                evidence: of_finding.next().map(|(_, _, text)| text.clone()),
                fix: finding.to_do()?,
                due_at: due_at(rulebook, finding, freezes, now).filter(|_| !stopped),
                may_stop: finding.level == Level::Enforce,
            })
        });
        parameters.told.extend(words);
    }
    Ok(parameters)
}

async fn campaign_told(
    store: &Store,
    campaign: &CampaignId,
) -> Result<Option<CampaignTold>, StoreError> {
    let stored = store.campaign(campaign).await?;
    Ok(stored.map(|stored| CampaignTold::of(&stored.campaign.terms)))
}

/// The way back as far as the filing's own rows tell it: what it comes to, each step, and each question with what to
/// type where.
fn way_back(
    filing: &Filing,
    service: &ServiceId,
    rulebook: &Rulebook,
    now: Timestamp,
) -> Vec<Text> {
    let situation = Situation::of_filing(filing, service, rulebook, now);
    let advice = advise(&situation, rulebook);
    let mut lines = vec![advice.summary];
    let steps = (1..).zip(advice.steps).map(|(at, step)| {
        Text::new(
            format!("{at}. {}", step.text.zh),
            format!("{at}. {}", step.text.en),
        )
    });
    lines.extend(steps);
    let questions = advice.questions.into_iter().map(|question| {
        let (ask, typed) = (question.ask, question.what_to_type);
        Text::new(
            format!("请先查明：{}{}", ask.zh, typed.zh),
            format!("Find out first: {} {}", ask.en, typed.en),
        )
    });
    lines.extend(questions);
    lines.extend(advice.warnings);
    lines
}

/// A finding's deadline, as it would be if the notice were delivered now where it has not begun; none while it stands
/// still.
fn due_at(
    rulebook: &Rulebook,
    finding: &Finding,
    freezes: Freezes<'_>,
    now: Timestamp,
) -> Option<Timestamp> {
    let (policy, calendar) = (&rulebook.policy.cases, &rulebook.calendar);
    match time_left(finding, freezes, now, policy, calendar) {
        TimeLeft::Until(due_at) => Some(due_at),
        TimeLeft::NotBegun => {
            let own = || calendar.deadline(now, i64::from(finding.period_days));
            Some(finding.bureaus_date().unwrap_or_else(own))
        }
        TimeLeft::Frozen => None,
    }
}

fn is_open(finding: &Finding) -> bool {
    finding.state == FindingState::Open
}

/// Whether a finding of a case in which others were taken back stays to be put right, as its people were told.
fn stays(finding: &Finding) -> bool {
    !finding.state.is_over() && finding.notified_at.is_some()
}

/// Whether a finding was found in error; what was stopped on it may be on its way back still.
fn is_taken_back(finding: &Finding) -> bool {
    match &finding.state {
        FindingState::Closed { why, .. }
        | FindingState::Moving {
            to: MoveTo::GivenBack { why },
            ..
        } => *why == Why::Void,
        FindingState::Open
        | FindingState::LastLook { .. }
        | FindingState::Condemned { .. }
        | FindingState::Stopping { .. }
        | FindingState::Stopped { .. }
        | FindingState::Moving { .. }
        | FindingState::Reported { .. } => false,
    }
}

/// The cases of a notice, each once.
fn cases(told: &[CaseFinding]) -> Vec<&CaseId> {
    let mut cases: Vec<&CaseId> = told.iter().map(|told| &told.case).collect();
    cases.sort();
    cases.dedup();
    cases
}

/// Adds a case's number, those of its findings that the text is about, and the earliest deadline of those
/// that can still be put right in time: as it would be if the notice were delivered now, where it has not begun.
async fn add_case(
    store: &Store,
    rulebook: &Rulebook,
    case: &CaseId,
    counts: impl Fn(&Case, &Finding) -> bool,
    parameters: &mut Parameters,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(stored) = store.case(case).await? else {
        return Ok(());
    };
    let unit = &stored.case.unit;
    let freezes = store.freezes(&unit.subject).await?;
    let open = stored
        .case
        .findings
        .iter()
        .filter(|finding| counts(&stored.case, finding));
    let (mut findings, mut earliest) = (0, None);
    for finding in open {
        findings += 1;
        parameters.may_stop |= finding.level == Level::Enforce;
        let due_at = due_at(rulebook, finding, Freezes::of(unit, &freezes), now);
        let due_at = due_at.filter(|_| is_open(finding));
        earliest = earliest.into_iter().chain(due_at).min();
    }
    // Of several cases the number is of the one whose deadline is printed.
    let is_earlier = earliest.is_some_and(|at| parameters.due_at.is_none_or(|before| at < before));
    if parameters.case_number.is_none() || is_earlier || (parameters.findings == 0 && 0 < findings)
    {
        parameters.case_number = Some(stored.case.number.clone());
    }
    parameters.findings += findings;
    parameters.due_at = parameters.due_at.into_iter().chain(earliest).min();
    parameters.by_bureau |= stored.case.is_ordered();
    Ok(())
}
