//! What the published guidance says word by word, and why an answer departs from it.
//!
//! Filers come with that guidance in hand. Where this service answers otherwise, the answer says so
//! and why; nothing here decides anything.

use super::advice::{Branch, Reason};
use super::plan::{Facts, Stance, is_lost};
use super::situation::{OwnLink, Phone, Record, Wish};
use crate::Text;
use crate::rulebook::Known;

/// Source: 腾讯云 备案信息专项核查常见问题, the last two questions; undated, its words are those of the
/// pages of 2020 and 2021.
const GUIDANCE: &str = "腾讯云 备案信息专项核查常见问题（超期未整改）";

/// The guidance's seven literal cases, and the branch that each comes to.
///
/// | case | record | phone | other provider | province | says |
/// |---|---|---|---|---|---|
/// | L1 | site | lost | yes | | change the number at the other provider, and no more |
/// | L2 | site | lost | no | | deregister the shell, first filing |
/// | L3 | site | works | | forbids access first | deregister the shell, first filing |
/// | L4 | site | works | | allows it | access, then change |
/// | L5 | subject alone | | | | deregister the shell, first filing |
/// | L6 | none | | | | first filing |
/// | L7 | subject with others | | | | add the site |
pub(super) fn branch(facts: &Facts<'_>) -> Option<Branch> {
    let said = facts.situation;
    let works = said.site_phone == Phone::Works;
    match said.record {
        Record::Site if is_lost(said.site_phone) => match facts.other_provider {
            Known::Yes => Some(Branch::ChangeThenAccess),
            Known::No => Some(Branch::DeregisterSubjectThenFile),
            Known::Unknown => None,
        },
        Record::Site if works => {
            let groups = said.differs.as_ref()?;
            let stances = || groups.iter().map(|group| facts.stance(*group));
            // The guidance knows one rule for a province, and asks for it even where nothing differs.
            if stances().any(|stance| stance == Stance::Forbidden) {
                Some(Branch::DeregisterSubjectThenFile)
            } else if stances().all(|stance| stance == Stance::Allowed) {
                Some(Branch::AccessThenChange)
            } else {
                None
            }
        }
        Record::Site | Record::Unknown => None,
        Record::SubjectOnly => Some(Branch::DeregisterShellThenFile),
        Record::SubjectOther => Some(Branch::AddSite),
        Record::None => Some(Branch::FirstFiling),
    }
}

/// Why an answer departs from the guidance, where it does.
pub(super) fn departure(answered: Branch, facts: &Facts<'_>) -> Option<Reason> {
    let said = facts.situation;
    let ours_to_answer =
        said.wish == Wish::Keep && matches!(said.own_link_stands, OwnLink::No | OwnLink::Unknown);
    let published = branch(facts).filter(|published| {
        let goes_further = answered == Branch::ChangeThenAccess;
        ours_to_answer && (*published != answered || goes_further)
    })?;
    let (zh, en) = match (published, answered) {
        (Branch::ChangeThenAccess, Branch::ChangeThenAccess) => (
            "公开指引到变更号码为止；变更后仍须在此处接入备案，网站才能恢复访问。",
            "The published guidance stops after the change; an access filing here must follow, or the site stays closed.",
        ),
        // These ask or wait for what the guidance takes as known; they say so themselves.
        (
            _,
            Branch::QueryAgain
            | Branch::Ask
            | Branch::AskBureau
            | Branch::Wait
            | Branch::WaitOrWithdraw
            | Branch::Blocked
            | Branch::DomainOfAnother,
        ) => return None,
        (_, Branch::RegainNumber) => (
            "公开指引在此情形下建议注销空壳主体后重新备案；注销不可恢复，而找回号码或向管局证明身份后仍可接入，故先走可逆的办法。",
            "The published guidance deregisters here. A deregistration cannot be undone, and a number that is regained makes access possible; so the reversible way comes first.",
        ),
        (_, Branch::ChangeThenAccess) => (
            "公开指引在此情形下建议注销空壳主体后重新备案；该信息仍可在持有它的接入商处变更，备案号得以保留。",
            "The published guidance deregisters here. The data can still be changed where they are held, and the number is kept.",
        ),
        (_, Branch::DeregisterSiteThenAdd) if facts.other_services == Known::No => (
            "公开指引建议注销主体；该省允许空壳主体直接新增网站，只注销该网站即可保留主体备案号。",
            "The published guidance deregisters the subject; this province lets a shell add a service, so that deregistering the site alone keeps the subject's number.",
        ),
        (_, Branch::DeregisterSiteThenAdd) => (
            "公开指引建议注销主体；注销主体会连同其他网站一并注销，只注销该网站即可保留主体。",
            "The published guidance deregisters the subject, and every other service would go with it; deregistering the site alone keeps the subject.",
        ),
        (_, Branch::Access) => (
            "公开指引要求先看各省是否允许先接入后变更；无信息需要变更时与该规定无关。",
            "The published guidance asks for the province's rule first; where nothing differs it does not matter.",
        ),
        (_, Branch::AddToShell) => (
            "公开指引一律要求注销空壳主体；该省允许空壳主体直接新增网站。",
            "The published guidance always deregisters a shell; this province lets it add a service.",
        ),
        (_, Branch::ChangeThenAdd) => (
            "公开指引直接新增网站；信息有变的须先变更，否则新增会被退回。",
            "The published guidance adds the site at once; where data differ they are changed first, or the order comes back.",
        ),
        (_, _) => (
            "本答复与公开指引不同，理由见各步骤。",
            "This answer departs from the published guidance, for the reasons given.",
        ),
    };
    Some(Reason {
        text: Text::new(zh, en),
        source: GUIDANCE.to_owned(),
        as_of: None,
    })
}
