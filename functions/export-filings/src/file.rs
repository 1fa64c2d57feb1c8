//! Making one file of the chunks, a piece at a time.

use icp_store::StoreError;
use icp_store::files::Files;
use icp_store::records::{Export, ExportFormat};
use icp_tables::{BYTE_ORDER_MARK, Book, csv_line, json_line};
use icp_use_cases::export_filings::{ExportRow, chunk_key, columns, file_key};

/// Bytes of a piece: S3 takes none under 5 MB but the last.
///
/// Source: Amazon S3, multipart upload limits.
const PIECE: usize = 8 * 1024 * 1024;

/// Makes the file of an export; made again, it is the same.
pub(crate) async fn assemble(
    files: &Files,
    export: &Export,
    chunks: u32,
) -> Result<(), StoreError> {
    match export.format {
        ExportFormat::Csv | ExportFormat::JsonLines => text(files, export, chunks).await,
        ExportFormat::Xlsx => workbook(files, export, chunks).await,
    }
}

async fn rows(files: &Files, export: &Export, chunk: u32) -> Result<Vec<ExportRow>, StoreError> {
    let bytes = files.read(&chunk_key(&export.id, chunk)).await?;
    let bytes = bytes.unwrap_or_default();
    let lines = bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    lines
        .map(|line| serde_json::from_slice(line).map_err(StoreError::unavailable))
        .collect()
}

async fn text(files: &Files, export: &Export, chunks: u32) -> Result<(), StoreError> {
    let columns = columns(export.what);
    let mut writing = Writing::begin(files, export);
    if export.format == ExportFormat::Csv {
        writing.buffer.extend_from_slice(BYTE_ORDER_MARK.as_bytes());
        let line = csv_line(&header(export)).map_err(StoreError::unavailable)?;
        writing.buffer.extend(line);
    }
    for chunk in 0..chunks {
        for row in rows(files, export, chunk).await? {
            let line = if export.format == ExportFormat::Csv {
                csv_line(&row)
            } else {
                json_line(&columns, &row)
            };
            writing
                .buffer
                .extend(line.map_err(StoreError::unavailable)?);
        }
        writing.flush(PIECE).await?;
    }
    writing.finish().await
}

async fn workbook(files: &Files, export: &Export, chunks: u32) -> Result<(), StoreError> {
    let mut book = Book::begun(vec![header(export)]);
    for chunk in 0..chunks {
        for row in rows(files, export, chunk).await? {
            book.add(&row).map_err(StoreError::unavailable)?;
        }
    }
    let bytes = book.bytes().map_err(StoreError::unavailable)?;
    let mut writing = Writing::begin(files, export);
    for piece in bytes.chunks(PIECE) {
        writing.buffer.extend_from_slice(piece);
        writing.flush(PIECE).await?;
    }
    writing.finish().await
}

fn header(export: &Export) -> Vec<String> {
    let columns = columns(export.what).into_iter();
    columns.map(str::to_owned).collect()
}

/// A file that is being written, piece by piece.
struct Writing<'a> {
    files: &'a Files,
    key: String,
    media_type: &'static str,
    upload: Option<String>,
    tags: Vec<String>,
    buffer: Vec<u8>,
}

impl<'a> Writing<'a> {
    fn begin(files: &'a Files, export: &Export) -> Self {
        Self {
            files,
            key: file_key(export),
            media_type: export.format.media_type(),
            upload: None,
            tags: Vec::new(),
            buffer: Vec::new(),
        }
    }

    /// Writes a piece, once there is enough for one.
    async fn flush(&mut self, least: usize) -> Result<(), StoreError> {
        if self.buffer.len() < least {
            return Ok(());
        }
        let upload = if let Some(upload) = &self.upload {
            upload.clone()
        } else {
            let begun = self.files.begin(&self.key, self.media_type).await?;
            self.upload.insert(begun).clone()
        };
        let number = i32::try_from(self.tags.len()).unwrap_or(i32::MAX) + 1;
        let piece = std::mem::take(&mut self.buffer);
        let tag = self
            .files
            .write_part(&self.key, &upload, number, piece)
            .await?;
        self.tags.push(tag);
        Ok(())
    }

    async fn finish(mut self) -> Result<(), StoreError> {
        if self.upload.is_none() {
            let whole = std::mem::take(&mut self.buffer);
            return self.files.write(&self.key, self.media_type, whole).await;
        }
        if !self.buffer.is_empty() {
            self.flush(0).await?;
        }
        let upload = self.upload.unwrap_or_default();
        self.files.finish(&self.key, &upload, &self.tags).await
    }
}
