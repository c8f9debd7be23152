//! Annotated endpoints over real sockets (JSR-01 to JSR-21).

mod construction;
mod failures;
mod life;
mod messages;
mod remotes;
mod sessions;
mod start_up;

use std::net::SocketAddr;

use stomp_axum::{
    server_endpoint::ServerEndpoint,
    websocket::{WebSockets, WebSocketsBuilder},
};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message as WsMessage;

use crate::support::{Client, start_app, within};

/// What endpoints report to their test: a state of theirs.
#[derive(Clone)]
struct Reports(mpsc::UnboundedSender<String>);

impl Reports {
    fn say(&self, text: impl Into<String>) {
        // The test may have seen enough.
        let _ = self.0.send(text.into());
    }
}

/// A server with one endpoint, and what that reports.
struct Server {
    address: SocketAddr,
    websockets: WebSockets,
    reports: mpsc::UnboundedReceiver<String>,
}

impl Server {
    async fn of<T: ServerEndpoint>() -> Self {
        Self::with(|builder| builder.server_endpoint::<T>()).await
    }

    async fn with(configure: impl FnOnce(WebSocketsBuilder) -> WebSocketsBuilder) -> Self {
        let (sender, reports) = mpsc::unbounded_channel();
        let builder = WebSockets::builder().state(Reports(sender));
        let websockets = configure(builder).build().unwrap();
        Self {
            address: start_app(websockets.router()).await,
            websockets,
            reports,
        }
    }

    async fn connect(&self, path: &str) -> Client {
        Client::try_open_path(self.address, path, &[])
            .await
            .unwrap()
    }

    async fn report(&mut self) -> String {
        within(self.reports.recv()).await.unwrap()
    }

    /// What was reported until now, and not read.
    fn no_report(&mut self) {
        assert_eq!(self.reports.try_recv().ok(), None);
    }
}

/// The next message, which must be this text.
async fn expect_text(client: &mut Client, text: &str) {
    assert_eq!(client.receive().await, Some(WsMessage::text(text)));
}
