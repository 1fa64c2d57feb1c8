//! Examples of what several routes take, for the document of the API.

use serde_json::{Value, json};

/// The draft of a first filing.
fn draft() -> Value {
    json!({
        "subject": {
            "province": "11", "nature": "enterprise", "name": "北京示例科技有限公司",
            "certificate": { "kind": "credit-code", "number": "91110108551385082Q" },
            "certificateAddress": "北京市海淀区示例路1号",
            "postalAddress": "北京市海淀区示例路1号2层201室", "principal": "p1",
        },
        "persons": [{
            "id": "p1", "name": "王小明", "identity": "11010519491231002X",
            "identityUntil": "2039-12-31", "mobile": "13800000001", "email": "wang@example.cn",
        }],
        "services": [{
            "id": "1", "name": "示例科技", "domains": ["example.cn"],
            "homePage": "http://www.example.cn/", "principal": "p1", "addresses": ["192.0.2.10"],
        }],
        "materials": [
            { "id": "m1", "kind": "subject-certificate",
              "custody": { "custody": "paper", "shelfMark": "A-1" } },
            { "id": "m2", "kind": "principal-identity",
              "custody": { "custody": "paper", "shelfMark": "A-2" } },
            { "id": "m3", "kind": "verification-form",
              "custody": { "custody": "paper", "shelfMark": "A-3" } },
        ],
    })
}

/// An order for a first filing.
pub fn order() -> Value {
    json!({ "kind": "first-filing", "draft": draft() })
}

/// A draft in place of the one before.
pub fn edit() -> Value {
    json!({ "draft": draft() })
}

/// A situation as only the filer knows it: everything stands well, nobody else has the site.
pub fn situation() -> Value {
    json!({
        "record": "site", "freshness": "fresh", "pendingOrder": "none", "otherProvider": "no",
        "otherServices": "no", "sitePhone": "works", "subjectPhone": "works", "domainOfAnother": "no",
        "differs": [], "conditionsMet": "yes",
        "guards": { "suffix": "pass", "registrar": "pass", "holder": "pass", "eligible": "pass",
            "unblocked": "pass" },
    })
}
