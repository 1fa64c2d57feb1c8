//! Cases, notices, deadlines.

use super::{across, policy_group};
use crate::audit::ClockName;
use crate::rulebook::fault::RulebookFault;
use crate::rules::{Category, Fix, Rule};

policy_group! {
    /// Cases, notices, deadlines. Hours are those of Asia/Shanghai.
    Cases
    /// Period of access findings in calendar days. Source: behaviour, part 4.
    PERIOD_ACCESS_DAYS: u32 = 7 => period_access_days: u32, 1..=365;
    /// Period of findings of the other categories. Source: behaviour, part 4.
    PERIOD_OTHER_DAYS: u32 = 15 => period_other_days: u32, 1..=365;
    /// Period of holder and registrar findings. Source: behaviour, part 4.
    PERIOD_HOLDER_DAYS: u32 = 90 => period_holder_days: u32, 1..=365;
    /// Days more of that period where the domain certificate may show that the fault is none. Source: behaviour, part 3:
    /// it is asked for, and a finding 15 days later.
    PERIOD_CERTIFICATE_DAYS: u32 = 15 => period_certificate_days: u32, 0..=90;
    /// The hour at which first notices go out. Source: behaviour, part 4.
    FIRST_NOTICE_HOUR: u32 = 10 => first_notice_hour: u32, 0..=23;
    /// Hours between confirmation and the first notice, at least. Source: behaviour, part 4.
    FIRST_NOTICE_AFTER_HOURS: u32 = 12 => first_notice_after_hours: u32, 0..=72, as first_notice_after in hours;
    /// From when notices that are not urgent are sent. Source: behaviour, part 4.
    SENDING_FROM_HOUR: u32 = 9 => sending_from_hour: u32, 0..=23;
    /// Until when. Source: behaviour, part 4.
    SENDING_UNTIL_HOUR: u32 = 20 => sending_until_hour: u32, 1..=24;
    /// Longest extension in calendar days. Source: behaviour, part 4.
    EXTENSION_MOST_DAYS: u32 = 15 => extension_most_days: u32, 1..=90;
    /// Longest extension that staff give at a time, in calendar days. Source: chosen here: the filer's own, twice.
    STAFF_EXTENSION_MOST_DAYS: u32 = 30 => staff_extension_most_days: u32, 1..=180;
    /// Longest exemption from a rule, in calendar days. Source: chosen here: a yearly review asks anew.
    EXEMPTION_MOST_DAYS: u32 = 366 => exemption_most_days: u32, 1..=1100;
    /// Working days after which an undecided appeal raises an alarm. Source: behaviour, part 4.
    APPEAL_DECISION_WORKING_DAYS: u32 = 2 => appeal_decision_working_days: u32, 1..=30;
    /// Working days after which a finding without a delivered notice opens "nobody reached". Source:
    /// flows, cases 1.
    NOTIFIED_CHECK_WORKING_DAYS: u32 = 3 => notified_check_working_days: u32, 1..=30;
    /// Hours of a slot that a filer chooses for a call. Source: chosen here.
    CALL_SLOT_HOURS: u32 = 2 => call_slot_hours: u32, 1..=8, as call_slot in hours;
    /// Days within which such a slot begins. Source: chosen here.
    CALL_SLOT_DAYS_AHEAD: u32 = 14 => call_slot_days_ahead: u32, 1..=60;
    /// Minutes after which a last look without evidence is sent again. Source: flows, cases 4.
    LAST_LOOK_RETRY_MINUTES: u32 = 15 => last_look_retry_minutes: u32, 5..=240, as last_look_retry in minutes;
    /// Minutes between two broken last looks. Source: behaviour, part 4; flows, cases 4.
    LAST_LOOK_APART_MINUTES: u32 = 60 => last_look_apart_minutes: u32, 10..=1440, as last_look_apart in minutes;
    /// Hours after which undecided last looks become a staff item. Source: behaviour, part 4.
    LAST_LOOK_GIVE_UP_HOURS: u32 = 72 => last_look_give_up_hours: u32, 1..=720, as last_look_give_up in hours;
    /// Age of the later look at the stop, at most. Source: behaviour, part 4.
    LATER_LOOK_MOST_HOURS: u32 = 4 => later_look_most_hours: u32, 1..=24, as later_look_most in hours;
    /// The hour at which a frozen case wakes daily. Source: flows, cases 3.
    FROZEN_WAKE_HOUR: u32 = 9 => frozen_wake_hour: u32, 0..=23;
    /// Working days for an objection to a stop. Source: behaviour, part 4.
    OBJECTION_WORKING_DAYS: u32 = 10 => objection_working_days: u32, 1..=60;
    /// Working days for its decision. Source: behaviour, part 4.
    OBJECTION_DECISION_WORKING_DAYS: u32 = 2 => objection_decision_working_days: u32, 1..=30;
    /// Working days between an acknowledged stop and the report to the bureau. Source: behaviour, part 1.
    REPORT_WORKING_DAYS: u32 = 10 => report_working_days: u32, 1..=90;
    /// Working days before a bureau's date on which what it demands is due. Source: behaviour, part 4.
    BUREAU_BEFORE_WORKING_DAYS: u32 = 3 => bureau_before_working_days: u32, 0..=20;
    /// Times that orders may freeze a case. Source: behaviour, part 4.
    FREEZES_PER_CASE: u32 = 2 => freezes_per_case: u32, 0..=10;
    /// Working days in provider review for which they may, in all. Source: behaviour, part 4.
    FROZEN_REVIEW_WORKING_DAYS: u32 = 30 => frozen_review_working_days: u32, 0..=120;
}

impl Cases {
    /// Length of the rectification period of a rule's findings, in calendar days.
    pub fn period_days(&self, rule: &Rule) -> u32 {
        match (rule.clock(), rule.category) {
            (ClockName::Holder, _) if rule.fix == Fix::TransferDomain => {
                self.period_holder_days + self.period_certificate_days
            }
            (ClockName::Holder, _) => self.period_holder_days,
            (ClockName::Audit, Category::Access) => self.period_access_days,
            (
                ClockName::Audit,
                Category::SubjectInformation
                | Category::Contacts
                | Category::Materials
                | Category::ContentAndHolder,
            ) => self.period_other_days,
        }
    }

    /// What must hold between fields.
    pub(super) fn check_across(&self) -> Result<(), RulebookFault> {
        let group = "cases";
        let (from, until) = (self.sending_from_hour, self.sending_until_hour);
        across(
            from < until,
            group,
            "sending_until_hour",
            until,
            "later than sendingFromHour",
        )?;
        let first = self.first_notice_hour;
        across(
            (from..until).contains(&first),
            group,
            "first_notice_hour",
            first,
            "within the sending window",
        )
    }
}
