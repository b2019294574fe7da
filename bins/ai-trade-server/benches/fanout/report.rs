//! The table.

use crate::{Case, Sender, load::Figures};

pub(crate) fn head() {
    println!(
        "{:<10} {:>7} {:>7}  {:<9} {:>12} {:>10} {:>9} {:>9} {:>9} {:>8} {:>9} {:>9}  vs coalesced / vs each",
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

/// One row a sender, the median of its runs, with ratios to the raw sockets.
pub(crate) fn case(case: Case, senders: &[Sender], runs: &[Vec<Figures>; 3]) {
    let medians: Vec<Option<Median>> = runs.iter().map(|it| Median::of(it)).collect();
    for ((sender, median), _) in senders.iter().zip(&medians).zip(runs) {
        let Some(median) = median else { continue };
        let rate = if case.rate == 0 { "max".to_owned() } else { case.rate.to_string() };
        print!(
            "{:<10} {:>7} {:>7}  {:<9} {:>12.0} {:>10.3} {:>9.0} {:>9.0} {:>9.0} {:>8} {:>9.0} {:>9.1}",
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
        if *sender == Sender::Server {
            let against = |other: &Option<Median>| {
                other.as_ref().map_or_else(String::new, |it| {
                    format!(
                        "deliv x{:.2} cpu x{:.2} p99 x{:.2}",
                        median.deliveries / it.deliveries,
                        median.cpu / it.cpu,
                        median.latency[1] / it.latency[1]
                    )
                })
            };
            print!("  {} / {}", against(&medians[0]), against(&medians[1]));
        }
        println!();
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
    fn of(runs: &[Figures]) -> Option<Self> {
        if runs.is_empty() {
            return None;
        }
        let median = |of: fn(&Figures) -> f64| {
            let mut values: Vec<f64> = runs.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        Some(Self {
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
        })
    }
}
