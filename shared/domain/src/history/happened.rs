//! What happens to a filing, each by its name in histories.

macro_rules! happened {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// What a step did, past tense.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, utoipa::ToSchema)]
        pub enum Happened {
            $($(#[$doc])* #[schema(rename = $name)] $variant,)*
        }

        impl Happened {
            /// All of them, in the order of a filing's life.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name in histories, kebab-case. Never changed: entries are chained over it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

happened! {
    /// An order was begun.
    OrderDrafted = "order-drafted";
    /// The order was edited.
    OrderEdited = "order-edited";
    /// The order was sent.
    OrderSubmitted = "order-submitted";
    /// The order passed our review.
    OrderPassed = "order-passed";
    /// A first reviewer passed the order.
    OrderPassProposed = "order-pass-proposed";
    /// The order was returned.
    OrderReturned = "order-returned";
    /// The order went to the bureau.
    OrderSentToBureau = "order-sent-to-bureau";
    /// A first reviewer recorded the approval.
    OrderApprovalProposed = "order-approval-proposed";
    /// The bureau approved the order.
    OrderApproved = "order-approved";
    /// The bureau's SMS check was done.
    OrderSmsDone = "order-sms-done";
    /// The order was withdrawn.
    OrderWithdrawn = "order-withdrawn";
    /// The order lapsed.
    OrderDied = "order-died";
    /// A material was sent.
    MaterialUploaded = "material-uploaded";
    /// Staff saw a material.
    MaterialViewed = "material-viewed";
    /// Staff saw personal data, with a reason.
    PersonalDataViewed = "personal-data-viewed";
    /// A copy of personal data was made.
    PersonalDataCopied = "personal-data-copied";
    /// A number was proved.
    NumberVerified = "number-verified";
    /// A number was not proved.
    NumberNotVerified = "number-not-verified";
    /// Whoever has the number disowned the filing.
    NumberDisowned = "number-disowned";
    /// A person was unlocked.
    PersonUnlocked = "person-unlocked";
    /// Personal data were erased.
    PersonErased = "person-erased";
    /// The filing was imported.
    FilingImported = "filing-imported";
    /// A case was opened.
    CaseOpened = "case-opened";
    /// A finding joined the case.
    CaseJoined = "case-joined";
    /// The notice arrived; the period began.
    NoticeDelivered = "notice-delivered";
    /// The notice came back.
    NoticeReturned = "notice-returned";
    /// A text came back: the number is not in service.
    NumberNotInService = "number-not-in-service";
    /// A mail came back.
    MailRefused = "mail-refused";
    /// Mails arrive again.
    MailTakenAgain = "mail-taken-again";
    /// Nobody was reached; staff call.
    NobodyReached = "nobody-reached";
    /// Told by telephone.
    CalledAndTold = "called-and-told";
    /// Staff called in vain.
    CalledInVain = "called-in-vain";
    /// A time for a call was chosen.
    CallSlotChosen = "call-slot-chosen";
    /// A reminder was sent.
    FilerReminded = "filer-reminded";
    /// A look was asked for.
    RecheckAsked = "recheck-asked";
    /// It was put right.
    FindingPutRight = "finding-put-right";
    /// An appeal was made.
    FindingAppealed = "finding-appealed";
    /// The appeal was granted.
    AppealGranted = "appeal-granted";
    /// The appeal was refused.
    AppealRefused = "appeal-refused";
    /// The period was extended.
    PeriodExtended = "period-extended";
    /// Staff extended the period.
    PeriodExtendedByStaff = "period-extended-by-staff";
    /// Looked at by people: broken.
    LookedAtBroken = "looked-at-broken";
    /// Looked at by people: as it must be.
    LookedAtKept = "looked-at-kept";
    /// Put right before anybody was told.
    PutRightUntold = "put-right-untold";
    /// Found in error, taken back.
    FindingsVoid = "findings-void";
    /// The bureau demands that it is put right.
    BureauDemands = "bureau-demands";
    /// The bureau orders a stop.
    BureauOrdersStop = "bureau-orders-stop";
    /// The bureau recorded the cancellation.
    BureauCancelledAccess = "bureau-cancelled-access";
    /// The bureau refused the report.
    BureauRefusedReport = "bureau-refused-report";
    /// A register's answer was brought.
    RegistryAnswerBrought = "registry-answer-brought";
    /// A carrier's answer was brought.
    PhoneIdentityBrought = "phone-identity-brought";
    /// Staff read a material.
    MaterialRead = "material-read";
    /// Staff saw a material on paper.
    MaterialSeenOnPaper = "material-seen-on-paper";
    /// People judged: as it must be.
    DecidedKept = "decided-kept";
    /// People judged: broken.
    DecidedBroken = "decided-broken";
    /// The order is a draft again.
    OrderBackToDraft = "order-back-to-draft";
    /// An exemption was given.
    UnitExempted = "unit-exempted";
    /// Still broken after the period.
    FindingCondemned = "finding-condemned";
    /// Staff let access be stopped.
    FindingsReleased = "findings-released";
    /// Stopping began.
    StoppingBegun = "stopping-begun";
    /// The stop was overtaken by another cause.
    StopOvertaken = "stop-overtaken";
    /// Access was stopped.
    AccessStopped = "access-stopped";
    /// Access was given back.
    AccessReinstated = "access-reinstated";
    /// Access was cancelled.
    AccessCancelled = "access-cancelled";
    /// The cancellation was reported.
    CancellationReported = "cancellation-reported";
    /// It was reported again.
    ReportMadeAgain = "report-made-again";
    /// The bureau refused the report.
    ReportRefused = "report-refused";
    /// An objection was made.
    StopObjectedTo = "stop-objected-to";
    /// The objection was upheld.
    ObjectionUpheld = "objection-upheld";
    /// The objection was refused.
    ObjectionRefused = "objection-refused";
    /// The period is over.
    PeriodOver = "period-over";
    /// People are asked to look.
    StaffToLook = "staff-to-look";
    /// Last looks are made anew.
    LastLooksAnew = "last-looks-anew";
    /// The case was settled.
    CaseSettled = "case-settled";
    /// The case ended by another cause.
    CaseOvertaken = "case-overtaken";
    /// A deregistration was recorded.
    DeregistrationRecorded = "deregistration-recorded";
    /// Sites were deregistered.
    SitesDeregistered = "sites-deregistered";
    /// The yearly review was answered.
    YearlyReviewAnswered = "yearly-review-answered";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_kebab_case_and_each_is_one_step() {
        let names: BTreeSet<_> = Happened::ALL.iter().map(|one| one.name()).collect();
        assert_eq!(names.len(), Happened::ALL.len());
        for name in names {
            let plain = name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-');
            assert!(plain && name.contains('-'), "{name}");
        }
    }
}
