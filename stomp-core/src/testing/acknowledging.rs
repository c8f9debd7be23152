//! ACK and NACK.

use std::panic::Location;

use super::{Caller, TestConnection};
use crate::codec::{Command, Frame, Version};

impl TestConnection {
    /// Sends the ACK of a MESSAGE, named as the version of STOMP demands that was negotiated: by its `ack` (1.2), or by
    /// `message-id` and `subscription` (1.1, and 1.0 as far as there is an id of the subscription).
    ///
    /// Does not wait. [`ack_with_headers`](Self::ack_with_headers) can ask for a RECEIPT.
    ///
    /// ```standalone_crate
    /// # use stomp_axum::{prelude::*, testing::{FrameExt, TestConnection}};
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let messaging = Messaging::builder()
    ///     .simple_broker(["/queue"])
    ///     .queue_semantics(["/queue"])
    ///     .build()?;
    /// let mut joe = TestConnection::connect(&messaging).await;
    /// let one_by_one = [("ack", "client-individual"), ("prefetch-count", "1")];
    /// joe.subscribe_with_headers("/queue/orders", one_by_one).await;
    /// joe.send_to("/queue/orders", "5 VMW");
    /// joe.send_to("/queue/orders", "7 MMM");
    ///
    /// let order = joe.expect_message().await;
    /// assert_eq!(order.text(), "5 VMW");
    /// joe.nack(&order);
    /// let again = joe.expect_message().await;
    /// assert_eq!((again.text(), again.header("redelivered")), ("5 VMW", Some("true")));
    /// joe.ack(&again);
    /// assert_eq!(joe.expect_message().await.text(), "7 MMM");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If the frame has not what names it: it is no MESSAGE, or, with STOMP 1.2, its subscription is not one with
    /// `ack:client` or `ack:client-individual`.
    #[track_caller]
    pub fn ack(&self, message: &Frame) {
        self.settle(&Command::Ack, message, [], Location::caller());
    }

    /// As [`ack`](Self::ack), with headers such as a `receipt`, or the `transaction` that it is part of.
    ///
    /// A MESSAGE for which it makes room may come before the RECEIPT.
    ///
    /// # Panics
    ///
    /// As [`ack`](Self::ack).
    #[track_caller]
    pub fn ack_with_headers<'a>(
        &self,
        message: &Frame,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) {
        self.settle(&Command::Ack, message, headers, Location::caller());
    }

    /// Sends the NACK of a MESSAGE, named as in [`ack`](Self::ack): the message is delivered again.
    ///
    /// Does not wait. STOMP 1.0 has no NACK: a server answers it with an ERROR.
    ///
    /// # Panics
    ///
    /// As [`ack`](Self::ack).
    #[track_caller]
    pub fn nack(&self, message: &Frame) {
        self.settle(&Command::Nack, message, [], Location::caller());
    }

    /// As [`nack`](Self::nack), with headers such as `requeue`, a `receipt`, or the `transaction` that it is part of.
    /// With `requeue:false` the message is not delivered again.
    ///
    /// # Panics
    ///
    /// As [`ack`](Self::ack).
    #[track_caller]
    pub fn nack_with_headers<'a>(
        &self,
        message: &Frame,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) {
        self.settle(&Command::Nack, message, headers, Location::caller());
    }

    fn settle<'a>(
        &self,
        command: &Command,
        message: &Frame,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
        caller: Caller,
    ) {
        assert!(
            message.command == Command::Message,
            "{caller}: {command} is for a MESSAGE, not for {message:?}"
        );
        let required = |name: &str| {
            message.header(name).unwrap_or_else(|| {
                panic!(
                    "{caller}: {command} names a message by the header {name:?}, which is not in {message:?}; was the \
                     subscription made with ack:client or ack:client-individual?"
                )
            })
        };
        let mut frame = Frame::new(command.clone());
        match self.version.unwrap_or(Version::V1_2) {
            Version::V1_2 => frame = frame.with_header("id", required("ack")),
            version => {
                frame = frame.with_header("message-id", required("message-id"));
                // Nobody needs an id to subscribe with STOMP 1.0.
                let subscription = match version {
                    Version::V1_0 => message.header("subscription"),
                    _ => Some(required("subscription")),
                };
                if let Some(subscription) = subscription {
                    frame = frame.with_header("subscription", subscription);
                }
            }
        }
        frame.headers.extend(headers);
        self.send_frame(&frame);
    }
}
