//! Cutting records off a stream of bytes.
//!
//! **Invariant:** no record is longer than the longest; what is, or whose quote never ends, costs its
//! own line and no other.

/// What stands at the beginning of a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// A record of so many bytes, its end included.
    Record(usize),
    /// So many bytes of a line that is too long, its end included.
    Overlong(usize),
    /// So many bytes of a line that is too long, and goes on.
    OverlongGoesOn(usize),
    /// More bytes are needed to say.
    More,
}

/// The first record of `buffer`, which goes on unless it is `whole`. Where `quotes` count, a line may
/// end within them.
pub(crate) fn cut(buffer: &[u8], whole: bool, longest: usize, quotes: bool) -> Cut {
    let mut open = false;
    for (at, byte) in buffer.iter().enumerate() {
        if longest <= at {
            return overlong(buffer);
        }
        match byte {
            b'"' if quotes => open = !open,
            b'\n' if !open => return Cut::Record(at + 1),
            _ => {}
        }
    }
    match (whole, open) {
        (false, _) => Cut::More,
        // A quote that the file never closes.
        (true, true) => overlong(buffer),
        (true, false) if buffer.is_empty() => Cut::More,
        (true, false) => Cut::Record(buffer.len()),
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
            match cut(&buffer, whole, longest, true) {
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
    }
}
