//! Takes in and keeps filing orders, for the filer.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    icp_runtime::run(submit_filing::open).await
}
