//! What the clock does to an order by itself: reminds of a return, lapses, lets die, purges.

use jiff::{SignedDuration, Timestamp};

use super::{DraftLeft, Order, OrderEvent, OrderState};
use crate::Rulebook;

impl Order {
    /// Since when the order waits for whoever has it: of a draft, its last change.
    pub fn waits_since(&self) -> Timestamp {
        match &self.state {
            OrderState::ProviderReview { since }
            | OrderState::Queued { since }
            | OrderState::BureauSms { since }
            | OrderState::BureauReview { since } => *since,
            OrderState::Draft
            | OrderState::Returned { .. }
            | OrderState::Approved { .. }
            | OrderState::Withdrawn { .. }
            | OrderState::Dead { .. } => self.edited_at,
        }
    }

    /// When the clock acts on the order by itself, if ever.
    pub fn wakes_at(&self, rulebook: &Rulebook) -> Option<Timestamp> {
        let (lapses, reminds) = (self.lapses_at(rulebook), self.reminds_at(rulebook));
        let purges = self.purges_at(rulebook);
        [lapses, reminds, purges].into_iter().flatten().min()
    }

    /// When what is left of its draft and files is deleted, if ever.
    ///
    /// Source: 《个人信息保护法》第十九条（保存期限为必要的最短时间）.
    pub fn purges_at(&self, rulebook: &Rulebook) -> Option<Timestamp> {
        let kept = rulebook.policy.orders.draft_kept();
        let ended_at = match &self.state {
            OrderState::Approved { approved_at } => *approved_at,
            OrderState::Withdrawn { withdrawn_at } => *withdrawn_at,
            OrderState::Dead { died_at } => *died_at,
            OrderState::Draft
            | OrderState::ProviderReview { .. }
            | OrderState::Returned { .. }
            | OrderState::Queued { .. }
            | OrderState::BureauSms { .. }
            | OrderState::BureauReview { .. } => return None,
        };
        match self.left {
            DraftLeft::Whole => Some(ended_at + kept),
            DraftLeft::Files { erased_at } => Some(erased_at + rulebook.policy.materials.link()),
            DraftLeft::Nothing => None,
        }
    }

    /// What the clock does by `now`, and when it was due: a lapse, else the latest reminder that is
    /// over; one that was missed is not made up for.
    pub fn due(&self, rulebook: &Rulebook, now: Timestamp) -> Option<(Timestamp, OrderEvent)> {
        let lapses = self.lapses_at(rulebook).filter(|at| *at <= now);
        let reminds = self.reminds_at(rulebook).filter(|at| *at <= now);
        match (lapses, reminds) {
            (Some(at), _) => Some((at, OrderEvent::Lapse)),
            (None, Some(at)) => {
                let over = self.reminders(rulebook).filter(|at| *at <= now).count();
                let over = u32::try_from(over).unwrap_or(u32::MAX);
                Some((at, OrderEvent::Remind(over)))
            }
            (None, None) => None,
        }
    }

    /// The instants of the reminders of a return.
    fn reminders(&self, rulebook: &Rulebook) -> impl Iterator<Item = Timestamp> {
        let returned_at = match &self.state {
            // What only our clock sent back is not the filer's to mend.
            OrderState::Returned {
                returned_at, by, ..
            } if by.is_an_answer() => Some(*returned_at),
            OrderState::Returned { .. }
            | OrderState::Draft
            | OrderState::ProviderReview { .. }
            | OrderState::Queued { .. }
            | OrderState::BureauSms { .. }
            | OrderState::BureauReview { .. }
            | OrderState::Approved { .. }
            | OrderState::Withdrawn { .. }
            | OrderState::Dead { .. } => None,
        };
        let days = &rulebook.policy.orders.reminder_days;
        returned_at.into_iter().flat_map(move |at| {
            days.iter()
                .map(move |days| at + SignedDuration::from_hours(24 * i64::from(*days)))
        })
    }

    fn reminds_at(&self, rulebook: &Rulebook) -> Option<Timestamp> {
        let OrderState::Returned { reminded, .. } = &self.state else {
            return None;
        };
        let over = usize::try_from(*reminded).unwrap_or(usize::MAX);
        self.reminders(rulebook).nth(over)
    }

    /// When it falls back or dies, unless somebody acts: a draft, a return, a check of the bureau's by SMS.
    pub fn lapses_at(&self, rulebook: &Rulebook) -> Option<Timestamp> {
        let orders = &rulebook.policy.orders;
        match &self.state {
            OrderState::Draft => Some(self.edited_at + orders.draft()),
            OrderState::Returned { returned_at, .. } => {
                Some(*returned_at.max(&self.edited_at) + orders.in_flight_idle())
            }
            OrderState::BureauSms { since } => Some(*since + orders.bureau_sms()),
            OrderState::ProviderReview { .. }
            | OrderState::Queued { .. }
            | OrderState::BureauReview { .. }
            | OrderState::Approved { .. }
            | OrderState::Withdrawn { .. }
            | OrderState::Dead { .. } => None,
        }
    }
}
