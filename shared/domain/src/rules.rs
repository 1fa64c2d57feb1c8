//! The audit rules: one file per rule, one row here.
//!
//! A rule reads a [`Sight`] and says an [`Outcome`] per object. It never looks anything up and never
//! knows what follows from what it says.
//!
//! **Invariant:** a fact that nobody brought is never held against a filer: it is not applicable, or
//! undecided, and never broken.

use crate::Text;
use crate::audit::ClockName;
use crate::filing::{Natures, ServiceKind};
use crate::finding::{BroughtBy, Object};
use crate::ids::VantageId;
use crate::reports::DecisionSays;
use crate::rulebook::{Level, Vantages};

mod category;
mod domains;
mod faults;
mod fix;
mod front_ends;
mod icp_101_certificate_not_merged;
mod icp_102_identity_expired;
mod icp_103_class_not_of_nature;
mod icp_104_region_not_of_province;
mod icp_105_name_not_registered;
mod icp_106_body_not_found;
mod icp_107_body_deregistered;
mod icp_108_body_revoked;
mod icp_109_address_not_registered;
mod icp_110_principal_not_representative;
mod icp_111_number_does_not_check;
mod icp_201_number_not_verified;
mod icp_202_mobile_shared;
mod icp_203_email_shared;
mod icp_204_mobile_shared_across_subjects;
mod icp_205_email_shared_across_subjects;
mod icp_206_number_not_in_service;
mod icp_207_nobody_answers;
mod icp_208_number_of_another;
mod icp_209_mail_refused;
mod icp_301_material_missing;
mod icp_302_material_expired;
mod icp_303_material_unreadable;
mod icp_304_material_differs;
mod icp_305_face_not_the_principals;
mod icp_306_form_filled_in_wrongly;
mod icp_401_name_without_address;
mod icp_402_address_elsewhere;
mod icp_403_address_not_filed;
mod icp_404_server_expired;
mod icp_405_no_traffic;
mod icp_501_number_not_shown;
mod icp_502_number_wrong;
mod icp_503_number_not_linked;
mod icp_504_site_not_reachable;
mod icp_505_title_not_of_filing;
mod icp_506_content_not_of_nature;
mod icp_507_approval_missing;
mod icp_508_holder_differs;
mod icp_509_domain_not_registered;
mod icp_510_domain_expired;
mod icp_511_domain_expires_soon;
mod icp_512_registrar_not_approved;
mod icp_513_police_number_not_shown;
mod outcome;
mod page_text;
mod people;
mod reference;
mod registry_answer;
mod sight;
mod telephone_reports;

pub use category::Category;
pub use faults::{Answer, FAULTS, Fault};
pub use fix::Fix;
pub use outcome::{Basis, NotApplicable, Outcome, Undecided};
pub use reference::reference;
pub use sight::Sight;

/// Which kind of unit a rule judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judges {
    /// The subject with its persons and materials.
    Subject,
    /// One service with its link to us.
    Service,
}

/// What a rule must have looked up first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Addresses of the names.
    Addresses,
    /// The home page.
    HomePage,
    /// Registrations of the domains.
    Registration,
}

/// A rule: fixed facts about it, and its check.
#[derive(Debug)]
pub struct Rule {
    /// Stable code, never reused; the first digit is the category.
    pub code: &'static str,
    /// The fault, kebab-case.
    pub name: &'static str,
    /// Its page of the reference.
    pub docs: &'static str,
    /// The article it rests on.
    pub basis: &'static str,
    /// Where its facts come from.
    pub source: &'static str,
    /// Its category.
    pub category: Category,
    /// The kind of unit it judges.
    pub judges: Judges,
    /// The kinds of service it speaks of, where it judges services.
    pub kinds: &'static [ServiceKind],
    /// The natures of subjects it speaks of.
    pub natures: Natures,
    /// What brings the fact.
    pub brought_by: BroughtBy,
    /// What must be looked up first.
    pub needs: &'static [Need],
    /// What puts the fault right.
    pub fix: Fix,
    /// The most that may follow from it, whatever level is set.
    pub most: Level,
    /// The fault, in one sentence for the filer.
    pub fault: fn() -> Text,
    /// The check.
    pub check: fn(&Sight<'_>) -> Vec<(Object, Outcome)>,
}

/// Rules that speak of what every kind of service has.
const EVERY_KIND: &[ServiceKind] = &[
    ServiceKind::Site,
    ServiceKind::App,
    ServiceKind::MiniProgram,
    ServiceKind::QuickApp,
];

/// Rules that speak of names and pages. Apps file domains too, and bear their number inside, where
/// no look of ours goes.
const SITES: &[ServiceKind] = &[ServiceKind::Site];

impl Rule {
    /// The clock whose looks it judges.
    pub fn clock(&self) -> ClockName {
        if self.needs.contains(&Need::Registration) {
            ClockName::Holder
        } else {
            ClockName::Audit
        }
    }

    /// Whether two looks tell more than one by where they were made from: from two vantages of the mainland, and for
    /// what a page says from exits in two networks. A registry says the same to everybody.
    pub fn is_seen_apart(&self, one: &VantageId, other: &VantageId, vantages: &Vantages) -> bool {
        self.clock() == ClockName::Holder || vantages.are_apart(one, other, self.reads_page())
    }

    /// The same for a suspicion. Where all exits are in one network a page is looked at from two vantages all the same,
    /// and what they find is counted and told to nobody.
    pub fn is_suspected_apart(
        &self,
        one: &VantageId,
        other: &VantageId,
        vantages: &Vantages,
    ) -> bool {
        self.is_seen_apart(one, other, vantages)
            || !vantages.http_confirmable() && vantages.are_apart(one, other, false)
    }

    /// Whether a look from anywhere could confirm what one from `first` made one suspect.
    pub fn can_confirm(&self, first: &VantageId, vantages: &Vantages) -> bool {
        let mut others = vantages.mainland();
        self.clock() == ClockName::Holder
            || others.any(|other| self.is_suspected_apart(first, &other.id, vantages))
    }

    /// Whether it judges what a page says.
    pub fn reads_page(&self) -> bool {
        self.needs.contains(&Need::HomePage)
    }

    /// What the rule says of each of its objects.
    pub fn judge(&self, sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
        let (object, kind) = match (self.judges, sight.service()) {
            (Judges::Subject, _) => (Object::Subject, None),
            (Judges::Service, service) => (
                Object::Service,
                service.map(|(service, _)| service.details.kind),
            ),
        };
        let silent = |why| vec![(object.clone(), Outcome::NotApplicable(why))];
        if kind.is_some_and(|kind| !self.kinds.contains(&kind)) {
            return silent(NotApplicable::Kind);
        }
        let nature = sight.details().map(|details| details.nature);
        match nature {
            None if self.natures != Natures::All => silent(NotApplicable::NoBaseline),
            Some(nature) if !self.natures.contain(nature) => silent(NotApplicable::Nature),
            None | Some(_) => (self.check)(sight),
        }
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Rule {}

/// Every rule, in the order of codes.
pub static RULES: &[&Rule] = &[
    &icp_101_certificate_not_merged::RULE,
    &icp_102_identity_expired::RULE,
    &icp_103_class_not_of_nature::RULE,
    &icp_104_region_not_of_province::RULE,
    &icp_105_name_not_registered::RULE,
    &icp_106_body_not_found::RULE,
    &icp_107_body_deregistered::RULE,
    &icp_108_body_revoked::RULE,
    &icp_109_address_not_registered::RULE,
    &icp_110_principal_not_representative::RULE,
    &icp_111_number_does_not_check::RULE,
    &icp_201_number_not_verified::RULE,
    &icp_202_mobile_shared::RULE,
    &icp_203_email_shared::RULE,
    &icp_204_mobile_shared_across_subjects::RULE,
    &icp_205_email_shared_across_subjects::RULE,
    &icp_206_number_not_in_service::RULE,
    &icp_207_nobody_answers::RULE,
    &icp_208_number_of_another::RULE,
    &icp_209_mail_refused::RULE,
    &icp_301_material_missing::RULE,
    &icp_302_material_expired::RULE,
    &icp_303_material_unreadable::RULE,
    &icp_304_material_differs::RULE,
    &icp_305_face_not_the_principals::RULE,
    &icp_306_form_filled_in_wrongly::RULE,
    &icp_401_name_without_address::RULE,
    &icp_402_address_elsewhere::RULE,
    &icp_403_address_not_filed::RULE,
    &icp_404_server_expired::RULE,
    &icp_405_no_traffic::RULE,
    &icp_501_number_not_shown::RULE,
    &icp_502_number_wrong::RULE,
    &icp_503_number_not_linked::RULE,
    &icp_504_site_not_reachable::RULE,
    &icp_505_title_not_of_filing::RULE,
    &icp_506_content_not_of_nature::RULE,
    &icp_507_approval_missing::RULE,
    &icp_508_holder_differs::RULE,
    &icp_509_domain_not_registered::RULE,
    &icp_510_domain_expired::RULE,
    &icp_511_domain_expires_soon::RULE,
    &icp_512_registrar_not_approved::RULE,
    &icp_513_police_number_not_shown::RULE,
];

/// The rule with `code`.
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code == code).copied()
}

/// Whether a kind of service has anything that the rules of a clock judge.
pub fn has_clock(kind: ServiceKind, clock: ClockName) -> bool {
    RULES.iter().any(|rule| {
        rule.judges == Judges::Service && rule.clock() == clock && rule.kinds.contains(&kind)
    })
}

/// What every rule that judges this kind of unit, on the look's clock, says of it.
pub fn judge(sight: &Sight<'_>) -> Vec<(&'static Rule, Object, Outcome)> {
    let kind = if sight.unit.service.is_some() {
        Judges::Service
    } else {
        Judges::Subject
    };
    RULES
        .iter()
        .filter(|rule| rule.judges == kind && rule.clock() == sight.evidence.look.clock)
        .flat_map(|rule| {
            rule.judge(sight).into_iter().map(|(object, outcome)| {
                let outcome = unless_exempt(sight, rule, &object, outcome);
                let outcome = or_of_people(sight, rule, &object, outcome);
                (*rule, object, outcome)
            })
        })
        .collect()
}

/// What an object is exempt from does not speak of it.
fn unless_exempt(sight: &Sight<'_>, rule: &Rule, object: &Object, outcome: Outcome) -> Outcome {
    let is_exempt = sight
        .reports
        .exempts(sight.unit, rule.code, object, sight.at);
    match outcome {
        Outcome::NotApplicable(_) => outcome,
        Outcome::Kept
        | Outcome::Broken(_)
        | Outcome::BrokenByPeople(_)
        | Outcome::ForPeople(_)
        | Outcome::Undecided(_)
            if is_exempt =>
        {
            Outcome::NotApplicable(NotApplicable::Exempt)
        }
        Outcome::Kept
        | Outcome::Broken(_)
        | Outcome::BrokenByPeople(_)
        | Outcome::ForPeople(_)
        | Outcome::Undecided(_) => outcome,
    }
}

/// What people decided stands for what machines could not; what a machine saw stands for itself.
fn or_of_people(sight: &Sight<'_>, rule: &Rule, object: &Object, outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::ForPeople(_) | Outcome::Undecided(_) => {
            match sight
                .reports
                .decision(sight.unit, rule.code, object, sight.at)
            {
                None => outcome,
                Some(decision) => match decision.says {
                    DecisionSays::Kept => Outcome::Kept,
                    DecisionSays::Broken => Outcome::BrokenByPeople(Text::new(
                        format!("人工核查：{}", decision.reason),
                        format!("found by people: {}", decision.reason),
                    )),
                },
            }
        }
        Outcome::Kept
        | Outcome::Broken(_)
        | Outcome::BrokenByPeople(_)
        | Outcome::NotApplicable(_) => outcome,
    }
}

#[cfg(test)]
pub(crate) mod testing;

#[cfg(test)]
mod tests {
    use super::testing::{Scene, said};
    use super::*;

    #[test]
    fn what_a_bare_import_never_brought_breaks_no_rule() {
        let mut bare = Scene::default();
        bare.filing.subject.origin = crate::filing::Origin::Import;
        bare.filing.subject.details = None;
        bare.filing.persons.clear();
        bare.filing.materials.clear();
        for rule in RULES {
            let said = said(rule, &bare);
            assert!(!said.contains("broken"), "{}: {said}", rule.code);
        }
    }

    #[test]
    fn what_people_decided_stands_for_what_machines_could_not_and_for_nothing_else() {
        use crate::finding::Object;
        use crate::reports::DecisionSays;
        use crate::rules::testing::judged;

        let unsure = Scene::default()
            .hosted(|hosting| hosting.seen_at_front_ends = Some([].into()))
            .but(|scene| scene.reports.front_ends_until = Some("2026-03-01".parse().unwrap()));
        let decided = |scene: &Scene, says| scene.decided("ICP-405", Object::Service, says);
        let of_405 = |scene: &Scene| judged(scene, "ICP-405");
        assert_eq!(of_405(&unsure), "service: for people: no visit in 30 days");
        assert_eq!(
            of_405(&decided(&unsure, DecisionSays::Kept)),
            "service: kept"
        );
        assert_eq!(
            of_405(&decided(&unsure, DecisionSays::Broken)),
            "service: broken by people: found by people: 人工查看"
        );
        // What a machine sees for itself stands, and so does another object's outcome.
        let visited = unsure.visited("example.cn", "2026-03-01");
        assert_eq!(
            of_405(&decided(&visited, DecisionSays::Broken)),
            "service: kept"
        );
        let other = unsure.decided("ICP-504", Object::Service, DecisionSays::Kept);
        assert_eq!(of_405(&other), of_405(&unsure));
    }

    #[test]
    fn a_decision_speaks_from_its_first_instant_up_to_its_last() {
        use crate::finding::Object;
        use crate::reports::DecisionSays;

        let scene = Scene::default().decided("ICP-405", Object::Service, DecisionSays::Kept);
        let unit = &scene.reports.decisions[0].unit;
        let speaks = |at: &str| {
            let decision =
                scene
                    .reports
                    .decision(unit, "ICP-405", &Object::Service, at.parse().unwrap());
            decision.is_some()
        };
        assert!(!speaks("2026-02-02T11:59:59+08:00"));
        assert!(speaks("2026-02-02T12:00:00+08:00"));
        assert!(speaks("2026-08-01T11:59:59+08:00"));
        assert!(!speaks("2026-08-01T12:00:00+08:00"));
    }

    #[test]
    fn rules_on_names_and_pages_do_not_speak_of_an_app() {
        let mut app = Scene::default().seeing_numbers(&[]);
        let service = app.filing.services.first_entry().unwrap().into_mut();
        service.details.kind = ServiceKind::App;
        for rule in RULES.iter().filter(|rule| rule.kinds.len() == 1) {
            assert_eq!(
                said(rule, &app),
                "service: not applicable: Kind",
                "{}",
                rule.code
            );
        }
    }

    #[test]
    fn nothing_is_held_against_a_unit_without_access() {
        let stopped = Scene::default()
            .with_link_stopped()
            .seeing_names(&[("example.cn", "nxdomain")])
            .seeing_refusal()
            .seeing_no_registration();
        let service = |rule: &&&Rule| rule.judges == Judges::Service;
        for rule in RULES.iter().filter(service) {
            let said = said(rule, &stopped);
            assert!(!said.contains("broken"), "{}: {said}", rule.code);
        }
    }
}
