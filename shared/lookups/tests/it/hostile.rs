//! A server that does to each host what an attack wants, and keeps count of what it did.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use crate::servers::head_of;

/// What a host does once it was asked.
pub(crate) enum Does {
    /// Says nothing, and stays.
    Waits,
    /// Says this, and closes.
    Says(Vec<u8>),
    /// Says the first, then the second again and again, until the other side goes.
    Floods(Vec<u8>, Vec<u8>),
    /// The same at one piece a tick.
    Drips(Vec<u8>, Vec<u8>),
}

/// Time between two pieces of what drips.
const TICK: Duration = Duration::from_millis(50);

/// What a host does when asked for a path, where the second port is one that nobody may reach.
pub(crate) type Attack = fn(&str, u16) -> Does;

/// Requests that a host got, and bytes that it could send.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) requests: usize,
    pub(crate) bytes: usize,
}

/// What every host of the server did.
#[derive(Debug, Default, Clone)]
pub(crate) struct Ledger(Arc<Mutex<BTreeMap<String, Count>>>);

impl Ledger {
    pub(crate) fn of(&self, host: &str) -> Count {
        self.0
            .lock()
            .unwrap()
            .get(host)
            .copied()
            .unwrap_or_default()
    }

    pub(crate) fn hosts(&self) -> Vec<String> {
        self.0.lock().unwrap().keys().cloned().collect()
    }

    fn add(&self, host: &str, requests: usize, bytes: usize) {
        let mut all = self.0.lock().unwrap();
        let count = all.entry(host.to_owned()).or_default();
        count.requests += requests;
        count.bytes += bytes;
    }
}

/// The server of all hosts, told apart by `Host`.
pub(crate) async fn hostile(
    listener: TcpListener,
    attacks: BTreeMap<String, Attack>,
    inside: u16,
    ledger: Ledger,
) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(attack(stream, attacks.clone(), inside, ledger.clone()));
    }
}

async fn attack(
    mut stream: TcpStream,
    attacks: BTreeMap<String, Attack>,
    inside: u16,
    ledger: Ledger,
) {
    let head = head_of(&mut stream).await;
    let path = head.split_whitespace().nth(1).unwrap_or_default();
    let host = head
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap_or_default()
        .to_owned();
    ledger.add(&host, 1, 0);
    let Some(attack) = attacks.get(&host) else {
        return;
    };
    let (first, more, tick) = match attack(path, inside) {
        Does::Waits => return listen(stream).await,
        Does::Says(all) => (all, Vec::new(), None),
        Does::Floods(first, more) => (first, more, None),
        Does::Drips(first, more) => (first, more, Some(TICK)),
    };
    let mut sent = send(&mut stream, &first, &host, &ledger).await;
    let mut ticks = tokio::time::interval(tick.unwrap_or(TICK));
    while sent && !more.is_empty() {
        if tick.is_some() {
            ticks.tick().await;
        }
        sent = send(&mut stream, &more, &host, &ledger).await;
    }
    // Closing over unread bytes would reset what was said.
    let _ = stream.shutdown().await;
    listen(stream).await;
}

/// Reads until the other side goes.
async fn listen(mut stream: TcpStream) {
    let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
}

async fn send(stream: &mut TcpStream, mut piece: &[u8], host: &str, ledger: &Ledger) -> bool {
    while !piece.is_empty() {
        match stream.write(piece).await {
            Ok(0) | Err(_) => return false,
            Ok(length) => {
                ledger.add(host, 0, length);
                piece = &piece[length..];
            }
        }
    }
    true
}

/// Counts who connects to where nobody may.
pub(crate) async fn trap(listener: TcpListener, sprung: Arc<AtomicUsize>) {
    while listener.accept().await.is_ok() {
        sprung.fetch_add(1, Ordering::SeqCst);
    }
}

/// An HTTP proxy that connects to nothing, and notes what it was asked for.
pub(crate) async fn witness(listener: TcpListener, asked: Arc<Mutex<Vec<String>>>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let head = head_of(&mut stream).await;
        let target = head.split_whitespace().nth(1).unwrap_or_default();
        asked.lock().unwrap().push(target.to_owned());
        let refusal = b"HTTP/1.1 502 x\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(refusal).await.unwrap();
    }
}
