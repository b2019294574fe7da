//! KIS' answer as an HTTP response.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use kis_broker::Answer;

/// KIS' header that says whether another page follows: `M` or `F` if so.
pub(super) const TR_CONT: HeaderName = HeaderName::from_static("tr_cont");

/// An answer, and how fresh it is.
pub(super) struct Read {
    pub(super) answer: Answer,
    /// How old it is, when somebody else has asked for it.
    pub(super) age: Option<Duration>,
    /// For how long it is given to others; none when to nobody.
    pub(super) life: Option<Duration>,
}

/// KIS' JSON as it came.
impl IntoResponse for Read {
    fn into_response(self) -> Response {
        let mut response = json(Body::from(self.answer.body));
        let headers = response.headers_mut();
        if let Ok(tr_cont) = HeaderValue::from_str(&self.answer.tr_cont) {
            headers.insert(TR_CONT, tr_cont);
        }
        let control = match self.life {
            None => HeaderValue::from_static("no-store"),
            Some(life) => {
                let text = format!("private, max-age={}", life.as_secs());
                HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("no-store"))
            }
        };
        headers.insert(header::CACHE_CONTROL, control);
        if let Some(age) = self.age {
            headers.insert(header::AGE, age.as_secs().into());
        }
        response
    }
}

/// Several pages: `{"pages":[…],"more":true}`, each as it came.
pub(super) fn pages(pages: &[Answer], more: bool) -> Response {
    let bytes = pages.iter().map(|it| it.body.len() + 1).sum::<usize>();
    let mut body = Vec::with_capacity(bytes + 32);
    body.extend_from_slice(b"{\"pages\":[");
    for (index, page) in pages.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        body.extend_from_slice(&page.body);
    }
    body.extend_from_slice(if more { b"],\"more\":true}" } else { b"],\"more\":false}" });
    let mut response = json(Body::from(body));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(super) fn json(body: Body) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}
