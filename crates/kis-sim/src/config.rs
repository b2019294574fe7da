//! What a simulator is started with.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    str::FromStr,
    time::Duration,
};

use kis_protocol::catalogue::Environment;

use crate::Script;

/// Where a simulator listens, what it replays, and how strict it is.
///
/// The defaults are KIS's own figures wherever somebody measured them
/// (the sources are named field by field) and loopback with any free port.
#[derive(Debug, Clone)]
pub struct SimConfig {
    /// Address of the REST side, plain HTTP. Port 0 takes any free port.
    pub rest: SocketAddr,
    /// Address of the websocket side, plain `ws`, any path.
    pub ws: SocketAddr,
    /// Address of the admin endpoint; none by default, because KIS has none.
    pub admin: Option<SocketAddr>,
    /// The frames to replay.
    pub script: Script,
    /// Serves a topic without frames of its own with those of another topic of the same TR,
    /// its symbol put in place, so that a demo shows data for any symbol.
    pub rekey: bool,
    /// How fast frames follow each other.
    pub pace: Pace,
    /// The app keys that exist. Empty: every app key does, with whatever secret it comes.
    pub credentials: Vec<Credential>,
    /// Time between two tokens of one app key; sooner is EGW00133 (KIS: one minute).
    pub token_interval: Duration,
    /// How long a token is valid (KIS: 24 hours).
    pub token_lifetime: Duration,
    /// How long asking again returns the token issued before (KIS FAQ: 6 hours).
    pub token_reuse: Duration,
    /// How long an approval key can register (KIS: 24 hours).
    pub approval_lifetime: Duration,
    /// Which side of KIS this is. `None`, the default, is both: calls of either are served. Only
    /// one: a real `tr_id` is EGW00213 on paper.
    pub environment: Option<Environment>,
    /// REST calls per second and app key; more is EGW00201 (KIS since 2026-04-20: 18, paper 1).
    pub rest_per_second: usize,
    /// Of these, calls on accounts; more is EGW00215 (KIS does not say how many; 5 here).
    pub ledger_per_second: usize,
    /// Registrations of one session; one more is OPSP0008 (measured: 41).
    pub registrations_max: usize,
    /// How long the slot of an app key stays taken after its connection was lost
    /// (KIS: seconds to hours; here 300 ms, so that tests and demos are not held up).
    /// A session that its client ends with a close frame frees the slot at once.
    pub slot_hold: Duration,
    /// PINGPONG is sent when nothing else was for this long (seen: about 100 s).
    pub ping_idle: Duration,
    /// The connection is dropped when a PINGPONG is unanswered for this long
    /// (reports say 10 s to 100 s; here 100 s, the best attested one).
    pub echo_timeout: Duration,
    /// Whether a client's websocket Ping is answered with a Pong. Reports about KIS disagree;
    /// answering is what the protocol demands and what clients in use survive on.
    pub answer_ping: bool,
}

impl Default for SimConfig {
    fn default() -> Self {
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            rest: loopback,
            ws: loopback,
            admin: None,
            script: Script::fixtures(),
            rekey: true,
            pace: Pace::Recorded,
            credentials: Vec::new(),
            token_interval: Duration::from_secs(60),
            token_lifetime: Duration::from_secs(24 * 3600),
            token_reuse: Duration::from_secs(6 * 3600),
            approval_lifetime: Duration::from_secs(24 * 3600),
            environment: None,
            rest_per_second: 18,
            ledger_per_second: 5,
            registrations_max: 41,
            slot_hold: Duration::from_millis(300),
            ping_idle: Duration::from_secs(100),
            echo_timeout: Duration::from_secs(100),
            answer_ping: true,
        }
    }
}

impl SimConfig {
    /// One side of KIS, with its limits.
    pub fn of(environment: Environment) -> Self {
        let (rest_per_second, ledger_per_second) = match environment {
            Environment::Real => (18, 5),
            Environment::Paper => (1, 1),
        };
        let environment = Some(environment);
        Self { environment, rest_per_second, ledger_per_second, ..Self::default() }
    }
}

/// An app key and its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// The app key.
    pub app_key: String,
    /// The secret: `appsecret` of a token request, `secretkey` of an approval.
    pub app_secret: String,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("app_key", &masked(&self.app_key))
            .finish_non_exhaustive()
    }
}

/// An app key fit for logs: its last four characters.
pub(crate) fn masked(app_key: &str) -> String {
    let shown = app_key.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
    if shown == 0 { "…".to_owned() } else { format!("…{}", &app_key[shown..]) }
}

/// How fast the frames of a topic follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// As their time columns say, where these advance by at most ten seconds; otherwise 100 ms.
    /// Between the last frame and the first of the next round: one second.
    Recorded,
    /// One frame per topic in this time.
    Fixed(Duration),
    /// As fast as the client takes them.
    Max,
}

/// A pace that is none of `recorded`, `fixed:<ms>` and `max`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown pace `{0}`; write `recorded`, `fixed:<milliseconds>` or `max`")]
pub struct UnknownPace(String);

impl FromStr for Pace {
    type Err = UnknownPace;

    fn from_str(text: &str) -> Result<Self, UnknownPace> {
        let unknown = || UnknownPace(text.to_owned());
        match text.split_once(':') {
            None if text == "recorded" => Ok(Self::Recorded),
            None if text == "max" => Ok(Self::Max),
            Some(("fixed", ms)) => match ms.parse() {
                Ok(0) => Ok(Self::Max),
                Ok(ms) => Ok(Self::Fixed(Duration::from_millis(ms))),
                Err(_) => Err(unknown()),
            },
            _ => Err(unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_pace() {
        let check =
            |text: &str, expected: Option<Pace>| assert_eq!(text.parse().ok(), expected, "{text}");
        check("recorded", Some(Pace::Recorded));
        check("max", Some(Pace::Max));
        check("fixed:25", Some(Pace::Fixed(Duration::from_millis(25))));
        check("fixed:0", Some(Pace::Max));
        check("fixed:", None);
        check("fixed:-1", None);
        check("fast", None);
    }

    #[test]
    fn shows_no_secret() {
        let shown = format!(
            "{:?}",
            Credential { app_key: "PSabcdefWXYZ".into(), app_secret: "hush".into() }
        );
        assert!(shown.contains("…WXYZ") && !shown.contains("abcdef") && !shown.contains("hush"));
        assert_eq!(masked("abcd"), "…");
        assert_eq!(masked(""), "…");
    }
}
