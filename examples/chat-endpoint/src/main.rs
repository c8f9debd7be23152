//! Chat rooms with an annotated WebSocket endpoint: one value for each connection, in the style of Jakarta WebSocket.

mod chat;
mod message;
mod rooms;

use std::{env, error::Error, path::Path};

use axum::{Router, serve::ListenerExt};
use stomp_axum::{server_endpoint::Session, websocket::WebSockets};
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

use crate::rooms::Rooms;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();

    let websockets = WebSockets::builder()
        .server_endpoints()
        .state(Rooms::<Session>::default())
        .build()?;

    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
    let app = Router::new()
        .merge(websockets.router())
        .fallback_service(ServeDir::new(page));

    let port = env::var("PORT").map_or(Ok(8080), |port| port.parse::<u16>())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("Open http://{}", listener.local_addr()?);
    // A small frame does not wait until the client has acknowledged the one before.
    let listener = listener.tap_io(|connection| {
        let _as_it_is = connection.set_nodelay(true);
    });
    axum::serve(listener, app)
        .with_graceful_shutdown(websockets.shutdown_on_ctrl_c())
        .await?;
    Ok(())
}
