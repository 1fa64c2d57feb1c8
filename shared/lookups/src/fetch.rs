//! Fetches a home page from a hostile world.
//!
//! **Invariant:** every hop is checked before it is connected to (scheme, port, no literal address,
//! no credentials, every resolved address), and the connection goes to a checked address by number,
//! so that a name cannot answer one way to the check and another to the connection. Time, bytes on
//! the wire, bytes after decompression, headers and redirects are bounded. No cookie is kept, no
//! header names anything but this service.

use std::io::Read;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};
use http::{HeaderMap, HeaderValue, Request, Response, header};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use icp_domain::look::{CertificateSeen, Failure, NameAnswer, PageAnswer, Seen};
use icp_domain::page::{self, Fetched};
use icp_domain::rulebook::ContentWords;
use jiff::Timestamp;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use url::{Host, Url};

use crate::addresses::Reach;
use crate::dns::Resolver;
use crate::exit::{Dialled, Exit, Stream};
use crate::pace::Pace;
use crate::tls::Tls;

mod rdap;

pub(crate) use rdap::RdapReply;

/// All hops of one page together, without the waiting for a turn.
pub(crate) const PAGE_BOUND: Duration = Duration::from_secs(10);
/// Share of the time left that a turn may cost where there is less than a page may take: too little
/// to be why a site did not answer.
const LITTLE: u32 = 10;
/// Redirects that are followed.
const MOST_REDIRECTS: usize = 5;
/// Bytes of a body that are read, on the wire and again after decompression.
const LONGEST_BODY: usize = 2 * 1024 * 1024;
/// Bytes of an answer's head.
const LONGEST_HEAD: usize = 64 * 1024;
/// Lines of an answer's head.
const MOST_HEADERS: usize = 128;
/// Bytes of a URL: what servers take in general. Source: RFC 9110, 4.1 recommends 8000; evidence
/// has 64 KB in all, so less is taken here.
const LONGEST_URL: usize = 2048;

/// Fetches home pages.
pub(crate) struct Fetcher {
    pub(crate) tls: Tls,
    pub(crate) reach: Reach,
    pub(crate) user_agent: HeaderValue,
    pub(crate) words: Arc<ContentWords>,
    pub(crate) pace: Pace,
}

/// One hop's answer.
struct Hop {
    answer: Response<Incoming>,
    certificate: Option<CertificateSeen>,
    /// Ends the connection when dropped.
    _driver: JoinSet<Result<(), hyper::Error>>,
}

/// An answer of the world that ends the way before a page is there.
enum Ended {
    Answer(PageAnswer),
    Failed(Failure),
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Fetcher {
    /// Fetches a page and reads its facts. What waits for a turn waits only so long that the page's
    /// own bound ends before `until`, or a little of the time that is left.
    pub(crate) async fn fetch(
        &self,
        resolver: &Resolver,
        exit: &Exit,
        url: &str,
        at: Timestamp,
        until: Instant,
    ) -> Seen<PageAnswer> {
        let fetched = match self.follow(resolver, exit, url, at, until).await {
            Ok(fetched) => fetched,
            Err(Ended::Answer(answer)) => return Seen::Answer(answer),
            Err(Ended::Failed(failure)) => return Seen::Failed(failure),
        };
        let words = Arc::clone(&self.words);
        match apart(move || page::facts(&fetched, &words)).await {
            Ok(facts) => Seen::Answer(PageAnswer::Answered(Box::new(facts))),
            Err(failure) => Seen::Failed(failure),
        }
    }

    async fn follow(
        &self,
        resolver: &Resolver,
        exit: &Exit,
        url: &str,
        at: Timestamp,
        until: Instant,
    ) -> Result<Fetched, Ended> {
        let mut end = Instant::now() + PAGE_BOUND;
        // A home page is what an order filed: one that is no URL leads nowhere.
        let mut url = Url::parse(url).map_err(|_| Failure::Forbidden)?;
        let mut statuses = Vec::new();
        for _ in 0..=MOST_REDIRECTS {
            let target = Target::of(&url)?;
            let addresses = within(end, self.checked(resolver, target.host)).await?;
            end += self.turn(&target, &addresses, end, until).await?;
            let hop = within(end, self.hop(exit, &addresses, &target, at)).await?;
            statuses.push(hop.answer.status().as_u16());
            match next(&url, &hop.answer)? {
                Some(next) => url = next,
                None => return within(end, read(hop, statuses, url)).await,
            }
        }
        Err(Ended::Failed(Failure::TooManyRedirects))
    }

    /// Waits for the turn of a host at the address that is dialled first, and tells how long.
    async fn turn(
        &self,
        target: &Target<'_>,
        addresses: &[IpAddr],
        end: Instant,
        until: Instant,
    ) -> Result<Duration, Failure> {
        let now = Instant::now();
        let left = end.saturating_duration_since(now);
        let little = until.saturating_duration_since(now) / LITTLE;
        let latest = until.checked_sub(left).unwrap_or(now).max(now + little);
        let first = addresses.iter().copied().min_by_key(IpAddr::is_ipv6);
        self.pace.turn(target.host, first, latest).await
    }

    async fn hop(
        &self,
        exit: &Exit,
        addresses: &[IpAddr],
        target: &Target<'_>,
        at: Timestamp,
    ) -> Result<Hop, Ended> {
        match exit.dial(addresses, self.reach.port(target.port)).await? {
            Dialled::Open(stream) => Ok(self.ask(stream, target, at).await?),
            Dialled::Refused => Err(Ended::Answer(PageAnswer::Refused)),
        }
    }

    /// The addresses of a host, all of them fit to be connected to.
    async fn checked(&self, resolver: &Resolver, host: &str) -> Result<Vec<IpAddr>, Ended> {
        match resolver.addresses(host).await {
            Seen::Answer(NameAnswer::Addresses { addresses, .. }) => {
                self.reach.check(&addresses)?;
                Ok(addresses)
            }
            Seen::Answer(NameAnswer::NoSuchName | NameAnswer::NoAddress) => {
                Err(Ended::Answer(PageAnswer::NoAddress))
            }
            Seen::Failed(failure) => Err(Ended::Failed(failure)),
        }
    }

    async fn ask(
        &self,
        stream: Box<dyn Stream>,
        target: &Target<'_>,
        at: Timestamp,
    ) -> Result<Hop, Failure> {
        let (stream, certificate): (Box<dyn Stream>, _) = if target.secure {
            let (stream, certificate) = self.tls.open(stream, target.host, at).await?;
            (Box::new(stream), certificate)
        } else {
            (stream, None)
        };
        let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
            .max_headers(MOST_HEADERS)
            .max_header_size(LONGEST_HEAD)
            .max_buf_size(LONGEST_HEAD)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| of_exchange(&error))?;
        let mut driver = JoinSet::new();
        driver.spawn(connection);
        let request = self.request(target)?;
        let answer = sender
            .send_request(request)
            .await
            .map_err(|error| of_exchange(&error))?;
        Ok(Hop {
            answer,
            certificate,
            _driver: driver,
        })
    }

    fn request(&self, target: &Target<'_>) -> Result<Request<Empty<Bytes>>, Failure> {
        Request::builder()
            .uri(target.path.as_str())
            .header(header::HOST, target.authority.as_str())
            .header(header::USER_AGENT, self.user_agent.clone())
            .header(header::ACCEPT, target.accept)
            .header(header::ACCEPT_LANGUAGE, "zh-CN,zh;q=0.9,en;q=0.5")
            .header(header::ACCEPT_ENCODING, "gzip")
            .header(header::CONNECTION, "close")
            .body(Empty::new())
            .map_err(|_| Failure::Malformed)
    }
}

/// Does a part of a fetch before its time is over.
async fn within<T, E: Into<Ended>>(
    end: Instant,
    part: impl Future<Output = Result<T, E>>,
) -> Result<T, Ended> {
    match timeout_at(end, part).await {
        Ok(done) => done.map_err(Into::into),
        Err(_) => Err(Ended::Failed(Failure::TimedOut)),
    }
}

/// Reads what a site sent on a thread of its own: megabytes made against a reader hold up no other
/// look's deadline, and what no test foresaw costs this look alone.
async fn apart<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(read)
        .await
        .unwrap_or_else(|error| {
            tracing::error!(%error, "a page could not be read: its reader failed");
            Err(Failure::Malformed)
        })
}

/// A URL that may be asked for.
struct Target<'a> {
    host: &'a str,
    port: u16,
    secure: bool,
    /// What goes into `Host`.
    authority: String,
    /// What goes into the request line.
    path: String,
    /// What is asked for.
    accept: &'static str,
}

/// What a home page is asked for as.
const PAGE: &str = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5";

impl<'a> Target<'a> {
    fn of(url: &'a Url) -> Result<Self, Failure> {
        let secure = match url.scheme() {
            "http" => false,
            "https" => true,
            _ => return Err(Failure::Forbidden),
        };
        let Some(Host::Domain(host)) = url.host() else {
            return Err(Failure::Forbidden);
        };
        let port = url.port_or_known_default().unwrap_or_default();
        let has_credentials = !url.username().is_empty() || url.password().is_some();
        if has_credentials || !matches!(port, 80 | 443) || url.as_str().len() > LONGEST_URL {
            return Err(Failure::Forbidden);
        }
        let host = host.strip_suffix('.').unwrap_or(host);
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        Ok(Self {
            host,
            port,
            secure,
            authority,
            path,
            accept: PAGE,
        })
    }
}

/// Where an answer redirects to. A redirect without a target is a page like any other.
fn next(url: &Url, answer: &Response<Incoming>) -> Result<Option<Url>, Failure> {
    let Some(location) = answer.headers().get(header::LOCATION) else {
        return Ok(None);
    };
    if !matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    // Targets are often sent as UTF-8 in place of percent-encoding; browsers read them so.
    let location = String::from_utf8_lossy(location.as_bytes());
    url.join(&location)
        .map(Some)
        .map_err(|_| Failure::Malformed)
}

async fn read(hop: Hop, statuses: Vec<u16>, mut url: Url) -> Result<Fetched, Failure> {
    let Hop {
        answer,
        certificate,
        _driver,
    } = hop;
    let (head, mut body) = answer.into_parts();
    let mut raw: Vec<u8> = Vec::new();
    let mut cut_off = false;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| of_exchange(&error))?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        let room = LONGEST_BODY - raw.len();
        raw.extend_from_slice(data.get(..room.min(data.len())).unwrap_or_default());
        if data.len() > room {
            cut_off = true;
            break;
        }
    }
    let (body, ended) = decompressed(raw, &head.headers)?;
    url.set_fragment(None);
    Ok(Fetched {
        statuses,
        url: url.into(),
        content_type: text_of(&head.headers, &header::CONTENT_TYPE),
        refreshes: head.headers.contains_key(header::REFRESH),
        body,
        cut_off: cut_off || !ended,
        certificate,
    })
}

fn text_of(headers: &HeaderMap, name: &header::HeaderName) -> Option<String> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

/// The body as it was before compression, and whether that is all of it.
fn decompressed(raw: Vec<u8>, headers: &HeaderMap) -> Result<(Vec<u8>, bool), Failure> {
    let coding = text_of(headers, &header::CONTENT_ENCODING).unwrap_or_default();
    match coding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok((raw, true)),
        _ if raw.is_empty() => Ok((raw, true)),
        "gzip" | "x-gzip" => inflated(GzDecoder::new(raw.as_slice())),
        "deflate" if is_zlib(&raw) => inflated(ZlibDecoder::new(raw.as_slice())),
        // What some servers have always sent under this name.
        "deflate" => inflated(DeflateDecoder::new(raw.as_slice())),
        _ => Err(Failure::Malformed),
    }
}

/// Reads at most as much as is kept. A stream that breaks off gives what came before.
fn inflated(stream: impl Read) -> Result<(Vec<u8>, bool), Failure> {
    let mut body = Vec::new();
    let bound = u64::try_from(LONGEST_BODY).unwrap_or(u64::MAX);
    let whole = stream.take(bound + 1).read_to_end(&mut body).is_ok();
    if !whole && body.is_empty() {
        return Err(Failure::Malformed);
    }
    let ended = whole && body.len() <= LONGEST_BODY;
    body.truncate(LONGEST_BODY);
    Ok((body, ended))
}

/// Source: RFC 1950, 2.2: method 8, and a header that 31 divides.
fn is_zlib(raw: &[u8]) -> bool {
    match raw {
        [first, second, ..] => first & 0x0f == 8 && u16::from_be_bytes([*first, *second]) % 31 == 0,
        _ => false,
    }
}

fn of_exchange(error: &hyper::Error) -> Failure {
    tracing::debug!(%error, "no HTTP answer from the site");
    if error.is_parse() || error.is_parse_too_large() {
        Failure::Malformed
    } else if error.is_timeout() {
        Failure::TimedOut
    } else {
        Failure::ConnectionBroken
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    #[tokio::test]
    async fn a_reader_that_panics_is_a_failure_of_its_own_look() {
        assert_eq!(apart(|| Ok(1)).await, Ok(1));
        let panics = || -> Result<u8, Failure> { panic!("a page that kills the reader") };
        assert_eq!(apart(panics).await, Err(Failure::Malformed));
    }

    fn target(url: &str) -> Result<(String, u16, String), Failure> {
        let url = Url::parse(url).unwrap();
        Target::of(&url).map(|target| (target.authority, target.port, target.path))
    }

    #[test]
    fn urls_that_lead_elsewhere_are_forbidden() {
        for url in [
            "ftp://example.cn/",
            "file:///etc/passwd",
            "gopher://example.cn/",
            "data:text/html,x",
            "http://example.cn:8080/",
            "https://example.cn:22/",
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://127.1/",
            "http://[::1]/",
            "http://1.2.3.4./",
            "http://user@example.cn/",
            "http://:secret@example.cn/",
        ] {
            assert_eq!(target(url), Err(Failure::Forbidden), "{url}");
        }
        let long = format!("http://example.cn/{}", "x".repeat(LONGEST_URL));
        assert_eq!(target(&long), Err(Failure::Forbidden));
    }

    #[test]
    fn a_target_is_what_the_request_needs() {
        for (url, authority, port, path) in [
            ("http://Example.CN", "example.cn", 80, "/"),
            ("https://example.cn./a?b=c#d", "example.cn", 443, "/a?b=c"),
            ("http://example.cn:443/", "example.cn:443", 443, "/"),
            (
                "https://例子.中国/路",
                "xn--fsqu00a.xn--fiqs8s",
                443,
                "/%E8%B7%AF",
            ),
        ] {
            let expected = (authority.to_owned(), port, path.to_owned());
            assert_eq!(target(url), Ok(expected), "{url}");
        }
    }

    fn coded(coding: &'static str, raw: Vec<u8>) -> Result<(Vec<u8>, bool), Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        decompressed(raw, &headers)
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn codings_are_undone_and_unknown_ones_refused() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(b"page").unwrap();
        let mut deflate = DeflateEncoder::new(Vec::new(), Compression::fast());
        deflate.write_all(b"page").unwrap();
        let page = || Ok((b"page".to_vec(), true));
        assert_eq!(coded("gzip", gzip(b"page")), page());
        assert_eq!(coded("Deflate", zlib.finish().unwrap()), page());
        assert_eq!(coded("deflate", deflate.finish().unwrap()), page());
        assert_eq!(coded("identity", b"page".to_vec()), page());
        assert_eq!(coded("br", b"page".to_vec()), Err(Failure::Malformed));
        assert_eq!(coded("gzip", b"page".to_vec()), Err(Failure::Malformed));
        assert_eq!(coded("gzip", vec![]), Ok((vec![], true)));
    }

    /// A stream that nobody may read on to.
    struct Trap;

    impl Read for Trap {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            panic!("read on beyond the bound")
        }
    }

    #[test]
    fn no_more_is_unpacked_than_is_kept() {
        let endless = std::io::repeat(b'x')
            .take(LONGEST_BODY as u64 + 1)
            .chain(Trap);
        let (body, ended) = inflated(endless).unwrap();
        assert_eq!((body.len(), ended), (LONGEST_BODY, false));
        let fitting = std::io::repeat(b'x').take(LONGEST_BODY as u64);
        assert!(inflated(fitting).unwrap().1);
    }

    #[test]
    fn a_stream_that_breaks_off_is_cut_off() {
        let noise: Vec<u8> = (0..100_000_u32)
            .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[1])
            .collect();
        let mut raw = gzip(&noise);
        raw.truncate(raw.len() / 2);
        let (body, ended) = coded("gzip", raw).unwrap();
        assert!(!ended && !body.is_empty() && noise.starts_with(&body));
    }
}
