//! What clients do most: CONNECT and SEND.

use std::panic::Location;

use bytes::Bytes;
use serde::Serialize;

use super::{Caller, TestConnection};
use crate::{
    codec::{Command, Frame, Version, encode},
    message::Principal,
    server::Messaging,
};

impl TestConnection {
    /// Opens a connection and connects with STOMP 1.2.
    ///
    /// # Panics
    ///
    /// If the server does not answer with CONNECTED.
    #[track_caller]
    pub fn connect(messaging: &Messaging) -> impl Future<Output = Self> {
        Self::connect_by(
            messaging,
            None,
            Frame::new(Command::Connect),
            Location::caller(),
        )
    }

    /// Opens a connection as a user, whom the handshake has found, and connects with STOMP 1.2.
    ///
    /// A server's [`Authenticator`](crate::endpoint::Authenticator) is asked all the same. One that wants a token
    /// gets it from [`connect_with_headers`](Self::connect_with_headers).
    ///
    /// # Panics
    ///
    /// If the server does not answer with CONNECTED.
    #[track_caller]
    pub fn connect_as(
        messaging: &Messaging,
        user: impl Into<Principal>,
    ) -> impl Future<Output = Self> {
        let connect = Frame::new(Command::Connect);
        Self::connect_by(messaging, Some(user.into()), connect, Location::caller())
    }

    /// Opens a connection and connects with STOMP 1.2 and the headers `login` and `passcode`, which the server's
    /// `Authenticator` sees.
    ///
    /// # Panics
    ///
    /// If the server does not answer with CONNECTED.
    #[track_caller]
    pub fn connect_with(
        messaging: &Messaging,
        login: &str,
        passcode: &str,
    ) -> impl Future<Output = Self> {
        let connect = Frame::new(Command::Connect)
            .with_header("login", login)
            .with_header("passcode", passcode);
        Self::connect_by(messaging, None, connect, Location::caller())
    }

    /// Opens a connection and connects with STOMP 1.2 and these headers, such as a token, which the server's
    /// `Authenticator` sees.
    ///
    /// ```
    /// # use stomp_axum::{endpoint::{AuthenticationError, ConnectRequest}, message::Principal, server::Messaging};
    /// # use stomp_axum::testing::TestConnection;
    /// # async fn by_token(connect: ConnectRequest) -> Result<Option<Principal>, AuthenticationError> {
    /// #     assert_eq!(connect.bearer_token(), Some("secret"));
    /// #     Ok(None)
    /// # }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let messaging = Messaging::builder().simple_broker(["/topic"]).authenticator(by_token).build()?;
    /// let headers = [("Authorization", "Bearer secret")];
    /// let mut joe = TestConnection::connect_with_headers(&messaging, headers).await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If the server does not answer with CONNECTED.
    #[track_caller]
    pub fn connect_with_headers<'a>(
        messaging: &Messaging,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> impl Future<Output = Self> {
        let mut connect = Frame::new(Command::Connect);
        connect.headers.extend(headers);
        Self::connect_by(messaging, None, connect, Location::caller())
    }

    async fn connect_by(
        messaging: &Messaging,
        user: Option<Principal>,
        connect: Frame,
        caller: Caller,
    ) -> Self {
        let mut connection = Self::open_with(messaging, user, usize::MAX >> 4);
        let connect = connect
            .with_header("accept-version", "1.2")
            .with_header("host", "localhost");
        connection.send_frame(&connect);
        connection.connected(caller).await;
        connection
    }

    /// Sends CONNECT with this `accept-version`, and waits for CONNECTED.
    ///
    /// # Panics
    ///
    /// If something else comes.
    #[track_caller]
    pub fn send_connect(&mut self, accept_version: &str) -> impl Future<Output = Frame> {
        let caller = Location::caller();
        async move {
            self.send(format!(
                "CONNECT\naccept-version:{accept_version}\nhost:localhost\n\n\0"
            ));
            self.connected(caller).await
        }
    }

    /// Sends a SEND without a `content-type`.
    pub fn send_to(&self, destination: &str, body: impl Into<Bytes>) {
        let send = Frame::new(Command::Send).with_header("destination", destination);
        self.send_frame(&send.with_body(body));
    }

    /// Sends a SEND with these headers, such as a `content-type`, a `receipt`, or the `transaction` that it is part of.
    pub fn send_with_headers<'a>(
        &self,
        destination: &str,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
        body: impl Into<Bytes>,
    ) {
        let mut send = Frame::new(Command::Send).with_header("destination", destination);
        send.headers.extend(headers);
        self.send_frame(&send.with_body(body));
    }

    /// Sends a SEND with `value` as JSON.
    ///
    /// # Panics
    ///
    /// If the value can't be written as JSON.
    #[track_caller]
    pub fn send_json<T: Serialize + ?Sized>(&self, destination: &str, value: &T) {
        let body = serde_json::to_vec(value)
            .unwrap_or_else(|error| panic!("the value can't be written as JSON: {error}"));
        let send = Frame::new(Command::Send)
            .with_header("destination", destination)
            .with_header("content-type", "application/json");
        self.send_frame(&send.with_body(body));
    }

    pub(super) fn send_frame(&self, frame: &Frame) {
        let version = self.version.unwrap_or(Version::V1_2);
        self.send(encode(frame, version).into_bytes());
    }
}
