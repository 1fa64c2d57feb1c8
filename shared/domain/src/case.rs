//! A case (核查工单): the findings of one unit, told together.
//!
//! **Invariant:** a case has no state of its own; its findings have. It is open while one of them is.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::finding::{Due, Finding, FindingState, Freeze, Freezes, next, next_morning};
use crate::ids::{AccountId, CaseId, FindingId, UnitId};
use crate::schema::text_schema;
use crate::{Rulebook, Text, Violation};

mod call_slot;
mod calls;
mod needs;

pub use call_slot::{CallSlot, SlotRefused};
pub use calls::{Call, CallOutcome};

/// A case of one unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// The number that notices print.
    pub number: CaseNumber,
    /// The unit.
    pub unit: UnitId,
    /// The account that holds the filing.
    pub account: AccountId,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Its findings in the order in which they joined.
    pub findings: Vec<Finding>,
    /// What only people can do now.
    pub needs_staff: Option<StaffNeed>,
    /// Calls that staff made about it, in order.
    pub calls: Vec<Call>,
    /// When the filer wants to be called, until somebody has.
    #[serde(default)]
    pub call_slot: Option<CallSlot>,
}

/// What only people can do about a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "since")]
pub enum StaffNeed {
    /// Nobody took the notice: call.
    NobodyReached(Timestamp),
    /// The last looks stayed undecided: look for oneself.
    Undecided(Timestamp),
    /// An appeal waits.
    Appeal(Timestamp),
    /// An objection to the stop waits.
    Objection(Timestamp),
    /// The cancellation of access is to be reported to the bureau, and its answer to be recorded.
    Report(Timestamp),
    /// The bureau refused the report.
    ReportRefused(Timestamp),
    /// What a bureau demanded is to be looked at.
    Reading(Timestamp),
    /// The filer wants to be called: from when.
    CallWanted(Timestamp),
}

impl Case {
    /// Whether anything of it is still to come.
    pub fn is_open(&self) -> bool {
        self.findings
            .iter()
            .any(|finding| !finding.state.is_closed())
    }

    /// Whether findings of it are open that another cause may end: none while its own stop, or its taking
    /// back, is under way.
    pub fn is_to_be_overtaken(&self) -> bool {
        let stopping = |finding: &Finding| {
            matches!(
                finding.state,
                FindingState::Stopping { .. }
                    | FindingState::Moving { .. }
                    | FindingState::Reported { .. }
            )
        };
        // What a bureau demanded outlives a stop that may be taken back.
        let other = |finding: &Finding| !finding.state.is_over() && finding.demand.is_none();
        self.findings.iter().any(other) && !self.findings.iter().any(stopping)
    }

    /// Whether a finding may join it: not once access is being stopped on it, since what a case stopped moves as one.
    pub fn may_be_joined(&self) -> bool {
        let took = |finding: &Finding| match finding.state {
            FindingState::Stopping { .. }
            | FindingState::Stopped { .. }
            | FindingState::Moving { .. }
            | FindingState::Reported { .. } => true,
            FindingState::Open
            | FindingState::LastLook { .. }
            | FindingState::Condemned { .. }
            | FindingState::Closed { .. } => false,
        };
        self.is_open() && !self.findings.iter().any(took)
    }

    /// Whether it waits in the list of the condemned.
    pub fn is_condemned(&self) -> bool {
        self.findings
            .iter()
            .any(|finding| matches!(finding.state, FindingState::Condemned { .. }))
    }

    /// Whether `rule` already has an open finding on `object`.
    pub fn holds(&self, rule: &str, object: &crate::finding::Object) -> bool {
        self.findings.iter().any(|finding| {
            !finding.state.is_closed() && finding.rule == rule && finding.object == *object
        })
    }

    /// Whether a bureau ordered that access be stopped, and nothing has ended the order.
    pub fn is_ordered(&self) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.is_to_stop_now() && !finding.state.is_closed())
    }

    /// The finding with `id`.
    pub fn finding(&self, id: &FindingId) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.id == *id)
    }

    /// The next steps over its findings, the earliest first; `freezes` are all of its filing.
    pub fn steps(
        &self,
        freezes: &[Freeze],
        now: Timestamp,
        rulebook: &Rulebook,
    ) -> Vec<(Timestamp, FindingId, Due)> {
        let freezes = Freezes::of(&self.unit, freezes);
        let steps = self.findings.iter().flat_map(|finding| {
            next(finding, freezes, now, rulebook).map(|(at, due)| {
                let (at, due) = self.after_asking_staff(at, due, now, rulebook);
                (at, finding.id.clone(), due)
            })
        });
        let mut steps: Vec<_> = steps.collect();
        steps.sort_by_key(|(at, _, _)| *at);
        steps
    }

    /// When the earliest of its next steps is due, if any is to come.
    pub fn wakes_at(
        &self,
        freezes: &[Freeze],
        now: Timestamp,
        rulebook: &Rulebook,
    ) -> Option<Timestamp> {
        let steps = self.steps(freezes, now, rulebook);
        steps.first().map(|(at, _, _)| *at)
    }

    /// Staff are asked once to call; after that the case is looked at once a day.
    fn after_asking_staff(
        &self,
        at: Timestamp,
        due: Due,
        now: Timestamp,
        rulebook: &Rulebook,
    ) -> (Timestamp, Due) {
        match (due, self.needs_now()) {
            // Staff are asked one thing after the other; what is due still is asked the morning after.
            (
                Due::NobodyReached | Due::StaffRead,
                Some(
                    StaffNeed::NobodyReached(_)
                    | StaffNeed::Undecided(_)
                    | StaffNeed::Appeal(_)
                    | StaffNeed::Objection(_)
                    | StaffNeed::Report(_)
                    | StaffNeed::ReportRefused(_)
                    | StaffNeed::Reading(_),
                ),
            ) => (next_morning(now, &rulebook.policy.cases), Due::Wait),
            _ => (at, due),
        }
    }

    /// The case with the finding `id` put through `change`.
    pub fn with_finding<E>(
        mut self,
        id: &FindingId,
        missing: E,
        change: impl FnOnce(Finding) -> Result<Finding, E>,
    ) -> Result<Self, E> {
        let at = self
            .findings
            .iter()
            .position(|finding| finding.id == *id)
            .ok_or(missing)?;
        let finding = change(self.findings.remove(at))?;
        self.findings.insert(at, finding);
        Ok(self)
    }
}

/// A case number (核查编号): nine digits and a check digit, as notices print it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CaseNumber(String);

text_schema!(CaseNumber);

/// A text that is no case number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a case number is ten digits, the last of which checks the others")]
pub struct NotACaseNumber;

impl NotACaseNumber {
    /// The same of a field.
    pub fn at(&self, field: &str) -> Violation {
        Violation::ours(
            field,
            "case-number-malformed",
            Text::new("核查编号为10位数字，请核对", self.to_string()),
        )
    }
}

impl CaseNumber {
    /// The number in its two halves, as notices print it.
    pub fn printed(&self) -> String {
        let (head, tail) = self.0.split_at_checked(5).unwrap_or((&self.0, ""));
        format!("{head}-{tail}")
    }

    /// The number of the `attempt`-th try for a case: nine digits from the case's id.
    pub fn of_attempt(case: &CaseId, attempt: u32) -> Self {
        let hash = crate::command::hashed("case-number", &[case.as_str(), &attempt.to_string()]);
        let nine = hash.bytes().fold(0u64, |value, byte| {
            (value * 31 + u64::from(byte)) % 1_000_000_000
        });
        let digits = format!("{nine:09}");
        let check = check_digit(&digits);
        Self(format!("{digits}{check}"))
    }

    /// Reads a number as people type it.
    pub fn parse(typed: &str) -> Result<Self, NotACaseNumber> {
        let digits: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .collect();
        let (body, check) = digits.split_at_checked(9).ok_or(NotACaseNumber)?;
        if digits.len() != 10
            || !digits.bytes().all(|byte| byte.is_ascii_digit())
            || check != check_digit(body).to_string()
        {
            return Err(NotACaseNumber);
        }
        Ok(Self(digits))
    }

    /// The ten digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CaseNumber {
    type Error = NotACaseNumber;
    fn try_from(text: String) -> Result<Self, NotACaseNumber> {
        Self::parse(&text)
    }
}

impl From<CaseNumber> for String {
    fn from(number: CaseNumber) -> String {
        number.0
    }
}

impl std::fmt::Display for CaseNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The check digit by ISO 7064 MOD 11,10, which catches every single wrong digit and nearly every
/// pair of swapped ones.
fn check_digit(digits: &str) -> u32 {
    let product = digits
        .chars()
        .filter_map(|c| c.to_digit(10))
        .fold(10, |product, digit| {
            let sum = (product + digit) % 10;
            (if sum == 0 { 10 } else { sum }) * 2 % 11
        });
    (11 - product) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_number_is_read_as_typed_and_a_wrong_digit_is_refused() {
        let case: CaseId = "c1".parse().unwrap();
        let number = CaseNumber::of_attempt(&case, 0);
        let typed = format!("{} {}", &number.as_str()[..5], &number.as_str()[5..]);
        assert_eq!(CaseNumber::parse(&typed), Ok(number.clone()));
        for at in 0..10 {
            let mut wrong: Vec<u8> = number.as_str().bytes().collect();
            wrong[at] = if wrong[at] == b'9' {
                b'0'
            } else {
                wrong[at] + 1
            };
            let wrong = String::from_utf8(wrong).unwrap();
            assert_eq!(CaseNumber::parse(&wrong), Err(NotACaseNumber), "{wrong}");
        }
        assert_ne!(CaseNumber::of_attempt(&case, 1), number);
        assert_eq!(
            CaseNumber::parse("号号号号号号号号号号"),
            Err(NotACaseNumber)
        );
    }
}
