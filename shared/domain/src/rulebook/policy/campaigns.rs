//! Campaigns.

use super::{across, policy_group, rises};
use crate::rulebook::fault::RulebookFault;

policy_group! {
    /// Campaigns.
    Campaigns
    /// Looks a minute that a campaign may have, at most. Source: chosen here: what the looks queue's own concurrency
    /// makes of 5 processes with 20 looks at a time, each of 5 seconds.
    CAMPAIGN_MOST_PER_MINUTE: u32 = 1200 => most_per_minute: u32, 1..=60_000;
    /// Longest period that a campaign may give, in calendar days. Source: chosen here: a quarter, as for the holder's.
    CAMPAIGN_LONGEST_PERIOD_DAYS: u32 = 90 => longest_period_days: u32, 1..=365;
    /// Subjects' numbers that one campaign may list. Source: chosen here: what a request's 256 KB hold.
    CAMPAIGN_MOST_NUMBERS: u32 = 5000 => most_numbers: u32, 1..=8000;
    /// Subjects that are read at a time when the units are chosen. Source: chosen here: the pages of 16 shards.
    CAMPAIGN_CHOSEN_PER_PAGE: u32 = 100 => chosen_per_page: u32, 10..=500;
    /// Hours from the end of one walk over the members to the beginning of the next, step by step: the first is the one
    /// that confirms what the first walk suspects. Source: flows, audits 6 (after 6 hours, twice); the first is chosen
    /// here, an hour as between two looks that confirm and another for the queue.
    CAMPAIGN_PASS_AGAIN_HOURS: &[u32] = &[2, 6, 12] => pass_again_hours: Vec<u32>, 1..=72;
    /// Hours after the last walk until whoever has no outcome is given up. Source: flows, audits 6.
    CAMPAIGN_GIVE_UP_HOURS: u32 = 6 => give_up_hours: u32, 1..=72, as give_up in hours;
    /// Hours between two walks over what waits to be told. Source: chosen here.
    CAMPAIGN_TELL_AGAIN_HOURS: u32 = 6 => tell_again_hours: u32, 1..=72, as tell_again in hours;
    /// Walks over what waits to be told, at most. Source: chosen here: three days of such walks.
    CAMPAIGN_TELL_PASSES: u32 = 12 => tell_passes: u32, 1..=100;
    /// Days before the last answer of a yearly review is due on which whoever has not answered is asked once more.
    /// Source: chosen here: a week, as people plan.
    CAMPAIGN_YEARLY_REMINDER_DAYS: u32 = 7 => yearly_reminder_days: u32, 1..=30, as yearly_reminder in days;
}

impl Campaigns {
    /// What must hold between fields.
    pub(super) fn check_across(&self) -> Result<(), RulebookFault> {
        let steps = &self.pass_again_hours;
        let allowed = "at least one step, each more than the one before";
        across(
            !steps.is_empty() && rises(steps),
            "campaigns",
            "pass_again_hours",
            steps,
            allowed,
        )
    }
}
