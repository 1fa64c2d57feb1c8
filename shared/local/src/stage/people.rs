//! People on the stage: a filer with one site, and the staff and bureau who take the order through.
#![expect(
    clippy::indexing_slicing,
    reason = "a JSON value answers null for what is not there"
)]

use serde_json::{Value as Json, json};

use super::{Answer, Ask, Stage};
use crate::error::LocalError;

/// The name of every applicant's subject, in whose name the domains of the stage are registered.
pub const SUBJECT_NAME: &str = "示例公司";

/// A filer with one site.
#[derive(Debug, Clone)]
pub struct Applicant {
    /// The account.
    pub account: String,
    /// The site's domain.
    pub domain: String,
    /// The principal's mobile, eleven digits.
    pub mobile: String,
    /// The subject's credit code.
    pub credit_code: String,
    /// The subject's number that the bureau will give.
    pub number: String,
    /// Last day of the certificate copy, where it has one.
    pub certificate_until: Option<String>,
    /// Last day of the principal's identity document, where it has one.
    pub identity_until: Option<String>,
    /// Identity number of a second principal, of the service, who gives the same mobile.
    pub second_principal: Option<String>,
}

/// An order that waits for its first review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// The order.
    pub order: String,
    /// The filing that it is of.
    pub subject: String,
    /// Its version.
    pub version: Option<u64>,
}

/// A filing that was approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// The filing.
    pub subject: String,
    /// Its order.
    pub order: String,
}

/// Credit codes of the stage's subjects: department, class, region and a running number.
fn credit_code(n: u32) -> String {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [u32; 17] = [
        1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
    ];
    let body = format!("{n:08}");
    let weights = [3u32, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body
        .chars()
        .filter_map(|c| c.to_digit(10))
        .zip(weights)
        .map(|(d, w)| d * w)
        .sum();
    let check = match (11 - sum % 11) % 11 {
        10 => 'X',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    };
    let code = format!("91110108{body}{check}");
    let value = |c: char| {
        ALPHABET
            .iter()
            .position(|a| char::from(*a) == c)
            .unwrap_or(0)
    };
    let sum: usize = code
        .chars()
        .map(value)
        .zip(WEIGHTS)
        .map(|(v, w)| v * w as usize)
        .sum();
    let check = (31 - sum % 31) % 31;
    let check = ALPHABET.get(check).copied().map_or('0', char::from);
    format!("{code}{check}")
}

impl Applicant {
    /// The `n`-th filer of a stage, whose site is `domain`.
    pub fn new(n: u32, domain: &str) -> Self {
        Self {
            account: format!("account-{n}"),
            domain: domain.to_owned(),
            mobile: format!("138{n:08}"),
            credit_code: credit_code(n),
            number: format!("京ICP备2026{n:06}号"),
            certificate_until: None,
            identity_until: None,
            second_principal: None,
        }
    }

    /// The draft that this filer submits.
    pub fn draft(&self) -> Json {
        let on_paper = |id: &str, kind: &str, until: Option<&String>| {
            json!({ "id": id, "kind": kind, "validUntil": until,
                "custody": { "custody": "paper", "shelfMark": "A-1" } })
        };
        let person = |id: &str, name: &str, identity: &str| {
            json!({
                "id": id, "name": name, "identity": identity,
                "identityUntil": self.identity_until, "mobile": self.mobile,
                "email": format!("{id}-{}@{}", self.account, self.domain),
            })
        };
        let mut persons = vec![person("p1", "王小明", "11010519491231002X")];
        persons.extend(
            self.second_principal
                .iter()
                .map(|identity| person("p2", "李小红", identity)),
        );
        json!({
            "subject": {
                "province": "11", "nature": "enterprise", "name": SUBJECT_NAME,
                "certificate": { "kind": "credit-code", "number": self.credit_code },
                "certificateAddress": "北京市海淀区示例路1号",
                "postalAddress": "北京市海淀区示例路1号", "principal": "p1",
            },
            "persons": persons,
            "services": [{
                "id": "1", "name": "示例网站", "domains": [self.domain],
                "homePage": format!("http://www.{}/", self.domain),
                "principal": if self.second_principal.is_some() { "p2" } else { "p1" },
                "addresses": ["127.0.0.1"],
            }],
            "materials": [
                on_paper("m1", "subject-certificate", self.certificate_until.as_ref()),
                on_paper("m2", "principal-identity", None),
                on_paper("m3", "verification-form", None),
            ],
        })
    }

    /// A home page that shows this filing's number, as it must.
    pub fn page(&self) -> String {
        let text = "欢迎访问示例网站。".repeat(30);
        format!(
            "<html><head><title>示例网站</title></head><body><p>{text}</p>\
             <footer><a href=\"https://beian.miit.gov.cn/\">{}-1</a> 京公网安备11010802000001号</footer></body></html>",
            self.number
        )
    }
}

impl Stage {
    /// A filer asks.
    pub async fn filer(
        &self,
        account: &str,
        route: &str,
        version: Option<u64>,
        body: Option<Json>,
    ) -> Result<Answer, LocalError> {
        self.ask(Ask {
            role: Some("filer"),
            account,
            route,
            version,
            body,
            ..Ask::default()
        })
        .await
    }

    /// One of the staff asks.
    pub async fn staff(
        &self,
        role: &str,
        route: &str,
        version: Option<u64>,
        body: Option<Json>,
    ) -> Result<Answer, LocalError> {
        let key = body
            .as_ref()
            .map(|body| icp_domain::command::hashed("key", &[&body.to_string()]));
        let key = key.as_deref();
        self.ask(Ask {
            role: Some(role),
            account: "staff",
            route,
            key,
            version,
            body,
        })
        .await
    }

    /// Takes a first filing from its draft to the bureau's approval, through the HTTP API alone. The
    /// answers of every step are handed to `seen`.
    pub async fn file(
        &self,
        who: &Applicant,
        seen: impl FnMut(&str, &Answer) + Send,
    ) -> Result<Filed, LocalError> {
        let begin = json!({ "kind": "first-filing", "draft": who.draft() });
        self.take_through(who, begin, seen).await
    }

    /// Begins an order and sends it for review. Persons whose number has no proof yet are verified in a first filing. The
    /// answers of every step are handed to `seen`.
    pub async fn submit(
        &self,
        who: &Applicant,
        begin: Json,
        mut seen: impl FnMut(&str, &Answer) + Send,
    ) -> Result<Submitted, LocalError> {
        let account = who.account.as_str();
        let first = begin["kind"] == "first-filing";
        let at = self.now().to_string();
        let ask = Ask {
            role: Some("filer"),
            account,
            route: "POST /orders",
            key: Some(at.as_str()),
            version: None,
            body: Some(begin),
        };
        let drafted = self.ask(ask).await?;
        seen("POST /orders", &drafted);
        let text = |field: &str| drafted.body[field].as_str().unwrap_or_default().to_owned();
        let (order, subject) = (text("id"), text("subject"));
        let persons = if who.second_principal.is_some() {
            vec!["p1", "p2"]
        } else {
            vec!["p1"]
        };
        for person in persons.into_iter().filter(|_| first) {
            let holder = format!("/orders/{order}");
            self.verify(account, &holder, person, &who.mobile, &mut seen)
                .await?;
        }
        let submission = format!("POST /orders/{order}/submission");
        let submitted = self
            .filer(account, &submission, drafted.version, None)
            .await?;
        seen("POST /orders/{order}/submission", &submitted);
        let version = submitted.version;
        Ok(Submitted {
            order,
            subject,
            version,
        })
    }

    /// Takes an order from its draft to the bureau's approval.
    pub async fn take_through(
        &self,
        who: &Applicant,
        begin: Json,
        mut seen: impl FnMut(&str, &Answer) + Send,
    ) -> Result<Filed, LocalError> {
        let Submitted {
            order,
            subject,
            mut version,
        } = self.submit(who, begin, &mut seen).await?;
        let decisions = "POST /review/orders/{order}/decisions";
        let results = "POST /review/orders/{order}/bureau-results";
        let approval = json!({ "result": "approved", "approval": {
            "number": who.number,
            "services": [{ "service": "1", "number": format!("{}-1", who.number) }],
        }});
        for (route, body) in [
            (decisions, json!({ "decision": "pass" })),
            (results, json!({ "result": "sent" })),
            (results, json!({ "result": "sms-done" })),
            (results, approval),
        ] {
            let recorded = self
                .staff(
                    "reviewer",
                    &route.replace("{order}", &order),
                    version,
                    Some(body),
                )
                .await?;
            seen(route, &recorded);
            version = recorded.version;
        }
        Ok(Filed { subject, order })
    }

    /// Sends a code to a person and confirms it with what the SMS said.
    pub async fn verify(
        &self,
        account: &str,
        holder: &str,
        person: &str,
        mobile: &str,
        seen: &mut (impl FnMut(&str, &Answer) + Send),
    ) -> Result<(), LocalError> {
        let at = self.now().to_string();
        let route = format!("POST {holder}/persons/{person}/codes");
        let role = Some("filer");
        let key = Some(at.as_str());
        let sent = self
            .ask(Ask {
                role,
                account,
                route: &route,
                key,
                ..Ask::default()
            })
            .await?;
        seen("POST …/codes", &sent);
        let code = self.last_code(mobile).unwrap_or_default();
        let route = format!("POST {holder}/persons/{person}/confirmations");
        let body = Some(json!({ "code": code }));
        let confirmed = self
            .ask(Ask {
                role,
                account,
                route: &route,
                key,
                body,
                ..Ask::default()
            })
            .await?;
        seen("POST …/confirmations", &confirmed);
        Ok(())
    }
}
