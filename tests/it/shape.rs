//! The shape of the project: what its files must say of each other.
//!
//! **Invariant:** nothing here runs the service. A test reads manifests, the template, sources and
//! tables, and fails where two of them disagree.

mod api;
mod crates;
mod features;
mod finding_life;
mod house;
mod metrics;
mod references;
mod resources;
mod template;
mod words;

use std::path::{Path, PathBuf};

/// The folder of the whole project.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

/// A file of the project.
fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The folders in `functions/`, which are the functions.
fn function_folders() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(root().join("functions"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(!names.is_empty(), "there are no functions");
    names
}

/// `submit-filing` as `SubmitFiling`.
fn pascal(name: &str) -> String {
    name.split('-')
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect()
}
