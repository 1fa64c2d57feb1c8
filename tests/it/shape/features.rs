//! Nothing is built twice: with tests and without them, each package has the same features.

use std::collections::BTreeSet;
use std::process::Command;

use super::root;

/// What cargo would build for these kinds of edges: name, version and features, a line each.
fn packages(edges: &str) -> BTreeSet<String> {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--workspace", "--locked", "--offline"])
        .args(["--prefix", "none", "--format", "{p} {f}", "--edges", edges])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        tree.status.success(),
        "{}",
        String::from_utf8_lossy(&tree.stderr)
    );
    let tree = String::from_utf8(tree.stdout).unwrap();
    tree.lines()
        .map(|line| line.trim_end_matches(" (*)").to_owned())
        .collect()
}

#[test]
fn a_package_is_built_alike_with_tests_and_without() {
    let without = packages("normal,build");
    let with = packages("normal,build,dev");
    let twice: Vec<&String> = without.difference(&with).collect();
    assert!(!without.is_empty());
    assert!(twice.is_empty(), "other features than in tests: {twice:#?}");
}
