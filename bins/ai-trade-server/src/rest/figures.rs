//! What `/metrics` shows of REST.

use super::Api;
use crate::metrics::Exposition;

pub(super) fn collect(api: &Api, out: &mut Exposition) {
    let status = api.client().status();
    let calls: Vec<_> =
        status.calls.iter().map(|it| ([it.tr_id, it.outcome.as_str()], it.count)).collect();
    out.counters(
        "relay_rest_calls_total",
        "Calls of KIS' REST API, each attempt, by tr_id and how it ended.",
        &["tr_id", "outcome"],
        calls.iter().map(|it| (&it.0[..], it.1)),
    );
    let help = "Reads that waited for the answer to an identical one.";
    out.counter("relay_rest_coalesced_total", help, status.coalesced);
    let lanes = [("gateway", status.gateway), ("ledger", status.ledger)];
    let lanes = lanes.map(|(name, it)| ([name], it));
    #[expect(clippy::cast_precision_loss, reason = "a queue in memory")]
    let waiting = lanes.each_ref().map(|it| (&it.0[..], it.1.waiting as f64));
    out.gauges("relay_rest_waiting", "Calls that wait for their turn.", &["limit"], waiting);
    out.gauges(
        "relay_rest_rate",
        "Calls that may start in a second at present.",
        &["limit"],
        lanes.each_ref().map(|it| (&it.0[..], it.1.current)),
    );
    let token = api.tokens().status();
    out.counter("relay_tokens_issued_total", "Access tokens issued to us.", token.issued);
    let help = "Attempts to get an access token that failed.";
    out.counter("relay_token_failures_total", help, token.failures);
    let help = "Reads answered with what somebody else had asked for a moment ago.";
    out.counter("relay_rest_cache_hits_total", help, api.cache.hits());
    if let Some(expires) = token.expires {
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970")]
        let at = expires.unix_seconds() as f64;
        let help = "When the access token ends, in Unix time.";
        out.gauge("relay_token_expires_timestamp_seconds", help, at);
    }
}
