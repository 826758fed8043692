//! What processes have used of a processor, as the system counts it.

/// The clock of `/proc`, in ticks a second.
const TICKS: f64 = 100.0;

/// Seconds of a processor that a process has used.
pub(crate) fn of(process: u32) -> f64 {
    ticks(&format!("/proc/{process}/stat"), [11, 12])
}

/// Seconds of a processor that children of this process have used that have ended.
pub(crate) fn of_ended_children() -> f64 {
    ticks("/proc/self/stat", [13, 14])
}

/// Sums fields that follow the name, which may have spaces.
fn ticks(path: &str, fields: [usize; 2]) -> f64 {
    let stat = std::fs::read_to_string(path).unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let values: Vec<f64> = after.split_whitespace().map(|field| field.parse().unwrap_or(0.0)).collect();
    fields.iter().filter_map(|field| values.get(*field)).sum::<f64>() / TICKS
}
