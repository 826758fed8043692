//! Events as they happen, as Server-Sent Events (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).
//!
//! A stream reads the log and nothing else; news only says when to look. So it tells each event once and in order, from
//! wherever a client left off. It ends when the program stops, when the token no longer holds and when the database
//! fails: clients of this kind come again by themselves and say what they had last.

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use axum::response::{
    IntoResponse, Response,
    sse::{Event, KeepAlive, Sse},
};
use domain::{AccountId, LoggedEvent};
use store::{Store, events};
use tokio::{sync::watch, time::Instant};

use super::view::EventView;
use crate::{Api, extract::AccountRequest, extract::still_holds, kept::Claim, problem::Problem};

/// How long until a look without news.
const WITHOUT_NEWS: Duration = Duration::from_secs(5);

/// How often a line is sent that says nothing, so that nobody in between takes the connection for dead; and how often the
/// token is looked at again.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How many events are read at once.
const READ_AT_ONCE: u32 = 500;

/// Has a proxy pass each event on at once; nginx would collect them otherwise.
const UNBUFFERED: (&str, &str) = ("X-Accel-Buffering", "no");

struct Follower {
    api: Api,
    account: AccountId,
    claim: Claim,
    /// The number of the last event told.
    after: i64,
    read: VecDeque<LoggedEvent>,
    news: watch::Receiver<()>,
    proved_at: Instant,
}

pub(super) async fn follow(request: AccountRequest, after: Option<i64>) -> Result<Response, Problem> {
    let AccountRequest { api, caller, account, .. } = request;
    let news = api.store.news().of_all();
    let after = match after {
        Some(after) => after,
        None => newest(&api.store, account).await?,
    };
    let (claim, read, proved_at) = (caller.claim, VecDeque::new(), Instant::now());
    let follower = Follower { api, account, claim, after, read, news, proved_at };
    let stream = futures_util::stream::unfold(follower, async |mut follower| {
        let event = follower.next().await?;
        Some((Ok::<_, Infallible>(event), follower))
    });
    let events = Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    Ok(([UNBUFFERED], events).into_response())
}

async fn newest(store: &Store, account: AccountId) -> Result<i64, Problem> {
    Ok(events::extent(&mut store.read().await?, account).await?.newest)
}

impl Follower {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if self.api.lifecycle.stop.is_cancelled() {
                return None;
            }
            if let Some(event) = self.read.pop_front() {
                self.after = event.number;
                return written(&self.api, &event);
            }
            self.news.mark_unchanged();
            self.read = self.look().await?;
            if self.read.is_empty() {
                self.wait().await;
                self.prove().await?;
            }
        }
    }

    async fn look(&self) -> Option<VecDeque<LoggedEvent>> {
        let found = async {
            events::list(&mut self.api.store.read().await?, self.account, self.after, READ_AT_ONCE).await
        };
        let found = found.await.inspect_err(|error| tracing::warn!(%error, "a stream of events ends"));
        found.ok().map(VecDeque::from)
    }

    async fn wait(&mut self) {
        tokio::select! {
            () = self.api.lifecycle.stop.cancelled() => {}
            () = tokio::time::sleep(WITHOUT_NEWS) => {}
            _ = self.news.changed() => {}
        }
    }

    async fn prove(&mut self) -> Option<()> {
        if self.proved_at.elapsed() >= KEEP_ALIVE {
            still_holds(&self.api, &self.claim).await.then_some(())?;
            self.proved_at = Instant::now();
        }
        Some(())
    }
}

fn written(api: &Api, event: &LoggedEvent) -> Option<Event> {
    let view = EventView::new(api.settings.zone, event);
    let written = Event::default().id(event.number.to_string()).event(view.kind).json_data(&view);
    written.inspect_err(|error| tracing::error!(%error, "an event could not be written")).ok()
}
