//! Judges evidence: clocks, cases, findings. It opens no socket to a site.

use icp_domain::look::{Evidence, Failure, Look};
use icp_runtime::metrics::{Metric, measure};
use icp_runtime::{
    Answered, BatchFunction, Chain, Clock, Function, FunctionError, Record, Start, StartError,
};
use icp_store::{Store, keys};
use icp_use_cases::judge::{Verdict, judge_evidence};
use jiff::Timestamp;
use serde_json::json;

/// What this function may reach; `template.yaml` grants exactly this.
pub struct App {
    store: Store,
    start: Start,
}

/// Records judged at the same time. Two of one filing would only meet in its rows.
const AT_ONCE: usize = 4;

/// Opens the function.
pub fn open(start: &Start) -> Result<impl Function + use<>, StartError> {
    let table = start
        .environment
        .required("ICP_TABLE", "the table's name")?;
    let key = start.environment.required("ICP_KEY", "the KMS key's ARN")?;
    let app = App {
        store: Store::open(&start.aws, table, key),
        start: start.clone(),
    };
    Ok(BatchFunction::new(app, AT_ONCE, handle))
}

fn handle<'a>(app: &'a App, clock: &'a Clock, record: Record) -> Answered<'a> {
    Box::pin(async move {
        let mut inv = clock.invocation();
        let evidence = read(&record.body, inv.now).map_err(FunctionError::Malformed)?;
        let unit = &evidence.look.unit;
        let judged = judge_evidence(&app.store, app.start.rulebook, &mut inv, &evidence).await;
        let verdict = match judged {
            Ok(verdict) => verdict,
            // Trying again would read the same rows: the unit's clock is set aside until people have
            // mended them, and the evidence with it.
            // What does not read keeps a check from its answer and a campaign from its outcome; the row may be theirs,
            // and where it is the unit's, the unit's own audit sets it aside.
            Err(error)
                if error.is_malformed()
                    && (evidence.look.check.is_some() || evidence.look.campaign.is_some()) =>
            {
                tracing::error!(unit = %unit, "{unit} cannot be judged for what was asked: {}", Chain(&error));
                measure(Metric::InternalFaults, 1, inv.now);
                return Ok(json!({}));
            }
            Err(error) if error.is_malformed() => {
                tracing::error!(unit = %unit, "{unit} cannot be judged, and is set aside: {}", Chain(&error));
                let aside = app
                    .store
                    .set_aside(
                        &keys::clock_of(unit, evidence.look.clock),
                        &error.to_string(),
                        inv.now,
                    )
                    .await
                    .map_err(|error| FunctionError::Failed(error.into()))?;
                measure(Metric::QuarantinedRows, i64::from(aside), inv.now);
                return Ok(json!({}));
            }
            Err(error) => return Err(FunctionError::Failed(error.into())),
        };
        // Most looks find nothing, and their clocks say so: lines of them would be most of what logs cost.
        if verdict == Verdict::Clean {
            tracing::debug!(unit = %unit, "a look at {unit} was judged: all is as it must be");
        } else {
            tracing::info!(unit = %unit, "a look at {unit} was judged: {verdict:?}");
        }
        measure(
            Metric::UndecidedShare,
            i64::from(verdict == Verdict::Undecided),
            inv.now,
        );
        Ok(json!({}))
    })
}

/// A message of the evidence queue, or of the looks' dead letters: a look that was never made, and
/// so decides nothing.
fn read(body: &str, now: Timestamp) -> Result<Evidence, serde_json::Error> {
    serde_json::from_str::<Evidence>(body).or_else(|not_evidence| {
        match serde_json::from_str::<Look>(body) {
            Ok(look) => Ok(Evidence::unseen(&look, now, Failure::NotMade)),
            Err(_) => Err(not_evidence),
        }
    })
}

#[cfg(test)]
mod tests {
    use icp_domain::look::Seen;

    use super::*;

    const LOOK: &str = r#"{"id":"l1","unit":{"subject":"s1","service":"1"},"purpose":"audit",
        "due":"2026-03-02T02:00:00Z","factsRevisions":{"subject":1,"unit":1},
        "plan":{"vantage":"v1","names":["example.cn"],"homePage":"https://example.cn/"}}"#;

    #[test]
    fn a_dead_look_reads_as_evidence_that_decides_nothing() {
        let now = "2026-03-02T03:00:00Z".parse().unwrap();
        let evidence = read(LOOK, now).unwrap();
        assert_eq!(evidence.names[0].seen, Seen::Failed(Failure::NotMade));
        assert_eq!(evidence.home_page, Some(Seen::Failed(Failure::NotMade)));
    }

    #[test]
    fn what_is_neither_fails_alone() {
        assert!(read("{}", "2026-03-02T03:00:00Z".parse().unwrap()).is_err());
    }
}
