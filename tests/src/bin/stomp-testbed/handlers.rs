//! What clients can talk to under `/app`.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use stomp_axum::prelude::*;

/// SEND to /app/echo: the body comes back to the session that sent it.
#[message_mapping("/echo")]
#[send_to_user("/queue/echo", broadcast = false)]
async fn echo(body: Bytes) -> Bytes {
    body
}

/// SEND to /app/broadcast/lobby: the body goes to everybody who is subscribed to /topic/room/lobby.
#[message_mapping("/broadcast/{room}")]
#[send_to("/topic/room/{room}")]
async fn broadcast(body: Bytes) -> Bytes {
    body
}

#[derive(Debug, thiserror::Error)]
#[error("it failed: {reason}")]
struct Failure {
    reason: String,
}

/// SEND to /app/fail: the body comes back as the text of an error.
#[message_mapping("/fail")]
async fn fail(reason: String) -> Result<(), Failure> {
    Err(Failure { reason })
}

#[message_exception_handler]
#[send_to_user("/queue/errors", broadcast = false)]
async fn failed(failure: &Failure) -> String {
    failure.to_string()
}

/// SUBSCRIBE to /app/now: the time, in milliseconds since 1970.
#[subscribe_mapping("/now")]
async fn now() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    since_1970.map_or(0, |duration| duration.as_millis() as u64)
}

/// SUBSCRIBE to /app/whoami: the user's name.
#[subscribe_mapping("/whoami")]
async fn whoami(user: Option<Principal>) -> String {
    user.map_or_else(|| "anonymous".to_owned(), |user| user.name().to_owned())
}

/// SUBSCRIBE to /app/sessions: how many sessions the user has. So a suite can wait for the end of one.
#[subscribe_mapping("/sessions")]
async fn sessions(user: Principal, users: UserRegistry) -> usize {
    users
        .user(user.name())
        .map_or(0, |user| user.sessions().len())
}
