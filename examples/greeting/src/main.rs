//! Spring's guide [Using WebSocket to build an interactive web application][guide], in Rust: a page sends a name,
//! and everybody who has the page open gets a greeting.
//!
//! [guide]: https://spring.io/guides/gs/messaging-stomp-websocket

use std::{env, error::Error, net::SocketAddr, path::Path};

use axum::{Router, http::StatusCode, routing::post, serve::ListenerExt};
use serde::{Deserialize, Serialize};
use stomp_axum::prelude::*;
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

#[derive(Deserialize)]
struct HelloMessage {
    name: String,
}

#[derive(Deserialize, Serialize)]
struct Greeting {
    content: String,
}

#[derive(Debug, thiserror::Error)]
#[error("Please tell me your name: it must not be blank.")]
struct BlankName;

/// A SEND to `/app/hello` is answered to every subscriber of `/topic/greetings`.
#[message_mapping("/hello")]
#[send_to("/topic/greetings")]
async fn greeting(message: HelloMessage) -> Result<Greeting, BlankName> {
    match message.name.trim() {
        "" => Err(BlankName),
        name => Ok(Greeting {
            content: format!("Hello, {name}!"),
        }),
    }
}

/// An error is answered to the session that caused it, if that is subscribed to `/user/queue/errors`.
#[message_exception_handler]
#[send_to_user("/queue/errors", broadcast = false)]
async fn blank_name(error: &BlankName) -> String {
    error.to_string()
}

/// `POST /greetings`, a plain axum handler: whatever publishes needs nothing but the template.
async fn publish(
    template: MessagingTemplate,
    axum::Json(greeting): axum::Json<Greeting>,
) -> Result<StatusCode, MessagingError> {
    template
        .convert_and_send("/topic/greetings", &greeting)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();

    let messaging = Messaging::builder()
        .application_destination_prefixes(["/app"])
        .simple_broker(["/topic", "/queue"])
        // With SockJS for clients without WebSockets; those with one connect to `/gs-guide-websocket/websocket`.
        .endpoint(StompEndpoint::new("/gs-guide-websocket").with_sockjs())
        .build()?;

    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
    let stompjs = page.join("node_modules/@stomp/stompjs/bundles");
    let sockjs = page.join("node_modules/sockjs-client/dist");
    let app = Router::new()
        .route("/greetings", post(publish))
        .merge(messaging.router())
        .layer(messaging.layer())
        .nest_service("/stompjs", ServeDir::new(stompjs))
        .nest_service("/sockjs", ServeDir::new(sockjs))
        .fallback_service(ServeDir::new(page));

    let port = env::var("PORT").map_or(Ok(8080), |port| port.parse::<u16>())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("Open http://{}", listener.local_addr()?);
    // A small frame does not wait until the client has acknowledged the one before.
    let listener = listener.tap_io(|connection| {
        let _as_it_is = connection.set_nodelay(true);
    });
    // With the addresses of clients: a SockJS session over HTTP belongs to the one that has opened it.
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app)
        .with_graceful_shutdown(messaging.shutdown_on_ctrl_c())
        .await?;
    Ok(())
}
