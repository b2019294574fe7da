//! What clients say.

use kis_protocol::{Topic, TrId};
use relay_core::{Policy, Position};
use serde_json::{Map, Value};

use crate::wire::WireFormat;

/// A client's message.
#[derive(Debug, PartialEq)]
pub(crate) struct Request {
    /// What the client calls it; comes back with every answer.
    pub(crate) id: Option<Value>,
    /// What it asks for.
    pub(crate) command: Command,
}

/// What a client asks for.
#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    /// Send these topics; each may be wrong in its own way.
    Subscribe { topics: Vec<Result<Topic, Mistake>>, options: SubscribeOptions },
    /// Send these topics no more.
    Unsubscribe { topics: Vec<Result<Topic, Mistake>> },
    /// Say what is subscribed.
    List,
    /// Answer.
    Ping,
    /// Whoever gets as far as here has been let in already.
    Authenticate,
}

/// How topics are to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct SubscribeOptions {
    pub(crate) format: WireFormat,
    pub(crate) snapshot: bool,
    pub(crate) policy: Option<Policy>,
    pub(crate) resume: Option<Position>,
}

/// A message, or a topic in it, that cannot be followed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Mistake {
    /// For programs.
    pub(crate) code: &'static str,
    /// For people: what is wrong and what would be right.
    pub(crate) message: String,
    /// The topic, as far as it was given.
    pub(crate) key: Option<String>,
}

/// A message that is wrong as a whole.
#[derive(Debug, PartialEq)]
pub(crate) struct BadRequest {
    pub(crate) id: Option<Value>,
    pub(crate) mistake: Mistake,
}

const SHAPE: &str = r#"send {"type":"subscribe","tr_id":"H0STCNT0","tr_key":"005930"}"#;
const KEY_LENGTH_MAX: usize = 64;

impl Request {
    /// Reads a message. `extra_tr_ids` are accepted besides those known.
    pub(crate) fn parse(text: &str, extra_tr_ids: &[String]) -> Result<Self, BadRequest> {
        let bad = |id, mistake| BadRequest { id, mistake };
        let members: Map<String, Value> = match serde_json::from_str(text) {
            Ok(Value::Object(members)) => members,
            Ok(_) => {
                return Err(bad(
                    None,
                    Mistake::new(
                        "invalid_request",
                        format!("the message must be a JSON object: {SHAPE}"),
                    ),
                ));
            }
            Err(error) => {
                return Err(bad(
                    None,
                    Mistake::new("invalid_json", format!("not JSON ({error}); {SHAPE}")),
                ));
            }
        };
        let id = members.get("id").cloned();
        match Command::read(&members, extra_tr_ids) {
            Ok(command) => Ok(Self { id, command }),
            Err(mistake) => Err(bad(id, mistake)),
        }
    }
}

impl Command {
    fn read(members: &Map<String, Value>, extra: &[String]) -> Result<Self, Mistake> {
        match members.get("type").map(|it| it.as_str().unwrap_or_default()) {
            Some("subscribe") => Ok(Self::Subscribe {
                topics: topics(members, extra)?,
                options: SubscribeOptions::read(members)?,
            }),
            Some("unsubscribe") => Ok(Self::Unsubscribe { topics: topics(members, extra)? }),
            Some("list") => Ok(Self::List),
            Some("ping") => Ok(Self::Ping),
            Some("auth") => Ok(Self::Authenticate),
            Some(_) => Err(Mistake::new(
                "unknown_type",
                "`type` must be subscribe, unsubscribe, list, ping or auth".to_owned(),
            )),
            None => Err(Mistake::new("missing_type", format!("`type` is missing; {SHAPE}"))),
        }
    }
}

impl SubscribeOptions {
    /// Reads the members that say how.
    pub(crate) fn read(members: &Map<String, Value>) -> Result<Self, Mistake> {
        let wrong = |name: &str, right: &str| {
            Mistake::new("invalid_option", format!("`{name}` must be {right}"))
        };
        let mut options = Self::default();
        if let Some(format) = members.get("format") {
            options.format = serde_json::from_value(format.clone())
                .map_err(|_| wrong("format", "fields, normalized or raw"))?;
        }
        if let Some(snapshot) = members.get("snapshot") {
            options.snapshot =
                snapshot.as_bool().ok_or_else(|| wrong("snapshot", "true or false"))?;
        }
        if let Some(policy) = members.get("policy") {
            options.policy = Some(match policy.as_str() {
                Some("lossless") => Policy::Lossless,
                Some("skip") => Policy::Skip,
                Some("conflate") => Policy::Conflate,
                _ => return Err(wrong("policy", "lossless, skip or conflate")),
            });
        }
        if let Some(resume) = members.get("resume") {
            // The epoch has 64 bits, more than a JavaScript number can hold, so it is text.
            let epoch = resume
                .get("epoch")
                .and_then(Value::as_str)
                .and_then(|it| u64::from_str_radix(it, 16).ok());
            let seq = resume.get("seq").and_then(Value::as_u64);
            let (Some(epoch), Some(seq)) = (epoch, seq) else {
                return Err(wrong("resume", r#"{"epoch":"<as acknowledged>","seq":<last seen>}"#));
            };
            options.resume = Some(Position { epoch, seq });
        }
        Ok(options)
    }
}

/// The topics of a message: `tr_id` and `tr_key`, or `topics`, a list of
/// `{"tr_id","tr_key"}` or `"tr_id:tr_key"`.
fn topics(
    members: &Map<String, Value>,
    extra: &[String],
) -> Result<Vec<Result<Topic, Mistake>>, Mistake> {
    match members.get("topics") {
        None => Ok(vec![topic(members, extra)]),
        Some(Value::Array(topics)) if !topics.is_empty() => Ok(topics
            .iter()
            .map(|it| match it {
                Value::Object(members) => topic(members, extra),
                Value::String(text) => topic_of(text, extra),
                _ => Err(Mistake::new(
                    "invalid_topic",
                    r#"a topic is {"tr_id":…,"tr_key":…} or "tr_id:tr_key""#.to_owned(),
                )),
            })
            .collect()),
        Some(_) => Err(Mistake::new(
            "invalid_topic",
            "`topics` must be a list with at least one topic".to_owned(),
        )),
    }
}

/// The topic that `tr_id:tr_key` names.
pub(crate) fn topic_of(text: &str, extra: &[String]) -> Result<Topic, Mistake> {
    match text.split_once(':') {
        Some((tr_id, tr_key)) => checked(tr_id, tr_key, extra),
        None => Err(Mistake {
            key: Some(text.to_owned()),
            ..Mistake::new("invalid_topic", format!("{text:?} is not `tr_id:tr_key`"))
        }),
    }
}

fn topic(members: &Map<String, Value>, extra: &[String]) -> Result<Topic, Mistake> {
    let text = |name: &str| match members.get(name) {
        Some(Value::String(text)) => Ok(text.as_str()),
        Some(_) => Err(Mistake::new(
            "invalid_topic",
            format!("`{name}` must be text in quotes, because zeros in front matter"),
        )),
        None => Err(Mistake::new("missing_member", format!("`{name}` is missing; {SHAPE}"))),
    };
    checked(text("tr_id")?, text("tr_key")?, extra)
}

fn checked(tr_id: &str, tr_key: &str, extra: &[String]) -> Result<Topic, Mistake> {
    let (tr_id, tr_key) = (tr_id.trim(), tr_key.trim());
    let mistake = |code, message| {
        Err(Mistake { key: Some(format!("{tr_id}:{tr_key}")), ..Mistake::new(code, message) })
    };
    if tr_id.parse::<TrId>().is_err() && !extra.iter().any(|it| it == tr_id) {
        let shown: String = tr_id.chars().take(32).collect();
        return Err(Mistake::new(
            "unknown_tr_id",
            format!("there is no real-time stream {shown:?}; the README lists all of them"),
        ))
        .map_err(|it| Mistake {
            key: (tr_id.len() <= 32).then(|| format!("{tr_id}:{tr_key}")),
            ..it
        });
    }
    if tr_key.is_empty() {
        return mistake("missing_member", format!("`tr_key` is empty; {SHAPE}"));
    }
    // What separates columns and parts cannot be in a key, nor can control characters.
    let fits = |it: char| !it.is_control() && !matches!(it, '^' | '|');
    if tr_key.len() > KEY_LENGTH_MAX || !tr_key.chars().all(fits) {
        return Err(Mistake::new(
            "invalid_tr_key",
            format!("a `tr_key` has at most {KEY_LENGTH_MAX} bytes and neither ^ nor |"),
        ));
    }
    Ok(Topic::new(tr_id, tr_key))
}

impl Mistake {
    pub(crate) fn new(code: &'static str, message: String) -> Self {
        Self { code, message, key: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Request, BadRequest> {
        Request::parse(text, &["H0NEW000".to_owned()])
    }

    #[track_caller]
    fn check_error(text: &str, code: &str) {
        let mistake = match parse(text) {
            Err(bad) => bad.mistake,
            Ok(Request { command: Command::Subscribe { mut topics, .. }, .. }) => {
                topics.remove(0).unwrap_err()
            }
            Ok(request) => panic!("accepted: {request:?}"),
        };
        assert_eq!(mistake.code, code, "{text}: {mistake}");
    }

    #[test]
    fn the_original_form() {
        let request =
            parse(r#"{"type":"subscribe","tr_id":"H0STCNT0","tr_key":"005930"}"#).unwrap();
        let topics = vec![Ok(Topic::new("H0STCNT0", "005930"))];
        let options = SubscribeOptions::default();
        assert_eq!(request, Request { id: None, command: Command::Subscribe { topics, options } });
    }

    #[test]
    fn the_extended_form() {
        let text = r#"{"type":"subscribe","id":7,"topics":["H0STCNT0:005930",{"tr_id":"HDFFF020","tr_key":"OESH23 C3900"},"H0NEW000:X"],"format":"raw","snapshot":true,"policy":"conflate","resume":{"epoch":"ff","seq":3}}"#;
        let request = parse(text).unwrap();
        assert_eq!(request.id, Some(7.into()));
        let Command::Subscribe { topics, options } = request.command else { panic!() };
        let topics: Vec<Topic> = topics.into_iter().map(Result::unwrap).collect();
        assert_eq!(topics[1].tr_key(), "OESH23 C3900");
        assert_eq!(topics.len(), 3);
        assert_eq!(
            options,
            SubscribeOptions {
                format: WireFormat::Raw,
                snapshot: true,
                policy: Some(Policy::Conflate),
                resume: Some(Position { epoch: 255, seq: 3 }),
            }
        );
    }

    #[test]
    fn mistakes() {
        check_error("", "invalid_json");
        check_error("{", "invalid_json");
        check_error("[]", "invalid_request");
        check_error("{}", "missing_type");
        check_error(r#"{"type":"buy"}"#, "unknown_type");
        check_error(r#"{"type":3}"#, "unknown_type");
        check_error(r#"{"type":"subscribe"}"#, "missing_member");
        check_error(r#"{"type":"subscribe","tr_id":"H0STCNT0"}"#, "missing_member");
        check_error(r#"{"type":"subscribe","tr_id":"H0STCNT0","tr_key":""}"#, "missing_member");
        check_error(r#"{"type":"subscribe","tr_id":"H0STCNT0","tr_key":5930}"#, "invalid_topic");
        check_error(r#"{"type":"subscribe","tr_id":"NOPE","tr_key":"005930"}"#, "unknown_tr_id");
        check_error(r#"{"type":"subscribe","tr_id":"H0STCNT0","tr_key":"0|5"}"#, "invalid_tr_key");
        check_error(r#"{"type":"subscribe","topics":[]}"#, "invalid_topic");
        check_error(r#"{"type":"subscribe","topics":["H0STCNT0"]}"#, "invalid_topic");
        check_error(r#"{"type":"subscribe","topics":[1]}"#, "invalid_topic");
        let one = r#""type":"subscribe","tr_id":"H0STCNT0","tr_key":"005930""#;
        check_error(&format!(r#"{{{one},"format":"xml"}}"#), "invalid_option");
        check_error(&format!(r#"{{{one},"snapshot":1}}"#), "invalid_option");
        check_error(&format!(r#"{{{one},"policy":"best"}}"#), "invalid_option");
        check_error(&format!(r#"{{{one},"resume":{{"epoch":1,"seq":2}}}}"#), "invalid_option");
    }
}
