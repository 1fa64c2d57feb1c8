//! Why the local deployment cannot start or go on; each text names what to do.

use std::io;
use std::path::PathBuf;

use crate::template::TemplateError;

/// What went wrong, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// The pages could not be built.
    #[error(
        "the pages could not be built; name a folder by --pages, such as pages/public, to do without: {0}"
    )]
    Pages(String),
    /// The template does not read.
    #[error("the template cannot be used")]
    Template(#[from] TemplateError),
    /// A file of the data directory cannot be read or written.
    #[error("{} cannot be read or written; check its rights and the free space", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file of the data directory is damaged.
    #[error(
        "{} is damaged ({what}); restore it, or delete the directory {} to start anew",
        path.display(),
        path.parent().unwrap_or(path).display()
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it, and where.
        what: String,
    },
    /// Another process serves from the same directory.
    #[error("{} is in use by another `cargo local`; stop that one, or give another --dir", path.display())]
    DirectoryInUse {
        /// The directory.
        path: PathBuf,
    },
    /// The port is taken.
    #[error(
        "port {port} on 127.0.0.1 is in use; stop what listens there, or give another {option}"
    )]
    PortInUse {
        /// Which port.
        port: u16,
        /// The option that names another.
        option: &'static str,
    },
    /// The listener cannot be opened.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// Which port.
        port: u16,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The embedded database refused.
    #[error("the embedded database refused: {0}")]
    Database(String),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Chance,
    /// The issuer's key pair cannot be made, or the stored one does not read.
    #[error("the token issuer's key pair cannot be used: {0}")]
    IssuerKey(String),
    /// A function does not start.
    #[error("the function {function} does not start")]
    Start {
        /// Which.
        function: &'static str,
        /// Why.
        #[source]
        source: icp_runtime::StartError,
    },
    /// The configuration does not hold.
    #[error(transparent)]
    Configuration(icp_runtime::StartError),
    /// The demo did not go as it must.
    #[error("the demo did not go as it must; the transcript says where")]
    Demo,
    /// A function that the template does not have.
    #[error("the template has no function {0}")]
    NoFunction(String),
    /// A queue that the template does not have.
    #[error("the template has no queue {0}")]
    NoQueue(String),
    /// A token for a role that no issuer of the template gives.
    #[error("the template has no authorizer {0}")]
    NoAuthorizer(String),
    /// Events beget events without end.
    #[error("after {0} deliveries there is still something to deliver: a function feeds itself")]
    Unsettled(usize),
    /// The running deployment could not be asked.
    #[error(
        "no local deployment answers on 127.0.0.1:{port}; start one with `cargo local`, or give its --aws-port"
    )]
    NotRunning {
        /// The port asked.
        port: u16,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The running deployment refused.
    #[error("{0}")]
    Refused(String),
}
