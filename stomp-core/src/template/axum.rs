//! The template and the registries as arguments of axum handlers, and its error as their answer.
//!
//! The one place of this crate that names a web framework: the orphan rule allows these traits for these types here
//! only, and a wrapper type elsewhere would give users two templates that look the same. `axum-core` is small and
//! made for this.

use std::any::type_name;

use axum_core::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{StatusCode, request::Parts};

use super::MessagingTemplate;
use crate::{channel::MessagingError, session::SessionRegistry, user::UserRegistry};

/// A handler asks for something that the messaging layer provides, but the layer was not added to the router: the
/// answer is 500.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no {what} for this handler: add `.layer(messaging.layer())` to the router, behind its routes"
)]
pub struct MissingMessagingLayer {
    what: &'static str,
}

impl MissingMessagingLayer {
    fn new<T>() -> Self {
        let name = type_name::<T>();
        Self {
            what: name.rsplit("::").next().unwrap_or(name),
        }
    }
}

impl IntoResponse for MissingMessagingLayer {
    fn into_response(self) -> Response {
        tracing::error!(error = %self, "a handler was not called");
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}

/// So that a handler can return the template's error with `?`. The client gets 500 and no details, which are about the
/// server: they go to the log.
impl IntoResponse for MessagingError {
    fn into_response(self) -> Response {
        tracing::error!(error = %self, "a message of a request could not be sent");
        let text = "the message could not be sent";
        (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
    }
}

macro_rules! from_extensions {
    ($($extractor:ty),+) => {$(
        impl<S: Sync> FromRequestParts<S> for $extractor {
            type Rejection = MissingMessagingLayer;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
                parts
                    .extensions
                    .get()
                    .cloned()
                    .ok_or_else(MissingMessagingLayer::new::<Self>)
            }
        }
    )+};
}

from_extensions!(MessagingTemplate, UserRegistry, SessionRegistry);
