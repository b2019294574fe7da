//! The process, under the names that all Prometheus clients use.

use std::fs;

use super::Exposition;

/// Linux tells processor time in hundredths of a second, whatever its own clock.
const TICKS_PER_SECOND: f64 = 100.0;

/// Adds what Linux tells about this process; elsewhere nothing.
pub(super) fn collect(out: &mut Exposition) {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let stat = read("/proc/self/stat");
    // The program's name, in parentheses, may hold blanks.
    let fields: Vec<&str> =
        stat.rsplit_once(") ").map(|it| it.1.split(' ').collect()).unwrap_or_default();
    let field = |index: usize| fields.get(index)?.parse::<f64>().ok();
    // Fields 14, 15 and 22 of proc_pid_stat(5), the first two being cut off.
    if let (Some(user), Some(system)) = (field(11), field(12)) {
        let seconds = (user + system) / TICKS_PER_SECOND;
        // A counter of ours holds whole numbers; this one has a fraction.
        let options = prometheus::Opts::new(
            "process_cpu_seconds_total",
            "Total user and system CPU time spent in seconds.",
        );
        if let Ok(counter) = prometheus::Counter::with_opts(options) {
            counter.inc_by(seconds);
            out.add(&counter);
        }
    }
    let boot = read("/proc/stat");
    let boot = boot.lines().find_map(|it| it.strip_prefix("btime ")?.parse::<f64>().ok());
    if let (Some(boot), Some(start)) = (boot, field(19)) {
        let help = "Start time of the process since unix epoch in seconds.";
        out.gauge("process_start_time_seconds", help, boot + start / TICKS_PER_SECOND);
    }
    let status = read("/proc/self/status");
    let number = |text: &str, name: &str| {
        let rest = text.lines().find_map(|it| it.strip_prefix(name))?;
        rest.split_whitespace().next()?.parse::<f64>().ok()
    };
    if let Some(kib) = number(&status, "VmRSS:") {
        let help = "Resident memory size in bytes.";
        out.gauge("process_resident_memory_bytes", help, kib * 1024.0);
    }
    if let Some(threads) = number(&status, "Threads:") {
        out.gauge("process_threads", "Number of OS threads in the process.", threads);
    }
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        // One of them is the listing itself.
        let count = files.count().saturating_sub(1);
        out.gauge("process_open_fds", "Number of open file descriptors.", super::figure(count));
    }
    if let Some(max) = number(&read("/proc/self/limits"), "Max open files") {
        let help = "Maximum number of open file descriptors.";
        out.gauge("process_max_fds", help, max);
    }
}
