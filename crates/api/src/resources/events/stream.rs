//! Events as they happen, as Server-Sent Events (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).
//!
//! A stream only reads the event log; a wake-up says when to read. So it sends each event once and in order, from wherever a client
//! left off. It ends when the program stops, when the token no longer holds ([`crate::http::stream_watch`]) and when the database
//! fails: clients connect again by themselves and send the last id they had.

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use axum::response::{
    IntoResponse, Response,
    sse::{Event, KeepAlive, Sse},
};
use domain::{AccountId, LoggedEvent};
use store::{Followed, Store, events};

use super::view::EventView;
use crate::{
    Api,
    http::{connection::Connection, extract::AccountRequest, problem::Problem, streams::StreamSlot},
};

/// How often an empty line is sent, so that no proxy takes the connection for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The most events that are read at once.
const READ_AT_ONCE: u32 = 100;

/// Has a proxy pass each event on at once; nginx would collect them otherwise.
const UNBUFFERED: (&str, &str) = ("X-Accel-Buffering", "no");

struct EventStream {
    api: Api,
    account: AccountId,
    slot: StreamSlot,
    /// The number of the last event sent.
    after: i64,
    read: VecDeque<LoggedEvent>,
    wake_ups: Followed,
}

pub(super) async fn follow(
    request: AccountRequest,
    connection: Connection,
    after: Option<i64>,
) -> Result<Response, Problem> {
    let AccountRequest { api, caller, account, .. } = request;
    let slot = StreamSlot::take(&api.streams, caller.partner, caller.claim, connection)?;
    let wake_ups = api.store.wake_ups().follow(account);
    // After a backup was restored a client can be ahead of the log; then it gets what comes next.
    let newest = newest(&api.store, account).await?;
    let after = after.unwrap_or(newest).min(newest);
    let events = EventStream { api, account, slot, after, read: VecDeque::new(), wake_ups };
    let stream = futures_util::stream::unfold(events, async |mut events| {
        let event = events.next().await?;
        Some((Ok::<_, Infallible>(event), events))
    });
    let events = Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    Ok(([UNBUFFERED], events).into_response())
}

async fn newest(store: &Store, account: AccountId) -> Result<i64, Problem> {
    Ok(events::extent(&mut store.read().await?, account).await?.newest)
}

impl EventStream {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if self.has_ended() {
                return None;
            }
            if let Some(event) = self.read.pop_front() {
                self.after = event.number;
                return written(&self.api, &event);
            }
            self.wake_ups.reset();
            self.read = self.look().await?;
            if self.read.is_empty() {
                self.wait().await;
            }
        }
    }

    fn has_ended(&self) -> bool {
        self.slot.end.is_cancelled() || self.api.lifecycle.stop.is_cancelled()
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
            () = self.slot.end.cancelled() => {}
            () = self.api.lifecycle.stop.cancelled() => {}
            () = self.wake_ups.woken() => {}
        }
    }
}

fn written(api: &Api, event: &LoggedEvent) -> Option<Event> {
    let view = EventView::new(api.settings.zone, event);
    let written = Event::default().id(event.number.to_string()).event(view.kind).json_data(&view);
    written.inspect_err(|error| tracing::error!(%error, "an event could not be written")).ok()
}
