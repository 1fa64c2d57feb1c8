//! The questions about what must hold before something that cannot be undone.

use super::questions::{Choice, Gives, Words};
use super::situation::Guard;

/// The question of a guard.
pub(super) fn guard_words(guard: Guard) -> Words {
    const HOLDS: &[Choice] = &[
        ("是", "Yes", Gives::Is("pass")),
        ("否", "No", Gives::Is("fail")),
    ];
    let (ask, what_to_type) = match guard {
        Guard::Suffix => (
            (
                "域名后缀是否已获批准，并被该省接受？",
                "Is the domain's suffix approved, and accepted in the province?",
            ),
            (
                "在 https://domain.miit.gov.cn 查询该后缀。",
                "Look the suffix up at https://domain.miit.gov.cn.",
            ),
        ),
        Guard::Registrar => (
            (
                "域名注册商是否已获批准、域名是否在有效期内并完成实名？",
                "Is the registrar approved, the domain valid, and its real name complete?",
            ),
            (
                "在 https://domain.miit.gov.cn 查询注册商；在注册商处查看到期日和实名状态。",
                "Look the registrar up at https://domain.miit.gov.cn; see the expiry and the real-name state at the registrar.",
            ),
        ),
        Guard::Holder => (
            (
                "域名所有者是否就是备案主体（按该省规则）？",
                "Is the domain's holder the subject, under the province's rule?",
            ),
            (
                "在注册商处下载域名证书，核对所有者。",
                "Take the domain certificate from the registrar and compare the holder.",
            ),
        ),
        Guard::LossShown => (
            (
                "是否已列出该主体的其他网站和接入商，并告知将失去什么？",
                "Are the subject's other services and providers listed, and the loss shown?",
            ),
            (
                "在 https://beian.miit.gov.cn 用主体备案号查询，逐一记下网站及其接入商。",
                "At https://beian.miit.gov.cn query the subject's number; note each service and its providers.",
            ),
        ),
        Guard::Eligible => (
            (
                "证件是否有效、负责人是否符合年龄要求、个人能否在该省备案？",
                "Is the certificate in force, the principal old enough, and may an individual file in the province?",
            ),
            (
                "单位在 https://www.gsxt.gov.cn 查询登记状态；个人核对身份证和该省要求。",
                "A unit looks up its state at https://www.gsxt.gov.cn; an individual compares the ID with the province's rules.",
            ),
        ),
        Guard::Unblocked => (
            (
                "主体、域名是否不在黑名单中，且没有其他在途订单？",
                "Are subject and domain off the blacklist, with no other order in flight?",
            ),
            (
                "向接入商客服询问黑名单状态和在途订单。",
                "Ask the provider's service about the blacklist and orders in flight.",
            ),
        ),
        Guard::Confirmed => (
            (
                "备案主体是否已输入确认？",
                "Has the filer confirmed by typing?",
            ),
            (
                "请备案主体输入完整的备案号以确认注销。",
                "Let the filer type the whole filing number to confirm.",
            ),
        ),
    };
    (ask, what_to_type, HOLDS)
}
