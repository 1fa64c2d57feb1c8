//! One notice of every kind and stage, for tests.

use icp_domain::finding::Stage;
use icp_domain::notice::{CaseFinding, NoticeKind};
use jiff::Timestamp;

/// One of every kind.
pub(crate) fn every_kind() -> Vec<NoticeKind> {
    let case = || "c1".parse().unwrap();
    let order = || "o1".parse().unwrap();
    let service = || "1".parse().unwrap();
    let reminder = |stage| NoticeKind::Reminder {
        case: case(),
        finding: "f1".parse().unwrap(),
        due_at: at("2026-03-12T00:00:00+08:00"),
        stage,
    };
    let review = |again| NoticeKind::YearlyReview {
        campaign: "y1".parse().unwrap(),
        answer_by: at("2026-03-12T00:00:00+08:00"),
        again,
    };
    let appeal = |granted| NoticeKind::AppealDecided {
        case: case(),
        finding: "f1".parse().unwrap(),
        granted,
    };
    vec![
        NoticeKind::Code {
            person: "p1".parse().unwrap(),
            order: None,
            challenge: "x".into(),
            generation: 1,
        },
        NoticeKind::ProofLapses {
            person: "p1".parse().unwrap(),
            until: at("2026-03-12T00:00:00+08:00"),
        },
        NoticeKind::OrderApproved { order: order() },
        NoticeKind::OrderReturned { order: order() },
        NoticeKind::OrderReminder { order: order() },
        review(false),
        review(true),
        NoticeKind::Audit {
            told: vec![CaseFinding {
                case: case(),
                finding: "f1".parse().unwrap(),
            }],
        },
        reminder(Stage::HalfTime),
        reminder(Stage::ThreeDays),
        reminder(Stage::OneDay),
        NoticeKind::PeriodExtended {
            case: case(),
            finding: "f1".parse().unwrap(),
        },
        appeal(true),
        appeal(false),
        NoticeKind::ObjectionDecided {
            case: case(),
            upheld: true,
        },
        NoticeKind::ObjectionDecided {
            case: case(),
            upheld: false,
        },
        NoticeKind::Correction { case: case() },
        NoticeKind::Deregistered { service: None },
        NoticeKind::CaseClosed { case: case() },
        NoticeKind::AccessStopped {
            case: case(),
            service: service(),
            link_version: 2,
            at_once: false,
        },
        NoticeKind::AccessReinstated {
            service: service(),
            link_version: 3,
        },
    ]
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}
