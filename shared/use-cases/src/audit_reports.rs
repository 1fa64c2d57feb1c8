//! Audit reports, from the counters that commits keep: of a period, and of a campaign.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt, stream};
use icp_domain::audit_report::{AuditReport, CampaignReport, Checks, Counted, Members, Period};
use icp_domain::campaign::Campaign;
use icp_domain::rules::{RULES, Rule};
use icp_store::records::{MemberTallies, PlannedDay, RuleDay, Tally, UnitsPlanned};
use icp_store::{Store, StoreError};
use jiff::civil::Date;

/// Rules whose counters are read at a time, so that a year of a large base is there before the gateway gives up (30 s).
const AT_A_TIME: usize = 8;

/// What the audits of a period came to.
pub async fn audit_report(store: &Store, period: Period) -> Result<AuditReport, StoreError> {
    let days = (period.from(), period.until());
    let planned = store.units_planned(days).await?;
    let mut report = AuditReport::new(period);
    let mut reads = Vec::new();
    for rule in RULES {
        reads.push(store.rule_days(rule.code, days));
    }
    let found: Vec<BTreeMap<Date, RuleDay>> = stream::iter(reads)
        .buffered(AT_A_TIME)
        .try_collect()
        .await?;
    for (rule, found) in RULES.iter().copied().zip(&found) {
        for counted in of_rule(rule, &planned, found) {
            report.count(&counted);
        }
    }
    Ok(report)
}

/// What a rule's checks came to, day by day: in all, and in each province.
fn of_rule<'a>(
    rule: &'static Rule,
    planned: &'a BTreeMap<Date, PlannedDay>,
    found: &'a BTreeMap<Date, RuleDay>,
) -> impl Iterator<Item = Counted<'a>> {
    let judged = |units: &UnitsPlanned| Checks {
        planned: units.judged_by(rule),
        ..Checks::default()
    };
    let said = |tally: &Tally| Checks {
        planned: 0,
        findings: tally.broken,
        undecided: tally.undecided,
    };
    let line = move |day: Date, province: Option<&'a str>, checks: Checks| Counted {
        rule,
        day,
        province,
        checks,
    };
    let planned = planned.iter().flat_map(move |(day, planned)| {
        let provinces = planned.provinces.iter();
        let provinces = provinces.map(move |(code, units)| (Some(code.as_str()), judged(units)));
        let all = std::iter::once((None, judged(&planned.all)));
        all.chain(provinces)
            .map(move |(province, checks)| line(*day, province, checks))
    });
    let found = found.iter().flat_map(move |(day, found)| {
        let provinces = found.provinces.iter();
        let provinces = provinces.map(move |(code, tally)| (Some(code.as_str()), said(tally)));
        let all = std::iter::once((None, said(&found.all)));
        all.chain(provinces)
            .map(move |(province, checks)| line(*day, province, checks))
    });
    planned.chain(found)
}

/// What a campaign came to so far.
pub async fn campaign_report(
    store: &Store,
    campaign: &Campaign,
) -> Result<CampaignReport, StoreError> {
    let counts = store.campaign_counts(&campaign.id).await?;
    let rules = campaign.terms.rules.keys().map(|code| {
        let broken = counts.all.rules.get(code).copied();
        (code.clone(), broken.unwrap_or_default())
    });
    let provinces = counts.provinces.iter();
    let provinces = provinces.map(|(code, tallies)| (code.clone(), members(tallies)));
    Ok(CampaignReport::new(
        campaign.members,
        members(&counts.all),
        &rules.collect(),
        provinces.collect(),
    ))
}

fn members(tallies: &MemberTallies) -> Members {
    let of = |outcome: &str| tallies.outcomes.get(outcome).copied().unwrap_or_default();
    Members {
        kept: of("kept"),
        broken: of("broken"),
        undecided: of("undecided"),
        gone: of("gone"),
        told: tallies.told,
        put_right: tallies.put_right,
    }
}
