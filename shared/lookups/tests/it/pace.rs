//! The pace: how fast one address, or one domain, is asked.

use std::collections::BTreeMap;
use std::time::Duration;

use icp_domain::look::{Failure, PageAnswer, Seen};
use icp_lookups::Loopback;
use tokio::time::Instant;

use crate::hostile::{Attack, Does, Ledger, hostile};
use crate::servers::{a, authority, listener};
use crate::world::World;

const HOSTS: [&str; 4] = ["a", "b", "c", "d"];

fn page(path: &str, _: u16) -> Does {
    let head = if path == "/" {
        "HTTP/1.1 302 x\r\nlocation: /home\r\ncontent-length: 0\r\n\r\n"
    } else {
        "HTTP/1.1 200 x\r\ncontent-length: 0\r\n\r\n"
    };
    Does::Says(head.into())
}

async fn world(per_second: u32) -> (World, Ledger) {
    let hosts = HOSTS.map(|host| format!("{host}.example.cn"));
    let records: Vec<_> = hosts
        .iter()
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
    let sites = hosts.map(|host| (host, page as Attack));
    tokio::spawn(hostile(listening, BTreeMap::from(sites), 9, ledger.clone()));
    (World::at_pace(resolver, "", per_second, loopback), ledger)
}

async fn at_once(world: &World, within: Duration) -> Vec<Seen<PageAnswer>> {
    let urls = HOSTS.map(|host| format!("http://{host}.example.cn/"));
    futures::future::join_all(urls.iter().map(|url| world.page_within(url, within))).await
}

#[tokio::test(start_paused = true)]
async fn sites_of_one_address_wait_for_each_other_and_all_are_seen() {
    let (world, ledger) = world(4).await;
    let begun = Instant::now();
    for seen in at_once(&world, Duration::from_secs(20)).await {
        assert!(
            matches!(seen, Seen::Answer(PageAnswer::Answered(_))),
            "{seen:?}"
        );
    }
    // Four sites of two hops each, a quarter of a second apart; the first waits for none.
    let spent = begun.elapsed();
    assert!(spent >= Duration::from_millis(7 * 250), "{spent:?}");
    for host in HOSTS {
        assert_eq!(
            ledger.of(&format!("{host}.example.cn")).requests,
            2,
            "{host}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_site_that_gets_no_turn_in_time_is_not_looked_at() {
    let (world, ledger) = world(1).await;
    let begun = Instant::now();
    let seen = at_once(&world, Duration::from_secs(11)).await;
    let not_made = seen
        .iter()
        .filter(|seen| **seen == Seen::Failed(Failure::NotMade))
        .count();
    assert!(not_made >= 2, "no time-out of its own: {seen:?}");
    let asked: usize = HOSTS
        .iter()
        .map(|host| ledger.of(&format!("{host}.example.cn")).requests)
        .sum();
    let seconds = begun.elapsed().as_secs();
    assert!(
        u64::try_from(asked).unwrap() <= seconds + 1,
        "{asked} in {seconds} s"
    );
}
