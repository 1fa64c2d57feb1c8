//! Cutting records off a stream of bytes.
//!
//! **Invariant:** no record is longer than the longest; what is, or whose quote never ends, costs its
//! own line and no other.

/// What stands at the beginning of a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// A record of so many bytes, its end included.
    Record(usize),
    /// So many bytes of a line that is too long, its end included.
    Overlong(usize),
    /// So many bytes of a line that is too long, and goes on.
    OverlongGoesOn(usize),
    /// More bytes are needed to say.
    More,
}

/// Where in a line of CSV a byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    /// At the beginning of a cell, where alone a quote opens one.
    Start,
    /// In a cell without quotes, or behind a closed quote.
    Cell,
    /// Between quotes.
    Quotes,
    /// Behind a quote between quotes: it closes them, unless another follows.
    Quote,
}

/// The first record of `buffer`, which goes on unless it is `whole`. A line may end within quotes,
/// which open behind one of `delimiters`; where there are none, every line is a record.
pub fn cut(buffer: &[u8], whole: bool, longest: usize, delimiters: &[u8]) -> Cut {
    let mut within = Within::Start;
    // The mark of UTF-8 is no part of the first cell.
    let mark = if buffer.starts_with(b"\xef\xbb\xbf") {
        3
    } else {
        0
    };
    for (at, byte) in buffer.iter().enumerate().skip(mark) {
        if longest <= at {
            return overlong(buffer);
        }
        within = match (within, byte) {
            (Within::Quotes, b'"') => Within::Quote,
            (Within::Quotes, _) => Within::Quotes,
            (_, b'\n') => return Cut::Record(at + 1),
            (Within::Quote, b'"') => Within::Quotes,
            (Within::Start, b'"') if !delimiters.is_empty() => Within::Quotes,
            (_, byte) if delimiters.contains(byte) => Within::Start,
            (Within::Start | Within::Cell | Within::Quote, _) => Within::Cell,
        };
    }
    match (whole, within) {
        (false, _) => Cut::More,
        // A quote that the file never closes.
        (true, Within::Quotes) => overlong(buffer),
        (true, _) if buffer.is_empty() => Cut::More,
        (true, _) => Cut::Record(buffer.len()),
    }
}

fn overlong(buffer: &[u8]) -> Cut {
    match buffer.iter().position(|byte| *byte == b'\n') {
        Some(end) => Cut::Overlong(end + 1),
        None => Cut::OverlongGoesOn(buffer.len()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every record of a text that arrives in pieces; `!` stands for a line that is too long.
    fn cuts(text: &str, longest: usize, piece: usize) -> Vec<String> {
        let (bytes, mut at, mut buffer) = (text.as_bytes(), 0, Vec::new());
        let (mut found, mut skipping) = (Vec::new(), false);
        loop {
            let whole = at == bytes.len();
            if skipping {
                let end = buffer.iter().position(|byte| *byte == b'\n');
                let drop = end.map_or(buffer.len(), |end| end + 1);
                skipping = end.is_none();
                buffer.drain(..drop);
                if skipping && whole {
                    return found;
                }
            }
            match cut(&buffer, whole, longest, b",") {
                Cut::Record(length) => {
                    let record: Vec<u8> = buffer.drain(..length).collect();
                    found.push(String::from_utf8(record).unwrap());
                    continue;
                }
                Cut::Overlong(length) => {
                    buffer.drain(..length);
                    found.push("!".to_owned());
                    continue;
                }
                Cut::OverlongGoesOn(length) => {
                    buffer.drain(..length);
                    found.push("!".to_owned());
                    skipping = true;
                }
                Cut::More if whole => return found,
                Cut::More => {}
            }
            let next = (at + piece).min(bytes.len());
            buffer.extend_from_slice(&bytes[at..next]);
            at = next;
        }
    }

    #[test]
    fn a_line_ends_within_quotes_and_a_bad_one_costs_itself_alone() {
        for (text, expected) in [
            ("a,b\nc,d\n", vec!["a,b\n", "c,d\n"]),
            ("a,b", vec!["a,b"]),
            ("a,\"x\ny\"\nb\n", vec!["a,\"x\ny\"\n", "b\n"]),
            ("a,\"x\nb\nc\n", vec!["!", "b\n", "c\n"]),
            // Within a cell without quotes a quote is a sign like any other.
            ("a,12\"\nb\n24\"\n", vec!["a,12\"\n", "b\n", "24\"\n"]),
            ("\"x\"\"\ny\"\nb\n", vec!["\"x\"\"\ny\"\n", "b\n"]),
            ("\u{feff}\"x\ny\"\nb\n", vec!["\u{feff}\"x\ny\"\n", "b\n"]),
            ("\"x\"y\"\nb\n", vec!["\"x\"y\"\n", "b\n"]),
            ("0123456789012345\nb\n", vec!["!", "b\n"]),
            ("", vec![]),
        ] {
            for piece in 1..8 {
                assert_eq!(cuts(text, 12, piece), expected, "{text:?} by {piece}");
            }
        }
    }

    proptest! {
        #[test]
        fn every_text_is_cut_to_its_end_and_the_same_however_it_arrives(
            text in "[ab\",\n]{0,80}", piece in 1usize..20,
        ) {
            prop_assert_eq!(cuts(&text, 16, piece), cuts(&text, 16, 1000));
        }

        #[test]
        fn what_is_cut_is_one_record_to_the_reader_of_cells(text in "[ab\",\n]{0,80}") {
            for record in cuts(&text, 1000, 1000).iter().filter(|record| *record != "!") {
                let lines = crate::cells::of_csv(record.as_bytes(), b',');
                prop_assert!(lines.is_ok(), "{:?}", record);
            }
        }
    }
}
