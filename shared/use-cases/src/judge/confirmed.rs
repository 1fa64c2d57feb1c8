//! What a confirmed fault leads to, by its rule's level: told, observed, or nothing.

use std::collections::BTreeSet;

use icp_domain::Invocation;
use icp_domain::audit::{Confirmed, Judgement};
use icp_domain::rulebook::Level;
use icp_domain::rules::Rule;
use icp_store::records::{Levels, StoredCase, StoredFiling, Tally};
use icp_store::{Change, StoreError};

use super::told::{Telling, ToTell};
use super::{Judging, Outcomes, Verdict};

impl Judging<'_> {
    /// Counts what is confirmed, and tells or observes it.
    pub(super) async fn confirmed(
        &self,
        mut change: Change,
        filing: StoredFiling,
        case: Option<StoredCase>,
        judgement: Judgement,
        outcomes: &Outcomes,
        inv: &mut Invocation,
    ) -> Result<(Change, Verdict), StoreError> {
        let (unit, now) = (self.unit(), inv.now);
        let levels = self.store.levels().await?.levels;
        let levelled = |found: &[Confirmed]| -> Vec<(Confirmed, Level)> {
            let found = found.iter();
            found
                .map(|found| (found.clone(), self.level(&levels, &filing, found.rule)))
                .collect()
        };
        let (new, known) = (
            levelled(&judgement.confirmed),
            levelled(&judgement.observed),
        );
        let counted = new.iter().filter(|(_, level)| *level != Level::Off);
        let broken: BTreeSet<&str> = counted.map(|(found, _)| found.rule.code).collect();
        for rule in broken {
            let once = Tally {
                broken: 1,
                undecided: 0,
            };
            self.count(&mut change, &filing, rule, once, inv);
        }
        let found: Vec<(Confirmed, Level)> = new.into_iter().chain(known).collect();
        let mut clock = judgement.clock;
        self.observe(&mut change, &filing, &mut clock, &found, outcomes, now)?;
        let told: Vec<&(Confirmed, Level)> = found
            .iter()
            .filter(|(_, level)| Level::Notify <= *level)
            .collect();
        if judgement.suspected {
            let until = now + self.rulebook.policy.audits.evidence_kept();
            filing.put_evidence(&mut change, &self.kept(outcomes), until)?;
        }
        if told.is_empty() {
            let named = (unit, self.evidence.look.clock);
            filing.put_clock_of(&mut change, named, &clock, true, now)?;
            return Ok((change, Verdict::Observed));
        }
        let told: Vec<ToTell> = told
            .into_iter()
            .map(|(found, level)| ToTell {
                found: found.clone(),
                level: *level,
                period_days: self.rulebook.policy.cases.period_days(found.rule),
            })
            .collect();
        let telling = Telling {
            told,
            campaign: None,
            only: Vec::new(),
        };
        let id = self
            .tell(&mut change, filing, case, clock, telling, outcomes, inv)
            .await?;
        Ok((change, Verdict::Confirmed(id)))
    }

    /// The level of a rule for the unit.
    pub(super) fn level(&self, levels: &Levels, filing: &StoredFiling, rule: &Rule) -> Level {
        let level = levels.of_unit(rule.code, &filing.filing, self.unit(), self.rulebook);
        self.at_most(level, rule)
    }

    /// A level, at most what the rule itself allows. Rules on pages stay at `observe` while all exits stand in one
    /// network.
    pub(super) fn at_most(&self, level: Level, rule: &Rule) -> Level {
        let level = level.min(rule.most);
        if rule.reads_page() && !self.rulebook.vantages.http_confirmable() {
            level.min(Level::Observe)
        } else {
            level
        }
    }
}
