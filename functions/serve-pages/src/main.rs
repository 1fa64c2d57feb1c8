//! Serves the pages.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    icp_runtime::run(serve_pages::open).await
}
