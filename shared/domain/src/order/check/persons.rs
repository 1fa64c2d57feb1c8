//! What is demanded of responsible persons.

use jiff::ToSpan;
use jiff::civil::Date;

use super::{Desk, cited, demand, of_source};
use crate::filing::{Nature, PersonDetails};
use crate::rulebook::provinces::demands::{Asked, IndividualId};

impl Desk<'_> {
    pub(super) fn persons(&mut self) {
        for (at, typed) in self.typed.persons.iter().enumerate() {
            let field = |name: &str| format!("/persons/{at}/{name}");
            self.document(&field("identityUntil"), typed.identity_until);
            let parts = self.parts;
            if let Some(person) = parts.person(&typed.id) {
                self.age(&field("identity"), person);
                self.residence(&field("identity"), person);
                self.mobile(&field("mobile"), person);
                self.shared(at, person);
            }
        }
        self.mobiles();
    }

    /// An identity document: not expired, and valid for as long as the province asks.
    pub(super) fn document(&mut self, field: &str, last: Option<Date>) {
        if !self.not_expired(field, last) {
            return;
        }
        if let Some(last) = last
            && let Some(clause) = self.clause(|demands| &demands.identity_validity_months)
            && last < months_from(self.today, clause.is)
        {
            self.refuse(
                field,
                of_source(
                    "document-expires-soon",
                    format!("证件剩余有效期须不少于{}个月", clause.is),
                    format!("the document is valid for {} more months", clause.is),
                    &clause.source,
                ),
            );
        }
    }

    /// Source: dossier 4.1, finding "principal's ID expired".
    pub(super) fn not_expired(&mut self, field: &str, last: Option<Date>) -> bool {
        let holds = last.is_none_or(|last| self.today <= last);
        if !holds {
            self.refuse(
                field,
                demand(
                    "document-expired",
                    "证件已过有效期",
                    "the document is past its last day",
                    cited::TRUTH,
                ),
            );
        }
        holds
    }

    fn age(&mut self, field: &str, person: &PersonDetails) {
        // A passport or permit shows no birth date.
        let Some(id) = person.identity.resident_id() else {
            return;
        };
        let Some(age) = id.age_on(self.today) else {
            self.refuse(
                field,
                demand(
                    "birth-date-in-future",
                    "公民身份号码中的出生日期晚于今天",
                    "the birth date in the resident ID lies in the future",
                    cited::RESIDENT_IDS,
                ),
            );
            return;
        };
        let Some(clause) = self.clause(|demands| &demands.age) else {
            return;
        };
        let (zh, en) = (
            format!("负责人须年满{}周岁", clause.is.years),
            format!("a principal is {} years old", clause.is.years),
        );
        if age < clause.is.lowest() {
            self.refuse(
                field,
                of_source("principal-too-young", zh, en, &clause.source),
            );
        } else if age < clause.is.years {
            let zh = format!("{zh}，未满的须提供监护人、就业或收入证明");
            let en = format!("{en}; a younger one brings a guardian's, employer's or income proof");
            self.warn(field, of_source("principal-young", zh, en, &clause.source));
        }
    }

    /// Which ID an individual files by.
    fn residence(&mut self, field: &str, person: &PersonDetails) {
        let is_subject = self
            .parts
            .subject_principal()
            .is_some_and(|principal| principal.identity == person.identity);
        if self.nature != Some(Nature::Individual) || !is_subject || self.principal_stays() {
            return;
        }
        let province = self.province.map(|province| province.code.as_str());
        let is_local = person.identity.region().and_then(|it| it.get(..2)) == province;
        let Some(clause) = self
            .clause(|demands| &demands.individual_id)
            .filter(|_| !is_local)
        else {
            return;
        };
        match clause.is {
            // Residents of Hong Kong, Macao and Taiwan file by their permits (dossier 1.7).
            IndividualId::Local if !person.identity.is_of_mainland() => {}
            IndividualId::Local => self.refuse(
                field,
                of_source(
                    "individual-not-local",
                    "个人须持备案省份的身份证备案",
                    "an individual files by an ID of the province",
                    &clause.source,
                ),
            ),
            // The proof is a material and asked for there.
            IndividualId::LocalOrResidenceProof
            | IndividualId::Anywhere
            | IndividualId::Conflicting => {}
        }
    }

    fn mobile(&mut self, field: &str, person: &PersonDetails) {
        let prefixes = &self.against.rulebook.prefixes;
        if prefixes.may_not_receive_sms(&person.mobile) {
            let source = prefixes.source().clone();
            self.warn(
                field,
                of_source(
                    "mobile-may-not-receive-sms",
                    "该号段可能收不到管局核验短信，建议换用其他号码",
                    "numbers of this prefix may not receive the bureau's SMS; another is better",
                    &source,
                ),
            );
        }
        if let Some(clause) = self
            .clause(|demands| &demands.local_mobile)
            .filter(|clause| clause.is == Asked::Required)
        {
            self.warn(
                field,
                of_source(
                    "mobile-not-known-as-local",
                    "该省要求使用本省手机号码",
                    "the province asks for a mobile of the province",
                    &clause.source,
                ),
            );
        }
    }

    /// Two people, one number or address. Staff judge it; the audit calls it a fault.
    fn shared(&mut self, at: usize, person: &PersonDetails) {
        let parts = self.parts;
        let others = || {
            let others = parts.persons.values();
            others.filter(|other| other.identity != person.identity)
        };
        let shares_mobile = others().any(|other| other.mobile == person.mobile);
        let shares_email = others().any(|other| other.email == person.email);
        for (shares, name, rule, zh, en) in [
            (
                shares_mobile,
                "mobile",
                "mobile-shared",
                "不同负责人不应使用同一手机号码",
                "different principals do not share a mobile",
            ),
            (
                shares_email,
                "email",
                "email-shared",
                "不同负责人不应使用同一邮箱",
                "different principals do not share a mail address",
            ),
        ] {
            if shares {
                self.warn(
                    format!("/persons/{at}/{name}"),
                    demand(rule, zh, en, cited::AUDIT),
                );
            }
        }
    }

    fn mobiles(&mut self) {
        let Some(clause) = self.clause(|demands| &demands.distinct_mobiles) else {
            return;
        };
        let mobiles: std::collections::BTreeSet<_> = self
            .parts
            .persons
            .values()
            .map(|person| &person.mobile)
            .collect();
        if (mobiles.len() as u64) < u64::from(clause.is) {
            self.warn(
                "/persons",
                of_source(
                    "mobiles-too-few",
                    format!("该省要求至少{}个不同的手机号码", clause.is),
                    format!("the province asks for {} different mobiles", clause.is),
                    &clause.source,
                ),
            );
        }
    }
}

/// `months` months after a day.
pub(super) fn months_from(day: Date, months: u32) -> Date {
    day.saturating_add(i64::from(months).months())
}
