//! Reasons that people give in words.

use icp_domain::Text;

use crate::Problem;

/// Longest reason in characters.
///
/// Source: chosen here: a page of text.
const LONGEST_REASON: usize = 2000;

/// A reason that says something, and not without end.
pub fn reason(given: String) -> Result<String, Problem> {
    if !given.trim().is_empty() && given.chars().count() <= LONGEST_REASON {
        return Ok(given);
    }
    let detail = Text::new(
        format!("请填写理由，最多{LONGEST_REASON}字"),
        format!("give a reason of at most {LONGEST_REASON} characters"),
    );
    Err(Problem::of_field("/reason", detail))
}

/// A reason for so many days on top of a period. Where it is not taken, days that are never taken are named with it, as
/// `refused` says of them; what a finding takes within that is the domain's to say.
pub fn reason_for_days(
    given: String,
    days: u32,
    (most, refused): (u32, Text),
) -> Result<String, Problem> {
    reason(given).map_err(|problem| {
        if (1..=most).contains(&days) {
            problem
        } else {
            problem.and(Problem::of_field("/days", refused))
        }
    })
}
