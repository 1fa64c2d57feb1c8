//! The brake on stops.

use super::{across, policy_group};
use crate::rulebook::fault::RulebookFault;

policy_group! {
    /// The brake on stops. Shares are in hundredths of a percent; hours are those of Asia/Shanghai.
    Brake
    /// Share of live links that may be stopped within 24 hours. Source: behaviour, part 4: 0.5 %.
    BRAKE_SHARE_BASIS_POINTS: u32 = 50 => share_basis_points: u32, 0..=10_000;
    /// Stops that the share always allows. Source: behaviour, part 4.
    BRAKE_SHARE_AT_LEAST: u32 = 5 => share_at_least: u32, 0..=1000;
    /// Stops within the window, whatever the share. Source: behaviour, part 4.
    BRAKE_MOST: u32 = 200 => most: u32, 0..=100_000;
    /// Stops of one account within the window that never need its share. Source: behaviour, part 4.
    BRAKE_ACCOUNT_MOST: u32 = 20 => account_most: u32, 0..=100_000;
    /// Share of one account's links beyond which more than that are held. Source: behaviour, part 4: 2 %.
    BRAKE_ACCOUNT_SHARE_BASIS_POINTS: u32 = 200 => account_share_basis_points: u32, 0..=10_000;
    /// From when stops are made, on working days. Source: behaviour, part 4.
    STOP_FROM_HOUR: u32 = 10 => stop_from_hour: u32, 0..=23;
    /// Until when. Source: behaviour, part 4.
    STOP_UNTIL_HOUR: u32 = 16 => stop_until_hour: u32, 1..=24;
    /// Days of observed precision before a rule may stop by itself. Source: behaviour, part 4.
    AUTOMATIC_AFTER_DAYS: u32 = 30 => automatic_after_days: u32, 1..=365;
    /// Days over which precision is reckoned. Source: chosen here: a quarter, so that a rule that
    /// went wrong can come right again.
    AUTOMATIC_WINDOW_DAYS: u32 = 90 => automatic_window_days: u32, 30..=730;
    /// The precision that is wanted. Source: behaviour, part 4: 99.5 %.
    AUTOMATIC_PRECISION_BASIS_POINTS: u32 = 9950 => automatic_precision_basis_points: u32, 9000..=10_000;
    /// Condemned findings that precision is reckoned over, at least. Source: flows, brakes.
    AUTOMATIC_PRECISION_OF: u32 = 200 => automatic_precision_of: u32, 1..=100_000;
    /// Share of a run's units at which a rule may break before its notices are held. Source: behaviour, part 4: 2 %.
    NOTICE_SHARE_BASIS_POINTS: u32 = 200 => notice_share_basis_points: u32, 1..=10_000;
    /// Units at which it must break, at least. Source: behaviour, part 4.
    NOTICE_AT_LEAST: u32 = 20 => notice_at_least: u32, 1..=10_000;
    /// Times its own mean share beyond which it is held too. Source: behaviour, part 4.
    NOTICE_TIMES_MEAN: u32 = 3 => notice_times_mean: u32, 2..=100;
    /// Days that the mean is taken over. Source: behaviour, part 4.
    NOTICE_MEAN_DAYS: u32 = 30 => notice_mean_days: u32, 7..=365;
    /// Days with audits among them before the mean speaks. Source: chosen here: a week, since a rule's first days
    /// say little of what is usual.
    NOTICE_MEAN_OF_DAYS: u32 = 7 => notice_mean_of_days: u32, 1..=365;
    /// Minutes after which a notice that is held is looked at again. Source: chosen here.
    NOTICE_HELD_AGAIN_MINUTES: u32 = 30 => notice_held_again_minutes: u32, 5..=1440, as notice_held_again in minutes;
}

impl Brake {
    /// What must hold between fields.
    pub(super) fn check_across(&self) -> Result<(), RulebookFault> {
        let group = "brake";
        let (from, until) = (self.stop_from_hour, self.stop_until_hour);
        across(
            from < until,
            group,
            "stop_until_hour",
            until,
            "later than stopFromHour",
        )?;
        let (after, window) = (self.automatic_after_days, self.automatic_window_days);
        across(
            after <= window,
            group,
            "automatic_after_days",
            after,
            "at most automaticWindowDays",
        )?;
        let (spoken, mean) = (self.notice_mean_of_days, self.notice_mean_days);
        across(
            spoken <= mean,
            group,
            "notice_mean_of_days",
            spoken,
            "at most noticeMeanDays",
        )
    }

    /// Stops that all accounts together may have within the window, of `live` links.
    pub fn most_of_all(&self, live: u64) -> u64 {
        let share = live.saturating_mul(self.share_basis_points.into()) / 10_000;
        share.max(self.share_at_least.into()).min(self.most.into())
    }

    /// Stops that one account may have within the window, of its `live` links: as many as
    /// `account_most`, or its share where that is more.
    pub fn most_of_account(&self, live: u64) -> u64 {
        let share = live.saturating_mul(self.account_share_basis_points.into()) / 10_000;
        share.max(self.account_most.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_has_a_floor_and_a_ceiling() {
        let brake = Brake::default();
        for (live, most) in [
            (0, 5),
            (1000, 5),
            (1200, 6),
            (40_000, 200),
            (10_000_000, 200),
        ] {
            assert_eq!(brake.most_of_all(live), most, "{live}");
        }
    }

    #[test]
    fn an_account_has_twenty_or_two_percent_whichever_is_more() {
        let brake = Brake::default();
        for (live, most) in [(3, 20), (1000, 20), (1050, 21), (10_000, 200)] {
            assert_eq!(brake.most_of_account(live), most, "{live}");
        }
    }
}
