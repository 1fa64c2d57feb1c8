//! What the pages must know of this deployment, and what a browser lets them reach.

use axum::body::Bytes;
use icp_runtime::{Environment, Start, StartError};
use serde::Serialize;
use url::Url;

use crate::files::File;

/// What the pages must know of this deployment. Nothing in it is secret.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Settings {
    /// Where filers sign in.
    filers: SignIn,
    /// Where staff do.
    staff: SignIn,
    /// The claim of a token that names the account.
    account_claim: String,
    /// The claim that names the role.
    role_claim: String,
    /// Where files are uploaded to and read from.
    #[serde(skip)]
    files_origin: String,
    /// Further origins that signing in reaches: endpoints of an issuer that are not at its own.
    #[serde(skip)]
    sign_in_origins: Vec<String>,
}

/// An issuer of tokens, and as what the pages are registered there.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SignIn {
    /// The issuer; its endpoints are found from it (`OpenID` Connect Discovery 1.0).
    issuer: String,
    /// The client id of the pages.
    client: String,
    /// The scopes that a token is asked for with, parted by blanks.
    scope: String,
}

impl SignIn {
    fn of(
        environment: &Environment,
        issuer: &'static str,
        client: &'static str,
    ) -> Result<Self, StartError> {
        let text = |name, wanted| environment.required(name, wanted).map(str::to_owned);
        Ok(Self {
            issuer: text(
                issuer,
                "the issuer of tokens, such as https://sign-in.example.cn",
            )?,
            client: text(client, "the client id of the pages at that issuer")?,
            scope: text(
                "ICP_SIGN_IN_SCOPE",
                "scopes parted by blanks, such as openid",
            )?,
        })
    }
}

impl Settings {
    /// The settings that the environment names.
    pub(crate) fn of(start: &Start) -> Result<Self, StartError> {
        let environment = &start.environment;
        let text = |name, wanted| environment.required(name, wanted).map(str::to_owned);
        Ok(Self {
            filers: SignIn::of(environment, "ICP_FILER_ISSUER", "ICP_FILER_CLIENT")?,
            staff: SignIn::of(environment, "ICP_STAFF_ISSUER", "ICP_STAFF_CLIENT")?,
            account_claim: text("ICP_ACCOUNT_CLAIM", "the name of a claim")?,
            role_claim: text("ICP_ROLE_CLAIM", "the name of a claim")?,
            files_origin: text(
                "ICP_FILES_ORIGIN",
                "where the bucket answers, such as https://…",
            )?,
            sign_in_origins: environment
                .optional("ICP_SIGN_IN_ORIGINS")
                .unwrap_or_default()
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
        })
    }

    /// As the pages read them.
    pub(crate) fn file(&self) -> File {
        // Texts are always written as JSON.
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        File::new("application/json", Bytes::from(bytes), None)
    }

    /// The Content-Security-Policy of the pages: scripts and styles of our own; calls to this API, the bucket and the
    /// issuers; pictures and papers that were read from a file. `wasm-unsafe-eval` lets the decoder of HEIC
    /// photos run, and no other code that is made from text.
    pub(crate) fn policy(&self) -> String {
        let files = &self.files_origin;
        let mut reached = vec![files.clone()];
        reached.extend(self.sign_in_origins.clone());
        reached.extend(
            [&self.filers, &self.staff]
                .into_iter()
                .filter_map(|at| origin(&at.issuer)),
        );
        reached.sort();
        reached.dedup();
        let reached = reached.join(" ");
        format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self' {reached}; \
             img-src 'self' blob:; frame-src blob:; worker-src 'self' blob:; manifest-src 'self'; \
             form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        )
    }
}

/// Scheme, host and port of an address.
fn origin(address: &str) -> Option<String> {
    let origin = Url::parse(address).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_reaches_the_api_the_bucket_and_the_issuers_alone() {
        let sign_in = |issuer: &str| SignIn {
            issuer: issuer.to_owned(),
            client: "pages".to_owned(),
            scope: "openid".to_owned(),
        };
        let settings = Settings {
            filers: sign_in("https://sign-in.example.cn/filers"),
            staff: sign_in("https://sign-in.example.cn/staff"),
            account_claim: "account".to_owned(),
            role_claim: "role".to_owned(),
            files_origin: "https://files.example.cn".to_owned(),
            sign_in_origins: vec!["https://token.example.cn".to_owned()],
        };
        let policy = settings.policy();
        let connects = policy
            .split("; ")
            .find(|part| part.starts_with("connect-src"));
        let reached = "connect-src 'self' https://files.example.cn https://sign-in.example.cn \
                       https://token.example.cn";
        assert_eq!(connects, Some(reached));
        assert!(policy.starts_with("default-src 'none'; script-src 'self'"));
        assert!(!policy.contains("unsafe-inline"));
    }
}
