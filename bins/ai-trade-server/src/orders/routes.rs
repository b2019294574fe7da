//! `/v1/orders`.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{FromRequestParts, Path, Query, rejection::QueryRejection},
    http::{HeaderMap, StatusCode, request::Parts},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    Orders,
    audit::{Entry, Who},
    clock,
    draft::Draft,
    list,
    record::Action,
    reply::view,
    request::Cancel,
    send::broken,
    shortened,
};
use crate::{
    guard::{Caller, Reason, scope_missing},
    keys::Scope,
    problem::Problem,
    server::App,
};

/// The routes of orders. They are there when orders are off as well, to say so.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/orders", get(all).post(place))
        .route("/v1/orders/status", get(status))
        .route("/v1/orders/kill", post(kill).delete(release))
        .route("/v1/orders/{id}", get(one).delete(cancel))
        .route("/v1/orders/{id}/amend", post(amend))
}

/// Somebody who may trade.
struct Trader(Desk);

/// Somebody who may stop others from trading.
struct Admin(Desk);

/// The orders, and who asks.
struct Desk {
    orders: Arc<Orders>,
    who: Who,
}

impl Desk {
    fn of(parts: &Parts, app: &App, scope: Scope) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Caller>().filter(|it| it.may(scope));
        let Some(caller) = caller else {
            app.guard.refusals().count(Reason::Scope);
            return Err(scope_missing(scope));
        };
        let orders = app.orders.clone().ok_or_else(|| {
            let detail = "orders are off on this server; ORDERS__ENABLED=true switches them on";
            Problem::new(StatusCode::FORBIDDEN, detail).code("orders_off")
        })?;
        let who = Who {
            key: caller.key_id().map(str::to_owned),
            name: caller.key_name().map(str::to_owned),
        };
        // Anything on the machine can reach loopback: that is not enough to move money.
        if who.key.is_none() && !orders.open {
            app.guard.refusals().count(Reason::Scope);
            let detail = format!(
                "orders need a key with the scope `{scope}`, on loopback as well: make one with \
                 `ai-trade-server key new --scope {scope}` and send it as `Authorization: Bearer …`"
            );
            return Err(Problem::new(StatusCode::FORBIDDEN, detail).code("key_needed"));
        }
        Ok(Self { orders, who })
    }
}

impl Desk {
    /// Sends what could be drafted; what could not is an attempt as well.
    async fn submit(
        &self,
        action: Action,
        of: Option<&str>,
        draft: Result<(Draft, bool), Problem>,
    ) -> Result<Response, Problem> {
        let Self { orders, who } = self;
        let (draft, dry_run) = draft.inspect_err(|problem| {
            let of = of.map(shortened);
            let entry = Entry::new(who, action.as_str(), "refused");
            orders.audit(&Entry { of: of.as_deref(), code: problem.word(), ..entry });
            orders.ends.refused();
        })?;
        let reply = orders.submit(who.clone(), draft, dry_run).await?;
        Ok(reply.response(orders.simulated))
    }
}

impl FromRequestParts<Arc<App>> for Trader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        Desk::of(parts, app, Scope::Trade).map(Self)
    }
}

impl FromRequestParts<Arc<App>> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        Desk::of(parts, app, Scope::Admin).map(Self)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mode {
    #[serde(default)]
    dry_run: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CancelQuery {
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    quantity: Option<std::num::NonZeroU32>,
}

type Queried<T> = Result<Query<T>, QueryRejection>;

async fn place(
    Trader(desk): Trader,
    query: Queried<Mode>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let Desk { orders, who } = &desk;
    let draft = || {
        let (Mode { dry_run }, key) = (queried(query)?, idempotency_key(&headers)?);
        Ok((orders.place(who, key, read(&headers, &body)?)?, dry_run))
    };
    desk.submit(Action::Place, None, draft()).await
}

async fn amend(
    Trader(desk): Trader,
    Path(id): Path<String>,
    query: Queried<Mode>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let Desk { orders, who } = &desk;
    let draft = || {
        let (Mode { dry_run }, key) = (queried(query)?, idempotency_key(&headers)?);
        Ok((orders.amend(who, key, &id, &read(&headers, &body)?)?, dry_run))
    };
    desk.submit(Action::Amend, Some(&id), draft()).await
}

async fn cancel(
    Trader(desk): Trader,
    Path(id): Path<String>,
    query: Queried<CancelQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Desk { orders, who } = &desk;
    let draft = || {
        let CancelQuery { dry_run, quantity } = queried(query)?;
        let key = idempotency_key(&headers)?;
        Ok((orders.cancel(who, key, &id, Cancel { quantity })?, dry_run))
    };
    desk.submit(Action::Cancel, Some(&id), draft()).await
}

async fn all(
    Trader(Desk { orders, .. }): Trader,
    query: Queried<list::Query>,
) -> Result<Json<Value>, Problem> {
    orders.list(queried(query)?).await.map(Json)
}

async fn one(
    Trader(Desk { orders, .. }): Trader,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(view(&orders.get(&id)?, orders.simulated)))
}

/// What is allowed, and what of it has been used today.
async fn status(Trader(Desk { orders, .. }): Trader) -> Json<Value> {
    Json(orders.status())
}

async fn kill(Admin(Desk { orders, who }): Admin) -> Result<Response, Problem> {
    let by = who.shown();
    orders.kill.switch_on(by).map_err(|error| {
        tracing::error!(%error, "the kill switch cannot be switched on");
        broken("the kill switch cannot be written; end the server to stop orders")
    })?;
    tracing::warn!(by, "the kill switch is on");
    orders.audit(&Entry::new(&who, "kill", "done"));
    Ok(Json(orders.status()).into_response())
}

async fn release(Admin(Desk { orders, who }): Admin) -> Result<Response, Problem> {
    if orders.kill.is_configured() {
        let detail =
            "the kill switch is on by ORDERS__KILL; only the configuration switches it off";
        return Err(Problem::new(StatusCode::CONFLICT, detail).code("killed"));
    }
    orders.kill.switch_off().map_err(|error| {
        tracing::error!(%error, "the kill switch cannot be switched off");
        broken("the kill switch cannot be removed")
    })?;
    tracing::warn!(by = who.shown(), "the kill switch is off");
    orders.audit(&Entry::new(&who, "release", "done"));
    Ok(Json(orders.status()).into_response())
}

impl Orders {
    fn status(&self) -> Value {
        let spent = |currency: &str| self.book().spent(clock::now(), currency);
        let orders = spent("KRW").orders;
        let amounts: serde_json::Map<String, Value> = self
            .gate
            .currencies()
            .map(|it| (it.to_owned(), spent(it).amount.to_string().into()))
            .collect();
        json!({
            "real": self.is_real(),
            "simulated": self.simulated,
            "dry_run": self.dry_run,
            "killed": self.kill.is_on(),
            "limits": self.gate.limits(),
            "today": { "orders": orders, "amount": amounts },
        })
    }
}

fn queried<T>(query: Queried<T>) -> Result<T, Problem> {
    query.map(|Query(it)| it).map_err(|error| {
        let detail = error.body_text();
        Problem::new(StatusCode::BAD_REQUEST, detail).code("invalid_query")
    })
}

/// 1 to 128 visible characters, in quotation marks or not.
fn idempotency_key(headers: &HeaderMap) -> Result<String, Problem> {
    let mut sent = headers.get_all("idempotency-key").iter();
    let key = sent.next().and_then(|it| it.to_str().ok()).map(|it| it.trim().trim_matches('"'));
    let fits =
        |it: &&str| matches!(it.len(), 1..=128) && it.bytes().all(|it| it.is_ascii_graphic());
    match key.filter(fits).filter(|_| sent.next().is_none()) {
        Some(key) => Ok(key.to_owned()),
        None => {
            let detail = "the header Idempotency-Key is needed: 1 to 128 visible characters of \
                          your own, new for every order, the same when you repeat one";
            Err(Problem::new(StatusCode::BAD_REQUEST, detail).code("idempotency_key_missing"))
        }
    }
}

fn read<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Problem> {
    let kind = headers.get("content-type").and_then(|it| it.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        let detail = "the body must be JSON, with Content-Type: application/json";
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Problem::new(status, detail).code("not_json"));
    }
    serde_json::from_slice(body).map_err(|error| {
        let status = match error.is_data() {
            true => StatusCode::UNPROCESSABLE_ENTITY,
            false => StatusCode::BAD_REQUEST,
        };
        // Whoever sends a novel does not get it back.
        let detail: String = error.to_string().chars().take(400).collect();
        Problem::new(status, detail).code("invalid_order")
    })
}
