//! Contact verification by SMS code.

use super::{across, falls, policy_group};
use crate::rulebook::fault::RulebookFault;

policy_group! {
    /// Contact verification by SMS code.
    Codes
    /// Digits of a code, leading zeros kept. Source: behaviour, part 2; MIIT's own check has 6.
    CODE_DIGITS: u32 = 6 => digits: u32, 6..=6;
    /// Life of a code, `[issued, issued + life)`. Source: behaviour, part 2.
    /// The text that is registered at gateways names 10 minutes, so that it is never shorter.
    CODE_LIFE_MINUTES: u32 = 10 => code_life_minutes: u32, 10..=60, as code_life in minutes;
    /// Wrong inputs that a code bears. Source: behaviour, part 2; MIIT's own check allows 5.
    WRONG_INPUTS_PER_CODE: u32 = 5 => wrong_inputs_per_code: u32, 1..=10;
    /// Cool-down before a code is sent again. Source: behaviour, part 2.
    RESEND_AFTER_SECONDS: u32 = 60 => resend_after_seconds: u32, 10..=3600, as resend_after in seconds;
    /// Sends to one number in a rolling hour, over all accounts. Source: behaviour, part 2.
    SENDS_PER_NUMBER_HOUR: u32 = 5 => sends_per_number_hour: u32, 1..=10;
    /// Sends to one number in rolling 24 hours, over all accounts; the ring of sends holds as many.
    /// Source: behaviour, part 2.
    SENDS_PER_NUMBER_DAY: u32 = 10 => sends_per_number_day: u32, 1..=10;
    /// Sends of one account to one number in a rolling hour. Source: behaviour, part 2.
    SENDS_PER_ACCOUNT_HOUR: u32 = 3 => sends_per_account_hour: u32, 1..=10;
    /// Sends of one account to one number in rolling 24 hours. Source: behaviour, part 2.
    SENDS_PER_ACCOUNT_DAY: u32 = 5 => sends_per_account_day: u32, 1..=10;
    /// Codes that one account has sent in an hour, to whatever numbers. Source: chosen here; an agency that proves the
    /// principals of its customers' filings stays below it.
    CODES_OF_ACCOUNT_HOUR: u32 = 300 => codes_of_account_hour: u32, 5..=100_000;
    /// Calls without an account from one source in an hour. Source: flows, codes (limits per case and source).
    OPEN_CALLS_PER_SOURCE_HOUR: u32 = 60 => open_calls_per_source_hour: u32, 5..=10_000;
    /// Calls without an account about one case in an hour. Source: flows, codes.
    OPEN_CALLS_PER_CASE_HOUR: u32 = 60 => open_calls_per_case_hour: u32, 5..=10_000;
    /// Failures in a row that lock a person until staff unlock it. Source: behaviour, part 2.
    FAILURES_LOCK: u32 = 100 => failures_lock: u32, 10..=1000;
    /// How long a verification lasts. Source: behaviour, part 2.
    VERIFICATION_MONTHS: u32 = 12 => verification_months: u32, 1..=36;
    /// Days between a lapse and its finding. Source: behaviour, part 2.
    LAPSE_GRACE_DAYS: u32 = 30 => lapse_grace_days: u32, 0..=180, as lapse_grace in days;
    /// Days before the lapse on which the person is asked. Source: behaviour, part 2.
    LAPSE_WARNING_DAYS: &[u32] = &[60, 30, 7] => lapse_warning_days: Vec<u32>, 1..=365;
    /// Days that a challenge is kept after its end (housekeeping). Source: behaviour, part 7.
    CHALLENGE_KEPT_DAYS: u32 = 1 => challenge_kept_days: u32, 1..=30, as challenge_kept in days;
}

impl Codes {
    /// What must hold between fields.
    pub(super) fn check_across(&self) -> Result<(), RulebookFault> {
        let group = "codes";
        let hour = self.sends_per_number_hour;
        across(
            hour <= self.sends_per_number_day,
            group,
            "sends_per_number_hour",
            hour,
            "at most sendsPerNumberDay",
        )?;
        let hour = self.sends_per_account_hour;
        across(
            hour <= self.sends_per_number_hour,
            group,
            "sends_per_account_hour",
            hour,
            "at most sendsPerNumberHour",
        )?;
        let day = self.sends_per_account_day;
        across(
            day <= self.sends_per_number_day,
            group,
            "sends_per_account_day",
            day,
            "at most sendsPerNumberDay",
        )?;
        let days = &self.lapse_warning_days;
        across(
            falls(days),
            group,
            "lapse_warning_days",
            days,
            "each less than the one before",
        )
    }
}
