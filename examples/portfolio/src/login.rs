//! Who the user is: login, logout, and the HTTP session in between.
//!
//! The session is kept by the server, and the cookie is its random id: so a logout ends it for good, which a cookie that
//! holds the user's name, however well signed, could not.

use axum::{
    Extension, Form, Router,
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
    routing::{get_service, post},
};
use constant_time_eq::constant_time_eq;
use http::StatusCode;
use serde::Deserialize;
use stomp_axum::prelude::{Principal, SessionRegistry};
use tower_http::services::ServeFile;
use tower_sessions::{
    Expiry, MemoryStore, Session, SessionManagerLayer,
    cookie::{SameSite, time::Duration},
};

/// Names and passwords, which the login page shows to everyone. Real ones belong into a store, as hashes that are slow
/// to compute (Argon2), and failed attempts must be counted.
const USERS: [(&str, &str); 3] = [
    ("fabrice", "fab123"),
    ("paulson", "bond"),
    ("guest", "guest"),
];

/// Under which key the session keeps the user's name.
const USER: &str = "user";

/// The session store has failed.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct SessionError(#[from] tower_sessions::session::Error);

#[derive(Deserialize)]
struct Credentials {
    username: String,
    password: String,
}

/// `GET /login`, `POST /login` and `POST /logout`.
pub(crate) fn router(page: ServeFile) -> Router {
    Router::new()
        .route("/login", get_service(page).post(log_in))
        .route("/logout", post(log_out))
}

/// The layer that keeps sessions. They are in memory, so all users are logged out when the server stops.
pub(crate) fn sessions() -> SessionManagerLayer<MemoryStore> {
    SessionManagerLayer::new(MemoryStore::default())
        .with_name("portfolio-session")
        // After the login: watching prices changes nothing in the session, and does not prolong it.
        .with_expiry(Expiry::OnInactivity(Duration::hours(8)))
        // Not `Strict`, with which a link from elsewhere would lead to the login page.
        .with_same_site(SameSite::Lax)
        // The example speaks plain HTTP. Behind TLS, leave the default: the cookie is sent over TLS only.
        .with_secure(false)
}

/// A middleware behind [`sessions`] that makes the user of the session the [`Principal`] of the request.
///
/// There the WebSocket handshake finds it, and so do handlers that take an `Extension<Principal>`.
pub(crate) async fn identify(
    session: Session,
    mut request: Request,
    next: Next,
) -> Result<Response, SessionError> {
    if let Some(name) = session.get::<String>(USER).await? {
        request.extensions_mut().insert(Principal::new(name));
    }
    Ok(next.run(request).await)
}

/// A middleware behind [`identify`] that lets only users through: without one, there is no handshake.
pub(crate) async fn refuse_anonymous(
    user: Option<Extension<Principal>>,
    request: Request,
    next: Next,
) -> Response {
    match user {
        Some(_) => next.run(request).await,
        None => (StatusCode::FORBIDDEN, "Log in first.").into_response(),
    }
}

/// A middleware behind [`identify`] that leads everybody else to the login page.
pub(crate) async fn ask_to_log_in(
    user: Option<Extension<Principal>>,
    request: Request,
    next: Next,
) -> Response {
    match user {
        Some(_) => next.run(request).await,
        None => Redirect::to("/login").into_response(),
    }
}

async fn log_in(
    session: Session,
    Form(credentials): Form<Credentials>,
) -> Result<Redirect, SessionError> {
    if !credentials.are_right() {
        return Ok(Redirect::to("/login?wrong"));
    }
    // With a new id: whoever has planted the old one in this browser is not logged in, too.
    session.cycle_id().await?;
    session.insert(USER, &credentials.username).await?;
    Ok(Redirect::to("/"))
}

/// Ends the session, and then the user's connections: a browser that connects again finds no session.
///
/// The user's connections of other browsers are closed, too. Those are still logged in, and connect again.
async fn log_out(
    session: Session,
    user: Option<Extension<Principal>>,
    connections: SessionRegistry,
) -> Result<Redirect, SessionError> {
    if let Some(Extension(user)) = user {
        session.flush().await?;
        connections.close_user(user.name(), "logged out");
    }
    Ok(Redirect::to("/login?logged-out"))
}

impl Credentials {
    /// Compares with all users, in a time that depends neither on who exists nor on how much of a password is right,
    /// but only on how long it is. That is enough for passwords that everyone can read above.
    fn are_right(&self) -> bool {
        USERS.iter().fold(false, |found, (username, password)| {
            let has_username = constant_time_eq(self.username.as_bytes(), username.as_bytes());
            let has_password = constant_time_eq(self.password.as_bytes(), password.as_bytes());
            found | (has_username & has_password)
        })
    }
}

impl IntoResponse for SessionError {
    fn into_response(self) -> Response {
        tracing::error!(error = %self, "the session store has failed");
        let text = "The session can't be read or written.";
        (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
    }
}
