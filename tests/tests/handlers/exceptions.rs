//! Section 4 of the messaging rules: EX.

use std::time::Duration;

use stomp_axum::handler::Handlers;

use super::{builder, builder_without_handlers, client, message, pair, send};

#[derive(Debug, thiserror::Error)]
#[error("connection refused")]
struct Refused;

#[derive(Debug, thiserror::Error)]
#[error("the socket failed")]
struct SocketError(#[source] Refused);

#[derive(Debug, thiserror::Error)]
#[error("the trade failed")]
struct TradeError(#[source] SocketError);

#[derive(Debug, thiserror::Error)]
#[error("out of stock")]
struct OutOfStock;

fn trade_error() -> TradeError {
    TradeError(SocketError(Refused))
}

mod chain {
    use stomp_axum::{
        handler::HandlerPanicked, message_exception_handler, message_mapping, send_to,
    };

    use super::{OutOfStock, Refused, SocketError, TradeError, trade_error};

    #[message_mapping("/trade")]
    async fn trade() -> Result<(), TradeError> {
        Err(trade_error())
    }

    #[message_mapping("/stock")]
    async fn stock() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Err(OutOfStock.into())
    }

    #[message_mapping("/panic")]
    async fn panic(text: String) {
        panic!("because of {text}");
    }

    #[message_mapping("/panic-later")]
    async fn panic_later() {
        tokio::task::yield_now().await;
        panic!("later");
    }

    #[message_exception_handler]
    #[send_to("/topic/errors")]
    async fn refused(error: &Refused) -> String {
        format!("refused: {error}")
    }

    #[message_exception_handler]
    #[send_to("/topic/errors")]
    async fn socket(error: &SocketError, destination: stomp_axum::handler::Destination) -> String {
        format!("socket at {destination}: {error}")
    }

    #[message_exception_handler]
    #[send_to("/topic/errors")]
    async fn panicked(error: &HandlerPanicked) -> String {
        error.to_string()
    }

    #[message_exception_handler]
    #[send_to("/topic/errors")]
    async fn anything(error: &(dyn std::error::Error + Send + Sync)) -> String {
        format!("anything: {error}")
    }
}

#[tokio::test(start_paused = true)]
async fn ex_3_the_closest_type_along_the_source_chain_wins() {
    let messaging = builder(concat!(module_path!(), "::chain")).build().unwrap();
    let mut client = client(&messaging, &["/topic/errors"]).await;
    send(&client, "/app/trade", "");
    assert_eq!(
        message(&mut client).await.1,
        "socket at /app/trade: the socket failed"
    );
    send(&client, "/app/stock", "");
    assert_eq!(message(&mut client).await.1, "anything: out of stock");
}

#[tokio::test(start_paused = true)]
async fn t_39_a_panic_is_an_error_like_others() {
    let messaging = builder(concat!(module_path!(), "::chain")).build().unwrap();
    let mut client = client(&messaging, &["/topic/errors"]).await;
    send(&client, "/app/panic", "Ada");
    assert_eq!(
        message(&mut client).await.1,
        "the handler panicked: because of Ada"
    );
    send(&client, "/app/panic-later", "");
    assert_eq!(message(&mut client).await.1, "the handler panicked: later");
}

mod scopes {
    use stomp_axum::{message_exception_handler, message_mapping, send_to};

    use super::{OutOfStock, TradeError, trade_error};

    pub(super) struct Controller;

    #[message_mapping("/controller")]
    impl Controller {
        #[message_mapping("/stock")]
        async fn stock(&self) -> Result<(), OutOfStock> {
            Err(OutOfStock)
        }

        #[message_mapping("/trade")]
        async fn trade(&self) -> Result<(), TradeError> {
            Err(trade_error())
        }

        #[message_exception_handler]
        #[send_to("/topic/errors")]
        async fn out_of_stock(&self, _error: &OutOfStock) -> &'static str {
            "the controller's own"
        }
    }

    // Beside the controller, but not of it.
    #[message_mapping("/free")]
    async fn free() -> Result<(), OutOfStock> {
        Err(OutOfStock)
    }

    #[message_exception_handler]
    #[send_to("/topic/errors")]
    async fn of_the_module(_error: &(dyn std::error::Error + Send + Sync)) -> &'static str {
        "the module's own"
    }

    pub(super) mod elsewhere {
        use stomp_axum::{message_exception_handler, message_mapping, send_to};

        use super::super::OutOfStock;

        #[message_mapping("/elsewhere")]
        async fn elsewhere() -> Result<(), OutOfStock> {
            Err(OutOfStock)
        }

        #[message_exception_handler(global)]
        #[send_to("/topic/errors")]
        async fn global(error: &(dyn std::error::Error + Send + Sync)) -> String {
            format!("global: {error}")
        }
    }
}

#[tokio::test(start_paused = true)]
async fn ex_4_tc_65_own_handlers_first_and_then_the_global_ones() {
    let messaging = builder(concat!(module_path!(), "::scopes"))
        .controller(scopes::Controller)
        .build()
        .unwrap();
    let mut client = client(&messaging, &["/topic/errors"]).await;
    for (destination, handler) in [
        ("/app/controller/stock", "the controller's own"),
        ("/app/controller/trade", "global: the trade failed"),
        ("/app/free", "the module's own"),
        ("/app/elsewhere", "global: out of stock"),
    ] {
        send(&client, destination, "");
        assert_eq!(message(&mut client).await.1, handler, "{destination}");
    }
}

mod failing {
    use stomp_axum::{message_exception_handler, message_mapping};

    use super::{OutOfStock, Refused};

    #[message_mapping("/unhandled")]
    async fn unhandled() -> Result<(), Refused> {
        Err(Refused)
    }

    #[message_mapping("/twice")]
    async fn twice() -> Result<(), OutOfStock> {
        Err(OutOfStock)
    }

    #[message_exception_handler]
    async fn fails_too(_error: &OutOfStock) -> Result<(), Refused> {
        Err(Refused)
    }

    #[message_mapping("/alive")]
    async fn alive() -> &'static str {
        "alive"
    }
}

#[tokio::test(start_paused = true)]
async fn ex_11_ex_13_tc_66_unhandled_errors_leave_the_session_alone() {
    let messaging = builder(concat!(module_path!(), "::failing"))
        .build()
        .unwrap();
    let mut client = client(&messaging, &["/topic/alive"]).await;
    client.send("SEND\ndestination:/app/unhandled\nreceipt:never\n\n\0");
    client.send("SEND\ndestination:/app/twice\nreceipt:never\n\n\0");
    // No RECEIPT either: the frames were not processed.
    client.expect_silence(Duration::from_secs(60)).await;
    send(&client, "/app/alive", "");
    assert_eq!(message(&mut client).await, pair("/topic/alive", "alive"));
}

mod default_reply {
    use stomp_axum::{message::BoxError, message_exception_handler, message_mapping};

    use super::OutOfStock;

    #[message_mapping("/stock")]
    async fn stock() -> Result<(), OutOfStock> {
        Err(OutOfStock)
    }

    #[message_exception_handler]
    async fn unannotated(error: &BoxError) -> String {
        error.to_string()
    }
}

#[tokio::test(start_paused = true)]
async fn ex_12_without_send_to_the_reply_goes_to_the_default_destination() {
    let messaging = builder(concat!(module_path!(), "::default_reply"))
        .build()
        .unwrap();
    let mut client = client(&messaging, &["/topic/stock"]).await;
    send(&client, "/app/stock", "");
    assert_eq!(
        message(&mut client).await,
        pair("/topic/stock", "out of stock")
    );
}

#[tokio::test(start_paused = true)]
async fn a_subset_of_handlers_brings_only_its_own_exception_handlers() {
    let messaging = builder_without_handlers()
        .handlers(Handlers::in_module(concat!(
            module_path!(),
            "::scopes::elsewhere"
        )))
        .build()
        .unwrap();
    let mut client = client(&messaging, &["/topic/errors"]).await;
    send(&client, "/app/elsewhere", "");
    assert_eq!(message(&mut client).await.1, "global: out of stock");
}
