use std::{fmt, sync::Arc};

use kis_protocol::catalogue::{CallError, Environment, Prepared};

use crate::auth::AuthError;

/// Why a call has no answer. Holds no secret and nothing personal, except for the parameters of
/// [`lookups`](Self::lookups), which are not printed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum RestError {
    /// The call is not one that KIS would take; nothing was sent.
    #[error(transparent)]
    Call(#[from] CallError),
    /// There is no such call; nothing was sent.
    #[error("there is no call {id:?} in the catalogue")]
    Unknown {
        /// The id given.
        id: String,
    },
    /// Tokens and keys are not asked for this way; nothing was sent.
    #[error("{tr} is not called directly; `Tokens` and `ApprovalClient` do")]
    Oauth {
        /// The id of the call.
        tr: &'static str,
    },
    /// The call was prepared for the other environment; nothing was sent.
    #[error(
        "{tr} was prepared with {tr_id}, which {environment:?} does not have here; prepare it with this client"
    )]
    Environment {
        /// The id of the call.
        tr: &'static str,
        /// The `tr_id` it has.
        tr_id: &'static str,
        /// What this client is for.
        environment: Environment,
    },
    /// There is no access token; nothing was sent.
    #[error("{tr} was not called for want of an access token")]
    Token {
        /// The id of the call.
        tr: &'static str,
        /// Why there is none.
        source: AuthError,
    },
    /// The rate limit would not let the call start before its deadline; nothing was sent.
    #[error(
        "{tr} cannot start before its deadline: {ahead} calls wait before it, with {per_second:.1} a second; give it more time or call less"
    )]
    Late {
        /// The id of the call.
        tr: &'static str,
        /// How many calls go before it.
        ahead: usize,
        /// How many calls start in a second at present.
        per_second: f64,
    },
    /// The deadline passed while something else than the rate limit was waited for. An order was
    /// not sent.
    #[error("{tr} was given up at its deadline, waiting for {waited_for}")]
    GivenUp {
        /// The id of the call.
        tr: &'static str,
        /// `an access token`, of which KIS issues one a minute, or `the answer to an identical call`.
        waited_for: &'static str,
    },
    /// The order was withdrawn while it waited for its turn; nothing was sent.
    #[error("{tr} was withdrawn before its turn came")]
    Withdrawn {
        /// The id of the call.
        tr: &'static str,
    },
    /// KIS could not be reached, or the answer was lost.
    #[error("{tr} {}", if *sent { "was sent, but its answer did not come" } else { "could not be sent" })]
    Transport {
        /// The id of the call.
        tr: &'static str,
        /// Whether KIS may have got the call.
        sent: bool,
        /// What went wrong, without the address.
        source: Arc<reqwest::Error>,
    },
    /// KIS refused.
    #[error("KIS refused {tr}: HTTP {status} {msg_cd} {msg1}")]
    Refused {
        /// The id of the call.
        tr: &'static str,
        /// The HTTP status; gateway errors come as 500.
        status: u16,
        /// `1`, or `7` for some refused orders.
        rt_cd: String,
        /// KIS's code, such as `EGW00201`.
        msg_cd: String,
        /// KIS's text.
        msg1: String,
    },
    /// The answer is not what KIS sends.
    #[error("unreadable answer to {tr}: HTTP {status}, {bytes} bytes")]
    Unreadable {
        /// The id of the call.
        tr: &'static str,
        /// The HTTP status.
        status: u16,
        /// The length of the answer.
        bytes: usize,
    },
    /// An order was sent and it is not known whether KIS executed it. It is not sent again:
    /// look it up with the calls in `lookups` before doing anything else.
    #[error(
        "KIS may or may not have executed {tr}, which is not sent again; look it up: {}",
        Listed(lookups)
    )]
    Unsettled {
        /// The id of the order.
        tr: &'static str,
        /// What is known.
        source: Arc<Self>,
        /// The calls whose answers show whether the order exists, ready to be made.
        lookups: Vec<Prepared>,
    },
    /// The process is ending.
    #[error("{tr} was interrupted after it was sent")]
    Interrupted {
        /// The id of the call.
        tr: &'static str,
    },
    /// The answer came, but not in the form wanted of it.
    #[error(
        "the answer to {tr} does not have the form expected of it: {kind} at line {line}, column {column}"
    )]
    Form {
        /// The id of the call.
        tr: &'static str,
        /// `data`, `syntax` or `eof`.
        kind: &'static str,
        /// Where in the answer's JSON, which is not shown because it may be personal.
        line: usize,
        /// Where in that line.
        column: usize,
    },
    /// There are more pages than were wanted; those before this error are good.
    #[error("{tr} has more than {pages} pages; ask for more or narrow the question down")]
    MorePages {
        /// The id of the call.
        tr: &'static str,
        /// How many pages came.
        pages: usize,
    },
}

/// What a refusal says of the call that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// The access token is not valid.
    Token,
    /// The gateway has no more calls to give this second.
    Gateway,
    /// The ledger has none.
    Ledger,
    /// KIS has a fault of its own; whether the call took effect is open.
    Fault,
    /// The call as it is.
    Call,
}

impl RestError {
    /// Whether making the same call again is safe and may succeed. Reads are made again by the
    /// client itself before it returns an error; orders never are.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Transport { .. } | Self::Unreadable { .. } => true,
            Self::Late { .. } | Self::GivenUp { .. } => true,
            Self::Refused { .. } => self.reason() != Some(Reason::Call),
            Self::Token { source, .. } => !source.is_refusal(),
            _ => false,
        }
    }

    /// Whether KIS answered and said no, so that an order has surely not been executed.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }

    /// Whether it is open what became of an order.
    #[must_use]
    pub fn is_unsettled(&self) -> bool {
        matches!(self, Self::Unsettled { .. })
    }

    /// The calls that show what became of an order; empty unless that is open.
    #[must_use]
    pub fn lookups(&self) -> &[Prepared] {
        match self {
            Self::Unsettled { lookups, .. } => lookups,
            _ => &[],
        }
    }

    /// KIS's code, if it answered with one.
    #[must_use]
    pub fn msg_cd(&self) -> Option<&str> {
        match self {
            Self::Refused { msg_cd, .. } => Some(msg_cd),
            Self::Unsettled { source, .. } => source.msg_cd(),
            _ => None,
        }
    }

    pub(super) fn transport(tr: &'static str, source: reqwest::Error) -> Self {
        // Opening a connection has a limit of its own below that of a call, and a call that
        // cannot even be built is not sent.
        let sent = !(source.is_connect() || source.is_builder());
        // The address of a GET holds account numbers.
        Self::Transport { tr, sent, source: Arc::new(source.without_url()) }
    }

    pub(super) fn form(tr: &'static str, error: &serde_json::Error) -> Self {
        // What serde says of a text may quote it.
        let kind = match error.classify() {
            serde_json::error::Category::Syntax => "syntax",
            serde_json::error::Category::Eof => "eof",
            _ => "data",
        };
        Self::Form { tr, kind, line: error.line(), column: error.column() }
    }

    /// What a refusal is about; none of any other error.
    pub(super) fn reason(&self) -> Option<Reason> {
        let Self::Refused { status, msg_cd, .. } = self else { return None };
        Some(match msg_cd.as_str() {
            "EGW00121" | "EGW00123" => Reason::Token,
            "EGW00201" => Reason::Gateway,
            "EGW00215" => Reason::Ledger,
            // Temporary errors and those of the routing to the systems behind the gateway, two
            // of which say "be sure to check the last transaction" (EGW00301, EGW00302).
            "EGW00001" | "EGW00002" | "EGW00202" | "EGW00203" | "EGW00300" | "EGW00301"
            | "EGW00302" | "OPSQ1002" => Reason::Fault,
            // The gateway says no with HTTP 500 as well. What its codes mean is known but for a few.
            code if *status >= 500 && !REFUSALS.iter().any(|it| code.starts_with(it)) => {
                Reason::Fault
            }
            _ => Reason::Call,
        })
    }

    /// Whether an order that ended so may have been executed.
    pub(super) fn is_doubt(&self) -> bool {
        match self {
            Self::Transport { sent, .. } => *sent,
            Self::Unreadable { .. } | Self::Interrupted { .. } => true,
            Self::Refused { .. } => self.reason() == Some(Reason::Fault),
            _ => false,
        }
    }
}

/// How the codes begin with which the gateway refuses before it passes a call on: of the request
/// and its token, of permissions, of the environment, and of what was not subscribed to.
const REFUSALS: [&str; 7] =
    ["EGW001", "EGW0020", "EGW0021", "EGW00303", "EGW00304", "EGW00550", "EGW02004"];

/// Calls as a person wants to read them, without what is personal.
struct Listed<'a>(&'a [Prepared]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("in the account itself, as no call shows it");
        }
        for (index, call) in self.0.iter().enumerate() {
            write!(f, "{}{}", if index > 0 { ", or " } else { "" }, call.tr.id)?;
            let mut before = " with ";
            for (name, value) in call.parameters.iter().filter(|(_, value)| !value.is_empty()) {
                if call.tr.parameter(name).is_some_and(|it| it.personal.is_none()) {
                    write!(f, "{before}{name} {value}")?;
                    before = ", ";
                }
            }
        }
        Ok(())
    }
}
