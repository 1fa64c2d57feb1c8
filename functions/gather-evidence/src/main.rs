//! Looks things up, and judges nothing.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    icp_runtime::run(gather_evidence::open).await
}
