//! Logs: JSON lines for CloudWatch, one span per invocation.

use tracing_subscriber::EnvFilter;

/// Sets the process up to log, and a panic to be logged before the runtime turns it into an error.
pub(crate) fn start(filter: Option<&str>) {
    let asked = filter.unwrap_or("info");
    let parsed = EnvFilter::try_new(asked);
    let refused = parsed.as_ref().err().map(ToString::to_string);
    let filter = parsed.unwrap_or_else(|_| EnvFilter::new("info"));
    // A second call in one process (the local deployment) keeps the first's settings.
    let _already = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(filter)
        .try_init();
    if let Some(why) = refused {
        tracing::warn!("RUST_LOG is {asked:?}, which does not hold: {why}; it counts as info");
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(place, "a function panicked");
    }));
}
