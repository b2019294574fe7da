//! The gateway's own answers, in its two shapes of error.

use std::borrow::Cow;

use axum::{
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;

use crate::fault::CallRefusal;

/// A JSON body with the content type KIS sends.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_string(body) {
        Ok(text) => {
            (status, [(CONTENT_TYPE, "application/json;charset=UTF-8")], text).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// What a proxy in front of the gateway answers: no JSON.
pub(crate) fn page(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let text = format!("<html><body><h1>{status}</h1></body></html>");
    (status, [(CONTENT_TYPE, "text/html")], text).into_response()
}

/// The answer to a path that does not exist.
pub(crate) fn not_found(path: &str) -> Response {
    let body = json!({"status": 404, "error": "Not Found", "path": path});
    json(StatusCode::NOT_FOUND, &body)
}

/// A refused `/uapi` call: `rt_cd`, `msg_cd`, `msg1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    status: StatusCode,
    rt_cd: Cow<'static, str>,
    code: Cow<'static, str>,
    text: Cow<'static, str>,
}

/// A refused `/oauth2` call: `error_code`, `error_description`, always HTTP 403.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Denied {
    code: &'static str,
    text: &'static str,
}

impl Refused {
    pub(crate) const UNKNOWN_TOKEN: Self = Self::gateway("EGW00121", "유효하지 않은 token 입니다.");
    pub(crate) const EXPIRED_TOKEN: Self = Self::gateway("EGW00123", "기간이 만료된 token 입니다.");
    pub(crate) const NO_BEARER: Self =
        Self::gateway("EGW00205", "credentials_type이 유효하지 않습니다.(Bearer)");
    pub(crate) const NO_APP_KEY: Self = Self::gateway("EGW00102", "AppKey는 필수입니다.");
    pub(crate) const BAD_APP_KEY: Self = Self::gateway("EGW00103", "유효하지 않은 AppKey입니다.");
    pub(crate) const NO_SECRET: Self = Self::gateway("EGW00104", "AppSecret은 필수입니다.");
    pub(crate) const BAD_SECRET: Self = Self::gateway("EGW00105", "유효하지 않은 AppSecret입니다.");
    pub(crate) const TOO_MANY: Self = Self::gateway("EGW00201", "초당 거래건수를 초과하였습니다.");
    pub(crate) const UNREADABLE: Self =
        Self::gateway("EGW00202", "GW라우팅 중 오류가 발생했습니다.");
    pub(crate) const NO_TR_ID: Self =
        Self::new(StatusCode::OK, "OPSQ9999", "JSON PARSING ERROR : tr_id not found");
    pub(crate) const NO_SERVICE: Self =
        Self::new(StatusCode::OK, "OPSQ0002", "없는 서비스 코드 입니다.");
    pub(crate) const TOO_MANY_FOR_LEDGER: Self =
        Self::gateway("EGW00215", "원장에서 허용 가능한 초당 거래건수를 초과하였습니다.");
    pub(crate) const BAD_CUSTTYPE: Self =
        Self::gateway("EGW00208", "고객타입(custtype)이 유효하지 않습니다.");
    pub(crate) const NOT_ON_PAPER: Self = Self::gateway("EGW00213", "모의투자 tr이 아닙니다.");
    pub(crate) const NO_QUANTITY: Self =
        Self::new(StatusCode::OK, "40330000", "모의투자 정정/취소할 수량이 없습니다.");

    /// The gateway reports its errors as HTTP 500.
    const fn gateway(code: &'static str, text: &'static str) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, code, text)
    }

    const fn new(status: StatusCode, code: &'static str, text: &'static str) -> Self {
        let [rt_cd, code, text] = [Cow::Borrowed("1"), Cow::Borrowed(code), Cow::Borrowed(text)];
        Self { status, rt_cd, code, text }
    }

    /// A parameter is missing.
    pub(crate) fn missing(parameter: &str) -> Self {
        Self::input("OPSQ2001", &format!("FIELD NOT FOUND [{parameter}]"))
    }

    /// A parameter has a value that KIS does not take; `ACNO` is the account number, and
    /// `FIELD_LENGTH` any value that is too long.
    pub(crate) fn invalid(what: &str) -> Self {
        let code = match what {
            "ACNO" => "OPSQ2000",
            "FIELD_LENGTH" => "OPSQ2002",
            _ => "OPSQ2001",
        };
        Self::input(code, &format!("INVALID_CHECK_{what}"))
    }

    fn input(code: &'static str, text: &str) -> Self {
        let text = format!("ERROR : INPUT {text}").into();
        Self { text, ..Self::new(StatusCode::OK, code, "") }
    }

    #[cfg(test)]
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl From<CallRefusal> for Refused {
    fn from(CallRefusal { status, rt_cd, msg_cd, msg1 }: CallRefusal) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            rt_cd: rt_cd.into(),
            code: msg_cd.into(),
            text: msg1.into(),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body<'a> {
            rt_cd: &'a str,
            msg_cd: &'a str,
            msg1: &'a str,
        }
        let Self { status, rt_cd, code, text } = &self;
        json(*status, &Body { rt_cd, msg_cd: code, msg1: text })
    }
}

impl Denied {
    pub(crate) const BAD_REQUEST: Self = Self::new("EGW00101", "유효하지 않은 요청입니다.");
    pub(crate) const NO_APP_KEY: Self = Self::new("EGW00102", "AppKey는 필수입니다.");
    pub(crate) const BAD_APP_KEY: Self = Self::new("EGW00103", "유효하지 않은 AppKey입니다.");
    pub(crate) const NO_SECRET: Self = Self::new("EGW00104", "AppSecret은 필수입니다.");
    pub(crate) const BAD_SECRET: Self = Self::new("EGW00105", "유효하지 않은 AppSecret입니다.");
    pub(crate) const NO_GRANT: Self =
        Self::new("EGW00115", "권한부여 타입(grant_type)은 필수입니다.");
    pub(crate) const BAD_GRANT: Self =
        Self::new("EGW00116", "지원하지 않는 권한부여 타입(grant_type)입니다.");
    pub(crate) const UNKNOWN_TOKEN: Self = Self::new("EGW00121", "유효하지 않은 token 입니다.");
    pub(crate) const TOO_SOON: Self =
        Self::new("EGW00133", "접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)");

    const fn new(code: &'static str, text: &'static str) -> Self {
        Self { code, text }
    }
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            error_description: &'static str,
            error_code: &'static str,
        }
        let body = Body { error_description: self.text, error_code: self.code };
        json(StatusCode::FORBIDDEN, &body)
    }
}
