//! What the rules on a page's text share: when a page can be read at all.

use super::{NotApplicable, Outcome, Sight, Undecided};
use crate::look::{PageAnswer, PageFacts, Seen};
use crate::rulebook::WordGroup;

/// Fewer visible characters than this beside a script: the page is drawn by it and cannot be read.
///
/// Source: behaviour of this service, part 3 (Text); no outside source sets a number.
const FEWEST_VISIBLE_CHARACTERS: u64 = 200;

/// The page's facts, or the outcome that every rule on text has without them.
pub(super) fn readable<'a>(sight: &Sight<'a>) -> Result<&'a PageFacts, Outcome> {
    if !sight.is_live() {
        return Err(Outcome::NotApplicable(NotApplicable::NotLive));
    }
    match &sight.evidence.home_page {
        None => Err(Outcome::NotApplicable(NotApplicable::NoHomePage)),
        Some(Seen::Failed(failure)) => Err(Outcome::Undecided(Undecided::LookFailed(*failure))),
        // Whether a site answers is for other rules; a closed one shows no number to be wrong.
        Some(Seen::Answer(PageAnswer::NoAddress | PageAnswer::Refused)) => {
            Err(Outcome::NotApplicable(NotApplicable::OtherRule))
        }
        Some(Seen::Answer(PageAnswer::Answered(facts))) if facts.challenge => {
            Err(Outcome::Undecided(Undecided::Challenge))
        }
        Some(Seen::Answer(PageAnswer::Answered(facts))) => match facts.status() {
            200..=299 => Ok(facts),
            status if sight.is_no_page(status) => {
                Err(Outcome::NotApplicable(NotApplicable::NoHomePage))
            }
            status => Err(Outcome::Undecided(Undecided::Status(status))),
        },
    }
}

/// Why a number that was not found may stand on the page all the same.
pub(super) fn doubt(facts: &PageFacts) -> Option<Undecided> {
    if facts.cut_off {
        return Some(Undecided::CutOff);
    }
    (facts.scripted && facts.visible_characters < FEWEST_VISIBLE_CHARACTERS)
        .then_some(Undecided::DrawnByScript)
}

/// The words of the meant lists that a page says, for a person to read; `None` where it says none.
pub(super) fn words(facts: &PageFacts, meant: impl Fn(WordGroup) -> bool) -> Option<String> {
    let words: Vec<&str> = facts
        .words
        .iter()
        .filter(|seen| meant(seen.group))
        .map(|seen| seen.word.as_str())
        .collect();
    (!words.is_empty()).then(|| words.join(", "))
}
