//! What a machine does next about a finding, and when: one function for the wake and for the act.

use jiff::{SignedDuration, Timestamp};

use super::{
    BroughtBy, Condemned, Finding, FindingState, Freezes, Hold, Reminded, Stage, TimeLeft, hold,
    time_left,
};
use crate::rulebook::calendar::{at, local_date};
use crate::rulebook::policy::Cases;
use crate::rulebook::{Level, Rulebook};

/// A step that falls due by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Nobody was reached: staff must call.
    NobodyReached,
    /// Remind the filer of the deadline.
    Remind(Reminded),
    /// The period is over: ask for the first last look.
    LastLook,
    /// Send the look that is asked for (again).
    SendLook,
    /// An order held it after its period and let it go: the last looks begin anew.
    LookAnew,
    /// Send the recheck that is asked for again.
    SendRecheck,
    /// Condemned: stop it, if brake, release and window allow.
    Stop,
    /// Stopping: go on with the subject's links.
    GoOnStopping,
    /// The period of what a bureau demanded is over: staff look.
    StaffRead,
    /// What was stopped is to be reported to the bureau, if front ends carried it out and no order is in flight.
    Report,
    /// The links that were stopped on it move on: the next one.
    MoveLinks,
    /// Nothing yet: look again at what stands still.
    Wait,
}

/// The next steps of a finding, each with its instant: its own, and a recheck's that waits beside it.
///
/// A finding at `notify` is told and reminded, and never looked at a last time. An instant may lie in
/// the past: then the step is due.
pub fn next(
    finding: &Finding,
    freezes: Freezes<'_>,
    now: Timestamp,
    rulebook: &Rulebook,
) -> impl Iterator<Item = (Timestamp, Due)> + use<> {
    let recheck = finding
        .recheck
        .as_ref()
        .filter(|_| !finding.state.is_over());
    let recheck = recheck.map(|asked| (asked.send_at, Due::SendRecheck));
    let own = match &finding.state {
        FindingState::Open => open(finding, freezes, now, rulebook),
        FindingState::LastLook {
            asked,
            first_asked_at,
            ..
        } => Some(
            held(finding, freezes, *first_asked_at, now, rulebook)
                .unwrap_or((asked.send_at, Due::SendLook)),
        ),
        FindingState::Condemned(condemned) if finding.demand.is_some() => Some(condemned.next()),
        FindingState::Condemned(condemned) => Some(
            held(
                finding,
                freezes,
                condemned.seen_since(finding.brought_by),
                now,
                rulebook,
            )
            .unwrap_or_else(|| condemned.next()),
        ),
        FindingState::Stopping { stopping_at } => Some((*stopping_at, Due::GoOnStopping)),
        FindingState::Moving { moving_at, .. } => Some((*moving_at, Due::MoveLinks)),
        FindingState::Stopped {
            stopped_at,
            report_refused_at: None,
        } if !finding.is_under_objection() => Some((report_at(*stopped_at, rulebook), Due::Report)),
        // Whether it is decided in time is looked at each morning.
        FindingState::Stopped { .. } if finding.is_under_objection() => {
            Some((next_morning(now, &rulebook.policy.cases), Due::Wait))
        }
        FindingState::Stopped { .. }
        | FindingState::Reported { .. }
        | FindingState::Closed { .. } => None,
    };
    // An appeal that holds nothing still is looked at each morning, whether it is decided in time.
    let heard = (finding.is_under_appeal() && !finding.is_heard() && !finding.state.is_closed())
        .then(|| (next_morning(now, &rulebook.policy.cases), Due::Wait));
    [own, recheck, heard].into_iter().flatten()
}

/// The morning after the working days for which a stop may be taken back.
fn report_at(stopped_at: Timestamp, rulebook: &Rulebook) -> Timestamp {
    let policy = &rulebook.policy.cases;
    let (calendar, day) = (&rulebook.calendar, local_date(stopped_at));
    let reversible = calendar.add_working_days(day, policy.report_working_days);
    let after = calendar.add_working_days(reversible, 1);
    at(after, policy.frozen_wake_hour)
}

impl Condemned {
    /// Since when what condemned it says that it is broken: an order that ended later is looked after anew, also where it
    /// ended before the looks were judged.
    pub fn seen_since(&self, brought_by: BroughtBy) -> Timestamp {
        match brought_by {
            BroughtBy::Looks => self.looks.first().map_or(self.condemned_at, |first| {
                first.begun_at.min(self.condemned_at)
            }),
            // Rows are read at the moment, and files and people's words have an age of their own.
            BroughtBy::Rows | BroughtBy::Files => self.condemned_at,
        }
    }

    fn next(&self) -> (Timestamp, Due) {
        let released = self.release.as_ref().map(|release| release.released_at);
        let since = released.unwrap_or(self.condemned_at);
        self.asked
            .as_ref()
            .map_or((since, Due::Stop), |asked| (asked.send_at, Due::SendLook))
    }
}

/// What an order does to a finding whose period is over: while it is under review nothing is looked
/// at or stopped, and what was seen before it says nothing any more.
fn held(
    finding: &Finding,
    freezes: Freezes<'_>,
    since: Timestamp,
    now: Timestamp,
    rulebook: &Rulebook,
) -> Option<(Timestamp, Due)> {
    let (policy, calendar) = (&rulebook.policy.cases, &rulebook.calendar);
    match hold(finding, freezes, since, now, policy, calendar) {
        Hold::Never => None,
        Hold::Lasts => Some((next_morning(now, policy), Due::Wait)),
        Hold::Ended(ended) => Some((ended, Due::LookAnew)),
    }
}

fn open(
    finding: &Finding,
    freezes: Freezes<'_>,
    now: Timestamp,
    rulebook: &Rulebook,
) -> Option<(Timestamp, Due)> {
    let (policy, calendar) = (&rulebook.policy.cases, &rulebook.calendar);
    match time_left(finding, freezes, now, policy, calendar) {
        TimeLeft::NotBegun => {
            let joined_on = local_date(finding.joined_at);
            let called_on =
                calendar.add_working_days(joined_on, policy.notified_check_working_days);
            let called_at = at(called_on, policy.frozen_wake_hour);
            // A bureau's date waits for nobody: whoever could not be told is called when it is over.
            let called_at = finding
                .bureaus_date()
                .map_or(called_at, |due_by| due_by.min(called_at));
            Some((called_at, Due::NobodyReached))
        }
        TimeLeft::Frozen => Some((next_morning(now, policy), Due::Wait)),
        TimeLeft::Until(due_at) => {
            let reminder = reminder(finding, due_at, now);
            let over = match finding.level {
                Level::Enforce if finding.demand.is_some() => Some((due_at, Due::StaffRead)),
                Level::Enforce => Some((due_at, Due::LastLook)),
                Level::Notify | Level::Observe | Level::Off => None,
            };
            // A deadline that has passed leaves nothing to remind of.
            if due_at <= now {
                over
            } else {
                [reminder, over]
                    .into_iter()
                    .flatten()
                    .min_by_key(|(at, _)| *at)
            }
        }
    }
}

/// The next hour at which what stands still is looked at again.
pub fn next_morning(now: Timestamp, policy: &Cases) -> Timestamp {
    let wake = at(local_date(now), policy.frozen_wake_hour);
    if now < wake {
        wake
    } else {
        wake + SignedDuration::from_hours(24)
    }
}

/// The next reminder: the latest stage that is due and was not sent for this deadline, else the
/// earliest to come.
fn reminder(finding: &Finding, due_at: Timestamp, now: Timestamp) -> Option<(Timestamp, Due)> {
    let notified_at = finding.notified_at?;
    let day = SignedDuration::from_hours(24);
    let half = notified_at + due_at.duration_since(notified_at) / 2;
    // Source of the days: behaviour, part 4. A stage is known by its name, wherever it was sent.
    let stages = [
        (half, Stage::HalfTime),
        (due_at - day * 3, Stage::ThreeDays),
        (due_at - day, Stage::OneDay),
    ];
    let sent = |stage: Stage| {
        finding
            .reminded
            .is_some_and(|last| last.due_at == due_at && stage <= last.stage)
    };
    let mut open = stages
        .into_iter()
        .filter(|(at, stage)| notified_at < *at && !sent(*stage));
    let step = |(at, stage)| (at, Due::Remind(Reminded { due_at, stage }));
    let (past, to_come): (Vec<_>, Vec<_>) = open.by_ref().partition(|(at, _)| *at <= now);
    past.into_iter()
        .max_by_key(|(_, stage)| *stage)
        .or_else(|| to_come.into_iter().min())
        .map(step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rulebook;
    use crate::finding::testing::{finding, unit};
    use crate::finding::{Answers, Asked, BrokenLook, Demand, Freeze, Interval, Phase, Wants};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn condemned() -> Finding {
        let look = BrokenLook {
            look: "l1".parse().unwrap(),
            begun_at: at("2026-03-11T00:00:00Z"),
            vantage: "v1".parse().unwrap(),
        };
        Finding {
            notified_at: Some(at("2026-03-03T02:00:00Z")),
            state: FindingState::Condemned(Condemned {
                looks: vec![look],
                condemned_at: at("2026-03-11T00:00:00Z"),
                release: None,
                asked: None,
                undecided: None,
            }),
            ..finding()
        }
    }

    fn steps(finding: &Finding, freezes: &[Freeze], now: &str) -> Vec<(String, Due)> {
        let rulebook = Rulebook::shipped().unwrap();
        let unit = unit();
        let steps = next(finding, Freezes::of(&unit, freezes), at(now), &rulebook);
        steps.map(|(at, due)| (at.to_string(), due)).collect()
    }

    #[test]
    fn a_recheck_waits_beside_a_stop_and_not_behind_it() {
        let asked = Asked {
            look: "l2".parse().unwrap(),
            vantage: "v1".parse().unwrap(),
            send_at: at("2026-03-12T00:00:00Z"),
        };
        let both = Finding {
            recheck: Some(asked),
            ..condemned()
        };
        let steps = steps(&both, &[], "2026-03-13T00:00:00Z");
        assert_eq!(
            steps,
            [
                ("2026-03-11T00:00:00Z".to_owned(), Due::Stop),
                ("2026-03-12T00:00:00Z".to_owned(), Due::SendRecheck),
            ]
        );
    }

    #[test]
    fn an_order_holds_a_condemned_finding_and_its_end_begins_the_looks_anew() {
        let freeze = |until: Option<&str>| Freeze {
            order: "o1".parse().unwrap(),
            answers: Answers::All,
            phase: Phase::Bureau,
            interval: Interval {
                from: at("2026-03-12T00:00:00Z"),
                until: until.map(at),
            },
        };
        let now = "2026-03-13T00:00:00Z";
        let held = steps(&condemned(), &[freeze(None)], now);
        assert_eq!(held, [("2026-03-13T01:00:00Z".to_owned(), Due::Wait)]);
        let ended = [freeze(Some("2026-03-12T06:00:00Z"))];
        let anew = steps(&condemned(), &ended, now);
        assert_eq!(anew, [("2026-03-12T06:00:00Z".to_owned(), Due::LookAnew)]);
        // It ended while the looks were under way, and they were judged later.
        let mut judged = condemned();
        if let FindingState::Condemned(condemned) = &mut judged.state {
            condemned.condemned_at = at("2026-03-12T08:00:00Z");
        }
        assert_eq!(steps(&judged, &ended, now), anew);
        // Of people's words the reading is what counts, whenever the evidence was made.
        let by_people = Finding {
            brought_by: BroughtBy::Files,
            ..judged
        };
        let stop = steps(&by_people, &ended, now);
        assert_eq!(stop, [("2026-03-12T08:00:00Z".to_owned(), Due::Stop)]);
        let before = Freeze {
            interval: Interval {
                from: at("2026-03-04T00:00:00Z"),
                until: Some(at("2026-03-05T00:00:00Z")),
            },
            ..freeze(None)
        };
        let stop = steps(&condemned(), &[before], now);
        assert_eq!(stop, [("2026-03-11T00:00:00Z".to_owned(), Due::Stop)]);
    }

    #[test]
    fn where_nobody_could_be_told_before_a_bureaus_date_somebody_is_called() {
        let demanded = |due_by: &str| Finding {
            demand: Some(Demand {
                wants: Wants::Rectified,
                document_number: "1".to_owned(),
                issued_on: jiff::civil::date(2026, 3, 2),
                says: None,
                due_by: Some(at(due_by)),
            }),
            ..finding()
        };
        let called = |due_by| steps(&demanded(due_by), &[], "2026-03-03T17:00:00Z");
        for (due_by, called_at) in [
            ("2026-03-03T16:00:00Z", "2026-03-03T16:00:00Z"),
            ("2026-03-20T16:00:00Z", "2026-03-05T01:00:00Z"),
        ] {
            assert_eq!(called(due_by), [(called_at.to_owned(), Due::NobodyReached)]);
        }
        let told = Finding {
            notified_at: Some(at("2026-03-03T16:30:00Z")),
            ..demanded("2026-03-03T16:00:00Z")
        };
        let read = steps(&told, &[], "2026-03-03T17:00:00Z");
        assert_eq!(read, [("2026-03-03T16:00:00Z".to_owned(), Due::StaffRead)]);
    }

    #[test]
    fn of_reminders_that_were_missed_only_the_latest_is_sent() {
        let told = Finding {
            notified_at: Some(at("2026-03-03T02:00:00Z")),
            ..finding()
        };
        let due_at = at("2026-03-10T16:00:00Z");
        let remind = |stage| Due::Remind(Reminded { due_at, stage });
        let due = |finding: &Finding, now| steps(finding, &[], now)[0].1;
        assert_eq!(due(&told, "2026-03-04T00:00:00Z"), remind(Stage::HalfTime));
        assert_eq!(due(&told, "2026-03-09T17:00:00Z"), remind(Stage::OneDay));
        let sent = Finding {
            reminded: Some(Reminded {
                due_at,
                stage: Stage::OneDay,
            }),
            ..told.clone()
        };
        assert_eq!(due(&sent, "2026-03-09T17:00:00Z"), Due::LastLook);
        assert_eq!(
            due(&told, "2026-03-10T16:00:00Z"),
            Due::LastLook,
            "nothing is left to remind of"
        );
        let only_told = Finding {
            level: Level::Notify,
            ..sent
        };
        assert_eq!(steps(&only_told, &[], "2026-03-11T16:00:00Z"), []);
    }
}
