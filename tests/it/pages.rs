//! The pages, used by people: each task on a phone's and on a desk's size, in Debian's Chromium, over a deployment that
//! the demo has played.
//!
//! **Invariant:** what a task changes is of its own screen, so that tasks of both screens go one after another.

mod unusual;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::FutureExt;
use http::{Request, Response};
use icp_domain::import::Column;
use icp_local::stage::{Applicant, OURS, Stage};
use icp_local::{Listener, demo};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use tokio::task::JoinHandle;

use crate::base::{csv, row};
use crate::browser::{ran, reports_read_well, set_up};
use crate::shape::root;

/// Hours that pass at a time.
const STEP: SignedDuration = SignedDuration::from_hours(3);

/// What a task lets happen in the world.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Happens {
    /// A name leads here.
    Point(String),
    /// A text record is set: name and text.
    Say(String, String),
    /// A host shows a page.
    Show(String, String),
    /// So many hours pass, and front ends carry out what they are told.
    Hours(i64),
}

#[tokio::test(flavor = "multi_thread")]
async fn people_do_at_the_pages_whatever_the_service_offers_them() {
    let pages = tokio::task::spawn_blocking(|| set_up("pages"))
        .await
        .unwrap();
    let (listeners, mut told) = listening().await;
    let base = text(&told["aws"]);
    let (stage, as_it_must) = demo::play(|options| options.served(base, &pages[0]))
        .await
        .unwrap();
    assert!(as_it_must, "the demo's transcript says where");
    tell(&stage, &mut told).await;
    let at = text(&told["api"]);
    let serving = serve(&stage, listeners);
    let done = do_all(told, &["open", "filer", "staff", "operator", "ends"]).await;
    let campaigns = stage.staff("operator", "GET /operations/campaigns", None, None);
    let campaigns = campaigns.await.unwrap();
    let campaign = campaigns.body["items"][0]["id"].as_str();
    reports_read_well(&stage, &at, campaign.unwrap()).await;
    stop(serving);
    assert!(40 < done, "{done}");
    assert_eq!(stage.deployment.failures(), []);
}

/// Ports of the API, of the AWS protocols and of what happens in the world, and what tasks are told of them.
async fn listening() -> ([Listener; 3], Json) {
    let listeners = [bind().await, bind().await, bind().await];
    let [api, aws, world] = listeners
        .each_ref()
        .map(|listener| format!("http://{}", listener.address()));
    (listeners, json!({ "api": api, "aws": aws, "world": world }))
}

fn serve(stage: &Stage, [api, aws, world]: [Listener; 3]) -> Vec<JoinHandle<()>> {
    let served = [
        (api, at_once(stage)),
        (aws, stage.deployment.port_service()),
        (world, happening(stage)),
    ];
    served
        .map(|(listener, service)| tokio::spawn(listener.serve(service, std::future::pending())))
        .into()
}

fn stop(serving: Vec<JoinHandle<()>>) {
    for server in serving {
        server.abort();
    }
}

/// Does the tasks of these files, one after another, and gives how many were done: none failed.
async fn do_all(mut told: Json, tasks: &[&str]) -> u64 {
    told["tasks"] = json!(tasks);
    let done = tokio::task::spawn_blocking(move || ran("tasks.mjs", told))
        .await
        .unwrap();
    let failed = done["failed"].as_object().unwrap();
    let words: Vec<String> = failed
        .iter()
        .map(|(task, why)| format!("{task}: {}", why.as_str().unwrap()))
        .collect();
    assert!(failed.is_empty(), "{}", words.join("\n\n"));
    done["done"].as_u64().unwrap()
}

fn text(told: &Json) -> String {
    told.as_str().unwrap().to_owned()
}

async fn bind() -> Listener {
    Listener::bind(0, "--port").await.unwrap()
}

/// The HTTP API; whatever follows from a call happens before its answer.
fn at_once(stage: &Stage) -> icp_local::Service {
    let deployment = stage.deployment.clone();
    Arc::new(move |request| {
        let deployment = deployment.clone();
        async move {
            let answer = deployment.request(request).await;
            deployment.settle().await.unwrap();
            answer
        }
        .boxed()
    })
}

/// What lets things happen in the world, asked by POST.
fn happening(stage: &Stage) -> icp_local::Service {
    let stage = stage.clone();
    Arc::new(move |request: Request<Bytes>| {
        let stage = stage.clone();
        async move {
            let happens: Happens = serde_json::from_slice(request.body()).unwrap();
            happen(&stage, happens).await;
            Response::new(Bytes::new())
        }
        .boxed()
    })
}

async fn happen(stage: &Stage, happens: Happens) {
    match happens {
        Happens::Point(name) => stage.sites.point(&name, OURS).await,
        Happens::Say(name, text) => stage.sites.say(&name, &text).await,
        Happens::Show(host, page) => stage.sites.show(&host, &page),
        Happens::Hours(hours) => {
            let hours = SignedDuration::from_hours(hours);
            stage.pass(hours, STEP).await.unwrap();
        }
    }
}

/// Tells the tasks what there is to be found.
async fn tell(stage: &Stage, told: &mut Json) {
    let case = |n: u32| {
        let account = format!("account-{n}");
        async move { crate::world::case_of(stage, &account).await.unwrap() }
    };
    let who = Applicant::new(15, "late15.cn");
    let number = case(15).await["number"].clone();
    told["notice"] = json!({ "caseNumber": number, "mobile": who.mobile });
    told["sought"] = json!({ "number": format!("{}-1", who.number), "domain": who.domain, "mobile": who.mobile,
        "caseNumber": number });
    told["heic"] = json!(root().join("tests/fixtures/photos/licence.heic"));
    told["list"] = json!(STANDARD.encode(LIST));
    for (screen, n, domain, checked) in [
        ("phone", 1, "healthy.cn", "identity.cn"),
        ("desk", 2, "healthy-too.com.cn", "shared.cn"),
    ] {
        let healthy = Applicant::new(n, domain);
        let page = healthy.page();
        told["spoiled"][screen] = json!({ "domain": domain, "mended": page,
            "page": page.replace(&healthy.number, "示例") });
        let new = Applicant::new(20 + n, &format!("new-{screen}.cn"));
        told["drafts"][screen] = json!({ "name": format!("示例{n}号公司"), "creditCode": new.credit_code,
            "mobile": new.mobile, "domain": new.domain, "number": new.number });
        told["checked"][screen] = json!({ "domain": checked });
        stage.sites.point(&new.domain, OURS).await;
        stage
            .sites
            .show(&format!("www.{}", new.domain), &new.page());
        let rows = [
            row(40 + n, &[]),
            row(50 + n, &[(Column::PrincipalMobile, "12")]),
        ];
        told["bases"][screen] = json!({ "file": STANDARD.encode(csv(&rows)), "good": 1 });
    }
}

/// A bureau's list of what is to be put right, of which one row is nobody's.
const LIST: &str = "附件：未整改网站名单\r\n序号,网站备案号,主办单位名称,网站域名,存在问题\r\n\
    1,京ICP备2026000007号-1,示例公司,www.moved.cn,主体信息不准确\r\n\
    2,京ICP备2026999999号-1,外地公司,elsewhere.cn,无法联系\r\n";
