//! What every `/uapi` call has to show before anything else is looked at.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{Request, State},
    http::HeaderMap,
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::reply::Refused;
use crate::{auth::BadToken, config::SimConfig, state::Shared};

/// Lets a call pass that has its headers, a valid token, and is not one too many.
pub(crate) async fn pass(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    match check(&shared, request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.into_response(),
    }
}

/// A header's text; empty is as good as absent.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|text| !text.is_empty())
}

/// Whether app key and secret are there and, where the simulator knows which exist, right.
pub(crate) fn credential<E>(
    config: &SimConfig,
    app_key: Option<&str>,
    app_secret: Option<&str>,
    [no_key, bad_key, no_secret, bad_secret]: [E; 4],
) -> Result<String, E> {
    let app_key = app_key.filter(|it| !it.is_empty()).ok_or(no_key)?;
    let app_secret = app_secret.filter(|it| !it.is_empty()).ok_or(no_secret)?;
    if !config.credentials.is_empty() {
        let mut known = config.credentials.iter();
        let known = known.find(|it| it.app_key == app_key).ok_or(bad_key)?;
        if known.app_secret != app_secret {
            return Err(bad_secret);
        }
    }
    Ok(app_key.to_owned())
}

fn check(shared: &Shared, headers: &HeaderMap) -> Result<(), Refused> {
    let token = header(headers, "authorization").and_then(|it| it.strip_prefix("Bearer "));
    let app_key = credential(
        &shared.config,
        header(headers, "appkey"),
        header(headers, "appsecret"),
        [Refused::NO_APP_KEY, Refused::BAD_APP_KEY, Refused::NO_SECRET, Refused::BAD_SECRET],
    );
    let now = Instant::now();
    shared.change(|inner| {
        inner.counters.calls += 1;
        let token = token.ok_or(Refused::NO_BEARER)?;
        let app_key = app_key?;
        inner.auth.check(token.trim(), now).map_err(|bad| match bad {
            BadToken::Unknown => Refused::UNKNOWN_TOKEN,
            BadToken::Expired => Refused::EXPIRED_TOKEN,
        })?;
        let allowed = inner.auth.call(&app_key, shared.config.rest_per_second, now);
        inner.counters.limited += u64::from(!allowed);
        if allowed { Ok(()) } else { Err(Refused::TOO_MANY) }
    })?;
    header(headers, "tr_id").map(|_| ()).ok_or(Refused::NO_TR_ID)
}
