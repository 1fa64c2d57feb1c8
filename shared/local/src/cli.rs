//! `cargo local`: serve the deployment, and ask or move one that is served.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::{Parser, Subcommand};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde_json::{Value as Json, json};
use tokio::net::TcpStream;

use crate::control::chain;
use crate::deployment::{environment_of, local_environment, local_parameters};
use crate::error::LocalError;
use crate::serve;
use crate::template::{REGION, Template};

/// The whole deployment on this machine.
#[derive(Debug, Parser)]
#[command(name = "cargo local", about, long_about = None)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Where the data is kept.
    #[arg(long, global = true, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/local"))]
    pub(crate) dir: PathBuf,
    /// The template.
    #[arg(long, global = true, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml"))]
    pub(crate) template: PathBuf,
    /// The operator's policy files.
    #[arg(long, global = true, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config"))]
    pub(crate) config: PathBuf,
    /// The pages, as `npm run build` makes them; without it they are built when they changed.
    #[arg(long, global = true)]
    pub(crate) pages: Option<PathBuf>,
    /// The port of the HTTP API.
    #[arg(long, global = true, default_value_t = 8780)]
    pub(crate) port: u16,
    /// The port of the AWS protocols.
    #[arg(long, global = true, default_value_t = 8781)]
    pub(crate) aws_port: u16,
    /// The port of the mail relay.
    #[arg(long, global = true, default_value_t = 8782)]
    pub(crate) mail_port: u16,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve; the same as no command.
    Serve,
    /// Play a portfolio of filings through their lives, and check how each ended.
    Demo {
        /// Serve what was played, with its pages, until Ctrl-C; its clock stands still until it is moved.
        #[arg(long)]
        serve: bool,
    },
    /// Print the exports that a function's own binary needs.
    Env {
        /// As which function it calls; without one, as `local`, with all variables of all.
        function: Option<String>,
    },
    /// Print a token.
    Token {
        /// filer, reviewer, operator or auditor.
        role: String,
        /// The account.
        account: String,
        /// The person.
        #[arg(long, default_value = "someone")]
        sub: String,
    },
    /// Show or move the clock.
    Clock {
        #[command(subcommand)]
        step: Option<ClockStep>,
    },
    /// Run a function's schedule now, and all that follows.
    Run {
        /// Which.
        function: String,
    },
    /// Show what was sent: texts, mails, and messages to topics.
    Sent,
    /// Show the texts that were sent.
    Sms,
}

#[derive(Debug, Subcommand)]
enum ClockStep {
    /// Let time pass, such as `3d` or `90m`: minute by minute, beyond 6 hours in tens of minutes.
    Advance {
        /// How much.
        span: String,
    },
    /// Set it, such as `2026-03-02T10:00:00+08:00`.
    Set {
        /// To when.
        instant: String,
    },
}

/// Runs the command line. The code is the process's.
pub async fn run() -> u8 {
    let arguments = Arguments::parse();
    match ran(&arguments).await {
        Ok(()) => 0,
        Err(error) => {
            // Nothing is left to tell if even this cannot be written.
            let _ = writeln!(io::stderr(), "error: {}", chain(&error));
            1
        }
    }
}

async fn ran(arguments: &Arguments) -> Result<(), LocalError> {
    let port = arguments.aws_port;
    match &arguments.command {
        Some(Command::Demo { serve }) => serve::demo(arguments, *serve).await,
        None | Some(Command::Serve) => serve::serve(arguments).await,
        Some(Command::Env { function }) => {
            say(&exports(arguments, function.as_deref())?);
            Ok(())
        }
        Some(Command::Token { role, account, sub }) => {
            let body = json!({ "role": role, "account": account, "sub": sub });
            let answer = ask(port, "POST", "tokens", &body).await?;
            say(answer
                .get("token")
                .and_then(Json::as_str)
                .unwrap_or_default());
            Ok(())
        }
        Some(Command::Clock { step }) => {
            let answer = match step {
                None => ask(port, "GET", "clock", &Json::Null).await?,
                Some(ClockStep::Advance { span }) => {
                    ask(port, "POST", "clock", &json!({ "advance": span })).await?
                }
                Some(ClockStep::Set { instant }) => {
                    ask(port, "POST", "clock", &json!({ "set": instant })).await?
                }
            };
            say(answer.get("now").and_then(Json::as_str).unwrap_or_default());
            Ok(())
        }
        Some(Command::Run { function }) => {
            ask(port, "POST", &format!("run/{function}"), &Json::Null).await?;
            say(&format!("{function} has run"));
            Ok(())
        }
        Some(Command::Sent) => {
            let answer = ask(port, "GET", "sent", &Json::Null).await?;
            say(&format!("{answer:#}"));
            Ok(())
        }
        Some(Command::Sms) => {
            let answer = ask(port, "GET", "sms", &Json::Null).await?;
            for sms in answer.as_array().into_iter().flatten() {
                let of = |name: &str| sms.get(name).and_then(Json::as_str).unwrap_or_default();
                say(&format!("{}  {}  {}", of("at"), of("number"), of("text")));
            }
            Ok(())
        }
    }
}

fn exports(arguments: &Arguments, function: Option<&str>) -> Result<String, LocalError> {
    let base = format!("http://127.0.0.1:{}", arguments.aws_port);
    let relay = crate::relay::relay_url(arguments.mail_port);
    let parameters = local_parameters(&base, &relay, &BTreeMap::new());
    let template = Template::read(&arguments.template, &parameters)?;
    let caller = function.unwrap_or(crate::port::LOCAL_CALLER);
    let mut variables = BTreeMap::from([
        ("AWS_ENDPOINT_URL".to_owned(), base),
        ("AWS_ACCESS_KEY_ID".to_owned(), caller.to_owned()),
        ("AWS_SECRET_ACCESS_KEY".to_owned(), "local".to_owned()),
        ("AWS_REGION".to_owned(), REGION.to_owned()),
    ]);
    let pages = arguments.pages.clone().unwrap_or_else(built_pages);
    let over = overrides(arguments, &pages);
    match function {
        None => {
            for function in template.functions.values() {
                variables.extend(environment_of(function, &over));
            }
        }
        Some(name) => {
            let function = template
                .functions
                .get(name)
                .ok_or_else(|| LocalError::NoFunction(name.to_owned()))?;
            variables.extend(environment_of(function, &over));
        }
    }
    let lines = variables
        .iter()
        .map(|(name, value)| format!("export {name}='{}'", value.replace('\'', r"'\''")));
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

/// The variables that mean something else on this machine.
pub(crate) fn overrides(arguments: &Arguments, pages: &Path) -> BTreeMap<String, String> {
    // A folder that is not there is the functions' to tell of.
    let config = arguments
        .config
        .canonicalize()
        .unwrap_or_else(|_| arguments.config.clone());
    let config = config.to_string_lossy().into_owned();
    let base = format!("http://127.0.0.1:{}", arguments.aws_port);
    let mut over = local_environment(&base, pages);
    over.insert("ICP_CONFIG_DIR".to_owned(), config);
    over
}

/// Where `npm run build` leaves the pages of this checkout.
pub(crate) fn built_pages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pages/dist/pages")
}

/// Asks the deployment that is served on `port`.
async fn ask(port: u16, method: &str, path: &str, body: &Json) -> Result<Json, LocalError> {
    let lost = |source: io::Error| LocalError::NotRunning { port, source };
    let other = |error: hyper::Error| LocalError::NotRunning {
        port,
        source: io::Error::other(error),
    };
    let stream = TcpStream::connect(("127.0.0.1", port))
        .await
        .map_err(lost)?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(other)?;
    tokio::spawn(connection);
    let request = http::Request::builder()
        .method(method)
        .uri(format!("/_local/{path}"))
        .header(http::header::HOST, "127.0.0.1")
        .body(Full::new(Bytes::from(body.to_string())))
        .map_err(|error| LocalError::Refused(error.to_string()))?;
    let response = sender.send_request(request).await.map_err(other)?;
    let status = response.status();
    let bytes = response
        .into_body()
        .collect()
        .await
        .map_err(other)?
        .to_bytes();
    let answer: Json = serde_json::from_slice(&bytes)
        .map_err(|error| LocalError::Refused(format!("no JSON came back: {error}")))?;
    if status.is_success() {
        Ok(answer)
    } else {
        let message = answer.get("message").and_then(Json::as_str);
        Err(LocalError::Refused(
            message.unwrap_or("the deployment refused").to_owned(),
        ))
    }
}

pub(crate) fn say(text: &str) {
    // A closed pipe is the reader's wish.
    let _ = writeln!(io::stdout(), "{text}");
}
