//! Work over very many rows, in small steps: lists of deleted tasks and what is left of deleted accounts are removed, and numbers are reset.
//!
//! There may be millions. Each step is a transaction of about [`STEP`], with a pause after it that is four times as long, so that nobody
//! who writes waits for long: SQLite has one writer. What is left to do stands in the database: after a restart it goes on, and on
//! PostgreSQL any node does the next step.

use std::{sync::Arc, time::Duration};

use domain::Clock;
use store::{Result, Store, numbers, removals};
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

/// What is done step by step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberWork {
    /// The lists of deleted tasks are removed.
    RemoveLists,
    /// What is left of deleted accounts is removed.
    RemoveRows,
    /// Many numbers are reset.
    Reset,
}

/// How long a step took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberStep {
    /// How long it held what it wrote to.
    pub held: Duration,
    /// How long the disk took to keep it.
    pub flushed: Duration,
}

/// Works at very many rows, one step at a time.
pub struct NumberWorker {
    store: Store,
    clock: Arc<dyn Clock>,
    work: NumberWork,
    pace: Pace,
}

impl NumberWorker {
    /// Does this work with a database.
    pub fn new(work: NumberWork, store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, work, pace: Pace::new() }
    }

    /// Whether there is something to do.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_needed(&self) -> Result<bool> {
        let mut read = self.store.read().await?;
        match self.work {
            NumberWork::RemoveLists => numbers::is_any_deleted(&mut read).await,
            NumberWork::RemoveRows => removals::is_any(&mut read).await,
            NumberWork::Reset => numbers::is_any_reset_running(&mut read).await,
        }
    }

    /// Does the next step; `None` when it found nothing to do.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn step(&mut self) -> Result<Option<NumberStep>> {
        let mut tx = self.store.begin().await?;
        let begun = Instant::now();
        let found = match self.work {
            NumberWork::RemoveLists => numbers::remove_some(&mut tx, self.pace.rows).await?,
            NumberWork::RemoveRows => removals::remove_some(&mut tx, self.pace.rows).await?,
            NumberWork::Reset => numbers::reset_some(&mut tx, self.pace.rows, self.clock.now()).await?,
        };
        let held = begun.elapsed();
        self.pace.note(held);
        tx.commit().await?;
        Ok(found.then(|| NumberStep { held, flushed: begun.elapsed().saturating_sub(held) }))
    }
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
        let ClockCheck { store, clock, .. } = &self.clock_check;
        for work in [NumberWork::RemoveLists, NumberWork::RemoveRows, NumberWork::Reset] {
            let mut worker = NumberWorker::new(work, store.clone(), clock.clone());
            while worker.is_needed().await? {
                let begun = Instant::now();
                let step = worker.step().await?;
                rest_after(begun).await;
                if step.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// How many rows a step is over, so that it takes about [`STEP`].
struct Pace {
    rows: u32,
}

impl Pace {
    /// Not fewer: where so few take longer, it is the machine or the database that is slow and not the rows, and smaller steps would only last for
    /// ever.
    const FEWEST: u32 = 128;
    const MOST: u32 = 4_096;

    const fn new() -> Self {
        Self { rows: Self::FEWEST }
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
