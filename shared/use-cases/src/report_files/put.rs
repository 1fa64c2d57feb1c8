//! Keeping what rows say beside the filing that they are about.

use std::collections::{BTreeMap, BTreeSet};

use icp_domain::filing::{Custody, Material, MaterialKind};
use icp_domain::history::Happened;
use icp_domain::identifiers::DomainName;
use icp_domain::ids::{MaterialId, UnitId};
use icp_domain::report_file::{ReportRow, ServiceNamed};
use icp_domain::reports::{Bringer, PaperSeen};
use icp_domain::rulebook::calendar::{at, local_date};
use icp_domain::{Invocation, MOST_NAMES};
use icp_store::records::{Heard, Reported, StoredFiling};
use icp_store::{Change, Guard, Store, StoreError};
use jiff::Timestamp;
use jiff::civil::Date;

use super::find::service_of;
use super::{Became, Numbered};
use crate::bring_report::{Brought, put_answer};
use crate::reported::judge_soon;

/// What became of rows of one filing.
pub(super) struct Put {
    /// Row by row.
    pub(super) became: Vec<(u64, Became)>,
    /// The deed's name in history, where there is something to record.
    pub(super) what: Option<Happened>,
}

/// Writes what rows of one filing say; all are of one kind.
pub(super) async fn put_rows(
    store: &Store,
    change: &mut Change,
    filing: &StoredFiling,
    (rows, bringer): (&[Numbered], &Bringer),
    inv: &mut Invocation,
) -> Result<Put, StoreError> {
    let putting = Putting {
        store,
        filing,
        bringer,
    };
    let Some((_, first)) = rows.first() else {
        return Ok(Put {
            became: Vec::new(),
            what: None,
        });
    };
    let (became, what) = match first {
        ReportRow::RegistryAnswer { .. } => (
            putting.answers(change, rows, inv).await?,
            Some(Happened::RegistryAnswerBrought),
        ),
        ReportRow::PhoneIdentity { .. } => (
            putting.phones(change, rows, inv).await?,
            Some(Happened::PhoneIdentityBrought),
        ),
        ReportRow::Custody { .. } => (
            putting.papers(change, rows, inv).await?,
            Some(Happened::MaterialSeenOnPaper),
        ),
        ReportRow::Hosting { .. } | ReportRow::FrontEndHost { .. } => {
            (putting.hosting(change, rows, inv).await?, None)
        }
        ReportRow::Registrar { .. } => (Vec::new(), None),
    };
    let any = became.iter().any(|(_, became)| *became == Became::Changed);
    let what = what.filter(|_| any);
    if what.is_some() {
        let unit = UnitId::of_subject(filing.id().clone());
        judge_soon(change, filing, &unit, inv.now)?;
    }
    Ok(Put { became, what })
}

struct Putting<'a> {
    store: &'a Store,
    filing: &'a StoredFiling,
    bringer: &'a Bringer,
}

impl Putting<'_> {
    /// Of several answers about one filing the newest stands.
    async fn answers(
        &self,
        change: &mut Change,
        rows: &[Numbered],
        inv: &mut Invocation,
    ) -> Result<Vec<(u64, Became)>, StoreError> {
        let answers = rows.iter().filter_map(|(row, said)| match said {
            ReportRow::RegistryAnswer { report, .. } => Some((*row, report)),
            ReportRow::PhoneIdentity { .. }
            | ReportRow::Hosting { .. }
            | ReportRow::FrontEndHost { .. }
            | ReportRow::Registrar { .. }
            | ReportRow::Custody { .. } => None,
        });
        let newest = answers.clone().max_by_key(|(_, report)| report.as_of);
        let mut became = Vec::new();
        for (row, report) in answers {
            let is_newest = newest.is_some_and(|(newest, _)| newest == row);
            if !is_newest {
                became.push((row, Became::Same));
                continue;
            }
            let mut own = Change::new();
            let of = (report, self.bringer);
            let put = put_answer(self.store, &mut own, self.filing, of, inv).await?;
            became.push((
                row,
                match put {
                    Brought::Newly => {
                        change.extend(own);
                        Became::Changed
                    }
                    Brought::Before | Brought::Older => Became::Same,
                    Brought::OtherNumber => Became::Unmatched,
                },
            ));
        }
        Ok(became)
    }

    async fn phones(
        &self,
        change: &mut Change,
        rows: &[Numbered],
        inv: &mut Invocation,
    ) -> Result<Vec<(u64, Became)>, StoreError> {
        let mut all = Vec::new();
        let mut heard_before = BTreeSet::new();
        for (row, said) in rows {
            let ReportRow::PhoneIdentity {
                mobile, says, on, ..
            } = said
            else {
                continue;
            };
            let heard = Heard {
                says: *says,
                at: at(*on, NOON).min(inv.now),
                bringer: Some(self.bringer.clone()),
            };
            let persons = self.filing.filing.persons.iter();
            let theirs = persons.filter(|(_, person)| person.details.mobile == *mobile);
            let mut became = Became::Unmatched;
            for (id, _) in theirs {
                let known = self.filing.reports.telephones.get(id);
                let is_known = known.is_some_and(|known| {
                    let mut known = known.iter();
                    known.any(|report| {
                        let is_same = report.mobile == *mobile && report.says == *says;
                        is_same && local_date(report.at) == *on
                    })
                });
                if is_known || !heard_before.insert((id.clone(), heard.at)) {
                    became = became.or_same();
                    continue;
                }
                self.filing
                    .put_telephone(self.store, change, id, &heard, inv)
                    .await?;
                became = Became::Changed;
            }
            all.push((*row, became));
        }
        Ok(all)
    }

    async fn papers(
        &self,
        change: &mut Change,
        rows: &[Numbered],
        inv: &mut Invocation,
    ) -> Result<Vec<(u64, Became)>, StoreError> {
        let unit = UnitId::of_subject(self.filing.id().clone());
        let mut reported = self.filing.reported(&unit);
        let (mut all, mut seen) = (Vec::new(), BTreeMap::new());
        for (row, said) in rows {
            let ReportRow::Custody { kind, paper, .. } = said else {
                continue;
            };
            let mut became = Became::Same;
            for (id, material) in self.of_kind(*kind) {
                let known = reported.papers.get(&id).map(|brought| &brought.report);
                let is_file = matches!(material.custody, Custody::Stored(_));
                if is_file || known.is_some_and(|known| paper.seen_on <= known.seen_on) {
                    continue;
                }
                let brought = self.bringer.brings(paper.clone(), inv.now);
                reported.papers.insert(id.clone(), brought);
                seen.insert(id, on_paper(&material, paper));
                became = Became::Changed;
            }
            all.push((*row, became));
        }
        if !seen.is_empty() {
            for (id, material) in &seen {
                self.filing.put_material(change, id, material)?;
            }
            self.filing
                .put_reported(self.store, change, &unit, reported, inv)
                .await?;
        }
        Ok(all)
    }

    /// The filing's materials of a kind; where it has none, as of a base that brought none, one of its own.
    fn of_kind(&self, kind: MaterialKind) -> Vec<(MaterialId, Material)> {
        let materials = self.filing.filing.materials.iter();
        let found = materials.filter(|(_, material)| material.kind == kind);
        let mut found: Vec<_> = found
            .map(|(id, material)| (id.clone(), material.clone()))
            .collect();
        if found.is_empty() {
            let name = kind.text().en;
            let id = MaterialId::derived("custody", &[self.filing.id().as_str(), &name]);
            let material = Material {
                kind,
                valid_until: None,
                custody: Custody::Unknown,
            };
            found.push((id, material));
        }
        found
    }

    /// What the provider's own systems say of services: one row a service is written, however many rows of
    /// the file speak of it.
    async fn hosting(
        &self,
        change: &mut Change,
        rows: &[Numbered],
        inv: &mut Invocation,
    ) -> Result<Vec<(u64, Became)>, StoreError> {
        let mut all = Vec::new();
        let mut units: BTreeMap<UnitId, Reported> = BTreeMap::new();
        for (row, said) in rows {
            let service = named(said).and_then(|named| service_of(&self.filing.filing, &named));
            let Some(service) = service else {
                all.push((*row, Became::Unmatched));
                continue;
            };
            let unit = UnitId::of_service(self.filing.id().clone(), service.clone());
            let known = units
                .entry(unit.clone())
                .or_insert_with(|| self.filing.reported(&unit));
            all.push((*row, self.hosted(known, said, inv.now)));
        }
        for (unit, reported) in units {
            let before = self.filing.reported(&unit);
            if reported.server_until != before.server_until {
                judge_soon(change, self.filing, &unit, inv.now)?;
            }
            if reported != before {
                self.filing
                    .put_reported(self.store, change, &unit, reported, inv)
                    .await?;
            }
        }
        Ok(all)
    }

    /// Takes in what one row says of a service.
    fn hosted(&self, known: &mut Reported, said: &ReportRow, now: Timestamp) -> Became {
        match said {
            ReportRow::Hosting { until, .. } => {
                let before = known.server_until.as_ref().map(|brought| brought.report);
                if before == Some(*until) {
                    return Became::Same;
                }
                known.server_until = Some(self.bringer.brings(*until, now));
                Became::Changed
            }
            ReportRow::FrontEndHost { host, seen_on } => {
                let before = known.front_ends.take();
                let mut seen = before
                    .clone()
                    .map(|brought| brought.report)
                    .unwrap_or_default();
                if seen.get(host).is_some_and(|last| seen_on <= last) {
                    known.front_ends = before;
                    return Became::Same;
                }
                seen.insert(host.clone(), *seen_on);
                keep_newest(&mut seen);
                known.front_ends = Some(self.bringer.brings(seen, now));
                Became::Changed
            }
            ReportRow::RegistryAnswer { .. }
            | ReportRow::PhoneIdentity { .. }
            | ReportRow::Registrar { .. }
            | ReportRow::Custody { .. } => Became::Unmatched,
        }
    }
}

/// The service that a row on hosting names.
fn named(said: &ReportRow) -> Option<ServiceNamed> {
    match said {
        ReportRow::Hosting { service, .. } => Some(service.clone()),
        ReportRow::FrontEndHost { host, .. } => Some(ServiceNamed::Domain(host.clone())),
        ReportRow::RegistryAnswer { .. }
        | ReportRow::PhoneIdentity { .. }
        | ReportRow::Registrar { .. }
        | ReportRow::Custody { .. } => None,
    }
}

/// The hour of a day on which a report of the day counts.
///
/// Source: chosen here: the middle of the day.
const NOON: u32 = 12;

fn on_paper(material: &Material, paper: &PaperSeen) -> Material {
    Material {
        kind: material.kind,
        valid_until: material.valid_until,
        custody: Custody::Paper {
            shelf_mark: paper.shelf_mark.clone(),
        },
    }
}

/// Keeps as many hosts as a service has names, the newest, so that a zone of countless hosts stays a small
/// row.
fn keep_newest(seen: &mut BTreeMap<DomainName, Date>) {
    while MOST_NAMES < seen.len() {
        let oldest = seen.iter().min_by_key(|(_, day)| **day);
        let Some(host) = oldest.map(|(host, _)| host.clone()) else {
            return;
        };
        seen.remove(&host);
    }
}

/// Writes whether a registrar is approved: of several rows about it the last stands.
pub(super) async fn put_registrar(
    store: &Store,
    change: &mut Change,
    (name, rows): (&str, &[Numbered]),
    bringer: &Bringer,
    now: Timestamp,
) -> Result<Vec<(u64, Became)>, StoreError> {
    let standings = rows.iter().filter_map(|(row, said)| match said {
        ReportRow::Registrar { standing, .. } => Some((*row, *standing)),
        ReportRow::RegistryAnswer { .. }
        | ReportRow::PhoneIdentity { .. }
        | ReportRow::Hosting { .. }
        | ReportRow::FrontEndHost { .. }
        | ReportRow::Custody { .. } => None,
    });
    let standings: Vec<_> = standings.collect();
    let known = store.registrar(name).await?;
    let last = standings.last().copied();
    let mut all = Vec::new();
    for (row, standing) in standings {
        let is_last = last.is_some_and(|(last, _)| last == row);
        let is_known = known.is_some_and(|(known, _)| known == standing);
        if !is_last || is_known {
            all.push((row, Became::Same));
            continue;
        }
        let guard = known.map_or(Guard::New, |(_, guard)| guard);
        let brought = bringer.brings(standing, now);
        Store::put_registrar(change, name, brought, guard)?;
        all.push((row, Became::Changed));
    }
    Ok(all)
}
