//! Keys of campaigns, their members and their counts.

use icp_domain::ids::{CampaignId, UnitId};

use super::{Key, key};

/// Partition of all campaigns.
pub const CAMPAIGNS: &str = "CAMPAIGN";

/// A campaign.
pub fn campaign(campaign: &CampaignId) -> Key {
    key(CAMPAIGNS, campaign.as_str())
}

/// Partition of a campaign's members and counts.
pub fn campaign_partition(campaign: &CampaignId) -> String {
    format!("CAMPAIGN#{campaign}")
}

/// What stands before a member's unit.
pub const MEMBER: &str = "MEMBER#";

/// A member of a campaign.
pub fn campaign_member(campaign: &CampaignId, unit: &UnitId) -> Key {
    key(campaign_partition(campaign), format!("{MEMBER}{unit}"))
}

/// What stands before the unit of a member whose faults wait to be told.
pub const UNTOLD: &str = "UNTOLD#";

/// A member whose faults wait to be told.
pub fn campaign_untold(campaign: &CampaignId, unit: &UnitId) -> Key {
    key(campaign_partition(campaign), format!("{UNTOLD}{unit}"))
}

/// What a campaign's members came to, one shard.
pub fn campaign_counts(campaign: &CampaignId, shard: u8) -> Key {
    key(campaign_partition(campaign), format!("COUNT#{shard:02}"))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn every_key_is_pinned() {
        let c: CampaignId = "c1".parse().unwrap();
        let unit = UnitId::of_service("s1".parse().unwrap(), "1".parse().unwrap());
        let keys = [
            campaign(&c),
            campaign_member(&c, &unit),
            campaign_untold(&c, &unit),
            campaign_counts(&c, 3),
        ];
        let lines = keys.map(|key| key.to_string());
        expect![[r"
            CAMPAIGN c1
            CAMPAIGN#c1 MEMBER#s1/1
            CAMPAIGN#c1 UNTOLD#s1/1
            CAMPAIGN#c1 COUNT#03"]]
        .assert_eq(&lines.join("\n"));
    }
}
