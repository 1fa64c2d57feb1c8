//! Names: answers and failures kept apart.

use hickory_server::proto::op::ResponseCode;
use icp_domain::look::{Failure, NameAnswer, Seen};

use crate::servers::{
    a, aaaa, authority, cname, resolver_by_subnet, resolver_that_says, silent_resolver, txt,
};
use crate::world::{AMPLE, NO_PACE, SHORT, World, look, nowhere};

fn addresses(canonical: &[&str], addresses: &[&str]) -> Seen<NameAnswer> {
    Seen::Answer(NameAnswer::Addresses {
        canonical: canonical.iter().map(|&name| name.to_owned()).collect(),
        addresses: addresses
            .iter()
            .map(|address| address.parse().unwrap())
            .collect(),
    })
}

#[tokio::test]
async fn a_name_has_the_addresses_of_both_families_in_order() {
    let records = [
        ("example.cn", aaaa("2400:3200::1")),
        ("example.cn", a("10.0.0.2")),
        ("example.cn", a("10.0.0.1")),
    ];
    let world = World::new(authority(&records).await, nowhere());
    let expected = addresses(&[], &["10.0.0.1", "10.0.0.2", "2400:3200::1"]);
    assert_eq!(world.name("example.cn", AMPLE).await, expected);
}

#[tokio::test]
async fn the_chain_of_canonical_names_is_kept() {
    let records = [
        ("www.example.cn", cname("cdn.example.cn")),
        ("cdn.example.cn", cname("edge.example.cn")),
        ("edge.example.cn", a("127.0.0.1")),
    ];
    let world = World::new(authority(&records).await, nowhere());
    let expected = addresses(&["cdn.example.cn", "edge.example.cn"], &["127.0.0.1"]);
    assert_eq!(world.name("www.example.cn", AMPLE).await, expected);
}

#[tokio::test]
async fn a_name_that_is_not_there_is_not_a_name_without_addresses() {
    let records = [
        ("mail.example.cn", txt("no address")),
        ("gone.example.cn", cname("nothing.example.cn")),
    ];
    let world = World::new(authority(&records).await, nowhere());
    let seen = world.name("missing.example.cn", AMPLE).await;
    assert_eq!(seen, Seen::Answer(NameAnswer::NoSuchName));
    let seen = world.name("mail.example.cn", AMPLE).await;
    assert_eq!(seen, Seen::Answer(NameAnswer::NoAddress));
    let seen = world.name("gone.example.cn", AMPLE).await;
    assert_eq!(seen, Seen::Answer(NameAnswer::NoSuchName));
}

#[tokio::test]
async fn a_resolver_that_fails_or_refuses_is_no_answer() {
    for code in [
        ResponseCode::ServFail,
        ResponseCode::Refused,
        ResponseCode::FormErr,
    ] {
        let world = World::new(resolver_that_says(code).await, nowhere());
        let seen = world.name("example.cn", AMPLE).await;
        assert_eq!(seen, Seen::Failed(Failure::ResolverFailed), "{code}");
    }
    let outside_its_zones = World::new(authority(&[]).await, nowhere());
    let seen = outside_its_zones.name("example.com", AMPLE).await;
    assert_eq!(seen, Seen::Failed(Failure::ResolverFailed));
}

#[tokio::test]
async fn a_resolver_that_is_silent_is_a_time_out_for_names_and_page() {
    let (_silent, address) = silent_resolver().await;
    let world = World::new(address, nowhere());
    let names = ["example.cn", "www.example.cn"];
    let evidence = world.look(&names, Some("http://example.cn/"), SHORT).await;
    assert_eq!(evidence.names.len(), 2);
    assert!(
        evidence
            .names
            .iter()
            .all(|name| name.seen == Seen::Failed(Failure::TimedOut))
    );
    assert_eq!(evidence.home_page, Some(Seen::Failed(Failure::TimedOut)));
}

#[tokio::test]
async fn an_answer_too_long_for_udp_comes_over_tcp() {
    // Thirty addresses of 28 bytes behind canonical names of 250 pass the 1232 bytes of EDNS.
    let long = |first: &str| format!("{first}.{0}.{0}.{0}.example.cn", first.repeat(56));
    let [one, two, three] = ["a", "b", "c"].map(long);
    let mut records = vec![
        ("many.example.cn", cname(&one)),
        (one.as_str(), cname(&two)),
        (two.as_str(), cname(&three)),
    ];
    records.extend((1..=30).map(|n| (three.as_str(), aaaa(&format!("2400:3200::{n}")))));
    let world = World::new(authority(&records).await, nowhere());
    let seen = world.name("many.example.cn", AMPLE).await;
    let Seen::Answer(NameAnswer::Addresses {
        canonical,
        addresses,
    }) = seen
    else {
        panic!("{seen:?}");
    };
    assert_eq!((canonical, addresses.len()), (vec![one, two, three], 30));
}

#[tokio::test]
async fn more_addresses_than_evidence_holds_are_no_answer() {
    let records: Vec<_> = (1..=40)
        .map(|n| ("many.example.cn", a(&format!("10.0.0.{n}"))))
        .collect();
    let world = World::new(authority(&records).await, nowhere());
    let seen = world.name("many.example.cn", AMPLE).await;
    assert_eq!(seen, Seen::Failed(Failure::Malformed));
}

#[tokio::test]
async fn the_names_of_a_plan_keep_their_order() {
    let records = [
        ("example.cn", a("127.0.0.1")),
        ("www.example.cn", a("127.0.0.2")),
    ];
    let world = World::new(authority(&records).await, nowhere());
    let names = ["www.example.cn", "x.example.cn", "example.cn"];
    let evidence = world.look(&names, None, AMPLE).await;
    let told: Vec<_> = evidence
        .names
        .iter()
        .map(|name| name.name.as_str())
        .collect();
    assert_eq!(told, names);
    assert_eq!(evidence.home_page, None);
    assert_eq!(evidence.look, look("vantage", &names, None));
}

#[tokio::test]
async fn a_vantage_that_nobody_configured_sees_nothing() {
    let world = World::new(authority(&[]).await, nowhere());
    let look = look("elsewhere", &["example.cn"], Some("http://example.cn/"));
    let at = "2026-03-02T10:00:00Z".parse().unwrap();
    let evidence = world.lookups.look(&look, at, AMPLE).await;
    assert_eq!(evidence.names[0].seen, Seen::Failed(Failure::ExitDown));
    assert_eq!(evidence.home_page, Some(Seen::Failed(Failure::ExitDown)));
    assert_eq!(evidence.begun_at, at);
}

#[tokio::test]
async fn a_resolver_answers_for_the_network_that_a_vantage_names() {
    const VIEWS: [(&str, &str); 3] = [
        ("203.0.113.0/24", "10.0.0.1"),
        ("2001:db8:7::/56", "10.0.0.2"),
        ("none", "10.0.0.3"),
    ];
    let resolver = resolver_by_subnet(&VIEWS).await;
    for (subnet, address) in VIEWS {
        let more = match subnet {
            "none" => String::new(),
            subnet => format!(r#", "clientSubnet": "{subnet}""#),
        };
        let world = World::at_pace(resolver, &more, NO_PACE, nowhere());
        let seen = world.name("example.cn", AMPLE).await;
        assert_eq!(seen, addresses(&[], &[address]), "{subnet}");
    }
}

#[tokio::test]
async fn a_resolver_that_knows_no_subnets_answers_all_the_same() {
    let resolver = authority(&[("example.cn", a("10.0.0.1"))]).await;
    let more = r#", "clientSubnet": "203.0.113.0/24""#;
    let world = World::at_pace(resolver, more, NO_PACE, nowhere());
    let seen = world.name("example.cn", AMPLE).await;
    assert_eq!(seen, addresses(&[], &["10.0.0.1"]));
}
