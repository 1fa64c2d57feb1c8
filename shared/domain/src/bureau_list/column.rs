//! The columns of a list: ours, and what bureaus call them.

use serde::{Deserialize, Serialize};

use crate::import::{Columns, columns};

columns! {
    /// A column of a bureau's list.
    ListColumn {
        /// The order's id, as it was reported to the bureau.
        Order = "order", "订单号";
        /// 主体备案号, or a service's number.
        Number = "number", "备案号";
        /// 网站备案号.
        ServiceNumber = "serviceNumber", "网站备案号";
        /// Domains, hosts or addresses of pages.
        Domains = "domains", "域名";
        /// Name of the subject.
        UnitName = "unitName", "主办单位名称";
        /// What the bureau made of an order.
        Result = "result", "审核结果";
        /// Why.
        Reason = "reason", "原因";
    }
}

/// What bureaus call the columns beside our own names.
///
/// Source: columns of published lists of several administrations (空壳主体, 空壳网站, 未整改网站), and of
/// the tables that providers' operators fill for them.
const ALSO: &[(ListColumn, &[&str])] = &[
    (
        ListColumn::Order,
        &["备案订单号", "备案订单编号", "订单编号"],
    ),
    (
        ListColumn::Number,
        &[
            "主体备案号",
            "主体备案/许可证号",
            "备案/许可证号",
            "ICP备案/许可证号",
            "ICP备案号",
            "备案许可证号",
            "备案编号",
        ],
    ),
    (
        ListColumn::ServiceNumber,
        &["网站备案/许可证号", "服务备案号", "网站备案编号"],
    ),
    (
        ListColumn::Domains,
        &[
            "网站域名",
            "域名列表",
            "网站域名列表",
            "主域名",
            "网址",
            "网站首页网址",
            "首页网址",
        ],
    ),
    (
        ListColumn::UnitName,
        &[
            "主办单位",
            "主办者名称",
            "主办者",
            "单位名称",
            "主体名称",
            "网站主办者名称",
            "网站主办单位名称",
            "开办者名称",
        ],
    ),
    (
        ListColumn::Result,
        &["管局审核结果", "审核状态", "审核意见", "结果"],
    ),
    (
        ListColumn::Reason,
        &[
            "退回原因",
            "驳回原因",
            "注销原因",
            "问题",
            "存在问题",
            "问题描述",
            "核查问题",
            "不合格原因",
            "整改原因",
        ],
    ),
];

/// What bureaus call a column beside our own names.
pub(crate) fn also(column: ListColumn) -> &'static [&'static str] {
    let found = ALSO.iter().find(|(of, _)| *of == column);
    found.map_or(&[], |(_, names)| names)
}

impl Columns for ListColumn {
    const ALL: &[Self] = Self::ALL;
    /// Above the header of a list stand its title and the number of its paper.
    const HEADER_WITHIN: usize = 10;
    /// Lists name a site's domain and its home page, a number of the subject and one of the site.
    const SEVERAL: bool = true;

    fn name(self) -> &'static str {
        self.name()
    }

    fn chinese(self) -> &'static str {
        self.chinese()
    }

    fn of_header(header: &str) -> Option<Self> {
        let own = |column: &Self| column.name() == header || column.chinese() == header;
        let own = Self::ALL.iter().copied().find(own);
        own.or_else(|| {
            let is = |column: &Self| also(*column).contains(&header);
            Self::ALL.iter().copied().find(is)
        })
    }

    fn lacking(has: impl Fn(Self) -> bool) -> Vec<&'static str> {
        let names = [
            Self::Order,
            Self::Number,
            Self::ServiceNumber,
            Self::Domains,
            Self::UnitName,
        ];
        if names.into_iter().any(has) {
            Vec::new()
        } else {
            names.into_iter().map(Self::name).collect()
        }
    }
}
