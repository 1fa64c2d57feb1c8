//! The columns of files of reports.

use serde::{Deserialize, Serialize};

use crate::import::{Columns, columns};

columns! {
    /// A column of a file of reports.
    ReportColumn {
        /// 备案号: the subject's, or a service's.
        Number = "number", "备案号";
        /// Number of the certificate that a register was asked for.
        CertificateNumber = "certificateNumber", "证件号码";
        /// Which register.
        Source = "source", "来源";
        /// The day of an answer.
        AsOf = "asOf", "查询日期";
        /// The body's name; empty where the register has nothing.
        RegisteredName = "registeredName", "登记名称";
        /// Names that it had before.
        FormerNames = "formerNames", "曾用名";
        /// Where its life stands.
        State = "state", "登记状态";
        /// Who represents it.
        LegalRepresentative = "legalRepresentative", "法定代表人";
        /// Its address.
        RegisteredAddress = "registeredAddress", "住所";
        /// A mobile that carriers were asked for.
        Mobile = "mobile", "手机号码";
        /// What they say.
        Result = "result", "核验结果";
        /// A domain of a service.
        Domain = "domain", "域名";
        /// Last day for which a service's server is paid.
        ServerUntil = "serverUntil", "服务器到期日";
        /// A host that was asked for at the front ends.
        Host = "host", "访问域名";
        /// On which day something was seen.
        SeenOn = "seenOn", "所见日期";
        /// A registrar, as registries write it.
        Registrar = "registrar", "注册商";
        /// Whether it is approved.
        Approved = "approved", "是否许可";
        /// A kind of material.
        MaterialKind = "materialKind", "材料种类";
        /// Where on the shelves.
        ShelfMark = "shelfMark", "存放位置";
    }
}

impl Columns for ReportColumn {
    const ALL: &[Self] = Self::ALL;
    const HEADER_WITHIN: usize = 1;
    const SEVERAL: bool = false;

    fn name(self) -> &'static str {
        self.name()
    }

    fn chinese(self) -> &'static str {
        self.chinese()
    }

    /// What a row is about is named by one of them; what else is needed hangs on the kind of file, and is
    /// told row by row.
    fn lacking(has: impl Fn(Self) -> bool) -> Vec<&'static str> {
        let about = [
            Self::Number,
            Self::CertificateNumber,
            Self::Domain,
            Self::Host,
            Self::Registrar,
        ];
        if about.into_iter().any(has) {
            Vec::new()
        } else {
            about.map(Self::name).to_vec()
        }
    }
}
