//! STOMP for axum.
