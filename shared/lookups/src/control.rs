//! The control site of a vantage: whether it is the site that is silent, or the way to it.
//!
//! **Invariant:** it is asked only when a site was silent, and at most once a minute, however many
//! were: looks that wait for it share one answer.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long an answer holds. Source: chosen here: longer than one batch of looks takes, so that each
/// asks once.
const HOLDS: Duration = Duration::from_mins(1);

/// A control site, and what came of it last.
pub(crate) struct Control {
    /// Its URL.
    pub(crate) url: String,
    last: Mutex<Option<(Instant, bool)>>,
}

impl Control {
    pub(crate) fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            last: Mutex::new(None),
        }
    }

    /// Whether the site answers, as of the last minute. A look that goes away while it asks leaves
    /// the question to the next.
    pub(crate) async fn answers(&self, asked: impl Future<Output = bool>) -> bool {
        let mut last = self.last.lock().await;
        if let Some((at, answered)) = *last
            && at.elapsed() < HOLDS
        {
            return answered;
        }
        let answered = asked.await;
        *last = Some((Instant::now(), answered));
        answered
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use tokio::time::{advance, timeout};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_answer_holds_for_a_minute() {
        let control = Control::new("http://control.example.cn/");
        assert!(control.answers(ready(true)).await);
        advance(Duration::from_millis(59_999)).await;
        assert!(control.answers(pending()).await);
        advance(Duration::from_millis(1)).await;
        assert!(!control.answers(ready(false)).await);
        assert!(!control.answers(pending()).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_that_goes_away_leaves_the_question_to_the_next() {
        let control = Control::new("http://control.example.cn/");
        let gone = timeout(Duration::from_secs(1), control.answers(pending())).await;
        assert!(gone.is_err());
        assert!(control.answers(ready(true)).await);
    }
}
