//! The pages and instruments that demands on every draft are read from, each with its day.

use jiff::civil::{Date, date};

/// A source that people can look up, and the day on which it said so, where it bears one.
pub(super) type Page = (&'static str, Option<Date>);

/// Truth of a filing.
pub(super) const TRUTH: Page = (
    "《非经营性互联网信息服务备案管理办法》第七条",
    Some(date(2005, 3, 20)),
);
/// The form's fields.
pub(super) const FORM: Page = (
    "《非经营性互联网信息服务备案管理办法》附录 (备案登记表)",
    Some(date(2005, 3, 20)),
);
/// One domain to a new site.
pub(super) const ONE_DOMAIN: Page = ("工信管函〔2019〕633号", Some(date(2019, 4, 22)));
/// Names of public bodies.
pub(super) const PUBLIC_BODIES: Page = ("互联网政务应用安全管理规定", None);
/// Which order a wish becomes.
pub(super) const TYPES: Page = ("腾讯云 备案类型", Some(date(2021, 4, 11)));
/// What each nature brings.
pub(super) const MATERIALS: Page = ("腾讯云 备案材料清单", Some(date(2020, 9, 29)));
/// What audits find.
pub(super) const AUDIT: Page = (
    "腾讯云 备案信息专项核查 https://cloud.tencent.com/document/product/243/39385",
    Some(date(2021, 4, 11)),
);
/// Names of sites.
pub(super) const NAMES: Page = ("腾讯云 网站命名要求", Some(date(2021, 4, 11)));
/// Which domains are filed.
pub(super) const DOMAINS: Page = (
    "腾讯云 备案域名 https://cloud.tencent.com/document/product/243/18905",
    Some(date(2021, 4, 11)),
);
/// How much one order holds.
pub(super) const LIMITS: Page = (
    "腾讯云 备案限制说明 https://cloud.tencent.com/document/product/243/18911",
    Some(date(2021, 4, 11)),
);
/// How an address is written.
pub(super) const ADDRESS: Page = (
    "腾讯云 接入备案 https://cloud.tencent.com/document/product/243/37403",
    Some(date(2021, 4, 11)),
);
/// In which province a unit files.
pub(super) const PROVINCES: Page = (
    "腾讯云 各省管局要求 https://cloud.tencent.com/document/product/243/3474",
    Some(date(2021, 4, 11)),
);
/// Suffixes as the ministry lists them today.
pub(super) const SUFFIXES: Page = ("https://domain.miit.gov.cn", None);
/// Regions.
pub(super) const REGIONS: Page = ("GB/T 2260", None);
/// Credit codes.
pub(super) const CREDIT_CODES: Page = ("GB 32100-2015", None);
/// Resident IDs.
pub(super) const RESIDENT_IDS: Page = ("GB 11643-1999", None);
