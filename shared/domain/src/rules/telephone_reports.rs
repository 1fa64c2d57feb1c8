//! What the rules on telephones share: which reports still speak.

use jiff::civil::Date;

use super::Sight;
use crate::ids::PersonId;
use crate::reports::TelephoneSays;
use crate::rulebook::calendar::local_date;

/// The days on which reports said something since somebody was last reached, each once and in
/// order. `None` where nothing is reported of the person.
pub(super) fn days_since_reached(
    sight: &Sight<'_>,
    person: &PersonId,
    meant: impl Fn(TelephoneSays) -> bool,
) -> Option<Vec<Date>> {
    let reports = sight.reports.telephones.get(person)?;
    let since = reports
        .iter()
        .rev()
        .take_while(|report| !is_reached(report.says));
    let mut days: Vec<Date> = since
        .filter(|report| meant(report.says))
        .map(|report| local_date(report.at))
        .collect();
    days.sort_unstable();
    days.dedup();
    Some(days)
}

/// The last report that tells whose number it is.
pub(super) fn latest_telling(sight: &Sight<'_>, person: &PersonId) -> Option<TelephoneSays> {
    let reports = sight.reports.telephones.get(person)?;
    reports
        .iter()
        .rev()
        .map(|report| report.says)
        .find(|says| match says {
            TelephoneSays::ElementsAgree | TelephoneSays::ElementsDiffer => true,
            TelephoneSays::NoAnswer | TelephoneSays::SwitchedOff | TelephoneSays::NoSuchNumber => {
                false
            }
            TelephoneSays::IsThePerson
            | TelephoneSays::IsAnother
            | TelephoneSays::DoesNotKnow
            | TelephoneSays::IsNotPrincipal => true,
        })
}

/// Whether somebody was on the line.
fn is_reached(says: TelephoneSays) -> bool {
    match says {
        TelephoneSays::IsThePerson
        | TelephoneSays::IsAnother
        | TelephoneSays::DoesNotKnow
        | TelephoneSays::IsNotPrincipal => true,
        TelephoneSays::NoAnswer
        | TelephoneSays::SwitchedOff
        | TelephoneSays::NoSuchNumber
        | TelephoneSays::ElementsAgree
        | TelephoneSays::ElementsDiffer => false,
    }
}
