//! What a filing takes, gives back, and wants in vain.

use std::collections::BTreeMap;

use icp_domain::filing::{Filing, SubjectState, Takes};
use icp_domain::ids::SubjectId;
use icp_domain::order::{Draft, OrderKind};
use icp_store::{Change, Key, Store, StoreError, keys};

/// What others hold of what a filing wants.
pub(super) struct Held {
    /// Of what it newly wants.
    pub(super) newly: Vec<Takes>,
    /// Of what it wanted before.
    pub(super) still: Vec<Takes>,
}

/// Takes certificate, number and domains, so that one of each stands in one filing, and gives back what
/// the filing holds no more. What it wanted in vain before and is free now it takes.
pub(super) async fn take(
    store: &Store,
    change: &mut Change,
    before: &Filing,
    after: &Filing,
) -> Result<Held, StoreError> {
    let own = &after.subject.id;
    let (mut had, mut wants) = (takes(store, before).await?, takes(store, after).await?);
    let is_certificate =
        |(row, what): (&Key, &Takes)| *what == Takes::Certificate && !wants.contains_key(row);
    if had.iter().any(is_certificate) {
        // What is given back is given back under every key: the newest too, of which this process may
        // not have heard.
        store.keys().refresh().await;
        (had, wants) = (takes(store, before).await?, takes(store, after).await?);
    }
    for row in had.keys().filter(|row| !wants.contains_key(*row)) {
        store.taken(row).await?.give_back(change, own)?;
    }
    let mut held = Held {
        newly: Vec::new(),
        still: Vec::new(),
    };
    let in_conflict = !before.subject.conflicts.is_empty();
    let elsewhere = certificate_elsewhere(store, &wants, own).await?;
    for (row, what) in wants {
        let wanted_before = had.contains_key(&row);
        // What a filing without a conflict had, it holds.
        if wanted_before && !in_conflict {
            continue;
        }
        // The row guards; reading first only says which of them is held.
        let taken = store.taken(&row).await?;
        match taken.holder() {
            // A certificate is one thing, under however many keys.
            None if elsewhere && what == Takes::Certificate => {}
            None => taken.take(change, own)?,
            Some(holder) if holder == own => {}
            Some(_) if wanted_before => held.still.push(what),
            Some(_) => {
                taken.want(change, own)?;
                held.newly.push(what);
            }
        }
    }
    for found in [&mut held.newly, &mut held.still] {
        found.sort();
        found.dedup();
    }
    Ok(held)
}

/// Whether another filing holds the certificate under any key. Under one alone there is nothing to ask.
async fn certificate_elsewhere(
    store: &Store,
    wants: &BTreeMap<Key, Takes>,
    own: &SubjectId,
) -> Result<bool, StoreError> {
    let rows = wants
        .iter()
        .filter(|(_, what)| **what == Takes::Certificate);
    let rows: Vec<Key> = rows.map(|(row, _)| row.clone()).collect();
    if rows.len() < 2 {
        return Ok(false);
    }
    let holders = store.holders(&rows).await?;
    Ok(holders.values().any(|holder| holder != own.as_str()))
}

/// What a filing takes while it is on the bureau's record. Its number is its own for good: a base of
/// before shall not bring a number back that the bureau took off the record.
async fn takes(store: &Store, filing: &Filing) -> Result<BTreeMap<Key, Takes>, StoreError> {
    let mut takes = BTreeMap::new();
    let (number, on_record) = match &filing.subject.state {
        SubjectState::New => return Ok(takes),
        SubjectState::Filed { number, .. } => (number, true),
        SubjectState::Deregistered { number, .. } => (number, false),
    };
    takes.insert(keys::taken_number(&number.to_string()), Takes::Number);
    if !on_record {
        return Ok(takes);
    }
    if let Some(details) = &filing.subject.details {
        let number = details.certificate.number();
        takes.extend(certificate(store, number.reveal()).await?);
    }
    for (_, service) in filing.on_record() {
        for domain in &service.details.domains {
            takes.insert(keys::taken_domain(domain.as_str()), Takes::Domain);
        }
    }
    Ok(takes)
}

async fn certificate(store: &Store, number: &str) -> Result<Vec<(Key, Takes)>, StoreError> {
    let rows = store.certificate_rows(number).await?.into_iter();
    Ok(rows.map(|row| (row, Takes::Certificate)).collect())
}

/// Takes a filing's certificate under the keys that the index got since it was taken.
pub(crate) async fn take_under_new_keys(
    store: &Store,
    change: &mut Change,
    filing: &Filing,
) -> Result<(), StoreError> {
    let (Some(_), Some(details)) = (filing.number(), &filing.subject.details) else {
        return Ok(());
    };
    let own = &filing.subject.id;
    let (mut is_held, mut free) = (false, Vec::new());
    for (row, _) in certificate(store, details.certificate.number().reveal()).await? {
        let taken = store.taken(&row).await?;
        match taken.holder() {
            Some(holder) => is_held |= holder == own,
            None => free.push(taken),
        }
    }
    // What another filing holds, under whatever key, is not taken.
    if is_held {
        for taken in free {
            taken.take(change, own)?;
        }
    }
    Ok(())
}

/// What other filings hold of what an order that gives access would take.
pub(crate) async fn held_elsewhere(
    store: &Store,
    own: &SubjectId,
    kind: OrderKind,
    draft: &Draft,
) -> Result<Vec<Takes>, StoreError> {
    let gives = match kind {
        OrderKind::FirstFiling | OrderKind::AddSite | OrderKind::AddAccess | OrderKind::Change => {
            true
        }
        OrderKind::DeregisterSite | OrderKind::DeregisterSubject | OrderKind::CancelAccess => false,
    };
    if !gives {
        return Ok(Vec::new());
    }
    let number = draft.subject.certificate.number();
    let mut wants = certificate(store, number.reveal()).await?;
    let listed = draft.about.iter().filter_map(|id| draft.services.get(id));
    let domains = listed.flat_map(|service| &service.domains);
    wants.extend(domains.map(|domain| (keys::taken_domain(domain.as_str()), Takes::Domain)));
    let rows: Vec<Key> = wants.iter().map(|(row, _)| row.clone()).collect();
    let holders = store.holders(&rows).await?;
    let elsewhere = wants.into_iter().filter(|(row, _)| {
        let holder = holders.get(row);
        holder.is_some_and(|holder| holder != own.as_str())
    });
    let mut held: Vec<Takes> = elsewhere.map(|(_, what)| what).collect();
    held.sort();
    held.dedup();
    Ok(held)
}
