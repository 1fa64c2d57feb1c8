//! Materials as files: uploaded by a link, seen, and shown by a link.
//!
//! **Invariant:** a draft holds a file only after its object was seen as it was announced; who of the
//! staff was shown which file stands in the filing's history.

use std::time::Duration;

use icp_domain::filing::{Custody, Material, MaterialKind, MediaType, StoredObject};
use icp_domain::history::Happened;
use icp_domain::ids::{MaterialId, OrderId, SubjectId};
use icp_domain::order::{MOST_MATERIALS, StepRefused, TypedDraft, TypedMaterial};
use icp_domain::{Invocation, Rulebook, Text, Violation};
use icp_store::files::{Expected, Files, Link, material_key};
use icp_store::records::{StoredFiling, StoredOrder, Upload};
use icp_store::{Answer, Change, Failure, Repeat, Store};
use jiff::civil::Date;

use crate::By;
use crate::announced_file;
use crate::attempt::{Decided, Tries};
use crate::draft_order::own_order;
use crate::read::ReadRefused;

/// Announces a file.
#[derive(Debug, Clone)]
pub struct AnnounceUpload {
    /// The order.
    pub order: OrderId,
    /// Who, from where.
    pub by: By,
    /// What it is.
    pub kind: MaterialKind,
    /// Last day of its validity; `None` for 长期.
    pub valid_until: Option<Date>,
    /// Its type.
    pub media_type: MediaType,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes, in base64.
    pub sha256: String,
}

/// Takes an uploaded file into the draft.
#[derive(Debug, Clone)]
pub struct TakeUpload {
    /// The order.
    pub order: OrderId,
    /// The material that was announced.
    pub material: MaterialId,
    /// Who, from where.
    pub by: By,
    /// The version that the caller saw.
    pub expected: u64,
}

/// A file that is shown to one of the staff.
#[derive(Debug, Clone)]
pub struct ShowMaterial {
    /// Where it is.
    pub of: MaterialOf,
    /// Which.
    pub material: MaterialId,
    /// Who, from where.
    pub by: By,
}

/// What a material belongs to.
#[derive(Debug, Clone)]
pub enum MaterialOf {
    /// The draft of an order.
    Order(OrderId),
    /// A filing.
    Filing(SubjectId),
}

/// Why a file is not taken.
#[derive(Debug, thiserror::Error)]
pub enum UploadRefused {
    /// The order's draft is not open.
    #[error(transparent)]
    NotEditable(#[from] StepRefused),
    /// More files than an order may announce.
    #[error("an order announces at most {0} files")]
    TooMany(usize),
    /// The file cannot be as it is announced: all that is wrong with it.
    #[error("the file is not announced as files are")]
    Announced(Vec<Violation>),
    /// The object is not there, or not as it was announced.
    #[error("the file is not there as it was announced")]
    NotSeen,
}

/// An upload that was announced.
#[derive(Debug, Clone)]
pub struct Announced {
    /// The material.
    pub material: MaterialId,
    /// Where the file goes.
    pub link: Link,
}

/// Most files that one order may announce: each material uploaded anew a few times.
const MOST_ANNOUNCED: usize = 5 * MOST_MATERIALS;

/// Announces a file: gives the link that uploads it, as announced and no other.
pub async fn announce(
    store: &Store,
    files: &Files,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<Announced>,
    command: AnnounceUpload,
) -> Result<Answer, Failure<UploadRefused>> {
    let policy = &rulebook.policy.materials;
    let most = policy.most_bytes();
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let stored = own_order(store, &command.order, &command.by).await?;
            editable(&stored)?;
            let broken = announced_file::faults(command.bytes, most, &command.sha256);
            if !broken.is_empty() {
                return Err(Failure::Refused(UploadRefused::Announced(broken)));
            }
            if MOST_ANNOUNCED <= stored.uploads.len() {
                return Err(Failure::Refused(UploadRefused::TooMany(MOST_ANNOUNCED)));
            }
            let material = MaterialId::derived("material", &[repeat.command.as_str()]);
            let order = command.order.as_str();
            let key = material_key(order, material.as_str(), command.media_type);
            let upload = Upload {
                key,
                kind: command.kind,
                valid_until: command.valid_until,
                media_type: command.media_type,
                bytes: command.bytes,
                sha256: command.sha256.clone(),
                announced_at: inv.now,
                seen: None,
            };
            let life = Duration::from_secs(60 * u64::from(policy.link_minutes));
            let link = files.upload_link(&expected(&upload), life).await?;
            let mut change = Change::new();
            stored.check_head(&mut change);
            stored.put_upload(&mut change, &material, &upload)?;
            let done = Announced { material, link };
            Ok::<_, Failure<UploadRefused>>(Decided { change, done })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

/// Takes an uploaded file into the draft, once its object is seen.
pub async fn take(
    store: &Store,
    files: &Files,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<StoredOrder>,
    command: TakeUpload,
) -> Result<Answer, Failure<UploadRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let mut stored = own_order(store, &command.order, &command.by).await?;
            let filing = store.filing(&stored.order.subject).await?;
            let mut filing = filing.ok_or(Failure::NotFound)?;
            if stored.version() != command.expected {
                return Err(Failure::ChangedMeanwhile);
            }
            editable(&stored)?;
            let upload = stored.uploads.get(&command.material).cloned();
            let mut upload = upload.ok_or(Failure::NotFound)?;
            let seen = files.seen(&upload.key).await?;
            let Some(seen) = seen.filter(|seen| seen.is(&expected(&upload))) else {
                return Err(Failure::Refused(UploadRefused::NotSeen));
            };
            let object = StoredObject {
                key: upload.key.clone(),
                version: seen.version,
                sha256: upload.sha256.clone(),
                bytes: upload.bytes,
                media_type: upload.media_type,
                seen_at: inv.now,
            };
            upload.seen = Some(object.clone());
            let material = Material {
                kind: upload.kind,
                valid_until: upload.valid_until,
                custody: Custody::Stored(object),
            };
            let id = command.material.as_str();
            stored.draft.materials.retain(|typed| typed.id != id);
            stored.draft.materials.push(TypedMaterial {
                id: id.to_owned(),
                material,
            });
            let too_many = MOST_MATERIALS < stored.draft.materials.len();
            if too_many {
                return Err(Failure::Refused(UploadRefused::TooMany(MOST_MATERIALS)));
            }
            stored.order.edited_at = inv.now;
            let mut change = Change::new();
            let draft = stored.draft.clone();
            stored.put_draft(store, &mut change, &draft, inv).await?;
            stored.put_upload(&mut change, &command.material, &upload)?;
            stored.put_head(&mut change, stored.order.wakes_at(rulebook), inv.now)?;
            let about = format!("{}/{id}", stored.order.id);
            let deed = command
                .by
                .deed(Happened::MaterialUploaded, &about, &repeat.command);
            filing.record(&mut change, deed, inv.now)?;
            Ok::<_, Failure<UploadRefused>>(Decided {
                change,
                done: stored,
            })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

/// The link to a file of the caller's own, if there is such a file.
pub async fn own_link(
    store: &Store,
    files: &Files,
    rulebook: &Rulebook,
    show: &ShowMaterial,
) -> Result<Link, Failure<ReadRefused>> {
    let (_, material) = found(store, show).await?;
    linked(files, rulebook, &show.material, &material).await
}

/// Shows a file to one of the staff, and records that it was shown.
pub async fn show(
    store: &Store,
    files: &Files,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<Link>,
    show: ShowMaterial,
) -> Result<Answer, Failure<ReadRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let (mut filing, material) = found(store, &show).await?;
            let link = linked(files, rulebook, &show.material, &material).await?;
            let about = match &show.of {
                MaterialOf::Order(order) => format!("{order}/{}", show.material),
                MaterialOf::Filing(_) => show.material.to_string(),
            };
            let mut change = Change::new();
            let deed = show
                .by
                .deed(Happened::MaterialViewed, &about, &repeat.command);
            filing.record(&mut change, deed, inv.now)?;
            Ok::<_, Failure<ReadRefused>>(Decided { change, done: link })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

/// Files that a draft claims and nobody saw: what was typed is no proof of a file.
pub(crate) fn unseen(draft: &TypedDraft, known: &[&StoredObject]) -> Vec<Violation> {
    let claims = draft.materials.iter().enumerate();
    let unseen = claims.filter(|(_, typed)| match &typed.material.custody {
        Custody::Stored(object) => !known.contains(&object),
        Custody::Paper { .. } | Custody::Unknown => false,
    });
    let violation = |(at, _)| Violation {
        field: format!("/materials/{at}/custody"),
        rule: "file-not-uploaded".to_owned(),
        text: Text::new(
            "该文件未通过上传接口上传",
            "the file was not uploaded by its link",
        ),
        source: "《非经营性互联网信息服务备案管理办法》第七条".to_owned(),
        as_of: None,
    };
    unseen.map(violation).collect()
}

async fn found(
    store: &Store,
    show: &ShowMaterial,
) -> Result<(StoredFiling, Material), Failure<ReadRefused>> {
    match &show.of {
        MaterialOf::Order(order) => {
            let stored = own_order(store, order, &show.by).await?;
            let id = show.material.as_str();
            let typed = stored.draft.materials.iter().find(|typed| typed.id == id);
            let material = typed.map(|typed| typed.material.clone());
            let filing = store.filing(&stored.order.subject).await?;
            filing.zip(material).ok_or(Failure::NotFound)
        }
        MaterialOf::Filing(subject) => {
            let filing = crate::read::filing(store, &show.by, subject).await?;
            let material = filing.filing.materials.get(&show.material).cloned();
            material
                .map(|material| (filing, material))
                .ok_or(Failure::NotFound)
        }
    }
}

async fn linked<R>(
    files: &Files,
    rulebook: &Rulebook,
    id: &MaterialId,
    material: &Material,
) -> Result<Link, Failure<R>> {
    let Custody::Stored(object) = &material.custody else {
        return Err(Failure::NotFound);
    };
    let life = Duration::from_secs(60 * u64::from(rulebook.policy.materials.link_minutes));
    let name = format!("{id}.{}", object.media_type.extension());
    let version = object.version.as_deref();
    Ok(files
        .download_link(&object.key, version, &name, life)
        .await?)
}

fn editable(stored: &StoredOrder) -> Result<(), Failure<UploadRefused>> {
    if stored.order.state.is_editable() {
        Ok(())
    } else {
        let state = stored.order.state.text();
        Err(Failure::Refused(StepRefused { state }.into()))
    }
}

fn expected(upload: &Upload) -> Expected<'_> {
    Expected {
        key: &upload.key,
        bytes: upload.bytes,
        media_type: upload.media_type.name(),
        sha256: &upload.sha256,
    }
}
