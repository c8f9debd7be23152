//! A client that speaks STOMP over a stream of bytes, and sees exactly what the server has written.

use std::time::Duration;

use stomp_axum::codec::{Command, Decoder, DecoderLimits, Frame, Version};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

/// Longer than any time-out of the server, on a paused clock; on a running one a test that waits for that has failed.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Client<S> {
    pub(crate) stream: S,
    decoder: Decoder,
    /// What was read and is not decoded yet.
    input: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub(crate) fn new(stream: S) -> Self {
        let mut decoder = Decoder::new(DecoderLimits {
            frame_bytes: 16 * 1024 * 1024,
            ..DecoderLimits::default()
        });
        // Before CONNECTED the server avoids what needs an escape.
        decoder.set_version(Version::V1_2);
        Self {
            stream,
            decoder,
            input: Vec::new(),
        }
    }

    pub(crate) async fn send(&mut self, data: impl AsRef<[u8]>) {
        self.try_send(data).await.unwrap();
    }

    /// Sends, unless the server has closed both directions.
    pub(crate) async fn try_send(&mut self, data: impl AsRef<[u8]>) -> std::io::Result<()> {
        let sent = timeout(PATIENCE, self.stream.write_all(data.as_ref())).await;
        sent.expect("the server reads")?;
        // TLS does not write without.
        self.stream.flush().await
    }

    /// Closes the client's direction.
    pub(crate) async fn finish(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Sends CONNECT and waits for CONNECTED.
    pub(crate) async fn connect(&mut self) -> Frame {
        self.send(CONNECT).await;
        self.expect(Command::Connected).await
    }

    pub(crate) async fn subscribe(&mut self, destination: &str) {
        self.send(format!(
            "SUBSCRIBE\nid:s\ndestination:{destination}\nreceipt:subscribed\n\n\0"
        ))
        .await;
        self.expect_receipt("subscribed").await;
    }

    /// What the server has written next; nothing at its end.
    async fn read(&mut self) -> Vec<u8> {
        let mut data = vec![0; 64 * 1024];
        let read = timeout(PATIENCE, self.stream.read(&mut data)).await;
        data.truncate(
            read.expect("the server writes, or closes")
                .expect("no reset"),
        );
        data
    }

    /// The next frame, or `None` at the end, which comes behind a whole frame.
    pub(crate) async fn frame(&mut self) -> Option<Frame> {
        loop {
            let mut input = &self.input[..];
            let frame = self.decoder.decode(&mut input).expect("STOMP");
            self.input.drain(..self.input.len() - input.len());
            if frame.is_some() {
                return frame;
            }
            self.input = self.read().await;
            if self.input.is_empty() {
                assert!(
                    !self.decoder.is_mid_frame(),
                    "the end of the last frame is missing"
                );
                return None;
            }
        }
    }

    pub(crate) async fn expect(&mut self, command: Command) -> Frame {
        let frame = self.frame().await.expect("a frame, and not the end");
        assert_eq!(frame.command, command, "{frame:?}, {}", text(&frame));
        frame
    }

    pub(crate) async fn expect_receipt(&mut self, id: &str) {
        let receipt = self.expect(Command::Receipt).await;
        assert_eq!(receipt.header("receipt-id"), Some(id));
    }

    /// ERROR of that code, and then the end.
    pub(crate) async fn expect_error(&mut self, code: &str) -> Frame {
        let error = self.expect(Command::Error).await;
        assert_eq!(error.header("code"), Some(code), "{error:?}");
        self.expect_end().await;
        error
    }

    pub(crate) async fn expect_end(&mut self) {
        let frame = self.frame().await;
        assert!(frame.is_none(), "{frame:?} comes, and not the end");
    }

    /// Everything that the server writes until its end.
    pub(crate) async fn read_to_end(mut self) -> Vec<u8> {
        let mut all = std::mem::take(&mut self.input);
        loop {
            let data = self.read().await;
            if data.is_empty() {
                return all;
            }
            all.extend(data);
        }
    }

    /// Exactly these bytes come next.
    pub(crate) async fn expect_bytes(&mut self, expected: &[u8]) {
        assert!(self.input.is_empty());
        let read = self.read().await;
        assert_eq!(
            read.escape_ascii().to_string(),
            expected.escape_ascii().to_string()
        );
    }

    /// Nothing comes for so long.
    pub(crate) async fn expect_silence(&mut self, duration: Duration) {
        let mut data = [0; 1024];
        let read = timeout(duration, self.stream.read(&mut data)).await;
        assert!(read.is_err(), "something comes: {read:?}");
    }
}

pub(crate) const CONNECT: &str = "CONNECT\naccept-version:1.2\nhost:localhost\n\n\0";

pub(crate) fn text(frame: &Frame) -> &str {
    std::str::from_utf8(&frame.body).unwrap_or("(no text)")
}
