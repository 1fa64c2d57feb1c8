//! Releases condemned findings to be stopped: a named set, each on condition of the look shown.

use icp_domain::finding::{Event, step};
use icp_domain::history::Happened;
use icp_domain::ids::{CaseId, FindingId, LookId, UserId};
use icp_domain::{Invocation, Rulebook};
use icp_store::{Answer, Change, Failure, Repeat, Store};

use crate::By;
use crate::attempt::{Decided, Tries};

/// Releases findings.
#[derive(Debug, Clone)]
pub struct Release {
    /// Which, at most [`MOST_RELEASED`].
    pub findings: Vec<ReleaseOne>,
    /// Who.
    pub user: UserId,
    /// Who, from where.
    pub by: By,
}

/// One finding to release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseOne {
    /// Its case.
    pub case: CaseId,
    /// The finding.
    pub finding: FindingId,
    /// The look that condemned it when it was shown.
    pub shown: LookId,
}

/// Most findings in one release, so that it fits one transaction: case, history and head each.
pub const MOST_RELEASED: usize = 20;

/// What became of each finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// Released now.
    pub released: Vec<ReleaseOne>,
    /// Not released: gone, no longer condemned, or looked at again since it was shown.
    pub refused: Vec<ReleaseOne>,
}

/// Why nothing is released.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseRefused {
    /// None, or too many.
    #[error("a release names 1 to {MOST_RELEASED} findings")]
    Number,
}

/// Releases the findings that are still as they were shown.
pub async fn release(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<Released>,
    command: Release,
) -> Result<Answer, Failure<ReleaseRefused>> {
    if command.findings.is_empty() || MOST_RELEASED < command.findings.len() {
        return Err(Failure::Refused(ReleaseRefused::Number));
    }
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let mut change = Change::new();
            let mut done = Released {
                released: Vec::new(),
                refused: Vec::new(),
            };
            // The findings of one case are released in one write of it, with one entry of history.
            let mut filings = Vec::new();
            let mut cases: Vec<&CaseId> = command.findings.iter().map(|one| &one.case).collect();
            cases.sort();
            cases.dedup();
            for case in cases {
                let of_case: Vec<&ReleaseOne> = command
                    .findings
                    .iter()
                    .filter(|one| one.case == *case)
                    .collect();
                let Some(mut stored) = store.case(case).await? else {
                    done.refused.extend(of_case.into_iter().cloned());
                    continue;
                };
                let before = done.released.len();
                for one in of_case {
                    let event = Event::Release {
                        by: command.user.clone(),
                        shown: one.shown.clone(),
                    };
                    let stepped = stored
                        .case
                        .clone()
                        .with_finding(&one.finding, (), |finding| {
                            step(finding, event, inv.now, rulebook).map_err(|_| ())
                        });
                    match stepped {
                        Ok(case) => {
                            stored.case = case;
                            done.released.push(one.clone());
                        }
                        Err(()) => done.refused.push(one.clone()),
                    }
                }
                if before < done.released.len() {
                    // The stop's own wake: the next tick decides.
                    stored.put(&mut change, Some(inv.now), inv.now)?;
                    filings.push((stored.case.unit.subject.clone(), case.clone()));
                }
            }
            filings.sort();
            for of_one in filings.chunk_by(|one, other| one.0 == other.0) {
                let Some(((subject, last), others)) = of_one.split_last() else {
                    continue;
                };
                let mut filing = store.filing(subject).await?.ok_or(Failure::NotFound)?;
                let deed = |case: &CaseId| {
                    let by = &command.by;
                    by.deed(Happened::FindingsReleased, case.as_str(), &repeat.command)
                };
                for (_, case) in others {
                    filing.note(&mut change, deed(case), inv.now)?;
                }
                filing.record(&mut change, deed(last), inv.now)?;
            }
            Ok::<_, Failure<ReleaseRefused>>(Decided { change, done })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}
