//! The faults that audits of the field name, and what answers each here: a rule, or people.
//!
//! Source: the finding codes of Tencent Cloud 243/39385 (snapshot 2021-04-11) with those of Huawei and
//! Aliyun, as restated in the dossier 4.1.
//!
//! **Invariant:** every fault has an answer, and every rule answers a fault.

use super::Category;
use crate::Text;

/// A fault that audits of the field name.
#[derive(Debug)]
pub struct Fault {
    /// The category of the audit.
    pub category: Category,
    /// The fault, as published.
    pub text: fn() -> Text,
    /// What answers it.
    pub answer: Answer,
}

/// What answers a fault.
#[derive(Debug)]
pub enum Answer {
    /// These rules, by code.
    Rules(&'static [&'static str]),
    /// People, and why no machine.
    People(&'static str),
}

/// Every fault, category by category.
pub static FAULTS: &[Fault] = &[
    Fault {
        category: Category::SubjectInformation,
        text: || Text::new("主办单位名称不一致", "name differs from the certificate"),
        answer: Answer::Rules(&["ICP-105"]),
    },
    Fault {
        category: Category::SubjectInformation,
        text: || Text::new("证件无查询结果", "no result in the register"),
        answer: Answer::Rules(&["ICP-106"]),
    },
    Fault {
        category: Category::SubjectInformation,
        text: || {
            Text::new(
                "旧证件、未更新为多证合一证件",
                "old certificate, number not the merged one",
            )
        },
        answer: Answer::Rules(&["ICP-101"]),
    },
    Fault {
        category: Category::SubjectInformation,
        text: || Text::new("主办单位已注销", "deregistered"),
        answer: Answer::Rules(&["ICP-107"]),
    },
    Fault {
        category: Category::SubjectInformation,
        text: || Text::new("吊销未注销", "revoked and not deregistered"),
        answer: Answer::Rules(&["ICP-108"]),
    },
    Fault {
        category: Category::SubjectInformation,
        text: || Text::new("住所不一致", "address differs"),
        answer: Answer::Rules(&["ICP-109"]),
    },
    Fault {
        category: Category::SubjectInformation,
        text: || {
            Text::new(
                "负责人不是法定代表人",
                "principal is not the legal representative",
            )
        },
        answer: Answer::Rules(&["ICP-110"]),
    },
    Fault {
        category: Category::SubjectInformation,
        text: || Text::new("负责人证件过期", "principal's ID has expired"),
        answer: Answer::Rules(&["ICP-102"]),
    },
    Fault {
        category: Category::SubjectInformation,
        text: || Text::new("性质与证件不符", "nature against the code's class"),
        answer: Answer::Rules(&["ICP-103"]),
    },
    Fault {
        category: Category::SubjectInformation,
        text: || Text::new("省份与证件不符", "province against the code's region"),
        answer: Answer::Rules(&["ICP-104"]),
    },
    Fault {
        category: Category::SubjectInformation,
        text: || Text::new("营业执照过期", "licence has expired"),
        answer: Answer::Rules(&["ICP-302"]),
    },
    Fault {
        category: Category::SubjectInformation,
        text: || {
            Text::new(
                "企业四要素不一致（名称、代码、法定代表人、证件）",
                "four elements differ: company, code, person, ID",
            )
        },
        answer: Answer::Rules(&["ICP-105", "ICP-106", "ICP-110"]),
    },
    Fault {
        category: Category::SubjectInformation,
        text: || Text::new("证件号码校验不通过", "check digit of a number is wrong"),
        answer: Answer::Rules(&["ICP-111"]),
    },
    Fault {
        category: Category::SubjectInformation,
        text: || Text::new("证件图片模糊", "unreadable images"),
        answer: Answer::Rules(&["ICP-303"]),
    },
    Fault {
        category: Category::SubjectInformation,
        text: || {
            Text::new(
                "名称写法、集团结构、更名函",
                "variants of names, groups, rename letters",
            )
        },
        answer: Answer::People(
            "Staff compare the documents: a variant and another body look alike to a machine.",
        ),
    },
    Fault {
        category: Category::Contacts,
        text: || Text::new("不同负责人同号", "one mobile, different principals"),
        answer: Answer::Rules(&["ICP-202", "ICP-204"]),
    },
    Fault {
        category: Category::Contacts,
        text: || Text::new("不同负责人同邮箱", "one mail address, different principals"),
        answer: Answer::Rules(&["ICP-203", "ICP-205"]),
    },
    Fault {
        category: Category::Contacts,
        text: || Text::new("电话无人接听", "nobody answers"),
        answer: Answer::Rules(&["ICP-207"]),
    },
    Fault {
        category: Category::Contacts,
        text: || Text::new("号码无效", "number invalid"),
        answer: Answer::Rules(&["ICP-206"]),
    },
    Fault {
        category: Category::Contacts,
        text: || Text::new("邮箱无效", "mail address invalid"),
        answer: Answer::Rules(&["ICP-209"]),
    },
    Fault {
        category: Category::Contacts,
        text: || Text::new("未完成自助核验", "number not verified by code"),
        answer: Answer::Rules(&["ICP-201"]),
    },
    Fault {
        category: Category::Contacts,
        text: || {
            Text::new(
                "三要素不一致、非本人",
                "three elements differ, or another person answers",
            )
        },
        answer: Answer::Rules(&["ICP-208"]),
    },
    Fault {
        category: Category::Contacts,
        text: || Text::new("非本地号码", "number of another province"),
        answer: Answer::People(
            "Nobody judges it: no open table tells the province of a mobile prefix; the order's check warns.",
        ),
    },
    Fault {
        category: Category::Materials,
        text: || Text::new("核验单填写有误", "form filled in wrongly"),
        answer: Answer::Rules(&["ICP-306"]),
    },
    Fault {
        category: Category::Materials,
        text: || Text::new("核验照非本人", "photo is not the principal"),
        answer: Answer::Rules(&["ICP-305"]),
    },
    Fault {
        category: Category::Materials,
        text: || Text::new("材料缺失", "document missing"),
        answer: Answer::Rules(&["ICP-301"]),
    },
    Fault {
        category: Category::Materials,
        text: || Text::new("材料过期", "document expired"),
        answer: Answer::Rules(&["ICP-302"]),
    },
    Fault {
        category: Category::Materials,
        text: || Text::new("材料与备案不一致", "document against the fields"),
        answer: Answer::Rules(&["ICP-304"]),
    },
    Fault {
        category: Category::Materials,
        text: || Text::new("伪造图片", "forged image"),
        answer: Answer::People("Staff judge it; no machine finds it surely."),
    },
    Fault {
        category: Category::Access,
        text: || Text::new("域名未解析", "no resolution"),
        answer: Answer::Rules(&["ICP-401"]),
    },
    Fault {
        category: Category::Access,
        text: || Text::new("解析IP非本商", "address not the provider's"),
        answer: Answer::Rules(&["ICP-402"]),
    },
    Fault {
        category: Category::Access,
        text: || Text::new("解析IP与备案不一致", "address other than filed"),
        answer: Answer::Rules(&["ICP-403"]),
    },
    Fault {
        category: Category::Access,
        text: || Text::new("云资源过期", "server expired"),
        answer: Answer::Rules(&["ICP-404"]),
    },
    Fault {
        category: Category::Access,
        text: || Text::new("无有效流量", "no effective traffic"),
        answer: Answer::Rules(&["ICP-405"]),
    },
    Fault {
        category: Category::Access,
        text: || {
            Text::new(
                "多接入、第三方防护",
                "several providers, foreign front ends",
            )
        },
        answer: Answer::People(
            "Staff put the front end on the accepted list (`provider-addresses.json`), which keeps ICP-402.",
        ),
    },
    Fault {
        category: Category::ContentAndHolder,
        text: || Text::new("网站打不开", "unreachable"),
        answer: Answer::Rules(&["ICP-504"]),
    },
    Fault {
        category: Category::ContentAndHolder,
        text: || Text::new("网站长期无响应", "silent for days"),
        answer: Answer::People(
            "Staff: a unit that stays undecided on five looks over seven days becomes a review item.",
        ),
    },
    Fault {
        category: Category::ContentAndHolder,
        text: || Text::new("标题与备案不符", "title against the filed names"),
        answer: Answer::Rules(&["ICP-505"]),
    },
    Fault {
        category: Category::ContentAndHolder,
        text: || {
            Text::new(
                "个人网站有企业内容、未经许可的经营内容",
                "enterprise or commercial content on an individual's site",
            )
        },
        answer: Answer::Rules(&["ICP-506"]),
    },
    Fault {
        category: Category::ContentAndHolder,
        text: || Text::new("企业网站为其他企业", "site of a different company"),
        answer: Answer::Rules(&["ICP-505", "ICP-502"]),
    },
    Fault {
        category: Category::ContentAndHolder,
        text: || {
            Text::new(
                "前置审批内容无批文",
                "pre-approval content without approval",
            )
        },
        answer: Answer::Rules(&["ICP-507"]),
    },
    Fault {
        category: Category::ContentAndHolder,
        text: || Text::new("域名持有者不一致", "holder differs"),
        answer: Answer::Rules(&["ICP-508"]),
    },
    Fault {
        category: Category::ContentAndHolder,
        text: || Text::new("域名未注册", "domain unregistered"),
        answer: Answer::Rules(&["ICP-509"]),
    },
    Fault {
        category: Category::ContentAndHolder,
        text: || Text::new("域名过期", "domain expired"),
        answer: Answer::Rules(&["ICP-510"]),
    },
    Fault {
        category: Category::ContentAndHolder,
        text: || Text::new("域名即将到期", "domain expires soon"),
        answer: Answer::Rules(&["ICP-511"]),
    },
    Fault {
        category: Category::ContentAndHolder,
        text: || Text::new("注册商未获许可", "registrar not approved"),
        answer: Answer::Rules(&["ICP-512"]),
    },
    Fault {
        category: Category::ContentAndHolder,
        text: || Text::new("未悬挂备案号", "number missing or wrong"),
        answer: Answer::Rules(&["ICP-501", "ICP-502"]),
    },
    Fault {
        category: Category::ContentAndHolder,
        text: || Text::new("备案号未链接", "number not linked"),
        answer: Answer::Rules(&["ICP-503"]),
    },
    Fault {
        category: Category::ContentAndHolder,
        text: || Text::new("未悬挂公安备案号", "police number missing"),
        answer: Answer::Rules(&["ICP-513"]),
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rules::{RULES, rule};

    #[test]
    fn every_rule_answers_a_fault_and_every_answer_is_a_rule_of_a_category() {
        let mut named = BTreeSet::new();
        for fault in FAULTS {
            let Answer::Rules(codes) = &fault.answer else {
                continue;
            };
            for code in *codes {
                assert!(rule(code).is_some(), "{code}");
                named.insert(*code);
            }
        }
        let all: BTreeSet<&str> = RULES.iter().map(|rule| rule.code).collect();
        assert_eq!(named, all);
    }
}
