//! The members of the portfolio: what is wrong with each, what its filer does, and how it must end.

use crate::sites::Sites;
use crate::stage::{Applicant, ELSEWHERE, Filed, OURS};

/// What happens to a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nothing: it is as it must be.
    Healthy,
    /// Category 1: the identity document expires; a change filing renews it.
    IdentityExpires,
    /// Category 2: two principals give one mobile; nobody acts.
    MobileShared,
    /// Category 3: a material expires; nobody acts.
    MaterialExpires,
    /// Category 4: the names are gone; nobody acts.
    NamesGone,
    /// Category 4: the site moved away, and comes back when the notice arrives.
    MovedAndBack,
    /// Category 5: the page shows no number; it is mended when the filer is reminded.
    NumberMissing,
    /// Category 5: the page shows no number, and is in its period when the demo ends.
    NumberUnmended,
    /// Category 5: the page shows another's number; the filer extends, then mends it.
    NumberWrong,
    /// The resolver refuses: nothing is ever decided, and nothing is done.
    Undecided,
    /// Category 4: the site moved away; access is stopped, and given again by staff.
    StoppedAndReinstated,
    /// Category 4: the filer appeals, and staff grant it.
    Appealed,
    /// Category 4: the site moved away, and nobody has released its stop when the demo ends.
    Unreleased,
    /// Category 5: the page shows no number; access is stopped, and the filer's objection waits when the demo ends.
    ObjectionWaits,
}

/// A member of the portfolio.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) who: Applicant,
    pub(super) fate: Fate,
    /// How it must end: case and access.
    pub(super) ends: &'static str,
    pub(super) filed: Option<Filed>,
    /// How far the filer, or staff for it, have come.
    pub(super) acted: u32,
}

/// The portfolio.
#[expect(
    clippy::too_many_lines,
    reason = "a table of members, a few lines each"
)]
pub(super) fn portfolio() -> Vec<Member> {
    let member = |n: u32, name, domain: &str, fate, ends| {
        let mut who = Applicant::new(n, domain);
        match fate {
            Fate::IdentityExpires => who.identity_until = Some("2026-03-03".to_owned()),
            Fate::MaterialExpires => who.certificate_until = Some("2026-03-03".to_owned()),
            Fate::MobileShared => who.second_principal = Some("440524188001010014".to_owned()),
            Fate::Healthy
            | Fate::NamesGone
            | Fate::MovedAndBack
            | Fate::NumberMissing
            | Fate::NumberUnmended
            | Fate::NumberWrong
            | Fate::Undecided
            | Fate::StoppedAndReinstated
            | Fate::Appealed
            | Fate::Unreleased
            | Fate::ObjectionWaits => {}
        }
        Member {
            name,
            who,
            fate,
            ends,
            filed: None,
            acted: 0,
        }
    };
    vec![
        member(
            1,
            "healthy",
            "healthy.cn",
            Fate::Healthy,
            "no case, access live",
        ),
        member(
            2,
            "healthy-too",
            "healthy-too.com.cn",
            Fate::Healthy,
            "no case, access live",
        ),
        member(
            3,
            "identity-expires",
            "identity.cn",
            Fate::IdentityExpires,
            "closed: put-right, access live",
        ),
        member(
            4,
            "mobile-shared",
            "shared.cn",
            Fate::MobileShared,
            "stopped, access stopped",
        ),
        member(
            5,
            "material-expires",
            "material.cn",
            Fate::MaterialExpires,
            "stopped, access stopped",
        ),
        member(
            6,
            "names-gone",
            "gone.cn",
            Fate::NamesGone,
            "reported, access reported",
        ),
        member(
            7,
            "moved-and-back",
            "moved.cn",
            Fate::MovedAndBack,
            "closed: put-right, access live",
        ),
        member(
            8,
            "number-missing",
            "missing.cn",
            Fate::NumberMissing,
            "closed: put-right, access live",
        ),
        member(
            9,
            "number-wrong",
            "wrong.cn",
            Fate::NumberWrong,
            "closed: put-right, access live",
        ),
        member(
            10,
            "undecided",
            "undecided.com",
            Fate::Undecided,
            "no case, access live",
        ),
        member(
            11,
            "stopped-reinstated",
            "stopped.cn",
            Fate::StoppedAndReinstated,
            "closed: reinstated, access live",
        ),
        member(
            14,
            "not-yet-mended",
            "late14.cn",
            Fate::NumberUnmended,
            "open, access live",
        ),
        member(
            15,
            "not-yet-mended-too",
            "late15.cn",
            Fate::NumberUnmended,
            "open, access live",
        ),
        member(
            12,
            "appealed",
            "appealed.cn",
            Fate::Appealed,
            "closed: appeal-granted, access live",
        ),
        member(
            13,
            "not-yet-released",
            "condemned.cn",
            Fate::Unreleased,
            "condemned, access live",
        ),
        member(
            18,
            "objection-waits",
            "objects.cn",
            Fate::ObjectionWaits,
            "stopped, access stopped",
        ),
    ]
}

impl Member {
    /// Puts the site up as it must be when it is filed.
    pub(super) async fn set_up(&self, sites: &Sites) {
        sites.point(&self.who.domain, OURS).await;
        sites.show(&format!("www.{}", self.who.domain), &self.who.page());
    }

    /// Breaks what the member's fate breaks.
    pub(super) async fn spoil(&self, sites: &Sites) {
        let host = format!("www.{}", self.who.domain);
        match self.fate {
            Fate::NamesGone => sites.unpoint(&self.who.domain).await,
            Fate::MovedAndBack | Fate::StoppedAndReinstated | Fate::Appealed | Fate::Unreleased => {
                sites.point(&self.who.domain, ELSEWHERE).await;
            }
            Fate::NumberMissing | Fate::NumberUnmended | Fate::ObjectionWaits => {
                sites.show(&host, &self.who.page().replace(&self.who.number, "示例"));
            }
            Fate::NumberWrong => {
                sites.show(
                    &host,
                    &self
                        .who
                        .page()
                        .replace(&self.who.number, "粤ICP备2026999999号"),
                );
            }
            Fate::Healthy
            | Fate::IdentityExpires
            | Fate::MobileShared
            | Fate::MaterialExpires
            | Fate::Undecided => {}
        }
    }

    /// What is the matter with it, in a sentence.
    pub(super) fn story(&self) -> &'static str {
        match self.fate {
            Fate::Healthy => "as it must be",
            Fate::IdentityExpires => "the principal's identity document expires tomorrow",
            Fate::MobileShared => "two principals give one mobile",
            Fate::MaterialExpires => "the certificate copy expires tomorrow",
            Fate::NamesGone => "its names will be gone",
            Fate::MovedAndBack => "it will move to another provider, and back",
            Fate::NumberMissing | Fate::NumberUnmended | Fate::ObjectionWaits => {
                "its page will show no number"
            }
            Fate::NumberWrong => "its page will show another's number",
            Fate::Undecided => "its resolver refuses to answer",
            Fate::StoppedAndReinstated | Fate::Unreleased => "it will move to another provider",
            Fate::Appealed => "it will seem to move, and the filer will appeal",
        }
    }
}
