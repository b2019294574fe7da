//! A call that passed the gate: whether it is one of the catalogue, and its answer.

use std::{
    sync::Arc,
    time::{Instant, SystemTime},
};

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode},
    response::Response,
};
use kis_protocol::catalogue::{self, Environment, Rule, Tr};
use serde_json::Value;
use uuid::Uuid;

use super::{
    gate::header,
    generated::{self, PAGES},
    orders::{List, Scene},
    params::Params,
    recorded::Recorded,
    reply::{Refused, json},
};
use crate::{clock, state::Shared};

/// The parameters that are not sent and say what an order is; its `tr_id` tells them.
const SIDES: [&str; 3] = ["side", "action", "kind"];

/// What answers calls.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) shared: Arc<Shared>,
    pub(super) recorded: Arc<Recorded>,
}

/// A call that KIS would carry out.
pub(super) struct Call {
    tr: &'static Tr,
    pub(super) tr_id: String,
    app_key: String,
    paper: bool,
    /// What the `tr_id` says of an order, `buy` for instance.
    side: Option<&'static str>,
    params: Params,
    following: bool,
}

/// The call at a path, if it is made this way. KIS does not mind a second slash in front, which
/// mojito puts there.
pub(super) fn find(method: &Method, path: &str) -> Option<&'static Tr> {
    let path = path.strip_prefix('/').filter(|it| it.starts_with('/')).unwrap_or(path);
    catalogue::at(path).filter(|tr| tr.method.as_str() == method.as_str())
}

impl Service {
    /// Holds a call against the catalogue. No parameters: they could not be read.
    pub(super) fn admit(
        &self,
        tr: &'static Tr,
        headers: &HeaderMap,
        params: Option<Params>,
    ) -> Result<Call, Refused> {
        let tr_id = header(headers, "tr_id").unwrap_or_default();
        if header(headers, "custtype").is_some_and(|it| !matches!(it, "P" | "B")) {
            return Err(Refused::BAD_CUSTTYPE);
        }
        let (rules, paper) = self.rules(tr, tr_id)?;
        let app_key = header(headers, "appkey").unwrap_or_default();
        let shared = &self.shared;
        if tr.uses_account()
            && !shared.change(|inner| {
                let per_second = shared.config.ledger_per_second;
                let allowed = inner.auth.ledger_call(app_key, per_second, Instant::now());
                inner.counters.limited += u64::from(!allowed);
                allowed
            })
        {
            return Err(Refused::TOO_MANY_FOR_LEDGER);
        }
        let params = params.ok_or(Refused::UNREADABLE)?;
        params.check(tr, &rules)?;
        let side = if tr.aliases.contains(&tr_id) {
            alias_side(tr, tr_id)
        } else {
            let conditions = rules.iter().flat_map(|it| &it.when);
            let mut sides = conditions.filter(|it| SIDES.contains(&it.name));
            sides.find_map(|it| it.is.first().copied())
        };
        shared.change(|inner| *inner.calls.entry(tr_id.to_owned()).or_default() += 1);
        Ok(Call {
            tr,
            tr_id: tr_id.to_owned(),
            app_key: app_key.to_owned(),
            paper,
            side,
            params,
            following: header(headers, "tr_cont") == Some("N"),
        })
    }

    /// The rules of the catalogue that a `tr_id` belongs to, and whether it is one of paper
    /// trading.
    fn rules(&self, tr: &'static Tr, tr_id: &str) -> Result<(Vec<&'static Rule>, bool), Refused> {
        let by = |environment| {
            let rules = tr.rules.iter().filter(|it| it.tr_id(environment) == Some(tr_id));
            rules.collect::<Vec<_>>()
        };
        let (mut real, mut paper) = (by(Environment::Real), by(Environment::Paper));
        if tr.aliases.contains(&tr_id) {
            // Those of paper trading begin with V. Which rule they stand for does not matter.
            let side = if tr_id.starts_with('V') { &mut paper } else { &mut real };
            side.extend(&tr.rules);
        }
        match self.shared.config.environment {
            _ if real.is_empty() && paper.is_empty() => Err(Refused::NO_SERVICE),
            Some(Environment::Paper) if paper.is_empty() => Err(Refused::NOT_ON_PAPER),
            Some(Environment::Real) if real.is_empty() => Err(Refused::NO_SERVICE),
            Some(Environment::Paper) => Ok((paper, true)),
            // Where both are served, a tr_id that both have is a quote.
            _ if real.is_empty() => Ok((paper, true)),
            _ => Ok((real, false)),
        }
    }

    /// Carries a call out.
    pub(super) fn answer(&self, call: &Call) -> Response {
        let Call { tr, params, paper, .. } = call;
        let (now, page) = (SystemTime::now(), self.page(call));
        let result: Result<_, Refused> = self.shared.change(|inner| {
            if tr.order {
                let now = clock::stamp(now);
                let scene = Scene { now: &now, paper: *paper };
                let body = inner.orders.place(tr, call.side, params, scene)?;
                inner.counters.orders += 1;
                return Ok(Some((body, "")));
            }
            let Some(list) = List::of(tr) else { return Ok(None) };
            let (body, more) = inner.orders.list(tr, list, params, page, *paper);
            Ok(Some((body, if more { "M" } else { "D" })))
        });
        match result {
            Ok(Some((body, tr_cont))) => call.response(&body, tr_cont, "book"),
            Err(refused) => axum::response::IntoResponse::into_response(refused),
            Ok(None) => match self.recorded.answer(&call.tr_id, params) {
                // One page is all there is, so `tr_cont` says that nothing follows.
                Some(body) => call.response(&body, "", "recorded"),
                None => {
                    let page = page.min(PAGES);
                    let tr_cont = match (&tr.paging, page) {
                        (None, _) => "",
                        (_, PAGES) => "D",
                        _ => "M",
                    };
                    let body = generated::answer(tr, params, page, now);
                    call.response(&body, tr_cont, "generated")
                }
            },
        }
    }

    fn page(&self, call: &Call) -> usize {
        let Call { tr, params, app_key, following, .. } = call;
        self.shared.change(|inner| inner.pages.page(app_key, tr, params, *following))
    }
}

/// The side of an order that goes by its old name, whose last digits tell as those of the new.
fn alias_side(tr: &Tr, tr_id: &str) -> Option<&'static str> {
    (tr.order && tr.parameter("side").is_some())
        .then(|| if tr_id.ends_with("1U") { "sell" } else { "buy" })
}

impl Call {
    /// A response with the headers KIS sends, and one that says where it comes from.
    fn response(&self, body: &Value, tr_cont: &'static str, source: &'static str) -> Response {
        let mut response = json(StatusCode::OK, body);
        let headers = response.headers_mut();
        headers.insert(HeaderName::from_static("tr_cont"), HeaderValue::from_static(tr_cont));
        headers.insert(HeaderName::from_static("x-kis-sim"), HeaderValue::from_static(source));
        let texts =
            [("tr_id", self.tr_id.clone()), ("gt_uid", Uuid::new_v4().simple().to_string())];
        for (name, text) in texts {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}
