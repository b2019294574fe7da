//! Which pages of other origins may read the answers (CORS).

use std::{sync::Arc, time::Duration};

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::Guard;

/// The layer for pages of configured origins; none when none are configured.
pub(crate) fn cors(guard: &Arc<Guard>) -> Option<CorsLayer> {
    if guard.settings().server.origins.is_empty() {
        return None;
    }
    let guard = Arc::clone(guard);
    let allowed = move |origin: &HeaderValue, _: &_| {
        let origins = &guard.settings().server.origins;
        let is = |it: &String| it == "*" || it.as_bytes().eq_ignore_ascii_case(origin.as_bytes());
        origins.iter().any(is)
    };
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(allowed))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("last-event-id"),
        ])
        .expose_headers([
            header::AGE,
            header::LOCATION,
            header::RETRY_AFTER,
            HeaderName::from_static("idempotency-replayed"),
            HeaderName::from_static("tr_cont"),
        ])
        .max_age(Duration::from_secs(600));
    Some(layer)
}
