//! What puts a fault right, and how a filer is told so.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Text;

/// What puts a fault right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fix {
    /// A change filing (变更备案).
    ChangeFiling,
    /// The person proves the number by code.
    VerifyNumber,
    /// The names must lead here again.
    PointNamesHere,
    /// The page must be mended.
    MendPage,
    /// The site must be open.
    OpenSite,
    /// The domain is renewed, or registered again.
    RenewDomain,
    /// The domain is transferred, or its certificate is shown.
    TransferDomain,
    /// The server is renewed, or another is brought to the filing.
    RenewServer,
    /// The filing is deregistered (注销备案).
    Deregister,
}

impl Fix {
    /// What the filer does.
    pub fn text(self) -> Text {
        match self {
            Self::ChangeFiling => Text::new(
                "提交变更备案，使备案信息与实际一致",
                "submit a change filing, so that the filing says what is",
            ),
            Self::VerifyNumber => Text::new(
                "请负责人用短信验证码核验手机号",
                "have the person prove the number by the code that is sent to it",
            ),
            Self::PointNamesHere => Text::new(
                "将域名解析到本服务商为该备案提供的服务器",
                "point the domain at the server that the filing rests on",
            ),
            Self::MendPage => Text::new(
                "修改网站首页：在页脚写明备案号并链接至 beian.miit.gov.cn，使标题和内容与备案一致",
                "mend the home page: its foot shows the filing number with a link to beian.miit.gov.cn, its title \
                 and contents are those of the filing",
            ),
            Self::OpenSite => Text::new(
                "恢复网站访问，使首页可以打开",
                "bring the site back, so that its home page opens",
            ),
            Self::RenewDomain => Text::new(
                "在域名注册商处续费或重新注册域名",
                "renew the domain at its registrar, or register it again",
            ),
            Self::TransferDomain => Text::new(
                "将域名过户给备案主体，或提交域名证书",
                "transfer the domain to the subject of the filing, or show its certificate",
            ),
            Self::RenewServer => Text::new(
                "续费该备案所用的服务器，或将备案改接到另一台服务器",
                "renew the server that the filing rests on, or bring another one to it",
            ),
            Self::Deregister => Text::new(
                "该备案不应再保留：办理注销备案",
                "the filing should not stand any longer: deregister it",
            ),
        }
    }
}
