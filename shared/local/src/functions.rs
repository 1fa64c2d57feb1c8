//! The functions of this service, plugged into the deployment: each opened as on Lambda, with its own
//! variables and its own name as its credentials, and called with the events that Lambda would give.

use std::path::Path;
use std::sync::Arc;

use futures::FutureExt;
use icp_domain::Rulebook;
use icp_lookups::{Lookups, Loopback};
use icp_runtime::{Chain, Clock, Environment, Function, Start, StartError, metrics, read_rulebook};

use crate::deployment::Deployment;
use crate::error::LocalError;

/// How `gather-evidence` looks.
#[derive(Debug, Clone)]
pub enum Looking {
    /// As deployed: at the public internet.
    AsDeployed,
    /// At sites on loopback.
    OnLoopback(Loopback),
}

/// The policy from a folder, for as long as the process lives.
pub fn rulebook(folder: &Path) -> Result<&'static Rulebook, LocalError> {
    let rulebook = read_rulebook(folder).map_err(LocalError::Configuration)?;
    Ok(Box::leak(Box::new(rulebook)))
}

/// Gives every function of the deployment its code.
pub fn plug(
    deployment: &Deployment,
    rulebook: &'static Rulebook,
    looking: Looking,
) -> Result<(), LocalError> {
    metrics::heard_by(|line| tracing::debug!("{line}"));
    deployment.port().register_templates(&rulebook.provider);
    let socket = Socket {
        deployment,
        rulebook,
    };
    socket.plug("submit-filing", submit_filing::open)?;
    socket.plug("verify-contact", verify_contact::open)?;
    socket.plug("rectify-filing", rectify_filing::open)?;
    socket.plug("review-filing", review_filing::open)?;
    socket.plug("run-operations", run_operations::open)?;
    socket.plug("serve-pages", serve_pages::open)?;
    socket.plug("schedule-audits", schedule_audits::open)?;
    socket.plug("export-filings", export_filings::open)?;
    socket.plug("import-filings", import_filings::open)?;
    socket.plug("judge-evidence", judge_evidence::open)?;
    socket.plug("expire-deadlines", expire_deadlines::open)?;
    socket.plug("deliver-notices", deliver_notices::open)?;
    match looking {
        Looking::AsDeployed => socket.plug("gather-evidence", gather_evidence::open),
        Looking::OnLoopback(loopback) => {
            socket.plug("gather-evidence", |start| on_loopback(start, loopback))
        }
    }
}

fn on_loopback(start: &Start, loopback: Loopback) -> Result<impl Function + use<>, StartError> {
    let contact = start
        .environment
        .required("ICP_CONTACT_URL", "a URL that tells who looks, and why")?;
    let lookups = Lookups::on_loopback(start.rulebook, contact, loopback);
    let lookups = lookups.map_err(|error| StartError::Unusable {
        name: "ICP_CONTACT_URL",
        source: error.into(),
    })?;
    gather_evidence::open_with(start, lookups)
}

struct Socket<'a> {
    deployment: &'a Deployment,
    rulebook: &'static Rulebook,
}

impl Socket<'_> {
    fn plug<F: Function + 'static>(
        &self,
        name: &'static str,
        open: impl FnOnce(&Start) -> Result<F, StartError>,
    ) -> Result<(), LocalError> {
        let environment = Environment::of(self.deployment.environment(name)?);
        let aws = self.deployment.sdk_config(name);
        let start = Start::of_parts(environment, &aws, self.rulebook);
        let opened = open(&start);
        let function = opened.map_err(|source| LocalError::Start {
            function: name,
            source,
        })?;
        let function = Arc::new(function);
        let local = self.deployment.clock().clone();
        let clock = Clock::moved(move || local.now());
        self.deployment.register(
            name,
            Arc::new(move |event| {
                let (function, clock) = (Arc::clone(&function), clock.clone());
                async move {
                    let answer = function.answer(event, &clock).await;
                    answer.map_err(|error| Chain(&error).to_string())
                }
                .boxed()
            }),
        )
    }
}
