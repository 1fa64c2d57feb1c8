//! What people do about a case: ask for a recheck, an extension, appeal, object, decide, call.

use icp_domain::case::CallOutcome;
use icp_domain::finding::{Finding, FindingState, Grounds};
use icp_domain::ids::{CaseId, FindingId, MaterialId, OrderId, PersonId, SubjectId, UserId};
use icp_domain::look::{Look, Purpose};
use icp_domain::rulebook::calendar::local_date;
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{Limited, StoredCase, StoredFiling};
use icp_store::{Answer, Change, Failure, Repeat, Store, keys};
use jiff::Timestamp;

use crate::By;
use crate::attempt::{Decided, Tries, answered_before};
use crate::claim_item::rest_on_claim;
use crate::judge::close;
use crate::notices::post_notice;
use crate::posted::look_for;
use crate::reinstate::count_again;
use crate::reported::report_telephone;
use crate::send_code::next_hour;

mod acting;
mod exemption;
mod reading;
mod refused;
mod said;

use acting::Acting;
pub use refused::ActRefused;
use said::{about, claim_of, happened, told};

/// Acts on a case.
#[derive(Debug, Clone)]
pub struct ActOnCase {
    /// The case.
    pub case: CaseId,
    /// Who, from where.
    pub by: By,
    /// The version that the caller saw.
    pub expected: u64,
    /// What is done.
    pub act: Act,
}

/// What is done about a case.
#[derive(Debug, Clone)]
pub enum Act {
    /// The filer asks that every open finding be looked at again.
    Recheck,
    /// The filer takes the extension of one finding.
    Extend {
        /// Which.
        finding: FindingId,
        /// Days on top.
        days: u32,
        /// Why.
        reason: String,
    },
    /// The filer appeals against one finding.
    Appeal {
        /// Which.
        finding: FindingId,
        /// Why.
        reason: String,
        /// What is new in it: a file of an order of the filing.
        material: Option<(OrderId, MaterialId)>,
    },
    /// The filer objects to the stop.
    Object {
        /// What the objection says.
        grounds: Grounds,
        /// Why.
        reason: String,
    },
    /// The filer chooses when to be called.
    ChooseCallSlot {
        /// Whom to call.
        person: PersonId,
        /// From when.
        from: Timestamp,
    },
    /// Staff decide the appeal against one finding.
    DecideAppeal {
        /// Which.
        finding: FindingId,
        /// Who.
        by: UserId,
        /// Whether the finding falls.
        granted: bool,
        /// Why.
        reason: String,
    },
    /// Staff give more days for one finding.
    ExtendByStaff {
        /// Which.
        finding: FindingId,
        /// Who.
        by: UserId,
        /// Days on top.
        days: u32,
        /// Why.
        reason: String,
    },
    /// Staff report again what the bureau refused.
    ReportAgain {
        /// Who.
        by: UserId,
        /// Why.
        reason: String,
    },
    /// Staff record what the bureau answered to the report of a cancellation.
    RecordReportAnswer {
        /// Who.
        by: UserId,
        /// Whether it recorded that we give no access.
        cancelled: bool,
        /// What it said.
        reason: String,
    },
    /// Staff looked at one finding for themselves.
    Read {
        /// Which.
        finding: FindingId,
        /// Who.
        by: UserId,
        /// Whether the fault is there.
        broken: bool,
        /// On what that rests.
        reason: String,
    },
    /// Staff exempt the unit from the rule of one finding for a time.
    Exempt {
        /// Which.
        finding: FindingId,
        /// Who.
        by: UserId,
        /// Until when.
        until: Timestamp,
        /// Why.
        reason: String,
    },
    /// Staff decide the objection to the stop.
    DecideObjection {
        /// Who.
        by: UserId,
        /// Whether access is given again.
        granted: bool,
        /// Why.
        reason: String,
    },
    /// Staff called a person of the filing about it.
    RecordCall {
        /// Who called.
        by: UserId,
        /// Who was called.
        person: PersonId,
        /// How it ended.
        outcome: CallOutcome,
        /// What the caller noted.
        note: Option<String>,
    },
}

/// Acts on a case. A recheck also gives the looks to send; their wakes send them again if they are
/// lost.
pub async fn act(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<StoredCase>,
    command: ActOnCase,
) -> Result<(Answer, Vec<Look>), Failure<ActRefused>> {
    // A recheck that comes again is not counted again.
    if matches!(command.act, Act::Recheck)
        && let Some(answer) = answered_before(store, &repeat).await?
    {
        return Ok((answer, Vec::new()));
    }
    let mut looks = Vec::new();
    let mut is_counted = false;
    let mut tries = Tries::of(store, rulebook, &repeat);
    let answer = loop {
        let decided = async {
            let found = store.case(&command.case).await?;
            let mut stored = found
                .filter(|stored| command.by.may_see(&stored.case.account))
                .ok_or(Failure::NotFound)?;
            if stored.version() != command.expected {
                return Err(Failure::ChangedMeanwhile);
            }
            let filing = store.filing(&stored.case.unit.subject).await?;
            let mut filing = filing.ok_or(Failure::NotFound)?;
            let held = acting::held(store, rulebook, &command.act, &stored.case, inv.now).await?;
            let acting = Acting {
                rulebook,
                command: &command,
                held,
            };
            let before = stored.case.findings.clone();
            acting.apply(&mut stored, &filing, &repeat.command, inv)?;
            if matches!(command.act, Act::ReportAgain { .. })
                && filing.filing.subject.order_in_flight.is_some()
            {
                return Err(Failure::Refused(ActRefused::OrderInFlight));
            }
            brings_something(store, &command.act, filing.id()).await?;
            // Once a call, however often it is decided again.
            if matches!(command.act, Act::Recheck) && !std::mem::replace(&mut is_counted, true) {
                count_recheck(store, rulebook, &command.case, inv.now).await?;
            }
            looks = asked_looks(&stored, &filing, rulebook);
            let now = inv.now;
            let mut change = Change::new();
            count(&mut change, &filing, (&before, &stored.case.findings), now);
            if let Some((user, then)) = claim_of(&command.act) {
                let row = keys::case(&command.case);
                rest_on_claim(store, &mut change, (&row, user), then, now)
                    .await?
                    .map_err(|until| Failure::Refused(ActRefused::Claimed(until)))?;
            }
            reading::put(store, &mut change, &command.act, &stored, &filing, inv).await?;
            exemption::put(
                store,
                rulebook,
                &mut change,
                &command.act,
                &stored,
                &filing,
                inv,
            )
            .await?;
            if let Act::RecordCall {
                person, outcome, ..
            } = &command.act
            {
                let says = outcome.says();
                report_telephone(store, &mut change, &filing, person, says, inv).await?;
            }
            if !stored.case.is_open() {
                close(&mut change, &filing, &stored.case, now)?;
            }
            if let Some(kind) = told(&command.act, &stored) {
                let policy = &rulebook.policy.cases;
                post_notice(&mut change, &repeat.command, filing.id(), kind, now, policy)?;
            }
            let wake = stored.case.wakes_at(&filing.freezes, now, rulebook);
            stored.put(&mut change, wake, now)?;
            let about = about(&command.act, &command.case);
            let deed = command
                .by
                .deed(happened(&command.act), &about, &repeat.command);
            filing.record(&mut change, deed, now)?;
            Ok::<_, Failure<ActRefused>>(Decided {
                change,
                done: stored,
            })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            break answer?;
        }
    };
    Ok((
        answer,
        if matches!(command.act, Act::Recheck) {
            looks
        } else {
            Vec::new()
        },
    ))
}

/// Counts what becomes of each finding: for its rule's precision, and links that a stop had counted off and now leaves.
fn count(
    change: &mut Change,
    filing: &StoredFiling,
    (before, after): (&[Finding], &[Finding]),
    now: Timestamp,
) {
    for (before, after) in before.iter().zip(after) {
        Store::count_precision(change, local_date(now), before, after);
        let is_taken_back = matches!(after.state, FindingState::Moving { .. });
        if is_taken_back && matches!(before.state, FindingState::Stopping { .. }) {
            count_again(change, filing);
        }
    }
}

async fn count_recheck(
    store: &Store,
    rulebook: &Rulebook,
    case: &CaseId,
    now: Timestamp,
) -> Result<(), Failure<ActRefused>> {
    let asked = store.count_call(Limited::Rechecks, case.as_str(), now);
    if u64::from(rulebook.policy.audits.rechecks_per_hour) < asked.await? {
        return Err(Failure::Refused(ActRefused::TooMany(next_hour(now))));
    }
    Ok(())
}

/// The file that an appeal names must be there: seen in an order of the filing.
async fn brings_something(
    store: &Store,
    act: &Act,
    subject: &SubjectId,
) -> Result<(), Failure<ActRefused>> {
    let Act::Appeal {
        material: Some((order, material)),
        ..
    } = act
    else {
        return Ok(());
    };
    let stored = store.order(order).await?;
    let is_seen = stored
        .filter(|stored| stored.order.subject == *subject)
        .and_then(|stored| {
            stored
                .uploads
                .get(material)
                .map(|upload| upload.seen.is_some())
        })
        .unwrap_or_default();
    if is_seen {
        Ok(())
    } else {
        Err(Failure::Refused(ActRefused::NoSuchMaterial))
    }
}

/// The looks that rechecks ask for.
fn asked_looks(stored: &StoredCase, filing: &StoredFiling, rulebook: &Rulebook) -> Vec<Look> {
    stored
        .case
        .findings
        .iter()
        .filter_map(|finding| {
            let asked = (finding.rule.as_str(), finding.recheck.as_ref()?);
            look_for(filing, &stored.case.unit, asked, Purpose::Recheck, rulebook)
        })
        .collect()
}
