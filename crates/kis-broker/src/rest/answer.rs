use std::fmt;

use bytes::Bytes;
use kis_protocol::catalogue::{Prepared, has_more};
use reqwest::StatusCode;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::RestError;

/// What KIS answered to a call that it carried out (`rt_cd` 0). Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The id of the call.
    pub tr: &'static str,
    /// The header `tr_cont`; see [`Answer::has_more`].
    pub tr_cont: String,
    /// KIS's code, such as `MCA00000`.
    pub msg_cd: String,
    /// KIS's text, blanks around it dropped.
    pub msg1: String,
    /// The JSON as KIS sent it.
    pub body: Bytes,
}

/// The members that every answer has, and those that the gateway's refusals sometimes have in
/// their place.
#[derive(Default, Deserialize)]
struct Head {
    rt_cd: Option<String>,
    #[serde(alias = "error_code")]
    msg_cd: Option<String>,
    #[serde(alias = "error_description")]
    msg1: Option<String>,
}

impl Answer {
    /// Whether another page follows. [`Rest::pages`](super::Rest::pages) asks for it.
    #[must_use]
    pub fn has_more(&self) -> bool {
        has_more(&self.tr_cont)
    }

    /// The answer as JSON.
    ///
    /// # Errors
    /// [`RestError::Form`] when it is none; never seen.
    pub fn value(&self) -> Result<Value, RestError> {
        self.read()
    }

    /// The answer in a form of its own.
    ///
    /// # Errors
    /// [`RestError::Form`] when it does not have that form.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, RestError> {
        serde_json::from_slice(&self.body).map_err(|error| RestError::form(self.tr, &error))
    }

    /// Reads what came. `scrub` takes out of KIS's words what they may repeat of the request.
    pub(super) fn of(
        call: &Prepared,
        status: StatusCode,
        tr_cont: &str,
        body: Bytes,
        scrub: impl Fn(&str) -> String,
    ) -> Result<Self, RestError> {
        let tr = call.tr.id;
        let unreadable = RestError::Unreadable { tr, status: status.as_u16(), bytes: body.len() };
        let Ok(head) = serde_json::from_slice::<Head>(&body) else { return Err(unreadable) };
        let text = |it: Option<String>| scrub(it.as_deref().unwrap_or_default().trim());
        let (msg_cd, msg1) = (text(head.msg_cd), text(head.msg1));
        let rt_cd = head.rt_cd.unwrap_or_default();
        match rt_cd.trim() {
            "0" if status.is_success() => {
                Ok(Self { tr, tr_cont: tr_cont.trim().to_owned(), msg_cd, msg1, body })
            }
            "0" => Err(unreadable),
            // An answer without a word of what it is.
            "" if msg_cd.is_empty() => Err(unreadable),
            rt_cd => {
                let (status, rt_cd) = (status.as_u16(), rt_cd.to_owned());
                Err(RestError::Refused { tr, status, rt_cd, msg_cd, msg1 })
            }
        }
    }
}

/// Not what it holds, which may be personal.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("tr", &self.tr)
            .field("tr_cont", &self.tr_cont)
            .field("msg_cd", &self.msg_cd)
            .field("msg1", &self.msg1)
            .field("bytes", &self.body.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use kis_protocol::catalogue::{self, Environment};

    use super::{super::error::Reason, *};

    fn read(status: u16, body: &str) -> Result<Answer, RestError> {
        let tr = catalogue::find("domestic-stock/inquire-balance").unwrap();
        let call = tr.prepare(Environment::Real, tr.example()).unwrap();
        let status = StatusCode::from_u16(status).unwrap();
        let body = Bytes::copy_from_slice(body.as_bytes());
        Answer::of(&call, status, " M ", body, |text| text.replace("12345678", "…"))
    }

    #[test]
    fn carried_out() {
        let answer =
            read(200, r#"{"rt_cd":"0","msg_cd":"KIOK0510","msg1":"조회 되었습니다   ","x":1}"#);
        let answer = answer.unwrap();
        assert_eq!((&*answer.msg_cd, &*answer.msg1), ("KIOK0510", "조회 되었습니다"));
        assert!(answer.has_more());
        assert_eq!(answer.value().unwrap()["x"], 1);
        assert!(!format!("{answer:?}").contains("\"x\""));
        let error = answer.read::<Vec<u8>>().unwrap_err().to_string();
        assert!(error.ends_with("data at line 1, column 0"), "{error}");
    }

    #[test]
    fn refused() {
        let check = |status, code: &str, reason, doubt| {
            let body = format!(r#"{{"rt_cd":"1","msg_cd":"{code}","msg1":"12345678"}}"#);
            let error = read(status, &body).unwrap_err();
            assert_eq!(error.reason(), Some(reason), "{code}");
            assert_eq!(error.is_doubt(), doubt, "{code}");
            assert_eq!(error.is_retryable(), reason != Reason::Call, "{code}");
            let text = error.to_string();
            assert!(text.contains(code) && !text.contains("12345678"), "{text}");
        };
        check(500, "EGW00121", Reason::Token, false);
        check(500, "EGW00123", Reason::Token, false);
        check(200, "EGW00123", Reason::Token, false);
        check(500, "EGW00201", Reason::Gateway, false);
        check(200, "EGW00201", Reason::Gateway, false);
        check(500, "EGW00215", Reason::Ledger, false);
        for code in ["EGW00001", "EGW00202", "EGW00300", "EGW00301", "EGW00302"] {
            check(500, code, Reason::Fault, true);
        }
        check(500, "EGW99999", Reason::Fault, true);
        for code in ["EGW00103", "EGW00206", "EGW00213", "EGW00303", "EGW00550", "EGW02004"] {
            check(500, code, Reason::Call, false);
        }
        check(200, "APBK0952", Reason::Call, false);
        check(200, "40100000", Reason::Call, false);
        check(200, "OPSQ2001", Reason::Call, false);
    }

    #[test]
    fn other_shapes() {
        let oauth = read(403, r#"{"error_code":"EGW00103","error_description":"no"}"#);
        assert_eq!(oauth.unwrap_err().msg_cd(), Some("EGW00103"));
        for (status, body) in [
            (502, "<html>"),
            (200, ""),
            (200, "{}"),
            (200, r#"{"rt_cd":""}"#),
            (200, r#"{"rt_cd":0}"#),
            (500, r#"{"rt_cd":"0"}"#),
        ] {
            let error = read(status, body).unwrap_err();
            assert!(matches!(error, RestError::Unreadable { .. }) && error.is_doubt(), "{body}");
        }
    }
}
