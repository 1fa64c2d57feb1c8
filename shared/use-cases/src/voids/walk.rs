//! The walk of a void over the cases that are open, list by list and page by page.

use icp_domain::account::Role;
use icp_domain::command::CommandId;
use icp_domain::finding::{Event, Finding, FindingState, step};
use icp_domain::history::Happened;
use icp_domain::ids::{CaseId, UserId, VantageId, VoidId};
use icp_domain::notice::{CaseFinding, NoticeKind};
use icp_domain::rulebook::calendar::local_date;
use icp_domain::void::{Void, VoidCounts, VoidSample, VoidWalk};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{StoredCase, StoredVoid};
use icp_store::{Change, CommitError, Cursor, DeskList, Key, Store, StoreError};

use super::under_way;
use crate::By;
use crate::deliver::is_held;
use crate::judge::close;
use crate::notices::{first_notice_at, notice_id, post_notice};
use crate::preview_token::SAMPLES;
use crate::reinstate::count_again;

/// The lists on which open cases stand, the one first that a stop comes from. A case that moves to another list while
/// they are walked is met on the way back.
const LISTS: [DeskList; 7] = [
    DeskList::CondemnedCases,
    DeskList::CondemnedForStaff,
    DeskList::CasesForStaff,
    DeskList::OpenCases,
    DeskList::CasesForStaff,
    DeskList::CondemnedForStaff,
    DeskList::CondemnedCases,
];

/// Lists of a dry run, which counts each case once.
const LISTS_ONCE: usize = 4;

/// Cases of one page.
const PAGE: usize = 50;

/// What a page of a walk came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VoidPage {
    /// Cases that could not be read.
    pub unreadable: u64,
    /// Whether another page is to be walked.
    pub more: bool,
}

/// Walks the next page of the first void that is under way; `None` where none is.
pub async fn walk_voids(
    store: &Store,
    rulebook: &Rulebook,
    inv: &Invocation,
    voids: &[VoidId],
) -> Result<Option<VoidPage>, StoreError> {
    for id in voids {
        let Some(stored) = store.void(id).await? else {
            continue;
        };
        let Some(walk) = stored.void.walk.clone() else {
            continue;
        };
        let walking = Walking {
            store,
            rulebook,
            inv,
            stored,
        };
        return walking.page(walk).await.map(Some);
    }
    Ok(None)
}

struct Walking<'a> {
    store: &'a Store,
    rulebook: &'a Rulebook,
    inv: &'a Invocation,
    stored: StoredVoid,
}

impl Walking<'_> {
    async fn page(self, walk: VoidWalk) -> Result<VoidPage, StoreError> {
        let list = LISTS.get(walk.list).copied().unwrap_or(DeskList::OpenCases);
        let cursor = walk.after.clone().and_then(Cursor::given);
        let page = match self.store.on_desk(list, cursor.as_ref(), PAGE).await {
            // Its signature is of before the key was changed: the list is walked anew, which changes nothing twice.
            Err(StoreError::ForeignCursor) => self.store.on_desk(list, None, PAGE).await?,
            page => page?,
        };
        let (mut counts, mut samples) = (VoidCounts::default(), Vec::new());
        for key in &page.keys {
            match self.case(key, &mut samples).await {
                Ok(of_case) => counts += of_case,
                Err(error) if error.is_malformed() => {
                    tracing::error!(row = %key, "a case that a void walks over does not read: {error}");
                    counts.unreadable += 1;
                }
                Err(error) => return Err(error),
            }
        }
        let lists = match self.stored.void.voiding() {
            Some(_) => LISTS.len(),
            None => LISTS_ONCE,
        };
        let found = walk.found || 0 < counts.cases;
        let next = match page.next {
            Some(cursor) => Some(VoidWalk {
                after: Some(cursor.as_str().to_owned()),
                found,
                ..walk
            }),
            None if walk.list + 1 < lists => Some(VoidWalk {
                list: walk.list + 1,
                after: None,
                found,
            }),
            // What was voided left its list; what moved to another meanwhile is found by one more round.
            None if found && self.stored.void.voiding().is_some() => Some(VoidWalk::default()),
            None => None,
        };
        self.settle(next, counts, samples).await
    }

    /// Writes how far the walk has come.
    async fn settle(
        self,
        next: Option<VoidWalk>,
        counts: VoidCounts,
        samples: Vec<VoidSample>,
    ) -> Result<VoidPage, StoreError> {
        let mut after: Void = self.stored.void.clone();
        if after.voiding().is_some() {
            after.voided += counts;
        } else {
            after.counted += counts;
            after.samples.extend(samples);
            after.samples.truncate(SAMPLES);
        }
        let more = next.is_some();
        after.walk = next;
        let mut change = Change::new();
        if !more {
            after = after.walked(self.inv.now);
            let brake = self.store.brake(self.rulebook).await?;
            under_way(&mut change, &brake, &after.id, false)?;
        }
        self.stored.put(&mut change, &after)?;
        match self.store.commit(&change).await {
            // Somebody wrote the brake meanwhile: the page is walked again, which changes nothing twice.
            Ok(()) | Err(CommitError::Conflict(_)) => Ok(VoidPage {
                unreadable: counts.unreadable,
                more,
            }),
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    /// What a case holds of the void: counted, and once confirmed voided in one commit.
    async fn case(
        &self,
        key: &Key,
        samples: &mut Vec<VoidSample>,
    ) -> Result<VoidCounts, StoreError> {
        for _ in 0..=self.rulebook.policy.sweeps.reloads {
            let read = self.store.cases(std::slice::from_ref(key)).await?;
            let Some(stored) = read.into_iter().next() else {
                return Ok(VoidCounts::default());
            };
            let covered = self.covered(&stored).await?;
            let mut counts = VoidCounts::default();
            for finding in &covered {
                counts.count(&finding.state);
                samples.push(VoidSample {
                    case: stored.case.id.clone(),
                    finding: finding.id.clone(),
                    rule: finding.rule.clone(),
                    state: finding.state.name().to_owned(),
                });
            }
            counts.cases = u64::from(!covered.is_empty());
            let Some(user) = self.stored.void.voiding() else {
                return Ok(counts);
            };
            let Some(change) = self.voided(stored, &covered, user).await? else {
                // What is with the bureau stays on its list: it is counted once, by the dry run.
                return Ok(VoidCounts::default());
            };
            match self.store.commit(&change).await {
                Ok(()) => {
                    counts.left = 0;
                    return Ok(counts);
                }
                // Somebody acted on it: what it is now is void, too.
                Err(CommitError::Conflict(_)) => {}
                Err(CommitError::Store(error)) => return Err(error),
            }
        }
        // It is met again on the way back, and in the next round.
        tracing::warn!(row = %key, "a case that is void was written by others again and again");
        Ok(VoidCounts {
            cases: 1,
            ..VoidCounts::default()
        })
    }

    /// The findings of a case that the void is about.
    async fn covered(&self, stored: &StoredCase) -> Result<Vec<Finding>, StoreError> {
        let terms = &self.stored.void.terms;
        let mut seen_from: Vec<VantageId> = Vec::new();
        let evidence = match &terms.vantage {
            Some(_) => self.store.case_evidence(&stored.case.id).await?,
            None => Vec::new(),
        };
        let findings = stored.case.findings.iter();
        let covered = findings.filter(|finding| {
            let own = evidence.iter().map(|kept| &kept.evidence.look);
            let own = own.filter(|look| finding.looks.contains(&look.id));
            seen_from.clear();
            seen_from.extend(own.map(|look| look.plan.vantage.clone()));
            terms.covers(finding, &seen_from)
        });
        Ok(covered.cloned().collect())
    }

    /// Whether anybody may have heard of a finding: its period began, or its first notice went out and is not known to
    /// have arrived. Of what a held run found nobody has.
    async fn may_have_been_told(
        &self,
        case: &CaseId,
        finding: &Finding,
    ) -> Result<bool, StoreError> {
        if finding.notified_at.is_some() {
            return Ok(true);
        }
        let policy = &self.rulebook.policy.cases;
        let told = CaseFinding {
            case: case.clone(),
            finding: finding.id.clone(),
        };
        Ok(first_notice_at(finding.joined_at, policy) <= self.inv.now
            && !is_held(self.store, self.rulebook, &told, self.inv.now).await?)
    }

    /// The case with the findings void, its people told; `None` where none of them can be.
    async fn voided(
        &self,
        mut stored: StoredCase,
        covered: &[Finding],
        user: &UserId,
    ) -> Result<Option<Change>, StoreError> {
        let (now, id) = (self.inv.now, stored.case.id.clone());
        let Some(mut filing) = self.store.filing(&stored.case.unit.subject).await? else {
            return Ok(None);
        };
        let mut change = Change::new();
        let (mut voided, mut told) = (0, false);
        // What a bureau ordered stopped holds what the case stopped, whatever else it rests on.
        if stored.case.is_ordered() {
            return Ok(None);
        }
        for finding in &mut stored.case.findings {
            if !covered.iter().any(|covered| covered.id == finding.id) {
                continue;
            }
            if let Ok(after) = step(finding.clone(), Event::Void, now, self.rulebook) {
                Store::count_precision(&mut change, local_date(now), finding, &after);
                if matches!(finding.state, FindingState::Stopping { .. }) {
                    count_again(&mut change, &filing);
                }
                voided += 1;
                told |= self.may_have_been_told(&id, finding).await?;
                *finding = after;
            }
        }
        if voided == 0 {
            return Ok(None);
        }
        if !stored.case.is_open() {
            close(&mut change, &filing, &stored.case, now)?;
        }
        let void = self.stored.void.id.as_str();
        let command = CommandId::of_cause(id.as_str(), "void", void);
        let kind = NoticeKind::Correction { case: id.clone() };
        // One correction a case, however many rounds find something of it.
        let posted = self.store.outbox(&notice_id(&command, &kind)).await?;
        if told && posted.is_none() {
            let policy = &self.rulebook.policy.cases;
            post_notice(&mut change, &command, filing.id(), kind, now, policy)?;
        }
        let wakes_at = stored.case.wakes_at(&filing.freezes, now, self.rulebook);
        stored.put(&mut change, wakes_at, now)?;
        let by = By::staff(user.clone(), Role::Operator, void.to_owned());
        let about = format!("{id}: {}", self.stored.void.terms.reason);
        filing.record(
            &mut change,
            by.deed(Happened::FindingsVoid, &about, &command),
            now,
        )?;
        Ok(Some(change))
    }
}
