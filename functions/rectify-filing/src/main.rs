//! Shows cases, takes what filers do about them, and tells the way back.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    icp_runtime::run(rectify_filing::open).await
}
