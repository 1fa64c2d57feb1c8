//! Judges evidence: clocks, cases, findings.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    icp_runtime::run(import_filings::open).await
}
