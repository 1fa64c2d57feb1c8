//! Orders, their materials, and what is brought in bulk.

use super::{across, policy_group, rises};
use crate::rulebook::fault::RulebookFault;

policy_group! {
    /// Orders.
    Orders
    /// Days after which a returned order becomes a draft again. Source: behaviour, part 1.
    IN_FLIGHT_IDLE_DAYS: u32 = 45 => in_flight_idle_days: u32, 1..=365, as in_flight_idle in days;
    /// Days after its last change when a draft dies. Source: behaviour, part 1.
    DRAFT_DAYS: u32 = 30 => draft_days: u32, 1..=3650, as draft in days;
    /// Hours that MIIT's SMS check stays open. Source: behaviour, part 1; 工信部短信核验 since 2020-08-17.
    BUREAU_SMS_HOURS: u32 = 24 => bureau_sms_hours: u32, 1..=168, as bureau_sms in hours;
    /// Working days of the bureau's review. Source: Order 33 (非经营性互联网信息服务备案管理办法), art. 12.
    BUREAU_WORKING_DAYS: u32 = 20 => bureau_working_days: u32, 1..=60;
    /// Days after a return with a reminder. Source: behaviour, part 1.
    ORDER_REMINDER_DAYS: &[u32] = &[5, 10, 15] => reminder_days: Vec<u32>, 1..=365;
    /// Subjects of an account for new orders. Source: behaviour, part 1.
    SUBJECTS_PER_ACCOUNT: u32 = 1 => subjects_per_account: u32, 1..=10_000;
    /// New sites in one order, so that its approval fits one transaction. Source: architecture, data model.
    SITES_PER_ORDER: u32 = 10 => sites_per_order: u32, 1..=10;
    /// New sites in one order of an individual. Source: Tencent Cloud 备案限制说明 243/18911, snapshot
    /// 2021-04-11.
    SITES_PER_ORDER_OF_INDIVIDUAL: u32 = 1 => sites_per_order_of_individual: u32, 1..=10;
    /// Minutes for which what an order takes away, once shown, may be confirmed. Source: chosen here, so that
    /// what was shown is fresh.
    CONFIRMATION_MINUTES: u32 = 60 => confirmation_minutes: u32, 5..=1440, as confirmation in minutes;
    /// Hours for which a person of the staff holds an item that they claimed. Source: chosen here, a
    /// working day.
    CLAIM_HOURS: u32 = 8 => claim_hours: u32, 1..=72, as claim in hours;
    /// Days for which the draft and the files of an order that ended are kept: what was filed stands in
    /// the filing. Source: chosen here, as long as the evidence of looks; 《个人信息保护法》第十九条.
    DRAFT_KEPT_DAYS: u32 = 180 => draft_kept_days: u32, 1..=3650, as draft_kept in days;
    /// Domains of a new site. Source: 工信管函〔2019〕633号, from 2019-04-22.
    DOMAINS_PER_NEW_SITE: u32 = 1 => domains_per_new_site: u32, 1..=20;
}

policy_group! {
    /// Materials as files.
    Materials
    /// Largest file in megabytes of 1024 kilobytes. Source: chosen here: a photo of a
    /// telephone's camera at its best.
    MATERIAL_MOST_MEGABYTES: u32 = 12 => most_megabytes: u32, 1..=100;
    /// Minutes for which a link uploads or shows a file. Source: chosen here, long enough for a slow
    /// line and short enough to be of no use to whoever finds it.
    MATERIAL_LINK_MINUTES: u32 = 15 => link_minutes: u32, 1..=720, as link in minutes;
}

impl Materials {
    /// Largest file in bytes.
    pub fn most_bytes(&self) -> u64 {
        u64::from(self.most_megabytes) * 1024 * 1024
    }
}

policy_group! {
    /// Imports and exports.
    Imports
    /// Largest file in megabytes of 1024 kilobytes. Source: chosen here: a hundred thousand rows take
    /// about 60.
    IMPORT_MOST_MEGABYTES: u32 = 200 => most_megabytes: u32, 1..=500;
    /// Minutes for which a link uploads a file or shows a report. Source: chosen here, longer than of a
    /// material, since files are larger.
    IMPORT_LINK_MINUTES: u32 = 60 => link_minutes: u32, 1..=720;
    /// Rows of a part. Source: chosen here: a part is taken in within a few seconds.
    PART_ROWS: u32 = 100 => part_rows: u32, 1..=500;
    /// Longest row in kilobytes of 1024 bytes. Source: chosen here: ten times what a row of every
    /// column at its longest has.
    LONGEST_ROW_KILOBYTES: u32 = 64 => longest_row_kilobytes: u32, 4..=1024;
    /// Largest file of a bureau's list in megabytes of 1024 kilobytes. Source: chosen here: thrice what
    /// its rows at most take.
    LIST_MOST_MEGABYTES: u32 = 30 => list_most_megabytes: u32, 1..=100;
    /// Most rows of a bureau's list, which is replied to whole. Source: chosen here: a bureau's largest
    /// published lists have some thousands.
    LIST_MOST_ROWS: u32 = 20_000 => list_most_rows: u32, 100..=100_000;
}

impl Imports {
    /// Largest file in bytes.
    pub fn most_bytes(&self) -> u64 {
        u64::from(self.most_megabytes) * 1024 * 1024
    }

    /// Largest file of a bureau's list in bytes.
    pub fn list_most_bytes(&self) -> u64 {
        u64::from(self.list_most_megabytes) * 1024 * 1024
    }

    /// Longest row in bytes.
    pub fn longest_row(&self) -> usize {
        self.longest_row_kilobytes as usize * 1024
    }

    /// For how long a link holds.
    pub fn link_life(&self) -> std::time::Duration {
        std::time::Duration::from_secs(60 * u64::from(self.link_minutes))
    }
}

impl Orders {
    /// What must hold between fields.
    pub(super) fn check_across(&self) -> Result<(), RulebookFault> {
        let days = &self.reminder_days;
        across(
            rises(days),
            "orders",
            "reminder_days",
            days,
            "each more than the one before",
        )
    }
}
