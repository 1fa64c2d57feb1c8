//! `POST /orders/{order}/materials`, its confirmation, and links to what is stored: materials as files.

use axum::extract::State;
use icp_domain::Text;
use icp_domain::filing::{MaterialKind, MediaType};
use icp_domain::ids::{MaterialId, OrderId, SubjectId};
use icp_http::views::{OrderHeadView, order_answer};
use icp_http::{
    Answered, Body, Filer, IfMatch, Keyed, Now, Origin, PathIds, Problem, ProblemBody, ProblemKind,
};
use icp_store::files::Link;
use icp_store::{Answer, Failure};
use icp_use_cases::By;
use icp_use_cases::upload_material::{
    AnnounceUpload, Announced, MaterialOf, ShowMaterial, TakeUpload, UploadRefused, announce,
    own_link, take,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::refusals::of_read;

/// A file to be uploaded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "kind": "subject-certificate", "validUntil": "2030-01-01", "mediaType": "image/jpeg", "bytes": 4096, "sha256": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=" }))]
pub(crate) struct NewMaterial {
    /// What it is, such as `subject-certificate`.
    kind: MaterialKind,
    /// Last day of its validity; none for 长期.
    #[schema(value_type = Option<String>)]
    valid_until: Option<Date>,
    /// `image/jpeg`, `image/png` or `application/pdf`.
    media_type: MediaType,
    /// Its length.
    bytes: u64,
    /// SHA-256 of its bytes, in base64.
    sha256: String,
}

/// Where a file goes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UploadView {
    /// The material's id, for its confirmation.
    material: String,
    /// The request that uploads it.
    link: Link,
}

/// Announces a file, and gives the link that uploads it: once, as announced, within a quarter of an
/// hour.
#[utoipa::path(post, path = "/orders/{order}/materials", tag = "orders", request_body = NewMaterial,
    params(("order" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = UploadView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn announce_file(
    State(app): State<&'static App>,
    owner: Filer,
    Now(mut inv): Now,
    Origin(origin): Origin,
    PathIds(order): PathIds<OrderId>,
    keyed: Keyed,
    Body(new): Body<NewMaterial>,
) -> Result<Answered, Problem> {
    let command = AnnounceUpload {
        order,
        by: By::filer(owner.account, owner.user, origin),
        kind: new.kind,
        valid_until: new.valid_until,
        media_type: new.media_type,
        bytes: new.bytes,
        sha256: new.sha256,
    };
    let repeat = keyed.rendered_by(|announced: &Announced| {
        let view = UploadView {
            material: announced.material.to_string(),
            link: announced.link.clone(),
        };
        Answer {
            status: 201,
            location: None,
            etag: None,
            body: serde_json::to_value(view).unwrap_or_default(),
        }
    });
    let App {
        store,
        files,
        rulebook,
    } = app;
    let answer = announce(store, files, rulebook, &mut inv, repeat, command).await;
    answer.map(Answered).map_err(of_upload)
}

/// Takes an uploaded file into the draft. Its length, type and checksum are looked at first.
#[utoipa::path(post, path = "/orders/{order}/materials/{material}/confirmation", tag = "orders",
    params(("order" = String, Path), ("material" = String, Path), ("Idempotency-Key" = String, Header),
        ("If-Match" = String, Header)),
    responses((status = 200, body = OrderHeadView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn confirm_file(
    State(app): State<&'static App>,
    owner: Filer,
    Now(mut inv): Now,
    Origin(origin): Origin,
    PathIds((order, material)): PathIds<(OrderId, MaterialId)>,
    keyed: Keyed,
    IfMatch(expected): IfMatch,
) -> Result<Answered, Problem> {
    let command = TakeUpload {
        order,
        material,
        by: By::filer(owner.account, owner.user, origin),
        expected,
    };
    let repeat = keyed.rendered_by(order_answer);
    let App {
        store,
        files,
        rulebook,
    } = app;
    let answer = take(store, files, rulebook, &mut inv, repeat, command).await;
    answer.map(Answered).map_err(of_upload)
}

/// A link to a file of a draft, for a quarter of an hour.
#[utoipa::path(get, path = "/orders/{order}/materials/{material}", tag = "orders",
    params(("order" = String, Path), ("material" = String, Path)),
    responses((status = 200, body = Link), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn of_order(
    State(app): State<&'static App>,
    filer: Filer,
    PathIds((order, material)): PathIds<(OrderId, MaterialId)>,
) -> Result<Answered, Problem> {
    linked(app, filer, MaterialOf::Order(order), material).await
}

/// A link to a file of a filing, for a quarter of an hour.
#[utoipa::path(get, path = "/filings/{subject}/materials/{material}", tag = "filings",
    params(("subject" = String, Path), ("material" = String, Path)),
    responses((status = 200, body = Link), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn of_filing(
    State(app): State<&'static App>,
    filer: Filer,
    PathIds((subject, material)): PathIds<(SubjectId, MaterialId)>,
) -> Result<Answered, Problem> {
    linked(app, filer, MaterialOf::Filing(subject), material).await
}

async fn linked(
    app: &App,
    filer: Filer,
    of: MaterialOf,
    material: MaterialId,
) -> Result<Answered, Problem> {
    let by = By::filer(filer.account, filer.user, String::new());
    let show = ShowMaterial { of, material, by };
    let link = own_link(&app.store, &app.files, app.rulebook, &show).await;
    Ok(Answered::read(&link.map_err(of_read)?, None))
}

fn of_upload(failure: Failure<UploadRefused>) -> Problem {
    Problem::of(failure, |refusal| {
        let (kind, zh) = match &refusal {
            UploadRefused::NotEditable(refused) => (ProblemKind::StepRefused, refused.text().zh),
            UploadRefused::TooMany(most) => (
                ProblemKind::StepRefused,
                format!("每个订单最多{most}个文件"),
            ),
            UploadRefused::NotSeen => (
                ProblemKind::StepRefused,
                "文件尚未上传，或与申报的长度、类型、校验值不符".to_owned(),
            ),
            UploadRefused::Announced(_) => {
                (ProblemKind::MalformedRequest, "请按所列各项修改".to_owned())
            }
        };
        let problem = Problem::client(kind, Text::new(zh, refusal.to_string()));
        match refusal {
            UploadRefused::Announced(broken) => problem.violations(broken),
            UploadRefused::NotEditable(_) | UploadRefused::TooMany(_) | UploadRefused::NotSeen => {
                problem
            }
        }
    })
}
