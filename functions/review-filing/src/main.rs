//! Reviews orders and cases, for the provider's staff.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    icp_runtime::run(review_filing::open).await
}
