//! How an exception handler gets the error: by reference, or by value.

use std::{any::TypeId, error::Error, marker::PhantomData};

use super::{ErrorMatch, ErrorType, FromMessage, MessageContext, error::chain};
use crate::message::BoxError;

const TAKEN: &str = "an exception handler takes the error once, or refers to it";
const NOT_MATCHED: &str = "the routing table matched the type of the error";

/// An error that an exception handler takes. It is there for the compiler's advice only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no error that an exception handler can take",
    label = "`{Self}` does not implement `std::error::Error`",
    note = "implement `std::error::Error` for it, for example with `#[derive(Debug, thiserror::Error)]`",
    note = "`BoxError`, or `&(dyn Error + Send + Sync)`, is every error"
)]
pub trait CaughtError: Sized {
    /// How the routing table knows errors of this type.
    fn error_match() -> ErrorMatch;

    /// The first error of this type along the chain of sources.
    ///
    /// # Panics
    ///
    /// If there is none. An exception handler is called only for errors that its `ErrorType` matches.
    fn find(error: &Option<BoxError>) -> &Self;

    /// The error, by value.
    ///
    /// # Panics
    ///
    /// If it was taken, or is not of this type.
    fn take(error: &mut Option<BoxError>) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Error + 'static> CaughtError for T {
    fn error_match() -> ErrorMatch {
        ErrorMatch {
            id: TypeId::of::<T>(),
            matches: |error| error.is::<T>(),
        }
    }

    fn find(error: &Option<BoxError>) -> &T {
        chain(&**any_error(error))
            .find_map(<dyn Error>::downcast_ref)
            .expect(NOT_MATCHED)
    }

    fn take(error: &mut Option<BoxError>) -> T {
        *take_any_error(error).downcast().expect(NOT_MATCHED)
    }
}

/// `CaughtError::error_match`, as the compiler's advice needs it.
pub fn error_match<T: CaughtError>() -> ErrorMatch {
    T::error_match()
}

/// `CaughtError::find`, as the compiler's advice needs it.
pub fn find_error<T: CaughtError>(error: &Option<BoxError>) -> &T {
    T::find(error)
}

/// `CaughtError::take`, as the compiler's advice needs it.
pub fn take_error<T: CaughtError>(error: &mut Option<BoxError>) -> T {
    T::take(error)
}

/// The error, whatever it is.
///
/// # Panics
///
/// If it was taken.
pub fn any_error(error: &Option<BoxError>) -> &BoxError {
    error.as_ref().expect(TAKEN)
}

/// The error, whatever it is, by value.
///
/// # Panics
///
/// If it was taken.
pub fn take_any_error(error: &mut Option<BoxError>) -> BoxError {
    error.take().expect(TAKEN)
}

/// An argument of type `T` of an exception handler that has several, none of which is a reference: the error itself, if
/// `T` is one, or else what any handler can take.
///
/// An inherent item goes before that of a trait: so the items below are those of an error for an error, and those of
/// `OtherExceptionArgument` for any other type. A trait with an implementation for each could not tell an error that
/// can also be deserialised.
#[derive(Debug)]
pub struct ExceptionArgument<T>(PhantomData<T>);

impl<T: Error + 'static> ExceptionArgument<T> {
    /// It is an error.
    pub const KIND: IsError = IsError;
    /// How the routing table knows it.
    pub const MATCHES: Option<GetErrorMatch> = Some(error_match::<T>);

    /// Takes the error.
    pub async fn take(_: &MessageContext, error: &mut Option<BoxError>) -> Result<T, BoxError> {
        Ok(take_error(error))
    }
}

/// An argument of an exception handler that is no error.
pub trait OtherExceptionArgument<T> {
    /// It is no error.
    const KIND: IsNoError = IsNoError;
    /// It matches none.
    const MATCHES: Option<GetErrorMatch> = None;

    /// Takes the argument from the message.
    fn take<Via>(
        context: &MessageContext,
        _: &mut Option<BoxError>,
    ) -> impl Future<Output = Result<T, BoxError>> + Send
    where
        T: FromMessage<Via>,
    {
        super::generated::extract(context)
    }
}

impl<T> OtherExceptionArgument<T> for ExceptionArgument<T> {}

/// The error of an exception handler, found among its arguments.
#[must_use]
pub const fn error_among(arguments: &[(&'static str, Option<GetErrorMatch>)]) -> ErrorType {
    let mut error = ErrorType {
        name: "",
        matches: None,
        by_value: true,
    };
    let mut index = 0;
    while index < arguments.len() {
        let (name, matches) = arguments[index];
        if matches.is_some() {
            error.name = name;
            error.matches = matches;
        }
        index += 1;
    }
    error
}

/// A function, since a static can't hold the id of a type.
type GetErrorMatch = fn() -> ErrorMatch;

/// The `KIND` of an error.
#[derive(Clone, Copy, Debug)]
pub struct IsError;

/// The `KIND` of what is no error.
#[derive(Clone, Copy, Debug)]
pub struct IsNoError;

/// None of the arguments that were looked at is an error. Types do the counting, since a panic in a static does not
/// show the place where it belongs.
#[derive(Debug, Default)]
pub struct NoError;

/// One of them is.
#[derive(Debug, Default)]
pub struct OneError;

/// More than one of them is.
#[derive(Debug, Default)]
pub struct SeveralErrors;

/// What becomes of a count by one more argument of the kind `K`.
pub trait Count<K> {
    /// The next count.
    type Next: Default;
}

impl<C: Default> Count<IsNoError> for C {
    type Next = C;
}

impl Count<IsError> for NoError {
    type Next = OneError;
}

impl Count<IsError> for OneError {
    type Next = SeveralErrors;
}

impl Count<IsError> for SeveralErrors {
    type Next = Self;
}

/// Looks at one more argument.
pub fn count_argument<C: Count<K>, K>(_: C, _: K) -> C::Next {
    C::Next::default()
}

/// The count of errors that is right.
#[diagnostic::on_unimplemented(
    message = "an exception handler takes one error: by reference or by value",
    label = "none of its arguments is an error, or more than one is",
    note = "`error: &TradeError` is an error of this type, also as a source of another error",
    note = "`error: TradeError` is one that the handler itself has returned",
    note = "`&(dyn Error + Send + Sync)`, or `BoxError`, is every error"
)]
pub trait TakesOneError {}

impl TakesOneError for OneError {}

/// Checks the count.
pub fn takes_one_error<C: TakesOneError>(_: C) {}
