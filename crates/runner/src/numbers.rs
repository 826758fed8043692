//! Work over very many rows, in small steps: lists of deleted tasks and what is left of deleted accounts are removed, and numbers are reset.
//!
//! There may be millions. Each step is a transaction of about [`STEP`], with a pause after it that is four times as long, so that nobody
//! who writes waits for long: SQLite has one writer. What is left to do stands in the database: after a restart it goes on, and on
//! PostgreSQL any node does the next step.

use std::time::Duration;

use store::{Result, numbers, removals};
use tokio::time::Instant;

use crate::{
    clock_check::ClockCheck,
    rounds::{RETRY, Rounds, rest_after, wait_for_work},
};

/// How long a step holds what it writes to, beside the disk's own flush.
const STEP: Duration = Duration::from_millis(8);

/// The shortest time between two looks for work.
const REST: Duration = Duration::from_millis(100);

/// Does the work.
pub(crate) struct NumberLists {
    pub(crate) clock_check: ClockCheck,
}

/// What a step does.
#[derive(Clone, Copy)]
enum Work {
    RemoveLists,
    RemoveRows,
    Reset,
}

impl NumberLists {
    pub(crate) async fn run(self, mut rounds: Rounds) {
        let mut committed = self.clock_check.store.wake_ups().committed_here();
        loop {
            let done = rounds.note(self.round().await);
            tokio::time::sleep(if done.is_some() { REST } else { RETRY }).await;
            wait_for_work(&mut committed).await;
        }
    }

    /// Does all that there is to do.
    async fn round(&self) -> Result<()> {
        for work in [Work::RemoveLists, Work::RemoveRows, Work::Reset] {
            let mut pace = Pace::new();
            while self.is_any(work).await? && self.step(work, &mut pace).await? {}
        }
        Ok(())
    }

    async fn is_any(&self, work: Work) -> Result<bool> {
        let mut read = self.clock_check.store.read().await?;
        match work {
            Work::RemoveLists => numbers::is_any_deleted(&mut read).await,
            Work::RemoveRows => removals::is_any(&mut read).await,
            Work::Reset => numbers::is_any_reset_running(&mut read).await,
        }
    }

    /// Does a step, and rests; says whether it found something to do.
    async fn step(&self, work: Work, pace: &mut Pace) -> Result<bool> {
        let mut tx = self.clock_check.store.begin().await?;
        let begun = Instant::now();
        let found = match work {
            Work::RemoveLists => numbers::remove_some(&mut tx, pace.rows).await?,
            Work::RemoveRows => removals::remove_some(&mut tx, pace.rows).await?,
            Work::Reset => numbers::reset_some(&mut tx, pace.rows, self.clock_check.clock.now()).await?,
        };
        pace.note(begun.elapsed());
        tx.commit().await?;
        rest_after(begun).await;
        Ok(found)
    }
}

/// How many rows a step is over, so that it takes about [`STEP`].
struct Pace {
    rows: u32,
}

impl Pace {
    const FEWEST: u32 = 16;
    const MOST: u32 = 4_096;

    const fn new() -> Self {
        Self { rows: 128 }
    }

    /// A step took so long. One that took too long halves the next; one that took half of what it may makes it longer by a quarter.
    fn note(&mut self, took: Duration) {
        if took > STEP {
            self.rows = (self.rows / 2).max(Self::FEWEST);
        } else if took < STEP / 2 {
            self.rows = (self.rows + self.rows / 4).min(Self::MOST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_grow_until_they_take_their_time_and_shrink_at_once() {
        let mut pace = Pace::new();
        for _ in 0..100 {
            pace.note(Duration::from_millis(1));
        }
        assert_eq!(pace.rows, Pace::MOST);
        pace.note(Duration::from_millis(9));
        assert_eq!(pace.rows, Pace::MOST / 2);
        pace.note(Duration::from_millis(5));
        assert_eq!(pace.rows, Pace::MOST / 2);
        for _ in 0..100 {
            pace.note(Duration::from_secs(1));
        }
        assert_eq!(pace.rows, Pace::FEWEST);
    }
}
