//! From bytes to text: which charset a page is in.
//!
//! **Invariant:** a charset is taken for what it says before it is guessed: byte order mark, HTTP
//! header, `meta` element, then UTF-8 and GB18030, the two that mainland pages are written in. A
//! name that does not decode the bytes gives way to the next.

use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use crate::look::Failure;

/// Bytes in which a `meta` element with a charset is looked for. The HTML standard says 1024;
/// pages with long comments on top are common.
const META_WINDOW: usize = 4096;
/// A charset is taken at once if at most one character in this many does not decode.
const CLEAN: usize = 1000;
/// Text in which more than one character in this many does not decode is no text.
const READABLE: usize = 10;

/// The body as text, or [`Failure::Malformed`].
pub(super) fn decode(body: &[u8], content_type: Option<&str>) -> Result<String, Failure> {
    let mut best: Option<(usize, usize, String)> = None;
    let (marked, body) = byte_order_mark(body);
    let named = [
        marked,
        content_type.and_then(charset_in),
        declared(body),
        Some(UTF_8),
        Some(GB18030),
    ];
    let mut tried: Vec<&Encoding> = Vec::new();
    for encoding in named.into_iter().flatten() {
        if tried.contains(&encoding) {
            continue;
        }
        tried.push(encoding);
        let (text, _) = encoding.decode_without_bom_handling(body);
        let broken = text
            .chars()
            .filter(|c| *c == char::REPLACEMENT_CHARACTER)
            .count();
        let all = text.chars().count();
        // One broken character is what a body that was cut in its middle leaves.
        if broken <= 1 + all / CLEAN && (broken < all || all == 0) {
            return Ok(text.into_owned());
        }
        if best.as_ref().is_none_or(|(fewest, _, _)| broken < *fewest) {
            best = Some((broken, all, text.into_owned()));
        }
    }
    match best {
        Some((broken, all, text)) if broken * READABLE <= all => Ok(text),
        Some(_) | None => Err(Failure::Malformed),
    }
}

fn byte_order_mark(body: &[u8]) -> (Option<&'static Encoding>, &[u8]) {
    match Encoding::for_bom(body) {
        Some((encoding, length)) => (Some(encoding), body.get(length..).unwrap_or_default()),
        None => (None, body),
    }
}

/// The charset named in a `Content-Type` value or a `meta` element's `content`.
fn charset_in(text: &str) -> Option<&'static Encoding> {
    let lower = text.to_ascii_lowercase();
    let (_, after) = lower.split_once("charset")?;
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let value = value.trim_start_matches(['"', '\'']);
    let name: String = value
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.'))
        .collect();
    Encoding::for_label(name.as_bytes())
}

/// The charset that the page itself names in a `meta` element or an XML declaration.
fn declared(body: &[u8]) -> Option<&'static Encoding> {
    let window = body.get(..META_WINDOW.min(body.len())).unwrap_or_default();
    let text = String::from_utf8_lossy(window).to_ascii_lowercase();
    let in_meta = text
        .split("<meta")
        .skip(1)
        .filter_map(|rest| rest.split('>').next())
        .find_map(charset_in);
    let in_declaration = || {
        let declaration = text.strip_prefix("<?xml")?.split("?>").next()?;
        let (_, after) = declaration.split_once("encoding")?;
        charset_in(&format!("charset{after}"))
    };
    // A page that could be read to find the name is not in UTF-16: the standard says UTF-8 then.
    in_meta.or_else(in_declaration).map(|encoding| {
        if encoding == UTF_16LE || encoding == UTF_16BE {
            UTF_8
        } else {
            encoding
        }
    })
}

#[cfg(test)]
mod tests {
    use encoding_rs::{BIG5, GBK};

    use super::*;

    const FOOTER: &str = "<p>京ICP备12345678号</p>";

    #[test]
    fn a_charset_is_found_where_it_is_named() {
        let (gbk, _, _) = GBK.encode(FOOTER);
        let (big5, _, _) = BIG5.encode("<p>滬ICP備12345678號</p>");
        let with_meta = [b"<meta charset=gb2312>".as_slice(), &gbk].concat();
        let with_content = [
            b"<META http-equiv=Content-Type content='text/html; charset=\"GBK\"'>".as_slice(),
            &gbk,
        ]
        .concat();
        let with_mark = ["\u{feff}".as_bytes(), FOOTER.as_bytes()].concat();
        let little: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(FOOTER.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let big: Vec<u8> = [0xfe, 0xff]
            .into_iter()
            .chain(FOOTER.encode_utf16().flat_map(u16::to_be_bytes))
            .collect();
        let says_utf16 = ["<meta charset=utf-16>", FOOTER].concat();
        let with_declaration = [
            b"<?xml version='1.0' encoding='gbk'?>".as_slice(),
            gbk.as_ref(),
        ]
        .concat();
        for (case, body, header) in [
            ("header", gbk.as_ref(), Some("text/html; charset=GB18030")),
            (
                "header in quotes",
                gbk.as_ref(),
                Some("text/html;Charset = \"gbk\""),
            ),
            ("meta charset", &with_meta, None),
            ("meta content", &with_content, Some("text/html")),
            (
                "mark over header",
                &with_mark,
                Some("text/html; charset=gbk"),
            ),
            ("UTF-16 mark", &little, None),
            ("UTF-16 mark, other order", &big, None),
            (
                "UTF-16 by header, without a mark",
                little.get(2..).unwrap(),
                Some("text/html; charset=utf-16le"),
            ),
            ("UTF-16 that could be read", says_utf16.as_bytes(), None),
            ("XML declaration", &with_declaration, Some("text/xml")),
            ("nothing, UTF-8", FOOTER.as_bytes(), None),
            ("nothing, GBK", gbk.as_ref(), None),
            (
                "a wrong name gives way",
                gbk.as_ref(),
                Some("text/html; charset=utf-8"),
            ),
            (
                "an unknown name gives way",
                FOOTER.as_bytes(),
                Some("text/html; charset=foo"),
            ),
        ] {
            let text = decode(body, header).unwrap();
            assert!(text.contains(FOOTER), "{case}: {text}");
        }
        let text = decode(&big5, Some("text/html; charset=big5")).unwrap();
        assert_eq!(text, "<p>滬ICP備12345678號</p>");
    }

    #[test]
    fn a_body_cut_within_a_character_is_read() {
        let bytes = FOOTER.as_bytes();
        let cut = &bytes[..bytes.len() - 5];
        assert!(
            decode(cut, Some("text/html; charset=utf-8"))
                .unwrap()
                .starts_with("<p>京ICP备")
        );
    }

    #[test]
    fn what_no_charset_decodes_is_malformed() {
        let noise: Vec<u8> = (0..2000_u32)
            .map(|n| if n % 2 == 0 { 0xff } else { 0x80 })
            .collect();
        assert_eq!(decode(&noise, None), Err(Failure::Malformed));
        assert_eq!(decode(b"", None), Ok(String::new()));
    }
}
