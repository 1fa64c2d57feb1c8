//! When a filer wants to be called (预约时段).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Case, StaffNeed};
use crate::Rulebook;
use crate::filing::Person;
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
        self.call_slot = Some(CallSlot {
            person,
            from,
            until,
            chosen_at: now,
        });
        if let None | Some(StaffNeed::CallWanted(_)) = self.needs_staff {
            self.needs_staff = Some(StaffNeed::CallWanted(from));
        }
        Ok(self)
    }

    /// The slot that is over without its call: nothing of the case is stopped on the filer's silence before the call is
    /// made. Nobody is waited for who is of the filing no more, since nobody can be called then.
    pub fn missed_call(
        &self,
        persons: &BTreeMap<PersonId, Person>,
        now: Timestamp,
    ) -> Option<&CallSlot> {
        let slot = self.call_slot.as_ref()?;
        (slot.until <= now && persons.contains_key(&slot.person)).then_some(slot)
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
    fn a_call_is_missed_once_its_slot_is_over_as_long_as_the_person_is_there() {
        let case = chosen("2026-03-06T14:00:00+08:00").unwrap();
        let persons = Scene::default().filing.persons;
        for (now, missed) in [
            ("2026-03-06T15:59:59+08:00", false),
            ("2026-03-06T16:00:00+08:00", true),
        ] {
            let now = now.parse().unwrap();
            assert_eq!(case.missed_call(&persons, now).is_some(), missed, "{now}");
            assert_eq!(case.missed_call(&BTreeMap::new(), now), None, "{now}");
        }
    }
}
