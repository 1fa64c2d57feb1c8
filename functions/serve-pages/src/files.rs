//! The files of the pages, in memory: they are few and small.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use axum::body::Bytes;
use http::HeaderValue;
use icp_runtime::StartError;
use sha2::{Digest, Sha256};

/// The page that every other path shows.
const FRONT: &str = "index.html";

/// The end of the name of a file's copy that is compressed already.
const BROTLI: &str = ".br";

/// Kinds of files, by the ends of their names.
const MEDIA_TYPES: &[(&str, &str)] = &[
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("json", "application/json"),
    ("svg", "image/svg+xml"),
    ("txt", "text/plain; charset=utf-8"),
    ("wasm", "application/wasm"),
];

/// A file.
pub(crate) struct File {
    pub(crate) media_type: &'static str,
    /// What changes with its contents.
    pub(crate) tag: HeaderValue,
    bytes: Bytes,
    brotli: Option<Bytes>,
}

impl File {
    pub(crate) fn new(media_type: &'static str, bytes: Bytes, brotli: Option<Bytes>) -> Self {
        // Letters and digits within quotes are a header's value.
        let tag = HeaderValue::try_from(format!("\"{}\"", hex::encode(Sha256::digest(&bytes))));
        Self {
            media_type,
            tag: tag.unwrap_or(HeaderValue::from_static("\"\"")),
            bytes,
            brotli,
        }
    }

    /// The bytes as they are sent, and the name of their encoding where they have one.
    pub(crate) fn in_encoding(&self, encoding: Encoding) -> (Bytes, Option<&'static str>) {
        match (&self.brotli, encoding) {
            (Some(brotli), Encoding::Brotli) => (brotli.clone(), Some("br")),
            (Some(_) | None, Encoding::Plain) | (None, Encoding::Brotli) => {
                (self.bytes.clone(), None)
            }
        }
    }
}

/// How bytes are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Plain,
    Brotli,
}

impl Encoding {
    /// The best that the values of `Accept-Encoding` allow.
    pub(crate) fn accepted<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let takes_brotli = |entry: &str| {
            let mut parts = entry.split(';').map(str::trim);
            let named = parts.next() == Some("br");
            named && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        };
        let mut entries = values.flat_map(|value| value.split(','));
        if entries.any(|entry| takes_brotli(entry.trim())) {
            Self::Brotli
        } else {
            Self::Plain
        }
    }
}

/// Every file, by its path below the folder.
pub(crate) struct Files {
    front: File,
    others: BTreeMap<String, File>,
}

impl Files {
    /// Reads the folder.
    pub(crate) fn read(folder: &Path) -> Result<Self, StartError> {
        let mut found = BTreeMap::new();
        collect(folder, "", &mut found).map_err(|error| {
            let (folder, hint) = (folder.display(), "`npm run build` in pages/ makes it");
            StartError::Part(format!(
                "the pages in {folder} cannot be read ({error}); {hint}"
            ))
        })?;
        let mut files = BTreeMap::new();
        for (name, bytes) in &found {
            let end = name.rsplit('.').next().unwrap_or_default();
            let known = MEDIA_TYPES.iter().find(|(known, _)| *known == end);
            if let Some((_, media_type)) = known {
                let brotli = found.get(&format!("{name}{BROTLI}")).cloned();
                files.insert(name.clone(), File::new(media_type, bytes.clone(), brotli));
            }
        }
        let front = files.remove(FRONT).ok_or_else(|| {
            StartError::Part(format!("the pages in {} have no {FRONT}", folder.display()))
        })?;
        Ok(Self {
            front,
            others: files,
        })
    }

    /// The page.
    pub(crate) fn front(&self) -> &File {
        &self.front
    }

    /// The file of a path.
    pub(crate) fn named(&self, path: &str) -> Option<&File> {
        self.others.get(path)
    }
}

fn collect(folder: &Path, below: &str, found: &mut BTreeMap<String, Bytes>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), found)?;
        } else {
            found.insert(name, std::fs::read(entry.path())?.into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brotli_goes_to_who_takes_it() {
        let check = |values: &[&str], expected| {
            assert_eq!(
                Encoding::accepted(values.iter().copied()),
                expected,
                "{values:?}"
            );
        };
        check(&[], Encoding::Plain);
        check(&["gzip, deflate"], Encoding::Plain);
        check(&["gzip, deflate, br, zstd"], Encoding::Brotli);
        check(&["gzip", "br;q=0.5"], Encoding::Brotli);
        check(&["br;q=0"], Encoding::Plain);
        check(&["brotli"], Encoding::Plain);
    }

    #[test]
    fn a_folder_without_the_page_says_which_and_how_it_is_made() {
        let missing = Files::read(Path::new("/nowhere/pages")).err().unwrap();
        assert!(missing.to_string().contains("npm run build"), "{missing}");
        let sources = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
        let empty = Files::read(sources).err().unwrap();
        assert!(empty.to_string().ends_with("have no index.html"), "{empty}");
    }
}
