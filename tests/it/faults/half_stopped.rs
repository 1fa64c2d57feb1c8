//! A stop of a subject that ends half-way: of its sites some are stopped and the others are not, and then people do what
//! moves them otherwise. Whatever it is, each link is counted once.

use std::collections::BTreeMap;
use std::path::PathBuf;

use futures::{StreamExt, stream};
use icp_domain::import::Column;
use icp_local::stage::{Ask, Stage};
use icp_local::{Fault, Place};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::copied;
use crate::base::{bring, csv, row, start_in, upload_to};
use crate::world::case_of;

const LISTS: &str = "bureau-lists";
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Sites of the subject; another subject has one more, which nobody stops.
const SITES: usize = 4;

/// Ticks cut off at the same time.
const TOGETHER: usize = 8;

/// The account of the subject.
const ACCOUNT: &str = "base-1";

/// A stop of all that a subject has, which the next tick begins.
struct Decided {
    directory: TempDir,
    at: Timestamp,
}

impl Decided {
    /// Two subjects, and what has the first of them stopped.
    async fn by(decide: impl AsyncFn(&Stage)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let place = Place::Directory(PathBuf::from(directory.path()));
        let at = "2026-03-02T02:00:00Z".parse().unwrap();
        let stage = Stage::start_in(Stage::template(), at, place).await.unwrap();
        let mut base: Vec<_> = (1..=SITES).map(site).collect();
        base.push(row(2, &[(Column::Access, "是")]));
        bring(&stage, "csv", &csv(&base), json!({})).await;
        decide(&stage).await;
        let at = stage.now();
        drop(stage);
        Self { directory, at }
    }

    /// A deployment about to tick.
    async fn stage(&self) -> (Stage, TempDir) {
        let directory = copied(self.directory.path());
        let place = Place::Directory(PathBuf::from(directory.path()));
        let stage = Stage::start_in(Stage::template(), self.at, place).await;
        (stage.unwrap(), directory)
    }

    /// The commits of the next tick, by the number of the call.
    async fn commits(&self) -> Vec<u64> {
        let (stage, _directory) = self.stage().await;
        stage.deployment.journal().take();
        stage.pass(MINUTE, MINUTE).await.unwrap();
        let calls = stage.deployment.journal().take();
        let to_table = calls.iter().filter(|call| call.service == "dynamodb");
        let commits = (1..).zip(to_table);
        let commits = commits.filter(|(_, call)| call.operation == "TransactWriteItems");
        commits.map(|(nth, _)| nth).collect()
    }

    /// Where every call of the tick after one of its commits fails.
    async fn cut_off_after(&self, commit: u64) -> Half {
        let (stage, directory) = self.stage().await;
        let faults = stage.deployment.faults().clone();
        faults.from(commit + 1, Fault::Refused);
        stage.pass(MINUTE, MINUTE).await.unwrap();
        faults.clear();
        Half {
            stage,
            _directory: directory,
        }
    }

    /// Every state that is between the first stop and the last, once.
    async fn halves(&self) -> BTreeMap<usize, Half> {
        let commits = self.commits().await.into_iter();
        let cut_off = commits.map(async |commit| {
            let half = self.cut_off_after(commit).await;
            (half.services_that_are("stopped").await.len(), half)
        });
        let cut_off: Vec<_> = stream::iter(cut_off)
            .buffer_unordered(TOGETHER)
            .collect()
            .await;
        let mut halves: BTreeMap<usize, Half> = cut_off.into_iter().collect();
        halves.retain(|stopped, _| (1..SITES).contains(stopped));
        assert_eq!(halves.len(), SITES - 1, "each stop is a commit of its own");
        halves
    }
}

fn site(site: usize) -> Vec<(Column, String)> {
    let number = format!("京ICP备2026000001号-{site}");
    let domain = format!("site-1-{site}.cn");
    row(
        1,
        &[
            (Column::Access, "是"),
            (Column::ServiceNumber, &number),
            (Column::Domains, &domain),
        ],
    )
}

/// A deployment whose tick was cut off.
struct Half {
    stage: Stage,
    _directory: TempDir,
}

impl Half {
    async fn filing(&self) -> Json {
        let listed = self.stage.filer(ACCOUNT, "GET /filings", None, None).await;
        let filings = listed.unwrap().body;
        let mut filings = filings["items"].as_array().unwrap().iter();
        let sites = |filing: &&Json| filing["services"].as_array().unwrap().len() == SITES;
        filings.find(sites).unwrap().clone()
    }

    /// The sites whose link is so.
    async fn services_that_are(&self, state: &str) -> Vec<String> {
        let filing = self.filing().await;
        let services = filing["services"].as_array().unwrap().iter();
        let such = services.filter(|service| service["link"]["state"] == state);
        such.map(|service| service["id"].as_str().unwrap().to_owned())
            .collect()
    }

    async fn decide(&self, step: &str, body: Json) {
        let case = case_of(&self.stage, ACCOUNT).await.unwrap();
        let route = format!("POST /review/cases/{}/{step}", case["id"].as_str().unwrap());
        let version = case["version"].as_u64();
        let decided = self.stage.staff("reviewer", &route, version, Some(body));
        let decided = decided.await.unwrap();
        assert_eq!(decided.status, 202, "{decided:#?}");
    }

    /// What comes of it within the hour: sites by state, and links that the brake counts as live.
    async fn comes_to(&self, expected: &[(&str, usize)], live: usize) {
        self.stage.pass(MINUTE * 60, MINUTE * 5).await.unwrap();
        for (state, many) in expected {
            let such = self.services_that_are(state).await.len();
            assert_eq!(such, *many, "{state}: {:#}", self.filing().await);
        }
        let brake = self
            .stage
            .staff("operator", "GET /operations/brake", None, None);
        assert_eq!(brake.await.unwrap().body["liveLinks"], live);
    }
}

/// Brings a list of the subject or of one of its sites, by two people.
async fn hand_down(stage: &Stage, table: &str, paper: Json) {
    let announces = (LISTS, "anna");
    let more = json!({ "paper": paper });
    let id = upload_to(stage, announces, "csv", table.as_bytes(), more).await;
    let started = start_in(stage, (LISTS, "bert"), &id).await;
    assert_eq!(started.status, 202, "{started:#?}");
}

fn paper(kind: &str) -> Json {
    json!({ "kind": kind, "documentNumber": "京通管〔2026〕12号", "issuedOn": "2026-03-02" })
}

const SUBJECT: &str = "主体备案号,主办单位\r\n京ICP备2026000001号,示例1有限公司\r\n";

async fn ordered(stage: &Stage) {
    hand_down(stage, SUBJECT, paper("stop-now")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_is_cut_off_is_gone_on_with_whatever_goes_off_the_record_meanwhile() {
    let decided = Decided::by(ordered).await;
    for half in decided.halves().await.into_values() {
        let live = half.services_that_are("live").await;
        let last = live.last().unwrap();
        let gone = format!("备案号,单位名称\r\n京ICP备2026000001号-{last},示例1有限公司\r\n");
        let mut of_sites = paper("deregistered");
        of_sites["of"] = json!("sites");
        hand_down(&half.stage, &gone, of_sites).await;
        assert_eq!(half.services_that_are("cancelled").await, [last.as_str()]);
        let expected = [("stopped", SITES - 1), ("cancelled", 1), ("live", 0)];
        half.comes_to(&expected, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_is_cut_off_and_appealed_against_gives_all_back() {
    let decided = Decided::by(async |stage| {
        let mut demand = paper("to-rectify");
        demand["replyBy"] = json!("2026-03-10");
        hand_down(stage, SUBJECT, demand).await;
        let case = case_of(stage, ACCOUNT).await.unwrap();
        let finding = &case["findings"][0]["id"];
        let appeal = json!({ "finding": finding, "reason": "信息属实" });
        let route = format!("POST /cases/{}/appeals", case["id"].as_str().unwrap());
        let version = case["version"].as_u64();
        let appealed = stage.filer(ACCOUNT, &route, version, Some(appeal)).await;
        assert_eq!(appealed.unwrap().status, 202);
        // Due with Thursday the 5th; on Friday staff see it broken, and let it be stopped.
        let hours = SignedDuration::from_hours(3);
        stage.pass(hours * 32, hours).await.unwrap();
        let act = async |role: &str, route: &str, version: Option<u64>, body: Json| {
            let ask = Ask {
                role: Some(role),
                account: "staff",
                route,
                key: Some("once"),
                version,
                body: Some(body),
            };
            let done = stage.ask(ask).await.unwrap();
            assert!(done.status < 300, "{done:#?}");
        };
        let case = case_of(stage, ACCOUNT).await.unwrap();
        let route = format!(
            "POST /review/cases/{}/readings",
            case["id"].as_str().unwrap()
        );
        let broken = json!({ "finding": finding, "says": "broken", "reason": "仍未整改" });
        act("reviewer", &route, case["version"].as_u64(), broken).await;
        let case = case_of(stage, ACCOUNT).await.unwrap();
        let look = &case["findings"][0]["state"]["looks"][0]["look"];
        let released =
            json!({ "findings": [{ "case": case["id"], "finding": finding, "look": look }] });
        act("operator", "POST /operations/releases", None, released).await;
    })
    .await;
    for half in decided.halves().await.into_values() {
        let case = case_of(&half.stage, ACCOUNT).await.unwrap();
        let finding = &case["findings"][0]["id"];
        let granted = json!({ "finding": finding, "granted": true, "reason": "属实" });
        half.decide("appeal-decisions", granted).await;
        let expected = [("stopped", 0), ("live", SITES)];
        half.comes_to(&expected, SITES + 1).await;
        let case = case_of(&half.stage, ACCOUNT).await.unwrap();
        assert_eq!(case["open"], false, "{case:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_is_ordered_twice_and_cut_off_counts_each_link_once() {
    let decided = Decided::by(async |stage| {
        hand_down(stage, SUBJECT, paper("stop-now")).await;
        let mut other = paper("stop-now");
        other["documentNumber"] = json!("京通管〔2026〕13号");
        hand_down(stage, SUBJECT, other).await;
    })
    .await;
    for (_, half) in decided.halves().await {
        half.stage.pass(MINUTE * 60, MINUTE * 5).await.unwrap();
        half.comes_to(&[("stopped", SITES), ("live", 0)], 1).await;
    }
}
