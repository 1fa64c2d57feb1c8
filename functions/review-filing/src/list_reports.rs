//! `GET /review/filings/{subject}/reports`: what people and files reported of a filing.

use std::collections::BTreeMap;

use axum::extract::State;
use icp_domain::ids::{ServiceId, SubjectId};
use icp_domain::reports::{MaterialSays, PaperSeen, RegistryFound};
use icp_http::{Answered, PathIds, Problem, ProblemBody, Staff};
use icp_store::records::Reported;
use icp_use_cases::{By, read};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;

/// What people and files reported of a filing, without anything personal.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReportsView {
    /// The newest answer of a register.
    registry: Option<RegistryView>,
    /// What reading materials came to, by material.
    materials: BTreeMap<String, BroughtView<MaterialSays>>,
    /// Materials that were seen on paper, by material.
    papers: BTreeMap<String, BroughtView<PaperSeen>>,
    /// First instants at which servers are no longer paid, by service.
    #[schema(value_type = BTreeMap<String, BroughtView<String>>)]
    servers: BTreeMap<String, BroughtView<Timestamp>>,
    /// The last day on which each name was asked for at the front ends, by service.
    #[schema(value_type = BTreeMap<String, BroughtView<BTreeMap<String, String>>>)]
    front_ends: BTreeMap<String, BroughtView<BTreeMap<String, Date>>>,
    /// What people decided where machines could not.
    decisions: Vec<DecisionView>,
    /// From what staff exempted it for a time.
    exemptions: Vec<ExemptionView>,
}

/// A report, and who brought it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BroughtView<T> {
    report: T,
    by: String,
    #[schema(value_type = String)]
    at: Timestamp,
    because: String,
}

impl<T> BroughtView<T> {
    fn of<U>(brought: &icp_domain::reports::Brought<U>, report: impl FnOnce(&U) -> T) -> Self {
        Self {
            report: report(&brought.report),
            by: brought.by.to_string(),
            at: brought.at,
            because: brought.because.clone(),
        }
    }
}

/// An answer of a register: whether there is a body, and where its life stands. Names are shown by
/// disclosure.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RegistryView {
    source: String,
    #[schema(value_type = String)]
    as_of: Date,
    found: bool,
    state: Option<icp_domain::reports::BodyState>,
    by: String,
    #[schema(value_type = String)]
    at: Timestamp,
    because: String,
}

/// An exemption from a rule.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ExemptionView {
    service: Option<String>,
    rule: String,
    object: icp_domain::finding::FaultyObject,
    by: String,
    #[schema(value_type = String)]
    from: Timestamp,
    #[schema(value_type = String)]
    until: Timestamp,
    because: String,
}

/// A decision of people.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DecisionView {
    service: Option<String>,
    rule: String,
    object: icp_domain::finding::FaultyObject,
    decision: icp_domain::reports::DecisionSays,
    by: String,
    #[schema(value_type = String)]
    from: Timestamp,
    #[schema(value_type = String)]
    until: Timestamp,
    because: String,
}

impl ReportsView {
    fn add(&mut self, service: Option<&str>, reported: &Reported) {
        if let Some(answer) = &reported.registry {
            let state = match &answer.report.found {
                RegistryFound::Nothing => None,
                RegistryFound::Body(body) => Some(body.state),
            };
            self.registry = Some(RegistryView {
                source: answer.report.source.clone(),
                as_of: answer.report.as_of,
                found: state.is_some(),
                state,
                by: answer.by.to_string(),
                at: answer.at,
                because: answer.because.clone(),
            });
        }
        let read = reported.materials.iter();
        self.materials.extend(read.map(|(id, brought)| {
            (
                id.to_string(),
                BroughtView::of(brought, |report| report.says),
            )
        }));
        let papers = reported.papers.iter();
        self.papers.extend(
            papers
                .map(|(id, brought)| (id.to_string(), BroughtView::of(brought, PaperSeen::clone))),
        );
        if let (Some(service), Some(until)) = (service, &reported.server_until) {
            let view = BroughtView::of(until, |until| *until);
            self.servers.insert(service.to_owned(), view);
        }
        if let (Some(service), Some(seen)) = (service, &reported.front_ends) {
            let view = BroughtView::of(seen, |seen| {
                let days = seen.iter();
                days.map(|(host, day)| (host.to_string(), *day)).collect()
            });
            self.front_ends.insert(service.to_owned(), view);
        }
        let exemptions = reported.exemptions.iter().map(|brought| {
            let report = &brought.report;
            ExemptionView {
                service: service.map(str::to_owned),
                rule: report.rule.clone(),
                object: report.object.clone(),
                by: brought.by.to_string(),
                from: report.from,
                until: report.until,
                because: brought.because.clone(),
            }
        });
        self.exemptions.extend(exemptions);
        let decisions = reported.decisions.iter().map(|decided| {
            let (brought, report) = (&decided.decision, &decided.decision.report);
            DecisionView {
                service: service.map(str::to_owned),
                rule: report.rule.clone(),
                object: report.object.clone(),
                decision: report.says,
                by: brought.by.to_string(),
                from: report.from,
                until: report.until,
                because: brought.because.clone(),
            }
        });
        self.decisions.extend(decisions);
    }
}

/// What people and files reported of a filing, by whom and when.
#[utoipa::path(get, path = "/review/filings/{subject}/reports", tag = "review",
    params(("subject" = String, Path)),
    responses((status = 200, body = ReportsView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    staff: Staff,
    PathIds(subject): PathIds<SubjectId>,
) -> Result<Answered, Problem> {
    let by = By::staff(staff.user, staff.role, String::new());
    let stored = read::filing(&app.store, &by, &subject).await;
    let stored = stored.map_err(|failure| Problem::of(failure, |never| match never {}))?;
    let mut view = ReportsView {
        registry: None,
        materials: BTreeMap::new(),
        papers: BTreeMap::new(),
        servers: BTreeMap::new(),
        front_ends: BTreeMap::new(),
        decisions: Vec::new(),
        exemptions: Vec::new(),
    };
    for (unit, stored) in &stored.reported {
        let service = unit.service.as_ref().map(ServiceId::as_str);
        view.add(service, &stored.reported);
    }
    Ok(Answered::read(&view, None))
}
