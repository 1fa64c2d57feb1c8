//! What shows that an operator saw a preview: signed, of just what was previewed, and good for a day.

use icp_domain::ids::CampaignId;
use icp_store::records::Previewed;
use icp_store::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};

use crate::preview_level::RaisedLevel;

/// Units shown of those that a preview counts. Source: behaviour of this service, part 3.
pub(crate) const SAMPLES: usize = 20;

/// How long a preview may be referred to. Source: chosen here: a working day, and the morning after it.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(24);

/// What was previewed.
pub(crate) struct PreviewToken(Vec<String>);

impl PreviewToken {
    pub(crate) fn of_level(raised: &RaisedLevel) -> Self {
        let RaisedLevel { rule, scope, level } = raised;
        Self(vec![
            "level".to_owned(),
            rule.clone(),
            scope.to_string(),
            format!("{level:?}"),
        ])
    }

    pub(crate) fn of_campaign(campaign: &CampaignId) -> Self {
        Self(vec!["campaign".to_owned(), campaign.to_string()])
    }

    /// The token of what was seen.
    pub(crate) async fn sign(self, store: &Store, seen: Previewed) -> Result<String, StoreError> {
        let parts = self.with(seen);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let signature = store.keys().signed(PURPOSE, &parts).await?;
        let at = seen.at.as_second();
        Ok(format!("{at}.{}.{signature}", seen.units))
    }

    /// What was seen by whoever names a token; nothing where it is of another preview, made up, or old.
    pub(crate) async fn read(
        self,
        store: &Store,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Previewed>, StoreError> {
        let mut split = token.splitn(3, '.');
        let mut number = || split.next()?.parse::<i64>().ok();
        let (at, units) = (number(), number());
        let seen = at.zip(units).and_then(|(at, units)| {
            Some(Previewed {
                at: Timestamp::from_second(at).ok()?,
                units: u64::try_from(units).ok()?,
            })
        });
        let (Some(seen), Some(signature)) = (seen, split.next()) else {
            return Ok(None);
        };
        let parts = self.with(seen);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let is_ours = store.keys().is_signed(PURPOSE, &parts, signature).await?;
        let fresh_until = seen.at.saturating_add(GOOD_FOR).unwrap_or(Timestamp::MAX);
        // The token holds whole seconds: one of this very second is not from the future.
        let is_fresh = seen.at <= now && now < fresh_until;
        Ok((is_ours && is_fresh).then_some(seen))
    }

    fn with(self, seen: Previewed) -> Vec<String> {
        let mut parts = self.0;
        parts.extend([seen.at.as_second().to_string(), seen.units.to_string()]);
        parts
    }
}

const PURPOSE: &str = "preview";
