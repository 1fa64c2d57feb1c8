//! The control site: whose silence it is.

use std::collections::BTreeMap;
use std::time::Duration;

use icp_domain::look::{Evidence, Failure, NameAnswer, PageAnswer, Seen};
use icp_lookups::Loopback;

use crate::hostile::{Attack, Does, Ledger, hostile};
use crate::servers::{a, authority, listener};
use crate::world::{NO_PACE, World};

/// More than a page and the control site take.
const LONG: Duration = Duration::from_secs(20);

const CONTROL: &str = r#", "controlSite": "http://control.example.cn/""#;

fn says(answer: &[u8]) -> Does {
    Does::Says(answer.to_vec())
}

/// Sites of which some are silent, and the world that looks at them.
async fn world(control: Attack, more: &str) -> (World, Ledger) {
    let sites: BTreeMap<String, Attack> = BTreeMap::from([
        ("control.example.cn".to_owned(), control),
        ("mute.example.cn".to_owned(), |_, _| Does::Waits),
        ("ok.example.cn".to_owned(), |_, _| {
            says(b"HTTP/1.1 200 x\r\n\r\nx")
        }),
        ("broken.example.cn".to_owned(), |_, _| says(b"")),
    ]);
    let records: Vec<_> = sites
        .keys()
        .map(|host| (host.as_str(), a("127.0.0.1")))
        .collect();
    let resolver = authority(&records).await;
    let listening = listener(1, 0).await;
    let loopback = Loopback {
        whois_port: 9,
        http_port: listening.local_addr().unwrap().port(),
        https_port: 9,
        trust: None,
    };
    let ledger = Ledger::default();
    tokio::spawn(hostile(listening, sites, 9, ledger.clone()));
    (World::at_pace(resolver, more, NO_PACE, loopback), ledger)
}

async fn look(world: &World, host: &str) -> Evidence {
    let name = format!("{host}.example.cn");
    world
        .look(&[&name], Some(&format!("http://{name}/")), LONG)
        .await
}

fn silence(evidence: &Evidence) -> (Option<Failure>, bool) {
    let failure = match &evidence.home_page {
        Some(Seen::Failed(failure)) => Some(*failure),
        Some(Seen::Answer(_)) | None => None,
    };
    (failure, evidence.control_answered)
}

#[tokio::test(start_paused = true)]
async fn a_site_is_silent_by_itself_where_the_control_site_answers() {
    let (world, ledger) = world(|_, _| says(b"HTTP/1.1 403 x\r\n\r\n"), CONTROL).await;
    for _ in 0..3 {
        let evidence = look(&world, "mute").await;
        assert_eq!(silence(&evidence), (Some(Failure::TimedOut), true));
    }
    let asked = ledger.of("control.example.cn").requests;
    assert_eq!(asked, 1, "one answer holds for a minute");
}

#[tokio::test(start_paused = true)]
async fn an_exit_whose_control_site_is_silent_too_is_down() {
    for control in [(|_, _| Does::Waits) as Attack, |_, _| says(b"")] {
        let (world, ledger) = world(control, CONTROL).await;
        let looks = futures::future::join_all((0..3).map(|_| look(&world, "mute")));
        for evidence in looks.await {
            assert_eq!(silence(&evidence), (Some(Failure::ExitDown), false));
            // What the resolver said stands for itself.
            assert!(matches!(
                evidence.names[0].seen,
                Seen::Answer(NameAnswer::Addresses { .. })
            ));
        }
        assert_eq!(ledger.of("control.example.cn").requests, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_control_site_is_asked_for_silence_alone() {
    let (world, ledger) = world(|_, _| Does::Waits, CONTROL).await;
    let evidence = look(&world, "ok").await;
    assert!(matches!(
        evidence.home_page,
        Some(Seen::Answer(PageAnswer::Answered(_)))
    ));
    let evidence = look(&world, "broken").await;
    assert_eq!(silence(&evidence), (Some(Failure::ConnectionBroken), false));
    assert_eq!(ledger.of("control.example.cn").requests, 0);
}

#[tokio::test(start_paused = true)]
async fn without_a_control_site_silence_stays_a_time_out() {
    let (world, ledger) = world(|_, _| Does::Waits, "").await;
    let evidence = look(&world, "mute").await;
    assert_eq!(silence(&evidence), (Some(Failure::TimedOut), false));
    assert_eq!(ledger.of("control.example.cn").requests, 0);
}

#[tokio::test(start_paused = true)]
async fn a_look_without_time_for_the_control_site_blames_nobody() {
    let (world, _) = world(|_, _| says(b"HTTP/1.1 200 x\r\n\r\n"), CONTROL).await;
    let evidence = world
        .look(
            &[],
            Some("http://mute.example.cn/"),
            Duration::from_secs(10),
        )
        .await;
    assert_eq!(silence(&evidence), (Some(Failure::TimedOut), false));
}
