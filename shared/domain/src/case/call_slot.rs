//! When a filer wants to be called (预约时段).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Case, StaffNeed};
use crate::Rulebook;
use crate::filing::Person;
use crate::finding::{Finding, FindingState};
use crate::ids::PersonId;
use crate::rulebook::calendar::{at, local_date};

/// A slot that a filer chose for a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CallSlot {
    /// The person to call.
    pub person: PersonId,
    /// From when.
    #[schema(value_type = String)]
    pub from: Timestamp,
    /// Until when.
    #[schema(value_type = String)]
    pub until: Timestamp,
    /// When it was chosen.
    #[schema(value_type = String)]
    pub chosen_at: Timestamp,
    /// Since when a call is owed, where one before it was not made in its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub owed_since: Option<Timestamp>,
}

impl CallSlot {
    /// Since when the call is owed: its time is over, or that of one before it.
    fn owed(&self, now: Timestamp) -> Option<Timestamp> {
        self.owed_since
            .or_else(|| (self.until <= now).then_some(self.until))
    }
}

/// Why a slot is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlotRefused {
    /// Nothing of the case is open.
    #[error("nothing of the case is open")]
    NothingOpen,
    /// It is not ahead, or too far.
    #[error("a slot begins within the next {0} days")]
    NotAhead(u32),
    /// Nobody works then.
    #[error("a slot lies on a working day between {0}:00 and {1}:00, China Standard Time")]
    NobodyThere(u32, u32),
}

impl Case {
    /// The case with a slot in which a person is to be called; another takes the place of one before.
    pub fn with_call_slot(
        mut self,
        person: PersonId,
        from: Timestamp,
        now: Timestamp,
        rulebook: &Rulebook,
    ) -> Result<Self, SlotRefused> {
        let policy = &rulebook.policy.cases;
        if !self.is_open() {
            return Err(SlotRefused::NothingOpen);
        }
        let days = policy.call_slot_days_ahead;
        if from <= now || now + SignedDuration::from_hours(24 * i64::from(days)) < from {
            return Err(SlotRefused::NotAhead(days));
        }
        let (day, until) = (local_date(from), from + policy.call_slot());
        let (opens, closes) = (policy.sending_from_hour, policy.sending_until_hour);
        let is_within = at(day, opens) <= from && until <= at(day, closes);
        if !is_within || !rulebook.calendar.is_working_day(day) {
            return Err(SlotRefused::NobodyThere(opens, closes));
        }
        // Whoever chooses again after we failed to call is owed the call as before.
        let owed_since = self.call_slot.as_ref().and_then(|before| before.owed(now));
        self.call_slot = Some(CallSlot {
            person,
            from,
            until,
            chosen_at: now,
            owed_since,
        });
        if let None | Some(StaffNeed::CallWanted(_)) = self.needs_staff {
            self.needs_staff = Some(StaffNeed::CallWanted(from));
        }
        Ok(self)
    }

    /// Whether a finding is not stopped before a call is made: it is condemned, and the filer was promised a call that
    /// nobody made. A bureau's date waits for none, and nobody is waited for who is of the filing no more.
    pub fn is_held_by_call(
        &self,
        finding: &Finding,
        persons: &BTreeMap<PersonId, Person>,
        now: Timestamp,
    ) -> bool {
        let slot = self.call_slot.as_ref();
        matches!(finding.state, FindingState::Condemned(_))
            && finding.demand.is_none()
            && slot
                .is_some_and(|slot| slot.owed(now).is_some() && persons.contains_key(&slot.person))
    }

    /// The slot that a call of a person answers; nobody wants to be called any more then.
    pub(super) fn answered_slot(&mut self, person: &PersonId) -> Option<CallSlot> {
        let slot = self.call_slot.take_if(|slot| slot.person == *person)?;
        if let Some(StaffNeed::CallWanted(_)) = self.needs_staff {
            self.needs_staff = None;
        }
        Some(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::CaseNumber;
    use crate::finding::Condemned;
    use crate::finding::testing::finding;
    use crate::ids::UnitId;
    use crate::rules::testing::Scene;

    fn chosen(from: &str) -> Result<Case, SlotRefused> {
        let id = "c1".parse().unwrap();
        let case = Case {
            number: CaseNumber::of_attempt(&id, 0),
            id,
            unit: UnitId::of_subject("s1".parse().unwrap()),
            account: "a1".parse().unwrap(),
            opened_at: "2026-03-02T02:00:00Z".parse().unwrap(),
            findings: vec![finding()],
            needs_staff: None,
            calls: Vec::new(),
            call_slot: None,
        };
        // Thursday, 10:00 in Shanghai.
        let now = "2026-03-05T02:00:00Z".parse().unwrap();
        let rulebook = Rulebook::shipped().unwrap();
        let person = "p1".parse().unwrap();
        case.with_call_slot(person, from.parse().unwrap(), now, &rulebook)
    }

    #[test]
    fn a_slot_lies_ahead_on_a_working_day_while_somebody_works() {
        let case = chosen("2026-03-06T14:00:00+08:00").unwrap();
        let slot = case.call_slot.clone().unwrap();
        assert_eq!(slot.until, "2026-03-06T16:00:00+08:00".parse().unwrap());
        assert_eq!(case.needs_staff, Some(StaffNeed::CallWanted(slot.from)));
        for from in ["2026-03-05T10:00:00+08:00", "2026-03-20T10:00:00+08:00"] {
            assert_eq!(chosen(from), Err(SlotRefused::NotAhead(14)), "{from}");
        }
        for from in [
            "2026-03-06T08:59:59+08:00",
            "2026-03-06T18:00:01+08:00",
            "2026-03-07T10:00:00+08:00",
        ] {
            assert_eq!(chosen(from), Err(SlotRefused::NobodyThere(9, 20)), "{from}");
        }
    }

    #[test]
    fn a_call_of_the_person_answers_it_and_one_of_another_does_not() {
        let mut case = chosen("2026-03-06T14:00:00+08:00").unwrap();
        assert_eq!(case.answered_slot(&"p2".parse().unwrap()), None);
        assert!(case.answered_slot(&"p1".parse().unwrap()).is_some());
        assert_eq!((case.call_slot, case.needs_staff), (None, None));
    }

    #[test]
    fn what_is_condemned_waits_for_a_call_that_was_not_made_in_its_time_also_where_another_is_chosen()
     {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let case = chosen("2026-03-06T14:00:00+08:00").unwrap();
        let persons = Scene::default().filing.persons;
        let condemned = Finding {
            state: FindingState::Condemned(Condemned {
                looks: Vec::new(),
                condemned_at: at("2026-03-06T10:00:00+08:00"),
                release: None,
                asked: None,
                undecided: None,
            }),
            ..finding()
        };
        for (now, held) in [
            ("2026-03-06T15:59:59+08:00", false),
            ("2026-03-06T16:00:00+08:00", true),
        ] {
            let now = at(now);
            assert_eq!(
                case.is_held_by_call(&condemned, &persons, now),
                held,
                "{now}"
            );
            assert!(!case.is_held_by_call(&condemned, &BTreeMap::new(), now));
            assert!(!case.is_held_by_call(&finding(), &persons, now));
        }
        let rulebook = Rulebook::shipped().unwrap();
        let (now, next) = (
            at("2026-03-09T10:00:00+08:00"),
            at("2026-03-10T10:00:00+08:00"),
        );
        let person: PersonId = "p1".parse().unwrap();
        let mut again = case
            .with_call_slot(person.clone(), next, now, &rulebook)
            .unwrap();
        assert!(
            again.is_held_by_call(&condemned, &persons, now),
            "it is owed still"
        );
        again.answered_slot(&person);
        assert!(!again.is_held_by_call(&condemned, &persons, next));
    }
}
