//! The accept loop. It keeps the number of connections within the cap and goes on when the system has no more open files to give:
//! who was of no use yet and has let the server wait the longest is closed first, and the log says so.

use std::{collections::HashMap, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use http::StatusCode;
use tokio::{
    net::{TcpListener, TcpStream},
    task::{AbortHandle, Id, JoinError, JoinSet},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::{
    ConnectionLimits,
    connection::{Served, run},
    refusal,
    watched::Watched,
};

/// How long the loop rests after an error that will come again at once.
const REST: Duration = Duration::from_millis(100);

/// How many connections are closed when the system has no more open files: one is not enough, for others in this program want some.
const CLOSED_AT_ONCE: usize = 16;

/// The connections that there are, those of whoever reads these figures included.
const CONNECTIONS: &str = "dialtime_http_connections";

/// How often the log tells of one kind of trouble.
const TELL_AGAIN: Duration = Duration::from_secs(10);

/// Serves connections until told to stop, then waits until those that there are have ended.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    unrouted: api::Unrouted,
    stop: CancellationToken,
) {
    let served =
        Served { router: router.with_state(()), limits, unrouted: Arc::new(unrouted), stop: stop.clone() };
    let mut crowd = Crowd::new(served);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = crowd.tasks.join_next_with_id() => crowd.left(ended),
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => crowd.admit(stream, peer),
                Err(error) => crowd.survive(&error).await,
            },
        }
    }
    drop(listener);
    while let Some(ended) = crowd.tasks.join_next_with_id().await {
        crowd.left(ended);
    }
}

/// The connections that there are.
struct Crowd {
    served: Arc<Served>,
    tasks: JoinSet<()>,
    members: HashMap<Id, Member>,
    full: Trouble,
    no_files: Trouble,
}

struct Member {
    watched: Watched,
    task: AbortHandle,
}

impl Crowd {
    fn new(served: Served) -> Self {
        let (tasks, members) = (JoinSet::new(), HashMap::new());
        let (full, no_files) = (Trouble::default(), Trouble::default());
        Self { served: Arc::new(served), tasks, members, full, no_files }
    }

    fn admit(&mut self, stream: TcpStream, peer: SocketAddr) {
        if self.members.len() >= self.served.limits.connections {
            let closed = self.close_expendable(1);
            self.full.count(closed, 1 - closed);
            self.full.tell(Instant::now(), "there are as many connections as there may be");
            if closed == 0 {
                // A new connection takes this much without being waited for.
                let busy = refusal::to_bytes(StatusCode::SERVICE_UNAVAILABLE, &self.served.unrouted);
                let _ = stream.try_write(&busy);
                return;
            }
        }
        let watched = Watched::new(Instant::now());
        let task = self.tasks.spawn(run(stream, peer, watched.clone(), self.served.clone()));
        self.members.insert(task.id(), Member { watched, task });
        metrics::gauge!(CONNECTIONS).increment(1.0);
    }

    fn left(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => {
                if error.is_panic() {
                    tracing::error!("a connection panicked");
                }
                error.id()
            }
        };
        self.members.remove(&id);
        metrics::gauge!(CONNECTIONS).decrement(1.0);
    }

    /// Closes at most `most` connections, the most expendable first; gives how many.
    fn close_expendable(&mut self, most: usize) -> usize {
        let now = Instant::now();
        let expendable = |(id, member): (&Id, &Member)| {
            member.watched.change(|progress| progress.expendable(now)).map(|order| (order, *id))
        };
        let mut expendable: Vec<_> = self.members.iter().filter_map(expendable).collect();
        let most = most.min(expendable.len());
        if most < expendable.len() {
            expendable.select_nth_unstable_by_key(most, |(order, _)| *order);
        }
        for (_, id) in expendable.iter().take(most) {
            if let Some(member) = self.members.remove(id) {
                member.task.abort();
            }
        }
        most
    }

    /// Goes on after `accept` has failed.
    async fn survive(&mut self, error: &io::Error) {
        if is_the_clients(error) {
            return;
        }
        let closed = self.close_expendable(CLOSED_AT_ONCE);
        self.no_files.count(closed, 0);
        self.no_files.tell(Instant::now(), &format!("no connection can be accepted: {error}"));
        tokio::time::sleep(REST).await;
    }
}

/// Whether a connection failed before it was accepted, and others will not.
fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};

    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// One kind of trouble, of which the log tells now and then.
#[derive(Default)]
struct Trouble {
    closed: usize,
    refused: usize,
    told: Option<Instant>,
}

impl Trouble {
    const fn count(&mut self, closed: usize, refused: usize) {
        self.closed += closed;
        self.refused += refused;
    }

    fn tell(&mut self, now: Instant, what: &str) {
        if self.told.is_none_or(|told| now.duration_since(told) >= TELL_AGAIN) {
            let (closed, refused) = (self.closed, self.refused);
            tracing::warn!(closed, refused, "{what}; those that wait the longest are closed");
            *self = Self { told: Some(now), ..Self::default() };
        }
    }
}
