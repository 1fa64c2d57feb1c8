//! What a local deployment gives the template's parameters.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::issuer::Issuers;

/// The parameters that a local deployment gives the template, for issuers under `base` and a mail relay at `relay`.
pub(crate) fn local_parameters(
    base: &str,
    relay: &str,
    given: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::from([
        ("FilerIssuer".to_owned(), Issuers::address(base, "Filers")),
        ("FilerAudience".to_owned(), "filers".to_owned()),
        ("StaffIssuer".to_owned(), Issuers::address(base, "Staff")),
        ("StaffAudience".to_owned(), "staff".to_owned()),
        (
            "ContactUrl".to_owned(),
            "http://127.0.0.1/who-looks".to_owned(),
        ),
        ("TencentSecretId".to_owned(), "local".to_owned()),
        ("TencentSecretKey".to_owned(), "local".to_owned()),
        ("TencentSmsApp".to_owned(), "1400000000".to_owned()),
        ("TencentEndpoint".to_owned(), base.to_owned()),
        ("MailRelay".to_owned(), relay.to_owned()),
        ("MailFrom".to_owned(), "beian@example.cn".to_owned()),
    ]);
    parameters.extend(given.clone());
    parameters
}

/// The variables that mean something else where all is on one machine reached at `base`: where files go, and where the
/// pages are.
pub(crate) fn local_environment(base: &str, pages: &Path) -> BTreeMap<String, String> {
    let pages = pages.to_string_lossy().into_owned();
    BTreeMap::from([
        ("ICP_FILES_ORIGIN".to_owned(), base.to_owned()),
        ("ICP_PAGES_DIR".to_owned(), pages),
    ])
}

/// The page as it is written, which needs no build: whoever does not look at pages is served this.
pub(crate) fn pages_source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pages/public")
}
