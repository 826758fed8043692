//! How many connections the limit of open files (`ulimit -n`) leaves room for.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Files that the program has open beside connections, those of the database apart: standard streams, timers, signals, the
/// listener, and webhooks on their way.
const OTHER_FILES: u64 = 64;

/// Files for each database connection: SQLite opens the database, its log and its index.
const FILES_FOR_EACH: u64 = 4;

/// Raises the limit of open files as far as `asked` connections need it and the system lets us; gives how many connections there
/// is room for, and says so when they are fewer than asked for.
pub(crate) fn most_connections(asked: usize, database_connections: u32) -> usize {
    let others = OTHER_FILES + FILES_FOR_EACH * u64::from(database_connections);
    let limit = raise(u64::try_from(asked).unwrap_or(u64::MAX).saturating_add(others));
    let most = room(asked, limit, others);
    if most < asked {
        tracing::warn!(
            open_files = limit,
            "at most {most} connections instead of {asked}: the limit of open files (ulimit -n) leaves no room for more"
        );
    }
    most
}

/// Raises the soft limit towards `wanted`; gives the one that holds, `None` for no limit.
fn raise(wanted: u64) -> Option<u64> {
    let mut limit = getrlimit(Resource::Nofile);
    let (soft, hard) = (limit.current?, limit.maximum.unwrap_or(u64::MAX));
    let higher = wanted.min(hard);
    if higher <= soft {
        return Some(soft);
    }
    limit.current = Some(higher);
    match setrlimit(Resource::Nofile, limit) {
        Ok(()) => Some(higher),
        Err(error) => {
            tracing::warn!(%error, "the limit of open files could not be raised");
            Some(soft)
        }
    }
}

/// How many of the connections asked for fit under a limit of open files beside `others`. Where the limit is very low, half of it:
/// better too few files now and then than nobody served.
fn room(asked: usize, limit: Option<u64>, others: u64) -> usize {
    let Some(limit) = limit else { return asked };
    let left = limit.saturating_sub(others).max(limit / 2).max(1);
    asked.min(usize::try_from(left).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_open_files_bounds_the_connections() {
        assert_eq!(room(4096, None, 100), 4096);
        assert_eq!(room(4096, Some(1_048_576), 100), 4096);
        assert_eq!(room(4096, Some(1024), 100), 924);
        assert_eq!(room(4096, Some(256), 100), 156);
        assert_eq!(room(4096, Some(64), 100), 32);
        assert_eq!(room(4096, Some(0), 100), 1);
    }
}
