use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http_body_util::BodyExt as _;
use tokio::time::{Instant, timeout_at};

/// How long a body may take beside what the rate allows.
const GRACE: Duration = Duration::from_secs(10);
/// What a client must send in a second, in the long run (T-22).
const MIN_BYTES_PER_SECOND: u64 = 128;

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyError {
    TooLarge,
    TooSlow,
    /// The client has gone, or it is not HTTP.
    Broken,
}

impl BodyError {
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken => StatusCode::BAD_REQUEST,
        }
    }
}

/// Collects a body of at most so many bytes, counted while they come (T-15), and not slower than the
/// minimum (T-22).
pub(super) async fn collect(mut body: Body, max_bytes: usize) -> Result<Bytes, BodyError> {
    // What it announces is believed only if it is too much.
    if body.size_hint().lower() > max_bytes as u64 {
        return Err(BodyError::TooLarge);
    }
    let started = Instant::now();
    let mut first = Bytes::new();
    let mut collected = BytesMut::new();
    loop {
        let received = first.len() + collected.len();
        let time = Duration::from_secs(received as u64 / MIN_BYTES_PER_SECOND);
        let frame = match timeout_at(started + GRACE + time, body.frame()).await {
            Err(_) => return Err(BodyError::TooSlow),
            Ok(Some(Err(_))) => return Err(BodyError::Broken),
            Ok(None) => break,
            Ok(Some(Ok(frame))) => frame,
        };
        let Ok(data) = frame.into_data() else {
            // Trailers.
            continue;
        };
        if received + data.len() > max_bytes {
            return Err(BodyError::TooLarge);
        }
        // Nearly all bodies come at once, and need no copy.
        if received == 0 {
            first = data;
        } else {
            if collected.is_empty() {
                collected.extend_from_slice(&std::mem::take(&mut first));
            }
            collected.extend_from_slice(&data);
        }
    }
    Ok(if first.is_empty() {
        collected.freeze()
    } else {
        first
    })
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::{StreamExt as _, stream};

    use super::*;

    fn pieces(pieces: &'static [&'static str]) -> Body {
        Body::from_stream(stream::iter(pieces).map(|piece| Ok::<_, Infallible>(*piece)))
    }

    #[tokio::test]
    async fn a_body_comes_in_pieces_or_not() {
        assert_eq!(collect(Body::empty(), 4).await.unwrap(), "");
        assert_eq!(collect(Body::from("abcd"), 4).await.unwrap(), "abcd");
        assert_eq!(
            collect(pieces(&["a", "", "bc", "d"]), 4).await.unwrap(),
            "abcd"
        );
    }

    #[tokio::test]
    async fn t_15_a_body_is_bounded_while_it_comes() {
        assert_eq!(
            collect(Body::from("abcde"), 4).await,
            Err(BodyError::TooLarge)
        );
        assert_eq!(
            collect(pieces(&["abc", "de"]), 4).await,
            Err(BodyError::TooLarge)
        );
        let endless = stream::repeat("x").map(Ok::<_, Infallible>);
        let collected = collect(Body::from_stream(endless), 1000).await;
        assert_eq!(collected, Err(BodyError::TooLarge));
    }

    #[tokio::test(start_paused = true)]
    async fn t_22_a_body_must_come_in_time() {
        let started = Instant::now();
        let never = stream::pending::<Result<Bytes, Infallible>>();
        assert_eq!(
            collect(Body::from_stream(never), 1000).await,
            Err(BodyError::TooSlow)
        );
        assert_eq!(started.elapsed(), GRACE);
    }

    #[tokio::test(start_paused = true)]
    async fn t_22_a_body_must_keep_its_pace() {
        let every_second = |bytes: usize| {
            let pieces = stream::unfold((), move |()| async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Some((Ok::<_, Infallible>(vec![b'x'; bytes]), ()))
            });
            Body::from_stream(pieces.take(60))
        };
        let started = Instant::now();
        assert_eq!(
            collect(every_second(1), 100_000).await,
            Err(BodyError::TooSlow)
        );
        assert_eq!(started.elapsed(), GRACE);
        assert_eq!(
            collect(every_second(128), 100_000).await.unwrap().len(),
            60 * 128
        );
    }
}
