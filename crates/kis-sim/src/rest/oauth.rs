//! Tokens, approval keys and hash keys.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Instant,
};

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    gate::{credential, header},
    reply::{Denied, Refused, json},
};
use crate::{config::SimConfig, state::Shared};

/// What the OAuth endpoints are asked with. The secret is `appsecret` for tokens and
/// `secretkey` for approvals.
#[derive(Default, Deserialize)]
struct Grant {
    grant_type: Option<String>,
    appkey: Option<String>,
    appsecret: Option<String>,
    secretkey: Option<String>,
    token: Option<String>,
}

/// A token, its members in the order KIS sends them.
#[derive(Serialize)]
struct Issued {
    access_token: String,
    access_token_token_expired: String,
    token_type: &'static str,
    expires_in: u64,
}

impl Grant {
    /// Reads a body whatever its content type says; many clients do not say.
    fn read(body: &[u8]) -> Result<Self, Denied> {
        serde_json::from_slice(body).map_err(|_| Denied::BAD_REQUEST)
    }

    fn check_type(&self) -> Result<(), Denied> {
        match self.grant_type.as_deref() {
            Some("client_credentials") => Ok(()),
            None | Some("") => Err(Denied::NO_GRANT),
            Some(_) => Err(Denied::BAD_GRANT),
        }
    }

    fn app_key(&self, config: &SimConfig, secret: Option<&String>) -> Result<String, Denied> {
        let denials =
            [Denied::NO_APP_KEY, Denied::BAD_APP_KEY, Denied::NO_SECRET, Denied::BAD_SECRET];
        credential(config, self.appkey.as_deref(), secret.map(String::as_str), denials)
    }
}

/// `POST /oauth2/tokenP`
pub(crate) async fn token(
    State(shared): State<Arc<Shared>>,
    body: Bytes,
) -> Result<Response, Denied> {
    let grant = Grant::read(&body)?;
    grant.check_type()?;
    let app_key = grant.app_key(&shared.config, grant.appsecret.as_ref())?;
    let token = shared.change(|inner| {
        let token = inner.auth.token(&app_key, &shared.config, Instant::now())?;
        inner.counters.tokens += 1;
        Some(token)
    });
    let token = token.ok_or(Denied::TOO_SOON)?;
    let body = Issued {
        access_token: token.text,
        access_token_token_expired: token.expires,
        token_type: "Bearer",
        expires_in: shared.config.token_lifetime.as_secs(),
    };
    Ok(json(StatusCode::OK, &body))
}

/// `POST /oauth2/revokeP`
pub(crate) async fn revoke(
    State(shared): State<Arc<Shared>>,
    body: Bytes,
) -> Result<Response, Denied> {
    let grant = Grant::read(&body)?;
    grant.app_key(&shared.config, grant.appsecret.as_ref())?;
    let token = grant.token.unwrap_or_default();
    if !shared.change(|inner| inner.auth.revoke(&token)) {
        return Err(Denied::UNKNOWN_TOKEN);
    }
    Ok(json(StatusCode::OK, &json!({"code": 200, "message": "접근토큰 폐기에 성공하였습니다."})))
}

/// `POST /oauth2/Approval`
pub(crate) async fn approval(
    State(shared): State<Arc<Shared>>,
    body: Bytes,
) -> Result<Response, Denied> {
    let grant = Grant::read(&body)?;
    grant.check_type()?;
    let app_key = grant.app_key(&shared.config, grant.secretkey.as_ref())?;
    let key = shared.change(|inner| {
        inner.counters.approvals += 1;
        inner.auth.approve(&app_key, &shared.config, Instant::now())
    });
    Ok(json(StatusCode::OK, &json!({"approval_key": key})))
}

/// `POST /uapi/hashkey`: returns the body and its hash. KIS does not check it any more,
/// and nobody can compute it, so any hash of the right length does.
pub(crate) async fn hash_key(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    let denials =
        [Refused::NO_APP_KEY, Refused::BAD_APP_KEY, Refused::NO_SECRET, Refused::BAD_SECRET];
    let (app_key, secret) = (header(&headers, "appkey"), header(&headers, "appsecret"));
    credential(&shared.config, app_key, secret, denials).map_err(IntoResponse::into_response)?;
    let body: Value =
        serde_json::from_slice(&body).map_err(|_| Refused::UNREADABLE.into_response())?;
    let hash = (0_u64..4).map(|part| {
        let mut hasher = DefaultHasher::new();
        (part, body.to_string()).hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    });
    let hash: String = hash.collect();
    Ok(json(StatusCode::OK, &json!({"BODY": body, "HASH": hash})))
}
