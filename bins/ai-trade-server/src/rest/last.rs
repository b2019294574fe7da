//! `/v1/last/{tr_id}/{tr_key}`: the last record of a topic.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use kis_protocol::Topic;
use serde::Deserialize;

use crate::{
    guard::{Caller, Reason, scope_missing},
    keys::Scope,
    problem::Problem,
    router::is_notice,
    server::App,
    wire::{WireFormat, texts},
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Options {
    #[serde(default)]
    format: WireFormat,
}

pub(super) async fn last(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path((tr_id, tr_key)): Path<(String, String)>,
    Query(options): Query<Options>,
) -> Result<Response, Problem> {
    if is_notice(&tr_id) && !caller.may_know_the_account() {
        app.guard.refusals().count(Reason::Scope);
        return Err(scope_missing(Scope::Trade));
    }
    let topic = Topic::new(&tr_id, &tr_key);
    let Some((_, frame)) = app.hub.last(topic.as_str(), options.format.into()) else {
        let shown: String = topic.as_str().chars().take(100).collect();
        let detail = format!(
            "there is no record of {shown:?}: subscribe to it at /ws or /v1/stream, and it is kept \
             as long as somebody is subscribed"
        );
        return Err(Problem::new(StatusCode::NOT_FOUND, detail).code("no_record"));
    };
    let media_type = match options.format {
        WireFormat::Raw => "text/plain; charset=utf-8",
        WireFormat::Fields | WireFormat::Normalized => "application/json",
    };
    let text = texts(&frame).next().unwrap_or_default().to_vec();
    let no_store = HeaderValue::from_static("no-store");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CACHE_CONTROL, no_store),
    ];
    Ok((headers, text).into_response())
}
