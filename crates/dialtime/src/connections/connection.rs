//! One connection: waits for its first byte, lets hyper speak HTTP on it, sees to it that the client does not let the server wait
//! for too long, and closes it so that the client can read the last answer.

use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::{Router, body::Body, extract::ConnectInfo};
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body::Body as _;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWriteExt, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep},
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tower::ServiceExt;

use super::{
    ConnectionLimits,
    body::{AnswerBody, RequestBody},
    progress::{Phase, Remedy},
    refusal::{self, LARGEST_HEAD},
    transport::Transport,
    watched::Watched,
};

/// What every connection needs.
pub(super) struct Served {
    pub(super) router: Router,
    pub(super) limits: ConnectionLimits,
    pub(super) unrouted: Arc<api::Unrouted>,
    pub(super) stop: CancellationToken,
}

/// What a watch has to tell.
enum ConnectionEvent {
    /// The server is to stop; told once.
    Stop,
    /// The connection has let the server wait for too long, or the server the client.
    TooLong(Remedy),
}

/// Watches the time, and whether the server is to stop.
struct Watch<'s> {
    served: &'s Served,
    watched: Watched,
    sleep: Pin<Box<Sleep>>,
    told_to_stop: Pin<Box<WaitForCancellationFutureOwned>>,
    stopping: Option<Instant>,
}

impl<'s> Watch<'s> {
    fn new(served: &'s Served, watched: &Watched) -> Self {
        Self {
            served,
            watched: watched.clone(),
            sleep: Box::pin(tokio::time::sleep(served.limits.idle)),
            told_to_stop: Box::pin(served.stop.clone().cancelled_owned()),
            stopping: None,
        }
    }

    /// To be polled after whatever may change the progress.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ConnectionEvent> {
        if self.stopping.is_none() && self.told_to_stop.as_mut().poll(cx).is_ready() {
            self.stopping = Some(Instant::now());
            return Poll::Ready(ConnectionEvent::Stop);
        }
        loop {
            let progress = self.watched.change(|progress| *progress);
            let Some(deadline) = progress.deadline(&self.served.limits, self.stopping) else {
                return Poll::Pending;
            };
            if deadline <= Instant::now() {
                return Poll::Ready(ConnectionEvent::TooLong(progress.remedy(self.stopping.is_some())));
            }
            // A timer that is early is cheaper than one that is set anew with each byte.
            if deadline < self.sleep.deadline() || self.sleep.is_elapsed() {
                self.sleep.as_mut().reset(deadline);
            }
            if self.sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }
}

/// Runs a connection to its end.
pub(super) async fn run(stream: TcpStream, peer: SocketAddr, watched: Watched, served: Arc<Served>) {
    let mut watch = Watch::new(&served, &watched);
    // Until something comes there is no need for buffers.
    if !first_byte(&stream, &mut watch).await {
        return;
    }
    // Answers and events are small and waited for.
    let _ = stream.set_nodelay(true);
    // Boxed, for a connection that is idle from its beginning would hold the room for both.
    if let Some(stream) = Box::pin(speak(stream, peer, &mut watch)).await {
        watched.enter(Phase::Closing);
        Box::pin(close(stream, &mut watch)).await;
    }
}

/// Whether there is something to read. Looked at and not only asked for: a new connection may be called readable when it is not.
async fn first_byte(stream: &TcpStream, watch: &mut Watch<'_>) -> bool {
    let mut byte = [0];
    poll_fn(|cx| {
        if let Poll::Ready(peeked) = stream.poll_peek(cx, &mut ReadBuf::new(&mut byte)) {
            return Poll::Ready(peeked.is_ok());
        }
        watch.poll(cx).map(|_| false)
    })
    .await
}

/// Speaks HTTP. Gives the stream back if the client may still have something to read.
async fn speak(stream: TcpStream, peer: SocketAddr, watch: &mut Watch<'_>) -> Option<TcpStream> {
    let (served, watched) = (watch.served, watch.watched.clone());
    let transport = Transport::new(stream, watched.clone(), served.unrouted.clone());
    let origin = Origin { peer, handle: api::Connection::default() };
    let service = service_fn(|request| Box::pin(answer(request, origin.clone(), watched.clone(), served)));
    let mut connection = http1::Builder::new()
        .header_read_timeout(None)
        .max_header_size(LARGEST_HEAD)
        .max_buf_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(transport), service);
    let speaking = poll_fn(|cx| {
        loop {
            if connection.poll_without_shutdown(cx).is_ready() {
                return Poll::Ready(None);
            }
            match ready!(watch.poll(cx)) {
                ConnectionEvent::Stop => Pin::new(&mut connection).graceful_shutdown(),
                ConnectionEvent::TooLong(Remedy::Refuse(status)) => watched.refuse(status),
                ConnectionEvent::TooLong(remedy) => return Poll::Ready(Some(remedy)),
            }
        }
    });
    let remedy = tokio::select! {
        remedy = speaking => remedy,
        () = origin.handle.is_cut() => Some(Remedy::Reset),
    };
    let (stream, ended) = connection.into_parts().io.into_inner().into_stream();
    match remedy {
        None => (!ended).then_some(stream),
        Some(Remedy::RefuseUnheard(status)) => {
            // Whoever does not take it does not get it.
            let _ = stream.try_write(&refusal::to_bytes(status, &served.unrouted));
            Some(stream)
        }
        Some(Remedy::Reset) => {
            // Else the system would go on sending what it holds.
            let _ = stream.set_zero_linger();
            None
        }
        Some(Remedy::Close | Remedy::Refuse(_)) => None,
    }
}

/// Where a request comes from: the peer, and a handle on its connection.
#[derive(Clone)]
struct Origin {
    peer: SocketAddr,
    handle: api::Connection,
}

/// Answers one request; with a refusal when its body does not come or its handler does not end.
async fn answer(
    request: Request<Incoming>,
    Origin { peer, handle }: Origin,
    watched: Watched,
    served: &Served,
) -> Result<Response<AnswerBody>, Infallible> {
    let has_body = !request.body().is_end_stream();
    watched.enter(if has_body { Phase::Body } else { Phase::Handling });
    let unanswered = api::Unanswered::of(&request);
    let handle = handle.for_request();
    let body = |body| Body::new(RequestBody::new(body, watched.clone(), handle.clone()));
    let mut request = request.map(body);
    request.extensions_mut().insert(ConnectInfo(peer));
    request.extensions_mut().insert(handle);
    let response = tokio::select! {
        Ok(response) = served.router.clone().oneshot(request) => response,
        status = watched.refused() => refused(status, &unanswered, &served.unrouted),
    };
    if has_body {
        // What was left unread of the body hyper now takes if it is there already, and else closes the connection after the answer.
        // Once it has done so it knows whether the answer has to say `Connection: close`.
        tokio::task::yield_now().await;
    }
    watched.change(|progress| {
        progress.enter(Phase::Answering, Instant::now());
        if response.status().is_success() {
            progress.was_useful();
        }
    });
    Ok(response.map(|body| AnswerBody::new(body, watched)))
}

fn refused(status: StatusCode, unanswered: &api::Unanswered, unrouted: &api::Unrouted) -> Response<Body> {
    let mut response = unrouted.refuse(status, unanswered);
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response.map(Body::from)
}

/// Ends the server's side and then reads for a moment what the client still sends: a connection that is closed with bytes unread
/// is reset, and the client may lose the answer.
async fn close(mut stream: TcpStream, watch: &mut Watch<'_>) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let mut unread = [0; 4096];
    poll_fn(|cx| {
        loop {
            let mut buffer = ReadBuf::new(&mut unread);
            match Pin::new(&mut stream).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    // Whoever never stops sending is closed in time, too.
                    if let Poll::Ready(ConnectionEvent::TooLong(_)) = watch.poll(cx) {
                        return Poll::Ready(());
                    }
                }
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => match ready!(watch.poll(cx)) {
                    ConnectionEvent::Stop => {}
                    ConnectionEvent::TooLong(_) => return Poll::Ready(()),
                },
            }
        }
    })
    .await;
}
