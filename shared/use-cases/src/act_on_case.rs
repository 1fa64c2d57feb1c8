//! What people do about a case: ask for a recheck, an extension, appeal, decide an appeal, call.

use icp_domain::case::{Call, CallOutcome, StaffNeed};
use icp_domain::finding::{Event, FindingState, step};
use icp_domain::ids::{CaseId, FindingId, PersonId, UserId};
use icp_domain::look::{Look, Purpose};
use icp_domain::notice::NoticeKind;
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{Limited, StoredCase, StoredFiling};
use icp_store::{Answer, Change, Failure, Repeat, Store, keys};
use jiff::Timestamp;

use crate::By;
use crate::attempt::{Decided, Tries, answered_before};
use crate::claim_item::{ClaimThen, rest_on_claim};
use crate::judge::close;
use crate::notices::post_notice;
use crate::posted::look_for;
use crate::reported::report_telephone;
use crate::send_code::next_hour;

mod refused;

pub use refused::ActRefused;

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
            let acting = Acting {
                rulebook,
                command: &command,
            };
            acting.apply(&mut stored, &filing, inv)?;
            // Once a call, however often it is decided again.
            if matches!(command.act, Act::Recheck) && !std::mem::replace(&mut is_counted, true) {
                count_recheck(store, rulebook, &command.case, inv.now).await?;
            }
            looks = asked_looks(&stored, &filing, rulebook);
            let now = inv.now;
            let mut change = Change::new();
            if let Some((user, then)) = claim_of(&command.act) {
                let row = keys::case(&command.case);
                rest_on_claim(store, &mut change, (&row, user), then, now)
                    .await?
                    .map_err(|until| Failure::Refused(ActRefused::Claimed(until)))?;
            }
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
            let deed = command.by.deed(
                happened(&command.act),
                stored.case.id.as_str(),
                &repeat.command,
            );
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

/// What the people of the filing are told of an act. That an appeal was granted says that its finding is done
/// with.
fn told(act: &Act, stored: &StoredCase) -> Option<NoticeKind> {
    let case = stored.case.id.clone();
    match act {
        Act::Extend { finding, .. } => Some(NoticeKind::PeriodExtended {
            case,
            finding: finding.clone(),
        }),
        Act::DecideAppeal {
            finding, granted, ..
        } => Some(NoticeKind::AppealDecided {
            case,
            finding: finding.clone(),
            granted: *granted,
        }),
        Act::Recheck | Act::Appeal { .. } | Act::ChooseCallSlot { .. } | Act::RecordCall { .. } => {
            None
        }
    }
}

/// Whose claim an act rests on, and what becomes of it: a filer's acts rest on none.
fn claim_of(act: &Act) -> Option<(&UserId, ClaimThen)> {
    match act {
        Act::Recheck | Act::Extend { .. } | Act::Appeal { .. } | Act::ChooseCallSlot { .. } => None,
        Act::DecideAppeal { by, .. } => Some((by, ClaimThen::Ends)),
        Act::RecordCall { by, .. } => Some((by, ClaimThen::Stays)),
    }
}

struct Acting<'a> {
    rulebook: &'a Rulebook,
    command: &'a ActOnCase,
}

impl Acting<'_> {
    fn apply(
        &self,
        stored: &mut StoredCase,
        filing: &StoredFiling,
        inv: &Invocation,
    ) -> Result<(), Failure<ActRefused>> {
        let steps: Vec<(FindingId, Event)> = match self.command.act.clone() {
            Act::Recheck => {
                let open = stored
                    .case
                    .findings
                    .iter()
                    .filter(|finding| match finding.state {
                        FindingState::Open
                        | FindingState::LastLook { .. }
                        | FindingState::Condemned { .. } => true,
                        FindingState::Stopping { .. }
                        | FindingState::Stopped { .. }
                        | FindingState::Closed { .. } => false,
                    });
                open.map(|finding| (finding.id.clone(), Event::AskRecheck))
                    .collect()
            }
            Act::Extend {
                finding,
                days,
                reason,
            } => vec![(finding, Event::Extend { days, reason })],
            Act::Appeal { finding, reason } => vec![(finding, Event::Appeal { reason })],
            Act::DecideAppeal {
                finding,
                by,
                granted,
                reason,
            } => {
                vec![(
                    finding,
                    Event::DecideAppeal {
                        by,
                        granted,
                        reason,
                    },
                )]
            }
            Act::ChooseCallSlot { person, from } => {
                if !filing.filing.persons.contains_key(&person) {
                    return Err(Failure::Refused(ActRefused::NoSuchPerson(person)));
                }
                let case = stored.case.clone();
                let chosen = case.with_call_slot(person, from, inv.now, self.rulebook);
                stored.case =
                    chosen.map_err(|refused| Failure::Refused(ActRefused::Slot(refused)))?;
                return Ok(());
            }
            Act::RecordCall {
                by,
                person,
                outcome,
                note,
            } => {
                let call = Call {
                    called_at: inv.now,
                    by,
                    person,
                    outcome,
                    note,
                    slot: None,
                };
                return self.record_call(stored, filing, call);
            }
        };
        if steps.is_empty() {
            return Err(Failure::Refused(ActRefused::NothingOpen));
        }
        for (finding, event) in steps {
            let case = stored.case.clone();
            stored.case = case.with_finding(&finding, Failure::NotFound, |finding| {
                step(finding, event, inv.now, self.rulebook)
                    .map_err(|error| Failure::Refused(ActRefused::Step(error)))
            })?;
        }
        let appealed = stored
            .case
            .findings
            .iter()
            .any(icp_domain::finding::Finding::is_under_appeal);
        stored.case.needs_staff = match (stored.case.needs_staff, appealed) {
            (None | Some(StaffNeed::Appeal(_) | StaffNeed::CallWanted(_)), true) => {
                Some(StaffNeed::Appeal(inv.now))
            }
            (Some(StaffNeed::Appeal(_)), false) => stored.case.wants_a_call(),
            (other, true | false) => other,
        };
        Ok(())
    }

    fn record_call(
        &self,
        stored: &mut StoredCase,
        filing: &StoredFiling,
        call: Call,
    ) -> Result<(), Failure<ActRefused>> {
        if !stored.case.is_open() {
            return Err(Failure::Refused(ActRefused::NothingOpen));
        }
        if !filing.filing.persons.contains_key(&call.person) {
            return Err(Failure::Refused(ActRefused::NoSuchPerson(call.person)));
        }
        let case = stored.case.clone().with_call(call, self.rulebook);
        stored.case = case.map_err(|error| Failure::Refused(ActRefused::Step(error)))?;
        Ok(())
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

/// The act's name in history.
fn happened(act: &Act) -> &'static str {
    match act {
        Act::Recheck => "recheck-asked",
        Act::Extend { .. } => "period-extended",
        Act::Appeal { .. } => "finding-appealed",
        Act::ChooseCallSlot { .. } => "call-slot-chosen",
        Act::DecideAppeal { granted: true, .. } => "appeal-granted",
        Act::DecideAppeal { granted: false, .. } => "appeal-refused",
        Act::RecordCall { outcome, .. } if outcome.is_told() => "called-and-told",
        Act::RecordCall { .. } => "called-in-vain",
    }
}
