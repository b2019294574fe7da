//! Figures in Prometheus' text format.

use prometheus::{
    Encoder, GaugeVec, IntCounterVec, Opts, TextEncoder, core::Collector, proto::MetricFamily,
};

/// What a scrape gets. Figures are added as they are at the moment; nothing is
/// kept between scrapes, so what is counted pays nothing for being shown.
#[derive(Debug, Default)]
pub struct Exposition(Vec<MetricFamily>);

/// A figure's labels, and the figure.
type Labelled<'a, T> = (&'a [&'a str], T);

impl Exposition {
    /// Adds a counter, whose name ends in `_total`.
    pub fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.counters(name, help, &[], [(&[][..], value)]);
    }

    /// Adds counters that differ in their labels.
    pub fn counters<'a>(
        &mut self,
        name: &str,
        help: &str,
        labels: &[&str],
        values: impl IntoIterator<Item = Labelled<'a, u64>>,
    ) {
        let family = IntCounterVec::new(Opts::new(name, help), labels);
        debug_assert!(family.is_ok(), "{name}");
        let Ok(family) = family else { return };
        for (labels, value) in values {
            family.with_label_values(labels).inc_by(value);
        }
        self.add(&family);
    }

    /// Adds a figure that goes up and down.
    pub fn gauge(&mut self, name: &str, help: &str, value: f64) {
        self.gauges(name, help, &[], [(&[][..], value)]);
    }

    /// Adds figures that differ in their labels.
    pub fn gauges<'a>(
        &mut self,
        name: &str,
        help: &str,
        labels: &[&str],
        values: impl IntoIterator<Item = Labelled<'a, f64>>,
    ) {
        let family = GaugeVec::new(Opts::new(name, help), labels);
        debug_assert!(family.is_ok(), "{name}");
        let Ok(family) = family else { return };
        for (labels, value) in values {
            family.with_label_values(labels).set(value);
        }
        self.add(&family);
    }

    /// Adds what a metric of the prometheus crate holds, such as a histogram.
    pub fn add(&mut self, collector: &dyn Collector) {
        // Without a value yet, there is nothing to show.
        self.0.extend(collector.collect().into_iter().filter(|it| !it.get_metric().is_empty()));
    }

    /// The text.
    pub(super) fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        let written = TextEncoder::new().encode(&self.0, &mut text);
        debug_assert!(written.is_ok(), "{written:?}");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text() {
        let mut exposition = Exposition::default();
        exposition.counter("relay_a_total", "What a is.", 3);
        exposition.gauges("relay_b", "What b is.", &["of"], [(&["x\"y"][..], 0.5)]);
        exposition.counters("relay_none_total", "Nothing yet.", &["of"], []);
        assert_eq!(
            String::from_utf8(exposition.text()).unwrap(),
            "# HELP relay_a_total What a is.\n# TYPE relay_a_total counter\nrelay_a_total 3\n\
             # HELP relay_b What b is.\n# TYPE relay_b gauge\nrelay_b{of=\"x\\\"y\"} 0.5\n"
        );
    }
}
