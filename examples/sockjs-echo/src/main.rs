//! A WebSocket handler that sends back what it gets, also for clients that have no WebSocket: SockJS carries its messages
//! over HTTP then.

mod echo;

use std::{env, error::Error, net::SocketAddr, path::Path};

use axum::{Router, serve::ListenerExt};
use stomp_axum::{
    endpoint::{SockJsOptions, SockJsTransport},
    websocket::{WebSocketEndpoint, WebSockets},
};
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

use crate::echo::Echo;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();

    let websockets = WebSockets::builder()
        .endpoint(WebSocketEndpoint::new("/echo", Echo).sockjs(sockjs()))
        .build()?;

    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
    let sockjs_client = page.join("node_modules/sockjs-client/dist");
    let app = Router::new()
        .merge(websockets.router())
        .nest_service("/sockjs", ServeDir::new(sockjs_client))
        .fallback_service(ServeDir::new(page));

    let port = env::var("PORT").map_or(Ok(8080), |port| port.parse::<u16>())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("Open http://{}", listener.local_addr()?);
    // A small frame does not wait until the client has acknowledged the one before.
    let listener = listener.tap_io(|connection| {
        let _as_it_is = connection.set_nodelay(true);
    });
    // With the addresses of clients: a session over HTTP belongs to the one that has opened it.
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app)
        .with_graceful_shutdown(websockets.shutdown_on_ctrl_c())
        .await?;
    Ok(())
}

fn sockjs() -> SockJsOptions {
    SockJsOptions::default()
        // The iframe transports load the client a second time, and it must be the version that the page has.
        .client_library_url("/sockjs/sockjs.min.js")
        // JSONP and htmlfile are off otherwise where only pages of the same origin may connect: pages of other origins can
        // load them, too. An echo has nothing to hide from those.
        .transports(SockJsTransport::ALL)
}
