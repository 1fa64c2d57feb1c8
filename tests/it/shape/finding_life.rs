//! The life of a finding as a table: every state with every event, as `step` decides it.

use expect_test::expect_file;
use icp_domain::Rulebook;
use icp_domain::finding::{BrokenLook, Event, Finding, Grounds, LookOutcome, step};
use icp_domain::ids::{LookId, UserId};
use jiff::Timestamp;
use serde_json::{Value as Json, json};

const NOW: &str = "2026-03-16T03:00:00Z";

/// A finding in a state, with more said of it.
fn finding(state: &Json, more: &Json) -> Finding {
    let mut finding = json!({ "id": "f1", "rule": "ICP-402", "object": { "kind": "service" },
        "level": "enforce", "broughtBy": "looks", "joinedAt": "2026-03-02T02:00:00Z", "looks": [],
        "periodDays": 7, "notifiedAt": "2026-03-03T02:00:00Z", "extension": null, "appeals": [],
        "recheck": null, "reminded": null, "looksAsked": 0, "state": state });
    for (field, value) in more.as_object().unwrap() {
        finding[field] = value.clone();
    }
    serde_json::from_value(finding).unwrap()
}

fn look(id: &str) -> Json {
    json!({ "look": id, "begunAt": "2026-03-15T00:00:00Z", "vantage": "resolver-114" })
}

fn asked() -> Json {
    json!({ "look": "asked", "vantage": "resolver-114", "sendAt": NOW })
}

fn states() -> Vec<(&'static str, Finding)> {
    let (mut states, after) = (in_their_period(), from_the_stop_on());
    states.extend(after);
    states
}

fn in_their_period() -> Vec<(&'static str, Finding)> {
    let open = json!({ "state": "open" });
    let last = |broken: Json| {
        json!({ "state": "last-look", "asked": asked(), "firstAskedAt": "2026-03-15T00:00:00Z",
            "broken": broken, "undecided": 0 })
    };
    let condemned = |asked: Json| {
        json!({ "state": "condemned", "looks": [look("l1"), look("l2")],
            "condemnedAt": "2026-03-15T02:00:00Z", "release": null, "asked": asked, "undecided": null })
    };
    let at = "2026-03-12T03:00:00Z";
    let bare = json!({});
    let waits = json!([{ "appealedAt": at, "reason": "r", "decision": null }]);
    let refused = json!([{ "appealedAt": at, "reason": "r",
        "decision": { "decidedAt": at, "by": "u", "granted": false, "reason": "r" } }]);
    let demand = json!({ "wants": "rectified", "documentNumber": "1", "issuedOn": "2026-03-02" });
    vec![
        (
            "open, nobody told",
            finding(&open, &json!({ "notifiedAt": null })),
        ),
        ("open", finding(&open, &bare)),
        (
            "open, under appeal",
            finding(&open, &json!({ "appeals": waits })),
        ),
        (
            "open, appeal refused",
            finding(&open, &json!({ "appeals": refused })),
        ),
        (
            "open, recheck asked",
            finding(&open, &json!({ "recheck": asked() })),
        ),
        (
            "open, of a bureau",
            finding(&open, &json!({ "demand": demand })),
        ),
        ("last look", finding(&last(Json::Null), &bare)),
        ("last look, one broken", finding(&last(look("l1")), &bare)),
        ("condemned", finding(&condemned(Json::Null), &bare)),
        (
            "condemned, looked at again",
            finding(&condemned(asked()), &bare),
        ),
    ]
}

fn from_the_stop_on() -> Vec<(&'static str, Finding)> {
    let stopped = |more: Json| {
        let mut state = json!({ "state": "stopped", "stoppedAt": "2026-03-12T03:00:00Z" });
        for (field, value) in more.as_object().unwrap() {
            state[field] = value.clone();
        }
        state
    };
    let moving = |to: Json| json!({ "state": "moving", "movingAt": NOW, "to": to });
    let at = "2026-03-12T03:00:00Z";
    let bare = json!({});
    let stop_now =
        json!({ "wants": "stopped-now", "documentNumber": "1", "issuedOn": "2026-03-02" });
    let objects = json!({ "objections": [{ "objectedAt": at, "reason": "r", "decision": null }] });
    vec![
        (
            "stopping",
            finding(&json!({ "state": "stopping", "stoppingAt": at }), &bare),
        ),
        ("stopped", finding(&stopped(json!({})), &bare)),
        (
            "stopped, objection waits",
            finding(&stopped(json!({})), &objects),
        ),
        (
            "stopped, report refused",
            finding(&stopped(json!({ "reportRefusedAt": at })), &bare),
        ),
        (
            "stopped, report refused, objection waits",
            finding(&stopped(json!({ "reportRefusedAt": at })), &objects),
        ),
        (
            "stopped, by the bureau's order",
            finding(&stopped(json!({})), &json!({ "demand": stop_now })),
        ),
        (
            "moving: given back",
            finding(&moving(json!({ "to": "given-back", "why": "void" })), &bare),
        ),
        (
            "moving: reported",
            finding(&moving(json!({ "to": "reported", "stoppedAt": at })), &bare),
        ),
        (
            "moving: taken back",
            finding(
                &moving(json!({ "to": "taken-back", "stoppedAt": at })),
                &bare,
            ),
        ),
        (
            "moving: cancelled",
            finding(&moving(json!({ "to": "cancelled" })), &bare),
        ),
        (
            "reported",
            finding(
                &json!({ "state": "reported", "stoppedAt": at, "reportedAt": at }),
                &bare,
            ),
        ),
        (
            "closed",
            finding(
                &json!({ "state": "closed", "closedAt": at, "why": "put-right" }),
                &bare,
            ),
        ),
    ]
}

fn events() -> Vec<Event> {
    let by: UserId = "u".parse().unwrap();
    let why = || "r".to_owned();
    let seen = |outcome| Event::Looked {
        seen: BrokenLook {
            look: "asked".parse().unwrap(),
            begun_at: NOW.parse().unwrap(),
            vantage: "resolver-223".parse().unwrap(),
        },
        outcome,
    };
    let shown: LookId = "l2".parse().unwrap();
    vec![
        Event::Noticed,
        Event::NoticeReturned { otherwise: None },
        Event::PeriodOver,
        Event::LookSent,
        Event::RecheckSent,
        Event::SeenKept,
        seen(LookOutcome::Clean),
        seen(LookOutcome::Broken),
        seen(LookOutcome::Undecided),
        Event::ReadByPeople {
            look: "read".parse().unwrap(),
            broken: false,
        },
        Event::ReadByPeople {
            look: "read".parse().unwrap(),
            broken: true,
        },
        seen(LookOutcome::BrokenByPeople),
        Event::LookAgain,
        Event::LookAnew,
        Event::Release {
            by: by.clone(),
            shown,
        },
        Event::BeginStopping,
        Event::Stop,
        Event::Reinstate,
        Event::Overtake,
        Event::LinkEnded,
        Event::Extend {
            days: 7,
            reason: why(),
        },
        Event::ExtendByStaff {
            by: by.clone(),
            days: 7,
            reason: why(),
        },
        Event::Appeal {
            reason: why(),
            material: None,
        },
        Event::Appeal {
            reason: why(),
            material: Some("m1".parse().unwrap()),
        },
        Event::DecideAppeal {
            by: by.clone(),
            granted: true,
            reason: why(),
        },
        Event::DecideAppeal {
            by: by.clone(),
            granted: false,
            reason: why(),
        },
        Event::AskRecheck,
        Event::Object {
            grounds: Grounds::Wrong,
            reason: why(),
        },
        Event::Object {
            grounds: Grounds::PutRight,
            reason: why(),
        },
        Event::DecideObjection {
            by: by.clone(),
            granted: true,
            reason: why(),
        },
        Event::DecideObjection {
            by,
            granted: false,
            reason: why(),
        },
        Event::Void,
        Event::Exempt {
            until: NOW.parse().unwrap(),
        },
        Event::BeginReport,
        Event::ReportAgain,
        Event::ReportAnswered { cancelled: true },
        Event::ReportAnswered { cancelled: false },
        Event::Moved,
        Event::NothingLeft,
    ]
}

/// An event by name. The match keeps the table whole: an event that is new is missing here.
fn name(event: &Event) -> String {
    let plain = |name: &str| name.to_owned();
    match event {
        Event::Noticed => plain("noticed"),
        Event::NoticeReturned { .. } => plain("the notice came back"),
        Event::PeriodOver => plain("the period is over"),
        Event::LookSent => plain("the look was sent"),
        Event::RecheckSent => plain("the recheck was sent"),
        Event::SeenKept => plain("a regular look sees it kept"),
        Event::Looked { outcome, .. } => format!("looked: {outcome:?}").to_lowercase(),
        Event::ReadByPeople { broken: true, .. } => plain("staff see it broken"),
        Event::ReadByPeople { broken: false, .. } => plain("staff see it kept"),
        Event::LookAgain => plain("the later look grew old"),
        Event::LookAnew => plain("an order let it go"),
        Event::Release { .. } => plain("released"),
        Event::BeginStopping => plain("stopping begins"),
        Event::Stop => plain("stopped"),
        Event::Reinstate => plain("reinstated by staff"),
        Event::Overtake => plain("another cause stopped the link"),
        Event::LinkEnded => plain("the link is off the record"),
        Event::Extend { .. } => plain("extended by the filer"),
        Event::ExtendByStaff { .. } => plain("extended by staff"),
        Event::Appeal { material: None, .. } => plain("appealed"),
        Event::Appeal {
            material: Some(_), ..
        } => plain("appealed with new material"),
        Event::DecideAppeal { granted, .. } => format!("appeal decided: {granted}"),
        Event::AskRecheck => plain("recheck asked for"),
        Event::Object {
            grounds: Grounds::Wrong,
            ..
        } => plain("objected to"),
        Event::Object {
            grounds: Grounds::PutRight,
            ..
        } => plain("asked back"),
        Event::DecideObjection { granted, .. } => format!("objection decided: {granted}"),
        Event::Void => plain("void"),
        Event::Exempt { .. } => plain("exempted"),
        Event::BeginReport => plain("the report begins"),
        Event::ReportAgain => plain("staff report again"),
        Event::ReportAnswered { cancelled } => format!("the bureau cancelled it: {cancelled}"),
        Event::Moved => plain("the last link has moved"),
        Event::NothingLeft => plain("no link is left"),
    }
}

#[test]
fn every_state_takes_every_event_as_the_reference_says() {
    let rulebook = Rulebook::shipped().unwrap();
    let now: Timestamp = NOW.parse().unwrap();
    let mut text = String::from(
        "# The life of a finding\n\n\
         Generated from `icp_domain::finding::step`: what every event makes of a finding (不合格项) in every state.\n\
         A dash: the event is refused, and nothing changes; *same*: it is taken, and the state stays.\n",
    );
    for (state, before) in states() {
        text.push_str(&format!("\n## {state}\n\n| event | becomes |\n|---|---|\n"));
        let mut refused = Vec::new();
        for event in events() {
            match step(before.clone(), event.clone(), now, &rulebook) {
                Err(_) => refused.push(name(&event)),
                Ok(after) => {
                    let why = serde_json::to_value(&after.state).unwrap();
                    let why = [&why["why"], &why["to"]["to"], &why["to"]["why"]]
                        .into_iter()
                        .filter_map(Json::as_str)
                        .fold(String::new(), |said, why| said + ", " + why);
                    let becomes = if after.state == before.state {
                        "*same*".to_owned()
                    } else {
                        format!("{}{why}", after.state.name())
                    };
                    text.push_str(&format!("| {} | {becomes} |\n", name(&event)));
                }
            }
        }
        text.push_str(&format!("| {} | - |\n", refused.join("; ")));
    }
    expect_file!["../../../docs/FINDING-LIFE.md"].assert_eq(&text);
}
