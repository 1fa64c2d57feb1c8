//! Rows of the outbox that sweeps find.

use icp_domain::Rulebook;
use icp_store::{Family, Key, Store, StoreError};
use jiff::Timestamp;

/// Rows of the outbox that are due, of one shard.
pub async fn due(
    store: &Store,
    rulebook: &Rulebook,
    shard: u8,
    now: Timestamp,
) -> Result<Vec<Key>, StoreError> {
    let policy = &rulebook.policy.sweeps;
    let sweep = store.sweep(Family::Outbox.name(), shard, now).await?;
    let limit = policy.page_rows as usize;
    let rows = store
        .due(Family::Outbox, shard, sweep.from, None, now, limit)
        .await?;
    // Rows that are done have left the index; what is found stands before the watermark's next place.
    let oldest = rows.iter().map(|row| row.at).min();
    let from = now - policy.watermark_behind();
    store
        .advance(&sweep, oldest.map_or(from, |oldest| from.min(oldest)), None)
        .await?;
    Ok(rows.into_iter().map(|row| row.key).collect())
}

/// Rows of the outbox that the minute's sweep went past and that are still due, of one shard: found
/// once a day.
pub async fn left_behind(
    store: &Store,
    rulebook: &Rulebook,
    shard: u8,
    now: Timestamp,
) -> Result<Vec<Key>, StoreError> {
    let policy = &rulebook.policy.sweeps;
    let (since, limit) = (now - policy.daily_sweep(), policy.tick_rows as usize);
    let passed = store.sweep(Family::Outbox.name(), shard, now).await?;
    let rows = store
        .due(Family::Outbox, shard, since, None, passed.from, limit)
        .await?;
    // A row of the watermark's own instant is what it waits for.
    let behind = rows.into_iter().filter(|row| row.at < passed.from);
    Ok(behind.map(|row| row.key).collect())
}
