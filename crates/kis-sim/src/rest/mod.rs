//! The REST side: authentication, hash keys, and every call of the catalogue.
//!
//! Every call to `/uapi` passes the same gate (headers, token, rate). Then it is held against
//! the catalogue: path, method, `tr_id`, parameters. Orders and the lists of them are kept in a
//! book; else the answer is the recorded one, or one made up from the catalogue.

mod gate;
mod generated;
mod oauth;
mod orders;
mod pages;
mod params;
mod recorded;
mod reply;
mod service;
mod socket;
mod trading_days;

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, State},
    http::{HeaderMap, Method, Uri},
    middleware,
    response::{IntoResponse, Response},
    routing::{any, post},
};

pub(crate) use self::{
    orders::Orders,
    pages::Pages,
    recorded::Recorded,
    socket::{Sockets, Switch},
};
use self::{params::Params, reply::Refused, service::Service};
use crate::{fault::Instead, state::Shared};

/// The routes of the REST side.
pub(crate) fn router(shared: Arc<Shared>, recorded: Arc<Recorded>) -> Router {
    let gate = middleware::from_fn_with_state(shared.clone(), gate::pass);
    let service = Service { shared: shared.clone(), recorded };
    let uapi = Router::new()
        .route("/uapi/{*path}", any(call))
        .route("//uapi/{*path}", any(call))
        .route_layer(gate)
        .with_state(service);
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

/// Answers a call that passed the gate, or misbehaves as it was told to.
async fn call(
    State(service): State<Service>,
    ConnectInfo(switch): ConnectInfo<Switch>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(tr) = service::find(&method, uri.path()) else {
        return reply::not_found(uri.path());
    };
    let params = match method {
        Method::GET => Some(Params::from_query(uri.query().unwrap_or_default())),
        _ => Params::from_json(&body),
    };
    let call = match service.admit(tr, &headers, params) {
        Ok(call) => call,
        Err(refused) => return refused.into_response(),
    };
    let fault = service.shared.change(|inner| inner.faults.of_call(&call.tr_id));
    let Some(fault) = fault else { return service.answer(&call) };
    let answer = if fault.executed { Some(service.answer(&call)) } else { None };
    match fault.instead {
        Instead::Late(delay) => {
            tokio::time::sleep(delay).await;
            answer.unwrap_or_else(|| service.answer(&call))
        }
        Instead::Nothing => {
            switch.cut();
            // What is answered now does not get out any more.
            reply::not_found(uri.path())
        }
        Instead::Page(status) => reply::page(status),
        Instead::Refusal(refusal) => Refused::from(refusal).into_response(),
    }
}
