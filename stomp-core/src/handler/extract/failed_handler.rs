use std::{convert::Infallible, fmt};

use super::{
    super::{Function, MessageContext, Requirements},
    FromMessage,
};

/// In an exception handler: the handler that failed, for logs (EX-7). Spring passes a `HandlerMethod`.
///
/// ```
/// use stomp_axum::{handler::FailedHandler, message::BoxError, prelude::*};
///
/// #[message_exception_handler]
/// async fn failed(error: BoxError, handler: FailedHandler) {
///     eprintln!("{handler}: {error}");
/// }
/// # #[message_mapping("/fails")]
/// # async fn fails() -> Result<(), BoxError> { Err("for the example".into()) }
/// ```
///
/// As an argument of any other handler it is a mistake that `build()` finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailedHandler(&'static Function);

impl FailedHandler {
    /// The function's name; for a method with its type, such as `TradeController::buy`.
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// The module in which it stands, as `module_path!()` gives it.
    pub fn module(&self) -> &'static str {
        self.0.module
    }

    /// The source file in which it stands.
    pub fn file(&self) -> &'static str {
        self.0.file
    }

    /// The line in that file.
    pub fn line(&self) -> u32 {
        self.0.line
    }
}

impl fmt::Display for FailedHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromMessage for FailedHandler {
    type Rejection = Infallible;

    async fn from_message(context: &MessageContext) -> Result<Self, Infallible> {
        Ok(Self(context.function))
    }

    fn requirements(requirements: &mut Requirements) {
        requirements.failed_handler();
    }
}
