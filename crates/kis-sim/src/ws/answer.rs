//! The JSON that KIS sends besides data: acks, refusals and PINGPONG.

use std::{borrow::Cow, time::SystemTime};

use kis_protocol::control::code;
use serde::Serialize;

use crate::{clock, fault::Refusal};

/// How a request was decided: result, code and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) rt_cd: Cow<'static, str>,
    pub(crate) msg_cd: Cow<'static, str>,
    pub(crate) msg1: Cow<'static, str>,
}

/// `rt_cd` of success, of a refused request, and of an error of the session.
const DONE: &str = "0";
const REFUSED: &str = "1";
const ERROR: &str = "9";

macro_rules! verdicts {
    ($($(#[$doc:meta])* $name:ident = $rt_cd:expr, $msg_cd:expr, $msg1:expr;)*) => {
        impl Verdict {$(
            $(#[$doc])*
            pub(crate) const $name: Self = Self {
                rt_cd: Cow::Borrowed($rt_cd),
                msg_cd: Cow::Borrowed($msg_cd),
                msg1: Cow::Borrowed($msg1),
            };
        )*}
    };
}

// Texts as seen on the wire, or else as in KIS' list of codes.
verdicts! {
    REGISTERED = DONE, code::SUBSCRIBE_SUCCESS, "SUBSCRIBE SUCCESS";
    RELEASED = DONE, code::UNSUBSCRIBE_SUCCESS, "UNSUBSCRIBE SUCCESS";
    DUPLICATE = REFUSED, code::ALREADY_IN_SUBSCRIBE, "ALREADY IN SUBSCRIBE";
    NOT_REGISTERED = REFUSED, code::UNSUBSCRIBE_NOT_FOUND, "UNSUBSCRIBE ERROR(not found!)";
    FULL = REFUSED, code::MAX_SUBSCRIBE_OVER, "MAX SUBSCRIBE OVER";
    BAD_APPROVAL = REFUSED, code::INVALID_APPROVAL, "invalid approval : NOT FOUND";
    BAD_TR_ID = REFUSED, code::INVALID_TR_ID, "SUBSCRIBE ERROR : invalid tr_id";
    BAD_TR_KEY = REFUSED, code::INVALID_TR_KEY, "SUBSCRIBE ERROR : invalid tr_key";
    IN_USE = ERROR, code::ALREADY_IN_USE, "ALREADY IN USE appkey";
    ILL_TYPED_TR_KEY = ERROR, code::JSON_INVALID_TR_KEY, "JSON PARSING ERROR : invalid tr_key";
    NO_SECKEY = ERROR, code::JSON_PERSONAL_SECKEY_NOT_FOUND, "JSON PARSING ERROR : personalseckey not found";
    NO_SECRET = ERROR, code::JSON_APP_SECRET_NOT_FOUND, "JSON PARSING ERROR : appsecret not found";
    BAD_TR_TYPE = ERROR, code::JSON_INVALID_TR_TYPE, "JSON PARSING ERROR : invalid tr_type";
    BAD_CUSTTYPE = ERROR, code::JSON_INVALID_CUSTTYPE, "JSON PARSING ERROR : invalid custtype";
    NO_TR_KEY = ERROR, code::JSON_TR_KEY_NOT_FOUND, "JSON PARSING ERROR : tr_key not found";
    NO_INPUT = ERROR, code::JSON_INPUT_NOT_FOUND, "JSON PARSING ERROR : input not found";
    NO_BODY = ERROR, code::JSON_BODY_NOT_FOUND, "JSON PARSING ERROR : body not found";
    BAD_APP_KEY = ERROR, code::JSON_INVALID_APP_KEY, "JSON PARSING ERROR : INVALID appkey";
    NO_APP_KEY = ERROR, code::JSON_APP_KEY, "JSON PARSING ERROR : appkey";
    NO_CUSTTYPE = ERROR, code::JSON_CUSTTYPE_NOT_FOUND, "JSON PARSING ERROR : custtype not found";
    NO_HEADER = ERROR, code::JSON_HEADER_NOT_FOUND, "JSON PARSING ERROR : header not found";
    NO_JSON = ERROR, code::JSON_INVALID_FORMAT, "JSON PARSING ERROR : invalid json format";
}

impl From<Refusal> for Verdict {
    fn from(refusal: Refusal) -> Self {
        let Refusal { rt_cd, msg_cd, msg1, .. } = refusal;
        Self { rt_cd: rt_cd.into(), msg_cd: msg_cd.into(), msg1: msg1.into() }
    }
}

/// The answer to a request about a topic. `encrypted` says that its frames will be;
/// `output` holds iv and key, as in every answer to a registration that succeeded.
pub(crate) fn answer(
    tr_id: &str,
    tr_key: &str,
    encrypted: bool,
    verdict: &Verdict,
    output: Option<(&str, &str)>,
) -> String {
    let encrypt = if encrypted { "Y" } else { "N" };
    let Verdict { rt_cd, msg_cd, msg1 } = verdict;
    let output = output.map(|(iv, key)| Output { iv, key });
    json(&Message {
        header: Header { tr_id, tr_key: Some(tr_key), encrypt: Some(encrypt), datetime: None },
        body: Some(Body { rt_cd, msg_cd, msg1, output }),
    })
}

/// The application's keep-alive. Under 126 bytes, since clients return it in control frames.
pub(crate) fn pingpong(now: SystemTime) -> String {
    let datetime = clock::stamp(now);
    json(&Message {
        header: Header {
            tr_id: "PINGPONG",
            tr_key: None,
            encrypt: None,
            datetime: Some(&datetime),
        },
        body: None,
    })
}

/// Texts only, so it cannot fail.
fn json(message: &Message<'_>) -> String {
    serde_json::to_string(message).unwrap_or_default()
}

#[derive(Serialize)]
struct Message<'a> {
    header: Header<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Body<'a>>,
}

#[derive(Serialize)]
struct Header<'a> {
    tr_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tr_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encrypt: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    datetime: Option<&'a str>,
}

#[derive(Serialize)]
struct Body<'a> {
    rt_cd: &'a str,
    msg_cd: &'a str,
    msg1: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<Output<'a>>,
}

#[derive(Serialize)]
struct Output<'a> {
    iv: &'a str,
    key: &'a str,
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn answers_as_recorded() {
        let output = Some(("e0a748755db15256", "bbhtejykjpeklyngmvpowcckqasbynpb"));
        assert_eq!(
            answer("H0STASP0", "000660", false, &Verdict::REGISTERED, output),
            r#"{"header":{"tr_id":"H0STASP0","tr_key":"000660","encrypt":"N"},"body":{"rt_cd":"0","msg_cd":"OPSP0000","msg1":"SUBSCRIBE SUCCESS","output":{"iv":"e0a748755db15256","key":"bbhtejykjpeklyngmvpowcckqasbynpb"}}}"#
        );
        assert_eq!(
            answer("(null)", "", false, &Verdict::IN_USE, None),
            r#"{"header":{"tr_id":"(null)","tr_key":"","encrypt":"N"},"body":{"rt_cd":"9","msg_cd":"OPSP8996","msg1":"ALREADY IN USE appkey"}}"#
        );
        let text = pingpong(UNIX_EPOCH + Duration::from_secs(1_683_033_564));
        assert_eq!(text, r#"{"header":{"tr_id":"PINGPONG","datetime":"20230502221924"}}"#);
    }
}
