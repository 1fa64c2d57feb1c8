//! Proves contact numbers by SMS code.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    icp_runtime::run(verify_contact::open).await
}
