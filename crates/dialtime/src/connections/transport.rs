//! The bytes of a connection on their way: tells [`Progress`](super::progress::Progress) of them, and puts an answer with the
//! envelope in the place of hyper's own refusals.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::Instant,
};

use super::{progress::Phase, refusal, watched::Watched};

/// The most bytes that are read at once: one less than hyper's smallest buffer has. It doubles a buffer as soon as one read has
/// filled it, and a client that then stops sending would hold all of it.
const READ_AT_ONCE: u64 = 8 * 1024 - 1;

/// A TCP stream that is watched.
pub(super) struct Transport {
    stream: TcpStream,
    watched: Watched,
    unrouted: Arc<api::Unrouted>,
    line: RequestLine,
    substitute: Option<Substitute>,
    ended: bool,
}

/// How long the line of the request is whose headers are coming.
#[derive(Default)]
struct RequestLine {
    length: usize,
    complete: bool,
}

impl RequestLine {
    fn received(&mut self, bytes: &[u8]) {
        if !self.complete {
            let end = bytes.iter().position(|byte| *byte == b'\n');
            (self.length, self.complete) = (self.length + end.unwrap_or(bytes.len()), end.is_some());
        }
    }
}

/// What is written in the place of a refusal of hyper's, and how much of it already is.
struct Substitute {
    bytes: Vec<u8>,
    written: usize,
}

impl Transport {
    pub(super) fn new(stream: TcpStream, watched: Watched, unrouted: Arc<api::Unrouted>) -> Self {
        let line = RequestLine::default();
        Self { stream, watched, unrouted, line, substitute: None, ended: false }
    }

    /// The stream, and whether the client has ended its side.
    pub(super) fn into_stream(self) -> (TcpStream, bool) {
        (self.stream, self.ended)
    }

    fn received(&mut self, bytes: &[u8]) {
        let now = Instant::now();
        self.watched.change(|progress| {
            if progress.phase() == Phase::Idle {
                self.line = RequestLine::default();
            }
            progress.received(now);
            if progress.phase() == Phase::Head {
                self.line.received(bytes);
            }
        });
        self.ended |= bytes.is_empty();
    }

    fn poll_write_through(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        let now = Instant::now();
        self.watched.change(|progress| progress.wrote(written.is_ready(), now));
        written
    }

    /// Writes the substitute to its end; then `refusal` bytes of hyper's count as written.
    fn poll_substitute(&mut self, cx: &mut Context<'_>, refusal: usize) -> Poll<io::Result<usize>> {
        while let Some(mut substitute) = self.substitute.take() {
            let rest = substitute.bytes.get(substitute.written..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            let written = self.poll_write_through(cx, rest);
            if let Poll::Ready(Ok(written)) = written {
                substitute.written += written;
            }
            self.substitute = Some(substitute);
            if ready!(written)? == 0 {
                return Poll::Ready(Ok(0));
            }
        }
        Poll::Ready(Ok(refusal))
    }
}

impl AsyncRead for Transport {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut (&mut self.stream).take(READ_AT_ONCE)).poll_read(cx, buffer))?;
        self.received(buffer.filled().get(before..).unwrap_or_default());
        Poll::Ready(Ok(()))
    }
}

/// Not vectored: hyper then hands over what it has to write in one piece, in which a refusal can be found.
impl AsyncWrite for Transport {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.substitute.is_some() {
            return self.poll_substitute(cx, bytes.len());
        }
        match refusal::find(bytes) {
            None => self.poll_write_through(cx, bytes),
            Some((0, status)) => {
                let status = refusal::fitting(status, self.line.length);
                let bytes_of_ours = refusal::to_bytes(status, &self.unrouted);
                self.substitute = Some(Substitute { bytes: bytes_of_ours, written: 0 });
                self.poll_substitute(cx, bytes.len())
            }
            Some((begin, _)) => self.poll_write_through(cx, bytes.get(..begin).unwrap_or_default()),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_line_ends_at_the_first_line_feed() {
        let mut line = RequestLine::default();
        line.received(b"GET /");
        line.received(b"x HTTP/1.1\r\nHost: a");
        line.received(b"\r\nmore");
        assert_eq!(line.length, "GET /x HTTP/1.1\r".len());
    }
}
