//! What the filer is asked to show before it is held against the filing: the domain certificate (域名证书).

use icp_domain::audit::{Asking, AuditClock, Confirmed};
use icp_domain::finding::Object;
use icp_domain::identifiers::DomainName;
use icp_domain::ids::{LookId, NoticeId};
use icp_domain::notice::{Notice, NoticeKind};
use icp_domain::rulebook::calendar::local_date;
use icp_store::records::{Posting, StoredFiling};
use icp_store::{Change, Store, StoreError};
use jiff::Timestamp;

use super::Judging;
use crate::notices::first_notice_at;

impl Judging<'_> {
    /// Whether the filer is to be asked before a fault is told: for the first time, or once more where the notice was
    /// held all the time.
    pub(super) async fn is_asked_first(&self, found: &Confirmed) -> Result<bool, StoreError> {
        match &found.asking {
            Asking::Nothing => Ok(false),
            Asking::Now => Ok(true),
            Asking::Over(look) => {
                let notice = self.store.outbox(&self.asking(look)).await?;
                Ok(notice.is_some_and(|stored| stored.row.done.is_none()))
            }
        }
    }

    /// The notice that asks because of a look.
    fn asking(&self, look: &LookId) -> NoticeId {
        let unit = self.unit().to_string();
        NoticeId::derived("ask-first", &[&unit, look.as_str()])
    }

    /// Asks the filer for what shows each of `found` to be none, in one notice that goes out as first notices do, so
    /// that a bad run can be held. The day that the answer is due is counted from when it goes out.
    pub(super) fn ask_first(
        &self,
        change: &mut Change,
        filing: &StoredFiling,
        clock: &mut AuditClock,
        found: &[&Confirmed],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (Some(first), Some(service)) = (found.first(), &self.unit().service) else {
            return Ok(());
        };
        let policy = &self.rulebook.policy;
        let send_after = first_notice_at(now, &policy.cases);
        let days = i64::from(policy.audits.certificate_days);
        let until = self.rulebook.calendar.deadline(send_after, days);
        for found in found {
            clock.ask(found, until);
        }
        let domains = found.iter().filter_map(|found| domain(&found.object));
        let id = self.asking(&self.evidence.look.id);
        let kind = NoticeKind::CertificateWanted {
            service: service.clone(),
            domains: domains.collect(),
            rule: first.rule.code.to_owned(),
            found_on: local_date(now),
            until,
        };
        let notice = Notice {
            id: id.clone(),
            subject: filing.id().clone(),
            kind,
            only: Vec::new(),
        };
        Store::post(change, &id, Posting::Notice(notice), send_after, now)
    }
}

fn domain(object: &Object) -> Option<DomainName> {
    if let Object::Domain(domain) = object {
        Some(domain.clone())
    } else {
        None
    }
}
