//! A decision before it is put into words, and what it is decided from.

use super::advice::{Act, Asked, Branch, Place, Receiver, Warning};
use super::situation::{Check, Guard, OwnLink, Phone, Record, Situation};
use crate::Rulebook;
use crate::rulebook::suffixes::{SuffixRule, SuffixStanding};
use crate::rulebook::{AccessFirst, FieldGroup, Known, Province};

/// A decision: which row, which moves, which questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) branch: Branch,
    pub(super) moves: Vec<Move>,
    pub(super) asks: Vec<Asked>,
    pub(super) warnings: Vec<Warning>,
    pub(super) staff_item: bool,
}

/// A step before it is put into words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Move {
    pub(super) act: Act,
    pub(super) place: Place,
    pub(super) sms_to: Vec<Receiver>,
}

impl Move {
    pub(super) fn new(act: Act, place: Place, sms_to: &[Receiver]) -> Self {
        Self {
            act,
            place,
            sms_to: sms_to.to_vec(),
        }
    }
}

impl Plan {
    pub(super) fn of(branch: Branch, moves: Vec<Move>) -> Self {
        Self {
            branch,
            moves,
            asks: Vec::new(),
            warnings: Vec::new(),
            staff_item: false,
        }
    }

    pub(super) fn ask(asks: Vec<Asked>) -> Self {
        Self {
            asks,
            ..Self::of(Branch::Ask, Vec::new())
        }
    }

    pub(super) fn warning(mut self, warning: Warning) -> Self {
        self.warnings.push(warning);
        self
    }

    pub(super) fn asking(mut self, asks: impl IntoIterator<Item = Asked>) -> Self {
        self.asks.extend(asks);
        self
    }

    pub(super) fn for_staff(mut self) -> Self {
        self.staff_item = true;
        self
    }
}

/// What stands before an irreversible step and is not a guard.
pub(super) struct Facts<'a> {
    pub(super) situation: &'a Situation,
    pub(super) province: Option<&'a Province>,
    pub(super) suffix: Option<&'a SuffixRule>,
    suffix_check: Check,
    pub(super) other_provider: Known,
    pub(super) other_services: Known,
    pub(super) subject_here: Known,
    pub(super) domain_of_another: Known,
}

impl<'a> Facts<'a> {
    /// The inputs, with what the record itself tells of them.
    pub(super) fn new(situation: &'a Situation, rulebook: &'a Rulebook) -> Self {
        let told = |said: Known, record: Option<Known>| match said {
            Known::Unknown => record.unwrap_or(Known::Unknown),
            Known::Yes | Known::No => said,
        };
        let (provider, services, domain) = match situation.record {
            Record::Site => (None, None, Some(Known::No)),
            Record::SubjectOnly | Record::None => (Some(Known::No), Some(Known::No), None),
            Record::SubjectOther => (Some(Known::No), Some(Known::Yes), None),
            Record::Unknown => (None, None, None),
        };
        let other_services = told(situation.other_services, services);
        let here = (other_services == Known::No).then_some(Known::No);
        let (suffix, suffix_check) = suffix_check(situation, rulebook);
        Self {
            situation,
            province: situation
                .province
                .and_then(|prefix| rulebook.provinces.by_prefix(prefix)),
            suffix,
            suffix_check,
            other_provider: told(situation.other_provider, provider),
            other_services,
            subject_here: told(situation.subject_here, here),
            domain_of_another: told(situation.domain_of_another, domain),
        }
    }

    /// Whether the inputs cannot all be true, so that the record must be read again.
    pub(super) fn contradict(&self) -> bool {
        let said = self.situation;
        let here_without_others =
            self.subject_here == Known::Yes && self.other_services == Known::No;
        let against_record = match said.record {
            Record::Site => self.domain_of_another == Known::Yes,
            Record::SubjectOnly | Record::None => self.other_services == Known::Yes,
            Record::SubjectOther => self.other_services == Known::No,
            Record::Unknown => false,
        };
        let linked_without_record = !matches!(said.record, Record::Site | Record::Unknown)
            && (matches!(said.own_link_stands, OwnLink::Yes | OwnLink::Stopped)
                || self.other_provider == Known::Yes);
        here_without_others || against_record || linked_without_record
    }

    /// What is known of a guard.
    pub(super) fn check(&self, guard: Guard) -> Check {
        match guard {
            Guard::Suffix => self.suffix_check,
            Guard::Registrar
            | Guard::Holder
            | Guard::LossShown
            | Guard::Eligible
            | Guard::Unblocked
            | Guard::Confirmed => self.situation.guards.of(guard),
        }
    }

    /// Passes where every one of `guards` does; else the answer that stands in the way.
    pub(super) fn guarded(&self, guards: &[Guard]) -> Result<(), Plan> {
        let with = |check: Check| {
            guards
                .iter()
                .copied()
                .filter(move |guard| self.check(*guard) == check)
        };
        if with(Check::Fail).next().is_some() {
            let blocked = Plan::of(Branch::Blocked, Vec::new()).for_staff();
            let blocked =
                with(Check::Fail).fold(blocked, |plan, guard| plan.warning(Warning::Fails(guard)));
            let keeps = with(Check::Fail).any(|guard| NEW_NUMBER.contains(&guard));
            return Err(if keeps {
                blocked.warning(Warning::NeverFiledAgain)
            } else {
                blocked
            });
        }
        let asks: Vec<_> = with(Check::Unknown).map(Asked::Guard).collect();
        if asks.is_empty() {
            Ok(())
        } else {
            Err(Plan::ask(asks))
        }
    }

    /// Passes where a new number may be asked for: G1 to G3, and the domain is free.
    pub(super) fn new_number(&self) -> Result<(), Plan> {
        self.guarded(&NEW_NUMBER)?;
        let fails =
            [Guard::Eligible, Guard::Unblocked].map(|guard| self.check(guard) == Check::Fail);
        if fails.contains(&true) {
            self.guarded(&[Guard::Eligible, Guard::Unblocked])?;
        }
        match self.domain_of_another {
            Known::Unknown => Err(Plan::ask(vec![Asked::DomainOfAnother])),
            Known::Yes | Known::No => Ok(()),
        }
    }

    /// Passes where an access filing may be made: G2, G5, G6.
    pub(super) fn access(&self) -> Result<(), Plan> {
        self.guarded(&[Guard::Registrar, Guard::Eligible, Guard::Unblocked])
    }

    /// Passes where everything is known that an irreversible step rests on, guards apart.
    pub(super) fn all_known(&self) -> Result<(), Plan> {
        let mut asks = Vec::new();
        if self.other_provider == Known::Unknown {
            asks.push(Asked::OtherProvider);
        }
        if self.other_services == Known::Unknown {
            asks.push(Asked::OtherServices);
        }
        if self.situation.differs.is_none() {
            asks.push(Asked::Differs);
        }
        if asks.is_empty() {
            Ok(())
        } else {
            Err(Plan::ask(asks))
        }
    }

    /// The province's rule on a group, with its conditions decided as far as somebody has said.
    pub(super) fn stance(&self, group: FieldGroup) -> Stance {
        let Some(province) = self.province else {
            return Stance::Unknown;
        };
        match province.access_first(group) {
            AccessFirst::Allowed { .. } => Stance::Allowed,
            AccessFirst::Forbidden => Stance::Forbidden,
            AccessFirst::Silent => Stance::Unknown,
            AccessFirst::Conditional { .. } => match self.situation.conditions_met {
                Known::Yes => Stance::Allowed,
                Known::No => Stance::Forbidden,
                Known::Unknown => Stance::Conditional,
            },
        }
    }

    /// Who holds a group's data and can change it, this provider's own lost link apart.
    pub(super) fn holder(&self, group: FieldGroup) -> Holder {
        match self.other_provider {
            Known::Yes => return Holder::At(Place::OtherProvider),
            Known::Unknown => return Holder::Unknown(Asked::OtherProvider),
            Known::No => {}
        }
        if !group.is_of_subject() {
            return Holder::Nobody;
        }
        match (self.subject_here, self.other_services) {
            (Known::Yes, _) => Holder::At(Place::Here),
            (Known::No | Known::Unknown, Known::Yes) => Holder::At(Place::ProviderOfOtherService),
            (Known::No | Known::Unknown, Known::Unknown) => Holder::Unknown(Asked::OtherServices),
            (Known::No | Known::Unknown, Known::No) => Holder::Nobody,
        }
    }
}

/// G1 to G3, before every new number.
pub(super) const NEW_NUMBER: [Guard; 3] = [Guard::Suffix, Guard::Registrar, Guard::Holder];

/// A province's rule on a group, decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stance {
    Allowed,
    Conditional,
    Forbidden,
    Unknown,
}

/// Who can change a group's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    At(Place),
    Nobody,
    Unknown(Asked),
}

/// Whether a phone's SMS can be had now.
pub(super) fn is_lost(phone: Phone) -> bool {
    match phone {
        Phone::Lost | Phone::LostForGood => true,
        Phone::Works | Phone::Unknown => false,
    }
}

/// G1 from the lists where the domain is told: refused there is refused, listed there is a pass
/// unless somebody said otherwise.
fn suffix_check<'a>(
    situation: &Situation,
    rulebook: &'a Rulebook,
) -> (Option<&'a SuffixRule>, Check) {
    let said = situation.guards.suffix;
    let Some(domain) = &situation.domain else {
        return (None, said);
    };
    let rule = |individual| {
        rulebook
            .suffixes
            .rule_for(domain, situation.province, individual)
    };
    let standing =
        |rule: Option<&SuffixRule>| rule.map_or(SuffixStanding::Unknown, |rule| rule.standing);
    let (rule, others) = match situation.individual {
        Known::Yes => (rule(true), rule(true)),
        Known::No => (rule(false), rule(false)),
        Known::Unknown => (rule(true), rule(false)),
    };
    let check = match standing(rule) {
        SuffixStanding::Refused if standing(others) == SuffixStanding::Refused => Check::Fail,
        SuffixStanding::Listed if standing(others) == SuffixStanding::Listed => match said {
            Check::Unknown => Check::Pass,
            Check::Pass | Check::Fail => said,
        },
        SuffixStanding::Refused
        | SuffixStanding::Listed
        | SuffixStanding::Uncertain
        | SuffixStanding::Unknown => said,
    };
    (rule, check)
}
