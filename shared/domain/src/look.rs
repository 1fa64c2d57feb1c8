//! What is looked up, and what was seen: the messages of the looks and evidence queues.
//!
//! **Invariant:** evidence says what the world answered or why it could not be asked. It holds no
//! judgement, and an answer (`NXDOMAIN`, a refused connection, an expired certificate) is never a
//! [`Failure`]. The shapes here are pinned: both ends of the queues may run different releases.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Text;
use crate::audit::ClockName;
use crate::command::hashed;
use crate::identifiers::DomainName;
use crate::ids::{CampaignId, CheckId, LookId, UnitId, VantageId};
use crate::registration::{AcceptedHolders, RegistrationAnswer, RegistrationPlan};
use crate::schema::text_schema;

mod page;

pub use page::{CertificateSeen, NumberPlace, PageFacts, PageNumber, WordSeen};

/// An order to look: who is looked at, why, and what to look up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Look {
    /// The look's id, the same each time it is sent.
    pub id: LookId,
    /// The unit that is judged by it.
    pub unit: UnitId,
    /// Why it is made.
    pub purpose: Purpose,
    /// The campaign that it is made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<CampaignId>,
    /// The check that somebody asked for, where it is made for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<CheckId>,
    /// The clock that it is made for: which rules judge it, and whose facts the plan repeats.
    #[serde(default, skip_serializing_if = "ClockName::is_audit")]
    pub clock: ClockName,
    /// The due instant that called for it: the clock's `next_audit_at`, or the finding's wake.
    #[schema(value_type = String)]
    pub due: Timestamp,
    /// The revisions of the facts that the plan was made from.
    pub facts_revisions: FactsRevisions,
    /// What to look up.
    pub plan: Plan,
}

/// Why a look is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// The unit's own period.
    Audit,
    /// The filer asked for an open case to be looked at again (复核).
    Recheck,
    /// A deadline has passed; nothing is stopped on old looks.
    LastLook,
    /// A campaign (专项核查) has chosen the unit.
    Campaign,
    /// The filer asked how a filing stands (自查): nothing follows from it.
    SelfCheck,
    /// Somebody without an account asked how a domain's site stands (公开检测), whose unit is nobody's: nothing
    /// follows from it.
    PublicCheck,
}

/// Revisions of the facts that a plan carries. Evidence of other revisions is not judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FactsRevisions {
    /// Of the subject's facts (`CLOCK#S`).
    pub subject: u64,
    /// Of the unit's own facts (`CLOCK#n` or `HOLDER#n`; the subject's again for the subject's
    /// unit).
    pub unit: u64,
}

/// What to look up, from where. An empty plan is a unit that only stored rows speak for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LookPlan)]
pub struct Plan {
    /// Where the look is made from.
    pub vantage: VantageId,
    /// Names whose addresses are asked for: apex, `www`, the home page's host, declared names.
    pub names: Vec<DomainName>,
    /// The page to fetch, where a rule reads pages.
    pub home_page: Option<PagePlan>,
    /// The registrations to look up, where a rule reads them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registrations: Option<RegistrationPlan>,
    /// What must stand in the zone, or nothing else is looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub txt: Option<TxtPlan>,
}

/// Which page of a site is looked at. In a queue it is the URL, or `/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum PagePlan {
    /// The public home page that the filer declared: a URL.
    Declared(String),
    /// None is declared: `/` at the first of the names that is served.
    Root,
}

text_schema!(PagePlan);

impl From<String> for PagePlan {
    fn from(text: String) -> Self {
        if text == ROOT {
            Self::Root
        } else {
            Self::Declared(text)
        }
    }
}

impl From<PagePlan> for String {
    fn from(plan: PagePlan) -> Self {
        match plan {
            PagePlan::Declared(url) => url,
            PagePlan::Root => ROOT.to_owned(),
        }
    }
}

/// How [`PagePlan::Root`] is queued.
const ROOT: &str = "/";

/// A text record that whoever controls a domain was asked to set. The plan does not say what it reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TxtPlan {
    /// The name that it stands under; it begins with an underscore, so that it is no host's.
    pub name: String,
    /// Digest of the text, salted with the look's id.
    pub digest: String,
}

impl TxtPlan {
    /// The record of a look: under `name`, reading `value`.
    pub fn of(look: &LookId, name: String, value: &str) -> Self {
        Self {
            name,
            digest: Self::digest(look, value),
        }
    }

    /// Whether the text stands among those of the name.
    pub fn stands_in(&self, look: &LookId, texts: &[String]) -> bool {
        texts
            .iter()
            .any(|text| Self::digest(look, text.trim()) == self.digest)
    }

    fn digest(look: &LookId, value: &str) -> String {
        hashed("txt", &[look.as_str(), value])
    }
}

/// What was seen by one look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// The look, repeated whole, but for the digests of holders: they have done their work.
    pub look: Look,
    /// When the looking began. What is judged against a deadline is this instant.
    #[schema(value_type = String)]
    pub begun_at: Timestamp,
    /// Per name of the plan, in its order.
    pub names: Vec<NameSeen>,
    /// The home page, where one was planned.
    pub home_page: Option<Seen<PageAnswer>>,
    /// Whether the exit's control site answered while the home page was silent: the silence is the
    /// site's own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub control_answered: bool,
    /// Registrations of the domains, where a rule reads them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub registrations: Vec<RegistrationSeen>,
    /// Whether the planned text stood in the zone, where one was planned. Only if it did was anything else
    /// looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub txt: Option<Seen<bool>>,
}

impl Evidence {
    /// Evidence of a look of which nothing could be made. It holds no digest of a holder.
    pub fn unseen(look: &Look, begun_at: Timestamp, why: Failure) -> Self {
        let mut look = look.clone();
        let names = look.plan.names.iter().cloned();
        let names = names.map(|name| NameSeen {
            name,
            seen: Seen::Failed(why),
        });
        let domains = look.plan.registrations.iter_mut().flat_map(|plan| {
            plan.holders = AcceptedHolders::default();
            plan.domains.iter().cloned()
        });
        let registrations = domains.map(|domain| RegistrationSeen {
            domain,
            seen: Seen::Failed(why),
        });
        Self {
            names: names.collect(),
            home_page: look.plan.home_page.as_ref().map(|_| Seen::Failed(why)),
            control_answered: false,
            registrations: registrations.collect(),
            txt: look.plan.txt.as_ref().map(|_| Seen::Failed(why)),
            begun_at,
            look,
        }
    }
}

/// One domain and what its registry said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationSeen {
    /// The domain asked for.
    pub domain: DomainName,
    /// The answer, or why there is none.
    pub seen: Seen<RegistrationAnswer>,
}

/// One name and what the resolver said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NameSeen {
    /// The name asked for.
    pub name: DomainName,
    /// The answer, or why there is none.
    pub seen: Seen<NameAnswer>,
}

/// An answer of the world, or a failure of the look. The two are never confused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Seen<T> {
    /// What the world answered.
    Answer(T),
    /// Why it could not be asked.
    Failed(Failure),
}

/// What a resolver answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum NameAnswer {
    /// The addresses at the end of the chain of canonical names.
    Addresses {
        /// Canonical names passed on the way, in order.
        canonical: Vec<String>,
        /// IPv4 and IPv6, sorted.
        #[schema(value_type = Vec<String>)]
        addresses: Vec<IpAddr>,
    },
    /// The name does not exist (NXDOMAIN).
    NoSuchName,
    /// The name exists and has no address.
    NoAddress,
}

/// What a home page's server answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum PageAnswer {
    /// An HTTP answer.
    Answered(Box<PageFacts>),
    /// The host has no address to connect to.
    NoAddress,
    /// The checked address refused the connection.
    Refused,
}

/// Why the world could not be asked. Never held against a filer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// No answer within the bound.
    TimedOut,
    /// The resolver failed or refused (SERVFAIL, REFUSED).
    ResolverFailed,
    /// The connection broke before an answer.
    ConnectionBroken,
    /// The answer is not HTTP, not TLS, or cannot be decoded.
    Malformed,
    /// The plan or a redirect leads where this service does not go: another port, a literal
    /// address, credentials, or an address in a special-purpose range.
    Forbidden,
    /// More redirects than are followed.
    TooManyRedirects,
    /// The vantage's exit could not be used.
    ExitDown,
    /// The look came too late to be worth making, or was never made (dead letter).
    NotMade,
    /// The server may not be asked before that: it says so, or was asked enough for now.
    Throttled {
        /// When it may be asked again.
        #[schema(value_type = String)]
        until: Timestamp,
    },
    /// The server shows a certificate that is not trusted, and what it says decides something.
    Untrusted,
    /// Nobody is known to be asked: no registry of the zone is configured.
    NobodyToAsk,
}

impl Failure {
    /// What it says to people.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Self::TimedOut => ("对方未在规定时间内应答", "there was no answer in time"),
            Self::ResolverFailed => ("域名解析服务器未能应答", "the resolver failed or refused"),
            Self::ConnectionBroken => ("连接中断", "the connection broke"),
            Self::Malformed => ("应答无法识别", "the answer cannot be read"),
            Self::Forbidden => (
                "地址或端口不在可查看的范围",
                "it leads to an address or a port that is not looked at",
            ),
            Self::TooManyRedirects => ("跳转次数过多", "there are too many redirects"),
            Self::ExitDown => ("我方查看线路故障", "our own line was down"),
            Self::NotMade => ("未能按时查看", "the look was not made in time"),
            Self::Throttled { .. } => ("对方限制了查询次数", "we may not ask again yet"),
            Self::Untrusted => ("对方证书不可信", "the certificate is not trusted"),
            Self::NobodyToAsk => ("没有可查询的注册局", "no registry is known to be asked"),
        };
        Text::new(zh, en)
    }
}

/// How much what was seen of a page says for its site, the least first: one name that is served keeps a site, and one
/// that could not be asked holds nothing against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The host has no address.
    NoAddress,
    /// Nothing listens.
    Refused,
    /// An error: 404, 410, 5xx.
    Error,
    /// It could not be looked at.
    Unseen,
    /// A closed door, or a guard.
    Closed,
    /// A page, or where it leads.
    Served,
}

impl Seen<PageAnswer> {
    /// How much it says for the site.
    pub fn standing(&self) -> Standing {
        match self {
            Self::Answer(PageAnswer::Answered(facts)) => match facts.status() {
                200..=399 => Standing::Served,
                404 | 410 | 500..=599 => Standing::Error,
                _ => Standing::Closed,
            },
            Self::Failed(_) => Standing::Unseen,
            Self::Answer(PageAnswer::Refused) => Standing::Refused,
            Self::Answer(PageAnswer::NoAddress) => Standing::NoAddress,
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use serde::de::DeserializeOwned;

    use super::*;
    use crate::identifiers::{IcpNumber, PoliceNumber};
    use crate::registration::{Holder, Registration};
    use crate::rulebook::WordGroup;

    fn look() -> Look {
        let due = "2026-03-02T02:00:00Z".parse().unwrap();
        Look {
            id: "l1".parse().unwrap(),
            unit: UnitId::of_service("s1".parse().unwrap(), "1".parse().unwrap()),
            purpose: Purpose::LastLook,
            campaign: None,
            check: None,
            clock: ClockName::Audit,
            due,
            facts_revisions: FactsRevisions {
                subject: 3,
                unit: 5,
            },
            plan: Plan {
                vantage: "cn-north".parse().unwrap(),
                names: vec![name("example.cn"), name("www.example.cn")],
                home_page: Some(PagePlan::Declared("https://www.example.cn/".to_owned())),
                registrations: None,
                txt: None,
            },
        }
    }

    fn name(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    fn page() -> PageFacts {
        PageFacts {
            statuses: vec![301, 200],
            url: "https://www.example.cn/".to_owned(),
            title: "首页".to_owned(),
            numbers: vec![PageNumber {
                number: IcpNumber::parse("京ICP备12345678号-1").unwrap(),
                links_to: Some("beian.miit.gov.cn".to_owned()),
                place: NumberPlace::Text,
            }],
            number_like: false,
            links_to_miit: true,
            links_to_old_miit: false,
            police_numbers: vec![PoliceNumber::parse("京公网安备11010502030143号").unwrap()],
            words: vec![WordSeen {
                group: WordGroup::Trade,
                word: "加入购物车".to_owned(),
            }],
            challenge: false,
            visible_characters: 120,
            scripted: false,
            cut_off: false,
            sha256: "ab".repeat(32),
            excerpt: "京ICP备12345678号-1".to_owned(),
            certificate: Some(CertificateSeen {
                not_before: "2026-01-01T00:00:00Z".parse().unwrap(),
                not_after: "2026-04-01T00:00:00Z".parse().unwrap(),
                trusted: true,
            }),
        }
    }

    fn seen(names: Vec<NameSeen>, home_page: Option<Seen<PageAnswer>>) -> Evidence {
        Evidence {
            look: look(),
            begun_at: "2026-03-02T02:00:07Z".parse().unwrap(),
            names,
            home_page,
            control_answered: false,
            registrations: Vec::new(),
            txt: None,
        }
    }

    /// Holds a message to its pinned form, and that form to the message.
    fn pinned<T>(message: &T, expected: &Expect)
    where
        T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
    {
        let json = serde_json::to_string_pretty(message).unwrap();
        expected.assert_eq(&json);
        assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), message);
    }

    #[test]
    fn a_look_is_queued_in_this_form() {
        pinned(
            &look(),
            &expect![[r#"
            {
              "id": "l1",
              "unit": {
                "subject": "s1",
                "service": "1"
              },
              "purpose": "last-look",
              "due": "2026-03-02T02:00:00Z",
              "factsRevisions": {
                "subject": 3,
                "unit": 5
              },
              "plan": {
                "vantage": "cn-north",
                "names": [
                  "example.cn",
                  "www.example.cn"
                ],
                "homePage": "https://www.example.cn/"
              }
            }"#]],
        );
    }

    #[test]
    fn a_planned_text_and_whether_it_stood_there_are_queued_in_this_form() {
        let mut look = look();
        look.check = Some("k1".parse().unwrap());
        let name = "_icp-check.example.cn".to_owned();
        let txt = TxtPlan::of(&look.id, name, "icp-check=1");
        for (texts, stands) in [
            (
                vec!["v=spf1 -all".to_owned(), " icp-check=1".to_owned()],
                true,
            ),
            (vec!["icp-check=2".to_owned()], false),
            (vec![], false),
        ] {
            assert_eq!(txt.stands_in(&look.id, &texts), stands, "{texts:?}");
        }
        let of_another = "l2".parse().unwrap();
        assert!(!txt.stands_in(&of_another, &["icp-check=1".to_owned()]));
        pinned(
            &txt,
            &expect![[r#"
            {
              "name": "_icp-check.example.cn",
              "digest": "ab62ba40cc813676937840055b444241"
            }"#]],
        );
        look.plan.txt = Some(txt);
        let mut evidence = Evidence::unseen(&look, look.due, Failure::NotMade);
        assert_eq!(evidence.txt, Some(Seen::Failed(Failure::NotMade)));
        evidence.txt = Some(Seen::Answer(true));
        let json = serde_json::to_value(&evidence).unwrap();
        assert_eq!(json["txt"], serde_json::json!({ "answer": true }));
        assert_eq!(json["look"]["check"], "k1");
        assert_eq!(serde_json::from_value::<Evidence>(json).unwrap(), evidence);
    }

    #[test]
    fn a_holder_look_is_queued_in_this_form() {
        let mut look = look();
        look.clock = ClockName::Holder;
        look.plan = Plan {
            names: Vec::new(),
            home_page: None,
            registrations: Some(RegistrationPlan {
                domains: vec![name("example.cn")],
                holders: AcceptedHolders::default(),
            }),
            ..look.plan
        };
        pinned(
            &look,
            &expect![[r#"
            {
              "id": "l1",
              "unit": {
                "subject": "s1",
                "service": "1"
              },
              "purpose": "last-look",
              "clock": "holder",
              "due": "2026-03-02T02:00:00Z",
              "factsRevisions": {
                "subject": 3,
                "unit": 5
              },
              "plan": {
                "vantage": "cn-north",
                "names": [],
                "homePage": null,
                "registrations": {
                  "domains": [
                    "example.cn"
                  ],
                  "holders": {
                    "salt": "",
                    "digests": [],
                    "inHan": false
                  }
                }
              }
            }"#]],
        );
    }

    #[test]
    fn evidence_of_registrations_is_queued_in_this_form() {
        let of = |domain: &str, seen| RegistrationSeen {
            domain: name(domain),
            seen,
        };
        let registered = RegistrationAnswer::Registered(Registration {
            registrar: Some("示例注册商".to_owned()),
            registrar_iana_id: Some(420),
            holder: Holder::Different {
                masked: "某**".to_owned(),
            },
            expires_at: Some("2027-03-02T02:00:00Z".parse().unwrap()),
            on_hold: false,
        });
        let seen = vec![
            of("example.cn", Seen::Answer(registered)),
            of(
                "example.com",
                Seen::Answer(RegistrationAnswer::NotRegistered),
            ),
            of("example.net", Seen::Failed(Failure::Malformed)),
        ];
        pinned(
            &seen,
            &expect![[r#"
            [
              {
                "domain": "example.cn",
                "seen": {
                  "answer": {
                    "registered": {
                      "registrar": "示例注册商",
                      "registrarIanaId": 420,
                      "holder": {
                        "different": {
                          "masked": "某**"
                        }
                      },
                      "expiresAt": "2027-03-02T02:00:00Z",
                      "onHold": false
                    }
                  }
                }
              },
              {
                "domain": "example.com",
                "seen": {
                  "answer": "notRegistered"
                }
              },
              {
                "domain": "example.net",
                "seen": {
                  "failed": "malformed"
                }
              }
            ]"#]],
        );
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a message, pinned whole")]
    fn evidence_of_answers_is_queued_in_this_form() {
        let addresses = NameAnswer::Addresses {
            canonical: vec!["edge.example.net".to_owned()],
            addresses: vec!["192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap()],
        };
        let names = vec![
            NameSeen {
                name: name("example.cn"),
                seen: Seen::Answer(addresses),
            },
            NameSeen {
                name: name("www.example.cn"),
                seen: Seen::Answer(NameAnswer::NoSuchName),
            },
        ];
        let page = Seen::Answer(PageAnswer::Answered(Box::new(page())));
        pinned(
            &seen(names, Some(page)),
            &expect![[r#"
                {
                  "look": {
                    "id": "l1",
                    "unit": {
                      "subject": "s1",
                      "service": "1"
                    },
                    "purpose": "last-look",
                    "due": "2026-03-02T02:00:00Z",
                    "factsRevisions": {
                      "subject": 3,
                      "unit": 5
                    },
                    "plan": {
                      "vantage": "cn-north",
                      "names": [
                        "example.cn",
                        "www.example.cn"
                      ],
                      "homePage": "https://www.example.cn/"
                    }
                  },
                  "begunAt": "2026-03-02T02:00:07Z",
                  "names": [
                    {
                      "name": "example.cn",
                      "seen": {
                        "answer": {
                          "addresses": {
                            "canonical": [
                              "edge.example.net"
                            ],
                            "addresses": [
                              "192.0.2.1",
                              "2001:db8::1"
                            ]
                          }
                        }
                      }
                    },
                    {
                      "name": "www.example.cn",
                      "seen": {
                        "answer": "noSuchName"
                      }
                    }
                  ],
                  "homePage": {
                    "answer": {
                      "answered": {
                        "statuses": [
                          301,
                          200
                        ],
                        "url": "https://www.example.cn/",
                        "title": "首页",
                        "numbers": [
                          {
                            "number": "京ICP备12345678号-1",
                            "linksTo": "beian.miit.gov.cn",
                            "place": "text"
                          }
                        ],
                        "numberLike": false,
                        "linksToMiit": true,
                        "linksToOldMiit": false,
                        "policeNumbers": [
                          "京公网安备11010502030143号"
                        ],
                        "words": [
                          {
                            "group": "trade",
                            "word": "加入购物车"
                          }
                        ],
                        "challenge": false,
                        "visibleCharacters": 120,
                        "scripted": false,
                        "cutOff": false,
                        "sha256": "abababababababababababababababababababababababababababababababab",
                        "excerpt": "京ICP备12345678号-1",
                        "certificate": {
                          "notBefore": "2026-01-01T00:00:00Z",
                          "notAfter": "2026-04-01T00:00:00Z",
                          "trusted": true
                        }
                      }
                    }
                  }
                }"#]],
        );
    }

    #[test]
    fn that_the_control_site_answered_is_said_where_it_did() {
        let mut evidence = seen(vec![], Some(Seen::Failed(Failure::TimedOut)));
        let written = |evidence: &Evidence| serde_json::to_value(evidence).unwrap();
        assert_eq!(written(&evidence).get("controlAnswered"), None);
        evidence.control_answered = true;
        assert_eq!(written(&evidence)["controlAnswered"], true);
        let read: Evidence = serde_json::from_value(written(&evidence)).unwrap();
        assert_eq!(read, evidence);
    }

    #[test]
    fn evidence_of_failures_is_queued_in_this_form() {
        let names = vec![
            NameSeen {
                name: name("example.cn"),
                seen: Seen::Failed(Failure::ResolverFailed),
            },
            NameSeen {
                name: name("www.example.cn"),
                seen: Seen::Answer(NameAnswer::NoAddress),
            },
        ];
        let page = Seen::Answer(PageAnswer::Refused);
        pinned(
            &seen(names, Some(page)),
            &expect![[r#"
            {
              "look": {
                "id": "l1",
                "unit": {
                  "subject": "s1",
                  "service": "1"
                },
                "purpose": "last-look",
                "due": "2026-03-02T02:00:00Z",
                "factsRevisions": {
                  "subject": 3,
                  "unit": 5
                },
                "plan": {
                  "vantage": "cn-north",
                  "names": [
                    "example.cn",
                    "www.example.cn"
                  ],
                  "homePage": "https://www.example.cn/"
                }
              },
              "begunAt": "2026-03-02T02:00:07Z",
              "names": [
                {
                  "name": "example.cn",
                  "seen": {
                    "failed": "resolver-failed"
                  }
                },
                {
                  "name": "www.example.cn",
                  "seen": {
                    "answer": "noAddress"
                  }
                }
              ],
              "homePage": {
                "answer": "refused"
              }
            }"#]],
        );
    }

    #[test]
    fn every_failure_is_queued_under_its_own_word() {
        let failures = [
            Failure::TimedOut,
            Failure::ResolverFailed,
            Failure::ConnectionBroken,
            Failure::Malformed,
            Failure::Forbidden,
            Failure::TooManyRedirects,
            Failure::ExitDown,
            Failure::NotMade,
            Failure::Throttled {
                until: "2026-03-02T03:00:00Z".parse().unwrap(),
            },
            Failure::Untrusted,
            Failure::NobodyToAsk,
        ];
        pinned(
            &failures.to_vec(),
            &expect![[r#"
            [
              "timed-out",
              "resolver-failed",
              "connection-broken",
              "malformed",
              "forbidden",
              "too-many-redirects",
              "exit-down",
              "not-made",
              {
                "throttled": {
                  "until": "2026-03-02T03:00:00Z"
                }
              },
              "untrusted",
              "nobody-to-ask"
            ]"#]],
        );
    }

    #[test]
    fn every_purpose_is_queued_under_its_own_word() {
        let purposes = vec![
            Purpose::Audit,
            Purpose::Recheck,
            Purpose::LastLook,
            Purpose::Campaign,
            Purpose::SelfCheck,
            Purpose::PublicCheck,
        ];
        pinned(
            &purposes,
            &expect![[r#"
            [
              "audit",
              "recheck",
              "last-look",
              "campaign",
              "self-check",
              "public-check"
            ]"#]],
        );
    }
}
