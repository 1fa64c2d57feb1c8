//! The published guidance's seven literal cases, and where an answer departs from them.

use super::*;

/// Branch, steps, and what is said of the published guidance.
fn beside_guidance(situation: &Situation) -> String {
    let advice = advise(situation, &rulebook());
    let departs = advice
        .reasons
        .iter()
        .find(|reason| reason.source.contains("常见问题"));
    let departs = departs.map_or("as published", |reason| reason.text.en.as_str());
    format!("{}\n  {departs}", told(situation))
}

#[test]
fn the_guidances_case_1_a_lost_number_that_another_provider_can_change() {
    expect![[r#"
        ChangeThenAccess: ChangeFiling@OtherProvider > AccessFiling@Here
          The published guidance stops after the change; an access filing here must follow, or the site stays closed."#]]
    .assert_eq(&beside_guidance(&site('粤', YES, &[], GONE)));
}

#[test]
fn the_guidances_case_2_a_lost_number_that_nobody_can_change() {
    let lost = |phone| beside_guidance(&site('粤', NO, &[], phone));
    expect![[r#"
        RegainNumber: RegainNumber@CarrierOrBureau
          The published guidance deregisters here. A deregistration cannot be undone, and a number that is regained makes access possible; so the reversible way comes first."#]].assert_eq(&lost(Phone::Lost));
    expect![[r#"
        DeregisterSubjectThenFile: RegainNumber@CarrierOrBureau > DeregisterSubject@Bureau > FirstFiling@Here
          as published"#]].assert_eq(&lost(GONE));
}

#[test]
fn the_guidances_case_3_a_province_that_wants_the_change_first() {
    let differs = [FieldGroup::CertificateNumber];
    let with = |provider, differs| beside_guidance(&site('豫', provider, differs, WORKS));
    expect![[r#"
        DeregisterSubjectThenFile: DeregisterSubject@Bureau > FirstFiling@Here
          as published"#]]
    .assert_eq(&with(NO, &differs));
    expect![[r#"
        ChangeThenAccess: ChangeFiling@OtherProvider > AccessFiling@Here
          The published guidance deregisters here. The data can still be changed where they are held, and the number is kept."#]].assert_eq(&with(YES, &differs));
    expect![[r#"
        Access: AccessFiling@Here
          The published guidance asks for the province's rule first; where nothing differs it does not matter."#]].assert_eq(&with(NO, &[]));
}

#[test]
fn the_guidances_case_4_a_province_that_lets_access_come_first() {
    let differs = [FieldGroup::CertificateNumber];
    expect![[r#"
        AccessThenChange: AccessFiling@Here > ChangeFiling@Here
          as published"#]]
    .assert_eq(&beside_guidance(&site('粤', NO, &differs, WORKS)));
}

#[test]
fn the_guidances_case_5_a_subject_without_services() {
    let shell = |prefix| Situation {
        province: Some(prefix),
        ..known(Record::SubjectOnly)
    };
    expect![[r#"
        DeregisterShellThenFile: DeregisterSubject@Bureau > FirstFiling@Here
          as published"#]]
    .assert_eq(&beside_guidance(&shell('豫')));
    expect![[r#"
        AddToShell: AddToShell@Here
          The published guidance always deregisters a shell; this province lets it add a service."#]].assert_eq(&beside_guidance(&shell('浙')));
}

#[test]
fn the_guidances_case_6_no_record_at_all() {
    expect![[r#"
        FirstFiling: FirstFiling@Here
          as published"#]]
    .assert_eq(&beside_guidance(&known(Record::None)));
}

#[test]
fn the_guidances_case_7_a_subject_with_other_services() {
    let other = known(Record::SubjectOther);
    expect![[r#"
        AddSite: AddSite@Here
          as published"#]]
    .assert_eq(&beside_guidance(&other));
    let old = Situation {
        differs: Some(groups(&[FieldGroup::UnitName])),
        ..other
    };
    expect![[r#"
        ChangeThenAdd: ChangeFiling@ProviderOfOtherService > AddSite@Here
          The published guidance adds the site at once; where data differ they are changed first, or the order comes back."#]].assert_eq(&beside_guidance(&old));
}

#[test]
fn what_can_be_put_right_is_put_right_before_a_site_is_given_up() {
    let lost = |subject_phone| Situation {
        other_services: YES,
        subject_here: NO,
        subject_phone,
        ..site('粤', NO, &[FieldGroup::CertificateNumber], GONE)
    };
    expect!["DeregisterSiteThenAdd: RegainNumber@CarrierOrBureau > ChangeFiling@ProviderOfOtherService > DeregisterSite@Bureau > AddSite@Here"].assert_eq(&told(&lost(WORKS)));
    expect!["DeregisterSiteThenAdd: RegainNumber@CarrierOrBureau > ChangeFiling@ProviderOfOtherService > DeregisterSite@Bureau > AddSite@Here"].assert_eq(&told(&lost(GONE)));
}

#[test]
fn no_answer_that_is_not_as_published_is_silent_about_it() {
    let rulebook = rulebook();
    for record in RECORDS {
        for situation in links(&known(record)) {
            for site_phone in PHONES {
                for differs in differing() {
                    let situation = Situation {
                        site_phone,
                        differs,
                        ..situation.clone()
                    };
                    let facts = Facts::new(&situation, &rulebook);
                    let plan = decide(&facts);
                    let acts = plan.moves.iter().any(|step| step.act != Act::WaitForOrder);
                    let departs = published::departure(plan.branch, &facts);
                    let published = published::branch(&facts);
                    let differ = published.is_some_and(|published| published != plan.branch);
                    let of_others = matches!(
                        plan.branch,
                        Branch::DomainOfAnother | Branch::ChangeHere | Branch::AskBack
                    );
                    if acts && differ && !of_others {
                        assert!(departs.is_some(), "{situation:?} {plan:?}");
                    }
                }
            }
        }
    }
}
