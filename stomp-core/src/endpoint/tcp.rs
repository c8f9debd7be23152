//! Accepting TCP connections, whatever happens to one of them.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

/// How long to wait when no connection can be accepted, such as for want of file descriptors; twice as long each time.
const FIRST_DELAY: Duration = Duration::from_millis(5);
const MAX_DELAY: Duration = Duration::from_secs(1);

/// The connections that a listener accepts, until the server shuts down.
#[derive(Debug)]
pub(crate) struct TcpConnections {
    listener: TcpListener,
    closing: CancellationToken,
}

impl TcpConnections {
    pub(crate) const fn new(listener: TcpListener, closing: CancellationToken) -> Self {
        Self { listener, closing }
    }

    /// The next connection; `None` when the server shuts down.
    ///
    /// # Errors
    ///
    /// If the listener itself is of no use.
    pub(crate) async fn next(&self) -> io::Result<Option<(TcpStream, SocketAddr)>> {
        let accepted = accept(|| self.listener.accept());
        let Some(accepted) = self.closing.run_until_cancelled(accepted).await else {
            return Ok(None);
        };
        let (stream, address) = accepted?;
        // What has gathered is written at once anyway; holding it back would only delay it (TCP-008).
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        Ok(Some((stream, address)))
    }
}

/// Accepts one connection. What is wrong with another, or with the server for a while, is waited out: a listener that gave
/// up would take the server away from everybody.
async fn accept<T, F>(mut accept: impl FnMut() -> F) -> io::Result<T>
where
    F: Future<Output = io::Result<T>>,
{
    let mut delay = FIRST_DELAY;
    loop {
        let error = match accept().await {
            Ok(accepted) => return Ok(accepted),
            Err(error) => error,
        };
        match error.kind() {
            // This one has left already.
            io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused => continue,
            // The socket does not listen.
            io::ErrorKind::InvalidInput => return Err(error),
            _ => {}
        }
        tracing::error!(%error, ?delay, "no connection can be accepted; trying again");
        sleep(delay).await;
        delay = (delay * 2).min(MAX_DELAY);
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use tokio::time::Instant;

    use super::*;

    /// Accepts after these errors; how long it took.
    async fn after(errors: Vec<io::ErrorKind>) -> (io::Result<u8>, Duration) {
        let started = Instant::now();
        let mut errors = errors.into_iter();
        let accepted = accept(|| ready(errors.next().map_or(Ok(1), |error| Err(error.into()))));
        (accepted.await, started.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn errors_are_waited_out_longer_each_time_up_to_a_second() {
        // What EMFILE is.
        let (accepted, took) = after(vec![io::ErrorKind::Other; 3]).await;
        assert_eq!(accepted.unwrap(), 1);
        assert_eq!(took, Duration::from_millis(5 + 10 + 20));
        let (accepted, took) = after(vec![io::ErrorKind::Other; 10]).await;
        assert_eq!(accepted.unwrap(), 1);
        assert_eq!(took, Duration::from_millis(5 * 255 + 2 * 1000));
    }

    #[tokio::test(start_paused = true)]
    async fn clients_that_left_while_they_waited_delay_nobody() {
        let (accepted, took) = after(vec![io::ErrorKind::ConnectionAborted; 1000]).await;
        assert_eq!(accepted.unwrap(), 1);
        assert_eq!(took, Duration::ZERO);
    }

    #[tokio::test]
    async fn tcp_008_nagle_is_off() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = TcpConnections::new(listener, CancellationToken::new());
        let client = TcpStream::connect(address).await.unwrap();
        let (stream, from) = connections.next().await.unwrap().unwrap();
        assert!(stream.nodelay().unwrap());
        assert_eq!(from, client.local_addr().unwrap());
    }

    #[tokio::test]
    async fn who_waits_for_a_connection_learns_of_the_end() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let closing = CancellationToken::new();
        let connections = TcpConnections::new(listener, closing.clone());
        let (next, ()) = tokio::join!(connections.next(), async { closing.cancel() });
        assert!(next.unwrap().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_listen_is_given_up() {
        let (accepted, _) = after(vec![io::ErrorKind::InvalidInput]).await;
        assert_eq!(accepted.unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}
