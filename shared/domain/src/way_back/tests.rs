//! Situations that the tests begin with, and answers as they are read.

use std::collections::{BTreeMap, BTreeSet};

use expect_test::expect;
use serde_json::json;

use super::plan::{Plan, Stance, is_lost};
use super::*;
use crate::rulebook::FieldGroup;

mod guidance;
mod product;
mod vectors;

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
        own_link_stands: OwnLink::No,
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

const KNOWN: [Known; 3] = Known::ALL;
const OWN_LINKS: [OwnLink; 4] = [
    OwnLink::Yes,
    OwnLink::Stopped,
    OwnLink::No,
    OwnLink::Unknown,
];
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

/// Every answer on links, services and the domain.
fn links(base: &Situation) -> Vec<Situation> {
    let mut all = Vec::new();
    for own_link_stands in OWN_LINKS {
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
