//! What is said of an act: to the people of the filing, to the history, and on whose claim it rests.

use icp_domain::history::Happened;
use icp_domain::ids::{CaseId, UserId};
use icp_domain::notice::NoticeKind;
use icp_store::records::StoredCase;

use super::Act;
use crate::claim_item::ClaimThen;

/// What the people of the filing are told of an act. That an appeal was granted says that its finding is done
/// with.
pub(super) fn told(act: &Act, stored: &StoredCase) -> Option<NoticeKind> {
    let case = stored.case.id.clone();
    match act {
        Act::Extend { finding, .. } | Act::ExtendByStaff { finding, .. } => {
            Some(NoticeKind::PeriodExtended {
                case,
                finding: finding.clone(),
            })
        }
        Act::DecideObjection { granted, .. } => Some(NoticeKind::ObjectionDecided {
            case,
            upheld: *granted,
        }),
        Act::DecideAppeal {
            finding, granted, ..
        } => Some(NoticeKind::AppealDecided {
            case,
            finding: finding.clone(),
            granted: *granted,
        }),
        // Whoever was told of nothing is not told that it is over.
        Act::Exempt { .. } | Act::Read { .. }
            if !stored.case.is_open()
                && stored
                    .case
                    .findings
                    .iter()
                    .any(|finding| finding.notified_at.is_some()) =>
        {
            Some(NoticeKind::CaseClosed { case })
        }
        Act::Recheck
        | Act::Appeal { .. }
        | Act::Object { .. }
        | Act::Exempt { .. }
        | Act::Read { .. }
        | Act::ReportAgain { .. }
        | Act::RecordReportAnswer { .. }
        | Act::ChooseCallSlot { .. }
        | Act::RecordCall { .. } => None,
    }
}

/// Whose claim an act rests on, and what becomes of it: a filer's acts rest on none.
pub(super) fn claim_of(act: &Act) -> Option<(&UserId, ClaimThen)> {
    match act {
        Act::Recheck
        | Act::Extend { .. }
        | Act::Appeal { .. }
        | Act::Object { .. }
        | Act::ChooseCallSlot { .. } => None,
        Act::ReportAgain { by, .. }
        | Act::RecordReportAnswer { by, .. }
        | Act::DecideAppeal { by, .. }
        | Act::DecideObjection { by, .. }
        | Act::Read { by, .. } => Some((by, ClaimThen::Ends)),
        Act::ExtendByStaff { by, .. } | Act::Exempt { by, .. } | Act::RecordCall { by, .. } => {
            Some((by, ClaimThen::Stays))
        }
    }
}

/// What history says that an act is about: the case, and the reason that stands nowhere else.
pub(super) fn about(act: &Act, case: &CaseId) -> String {
    match act {
        Act::ReportAgain { reason, .. }
        | Act::RecordReportAnswer { reason, .. }
        | Act::Read { reason, .. } => {
            format!("{case}: {reason}")
        }
        Act::Recheck
        | Act::Extend { .. }
        | Act::Appeal { .. }
        | Act::Object { .. }
        | Act::ChooseCallSlot { .. }
        | Act::DecideAppeal { .. }
        | Act::ExtendByStaff { .. }
        | Act::Exempt { .. }
        | Act::DecideObjection { .. }
        | Act::RecordCall { .. } => case.to_string(),
    }
}

/// The act's name in history.
pub(super) fn happened(act: &Act) -> Happened {
    match act {
        Act::Recheck => Happened::RecheckAsked,
        Act::Extend { .. } => Happened::PeriodExtended,
        Act::ExtendByStaff { .. } => Happened::PeriodExtendedByStaff,
        Act::Exempt { .. } => Happened::UnitExempted,
        Act::ReportAgain { .. } => Happened::ReportMadeAgain,
        Act::RecordReportAnswer {
            cancelled: true, ..
        } => Happened::BureauCancelledAccess,
        Act::RecordReportAnswer {
            cancelled: false, ..
        } => Happened::BureauRefusedReport,
        Act::Read { broken: true, .. } => Happened::LookedAtBroken,
        Act::Read { broken: false, .. } => Happened::LookedAtKept,
        Act::Object { .. } => Happened::StopObjectedTo,
        Act::DecideObjection { granted: true, .. } => Happened::ObjectionUpheld,
        Act::DecideObjection { granted: false, .. } => Happened::ObjectionRefused,
        Act::Appeal { .. } => Happened::FindingAppealed,
        Act::ChooseCallSlot { .. } => Happened::CallSlotChosen,
        Act::DecideAppeal { granted: true, .. } => Happened::AppealGranted,
        Act::DecideAppeal { granted: false, .. } => Happened::AppealRefused,
        Act::RecordCall { outcome, .. } if outcome.is_told() => Happened::CalledAndTold,
        Act::RecordCall { .. } => Happened::CalledInVain,
    }
}
