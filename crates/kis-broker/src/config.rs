//! The limits and delays of a session.

use std::time::Duration;

use crate::{backoff::Delays, budget::Budgets};

/// The limits and delays of a session. The defaults are KIS's limits as of 2026-09, or what
/// keeps well within them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionConfig {
    /// How many topics KIS accepts per session, all streams together. Default 41 (measured: the
    /// 42nd is answered with OPSP0008).
    pub topics_max: usize,
    /// The least time between two requests. Default 100 ms, as in KIS's samples.
    pub request_interval: Duration,
    /// How long KIS may take to answer a request before it is sent again. Default 10 s.
    pub answer_max: Duration,
    /// How often a request is sent before it counts as refused. Default 3.
    pub attempts_max: u32,
    /// How long a request waits before it is sent again after KIS answered with an internal
    /// error (OPSP0007, OPSP8999, OPSP9993, OPSP9995). Default 5 s.
    pub retry_delay: Duration,
    /// How long the link may be silent before it counts as dead. Default 120 s: an idle KIS sends
    /// a PINGPONG every 100 to 110 s by the reports there are, and must not be given up.
    pub silence_max: Duration,
    /// Where doubling `silence_max` ends. Default 5 minutes. Were signs of life seldomer than
    /// reported and a healthy link given up each time, the session would loop all night. So a
    /// link given up for silence makes the next wait twice as long, until an hour passes without
    /// such a silence.
    pub silence_limit: Duration,
    /// How long a socket must have been open to count as proven when nothing was registered on
    /// it. Default 60 s. Back-off starts over only after a proven session.
    pub proven_after: Duration,
    /// The delays before reconnecting after a loss, and before asking for an approval key again
    /// when KIS could not be reached. Default 1 s to 2 minutes.
    pub reconnect_delays: Delays,
    /// The delays after OPSP8996 (app key in use) and OPSP0011 (approval key refused), and when
    /// KIS refuses to issue an approval key. Default 1 to 10 minutes: KIS holds a lost session's
    /// slot for seconds to hours, and trying at short intervals prolonged that.
    pub refusal_delays: Delays,
    /// How old an approval key may be when a topic is registered with it. Default 23 hours; KIS
    /// honours it for 24.
    pub approval_age_max: Duration,
    /// How old an approval key may be when a socket is opened for it. Default 1 hour. By one
    /// report an expired key still registers topics and nothing comes; a key for each socket
    /// that is not just being restored is a cheap way never to find out.
    pub approval_reuse_max: Duration,
    /// How long OPSP0008 is remembered when no release frees a slot. Default 60 s.
    pub full_memory: Duration,
    /// The least time between two releases while shutting down. Default 20 ms, so that 41 take
    /// less than a second.
    pub shutdown_interval: Duration,
    /// How long shutting down may take before the socket is closed regardless. Default 1 s.
    pub shutdown_max: Duration,
    /// What may be asked of KIS within a while.
    pub budgets: Budgets,
}

impl Default for SessionConfig {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            topics_max: 41,
            request_interval: Duration::from_millis(100),
            answer_max: seconds(10),
            attempts_max: 3,
            retry_delay: seconds(5),
            silence_max: seconds(120),
            silence_limit: seconds(300),
            proven_after: seconds(60),
            reconnect_delays: Delays { min: seconds(1), max: seconds(120) },
            refusal_delays: Delays { min: seconds(60), max: seconds(600) },
            approval_age_max: seconds(23 * 3600),
            approval_reuse_max: seconds(3600),
            full_memory: seconds(60),
            shutdown_interval: Duration::from_millis(20),
            shutdown_max: seconds(1),
            budgets: Budgets::default(),
        }
    }
}
