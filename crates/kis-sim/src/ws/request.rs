//! What clients ask for, checked as KIS checks it.

use serde_json::{Map, Value};

use super::answer::Verdict;

/// A client's message that makes sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    /// The answer to a PINGPONG, be it the same text or one written anew.
    Echo,
    Register(Wish),
    Release(Wish),
}

/// Somebody wants a topic, or no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) proof: Proof,
    pub(crate) tr_id: String,
    pub(crate) tr_key: String,
}

/// How a request shows whose it is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Proof {
    /// The key from `/oauth2/Approval`, in use since 2023.
    Approval(String),
    /// App key and secret themselves, the older form; clients put anything into
    /// `personalseckey`, which only has to be there.
    AppKey { app_key: String, app_secret: String },
}

/// Proofs are secrets, so they are never printed.
impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Approval(_) => "Approval(…)",
            Self::AppKey { .. } => "AppKey(…)",
        })
    }
}

/// A message that makes no sense, and the header its answer carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rejected {
    pub(crate) tr_id: String,
    pub(crate) tr_key: String,
    pub(crate) verdict: Verdict,
}

impl Request {
    /// Reads a message.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, Rejected> {
        let Ok(Value::Object(message)) = serde_json::from_slice(text) else {
            let (tr_id, tr_key) = ("(null)".to_owned(), String::new());
            return Err(Rejected { tr_id, tr_key, verdict: Verdict::NO_JSON });
        };
        let text = |from: Option<&Map<String, Value>>, name: &str| -> String {
            let value = from.and_then(|it| member(it, name)).and_then(Value::as_str);
            value.unwrap_or_default().to_owned()
        };
        let header = object(&message, "header");
        if text(header, "tr_id") == "PINGPONG" {
            return Ok(Self::Echo);
        }
        let body = object(&message, "body");
        let input = body.and_then(|body| object(body, "input"));
        let (tr_id, tr_key) = (text(input, "tr_id"), text(input, "tr_key"));
        let wish = |proof| Wish { proof, tr_id: tr_id.clone(), tr_key: tr_key.clone() };
        match Self::check(header, body, input) {
            Ok((proof, true)) => Ok(Self::Register(wish(proof))),
            Ok((proof, false)) => Ok(Self::Release(wish(proof))),
            // A request that cannot be read is answered without its topic, as recorded.
            Err(verdict) if verdict.rt_cd == "9" => {
                Err(Rejected { tr_id: String::new(), tr_key: String::new(), verdict })
            }
            Err(verdict) => Err(Rejected { tr_id, tr_key, verdict }),
        }
    }

    /// Who asks, and whether to register or to release.
    fn check(
        header: Option<&Map<String, Value>>,
        body: Option<&Map<String, Value>>,
        input: Option<&Map<String, Value>>,
    ) -> Result<(Proof, bool), Verdict> {
        let header = header.ok_or(Verdict::NO_HEADER)?;
        body.ok_or(Verdict::NO_BODY)?;
        let input = input.ok_or(Verdict::NO_INPUT)?;
        let proof = proof(header)?;
        match member(header, "custtype").ok_or(Verdict::NO_CUSTTYPE)?.as_str() {
            Some("P" | "B") => {}
            _ => return Err(Verdict::BAD_CUSTTYPE),
        }
        let register = match member(header, "tr_type").and_then(Value::as_str) {
            Some("1") => true,
            Some("2") => false,
            _ => return Err(Verdict::BAD_TR_TYPE),
        };
        match member(input, "tr_key") {
            None => return Err(Verdict::NO_TR_KEY),
            Some(Value::String(_)) => {}
            Some(_) => return Err(Verdict::ILL_TYPED_TR_KEY),
        }
        match member(input, "tr_id") {
            Some(Value::String(_)) => Ok((proof, register)),
            _ => Err(Verdict::BAD_TR_ID),
        }
    }
}

fn proof(header: &Map<String, Value>) -> Result<Proof, Verdict> {
    let text = |name| member(header, name).and_then(Value::as_str).map(str::to_owned);
    if let Some(key) = text("approval_key") {
        return Ok(Proof::Approval(key));
    }
    let app_key = text("appkey").ok_or(Verdict::NO_APP_KEY)?;
    let app_secret = text("appsecret").ok_or(Verdict::NO_SECRET)?;
    text("personalseckey").ok_or(Verdict::NO_SECKEY)?;
    Ok(Proof::AppKey { app_key, app_secret })
}

fn object<'a>(from: &'a Map<String, Value>, name: &str) -> Option<&'a Map<String, Value>> {
    member(from, name)?.as_object()
}

/// A member by its name in any case: clients write `content-type` and `Content-Type`.
fn member<'a>(from: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let other_case = || from.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|it| it.1);
    from.get(name).or_else(other_case)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn good() -> Value {
        json!({
            "header": {"approval_key": "k", "custtype": "P", "tr_type": "1", "content-type": "utf-8"},
            "body": {"input": {"tr_id": "H0STCNT0", "tr_key": "005930"}},
        })
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut Value), expected: &Verdict) {
        let mut message = good();
        change(&mut message);
        let rejected = Request::parse(message.to_string().as_bytes()).unwrap_err();
        assert_eq!(&rejected.verdict, expected);
    }

    fn without(pointer: &str, name: &str) -> impl FnOnce(&mut Value) {
        move |message: &mut Value| {
            message.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(name);
        }
    }

    fn with(pointer: &str, value: Value) -> impl FnOnce(&mut Value) {
        move |message: &mut Value| *message.pointer_mut(pointer).unwrap() = value
    }

    #[test]
    fn understands_both_headers() {
        let wish = |proof| Wish { proof, tr_id: "H0STCNT0".into(), tr_key: "005930".into() };
        let parse = |message: &Value| Request::parse(message.to_string().as_bytes());
        let mut message = good();
        assert_eq!(parse(&message), Ok(Request::Register(wish(Proof::Approval("k".into())))));
        message["header"] = json!({"APPKEY": "a", "AppSecret": "s", "personalSeckey": "1", "custtype": "B", "tr_type": "2", "Content-Type": "utf-8"});
        let proof = Proof::AppKey { app_key: "a".into(), app_secret: "s".into() };
        assert_eq!(parse(&message), Ok(Request::Release(wish(proof))));
        let echo = json!({"header": {"tr_id": "PINGPONG", "datetime": "20260914093000"}});
        assert_eq!(parse(&echo), Ok(Request::Echo));
    }

    #[test]
    fn says_what_is_missing() {
        check(without("", "header"), &Verdict::NO_HEADER);
        check(without("", "body"), &Verdict::NO_BODY);
        check(without("/body", "input"), &Verdict::NO_INPUT);
        check(without("/body/input", "tr_key"), &Verdict::NO_TR_KEY);
        check(without("/body/input", "tr_id"), &Verdict::BAD_TR_ID);
        check(without("/header", "custtype"), &Verdict::NO_CUSTTYPE);
        check(without("/header", "tr_type"), &Verdict::BAD_TR_TYPE);
        check(without("/header", "approval_key"), &Verdict::NO_APP_KEY);
        check(
            with("/header", json!({"appkey": "a", "custtype": "P", "tr_type": "1"})),
            &Verdict::NO_SECRET,
        );
        check(
            with(
                "/header",
                json!({"appkey": "a", "appsecret": "s", "custtype": "P", "tr_type": "1"}),
            ),
            &Verdict::NO_SECKEY,
        );
    }

    #[test]
    fn says_what_is_wrong() {
        check(with("/header/custtype", json!("X")), &Verdict::BAD_CUSTTYPE);
        check(with("/header/tr_type", json!("0")), &Verdict::BAD_TR_TYPE);
        check(with("/header/tr_type", json!(1)), &Verdict::BAD_TR_TYPE);
        check(with("/body/input/tr_key", json!(5930)), &Verdict::ILL_TYPED_TR_KEY);
        check(with("/body/input/tr_id", json!(null)), &Verdict::BAD_TR_ID);
        check(with("/header", json!("text")), &Verdict::NO_HEADER);
        for text in ["hello", "", "[]", "null", "{\"header\":", "\u{feff}"] {
            let rejected = Request::parse(text.as_bytes()).unwrap_err();
            assert_eq!((rejected.tr_id.as_str(), rejected.verdict), ("(null)", Verdict::NO_JSON));
        }
    }
}
