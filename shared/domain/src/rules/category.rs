//! The categories of the audit.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Text;

/// The categories of the audit, as the seed lists them.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// 主体信息.
    SubjectInformation,
    /// 联系方式.
    Contacts,
    /// 真实性核验材料.
    Materials,
    /// 接入信息.
    Access,
    /// 网站内容、域名持有者.
    ContentAndHolder,
}

impl Category {
    /// Every category, in the order of codes.
    pub const ALL: [Self; 5] = [
        Self::SubjectInformation,
        Self::Contacts,
        Self::Materials,
        Self::Access,
        Self::ContentAndHolder,
    ];

    /// Its name, as it is written in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::SubjectInformation => "subject-information",
            Self::Contacts => "contacts",
            Self::Materials => "materials",
            Self::Access => "access",
            Self::ContentAndHolder => "content-and-holder",
        }
    }

    /// Its name, for people.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Self::SubjectInformation => ("主体信息", "subject information"),
            Self::Contacts => ("联系方式", "contacts"),
            Self::Materials => ("真实性核验材料", "materials"),
            Self::Access => ("接入信息", "access"),
            Self::ContentAndHolder => ("网站内容、域名持有者", "content and holder"),
        };
        Text::new(zh, en)
    }
}
