//! Who asks, and from where: what history keeps of a caller.

use icp_domain::account::{Actor, Role};
use icp_domain::command::CommandId;
use icp_domain::history::Deed;
use icp_domain::history::Happened;
use icp_domain::ids::{AccountId, PersonId, UserId};

/// The caller of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// Who.
    pub actor: Actor,
    /// From where.
    pub origin: String,
}

impl By {
    /// A person of an account.
    pub fn filer(account: AccountId, user: UserId, origin: String) -> Self {
        Self {
            actor: Actor::Filer { account, user },
            origin,
        }
    }

    /// One of the provider's staff.
    pub fn staff(user: UserId, role: Role, origin: String) -> Self {
        Self {
            actor: Actor::Staff { user, role },
            origin,
        }
    }

    /// A person named in a filing, without an account.
    pub fn person(person: PersonId, origin: String) -> Self {
        Self {
            actor: Actor::Person { person },
            origin,
        }
    }

    /// A function of this service.
    pub fn machine(function: &str) -> Self {
        Self {
            actor: Actor::Machine {
                function: function.to_owned(),
            },
            origin: "machine".to_owned(),
        }
    }

    /// Whether what belongs to `account` is there for this caller: the filer's own, and all of it for
    /// staff and machines, and for a person who named a case and a number of it.
    pub(crate) fn may_see(&self, account: &AccountId) -> bool {
        match &self.actor {
            Actor::Filer { account: own, .. } => own == account,
            Actor::Staff { .. } | Actor::Person { .. } | Actor::Machine { .. } => true,
        }
    }

    /// Whether the caller is one of the staff, to whom nobody's draft is shown.
    pub(crate) fn is_staff(&self) -> bool {
        matches!(self.actor, Actor::Staff { .. })
    }

    /// Whether the caller is a person named in a filing, without an account.
    pub(crate) fn is_person(&self) -> bool {
        matches!(self.actor, Actor::Person { .. })
    }

    /// The history entry of a step.
    pub(crate) fn deed(&self, what: Happened, about: &str, command: &CommandId) -> Deed {
        Deed {
            actor: self.actor.clone(),
            origin: self.origin.clone(),
            what,
            about: about.to_owned(),
            command: command.clone(),
        }
    }
}
