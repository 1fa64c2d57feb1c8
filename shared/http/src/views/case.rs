//! Cases as callers see them.

use std::collections::BTreeMap;

use icp_domain::Text;
use icp_domain::case::{Call, CallSlot, Case, StaffNeed};
use icp_domain::filing::Filing;
use icp_domain::finding::{
    Appeal, Demand, Extension, FaultyObject, Finding, FindingState, Freezes, Object, Objection,
    Rechecked, StaffExtension, TimeLeft, left_once_it_goes_on, time_left,
};
use icp_domain::identifiers::{DomainName, IcpNumber};
use icp_domain::ids::{CampaignId, CaseId, FindingId, SubjectId, UnitId};
use icp_domain::rulebook::{Level, Rulebook};
use icp_domain::rules::{Category, Fix, rule};
use icp_store::Answer;
use icp_store::records::{KeptEvidence, StoredCase, StoredFiling};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::filing::shown_name;

/// A case with its findings, and the evidence that they rest on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CaseView {
    /// Its id.
    pub id: String,
    /// The number that notices print.
    pub number: String,
    /// The filing.
    pub subject: String,
    /// The service, or none for the subject itself.
    pub service: Option<String>,
    /// The same as people know it.
    pub about: AboutView,
    /// When it was opened.
    #[schema(value_type = String)]
    pub opened_at: Timestamp,
    /// Whether anything of it is still to come.
    pub open: bool,
    /// Its findings.
    pub findings: Vec<FindingView>,
    /// What was seen: `evidence`, what it `shows` of each rule, and the `carrier` whose network it was seen from.
    pub evidence: Vec<EvidenceView>,
    /// What only people can do now.
    pub needs_staff: Option<StaffNeedView>,
    /// Calls that staff made about it.
    pub calls: Vec<Call>,
    /// When the filer wants to be called.
    pub call_slot: Option<CallSlot>,
    /// Whether something of it is not stopped before a call that the filer was promised is made.
    pub call_owed: bool,
    /// Its version, for `If-Match`.
    pub version: u64,
}

/// What only people can do about a case.
#[derive(Debug, Serialize, ToSchema)]
pub struct StaffNeedView {
    /// What: `nobody-reached`, `undecided`, `appeal`, `objection`, `report`, `report-refused`, `reading` or `call-wanted`.
    kind: &'static str,
    /// Since when.
    #[schema(value_type = String)]
    since: Timestamp,
}

impl StaffNeedView {
    /// The view of a need.
    pub fn of(need: StaffNeed) -> Self {
        let (kind, since) = need.named();
        Self { kind, since }
    }
}

/// What was seen, and where from as people know it.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceView {
    /// What was seen.
    #[serde(flatten)]
    kept: KeptEvidence,
    /// Whose network it was seen from. None where its vantage is no longer in use.
    carrier: Option<String>,
}

/// What a case is about, as people know it.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AboutView {
    /// Filing number of the service, or of the subject where the case is the subject's own.
    pub number: Option<IcpNumber>,
    /// 主办单位名称: a body's whole, a person's by its first sign. None while nothing is filed.
    pub subject_name: Option<String>,
    /// 网站名称; none of a subject.
    pub name: Option<String>,
    /// The service's domains; none of a subject.
    pub domains: Vec<DomainName>,
}

/// A finding.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FindingView {
    /// Its id.
    pub id: String,
    /// The rule's code.
    pub rule: String,
    /// The audit category.
    pub category: Option<Category>,
    /// The law that the rule rests on, as it names itself.
    pub basis: Option<&'static str>,
    /// The campaign that found it; none where the unit's own period did.
    pub campaign: Option<CampaignId>,
    /// The fault, in both languages.
    pub fault: Option<Text>,
    /// What puts it right.
    pub fix: Option<Fix>,
    /// The same in words, in both languages.
    pub to_do: Option<Text>,
    /// What a bureau demanded, where its list and no rule found it.
    pub demand: Option<Demand>,
    /// What is at fault.
    #[schema(value_type = FaultyObject)]
    pub object: Object,
    /// What may follow.
    pub level: Level,
    /// When the first notice was delivered.
    #[schema(value_type = Option<String>)]
    pub notified_at: Option<Timestamp>,
    /// Until when it must be put right; none before the notice and while the period stands still.
    #[schema(value_type = Option<String>)]
    pub due_at: Option<Timestamp>,
    /// Whether the period stands still.
    pub frozen: bool,
    /// Whole days of the period that are left once it goes on, at least. None unless it stands still within it.
    pub days_left: Option<u32>,
    /// By how many days the filer may still extend the period, at most. None where not at all.
    pub may_extend_by: Option<u32>,
    /// Until when the filer may still say that the stop was wrong. None where not at all.
    #[schema(value_type = Option<String>)]
    pub may_object_until: Option<Timestamp>,
    /// Whether the filer may say that it is put right, and ask for access back: until the cancellation of access is reported.
    pub may_ask_back: bool,
    /// The filer's extension.
    pub extension: Option<Extension>,
    /// Days on top that staff gave.
    pub staff_extensions: Vec<StaffExtension>,
    /// Appeals.
    pub appeals: Vec<Appeal>,
    /// Objections to its stop, and requests for access back.
    pub objections: Vec<Objection>,
    /// Whether a recheck is under way.
    pub recheck_under_way: bool,
    /// What the last recheck came to that did not end it.
    pub rechecked: Option<Rechecked>,
    /// Until when staff exempted its unit from its rule, which closed it.
    #[schema(value_type = Option<String>)]
    pub exempt_until: Option<Timestamp>,
    /// Where its life stands.
    pub state: FindingState,
}

/// The views of what a list shows, without evidence, with the filings that it is about.
pub fn case_views(
    cases: &[StoredCase],
    filings: &BTreeMap<SubjectId, StoredFiling>,
    now: Timestamp,
    rulebook: &Rulebook,
) -> Vec<CaseView> {
    let views = cases.iter().map(|stored| {
        let filing = filings.get(&stored.case.unit.subject);
        case_view(stored, Vec::new(), filing, now, rulebook)
    });
    views.collect()
}

/// The view of a case at `now`, with what its filing says of it and the orders that froze it.
pub fn case_view(
    stored: &StoredCase,
    evidence: Vec<KeptEvidence>,
    filing: Option<&StoredFiling>,
    now: Timestamp,
    rulebook: &Rulebook,
) -> CaseView {
    let case = &stored.case;
    let freezes = filing.map(|stored| stored.freezes.as_slice());
    let freezes = Freezes::of(&case.unit, freezes.unwrap_or_default());
    CaseView {
        id: case.id.to_string(),
        number: case.number.to_string(),
        subject: case.unit.subject.to_string(),
        service: case.unit.service.as_ref().map(ToString::to_string),
        about: filing.map_or_else(AboutView::default, |stored| {
            AboutView::of(&case.unit, &stored.filing)
        }),
        opened_at: case.opened_at,
        open: case.is_open(),
        findings: case
            .findings
            .iter()
            .map(|f| finding_view((case, f), freezes, now, rulebook))
            .collect(),
        evidence: evidence
            .into_iter()
            .map(|kept| evidence_view(kept, rulebook))
            .collect(),
        needs_staff: case.needs_staff.map(StaffNeedView::of),
        calls: case.calls.clone(),
        call_slot: case.call_slot.clone(),
        call_owed: filing.is_some_and(|stored| {
            let persons = &stored.filing.persons;
            let mut findings = case.findings.iter();
            findings.any(|finding| case.is_held_by_call(finding, persons, now))
        }),
        version: stored.version(),
    }
}

impl AboutView {
    /// What a unit is known by in those of these filings that is its own; nothing of what is not filed.
    pub fn among(unit: &UnitId, filings: &BTreeMap<SubjectId, StoredFiling>) -> Self {
        let filing = filings.get(&unit.subject);
        filing.map_or_else(Self::default, |stored| Self::of(unit, &stored.filing))
    }

    /// What a unit is known by in its filing.
    pub fn of(unit: &UnitId, filing: &Filing) -> Self {
        let subject_name = filing.subject.details.as_ref().map(shown_name);
        let Some(service) = &unit.service else {
            return Self {
                number: filing.number().cloned(),
                subject_name,
                ..Self::default()
            };
        };
        let service = filing.services.get(service);
        service.map_or_else(Self::default, |service| Self {
            number: service.number.clone(),
            subject_name,
            name: Some(service.details.name.clone()),
            domains: service.details.domains.clone(),
        })
    }
}

fn evidence_view(kept: KeptEvidence, rulebook: &Rulebook) -> EvidenceView {
    let vantage = rulebook.vantages.named(&kept.evidence.look.plan.vantage);
    EvidenceView {
        carrier: vantage.map(|vantage| vantage.carrier.clone()),
        kept,
    }
}

fn finding_view(
    (case, finding): (&Case, &Finding),
    freezes: Freezes<'_>,
    now: Timestamp,
    rulebook: &Rulebook,
) -> FindingView {
    let (policy, calendar) = (&rulebook.policy.cases, &rulebook.calendar);
    let left = time_left(finding, freezes, now, policy, calendar);
    let days_left = left_once_it_goes_on(finding, freezes, now, policy, calendar)
        .filter(|_| finding.state == FindingState::Open)
        .and_then(|left| u32::try_from(left.as_hours() / 24).ok());
    let rule = rule(&finding.rule);
    FindingView {
        id: finding.id.to_string(),
        rule: finding.rule.clone(),
        category: rule.map(|rule| rule.category),
        basis: rule.map(|rule| rule.basis),
        campaign: finding.campaign.clone(),
        fault: finding.fault(),
        fix: rule.map(|rule| rule.fix),
        to_do: finding.to_do(),
        demand: finding.demand.clone(),
        object: finding.object.clone(),
        level: finding.level,
        notified_at: finding.notified_at,
        due_at: match left {
            TimeLeft::Until(due_at) => Some(due_at),
            TimeLeft::NotBegun | TimeLeft::Frozen => None,
        },
        frozen: left == TimeLeft::Frozen,
        days_left,
        may_extend_by: finding.may_extend_by(&rulebook.policy.cases),
        may_object_until: finding
            .may_object_until(now, rulebook)
            .filter(|_| !case.is_ordered()),
        may_ask_back: finding.may_ask_back(now, rulebook) && !case.is_ordered(),
        extension: finding.extension.clone(),
        staff_extensions: finding.staff_extensions.clone(),
        appeals: finding.appeals.clone(),
        objections: finding.objections.clone(),
        recheck_under_way: finding.recheck.is_some() || finding.reading_asked_at.is_some(),
        rechecked: finding.rechecked,
        exempt_until: finding.exempt_until,
        state: finding.state.clone(),
    }
}

/// The same for the filer: without the names of the staff who released, decided or called, and what they
/// noted.
pub fn case_for_filer(view: &CaseView) -> Value {
    let mut shown = json!(view);
    without_names(&mut shown);
    shown
}

fn without_names(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("by");
            fields.remove("note");
            fields.values_mut().for_each(without_names);
        }
        Value::Array(items) => items.iter_mut().for_each(without_names),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What became of a case by an act on it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseActedView {
    /// Its id.
    id: CaseId,
    /// Its version, for `If-Match`.
    version: u64,
    /// Its findings.
    findings: Vec<FindingActedView>,
}

/// What became of a finding by an act on its case.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FindingActedView {
    /// Its id.
    id: FindingId,
    /// The rule's code.
    rule: String,
    /// Where its life stands.
    state: FindingState,
    /// The fault, in both languages.
    fault: Option<Text>,
    /// What puts it right, in both languages.
    to_do: Option<Text>,
    /// Whether a look that the filer asked for is under way.
    recheck_under_way: bool,
}

impl FindingActedView {
    fn of(finding: &Finding) -> Self {
        Self {
            id: finding.id.clone(),
            rule: finding.rule.clone(),
            state: finding.state.clone(),
            fault: finding.fault(),
            to_do: finding.to_do(),
            recheck_under_way: finding.recheck.is_some(),
        }
    }
}

/// The answer to an act on a case: where to watch it, at which version, and its findings' states with what to do
/// about each.
pub fn case_acted(stored: &StoredCase) -> Answer {
    let version = stored.version() + 1;
    let findings = stored.case.findings.iter();
    let mut body = json!(CaseActedView {
        id: stored.case.id.clone(),
        version,
        findings: findings.map(FindingActedView::of).collect(),
    });
    without_names(&mut body);
    Answer {
        status: 202,
        location: Some(format!("/cases/{}", stored.case.id)),
        etag: Some(version),
        body,
    }
}
