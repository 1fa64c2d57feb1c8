//! The walk of a campaign: its units are chosen, looked at pass by pass, given up where nothing was decided, and told
//! of once it was released. A yearly review asks instead of looking.
//!
//! **Invariant:** the place of a walk moves only after the looks of the page before it were sent; what is sent twice
//! has one id within its pass, and a member's outcome is set once.

use icp_domain::Rulebook;
use icp_domain::audit::{ClockName, Suspicion};
use icp_domain::campaign::{Campaign, Pass, Stage, Telling};
use icp_domain::filing::{Service, Subject};
use icp_domain::ids::{LookId, UnitId, VantageId};
use icp_domain::look::{Look, Purpose};
use icp_store::records::{CountedMember, PlanFacts, StoredCampaign, StoredMember};
use icp_store::{Change, CommitError, Cursor, DeskList, Key, Store, StoreError};
use jiff::{SignedDuration, Timestamp};

mod yearly_review;

use super::count_outcome_of;
use crate::holder_looks::{Names, at_registrations};
use crate::plan_audits::{plan_of, revisions};

/// A step of a walk.
#[derive(Debug)]
pub struct Walked {
    /// Looks to send before the step is committed.
    pub looks: Vec<Look>,
    /// Whether another step is due at once.
    pub more: bool,
    /// Filings whose rows do not read: they are left out, and hold up no other.
    pub unreadable: i64,
    before: StoredCampaign,
    after: Campaign,
    change: Change,
}

/// Takes a campaign's next step; `None` where none is due.
pub async fn walk(
    store: &Store,
    rulebook: &Rulebook,
    stored: StoredCampaign,
    now: Timestamp,
) -> Result<Option<Walked>, StoreError> {
    if !stored.campaign.is_due(now) {
        return Ok(None);
    }
    let walk = Walk {
        store,
        rulebook,
        before: stored,
        now,
    };
    // What waits to be told comes first: people are waiting for it.
    if let Some(telling) = walk.before.campaign.telling.clone()
        && walk.before.campaign.tells_at(now)
    {
        return walk.tell(&telling.pass).await.map(Some);
    }
    match walk.before.campaign.stage.clone() {
        Stage::Choosing { list, after } => walk.choose(list, after).await.map(Some),
        Stage::Looking(pass) => match walk.before.campaign.terms.yearly_review {
            None => walk.look(&pass).await.map(Some),
            Some(review) => Box::pin(walk.review(review, &pass)).await.map(Some),
        },
        Stage::Looked { .. } => Ok(None),
    }
}

/// Commits a step whose looks were sent. Somebody who steered the campaign meanwhile comes first: the step is taken
/// again on what it is then. Gives the campaign as it is after it, where another step is due at once.
pub async fn walked(store: &Store, walked: Walked) -> Result<Option<StoredCampaign>, StoreError> {
    let Walked {
        more,
        before,
        after,
        mut change,
        ..
    } = walked;
    before.put(&mut change, &after)?;
    match store.commit(&change).await {
        Ok(()) | Err(CommitError::Conflict(_)) => {}
        Err(CommitError::Store(error)) => return Err(error),
    }
    if more {
        store.campaign(&after.id).await
    } else {
        Ok(None)
    }
}

struct Walk<'a> {
    store: &'a Store,
    rulebook: &'a Rulebook,
    before: StoredCampaign,
    now: Timestamp,
}

/// The lists of filings that have access: one that stands in conflict is live all the same.
const LIVE: [DeskList; 2] = [DeskList::FiledSubjects, DeskList::FilingsInConflict];

/// The next tick's minute.
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Members that one step gives up at most: rows of member, list and counts fit one transaction.
const GIVEN_UP: usize = 30;

impl Walk<'_> {
    /// Chooses the units of a page of live filings.
    async fn choose(&self, list: usize, place: Option<String>) -> Result<Walked, StoreError> {
        let limit = self.rulebook.policy.campaigns.chosen_per_page as usize;
        let mut after = self.before.campaign.clone();
        let Some(desk) = LIVE.get(list) else {
            after.stage = Stage::Looking(Pass::first());
            return Ok(self.step(after, Vec::new(), Change::new(), true));
        };
        let place = place.and_then(Cursor::given);
        let page = self.store.on_desk(*desk, place.as_ref(), limit).await?;
        let mut change = Change::new();
        let (subjects, unreadable) = self.readable(&page.keys).await?;
        for subject in subjects {
            if !after.terms.chosen.includes(&subject) {
                continue;
            }
            for unit in self.store.audited_units(&subject.id).await? {
                if !after.terms.concern(&unit) {
                    continue;
                }
                if Change::MOST_ROWS <= change.rows() + 1 {
                    // More than one transaction holds: this part is committed by itself, and again if the page is.
                    self.commit_members(std::mem::take(&mut change)).await?;
                }
                StoredMember::put_chosen(&mut change, &after.id, &unit)?;
                after.members += 1;
            }
        }
        after.stage = match page.next {
            Some(place) => Stage::Choosing {
                list,
                after: Some(place.as_str().to_owned()),
            },
            None => Stage::Choosing {
                list: list + 1,
                after: None,
            },
        };
        // Chosen or not, the next step is due at once.
        Ok(Walked {
            unreadable,
            ..self.step(after, Vec::new(), change, true)
        })
    }

    /// The subjects of a page, and how many of them do not read.
    async fn readable(&self, heads: &[Key]) -> Result<(Vec<Subject>, i64), StoreError> {
        match self.store.subjects(heads).await {
            Err(error) if error.is_malformed() => {}
            found => return found.map(|found| (found, 0)),
        }
        let (mut subjects, mut unreadable) = (Vec::new(), 0);
        for head in heads {
            match self.store.subjects(std::slice::from_ref(head)).await {
                Ok(found) => subjects.extend(found),
                Err(error) if error.is_malformed() => {
                    let campaign = &self.before.campaign.id;
                    tracing::error!(
                        "{head} does not read and is left out of campaign {campaign}: {error}"
                    );
                    unreadable += 1;
                }
                Err(error) => return Err(error),
            }
        }
        Ok((subjects, unreadable))
    }

    async fn commit_members(&self, change: Change) -> Result<(), StoreError> {
        match self.store.commit(&change).await {
            Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    /// Looks at the next members that have no outcome, as many as the rate allows a minute; after the last walk, gives
    /// up who still has none.
    async fn look(&self, pass: &Pass) -> Result<Walked, StoreError> {
        let campaign = &self.before.campaign;
        let policy = &self.rulebook.policy.campaigns;
        let gives_up = policy.pass_again_hours.len() < pass.number as usize;
        let limit = if gives_up {
            GIVEN_UP
        } else {
            campaign.terms.rate_per_minute as usize
        };
        let page = self
            .store
            .members(&campaign.id, pass.after.as_deref(), limit);
        let (members, next) = page.await?;
        let open: Vec<StoredMember> = members
            .into_iter()
            .filter(|stored| stored.member.outcome.is_none())
            .collect();
        let mut after = campaign.clone();
        let mut change = Change::new();
        let (mut looks, mut unreadable) = (Vec::new(), 0);
        if gives_up {
            let name = campaign.terms.clock();
            let units: Vec<(UnitId, ClockName)> = open
                .iter()
                .map(|stored| (stored.unit.clone(), name))
                .collect();
            let facts = self.store.plan_facts(&units).await?;
            for stored in &open {
                self.give_up(&mut change, stored, &facts)?;
            }
        } else {
            (looks, unreadable) = self.plan(&open, pass, Planned::Looking).await?;
        }
        let more = gives_up && next.is_some();
        match next {
            Some(place) => {
                after.stage = Stage::Looking(Pass {
                    number: pass.number,
                    after: Some(place),
                });
                after.next_at = self.now
                    + if gives_up {
                        SignedDuration::ZERO
                    } else {
                        MINUTE
                    };
            }
            None if gives_up => {
                after.stage = Stage::Looked {
                    looked_at: self.now,
                };
            }
            None => {
                after.stage = Stage::Looking(pass.next());
                let wait = Campaign::wait_after(pass, policy);
                after.next_at = self.now + wait.unwrap_or(policy.give_up());
            }
        }
        Ok(Walked {
            unreadable,
            ..self.step(after, looks, change, more)
        })
    }

    fn give_up(
        &self,
        change: &mut Change,
        stored: &StoredMember,
        facts: &PlanFacts,
    ) -> Result<(), StoreError> {
        let campaign = &self.before.campaign.id;
        let counted = CountedMember {
            unit: &stored.unit,
            province: facts.province(&stored.unit),
        };
        let member = stored.member.given_up();
        stored.put(change, campaign, &member, self.now)?;
        count_outcome_of(change, campaign, counted, &member);
        Ok(())
    }

    /// Looks once more at the next members whose faults wait to be told: what is still there is told by its judge.
    async fn tell(&self, pass: &Pass) -> Result<Walked, StoreError> {
        let campaign = &self.before.campaign;
        let policy = &self.rulebook.policy.campaigns;
        let limit = campaign.terms.rate_per_minute as usize;
        let (untold, next) = self
            .store
            .untold(&campaign.id, pass.after.as_deref(), limit)
            .await?;
        let mut members = Vec::new();
        for member in &untold {
            members.extend(self.store.member(&campaign.id, &member.unit).await?);
        }
        let (looks, unreadable) = self.plan(&members, pass, Planned::Telling).await?;
        let mut after = campaign.clone();
        let again = self.now + policy.tell_again();
        after.telling = match next {
            Some(place) => Some(Telling {
                pass: Pass {
                    number: pass.number,
                    after: Some(place),
                },
                next_at: self.now + MINUTE,
            }),
            // Nobody waits, or it was tried often enough: what stays undecided is told by nobody.
            None if untold.is_empty() && pass.after.is_none() => None,
            None if policy.tell_passes <= pass.number => None,
            None => Some(Telling {
                pass: pass.next(),
                next_at: again,
            }),
        };
        Ok(Walked {
            unreadable,
            ..self.step(after, looks, Change::new(), false)
        })
    }

    /// Looks at members, each from a vantage that its suspicions were not seen from, and how many have rows that do not
    /// read: in the end they are undecided.
    async fn plan(
        &self,
        members: &[StoredMember],
        pass: &Pass,
        planned: Planned,
    ) -> Result<(Vec<Look>, i64), StoreError> {
        let campaign = &self.before.campaign;
        let (mut looks, mut unreadable) = (Vec::new(), 0);
        for page in members.chunks(self.rulebook.policy.audits.units_per_page as usize) {
            let name = campaign.terms.clock();
            let units: Vec<(UnitId, ClockName)> = page
                .iter()
                .map(|stored| (stored.unit.clone(), name))
                .collect();
            let facts = self.store.plan_facts(&units).await?;
            for stored in page {
                let Some((clock, subject, service)) = facts.of(&stored.unit, name) else {
                    continue;
                };
                let used: Vec<&VantageId> = stored.member.suspicions.iter().map(of).collect();
                let number = pass.number as usize;
                let vantage = self.rulebook.vantages.in_turn(number, &used);
                let look = Look {
                    id: self.look_id(&stored.unit, pass, planned),
                    unit: stored.unit.clone(),
                    purpose: Purpose::Campaign,
                    campaign: Some(campaign.id.clone()),
                    check: None,
                    clock: name,
                    due: self.now,
                    facts_revisions: revisions(clock, subject),
                    plan: plan_of(service, vantage),
                };
                match self.of_clock(look, service).await {
                    Ok(look) => looks.push(look),
                    Err(error) if error.is_malformed() => {
                        let unit = &stored.unit;
                        tracing::error!(unit = %unit, "{unit} does not read and is not looked at: {error}");
                        unreadable += 1;
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok((looks, unreadable))
    }

    /// The look at what its clock's rules read.
    async fn of_clock(&self, look: Look, service: Option<&Service>) -> Result<Look, StoreError> {
        let Some(service) = service.filter(|_| look.clock == ClockName::Holder) else {
            return Ok(look);
        };
        let names = self.store.filed_names(&look.unit.subject, service).await?;
        Ok(at_registrations(look, service, &Names::of_rows(&names)))
    }

    fn look_id(&self, unit: &UnitId, pass: &Pass, planned: Planned) -> LookId {
        let campaign = self.before.campaign.id.as_str();
        let number = pass.number.to_string();
        let parts = [campaign, planned.name(), &number, &unit.to_string()];
        LookId::derived("campaign", &parts)
    }

    fn step(&self, after: Campaign, looks: Vec<Look>, change: Change, more: bool) -> Walked {
        Walked {
            looks,
            more,
            unreadable: 0,
            before: self.before.clone(),
            after,
            change,
        }
    }
}

/// What a look of a campaign is for.
#[derive(Debug, Clone, Copy)]
enum Planned {
    Looking,
    Telling,
}

impl Planned {
    fn name(self) -> &'static str {
        match self {
            Self::Looking => "look",
            Self::Telling => "tell",
        }
    }
}

fn of(suspicion: &Suspicion) -> &VantageId {
    &suspicion.vantage
}
