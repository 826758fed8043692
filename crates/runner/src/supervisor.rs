//! Supervision: every loop of a node is a task with a name. One that ends or panics before the node is told to stop ends the
//! node, for what it did is done by nobody any more.

use std::{any::Any, collections::HashMap, sync::Arc};

use domain::{LoopStatus, Loops};
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

/// Runs loops, and watches them.
#[derive(Debug)]
pub struct Supervisor {
    loops: Arc<Loops>,
    stop: CancellationToken,
    /// Each gives `None` when it was told to stop.
    tasks: JoinSet<Option<()>>,
    names: HashMap<Id, &'static str>,
}

/// A loop that ended though nobody had told it to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the loop \"{name}\" {how}")]
pub struct LoopEnded {
    /// Which.
    pub name: &'static str,
    /// How it ended.
    pub how: HowEnded,
}

/// How a loop ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HowEnded {
    /// It had nothing more to do, which no loop ever has.
    #[error("ended")]
    Returned,
    /// It panicked with this text.
    #[error("panicked: {0}")]
    Panicked(String),
}

impl Supervisor {
    /// A supervisor without loops. They are listed in `loops`, and run until `stop`.
    pub fn new(loops: Arc<Loops>, stop: CancellationToken) -> Self {
        Self { loops, stop, tasks: JoinSet::new(), names: HashMap::new() }
    }

    /// Starts a loop, which never ends by itself. At the stop it is dropped where it waits.
    pub fn start<F>(&mut self, name: &'static str, run: impl FnOnce(Arc<LoopStatus>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (stop, running) = (self.stop.clone(), run(self.loops.add(name)));
        let task = self.tasks.spawn(async move { stop.run_until_cancelled(running).await });
        self.names.insert(task.id(), name);
    }

    /// Waits until all loops were stopped.
    ///
    /// # Errors
    /// The first that ended otherwise; then the others are dropped.
    pub async fn watch(mut self) -> Result<(), LoopEnded> {
        while let Some(ended) = self.tasks.join_next_with_id().await {
            let (id, how) = match ended {
                Ok((_, None)) => continue,
                Ok((id, Some(()))) => (id, HowEnded::Returned),
                Err(error) => (error.id(), how_failed(error)),
            };
            return Err(LoopEnded { name: self.names.get(&id).copied().unwrap_or_default(), how });
        }
        Ok(())
    }
}

fn how_failed(error: JoinError) -> HowEnded {
    error.try_into_panic().map_or(HowEnded::Returned, |panic| HowEnded::Panicked(text_of(&*panic)))
}

/// The text that a panic was raised with.
pub(crate) fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no text").to_owned()
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    fn supervisor() -> (Supervisor, CancellationToken) {
        let stop = CancellationToken::new();
        (Supervisor::new(Arc::default(), stop.clone()), stop)
    }

    #[tokio::test]
    async fn a_loop_that_panics_is_named_with_what_it_said() {
        let (mut supervisor, _stop) = supervisor();
        supervisor.start("steady", |_| pending());
        supervisor.start("shaky", |_| async {
            tokio::task::yield_now().await;
            panic!("row {} is odd", 7)
        });
        let ended = supervisor.watch().await.unwrap_err();
        assert_eq!(ended.to_string(), "the loop \"shaky\" panicked: row 7 is odd");
    }

    #[tokio::test]
    async fn a_loop_that_ends_is_named() {
        let (mut supervisor, _stop) = supervisor();
        supervisor.start("steady", |_| pending());
        supervisor.start("brief", |_| async {});
        let ended = supervisor.watch().await.unwrap_err();
        assert_eq!(ended, LoopEnded { name: "brief", how: HowEnded::Returned });
    }

    #[tokio::test]
    async fn loops_that_are_stopped_have_not_ended_by_themselves() {
        let (mut supervisor, stop) = supervisor();
        let loops = supervisor.loops.clone();
        supervisor.start("one", |_| pending());
        supervisor.start("two", |_| pending());
        assert_eq!(loops.list().iter().map(|status| status.name()).collect::<Vec<_>>(), ["one", "two"]);
        stop.cancel();
        supervisor.watch().await.unwrap();
    }
}
