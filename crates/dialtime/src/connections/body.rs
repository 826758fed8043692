//! Bodies on their way in and out: each tells [`Progress`] when it has come to its end.

use std::{
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;

use super::{
    progress::{Phase, Progress},
    watched::Watched,
};

/// The most of an answer that is handed over before it is written: so much of it, and not all, is copied for a client that reads
/// slowly.
const PIECE: usize = 8 * 1024;

/// The body of a request. Once it is read, or nobody wants it any more, the request is complete.
pub(super) struct RequestBody {
    body: Incoming,
    watched: Watched,
    handle: api::Connection,
}

impl RequestBody {
    pub(super) const fn new(body: Incoming, watched: Watched, handle: api::Connection) -> Self {
        Self { body, watched, handle }
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        if self.handle.is_patient() {
            self.watched.change(Progress::be_patient);
        }
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        self.watched.step(Phase::Body, Phase::Handling);
    }
}

/// The body of an answer. Once it is handed over, the connection waits for the next request.
pub(super) struct AnswerBody {
    body: Body,
    /// What of its last piece is still to be handed over.
    rest: Bytes,
    /// Whether a piece was handed over that is to be written before the next.
    pausing: bool,
    /// Whether hyper was told since the last piece that there is nothing for now.
    held_back: bool,
    watched: Watched,
}

impl AnswerBody {
    pub(super) const fn new(body: Body, watched: Watched) -> Self {
        Self { body, rest: Bytes::new(), pausing: false, held_back: false, watched }
    }
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if mem::take(&mut self.pausing) {
            self.held_back = true;
            // hyper writes what it has once a body has no more for now.
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.watched.change(|progress| progress.is_blocked()) {
            self.held_back = true;
            // hyper asks again once it has written what it has.
            return Poll::Pending;
        }
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(other) => return Poll::Ready(Some(Ok(other))),
                },
                other => return Poll::Ready(other),
            }
        }
        let length = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(length);
        self.pausing = !self.rest.is_empty();
        if mem::take(&mut self.held_back) && !self.pausing {
            // hyper may take the last piece after it has looked for the next request, and then not look again.
            cx.waker().wake_by_ref();
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (mut hint, rest) = (self.body.size_hint(), self.rest.len().try_into().unwrap_or(u64::MAX));
        match hint.exact() {
            Some(exact) => hint.set_exact(exact.saturating_add(rest)),
            None => hint.set_lower(hint.lower().saturating_add(rest)),
        }
        hint
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        self.watched.step(Phase::Answering, Phase::Idle);
    }
}
