//! `cargo local`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    ExitCode::from(icp_local::cli::run().await)
}
