//! The REST side: authentication, hash keys and whatever the catalogue serves.
//!
//! Every call to `/uapi` passes the same gate (headers, token, rate), then the endpoint
//! its path and `tr_id` name checks the parameters and answers. An endpoint is data; see
//! [`Catalogue`].

mod catalogue;
mod gate;
mod oauth;
mod reply;

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, Method, Uri},
    middleware,
    response::{IntoResponse, Response},
    routing::{any, post},
};

pub(crate) use self::catalogue::Catalogue;
use self::{catalogue::Params, reply::Refused};
use crate::state::Shared;

/// The routes of the REST side.
pub(crate) fn router(shared: Arc<Shared>, catalogue: Arc<Catalogue>) -> Router {
    let gate = middleware::from_fn_with_state(shared.clone(), gate::pass);
    let uapi =
        Router::new().route("/uapi/{*path}", any(call)).route_layer(gate).with_state(catalogue);
    Router::new()
        .route("/oauth2/tokenP", post(oauth::token))
        .route("/oauth2/revokeP", post(oauth::revoke))
        .route("/oauth2/Approval", post(oauth::approval))
        .route("/uapi/hashkey", post(oauth::hash_key))
        .with_state(shared)
        .merge(uapi)
        .fallback(async |uri: Uri| reply::not_found(uri.path()))
        .layer(DefaultBodyLimit::max(64 * 1024))
}

/// Answers a call that passed the gate.
async fn call(
    State(catalogue): State<Arc<Catalogue>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let tr_id = gate::header(&headers, "tr_id").unwrap_or_default();
    let Some(endpoints) = catalogue.at(&method, uri.path()) else {
        return reply::not_found(uri.path());
    };
    let Some(endpoint) = endpoints.iter().find(|it| it.tr_id == tr_id) else {
        return Refused::NO_SERVICE.into_response();
    };
    let params = match method {
        Method::GET => Params::from_query(uri.query().unwrap_or_default()),
        _ => Params::from_json(&body),
    };
    endpoint.answer(&params)
}
