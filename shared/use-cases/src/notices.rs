//! When a notice may be sent, and posting it beside the change that causes it.

use icp_domain::command::CommandId;
use icp_domain::filing::Service;
use icp_domain::ids::{NoticeId, ServiceId, SubjectId};
use icp_domain::notice::{AccessChange, AccessChangeKind, Notice, NoticeKind};
use icp_domain::rulebook::calendar::{at, local_date};
use icp_domain::rulebook::policy::Cases;
use icp_store::records::Posting;
use icp_store::{Change, Store, StoreError};
use jiff::{SignedDuration, Timestamp};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Posts a notice that `command` causes, within the sending hours unless it is urgent.
pub(crate) fn post_notice(
    change: &mut Change,
    command: &CommandId,
    subject: &SubjectId,
    kind: NoticeKind,
    now: Timestamp,
    policy: &Cases,
) -> Result<(), StoreError> {
    let id = notice_id(command, &kind);
    let send_after = if kind.is_urgent() {
        now
    } else {
        in_sending_hours(now, policy)
    };
    let notice = Notice {
        id: id.clone(),
        subject: subject.clone(),
        kind,
        only: Vec::new(),
    };
    Store::post(change, &id, Posting::Notice(notice), send_after, now)
}

/// The notice of a kind that a command posts.
pub(crate) fn notice_id(command: &CommandId, kind: &NoticeKind) -> NoticeId {
    NoticeId::derived("notice", &[command.as_str(), kind.name()])
}

/// Posts a change of access for the front ends.
pub(crate) fn post_access_change(
    change: &mut Change,
    subject: &SubjectId,
    (service, details): (&ServiceId, &Service),
    link_version: u64,
    kind: AccessChangeKind,
    now: Timestamp,
) -> Result<(), StoreError> {
    let id = access_change_id(subject, service, link_version);
    let access = AccessChange {
        subject: subject.clone(),
        service: service.clone(),
        link_version,
        change: kind,
        at: now,
        domains: details.details.domains.clone(),
    };
    Store::post(change, &id, Posting::Access(access), now, now)
}

/// The outbox row of a link's change: named by link and version, so that an acknowledgement finds it.
pub(crate) fn access_change_id(subject: &SubjectId, service: &ServiceId, version: u64) -> NoticeId {
    NoticeId::derived(
        "access",
        &[subject.as_str(), service.as_str(), &version.to_string()],
    )
}

/// `now` if it lies in the sending hours, else their next beginning.
pub(crate) fn in_sending_hours(now: Timestamp, policy: &Cases) -> Timestamp {
    let today = local_date(now);
    let opens = at(today, policy.sending_from_hour);
    if now < opens {
        opens
    } else if now < at(today, policy.sending_until_hour) {
        now
    } else {
        opens + DAY
    }
}

/// When the first notice of a finding that was confirmed at `now` goes out: the first 10:00 that is
/// at least 12 hours later, so that one filing's findings go out as one and a bad run can be held.
pub(crate) fn first_notice_at(now: Timestamp, policy: &Cases) -> Timestamp {
    let earliest = now + policy.first_notice_after();
    let hour = at(local_date(earliest), policy.first_notice_hour);
    if earliest <= hour { hour } else { hour + DAY }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_first_notice_goes_out_at_ten_and_twelve_hours_later_at_the_earliest() {
        let policy = Cases::default();
        let of = |text| first_notice_at(utc(text), &policy);
        // 10:00 in Shanghai is 02:00 UTC.
        assert_eq!(of("2026-03-01T14:00:00Z"), utc("2026-03-02T02:00:00Z"));
        assert_eq!(
            of("2026-03-01T14:00:00.000000001Z"),
            utc("2026-03-03T02:00:00Z")
        );
        assert_eq!(of("2026-03-02T02:00:00Z"), utc("2026-03-03T02:00:00Z"));
    }

    #[test]
    fn nothing_is_sent_at_night() {
        let policy = Cases::default();
        let of = |text| in_sending_hours(utc(text), &policy);
        assert_eq!(of("2026-03-02T00:59:59Z"), utc("2026-03-02T01:00:00Z"));
        assert_eq!(of("2026-03-02T01:00:00Z"), utc("2026-03-02T01:00:00Z"));
        assert_eq!(of("2026-03-02T11:59:59Z"), utc("2026-03-02T11:59:59Z"));
        assert_eq!(of("2026-03-02T12:00:00Z"), utc("2026-03-03T01:00:00Z"));
    }
}
