//! `/filings/{subject}/yearly-reviews`: what yearly reviews ask of a filing, and the filer's answers.

use axum::extract::State;
use icp_domain::Text;
use icp_domain::campaign::{Question, YearlyAnswer};
use icp_domain::ids::{CampaignId, SubjectId};
use icp_http::{
    Answered, Body, Filer, Keyed, Now, Origin, Page, PathIds, Problem, ProblemBody, ProblemKind,
    page_body,
};
use icp_store::Answer;
use icp_use_cases::By;
use icp_use_cases::yearly_review::{AnswerRefused, AnswerReview, answer_review, questions};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::App;
use crate::refusals::of_read;

/// What a yearly review asks of a filing.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct YearlyReviewView {
    /// The review's id.
    campaign: String,
    /// Its name.
    name: String,
    /// What it rests on.
    legal_bases: Vec<String>,
    /// Where the public reads of it.
    public_page: Option<String>,
    /// When it was asked.
    #[schema(value_type = String)]
    asked_at: Timestamp,
    /// Until when an answer is due.
    #[schema(value_type = String)]
    answer_by: Timestamp,
    /// `unchanged`, `changed` or `no-longer-used`, once it was answered.
    answer: Option<YearlyAnswer>,
    /// When it was answered.
    #[schema(value_type = Option<String>)]
    answered_at: Option<Timestamp>,
    /// Whether it may still be answered: not once it was, nor once the review ended or was cancelled.
    may_answer: bool,
    /// What to do next, once it was answered.
    next: Option<Text>,
}

fn view(question: &Question, may_answer: bool) -> YearlyReviewView {
    let answered = question.answered.as_ref();
    YearlyReviewView {
        campaign: question.campaign.to_string(),
        name: question.name.clone(),
        legal_bases: question.legal_bases.clone(),
        public_page: question.public_page.clone(),
        asked_at: question.asked_at,
        answer_by: question.answer_by,
        answer: answered.map(|answered| answered.answer),
        answered_at: answered.map(|answered| answered.at),
        may_answer,
        next: answered.map(|answered| answered.answer.next()),
    }
}

/// What yearly reviews asked of a filing, the latest first.
#[utoipa::path(get, path = "/filings/{subject}/yearly-reviews", tag = "filings",
    params(("subject" = String, Path)),
    responses((status = 200, body = Page<YearlyReviewView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn list(
    State(app): State<&'static App>,
    filer: Filer,
    PathIds(subject): PathIds<SubjectId>,
) -> Result<Answered, Problem> {
    let by = By::filer(filer.account, filer.user, String::new());
    let asked = questions(&app.store, &by, &subject).await;
    let items: Vec<YearlyReviewView> = asked
        .map_err(of_read)?
        .iter()
        .map(|(question, may_answer)| view(question, *may_answer))
        .collect();
    Ok(Answered::read(&page_body(&items, None), None))
}

/// What a filer answers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "answer": "unchanged" }))]
pub(crate) struct YearlyReviewAnswer {
    /// `unchanged`, `changed` or `no-longer-used`.
    answer: YearlyAnswer,
}

/// Answers a yearly review, once. The answer changes nothing of the filing: what changed is filed by an order, and so
/// is a deregistration.
#[utoipa::path(post, path = "/filings/{subject}/yearly-reviews/{campaign}/answers", tag = "filings",
    request_body = YearlyReviewAnswer,
    params(("subject" = String, Path), ("campaign" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = YearlyReviewView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn answer(
    State(app): State<&'static App>,
    filer: Filer,
    Now(mut inv): Now,
    Origin(origin): Origin,
    keyed: Keyed,
    PathIds((subject, campaign)): PathIds<(SubjectId, CampaignId)>,
    Body(YearlyReviewAnswer { answer }): Body<YearlyReviewAnswer>,
) -> Result<Answered, Problem> {
    let command = AnswerReview {
        subject,
        campaign,
        answer,
        by: By::filer(filer.account, filer.user, origin),
    };
    let repeat = keyed.rendered_by(answered);
    let done = answer_review(&app.store, app.rulebook, &mut inv, repeat, command).await;
    done.map(Answered).map_err(|failure| {
        Problem::of(failure, |refusal| {
            let zh = match refusal {
                AnswerRefused::Answered => "该年度核对已确认",
                AnswerRefused::Ended => "该年度核对已结束",
            };
            let detail = Text::new(zh, refusal.to_string());
            Problem::client(ProblemKind::StepRefused, detail)
        })
    })
}

fn answered(question: &Question) -> Answer {
    Answer {
        status: 200,
        location: None,
        etag: None,
        body: json!(view(question, false)),
    }
}
