//! Keys of what is counted: live links, runs of audits, precision; and of the runs whose notices are held.

use icp_domain::ids::UnitId;
use icp_domain::notice_brake::Run;

use super::{Key, key};

/// Live links in all, one shard.
pub fn count_live(shard: u8) -> Key {
    key("COUNT#LIVE", format!("{shard:02}"))
}

/// Partition of the counts of live links.
pub fn count_live_partition() -> String {
    "COUNT#LIVE".to_owned()
}

/// Partition of what a rule's audits came to, day by day.
pub fn rule_runs(rule: &str) -> String {
    format!("RUN#{rule}")
}

/// Findings and undecided looks of one rule's audits of one day, one shard.
pub fn rule_run(day: &str, rule: &str, shard: u8) -> Key {
    key(rule_runs(rule), format!("{day}#{shard:02}"))
}

/// Partition of how many units were planned, day by day.
pub const UNITS_PLANNED: &str = "RUN#UNITS";

/// Units planned on a day, one shard.
pub fn units_planned(day: &str, shard: u8) -> Key {
    key(UNITS_PLANNED, format!("{day}#{shard:02}"))
}

/// Partition of the units at which a rule is observed to break.
pub fn observed_partition(rule: &str) -> String {
    format!("OBSERVED#{rule}")
}

/// A unit at which a rule is observed to break.
pub fn observed(rule: &str, unit: &UnitId) -> Key {
    key(observed_partition(rule), unit.to_string())
}

/// Partition of the runs whose notices are held.
pub const NOTICE_HOLDS: &str = "NOTICE-HOLD";

/// A run whose notices are held.
pub fn notice_hold(run: &Run) -> Key {
    key(NOTICE_HOLDS, run.to_string())
}

/// Partition of how often a rule's condemned findings were right.
pub fn precision_partition(rule: &str) -> String {
    format!("PRECISION#{rule}")
}

/// Findings of a rule that were condemned or taken back on a day, one shard.
pub fn precision(rule: &str, day: &str, shard: u8) -> Key {
    key(precision_partition(rule), format!("{day}#{shard:02}"))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn every_key_is_pinned() {
        let keys = [
            count_live(3),
            rule_run("2026-03-02", "ICP-402", 3),
            units_planned("2026-03-02", 3),
            observed("ICP-402", &UnitId::of_subject("s1".parse().unwrap())),
            notice_hold(&"ICP-402.2026-03-02".parse().unwrap()),
            precision("ICP-402", "2026-03-02", 3),
        ];
        let lines = keys.map(|key| key.to_string());
        expect![[r"
            COUNT#LIVE 03
            RUN#ICP-402 2026-03-02#03
            RUN#UNITS 2026-03-02#03
            OBSERVED#ICP-402 s1
            NOTICE-HOLD ICP-402.2026-03-02
            PRECISION#ICP-402 2026-03-02#03"]]
        .assert_eq(&lines.join("\n"));
    }
}
