use std::sync::Arc;

use kis_protocol::time::Timestamp;

/// Why there is no access token. Holds no secret.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// KIS could not be reached.
    #[error("KIS could not be asked for an access token")]
    Transport {
        /// What went wrong, without the address.
        source: Arc<reqwest::Error>,
    },
    /// KIS refused; check the app key, its secret, and whether it belongs to this environment.
    #[error("KIS refused an access token: HTTP {status} {code} {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// KIS's `error_code`, such as `EGW00103`.
        code: String,
        /// KIS's `error_description`.
        message: String,
    },
    /// The answer is not what KIS sends.
    #[error("unreadable answer to the request for an access token: HTTP {status}, {bytes} bytes")]
    Unreadable {
        /// The HTTP status.
        status: u16,
        /// The length of the answer, which is not shown because it may hold the token.
        bytes: usize,
    },
    /// KIS answered only tokens that had already ended, by its own clock.
    #[error("KIS issued an access token that had ended already, at {expired}")]
    Stale {
        /// When the last of them ended.
        expired: Timestamp,
    },
    /// The process is ending.
    #[error("the request for an access token was interrupted")]
    Interrupted,
}

impl AuthError {
    /// Whether KIS itself said no, so that asking again soon would be hammering.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        // KIS also refuses with HTTP 500; the codes from EGW00100 on name what was wrong with
        // the request, those below are faults of its own.
        match self {
            Self::Refused { status, code, .. } => *status < 500 || code.starts_with("EGW001"),
            Self::Stale { .. } => true,
            _ => false,
        }
    }

    /// Whether KIS says that it has issued a token less than a minute ago.
    pub(super) fn is_too_soon(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code == "EGW00133")
    }

    pub(super) fn transport(source: reqwest::Error) -> Self {
        Self::Transport { source: Arc::new(source.without_url()) }
    }
}
