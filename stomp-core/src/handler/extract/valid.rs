use std::{
    fmt,
    ops::{Deref, DerefMut},
};

use garde::{Path, Report, Validate};

use super::{
    super::{ExtractError, MessageContext, Requirements},
    FromMessage, Json, Payload,
};
use crate::message::{BoxError, Message};

/// An argument that is validated, with the rules that its type has for the crate `garde` (feature `garde`): Spring's
/// `@Valid` and `@Validated` (AR-44).
///
/// `T` is the payload, or [`Payload`], [`Json`] or [`Message`] of it, or any other argument that implements
/// `garde::Validate`. It is taken first, as without `Valid`; then it is validated, and the handler is not called if it
/// does not hold. An `Option` that is `None` is valid.
///
/// The rules must be those of garde 0.23: a type that derives `Validate` of another version is no `Validate` here, and
/// does not compile as an argument.
///
/// ```standalone_crate
/// use garde::Validate;
/// use serde::Deserialize;
/// use stomp_axum::{handler::{Valid, ValidationError}, message_exception_handler, message_mapping, send_to_user};
///
/// #[derive(Deserialize, Validate)]
/// struct Order {
///     #[garde(length(min = 1))]
///     ticker: String,
///     #[garde(range(min = 1, max = 1000))]
///     shares: u32,
/// }
///
/// #[message_mapping("/orders")]
/// async fn order(Valid(order): Valid<Order>) {
///     assert!(order.shares > 0);
/// }
///
/// #[message_exception_handler]
/// #[send_to_user("/queue/errors", broadcast = false)]
/// async fn invalid(error: &ValidationError) -> String {
///     error.to_string() // "the message is not valid: shares: greater than 1000"
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Valid<T>(pub T);

/// An argument is not valid (AR-44). Code: `validation-failed`.
///
/// The text names the fields and what is wrong with each, and may be sent to clients.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the message is not valid: {}", Problems(report))]
pub struct ValidationError {
    report: Report,
}

impl ValidationError {
    /// All that is wrong.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The path of each field, and what is wrong with it. The path is empty for the value as a whole.
    pub fn problems(&self) -> impl Iterator<Item = (&Path, &str)> {
        let problems = self.report.iter();
        problems.map(|(path, error)| (path, error.message()))
    }

    /// A word for programs: `validation-failed`.
    pub fn code(&self) -> &'static str {
        "validation-failed"
    }
}

/// A report in one line.
struct Problems<'a>(&'a Report);

impl fmt::Display for Problems<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (path, error)) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            let colon = if path.is_empty() { "" } else { ": " };
            write!(f, "{separator}{path}{colon}{error}")?;
        }
        Ok(())
    }
}

/// Why a [`Valid`] can't be taken.
///
/// Exception handlers see the error that is in it: so they take `&ExtractError` or `&ValidationError`. For the same
/// reason this is no `std::error::Error` itself.
#[derive(Debug)]
pub enum ValidRejection<E = ExtractError> {
    /// The argument can't be taken at all.
    Extract(E),
    /// It can be taken, and is not valid.
    Invalid(ValidationError),
}

impl ValidRejection {
    /// The code of the error that is in it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Extract(error) => error.code(),
            Self::Invalid(error) => error.code(),
        }
    }
}

impl<E: fmt::Display> fmt::Display for ValidRejection<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Extract(error) => error.fmt(f),
            Self::Invalid(error) => error.fmt(f),
        }
    }
}

impl<E: Into<BoxError>> From<ValidRejection<E>> for BoxError {
    fn from(rejection: ValidRejection<E>) -> Self {
        match rejection {
            ValidRejection::Extract(error) => error.into(),
            ValidRejection::Invalid(error) => error.into(),
        }
    }
}

/// Marks a [`Valid`] of an argument.
#[derive(Debug)]
pub struct ViaValid<Via>(std::marker::PhantomData<Via>);

#[diagnostic::do_not_recommend]
impl<T, Via> FromMessage<ViaValid<Via>> for Valid<T>
where
    T: FromMessage<Via> + Validate<Context: Default> + Send,
{
    type Rejection = ValidRejection<T::Rejection>;

    async fn from_message(context: &MessageContext) -> Result<Self, Self::Rejection> {
        let value = T::from_message(context)
            .await
            .map_err(ValidRejection::Extract)?;
        match value.validate() {
            Ok(()) => Ok(Self(value)),
            Err(report) => Err(ValidRejection::Invalid(ValidationError { report })),
        }
    }

    fn requirements(requirements: &mut Requirements) {
        T::requirements(requirements);
    }
}

impl<T> Deref for Valid<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Valid<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// What wraps a payload is valid if the payload is; the paths are those within the payload.
macro_rules! validate_payload {
    ($($wrapper:ident => |$this:ident| $payload:expr;)*) => {
        $(impl<T: Validate> Validate for $wrapper<T> {
            type Context = T::Context;

            fn validate_into(
                &self,
                context: &Self::Context,
                parent: &mut dyn FnMut() -> Path,
                report: &mut Report,
            ) {
                let $this = self;
                $payload.validate_into(context, parent, report);
            }
        })*
    };
}

validate_payload! {
    Payload => |this| this.0;
    Json => |this| this.0;
    Message => |this| this.payload();
}
