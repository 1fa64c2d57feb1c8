//! Staff bring what a register, a carrier or their own eyes say of a filing.

use icp_domain::filing::{Custody, SubjectDetails};
use icp_domain::history::Happened;
use icp_domain::ids::{MaterialId, PersonId, SubjectId, UnitId, UserId};
use icp_domain::reports::{
    Bringer, MaterialReport, MaterialSays, PaperSeen, ReadBy, RegistryReport, TelephoneSays,
};
use icp_domain::{Invocation, Rulebook, Text};
use icp_store::records::{Heard, StoredFiling};
use icp_store::{Answer, Change, Failure, Repeat, Store, StoreError};

use crate::By;
use crate::attempt::{Decided, Tries};
use crate::reported::judge_soon;

/// Brings a report of a filing.
#[derive(Debug, Clone)]
pub struct BringReport {
    /// The filing.
    pub subject: SubjectId,
    /// What is reported.
    pub report: Report,
    /// Who, from where.
    pub by: By,
    /// The same, by name.
    pub user: UserId,
    /// Why, or on what it rests; it stands in the history.
    pub reason: String,
}

/// What is reported.
#[derive(Debug, Clone)]
pub enum Report {
    /// What a register of bodies answers.
    Registry(RegistryReport),
    /// What reading a material came to, and where it was seen on paper.
    Material {
        /// Which.
        material: MaterialId,
        /// What came of reading it.
        says: Option<MaterialSays>,
        /// Where it stands on the shelves.
        paper: Option<PaperSeen>,
    },
    /// What the carriers say of a person's number as it stands.
    Phone {
        /// Whose.
        person: PersonId,
        /// What they say.
        says: TelephoneSays,
    },
}

/// Why a report is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BringRefused {
    /// The register was asked for another number than the filing's.
    #[error("the register was asked for another number than the filing's certificate")]
    OtherNumber,
    /// A newer answer is known.
    #[error("a newer answer of the register is known")]
    Older,
    /// The material is kept as a file.
    #[error("the material is kept as a file, and not on paper")]
    KeptAsFile,
}

impl BringRefused {
    /// The refusal for people.
    pub fn text(self) -> Text {
        let zh = match self {
            Self::OtherNumber => "查询的证件号码与备案（首次备案的，与在办订单）的证件号码不一致",
            Self::Older => "已有更新的登记机关查询结果",
            Self::KeptAsFile => "该材料以文件保存，不是纸质",
        };
        Text::new(zh, self.to_string())
    }
}

/// Takes a report in: it is evidence from now on, and the subject is judged by it at once.
pub async fn bring_report(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<()>,
    command: BringReport,
) -> Result<Answer, Failure<BringRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let found = store.filing(&command.subject).await?;
            let mut filing = found.ok_or(Failure::NotFound)?;
            let mut change = Change::new();
            let bringer = Bringer {
                by: command.user.clone(),
                because: command.reason.clone(),
            };
            let bringing = Bringing {
                store,
                bringer: &bringer,
            };
            let what = bringing
                .put(&mut change, &mut filing, &command.report, inv)
                .await?;
            let unit = UnitId::of_subject(command.subject.clone());
            judge_soon(&mut change, &filing, &unit, inv.now)?;
            let about = format!("{}: {}", about(&command.report), command.reason);
            let deed = command.by.deed(what, &about, &repeat.command);
            filing.record(&mut change, deed, inv.now)?;
            Ok::<_, Failure<BringRefused>>(Decided { change, done: () })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

/// What a report is about, without anything personal.
fn about(report: &Report) -> String {
    match report {
        Report::Registry(answer) => format!("{} {}", answer.source, answer.as_of),
        Report::Material { material, .. } => material.to_string(),
        Report::Phone { person, .. } => person.to_string(),
    }
}

struct Bringing<'a> {
    store: &'a Store,
    bringer: &'a Bringer,
}

impl Bringing<'_> {
    /// Writes a report, and tells its name in history.
    async fn put(
        &self,
        change: &mut Change,
        filing: &mut StoredFiling,
        report: &Report,
        inv: &mut Invocation,
    ) -> Result<Happened, Failure<BringRefused>> {
        match report {
            Report::Registry(answer) => {
                match put_answer(self.store, change, filing, (answer, self.bringer), inv).await? {
                    Brought::Newly | Brought::Before => {}
                    Brought::Older => return Err(Failure::Refused(BringRefused::Older)),
                    Brought::OtherNumber => {
                        return Err(Failure::Refused(BringRefused::OtherNumber));
                    }
                }
                Ok(Happened::RegistryAnswerBrought)
            }
            Report::Material {
                material,
                says,
                paper,
            } => {
                self.put_material(change, filing, material, (*says, paper.as_ref()), inv)
                    .await?;
                Ok(if says.is_some() {
                    Happened::MaterialRead
                } else {
                    Happened::MaterialSeenOnPaper
                })
            }
            Report::Phone { person, says } => {
                if !filing.filing.persons.contains_key(person) {
                    return Err(Failure::NotFound);
                }
                let heard = Heard {
                    says: *says,
                    at: inv.now,
                    bringer: Some(self.bringer.clone()),
                };
                filing
                    .put_telephone(self.store, change, person, &heard, inv)
                    .await?;
                Ok(Happened::PhoneIdentityBrought)
            }
        }
    }

    async fn put_material(
        &self,
        change: &mut Change,
        filing: &mut StoredFiling,
        id: &MaterialId,
        (says, paper): (Option<MaterialSays>, Option<&PaperSeen>),
        inv: &mut Invocation,
    ) -> Result<(), Failure<BringRefused>> {
        let held = filing.filing.materials.get(id).cloned();
        let mut material = held.ok_or(Failure::NotFound)?;
        let unit = UnitId::of_subject(filing.id().clone());
        let mut reported = filing.reported(&unit);
        if let Some(paper) = paper {
            if let Custody::Stored(_) = material.custody {
                return Err(Failure::Refused(BringRefused::KeptAsFile));
            }
            material.custody = Custody::Paper {
                shelf_mark: paper.shelf_mark.clone(),
            };
            filing.put_material(change, id, &material)?;
            let brought = self.bringer.brings(paper.clone(), inv.now);
            reported.papers.insert(id.clone(), brought);
        }
        if let Some(says) = says {
            let report = MaterialReport {
                by: ReadBy::Staff,
                at: inv.now,
                says,
                sha256: match &material.custody {
                    Custody::Stored(object) => Some(object.sha256.clone()),
                    Custody::Paper { .. } | Custody::Unknown => None,
                },
            };
            let brought = self.bringer.brings(report, inv.now);
            reported.materials.insert(id.clone(), brought);
        }
        filing
            .put_reported(self.store, change, &unit, reported, inv)
            .await?;
        Ok(())
    }
}

/// What becomes of an answer of a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Brought {
    /// It is new.
    Newly,
    /// The same was brought before; it is written again, with who brings it now.
    Before,
    /// A newer one is known.
    Older,
    /// It is of another number than the filing's.
    OtherNumber,
}

/// Whether an answer is of the filing's number; while nothing is filed, of that which its order in flight files. What is filed
/// keeps its own answer until another number is approved.
async fn is_of_filing(
    store: &Store,
    filing: &StoredFiling,
    answer: &RegistryReport,
) -> Result<bool, StoreError> {
    let is_it = |details: &SubjectDetails| {
        *details.certificate.number().reveal() == answer.number.reveal().as_str()
    };
    let subject = &filing.filing.subject;
    if let Some(filed) = &subject.details {
        return Ok(is_it(filed));
    }
    let Some(order) = &subject.order_in_flight else {
        return Ok(false);
    };
    let order = store.order(order).await?;
    let draft = order.and_then(|stored| stored.draft.parse(&filing.filing).ok());
    Ok(draft.is_some_and(|draft| is_it(&draft.subject)))
}

/// Writes an answer of a register, where it is of the filing's number and none is newer.
pub(crate) async fn put_answer(
    store: &Store,
    change: &mut Change,
    filing: &StoredFiling,
    (answer, bringer): (&RegistryReport, &Bringer),
    inv: &mut Invocation,
) -> Result<Brought, StoreError> {
    if !is_of_filing(store, filing, answer).await? {
        return Ok(Brought::OtherNumber);
    }
    let unit = UnitId::of_subject(filing.id().clone());
    let mut reported = filing.reported(&unit);
    let before = reported.registry.as_ref();
    if before.is_some_and(|before| answer.as_of < before.report.as_of) {
        return Ok(Brought::Older);
    }
    let is_known = before.is_some_and(|before| before.report == *answer);
    reported.registry = Some(bringer.brings(answer.clone(), inv.now));
    filing
        .put_reported(store, change, &unit, reported, inv)
        .await?;
    Ok(if is_known {
        Brought::Before
    } else {
        Brought::Newly
    })
}
