//! The REST TRs that are served, as data: recorded responses and what they need.

use std::collections::HashMap;

use axum::{
    http::{HeaderName, HeaderValue, Method, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::reply::{Refused, json};
use crate::{SimError, fixtures};

/// Every endpoint, by method and path; several TRs can share a path.
#[derive(Debug)]
pub(crate) struct Catalogue(HashMap<(Method, String), Vec<Endpoint>>);

/// One TR: how it is called and what it answers. A file in `fixtures/rest` holds one.
#[derive(Debug, Deserialize)]
pub(crate) struct Endpoint {
    pub(crate) tr_id: String,
    method: String,
    path: String,
    status: u16,
    /// The parameters without which it refuses.
    params: Vec<String>,
    /// Places in the response that repeat a parameter: JSON pointer to a text with `{PARAM}`
    /// in it. So one recorded response does for every symbol.
    echo: HashMap<String, String>,
    response: Value,
}

impl Catalogue {
    /// The recorded responses that come with the simulator.
    pub(crate) fn fixtures() -> Result<Self, SimError> {
        let mut all: HashMap<_, Vec<_>> = HashMap::new();
        for (file, text) in fixtures::REST {
            let broken = |source| SimError::Response { file: (*file).to_owned(), source };
            let endpoint: Endpoint = serde_json::from_str(text).map_err(broken)?;
            let method = if endpoint.method == "POST" { Method::POST } else { Method::GET };
            all.entry((method, endpoint.path.clone())).or_default().push(endpoint);
        }
        Ok(Self(all))
    }

    /// The TRs of a path.
    pub(crate) fn at(&self, method: &Method, path: &str) -> Option<&[Endpoint]> {
        self.0.get(&(method.clone(), path.to_owned())).map(Vec::as_slice)
    }
}

impl Endpoint {
    /// The response to a call with these parameters.
    pub(crate) fn answer(&self, params: &Params) -> Response {
        if let Some(missing) = self.params.iter().find(|name| params.get(name).is_none()) {
            return Refused::missing(missing).into_response();
        }
        let mut body = self.response.clone();
        for (place, template) in &self.echo {
            if let Some(value) = body.pointer_mut(place) {
                *value = params.fill(template).into();
            }
        }
        let mut response = json(StatusCode::from_u16(self.status).unwrap_or_default(), &body);
        let headers = response.headers_mut();
        // One page is all there is, so `tr_cont` says that nothing follows.
        headers.insert(HeaderName::from_static("tr_cont"), HeaderValue::from_static(""));
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

/// The parameters of a call, of the query or of the JSON body, by name in upper case:
/// clients write them in either.
#[derive(Debug, Default)]
pub(crate) struct Params(HashMap<String, String>);

impl Params {
    pub(crate) fn from_query(query: &str) -> Self {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        Self(pairs.map(|(name, value)| (name.to_ascii_uppercase(), decoded(value))).collect())
    }

    pub(crate) fn from_json(body: &[u8]) -> Self {
        let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
            return Self::default();
        };
        let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Self(members.into_iter().map(|(name, it)| (name.to_ascii_uppercase(), text(it))).collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A template with every `{PARAM}` filled in.
    fn fill(&self, template: &str) -> String {
        self.0.iter().fold(template.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), value)
        })
    }
}

/// A query value with `+` and `%XX` undone.
fn decoded(value: &str) -> String {
    let mut bytes = value.bytes();
    let mut plain = Vec::with_capacity(value.len());
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits: String = bytes.by_ref().take(2).map(char::from).collect();
                u8::from_str_radix(&digits, 16).unwrap_or(b'%')
            }
            other => other,
        });
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recorded_response_is_usable() {
        let Catalogue(all) = Catalogue::fixtures().unwrap();
        assert!(all.len() > 5);
        for endpoint in all.values().flatten() {
            assert!(matches!(endpoint.method.as_str(), "GET" | "POST"), "{}", endpoint.path);
            assert!(StatusCode::from_u16(endpoint.status).is_ok(), "{}", endpoint.path);
            for place in endpoint.echo.keys() {
                assert!(endpoint.response.pointer(place).is_some(), "{} {place}", endpoint.path);
            }
        }
    }

    #[test]
    fn reads_parameters_in_any_case() {
        let query = Params::from_query(
            "fid_input_iscd=005930&FID_COND_MRKT_DIV_CODE=J&X=a%20b+%ED%85%85&empty=",
        );
        assert_eq!(query.get("FID_INPUT_ISCD"), Some("005930"));
        assert_eq!(query.get("X"), Some("a b 텅"));
        assert_eq!(query.get("EMPTY"), Some(""));
        assert_eq!(query.get("OTHER"), None);
        assert_eq!(query.fill("00000A{FID_INPUT_ISCD}"), "00000A005930");
        let body = Params::from_json(br#"{"pdno":"005930","QTY":1}"#);
        assert_eq!((body.get("PDNO"), body.get("QTY")), (Some("005930"), Some("1")));
    }
}
