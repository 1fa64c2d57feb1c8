//! Who may call what: one table of roles and routes.
//!
//! **Invariant:** a route that does not stand here is nobody's. What a filer reaches through a route
//! is the account's own; all else is not there (404), which use cases see to and a test tries.

use http::Method;
use icp_domain::account::Role;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callers {
    /// Whoever comes, without a token: the route tells nothing before it was proved who asks.
    Anybody,
    /// Filers, for what is their account's.
    Filers,
    /// Staff of a role, and the auditor, who reads everything.
    Readers(Role),
    /// Everybody of the staff.
    Staff,
    /// Staff of a role, and nobody else.
    Only(Role),
}

impl Callers {
    /// Whether a role is among them.
    pub fn include(self, role: Role) -> bool {
        match self {
            Self::Anybody => true,
            Self::Filers => role == Role::Filer,
            Self::Readers(reader) => role == reader || role == Role::Auditor,
            Self::Staff => role != Role::Filer,
            Self::Only(only) => role == only,
        }
    }
}

use Callers::{Anybody, Filers, Only, Readers, Staff};
use Role::{Operator, Reviewer};

/// Every route with its callers, by method and path as the template has them.
pub const RIGHTS: &[(&str, Callers)] = &[
    ("POST /order-checks", Filers),
    ("POST /orders", Filers),
    ("GET /orders", Filers),
    ("GET /orders/{order}", Filers),
    ("POST /orders/{order}/edits", Filers),
    ("POST /orders/{order}/materials", Filers),
    ("GET /orders/{order}/materials/{material}", Filers),
    (
        "POST /orders/{order}/materials/{material}/confirmation",
        Filers,
    ),
    ("GET /filings/{subject}/materials/{material}", Filers),
    ("POST /orders/{order}/consequences", Filers),
    ("POST /orders/{order}/submission", Filers),
    ("POST /orders/{order}/withdrawal", Filers),
    ("GET /filings", Filers),
    ("POST /filing-searches", Filers),
    ("GET /account-contact", Filers),
    ("POST /account-contact", Filers),
    ("GET /filings/{subject}", Filers),
    ("GET /filings/{subject}/history", Filers),
    ("GET /filings/{subject}/yearly-reviews", Filers),
    (
        "POST /filings/{subject}/yearly-reviews/{campaign}/answers",
        Filers,
    ),
    ("GET /filings/{subject}/persons", Filers),
    ("POST /filings/{subject}/persons/{person}/codes", Filers),
    (
        "POST /filings/{subject}/persons/{person}/confirmations",
        Filers,
    ),
    ("GET /orders/{order}/persons", Filers),
    ("POST /orders/{order}/persons/{person}/codes", Filers),
    (
        "POST /orders/{order}/persons/{person}/confirmations",
        Filers,
    ),
    ("GET /contact-checks/provider", Anybody),
    ("POST /contact-checks/codes", Anybody),
    ("POST /contact-checks/confirmations", Anybody),
    ("POST /contact-checks/answers", Anybody),
    ("POST /way-back", Anybody),
    ("GET /filings/{subject}/services/{service}/way-back", Filers),
    ("POST /filings/{subject}/self-checks", Filers),
    ("GET /self-checks/{check}", Filers),
    ("POST /public-checks", Anybody),
    ("GET /public-checks/{check}", Anybody),
    ("POST /public-checks/{check}/proofs", Anybody),
    ("GET /cases", Filers),
    ("GET /cases/{case}", Filers),
    ("POST /cases/{case}/rechecks", Filers),
    ("POST /cases/{case}/extensions", Filers),
    ("POST /cases/{case}/appeals", Filers),
    ("POST /cases/{case}/objections", Filers),
    ("POST /cases/{case}/give-ups", Filers),
    ("POST /cases/{case}/call-slots", Filers),
    ("GET /review/queue", Readers(Reviewer)),
    ("GET /review/queue/{kind}", Readers(Reviewer)),
    ("POST /review/queue/{kind}/{item}/claims", Only(Reviewer)),
    ("POST /review/queue/{kind}/{item}/releases", Only(Reviewer)),
    ("GET /review/orders", Readers(Reviewer)),
    ("GET /review/orders/{order}", Readers(Reviewer)),
    ("POST /review/orders/{order}/decisions", Only(Reviewer)),
    ("POST /review/orders/{order}/bureau-results", Only(Reviewer)),
    (
        "POST /review/orders/{order}/materials/{material}/views",
        Only(Reviewer),
    ),
    (
        "POST /review/filings/{subject}/materials/{material}/views",
        Only(Reviewer),
    ),
    ("GET /review/cases", Readers(Reviewer)),
    ("GET /review/cases/{case}", Staff),
    ("POST /review/cases/{case}/appeal-decisions", Only(Reviewer)),
    (
        "POST /review/cases/{case}/objection-decisions",
        Only(Reviewer),
    ),
    ("POST /review/cases/{case}/extensions", Only(Reviewer)),
    ("POST /review/cases/{case}/exemptions", Only(Reviewer)),
    ("POST /review/cases/{case}/readings", Only(Reviewer)),
    ("POST /review/cases/{case}/reports", Only(Reviewer)),
    ("POST /review/cases/{case}/report-answers", Only(Reviewer)),
    ("POST /review/cases/{case}/calls", Only(Reviewer)),
    ("GET /review/items", Readers(Reviewer)),
    ("POST /review/items/{item}/decisions", Only(Reviewer)),
    ("GET /review/filings/{subject}/reports", Readers(Reviewer)),
    (
        "POST /review/filings/{subject}/registry-answers",
        Only(Reviewer),
    ),
    (
        "POST /review/filings/{subject}/materials/{material}/readings",
        Only(Reviewer),
    ),
    (
        "POST /review/filings/{subject}/persons/{person}/phone-identities",
        Only(Reviewer),
    ),
    (
        "POST /review/filings/{subject}/services/{service}/reinstatements",
        Only(Reviewer),
    ),
    ("POST /review/filing-searches", Readers(Reviewer)),
    ("GET /review/filings/{subject}", Staff),
    ("POST /review/filings/{subject}/disclosures", Only(Reviewer)),
    ("POST /review/orders/{order}/disclosures", Only(Reviewer)),
    ("GET /review/filings/{subject}/persons", Readers(Reviewer)),
    (
        "POST /review/filings/{subject}/persons/{person}/unlocks",
        Only(Reviewer),
    ),
    (
        "POST /review/orders/{order}/persons/{person}/unlocks",
        Only(Reviewer),
    ),
    ("GET /review/filings/{subject}/history", Readers(Reviewer)),
    ("GET /operations/condemned", Readers(Operator)),
    ("POST /operations/releases", Only(Operator)),
    ("GET /operations/brake", Readers(Operator)),
    ("POST /operations/brake", Only(Operator)),
    ("GET /operations/levels", Readers(Operator)),
    ("POST /operations/levels", Only(Operator)),
    ("GET /operations/voids", Readers(Operator)),
    ("POST /operations/voids", Only(Operator)),
    ("GET /operations/voids/{void}", Readers(Operator)),
    (
        "POST /operations/voids/{void}/confirmations",
        Only(Operator),
    ),
    ("GET /operations/campaigns", Readers(Operator)),
    ("POST /operations/campaigns", Only(Operator)),
    ("GET /operations/campaigns/{campaign}", Readers(Operator)),
    (
        "GET /operations/campaigns/{campaign}/preview",
        Readers(Operator),
    ),
    (
        "POST /operations/campaigns/{campaign}/steps",
        Only(Operator),
    ),
    (
        "GET /operations/campaigns/{campaign}/report",
        Readers(Operator),
    ),
    ("GET /operations/reports", Readers(Operator)),
    ("GET /operations/observed/{rule}", Readers(Operator)),
    ("POST /operations/level-previews", Readers(Operator)),
    ("GET /operations/notice-holds", Readers(Operator)),
    (
        "POST /operations/notice-holds/{run}/releases",
        Only(Operator),
    ),
    ("GET /operations/history-checks/{state}", Readers(Operator)),
    ("POST /operations/exports", Only(Operator)),
    ("GET /operations/exports/{export}", Readers(Operator)),
    ("GET /operations/imports", Readers(Operator)),
    ("POST /operations/imports", Only(Operator)),
    ("GET /operations/imports/{import}", Readers(Operator)),
    ("POST /operations/imports/{import}/start", Only(Operator)),
    ("GET /operations/bureau-lists", Readers(Operator)),
    ("POST /operations/bureau-lists", Only(Operator)),
    ("GET /operations/bureau-lists/{list}", Readers(Operator)),
    ("POST /operations/bureau-lists/{list}/start", Only(Operator)),
    ("GET /operations/report-files", Readers(Operator)),
    ("POST /operations/report-files", Only(Operator)),
    ("GET /operations/report-files/{file}", Readers(Operator)),
    ("POST /operations/report-files/{file}/start", Only(Operator)),
    ("POST /operations/person-copies", Only(Operator)),
    ("POST /operations/erasures", Only(Operator)),
    ("POST /operations/keys/{purpose}/rotations", Only(Operator)),
    ("GET /operations/quarantine", Readers(Operator)),
    ("POST /operations/quarantine/requeues", Only(Operator)),
    (
        "POST /operations/dead-letters/{queue}/redrives",
        Only(Operator),
    ),
    ("POST /bounces", Only(Operator)),
    (
        "POST /access-changes/{link}/{version}/acknowledgements",
        Only(Operator),
    ),
];

/// Who may call a route; nobody, where the table does not know it.
pub(crate) fn callers(method: &Method, path: &str) -> Option<Callers> {
    let is = |line: &str| line.split_once(' ') == Some((method.as_str(), path));
    let found = RIGHTS.iter().find(|(line, _)| is(line));
    found.map(|(_, callers)| *callers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_stands_once_and_an_unknown_one_is_nobodys() {
        for (line, callers_of) in RIGHTS {
            let (method, path) = line.split_once(' ').unwrap();
            let method: Method = method.parse().unwrap();
            assert_eq!(callers(&method, path), Some(*callers_of), "{line}");
            assert_eq!(RIGHTS.iter().filter(|(other, _)| other == line).count(), 1);
        }
        assert_eq!(callers(&Method::DELETE, "/orders"), None);
    }

    #[test]
    fn nobody_but_readers_reads_and_the_auditor_changes_nothing() {
        let guarded = RIGHTS.iter().filter(|(_, callers)| *callers != Anybody);
        for (line, callers) in guarded {
            // Questions that are asked by POST, for what stands in them.
            let asks = [
                "POST /review/filing-searches",
                "POST /operations/level-previews",
            ];
            let reads = line.starts_with("GET ") || asks.contains(line);
            assert_eq!(
                callers.include(Role::Auditor),
                reads && *callers != Filers,
                "{line}"
            );
            let roles = Role::ALL.iter().filter(|role| callers.include(**role));
            assert!((1..=3).contains(&roles.count()), "{line}");
        }
    }
}
