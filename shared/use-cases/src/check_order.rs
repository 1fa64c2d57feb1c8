//! Says what a submission would meet, and keeps nothing.
//!
//! What another account's filing holds is told of a submitted order alone: whoever could ask for nothing
//! would learn here who has a filing.

use icp_domain::filing::{Filing, SubjectState};
use icp_domain::ids::{AccountId, SubjectId};
use icp_domain::order::{Against, Checked, Order, OrderKind, TypedDraft};
use icp_domain::{Rulebook, Text, Violation};
use icp_store::{Failure, Store, keys};
use jiff::Timestamp;

use crate::By;
use crate::read::{self, ReadRefused};

/// A draft to be checked.
#[derive(Debug, Clone)]
pub struct CheckOrder {
    /// The wish.
    pub kind: OrderKind,
    /// The filing to change.
    pub subject: Option<SubjectId>,
    /// The draft.
    pub draft: TypedDraft,
}

/// Everything that stands in the way of a draft, and what to look at before it is sent.
pub async fn check_order(
    store: &Store,
    rulebook: &Rulebook,
    now: Timestamp,
    (by, account): (&By, &AccountId),
    check: &CheckOrder,
) -> Result<Checked, Failure<ReadRefused>> {
    let filing = match &check.subject {
        None => Filing::begun(SubjectId::derived("subject", &["checked"]), account.clone()),
        Some(subject) => read::filing(store, by, subject).await?.filing,
    };
    let against = Against {
        kind: check.kind,
        filing: &filing,
        rulebook,
        now,
    };
    let mut checked = check.draft.check(&against);
    let in_flight = match &filing.subject.order_in_flight {
        // What came back may be the one that is checked.
        Some(order) => {
            let heads = store.order_heads(&[keys::order(order)]).await?;
            let is_back = |(order, _): &(Order, u64)| order.state.review_phase().is_none();
            !heads.iter().any(is_back)
        }
        None => false,
    };
    let mut stands_before = |field: &str, rule: &str, zh: String, en: String| {
        checked
            .violations
            .push(Violation::ours(field, rule, Text::new(zh, en)));
    };
    if in_flight {
        stands_before(
            "/subject",
            "order-in-flight",
            "该主体有在途订单，完结后方可提交".to_owned(),
            "another order of the subject is in flight; this one may be sent after it".to_owned(),
        );
    }
    if filing.subject.state == SubjectState::New {
        let most = rulebook.policy.orders.subjects_per_account;
        if u64::from(most) <= store.account(account).await?.subjects {
            stands_before(
                "/kind",
                "subjects-of-account",
                format!("每个账号最多{most}个主体"),
                format!("an account has at most {most} subjects"),
            );
        }
    }
    Ok(checked)
}
