//! The arguments of all methods but the constructor and `#[on_message]`, and what all methods may take.

use std::{
    any::{Any, type_name},
    convert::Infallible,
};

use stomp_core::{
    handler::{ExtractError, Requirements, State},
    message::{BoxError, Principal},
    session::SessionAttributes,
};

use super::{Call, EndpointError, Session, payload::OfNoKind};
use crate::websocket::CloseStatus;

/// A type that can be an argument of the methods of a server endpoint: something that the session has, or that the
/// application provides.
///
/// There are [`Session`], [`Principal`] (a client that has not logged in is an error), [`State<T>`](State),
/// [`SessionAttributes`], an `Option` of `Principal` and `State<T>`, and a `Result` with the
/// [`Rejection`](Self::Rejection) of any of them. Implement it for a type of your own:
///
/// ```
/// use stomp_axum::server_endpoint::{FromSession, Session};
///
/// struct Locale(String);
///
/// impl FromSession for Locale {
///     type Rejection = std::convert::Infallible;
///
///     async fn from_session(session: &Session) -> Result<Self, Self::Rejection> {
///         Ok(Self(session.query_parameter("locale").unwrap_or_else(|| "en".to_owned())))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be an argument of a server endpoint",
    label = "not something that a session has",
    note = "implement `FromSession` for it"
)]
pub trait FromSession: Sized {
    /// Why it can't be taken: [`EndpointError::Argument`].
    type Rejection: Into<BoxError>;

    /// Takes it.
    ///
    /// # Errors
    ///
    /// If it is not there; the method is not called then.
    fn from_session(
        session: &Session,
    ) -> impl Future<Output = Result<Self, Self::Rejection>> + Send;

    /// Says what the application must provide, so that `build()` can check it.
    fn requirements(_requirements: &mut Requirements) {}
}

impl FromSession for Session {
    type Rejection = Infallible;

    async fn from_session(session: &Session) -> Result<Self, Infallible> {
        Ok(session.clone())
    }
}

impl FromSession for SessionAttributes {
    type Rejection = Infallible;

    async fn from_session(session: &Session) -> Result<Self, Infallible> {
        Ok(session.attributes().clone())
    }
}

impl FromSession for Principal {
    type Rejection = ExtractError;

    async fn from_session(session: &Session) -> Result<Self, ExtractError> {
        session
            .principal()
            .cloned()
            .ok_or(ExtractError::MissingPrincipal)
    }
}

impl FromSession for Option<Principal> {
    type Rejection = Infallible;

    async fn from_session(session: &Session) -> Result<Self, Infallible> {
        Ok(session.principal().cloned())
    }
}

impl<T: Any + Clone + Send> FromSession for State<T> {
    type Rejection = ExtractError;

    async fn from_session(session: &Session) -> Result<Self, ExtractError> {
        session.state().ok_or(ExtractError::MissingState {
            type_name: type_name::<T>(),
        })
    }

    fn requirements(requirements: &mut Requirements) {
        requirements.state::<T>();
    }
}

impl<T: Any + Clone + Send> FromSession for Option<State<T>> {
    type Rejection = Infallible;

    async fn from_session(session: &Session) -> Result<Self, Infallible> {
        Ok(session.state())
    }
}

impl<T: FromSession + Send> FromSession for Result<T, T::Rejection> {
    type Rejection = Infallible;

    async fn from_session(session: &Session) -> Result<Self, Infallible> {
        Ok(T::from_session(session).await)
    }

    fn requirements(requirements: &mut Requirements) {
        T::requirements(requirements);
    }
}

pub(super) async fn extract<T: FromSession>(session: &Session) -> Result<T, EndpointError> {
    let taken = T::from_session(session).await;
    taken.map_err(EndpointError::argument)
}

/// Marks what the session has.
#[derive(Debug)]
pub enum ViaSession {}

/// Marks what the method is called for.
#[derive(Debug)]
pub enum ViaEvent {}

/// An argument of a method that is called for `E`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be an argument of this method of a server endpoint",
    label = "not something that a session has",
    note = "messages belong to `#[on_message]`, the `CloseStatus` to `#[on_close]`, the `EndpointError` to `#[on_error]`",
    note = "the `Session` of the prelude is that of STOMP: take `stomp_axum::server_endpoint::Session`",
    note = "take it as `State<..>` if the application provides it",
    note = "implement `FromSession` if it is taken from the session in another way"
)]
pub trait FromCall<E, Via>: Sized {
    /// Takes it.
    fn from_call(call: &Call<E>) -> impl Future<Output = Result<Self, EndpointError>> + Send;
}

#[diagnostic::do_not_recommend]
impl<T: FromSession, E: Sync> FromCall<E, ViaSession> for T {
    fn from_call(call: &Call<E>) -> impl Future<Output = Result<Self, EndpointError>> + Send {
        extract(&call.session)
    }
}

#[diagnostic::do_not_recommend]
impl FromCall<CloseStatus, ViaEvent> for CloseStatus {
    async fn from_call(call: &Call<CloseStatus>) -> Result<Self, EndpointError> {
        Ok(call.event.clone())
    }
}

#[diagnostic::do_not_recommend]
impl FromCall<EndpointError, ViaEvent> for EndpointError {
    async fn from_call(call: &Call<EndpointError>) -> Result<Self, EndpointError> {
        Ok(call.event.clone())
    }
}

macro_rules! of_no_kind {
    ($($ty:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl FromCall<OfNoKind, ViaEvent> for $ty {
            async fn from_call(call: &Call<OfNoKind>) -> Result<Self, EndpointError> {
                match call.event {}
            }
        }
    )*};
}

of_no_kind!(CloseStatus, EndpointError);

/// Takes an argument.
pub async fn argument<T: FromCall<E, Via>, E, Via>(call: &Call<E>) -> Result<T, EndpointError> {
    T::from_call(call).await
}

/// An argument of an `#[on_error]`, which may be the error.
#[derive(Debug)]
pub struct ErrorArgument<T>(std::marker::PhantomData<T>);

/// The argument is the error.
#[derive(Debug)]
pub struct TheError;

/// The argument is something else.
#[derive(Debug)]
pub struct NoError;

impl ErrorArgument<EndpointError> {
    /// What it is.
    pub const KIND: TheError = TheError;
}

/// All other arguments.
pub trait OtherErrorArgument {
    /// What it is.
    const KIND: NoError = NoError;
}

impl<T> OtherErrorArgument for ErrorArgument<T> {}

/// Of two arguments, the error.
pub trait EitherError<Next> {
    /// The error, if one of them is.
    type Error;

    /// The error, if one of them is.
    fn or(self, next: Next) -> Self::Error;
}

impl<N> EitherError<N> for NoError {
    type Error = N;

    fn or(self, next: N) -> N {
        next
    }
}

impl<N> EitherError<N> for TheError {
    type Error = Self;

    fn or(self, _: N) -> Self {
        self
    }
}

/// Looks for the error among arguments.
pub fn either<A: EitherError<B>, B>(a: A, b: B) -> A::Error {
    a.or(b)
}

/// The error is among the arguments.
#[diagnostic::on_unimplemented(
    message = "an `#[on_error]` takes the error",
    label = "none of its arguments is an `EndpointError`",
    note = "take it: `error: EndpointError`"
)]
pub trait TakesError {}

impl TakesError for TheError {}

/// Has the compiler check that the error is among the arguments (JSR-15).
pub fn takes_error<E: TakesError>(_: E) {}

/// A type that is asked what it requires.
#[derive(Debug)]
pub struct Probe<T>(std::marker::PhantomData<T>);

impl<T> Probe<T> {
    /// Asks the type.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "generated code calls it")]
    pub const fn new() -> Self {
        Self(std::marker::PhantomData)
    }
}

impl<T: FromSession> Probe<T> {
    /// Says what it requires.
    pub fn requirements(self, requirements: &mut Requirements) {
        T::requirements(requirements);
    }
}

/// A type that requires nothing: a payload, for example.
pub trait NotProbed: Sized {
    /// Nothing.
    fn requirements(self, _: &mut Requirements) {}
}

impl<T> NotProbed for Probe<T> {}
