//! The rows of a yearly review: a row a filing, with what its filer answered.

use icp_domain::account::Actor;
use icp_domain::campaign::MemberOutcome;
use icp_domain::ids::UnitId;
use icp_store::records::Export;
use icp_store::{Cursor, Key, Page, Store, StoreError, keys};

use super::rows::show;
use super::{ExportRow, PAGE, id_of};

/// The columns.
pub(super) const COLUMNS: [&str; 11] = [
    "subject",
    "number",
    "subjectName",
    "province",
    "account",
    "label",
    "askedAt",
    "answerBy",
    "answer",
    "answeredAt",
    "answeredBy",
];

/// A page of the review's filings: their heads.
pub(super) async fn page(
    store: &Store,
    export: &Export,
    cursor: Option<&Cursor>,
) -> Result<Page, StoreError> {
    let mut page = Page {
        keys: Vec::new(),
        since: Vec::new(),
        next: None,
    };
    let Some(campaign) = &export.campaign else {
        return Ok(page);
    };
    let after = cursor.map(Cursor::as_str);
    let (members, next) = store.members(campaign, after, PAGE).await?;
    let heads = members
        .iter()
        .map(|stored| keys::subject(&stored.unit.subject));
    page.keys = heads.collect();
    page.next = next.and_then(Cursor::given);
    Ok(page)
}

/// The row of a filing.
pub(super) async fn rows(
    store: &Store,
    export: &Export,
    key: &Key,
) -> Result<Vec<ExportRow>, StoreError> {
    let (Some(subject), Some(campaign)) = (id_of(key), &export.campaign) else {
        return Ok(Vec::new());
    };
    let Some(head) = store.filing_head(&subject).await? else {
        return Ok(Vec::new());
    };
    let filed = &head.filing.subject;
    let another = export.account.as_ref();
    if another.is_some_and(|account| *account != filed.account) {
        return Ok(Vec::new());
    }
    let unit = UnitId::of_subject(subject.clone());
    let member = store.member(campaign, &unit).await?;
    let outcome = member.and_then(|stored| stored.member.outcome);
    let asked = store.question(&subject, campaign).await?;
    let question = asked.as_ref().map(|asked| &asked.question);
    let answered = question.and_then(|question| question.answered.as_ref());
    let shown = export.personal_because.is_some();
    let details = filed.details.as_ref();
    let name = details.map(|details| {
        let is_person = details.certificate.is_of_person();
        show(details.name.reveal(), 1, 0, shown || !is_person)
    });
    let by = answered.map(|answered| match &answered.by {
        Actor::Filer { user, .. } | Actor::Staff { user, .. } => user.to_string(),
        Actor::Person { person } => person.to_string(),
        Actor::Machine { function } => function.clone(),
    });
    Ok(vec![vec![
        subject.to_string(),
        filed.number().map(ToString::to_string).unwrap_or_default(),
        name.unwrap_or_default(),
        details
            .map(|details| details.province.clone())
            .unwrap_or_default(),
        filed.account.to_string(),
        filed.label.clone().unwrap_or_default(),
        question
            .map(|question| question.asked_at.to_string())
            .unwrap_or_default(),
        question
            .map(|question| question.answer_by.to_string())
            .unwrap_or_default(),
        outcome
            .map(MemberOutcome::name)
            .unwrap_or_default()
            .to_owned(),
        answered
            .map(|answered| answered.at.to_string())
            .unwrap_or_default(),
        by.unwrap_or_default(),
    ]])
}
