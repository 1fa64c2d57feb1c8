//! What stands in cells: words of closed lists, days, flags, lists.

use jiff::civil::Date;
use serde::Serialize;

use super::{BadCell, Column, bad_cell};
use crate::Text;
use crate::filing::{Nature, ServiceKind};
use crate::identifiers::IdentityKind;
use crate::order::TypedCertificate;
use crate::personal::Personal;

/// A list in one cell, however it is separated.
pub(crate) fn listed(text: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '，' | '；' | '、' | '|');
    text.split(ends).filter(|part| !part.is_empty())
}

pub(crate) fn flag<C>(text: &str, column: C, bad: &mut Vec<BadCell<C>>) -> Option<bool> {
    match text {
        "" => None,
        "yes" | "true" | "1" | "是" | "已接入" => Some(true),
        "no" | "false" | "0" | "否" | "未接入" => Some(false),
        _ => {
            let text = Text::new("须为是或否", "yes or no");
            bad.push(bad_cell(column, "not-a-flag", text));
            None
        }
    }
}

/// A day as bases write it: `2024-01-31`, `2024/1/31`, `2024.1.31` or `20240131`; 长期 is none.
pub(crate) fn day<C>(text: &str, column: C, bad: &mut Vec<BadCell<C>>) -> Option<Date> {
    if text.is_empty() || text == "长期" {
        return None;
    }
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = if digits {
        Date::strptime("%Y%m%d", text).ok()
    } else {
        // A time of the day may follow.
        let date = text.split([' ', 'T']).next().unwrap_or_default();
        let mut parts = date.split(['-', '/', '.', '年', '月', '日']);
        let mut number = || parts.next()?.parse::<i16>().ok();
        let (year, month, day) = (number(), number(), number());
        let narrow = |part: Option<i16>| i8::try_from(part?).ok();
        match (year, narrow(month), narrow(day)) {
            (Some(year), Some(month), Some(day)) => Date::new(year, month, day).ok(),
            (_, _, _) => None,
        }
    };
    if parsed.is_none() {
        let text = Text::new("须为日期，如2024-01-31", "a day, such as 2024-01-31");
        bad.push(bad_cell(column, "not-a-day", text));
    }
    parsed
}

/// One of a closed list, by its name in the API or in Chinese.
pub(crate) fn named<T: Copy, C>(
    text: &str,
    column: C,
    all: &[T],
    names: impl Fn(T) -> (String, String),
    bad: &mut Vec<BadCell<C>>,
) -> Option<T> {
    let found = all.iter().copied().find(|one| {
        let (code, zh) = names(*one);
        text == code || text == zh
    });
    if found.is_none() {
        let (codes, zh): (Vec<_>, Vec<_>) = all.iter().map(|one| names(*one)).unzip();
        bad.push(bad_cell(
            column,
            if text.is_empty() {
                "field-missing"
            } else {
                "not-in-list"
            },
            Text::new(
                format!("须为以下之一：{}", zh.join("、")),
                format!("one of: {}", codes.join(", ")),
            ),
        ));
    }
    found
}

pub(super) fn nature_name(nature: Nature) -> (String, String) {
    (code(&nature), nature.text().zh)
}

pub(super) fn identity_name(kind: IdentityKind) -> (String, String) {
    let zh = match kind {
        IdentityKind::ResidentId => "身份证",
        IdentityKind::Passport => "护照",
        IdentityKind::HongKongMacaoPermit => "港澳居民来往内地通行证",
        IdentityKind::TaiwanPermit => "台湾居民来往大陆通行证",
        IdentityKind::PermanentResidentId => "外国人永久居留身份证",
    };
    (kind.name().to_owned(), zh.to_owned())
}

pub(super) fn kind_name(kind: ServiceKind) -> (String, String) {
    let zh = match kind {
        ServiceKind::Site => "网站",
        ServiceKind::App => "APP",
        ServiceKind::MiniProgram => "小程序",
        ServiceKind::QuickApp => "快应用",
    };
    (code(&kind), zh.to_owned())
}

/// The name of a value in the API.
pub(crate) fn code(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(code)) => code,
        Ok(_) | Err(_) => String::new(),
    }
}

/// A number as a certificate of a kind.
pub(super) type Certifies = fn(Personal<String>) -> TypedCertificate;

/// Kinds of certificates, by their names in the API and in Chinese.
pub(super) const CERTIFICATES: [(&str, &str, Certifies); 8] = [
    (
        "credit-code",
        "统一社会信用代码",
        TypedCertificate::CreditCode,
    ),
    (
        "registration-number",
        "工商营业执照号码",
        TypedCertificate::RegistrationNumber,
    ),
    (
        "organisation-code",
        "组织机构代码",
        TypedCertificate::OrganisationCode,
    ),
    ("resident-id", "身份证", TypedCertificate::ResidentId),
    ("passport", "护照", TypedCertificate::Passport),
    (
        "hong-kong-macao-permit",
        "港澳居民来往内地通行证",
        TypedCertificate::HongKongMacaoPermit,
    ),
    (
        "taiwan-permit",
        "台湾居民来往大陆通行证",
        TypedCertificate::TaiwanPermit,
    ),
    (
        "permanent-resident-id",
        "外国人永久居留身份证",
        TypedCertificate::PermanentResidentId,
    ),
];

pub(super) fn certificate(
    kind: &str,
    number: &str,
    bad: &mut Vec<BadCell>,
) -> Option<TypedCertificate> {
    let number = Personal::new(number.to_owned());
    let all: Vec<usize> = (0..CERTIFICATES.len()).collect();
    let names = |at: usize| {
        let (code, zh, _) = CERTIFICATES.get(at).copied().unwrap_or(CERTIFICATES[0]);
        (code.to_owned(), zh.to_owned())
    };
    let at = named(kind, Column::CertificateKind, &all, names, bad)?;
    CERTIFICATES.get(at).map(|(_, _, make)| make(number))
}
