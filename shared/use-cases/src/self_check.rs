//! A filer asks how a filing stands: every rule is judged of fresh looks, and nothing follows from it.

use icp_domain::audit::ClockName;
use icp_domain::ids::{AccountId, CheckId, LookId, ServiceId, SubjectId, UnitId};
use icp_domain::look::{Look, Purpose};
use icp_domain::{Invocation, Rulebook, Text};
use icp_store::records::{AwaitedLook, CheckedLook, Limited, SelfCheck, StoredFiling};
use icp_store::{Answer, Change, Failure, Repeat, Store};
use jiff::Timestamp;

use crate::By;
use crate::attempt::{Decided, Tries, answered_before};
use crate::plan_audits::turn;
use crate::posted::{Wanted, look_at};
use crate::send_code::next_hour;

/// Asks for a self-check.
#[derive(Debug, Clone)]
pub struct AskSelfCheck {
    /// The filing.
    pub subject: SubjectId,
    /// One service of it, or all that it has.
    pub service: Option<ServiceId>,
    /// The account that asks.
    pub account: AccountId,
    /// Who, from where.
    pub by: By,
}

/// Why there is no self-check.
#[derive(Debug, thiserror::Error)]
pub enum SelfCheckRefused {
    /// Access is given to none of what is to be looked at.
    #[error("no access is given to it now")]
    NoAccess,
    /// There is more to look at than one check holds.
    #[error("it has more than {0} units; ask for one service")]
    TooMuch(u32),
    /// The account asked as often as it may within an hour.
    #[error("the account may ask again at {0}")]
    TooMany(Timestamp),
}

impl SelfCheckRefused {
    /// The refusal for people.
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::NoAccess => "目前没有正在接入的服务，无可自查".to_owned(),
            Self::TooMuch(most) => format!("一次自查最多{most}个核查单元，请按服务分别自查"),
            Self::TooMany(_) => "本小时内自查次数已满，请稍后再试".to_owned(),
        };
        Text::new(zh, self.to_string())
    }
}

/// Takes a self-check in, and gives the looks to send. A request that comes again gives none.
pub async fn ask_self_check(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<SelfCheck>,
    command: AskSelfCheck,
) -> Result<(Answer, Vec<Look>), Failure<SelfCheckRefused>> {
    if let Some(answer) = answered_before(store, &repeat).await? {
        return Ok((answer, Vec::new()));
    }
    let policy = &rulebook.policy.audits;
    let id = CheckId::derived("self-check", &[repeat.command.as_str()]);
    let mut looks = Vec::new();
    let mut is_counted = false;
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let found = store.filing(&command.subject).await?;
            let filing = found
                .filter(|found| command.by.may_see(&found.filing.subject.account))
                .ok_or(Failure::NotFound)?;
            looks = looks_of(&filing, command.service.as_ref(), &id, rulebook, inv.now)?;
            // Once a call, however often it is decided again.
            if !std::mem::replace(&mut is_counted, true) {
                let account = command.account.as_str();
                let asked = store.count_call(Limited::SelfChecks, account, inv.now);
                if u64::from(policy.rechecks_per_hour) < asked.await? {
                    let until = next_hour(inv.now);
                    return Err(Failure::Refused(SelfCheckRefused::TooMany(until)));
                }
            }
            let check = SelfCheck {
                id: id.clone(),
                account: command.account.clone(),
                subject: command.subject.clone(),
                asked_at: inv.now,
                looks: looks.iter().map(awaited).collect(),
            };
            let mut change = Change::new();
            check.put(&mut change, policy.check_kept())?;
            Ok::<_, Failure<SelfCheckRefused>>(Decided {
                change,
                done: check,
            })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer.map(|answer| (answer, looks));
        }
    }
}

fn awaited(look: &Look) -> AwaitedLook {
    AwaitedLook {
        look: look.id.clone(),
        unit: look.unit.clone(),
        clock: look.clock,
    }
}

/// The looks at what has access: of one service, or of the subject and every service.
fn looks_of(
    filing: &StoredFiling,
    service: Option<&ServiceId>,
    check: &CheckId,
    rulebook: &Rulebook,
    now: Timestamp,
) -> Result<Vec<Look>, Failure<SelfCheckRefused>> {
    let subject = filing.id();
    let of = |service: &ServiceId| UnitId::of_service(subject.clone(), service.clone());
    let units = match service {
        Some(service) if filing.filing.services.contains_key(service) => vec![of(service)],
        Some(_) => return Err(Failure::NotFound),
        None => std::iter::once(UnitId::of_subject(subject.clone()))
            .chain(filing.filing.services.keys().map(of))
            .collect(),
    };
    let live: Vec<UnitId> = units
        .into_iter()
        .filter(|unit| filing.filing.has_access(unit))
        .collect();
    let most = rulebook.policy.audits.units_per_self_check;
    if (most as usize) < live.len() {
        return Err(Failure::Refused(SelfCheckRefused::TooMuch(most)));
    }
    let looks = live.iter().flat_map(|unit| {
        [ClockName::Audit, ClockName::Holder].map(|clock| {
            let wanted = Wanted {
                id: look_id(check, unit, clock),
                clock,
                purpose: Purpose::SelfCheck,
                due: now,
                vantage: rulebook.vantages.in_turn(turn(unit, now), &[]),
            };
            look_at(filing, unit, wanted)
        })
    });
    let looks: Vec<Look> = looks
        .flatten()
        .map(|look| Look {
            check: Some(check.clone()),
            ..look
        })
        .collect();
    if looks.is_empty() {
        return Err(Failure::Refused(SelfCheckRefused::NoAccess));
    }
    Ok(looks)
}

fn look_id(check: &CheckId, unit: &UnitId, clock: ClockName) -> LookId {
    let role = match clock {
        ClockName::Audit => "self-check-audit",
        ClockName::Holder => "self-check-holder",
    };
    LookId::derived(role, &[check.as_str(), &unit.to_string()])
}

/// A self-check of the caller's account with what its looks said so far; nothing of it is there once it is over
/// for so long that it may be gone.
pub async fn read_self_check(
    store: &Store,
    rulebook: &Rulebook,
    by: &By,
    id: &CheckId,
    now: Timestamp,
) -> Result<(SelfCheck, Vec<CheckedLook>), Failure<std::convert::Infallible>> {
    let kept = rulebook.policy.audits.check_kept();
    let found = store.self_check_with_looks(id).await?;
    found
        .filter(|(check, _)| by.may_see(&check.account) && now < check.asked_at + kept)
        .ok_or(Failure::NotFound)
}
