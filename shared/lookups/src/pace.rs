//! How fast one server is asked: sites of a hosting share addresses, and names share servers.
//!
//! **Invariant:** within this process, no address and no registrable domain gets more fetches in a
//! second than the policy says, whatever the looks. Waiting costs a look its own time and never the
//! time that a site has to answer; a look that cannot wait fails as not made, never as a time-out.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use icp_domain::identifiers::DomainName;
use icp_domain::look::Failure;
use tokio::time::{Instant, sleep_until};

/// What is asked at a bounded rate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Authority {
    Domain(String),
    Address(IpAddr),
}

/// When each authority may be asked again.
pub(crate) struct Pace {
    apart: Duration,
    free_at: Mutex<BTreeMap<Authority, Instant>>,
}

impl Pace {
    /// A pace of so many fetches a second, evenly apart.
    pub(crate) fn new(per_second: u32) -> Self {
        Self {
            apart: Duration::from_secs(1) / per_second.max(1),
            free_at: Mutex::default(),
        }
    }

    /// Waits until a host may be asked at an address, and tells how long that took. Where its turn
    /// comes after `latest`, it takes none.
    pub(crate) async fn turn(
        &self,
        host: &str,
        address: Option<IpAddr>,
        latest: Instant,
    ) -> Result<Duration, Failure> {
        let now = Instant::now();
        let at = self.taken(&authorities(host, address), now, latest)?;
        sleep_until(at).await;
        Ok(at - now)
    }

    fn taken(
        &self,
        authorities: &[Authority],
        now: Instant,
        latest: Instant,
    ) -> Result<Instant, Failure> {
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        free_at.retain(|_, at| now < *at);
        let at = authorities
            .iter()
            .filter_map(|authority| free_at.get(authority).copied())
            .fold(now, Instant::max);
        if now < at && latest < at {
            return Err(Failure::NotMade);
        }
        for authority in authorities {
            free_at.insert(authority.clone(), at + self.apart);
        }
        Ok(at)
    }
}

fn authorities(host: &str, address: Option<IpAddr>) -> Vec<Authority> {
    let domain = DomainName::parse(host).map_or_else(
        |_| host.to_owned(),
        |name| name.registrable().as_str().to_owned(),
    );
    [Authority::Domain(domain)]
        .into_iter()
        .chain(address.map(Authority::Address))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    async fn waited(pace: &Pace, host: &str, at: Option<IpAddr>) -> u128 {
        let turn = pace.turn(host, at, Instant::now() + HOUR).await;
        turn.unwrap().as_millis()
    }

    #[tokio::test(start_paused = true)]
    async fn one_authority_is_asked_so_often_a_second_and_others_at_once() {
        let pace = Pace::new(4);
        assert_eq!(waited(&pace, "www.example.cn", Some(address(1))).await, 0);
        assert_eq!(
            waited(&pace, "example.cn", Some(address(2))).await,
            250,
            "domain"
        );
        assert_eq!(
            waited(&pace, "example.com.cn", Some(address(2))).await,
            250,
            "address"
        );
        assert_eq!(waited(&pace, "example.net", Some(address(3))).await, 0);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(waited(&pace, "example.cn", Some(address(1))).await, 0);
        assert_eq!(
            pace.free_at.lock().unwrap().len(),
            2,
            "what is free is forgotten"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn many_at_once_come_one_after_another() {
        let pace = Pace::new(5);
        let all = futures::future::join_all((0..4).map(|_| waited(&pace, "example.cn", None)));
        assert_eq!(all.await, [0, 200, 400, 600]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_that_comes_too_late_is_not_taken() {
        let pace = Pace::new(1);
        let second = Duration::from_secs(1);
        let latest = Instant::now() + second;
        let turns = [
            pace.turn("example.cn", None, latest).await,
            pace.turn("example.cn", None, latest).await,
            pace.turn("example.cn", None, latest).await,
        ];
        assert_eq!(
            turns,
            [Ok(Duration::ZERO), Ok(second), Err(Failure::NotMade)]
        );
        let past = Instant::now();
        tokio::time::advance(second).await;
        let turn = pace.turn("example.cn", None, past).await;
        assert_eq!(turn, Ok(Duration::ZERO), "one that is free costs no time");
    }
}
