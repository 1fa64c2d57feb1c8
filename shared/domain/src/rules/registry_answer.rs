//! What the rules on the register's answer share: when it can be held against a filing.

use super::{NotApplicable, Outcome, Sight, Undecided};
use crate::reports::{RegisteredBody, RegistryFound, RegistryReport, SPEAKS_FOR_DAYS};
use crate::rulebook::calendar::local_date;

/// The register's answer, or the outcome that every rule has without one.
pub(super) fn answer<'a>(sight: &Sight<'a>) -> Result<&'a RegistryReport, Outcome> {
    let Some(report) = &sight.reports.registry else {
        return Err(Outcome::NotApplicable(NotApplicable::NoBaseline));
    };
    // An answer on an earlier number says nothing of the present one.
    let number = sight.details().map(|details| details.certificate.number());
    if number.is_none_or(|number| *number.reveal() != report.number.reveal().as_str()) {
        return Err(Outcome::NotApplicable(NotApplicable::NoBaseline));
    }
    let age = report.as_of.duration_until(local_date(sight.at)).as_hours() / 24;
    if (0..=SPEAKS_FOR_DAYS).contains(&age) {
        Ok(report)
    } else {
        Err(Outcome::Undecided(Undecided::ReportStale))
    }
}

/// The body that the register has, or the outcome of every rule on it without one.
pub(super) fn body<'a>(sight: &Sight<'a>) -> Result<&'a RegisteredBody, Outcome> {
    match &answer(sight)?.found {
        RegistryFound::Body(body) => Ok(body),
        RegistryFound::Nothing => Err(Outcome::NotApplicable(NotApplicable::OtherRule)),
    }
}
