//! Writes filings, findings and history as files.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    icp_runtime::run(export_filings::open).await
}
