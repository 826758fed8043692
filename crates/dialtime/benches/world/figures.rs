//! Figures of benchmarks: what was asked for on the command line, percentiles, and what the disk itself takes.

use std::{
    fs::File,
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

/// The value that follows an option.
pub(crate) fn option<T: std::str::FromStr<Err: std::fmt::Debug>>(name: &str, default: T) -> T {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1).map_or(default, |value| value.parse().unwrap())
}

/// How long lists are: 10,000 numbers, or what `--sizes` says.
pub(crate) fn sizes() -> Vec<i64> {
    let sizes: String = option("--sizes", "10000".to_owned());
    sizes.split(',').map(|size| size.trim().parse().unwrap()).collect()
}

/// How long something took, again and again.
#[derive(Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn note(&mut self, took: Duration) {
        self.0.push(took);
    }

    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    /// In milliseconds, so many hundredths of them were at most.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let place = sorted.len().saturating_sub(1) * percent / 100;
        sorted.get(place).map_or(f64::NAN, |took| took.as_secs_f64() * 1_000.0)
    }

    /// Median, 99th percentile and the most, in milliseconds.
    pub(crate) fn text(&self) -> String {
        format!("{:.2} / {:.2} / {:.2}", self.percentile(50), self.percentile(99), self.percentile(100))
    }
}

/// How long the disk takes to keep a few kilobytes, in the folder of a file.
pub(crate) fn flush_times(beside: &Path) -> Times {
    let path = beside.with_extension("flushed");
    let mut file = File::create(&path).unwrap();
    let mut times = Times::default();
    for _ in 0..200 {
        file.write_all(&[0; 8 << 10]).unwrap();
        let begun = Instant::now();
        file.sync_data().unwrap();
        times.note(begun.elapsed());
    }
    std::fs::remove_file(path).unwrap();
    times
}
