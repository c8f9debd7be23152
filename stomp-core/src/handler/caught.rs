//! How an exception handler gets the error: by reference, or by value.

use std::{error::Error, marker::PhantomData};

use super::{ErrorType, FromMessage, MessageContext, Requirements, error::chain};
use crate::message::BoxError;

const TAKEN: &str = "an exception handler takes the error once, or refers to it";
const NOT_MATCHED: &str = "the routing table matched the type of the error";

/// The first error of type `E` along the chain of sources.
///
/// # Panics
///
/// If there is none. An exception handler is called only for errors that its [`ErrorType`] matches.
pub fn find_error<E: Error + 'static>(error: &Option<BoxError>) -> &E {
    chain(&**any_error(error))
        .find_map(<dyn Error>::downcast_ref)
        .expect(NOT_MATCHED)
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

/// An argument of type `T` of an exception handler that has no reference to an error: the error itself, if `T` is one,
/// or else what any handler can take.
///
/// An inherent item goes before that of a trait: so the items below are those of an error for an error, and those of
/// [`OtherExceptionArgument`] for any other type. A trait with an implementation for each could not tell an error that
/// can also be deserialised.
#[derive(Debug)]
pub struct ExceptionArgument<T>(PhantomData<T>);

impl<T: Error + 'static> ExceptionArgument<T> {
    /// Whether an error is of this type.
    pub const MATCHES: Option<fn(&(dyn Error + 'static)) -> bool> = Some(|error| error.is::<T>());

    /// Takes the error.
    ///
    /// # Panics
    ///
    /// If it was taken, or is not of this type.
    pub async fn take(_: &MessageContext, error: &mut Option<BoxError>) -> Result<T, BoxError> {
        let error = take_any_error(error).downcast().expect(NOT_MATCHED);
        Ok(*error)
    }

    /// An error needs nothing of the application.
    pub fn requirements(_: &mut Requirements) {}
}

/// An argument of an exception handler that is no error.
pub trait OtherExceptionArgument<T> {
    /// It is no error.
    const MATCHES: Option<fn(&(dyn Error + 'static)) -> bool> = None;

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

    /// Says what the argument requires.
    fn requirements<Via>(requirements: &mut Requirements)
    where
        T: FromMessage<Via>,
    {
        T::requirements(requirements);
    }
}

impl<T> OtherExceptionArgument<T> for ExceptionArgument<T> {}

/// Which of the arguments of an exception handler are errors. There should be one.
#[derive(Clone, Copy, Debug)]
pub struct ErrorArguments {
    /// How many.
    pub count: usize,
    /// The last one.
    pub error: ErrorType,
}

impl ErrorArguments {
    /// None yet.
    pub const NONE: Self = Self {
        count: 0,
        error: ErrorType {
            name: "",
            matches: None,
            by_value: true,
        },
    };

    /// Adds an argument.
    #[must_use]
    pub const fn and(
        self,
        name: &'static str,
        matches: Option<fn(&(dyn Error + 'static)) -> bool>,
    ) -> Self {
        if matches.is_none() {
            return self;
        }
        Self {
            count: self.count + 1,
            error: ErrorType {
                name,
                matches,
                by_value: true,
            },
        }
    }
}
