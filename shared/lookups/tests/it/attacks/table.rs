//! The attacks: what is tried, and what the look comes to.

use std::io::Write;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;

use crate::hostile::{Attack, Does};
use crate::world::{AMPLE, SHORT};

/// One attack.
pub(super) struct Row {
    /// What is tried.
    pub(super) attack: &'static str,
    /// The filed home page; `PORT` stands for one where nobody may connect to.
    pub(super) url: &'static str,
    /// What its host does.
    pub(super) does: Option<Attack>,
    /// The look's own deadline.
    pub(super) within: Duration,
    /// What the look comes to.
    pub(super) ends: &'static str,
    /// Requests that its host gets.
    pub(super) requests: usize,
}

/// An attack by the URL or the name: no request is ever made.
const fn inside(attack: &'static str, url: &'static str) -> Row {
    Row {
        attack,
        url,
        does: None,
        within: AMPLE,
        ends: "Forbidden",
        requests: 0,
    }
}

/// An attack by what the host answers.
const fn by(
    attack: &'static str,
    url: &'static str,
    does: Attack,
    requests: usize,
    ends: &'static str,
) -> Row {
    Row {
        attack,
        url,
        does: Some(does),
        within: AMPLE,
        ends,
        requests,
    }
}

/// An attack that only the look's deadline ends.
const fn slow(attack: &'static str, url: &'static str, does: Attack) -> Row {
    Row {
        within: SHORT,
        ..by(attack, url, does, 1, "TimedOut")
    }
}

/// An attack over TLS, by servers of their own.
const fn tls(attack: &'static str, url: &'static str, within: Duration, ends: &'static str) -> Row {
    Row {
        within,
        ends,
        ..inside(attack, url)
    }
}

pub(super) const ATTACKS: &[Row] = &[
    // Hosts that are addresses, in every spelling.
    inside("an address", "http://127.0.0.1/"),
    inside("a decimal address", "http://2130706433/"),
    inside("an octal address", "http://0177.0.0.1/"),
    inside("a hexadecimal address", "http://0x7f000001/"),
    inside("a short address", "http://127.1/"),
    inside("an address in circled digits", "http://①②⑦.⓪.⓪.①/"),
    inside("an address with ideographic stops", "http://127。0。0。1/"),
    inside("an address in percent signs", "http://%31%32%37.0.0.1/"),
    inside("an IPv6 address", "http://[::1]/"),
    inside("a mapped address", "http://[::ffff:127.0.0.1]/"),
    inside("a NAT64 address", "http://[64:ff9b::7f00:1]/"),
    inside("localhost in full width", "http://ｌｏｃａｌｈｏｓｔ/"),
    // Other ways past the host.
    inside("another port", "http://healthy.example.cn:PORT/"),
    inside("credentials", "http://healthy:secret@healthy.example.cn/"),
    inside("another scheme", "gopher://healthy.example.cn/"),
    inside("a file", "file:///etc/passwd"),
    // Names that lead inside.
    inside("a private name", "http://private.example.cn/"),
    inside("a name of the metadata", "http://metadata.example.cn/"),
    inside("a name of Aliyun's metadata", "http://aliyun.example.cn/"),
    inside("a name at this machine", "http://six.example.cn/"),
    inside("a name at a mapped address", "http://mapped.example.cn/"),
    inside("a name behind NAT64", "http://nat64.example.cn/"),
    inside("one address of two", "http://mixed.example.cn/"),
    inside("an alias of a private name", "http://alias.example.cn/"),
    // Redirects that lead inside.
    by(
        "redirect to the metadata",
        "http://r1.example.cn/",
        |_, _| redirect("http://169.254.169.254/latest/meta-data/"),
        1,
        "Forbidden",
    ),
    by(
        "redirect to a decimal address",
        "http://r2.example.cn/",
        |_, _| redirect("http://2852039166/"),
        1,
        "Forbidden",
    ),
    by(
        "redirect to IPv6",
        "http://r3.example.cn/",
        |_, port| redirect(&format!("http://[::1]:{port}/")),
        1,
        "Forbidden",
    ),
    by(
        "redirect to a private name",
        "http://r4.example.cn/",
        |_, _| redirect("//private.example.cn/"),
        1,
        "Forbidden",
    ),
    by(
        "redirect to another port",
        "http://r5.example.cn/",
        |_, port| redirect(&format!("http://healthy.example.cn:{port}/")),
        1,
        "Forbidden",
    ),
    by(
        "redirect to a file",
        "http://r6.example.cn/",
        |_, _| redirect("file:///etc/passwd"),
        1,
        "Forbidden",
    ),
    by(
        "redirect with credentials",
        "http://r7.example.cn/",
        |_, _| redirect("http://a:b@healthy.example.cn/"),
        1,
        "Forbidden",
    ),
    by(
        "redirect in backslashes",
        "http://r8.example.cn/",
        |_, _| redirect(r"http:\\169.254.169.254\latest"),
        1,
        "Forbidden",
    ),
    by(
        "redirect to no URL",
        "http://r9.example.cn/",
        |_, _| redirect("http://["),
        1,
        "Malformed",
    ),
    // Ways without an end.
    by(
        "10,000 redirects",
        "http://chain.example.cn/10000",
        |path, _| chain(path),
        6,
        "TooManyRedirects",
    ),
    by(
        "a redirect to itself",
        "http://circle.example.cn/",
        |_, _| redirect("/"),
        6,
        "TooManyRedirects",
    ),
    by(
        "a redirect that grows",
        "http://grows.example.cn/",
        |path, _| redirect(&format!("{path}{}", "x".repeat(700))),
        3,
        "Forbidden",
    ),
    slow("silence", "http://mute.example.cn/", |_, _| Does::Waits),
    slow("a head that drips", "http://drip1.example.cn/", |_, _| {
        Does::Drips(OK.to_vec(), b"x".to_vec())
    }),
    slow("a body that drips", "http://drip2.example.cn/", |_, _| {
        Does::Drips(page(""), b"x".to_vec())
    }),
    slow(
        "early hints without an end",
        "http://hints.example.cn/",
        |_, _| Does::Floods(vec![], b"HTTP/1.1 103 x\r\n\r\n".repeat(999)),
    ),
    by(
        "headers without an end",
        "http://head.example.cn/",
        |_, _| Does::Floods(OK.to_vec(), b"x-more: more\r\n".repeat(999)),
        1,
        "Malformed",
    ),
    by(
        "one header without an end",
        "http://line.example.cn/",
        |_, _| Does::Floods(OK.to_vec(), vec![b'x'; 9999]),
        1,
        "Malformed",
    ),
    by(
        "a body without an end",
        "http://body.example.cn/",
        |_, _| Does::Floods(page(""), vec![b'x'; 9999]),
        1,
        "200, cut off",
    ),
    by(
        "a page of 50 MB",
        "http://mega.example.cn/",
        |_, _| Does::Floods(sized(50 << 20), vec![b'x'; 9999]),
        1,
        "200, cut off",
    ),
    by(
        "a chunk's extension without an end",
        "http://chunk.example.cn/",
        |_, _| Does::Floods(chunked("1;"), vec![b'x'; 9999]),
        1,
        "ConnectionBroken",
    ),
    by(
        "trailers without an end",
        "http://trailer.example.cn/",
        |_, _| Does::Floods(chunked("0\r\n"), b"x-more: more\r\n".repeat(999)),
        1,
        "ConnectionBroken",
    ),
    by(
        "a page that unpacks without an end",
        "http://bomb.example.cn/",
        |_, _| bomb(),
        1,
        "200, cut off",
    ),
    // Answers that are none.
    by(
        "another protocol",
        "http://ssh.example.cn/",
        |_, _| says(b"SSH-2.0-OpenSSH_9.6\r\n"),
        1,
        "Malformed",
    ),
    by(
        "two lengths",
        "http://lengths.example.cn/",
        |_, _| says(b"HTTP/1.1 200 x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx"),
        1,
        "Malformed",
    ),
    by(
        "a length that overflows",
        "http://over.example.cn/",
        |_, _| says(b"HTTP/1.1 200 x\r\ncontent-length: 18446744073709551616\r\n\r\nx"),
        1,
        "Malformed",
    ),
    by(
        "a chunk that overflows",
        "http://overchunk.example.cn/",
        |_, _| Does::Says(chunked("fffffffffffffffff\r\n")),
        1,
        "ConnectionBroken",
    ),
    by(
        "a switch of protocols",
        "http://switch.example.cn/",
        |_, _| says(b"HTTP/1.1 101 x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\nxx"),
        1,
        "101",
    ),
    by(
        "less than it promised",
        "http://less.example.cn/",
        |_, _| Does::Says(sized(999)),
        1,
        "ConnectionBroken",
    ),
    // Bodies made against a reader.
    by(
        "a wrong charset",
        "http://charset.example.cn/",
        |_, _| wrong_charset(),
        1,
        "200 网站, 1 number",
    ),
    by(
        "an unknown charset",
        "http://unknown.example.cn/",
        |_, _| says(b"HTTP/1.1 200 x\r\ncontent-type: text/html; charset=\"\x00x\r\n\r\nx"),
        1,
        "Malformed",
    ),
    by(
        "noise",
        "http://noise.example.cn/",
        |_, _| Does::Says(page_of(&[0xff, 0x80].repeat(9999))),
        1,
        "Malformed",
    ),
    by(
        "a deep page",
        "http://deep.example.cn/",
        |_, _| Does::Says(filled("<div>")),
        1,
        "200",
    ),
    by(
        "a page of tables in tables",
        "http://tables.example.cn/",
        |_, _| Does::Says(filled("<table><tr><td>")),
        1,
        "200",
    ),
    by(
        "a huge tag",
        "http://tag.example.cn/",
        |_, _| {
            Does::Says(page_of(
                format!("<a {}>", "x=1 ".repeat(250_000)).as_bytes(),
            ))
        },
        1,
        "200",
    ),
    by(
        "open comments",
        "http://comments.example.cn/",
        |_, _| Does::Says(filled("<!-")),
        1,
        "200",
    ),
    by(
        "crossed elements",
        "http://crossed.example.cn/",
        |_, _| Does::Says(filled("<b><p></b>")),
        1,
        "200",
    ),
    by(
        "a million links",
        "http://links.example.cn/",
        |_, _| Does::Says(filled("<a href=//beian.miit.gov.cn.x>")),
        1,
        "200",
    ),
    // Bad TLS.
    tls(
        "a certificate of long ago",
        "https://old.example.cn/",
        AMPLE,
        "200 示例, 1 number, not trusted",
    ),
    tls(
        "a certificate of its own",
        "https://own.example.cn/",
        AMPLE,
        "200 示例, 1 number, not trusted",
    ),
    tls(
        "a name without a certificate",
        "https://none.example.cn/",
        AMPLE,
        "Malformed",
    ),
    tls("no TLS", "https://blunt.example.cn/", AMPLE, "Malformed"),
    tls(
        "TLS that never begins",
        "https://silent.example.cn/",
        SHORT,
        "TimedOut",
    ),
];

const OK: &[u8] = b"HTTP/1.1 200 x\r\n";

fn says(all: &[u8]) -> Does {
    Does::Says(all.to_vec())
}

fn redirect(to: &str) -> Does {
    Does::Says(format!("HTTP/1.1 302 x\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n").into())
}

/// `/n` leads to `/n-1`.
fn chain(path: &str) -> Does {
    let more: u32 = path.trim_start_matches('/').parse().unwrap();
    redirect(&format!("/{}", more - 1))
}

fn page(body: &str) -> Vec<u8> {
    page_of(body.as_bytes())
}

/// A page that ends with its connection.
fn page_of(body: &[u8]) -> Vec<u8> {
    [OK, b"content-type: text/html\r\n\r\n", body].concat()
}

fn sized(length: usize) -> Vec<u8> {
    let length = format!("content-length: {length}\r\n\r\nx");
    [OK, length.as_bytes()].concat()
}

fn chunked(body: &str) -> Vec<u8> {
    let head = b"transfer-encoding: chunked\r\n\r\n".as_slice();
    [OK, head, body.as_bytes()].concat()
}

/// A page of half a megabyte.
fn filled(unit: &str) -> Vec<u8> {
    page(&unit.repeat((1 << 19) / unit.len()))
}

fn bomb() -> Does {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&vec![b'x'; 16 << 20]).unwrap();
    let packed = encoder.finish().unwrap();
    let head = b"content-encoding: gzip\r\n\r\n".as_slice();
    Does::Says([OK, head, &packed].concat())
}

fn wrong_charset() -> Does {
    let (body, _, _) = encoding_rs::GBK.encode("<title>网站</title>粤ICP备12345678号");
    let head = b"content-type: text/html; charset=utf-8\r\n\r\n".as_slice();
    Does::Says([OK, head, &body].concat())
}

pub(super) fn healthy(_: &str, _: u16) -> Does {
    Does::Says(page(
        "<meta charset=utf-8><title>示例</title>京ICP备12345678号-1",
    ))
}

pub(super) fn healthy_over_tls(_: &Request<Incoming>) -> Response<Full<Bytes>> {
    Response::new("<title>示例</title>京ICP备12345678号-1".into())
}

/// A site that does what it should.
pub(super) const HEALTHY: Row = by(
    "none",
    "http://healthy.example.cn/",
    healthy,
    1,
    "200 示例, 1 number",
);
