//! `/v1/catalogue`: every REST call of KIS, as data.

use axum::{
    Json,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kis_protocol::catalogue::{self, Environment, Tr};
use serde::Serialize;

use super::is_private;
use crate::problem::Problem;

/// A call in few words.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    id: &'static str,
    name: &'static str,
    section: &'static str,
    tr_ids: Vec<&'static str>,
    /// Where it is made here; none for orders and what is about tokens.
    path: Option<String>,
    order: bool,
    /// Whether it tells of the account, for which a key needs `trade` or `admin`.
    private: bool,
    /// Whether paper trading has it.
    paper: bool,
    paged: bool,
}

impl Entry {
    fn of(tr: &'static Tr) -> Self {
        let readable = !tr.order && !tr.rules.is_empty();
        let mut tr_ids: Vec<_> = tr.rules.iter().map(|it| it.real).collect();
        tr_ids.dedup();
        Self {
            id: tr.id,
            name: tr.name,
            section: tr.section,
            tr_ids,
            path: readable.then(|| format!("/v1/{}", tr.id)),
            order: tr.order,
            private: is_private(tr),
            paper: tr.is_offered(Environment::Paper),
            paged: tr.paging.is_some(),
        }
    }
}

pub(super) async fn all() -> Json<Vec<Entry>> {
    Json(catalogue::all().iter().map(Entry::of).collect())
}

/// One call with its parameters and columns.
pub(super) async fn one(Path((market, call)): Path<(String, String)>) -> Response {
    let id = format!("{market}/{call}");
    match catalogue::find(&id) {
        Some(tr) => Json(tr).into_response(),
        None => {
            let id: String = id.chars().take(100).collect();
            let detail = format!("there is no call {id:?}; /v1/catalogue lists all of them");
            Problem::new(StatusCode::NOT_FOUND, detail).code("unknown_call").into_response()
        }
    }
}
