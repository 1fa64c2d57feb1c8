//! The seed's and the dossier's vectors as corrected: what to do, by situation.

use super::*;

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
        own_link_stands: OwnLink::Yes,
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
fn what_was_stopped_and_not_reported_is_put_right_and_asked_back() {
    let stopped = |differs: &[_], phone| Situation {
        own_link_stands: OwnLink::Stopped,
        // Nothing is looked up for what stands on the bureau's record.
        record: Record::Unknown,
        ..site('冀', NO, differs, phone)
    };
    let rows = [
        ("stopped", stopped(&[], WORKS)),
        ("stopped, differs", stopped(&[FieldGroup::UnitName], WORKS)),
        ("stopped, phone lost", stopped(&[], Phone::Lost)),
        (
            "stopped, order in flight",
            Situation {
                pending_order: PendingOrder::There,
                record: Record::Site,
                ..stopped(&[], WORKS)
            },
        ),
    ];
    expect![[r#"
        stopped -> AskBack: AskBack@Here
        stopped, differs -> AskBack: ChangeFiling@Here > AskBack@Here
        stopped, phone lost -> AskBack: ChangeFiling@Here > AskBack@Here
        stopped, order in flight -> WaitOrWithdraw: WaitForOrder@ProviderOfOrder
    "#]]
    .assert_eq(&table(&rows));
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
        own_link_stands: OwnLink::Yes,
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
                own_link_stands: OwnLink::Yes,
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
