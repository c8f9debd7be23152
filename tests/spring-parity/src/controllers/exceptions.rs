//! `ExceptionControllers.java`.

use stomp_axum::{handler::FailedHandler, message::BoxError, prelude::*};

use crate::failures;

pub(crate) struct Own;

#[message_mapping("/ex")]
impl Own {
    #[message_mapping("/own")]
    async fn own() -> Result<(), failures::Own> {
        Err(failures::Own)
    }

    #[message_mapping("/precise")]
    async fn precise() -> Result<(), failures::Precise> {
        Err(failures::Precise::default())
    }

    #[message_mapping("/cause")]
    async fn cause() -> Result<(), failures::Wrapper> {
        Err(failures::Wrapper::new(failures::Own))
    }

    #[message_mapping("/deep-cause")]
    async fn deep_cause() -> Result<(), failures::Wrapper> {
        let inner = failures::Wrapper::new(failures::Own);
        Err(failures::Wrapper::new(inner))
    }

    #[message_mapping("/everywhere")]
    async fn everywhere() -> Result<(), failures::Everywhere> {
        Err(failures::Everywhere)
    }

    #[message_mapping("/nowhere")]
    async fn nowhere() -> Result<(), failures::Nowhere> {
        Err(failures::Nowhere)
    }

    #[message_mapping("/panic")]
    async fn panic() {
        panic!("panic");
    }

    #[subscribe_mapping("/subscribe")]
    async fn subscribe() -> Result<String, failures::Own> {
        Err(failures::Own)
    }

    #[message_exception_handler]
    #[send_to_user("/queue/errors", broadcast = false)]
    async fn failed(_failure: &failures::Own) -> &'static str {
        "own"
    }

    #[message_exception_handler]
    #[send_to_user("/queue/errors", broadcast = false)]
    async fn failed_precisely(_failure: &failures::Precise) -> &'static str {
        "precise"
    }
}

pub(crate) struct Superclass;

#[message_mapping("/ex/superclass")]
impl Superclass {
    #[message_mapping("/precise")]
    async fn precise() -> Result<(), failures::Precise> {
        Err(failures::Precise::default())
    }

    #[message_exception_handler]
    #[send_to_user("/queue/errors", broadcast = false)]
    async fn failed(_failure: &failures::Own) -> &'static str {
        "superclass"
    }
}

pub(crate) struct Broad;

#[message_mapping("/ex/broad")]
impl Broad {
    #[message_mapping("/everywhere")]
    async fn everywhere() -> Result<(), failures::Everywhere> {
        Err(failures::Everywhere)
    }

    #[message_mapping("/argument")]
    async fn argument(#[header("x")] _x: i32) {}

    #[message_exception_handler]
    #[send_to_user("/queue/errors", broadcast = false)]
    async fn failed(_failure: &BoxError) -> &'static str {
        "broad"
    }
}

pub(crate) struct Arguments;

#[message_mapping("/ex/arguments")]
impl Arguments {
    #[message_mapping("/{id}")]
    async fn fails() -> Result<(), failures::Own> {
        Err(failures::Own)
    }

    #[message_exception_handler]
    #[send_to_user("/queue/errors/{id}", broadcast = false)]
    async fn failed(
        _failure: &failures::Own,
        #[destination_variable] id: i32,
        #[header] x: String,
        principal: Principal,
        body: String,
    ) -> String {
        format!("{id} {x} {} {body}", principal.name())
    }
}

pub(crate) struct Default;

#[message_mapping("/ex/default")]
impl Default {
    #[message_mapping("/reply")]
    async fn reply() -> Result<(), failures::Own> {
        Err(failures::Own)
    }

    #[message_mapping("/silent")]
    async fn silent() -> Result<(), failures::Precise> {
        Err(failures::Precise::default())
    }

    #[subscribe_mapping("/subscribe")]
    async fn subscribe() -> Result<String, failures::Own> {
        Err(failures::Own)
    }

    #[message_exception_handler]
    async fn failed(_failure: &failures::Own) -> &'static str {
        "to everybody"
    }

    #[message_exception_handler]
    async fn failed_silently(_failure: &failures::Precise) {}
}

pub(crate) struct Failing;

#[message_mapping("/ex/failing")]
impl Failing {
    #[message_mapping("/handler")]
    async fn fails() -> Result<(), failures::Own> {
        Err(failures::Own)
    }

    #[message_exception_handler]
    #[send_to("/topic/errors")]
    async fn failed(_failure: &failures::Own) -> Result<String, failures::Everywhere> {
        Err(failures::Everywhere)
    }
}

pub(crate) struct Trading;

#[message_mapping("/ex/handler")]
impl Trading {
    #[message_mapping("/buy")]
    async fn buy() -> Result<(), failures::Own> {
        Err(failures::Own)
    }

    #[message_mapping("/sell")]
    async fn sell() -> Result<(), failures::Own> {
        Err(failures::Own)
    }

    #[message_mapping("/detail")]
    async fn detail() -> Result<(), failures::Detailed> {
        Err(failures::Detailed { detail: 7 })
    }

    #[message_mapping("/wrapped")]
    async fn wrapped() -> Result<(), failures::Wrapper> {
        Err(failures::Wrapper::new(failures::Detailed { detail: 7 }))
    }

    #[message_mapping("/written")]
    async fn written(accessor: MessageHeaderAccessor) -> Result<(), failures::Precise> {
        accessor.set_native_header("x-note", "written");
        Err(failures::Precise::default())
    }

    #[message_exception_handler]
    #[send_to_user("/queue/errors", broadcast = false)]
    async fn failed(_failure: &failures::Own, handler: FailedHandler) -> &'static str {
        handler.name()
    }

    #[message_exception_handler]
    #[send_to_user("/queue/errors", broadcast = false)]
    async fn failed_in_detail(failure: failures::Detailed) -> String {
        format!("detail {}", failure.detail)
    }

    #[message_exception_handler]
    #[send_to_user("/queue/errors", broadcast = false)]
    async fn failed_with_note(
        _failure: &failures::Precise,
        #[header("x-note")] note: String,
    ) -> String {
        note
    }
}
