//! What is counted between the session and the hub; both count for themselves.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use kis_protocol::{Records, StreamKind, TrId, normalized::Normalized, time::Timestamp};
use prometheus::{
    HistogramOpts, HistogramVec,
    core::{Collector, Desc},
    proto::MetricFamily,
};

/// How many frames there are to one whose latency is looked at, which costs as
/// much as ten frames.
const SAMPLE: u64 = 64;

/// Counters of the way from the session to the hub.
#[derive(Debug)]
pub struct Counters {
    bad_frames: AtomicU64,
    unrouted: AtomicU64,
    /// By stream; the last is for those not known.
    frames: [AtomicU64; TrId::ALL.len() + 1],
    unknown_widths: [AtomicU64; TrId::ALL.len()],
    /// From the exchange's time to ours, in seconds, by market.
    latency: Option<HistogramVec>,
}

impl Counters {
    pub(crate) fn bad_frame(&self) {
        self.bad_frames.fetch_add(1, Relaxed);
    }

    pub(crate) fn unrouted_records(&self, records: u64) {
        self.unrouted.fetch_add(records, Relaxed);
    }

    /// Counts a frame that has arrived whole; whether its records are as wide as they should be.
    pub(crate) fn frame(
        &self,
        tr_id: Option<TrId>,
        records: &Records<'_>,
        received: Timestamp,
    ) -> bool {
        let index = tr_id.map_or(TrId::ALL.len(), |it| it as usize);
        let before = self.frames[index].fetch_add(1, Relaxed);
        let Some(tr_id) = tr_id else { return true };
        let known = tr_id.widths().iter().any(|it| it.columns == records.columns());
        if !known {
            self.unknown_widths[tr_id as usize].fetch_add(1, Relaxed);
        }
        if before.is_multiple_of(SAMPLE)
            && matches!(tr_id.kind(), StreamKind::Trade | StreamKind::OrderBook)
        {
            self.sample(tr_id, records, received);
        }
        known
    }

    fn sample(&self, tr_id: TrId, records: &Records<'_>, received: Timestamp) {
        let record = records.clone().next().map(|it| Normalized::read(it, tr_id, received));
        let (Some(Ok(Normalized { time: Some(time), .. })), Some(latency)) =
            (record, &self.latency)
        else {
            return;
        };
        let market = serde_json::to_value(tr_id.market()).unwrap_or_default();
        let market = market.as_str().unwrap_or("unknown");
        // The exchange tells whole seconds, and clocks differ.
        let seconds = received.unix_seconds().saturating_sub(time.unix_seconds()).max(0);
        #[expect(clippy::cast_precision_loss, reason = "a day has fewer seconds than that")]
        latency.with_label_values(&[market]).observe(seconds as f64);
    }

    /// Frames skipped because their records could not be told apart.
    pub fn bad_frames(&self) -> u64 {
        self.bad_frames.load(Relaxed)
    }

    /// Records of topics that nobody has asked for.
    pub fn unrouted(&self) -> u64 {
        self.unrouted.load(Relaxed)
    }

    /// Frames of each stream that has sent any; those not known are `unknown`.
    pub fn frames(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let names = TrId::ALL.iter().map(|it| it.as_str()).chain(["unknown"]);
        names.zip(&self.frames).map(|(name, count)| (name, count.load(Relaxed))).filter(some)
    }

    /// Frames of each stream whose records had a width not known.
    pub fn unknown_widths(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let names = TrId::ALL.iter().map(|it| it.as_str());
        names.zip(&self.unknown_widths).map(|it| (it.0, it.1.load(Relaxed))).filter(some)
    }
}

fn some((_, count): &(&str, u64)) -> bool {
    *count > 0
}

impl Default for Counters {
    fn default() -> Self {
        let options = HistogramOpts::new(
            "relay_upstream_latency_seconds",
            "From the exchange's time of a trade or order book, which has whole seconds, to its \
             arrival here; one frame in 64 of each stream.",
        );
        let options = options.buckets(vec![0.0, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 300.0]);
        Self {
            bad_frames: AtomicU64::default(),
            unrouted: AtomicU64::default(),
            frames: [const { AtomicU64::new(0) }; TrId::ALL.len() + 1],
            unknown_widths: [const { AtomicU64::new(0) }; TrId::ALL.len()],
            latency: HistogramVec::new(options, &["market"]).ok(),
        }
    }
}

/// The latencies.
impl Collector for Counters {
    fn desc(&self) -> Vec<&Desc> {
        self.latency.iter().flat_map(Collector::desc).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.latency.iter().flat_map(Collector::collect).collect()
    }
}

#[cfg(test)]
mod tests {
    use kis_protocol::{Frame, Splits};

    use super::*;

    fn count(counters: &Counters, text: &str) {
        let frame = Frame::parse(text).unwrap();
        let mut splits = Splits::default();
        let records = frame.records(&mut splits).unwrap();
        // 2026-09-14 09:00:02 in Korea.
        let received = Timestamp::from_unix(1_789_344_002, 0);
        counters.frame(frame.tr_id.parse().ok(), &records, received);
    }

    #[test]
    fn frames_widths_and_latency() {
        let counters = Counters::default();
        for _ in 0..SAMPLE {
            count(&counters, "0|H0STNAV0|001|069500^1^2^3^4^5^6^7");
        }
        count(&counters, "0|H0STNAV0|001|069500^1^2^3^4^5^6^7^8");
        count(&counters, "0|H0NEW000|001|X^1");
        assert_eq!(
            counters.frames().collect::<Vec<_>>(),
            [("H0STNAV0", SAMPLE + 1), ("unknown", 1)]
        );
        assert_eq!(counters.unknown_widths().collect::<Vec<_>>(), [("H0STNAV0", 1)]);

        let trade: Vec<String> = (0..46)
            .map(|it| match it {
                0 => "005930".to_owned(),
                1 => "090000".to_owned(),
                _ => "1".to_owned(),
            })
            .collect();
        for _ in 0..=SAMPLE {
            count(&counters, &format!("0|H0STCNT0|001|{}", trade.join("^")));
        }
        let families = counters.collect();
        let metric = &families[0].get_metric()[0];
        assert_eq!(metric.get_label()[0].value(), "stock");
        let histogram = metric.get_histogram();
        assert_eq!((histogram.get_sample_count(), histogram.get_sample_sum()), (2, 4.0));
    }
}
