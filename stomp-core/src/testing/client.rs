//! What clients do most.

use std::panic::Location;

use bytes::Bytes;
use serde::Serialize;

use super::{Caller, Sent, TestConnection};
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
    /// A server's [`Authenticator`](crate::endpoint::Authenticator) is asked all the same. If it wants a token, open the
    /// connection with [`open`](Self::open), and [`send`](Self::send) a CONNECT frame that has it.
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

    /// Subscribes, waits until the server has confirmed it, and returns the id of the subscription: `sub-0`, `sub-1`
    /// and so on.
    ///
    /// What the server sends before the RECEIPT, such as messages of earlier subscriptions, is received afterwards.
    ///
    /// # Panics
    ///
    /// If the server refuses it.
    #[track_caller]
    pub fn subscribe(&mut self, destination: &str) -> impl Future<Output = String> {
        self.subscribe_by(destination, Location::caller())
    }

    async fn subscribe_by(&mut self, destination: &str, caller: Caller) -> String {
        let id = format!("sub-{}", self.subscriptions);
        self.subscriptions += 1;
        let subscribe = Frame::new(Command::Subscribe)
            .with_header("id", &id)
            .with_header("destination", destination)
            .with_header("receipt", &id);
        self.send_frame(&subscribe);
        loop {
            let sent = self.next_from_server(caller).await;
            let frame = match &sent {
                Some(Sent::Text(text)) if text == "\n" => continue,
                Some(Sent::Text(text)) => self.decode(text.as_bytes(), caller),
                Some(Sent::Binary(data)) => self.decode(data, caller),
                Some(Sent::Closed(_)) | None => {
                    panic!("{caller}: expected the RECEIPT of {subscribe:?}, got {sent:?}")
                }
            };
            match frame.command {
                Command::Receipt if frame.header("receipt-id") == Some(&id) => return id,
                Command::Error => panic!("{caller}: the server refused {subscribe:?}: {frame:?}"),
                _ => self.earlier.extend(sent),
            }
        }
    }

    /// Sends a SEND without a `content-type`.
    pub fn send_to(&self, destination: &str, body: impl Into<Bytes>) {
        let send = Frame::new(Command::Send).with_header("destination", destination);
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

    fn send_frame(&self, frame: &Frame) {
        let version = self.version.unwrap_or(Version::V1_2);
        self.send(encode(frame, version).into_bytes());
    }
}
