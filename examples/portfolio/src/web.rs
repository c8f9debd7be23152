//! The HTTP side: pages, login, and where the WebSocket is.

use std::path::Path;

use axum::{
    Extension, Json, Router, middleware,
    routing::{get, get_service},
};
use http::{
    HeaderValue,
    header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY},
};
use serde::Serialize;
use stomp_axum::prelude::{Messaging, MessagingExt, Principal};
use tower_http::{
    services::{ServeDir, ServeFile},
    set_header::SetResponseHeaderLayer,
};

use crate::login;

/// Scripts, styles and connections of this server only. `ws:` is there for browsers in which 'self' does not cover
/// WebSockets.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; connect-src 'self' ws: wss:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
);

/// A browser may keep what it gets, and asks whether it is still good: after a logout it must not show the old page.
const CACHE: HeaderValue = HeaderValue::from_static("no-cache");

#[derive(Serialize)]
struct User {
    name: String,
}

/// All routes. The layers come last, because axum's cover only the routes before them; of two layers, the later one
/// sees a request first.
pub(crate) fn router(messaging: &Messaging) -> Router {
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
    let public = web.join("public");
    let index = get_service(ServeFile::new(public.join("index.html")))
        .route_layer(middleware::from_fn(login::ask_to_log_in));
    let for_users = Router::new()
        .route("/user", get(user))
        .merge(messaging.router())
        .route_layer(middleware::from_fn(login::refuse_anonymous));
    let login = login::router(ServeFile::new(public.join("login.html")));
    let stompjs = ServeDir::new(web.join("node_modules/@stomp/stompjs/bundles"));
    let styles_and_scripts = ServeDir::new(public).append_index_html_on_directories(false);
    let policy = SetResponseHeaderLayer::overriding(CONTENT_SECURITY_POLICY, POLICY);
    let cache = SetResponseHeaderLayer::overriding(CACHE_CONTROL, CACHE);
    Router::new()
        .route("/", index)
        .merge(for_users)
        .merge(login)
        .nest_service("/stompjs", stompjs)
        .fallback_service(styles_and_scripts)
        .layer(messaging.layer())
        .layer(middleware::from_fn(login::identify))
        .layer(login::sessions())
        .layer(policy)
        .layer(cache)
}

/// `GET /user`: who has logged in. The page asks when a connection has ended, because a browser does not tell scripts
/// why a handshake was refused.
async fn user(Extension(user): Extension<Principal>) -> Json<User> {
    Json(User {
        name: user.name().to_owned(),
    })
}

#[cfg(test)]
mod tests;
