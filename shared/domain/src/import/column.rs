//! The columns of an import: their names here, and in the bases of providers.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The columns of a kind of file.
pub trait Columns: Copy + Ord + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Every column.
    const ALL: &[Self];

    /// Rows at the beginning of a file of which the one that names most columns is the header; what
    /// stands before it is a title.
    const HEADER_WITHIN: usize;

    /// Whether several headers may mean one column. Their cells are then one cell, divided by
    /// [`BETWEEN_CELLS`], and what reads it says whether they agree.
    const SEVERAL: bool;

    /// Its name in the API and in files.
    fn name(self) -> &'static str;

    /// Its header in Chinese.
    fn chinese(self) -> &'static str;

    /// The column of a header, where it means one.
    fn of_header(header: &str) -> Option<Self> {
        let is = |column: &Self| column.name() == header || column.chinese() == header;
        Self::ALL.iter().copied().find(is)
    }

    /// What is missing of a file that has such columns, by name; nothing where its rows can be read.
    fn lacking(has: impl Fn(Self) -> bool) -> Vec<&'static str>;
}

/// Stands between the cells of several headers that mean one column.
pub const BETWEEN_CELLS: char = '；';

macro_rules! columns {
    ($(#[$enum:meta])* $kind:ident { $($(#[$doc:meta])* $name:ident = $code:literal, $zh:literal;)+ }) => {
        $(#[$enum])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(rename_all = "camelCase")]
        pub enum $kind {
            $($(#[$doc])* $name,)+
        }

        impl $kind {
            /// Every column, in the order of an export.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Its name in the API and in files.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// Its header in Chinese.
            pub fn chinese(self) -> &'static str {
                match self { $(Self::$name => $zh,)+ }
            }
        }
    };
}

pub(crate) use columns;

columns! {
    /// A column of a base.
    Column {
        /// 账号: the provider's customer.
        Account = "account", "账号";
        /// The account group.
        Label = "label", "分组";
        /// 主体备案号; may be left out where the service's number stands.
        Number = "number", "主体备案号";
        /// 网站备案号.
        ServiceNumber = "serviceNumber", "网站备案号";
        /// Name of the subject.
        SubjectName = "subjectName", "主办单位名称";
        /// Nature of the subject.
        Nature = "nature", "主办单位性质";
        /// Kind of certificate.
        CertificateKind = "certificateKind", "主办单位证件类型";
        /// Number of the certificate.
        CertificateNumber = "certificateNumber", "主办单位证件号码";
        /// Address on the certificate.
        CertificateAddress = "certificateAddress", "主办单位证件住所";
        /// Postal address.
        PostalAddress = "postalAddress", "主办单位通信地址";
        /// Legal representative, by name.
        LegalRepresentative = "legalRepresentative", "法定代表人";
        /// Day of the approval.
        ApprovedOn = "approvedOn", "审核通过日期";
        /// Subject's principal: name.
        PrincipalName = "principalName", "主体负责人姓名";
        /// Subject's principal: kind of document; resident ID where nothing is said.
        PrincipalIdentityKind = "principalIdentityKind", "主体负责人证件类型";
        /// Subject's principal: number of the document.
        PrincipalIdentity = "principalIdentity", "主体负责人证件号码";
        /// Subject's principal: last day of the document.
        PrincipalIdentityUntil = "principalIdentityUntil", "主体负责人证件有效期";
        /// Subject's principal: mobile.
        PrincipalMobile = "principalMobile", "主体负责人手机号码";
        /// Subject's principal: mail address.
        PrincipalEmail = "principalEmail", "主体负责人电子邮箱";
        /// Kind of service; a site where nothing is said.
        ServiceKind = "serviceKind", "服务类型";
        /// Name of the service.
        ServiceName = "serviceName", "网站名称";
        /// Domains.
        Domains = "domains", "域名";
        /// Home page.
        HomePage = "homePage", "首页网址";
        /// Addresses.
        Addresses = "addresses", "IP地址";
        /// Service's principal: name; all of it may be left out where the subject's answers.
        ServicePrincipalName = "servicePrincipalName", "网站负责人姓名";
        /// Service's principal: kind of document.
        ServicePrincipalIdentityKind = "servicePrincipalIdentityKind", "网站负责人证件类型";
        /// Service's principal: number of the document.
        ServicePrincipalIdentity = "servicePrincipalIdentity", "网站负责人证件号码";
        /// Service's principal: last day of the document.
        ServicePrincipalIdentityUntil = "servicePrincipalIdentityUntil", "网站负责人证件有效期";
        /// Service's principal: mobile.
        ServicePrincipalMobile = "servicePrincipalMobile", "网站负责人手机号码";
        /// Service's principal: mail address.
        ServicePrincipalEmail = "servicePrincipalEmail", "网站负责人电子邮箱";
        /// Whether we give it access; yes where nothing is said.
        Access = "access", "是否接入";
    }
}

impl Column {
    /// Name, document's kind, number and last day, mobile and mail of the subject's principal.
    pub(super) const OF_PRINCIPAL: [Self; 6] = [
        Self::PrincipalName,
        Self::PrincipalIdentityKind,
        Self::PrincipalIdentity,
        Self::PrincipalIdentityUntil,
        Self::PrincipalMobile,
        Self::PrincipalEmail,
    ];

    /// The same of the service's.
    pub(super) const OF_SERVICE_PRINCIPAL: [Self; 6] = [
        Self::ServicePrincipalName,
        Self::ServicePrincipalIdentityKind,
        Self::ServicePrincipalIdentity,
        Self::ServicePrincipalIdentityUntil,
        Self::ServicePrincipalMobile,
        Self::ServicePrincipalEmail,
    ];

    /// The column that a field of a draft comes from; `None` of what no column brings.
    pub(super) fn of_field(pointer: &str) -> Option<Self> {
        Some(match pointer {
            "/subject/name" => Self::SubjectName,
            "/subject/nature" => Self::Nature,
            "/subject/province" => Self::Number,
            "/subject/certificate" => Self::CertificateKind,
            "/subject/certificate/number" => Self::CertificateNumber,
            "/subject/certificateAddress" => Self::CertificateAddress,
            "/subject/postalAddress" => Self::PostalAddress,
            "/persons/0/name" => Self::PrincipalName,
            "/persons/0/identity" => Self::PrincipalIdentity,
            "/persons/0/mobile" => Self::PrincipalMobile,
            "/persons/0/email" => Self::PrincipalEmail,
            "/persons/1/name" => Self::ServicePrincipalName,
            "/persons/1/identity" => Self::ServicePrincipalIdentity,
            "/persons/1/mobile" => Self::ServicePrincipalMobile,
            "/persons/1/email" => Self::ServicePrincipalEmail,
            "/services/0/name" => Self::ServiceName,
            _ if pointer.starts_with("/services/0/domains") => Self::Domains,
            _ if pointer.starts_with("/services/0/addresses") => Self::Addresses,
            _ => return None,
        })
    }
}

/// Columns without which no row of a base can be read.
pub(super) const NEEDED: [Column; 8] = [
    Column::Account,
    Column::ServiceNumber,
    Column::SubjectName,
    Column::Nature,
    Column::CertificateKind,
    Column::CertificateNumber,
    Column::PrincipalName,
    Column::Domains,
];

impl Columns for Column {
    const ALL: &[Self] = Self::ALL;
    const HEADER_WITHIN: usize = 1;
    const SEVERAL: bool = false;

    fn name(self) -> &'static str {
        self.name()
    }

    fn chinese(self) -> &'static str {
        self.chinese()
    }

    fn lacking(has: impl Fn(Self) -> bool) -> Vec<&'static str> {
        let lacking = NEEDED.into_iter().filter(|column| !has(*column));
        lacking.map(Self::name).collect()
    }
}
