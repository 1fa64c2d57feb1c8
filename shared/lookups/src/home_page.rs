//! The page of a site: which is looked at, and whose its silence is.

use std::time::Duration;

use icp_domain::identifiers::DomainName;
use icp_domain::look::{Failure, PageAnswer, PagePlan, Plan, Seen, Standing};
use jiff::Timestamp;
use tokio::time::{Instant, timeout_at};

use crate::dns::Resolver;
use crate::fetch::PAGE_BOUND;
use crate::{Lookups, Station};

/// What a control site has to answer in. Source: chosen here: with the ten seconds of a page it ends
/// inside a look's time, and a site that is there answers in one.
const CONTROL_BOUND: Duration = Duration::from_secs(5);

/// The pages to try, in order; of each name the second is tried where nothing listens for the first.
pub(super) fn urls(plan: &Plan) -> Option<Vec<Vec<String>>> {
    let root = |name: &DomainName| vec![format!("http://{name}/"), format!("https://{name}/")];
    Some(match plan.home_page.as_ref()? {
        PagePlan::Declared(url) => vec![vec![url.clone()]],
        PagePlan::Root => plan.names.iter().map(root).collect(),
    })
}

impl Lookups {
    /// The page that says most for the site, of the names that are tried in turn until one is served.
    pub(super) async fn first_served(
        &self,
        station: &Station,
        resolver: &Resolver,
        names: &[Vec<String>],
        at: Timestamp,
        end: Instant,
    ) -> Seen<PageAnswer> {
        let mut best = Seen::Answer(PageAnswer::NoAddress);
        for urls in names {
            for url in urls {
                let fetch = self.fetcher.fetch(resolver, &station.exit, url, at, end);
                let seen = timeout_at(end, fetch).await;
                let seen = seen.unwrap_or(Seen::Failed(Failure::TimedOut));
                let refused = seen == Seen::Answer(PageAnswer::Refused);
                if best.standing() < seen.standing() {
                    best = seen;
                }
                if !refused {
                    break;
                }
            }
            if best.standing() == Standing::Served {
                break;
            }
        }
        best
    }

    /// Where a page was silent: what the control site says of it, and whether that one answered.
    /// Where there is none, or no time is left to ask it, the page stays as it was.
    pub(super) async fn whose_silence(
        &self,
        station: &Station,
        resolver: &Resolver,
        page: Seen<PageAnswer>,
        at: Timestamp,
        end: Instant,
    ) -> (Seen<PageAnswer>, bool) {
        let Some(control) = &station.control else {
            return (page, false);
        };
        if page != Seen::Failed(Failure::TimedOut) {
            return (page, false);
        }
        let asked = async {
            let bound = Instant::now() + CONTROL_BOUND;
            // Sites of the same server must not crowd it out: it may use its bound up by waiting.
            let until = bound + PAGE_BOUND;
            let fetch = self
                .fetcher
                .fetch(resolver, &station.exit, &control.url, at, until);
            let seen = timeout_at(bound, fetch).await;
            matches!(seen, Ok(Seen::Answer(PageAnswer::Answered(_))))
        };
        match timeout_at(end, control.answers(asked)).await {
            Ok(true) => (page, true),
            Ok(false) => {
                tracing::warn!(site = control.url, "the control site of an exit is silent");
                (Seen::Failed(Failure::ExitDown), false)
            }
            Err(_) => (page, false),
        }
    }
}
