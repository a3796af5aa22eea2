//! The machine in general terms, and how busy it is.

/// Cores, architecture and load.
pub fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("unknown");
    format!("{cores} cores, {}, load {load}", std::env::consts::ARCH)
}
