//! Announcing an import, and starting it once its file is there.

use icp_domain::ids::{ImportId, UserId};
use icp_domain::import::{Columns, Mapping};
use icp_domain::rulebook::calendar;
use icp_domain::{Invocation, Rulebook, Text, Violation};
use icp_store::files::{Expected, Files};
use icp_store::records::{Brings, Import, ImportState, StoredImport};
use icp_store::{Answer, Change, DeskList, Failure, Repeat, Store};

use super::{AnnounceImport, AnnouncedImport, ImportRefused};
use crate::announced_file;
use crate::attempt::{Decided, Tries};

/// Announces an import: gives the link that uploads its file.
pub async fn announce(
    store: &Store,
    files: &Files,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<AnnouncedImport>,
    command: AnnounceImport,
) -> Result<Answer, Failure<ImportRefused>> {
    let policy = &rulebook.policy.imports;
    let most = match &command.brings {
        Brings::Base { .. } => policy.most_bytes(),
        Brings::BureauList { .. } => policy.list_most_bytes(),
        Brings::Reports { .. } => policy.most_bytes(),
    };
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let mut broken = announced_file::faults(command.bytes, most, &command.sha256);
            match &command.brings {
                Brings::Base { mapping } => broken.extend(shared_headers(mapping)),
                Brings::BureauList { list, mapping } => {
                    broken.extend(shared_headers(mapping));
                    broken.extend(list.check(calendar::local_date(inv.now)));
                }
                Brings::Reports { mapping, .. } => broken.extend(shared_headers(mapping)),
            }
            if !broken.is_empty() {
                return Err(Failure::Refused(ImportRefused::Announced(broken)));
            }
            let id = ImportId::derived("import", &[repeat.command.as_str()]);
            let import = Import {
                key: format!("imports/{id}/file"),
                id,
                format: command.format,
                brings: command.brings.clone(),
                dry_run: command.dry_run,
                bytes: command.bytes,
                sha256: command.sha256.clone(),
                by: command.by.clone(),
                announced_at: inv.now,
                started_by: None,
                state: ImportState::Announced,
            };
            let life = policy.link_life();
            let link = files.upload_link(&expected(&import), life).await?;
            let mut change = Change::new();
            StoredImport::announced(import.clone()).put(&mut change)?;
            let done = AnnouncedImport { import, link };
            Ok::<_, Failure<ImportRefused>>(Decided { change, done })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

/// What is wrong with a mapping before any file is there.
fn shared_headers<C: Columns>(mapping: &Mapping<C>) -> Vec<Violation> {
    let shared = mapping.shared_headers().into_iter();
    shared
        .map(|column| {
            Violation::ours(
                format!("/mapping/columns/{}", column.name()),
                "header-shared",
                Text::new(
                    "同一列名不能对应两列",
                    "one header cannot stand for two columns",
                ),
            )
        })
        .collect()
}

/// Starts an import.
#[derive(Debug, Clone)]
pub struct StartImport {
    /// Which.
    pub import: ImportId,
    /// The list of imports in which the caller looks for it.
    pub of: DeskList,
    /// Who starts it.
    pub by: UserId,
}

/// Starts an import whose file is there. The caller sends [`super::first_task`], each time it is asked.
pub async fn start(
    store: &Store,
    files: &Files,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<Import>,
    command: &StartImport,
) -> Result<Answer, Failure<ImportRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let stored = store.import(&command.import).await?;
            let stored = stored.filter(|stored| stored.import.brings.desk() == command.of);
            let mut stored = stored.ok_or(Failure::NotFound)?;
            if stored.import.state != ImportState::Announced {
                return Err(Failure::Refused(ImportRefused::Started));
            }
            if wants_second(&stored.import) && stored.import.by == command.by {
                return Err(Failure::Refused(ImportRefused::SecondPerson));
            }
            let seen = files.seen(&stored.import.key).await?;
            if !seen.is_some_and(|seen| seen.is(&expected(&stored.import))) {
                return Err(Failure::Refused(ImportRefused::NotSeen));
            }
            stored.import.started_by = Some(command.by.clone());
            stored.import.state = ImportState::Converting {
                started_at: inv.now,
                parts: 0,
                rows: 0,
                place: 0,
            };
            let mut change = Change::new();
            stored.put(&mut change)?;
            let done = stored.import;
            Ok::<_, Failure<ImportRefused>>(Decided { change, done })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

/// Whether another person than who announced it has to start it.
fn wants_second(import: &Import) -> bool {
    match &import.brings {
        Brings::Base { .. } | Brings::Reports { .. } => false,
        Brings::BureauList { list, .. } => list.kind.takes_two() && !import.dry_run,
    }
}

fn expected(import: &Import) -> Expected<'_> {
    Expected {
        key: &import.key,
        bytes: import.bytes,
        media_type: import.format.media_type(),
        sha256: &import.sha256,
    }
}
