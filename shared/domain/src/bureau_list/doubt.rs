//! Why a row is for people.

use serde::{Deserialize, Serialize};

use crate::Text;

/// Why a row is for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Doubt {
    /// Several filings hold or want what it names.
    SeveralFilings,
    /// Its number is not that of the filing that its domain or order belongs to.
    NumberDiffers,
    /// Its filing has no service of that number.
    ServiceUnknown,
    /// Its filing has no such domain, or another service has it.
    DomainDiffers,
    /// Several services of its filing have the domain.
    SeveralServices,
    /// Its unit's name is another than the filing's.
    UnitNameDiffers,
    /// It names a unit alone.
    UnitNameAlone,
    /// No order of the filing is at the bureau.
    NoOrder,
    /// The order is in a state that does not take the result.
    StepRefused,
    /// Another row of the order has another result, or does not read.
    RowsDisagree,
    /// The list was issued before the order was with the bureau.
    ListOlder,
    /// A list of sites whose row names none.
    SiteUnnamed,
    /// A list of subjects whose row names no number.
    NumberUnnamed,
    /// A list of subjects whose row names a site.
    SiteNamed,
    /// What it changes is more than one commit takes.
    TooMuch,
    /// What is stored of it does not read: an alarm of its own.
    Unreadable,
    /// The numbers do not fit what the order asks for.
    NumbersMisfit,
    /// Another filing holds the certificate, number or domain.
    TakenElsewhere,
    /// Another order of the filing is in flight.
    OrderInFlight,
    /// One of the staff works on the order.
    Claimed,
}

impl Doubt {
    /// Its name in files and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::SeveralFilings => "several-filings",
            Self::NumberDiffers => "number-differs",
            Self::ServiceUnknown => "service-unknown",
            Self::DomainDiffers => "domain-differs",
            Self::SeveralServices => "several-services",
            Self::NumberUnnamed => "number-unnamed",
            Self::UnitNameDiffers => "unit-name-differs",
            Self::UnitNameAlone => "unit-name-alone",
            Self::NoOrder => "no-order",
            Self::StepRefused => "step-refused",
            Self::RowsDisagree => "rows-disagree",
            Self::ListOlder => "list-older",
            Self::SiteUnnamed => "site-unnamed",
            Self::SiteNamed => "site-named",
            Self::TooMuch => "too-much",
            Self::Unreadable => "unreadable",
            Self::NumbersMisfit => "numbers-misfit",
            Self::TakenElsewhere => "taken-elsewhere",
            Self::OrderInFlight => "order-in-flight",
            Self::Claimed => "claimed",
        }
    }

    /// What it says.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Self::SeveralFilings => ("对应多个备案主体", "several filings hold or want it"),
            Self::NumberDiffers => ("备案号与我司记录不一致", "our record has another number"),
            Self::ServiceUnknown => (
                "该主体下无此网站备案号",
                "the subject has no service of this number",
            ),
            Self::DomainDiffers => ("域名与我司记录不一致", "our record has other domains"),
            Self::SeveralServices => (
                "多个网站或应用使用该域名，请注明网站备案号",
                "several services have the domain: give the service's number",
            ),
            Self::NumberUnnamed => (
                "注销主体清单须有主体备案号",
                "a list of subjects, and the row names no number",
            ),
            Self::UnitNameDiffers => (
                "主办单位名称与我司记录不一致",
                "our record has another unit's name",
            ),
            Self::UnitNameAlone => ("仅主办单位名称一致", "nothing but the unit's name is given"),
            Self::NoOrder => ("该主体无在途订单", "no order of it is at the bureau"),
            Self::StepRefused => (
                "订单当前状态不能登记此结果",
                "the order's state does not take this result",
            ),
            Self::RowsDisagree => (
                "同一订单的其他行结果不一致或无法读取",
                "another row of the order has another result, or does not read",
            ),
            Self::ListOlder => (
                "清单早于订单提交管局的日期",
                "the list was issued before the order was with the bureau",
            ),
            Self::SiteUnnamed => (
                "注销网站清单须有网站备案号或域名",
                "a list of sites, and the row names none",
            ),
            Self::SiteNamed => (
                "注销主体清单不应有网站备案号",
                "a list of subjects, and the row names a site's number",
            ),
            Self::TooMuch => ("内容过多，请人工处理", "more than one commit takes"),
            Self::Unreadable => ("我司数据无法读取", "what is stored of it does not read"),
            Self::NumbersMisfit => (
                "备案号与订单内容不符，或缺少其他网站的备案号",
                "the numbers do not fit the order, or one of its services has none",
            ),
            Self::TakenElsewhere => (
                "证件、备案号或域名已在另一备案中",
                "another filing holds the certificate, number or domain",
            ),
            Self::OrderInFlight => ("该主体有在途订单", "an order of it is in flight"),
            Self::Claimed => ("该订单已由他人受理", "one of the staff works on the order"),
        };
        Text::new(zh, en)
    }

    /// Whether the bureau is told why: how we work, and what other filings hold, is our own.
    pub fn is_told(self) -> bool {
        match self {
            Self::NumberDiffers
            | Self::ServiceUnknown
            | Self::DomainDiffers
            | Self::UnitNameDiffers
            | Self::UnitNameAlone
            | Self::RowsDisagree
            | Self::ListOlder
            | Self::SiteUnnamed
            | Self::SiteNamed
            | Self::NumberUnnamed
            | Self::SeveralServices
            | Self::NumbersMisfit => true,
            Self::SeveralFilings
            | Self::NoOrder
            | Self::StepRefused
            | Self::TakenElsewhere
            | Self::OrderInFlight
            | Self::TooMuch
            | Self::Unreadable
            | Self::Claimed => false,
        }
    }
}
