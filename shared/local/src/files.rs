//! Files of the data directory.
//!
//! **Invariant:** a log is appended to line by line; a last line without its end was cut off by the
//! end of the process and was never acknowledged, so it is dropped; any other line that does not
//! read is damage, and stops the start.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::LocalError;

/// Where the deployment keeps its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Nowhere: gone with the process.
    Memory,
    /// In this directory, which is made if need be.
    Directory(PathBuf),
}

impl Place {
    /// The path of a file, where there are files.
    pub(crate) fn file(&self, name: &str) -> Option<PathBuf> {
        match self {
            Self::Memory => None,
            Self::Directory(directory) => Some(directory.join(name)),
        }
    }

    /// Makes the directory and keeps other processes out for as long as the lock lives.
    pub(crate) fn lock(&self) -> Result<Option<File>, LocalError> {
        let Self::Directory(directory) = self else {
            return Ok(None);
        };
        std::fs::create_dir_all(directory).map_err(|source| io_at(directory, source))?;
        let path = directory.join("lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|source| io_at(&path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(std::fs::TryLockError::WouldBlock) => Err(LocalError::DirectoryInUse {
                path: directory.clone(),
            }),
            Err(std::fs::TryLockError::Error(source)) => Err(io_at(&path, source)),
        }
    }
}

/// One small JSON document.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, LocalError> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(io_at(path, source)),
    };
    serde_json::from_slice(&text)
        .map(Some)
        .map_err(|error| LocalError::Damaged {
            path: path.to_owned(),
            what: error.to_string(),
        })
}

/// Replaces the document in one step, so that a reader sees the old or the new.
pub(crate) fn write<T: Serialize>(path: &Path, value: &T) -> Result<(), LocalError> {
    let text = serde_json::to_vec(value).map_err(|error| io_at(path, error.into()))?;
    let beside = path.with_extension("new");
    std::fs::write(&beside, text).map_err(|source| io_at(&beside, source))?;
    std::fs::rename(&beside, path).map_err(|source| io_at(path, source))
}

/// A log of JSON lines.
pub(crate) struct Log {
    file: Option<(PathBuf, File)>,
}

impl Log {
    /// Opens the log; gives what it holds.
    pub(crate) fn open<T: DeserializeOwned>(
        place: &Place,
        name: &str,
    ) -> Result<(Self, Vec<T>), LocalError> {
        let Some(path) = place.file(name) else {
            return Ok((Self { file: None }, Vec::new()));
        };
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(source) => return Err(io_at(&path, source)),
        };
        let whole = text
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let (lines, _cut_off) = text.split_at(whole);
        let mut entries = Vec::new();
        for (index, line) in lines.split(|byte| *byte == b'\n').enumerate() {
            if line.is_empty() {
                continue;
            }
            entries.push(
                serde_json::from_slice(line).map_err(|error| LocalError::Damaged {
                    path: path.clone(),
                    what: format!("line {}: {error}", index + 1),
                })?,
            );
        }
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(|source| io_at(&path, source))?;
        file.set_len(whole as u64)
            .map_err(|source| io_at(&path, source))?;
        Ok((
            Self {
                file: Some((path, file)),
            },
            entries,
        ))
    }

    /// Replaces everything by `entries`, in one step.
    pub(crate) fn rewrite<T: Serialize>(&mut self, entries: &[T]) -> Result<(), LocalError> {
        let Some((path, file)) = &mut self.file else {
            return Ok(());
        };
        let beside = path.with_extension("new");
        *file = File::create(&beside).map_err(|source| io_at(&beside, source))?;
        let kept = path.clone();
        self.append(entries)?;
        std::fs::rename(&beside, &kept).map_err(|source| io_at(&kept, source))
    }

    /// Adds `entries`.
    pub(crate) fn append<T: Serialize>(&mut self, entries: &[T]) -> Result<(), LocalError> {
        let Some((path, file)) = &mut self.file else {
            return Ok(());
        };
        let mut lines = Vec::new();
        for entry in entries {
            serde_json::to_writer(&mut lines, entry).map_err(|error| io_at(path, error.into()))?;
            lines.push(b'\n');
        }
        file.write_all(&lines).map_err(|source| io_at(path, source))
    }
}

pub(crate) fn io_at(path: &Path, source: io::Error) -> LocalError {
    LocalError::Io {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(directory: &Path) -> Result<Vec<u32>, LocalError> {
        let place = Place::Directory(directory.to_owned());
        Log::open::<u32>(&place, "log.jsonl").map(|(_, entries)| entries)
    }

    #[test]
    fn a_line_cut_off_by_the_end_of_the_process_is_dropped() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("log.jsonl"), "1\n2\n3").unwrap();
        assert_eq!(opened(directory.path()).unwrap(), [1, 2]);
        let place = Place::Directory(directory.path().to_owned());
        let (mut log, _) = Log::open::<u32>(&place, "log.jsonl").unwrap();
        log.append(&[4]).unwrap();
        assert_eq!(opened(directory.path()).unwrap(), [1, 2, 4]);
    }

    #[test]
    fn a_damaged_line_is_named_with_its_file_and_what_to_do() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("log.jsonl"), "1\nx\n3\n").unwrap();
        let text = opened(directory.path()).unwrap_err().to_string();
        assert!(text.contains("log.jsonl is damaged (line 2: "), "{text}");
        assert!(text.contains("to start anew"), "{text}");
    }

    #[test]
    fn one_directory_serves_one_process() {
        let directory = tempfile::tempdir().unwrap();
        let place = Place::Directory(directory.path().join("data"));
        let lock = place.lock().unwrap();
        assert!(matches!(
            place.lock(),
            Err(LocalError::DirectoryInUse { .. })
        ));
        drop(lock);
        assert!(place.lock().is_ok());
    }
}
