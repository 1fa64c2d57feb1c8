//! What must hold of every answer, over the product of what may be known.

use super::*;

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
            OwnLink::No,
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
                            // What was stopped and may be given back needs no look at the record.
                            let is_ours = !facts.contradict()
                                && wish == Wish::Keep
                                && situation.own_link_stands == OwnLink::Stopped
                                && pending_order != PendingOrder::AtBureauCancelAccess;
                            if is_ours {
                                assert!(matches!(
                                    plan.branch,
                                    Branch::AskBack | Branch::Ask | Branch::WaitOrWithdraw
                                ));
                            } else if is_early || facts.contradict() {
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
        QueryAgain 106128
        Ask 4214
        WaitOrWithdraw 2784
        Wait 2160
        NothingToDo 288
        CancelAccess 60
        DeregisterSite 18
        DeregisterSubject 60
        DomainOfAnother 112
        FirstFiling 16
        DeregisterShellThenFile 16
        AddSite 16
        AskBack 720
        Access 48
    "#]]
    .assert_eq(&count(&branches));
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
        QueryAgain 3525120
        Ask 547778
        NothingToDo 175680
        CancelAccess 43200
        DeregisterSite 16200
        DeregisterSubject 51300
        DomainOfAnother 80640
        FirstFiling 23040
        AddToShell 6720
        DeregisterShellThenFile 6720
        AskBureau 1744
        AddSite 5760
        ChangeThenAdd 8640
        AskBack 109800
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
        QueryAgain 616896
        Ask 74448
        NothingToDo 32256
        CancelAccess 7560
        DeregisterSite 1296
        DeregisterSubject 4320
        DomainOfAnother 14112
        Blocked 16680
        FirstFiling 1728
        AddToShell 576
        AskBureau 336
        AddSite 864
        ChangeThenAdd 864
        AskBack 30240
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
