//! `GlobalErrors.java`: what no controller handles itself. The texts are not those of the errors, which differ.

use stomp_axum::{
    handler::{ExtractError, HandlerPanicked, ValidationError},
    message::PayloadError,
    message_exception_handler, send_to_user,
};

use crate::failures;

#[message_exception_handler(global)]
#[send_to_user("/queue/errors", broadcast = false)]
async fn everywhere(_failure: &failures::Everywhere) -> &'static str {
    "everywhere"
}

#[message_exception_handler(global)]
#[send_to_user("/queue/errors", broadcast = false)]
async fn panicked(_panic: &HandlerPanicked) -> &'static str {
    "panicked"
}

#[message_exception_handler(global)]
#[send_to_user("/queue/errors", broadcast = false)]
async fn argument(error: &ExtractError) -> &'static str {
    match error {
        ExtractError::Payload(PayloadError::Missing { .. }) => "no payload",
        ExtractError::Payload(_) => "unreadable payload",
        ExtractError::MissingHeader { .. } => "missing header",
        ExtractError::InvalidHeader { .. } | ExtractError::InvalidDestinationVariable { .. } => {
            "can't be converted"
        }
        ExtractError::MissingPrincipal => "no principal",
        _ => "missing argument",
    }
}

#[message_exception_handler(global)]
#[send_to_user("/queue/errors", broadcast = false)]
async fn invalid(error: &ValidationError) -> String {
    let mut fields: Vec<_> = error.problems().map(|(path, _)| path.to_string()).collect();
    fields.sort_unstable();
    fields.dedup();
    format!("invalid {}", fields.join(" "))
}
