//! What the rules on telephones share: which reports still speak.

use jiff::SignedDuration;
use jiff::civil::Date;

use super::Sight;
use crate::ids::PersonId;
use crate::reports::{SPEAKS_FOR_DAYS, TelephoneReport, TelephoneSays};
use crate::rulebook::calendar::local_date;

/// The reports that still speak of a person's number, the oldest first: on the number as filed, not
/// too old, and not older than the person's own proof by code.
fn speaking<'a>(
    sight: &Sight<'a>,
    id: &PersonId,
) -> impl DoubleEndedIterator<Item = &'a TelephoneReport> + use<'a> {
    let person = sight.filing.persons.get(id);
    let reports = person.and_then(|person| Some((person, sight.reports.telephones.get(id)?)));
    let (at, speaks_for) = (sight.at, SignedDuration::from_hours(24 * SPEAKS_FOR_DAYS));
    reports.into_iter().flat_map(move |(person, reports)| {
        let proved = person.proof.map(|proof| proof.verified_at);
        reports.iter().filter(move |report| {
            report.mobile == person.details.mobile
                && at.duration_since(report.at) <= speaks_for
                && proved.is_none_or(|proved| proved < report.at)
        })
    })
}

/// The days on which reports said something since somebody was last reached, each once and in
/// order. `None` where nothing is reported of the person's number.
pub(super) fn days_since_reached(
    sight: &Sight<'_>,
    person: &PersonId,
    meant: impl Fn(TelephoneSays) -> bool,
) -> Option<Vec<Date>> {
    speaking(sight, person).next()?;
    let since = speaking(sight, person)
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
    speaking(sight, person)
        .rev()
        .map(|report| report.says)
        .find(|says| {
            let of_carriers = matches!(
                says,
                TelephoneSays::ElementsAgree | TelephoneSays::ElementsDiffer
            );
            of_carriers || is_reached(*says)
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
