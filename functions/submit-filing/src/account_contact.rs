//! `GET` and `POST /account-contact`: how the holder of the account is told, beside the persons of its filings.

use axum::extract::State;
use icp_domain::identifiers::{EmailAddress, Mobile};
use icp_domain::personal::{Personal, masked};
use icp_http::{Answered, Body, Filer, Keyed, Now, Problem, ProblemBody};
use icp_store::Answer;
use icp_store::records::AccountContact;
use icp_use_cases::account_contact::{NothingRefused, set_account_contact};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::App;

/// Number and mail address of the account's holder; what is left out is taken away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "mobile": "13800000000", "email": "holder@example.com" }))]
pub(crate) struct HolderContact {
    /// A mobile of mainland China.
    mobile: Option<Personal<String>>,
    /// A mail address.
    email: Option<Personal<String>>,
}

/// Number and mail address of the account's holder, masked.
#[derive(Serialize, ToSchema)]
pub(crate) struct HolderContactView {
    /// As in `138****0000`.
    mobile: Option<String>,
    /// As in `h*****@example.com`.
    email: Option<String>,
}

/// Tells how the account's holder is told.
#[utoipa::path(get, path = "/account-contact", tag = "filings",
    responses((status = 200, body = HolderContactView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn read(
    State(app): State<&'static App>,
    filer: Filer,
) -> Result<Answered, Problem> {
    let found = app.store.account_contact(&filer.account).await;
    let found = found.map_err(Problem::fault)?;
    Ok(Answered::read(&json!(view(&found.contact)), None))
}

/// Says how the account's holder is told, beside the persons of its filings. Nothing is proved by it, and no code goes
/// there.
#[utoipa::path(post, path = "/account-contact", tag = "filings", request_body = HolderContact,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 200, body = HolderContactView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn set(
    State(app): State<&'static App>,
    filer: Filer,
    Now(mut inv): Now,
    keyed: Keyed,
    Body(said): Body<HolderContact>,
) -> Result<Answered, Problem> {
    let contact = parse(&said)?;
    let repeat = keyed.rendered_by(set_to);
    let (store, rulebook) = (&app.store, app.rulebook);
    let answer =
        set_account_contact(store, rulebook, &mut inv, repeat, &filer.account, contact).await;
    answer
        .map(Answered)
        .map_err(|failure| Problem::of(failure, |never: NothingRefused| match never {}))
}

fn parse(said: &HolderContact) -> Result<AccountContact, Problem> {
    let mobile = said.mobile.as_ref();
    let mobile = mobile.map(|typed| Mobile::parse(typed.reveal()));
    let email = said.email.as_ref();
    let email = email.map(|typed| EmailAddress::parse(typed.reveal()));
    match (mobile.transpose(), email.transpose()) {
        (Ok(mobile), Ok(email)) => Ok(AccountContact { mobile, email }),
        (mobile, email) => {
            let faults = [
                mobile.as_ref().err().map(|fault| ("/mobile", fault)),
                email.as_ref().err().map(|fault| ("/email", fault)),
            ];
            Err(Problem::unread_fields(faults.into_iter().flatten()))
        }
    }
}

fn set_to(contact: &AccountContact) -> Answer {
    Answer {
        status: 200,
        location: None,
        etag: None,
        body: json!(view(contact)),
    }
}

fn view(contact: &AccountContact) -> HolderContactView {
    HolderContactView {
        mobile: contact
            .mobile
            .as_ref()
            .map(|mobile| masked(mobile.national(), 3, 4)),
        email: contact.email.as_ref().map(|email| {
            let (name, host) = email.reveal().split_once('@').unwrap_or_default();
            format!("{}@{host}", masked(name, 1, 0))
        }),
    }
}
