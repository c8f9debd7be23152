//! What a test expects of the server. An async function can't have the location of its caller: so these are functions
//! that take it, and return a future.

use std::{panic::Location, time::Duration};

use bytes::Bytes;

use super::{Caller, Sent, TestConnection, patience::patience};
use crate::{
    codec::{Command, Decoder, DecoderLimits, Frame, Version},
    session::CloseReason,
};

impl TestConnection {
    /// The next thing that the server sends; `None` when the connection is gone.
    ///
    /// # Panics
    ///
    /// If nothing comes within five seconds, or within ten minutes of a paused clock.
    #[track_caller]
    pub fn receive(&mut self) -> impl Future<Output = Option<Sent>> {
        self.next(Location::caller())
    }

    async fn next(&mut self, caller: Caller) -> Option<Sent> {
        match self.earlier.pop_front() {
            Some(sent) => Some(sent),
            None => self.next_from_server(caller).await,
        }
    }

    async fn next_from_server(&mut self, caller: Caller) -> Option<Sent> {
        match self.wait_for_server().await {
            Ok(sent) => sent,
            Err(patience) => panic!("{caller}: the server sent nothing for {patience:?}"),
        }
    }

    /// What the server sends next, or how long it was waited for in vain.
    pub(super) async fn wait_for_server(&mut self) -> Result<Option<Sent>, Duration> {
        let patience = patience();
        let sent = tokio::time::timeout(patience, self.from_server.recv()).await;
        sent.map_err(|_elapsed| patience)
    }

    /// The next frame, past heart-beats.
    ///
    /// # Panics
    ///
    /// If the server closes instead, or sends something that is not exactly one frame.
    #[track_caller]
    pub fn expect_frame(&mut self) -> impl Future<Output = Frame> {
        self.frame(Location::caller())
    }

    async fn frame(&mut self, caller: Caller) -> Frame {
        loop {
            let data = match self.next(caller).await {
                Some(Sent::Text(text)) if text == "\n" => continue,
                Some(Sent::Text(text)) => Bytes::from(text),
                Some(Sent::Binary(data)) => data,
                other => panic!("{caller}: expected a frame, got {other:?}"),
            };
            return self.decode(&data, caller);
        }
    }

    pub(super) fn decode(&self, data: &[u8], caller: Caller) -> Frame {
        let unlimited = DecoderLimits {
            headers: usize::MAX,
            header_line_bytes: usize::MAX,
            headers_bytes: usize::MAX,
            frame_bytes: usize::MAX,
            command_bytes: usize::MAX,
        };
        let mut decoder = Decoder::new(unlimited);
        if let Some(version) = self.version {
            decoder.set_version(version);
        }
        let mut rest = data;
        match decoder.decode(&mut rest) {
            Ok(Some(frame)) if rest.is_empty() => frame,
            other => panic!(
                "{caller}: expected one whole frame in \"{}\", got {other:?} and {} bytes more",
                data.escape_ascii(),
                rest.len()
            ),
        }
    }

    async fn frame_of(&mut self, command: Command, caller: Caller) -> Frame {
        let frame = self.frame(caller).await;
        assert!(
            frame.command == command,
            "{caller}: expected {command}, got {frame:?}"
        );
        frame
    }

    /// The next frame, which must be a CONNECTED. From then on, frames are decoded by its version.
    ///
    /// # Panics
    ///
    /// If it is not.
    #[track_caller]
    pub fn expect_connected(&mut self) -> impl Future<Output = Frame> {
        self.connected(Location::caller())
    }

    pub(super) async fn connected(&mut self, caller: Caller) -> Frame {
        let frame = self.frame_of(Command::Connected, caller).await;
        self.version = frame.header("version").and_then(Version::parse);
        frame
    }

    /// The next frame, which must be a MESSAGE.
    ///
    /// # Panics
    ///
    /// If it is not.
    #[track_caller]
    pub fn expect_message(&mut self) -> impl Future<Output = Frame> {
        self.frame_of(Command::Message, Location::caller())
    }

    /// The next frame, which must be the RECEIPT of this id.
    ///
    /// What came before it must have been received: where messages stand before or behind a RECEIPT is what a test may
    /// be about.
    ///
    /// # Panics
    ///
    /// If it is not.
    #[track_caller]
    pub fn expect_receipt(&mut self, id: &str) -> impl Future<Output = Frame> {
        let caller = Location::caller();
        async move {
            let frame = self.frame_of(Command::Receipt, caller).await;
            assert!(
                frame.header("receipt-id") == Some(id),
                "{caller}: expected the RECEIPT of {id:?}, got {frame:?}"
            );
            frame
        }
    }

    /// The next frame, which must be an ERROR with this `code`; then the server must close.
    ///
    /// # Panics
    ///
    /// If one of the two does not happen.
    #[track_caller]
    pub fn expect_error(&mut self, code: &str) -> impl Future<Output = Frame> {
        let caller = Location::caller();
        async move {
            let frame = self.frame_of(Command::Error, caller).await;
            assert!(
                frame.header("code") == Some(code),
                "{caller}: expected the ERROR of code {code:?}, got {frame:?}"
            );
            let closed = self.next(caller).await;
            assert!(
                matches!(
                    closed,
                    Some(Sent::Closed(
                        CloseReason::Error | CloseReason::MessageTooBig | CloseReason::SlowConsumer
                    ))
                ),
                "{caller}: expected the close after ERROR, got {closed:?}"
            );
            frame
        }
    }

    /// The server must close now, for this reason.
    ///
    /// # Panics
    ///
    /// If it does not.
    #[track_caller]
    pub fn expect_closed(&mut self, reason: CloseReason) -> impl Future<Output = ()> {
        let caller = Location::caller();
        async move {
            let sent = self.next(caller).await;
            assert!(
                sent == Some(Sent::Closed(reason)),
                "{caller}: expected the close for {reason:?}, got {sent:?}"
            );
        }
    }

    /// The server must send nothing for `duration`: use it with the clock paused.
    ///
    /// # Panics
    ///
    /// If it does.
    #[track_caller]
    pub fn expect_silence(&mut self, duration: Duration) -> impl Future<Output = ()> {
        let caller = Location::caller();
        async move {
            let sent = match self.earlier.pop_front() {
                Some(sent) => Ok(Some(sent)),
                None => tokio::time::timeout(duration, self.from_server.recv()).await,
            };
            if let Ok(sent) = sent {
                panic!("{caller}: expected silence, got {sent:?}");
            }
        }
    }
}
