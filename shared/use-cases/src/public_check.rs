//! Somebody without an account has a domain's site looked at, once a text in its zone proves who controls it.
//!
//! **Invariant:** nothing is looked up but that text until it stands there; nothing secret is stored.

use icp_domain::audit::ClockName;
use icp_domain::checks::public::{Wanted, text_name};
use icp_domain::identifiers::DomainName;
use icp_domain::ids::{CheckId, LookId};
use icp_domain::look::Look;
use icp_domain::{Invocation, Rulebook, Text};
use icp_store::records::{AskedProof, CheckedLook, Limited, PublicCheck, StoredPublicCheck};
use icp_store::{Answer, Change, Failure, Repeat, Store, StoreError};
use jiff::Timestamp;

use crate::attempt::{Decided, Tries, answered_before};
use crate::plan_audits::turn;
use crate::send_code::next_hour;

/// What is derived for the text to set.
const PURPOSE: &str = "public-check";

/// Asks for a public check.
#[derive(Debug, Clone)]
pub struct AskPublicCheck {
    /// The domain.
    pub domain: DomainName,
    /// The network that the call comes from.
    pub network: String,
}

/// Why nothing is done for a public check.
#[derive(Debug, thiserror::Error)]
pub enum PublicCheckRefused {
    /// As many calls came from there, or about the domain, as are taken within an hour.
    #[error("ask again at {0}")]
    TooMany(Timestamp),
    /// It is being looked at.
    #[error("it is being looked at; read again in a while")]
    UnderWay,
}

impl PublicCheckRefused {
    /// The refusal for people.
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::TooMany(_) => "本小时内检测次数已满，请稍后再试",
            Self::UnderWay => "正在检测，请稍后读取结果",
        };
        Text::new(zh, self.to_string())
    }
}

/// The text record that proves who controls a domain.
#[derive(Debug, Clone)]
pub struct Challenge {
    /// The name that it stands under.
    pub name: String,
    /// What it reads.
    pub value: String,
}

/// A public check, what proves it, and what its last look said so far.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The check.
    pub check: PublicCheck,
    /// The text to set.
    pub challenge: Challenge,
    /// What was said.
    pub looks: Vec<CheckedLook>,
}

/// Takes a public check in.
pub async fn ask_public_check(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<Shown>,
    command: AskPublicCheck,
) -> Result<Answer, Failure<PublicCheckRefused>> {
    if let Some(answer) = answered_before(store, &repeat).await? {
        return Ok(answer);
    }
    count(store, rulebook, &command.network, &command.domain, inv.now).await?;
    let id = CheckId::derived(PURPOSE, &[repeat.command.as_str()]);
    let parts = [command.domain.as_str(), id.as_str()];
    let signature = store.keys().signed(PURPOSE, &parts).await?;
    let (signed_under, _) = signature.split_once('-').unwrap_or_default();
    let check = PublicCheck {
        id,
        asked_at: inv.now,
        signed_under: signed_under.to_owned(),
        proof: None,
        domain: command.domain,
    };
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let mut change = Change::new();
            let stored = StoredPublicCheck::asked(check.clone());
            stored.put(&mut change, rulebook.policy.audits.check_kept())?;
            let done = Shown {
                challenge: challenge(store, &check).await?,
                check: check.clone(),
                looks: Vec::new(),
            };
            Ok::<_, Failure<PublicCheckRefused>>(Decided { change, done })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

/// Has the site looked at, if the text stands in the zone; gives the looks to send. A request that comes again
/// gives none.
pub async fn prove_public_check(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<PublicCheck>,
    (id, network): (&CheckId, &str),
) -> Result<(Answer, Vec<Look>), Failure<PublicCheckRefused>> {
    if let Some(answer) = answered_before(store, &repeat).await? {
        return Ok((answer, Vec::new()));
    }
    let policy = &rulebook.policy.audits;
    let mut looks = Vec::new();
    let mut is_counted = false;
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let (mut stored, judged) = found(store, rulebook, id, inv.now).await?;
            let under_way = stored.check.proof.as_ref().is_some_and(|proof| {
                inv.now < proof.asked_at + policy.check_judged() && !is_over(proof, &judged)
            });
            if under_way {
                return Err(Failure::Refused(PublicCheckRefused::UnderWay));
            }
            // Once a call, however often it is decided again.
            if !std::mem::replace(&mut is_counted, true) {
                count(store, rulebook, network, &stored.check.domain, inv.now).await?;
            }
            looks = looks_of(store, rulebook, &stored.check, &repeat, inv.now).await?;
            stored.check.proof = Some(AskedProof {
                asked_at: inv.now,
                looks: looks.iter().map(|look| look.id.clone()).collect(),
            });
            let mut change = Change::new();
            stored.put(&mut change, policy.check_kept())?;
            Ok::<_, Failure<PublicCheckRefused>>(Decided {
                change,
                done: stored.check,
            })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer.map(|answer| (answer, looks));
        }
    }
}

/// A public check with what its last look said so far; looks at nothing.
pub async fn read_public_check(
    store: &Store,
    rulebook: &Rulebook,
    id: &CheckId,
    now: Timestamp,
) -> Result<Shown, Failure<PublicCheckRefused>> {
    let (StoredPublicCheck { check, .. }, looks) = found(store, rulebook, id, now).await?;
    let of_last = |judged: &CheckedLook| {
        let proof = check.proof.as_ref();
        proof.is_some_and(|proof| proof.looks.contains(&judged.look))
    };
    let looks = looks.into_iter().filter(of_last).collect();
    let challenge = challenge(store, &check).await?;
    Ok(Shown {
        check,
        challenge,
        looks,
    })
}

/// Whether every look of a proof was judged.
pub fn is_over(proof: &AskedProof, judged: &[CheckedLook]) -> bool {
    proof
        .looks
        .iter()
        .all(|look| judged.iter().any(|judged| judged.look == *look))
}

async fn found(
    store: &Store,
    rulebook: &Rulebook,
    id: &CheckId,
    now: Timestamp,
) -> Result<(StoredPublicCheck, Vec<CheckedLook>), Failure<PublicCheckRefused>> {
    let kept = rulebook.policy.audits.check_kept();
    let found = store.public_check(id).await?;
    found
        .filter(|(stored, _)| now < stored.check.asked_at + kept)
        .ok_or(Failure::NotFound)
}

async fn challenge(store: &Store, check: &PublicCheck) -> Result<Challenge, StoreError> {
    let parts = [check.domain.as_str(), check.id.as_str()];
    let signature = store
        .keys()
        .signed_under(&check.signed_under, PURPOSE, &parts)
        .await?;
    Ok(Challenge {
        name: text_name(&check.domain),
        value: format!("icp-check={signature}"),
    })
}

async fn looks_of(
    store: &Store,
    rulebook: &Rulebook,
    check: &PublicCheck,
    repeat: &Repeat<PublicCheck>,
    now: Timestamp,
) -> Result<Vec<Look>, StoreError> {
    let challenge = challenge(store, check).await?;
    let wanted = Wanted {
        check: &check.id,
        domain: &check.domain,
        text: &challenge.value,
    };
    let looks = [
        (ClockName::Audit, "public-check-site"),
        (ClockName::Holder, "public-check-registration"),
    ];
    let looks = looks.map(|(clock, role)| {
        let id = LookId::derived(role, &[repeat.command.as_str()]);
        let vantage = rulebook.vantages.in_turn(turn(&check.id, now), &[]);
        wanted.look(id, clock, vantage, now)
    });
    Ok(looks.into())
}

/// Counts a call by where it comes from and by the domain that it is about.
async fn count(
    store: &Store,
    rulebook: &Rulebook,
    network: &str,
    domain: &DomainName,
    now: Timestamp,
) -> Result<(), Failure<PublicCheckRefused>> {
    let policy = &rulebook.policy.audits;
    let registrable = domain.registrable();
    let of = [
        (
            Limited::PublicSource,
            network,
            policy.public_checks_per_source_hour,
        ),
        (
            Limited::PublicDomain,
            registrable.as_str(),
            policy.public_checks_per_domain_hour,
        ),
    ];
    for (limited, name, most) in of {
        // Whoever is over its own limit does not use up the domain's.
        if u64::from(most) < store.count_call(limited, name, now).await? {
            let until = next_hour(now);
            return Err(Failure::Refused(PublicCheckRefused::TooMany(until)));
        }
    }
    Ok(())
}
