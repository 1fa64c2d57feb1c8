//! `GET /operations/reports` and `GET /operations/campaigns/{campaign}/report`: what audits came to, as JSON, CSV or a page.

mod contents;
mod lines;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use icp_domain::Text;
use icp_domain::audit_report::{NoPeriod, Period};
use icp_domain::ids::CampaignId;
use icp_domain::rulebook::calendar::local_date;
use icp_http::{
    Answered, Now, Parameters, PathIds, Problem, ProblemBody, ProblemKind, Rendering, Staff,
    Written,
};
use icp_use_cases::audit_reports::{audit_report, campaign_report};
use jiff::civil::Date;
use serde::Deserialize;

use crate::App;
use crate::page::{Page, render};
use lines::{CampaignReportView, ReportView, csv};

/// The days of a report for which nobody said which: the last thirty.
const DAYS: i32 = 30;

/// Which days a report is about, both ends among them; either may be left out.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    from: Option<Date>,
    until: Option<Date>,
}

impl Asked {
    fn period(self, today: Date) -> Result<Period, NoPeriod> {
        let until = self.until.unwrap_or(today);
        match self.from {
            Some(from) => Period::new(from, until),
            None => Period::ending(until, DAYS),
        }
    }
}

fn no_period() -> Problem {
    let detail = Text::new(
        "from与until须为日期（如2026-03-31），且首尾相距不超过366天",
        "from and until are dates such as 2026-03-31, and a report is about 1 to 366 days",
    );
    Problem::one_of(&["from", "until"], detail)
}

/// What the audits of a period came to, by rule, category, province and time, from counts alone. Days are those of
/// Asia/Shanghai, the first and last among them, at most 366; without `from` the 30 that end with `until`, without `until`
/// until today. `Accept` chooses JSON, `text/csv` or `text/html`, a page in Chinese and English.
#[utoipa::path(get, path = "/operations/reports", tag = "operations",
    params(("from" = Option<String>, Query, example = "2026-01-01"),
        ("until" = Option<String>, Query, example = "2026-03-31"), ("Accept" = Option<String>, Header)),
    responses((status = 200, content((ReportView = "application/json"), (String = "text/csv"), (String = "text/html"))),
        (status = "4XX", body = ProblemBody)))]
pub(crate) async fn of_period(
    State(app): State<&'static App>,
    _staff: Staff,
    Now(inv): Now,
    Parameters(asked): Parameters<Asked>,
    rendering: Rendering,
) -> Result<Response, Problem> {
    let period = asked.period(local_date(inv.now)).map_err(|_| no_period())?;
    let report = audit_report(&app.store, period).await;
    let report = report.map_err(Problem::fault)?;
    let view = ReportView::new(&report, &app.rulebook.provinces);
    match rendering {
        Rendering::Json => Ok(Answered::read(&view, None).into_response()),
        Rendering::Csv => {
            let name = format!("audits-{}-{}.csv", period.from(), period.until());
            saved(&view.rows(), name)
        }
        Rendering::Page => shown(&contents::of_period(&view, app.rulebook, inv.now)),
    }
}

/// What a campaign came to so far, by rule, category and province, from counts alone. `Accept` chooses JSON, `text/csv` or
/// `text/html`, a page in Chinese and English.
#[utoipa::path(get, path = "/operations/campaigns/{campaign}/report", tag = "operations",
    params(("campaign" = String, Path), ("Accept" = Option<String>, Header)),
    responses((status = 200,
            content((CampaignReportView = "application/json"), (String = "text/csv"), (String = "text/html"))),
        (status = "4XX", body = ProblemBody)))]
pub(crate) async fn of_campaign(
    State(app): State<&'static App>,
    _staff: Staff,
    Now(inv): Now,
    PathIds(id): PathIds<CampaignId>,
    rendering: Rendering,
) -> Result<Response, Problem> {
    let stored = app.store.campaign(&id).await.map_err(Problem::fault)?;
    let campaign = stored.ok_or_else(Problem::not_found)?.campaign;
    let report = campaign_report(&app.store, &campaign).await;
    let report = report.map_err(Problem::fault)?;
    let view = CampaignReportView::new(&campaign, &report, &app.rulebook.provinces);
    match rendering {
        Rendering::Json => Ok(Answered::read(&view, None).into_response()),
        Rendering::Csv => saved(&view.rows(), format!("campaign-{id}.csv")),
        Rendering::Page => shown(&contents::of_campaign(&view, app.rulebook, inv.now)),
    }
}

fn saved(rows: &[Vec<String>], name: String) -> Result<Response, Problem> {
    let lines = csv(rows).map_err(|error| Problem::server(ProblemKind::Internal, error))?;
    Ok(Written::Csv { lines, name }.into_response())
}

fn shown(page: &Page) -> Result<Response, Problem> {
    let page = render(page).map_err(|error| Problem::server(ProblemKind::Internal, error))?;
    Ok(page.into_response())
}
