//! Sends a code to a person of a filing, or of an order's draft.

use icp_domain::code::{Challenge, SendWish};
use icp_domain::ids::{AccountId, NoticeId, PersonId};
use icp_domain::notice::{Notice, NoticeKind};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{Holder, Limited, Posting};
use icp_store::{Answer, Change, Failure, KeyPurpose, Repeat, Store, StoreError};
use jiff::{SignedDuration, Timestamp};

use crate::By;
use crate::attempt::{Decided, Tries};

/// Asks for a code.
#[derive(Debug, Clone)]
pub struct SendCode {
    /// Where the person stands.
    pub holder: Holder,
    /// The person.
    pub person: PersonId,
    /// The account that asks.
    pub account: AccountId,
    /// Who, from where.
    pub by: By,
}

/// Why no code is sent. A cap is no refusal: its answer is as for sent.
#[derive(Debug, thiserror::Error)]
pub enum SendCodeRefused {
    /// The last code is too young.
    #[error("the next code may be asked for at {0}")]
    TooSoon(Timestamp),
    /// The account had as many codes sent as it may within an hour.
    #[error("the account may ask for codes again at {0}")]
    TooMany(Timestamp),
}

/// What became of asking for a code.
#[derive(Debug)]
pub struct Asked {
    /// What the caller is answered.
    pub answer: Answer,
    /// Whether the number is at its cap, and several accounts brought it there.
    pub is_contested: bool,
}

/// Sends a code. The answer is the same whether it was sent, the number is at its cap, or the number
/// cannot be reached.
pub async fn send_code(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<()>,
    command: SendCode,
) -> Result<Asked, Failure<SendCodeRefused>> {
    let policy = &rulebook.policy.codes;
    let mut tries = Tries::of(store, rulebook, &repeat);
    let mut contested = false;
    let mut is_counted = false;
    loop {
        let decided = async {
            let found = store.proof(&command.holder, &command.person).await?;
            let asked = found
                .filter(|found| command.by.may_see(&found.account))
                .ok_or(Failure::NotFound)?;
            let mut change = Change::new();
            let Some(hash) = &asked.number_hash else {
                return Ok::<_, Failure<SendCodeRefused>>(Decided { change, done: () });
            };
            let (read, ring) = store
                .challenge_and_sends(&asked.subject, &command.person, hash)
                .await?;
            let cooling = read
                .as_ref()
                .and_then(|(last, _)| last.cooling_until(inv.now, policy));
            if let Some(until) = cooling {
                return Err(Failure::Refused(SendCodeRefused::TooSoon(until)));
            }
            // Once a call, however often it is decided again.
            if !command.by.is_person() && !std::mem::replace(&mut is_counted, true) {
                let (of, account) = (Limited::Account, command.account.as_str());
                let codes = store.count_call(of, account, inv.now).await?;
                if u64::from(policy.codes_of_account_hour) < codes {
                    let until = next_hour(inv.now);
                    return Err(Failure::Refused(SendCodeRefused::TooMany(until)));
                }
            }
            let sends = match ring.sends.accept(&command.account, inv.now, policy) {
                SendWish::Accepted(sends) => Some(sends),
                SendWish::Capped { is_contested } => {
                    contested = is_contested;
                    None
                }
            };
            // Whoever asks without an account takes no code away that somebody has.
            if sends.is_none() && command.by.is_person() {
                return Ok::<_, Failure<SendCodeRefused>>(Decided { change, done: () });
            }
            let last = read.as_ref().map(|(last, _)| last);
            let same_number = last.filter(|last| last.number_hash == *hash);
            let challenge = Challenge {
                id: repeat.command.creates("challenge"),
                account: command.account.clone(),
                person: command.person.clone(),
                number_hash: hash.clone(),
                generation: last.map_or(0, |last| last.generation) + 1,
                secret_id: store.keys().current(KeyPurpose::Code).await?.id.clone(),
                issued_at: inv.now,
                attempts: 0,
                failures_in_a_row: same_number.map_or(0, |last| last.failures_in_a_row),
                used: false,
                answered: false,
            };
            let read = read.map(|(_, version)| version);
            Store::put_challenge(&mut change, &asked.subject, &challenge, read, policy)?;
            // At the cap all looks as if it were sent, also to who looks at the person: whether others send to
            // the number is nobody's business.
            let Some(sends) = sends else {
                return Ok::<_, Failure<SendCodeRefused>>(Decided { change, done: () });
            };
            ring.put(&mut change, hash, &sends, inv.now)?;
            let id = NoticeId::derived("code", &[repeat.command.as_str()]);
            let kind = NoticeKind::Code {
                person: command.person.clone(),
                order: asked.order.clone(),
                challenge: challenge.id.clone(),
                generation: challenge.generation,
            };
            let notice = Notice {
                id: id.clone(),
                subject: asked.subject.clone(),
                kind,
                only: Vec::new(),
            };
            Store::post(&mut change, &id, Posting::Notice(notice), inv.now, inv.now)?;
            Ok::<_, Failure<SendCodeRefused>>(Decided { change, done: () })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer.map(|answer| Asked {
                answer,
                is_contested: contested,
            });
        }
    }
}

/// The beginning of the hour after this one: counts are by hour.
pub(crate) fn next_hour(now: Timestamp) -> Timestamp {
    let hour = SignedDuration::from_hours(1).as_secs();
    let next = (now.as_second().div_euclid(hour) + 1) * hour;
    Timestamp::from_second(next).unwrap_or(now)
}

/// The code of a challenge, derived again.
pub(crate) async fn code_of(
    store: &Store,
    challenge: &Challenge,
    rulebook: &Rulebook,
) -> Result<icp_domain::code::Code, StoreError> {
    let secret = store
        .keys()
        .by_id(KeyPurpose::Code, &challenge.secret_id)
        .await?;
    Ok(challenge.code(secret.secret(), &rulebook.policy.codes))
}
