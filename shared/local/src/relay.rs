//! The provider's mail relay: SMTP on loopback. What it takes is kept and goes nowhere; what it is told to refuse or to
//! put off it refuses and puts off, with the codes of RFC 5321 and RFC 3463.
//!
//! **Invariant:** a mail is taken (250) only once it is kept.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use mail_parser::MessageParser;
use serde::{Deserialize, Serialize};
use smtp_proto::request::receiver::{DataReceiver, RequestReceiver};
use smtp_proto::{Error, Request};

use crate::clock::LocalClock;
use crate::error::LocalError;
use crate::files::{Log, Place};
use crate::sync::locked;

/// A mail that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SentMail {
    /// When.
    pub at: Timestamp,
    /// From whom, as the session said.
    pub from: String,
    /// To whom, as the session said.
    pub to: Vec<String>,
    /// The whole message (RFC 5322).
    pub message: String,
}

/// What people see of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadMail {
    /// When it was taken.
    pub at: Timestamp,
    /// To whom.
    pub to: Vec<String>,
    /// Its `Message-ID`.
    pub message_id: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// Its HTML.
    pub html: String,
}

impl SentMail {
    /// As a mail program shows it; what does not parse is empty.
    pub(crate) fn read(&self) -> ReadMail {
        let parsed = MessageParser::default().parse(&self.message);
        let part = |part: Option<std::borrow::Cow<'_, str>>| part.unwrap_or_default().into_owned();
        ReadMail {
            at: self.at,
            to: self.to.clone(),
            message_id: parsed
                .as_ref()
                .and_then(|mail| mail.message_id())
                .unwrap_or_default()
                .to_owned(),
            subject: parsed
                .as_ref()
                .and_then(|mail| mail.subject())
                .unwrap_or_default()
                .to_owned(),
            text: part(parsed.as_ref().and_then(|mail| mail.body_text(0))),
            html: part(parsed.as_ref().and_then(|mail| mail.body_html(0))),
        }
    }
}

/// How the relay answers a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Manner {
    /// With this reply, such as `550 5.1.1 no such user`.
    Reply(String),
    /// Not at the first try (greylisting), and then as any other.
    PutOff,
}

/// The relay. It ends with its last handle.
pub(crate) struct Relay {
    address: SocketAddr,
    kept: Arc<Kept>,
}

struct Kept {
    clock: LocalClock,
    mails: Mutex<(Vec<SentMail>, Log)>,
    manners: Mutex<BTreeMap<String, Manner>>,
    down: AtomicBool,
    over: AtomicBool,
}

/// How long a session may be silent.
const PATIENCE: Duration = Duration::from_mins(1);

impl Relay {
    /// Opens the relay on a port (0: any free one).
    pub(crate) fn open(place: &Place, clock: LocalClock, port: u16) -> Result<Self, LocalError> {
        let refused = |source: io::Error| {
            if source.kind() == io::ErrorKind::AddrInUse {
                let option = "--mail-port";
                LocalError::PortInUse { port, option }
            } else {
                LocalError::Listen { port, source }
            }
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let (log, mails) = Log::open(place, "mails.jsonl")?;
        let kept = Arc::new(Kept {
            clock,
            mails: Mutex::new((mails, log)),
            manners: Mutex::default(),
            down: AtomicBool::new(false),
            over: AtomicBool::new(false),
        });
        let serving = Arc::clone(&kept);
        std::thread::spawn(move || serve(&listener, &serving));
        Ok(Self { address, kept })
    }

    /// Where it is reached, as functions are told.
    pub(crate) fn url(&self) -> String {
        relay_url(self.address.port())
    }

    /// Every mail, oldest first.
    pub(crate) fn mails(&self) -> Vec<SentMail> {
        locked(&self.kept.mails).0.clone()
    }

    /// Answers an address with this reply from now on.
    pub(crate) fn answer(&self, address: &str, reply: &str) {
        let manner = Manner::Reply(reply.to_owned());
        locked(&self.kept.manners).insert(address.to_lowercase(), manner);
    }

    /// Puts an address off at its next try.
    pub(crate) fn put_off(&self, address: &str) {
        locked(&self.kept.manners).insert(address.to_lowercase(), Manner::PutOff);
    }

    /// Takes nothing, or everything again.
    pub(crate) fn take_down(&self, down: bool) {
        self.kept.down.store(down, Ordering::Release);
    }

    /// Takes what comes for an address again.
    pub(crate) fn welcome(&self, address: &str) {
        locked(&self.kept.manners).remove(&address.to_lowercase());
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.kept.over.store(true, Ordering::Release);
        // Wakes the accepting thread; if nobody listens any more, it has ended already.
        let _ = TcpStream::connect(self.address);
    }
}

/// The address of a relay on a port of loopback.
pub(crate) fn relay_url(port: u16) -> String {
    format!("smtp://127.0.0.1:{port}")
}

fn serve(listener: &TcpListener, kept: &Arc<Kept>) {
    for stream in listener.incoming() {
        if kept.over.load(Ordering::Acquire) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let kept = Arc::clone(kept);
        std::thread::spawn(move || {
            let session = Session {
                stream,
                kept,
                from: None,
                to: Vec::new(),
            };
            // A session that breaks off is the client's to begin anew.
            let _ = session.run();
        });
    }
}

struct Session {
    stream: TcpStream,
    kept: Arc<Kept>,
    from: Option<String>,
    to: Vec<String>,
}

impl Session {
    fn run(mut self) -> io::Result<()> {
        self.stream.set_read_timeout(Some(PATIENCE))?;
        self.say("220 relay.localhost ESMTP")?;
        let mut receiver = RequestReceiver::default();
        let mut buffer = [0; 4096];
        loop {
            let read = self.stream.read(&mut buffer)?;
            let Some(mut bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
                return Ok(());
            };
            while !bytes.is_empty() {
                let mut rest = bytes.iter();
                let request = receiver.ingest(&mut rest).map(Request::into_owned);
                bytes = rest.as_slice();
                match request {
                    Ok(Request::Quit) => return self.say("221 2.0.0 bye"),
                    Ok(Request::Data) => bytes = self.data(bytes)?,
                    Ok(request) => self.command(request)?,
                    Err(Error::NeedsMoreData { .. }) => break,
                    Err(_) => self.say("500 5.5.2 what?")?,
                }
            }
        }
    }

    fn command(&mut self, request: Request<String>) -> io::Result<()> {
        match request {
            Request::Ehlo { .. } => self.say(
                "250-relay.localhost\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES",
            ),
            Request::Helo { .. } => self.say("250 relay.localhost"),
            Request::Mail { .. } if self.kept.down.load(Ordering::Acquire) => {
                self.say("451 4.3.0 out of order")
            }
            Request::Mail { from } => {
                self.to.clear();
                self.from = Some(from.address);
                self.say("250 2.1.0 ok")
            }
            Request::Rcpt { to } if self.from.is_some() => {
                let reply = self.reply_to(&to.address);
                if reply.is_none() {
                    self.to.push(to.address);
                }
                self.say(reply.as_deref().unwrap_or("250 2.1.5 ok"))
            }
            Request::Rcpt { .. } => self.say("503 5.5.1 MAIL first"),
            Request::Rset => {
                self.from = None;
                self.to.clear();
                self.say("250 2.0.0 ok")
            }
            Request::Noop { .. } => self.say("250 2.0.0 ok"),
            Request::Lhlo { .. }
            | Request::Bdat { .. }
            | Request::Auth { .. }
            | Request::Vrfy { .. }
            | Request::Expn { .. }
            | Request::Help { .. }
            | Request::Etrn { .. }
            | Request::Atrn { .. }
            | Request::Burl { .. }
            | Request::StartTls
            | Request::Data
            | Request::Quit => self.say("502 5.5.1 not here"),
        }
    }

    /// How a recipient is answered, where it is not taken.
    fn reply_to(&self, address: &str) -> Option<String> {
        let address = address.to_lowercase();
        let mut manners = locked(&self.kept.manners);
        match manners.get(&address)? {
            Manner::Reply(reply) => Some(reply.clone()),
            Manner::PutOff => {
                manners.remove(&address);
                Some("450 4.2.0 greylisted, try again later".to_owned())
            }
        }
    }

    /// Takes a message; answers what came after it.
    fn data<'a>(&mut self, first: &'a [u8]) -> io::Result<&'a [u8]> {
        if self.to.is_empty() {
            self.say("503 5.5.1 RCPT first")?;
            return Ok(first);
        }
        self.say("354 go on")?;
        let mut receiver = DataReceiver::new();
        let mut message = Vec::new();
        let mut bytes = first.iter();
        let mut done = receiver.ingest(&mut bytes, &mut message);
        let mut buffer = [0; 4096];
        while !done {
            let read = self.stream.read(&mut buffer)?;
            let got = buffer.get(..read).unwrap_or_default();
            if got.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            done = receiver.ingest(&mut got.iter(), &mut message);
        }
        let mail = SentMail {
            at: self.kept.clock.now(),
            from: self.from.take().unwrap_or_default(),
            to: std::mem::take(&mut self.to),
            message: String::from_utf8_lossy(&message).into_owned(),
        };
        let kept = {
            let mut mails = locked(&self.kept.mails);
            let kept = mails.1.append(std::slice::from_ref(&mail));
            if kept.is_ok() {
                mails.0.push(mail);
            }
            kept
        };
        self.say(match kept {
            Ok(()) => "250 2.0.0 kept",
            Err(_) => "451 4.3.0 not kept",
        })?;
        Ok(bytes.as_slice())
    }

    fn say(&mut self, reply: &str) -> io::Result<()> {
        self.stream.write_all(format!("{reply}\r\n").as_bytes())
    }
}
