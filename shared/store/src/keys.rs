//! Every key of the table. Nothing else formats one; a test pins each.

use std::fmt;

use icp_domain::case::CaseNumber;
use icp_domain::command::CommandId;
use icp_domain::finding::Phase;
use icp_domain::ids::{
    AccountId, CampaignId, CaseId, ExportId, ImportId, LookId, MaterialId, OrderId, PersonId,
    ServiceId, SubjectId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

mod campaigns;
mod checks;
mod clocks;
mod notices;
mod reports;
mod runs;
mod voids;

pub use campaigns::{
    CAMPAIGNS, MEMBER, UNTOLD, campaign, campaign_counts, campaign_member, campaign_partition,
    campaign_untold,
};
pub use checks::{check_look, check_partition, public_check, self_check};
pub use clocks::{clock, clock_of, holder_clock, review_item};
pub use notices::{account_contact, digest_partition, digested, mail, outbox, sent_to, telephone};
pub use reports::{front_end_files, registrar, registrars, reported};
pub use runs::{
    NOTICE_HOLDS, UNITS_PLANNED, count_live, count_live_partition, notice_hold, observed,
    observed_partition, precision, precision_partition, rule_run, rule_runs, units_planned,
};
pub use voids::{VOIDS, void};

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Key {
    /// Partition.
    pub pk: String,
    /// Sort.
    pub sk: String,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.pk, self.sk)
    }
}

/// Sort key of a row that stands for its whole partition.
pub const HEAD: &str = "HEAD";

/// Shards over which counters and lists are spread.
///
/// Source: `docs/DATA-MODEL.md`; a DynamoDB partition takes 1,000 write units a second.
pub const SHARDS: u8 = 16;

/// Shards of a wake family's day.
///
/// Source: `docs/DATA-MODEL.md`: four index partitions take 4,000 writes a second, over a hundred
/// times what ten million units audited every 30 days need; each tick reads every shard.
pub const WAKE_SHARDS: u8 = 4;

fn key(pk: impl Into<String>, sk: impl Into<String>) -> Key {
    Key {
        pk: pk.into(),
        sk: sk.into(),
    }
}

/// Partition of a filing.
pub fn subject_partition(subject: &SubjectId) -> String {
    format!("SUBJECT#{subject}")
}

/// A filing's head.
pub fn subject(subject: &SubjectId) -> Key {
    key(subject_partition(subject), HEAD)
}

/// A service of a filing.
pub fn service(subject: &SubjectId, service: &ServiceId) -> Key {
    key(subject_partition(subject), format!("SERVICE#{service}"))
}

/// Our link of a service.
pub fn link(subject: &SubjectId, service: &ServiceId) -> Key {
    key(subject_partition(subject), format!("LINK#{service}"))
}

/// A person of a filing.
pub fn person(subject: &SubjectId, person: &PersonId) -> Key {
    key(subject_partition(subject), format!("PERSON#{person}"))
}

/// A material of a filing.
pub fn material(subject: &SubjectId, material: &MaterialId) -> Key {
    key(subject_partition(subject), format!("MATERIAL#{material}"))
}

/// A stretch in which an order was with one of its reviewers and froze findings. The order's next
/// stretch may begin at the instant at which this one did.
pub fn freeze(subject: &SubjectId, from: Timestamp, phase: Phase) -> Key {
    let phase = match phase {
        Phase::Review => "review",
        Phase::Bureau => "bureau",
    };
    key(
        subject_partition(subject),
        format!("FREEZE#{}#{phase}", instant(from)),
    )
}

/// Evidence of a first broken look.
pub fn look(subject: &SubjectId, look: &LookId) -> Key {
    key(subject_partition(subject), format!("LOOK#{look}"))
}

/// What a yearly review asked of a filing.
pub fn yearly_question(subject: &SubjectId, campaign: &CampaignId) -> Key {
    key(subject_partition(subject), format!("YEARLY#{campaign}"))
}

/// Partition of a filing's history.
pub fn history_partition(subject: &SubjectId) -> String {
    format!("HISTORY#{subject}")
}

/// An entry of a filing's history.
pub fn history(subject: &SubjectId, number: u64) -> Key {
    key(history_partition(subject), format!("{number:010}"))
}

/// Partition of an order.
pub fn order_partition(order: &OrderId) -> String {
    format!("ORDER#{order}")
}

/// An order's head.
pub fn order(order: &OrderId) -> Key {
    key(order_partition(order), HEAD)
}

/// An order's draft, without its persons.
pub fn order_draft(order: &OrderId) -> Key {
    key(order_partition(order), "DRAFT")
}

/// A person of an order's draft.
pub fn order_person(order: &OrderId, person: &PersonId) -> Key {
    key(order_partition(order), format!("PERSON#{person}"))
}

/// A file that was announced for an order.
pub fn order_upload(order: &OrderId, material: &MaterialId) -> Key {
    key(order_partition(order), format!("UPLOAD#{material}"))
}

/// Partition of a case.
pub fn case_partition(case: &CaseId) -> String {
    format!("CASE#{case}")
}

/// A case.
pub fn case(case: &CaseId) -> Key {
    key(case_partition(case), HEAD)
}

/// Evidence kept with a case.
pub fn case_evidence(case: &CaseId, look: &LookId) -> Key {
    key(case_partition(case), format!("EVIDENCE#{look}"))
}

/// An account's live links and stops.
pub fn account(account: &AccountId) -> Key {
    key(format!("ACCOUNT#{account}"), HEAD)
}

/// A certificate number that a filing has taken; `hash` is keyed.
pub fn taken_certificate(hash: &str) -> Key {
    key(format!("TAKEN#CERTIFICATE#{hash}"), HEAD)
}

/// A domain that a filing has taken.
pub fn taken_domain(domain: &str) -> Key {
    key(format!("TAKEN#DOMAIN#{domain}"), HEAD)
}

/// A filing number that a filing has taken.
pub fn taken_number(number: &str) -> Key {
    key(format!("TAKEN#NUMBER#{number}"), HEAD)
}

/// A filing that wants what another has taken.
pub fn wanted(taken: &Key, subject: &SubjectId) -> Key {
    key(taken.pk.clone(), format!("CONFLICT#{subject}"))
}

/// A case number that a case has taken.
pub fn taken_case_number(number: &CaseNumber) -> Key {
    key(format!("TAKEN#CASENUMBER#{number}"), HEAD)
}

/// The last sends to a number; `hash` is keyed.
pub fn sends(hash: &str) -> Key {
    key(format!("NUMBER#{hash}"), "SENDS")
}

/// Partition of a number; `hash` is keyed.
pub fn number_partition(hash: &str) -> String {
    format!("NUMBER#{hash}")
}

/// Calls of a kind in an hour, by whom or about what; `hash` is keyed.
pub fn limit(kind: &str, hash: &str, hour: i64) -> Key {
    key(format!("LIMIT#{kind}#{hash}"), hour.to_string())
}

/// Partition of a subject's name; `hash` is keyed.
pub fn name_partition(hash: &str) -> String {
    format!("NAME#{hash}")
}

/// A subject of a name; `hash` is keyed.
pub fn named(hash: &str, subject: &SubjectId) -> Key {
    key(name_partition(hash), format!("SUBJECT#{subject}"))
}

/// Partition of the orders that were submitted for a domain.
pub fn domain_orders(domain: &str) -> String {
    format!("DOMAIN#{domain}")
}

/// An order that was submitted for a domain.
pub fn domain_order(domain: &str, order: &OrderId) -> Key {
    key(domain_orders(domain), format!("ORDER#{order}"))
}

/// A person of an order's draft who uses a number; `hash` is keyed.
pub fn number_draft(hash: &str, order: &OrderId, person: &PersonId) -> Key {
    key(format!("NUMBER#{hash}"), format!("DRAFT#{order}#{person}"))
}

/// A person who uses a number; `hash` is keyed.
pub fn number_user(hash: &str, subject: &SubjectId, person: &PersonId) -> Key {
    let name = format!("PERSON#{subject}#{person}");
    key(number_partition(hash), name)
}

/// The challenge of a person.
pub fn challenge(subject: &SubjectId, person: &PersonId) -> Key {
    key(format!("CHALLENGE#{subject}#{person}"), HEAD)
}

/// A stored answer.
pub fn repeat(command: &CommandId) -> Key {
    key(format!("REPEAT#{command}"), HEAD)
}

/// The brake's setting and latch.
pub fn brake() -> Key {
    key("BRAKE", HEAD)
}

/// Stops per hour over all accounts.
pub fn brake_stops() -> Key {
    key("BRAKE", "STOPS")
}

/// Levels per rule.
pub fn levels() -> Key {
    key("BRAKE", "LEVELS")
}

/// Partition of the wrapped data keys of one purpose.
pub fn data_keys_partition(purpose: &str) -> String {
    format!("KEY#{purpose}")
}

/// A wrapped data key.
pub fn data_key(purpose: &str, id: &str) -> Key {
    key(data_keys_partition(purpose), id)
}

/// A sweep's watermark.
pub fn watermark(family: &str, shard: u8) -> Key {
    key(format!("SWEEP#{family}"), format!("{shard:02}"))
}

/// Partition of rows set aside.
pub const QUARANTINE: &str = "QUARANTINE";

/// A row set aside.
pub fn quarantine(of: &Key) -> Key {
    key(QUARANTINE, format!("{} {}", of.pk, of.sk))
}

/// The index partition of what a family's shard has due on a day of UTC.
pub fn wake_partition(family: &str, at: Timestamp, shard: u8) -> String {
    let text = instant(at);
    let day = text.get(..10).unwrap_or(&text).to_owned();
    format!("{family}#{day}#{shard:02}")
}

/// The index sort key of a due row: its instant, then the row itself.
pub fn wake_sort(at: Timestamp, of: &Key) -> String {
    format!("{}#{}#{}", instant(at), of.pk, of.sk)
}

/// The index partition of an account's list.
pub fn owner_partition(account: &AccountId, list: &str) -> String {
    format!("ACCOUNT#{account}#{list}")
}

/// The index partition of one shard of a staff list.
pub fn desk_partition(list: &str, shard: u8) -> String {
    format!("{list}#{shard:02}")
}

/// The index sort key of a row of a staff list: its age, then the row itself, so that no two are one.
pub fn desk_sort(since: Timestamp, of: &Key) -> String {
    format!("{}#{}", instant(since), of.pk)
}

/// The instant that a sort key begins with, if it does. What stands before all others since nobody knows when it began has
/// none.
pub fn instant_of(sort: &str) -> Option<Timestamp> {
    let at = sort.split('#').next()?.parse().ok();
    at.filter(|at| *at != Timestamp::UNIX_EPOCH)
}

/// Partition of an import.
pub fn import_partition(import: &ImportId) -> String {
    format!("IMPORT#{import}")
}

/// An import.
pub fn import(import: &ImportId) -> Key {
    key(import_partition(import), HEAD)
}

/// A part of an import that was taken in.
pub fn import_part(import: &ImportId, part: u32) -> Key {
    key(import_partition(import), format!("PART#{part:06}"))
}

/// A row of a bureau's list that changed something here.
pub fn list_row(import: &ImportId, row: u64) -> Key {
    key(import_partition(import), format!("ROW#{row:09}"))
}

/// An export.
pub fn export(export: &ExportId) -> Key {
    key(format!("EXPORT#{export}"), HEAD)
}

/// What a person of the staff claimed, by the row's partition.
pub fn claim(of: &str) -> Key {
    key(format!("CLAIM#{of}"), HEAD)
}

/// An instant as keys write it: UTC with nanoseconds, so that text order is time order.
pub fn instant(at: Timestamp) -> String {
    format!("{at:.9}")
}

/// The shard of a name: even over names, the same each time.
pub fn shard_of(name: &str, shards: u8) -> u8 {
    let hash = icp_domain::command::hashed("shard", &[name]);
    let byte = hash
        .get(..2)
        .and_then(|hex| u8::from_str_radix(hex, 16).ok())
        .unwrap_or_default();
    byte % shards.max(1)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use icp_domain::audit::ClockName;
    use icp_domain::ids::UnitId;

    use super::*;

    #[test]
    #[expect(clippy::many_single_char_names, reason = "a name for each kind of id")]
    fn every_key_is_pinned() {
        let s: SubjectId = "s1".parse().unwrap();
        let n: ServiceId = "1".parse().unwrap();
        let p: PersonId = "p1".parse().unwrap();
        let o: OrderId = "o1".parse().unwrap();
        let c: CaseId = "c1".parse().unwrap();
        let a: AccountId = "a1".parse().unwrap();
        let l: LookId = "l1".parse().unwrap();
        let service_unit = UnitId::of_service(s.clone(), n.clone());
        let at: Timestamp = "2026-03-02T02:00:00.5Z".parse().unwrap();
        let keys = [
            subject(&s),
            service(&s, &n),
            link(&s, &n),
            person(&s, &p),
            material(&s, &"m1".parse().unwrap()),
            clock(&UnitId::of_subject(s.clone())),
            clock_of(&service_unit, ClockName::Audit),
            clock_of(&service_unit, ClockName::Holder),
            freeze(&s, at, Phase::Review),
            look(&s, &l),
            history(&s, 7),
            order(&o),
            order_draft(&o),
            order_person(&o, &p),
            case(&c),
            case_evidence(&c, &l),
            account(&a),
            review_item(&UnitId::of_subject(s.clone()), ClockName::Audit),
            review_item(&service_unit, ClockName::Holder),
            taken_certificate("h"),
            taken_domain("example.cn"),
            taken_number("京ICP备2026000001号"),
            taken_case_number(&CaseNumber::of_attempt(&c, 0)),
            sends("h"),
            challenge(&s, &p),
            outbox(&"n1".parse().unwrap()),
            digested(&"d1".parse().unwrap(), &"n1".parse().unwrap()),
            sent_to("h", at, &"n1".parse().unwrap()),
            mail(&s, &p, at),
            account_contact(&a),
            repeat(&CommandId::of_cause("a", "b", "c")),
            brake(),
            brake_stops(),
            levels(),
            data_key("PERSONAL", "1"),
            watermark("DEADLINE", 3),
            quarantine(&case(&c)),
        ];
        let mut lines: Vec<String> = keys.iter().map(Key::to_string).collect();
        lines.push(wake_partition("DEADLINE", at, 3));
        lines.push(wake_sort(at, &case(&c)));
        lines.push(owner_partition(&a, "CASE"));
        lines.push(desk_partition("CONDEMNED", 3));
        expect![[r#"
            SUBJECT#s1 HEAD
            SUBJECT#s1 SERVICE#1
            SUBJECT#s1 LINK#1
            SUBJECT#s1 PERSON#p1
            SUBJECT#s1 MATERIAL#m1
            SUBJECT#s1 CLOCK#S
            SUBJECT#s1 CLOCK#1
            SUBJECT#s1 HOLDER#1
            SUBJECT#s1 FREEZE#2026-03-02T02:00:00.500000000Z#review
            SUBJECT#s1 LOOK#l1
            HISTORY#s1 0000000007
            ORDER#o1 HEAD
            ORDER#o1 DRAFT
            ORDER#o1 PERSON#p1
            CASE#c1 HEAD
            CASE#c1 EVIDENCE#l1
            ACCOUNT#a1 HEAD
            REVIEW#s1 HEAD
            REVIEW#s1/1 HOLDER
            TAKEN#CERTIFICATE#h HEAD
            TAKEN#DOMAIN#example.cn HEAD
            TAKEN#NUMBER#京ICP备2026000001号 HEAD
            TAKEN#CASENUMBER#3475855925 HEAD
            NUMBER#h SENDS
            CHALLENGE#s1#p1 HEAD
            OUTBOX#06 n1
            DIGEST#d1 n1
            NUMBER#h SENT#2026-03-02T02:00:00.500000000Z#n1
            SUBJECT#s1 MAIL#p1#2026-03-02T02:00:00.500000000Z
            ACCOUNT#a1 CONTACT
            REPEAT#a7fd95a120be29290a1d117a31306747 HEAD
            BRAKE HEAD
            BRAKE STOPS
            BRAKE LEVELS
            KEY#PERSONAL 1
            SWEEP#DEADLINE 03
            QUARANTINE CASE#c1 HEAD
            DEADLINE#2026-03-02#03
            2026-03-02T02:00:00.500000000Z#CASE#c1#HEAD
            ACCOUNT#a1#CASE
            CONDEMNED#03"#]]
        .assert_eq(&lines.join("\n"));
    }

    #[test]
    fn text_order_of_instants_is_time_order() {
        let early: Timestamp = "2026-03-02T02:00:00Z".parse().unwrap();
        let late: Timestamp = "2026-03-02T02:00:00.000000001Z".parse().unwrap();
        assert!(instant(early) < instant(late));
    }
}
