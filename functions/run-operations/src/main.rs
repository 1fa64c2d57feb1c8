//! Releases, brake and acknowledgements, for operators.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    icp_runtime::run(run_operations::open).await
}
