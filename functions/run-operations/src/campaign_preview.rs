//! `GET /operations/campaigns/{campaign}/preview`: what a campaign's release would tell.

use std::collections::BTreeMap;

use axum::extract::State;
use icp_domain::Rulebook;
use icp_domain::campaign::{Campaign, Fault, Question};
use icp_domain::ids::{CampaignId, LookId, UnitId};
use icp_domain::notice::{CampaignTold, NoticeKind, Parameters};
use icp_domain::rules::rule;
use icp_http::{Answered, Now, PathIds, Problem, ProblemBody, Staff};
use icp_store::records::{KeptEvidence, Untold};
use icp_store::{Store, StoreError};
use icp_use_cases::campaigns::{CampaignPreview, preview_campaign};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::observed::{NoticePreview, named, notice, read_by, told};

/// What a campaign's release would tell.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CampaignPreviewView {
    /// Members that would be told, each after one more look that still sees the fault; of a yearly review, all that were
    /// chosen so far, who would be asked.
    members: u64,
    /// The same by rule.
    rules: BTreeMap<String, u64>,
    /// Some of them, at most 20.
    samples: Vec<UntoldView>,
    /// The notice as it will read.
    notice: Option<NoticePreview>,
    /// What the release names in `preview`, within 24 hours.
    token: String,
}

/// A member whose faults wait to be told.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UntoldView {
    /// The unit.
    unit: UnitId,
    /// What is at fault, by which looks.
    faults: Vec<Fault>,
    /// Since when.
    #[schema(value_type = String)]
    since: Timestamp,
    /// What the looks saw, as far as it is kept.
    evidence: Vec<KeptEvidence>,
}

/// Counts what a campaign's release would tell, with samples and the notice as it will read.
#[utoipa::path(get, path = "/operations/campaigns/{campaign}/preview", tag = "operations",
    params(("campaign" = String, Path)),
    responses((status = 200, body = CampaignPreviewView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn preview(
    State(app): State<&'static App>,
    _staff: Staff,
    Now(inv): Now,
    PathIds(id): PathIds<CampaignId>,
) -> Result<Answered, Problem> {
    let stored = app.store.campaign(&id).await.map_err(Problem::fault)?;
    let campaign = stored.ok_or_else(Problem::not_found)?.campaign;
    let preview = preview_campaign(&app.store, &campaign, inv.now).await;
    let CampaignPreview {
        members,
        rules,
        samples,
        token,
    } = preview.map_err(Problem::fault)?;
    let first = samples
        .first()
        .and_then(|member| Some((&member.unit, member.faults.first()?)));
    let about = match first {
        Some((unit, fault)) => named(app, unit, &fault.object).await?,
        None => None,
    };
    let notice = match Question::asked(&campaign, inv.now) {
        Some(question) => Some(of_review(&campaign, &question, app.rulebook)),
        None => first.and_then(|(_, fault)| {
            let terms = campaign.terms.rules.get(&fault.rule)?;
            let basis = Some(fault.basis.clone());
            let told = told(rule(&fault.rule)?, about, basis, terms.level);
            let told = (told, Some(CampaignTold::of(&campaign.terms)));
            Some(notice(told, terms.period_days, app.rulebook, &inv))
        }),
    };
    let mut shown = Vec::new();
    for member in samples {
        shown.push(sample(&app.store, member).await.map_err(Problem::fault)?);
    }
    let view = CampaignPreviewView {
        members,
        rules,
        samples: shown,
        notice,
        token,
    };
    Ok(Answered::read(&view, None))
}

/// A member with what its looks saw.
async fn sample(store: &Store, member: Untold) -> Result<UntoldView, StoreError> {
    let mut looks: Vec<LookId> = member
        .faults
        .iter()
        .flat_map(|fault| fault.looks.clone())
        .collect();
    looks.sort();
    looks.dedup();
    let mut evidence = Vec::new();
    for look in &looks {
        evidence.extend(store.look_evidence(&member.unit.subject, look).await?);
    }
    Ok(UntoldView {
        unit: member.unit,
        faults: member.faults,
        since: member.since,
        evidence,
    })
}

/// A yearly review's question, as it would read if it were asked now.
fn of_review(campaign: &Campaign, question: &Question, rulebook: &Rulebook) -> NoticePreview {
    let kind = NoticeKind::YearlyReview {
        campaign: question.campaign.clone(),
        answer_by: question.answer_by,
        again: false,
    };
    let parameters = Parameters {
        due_at: Some(question.answer_by),
        campaign: Some(CampaignTold::of(&campaign.terms)),
        ..Parameters::default()
    };
    read_by(&kind, &parameters, rulebook)
}
