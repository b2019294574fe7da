//! `/v1/{market}/{call}`: every call of the catalogue that reads, by its id.

use std::{pin::pin, sync::Arc};

use axum::{
    Extension,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use kis_broker::{CallOptions, RestError};
use kis_protocol::catalogue::{self, Prepared, Tr};

use super::{
    Api, answer,
    failure::{self, Expected},
    is_private, personal,
};
use crate::{
    guard::{Caller, Reason, scope_missing},
    keys::Scope,
    problem::Problem,
    server::App,
};

/// The parameter that is ours: how many pages are wanted.
const PAGES: &str = "pages";

pub(super) async fn call(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path((market, call)): Path<(String, String)>,
    Query(mut given): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let tr = readable(&format!("{market}/{call}"))?;
    if is_private(tr) && !caller.may_know_the_account() {
        app.guard.refusals().count(Reason::Scope);
        return Err(scope_missing(Scope::Trade));
    }
    let api = &app.api;
    let pages = take_pages(&mut given, api.pages_max)?;
    let given = personal::fill(tr, &api.account, given)?;
    let call = tr.prepare(api.environment, given);
    let call = call.map_err(|it| failure::of_call(&it, Expected::of(tr)))?;
    match pages {
        None => Ok(api.read(&call).await.map_err(|it| failure::of(&it))?.into_response()),
        Some(max) => api.pages(call, max).await.map_err(|it| failure::of(&it)),
    }
}

/// The call, if it may be made here.
fn readable(id: &str) -> Result<&'static Tr, Problem> {
    let Some(tr) = catalogue::find(id) else {
        let id: String = id.chars().take(100).collect();
        let detail = format!("there is no call {id:?}; /v1/catalogue lists all of them");
        return Err(Problem::new(StatusCode::NOT_FOUND, detail).code("unknown_call"));
    };
    if tr.order {
        let detail = format!("{id} places or changes orders, which is done at /v1/orders only");
        return Err(Problem::new(StatusCode::FORBIDDEN, detail).code("order"));
    }
    if tr.rules.is_empty() {
        let detail = format!("{id} is about keys and tokens, which the server keeps to itself");
        return Err(Problem::new(StatusCode::FORBIDDEN, detail).code("oauth"));
    }
    Ok(tr)
}

/// Takes `pages` out of what is given to the call.
fn take_pages(given: &mut Vec<(String, String)>, max: usize) -> Result<Option<usize>, Problem> {
    let Some(index) = given.iter().position(|it| it.0 == PAGES) else { return Ok(None) };
    let (_, value) = given.remove(index);
    let pages = value.parse().ok().filter(|it| (1..=max).contains(it));
    if pages.is_none() || given.iter().any(|it| it.0 == PAGES) {
        let detail = format!("`pages` must be one number from 1 to {max}");
        return Err(Problem::new(StatusCode::BAD_REQUEST, detail).code("invalid_parameter"));
    }
    Ok(pages)
}

impl Api {
    /// The first pages of an answer.
    async fn pages(&self, call: Prepared, max: usize) -> Result<Response, RestError> {
        let options = CallOptions::within(self.deadline);
        let (mut pages, mut more) = (Vec::new(), false);
        let mut stream = pin!(self.rest.pages(call, max, options));
        while let Some(page) = stream.next().await {
            match page {
                Ok(page) => pages.push(page),
                Err(RestError::MorePages { .. }) => more = true,
                Err(error) => return Err(error),
            }
        }
        Ok(answer::pages(&pages, more))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_called() {
        let check = |id: &str, expected: Result<(), u16>| {
            assert_eq!(readable(id).map(drop).map_err(|it| it.status().as_u16()), expected, "{id}");
        };
        check("domestic-stock/inquire-price", Ok(()));
        check("domestic-stock/inquire-balance", Ok(()));
        check("domestic-stock/order-cash", Err(403));
        check("oauth2/token", Err(403));
        check("domestic-stock/nothing", Err(404));
        for tr in catalogue::all() {
            assert_eq!(readable(tr.id).is_ok(), tr.method.as_str() == "GET", "{}", tr.id);
        }
    }

    #[test]
    fn pages() {
        let check = |given: &[(&str, &str)], expected: Option<(Option<usize>, usize)>| {
            let mut given: Vec<_> =
                given.iter().map(|it| (it.0.to_owned(), it.1.to_owned())).collect();
            let taken = take_pages(&mut given, 10).map(|it| (it, given.len()));
            assert_eq!(taken.ok(), expected);
        };
        check(&[("a", "1")], Some((None, 1)));
        check(&[("a", "1"), ("pages", "10")], Some((Some(10), 1)));
        for wrong in ["0", "11", "", "x", "-1"] {
            check(&[("pages", wrong)], None);
        }
        check(&[("pages", "1"), ("pages", "2")], None);
    }
}
