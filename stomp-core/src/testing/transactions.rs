//! BEGIN, COMMIT and ABORT.

use super::TestConnection;
use crate::codec::{Command, Frame};

impl TestConnection {
    /// Begins a transaction. What is part of it has the header `transaction`:
    /// [`send_with_headers`](Self::send_with_headers), [`ack_with_headers`](Self::ack_with_headers) and
    /// [`nack_with_headers`](Self::nack_with_headers) take it.
    ///
    /// Does not wait: a server that refuses it sends an ERROR.
    ///
    /// ```standalone_crate
    /// # use std::time::Duration;
    /// # use stomp_axum::{prelude::*, testing::{FrameExt, TestConnection}};
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let messaging = Messaging::builder().simple_broker(["/topic"]).build()?;
    /// let mut joe = TestConnection::connect(&messaging).await;
    /// joe.subscribe("/topic/bills").await;
    ///
    /// joe.begin("t");
    /// joe.send_with_headers("/topic/bills", [("transaction", "t")], "5 VMW");
    /// joe.expect_silence(Duration::from_secs(60)).await;
    /// joe.commit("t");
    ///
    /// assert_eq!(joe.expect_message().await.text(), "5 VMW");
    /// # Ok(())
    /// # }
    /// ```
    pub fn begin(&self, transaction: &str) {
        self.send_of_transaction(Command::Begin, transaction);
    }

    /// Commits a transaction: all that is part of it happens, or nothing.
    ///
    /// Does not wait: a server that refuses it sends an ERROR.
    pub fn commit(&self, transaction: &str) {
        self.send_of_transaction(Command::Commit, transaction);
    }

    /// Aborts a transaction: nothing that is part of it happens.
    ///
    /// Does not wait: a server that refuses it sends an ERROR.
    pub fn abort(&self, transaction: &str) {
        self.send_of_transaction(Command::Abort, transaction);
    }

    fn send_of_transaction(&self, command: Command, transaction: &str) {
        self.send_frame(&Frame::new(command).with_header("transaction", transaction));
    }
}
