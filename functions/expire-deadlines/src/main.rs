//! Does what falls due: reminders, last looks, lapses, stops.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    icp_runtime::run(expire_deadlines::open).await
}
