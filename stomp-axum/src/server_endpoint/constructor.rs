//! How the instance of a connection is made: before the upgrade, so that a client that is refused gets a status.

use std::{
    any::{Any, type_name},
    marker::PhantomData,
    sync::Arc,
};

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use futures_util::future::BoxFuture;
use http::StatusCode;
use stomp_core::{
    endpoint::{Handshake, HandshakeRefused},
    handler::{ExtractError, State},
    message::{BoxError, Principal},
    session::SessionAttributes,
};

use super::{Services, definition::EndpointDefinition};
use crate::websocket::PathParameters;

/// No more of the text with which an extractor refuses a request is sent.
const REFUSAL_BYTES: usize = 4096;

/// The handshake that an endpoint is made for.
#[derive(Debug)]
pub struct EndpointHandshake<'a> {
    pub(super) handshake: &'a mut Handshake,
    pub(super) path_parameters: &'a PathParameters,
    pub(super) services: &'a Services,
    pub(super) definition: &'static EndpointDefinition,
}

/// An argument of a constructor.
#[derive(Debug)]
pub struct ConstructorArgument<T>(PhantomData<T>);

impl<T: FromHandshake> ConstructorArgument<T> {
    /// Takes it.
    pub async fn take(handshake: &mut EndpointHandshake<'_>) -> Result<T, HandshakeRefused> {
        T::from_handshake(handshake)
    }
}

/// What the server itself knows of a handshake.
pub trait FromHandshake: Sized {
    /// Takes it.
    fn from_handshake(handshake: &EndpointHandshake<'_>) -> Result<Self, HandshakeRefused>;
}

impl FromHandshake for Principal {
    fn from_handshake(handshake: &EndpointHandshake<'_>) -> Result<Self, HandshakeRefused> {
        handshake.handshake.principal().cloned().ok_or_else(|| {
            HandshakeRefused::new(
                StatusCode::FORBIDDEN,
                "Only users who have logged in may connect.",
            )
        })
    }
}

impl FromHandshake for Option<Principal> {
    fn from_handshake(handshake: &EndpointHandshake<'_>) -> Result<Self, HandshakeRefused> {
        Ok(handshake.handshake.principal().cloned())
    }
}

impl<T: Any + Clone> FromHandshake for State<T> {
    fn from_handshake(handshake: &EndpointHandshake<'_>) -> Result<Self, HandshakeRefused> {
        handshake.services.state().ok_or_else(|| {
            handshake.failed(&ExtractError::MissingState {
                type_name: type_name::<T>(),
            })
        })
    }
}

impl<T: Any + Clone> FromHandshake for Option<State<T>> {
    fn from_handshake(handshake: &EndpointHandshake<'_>) -> Result<Self, HandshakeRefused> {
        Ok(handshake.services.state())
    }
}

impl FromHandshake for SessionAttributes {
    fn from_handshake(handshake: &EndpointHandshake<'_>) -> Result<Self, HandshakeRefused> {
        Ok(handshake.handshake.attributes().clone())
    }
}

/// An argument that is taken from the request, by axum's extractors.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be an argument of a `#[constructor]`",
    label = "not something that a request has",
    note = "the constructor runs before the connection is open: take the `Session` in `#[on_open]`",
    note = "take what the application provides as `State<..>` of `stomp_axum::server_endpoint`",
    note = "axum's extractors of the head of a request work, too: implement `FromRequestParts` for your own"
)]
pub trait RequestArgument: Sized {
    /// Takes it.
    fn from_request(
        handshake: &mut Handshake,
    ) -> impl Future<Output = Result<Self, Response>> + Send;
}

#[diagnostic::do_not_recommend]
impl<T: FromRequestParts<()>> RequestArgument for T {
    async fn from_request(handshake: &mut Handshake) -> Result<Self, Response> {
        let taken = T::from_request_parts(handshake.request_mut(), &()).await;
        taken.map_err(IntoResponse::into_response)
    }
}

/// An argument that the server itself does not know.
pub trait OtherConstructorArgument<T> {
    /// Takes it. The type of the future is no other than that of all, so that a mistake is reported once.
    fn take<'a>(
        handshake: &'a mut EndpointHandshake<'_>,
    ) -> BoxFuture<'a, Result<T, HandshakeRefused>>
    where
        T: RequestArgument;
}

impl<T> OtherConstructorArgument<T> for ConstructorArgument<T> {
    fn take<'a>(
        handshake: &'a mut EndpointHandshake<'_>,
    ) -> BoxFuture<'a, Result<T, HandshakeRefused>>
    where
        T: RequestArgument,
    {
        Box::pin(async move {
            let response = match T::from_request(handshake.handshake).await {
                Ok(value) => return Ok(value),
                Err(response) => response,
            };
            Err(refuse(response, handshake.handshake).await)
        })
    }
}

/// Refuses a handshake with the response of an extractor.
async fn refuse(response: Response, handshake: &mut Handshake) -> HandshakeRefused {
    let (head, body) = response.into_parts();
    // A longer text is none.
    let body = axum::body::to_bytes(body, REFUSAL_BYTES).await;
    let text = String::from_utf8_lossy(&body.unwrap_or_default()).into_owned();
    let of_body = [http::header::CONTENT_TYPE, http::header::CONTENT_LENGTH];
    let headers = head
        .headers
        .into_iter()
        .filter_map(|(name, value)| Some((name?, value)))
        .filter(|(name, _)| !of_body.contains(name));
    handshake.response_headers_mut().extend(headers);
    HandshakeRefused::new(head.status, text)
}

impl EndpointHandshake<'_> {
    /// Refuses the client because the server failed, without telling it why.
    pub(super) fn failed(&self, error: &(dyn std::error::Error + 'static)) -> HandshakeRefused {
        tracing::error!(
            endpoint = %self.definition,
            error,
            "the constructor of an endpoint failed"
        );
        HandshakeRefused::new(StatusCode::INTERNAL_SERVER_ERROR, "")
    }
}

/// What a constructor may fail with.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the error of a `#[constructor]`",
    label = "`{Self}` is no `std::error::Error`",
    note = "return a `HandshakeRefused` to say which status the client gets; any other error is logged, and the status is \
            500",
    note = "implement `std::error::Error` for it, for example with `#[derive(Debug, thiserror::Error)]`"
)]
pub trait ConstructorError {
    /// Boxes it.
    fn into_boxed(self) -> BoxError;
}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> ConstructorError for E {
    fn into_boxed(self) -> BoxError {
        self.into()
    }
}

/// What a constructor returned.
pub fn constructed<T, E: ConstructorError>(
    result: Result<T, E>,
    handshake: &EndpointHandshake<'_>,
) -> Result<T, HandshakeRefused> {
    result.map_err(
        |error| match error.into_boxed().downcast::<HandshakeRefused>() {
            Ok(refused) => *refused,
            Err(error) => handshake.failed(&*error),
        },
    )
}

/// A type that has a value without a constructor.
#[diagnostic::on_unimplemented(
    message = "nothing makes the instances of the endpoint `{Self}`",
    label = "has no `#[constructor]`, and does not implement `Default`",
    note = "write a `#[constructor]`: `#[constructor] async fn new() -> Self {{ .. }}`, or derive `Default`",
    note = "or write `shared` behind the path, and give one instance for all connections to the builder"
)]
pub trait MadeByDefault {
    /// Makes it.
    fn make() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Default> MadeByDefault for T {
    fn make() -> Self {
        T::default()
    }
}

/// An endpoint without a constructor.
pub fn default_instance<'a, T: MadeByDefault>(
    _: &'a mut EndpointHandshake<'_>,
) -> BoxFuture<'a, Result<T, HandshakeRefused>> {
    Box::pin(async { Ok(T::make()) })
}

/// A `shared` endpoint, which the application has given to the builder.
pub fn shared_instance<T: Any>(
    handshake: &mut EndpointHandshake<'_>,
) -> Result<Arc<T>, HandshakeRefused> {
    let instance = handshake.services.instance::<T>();
    // `build` refuses it.
    instance.ok_or_else(|| handshake.failed(&MissingInstance))
}

#[derive(Debug, thiserror::Error)]
#[error("no instance was given to the builder")]
struct MissingInstance;
