//! The whole deployment on one machine, from `template.yaml`.
//!
//! **Invariant:** what a function may reach here is what `template.yaml` grants it, and nothing
//! here decides business: the emulator moves events and calls, the functions do the rest.

mod chance;
pub mod cli;
mod clock;
mod connector;
mod control;
pub mod demo;
mod deployment;
mod dynamo;
mod error;
mod events;
mod faults;
mod files;
pub mod functions;
mod gateway;
mod issuer;
mod journal;
mod kms;
mod policy;
mod port;
pub mod registries;
mod relay;
mod s3;
mod serve;
mod server;
pub mod sites;
mod sns;
mod sqs;
pub mod stage;
mod stream;
mod sync;
pub mod template;
mod tencent;
mod wire;

pub use clock::LocalClock;
pub use connector::sdk_config;
pub use deployment::{Deployment, Failure, Handler, Options};
pub use error::LocalError;
pub use faults::{Fault, Faults, Interloper};
pub use files::Place;
pub use issuer::{Grant, Issuers};
pub use journal::{Call, Journal, Units};
pub use port::{LOCAL_CALLER, Port};
pub use relay::ReadMail;
pub use server::{Listener, Service};
pub use sns::{Sms, TopicMessage};
pub use template::Template;
