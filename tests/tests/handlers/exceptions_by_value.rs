//! Exception handlers that take the error itself: EX-2, EX-3, EX-7, EX-11.

use std::sync::{Arc, Mutex};

use stomp_axum::testing::{FrameExt, TestConnection};

use super::{builder, client, message, send};

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("out of stock")]
struct OutOfStock(Vec<String>);

#[derive(Debug, thiserror::Error)]
#[error("the trade failed")]
struct TradeError(#[source] OutOfStock);

/// An error that is also the payload of clients, and of replies.
#[derive(Debug, thiserror::Error, serde::Serialize, serde::Deserialize)]
#[error("limit {limit}")]
struct LimitError {
    limit: u32,
}

fn out_of_stock() -> OutOfStock {
    OutOfStock(vec!["hat".to_owned(), "shoe".to_owned()])
}

mod handlers {
    use stomp_axum::{
        handler::{ExtractError, FailedHandler, HandlerPanicked, State},
        message_exception_handler, message_mapping, send_to,
    };

    use super::{LimitError, OutOfStock, TradeError, out_of_stock};

    #[message_mapping("/stock")]
    async fn stock() -> Result<(), OutOfStock> {
        Err(out_of_stock())
    }

    #[message_mapping("/trade")]
    async fn trade() -> Result<(), TradeError> {
        Err(TradeError(out_of_stock()))
    }

    #[message_mapping("/limit")]
    async fn limit() -> Result<(), LimitError> {
        Err(LimitError { limit: 7 })
    }

    #[message_mapping("/number")]
    async fn number(_number: u32) {}

    #[message_mapping("/panic")]
    async fn panic() {
        panic!("of the handler")
    }

    #[message_exception_handler]
    #[send_to("/topic/errors")]
    async fn owned(OutOfStock(goods): OutOfStock) -> Vec<String> {
        goods
    }

    #[message_exception_handler]
    #[send_to("/topic/errors")]
    async fn with_arguments(
        State(name): State<&'static str>,
        error: LimitError,
        text: String,
        failed: FailedHandler,
    ) -> String {
        let module = failed.module().rsplit_once("::").unwrap().1;
        format!(
            "{name}: {error} for {text:?} in {module}::{}",
            failed.name()
        )
    }

    #[message_exception_handler]
    #[send_to("/topic/errors")]
    async fn of_arguments(error: ExtractError) -> String {
        format!("argument: {error}")
    }

    #[message_exception_handler]
    #[send_to("/topic/errors")]
    async fn panicked(error: HandlerPanicked) -> String {
        format!("{}: {}", error.code(), error.message)
    }

    #[message_exception_handler]
    #[send_to("/topic/errors")]
    async fn anything(error: stomp_axum::message::BoxError) -> String {
        format!("anything: {error}")
    }
}

async fn connected(module: &str) -> TestConnection {
    let messaging = builder(&format!("{}::{module}", module_path!()))
        .state("state")
        .build()
        .unwrap();
    client(&messaging, &["/topic/errors"]).await
}

#[tokio::test(start_paused = true)]
async fn ex_2_the_error_itself_is_an_argument() {
    let mut client = connected("handlers").await;
    send(&client, "/app/stock", "");
    let message = client.expect_message().await;
    assert_eq!(message.json::<Vec<String>>(), ["hat", "shoe"]);
}

#[tokio::test(start_paused = true)]
async fn ex_3_a_source_of_another_error_can_not_be_taken_out_of_it() {
    let mut client = connected("handlers").await;
    send(&client, "/app/trade", "");
    assert_eq!(message(&mut client).await.1, "anything: the trade failed");
}

#[tokio::test(start_paused = true)]
async fn ex_7_with_other_arguments_and_the_handler_that_failed() {
    let mut client = connected("handlers").await;
    send(&client, "/app/limit", "body");
    assert_eq!(
        message(&mut client).await.1,
        "state: limit 7 for \"body\" in handlers::limit"
    );
}

#[tokio::test(start_paused = true)]
async fn ex_1_t_39_errors_of_arguments_and_panics() {
    let mut client = connected("handlers").await;
    send(&client, "/app/number", "seven");
    let text = message(&mut client).await.1;
    assert!(text.starts_with("argument: "), "{text}");
    send(&client, "/app/panic", "");
    assert_eq!(
        message(&mut client).await.1,
        "handler-panicked: of the handler"
    );
}

mod both_kinds {
    use stomp_axum::{message_exception_handler, message_mapping, send_to};

    use super::{OutOfStock, TradeError, out_of_stock};

    pub(super) struct Controller;

    #[message_mapping]
    impl Controller {
        #[message_mapping("/stock")]
        async fn stock(&self) -> Result<(), OutOfStock> {
            Err(out_of_stock())
        }

        #[message_mapping("/trade")]
        async fn trade(&self) -> Result<(), TradeError> {
            Err(TradeError(out_of_stock()))
        }

        #[message_exception_handler]
        #[send_to("/topic/errors")]
        async fn by_value(&self, error: TradeError) -> String {
            format!("by value: {error}")
        }

        #[message_exception_handler]
        #[send_to("/topic/errors")]
        async fn by_reference(&self, error: &OutOfStock) -> String {
            format!("by reference: {error}")
        }
    }
}

#[tokio::test(start_paused = true)]
async fn ex_3_the_closest_wins_whichever_way_it_takes_the_error() {
    let messaging = builder(concat!(module_path!(), "::both_kinds"))
        .controller(both_kinds::Controller)
        .build()
        .unwrap();
    let mut client = client(&messaging, &["/topic/errors"]).await;
    send(&client, "/app/trade", "");
    assert_eq!(message(&mut client).await.1, "by value: the trade failed");
    send(&client, "/app/stock", "");
    assert_eq!(message(&mut client).await.1, "by reference: out of stock");
}

mod twice {
    use stomp_axum::{message_exception_handler, message_mapping};

    use super::OutOfStock;

    #[message_mapping("/stock")]
    async fn stock() {}

    #[message_exception_handler]
    async fn by_value(_error: OutOfStock) {}

    #[message_exception_handler]
    async fn by_reference(_error: &OutOfStock) {}
}

#[test]
fn ex_2_two_ways_to_take_one_error_are_ambiguous() {
    let error = builder(concat!(module_path!(), "::twice"))
        .build()
        .unwrap_err()
        .to_string();
    assert!(error.contains("OutOfStock"), "{error}");
    assert!(error.contains("twice::by_value"), "{error}");
}

mod misplaced {
    use stomp_axum::{handler::FailedHandler, message_mapping};

    #[message_mapping("/misplaced")]
    async fn misplaced(_failed: FailedHandler) {}
}

#[test]
fn ex_7_a_handler_that_has_not_failed_is_a_mistake() {
    let error = builder(concat!(module_path!(), "::misplaced"))
        .build()
        .unwrap_err()
        .to_string();
    assert!(error.contains("misplaced::misplaced"), "{error}");
    assert!(error.contains("`FailedHandler`"), "{error}");
}

mod failing {
    use stomp_axum::{message_exception_handler, message_mapping};

    use super::{OutOfStock, out_of_stock};

    #[message_mapping("/twice")]
    async fn twice() -> Result<(), OutOfStock> {
        Err(out_of_stock())
    }

    #[message_exception_handler]
    async fn fails_too(error: OutOfStock) -> Result<(), std::io::Error> {
        drop(error);
        Err(std::io::Error::other("the second"))
    }

    #[message_mapping("/errors")]
    async fn alive() -> &'static str {
        "alive"
    }
}

#[tokio::test(start_paused = true)]
async fn ex_11_a_second_error_leaves_the_session_alone_and_both_are_logged() {
    let log = Log::default();
    let _logging = log.start();
    let mut client = connected("failing").await;
    client.send("SEND\ndestination:/app/twice\nreceipt:never\n\n\0");
    send(&client, "/app/errors", "");
    assert_eq!(message(&mut client).await.1, "alive");
    let log = log.text();
    let line = log.lines().find(|line| line.contains("the second"));
    let line = line.unwrap_or_else(|| panic!("the second error is not in {log:?}"));
    assert!(line.contains("out of stock"), "{line}");
    assert!(line.contains("failing::fails_too"), "{line}");
}

/// What this thread logs.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn start(&self) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || log.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
