//! Exception handlers: which errors they take (EX-2).

#![deny(warnings)]

use std::{error::Error, fmt, io};

use stomp_axum::{
    __private::{ExceptionHandlerDefinition, Registration, Registrations},
    message::BoxError,
    prelude::*,
};

/// A handler, so that those for exceptions are of use.
#[message_mapping("/a")]
async fn handler() -> Result<(), io::Error> {
    Ok(())
}

#[message_exception_handler]
#[send_to_user("/queue/errors", broadcast = false)]
async fn concrete(text: String, error: &fmt::Error, #[header] trace: Option<String>) -> String {
    format!("{error} {text} {trace:?}")
}

#[send_to("/topic/{room}")]
#[message_exception_handler]
async fn by_path(_error: &std::io::Error, #[destination_variable] room: String) {
    drop(room);
}

mod other {
    use super::*;

    #[message_exception_handler(global)]
    pub async fn every(
        error: &(dyn Error + Send + Sync),
        user: Option<Principal>,
    ) -> Result<String, BoxError> {
        Ok(format!("{error} {user:?}"))
    }

    #[message_exception_handler(global)]
    pub async fn every_static(error: &(dyn Error + Send + Sync + 'static)) {
        let _ = error.is::<io::Error>();
    }
}

mod boxed {
    use super::*;

    #[message_exception_handler]
    pub async fn by_name(error: &BoxError) {
        let _ = error;
    }

    #[message_exception_handler]
    pub async fn written_out(error: &Box<dyn Error + Send + Sync>) {
        let _ = error;
    }
}

fn exception(registrations: &Registrations) -> &ExceptionHandlerDefinition {
    match &registrations.0[0] {
        Registration::ExceptionHandler(handler) => handler,
        other => panic!("{other:?}"),
    }
}

fn main() {
    let concrete = exception(&__stomp_handlers_concrete);
    assert_eq!(concrete.error.name, "fmt::Error");
    assert!(!concrete.global);
    let matches = concrete.error.matches.unwrap()().matches;
    assert!(matches(&fmt::Error) && !matches(&io::Error::other("")));
    assert!(!concrete.reply.send_to_user.unwrap().broadcast);

    let by_path = exception(&__stomp_handlers_by_path);
    assert_eq!(by_path.error.name, "std::io::Error");
    assert_eq!(by_path.reply.send_to, Some(["/topic/{room}"].as_slice()));

    for every in [
        &other::__stomp_handlers_every,
        &other::__stomp_handlers_every_static,
    ] {
        let every = exception(every);
        assert!(every.global && every.error.matches.is_none());
    }
    for boxed in [
        &boxed::__stomp_handlers_by_name,
        &boxed::__stomp_handlers_written_out,
    ] {
        let boxed = exception(boxed);
        assert!(!boxed.global && boxed.error.matches.is_none());
    }
}
