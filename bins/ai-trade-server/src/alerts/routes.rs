//! `/v1/alerts`.

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    extract::{FromRequestParts, Path, State},
    http::{HeaderName, StatusCode, header, request::Parts},
    response::IntoResponse,
    routing::get,
};
use serde_json::{Value, json};

use super::AlertError;
use crate::{
    guard::{Caller, Reason, scope_missing},
    keys::Scope,
    problem::Problem,
    server::App,
};

/// The routes, which need the scope `read`; changes need `trade` or `admin`.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/alerts", get(list).post(create))
        .route("/v1/alerts/{id}", get(one).put(replace).patch(amend).delete(delete))
}

/// Somebody who may change what others are told.
struct Editor;

impl FromRequestParts<Arc<App>> for Editor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Caller>();
        if caller.is_some_and(|it| it.may(Scope::Trade) || it.may(Scope::Admin)) {
            return Ok(Self);
        }
        app.guard.refusals().count(Reason::Scope);
        Err(scope_missing(Scope::Trade))
    }
}

async fn list(State(app): State<Arc<App>>) -> Json<Value> {
    let alerts: Vec<_> = app.alerts.list().iter().map(|it| app.alerts.view(it)).collect();
    Json(json!({ "alerts": alerts }))
}

async fn one(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    let found = app.alerts.get(&id).ok_or_else(|| unknown(&id))?;
    Ok(Json(app.alerts.view(&found)))
}

async fn create(
    _: Editor,
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Json(rule): Json<Value>,
) -> Result<impl IntoResponse, Problem> {
    let id = app.alerts.create(rule).await?;
    tracing::info!(%id, key = caller.key_id(), "alert made");
    let found = app.alerts.get(&id).ok_or_else(|| unknown(&id))?;
    let location: [(HeaderName, String); 1] = [(header::LOCATION, format!("/v1/alerts/{id}"))];
    Ok((StatusCode::CREATED, location, Json(app.alerts.view(&found))))
}

async fn replace(
    _: Editor,
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Json(rule): Json<Value>,
) -> Result<Json<Value>, Problem> {
    app.alerts.replace(&id, rule).await?;
    changed(&app, &caller, &id)
}

async fn amend(
    _: Editor,
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Json(changes): Json<Value>,
) -> Result<Json<Value>, Problem> {
    app.alerts.amend(&id, &changes).await?;
    changed(&app, &caller, &id)
}

fn changed(app: &App, caller: &Caller, id: &str) -> Result<Json<Value>, Problem> {
    tracing::info!(%id, key = caller.key_id(), "alert changed");
    let found = app.alerts.get(id).ok_or_else(|| unknown(id))?;
    Ok(Json(app.alerts.view(&found)))
}

async fn delete(
    _: Editor,
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    app.alerts.delete(&id).await?;
    tracing::info!(%id, key = caller.key_id(), "alert deleted");
    Ok(StatusCode::NO_CONTENT)
}

fn unknown(id: &str) -> Problem {
    AlertError::Unknown(id.chars().take(64).collect()).into()
}
