//! Repeats, delivery, HTTP and sweeps.

use super::{across, policy_group, rises};
use crate::rulebook::fault::RulebookFault;

policy_group! {
    /// Repeats over HTTP.
    Repeats
    /// Hours that an answer is kept for a repeat. Source: flows, repeats 2.
    REPEAT_ANSWER_HOURS: u32 = 24 => answer_hours: u32, 1..=720, as answer in hours;
}

policy_group! {
    /// Delivery of notices and access changes.
    Delivery
    /// Lease of a claimed message. Source: flows, notices 4.
    LEASE_SECONDS: u32 = 90 => lease_seconds: u32, 30..=900, as lease in seconds;
    /// Minutes until a failed delivery is tried again, step by step, the last one repeated. Source:
    /// flows, notices 6, names the sweep; steps are chosen here.
    RETRY_STEPS_MINUTES: &[u32] = &[1, 5, 15, 60, 240] => retry_steps_minutes: Vec<u32>, 1..=1440;
    /// Minutes that a number's digest waits for others of the day. Source: flows, notices 3, has one a day; the
    /// wait is chosen here.
    DIGEST_GATHER_MINUTES: u32 = 10 => digest_gather_minutes: u32, 0..=240, as digest_gather in minutes;
    /// Hours without a bounce after which a mail counts as delivered. Source: flows, notices 7.
    MAIL_QUIET_HOURS: u32 = 24 => mail_quiet_hours: u32, 1..=168, as mail_quiet in hours;
    /// Hours for which a receipt is asked for. Source: chosen here; carriers answer within three days, and the
    /// gateway tells of the last seven.
    RECEIPT_MOST_HOURS: u32 = 72 => receipt_most_hours: u32, 1..=168, as receipt_most in hours;
    /// Tries after which a message is given up, with its last steps more than five days: as long as mail servers try.
    /// Source: RFC 5321, 4.5.4.1.
    TRIES_MOST: u32 = 40 => tries_most: u32, 5..=1000;
    /// Deliveries of one sweep that fail in a row before it leaves the rest of their channel to the next: a
    /// sender that is down is not asked for each row. Source: chosen here.
    OUTAGE_AFTER_FAILURES: u32 = 5 => outage_after_failures: u32, 1..=1000;
    /// Hours after which an unacknowledged access change raises an alarm. Source: flows, cases 9.
    ACKNOWLEDGEMENT_ALARM_HOURS: u32 = 1 => acknowledgement_alarm_hours: u32, 1..=72, as acknowledgement_alarm in hours;
}

impl Delivery {
    /// What must hold between fields.
    pub(super) fn check_across(&self) -> Result<(), RulebookFault> {
        let steps = &self.retry_steps_minutes;
        let allowed = "at least one step, each more than the one before";
        across(
            !steps.is_empty() && rises(steps),
            "delivery",
            "retry_steps_minutes",
            steps,
            allowed,
        )
    }

    /// How long to wait after `failures` failed deliveries in a row.
    pub fn retry_after(&self, failures: u32) -> jiff::SignedDuration {
        let at = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
        let steps = &self.retry_steps_minutes;
        super::minutes(steps.get(at).or(steps.last()).copied().unwrap_or(1))
    }
}

policy_group! {
    /// HTTP.
    Http
    /// Largest body in kilobytes of 1024 bytes. Source: behaviour, part 6.
    BODY_MOST_KILOBYTES: u32 = 256 => body_most_kilobytes: u32, 1..=6000;
    /// Items of a list's page. Source: chosen here; behaviour, part 6, has cursors.
    PAGE_ITEMS: u32 = 50 => page_items: u32, 1..=500;
}

impl Http {
    /// Largest body in bytes.
    pub fn body_most_bytes(&self) -> usize {
        usize::try_from(self.body_most_kilobytes)
            .unwrap_or(usize::MAX)
            .saturating_mul(1024)
    }
}

policy_group! {
    /// Sweeps over what is due.
    Sweeps
    /// Minutes that a watermark stays behind the clock, as its index lags. Source: flows, watermarks 1.
    WATERMARK_BEHIND_MINUTES: u32 = 30 => watermark_behind_minutes: u32, 5..=1440, as watermark_behind in minutes;
    /// Rows read per page. Source: chosen here; a page of keys is far below a query's 1 MB.
    SWEEP_PAGE_ROWS: u32 = 100 => page_rows: u32, 1..=1000;
    /// Rows handled per tick and family. Source: chosen here; a tick ends within a minute.
    SWEEP_TICK_ROWS: u32 = 2000 => tick_rows: u32, 1..=100_000;
    /// Times that a conflict is reloaded and decided again. Source: style, part 10.
    RELOADS: u32 = 3 => reloads: u32, 1..=10;
    /// Sweeps on which a refused row goes to quarantine. Source: flows, watermarks 3.
    QUARANTINE_AFTER_SWEEPS: u32 = 3 => quarantine_after_sweeps: u32, 1..=20;
    /// Days of buckets that the daily sweep reads. Source: flows, watermarks 4.
    DAILY_SWEEP_DAYS: u32 = 35 => daily_sweep_days: u32, 1..=365, as daily_sweep in days;
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn the_last_step_of_the_retries_is_repeated() {
        let delivery = Delivery::default();
        assert_eq!(delivery.retry_after(1), SignedDuration::from_mins(1));
        assert_eq!(delivery.retry_after(99), SignedDuration::from_mins(240));
    }

    #[test]
    fn a_body_has_256_kilobytes() {
        assert_eq!(Http::default().body_most_bytes(), 262_144);
    }
}
