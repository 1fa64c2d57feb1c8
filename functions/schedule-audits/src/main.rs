//! Plans the audits that are due and sends their looks.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    icp_runtime::run(schedule_audits::open).await
}
