//! Serving a deployment on this machine: its two ports, its pages, until Ctrl-C.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cli::{Arguments, built_pages, overrides, say};
use crate::deployment::{Deployment, Options};
use crate::error::LocalError;
use crate::files::Place;
use crate::functions::{self, Looking};
use crate::server::Listener;

/// How often a served deployment looks for what is due.
const BEAT: Duration = Duration::from_millis(200);
/// Role, account and person of the tokens that are printed at the start.
const TOKENS: [(&str, &str, &str); 4] = [
    ("filer", "acme", "filer-1"),
    ("reviewer", "provider", "reviewer-1"),
    ("operator", "provider", "operator-1"),
    ("auditor", "provider", "auditor-1"),
];

/// Serves the deployment of the template.
pub(crate) async fn serve(arguments: &Arguments) -> Result<(), LocalError> {
    // Subscribing twice is no reason to stop.
    let _ = tracing_subscriber::fmt().with_writer(io::stderr).try_init();
    let pages = pages(arguments)?;
    let (api, aws) = listeners(arguments).await?;
    let deployment = Deployment::start(&Options {
        template: arguments.template.clone(),
        place: Place::Directory(arguments.dir.clone()),
        standing_at: None,
        seed: None,
        parameters: BTreeMap::new(),
        environment: overrides(arguments, &pages),
        base: format!("http://{}", aws.address()),
        mail_port: arguments.mail_port,
    })?;
    let rulebook = functions::rulebook(&arguments.config)?;
    functions::plug(&deployment, rulebook, Looking::AsDeployed)?;
    say(&greeting(&deployment, &api, &aws)?);
    let result = served(&deployment, api, aws).await;
    say("stopped; the data is kept");
    result
}

/// Plays the demo, and serves what it leaves where that is wished.
pub(crate) async fn demo(arguments: &Arguments, serve: bool) -> Result<(), LocalError> {
    if !serve {
        let (_, as_it_must) = crate::demo::play(|options| options).await?;
        return if as_it_must {
            Ok(())
        } else {
            Err(LocalError::Demo)
        };
    }
    let pages = pages(arguments)?;
    let (api, aws) = listeners(arguments).await?;
    let base = format!("http://{}", aws.address());
    let (stage, _) = crate::demo::play(|options| Options {
        mail_port: arguments.mail_port,
        ..options.served(base, &pages)
    })
    .await?;
    say(&greeting(&stage.deployment, &api, &aws)?);
    let result = served(&stage.deployment, api, aws).await;
    say("stopped; nothing is kept");
    result
}

async fn listeners(arguments: &Arguments) -> Result<(Listener, Listener), LocalError> {
    let api = Listener::bind(arguments.port, "--port").await?;
    let aws = Listener::bind(arguments.aws_port, "--aws-port").await?;
    Ok((api, aws))
}

/// Serves a deployment until Ctrl-C.
async fn served(deployment: &Deployment, api: Listener, aws: Listener) -> Result<(), LocalError> {
    let (stop, stopped) = tokio::sync::watch::channel(());
    let waiting = |mut stopped: tokio::sync::watch::Receiver<()>| async move {
        // An error means that the sender is gone: stop as well.
        let _ = stopped.changed().await;
    };
    let services = [
        (api, deployment.http_service()),
        (aws, deployment.port_service()),
    ];
    let servers: Vec<_> = services
        .into_iter()
        .map(|(listener, service)| tokio::spawn(listener.serve(service, waiting(stopped.clone()))))
        .collect();
    let result = beat_until_told(deployment).await;
    // Nobody listens any more where this fails.
    let _ = stop.send(());
    futures::future::join_all(servers).await;
    result
}

async fn beat_until_told(deployment: &Deployment) -> Result<(), LocalError> {
    let told = tokio::signal::ctrl_c();
    tokio::pin!(told);
    let mut beat = tokio::time::interval(BEAT);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            _ = &mut told => return Ok(()),
            _ = beat.tick() => {}
        }
        // Not within the selection: a delivery under way is finished before the end.
        deployment.run_due().await?;
        deployment.settle().await?;
    }
}

fn greeting(deployment: &Deployment, api: &Listener, aws: &Listener) -> Result<String, LocalError> {
    let address = format!("http://{}", api.address());
    let mut text = format!(
        "pages          {address}/\nHTTP API       {address}\nAWS protocols  http://{}\nmail relay     {}\nclock          {}\n",
        aws.address(),
        deployment.relay_url(),
        deployment.clock().now()
    );
    text.push_str("\nTokens, for 12 hours of that clock:\n");
    for (role, account, sub) in TOKENS {
        text.push_str(&format!(
            "{role}={}\n",
            deployment.token(role, account, sub)?
        ));
    }
    text.push_str("\nTry:\n");
    for (role, path) in [
        ("filer", "/filings"),
        ("reviewer", "/review/orders"),
        ("operator", "/operations/brake"),
    ] {
        text.push_str(&format!(
            "curl -i -H \"authorization: Bearer ${role}\" {address}{path}\n"
        ));
    }
    Ok(text)
}

/// The pages to be served: those that are named, or this checkout's, built when they changed.
fn pages(arguments: &Arguments) -> Result<PathBuf, LocalError> {
    if let Some(named) = &arguments.pages {
        return Ok(named.clone());
    }
    let set_up = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.ci/tools/set-up");
    let built = std::process::Command::new(set_up).arg("pages").output();
    let built = built.map_err(|source| LocalError::Pages(source.to_string()))?;
    if built.status.success() {
        Ok(built_pages())
    } else {
        let told = String::from_utf8_lossy(&built.stderr).into_owned();
        Err(LocalError::Pages(told))
    }
}
