//! The routes, and what every request passes on its way to them.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
    routing::{any, get},
};

use super::{App, health};
use crate::{
    alerts, bot, docs,
    guard::{admit, cors, require},
    keys::Scope,
    metrics, openapi, orders, problem, rest, schema, sse, ws,
};

/// Everything that is served.
pub(super) fn router(app: &Arc<App>) -> Router {
    let needs = |scope| from_fn_with_state((scope, Arc::clone(app)), require);
    let read = Router::new()
        .route("/metrics", get(metrics::scrape))
        .route("/readyz", get(health::ready))
        .route("/v1/schema", get(schema::all))
        .route("/v1/schema/{tr_id}", get(schema::one))
        .route("/v1/stream", get(sse::stream))
        .route("/openapi.json", get(openapi::document))
        .merge(alerts::routes())
        .merge(rest::routes())
        .merge(docs::routes())
        .route_layer(needs(Scope::Read));
    let routes = Router::new()
        .merge(read)
        // Orders have rules of their own about who may place them.
        .merge(orders::router())
        // These decide for themselves what a caller without a key gets.
        .route("/healthz", get(health::alive))
        .route("/ws", any(ws::upgrade))
        .with_state(Arc::clone(app))
        .layer(DefaultBodyLimit::max(app.config.server.body_bytes_max));
    // Around all routes at once: a layer around each would let the order of
    // headers tell which there are.
    let router = Router::new()
        .fallback_service(routes)
        .layer(from_fn_with_state(Arc::clone(app), admit))
        .layer(from_fn_with_state(Arc::clone(app), bot::receive))
        .layer(from_fn(problem::describe));
    match cors(&app.guard) {
        Some(cors) => router.layer(cors),
        None => router,
    }
}
