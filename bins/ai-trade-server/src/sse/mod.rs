//! `/v1/stream`: topics as server-sent events, for those who only listen.

mod cursor;
mod events;

use std::{convert::Infallible, sync::Arc};

use axum::{
    Extension,
    body::Body,
    extract::{Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use kis_protocol::Topic;
use serde_json::{Map, Value};

use self::{cursor::Cursor, events::Events};
use crate::{
    guard::Caller,
    problem::Problem,
    server::App,
    ws::{Mistake, SubscribeOptions, topic_of},
};

/// The parameters, and what they do.
pub(crate) const PARAMETERS: [&str; 4] = ["topics", "format", "snapshot", "policy"];

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Answers with a stream that lasts until the client or the server ends it.
pub(crate) async fn stream(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(given): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Wanted { topics, options } = Wanted::read(&given, &app.config.kis.extra_tr_ids)?;
    let last = headers.get(LAST_EVENT_ID).map(|it| it.to_str().unwrap_or_default());
    let last = last.filter(|it| !it.is_empty()).map(|it| Cursor::read(it, &topics));
    let events =
        Events::new(&app, &caller, topics, options, last.as_deref()).map_err(|it| refused(&it))?;
    let chunks = stream::unfold(events, |mut events| async move {
        let chunk = events.next().await?;
        Some((Ok::<_, Infallible>(chunk), events))
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // nginx would otherwise collect events before it passes them on.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, Body::from_stream(chunks)).into_response())
}

/// What a client asks for.
#[derive(Debug, PartialEq)]
struct Wanted {
    topics: Vec<Topic>,
    options: SubscribeOptions,
}

impl Wanted {
    fn read(given: &[(String, String)], extra_tr_ids: &[String]) -> Result<Self, Problem> {
        let mut topics: Vec<Topic> = Vec::new();
        let mut members = Map::new();
        for (name, value) in given {
            let value = value.as_str();
            match name.as_str() {
                "topics" => {
                    for text in value.split(',').filter(|it| !it.is_empty()) {
                        let topic = topic_of(text, extra_tr_ids).map_err(|it| refused(&it))?;
                        if !topics.contains(&topic) {
                            topics.push(topic);
                        }
                    }
                }
                "snapshot" => {
                    let flag = value.parse().map_or(Value::Null, Value::Bool);
                    members.insert(name.clone(), flag);
                }
                "format" | "policy" => {
                    members.insert(name.clone(), value.into());
                }
                _ => {
                    let name: String = name.chars().take(64).collect();
                    let known = PARAMETERS.join(", ");
                    let detail = format!("there is no parameter {name:?}; it takes {known}");
                    let problem = Problem::new(StatusCode::BAD_REQUEST, detail);
                    return Err(problem.code("unknown_parameter"));
                }
            }
        }
        if topics.is_empty() {
            let detail = "`topics` is missing: ?topics=H0STCNT0:005930,H0STASP0:005930";
            return Err(Problem::new(StatusCode::BAD_REQUEST, detail).code("missing_parameters"));
        }
        let options = SubscribeOptions::read(&members).map_err(|it| refused(&it))?;
        Ok(Self { topics, options })
    }
}

/// A mistake as on `/ws`, in the form of HTTP.
fn refused(mistake: &Mistake) -> Problem {
    let status = match mistake.code {
        "too_many_topics" | "too_many_requests" => StatusCode::TOO_MANY_REQUESTS,
        "scope_missing" => StatusCode::FORBIDDEN,
        "disconnected" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    let problem = Problem::new(status, mistake.message.clone()).code(mistake.code);
    match &mistake.key {
        Some(key) => problem.member("key", key.as_str()),
        None => problem,
    }
}

#[cfg(test)]
mod tests {
    use relay_core::Policy;

    use super::*;
    use crate::wire::WireFormat;

    fn read(given: &[(&str, &str)]) -> Result<Wanted, u16> {
        let given: Vec<_> = given.iter().map(|it| (it.0.to_owned(), it.1.to_owned())).collect();
        Wanted::read(&given, &[]).map_err(|it| it.status().as_u16())
    }

    #[test]
    fn what_is_wanted() {
        let topics = ("topics", "H0STCNT0:005930,H0STASP0:005930,H0STCNT0:005930,");
        let wanted = read(&[topics, ("topics", "HDFSCNT0:DNASAAPL")]).unwrap();
        let keys: Vec<_> = wanted.topics.iter().map(Topic::as_str).collect();
        assert_eq!(keys, ["H0STCNT0:005930", "H0STASP0:005930", "HDFSCNT0:DNASAAPL"]);
        assert_eq!(wanted.options, SubscribeOptions::default());
        let more = [("format", "raw"), ("snapshot", "true"), ("policy", "lossless")];
        let options = read(&[&[topics][..], &more].concat()).unwrap().options;
        assert_eq!((options.format, options.snapshot), (WireFormat::Raw, true));
        assert_eq!(options.policy, Some(Policy::Lossless));
    }

    #[test]
    fn mistakes() {
        let topics = ("topics", "H0STCNT0:005930");
        for wrong in [
            &[][..],
            &[("topics", ",")],
            &[("topics", "H0STCNT0")],
            &[("topics", "NOPE:1")],
            &[("topics", "H0STCNT0:")],
            &[topics, ("format", "xml")],
            &[topics, ("snapshot", "1")],
            &[topics, ("policy", "best")],
            &[topics, ("resume", "1")],
        ] {
            assert_eq!(read(wrong).err(), Some(400), "{wrong:?}");
        }
    }
}
