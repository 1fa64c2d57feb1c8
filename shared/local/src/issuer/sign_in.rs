//! Signing in at a local issuer, as at any other: authorization code with PKCE (RFC 6749, 7636), the person
//! chosen by one click.
//!
//! **Invariant:** a code is good once, for the client, the address and the verifier that it was asked with; and
//! no browser is sent anywhere but to loopback.

use std::collections::BTreeMap;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value as Json, json};
use url::Url;

use super::{FILERS, Grant, Issuers, LIFE};
use crate::sync::locked;
use crate::wire::respond;

/// Who can be chosen: the label, and the grant as role, account and person. What takes two people has two.
const PEOPLE: [(&str, &str, &str, &str); 8] = [
    ("备案人 acme · Filer of acme", "filer", "acme", "filer-1"),
    ("备案人 beta · Filer of beta", "filer", "beta", "filer-2"),
    ("审核员 · Reviewer", "reviewer", "provider", "reviewer-1"),
    (
        "审核员（第二人）· Second reviewer",
        "reviewer",
        "provider",
        "reviewer-2",
    ),
    ("运营人员 · Operator", "operator", "provider", "operator-1"),
    (
        "运营人员（第二人）· Second operator",
        "operator",
        "provider",
        "operator-2",
    ),
    ("审计员 · Auditor", "auditor", "provider", "auditor-1"),
    (
        "备案人 base-1 · Filer of base-1",
        "filer",
        "base-1",
        "filer-3",
    ),
];

/// Most accounts that are offered beside those of always; others are typed.
const MOST_OFFERED: usize = 30;

/// What a browser may be shown here.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self' http://127.0.0.1:* \
                      http://localhost:*; frame-ancestors 'none'; base-uri 'none'";

/// Codes that were given and not yet taken, by code.
#[derive(Default)]
pub(super) struct Codes(Mutex<BTreeMap<String, Promise>>);

/// What a code is good for.
struct Promise {
    authorizer: String,
    grant: Grant,
    client: String,
    redirect: String,
    challenge: String,
    nonce: Option<String>,
}

/// What the fields of a query or a form say.
struct Fields(BTreeMap<String, String>);

impl Fields {
    fn of(text: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(text).into_owned().collect())
    }

    fn text(&self, name: &'static str) -> Result<&str, Refused> {
        let value = self.0.get(name).filter(|value| !value.is_empty());
        value
            .map(String::as_str)
            .ok_or(Refused("invalid_request", name))
    }
}

/// Why a request was refused: RFC 6749's word, and the field.
#[derive(Debug, PartialEq, Eq)]
struct Refused(&'static str, &'static str);

impl Refused {
    fn answer(&self) -> Response<Bytes> {
        let body = json!({ "error": self.0, "error_description": self.1 });
        respond(
            StatusCode::BAD_REQUEST,
            "application/json",
            body.to_string(),
        )
    }
}

/// The endpoints below an issuer's address.
pub(super) fn endpoints(address: &str) -> Json {
    json!({
        "issuer": address,
        "authorization_endpoint": format!("{address}/authorize"),
        "token_endpoint": format!("{address}/token"),
        "end_session_endpoint": format!("{address}/end-session"),
        "jwks_uri": format!("{address}/jwks.json"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "scopes_supported": ["openid"],
    })
}

impl Issuers {
    /// Answers what is asked below an issuer's address, from whichever page it is asked.
    pub(crate) fn answer(
        &self,
        authorizer: &str,
        path: &str,
        request: &Request<Bytes>,
    ) -> Response<Bytes> {
        let answered = match (request.method(), path) {
            (&Method::GET, "authorize") => self.authorize(authorizer, request),
            (&Method::POST, "token") => self.exchange(authorizer, &Fields::of(request.body())),
            (&Method::GET, "end-session") => ended(authorizer, request),
            (&Method::GET, path) => Ok(match self.document(authorizer, path) {
                Some(document) => respond(StatusCode::OK, "application/json", document.to_string()),
                None => crate::gateway::own(StatusCode::NOT_FOUND, "Not Found"),
            }),
            _ => Ok(crate::gateway::own(StatusCode::NOT_FOUND, "Not Found")),
        };
        let mut answer = answered.unwrap_or_else(|refused| refused.answer());
        let headers = answer.headers_mut();
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            HeaderValue::from_static("*"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY),
        );
        answer
    }

    /// Lets a person be chosen, or sends the browser back with a code for who was.
    fn authorize(
        &self,
        authorizer: &str,
        request: &Request<Bytes>,
    ) -> Result<Response<Bytes>, Refused> {
        let query = request.uri().query().unwrap_or_default();
        let asked = Fields::of(query.as_bytes());
        let redirect = on_loopback(asked.text("redirect_uri")?)?;
        if asked.text("response_type")? != "code" {
            return Err(Refused("unsupported_response_type", "response_type"));
        }
        if asked.text("code_challenge_method")? != "S256" {
            return Err(Refused("invalid_request", "code_challenge_method"));
        }
        let remembered = if asked.0.contains_key("prompt") {
            None
        } else {
            cookie(authorizer, request)
        };
        let of_account = asked.0.get("account").filter(|account| !account.is_empty());
        let of_account = of_account.map(|account| written(&filer_of(account)));
        let chosen = asked.0.get("person").cloned().or(of_account).or(remembered);
        let Some(grant) = chosen
            .as_deref()
            .and_then(|chosen| chosen_of(authorizer, chosen))
        else {
            return Ok(respond(
                StatusCode::OK,
                "text/html; charset=utf-8",
                choice(authorizer, &asked, &self.callers()),
            ));
        };
        let promise = Promise {
            authorizer: authorizer.to_owned(),
            client: asked.text("client_id")?.to_owned(),
            redirect: asked.text("redirect_uri")?.to_owned(),
            challenge: asked.text("code_challenge")?.to_owned(),
            nonce: asked.0.get("nonce").cloned(),
            grant: grant.clone(),
        };
        let code = chance()?;
        locked(&self.codes.0).insert(code.clone(), promise);
        let back = with(
            redirect,
            &[("code", &code), ("state", asked.text("state")?)],
        );
        let said = format!("{}={}", cookie_name(authorizer), written(&grant));
        Ok(sent_to(&back, &said))
    }

    /// Accounts beside those that are always offered whose filers called here before.
    fn callers(&self) -> Vec<String> {
        let called = locked(&self.accounts);
        let others = called.iter().filter(|account| {
            let mut people = PEOPLE.iter();
            !people.any(|(_, role, of, _)| *role == "filer" && of == account)
        });
        others.take(MOST_OFFERED).cloned().collect()
    }

    /// Gives the tokens of a code.
    fn exchange(&self, authorizer: &str, form: &Fields) -> Result<Response<Bytes>, Refused> {
        if form.text("grant_type")? != "authorization_code" {
            return Err(Refused("unsupported_grant_type", "grant_type"));
        }
        let promise = locked(&self.codes.0).remove(form.text("code")?);
        let promise = promise.ok_or(Refused("invalid_grant", "code"))?;
        let verifier = form.text("code_verifier")?;
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
        for (holds, what) in [
            (promise.authorizer == authorizer, "code"),
            (promise.challenge == challenge, "code_verifier"),
            (promise.client == form.text("client_id")?, "client_id"),
            (
                promise.redirect == form.text("redirect_uri")?,
                "redirect_uri",
            ),
        ] {
            if !holds {
                return Err(Refused("invalid_grant", what));
            }
        }
        let failed = |_| Refused("server_error", "token");
        let access = self.token(&promise.grant).map_err(failed)?;
        let identity = self.identity(authorizer, &promise).map_err(failed)?;
        let body = json!({
            "access_token": access, "id_token": identity, "token_type": "Bearer",
            "expires_in": LIFE.as_secs(), "scope": "openid",
        });
        Ok(respond(
            StatusCode::OK,
            "application/json",
            body.to_string(),
        ))
    }

    /// The token that says who signed in.
    fn identity(
        &self,
        authorizer: &str,
        promise: &Promise,
    ) -> Result<String, crate::error::LocalError> {
        let issuer = &self.issuer(authorizer)?.authorizer.issuer;
        let now = self.clock.now().as_second();
        let claims = json!({
            "iss": issuer, "aud": promise.client, "sub": promise.grant.sub,
            "iat": now, "exp": now + LIFE.as_secs(), "nonce": promise.nonce,
        });
        self.token_with(authorizer, &claims)
    }
}

/// Forgets who was chosen.
fn ended(authorizer: &str, request: &Request<Bytes>) -> Result<Response<Bytes>, Refused> {
    let asked = Fields::of(request.uri().query().unwrap_or_default().as_bytes());
    let redirect = on_loopback(asked.text("post_logout_redirect_uri")?)?;
    let state = asked.0.get("state").map(|state| ("state", state.as_str()));
    let forgotten = format!("{}=; Max-Age=0", cookie_name(authorizer));
    Ok(sent_to(&with(redirect, state.as_slice()), &forgotten))
}

fn on_loopback(address: &str) -> Result<Url, Refused> {
    let url = Url::parse(address).map_err(|_| Refused("invalid_request", "redirect_uri"))?;
    match url.host_str() {
        Some("127.0.0.1" | "localhost") if url.scheme() == "http" => Ok(url),
        _ => Err(Refused("invalid_request", "redirect_uri")),
    }
}

fn with(mut address: Url, fields: &[(&str, &str)]) -> String {
    if !fields.is_empty() {
        address.query_pairs_mut().extend_pairs(fields);
    }
    address.into()
}

fn sent_to(address: &str, cookie: &str) -> Response<Bytes> {
    let mut answer = respond(StatusCode::FOUND, "text/plain", "");
    let cookie = format!("{cookie}; Path=/_local/issuers; HttpOnly; SameSite=Lax");
    for (name, value) in [(header::LOCATION, address), (header::SET_COOKIE, &cookie)] {
        // What a URL or a cookie's value was percent-encoded to is a header's value.
        if let Ok(value) = HeaderValue::from_str(value) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}

/// The filer of an account that nobody named.
fn filer_of(account: &str) -> Grant {
    Grant {
        role: "filer".to_owned(),
        account: account.to_owned(),
        sub: format!("filer-of-{account}"),
    }
}

/// A grant as the page and the cookie name it.
fn written(grant: &Grant) -> String {
    let parts = [&grant.role, &grant.account, &grant.sub];
    let parts =
        parts.map(|part| url::form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>());
    parts.join("/")
}

/// The grant that was chosen, if this issuer gives it.
fn chosen_of(authorizer: &str, chosen: &str) -> Option<Grant> {
    let parts: Vec<String> = chosen
        .split('/')
        .map(|part| {
            percent_encoding::percent_decode_str(part)
                .decode_utf8_lossy()
                .into_owned()
        })
        .collect();
    let [role, account, sub] = <[String; 3]>::try_from(parts).ok()?;
    let ours = (role == "filer") == (authorizer == FILERS);
    let named = !account.is_empty() && !sub.is_empty();
    (ours && named).then_some(Grant { role, account, sub })
}

fn cookie_name(authorizer: &str) -> String {
    format!("icp-{}", authorizer.to_ascii_lowercase())
}

fn cookie(authorizer: &str, request: &Request<Bytes>) -> Option<String> {
    let name = format!("{}=", cookie_name(authorizer));
    let cookies = request.headers().get_all(header::COOKIE).iter();
    let mut pairs = cookies
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split("; "));
    pairs.find_map(|pair| pair.strip_prefix(&name).map(str::to_owned))
}

/// The page on which a person is chosen: those of always, and filers of accounts that called here before.
fn choice(authorizer: &str, asked: &Fields, callers: &[String]) -> String {
    let kept = asked
        .0
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "person" | "account"));
    let hidden = kept.map(|(name, value)| {
        let (name, value) = (escaped(name), escaped(value));
        format!("<input type=hidden name=\"{name}\" value=\"{value}\">")
    });
    let hidden = hidden.collect::<Vec<_>>().concat();
    let people = PEOPLE
        .iter()
        .filter(|(_, role, _, _)| (*role == "filer") == (authorizer == FILERS));
    let buttons = people.map(|(label, role, account, sub)| {
        format!("<button name=person value=\"{role}/{account}/{sub}\">{label}</button>")
    });
    let mut buttons = buttons.collect::<Vec<_>>().concat();
    if authorizer == FILERS {
        buttons.extend(callers.iter().map(|account| {
            let (value, name) = (written(&filer_of(account)), escaped(account));
            format!(
                "<button name=person value=\"{value}\">备案人 {name} · Filer of {name}</button>"
            )
        }));
    }
    let other = if authorizer == FILERS {
        format!(
            "<form>{hidden}<label>其他账号 · Another account <input name=account></label><button>继续 · Go on</button></form>"
        )
    } else {
        String::new()
    };
    format!(
        "<!doctype html><html lang=zh><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>本机登录</title><style>body{{font:1rem/1.5 sans-serif;max-width:24rem;margin:2rem auto;padding:0 1rem}}\
         button{{display:block;width:100%;font:inherit;padding:.8rem;margin:.6rem 0}}</style>\
         <main><h1>本机登录</h1><p>此签发者只在本机使用。以谁的身份继续？<br>This issuer is for this machine alone. Go on as whom?</p>\
         <form>{hidden}{buttons}</form>{other}</main>"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}

fn chance() -> Result<String, Refused> {
    let mut bytes = [0_u8; 32];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| Refused("server_error", "chance"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::LocalClock;
    use crate::files::Place;
    use crate::template::{Api, Authorizer};

    const BACK: &str = "http://127.0.0.1:8780/pages/signed-in/filers";
    const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-it-is";

    fn issuers() -> Issuers {
        let clock = LocalClock::standing("2026-03-02T02:00:00Z".parse().unwrap());
        let of = |name: &str| Authorizer {
            issuer: format!("http://127.0.0.1:8781/_local/issuers/{name}"),
            audience: vec![name.to_owned()],
        };
        let authorizers = ["Filers", "Staff"].map(|name| (name.to_owned(), of(name)));
        let api = Api {
            default_authorizer: None,
            authorizers: authorizers.into(),
        };
        Issuers::open(&Place::Memory, &api, clock).unwrap()
    }

    fn get(path: &str) -> Request<Bytes> {
        Request::get(path).body(Bytes::new()).unwrap()
    }

    /// The query of an authorization, with one field changed.
    fn asked(change: (&str, &str)) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()));
        let fields = [
            ("response_type", "code"),
            ("client_id", "icp-pages"),
            ("redirect_uri", BACK),
            ("state", "s1"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in fields.iter().filter(|(name, _)| *name != change.0) {
            query.append_pair(name, value);
        }
        format!(
            "/authorize?{}",
            query.append_pair(change.0, change.1).finish()
        )
    }

    fn code(issuers: &Issuers) -> String {
        let path = asked(("person", "filer/acme/filer-1"));
        let sent = issuers.answer(FILERS, "authorize", &get(&path));
        assert_eq!(sent.status(), StatusCode::FOUND);
        let to = Url::parse(sent.headers()["location"].to_str().unwrap()).unwrap();
        assert!(to.as_str().starts_with(BACK));
        let pairs: BTreeMap<_, _> = to.query_pairs().into_owned().collect();
        assert_eq!(pairs["state"], "s1");
        pairs["code"].clone()
    }

    fn exchanged(issuers: &Issuers, code: &str, verifier: &str, redirect: &str) -> (u16, Json) {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("client_id", "icp-pages")
            .append_pair("code", code)
            .append_pair("code_verifier", verifier)
            .append_pair("redirect_uri", redirect);
        let request = Request::post("/token").body(Bytes::from(form.finish()));
        let answer = issuers.answer(FILERS, "token", &request.unwrap());
        let body = serde_json::from_slice(answer.body()).unwrap();
        (answer.status().as_u16(), body)
    }

    #[test]
    fn a_code_gives_tokens_once_to_who_asked_for_it() {
        let issuers = issuers();
        let first = code(&issuers);
        let (status, tokens) = exchanged(&issuers, &first, VERIFIER, BACK);
        assert_eq!(status, 200, "{tokens}");
        let access = tokens["access_token"].as_str().unwrap();
        let claims = issuers.verified(FILERS, access).unwrap();
        assert_eq!(claims["account"], "acme");
        assert_eq!(exchanged(&issuers, &first, VERIFIER, BACK).0, 400, "twice");
        let other = code(&issuers);
        assert_eq!(exchanged(&issuers, &other, "another", BACK).0, 400);
        let third = code(&issuers);
        assert_eq!(
            exchanged(&issuers, &third, VERIFIER, "http://127.0.0.1/").0,
            400
        );
        assert_eq!(exchanged(&issuers, "none", VERIFIER, BACK).0, 400);
    }

    #[test]
    fn whoever_is_not_chosen_yet_is_asked_and_is_remembered_afterwards() {
        let issuers = issuers();
        let page = issuers.answer(FILERS, "authorize", &get(&asked(("nonce", "n"))));
        let text = String::from_utf8(page.body().to_vec()).unwrap();
        assert!(
            text.contains("filer/acme/filer-1") && !text.contains("operator"),
            "{text}"
        );
        let cookie = |path: &str| {
            let request = Request::get(path).header("cookie", "icp-filers=filer/acme/filer-1");
            issuers.answer(FILERS, "authorize", &request.body(Bytes::new()).unwrap())
        };
        assert_eq!(cookie(&asked(("nonce", "n"))).status(), StatusCode::FOUND);
        assert_eq!(cookie(&asked(("prompt", "login"))).status(), StatusCode::OK);
    }

    #[test]
    fn accounts_that_called_before_are_offered_to_filers_alone() {
        let issuers = issuers();
        for account in ["acme", "<b>", "a/b"] {
            issuers.token(&filer_of(account)).unwrap();
        }
        let offered = |authorizer: &str| {
            let page = issuers.answer(authorizer, "authorize", &get(&asked(("nonce", "n"))));
            String::from_utf8(page.body().to_vec()).unwrap()
        };
        let page = offered(FILERS);
        assert_eq!(page.matches("value=\"filer/acme/").count(), 1, "{page}");
        let value = "value=\"filer/a%2Fb/filer-of-a%2Fb\"";
        assert!(page.contains(value) && !page.contains("<b>"), "{page}");
        assert!(!offered("Staff").contains(value));
        let chosen = chosen_of(FILERS, "filer/a%2Fb/filer-of-a%2Fb");
        assert_eq!(chosen, Some(filer_of("a/b")));
    }

    #[test]
    fn nobody_is_sent_elsewhere_and_no_issuer_gives_the_others_roles() {
        let issuers = issuers();
        for change in [
            ("redirect_uri", "https://evil.example/"),
            ("redirect_uri", "http://127.0.0.1.evil.example/"),
            ("code_challenge_method", "plain"),
            ("response_type", "token"),
        ] {
            let answer = issuers.answer(FILERS, "authorize", &get(&asked(change)));
            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{change:?}");
        }
        let path = asked(("person", "operator/provider/operator-1"));
        let answer = issuers.answer(FILERS, "authorize", &get(&path));
        assert_eq!(answer.status(), StatusCode::OK, "it asks again");
    }
}
