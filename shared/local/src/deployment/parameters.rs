//! What a local deployment gives the template's parameters.

use std::collections::BTreeMap;

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
