//! Judges a look of a public check, into the check's own rows.
//!
//! **Invariant:** what was seen counts only if the text stood in the zone, and nothing of a filing but its
//! number is read for it.

use icp_domain::Invocation;
use icp_domain::checks::public;
use icp_domain::identifiers::{DomainName, IcpNumber};
use icp_domain::look::Seen;
use icp_store::records::CheckedLook;
use icp_store::{Change, StoreError, keys};

use super::{Judging, Verdict};

impl Judging<'_> {
    /// Judges a look of a public check; none of what comes late or twice.
    pub(super) async fn public_check(
        &self,
        inv: &Invocation,
    ) -> Result<Option<(Change, Verdict)>, StoreError> {
        let (look, policy) = (&self.evidence.look, &self.rulebook.policy.audits);
        let Some(id) = &look.check else {
            return Ok(None);
        };
        let Some((stored, judged)) = self.store.public_check(id).await? else {
            return Ok(None);
        };
        let check = &stored.check;
        let awaits = check.proof.as_ref().is_some_and(|proof| {
            proof.looks.contains(&look.id) && inv.now < proof.asked_at + policy.check_judged()
        });
        if !awaits || judged.iter().any(|judged| judged.look == look.id) {
            return Ok(None);
        }
        let said = if self.evidence.txt == Some(Seen::Answer(true)) {
            let filed = self.filed_number(&check.domain.registrable()).await?;
            public::judge(
                id,
                &check.domain,
                self.evidence,
                filed.as_ref(),
                self.rulebook,
            )
        } else {
            Vec::new()
        };
        let judged = CheckedLook {
            look: look.id.clone(),
            begun_at: self.evidence.begun_at,
            proved: self.evidence.txt.clone(),
            said,
        };
        let mut change = Change::new();
        judged.put(&mut change, id, check.asked_at + policy.check_kept())?;
        Ok(Some((change, Verdict::Checked)))
    }

    /// The number of the filing that has a domain here.
    async fn filed_number(&self, domain: &DomainName) -> Result<Option<IcpNumber>, StoreError> {
        let row = keys::taken_domain(domain.as_str());
        let holder = self.store.holder(&row).await?;
        let Some(subject) = holder.and_then(|holder| holder.parse().ok()) else {
            return Ok(None);
        };
        let head = self.store.filing_head(&subject).await?;
        Ok(head.and_then(|head| head.filing.number().cloned()))
    }
}
