//! A finding (不合格项) and its life: told, put right, extended, appealed, looked at a last time,
//! condemned, stopped.
//!
//! **Invariant:** only a finding past its own deadline, not frozen, and broken again in fresh looks
//! that began after the deadline, comes to [`FindingState::Condemned`]; nothing else leads there.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Text;
use crate::filing::MaterialKind;
use crate::identifiers::DomainName;
use crate::ids::{CampaignId, FindingId, LookId, MaterialId, PersonId, VantageId};
use crate::rulebook::calendar::{end_of, local_date};
use crate::rulebook::policy::Cases;
use crate::rulebook::{Level, Rulebook};
use crate::rules::rule;

mod clock;
mod demand;
mod freeze;
mod next;
mod of_people;
mod state;
mod step;
#[cfg(test)]
pub(crate) mod testing;

pub use clock::{Hold, TimeLeft, hold, left_once_it_goes_on, time_left};
pub use demand::{Demand, Wants};
pub use freeze::{Answers, Freeze, Freezes, Interval, Phase};
pub use next::{Due, next, next_morning};
pub use of_people::{Appeal, Decision, Extension, Grounds, Objection, Release, StaffExtension};
pub use state::{Condemned, FindingState, MoveTo, Why};
pub use step::{Event, LookOutcome, StepRefused, step};

/// A confirmed broken outcome of one rule on one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Its id, from the command that found it.
    pub id: FindingId,
    /// The rule's code, such as `ICP-402`.
    pub rule: String,
    /// What is at fault.
    pub object: Object,
    /// What may follow: a notice only, or a stop too.
    pub level: Level,
    /// The campaign that found it; none where the unit's own period did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<CampaignId>,
    /// What a bureau demanded, where its list and no rule found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demand: Option<Demand>,
    /// What brings the fact: looks must be confirmed, rows are read once.
    pub brought_by: BroughtBy,
    /// When it joined its case.
    pub joined_at: Timestamp,
    /// The looks whose evidence it rests on.
    pub looks: Vec<LookId>,
    /// Length of the rectification period (整改期) in calendar days.
    pub period_days: u32,
    /// When the first notice was delivered; the period runs from here.
    pub notified_at: Option<Timestamp>,
    /// The filer's one extension (延期).
    pub extension: Option<Extension>,
    /// Days on top that staff gave, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub staff_extensions: Vec<StaffExtension>,
    /// Appeals (申诉), the newest last.
    pub appeals: Vec<Appeal>,
    /// Objections (异议) to its stop, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objections: Vec<Objection>,
    /// A recheck (复核) that was asked for and has no answer yet.
    pub recheck: Option<Asked>,
    /// What the last recheck came to that did not end the finding; nothing while another is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rechecked: Option<Rechecked>,
    /// Since when its filer waits for staff to look at what a bureau demanded, and no machine can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading_asked_at: Option<Timestamp>,
    /// The end of its period as it was when the period began or was extended. A calendar that is learnt of later makes
    /// it no earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_named: Option<Timestamp>,
    /// Until when staff exempted its unit from its rule, which closed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exempt_until: Option<Timestamp>,
    /// The last reminder sent, with the deadline it named.
    pub reminded: Option<Reminded>,
    /// How many looks were asked for it, so that each has its own id.
    pub looks_asked: u32,
    /// Where its life stands.
    pub state: FindingState,
}

/// What is at fault.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "id")]
#[schema(as = FaultyObject)]
pub enum Object {
    /// The subject's own fields.
    Subject,
    /// A person.
    Person(PersonId),
    /// A material that is there.
    Material(MaterialId),
    /// A kind of material that is not there.
    MaterialKind(MaterialKind),
    /// The service as a whole.
    Service,
    /// One of the service's domains.
    Domain(DomainName),
}

/// [`Object`] by the name that the API's document has for it, where `Object` is anything.
pub type FaultyObject = Object;

/// What brings a fact to a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BroughtBy {
    /// Looks at the world: one broken look is no finding.
    Looks,
    /// Rows of the filing itself: one reading suffices.
    Rows,
    /// Files and forms of other sources, with an age of their own: one reading suffices.
    Files,
}

/// A recheck that ended without the finding's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rechecked {
    /// When it was answered.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// Whether it found the fault again; otherwise it could not be seen.
    pub is_broken: bool,
}

/// A look that was asked for, and when it is to be sent (again).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AskedLook)]
pub struct Asked {
    /// The look's id, the same each time it is sent.
    pub look: LookId,
    /// Where it is made from.
    pub vantage: VantageId,
    /// When it is sent next.
    #[schema(value_type = String)]
    pub send_at: Timestamp,
}

/// A look that found the fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BrokenLook {
    /// The look.
    pub look: LookId,
    /// When it began.
    #[schema(value_type = String)]
    pub begun_at: Timestamp,
    /// Where from.
    pub vantage: VantageId,
}

/// Stages of reminding, in the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Half of the period is over.
    HalfTime,
    /// Three days are left.
    ThreeDays,
    /// One day is left.
    OneDay,
}

/// A reminder that was sent: the deadline it named, and its stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reminded {
    /// The deadline as it stood then.
    pub due_at: Timestamp,
    /// The stage.
    pub stage: Stage,
}

impl Finding {
    /// The look of this finding with id `look` that waits for an answer, if there is one.
    pub fn awaits(&self, look: &LookId) -> bool {
        let asked = match &self.state {
            FindingState::LastLook { asked, .. } => Some(asked),
            FindingState::Condemned(condemned) => condemned.asked.as_ref(),
            FindingState::Open
            | FindingState::Stopping { .. }
            | FindingState::Stopped { .. }
            | FindingState::Moving { .. }
            | FindingState::Reported { .. }
            | FindingState::Closed { .. } => None,
        };
        [asked, self.recheck.as_ref()]
            .into_iter()
            .flatten()
            .any(|asked| asked.look == *look)
    }

    /// The fault, in words.
    pub fn fault(&self) -> Option<Text> {
        let of_rule = || rule(&self.rule).map(|rule| (rule.fault)());
        self.demand.as_ref().map(Demand::fault).or_else(of_rule)
    }

    /// What puts it right, in words.
    pub fn to_do(&self) -> Option<Text> {
        let of_rule = || rule(&self.rule).map(|rule| rule.fix.text());
        self.demand.as_ref().map(Demand::to_do).or_else(of_rule)
    }

    /// The end of its period that a bureau named.
    pub fn bureaus_date(&self) -> Option<Timestamp> {
        self.demand.as_ref().and_then(|demand| demand.due_by)
    }

    /// Whether a bureau wants access stopped now.
    pub fn is_to_stop_now(&self) -> bool {
        let mut demand = self.demand.iter();
        demand.any(|demand| demand.wants == Wants::StoppedNow)
    }

    /// By how many days its filer may still extend its period, at most.
    pub fn may_extend_by(&self, policy: &Cases) -> Option<u32> {
        let may = self.state == FindingState::Open && self.demand.is_none();
        let longest = policy.extension_most_days.min(self.period_days);
        (may && self.extension.is_none()).then_some(longest)
    }

    /// Length of its period with all that was put on top, in calendar days.
    pub fn days(&self) -> u32 {
        let taken = self.extension.as_ref().map_or(0, |taken| taken.days);
        let given: u32 = self.staff_extensions.iter().map(|given| given.days).sum();
        self.period_days + taken + given
    }

    /// Whether its period has not begun, since nobody was told of it.
    pub fn waits_to_be_told(&self) -> bool {
        self.notified_at.is_none() && !self.state.is_closed()
    }

    /// Whether an appeal waits for its decision.
    pub fn is_under_appeal(&self) -> bool {
        self.appeals.iter().any(|appeal| appeal.decision.is_none())
    }

    /// Whether an appeal holds it: what a bureau dated waits for none.
    pub fn is_heard(&self) -> bool {
        self.is_under_appeal() && self.bureaus_date().is_none()
    }

    /// Whether an appeal or an objection has waited for its decision for longer than it may.
    pub fn is_decision_overdue(&self, now: Timestamp, rulebook: &Rulebook) -> bool {
        let policy = &rulebook.policy.cases;
        let over = |since: Timestamp, days: u32| {
            let last = rulebook.calendar.add_working_days(local_date(since), days);
            end_of(last) <= now
        };
        let mut appeals = self.appeals.iter();
        let appeal = appeals.find(|appeal| appeal.decision.is_none());
        let objection = self.objection_waiting();
        !self.state.is_closed()
            && (appeal.is_some_and(|appeal| {
                over(appeal.appealed_at, policy.appeal_decision_working_days)
            }) || objection.is_some_and(|objection| {
                over(
                    objection.objected_at,
                    policy.objection_decision_working_days,
                )
            }))
    }

    /// Whether an objection waits for its decision.
    pub fn is_under_objection(&self) -> bool {
        self.objection_waiting().is_some()
    }

    /// The objection to its stop that waits for a decision. What ends the stop ends it.
    pub fn objection_waiting(&self) -> Option<&Objection> {
        let is_stopped = match &self.state {
            FindingState::Stopped { .. } => true,
            FindingState::Open
            | FindingState::LastLook { .. }
            | FindingState::Condemned { .. }
            | FindingState::Stopping { .. }
            | FindingState::Moving { .. }
            | FindingState::Reported { .. }
            | FindingState::Closed { .. } => false,
        };
        let last = self.objections.last().filter(|_| is_stopped);
        last.filter(|objection| objection.decision.is_none())
    }
}
