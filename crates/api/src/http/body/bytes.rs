//! The bytes of a body, read within a limit.

use axum::body::{Body, Bytes, HttpBody};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::http::problem::Problem;

/// Reads a body of at most `limit` bytes. One that says that it is larger is refused before any of it is read, and so before its
/// client is told to go on (`Expect: 100-continue`).
///
/// Each piece is copied and let go at once: it keeps the whole buffer into which it was read, and a client may send its body byte
/// by byte. What they are copied into grows by a quarter and is not doubled, for a client may stop in the middle and hold it.
pub(crate) async fn read(body: Body, limit: usize) -> Result<Bytes, Problem> {
    if body.size_hint().lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(Problem::PayloadTooLarge);
    }
    let mut body = Limited::new(body, limit);
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            if error.is::<LengthLimitError>() { Problem::PayloadTooLarge } else { Problem::CutOff }
        })?;
        if let Some(piece) = frame.data_ref() {
            if bytes.capacity() - bytes.len() < piece.len() {
                bytes.reserve_exact(piece.len().max(bytes.len() / 4));
            }
            bytes.extend_from_slice(piece);
        }
    }
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, sync::Arc};

    use futures_util::{StreamExt, stream};

    use super::*;

    /// A body that comes in so many pieces of one byte.
    fn trickling(pieces: usize) -> Body {
        Body::from_stream(stream::repeat(Ok::<_, Infallible>("x")).take(pieces))
    }

    #[tokio::test]
    async fn a_body_has_at_most_so_many_bytes() {
        assert_eq!(read(trickling(3), 3).await.unwrap(), "xxx");
        assert_eq!(read(Body::empty(), 0).await.unwrap(), "");
        for too_large in [trickling(4), Body::from("xxxx")] {
            assert!(matches!(read(too_large, 3).await, Err(Problem::PayloadTooLarge)));
        }
        let broken = Body::from_stream(stream::iter([Ok("x"), Err("lost")]));
        assert!(matches!(read(broken, 3).await, Err(Problem::CutOff)));
    }

    #[tokio::test]
    async fn a_piece_is_let_go_before_the_next_is_read() {
        let buffer: Arc<[u8]> = Arc::from(*b"x");
        let pieces = stream::repeat(buffer.clone()).take(100).map(|piece| {
            assert!(Arc::strong_count(&piece) <= 3, "a piece is still there");
            Ok::<_, Infallible>(Bytes::from_owner(piece))
        });
        assert_eq!(read(Body::from_stream(pieces), 100).await.unwrap().len(), 100);
        assert_eq!(Arc::strong_count(&buffer), 1);
    }
}
