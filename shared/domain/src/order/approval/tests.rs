//! What approvals do to a filing, case by case, and over random histories.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::filing::LinkState;
use crate::ids::CaseId;
use crate::order::{Order, OrderEvent, OrderState, ReturnedBy, TypedDraft};
use crate::rules::testing::Scene;

fn at(day: i64) -> Timestamp {
    let first: Timestamp = "2026-03-02T02:00:00Z".parse().unwrap();
    first + jiff::SignedDuration::from_hours(24 * day)
}

fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

/// A filing of two sites with access here, and one that is filed without.
fn filing() -> Filing {
    let mut filing = Scene::default().filing;
    let first: ServiceId = id("1");
    let (service, link) = (filing.services[&first].clone(), Link::granted(at(0)));
    filing.links.insert(first, link.clone());
    for (name, domain, linked) in [("2", "two.cn", true), ("3", "three.cn", false)] {
        let mut service = service.clone();
        service.number = Some(IcpNumber::parse(&format!("京ICP备2026000001号-{name}")).unwrap());
        service.details.domains = vec![crate::identifiers::DomainName::parse(domain).unwrap()];
        filing.services.insert(id(name), service);
        if linked {
            filing.links.insert(id(name), link.clone());
        }
    }
    filing
}

fn draft(filing: &Filing, typed: &serde_json::Value) -> Draft {
    let typed: TypedDraft = serde_json::from_value(typed.clone()).unwrap();
    typed.parse(filing).unwrap()
}

/// The draft of an order of a kind about one service.
fn about(kind: OrderKind, service: &str, filing: &Filing) -> Draft {
    listing(kind, service).parse(filing).unwrap()
}

fn approve(filing: &Filing, kind: OrderKind, draft: &Draft, approval: &Approval) -> Filing {
    try_approve(filing, kind, draft, approval).unwrap()
}

fn try_approve(
    filing: &Filing,
    kind: OrderKind,
    draft: &Draft,
    approval: &Approval,
) -> Result<Filing, ApprovalMisfit> {
    filing.approved(&Approved {
        kind,
        draft,
        proofs: &BTreeMap::new(),
        approval,
        now: at(1),
    })
}

fn numbers(services: &[(&str, &str)]) -> Approval {
    let number = |text: &str| IcpNumber::parse(text).unwrap();
    let services = services.iter().map(|(service, text)| ServiceNumber {
        service: id(service),
        number: number(text),
    });
    Approval {
        number: Some(number("京ICP备2026000001号")),
        services: services.collect(),
    }
}

#[test]
fn a_change_says_only_what_changes_and_the_rest_stays() {
    let before = filing();
    let typed = serde_json::json!({
        "subject": { "postalAddress": "北京市朝阳区新路2号" },
        "persons": [{ "id": "p1", "mobile": "13900000009" }],
        "services": [{ "id": "2", "name": "改名" }],
    });
    let draft = draft(&before, &typed);
    let after = approve(&before, OrderKind::Change, &draft, &Approval::default());
    let mut expected = before.clone();
    let details = expected.subject.details.as_mut().unwrap();
    details.postal_address = crate::personal::Personal::new("北京市朝阳区新路2号".to_owned());
    let person = expected.persons.get_mut(&id("p1")).unwrap();
    person.details.mobile = crate::identifiers::Mobile::parse("13900000009").unwrap();
    person.proof = None;
    "改名".clone_into(&mut expected.services.get_mut(&id("2")).unwrap().details.name);
    assert_eq!(after, expected);
}

#[test]
fn a_principal_who_answers_for_nothing_any_more_leaves_the_filing() {
    let before = filing();
    let person = serde_json::json!({ "id": "p9", "name": "李小红", "identity": "11010519491231002X",
        "mobile": "13900000009", "email": "p9@example.cn" });
    let mut typed = serde_json::json!({ "subject": { "principal": "p9" }, "persons": [person],
        "services": [{ "id": "1", "principal": "p9" }] });
    let one = draft(&before, &typed);
    let after = approve(&before, OrderKind::Change, &one, &Approval::default());
    assert_eq!(after.persons.len(), 2, "two sites still name the other");
    typed["services"] = serde_json::json!([
        { "id": "1", "principal": "p9" }, { "id": "2", "principal": "p9" },
        { "id": "3", "principal": "p9" }]);
    let all = draft(&before, &typed);
    let after = approve(&before, OrderKind::Change, &all, &Approval::default());
    assert_eq!(
        after
            .persons
            .keys()
            .map(PersonId::as_str)
            .collect::<Vec<_>>(),
        ["p9"]
    );
}

#[test]
fn each_kind_gives_or_ends_the_access_that_it_is_about_and_no_other() {
    let before = filing();
    let states = |filing: &Filing| -> Vec<String> {
        let state = |(id, service): (&ServiceId, &Service)| {
            let link = filing.links.get(id).map(|link| match link.state {
                LinkState::Live { .. } => format!("live {}", link.link_version),
                LinkState::Stopped { .. } => format!("stopped {}", link.link_version),
                LinkState::Reported { .. } => format!("reported {}", link.link_version),
                LinkState::Cancelled { .. } => format!("cancelled {}", link.link_version),
            });
            let off = if service.is_on_record() {
                ""
            } else {
                " off the record"
            };
            format!("{id}: {}{off}", link.unwrap_or_else(|| "none".to_owned()))
        };
        filing.services.iter().map(state).collect()
    };
    let after = |kind, service, approval: &Approval| {
        states(&approve(
            &before,
            kind,
            &about(kind, service, &before),
            approval,
        ))
    };
    let none = Approval::default();
    assert_eq!(states(&before), ["1: live 1", "2: live 1", "3: none"]);
    assert_eq!(
        after(OrderKind::Change, "2", &none),
        ["1: live 1", "2: live 1", "3: none"]
    );
    assert_eq!(
        after(
            OrderKind::AddSite,
            "4",
            &numbers(&[("4", "京ICP备2026000001号-4")])
        ),
        ["1: live 1", "2: live 1", "3: none", "4: live 1"]
    );
    assert_eq!(
        after(OrderKind::AddAccess, "3", &none),
        ["1: live 1", "2: live 1", "3: live 1"]
    );
    assert_eq!(
        after(OrderKind::CancelAccess, "2", &none),
        ["1: live 1", "2: cancelled 2", "3: none"]
    );
    assert_eq!(
        after(OrderKind::DeregisterSite, "2", &none),
        ["1: live 1", "2: cancelled 2 off the record", "3: none"]
    );
    let all_gone = approve(
        &before,
        OrderKind::DeregisterSubject,
        &about(OrderKind::DeregisterSubject, "", &before),
        &none,
    );
    assert_eq!(
        states(&all_gone),
        [
            "1: cancelled 2 off the record",
            "2: cancelled 2 off the record",
            "3: none off the record"
        ]
    );
    assert!(matches!(
        all_gone.subject.state,
        SubjectState::Deregistered { .. }
    ));
}

#[test]
fn access_that_was_given_up_is_granted_again_under_a_higher_version() {
    let mut filing = filing();
    filing.end_link(&id("2"), at(0));
    let draft = about(OrderKind::AddAccess, "2", &filing);
    let after = approve(&filing, OrderKind::AddAccess, &draft, &Approval::default());
    let link = &after.links[&id::<ServiceId>("2")];
    assert!(link.is_live());
    assert_eq!(link.link_version, 3);
}

#[test]
fn numbers_belong_together_and_each_new_service_has_its_own() {
    let before = filing();
    let draft = about(OrderKind::AddSite, "4", &before);
    let refused = |approval| try_approve(&before, OrderKind::AddSite, &draft, &approval).err();
    let of = |text: &str| numbers(&[("4", text)]);
    assert_eq!(refused(numbers(&[])), Some(ApprovalMisfit::NumberMissing));
    assert_eq!(
        refused(of("京ICP备2026000002号-4")),
        Some(ApprovalMisfit::NumbersApart)
    );
    assert_eq!(
        refused(numbers(&[
            ("4", "京ICP备2026000001号-4"),
            ("1", "京ICP备2026000001号-1")
        ])),
        Some(ApprovalMisfit::NumberMissing)
    );
    let other = Approval {
        number: Some(IcpNumber::parse("京ICP备2026000002号").unwrap()),
        ..of("京ICP备2026000002号-4")
    };
    assert_eq!(refused(other), Some(ApprovalMisfit::OtherNumber));
    assert_eq!(refused(of("京ICP备2026000001号-4")), None);
}

/// What happens in a filing's life, at random.
#[derive(Debug, Clone)]
enum Act {
    Begin(OrderKind, u8),
    Step(u8),
    Stop(u8),
    Reinstate(u8),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        3 => (prop::sample::select(OrderKind::ALL.to_vec()), 1u8..6).prop_map(|(k, s)| Act::Begin(k, s)),
        12 => (0u8..11).prop_map(Act::Step),
        1 => (1u8..6).prop_map(Act::Stop),
        1 => (1u8..6).prop_map(Act::Reinstate),
    ];
    prop::collection::vec(act, 1..120)
}

fn event(step: u8, approval: &Approval) -> OrderEvent {
    match step {
        0 => OrderEvent::Submit,
        1 => OrderEvent::Withdraw,
        2 => OrderEvent::Pass,
        3 => OrderEvent::Return(Vec::new()),
        4 => OrderEvent::Send,
        5 => OrderEvent::SmsDone,
        6 => OrderEvent::SmsNotDone,
        7 => OrderEvent::Reject(Vec::new()),
        8 => OrderEvent::Lapse,
        9 => OrderEvent::Remind(1),
        _ => OrderEvent::Approve(approval.clone()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Behaviour, part 1: a link changes only by an approval that gives or ends access, a stop, or a
    /// reinstatement; no other step of any order touches the filing at all.
    #[test]
    fn nothing_else_changes_a_filing_or_a_link(acts in acts()) {
        let mut now = filing();
        let mut order: Option<(Order, Draft)> = None;
        let case: CaseId = id("c1");
        for (day, act) in acts.into_iter().enumerate() {
            let before = now.clone();
            let at = at(i64::try_from(day).unwrap());
            match act {
                Act::Begin(kind, service) => {
                    let typed = listing(kind, &service.to_string());
                    let Ok(draft) = typed.parse(&now) else { continue };
                    let begun = Order::begun(id("o1"), id("a1"), id("s1"), kind, at);
                    order = Some((begun, draft));
                }
                Act::Step(step) => {
                    let Some((standing, draft)) = order.clone() else { continue };
                    let approval = Approval {
                        number: None,
                        services: draft.about.iter()
                            .filter(|id| !now.services.contains_key(*id))
                            .map(|id| ServiceNumber {
                                service: id.clone(),
                                number: IcpNumber::parse(&format!("京ICP备2026000001号-{id}")).unwrap(),
                            }).collect(),
                    };
                    let Ok(next) = standing.clone().step(event(step, &approval), at) else { continue };
                    if matches!(next.state, OrderState::Approved { .. }) {
                        let approved = Approved {
                            kind: next.kind, draft: &draft, proofs: &BTreeMap::new(),
                            approval: &approval, now: at,
                        };
                        if let Ok(after) = now.approved(&approved) {
                            let touched: BTreeSet<ServiceId> = match next.kind {
                                OrderKind::Change => BTreeSet::new(),
                                OrderKind::DeregisterSubject => before.services.keys().cloned().collect(),
                                OrderKind::FirstFiling | OrderKind::AddSite | OrderKind::AddAccess
                                | OrderKind::DeregisterSite | OrderKind::CancelAccess => draft.about.clone(),
                            };
                            let ids = before.links.keys().chain(after.links.keys());
                            for id in ids.filter(|id| !touched.contains(*id)) {
                                prop_assert_eq!(before.links.get(id), after.links.get(id));
                            }
                            let gives = matches!(next.kind, OrderKind::FirstFiling | OrderKind::AddSite | OrderKind::AddAccess);
                            for id in &touched {
                                let (was, is) = (before.links.get(id), after.links.get(id));
                                if gives {
                                    prop_assert!(is.is_some_and(Link::is_on_record));
                                } else {
                                    prop_assert!(is.is_none_or(|link| !link.is_on_record()));
                                }
                                let version = |link: Option<&Link>| link.map_or(0, |link| link.link_version);
                                prop_assert!(version(was) <= version(is));
                                prop_assert_eq!(version(was) == version(is), was == is);
                            }
                            now = after;
                        }
                    } else {
                        prop_assert_eq!(&now, &before);
                    }
                    if let OrderState::Returned { by: ReturnedBy::SmsCheckPresumed, .. } = next.state {
                        prop_assert!(next.state.is_in_flight());
                    }
                    order = Some((next, draft));
                }
                Act::Stop(service) => {
                    let service: ServiceId = id(&service.to_string());
                    if let Some(link) = now.links.get_mut(&service)
                        && let Some(stopped) = link.clone().stop(case.clone(), at) {
                        *link = stopped;
                    }
                }
                Act::Reinstate(service) => {
                    let service: ServiceId = id(&service.to_string());
                    if let Some(link) = now.links.get_mut(&service)
                        && let Some(live) = link.clone().reinstate(at) {
                        *link = live;
                    }
                }
            }
            // A service off the record never has access.
            for (id, service) in &now.services {
                if !service.is_on_record() {
                    prop_assert!(now.links.get(id).is_none_or(|link| !link.is_on_record()));
                }
            }
        }
    }
}

fn listing(kind: OrderKind, service: &str) -> TypedDraft {
    let listed = match kind {
        OrderKind::DeregisterSubject => serde_json::json!({}),
        OrderKind::FirstFiling | OrderKind::AddSite => serde_json::json!({ "services": [{
            "id": service, "name": "新网站", "domains": [format!("new-{service}.cn")],
            "principal": "p1" }] }),
        OrderKind::AddAccess
        | OrderKind::Change
        | OrderKind::DeregisterSite
        | OrderKind::CancelAccess => serde_json::json!({ "services": [{ "id": service }] }),
    };
    serde_json::from_value(listed).unwrap()
}
