//! Audits and looks.

use super::{across, policy_group, rises};
use crate::rulebook::fault::RulebookFault;

policy_group! {
    /// Audits and looks.
    Audits
    /// Days between two audits of a unit. Source: behaviour, part 3.
    PERIOD_DAYS: u32 = 30 => period_days: u32, 1..=365, as period in days;
    /// Days between two looks at the registrations of a service's domains. Source: behaviour, part 3.
    HOLDER_PERIOD_DAYS: u32 = 90 => holder_period_days: u32, 1..=365, as holder_period in days;
    /// Questions to one registry in a minute, over all processes. Source: flows, audits 2, names a
    /// rate; registries publish none, and one in two seconds is chosen here.
    REGISTRY_ASKS_PER_MINUTE: u32 = 30 => registry_asks_per_minute: u32, 1..=6000;
    /// Processes that may ask registries at the same time: each keeps its part of the rate. Source:
    /// flows, audits 2; the least that a queue's maximum concurrency may be, as `template.yaml` has it.
    HOLDER_LOOKS_AT_ONCE: u32 = 2 => holder_looks_at_once: u32, 2..=100;
    /// Minutes between a first broken look and the one that may confirm it. Source: behaviour, part 3.
    CONFIRMATION_APART_MINUTES: u32 = 60 => confirmation_apart_minutes: u32, 10..=1440, as confirmation_apart in minutes;
    /// Minutes of jitter on top. Source: flows, audits 5, names it; a sixth of the hour is chosen here.
    CONFIRMATION_JITTER_MINUTES: u32 = 10 => confirmation_jitter_minutes: u32, 0..=120, as confirmation_jitter in minutes;
    /// Minutes until an undecided look is made again, step by step, the last one repeated. Source:
    /// flows, audits 5, names the steps; chosen here so that five looks span the seven days below.
    UNDECIDED_BACK_OFF_MINUTES: &[u32] = &[60, 720, 2880, 7200] => undecided_back_off_minutes: Vec<u32>, 5..=43_200;
    /// Undecided looks after which staff are asked. Source: behaviour, part 3.
    UNDECIDED_STAFF_AFTER_LOOKS: u32 = 5 => undecided_staff_after_looks: u32, 2..=50;
    /// Days that they must span. Source: behaviour, part 3.
    UNDECIDED_STAFF_AFTER_DAYS: u32 = 7 => undecided_staff_after_days: u32, 1..=90, as undecided_staff_after in days;
    /// Time-outs in a row, each while the exit's control site answered, after which a site is shown
    /// to staff as silent. Source: behaviour, part 3.
    SILENT_LOOKS: u32 = 6 => silent_looks: u32, 2..=50;
    /// Hours that they must span. Source: behaviour, part 3.
    SILENT_HOURS: u32 = 72 => silent_hours: u32, 1..=720, as silent_over in hours;
    /// Networks of the exits that they must come from. Source: behaviour, part 3: two exits.
    SILENT_NETWORKS: u32 = 2 => silent_networks: u32, 1..=10;
    /// Hours after which a look is not worth making. Source: flows, audits 1.
    LOOK_STALE_HOURS: u32 = 6 => look_stale_hours: u32, 1..=48, as look_stale in hours;
    /// Minutes that the planner stays behind the clock, as its index lags. Source: flows, audits 1.
    PLANNING_LAG_MINUTES: u32 = 2 => planning_lag_minutes: u32, 1..=30, as planning_lag in minutes;
    /// Hours after which what is still due is sent again. Source: flows, audits 1.
    PLANNING_AGAIN_HOURS: u32 = 6 => planning_again_hours: u32, 1..=48, as planning_again in hours;
    /// Hours overdue that raise an alarm. Source: flows, audits 1.
    OVERDUE_ALARM_HOURS: u32 = 12 => overdue_alarm_hours: u32, 1..=72, as overdue_alarm in hours;
    /// Units planned per page. Source: flows, audits 1: four rows each, of a batch's 100.
    UNITS_PER_PAGE: u32 = 25 => units_per_page: u32, 1..=25;
    /// Minutes until a unit is looked at anew whose plan was overtaken. Source: flows, audits 4.
    OVERTAKEN_AGAIN_MINUTES: u32 = 10 => overtaken_again_minutes: u32, 1..=1440, as overtaken_again in minutes;
    /// Names of a service that are looked at. Source: behaviour, part 3.
    NAMES_PER_UNIT: u32 = 20 => names_per_unit: u32, 1..=20;
    /// Fetches in a second of one address, and of one registrable domain, by one process. Source:
    /// chosen here: a browser that opens one page asks more of a host in its first second.
    FETCHES_PER_AUTHORITY_SECOND: u32 = 10 => fetches_per_authority_second: u32, 1..=1000;
    /// Self-checks that an account may ask for in an hour, and rechecks of one case. Source: behaviour, part 3.
    RECHECKS_PER_HOUR: u32 = 5 => rechecks_per_hour: u32, 1..=100;
    /// Units of one self-check. Source: chosen here: what one row and one answer hold; a larger
    /// filing is asked about service by service.
    UNITS_PER_SELF_CHECK: u32 = 50 => units_per_self_check: u32, 2..=200;
    /// Minutes after which what was not judged of a check is undecided. Source: flows, audits 4.
    CHECK_JUDGED_MINUTES: u32 = 15 => check_judged_minutes: u32, 1..=120, as check_judged in minutes;
    /// Hours that a check can be read. Source: chosen here: it says how things stood, and a day later
    /// a new one says how they stand.
    CHECK_KEPT_HOURS: u32 = 24 => check_kept_hours: u32, 1..=720, as check_kept in hours;
    /// Public checks, and proofs of them, from one source in an hour. Source: chosen here: whoever mends a
    /// site by them looks a few times.
    PUBLIC_CHECKS_PER_SOURCE_HOUR: u32 = 20 => public_checks_per_source_hour: u32, 2..=10_000;
    /// The same of one domain. Source: chosen here: above a source's, so that one stranger does not
    /// use a domain's up.
    PUBLIC_CHECKS_PER_DOMAIN_HOUR: u32 = 60 => public_checks_per_domain_hour: u32, 2..=10_000;
    /// Days that evidence is kept. Source: behaviour, part 7.
    EVIDENCE_KEPT_DAYS: u32 = 180 => evidence_kept_days: u32, 30..=3650, as evidence_kept in days;
    /// Days that evidence behind a stop, an appeal or a bureau's case is kept. Source: behaviour,
    /// part 7: three years.
    EVIDENCE_OF_STOPS_KEPT_DAYS: u32 = 1096 => evidence_of_stops_kept_days: u32, 180..=7300, as evidence_of_stops_kept in days;
    /// Days after which the provider's address list judges nobody. Source: behaviour, part 3.
    ADDRESSES_STALE_AFTER_DAYS: u32 = 30 => addresses_stale_after_days: u32, 1..=365;
}

impl Audits {
    /// What must hold between fields.
    pub(super) fn check_across(&self) -> Result<(), RulebookFault> {
        let group = "audits";
        let steps = &self.undecided_back_off_minutes;
        let allowed = "at least one step, each more than the one before";
        across(
            !steps.is_empty() && rises(steps),
            group,
            "undecided_back_off_minutes",
            steps,
            allowed,
        )?;
        let (asks, at_once) = (self.registry_asks_per_minute, self.holder_looks_at_once);
        across(
            at_once <= asks,
            group,
            "holder_looks_at_once",
            at_once,
            "at most registryAsksPerMinute",
        )
    }

    /// How long to wait after `undecided` undecided looks in a row.
    pub fn undecided_back_off(&self, undecided: u32) -> jiff::SignedDuration {
        let at = usize::try_from(undecided.saturating_sub(1)).unwrap_or(usize::MAX);
        let steps = &self.undecided_back_off_minutes;
        super::minutes(
            steps
                .get(at)
                .or(steps.last())
                .copied()
                .unwrap_or(CONFIRMATION_APART_MINUTES),
        )
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn the_last_step_of_the_back_off_is_repeated() {
        let audits = Audits::default();
        let after = |looks| audits.undecided_back_off(looks);
        assert_eq!(after(1), SignedDuration::from_mins(60));
        assert_eq!(after(4), SignedDuration::from_mins(7200));
        assert_eq!(after(u32::MAX), SignedDuration::from_mins(7200));
    }
}
