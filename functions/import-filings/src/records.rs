//! The records of a file that is read range by range.

use icp_store::StoreError;
use icp_store::files::Files;
use icp_tables::{Cut, DELIMITERS, cut};

/// Bytes that are read of a file at once.
const RANGE: u64 = 1024 * 1024;

/// A file that is read range by range, record by record.
pub(crate) struct Records<'a> {
    files: &'a Files,
    key: &'a str,
    /// Where the buffer begins in the file.
    place: u64,
    length: u64,
    buffer: Vec<u8>,
    /// Bytes of the buffer that are done with.
    done: usize,
    longest: usize,
    /// Behind which a quote opens; none where every line is a record.
    delimiters: &'static [u8],
}

/// One record, or a line that is too long.
pub(crate) enum Line {
    Record(Vec<u8>),
    Overlong,
}

impl<'a> Records<'a> {
    /// The records of a file of so many bytes, from `place` on.
    pub(crate) fn of(
        (files, key): (&'a Files, &'a str),
        (place, length): (u64, u64),
        longest: usize,
        is_csv: bool,
    ) -> Self {
        Self {
            files,
            key,
            place,
            length,
            buffer: Vec::new(),
            done: 0,
            longest,
            delimiters: if is_csv { &DELIMITERS } else { &[] },
        }
    }

    /// Says what stands between its cells.
    pub(crate) fn divided_by(&mut self, delimiter: u8) {
        let mut each = DELIMITERS.chunks(1);
        self.delimiters = each
            .find(|one| one.contains(&delimiter))
            .unwrap_or(&DELIMITERS);
    }

    pub(crate) async fn next(&mut self) -> Result<Option<Line>, StoreError> {
        loop {
            let rest = self.buffer.get(self.done..).unwrap_or_default();
            let whole = self.place + self.buffer.len() as u64 >= self.length;
            match cut(rest, whole, self.longest, self.delimiters) {
                Cut::Record(length) => {
                    let record = rest.get(..length).unwrap_or_default().to_vec();
                    self.done += length;
                    return Ok(Some(Line::Record(record)));
                }
                Cut::Overlong(length) => {
                    self.done += length;
                    return Ok(Some(Line::Overlong));
                }
                Cut::OverlongGoesOn(length) => {
                    self.done += length;
                    self.skip_line().await?;
                    return Ok(Some(Line::Overlong));
                }
                Cut::More if whole => return Ok(None),
                Cut::More => self.fill().await?,
            }
        }
    }

    /// Drops the rest of a line that is too long, range by range.
    async fn skip_line(&mut self) -> Result<(), StoreError> {
        loop {
            let rest = self.buffer.get(self.done..).unwrap_or_default();
            if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                self.done += end + 1;
                return Ok(());
            }
            self.done = self.buffer.len();
            if self.place + self.buffer.len() as u64 >= self.length {
                return Ok(());
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Result<(), StoreError> {
        self.buffer.drain(..self.done);
        self.place += self.done as u64;
        self.done = 0;
        let from = self.place + self.buffer.len() as u64;
        let more = self.files.range(self.key, from, RANGE).await?;
        if more.is_empty() {
            // Shorter than it was seen: what is there is all.
            self.length = from;
        }
        self.buffer.extend(more);
        Ok(())
    }

    /// Where the next record begins in the file.
    pub(crate) fn place(&self) -> u64 {
        self.place + self.done as u64
    }
}
