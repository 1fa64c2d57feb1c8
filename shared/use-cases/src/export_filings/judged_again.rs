//! The rows of kept evidence that is judged again: of each thing that was broken then or is now, a row.

use icp_domain::ids::{CaseId, SubjectId};
use icp_domain::rules::rule;
use icp_domain::{Rulebook, Text};
use icp_store::records::KeptEvidence;
use icp_store::{Key, Store, StoreError};

use super::{ExportRow, id_of};
use crate::judge::{JudgedAgain, judge_again};

/// The columns.
pub(super) const COLUMNS: [&str; 11] = [
    "subject",
    "service",
    "account",
    "caseNumber",
    "look",
    "lookedAt",
    "rule",
    "fault",
    "object",
    "again",
    "basis",
];

/// The rows of a case's evidence, or of what is kept beside a filing.
pub(super) async fn rows(
    store: &Store,
    rulebook: &Rulebook,
    key: &Key,
) -> Result<Vec<ExportRow>, StoreError> {
    let (kept, account, number) = if let Some(of_case) = key.pk.strip_prefix("CASE#") {
        let case: Option<CaseId> = of_case.parse().ok();
        let stored = match &case {
            Some(case) => store.case(case).await?,
            None => None,
        };
        let Some(stored) = stored else {
            return Ok(Vec::new());
        };
        let kept = store.case_evidence(&stored.case.id).await?;
        let case = stored.case;
        (kept, case.account.to_string(), case.number.to_string())
    } else {
        let Some(subject) = id_of::<SubjectId>(key) else {
            return Ok(Vec::new());
        };
        let kept = store.looks_evidence(&subject).await?;
        let account = if kept.is_empty() {
            None
        } else {
            store.filing_head(&subject).await?
        };
        let account = account.map(|head| head.filing.subject.account.to_string());
        (kept, account.unwrap_or_default(), String::new())
    };
    let mut rows = Vec::new();
    for kept in kept {
        for judged in judge_again(store, rulebook, &kept).await? {
            rows.push(row(&kept, &account, &number, &judged));
        }
    }
    Ok(rows)
}

fn row(kept: &KeptEvidence, account: &str, number: &str, judged: &JudgedAgain) -> ExportRow {
    let look = &kept.evidence.look;
    let zh = |text: &Text| text.zh.clone();
    let fault = rule(&judged.rule).map(|rule| (rule.fault)());
    vec![
        look.unit.subject.to_string(),
        look.unit
            .service
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        account.to_owned(),
        number.to_owned(),
        look.id.to_string(),
        kept.evidence.begun_at.to_string(),
        judged.rule.clone(),
        fault.as_ref().map(zh).unwrap_or_default(),
        serde_json::to_string(&judged.object).unwrap_or_default(),
        judged.again.name().to_owned(),
        judged.again.basis().map(zh).unwrap_or_default(),
    ]
}
