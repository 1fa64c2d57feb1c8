//! The local token issuers: one for each JWT authorizer of the template.
//!
//! **Invariant:** a token is accepted for the issuer and audience of the route's authorizer only,
//! and by the deployment's clock, as the gateway does it; the keys are kept with the data, so that
//! tokens outlive a restart.

mod sign_in;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Map, Value as Json, json};

use crate::clock::LocalClock;
use crate::error::LocalError;
use crate::files::{self, Place};
use crate::sync::locked;
use crate::template::{Api, Authorizer};

/// How long a token is good.
const LIFE: SignedDuration = SignedDuration::from_hours(12);
/// The authorizer of filers; everyone else is staff.
const FILERS: &str = "Filers";
const STAFF: &str = "Staff";

/// For whom a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The claim `role`.
    pub role: String,
    /// The claim `account`.
    pub account: String,
    /// The claim `sub`.
    pub sub: String,
}

/// All local issuers.
pub struct Issuers {
    by_authorizer: BTreeMap<String, Issuer>,
    clock: LocalClock,
    codes: sign_in::Codes,
    /// Accounts whose filers got tokens: signing in offers them.
    accounts: Mutex<BTreeSet<String>>,
}

struct Issuer {
    authorizer: Authorizer,
    signing: EncodingKey,
    checking: DecodingKey,
    x: String,
    y: String,
}

impl Issuers {
    /// The address of an authorizer's issuer under `base`.
    pub fn address(base: &str, authorizer: &str) -> String {
        format!("{base}/_local/issuers/{authorizer}")
    }

    /// Reads the key pairs, or makes them.
    pub(crate) fn open(place: &Place, api: &Api, clock: LocalClock) -> Result<Self, LocalError> {
        let path = place.file("issuers.json");
        let mut stored: BTreeMap<String, String> = match &path {
            Some(path) => files::read(path)?.unwrap_or_default(),
            None => BTreeMap::new(),
        };
        let mut issuers = BTreeMap::new();
        for (name, authorizer) in &api.authorizers {
            let document = if let Some(text) = stored.get(name) {
                hex::decode(text).map_err(|error| LocalError::IssuerKey(error.to_string()))?
            } else {
                let made = EcdsaKeyPair::generate_pkcs8(
                    &ECDSA_P256_SHA256_FIXED_SIGNING,
                    &SystemRandom::new(),
                )
                .map_err(|_| LocalError::Chance)?;
                stored.insert(name.clone(), hex::encode(made.as_ref()));
                made.as_ref().to_vec()
            };
            issuers.insert(name.clone(), Issuer::new(authorizer.clone(), &document)?);
        }
        if let Some(path) = &path {
            files::write(path, &stored)?;
        }
        Ok(Self {
            by_authorizer: issuers,
            clock,
            codes: sign_in::Codes::default(),
            accounts: Mutex::default(),
        })
    }

    /// A token for the role, from the issuer that gives it.
    pub fn token(&self, grant: &Grant) -> Result<String, LocalError> {
        let authorizer = match grant.role.as_str() {
            "filer" => FILERS,
            "reviewer" | "operator" | "auditor" => STAFF,
            other => {
                return Err(LocalError::Refused(format!(
                    "there is no role {other:?}: roles are filer, reviewer, operator and auditor"
                )));
            }
        };
        if grant.account.is_empty() || grant.sub.is_empty() {
            return Err(LocalError::Refused(
                "a token names an account and a person".to_owned(),
            ));
        }
        let issuer = self.issuer(authorizer)?;
        if authorizer == FILERS {
            locked(&self.accounts).insert(grant.account.clone());
        }
        let now = self.clock.now();
        let claims = json!({
            "iss": issuer.authorizer.issuer,
            "aud": issuer.authorizer.audience.first(),
            "sub": grant.sub,
            "iat": now.as_second(),
            "exp": now.saturating_add(LIFE).unwrap_or(Timestamp::MAX).as_second(),
            "account": grant.account,
            "role": grant.role,
        });
        issuer.signed(authorizer, &claims)
    }

    /// A token with these claims and no others, signed by the authorizer's issuer.
    pub fn token_with(&self, authorizer: &str, claims: &Json) -> Result<String, LocalError> {
        self.issuer(authorizer)?.signed(authorizer, claims)
    }

    /// The claims of a token that the authorizer accepts.
    pub fn verified(&self, authorizer: &str, token: &str) -> Option<Map<String, Json>> {
        let issuer = self.by_authorizer.get(authorizer)?;
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_issuer(&[&issuer.authorizer.issuer]);
        validation.set_audience(&issuer.authorizer.audience);
        validation.set_required_spec_claims(&["iss", "aud", "exp"]);
        // By the deployment's clock below, not by the system's.
        validation.validate_exp = false;
        let claims =
            jsonwebtoken::decode::<Map<String, Json>>(token, &issuer.checking, &validation)
                .ok()?
                .claims;
        let now = self.clock.now().as_second();
        let expires = claims.get("exp")?.as_i64()?;
        let begun = |name: &str| {
            claims
                .get(name)
                .is_none_or(|at| at.as_i64().is_some_and(|at| at <= now))
        };
        (now < expires && begun("nbf") && begun("iat")).then_some(claims)
    }

    /// The document under an issuer's address, where there is one.
    pub(crate) fn document(&self, authorizer: &str, path: &str) -> Option<Json> {
        let issuer = self.by_authorizer.get(authorizer)?;
        let address = &issuer.authorizer.issuer;
        match path {
            ".well-known/openid-configuration" => Some(sign_in::endpoints(address)),
            "jwks.json" => Some(json!({ "keys": [{
                "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256",
                "kid": authorizer, "x": issuer.x, "y": issuer.y,
            }]})),
            _ => None,
        }
    }

    fn issuer(&self, authorizer: &str) -> Result<&Issuer, LocalError> {
        self.by_authorizer
            .get(authorizer)
            .ok_or_else(|| LocalError::NoAuthorizer(authorizer.to_owned()))
    }
}

impl Issuer {
    fn new(authorizer: Authorizer, document: &[u8]) -> Result<Self, LocalError> {
        let pair = EcdsaKeyPair::from_pkcs8(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            document,
            &SystemRandom::new(),
        )
        .map_err(|error| LocalError::IssuerKey(error.to_string()))?;
        // An uncompressed point: 4, x, y.
        let point = pair.public_key().as_ref();
        let (x, y) = point
            .get(1..33)
            .zip(point.get(33..65))
            .map(|(x, y)| (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y)))
            .ok_or_else(|| LocalError::IssuerKey("the public key is no P-256 point".to_owned()))?;
        Ok(Self {
            authorizer,
            signing: EncodingKey::from_ec_der(document),
            checking: DecodingKey::from_ec_components(&x, &y)
                .map_err(|error| LocalError::IssuerKey(error.to_string()))?,
            x,
            y,
        })
    }

    fn signed(&self, name: &str, claims: &Json) -> Result<String, LocalError> {
        let header = Header {
            kid: Some(name.to_owned()),
            ..Header::new(Algorithm::ES256)
        };
        jsonwebtoken::encode(&header, claims, &self.signing)
            .map_err(|error| LocalError::IssuerKey(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authorizer(name: &str) -> Authorizer {
        Authorizer {
            issuer: format!("https://{name}.example"),
            audience: vec![name.to_owned()],
        }
    }

    fn issuers() -> (Issuers, LocalClock) {
        let clock = LocalClock::standing("2026-03-02T02:00:00Z".parse().unwrap());
        let api = Api {
            default_authorizer: None,
            authorizers: BTreeMap::from([
                (FILERS.to_owned(), authorizer("filers")),
                (STAFF.to_owned(), authorizer("staff")),
            ]),
        };
        (
            Issuers::open(&Place::Memory, &api, clock.clone()).unwrap(),
            clock,
        )
    }

    fn grant(role: &str) -> Grant {
        Grant {
            role: role.to_owned(),
            account: "acme".to_owned(),
            sub: "li".to_owned(),
        }
    }

    #[test]
    fn a_token_is_good_for_its_own_authorizer_until_it_expires() {
        let (issuers, clock) = issuers();
        let token = issuers.token(&grant("filer")).unwrap();
        let claims = issuers.verified(FILERS, &token).unwrap();
        assert_eq!(claims["account"], "acme");
        assert_eq!(claims["role"], "filer");
        assert!(
            issuers.verified(STAFF, &token).is_none(),
            "of the other issuer"
        );
        clock.advance(LIFE - SignedDuration::from_secs(1));
        assert!(
            issuers.verified(FILERS, &token).is_some(),
            "one second before"
        );
        clock.advance(SignedDuration::from_secs(1));
        assert!(issuers.verified(FILERS, &token).is_none(), "expired");
    }

    #[test]
    fn a_token_that_is_forged_or_for_another_audience_is_refused() {
        let (ours, _) = issuers();
        let (theirs, _) = issuers();
        let token = theirs.token(&grant("operator")).unwrap();
        assert!(ours.verified(STAFF, &token).is_none(), "another key");
        assert!(ours.verified(STAFF, "no token").is_none());
        for claims in [
            json!({"iss": "https://staff.example", "aud": "filers", "exp": 4_000_000_000_u64}),
            json!({"iss": "https://filers.example", "aud": "staff", "exp": 4_000_000_000_u64}),
            json!({"iss": "https://staff.example", "aud": "staff"}),
            json!({"iss": "https://staff.example", "aud": "staff", "exp": 4_000_000_000_u64, "nbf": 3_000_000_000_u64}),
        ] {
            let token = ours.token_with(STAFF, &claims).unwrap();
            assert!(ours.verified(STAFF, &token).is_none(), "{claims}");
        }
        let good = json!({"iss": "https://staff.example", "aud": ["x", "staff"], "exp": 4_000_000_000_u64});
        assert!(
            ours.verified(STAFF, &ours.token_with(STAFF, &good).unwrap())
                .is_some()
        );
    }
}
