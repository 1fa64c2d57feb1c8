//! The seed's and the dossier's vectors as corrected, and invariants over the product of inputs.

use std::collections::{BTreeMap, BTreeSet};

use expect_test::expect;
use serde_json::json;

use super::plan::{Plan, Stance, is_lost};
use super::*;
use crate::rulebook::FieldGroup;

mod guidance;

fn rulebook() -> Rulebook {
    Rulebook::shipped().unwrap()
}

const PASSED: Guards = Guards {
    suffix: Check::Pass,
    registrar: Check::Pass,
    holder: Check::Pass,
    loss_shown: Check::Pass,
    eligible: Check::Pass,
    unblocked: Check::Pass,
    confirmed: Check::Pass,
};

/// A situation in which nothing is unknown but the record's kind.
fn known(record: Record) -> Situation {
    let (other_services, subject_here) = match record {
        Record::SubjectOther => (Known::Yes, Known::No),
        Record::Site | Record::SubjectOnly | Record::None | Record::Unknown => {
            (Known::No, Known::No)
        }
    };
    Situation {
        wish: Wish::Keep,
        record,
        freshness: Freshness::Fresh,
        pending_order: PendingOrder::None,
        own_link_stands: Known::No,
        other_provider: Known::No,
        other_services,
        subject_here,
        site_phone: Phone::Works,
        subject_phone: Phone::Works,
        differs: Some(BTreeSet::new()),
        conditions_met: Known::Unknown,
        domain_of_another: Known::No,
        domain: None,
        individual: Known::No,
        guards: PASSED,
        province: Some('粤'),
    }
}

fn groups(list: &[FieldGroup]) -> BTreeSet<FieldGroup> {
    list.iter().copied().collect()
}

/// Branch and steps in one line.
fn told(situation: &Situation) -> String {
    let advice = advise(situation, &rulebook());
    let steps: Vec<_> = advice
        .steps
        .iter()
        .map(|step| format!("{:?}@{:?}", step.act, step.place))
        .collect();
    let staff = if advice.staff_item { ", staff" } else { "" };
    format!("{:?}: {}{staff}", advice.branch, steps.join(" > "))
}

/// A service on record whose access here is gone.
fn site(province: char, provider: Known, differs: &[FieldGroup], phone: Phone) -> Situation {
    Situation {
        province: Some(province),
        other_provider: provider,
        differs: Some(groups(differs)),
        site_phone: phone,
        ..known(Record::Site)
    }
}

fn table(rows: &[(&str, Situation)]) -> String {
    rows.iter().fold(String::new(), |table, (name, situation)| {
        table + name + " -> " + &told(situation) + "\n"
    })
}

const YES: Known = Known::Yes;
const NO: Known = Known::No;
const WORKS: Phone = Phone::Works;
const GONE: Phone = Phone::LostForGood;

#[test]
fn what_to_do_where_the_service_is_not_on_record() {
    let shell = |prefix| Situation {
        province: Some(prefix),
        ..known(Record::SubjectOnly)
    };
    let other = known(Record::SubjectOther);
    let old = Some(groups(&[FieldGroup::UnitName]));
    let rows = [
        ("none", known(Record::None)),
        (
            "domain of another",
            Situation {
                domain_of_another: YES,
                ..known(Record::None)
            },
        ),
        ("shell, may add", shell('浙')),
        (
            "shell, may add, old data",
            Situation {
                differs: old.clone(),
                ..shell('浙')
            },
        ),
        ("shell, may not", shell('豫')),
        (
            "shell, may not, unknown data",
            Situation {
                differs: None,
                ..shell('豫')
            },
        ),
        (
            "other services, here",
            Situation {
                subject_here: YES,
                ..other.clone()
            },
        ),
        ("other services, elsewhere", other.clone()),
        (
            "other services, elsewhere, old data",
            Situation {
                differs: old,
                ..other
            },
        ),
    ];
    expect![[r#"
        none -> FirstFiling: FirstFiling@Here
        domain of another -> DomainOfAnother: ReleaseDomain@OtherSubject, staff
        shell, may add -> AddToShell: AddToShell@Here
        shell, may add, old data -> AddToShell: AddToShell@Here, staff
        shell, may not -> DeregisterShellThenFile: DeregisterSubject@Bureau > FirstFiling@Here
        shell, may not, unknown data -> Ask: 
        other services, here -> AddSite: AddSite@Here
        other services, elsewhere -> AddSite: AddSite@Here
        other services, elsewhere, old data -> ChangeThenAdd: ChangeFiling@ProviderOfOtherService > AddSite@Here
    "#]].assert_eq(&table(&rows));
}

#[test]
fn what_to_do_where_the_service_is_on_record() {
    use FieldGroup::{CertificateAddress, CertificateNumber, UnitName};

    let met = |situation| Situation {
        conditions_met: YES,
        ..situation
    };
    let with_others = |situation| Situation {
        other_services: YES,
        ..situation
    };
    let org = Situation {
        domain: "example.org".parse().ok(),
        ..site('粤', NO, &[], GONE)
    };
    let linked = Situation {
        own_link_stands: YES,
        ..site('冀', NO, &[UnitName], WORKS)
    };
    let rows = [
        ("our link stands", linked),
        ("nothing differs, 豫", site('豫', NO, &[], WORKS)),
        (
            "differs, 豫, other provider",
            site('豫', YES, &[CertificateNumber], WORKS),
        ),
        (
            "differs, 豫, nobody",
            site('豫', NO, &[CertificateNumber], WORKS),
        ),
        (
            "differs, 辽, nobody",
            site('辽', NO, &[CertificateNumber], WORKS),
        ),
        (
            "differs, 冀, other services",
            with_others(site('冀', NO, &[UnitName], WORKS)),
        ),
        ("differs, 粤", site('粤', NO, &[CertificateNumber], WORKS)),
        ("name differs, 粤", site('粤', NO, &[UnitName], WORKS)),
        ("name differs, 藏", site('藏', NO, &[UnitName], WORKS)),
        (
            "address differs, 藏, conditions met",
            met(site('藏', NO, &[CertificateAddress], WORKS)),
        ),
        (
            "address differs, 藏",
            site('藏', NO, &[CertificateAddress], WORKS),
        ),
        ("differs, 陇", site('陇', NO, &[CertificateNumber], WORKS)),
        (
            "differs, 陇, other provider",
            site('陇', YES, &[CertificateNumber], WORKS),
        ),
        ("phone unknown", site('粤', NO, &[], Phone::Unknown)),
        ("phone lost", site('粤', NO, &[], Phone::Lost)),
        (
            "phone lost, other provider",
            site('粤', YES, &[], Phone::Lost),
        ),
        ("phone gone, .org", org),
        (
            "phone gone, other services",
            with_others(site('粤', NO, &[], GONE)),
        ),
        ("phone gone, last service", site('粤', NO, &[], GONE)),
        ("phone gone, shell may add", site('浙', NO, &[], GONE)),
    ];
    expect![[r#"
        our link stands -> ChangeHere: ChangeFiling@Here
        nothing differs, 豫 -> Access: AccessFiling@Here
        differs, 豫, other provider -> ChangeThenAccess: ChangeFiling@OtherProvider > AccessFiling@Here
        differs, 豫, nobody -> DeregisterSubjectThenFile: DeregisterSubject@Bureau > FirstFiling@Here
        differs, 辽, nobody -> AskBureau: , staff
        differs, 冀, other services -> ChangeThenAccess: ChangeFiling@ProviderOfOtherService > AccessFiling@Here
        differs, 粤 -> AccessThenChange: AccessFiling@Here > ChangeFiling@Here
        name differs, 粤 -> AskBureau: , staff
        name differs, 藏 -> DeregisterSubjectThenFile: DeregisterSubject@Bureau > FirstFiling@Here
        address differs, 藏, conditions met -> AccessThenChange: AccessFiling@Here > ChangeFiling@Here
        address differs, 藏 -> Ask: 
        differs, 陇 -> AskBureau: , staff
        differs, 陇, other provider -> ChangeThenAccess: ChangeFiling@OtherProvider > AccessFiling@Here
        phone unknown -> Ask: 
        phone lost -> RegainNumber: RegainNumber@CarrierOrBureau
        phone lost, other provider -> ChangeThenAccess: ChangeFiling@OtherProvider > AccessFiling@Here
        phone gone, .org -> Blocked: , staff
        phone gone, other services -> DeregisterSiteThenAdd: RegainNumber@CarrierOrBureau > DeregisterSite@Bureau > AddSite@Here
        phone gone, last service -> DeregisterSubjectThenFile: RegainNumber@CarrierOrBureau > DeregisterSubject@Bureau > FirstFiling@Here
        phone gone, shell may add -> DeregisterSiteThenAdd: RegainNumber@CarrierOrBureau > DeregisterSite@Bureau > AddToShell@Here
    "#]].assert_eq(&table(&rows));
}

#[test]
fn what_to_do_where_the_service_is_no_longer_used() {
    let dropped = |situation| Situation {
        wish: Wish::Drop,
        ..situation
    };
    let others = Situation {
        other_services: YES,
        ..site('粤', NO, &[], WORKS)
    };
    let linked = Situation {
        own_link_stands: YES,
        ..site('粤', YES, &[], WORKS)
    };
    let rows = [
        ("none", dropped(known(Record::None))),
        (
            "site gone, other services",
            dropped(known(Record::SubjectOther)),
        ),
        ("other provider", dropped(site('粤', YES, &[], WORKS))),
        ("other provider, our link stands", dropped(linked)),
        (
            "other provider unknown",
            dropped(site('粤', Known::Unknown, &[], WORKS)),
        ),
        (
            "other services, our link stands",
            dropped(Situation {
                own_link_stands: YES,
                ..others.clone()
            }),
        ),
        ("other services", dropped(others)),
        ("last service", dropped(site('粤', NO, &[], WORKS))),
        (
            "last service, phone lost",
            dropped(site('粤', NO, &[], Phone::Lost)),
        ),
        ("shell", dropped(known(Record::SubjectOnly))),
    ];
    expect![[r#"
        none -> NothingToDo: 
        site gone, other services -> NothingToDo: 
        other provider -> CancelAccess: CancelAccess@OtherProvider
        other provider, our link stands -> CancelAccess: CancelAccess@Here
        other provider unknown -> Ask: 
        other services, our link stands -> DeregisterSite: DeregisterSite@Here
        other services -> DeregisterSite: DeregisterSite@Bureau
        last service -> DeregisterSubject: DeregisterSubject@Bureau
        last service, phone lost -> DeregisterSubject: RegainNumber@CarrierOrBureau > DeregisterSubject@Bureau
        shell -> DeregisterSubject: DeregisterSubject@Bureau
    "#]].assert_eq(&table(&rows));
}

const KNOWN: [Known; 3] = Known::ALL;
const RECORDS: [Record; 5] = [
    Record::Site,
    Record::SubjectOnly,
    Record::SubjectOther,
    Record::None,
    Record::Unknown,
];
const PHONES: [Phone; 4] = [
    Phone::Works,
    Phone::Lost,
    Phone::LostForGood,
    Phone::Unknown,
];

/// Sets of field groups that every kind of clause and holder meets.
fn differing() -> Vec<Option<BTreeSet<FieldGroup>>> {
    use FieldGroup::{CertificateNumber, ServiceDetails, ServicePrincipal, UnitName};
    vec![
        None,
        Some(groups(&[])),
        Some(groups(&[CertificateNumber])),
        Some(groups(&[CertificateNumber, UnitName])),
        Some(groups(&[ServiceDetails])),
        Some(groups(&[CertificateNumber, ServicePrincipal])),
    ]
}

/// Provinces of every kind, with the answers to their conditions where they have any.
fn provinces() -> Vec<(Option<char>, Known)> {
    let conditional = ['京', '藏', '蜀'];
    let others = [
        Some('粤'),
        Some('豫'),
        Some('辽'),
        Some('陇'),
        Some('陕'),
        None,
    ];
    let asked = conditional
        .into_iter()
        .flat_map(|prefix| KNOWN.map(|met| (Some(prefix), met)));
    asked
        .chain(others.map(|prefix| (prefix, Known::Unknown)))
        .collect()
}

/// What must hold of every answer.
fn holds(situation: &Situation, plan: &Plan, facts: &Facts<'_>) {
    let acts: Vec<Act> = plan.moves.iter().map(|step| step.act).collect();
    let has = |act| acts.contains(&act);
    let first = acts.first().copied();
    assert!(
        !acts.is_empty()
            || !plan.asks.is_empty()
            || matches!(plan.branch, Branch::NothingToDo | Branch::Blocked),
        "an answer that says nothing: {situation:?} {plan:?}"
    );
    if has(Act::AccessFiling) {
        for guard in [Guard::Registrar, Guard::Eligible, Guard::Unblocked] {
            assert_eq!(
                facts.check(guard),
                Check::Pass,
                "access against {guard:?}: {situation:?}"
            );
        }
        assert_eq!(situation.record, Record::Site);
    }
    if has(Act::FirstFiling) || has(Act::AddSite) || has(Act::AddToShell) {
        for guard in plan::NEW_NUMBER {
            assert_eq!(
                facts.check(guard),
                Check::Pass,
                "a new number against {guard:?}: {situation:?}"
            );
        }
        assert_eq!(facts.domain_of_another, Known::No, "{situation:?}");
    }
    for (at, step) in plan.moves.iter().enumerate() {
        let regained = acts.get(..at).unwrap().contains(&Act::RegainNumber);
        for receiver in &step.sms_to {
            let phone = match receiver {
                Receiver::SubjectPrincipal => situation.subject_phone,
                Receiver::ServicePrincipal => situation.site_phone,
                Receiver::NewSubjectPrincipal | Receiver::NewServicePrincipal => continue,
            };
            assert!(
                phone != Phone::Unknown,
                "an SMS to an unknown number: {situation:?} {plan:?}"
            );
            assert!(
                !is_lost(phone) || regained,
                "an SMS to a lost number: {situation:?} {plan:?}"
            );
        }
    }
    if has(Act::RegainNumber) {
        assert_eq!(first, Some(Act::RegainNumber), "{situation:?} {plan:?}");
    }
    if acts.iter().any(|act| act.is_irreversible()) {
        irreversible_holds(situation, plan, facts, first);
    }
}

/// What must hold where something is given up for ever.
fn irreversible_holds(situation: &Situation, plan: &Plan, facts: &Facts<'_>, first: Option<Act>) {
    let why = || format!("{situation:?} {plan:?}");
    assert!(!facts.contradict(), "on contradictory inputs: {}", why());
    assert!(
        situation.record != Record::Unknown && situation.freshness == Freshness::Fresh,
        "{}",
        why()
    );
    assert!(
        situation.pending_order == PendingOrder::None && situation.wish != Wish::Unknown,
        "{}",
        why()
    );
    assert!(
        situation.differs.is_some() && facts.other_services != Known::Unknown,
        "{}",
        why()
    );
    assert_eq!(
        facts.other_provider,
        Known::No,
        "least loss is at the other provider: {}",
        why()
    );
    for guard in Guard::ALL {
        let passes = facts.check(guard) == Check::Pass;
        let is_told = situation.wish == Wish::Drop && facts.check(guard) == Check::Fail;
        assert!(passes || is_told, "against {guard:?}: {}", why());
    }
    let relevant_is_lost = match (plan.branch, situation.record) {
        (Branch::DeregisterSite, _) => is_lost(situation.site_phone),
        (_, Record::SubjectOnly) => is_lost(situation.subject_phone),
        _ => is_lost(situation.site_phone) || is_lost(situation.subject_phone),
    };
    assert!(
        !relevant_is_lost || first == Some(Act::RegainNumber),
        "{}",
        why()
    );
    let ends_subject = plan
        .moves
        .iter()
        .any(|step| step.act == Act::DeregisterSubject);
    assert!(
        !ends_subject || facts.other_services == Known::No,
        "others go too: {}",
        why()
    );
    if situation.wish == Wish::Drop {
        return;
    }
    assert!(
        !ends_subject || facts.province.unwrap().shell_may_add.is == Known::No,
        "the subject could have lived: {}",
        why()
    );
    if situation.record == Record::Site {
        assert_eq!(
            situation.own_link_stands,
            Known::No,
            "a change here would do: {}",
            why()
        );
        let hopeless = situation.differs.iter().flatten().any(|group| {
            facts.stance(*group) == Stance::Forbidden
                && !(group.is_of_subject() && facts.other_services == Known::Yes)
        });
        assert!(
            situation.site_phone == Phone::LostForGood || hopeless,
            "access would do: {}",
            why()
        );
    }
}

fn count(branches: &BTreeMap<Branch, u64>) -> String {
    branches
        .iter()
        .fold(String::new(), |table, (branch, count)| {
            format!("{table}{branch:?} {count}\n")
        })
}

#[test]
fn the_first_questions_come_first_whatever_else_is_said() {
    let rulebook = rulebook();
    let mut branches = BTreeMap::new();
    let rest = [
        known(Record::Site),
        Situation {
            province: Some('粤'),
            ..Situation::default()
        },
    ];
    for rest in rest {
        for wish in [Wish::Keep, Wish::Drop, Wish::Unknown] {
            for record in RECORDS {
                for freshness in [Freshness::Fresh, Freshness::Stale, Freshness::Unknown] {
                    for pending_order in [
                        PendingOrder::None,
                        PendingOrder::There,
                        PendingOrder::AtBureauCancelAccess,
                        PendingOrder::Unknown,
                    ] {
                        let base = Situation {
                            wish,
                            record,
                            freshness,
                            pending_order,
                            ..rest.clone()
                        };
                        for situation in links(&base) {
                            let facts = Facts::new(&situation, &rulebook);
                            let plan = decide(&facts);
                            holds(&situation, &plan, &facts);
                            let is_early =
                                record == Record::Unknown || freshness != Freshness::Fresh;
                            if is_early || facts.contradict() {
                                assert_eq!(plan.branch, Branch::QueryAgain);
                            } else if pending_order != PendingOrder::None || wish == Wish::Unknown {
                                assert!(matches!(
                                    plan.branch,
                                    Branch::Ask | Branch::Wait | Branch::WaitOrWithdraw
                                ));
                            }
                            *branches.entry(plan.branch).or_insert(0) += 1;
                        }
                    }
                }
            }
        }
    }
    expect![[r#"
        QueryAgain 79992
        Ask 3140
        WaitOrWithdraw 1872
        Wait 1872
        NothingToDo 288
        CancelAccess 40
        DeregisterSite 12
        DeregisterSubject 56
        DomainOfAnother 112
        FirstFiling 16
        DeregisterShellThenFile 16
        AddSite 16
        Access 48
    "#]]
    .assert_eq(&count(&branches));
}

/// Every answer on links, services and the domain.
fn links(base: &Situation) -> Vec<Situation> {
    let mut all = Vec::new();
    for own_link_stands in KNOWN {
        for other_provider in KNOWN {
            for other_services in KNOWN {
                for subject_here in KNOWN {
                    for domain_of_another in KNOWN {
                        all.push(Situation {
                            own_link_stands,
                            other_provider,
                            other_services,
                            subject_here,
                            domain_of_another,
                            ..base.clone()
                        });
                    }
                }
            }
        }
    }
    all
}

#[test]
fn the_whole_product_of_what_is_known_of_record_links_phones_data_and_province() {
    let rulebook = rulebook();
    let mut branches: BTreeMap<Branch, u64> = BTreeMap::new();
    let mut seen: BTreeMap<Branch, Situation> = BTreeMap::new();
    for wish in [Wish::Keep, Wish::Drop] {
        for record in RECORDS {
            let base = Situation {
                wish,
                ..known(record)
            };
            for mut situation in links(&base) {
                for (province, conditions_met) in provinces() {
                    situation.province = province;
                    situation.conditions_met = conditions_met;
                    for differs in differing() {
                        situation.differs = differs;
                        for site_phone in PHONES {
                            for subject_phone in PHONES {
                                situation.site_phone = site_phone;
                                situation.subject_phone = subject_phone;
                                let facts = Facts::new(&situation, &rulebook);
                                let plan = decide(&facts);
                                holds(&situation, &plan, &facts);
                                *branches.entry(plan.branch).or_insert(0) += 1;
                                seen.entry(plan.branch).or_insert_with(|| situation.clone());
                            }
                        }
                    }
                }
            }
        }
    }
    expect![[r#"
        QueryAgain 2600640
        Ask 438158
        NothingToDo 175680
        CancelAccess 28800
        DeregisterSite 10800
        DeregisterSubject 48600
        DomainOfAnother 80640
        FirstFiling 23040
        AddToShell 6720
        DeregisterShellThenFile 6720
        AskBureau 1744
        AddSite 5760
        ChangeThenAdd 8640
        ChangeHere 41040
        RegainNumber 4800
        Access 2880
        AccessThenChange 1008
        ChangeThenAccess 11208
        DeregisterSiteThenAdd 1806
        DeregisterSubjectThenFile 516
    "#]]
    .assert_eq(&count(&branches));
    for situation in seen.values() {
        speaks(&advise(situation, &rulebook));
    }
}

/// Every statement of an answer is there in both languages, and every reason names its source.
fn speaks(advice: &Advice) {
    let steps = advice
        .steps
        .iter()
        .flat_map(|step| step.prepare.iter().chain([&step.text]));
    let questions = advice.questions.iter().flat_map(|question| {
        let answers = question.answers.iter().map(|answer| &answer.text);
        answers.chain([&question.ask, &question.what_to_type])
    });
    for question in &advice.questions {
        gives_inputs(question);
    }
    let reasons = advice.reasons.iter().map(|reason| &reason.text);
    for text in steps
        .chain(questions)
        .chain(reasons)
        .chain(&advice.warnings)
        .chain([&advice.summary])
    {
        assert!(
            !text.zh.is_empty() && !text.en.is_empty() && !text.zh.contains("。。"),
            "{advice:?}"
        );
    }
    assert!(!advice.reasons.is_empty(), "{advice:?}");
    assert!(
        advice
            .reasons
            .iter()
            .all(|reason| !reason.source.is_empty()),
        "{advice:?}"
    );
}

/// Whatever an answer gives is taken as the input that the question is about.
fn gives_inputs(question: &Question) {
    for value in question
        .answers
        .iter()
        .filter_map(|answer| answer.value.clone())
    {
        let input = question.input.as_deref().unwrap();
        let given = match input.split_once('.') {
            Some((group, name)) => json!({ group: { name: value } }),
            None => json!({ input: value }),
        };
        let situation: Situation = serde_json::from_value(given.clone()).unwrap();
        assert_ne!(situation, Situation::default(), "{given} says nothing");
    }
}

#[test]
fn each_guard_stands_before_what_it_guards() {
    let rulebook = rulebook();
    let mut branches: BTreeMap<Branch, u64> = BTreeMap::new();
    for guard in Guard::ALL {
        for check in [Check::Fail, Check::Unknown] {
            let guards = with(guard, check);
            for wish in [Wish::Keep, Wish::Drop] {
                for record in RECORDS {
                    let base = Situation {
                        wish,
                        guards,
                        ..known(record)
                    };
                    for mut situation in links(&base) {
                        for province in ['粤', '豫', '辽'] {
                            for (site_phone, subject_phone) in [
                                (Phone::Works, Phone::Works),
                                (Phone::LostForGood, Phone::Works),
                                (Phone::Works, Phone::Lost),
                            ] {
                                for differs in [groups(&[]), groups(&[FieldGroup::UnitName])] {
                                    situation.province = Some(province);
                                    situation.site_phone = site_phone;
                                    situation.subject_phone = subject_phone;
                                    situation.differs = Some(differs);
                                    let facts = Facts::new(&situation, &rulebook);
                                    let plan = decide(&facts);
                                    holds(&situation, &plan, &facts);
                                    *branches.entry(plan.branch).or_insert(0) += 1;
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    expect![[r#"
        QueryAgain 455112
        Ask 66132
        NothingToDo 32256
        CancelAccess 5040
        DeregisterSite 864
        DeregisterSubject 4032
        DomainOfAnother 14112
        Blocked 16140
        FirstFiling 1728
        AddToShell 576
        AskBureau 336
        AddSite 864
        ChangeThenAdd 864
        ChangeHere 10080
        Access 2304
        ChangeThenAccess 1920
    "#]]
    .assert_eq(&count(&branches));
}

fn with(guard: Guard, check: Check) -> Guards {
    let mut guards = PASSED;
    let field = match guard {
        Guard::Suffix => &mut guards.suffix,
        Guard::Registrar => &mut guards.registrar,
        Guard::Holder => &mut guards.holder,
        Guard::LossShown => &mut guards.loss_shown,
        Guard::Eligible => &mut guards.eligible,
        Guard::Unblocked => &mut guards.unblocked,
        Guard::Confirmed => &mut guards.confirmed,
    };
    *field = check;
    guards
}

#[test]
fn the_suffix_is_read_from_the_lists() {
    let rulebook = rulebook();
    let check = |domain: &str, said, individual, province| {
        let situation = Situation {
            domain: Some(domain.parse().unwrap()),
            guards: Guards {
                suffix: said,
                ..PASSED
            },
            individual,
            province: Some(province),
            ..known(Record::None)
        };
        Facts::new(&situation, &rulebook).check(Guard::Suffix)
    };
    assert_eq!(
        check("example.org", Check::Pass, Known::No, '粤'),
        Check::Fail
    );
    assert_eq!(
        check("example.cn", Check::Unknown, Known::No, '粤'),
        Check::Pass
    );
    assert_eq!(
        check("example.cn", Check::Fail, Known::No, '粤'),
        Check::Fail
    );
    assert_eq!(
        check("example.co.uk", Check::Unknown, Known::No, '粤'),
        Check::Unknown
    );
    assert_eq!(
        check("example.tv", Check::Unknown, Known::Unknown, '沪'),
        Check::Unknown
    );
    assert_eq!(
        check("example.tv", Check::Unknown, Known::Yes, '沪'),
        Check::Fail
    );
}

#[test]
fn an_empty_situation_asks_for_the_record_and_an_unknown_input_is_refused() {
    let empty: Situation = serde_json::from_str("{}").unwrap();
    assert_eq!(empty, Situation::default());
    let advice = advise(&empty, &rulebook());
    assert_eq!(advice.branch, Branch::QueryAgain);
    assert_eq!(advice.questions[0].about, Asked::Record);
    assert!(serde_json::from_str::<Situation>(r#"{ "phone": "works" }"#).is_err());
    assert!(serde_json::from_str::<Situation>(r#"{ "guards": { "g1": "pass" } }"#).is_err());
}

#[test]
fn an_answer_as_the_filer_reads_it() {
    let situation: Situation = serde_json::from_str(
        r#"{ "wish": "keep", "record": "site", "freshness": "fresh", "pendingOrder": "none",
             "ownLinkStands": "no", "otherProvider": "no", "sitePhone": "works",
             "subjectPhone": "works", "differs": ["certificate-number"], "conditionsMet": "unknown",
             "guards": { "registrar": "pass", "eligible": "pass", "unblocked": "pass" },
             "province": "苏" }"#,
    )
    .unwrap();
    let advice = advise(&situation, &rulebook());
    expect![[r#"
        {
          "branch": "access-then-change",
          "summary": {
            "zh": "该省允许先接入后变更。",
            "en": "The province lets access come first: access filing, then change."
          },
          "steps": [
            {
              "act": "access-filing",
              "place": "here",
              "smsTo": [
                "service-principal"
              ],
              "prepare": [
                {
                  "zh": "原备案号、主体证件、网站负责人证件，以及本接入商的服务器资源。",
                  "en": "The filing number, the subject's certificate, the service principal's ID, and a server of this provider."
                },
                {
                  "zh": "填写旧证件号码；通过后 10 个工作日内变更。",
                  "en": "File the old number; change within 10 working days after approval."
                }
              ],
              "text": {
                "zh": "提交接入备案，填写与原备案一致的信息。办理处：本接入商。",
                "en": "Submit an access filing with the data as on record: at this provider."
              },
              "irreversible": false
            },
            {
              "act": "change-filing",
              "place": "here",
              "smsTo": [
                "subject-principal"
              ],
              "prepare": [
                {
                  "zh": "现行证件、变更项目的证明材料。",
                  "en": "The certificate in force, and proof of what has changed."
                },
                {
                  "zh": "接入备案通过后 10 个工作日内提交。",
                  "en": "Within 10 working days after the access filing's approval."
                }
              ],
              "text": {
                "zh": "提交变更备案。办理处：本接入商。",
                "en": "Submit a change filing: at this provider."
              },
              "irreversible": false
            }
          ],
          "reasons": [
            {
              "text": {
                "zh": "接入备案不能同时修改信息。",
                "en": "An access filing cannot change data."
              },
              "source": "腾讯云 接入备案 https://cloud.tencent.com/document/product/243/37403",
              "asOf": "2021-04-11"
            },
            {
              "text": {
                "zh": "接入备案的核验短信发往备案的号码。",
                "en": "The SMS of an access filing goes to the number on record."
              },
              "source": "腾讯云 备案短信核验说明 https://cloud.tencent.com/document/product/243/13435",
              "asOf": "2021-04-11"
            },
            {
              "text": {
                "zh": "江苏：证件号码允许先接入后变更。",
                "en": "Jiangsu, certificate number: access may come before the change."
              },
              "source": "Tencent Cloud, 各省管局要求, all provinces, https://cloud.tencent.com/document/product/243/3474",
              "asOf": "2020-01-15"
            }
          ],
          "warnings": [
            {
              "zh": "管局审核通过后网站才能恢复访问。",
              "en": "The site is back only after the bureau's approval."
            }
          ],
          "questions": [],
          "staffItem": false
        }"#]].assert_eq(&serde_json::to_string_pretty(&advice).unwrap());
}
