//! A vantage to look from, and looks.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use icp_domain::Rulebook;
use icp_domain::audit::ClockName;
use icp_domain::ids::{SubjectId, UnitId};
use icp_domain::look::{
    Evidence, FactsRevisions, Failure, Look, NameAnswer, PageAnswer, PageFacts, PagePlan, Plan,
    Purpose, Seen,
};
use icp_domain::rulebook::RulebookFault;
use icp_lookups::{Lookups, Loopback};

/// Long enough for whatever answers: more than a page may take.
pub(crate) const AMPLE: Duration = Duration::from_secs(15);
/// For what never answers.
pub(crate) const SHORT: Duration = Duration::from_millis(300);

/// A vantage, and where its sites are.
pub(crate) struct World {
    pub(crate) lookups: Lookups,
}

impl World {
    /// Looks by the given resolver, directly.
    pub(crate) fn new(resolver: SocketAddr, loopback: Loopback) -> Self {
        Self::with_exit(resolver, "\"direct\"", loopback)
    }

    /// Looks by the given resolver, through an exit as the configuration writes it.
    pub(crate) fn with_exit(resolver: SocketAddr, exit: &str, loopback: Loopback) -> Self {
        Self::by(&rulebook(resolver, exit), loopback)
    }

    /// Looks directly, with more said of the vantage, at a pace.
    pub(crate) fn at_pace(
        resolver: SocketAddr,
        more: &str,
        per_second: u32,
        loopback: Loopback,
    ) -> Self {
        let rulebook = read(resolver, "\"direct\"", more, per_second).unwrap();
        Self::by(&rulebook, loopback)
    }

    fn by(rulebook: &Rulebook, loopback: Loopback) -> Self {
        let lookups = Lookups::on_loopback(rulebook, "https://audit.example.cn/", loopback);
        Self {
            lookups: lookups.unwrap(),
        }
    }

    /// What one name looks like.
    pub(crate) async fn name(&self, name: &str, deadline: Duration) -> Seen<NameAnswer> {
        let evidence = self.look(&[name], None, deadline).await;
        evidence.names.into_iter().next().unwrap().seen
    }

    /// What a home page looks like.
    pub(crate) async fn page(&self, url: &str) -> Seen<PageAnswer> {
        self.page_within(url, AMPLE).await
    }

    pub(crate) async fn page_within(&self, url: &str, deadline: Duration) -> Seen<PageAnswer> {
        self.look(&[], Some(url), deadline).await.home_page.unwrap()
    }

    /// The facts of a home page that answers.
    pub(crate) async fn facts(&self, url: &str) -> PageFacts {
        match self.page(url).await {
            Seen::Answer(PageAnswer::Answered(facts)) => *facts,
            other @ (Seen::Answer(_) | Seen::Failed(_)) => panic!("{url}: {other:?}"),
        }
    }

    /// Why a home page could not be looked at.
    pub(crate) async fn failure(&self, url: &str) -> Failure {
        match self.page(url).await {
            Seen::Failed(failure) => failure,
            Seen::Answer(answer) => panic!("{url}: {answer:?}"),
        }
    }

    pub(crate) async fn look(
        &self,
        names: &[&str],
        page: Option<&str>,
        deadline: Duration,
    ) -> Evidence {
        let look = look("vantage", names, page);
        self.lookups
            .look(&look, "2026-03-02T10:00:00Z".parse().unwrap(), deadline)
            .await
    }
}

pub(crate) fn look(vantage: &str, names: &[&str], page: Option<&str>) -> Look {
    let subject: SubjectId = "s1".parse().unwrap();
    Look {
        id: "look-1".parse().unwrap(),
        unit: UnitId::of_subject(subject),
        purpose: Purpose::Audit,
        campaign: None,
        check: None,
        clock: ClockName::Audit,
        due: "2026-03-02T09:00:00Z".parse().unwrap(),
        facts_revisions: FactsRevisions {
            subject: 1,
            unit: 1,
        },
        plan: Plan {
            vantage: vantage.parse().unwrap(),
            names: names.iter().map(|name| name.parse().unwrap()).collect(),
            home_page: page.map(|page| PagePlan::Declared(page.to_owned())),
            registrations: None,
            txt: None,
        },
    }
}

/// A rulebook with one vantage.
pub(crate) fn rulebook(resolver: SocketAddr, exit: &str) -> Rulebook {
    read_rulebook(resolver, exit).unwrap()
}

/// A rulebook with one vantage, or why it is refused.
pub(crate) fn read_rulebook(resolver: SocketAddr, exit: &str) -> Result<Rulebook, RulebookFault> {
    read(resolver, exit, "", NO_PACE)
}

/// Sites of these tests share one address and one domain.
pub(crate) const NO_PACE: u32 = 1000;

fn read(
    resolver: SocketAddr,
    exit: &str,
    more: &str,
    per_second: u32,
) -> Result<Rulebook, RulebookFault> {
    let vantage = format!(
        r#"{{ "vantages": [{{ "id": "vantage", "resolver": "{resolver}", "exit": {exit},
            "network": "n", "carrier": "c", "mainland": true {more} }}] }}"#
    );
    let policy = format!(r#"{{ "audits": {{ "fetchesPerAuthoritySecond": {per_second} }} }}"#);
    Rulebook::read(&BTreeMap::from([
        ("vantages.json".to_owned(), vantage),
        ("policy.json".to_owned(), policy),
    ]))
}

/// No sites: for looks at names alone.
pub(crate) fn nowhere() -> Loopback {
    Loopback {
        http_port: 9,
        https_port: 9,
        whois_port: 9,
        trust: None,
    }
}
