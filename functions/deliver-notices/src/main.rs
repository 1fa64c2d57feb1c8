//! Delivers what commits left in the outbox.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    icp_runtime::run(deliver_notices::open).await
}
