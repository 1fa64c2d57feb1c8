//! Judges evidence: a clean audit moves the clock, a confirmed fault opens or joins a case, a last
//! look or a recheck decides a finding.

use icp_domain::audit::{Confirmed, Judged, Judgement};
use icp_domain::case::{Case, CaseNumber};
use icp_domain::command::CommandId;
use icp_domain::finding::{Event, Finding, FindingState, LookOutcome, Object, step};
use icp_domain::ids::{CaseId, FindingId, NoticeId, UnitId};
use icp_domain::look::{Evidence, Purpose};
use icp_domain::notice::{Notice, NoticeKind};
use icp_domain::rulebook::Level;
use icp_domain::rulebook::calendar::local_date;
use icp_domain::rules::{Category, NotApplicable, Outcome, Rule, Sight, judge};
use icp_domain::{Invocation, Rulebook, Text};
use icp_store::records::{CaseEvidence, Posting, StoredCase, StoredFiling};
use icp_store::{Change, CommitError, Store, StoreError};

use crate::By;
use crate::notices::{first_notice_at, post_notice};

/// What judging came to, for the log and the metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// All is as it must be; the clock moved on.
    Clean,
    /// A first broken look: to be confirmed.
    Suspected,
    /// At least one rule could not decide.
    Undecided,
    /// Confirmed: a case was opened or joined.
    Confirmed(CaseId),
    /// Confirmed, and only counted, since no rule's level asks for a case.
    Observed,
    /// A look that a finding waited for was judged.
    Finding(CaseId, &'static str),
    /// The evidence answers nothing that is open: it came twice, late, or of other facts.
    Overtaken,
}

/// Who judges, as history knows it.
const FUNCTION: &str = "judge-evidence";

/// Judges one look's evidence; on conflict it loads and judges again.
pub async fn judge_evidence(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    evidence: &Evidence,
) -> Result<Verdict, StoreError> {
    for _ in 0..=rulebook.policy.sweeps.reloads {
        let judging = Judging {
            store,
            rulebook,
            evidence,
        };
        let decided = match evidence.look.purpose {
            Purpose::Audit => judging.audit(inv).await?,
            Purpose::Recheck | Purpose::LastLook => judging.asked_for(inv).await?,
        };
        let Some((change, verdict)) = decided else {
            return Ok(Verdict::Overtaken);
        };
        match store.commit(&change).await {
            Ok(()) => return Ok(verdict),
            Err(CommitError::Conflict(_)) => {}
            Err(CommitError::Store(error)) => return Err(error),
        }
    }
    Ok(Verdict::Overtaken)
}

struct Judging<'a> {
    store: &'a Store,
    rulebook: &'a Rulebook,
    evidence: &'a Evidence,
}

type Outcomes = Vec<(&'static Rule, Object, Outcome)>;

impl Judging<'_> {
    fn unit(&self) -> &UnitId {
        &self.evidence.look.unit
    }

    async fn filing(&self) -> Result<Option<StoredFiling>, StoreError> {
        let unit = self.unit();
        match &unit.service {
            None => self.store.filing(&unit.subject).await,
            Some(service) => self.store.service_unit(&unit.subject, service).await,
        }
    }

    fn outcomes(&self, filing: &StoredFiling) -> Outcomes {
        judge(&Sight {
            unit: self.unit(),
            filing: &filing.filing,
            evidence: self.evidence,
            rulebook: self.rulebook,
            at: self.evidence.begun_at,
        })
    }

    /// Whether the plan was made from the facts as they are now.
    fn is_of_these_facts(&self, filing: &StoredFiling) -> bool {
        let subject = filing.clock(&UnitId::of_subject(filing.id().clone()));
        let unit = filing.clock(self.unit());
        let revision = |clock: Option<&icp_store::records::StoredClock>| {
            clock.map(|stored| stored.clock.facts_revision)
        };
        let planned = self.evidence.look.facts_revisions;
        revision(subject) == Some(planned.subject) && revision(unit) == Some(planned.unit)
    }

    /// Judges the unit's own period.
    async fn audit(&self, inv: &mut Invocation) -> Result<Option<(Change, Verdict)>, StoreError> {
        let (unit, policy) = (self.unit(), &self.rulebook.policy.audits);
        let Some(filing) = self.filing().await? else {
            return Ok(None);
        };
        let Some(stored) = filing.clock(unit).cloned() else {
            return Ok(None);
        };
        if stored.clock.next_audit_at != self.evidence.look.due {
            return Ok(None);
        }
        let mut change = Change::new();
        if !self.is_of_these_facts(&filing) {
            let mut clock = stored.clock.clone();
            clock.next_audit_at = inv.now + policy.overtaken_again();
            filing.put_clock(&mut change, unit, &clock, true, inv.now)?;
            return Ok(Some((change, Verdict::Overtaken)));
        }
        let case = match &stored.clock.open_case {
            Some(case) => self.store.case(case).await?,
            None => None,
        };
        let outcomes = self.outcomes(&filing);
        let judged = Judged {
            look: &self.evidence.look.id,
            begun_at: self.evidence.begun_at,
            vantage: &self.evidence.look.plan.vantage,
            outcomes: &outcomes,
        };
        let in_case = |rule: &Rule, object: &Object| {
            case.as_ref()
                .is_some_and(|stored| stored.case.holds(rule.code, object))
        };
        let judgement = stored.clock.judge(unit, &judged, in_case, policy);
        self.count_undecided(&mut change, &outcomes, inv);
        if judgement.wants_people {
            tracing::warn!(unit = %unit, "unit {unit} stayed undecided: people must look");
        }
        if judgement.confirmed.is_empty() {
            filing.put_clock(&mut change, unit, &judgement.clock, true, inv.now)?;
            if judgement.suspected {
                let until = inv.now + policy.evidence_kept();
                filing.put_evidence(&mut change, self.evidence, until)?;
            }
            let verdict = match (judgement.suspected, judgement.undecided) {
                (true, _) => Verdict::Suspected,
                (false, true) => Verdict::Undecided,
                (false, false) => Verdict::Clean,
            };
            return Ok(Some((change, verdict)));
        }
        self.confirmed(change, filing, case, judgement, &outcomes, inv)
            .await
            .map(Some)
    }

    fn count_undecided(&self, change: &mut Change, outcomes: &Outcomes, inv: &Invocation) {
        let mut counted: Vec<&str> = outcomes
            .iter()
            .filter(|(_, _, outcome)| matches!(outcome, Outcome::Undecided(_)))
            .map(|(rule, _, _)| rule.code)
            .collect();
        counted.dedup();
        for rule in counted {
            let look = self.evidence.look.id.as_str();
            Store::count_outcome(change, local_date(inv.now), rule, look, "undecided");
        }
    }

    /// Opens a case for what is confirmed, or joins the unit's open one.
    async fn confirmed(
        &self,
        mut change: Change,
        mut filing: StoredFiling,
        case: Option<StoredCase>,
        judgement: Judgement,
        outcomes: &Outcomes,
        inv: &mut Invocation,
    ) -> Result<(Change, Verdict), StoreError> {
        let (unit, now) = (self.unit(), inv.now);
        let look = self.evidence.look.id.clone();
        let levels = self.store.levels().await?;
        let levelled: Vec<(Confirmed, Level)> = judgement
            .confirmed
            .iter()
            .map(|confirmed| (confirmed.clone(), self.level(&levels, confirmed.rule)))
            .collect();
        for (confirmed, level) in &levelled {
            if *level != Level::Off {
                let day = local_date(now);
                Store::count_outcome(
                    &mut change,
                    day,
                    confirmed.rule.code,
                    look.as_str(),
                    "broken",
                );
            }
        }
        let told: Vec<&(Confirmed, Level)> = levelled
            .iter()
            .filter(|(_, level)| Level::Notify <= *level)
            .collect();
        let mut clock = judgement.clock;
        if told.is_empty() {
            filing.put_clock(&mut change, unit, &clock, true, now)?;
            return Ok((change, Verdict::Observed));
        }
        let command = CommandId::of_cause(&unit.to_string(), "confirm", look.as_str());
        let joins = case.as_ref().is_some_and(|stored| stored.case.is_open());
        let mut stored = match case {
            Some(stored) if joins => stored,
            Some(_) | None => StoredCase::opened(self.open(&filing, &command, now).await?),
        };
        for (confirmed, level) in told {
            stored
                .case
                .findings
                .push(self.finding(&stored.case.id, confirmed, *level, now));
        }
        self.keep_evidence(&mut change, &stored, &judgement.confirmed, outcomes, inv)
            .await?;
        clock.open_case = Some(stored.case.id.clone());
        filing.put_clock(&mut change, unit, &clock, true, now)?;
        let wake = stored
            .case
            .next(&filing.frozen(), now, self.rulebook)
            .map(|(at, _, _)| at);
        stored.put(&mut change, wake, now)?;
        self.post_first_notice(&mut change, &filing, &stored.case.id, inv)
            .await?;
        let what = if joins { "case-joined" } else { "case-opened" };
        let deed = By::machine(FUNCTION).deed(what, stored.case.id.as_str(), &command);
        filing.record(&mut change, deed, now)?;
        Ok((change, Verdict::Confirmed(stored.case.id)))
    }

    /// The level of a rule. Rules on pages stay at `observe` while all exits stand in one network.
    fn level(&self, levels: &icp_store::records::Levels, rule: &Rule) -> Level {
        let level = levels.of(rule.code, self.rulebook);
        let reads_pages = rule.needs.contains(&icp_domain::rules::Need::HomePage);
        if reads_pages && !self.rulebook.vantages.http_confirmable() {
            level.min(Level::Observe)
        } else {
            level
        }
    }

    async fn open(
        &self,
        filing: &StoredFiling,
        command: &CommandId,
        now: jiff::Timestamp,
    ) -> Result<Case, StoreError> {
        let id = CaseId::derived("case", &[command.as_str()]);
        let mut attempt = 0;
        let number = loop {
            let number = CaseNumber::of_attempt(&id, attempt);
            match self.store.case_of_number(&number).await? {
                Some(other) if other != id.as_str() => attempt += 1,
                Some(_) | None => break number,
            }
        };
        Ok(Case {
            id,
            number,
            unit: self.unit().clone(),
            account: filing.filing.subject.account.clone(),
            opened_at: now,
            findings: Vec::new(),
            needs_staff: None,
        })
    }

    fn finding(
        &self,
        case: &CaseId,
        confirmed: &Confirmed,
        level: Level,
        now: jiff::Timestamp,
    ) -> Finding {
        let policy = &self.rulebook.policy.cases;
        let rule = confirmed.rule;
        let object = serde_json::to_string(&confirmed.object).unwrap_or_default();
        let look = self.evidence.look.id.as_str();
        Finding {
            id: FindingId::derived("finding", &[case.as_str(), rule.code, &object, look]),
            rule: rule.code.to_owned(),
            object: confirmed.object.clone(),
            level,
            brought_by: rule.brought_by,
            joined_at: now,
            looks: confirmed.looks.clone(),
            period_days: match rule.category {
                Category::Access => policy.period_access_days,
                Category::SubjectInformation
                | Category::Contacts
                | Category::Materials
                | Category::ContentAndHolder => policy.period_other_days,
            },
            notified_at: None,
            extension: None,
            appeals: Vec::new(),
            recheck: None,
            reminded: None,
            looks_asked: 0,
            state: FindingState::Open,
        }
    }

    /// Keeps with the case what each confirmed fault rests on: this look's evidence, and the
    /// earlier look's that was kept beside the filing.
    async fn keep_evidence(
        &self,
        change: &mut Change,
        stored: &StoredCase,
        confirmed: &[Confirmed],
        outcomes: &Outcomes,
        inv: &Invocation,
    ) -> Result<(), StoreError> {
        let until = inv.now + self.rulebook.policy.audits.evidence_kept();
        let shows = broken(outcomes);
        let kept = CaseEvidence {
            evidence: self.evidence.clone(),
            shows: shows.clone(),
        };
        stored.put_evidence(change, &kept, until)?;
        let mut earlier: Vec<_> = confirmed
            .iter()
            .flat_map(|confirmed| &confirmed.looks)
            .filter(|look| **look != self.evidence.look.id)
            .collect();
        earlier.sort();
        earlier.dedup();
        for look in earlier {
            if let Some(evidence) = self.store.look_evidence(&self.unit().subject, look).await? {
                let kept = CaseEvidence {
                    evidence,
                    shows: shows.clone(),
                };
                stored.put_evidence(change, &kept, until)?;
            }
        }
        Ok(())
    }

    /// The filing's first notice of the coming 10:00: made by the first case, joined by the next.
    async fn post_first_notice(
        &self,
        change: &mut Change,
        filing: &StoredFiling,
        case: &CaseId,
        inv: &Invocation,
    ) -> Result<(), StoreError> {
        let send_after = first_notice_at(inv.now, &self.rulebook.policy.cases);
        let subject = filing.id();
        let id = NoticeId::derived("first-notice", &[subject.as_str(), &send_after.to_string()]);
        if let Some(stored) = self.store.outbox(&id).await? {
            let mut row = stored.row.clone();
            if let Posting::Notice(Notice {
                kind: NoticeKind::Audit { cases },
                ..
            }) = &mut row.posting
                && !cases.contains(case)
            {
                cases.push(case.clone());
                return stored.put(change, &row, inv.now);
            }
            return Ok(());
        }
        let kind = NoticeKind::Audit {
            cases: vec![case.clone()],
        };
        let notice = Notice {
            id: id.clone(),
            subject: subject.clone(),
            kind,
        };
        Store::post(change, &id, Posting::Notice(notice), send_after, inv.now)
    }

    /// Judges a look that a finding asked for.
    async fn asked_for(
        &self,
        inv: &mut Invocation,
    ) -> Result<Option<(Change, Verdict)>, StoreError> {
        let (unit, look, now) = (self.unit(), &self.evidence.look, inv.now);
        let Some(mut filing) = self.filing().await? else {
            return Ok(None);
        };
        // Evidence of other facts is dropped: the finding's own wake sends the look again.
        if !self.is_of_these_facts(&filing) {
            return Ok(None);
        }
        let Some(clock) = filing.clock(unit).cloned() else {
            return Ok(None);
        };
        let Some(case) = &clock.clock.open_case else {
            return Ok(None);
        };
        let Some(mut stored) = self.store.case(case).await? else {
            return Ok(None);
        };
        let awaiting = stored
            .case
            .findings
            .iter()
            .find(|finding| finding.awaits(&look.id));
        let Some(finding) = awaiting.cloned() else {
            return Ok(None);
        };
        let outcomes = self.outcomes(&filing);
        let outcome = outcome_for(&finding, &outcomes);
        let seen = icp_domain::finding::BrokenLook {
            look: look.id.clone(),
            begun_at: self.evidence.begun_at,
            vantage: look.plan.vantage.clone(),
        };
        let event = Event::Looked { seen, outcome };
        let stepped = stored
            .case
            .clone()
            .with_finding(&finding.id, (), |finding| {
                step(finding, event, now, self.rulebook).map_err(|_| ())
            });
        let Ok(case) = stepped else { return Ok(None) };
        stored.case = case;
        let mut change = Change::new();
        if outcome == LookOutcome::Broken {
            let until = now + self.rulebook.policy.audits.evidence_of_stops_kept();
            let kept = CaseEvidence {
                evidence: self.evidence.clone(),
                shows: broken(&outcomes),
            };
            stored.put_evidence(&mut change, &kept, until)?;
        }
        let command = CommandId::of_cause(stored.case.id.as_str(), "looked", look.id.as_str());
        let after = stored
            .case
            .finding(&finding.id)
            .map_or("gone", |finding| finding.state.name());
        if !stored.case.is_open() {
            close(&mut change, &filing, &stored.case, now)?;
            let kind = NoticeKind::CaseClosed {
                case: stored.case.id.clone(),
            };
            let policy = &self.rulebook.policy.cases;
            post_notice(&mut change, &command, filing.id(), kind, now, policy)?;
        }
        let wake = stored
            .case
            .next(&filing.frozen(), now, self.rulebook)
            .map(|(at, _, _)| at);
        stored.put(&mut change, wake, now)?;
        let what = match after {
            "closed" => Some("finding-put-right"),
            "condemned" if finding.state.name() != after => Some("finding-condemned"),
            _ => None,
        };
        match what {
            Some(what) => {
                let deed = By::machine(FUNCTION).deed(what, stored.case.id.as_str(), &command);
                filing.record(&mut change, deed, now)?;
            }
            // Nothing that history keeps, but what was judged must still be the filing.
            None => filing.check_head(&mut change),
        }
        Ok(Some((
            change,
            Verdict::Finding(stored.case.id.clone(), after),
        )))
    }
}

/// What the look says of the finding. A fault that another rule now speaks of is not gone.
fn outcome_for(finding: &Finding, outcomes: &Outcomes) -> LookOutcome {
    let said = outcomes
        .iter()
        .find(|(rule, object, _)| rule.code == finding.rule && *object == finding.object);
    match said.map(|(_, _, outcome)| outcome) {
        Some(Outcome::Broken(_)) => LookOutcome::Broken,
        Some(Outcome::Undecided(_) | Outcome::NotApplicable(NotApplicable::OtherRule)) => {
            LookOutcome::Undecided
        }
        // What the rule no longer speaks of, or what is no longer there, is put right.
        Some(Outcome::Kept | Outcome::NotApplicable(_)) | None => LookOutcome::Clean,
    }
}

fn broken(outcomes: &Outcomes) -> Vec<(String, Object, Text)> {
    outcomes
        .iter()
        .filter_map(|(rule, object, outcome)| match outcome {
            Outcome::Broken(basis) => Some((rule.code.to_owned(), object.clone(), basis.clone())),
            Outcome::Kept | Outcome::Undecided(_) | Outcome::NotApplicable(_) => None,
        })
        .collect()
}

/// Takes a closed case off its unit's clock.
pub(crate) fn close(
    change: &mut Change,
    filing: &StoredFiling,
    case: &Case,
    now: jiff::Timestamp,
) -> Result<(), StoreError> {
    let Some(stored) = filing.clock(&case.unit) else {
        return Ok(());
    };
    if stored.clock.open_case.as_ref() != Some(&case.id) {
        return Ok(());
    }
    let mut clock = stored.clock.clone();
    clock.open_case = None;
    let live = case.unit.service.as_ref().is_none_or(|service| {
        filing
            .filing
            .links
            .get(service)
            .is_some_and(icp_domain::filing::Link::is_live)
    });
    filing.put_clock(change, &case.unit, &clock, live, now)
}
