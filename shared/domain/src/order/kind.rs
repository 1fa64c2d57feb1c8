//! The seven kinds of order: what each carries, whom the bureau asks for it, how it is taken back.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Text;
use crate::rulebook::FieldGroup;

/// The wish that an order carries.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum OrderKind {
    /// 首次备案: a subject without a number, with its first services.
    FirstFiling,
    /// 新增网站 (or App): a further service of a subject that is filed, here or elsewhere.
    AddSite,
    /// 接入备案 (新增接入): our access to a service that is filed.
    AddAccess,
    /// 变更备案: fields of a filing that stands.
    Change,
    /// 注销网站: one service off the record, for good.
    DeregisterSite,
    /// 注销主体: the subject with all its services off the record, for good.
    DeregisterSubject,
    /// 取消接入: our access to a service, and nothing else.
    CancelAccess,
}

/// Whom the bureau asks by SMS (工信部短信核验) before it reviews an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AsksBureau {
    /// The subject's principal.
    pub subject_principal: bool,
    /// The principals of the services that the order is about.
    pub service_principals: bool,
}

/// How a filer takes an order back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Withdrawal {
    /// By withdrawing it, until it is queued for the bureau.
    UntilQueued,
    /// As before; and afterwards by letting the bureau's SMS lapse, which is the last brake.
    UntilQueuedThenByLapse,
}

impl OrderKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::FirstFiling,
        Self::AddSite,
        Self::AddAccess,
        Self::Change,
        Self::DeregisterSite,
        Self::DeregisterSubject,
        Self::CancelAccess,
    ];

    /// Its name, for people.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Self::FirstFiling => ("首次备案", "first filing"),
            Self::AddSite => ("新增网站", "added site"),
            Self::AddAccess => ("接入备案", "access filing"),
            Self::Change => ("变更备案", "change filing"),
            Self::DeregisterSite => ("注销网站", "deregistration of a site"),
            Self::DeregisterSubject => ("注销主体", "deregistration of a subject"),
            Self::CancelAccess => ("取消接入", "cancellation of access"),
        };
        Text::new(zh, en)
    }

    /// Whom the bureau asks; `changed` are the groups that a change filing changes.
    ///
    /// Source: dossier 3.2 (Tencent Cloud 243/13435, snapshot 2021-04-11). An access filing asks the
    /// **site's** principal under the number that is filed; of a cancellation the sources contradict
    /// each other, and the later page asks nobody.
    pub fn bureau_asks(self, changed: &[FieldGroup]) -> AsksBureau {
        let (subject_principal, service_principals) = match self {
            Self::FirstFiling | Self::AddSite => (true, true),
            Self::AddAccess | Self::DeregisterSite => (false, true),
            Self::Change => (
                changed.iter().any(|group| group.is_of_subject()),
                changed.iter().any(|group| !group.is_of_subject()),
            ),
            Self::DeregisterSubject => (true, false),
            Self::CancelAccess => (false, false),
        };
        AsksBureau {
            subject_principal,
            service_principals,
        }
    }

    /// How a filer takes such an order back.
    ///
    /// Source: behaviour of this service, part 1; dossier 3.2 for the lapse.
    pub fn withdrawal(self) -> Withdrawal {
        match self {
            Self::FirstFiling
            | Self::AddSite
            | Self::AddAccess
            | Self::Change
            | Self::CancelAccess => Withdrawal::UntilQueued,
            Self::DeregisterSite | Self::DeregisterSubject => Withdrawal::UntilQueuedThenByLapse,
        }
    }

    /// Whether its approval gives a new number.
    pub fn gives_number(self) -> bool {
        match self {
            Self::FirstFiling | Self::AddSite => true,
            Self::AddAccess
            | Self::Change
            | Self::DeregisterSite
            | Self::DeregisterSubject
            | Self::CancelAccess => false,
        }
    }

    /// Whether its approval takes away what can never be had again.
    pub fn is_irreversible(self) -> bool {
        match self {
            Self::DeregisterSite | Self::DeregisterSubject => true,
            Self::FirstFiling
            | Self::AddSite
            | Self::AddAccess
            | Self::Change
            | Self::CancelAccess => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_the_bureau_asks() {
        let asks = |kind: OrderKind, changed: &[FieldGroup]| {
            let asks = kind.bureau_asks(changed);
            (asks.subject_principal, asks.service_principals)
        };
        for (kind, expected) in [
            (OrderKind::FirstFiling, (true, true)),
            (OrderKind::AddSite, (true, true)),
            (OrderKind::AddAccess, (false, true)),
            (OrderKind::DeregisterSite, (false, true)),
            (OrderKind::DeregisterSubject, (true, false)),
            (OrderKind::CancelAccess, (false, false)),
        ] {
            assert_eq!(asks(kind, &[]), expected, "{kind:?}");
        }
        let name = FieldGroup::UnitName;
        let site = FieldGroup::ServiceDetails;
        assert_eq!(asks(OrderKind::Change, &[name]), (true, false));
        assert_eq!(asks(OrderKind::Change, &[site]), (false, true));
        assert_eq!(asks(OrderKind::Change, &[name, site]), (true, true));
    }

    #[test]
    fn only_a_deregistration_takes_away_for_good_and_can_be_let_lapse() {
        for kind in OrderKind::ALL {
            let lapses = kind.withdrawal() == Withdrawal::UntilQueuedThenByLapse;
            assert_eq!(kind.is_irreversible(), lapses, "{kind:?}");
        }
    }
}
