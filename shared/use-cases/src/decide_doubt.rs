//! Staff decide what machines could not: their evidence, with author and reason, stands for the machine's.

use icp_domain::finding::Object;
use icp_domain::history::Happened;
use icp_domain::ids::{UnitId, UserId};
use icp_domain::reports::{Bringer, DecisionSays, SPEAKS_FOR_DAYS, StaffDecision};
use icp_domain::rules::rule;
use icp_domain::{Invocation, Rulebook, Text};
use icp_store::records::{Decided as Kept, ReviewItem, StoredFiling};
use icp_store::{Answer, Change, Failure, Repeat, Store, StoreError, keys};
use jiff::{SignedDuration, Timestamp};

use crate::By;
use crate::attempt::{Decided, Tries};
use crate::claim_item::{ClaimThen, held_text, rest_on_claim};

/// Decides one thing of what people are asked about a unit.
#[derive(Debug, Clone)]
pub struct DecideDoubt {
    /// The unit.
    pub unit: UnitId,
    /// The rule's code.
    pub rule: String,
    /// What it is about.
    pub object: Object,
    /// What is decided.
    pub says: DecisionSays,
    /// On what that rests; where it is broken, the filer reads it.
    pub reason: String,
    /// Who, from where.
    pub by: By,
    /// The same, by name.
    pub user: UserId,
}

/// Why a decision is refused.
#[derive(Debug, thiserror::Error)]
pub enum DecideRefused {
    /// Nobody is asked that, or no longer.
    #[error("nobody is asked that of the unit, or no longer")]
    NotAsked,
    /// Somebody else of the staff works on it.
    #[error("somebody else works on it until {0}")]
    Claimed(Timestamp),
}

impl DecideRefused {
    /// The refusal for people.
    pub fn text(&self) -> Text {
        match self {
            Self::NotAsked => Text::new("该项未请人工判断，或已有结论", self.to_string()),
            Self::Claimed(until) => held_text("该项", *until),
        }
    }
}

/// Takes a decision in. It speaks for 180 days of the facts as they are, and the unit is judged by it at
/// once; what is still asked stays on the item.
pub async fn decide_doubt(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<()>,
    command: DecideDoubt,
) -> Result<Answer, Failure<DecideRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let unit = &command.unit;
            let rule = rule(&command.rule).ok_or(Failure::NotFound)?;
            let item = store.review_item(unit, rule.clock()).await?;
            let mut item = item.ok_or(Failure::NotFound)?;
            let asked = item.doubts.len();
            item.doubts
                .retain(|doubt| doubt.rule != command.rule || doubt.object != command.object);
            if item.doubts.len() == asked {
                return Err(Failure::Refused(DecideRefused::NotAsked));
            }
            let found = match &unit.service {
                Some(service) => {
                    let clock = rule.clock();
                    store.service_unit(&unit.subject, service, clock).await?
                }
                None => store.filing(&unit.subject).await?,
            };
            let mut filing = found.ok_or(Failure::NotFound)?;
            let mut change = Change::new();
            let then = if item.doubts.is_empty() {
                ClaimThen::Ends
            } else {
                ClaimThen::Stays
            };
            let row = keys::review_item(unit, item.clock);
            rest_on_claim(store, &mut change, (&row, &command.user), then, inv.now)
                .await?
                .map_err(|until| Failure::Refused(DecideRefused::Claimed(until)))?;
            put_decision(store, &mut change, &filing, &command, inv).await?;
            put_rest(&mut change, &filing, item, inv.now)?;
            let what = match command.says {
                DecisionSays::Kept => Happened::DecidedKept,
                DecisionSays::Broken => Happened::DecidedBroken,
            };
            let about = format!("{unit} {}: {}", command.rule, command.reason);
            let deed = command.by.deed(what, &about, &repeat.command);
            filing.record(&mut change, deed, inv.now)?;
            Ok::<_, Failure<DecideRefused>>(Decided { change, done: () })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

async fn put_decision(
    store: &Store,
    change: &mut Change,
    filing: &StoredFiling,
    command: &DecideDoubt,
    inv: &mut Invocation,
) -> Result<(), StoreError> {
    let bringer = Bringer {
        by: command.user.clone(),
        because: command.reason.clone(),
    };
    let decision = StaffDecision {
        unit: command.unit.clone(),
        rule: command.rule.clone(),
        object: command.object.clone(),
        says: command.says,
        reason: command.reason.clone(),
        from: inv.now,
        until: inv.now + SignedDuration::from_hours(24 * SPEAKS_FOR_DAYS),
    };
    let mut reported = filing.reported(&command.unit);
    // What speaks no more is nobody's evidence.
    reported
        .decisions
        .retain(|kept| inv.now < kept.decision.report.until);
    reported.decide(Kept {
        decision: bringer.brings(decision, inv.now),
        facts: filing.facts_revisions(&command.unit),
    });
    filing
        .put_reported(store, change, &command.unit, reported, inv)
        .await
}

/// Writes what is still asked, beside the unit's clock, which lets it be judged at once. With nothing asked any
/// more, the next doubt asks people anew.
fn put_rest(
    change: &mut Change,
    filing: &StoredFiling,
    mut item: ReviewItem,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (unit, name) = (item.unit.clone(), item.clock);
    let is_done = item.doubts.is_empty();
    if is_done {
        ReviewItem::remove(change, &unit, name);
    } else {
        let mut rules: Vec<String> = item.doubts.iter().map(|doubt| doubt.rule.clone()).collect();
        rules.sort();
        rules.dedup();
        item.rules = rules;
        item.put(change)?;
    }
    let Some(stored) = filing.clock_of(&unit, name) else {
        return Ok(());
    };
    let mut clock = stored.clock.clone();
    clock.people_asked = !is_done;
    clock.next_audit_at = clock.next_audit_at.min(now);
    let live = filing.filing.has_access(&unit);
    filing.put_clock_of(change, (&unit, name), &clock, live, now)
}
