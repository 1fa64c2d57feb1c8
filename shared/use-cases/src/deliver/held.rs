//! The notice brake at work: read before each first notice.

use std::collections::BTreeSet;

use icp_domain::Rulebook;
use icp_domain::case::Case;
use icp_domain::finding::Finding;
use icp_domain::ids::FindingId;
use icp_domain::notice::CaseFinding;
use icp_domain::notice_brake::{Counted, Run, holds};
use icp_domain::rulebook::calendar::local_date;
use icp_domain::rules::rule;
use icp_store::records::StoredNoticeHold;
use icp_store::{Change, CommitError, Store, StoreError};
use jiff::civil::Date;
use jiff::{Span, Timestamp};

/// How much of a notice is held.
pub(super) enum Held {
    /// Nothing.
    Nothing,
    /// All of it: nobody is told yet.
    Whole,
    /// These findings; the others are told.
    Part(Vec<CaseFinding>),
}

/// How much of a notice is held, by the runs that found what it tells.
pub(super) async fn held(
    store: &Store,
    rulebook: &Rulebook,
    told: &[CaseFinding],
    now: Timestamp,
) -> Result<Held, StoreError> {
    let mut found = Vec::new();
    for one in told {
        if is_held(store, rulebook, one, now).await? {
            found.push(one.clone());
        }
    }
    Ok(match found.len() {
        0 => Held::Nothing,
        all if all == told.len() => Held::Whole,
        _ => Held::Part(found),
    })
}

/// Whether the run that found this is held: then nobody is told of it yet.
pub(crate) async fn is_held(
    store: &Store,
    rulebook: &Rulebook,
    told: &CaseFinding,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(stored) = store.case(&told.case).await? else {
        return Ok(false);
    };
    match stored.case.finding(&told.finding) {
        Some(finding) => is_finding_held(store, rulebook, finding, now).await,
        None => Ok(false),
    }
}

/// The findings of a case that nobody may be told of yet.
pub(crate) async fn held_of(
    store: &Store,
    rulebook: &Rulebook,
    case: &Case,
    now: Timestamp,
) -> Result<BTreeSet<FindingId>, StoreError> {
    let mut held = BTreeSet::new();
    for finding in &case.findings {
        if is_finding_held(store, rulebook, finding, now).await? {
            held.insert(finding.id.clone());
        }
    }
    Ok(held)
}

/// Whether the run that found it is held. Of a campaign's findings people have looked at a preview before any is told.
async fn is_finding_held(
    store: &Store,
    rulebook: &Rulebook,
    finding: &Finding,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if !finding.waits_to_be_told() || finding.campaign.is_some() {
        return Ok(false);
    }
    let Some(rule) = rule(&finding.rule) else {
        return Ok(false);
    };
    let run = Run::of_day(rule, local_date(finding.joined_at));
    is_run_held(store, rulebook, &run, now).await
}

async fn is_run_held(
    store: &Store,
    rulebook: &Rulebook,
    run: &Run,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if let Some(stored) = store.notice_hold(run).await? {
        return Ok(stored.hold.released.is_none());
    }
    let Some(counted) = beyond_measure(store, rulebook, run).await? else {
        return Ok(false);
    };
    let Counted { units, broken } = counted;
    tracing::error!("the notices of run {run} are held: it broke at {broken} of {units} units");
    let stored = StoredNoticeHold::new(run.clone(), counted, now);
    let mut change = Change::new();
    stored.put(&mut change, &stored.hold)?;
    match store.commit(&change).await {
        // Somebody else found the same.
        Ok(()) | Err(CommitError::Conflict(_)) => Ok(true),
        Err(CommitError::Store(error)) => Err(error),
    }
}

/// What a run counted, where that is more than may be told without people.
async fn beyond_measure(
    store: &Store,
    rulebook: &Rulebook,
    run: &Run,
) -> Result<Option<Counted>, StoreError> {
    let policy = &rulebook.policy.brake;
    let Run::Day { rule: code, day } = run;
    let Some(rule) = rule(code) else {
        return Ok(None);
    };
    let days = Span::new().days(i64::from(policy.notice_mean_days));
    let since = (*day).checked_sub(days).unwrap_or(Date::MIN);
    let found = store.rule_days(code, (since, *day)).await?;
    let broken = |day: &Date| found.get(day).map_or(0, |found| found.all.broken);
    // Hardly any run comes near it: what was planned is read only for those that do.
    if broken(day) < u64::from(policy.notice_at_least) {
        return Ok(None);
    }
    let planned = store.units_planned((since, *day)).await?;
    let of = |day: &Date| Counted {
        units: planned
            .get(day)
            .map_or(0, |units| units.all.judged_by(rule)),
        broken: broken(day),
    };
    let before: Vec<Counted> = planned.keys().filter(|one| *one < day).map(of).collect();
    let counted = of(day);
    Ok(holds(counted, &before, policy).then_some(counted))
}
