//! The table.

use crate::{Case, Sender, load::Figures};

pub(crate) fn head() {
    println!(
        "{:<10} {:>7} {:>7}  {:<11} {:>12} {:>10} {:>9} {:>9} {:>9} {:>8} {:>9} {:>9}",
        "format",
        "clients",
        "rate/s",
        "sender",
        "deliv/s",
        "cpu s/M",
        "p50 us",
        "p99 us",
        "p99.9 us",
        "lost",
        "B/client",
        "RSS MiB",
    );
}

/// One row a sender, the median of its runs, and the server's ratios to the others.
pub(crate) fn case(case: Case, runs: &[(Sender, Vec<Figures>)]) {
    let medians: Vec<_> = runs.iter().map(|(sender, it)| (*sender, Median::of(it))).collect();
    for (sender, median) in &medians {
        let rate = if case.rate == 0 { "max".to_owned() } else { case.rate.to_string() };
        println!(
            "{:<10} {:>7} {:>7}  {:<11} {:>12.0} {:>10.3} {:>9.0} {:>9.0} {:>9.0} {:>8} {:>9.0} {:>9.1}",
            case.format.to_string(),
            case.clients,
            rate,
            format!("{sender:?}"),
            median.deliveries,
            median.cpu,
            median.latency[0],
            median.latency[1],
            median.latency[2],
            median.lost,
            median.per_client,
            median.resident / (1024.0 * 1024.0),
        );
    }
    let Some((_, server)) = medians.iter().find(|(it, _)| *it == Sender::Server) else { return };
    for (sender, other) in medians.iter().filter(|(it, _)| *it != Sender::Server) {
        println!(
            "{:>26}  / {:<9} {:>11.2}x {:>9.2}x {:>8.2}x {:>8.2}x",
            "Server",
            format!("{sender:?}"),
            server.deliveries / other.deliveries,
            server.cpu / other.cpu,
            server.latency[0] / other.latency[0],
            server.latency[1] / other.latency[1],
        );
    }
}

struct Median {
    deliveries: f64,
    cpu: f64,
    latency: [f64; 3],
    per_client: f64,
    resident: f64,
    lost: u64,
}

impl Median {
    fn of(runs: &[Figures]) -> Self {
        let median = |of: fn(&Figures) -> f64| {
            let mut values: Vec<f64> = runs.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        Self {
            deliveries: median(|it| it.deliveries as f64 / it.seconds),
            cpu: median(|it| it.cpu * 1e6 / it.deliveries.max(1) as f64),
            latency: [
                median(|it| it.latency[0]),
                median(|it| it.latency[1]),
                median(|it| it.latency[2]),
            ],
            per_client: median(|it| it.per_client),
            resident: median(|it| it.resident as f64),
            // Losses are not averaged away.
            lost: runs.iter().map(|it| it.lost).max().unwrap_or(0),
        }
    }
}
