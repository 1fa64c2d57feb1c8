//! What is said of a file before it is uploaded: of a material, a base, a bureau's list.

use icp_domain::{Text, Violation};

/// What is wrong with a file's length and checksum: everything at once.
pub(crate) fn faults(bytes: u64, most: u64, sha256: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut broken = |field: &str, rule: &str, zh: String, en: String| {
        found.push(Violation::ours(field, rule, Text::new(zh, en)));
    };
    if !(1..=most).contains(&bytes) {
        broken(
            "/bytes",
            "file-length",
            format!("文件长度须为1至{most}字节"),
            format!("a file has 1 to {most} bytes"),
        );
    }
    if !is_sha256(sha256) {
        broken(
            "/sha256",
            "file-checksum",
            "须为32字节的base64".to_owned(),
            "the checksum is 32 bytes in base64".to_owned(),
        );
    }
    found
}

/// 32 bytes in base64, as S3 writes a SHA-256.
fn is_sha256(text: &str) -> bool {
    let body = text.strip_suffix('=').unwrap_or_default();
    let known = |c: u8| c.is_ascii_alphanumeric() || c == b'+' || c == b'/';
    body.len() == 43 && body.bytes().all(known)
}
