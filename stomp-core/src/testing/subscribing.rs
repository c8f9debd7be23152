//! SUBSCRIBE and UNSUBSCRIBE, which wait until the server has confirmed them.

use std::panic::Location;

use super::{Caller, Sent, TestConnection};
use crate::codec::{Command, Frame};

impl TestConnection {
    /// Subscribes, waits until the server has confirmed it, and returns the id of the subscription: `sub-0`, `sub-1`
    /// and so on.
    ///
    /// What the server sends before the RECEIPT, such as messages of earlier subscriptions, is received afterwards.
    ///
    /// # Panics
    ///
    /// If the server refuses it, or sends no RECEIPT.
    #[track_caller]
    pub fn subscribe(&mut self, destination: &str) -> impl Future<Output = String> {
        let caller = Location::caller();
        async move { self.subscribe_or_panic(destination, [], caller).await.0 }
    }

    /// As [`subscribe`](Self::subscribe), for a subscription that the server may refuse.
    ///
    /// # Errors
    ///
    /// The ERROR frame of a server that refuses it, which then closes the connection.
    ///
    /// # Panics
    ///
    /// If the server sends neither RECEIPT nor ERROR.
    #[track_caller]
    pub fn try_subscribe(
        &mut self,
        destination: &str,
    ) -> impl Future<Output = Result<String, Frame>> {
        let caller = Location::caller();
        async move {
            let (id, _receipt) = self.subscribe_by(destination, [], caller).await?;
            Ok(id)
        }
    }

    /// As [`subscribe`](Self::subscribe), with headers such as `ack`, `prefetch-count`, `selector`, `history` or
    /// `recover-epoch`. Returns the RECEIPT, too: it says where in a history the subscription begins (`epoch`, `offset`),
    /// and whether all that was missed is there (`recovered`).
    ///
    /// Messages that come before the RECEIPT, such as what a queue has kept or what is in a history, are received
    /// afterwards. The headers `id` and `receipt` are chosen here: others of these names count for nothing.
    ///
    /// ```standalone_crate
    /// # use stomp_axum::{broker::History, prelude::*, testing::{FrameExt, TestConnection}};
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let messaging = Messaging::builder()
    ///     .simple_broker(["/topic"])
    ///     .history("/topic/chat/*", History::last(10))
    ///     .build()?;
    /// messaging.template().convert_and_send("/topic/chat/lobby", "first").await?;
    /// messaging.template().convert_and_send("/topic/chat/lobby", "second").await?;
    ///
    /// let mut joe = TestConnection::connect(&messaging).await;
    /// let (id, receipt) = joe.subscribe_with_headers("/topic/chat/lobby", [("history", "1")]).await;
    ///
    /// assert_eq!(receipt.header("offset"), Some("2"));
    /// let message = joe.expect_message().await;
    /// assert_eq!(message.header("subscription"), Some(&*id));
    /// assert_eq!(message.text(), "second");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If the server refuses it, or sends no RECEIPT.
    #[track_caller]
    pub fn subscribe_with_headers<'a>(
        &mut self,
        destination: &str,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> impl Future<Output = (String, Frame)> {
        self.subscribe_or_panic(destination, headers, Location::caller())
    }

    /// As [`subscribe_with_headers`](Self::subscribe_with_headers), for a subscription that the server may refuse.
    ///
    /// ```standalone_crate
    /// # use stomp_axum::{prelude::*, testing::TestConnection};
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let messaging = Messaging::builder().simple_broker(["/topic"]).build()?;
    /// let mut joe = TestConnection::connect(&messaging).await;
    ///
    /// let refused = joe.try_subscribe_with_headers("/topic/chat", [("history", "1")]).await;
    ///
    /// assert_eq!(refused.unwrap_err().header("code"), Some("no-history"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The ERROR frame of a server that refuses it, which then closes the connection.
    ///
    /// # Panics
    ///
    /// If the server sends neither RECEIPT nor ERROR.
    #[track_caller]
    pub fn try_subscribe_with_headers<'a>(
        &mut self,
        destination: &str,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> impl Future<Output = Result<(String, Frame), Frame>> {
        self.subscribe_by(destination, headers, Location::caller())
    }

    async fn subscribe_or_panic<'a>(
        &mut self,
        destination: &str,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
        caller: Caller,
    ) -> (String, Frame) {
        match self.subscribe_by(destination, headers, caller).await {
            Ok(subscribed) => subscribed,
            Err(error) => panic!(
                "{caller}: the server refused the subscription to {destination:?}: {error:?}"
            ),
        }
    }

    async fn subscribe_by<'a>(
        &mut self,
        destination: &str,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
        caller: Caller,
    ) -> Result<(String, Frame), Frame> {
        let id = format!("sub-{}", self.subscriptions);
        self.subscriptions += 1;
        // The first of a name counts: what this function waits for can't be taken away by a header that is given.
        let mut subscribe = Frame::new(Command::Subscribe)
            .with_header("id", &id)
            .with_header("destination", destination)
            .with_header("receipt", &id);
        subscribe.headers.extend(headers);
        let receipt = self.send_and_confirm(&subscribe, caller).await?;
        Ok((id, receipt))
    }

    /// Ends a subscription, and waits until the server has confirmed it: nothing comes for it from then on.
    ///
    /// What the server sends before the RECEIPT, such as messages of this subscription, is received afterwards.
    ///
    /// # Panics
    ///
    /// If the server refuses it, or sends no RECEIPT.
    #[track_caller]
    pub fn unsubscribe(&mut self, id: &str) -> impl Future<Output = ()> {
        let caller = Location::caller();
        async move {
            let unsubscribe = Frame::new(Command::Unsubscribe)
                .with_header("id", id)
                .with_header("receipt", &format!("unsubscribe-{id}"));
            if let Err(error) = self.send_and_confirm(&unsubscribe, caller).await {
                panic!("{caller}: the server refused to end the subscription {id:?}: {error:?}");
            }
        }
    }

    /// Sends a frame that has a `receipt`, and keeps what comes before the RECEIPT. An ERROR is returned.
    async fn send_and_confirm(
        &mut self,
        sent_frame: &Frame,
        caller: Caller,
    ) -> Result<Frame, Frame> {
        self.send_frame(sent_frame);
        let receipt = sent_frame.header("receipt");
        loop {
            let sent = match self.wait_for_server().await {
                Ok(sent) => sent,
                Err(patience) => panic!(
                    "{caller}: the server sent no RECEIPT for {sent_frame:?}, and nothing else, for {patience:?}; a \
                     handler that fails without an exception handler sends no RECEIPT, and its error is in the log"
                ),
            };
            let frame = match &sent {
                Some(Sent::Text(text)) if text == "\n" => continue,
                Some(Sent::Text(text)) => self.decode(text.as_bytes(), caller),
                Some(Sent::Binary(data)) => self.decode(data, caller),
                Some(Sent::Closed(_)) | None => {
                    panic!("{caller}: expected the RECEIPT of {sent_frame:?}, got {sent:?}")
                }
            };
            match frame.command {
                Command::Receipt if frame.header("receipt-id") == receipt => return Ok(frame),
                Command::Error => return Err(frame),
                _ => self.earlier.extend(sent),
            }
        }
    }
}
