//! What the rules on access share: what the provider's own front ends saw of a service.

use jiff::civil::Date;

use super::Sight;
use crate::reports::HostingReport;
use crate::rulebook::calendar::local_date;

/// Days for which a visit speaks: the file of a day comes in the course of the next, and one of a day that
/// is still running says nothing of the day before the last.
///
/// Source: behaviour of this service, part 3 (a daily file).
const VISIT_SPEAKS_DAYS: i64 = 2;

/// What the provider's own systems report of the service that is judged.
pub(super) fn hosting<'a>(sight: &Sight<'a>) -> Option<&'a HostingReport> {
    let service = sight.unit.service.as_ref()?;
    sight.reports.hosting.get(service)
}

/// Whether files of front ends ever spoke of the service.
pub(super) fn is_known_here(sight: &Sight<'_>) -> bool {
    hosting(sight).is_some_and(|hosting| hosting.seen_at_front_ends.is_some())
}

/// The last day on which any name of the service was asked for at the provider's front ends.
pub(super) fn last_visit(sight: &Sight<'_>) -> Option<Date> {
    let seen = hosting(sight)?.seen_at_front_ends.as_ref()?;
    seen.values().max().copied()
}

/// Whether a name was asked for here of late: a host that is asked for here is served here, whatever a
/// resolver answered elsewhere.
pub(super) fn is_visited_here(sight: &Sight<'_>) -> bool {
    let today = local_date(sight.at);
    last_visit(sight).is_some_and(|last| days_between(last, today) <= VISIT_SPEAKS_DAYS)
}

/// Whether the files go on until the day of the look, but for what is still to come: where they ended, an
/// absent visit says nothing.
pub(super) fn are_files_recent(sight: &Sight<'_>) -> bool {
    let today = local_date(sight.at);
    let until = sight.reports.front_ends_until;
    until.is_some_and(|until| days_between(until, today) <= VISIT_SPEAKS_DAYS)
}

/// Days from one day to another.
pub(super) fn days_between(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}
