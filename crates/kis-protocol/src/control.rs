//! Control frames: the JSON texts between the data frames.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::notice::Cipher;

/// A JSON text from KIS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control<'a> {
    /// A sign of life, to be sent back exactly as it came.
    PingPong {
        /// The text as it came.
        text: &'a str,
    },
    /// The answer to a request, or an error of the session.
    Answer(Answer<'a>),
}

/// KIS' answer to a [`Request`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The stream asked for; `None` where KIS sends null, nothing or `(null)`:
    /// the answer then concerns the session.
    pub tr_id: Option<Cow<'a, str>>,
    /// The key asked for; may be empty.
    pub tr_key: Cow<'a, str>,
    /// Whether the stream's records will arrive encrypted (`encrypt` is `Y`).
    /// KIS has sent `N` for a paper notice, so the frame's own flag decides.
    pub encrypted: bool,
    /// `0` accepted, `1` this request refused, `9` protocol or session error.
    pub rt_cd: Cow<'a, str>,
    /// KIS' code, see [`code`]; may be empty.
    pub msg_cd: Cow<'a, str>,
    /// KIS' text for people. The one of OPSP0011 may contain the approval key.
    pub msg1: Cow<'a, str>,
    /// The cipher of this session's notices, which comes with every acceptance.
    pub cipher: Option<Cipher>,
}

/// A JSON text of another shape.
#[derive(Debug, thiserror::Error)]
#[error("unreadable control frame: {0}")]
pub struct ControlError(#[from] serde_json::Error);

impl<'a> Control<'a> {
    /// Reads a text that starts with `{`.
    ///
    /// # Errors
    /// [`ControlError`] when it is neither a PINGPONG nor an answer.
    pub fn parse(text: &'a str) -> Result<Self, ControlError> {
        let raw: RawControl<'a> = serde_json::from_str(text)?;
        let header = raw.header.unwrap_or_default();
        if header.tr_id.as_deref() == Some("PINGPONG") {
            return Ok(Self::PingPong { text });
        }
        let Some(body) = raw.body else {
            return Err(ControlError(serde::de::Error::missing_field("body")));
        };
        let cipher = body.output.and_then(|it| Cipher::new(&it.key?, &it.iv?).ok());
        Ok(Self::Answer(Answer {
            tr_id: header.tr_id.filter(|it| !matches!(it.as_ref(), "" | "(null)")),
            tr_key: header.tr_key.unwrap_or_default(),
            encrypted: header.encrypt.as_deref() == Some("Y"),
            rt_cd: body.rt_cd.unwrap_or_default(),
            msg_cd: body.msg_cd.unwrap_or_default(),
            msg1: body.msg1.unwrap_or_default(),
            cipher,
        }))
    }
}

impl Answer<'_> {
    /// Whether what was asked for is now so: accepted, or so before.
    pub fn is_success(&self) -> bool {
        self.rt_cd == "0"
            || matches!(&*self.msg_cd, code::ALREADY_IN_SUBSCRIBE | code::UNSUBSCRIBE_NOT_FOUND)
    }
}

// Every member is optional: errors have been logged without a header, and an
// answer without `output` is still an answer.
#[derive(Deserialize)]
struct RawControl<'a> {
    #[serde(borrow)]
    header: Option<RawHeader<'a>>,
    #[serde(borrow)]
    body: Option<RawBody<'a>>,
}

#[derive(Deserialize, Default)]
struct RawHeader<'a> {
    #[serde(borrow)]
    tr_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    tr_key: Option<Cow<'a, str>>,
    #[serde(borrow)]
    encrypt: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct RawBody<'a> {
    #[serde(borrow)]
    rt_cd: Option<Cow<'a, str>>,
    #[serde(borrow)]
    msg_cd: Option<Cow<'a, str>>,
    #[serde(borrow)]
    msg1: Option<Cow<'a, str>>,
    #[serde(borrow)]
    output: Option<RawOutput<'a>>,
}

#[derive(Deserialize)]
struct RawOutput<'a> {
    #[serde(borrow)]
    iv: Option<Cow<'a, str>>,
    #[serde(borrow)]
    key: Option<Cow<'a, str>>,
}

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TrType {
    /// `1`, 등록: send this stream.
    Register,
    /// `2`, 해제: send it no more.
    Release,
}

/// A request to register or release one stream and key.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The approval key of `/oauth2/Approval`.
    pub approval_key: &'a str,
    /// Register or release.
    pub tr_type: TrType,
    /// The stream.
    pub tr_id: &'a str,
    /// The key within the stream.
    pub tr_key: &'a str,
}

/// The approval key is a secret, so it is not shown.
impl std::fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Request({:?} {}:{})", self.tr_type, self.tr_id, self.tr_key)
    }
}

impl Request<'_> {
    /// The text to send, for a natural person (`custtype` P).
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Text<'a> {
            header: Header<'a>,
            body: Body<'a>,
        }
        #[derive(Serialize)]
        struct Header<'a> {
            approval_key: &'a str,
            custtype: &'a str,
            tr_type: &'a str,
            #[serde(rename = "content-type")]
            content_type: &'a str,
        }
        #[derive(Serialize)]
        struct Body<'a> {
            input: Input<'a>,
        }
        #[derive(Serialize)]
        struct Input<'a> {
            tr_id: &'a str,
            tr_key: &'a str,
        }
        let tr_type = match self.tr_type {
            TrType::Register => "1",
            TrType::Release => "2",
        };
        let text = Text {
            header: Header {
                approval_key: self.approval_key,
                custtype: "P",
                tr_type,
                content_type: "utf-8",
            },
            body: Body { input: Input { tr_id: self.tr_id, tr_key: self.tr_key } },
        };
        // Strings in structs cannot fail to serialise.
        serde_json::to_string(&text).unwrap_or_default()
    }
}

/// The codes of `msg_cd` (KIS' list of websocket codes; those marked in
/// recordings were seen on the wire).
pub mod code {
    /// SUBSCRIBE SUCCESS
    pub const SUBSCRIBE_SUCCESS: &str = "OPSP0000";
    /// UNSUBSCRIBE SUCCESS
    pub const UNSUBSCRIBE_SUCCESS: &str = "OPSP0001";
    /// ALREADY IN SUBSCRIBE: registered before in this session; a success.
    pub const ALREADY_IN_SUBSCRIBE: &str = "OPSP0002";
    /// UNSUBSCRIBE ERROR(not found!): not registered in this session.
    pub const UNSUBSCRIBE_NOT_FOUND: &str = "OPSP0003";
    /// SUBSCRIBE INTERNAL ERROR
    pub const SUBSCRIBE_INTERNAL_ERROR: &str = "OPSP0007";
    /// MAX SUBSCRIBE OVER: the 42nd registration; the session goes on.
    pub const MAX_SUBSCRIBE_OVER: &str = "OPSP0008";
    /// SUBSCRIBE ERROR : mci send failed: no paid quotes, or out of hours.
    pub const MCI_SEND_FAILED: &str = "OPSP0009";
    /// SUBSCRIBE WARNING : invalid appkey
    pub const INVALID_APP_KEY_WARNING: &str = "OPSP0010";
    /// invalid approval : NOT FOUND: the approval key is unknown or expired.
    pub const INVALID_APPROVAL: &str = "OPSP0011";
    /// SUBSCRIBE ERROR : invalid tr_id
    pub const INVALID_TR_ID: &str = "OPSP8991";
    /// SUBSCRIBE ERROR : invalid tr_key
    pub const INVALID_TR_KEY: &str = "OPSP8992";
    /// JSON PARSING ERROR : invalid tr_key
    pub const JSON_INVALID_TR_KEY: &str = "OPSP8993";
    /// JSON PARSING ERROR : personalseckey not found
    pub const JSON_PERSONAL_SECKEY_NOT_FOUND: &str = "OPSP8994";
    /// JSON PARSING ERROR : appsecret not found
    pub const JSON_APP_SECRET_NOT_FOUND: &str = "OPSP8995";
    /// ALREADY IN USE appkey: another session holds the app key's only slot.
    pub const ALREADY_IN_USE: &str = "OPSP8996";
    /// JSON PARSING ERROR : invalid tr_type
    pub const JSON_INVALID_TR_TYPE: &str = "OPSP8997";
    /// JSON PARSING ERROR : invalid custtype
    pub const JSON_INVALID_CUSTTYPE: &str = "OPSP8998";
    /// resource not available (ALLOC_CALL_PARAM)
    pub const RESOURCE_NOT_AVAILABLE: &str = "OPSP8999";
    /// JSON PARSING ERROR : tr_key not found
    pub const JSON_TR_KEY_NOT_FOUND: &str = "OPSP9990";
    /// JSON PARSING ERROR : input not found
    pub const JSON_INPUT_NOT_FOUND: &str = "OPSP9991";
    /// JSON PARSING ERROR : body not found
    pub const JSON_BODY_NOT_FOUND: &str = "OPSP9992";
    /// JSON PARSING ERROR : internal error
    pub const JSON_INTERNAL_ERROR: &str = "OPSP9993";
    /// JSON PARSING ERROR : INVALID appkey
    pub const JSON_INVALID_APP_KEY: &str = "OPSP9994";
    /// JSON PARSING ERROR : resource not available
    pub const JSON_RESOURCE_NOT_AVAILABLE: &str = "OPSP9995";
    /// JSON PARSING ERROR : appkey
    pub const JSON_APP_KEY: &str = "OPSP9996";
    /// JSON PARSING ERROR : custtype not found
    pub const JSON_CUSTTYPE_NOT_FOUND: &str = "OPSP9997";
    /// JSON PARSING ERROR : header not found
    pub const JSON_HEADER_NOT_FOUND: &str = "OPSP9998";
    /// JSON PARSING ERROR : invalid json format
    pub const JSON_INVALID_FORMAT: &str = "OPSP9999";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str) -> Answer<'_> {
        match Control::parse(text).unwrap() {
            Control::Answer(answer) => answer,
            Control::PingPong { .. } => panic!("not an answer: {text}"),
        }
    }

    #[test]
    fn requests_have_kis_own_shape() {
        let request = Request {
            approval_key: "KEY",
            tr_type: TrType::Register,
            tr_id: "H0STCNT0",
            tr_key: "005930",
        };
        assert_eq!(
            request.to_json(),
            r#"{"header":{"approval_key":"KEY","custtype":"P","tr_type":"1","content-type":"utf-8"},"body":{"input":{"tr_id":"H0STCNT0","tr_key":"005930"}}}"#
        );
    }

    #[test]
    fn session_errors_name_no_stream() {
        for tr_id in [r#""(null)""#, r#""""#, "null"] {
            let text = format!(
                r#"{{"header":{{"tr_id":{tr_id},"tr_key":"","encrypt":"N"}},"body":{{"rt_cd":"9","msg_cd":"OPSP8996","msg1":"ALREADY IN USE appkey"}}}}"#
            );
            let answer = answer(&text);
            assert_eq!((answer.tr_id.as_deref(), &*answer.msg_cd), (None, code::ALREADY_IN_USE));
            assert!(!answer.is_success());
        }
        assert_eq!(answer(r#"{"body":{"rt_cd":"1","msg_cd":"OPSP0003","msg1":"x"}}"#).tr_id, None);
    }

    #[test]
    fn other_json_is_an_error() {
        for text in [
            "{",
            "{}",
            r#"{"header":{}}"#,
            r#"{"header":3,"body":{}}"#,
            r#"{"header":{"tr_id":"X"}}"#,
        ] {
            assert!(Control::parse(text).is_err(), "{text}");
        }
    }
}
