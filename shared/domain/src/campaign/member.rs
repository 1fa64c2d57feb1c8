//! One unit of a campaign: what looks said of it, and what becomes of that.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Terms;
use crate::Text;
use crate::audit::{Judged, Suspicion, confirm};
use crate::finding::{BroughtBy, FaultyObject, Object};
use crate::ids::{CaseId, LookId};
use crate::rulebook::policy::Audits;
use crate::rules::{Outcome, Rule};

/// A unit of a campaign.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Member {
    /// Its outcome, set once.
    pub outcome: Option<MemberOutcome>,
    /// Broken looks that wait to be confirmed.
    pub suspicions: Vec<Suspicion>,
    /// What is confirmed.
    pub faults: Vec<Fault>,
    /// The case in which it was told.
    pub case: Option<CaseId>,
    /// When a fresh look before the telling found it put right.
    pub put_right_at: Option<Timestamp>,
    /// Whether nothing of it is told, since its rules' levels are below `notify`.
    pub observed: bool,
    /// When its filer was asked, by a yearly review.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Timestamp>,
}

/// What a campaign came to for a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemberOutcome {
    /// As it must be, by every rule of the campaign.
    Kept,
    /// Not as it must be, confirmed.
    Broken,
    /// It could not be decided.
    Undecided,
    /// It lost its access meanwhile.
    Gone,
    /// Its filer says that it is as it is filed.
    Unchanged,
    /// Its filer says that something changed.
    Changed,
    /// Its filer says that it is no longer used.
    NoLongerUsed,
    /// Its filer did not answer.
    Unanswered,
}

impl MemberOutcome {
    /// Every outcome.
    pub const ALL: [Self; 8] = [
        Self::Kept,
        Self::Broken,
        Self::Undecided,
        Self::Gone,
        Self::Unchanged,
        Self::Changed,
        Self::NoLongerUsed,
        Self::Unanswered,
    ];

    /// Its name in counts and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Broken => "broken",
            Self::Undecided => "undecided",
            Self::Gone => "gone",
            Self::Unchanged => "unchanged",
            Self::Changed => "changed",
            Self::NoLongerUsed => "no-longer-used",
            Self::Unanswered => "unanswered",
        }
    }
}

/// A confirmed fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// The rule's code.
    pub rule: String,
    /// What is at fault.
    #[schema(value_type = FaultyObject)]
    pub object: Object,
    /// What it rests on.
    pub basis: Text,
    /// The looks that found it, the earlier first.
    pub looks: Vec<LookId>,
    /// What brought the fact.
    pub brought_by: BroughtBy,
}

impl Fault {
    fn of(
        (rule, object): (&Rule, &Object),
        basis: &Text,
        looks: Vec<LookId>,
        brought_by: BroughtBy,
    ) -> Self {
        Self {
            rule: rule.code.to_owned(),
            object: object.clone(),
            basis: basis.clone(),
            looks,
            brought_by,
        }
    }
}

/// What a look says of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The member after it.
    pub member: Member,
    /// Whether the look's evidence is kept for a later one to confirm.
    pub suspected: bool,
}

/// What a fresh look before the telling says of a member's faults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fresh {
    /// Some are still there: those.
    Still(Vec<Fault>),
    /// Each was put right.
    PutRight,
    /// It could not be seen.
    Undecided,
}

impl Member {
    /// The member after a look, where it has no outcome yet. `in_case` tells which open case of the unit holds a fault:
    /// it was confirmed and told by that, and is only counted here.
    pub fn judge(
        &self,
        judged: &Judged<'_>,
        terms: &Terms,
        in_case: impl Fn(&str, &Object) -> Option<CaseId>,
        policy: &Audits,
    ) -> Seen {
        let mut member = self.clone();
        let mut undecided = false;
        member.suspicions.clear();
        let ours = judged.outcomes.iter();
        for (rule, object, outcome) in ours.filter(|(rule, _, _)| terms.of(rule).is_some()) {
            let known = self.faults.iter().any(|fault| is_of(fault, rule, object));
            let before = self
                .suspicions
                .iter()
                .find(|suspicion| suspicion.rule == rule.code && suspicion.object == *object);
            match outcome {
                // What was confirmed and is put right by now is no fault any more.
                Outcome::Kept | Outcome::NotApplicable(_) => {
                    member.faults.retain(|fault| !is_of(fault, rule, object));
                }
                Outcome::Undecided(_) | Outcome::ForPeople(_) => {
                    undecided = true;
                    member.suspicions.extend(before.cloned());
                }
                Outcome::Broken(_) | Outcome::BrokenByPeople(_) if known => {}
                Outcome::Broken(basis) | Outcome::BrokenByPeople(basis)
                    if in_case(rule.code, object).is_some() =>
                {
                    let looks = vec![judged.look.clone()];
                    let fault = Fault::of((rule, object), basis, looks, rule.brought_by);
                    member.faults.push(fault);
                }
                // Whoever decided saw it: one reading suffices.
                Outcome::BrokenByPeople(basis) => {
                    let looks = vec![judged.look.clone()];
                    let fault = Fault::of((rule, object), basis, looks, BroughtBy::Files);
                    member.faults.push(fault);
                }
                Outcome::Broken(basis) => match confirm(rule, before, judged, policy) {
                    Some(looks) => {
                        let fault = Fault::of((rule, object), basis, looks, rule.brought_by);
                        member.faults.push(fault);
                    }
                    None => member.suspicions.push(
                        before
                            .cloned()
                            .unwrap_or_else(|| Suspicion::of(rule, object, judged)),
                    ),
                },
            }
        }
        if member.suspicions.is_empty() && !undecided {
            member.outcome = Some(member.as_far_as_seen(MemberOutcome::Kept));
            let mut cases = member.faults.iter();
            let told: Option<Vec<CaseId>> = cases.try_fold(Vec::new(), |mut told, fault| {
                told.push(in_case(&fault.rule, &fault.object)?);
                Some(told)
            });
            member.case = told.and_then(|told| told.into_iter().next());
        }
        let suspected = member
            .suspicions
            .iter()
            .any(|suspicion| suspicion.look == *judged.look);
        Seen { member, suspected }
    }

    /// The member when its campaign looks no more: broken where anything was confirmed, else undecided.
    #[must_use]
    pub fn given_up(&self) -> Self {
        Self {
            outcome: Some(self.as_far_as_seen(MemberOutcome::Undecided)),
            suspicions: Vec::new(),
            ..self.clone()
        }
    }

    fn as_far_as_seen(&self, else_wise: MemberOutcome) -> MemberOutcome {
        if self.faults.is_empty() {
            else_wise
        } else {
            MemberOutcome::Broken
        }
    }

    /// Whether its faults wait to be told.
    pub fn waits_to_be_told(&self) -> bool {
        let broken = self.outcome == Some(MemberOutcome::Broken);
        broken && self.case.is_none() && self.put_right_at.is_none() && !self.observed
    }

    /// What a fresh look says of its faults.
    pub fn afresh(&self, outcomes: &[(&'static Rule, Object, Outcome)]) -> Fresh {
        let (mut still, mut undecided) = (Vec::new(), false);
        for fault in &self.faults {
            let said = outcomes
                .iter()
                .find(|(rule, object, _)| is_of(fault, rule, object));
            match said.map(|(_, _, outcome)| outcome) {
                Some(Outcome::Broken(_) | Outcome::BrokenByPeople(_)) => still.push(fault.clone()),
                Some(Outcome::Undecided(_) | Outcome::ForPeople(_)) => undecided = true,
                Some(Outcome::Kept | Outcome::NotApplicable(_)) | None => {}
            }
        }
        match (still.is_empty(), undecided) {
            (false, _) => Fresh::Still(still),
            (true, true) => Fresh::Undecided,
            (true, false) => Fresh::PutRight,
        }
    }
}

fn is_of(fault: &Fault, rule: &Rule, object: &Object) -> bool {
    fault.rule == rule.code && fault.object == *object
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{ClockName, Heard};
    use crate::ids::VantageId;
    use crate::rulebook::vantages::for_tests;
    use crate::rules::{NotApplicable, Undecided, rule};

    fn terms() -> Terms {
        serde_json::from_value(serde_json::json!({
            "name": "核查", "legalBases": ["33号令第十九条"],
            "rules": { "ICP-401": { "level": "notify", "periodDays": 15 },
                "ICP-201": { "level": "notify", "periodDays": 15 } },
            "chosen": { "everybody": true }, "ratePerMinute": 60
        }))
        .unwrap()
    }

    fn broken() -> Outcome {
        Outcome::Broken(Text::new("无地址", "no address"))
    }

    /// The member after looks, each with its hour, its vantage and what the rule says.
    fn after(looks: &[(i64, &str, &str, Outcome)], in_case: Option<&str>) -> Member {
        let begun: Timestamp = "2026-03-02T02:00:00Z".parse().unwrap();
        let in_case: Option<CaseId> = in_case.map(|case| case.parse().unwrap());
        let mut member = Member::default();
        for (at, (hour, vantage, code, outcome)) in looks.iter().enumerate() {
            let look: LookId = format!("l{at}").parse().unwrap();
            let vantage: VantageId = vantage.parse().unwrap();
            let outcomes = [(rule(code).unwrap(), Object::Service, outcome.clone())];
            let judged = Judged {
                look: &look,
                begun_at: begun + jiff::SignedDuration::from_hours(*hour),
                vantage: &vantage,
                heard: Heard::Unknown,
                vantages: &for_tests(),
                clock: ClockName::Audit,
                outcomes: &outcomes,
            };
            let policy = Audits::default();
            member = member
                .judge(&judged, &terms(), |_, _| in_case.clone(), &policy)
                .member;
        }
        member
    }

    #[test]
    fn a_member_is_broken_by_two_looks_apart_and_kept_by_one() {
        use MemberOutcome::{Broken, Kept};
        let undecided = || Outcome::Undecided(Undecided::Hidden);
        let silent = || Outcome::NotApplicable(NotApplicable::Kind);
        let first = || (0, "v1", "ICP-401", broken());
        for (looks, expected) in [
            (vec![(0, "v1", "ICP-401", Outcome::Kept)], Some(Kept)),
            (vec![(0, "v1", "ICP-401", silent())], Some(Kept)),
            (vec![(0, "v1", "ICP-401", undecided())], None),
            (vec![first()], None),
            (vec![first(), (1, "v1", "ICP-401", broken())], None),
            (vec![first(), (0, "v2", "ICP-401", broken())], None),
            (vec![first(), (1, "v2", "ICP-401", broken())], Some(Broken)),
            (
                vec![first(), (1, "v2", "ICP-401", Outcome::Kept)],
                Some(Kept),
            ),
            (
                vec![
                    first(),
                    (1, "v2", "ICP-401", undecided()),
                    (2, "v2", "ICP-401", broken()),
                ],
                Some(Broken),
            ),
            // Two looks of one network, or from abroad, are no two looks where a page is read; a name's are.
            (
                vec![first(), (1, "north", "ICP-401", broken())],
                Some(Broken),
            ),
            (vec![first(), (1, "abroad", "ICP-401", broken())], None),
            // The filing's own rows are read once.
            (vec![(0, "v1", "ICP-201", broken())], Some(Broken)),
            // Another rule is none of the campaign's.
            (vec![(0, "v1", "ICP-402", broken())], Some(Kept)),
        ] {
            assert_eq!(after(&looks, None).outcome, expected, "{looks:?}");
        }
        let told = after(&[(0, "v1", "ICP-201", broken())], Some("c1"));
        assert_eq!(told.outcome, Some(Broken), "what a case holds is broken");
        assert!(!told.waits_to_be_told(), "and told already");
    }

    #[test]
    fn what_was_confirmed_and_is_put_right_before_the_outcome_is_no_fault() {
        let [materials, access] = ["ICP-201", "ICP-401"].map(|code| rule(code).unwrap());
        let undecided = Outcome::Undecided(Undecided::Hidden);
        let mut member = Member::default();
        for (look, outcomes) in [
            ("l0", [(materials, broken()), (access, undecided)]),
            ("l1", [(materials, Outcome::Kept), (access, Outcome::Kept)]),
        ] {
            let outcomes = outcomes.map(|(rule, outcome)| (rule, Object::Service, outcome));
            let judged = Judged {
                look: &look.parse().unwrap(),
                begun_at: "2026-03-02T02:00:00Z".parse().unwrap(),
                vantage: &"v1".parse().unwrap(),
                heard: Heard::Unknown,
                vantages: &for_tests(),
                clock: ClockName::Audit,
                outcomes: &outcomes,
            };
            member = member
                .judge(&judged, &terms(), |_, _| None, &Audits::default())
                .member;
            assert_eq!(member.faults.len(), usize::from(look == "l0"));
        }
        assert_eq!(member.outcome, Some(MemberOutcome::Kept));
    }

    #[test]
    fn who_stays_undecided_is_given_up_and_never_broken_by_suspicion_alone() {
        let suspected = after(&[(0, "v1", "ICP-401", broken())], None);
        assert_eq!(suspected.given_up().outcome, Some(MemberOutcome::Undecided));
        assert_eq!(suspected.given_up().suspicions, []);
        assert!(!suspected.given_up().waits_to_be_told());
    }

    #[test]
    fn a_fault_is_told_only_where_a_fresh_look_still_sees_it() {
        let member = after(&[(0, "v1", "ICP-201", broken())], None);
        assert!(member.waits_to_be_told());
        let fresh =
            |outcome| member.afresh(&[(rule("ICP-201").unwrap(), Object::Service, outcome)]);
        assert!(matches!(fresh(broken()), Fresh::Still(faults) if faults == member.faults));
        assert_eq!(fresh(Outcome::Kept), Fresh::PutRight);
        assert_eq!(
            fresh(Outcome::Undecided(Undecided::Hidden)),
            Fresh::Undecided
        );
        assert_eq!(member.afresh(&[]), Fresh::PutRight);
    }
}
