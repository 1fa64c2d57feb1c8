//! Sets how the holder of an account is told.

use icp_domain::ids::AccountId;
use icp_domain::{Invocation, Rulebook};
use icp_store::records::AccountContact;
use icp_store::{Answer, Change, Failure, Repeat, Store};

use crate::attempt::{Decided, Tries};

/// Nothing of it is refused.
#[derive(Debug, thiserror::Error)]
pub enum NothingRefused {}

/// Sets how the holder of an account is told.
pub async fn set_account_contact(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<AccountContact>,
    account: &AccountId,
    contact: AccountContact,
) -> Result<Answer, Failure<NothingRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let stored = store.account_contact(account).await?;
            let mut change = Change::new();
            stored
                .put(store, &mut change, account, &contact, inv)
                .await?;
            Ok::<_, Failure<NothingRefused>>(Decided {
                change,
                done: contact.clone(),
            })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}
