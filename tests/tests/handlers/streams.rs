//! Handlers that return streams. Spring refuses them (RV-3); for everything else they follow the rules of other replies:
//! RV-4, RV-5, RV-10, RV-16, SM-2, EX-1.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{Stream, StreamExt, stream};
use stomp_axum::{
    prelude::*,
    session::CloseReason,
    testing::{FrameExt, TestConnection},
};
use tokio::time::sleep;

use super::{builder, client, message, pair, send, subscribe};

const SECOND: Duration = Duration::from_secs(1);

/// Counts up to `end`, a number every second.
fn numbers(end: u32) -> impl Stream<Item = u32> + Send {
    stream::iter(1..=end).then(|number| async move {
        sleep(SECOND).await;
        number
    })
}

/// How many streams there are.
#[derive(Clone, Default)]
struct Streams(Arc<AtomicUsize>);

impl Streams {
    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts the stream until it is dropped.
    fn counted<S: Stream>(&self, stream: S) -> impl Stream<Item = S::Item> + use<S> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let counted = Counted(self.clone());
        stream.map(move |value| {
            let _counted = &counted;
            value
        })
    }
}

struct Counted(Streams);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Debug, thiserror::Error, serde::Serialize)]
#[error("no quote for {ticker}")]
struct NoQuote {
    ticker: &'static str,
}

mod handlers {
    use bytes::Bytes;
    use futures_util::stream::BoxStream;
    use stomp_axum::handler::{FailedHandler, HandlerPanicked, TooManyStreams};

    use super::*;

    pub(super) struct Controller;

    #[message_mapping]
    impl Controller {
        #[subscribe_mapping("/method")]
        async fn method(&self) -> impl Stream<Item = u32> + use<> {
            numbers(2)
        }
    }

    #[subscribe_mapping("/numbers")]
    async fn to_subscriber(State(streams): State<Streams>) -> impl Stream<Item = u32> {
        streams.counted(numbers(3))
    }

    #[subscribe_mapping("/forever")]
    async fn forever(State(streams): State<Streams>) -> impl Stream<Item = u32> {
        streams.counted(numbers(u32::MAX))
    }

    #[message_mapping("/forever")]
    async fn forever_to_all(State(streams): State<Streams>) -> impl Stream<Item = u32> {
        streams.counted(numbers(u32::MAX))
    }

    #[message_mapping("/default")]
    async fn to_default() -> BoxStream<'static, &'static str> {
        stream::iter(["a", "b"]).boxed()
    }

    #[message_mapping("/several/{room}")]
    #[send_to("/topic/{room}.one", "/topic/{room}.two")]
    async fn to_several() -> impl Stream<Item = Option<String>> {
        stream::iter([Some("a".to_owned()), None, Some("b".to_owned())])
    }

    #[message_mapping("/user")]
    #[send_to_user("/queue/reply", broadcast = false)]
    async fn to_user() -> Result<impl Stream<Item = Bytes>, NoQuote> {
        Ok(stream::iter(["a", "b"]).map(Bytes::from))
    }

    #[subscribe_mapping("/messages")]
    async fn messages() -> impl Stream<Item = Message> {
        stream::iter([Message::new("/ignored", "<a/>").with_header("x", "y")])
    }

    #[subscribe_mapping("/results")]
    async fn results() -> impl Stream<Item = Result<u32, NoQuote>> {
        let results = [Ok(1), Ok(2), Err(NoQuote { ticker: "VMW" }), Ok(3)];
        stream::iter(results)
    }

    #[subscribe_mapping("/refused")]
    async fn refused() -> Result<BoxStream<'static, Result<u32, NoQuote>>, NoQuote> {
        Err(NoQuote { ticker: "VMW" })
    }

    #[subscribe_mapping("/panics")]
    async fn panics() -> impl Stream<Item = u32> {
        stream::iter([1, 0]).map(|number| 1_u32.checked_div(number).expect("a number to divide by"))
    }

    #[subscribe_mapping("/fast")]
    async fn fast(State(streams): State<Streams>) -> impl Stream<Item = String> {
        streams.counted(stream::iter(0_u32..).map(|number| format!("{number:01000}")))
    }

    #[subscribe_mapping("/silent")]
    async fn silent(State(streams): State<Streams>) -> impl Stream<Item = ()> {
        streams.counted(stream::iter(0_u32..).map(|_| ()))
    }

    #[message_mapping("/late")]
    async fn late(State(streams): State<Streams>) -> impl Stream<Item = u32> {
        sleep(SECOND).await;
        streams.counted(numbers(u32::MAX))
    }

    #[message_mapping("/explained")]
    async fn explained() -> Result<(), std::fmt::Error> {
        Err(std::fmt::Error)
    }

    #[message_exception_handler]
    #[send_to("/topic/errors")]
    async fn explanation(
        _error: std::fmt::Error,
    ) -> impl Stream<Item = Result<&'static str, std::fmt::Error>> {
        stream::iter([Ok("first"), Ok("second"), Err(std::fmt::Error), Ok("never")])
    }

    #[message_exception_handler]
    #[send_to("/topic/errors")]
    async fn no_quote(error: NoQuote, handler: FailedHandler) -> String {
        format!("{error} in {}", handler.name())
    }

    #[message_exception_handler]
    #[send_to("/topic/errors")]
    async fn panicked(error: &HandlerPanicked) -> String {
        error.to_string()
    }

    #[message_exception_handler]
    #[send_to("/topic/errors")]
    async fn too_many(error: &TooManyStreams) -> &'static str {
        error.code()
    }
}

fn server() -> (Messaging, Streams) {
    server_with(|_| {})
}

fn server_with(change: impl FnOnce(&mut Limits)) -> (Messaging, Streams) {
    let streams = Streams::default();
    let mut limits = Limits::default();
    change(&mut limits);
    let messaging = builder(concat!(module_path!(), "::handlers"))
        .controller(handlers::Controller)
        .state(streams.clone())
        .limits(limits)
        .build()
        .unwrap();
    (messaging, streams)
}

/// Lets everything run that can.
async fn settle() {
    sleep(Duration::from_millis(1)).await;
}

#[tokio::test(start_paused = true)]
async fn sm_2_each_value_goes_to_the_subscriber_as_it_comes() {
    let (messaging, streams) = server();
    let mut other = client(&messaging, &["/topic/numbers"]).await;
    let mut client = TestConnection::connect(&messaging).await;
    // The RECEIPT does not wait for the end of the stream.
    let id = client.subscribe("/app/numbers").await;
    for number in 1..=3 {
        client
            .expect_silence(SECOND - Duration::from_millis(5))
            .await;
        let message = client.expect_message().await;
        assert_eq!(message.header("destination"), Some("/app/numbers"));
        assert_eq!(message.header("subscription"), Some(&*id));
        assert_eq!(message.json::<u32>(), number);
    }
    other.expect_silence(SECOND).await;
    client.expect_silence(SECOND).await;
    assert_eq!(streams.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn sm_3_messages_of_a_stream_have_ids_of_their_own() {
    let (messaging, _) = server();
    let mut client = TestConnection::connect(&messaging).await;
    client.subscribe("/app/numbers").await;
    let first = client.expect_message().await;
    let second = client.expect_message().await;
    assert_ne!(first.header("message-id"), second.header("message-id"));
    assert_eq!(first.header("content-type"), Some("application/json"));
}

#[tokio::test(start_paused = true)]
async fn a_controllers_method_returns_a_stream_that_does_not_borrow_from_it() {
    let (messaging, _) = server();
    let mut client = client(&messaging, &["/app/method"]).await;
    assert_eq!(message(&mut client).await, pair("/app/method", "1"));
    assert_eq!(message(&mut client).await, pair("/app/method", "2"));
}

#[tokio::test(start_paused = true)]
async fn other_frames_go_on_beside_it() {
    let (messaging, _) = server();
    let mut client = client(&messaging, &["/app/forever", "/topic/default"]).await;
    send(&client, "/app/default", "");
    assert_eq!(message(&mut client).await, pair("/topic/default", "a"));
    assert_eq!(message(&mut client).await, pair("/topic/default", "b"));
    assert_eq!(message(&mut client).await, pair("/app/forever", "1"));
}

#[tokio::test(start_paused = true)]
async fn rv_10_rv_12_rv_14_to_the_destinations_of_other_replies() {
    let (messaging, _) = server();
    let mut client = client(
        &messaging,
        &["/topic/default", "/topic/a.one", "/topic/a.two"],
    )
    .await;
    send(&client, "/app/default", "");
    for text in ["a", "b"] {
        assert_eq!(message(&mut client).await, pair("/topic/default", text));
    }
    // RV-2: `None` is no message.
    send(&client, "/app/several/a", "");
    for text in ["a", "b"] {
        assert_eq!(message(&mut client).await, pair("/topic/a.one", text));
        assert_eq!(message(&mut client).await, pair("/topic/a.two", text));
    }
}

#[tokio::test(start_paused = true)]
async fn rv_22_to_the_session_of_the_message() {
    let (messaging, _) = server();
    let mut sender = TestConnection::connect_as(&messaging, "ada").await;
    let mut other = TestConnection::connect_as(&messaging, "ada").await;
    for client in [&mut sender, &mut other] {
        subscribe(client, &["/user/queue/reply"]).await;
    }
    send(&sender, "/app/user", "");
    for text in ["a", "b"] {
        assert_eq!(message(&mut sender).await, pair("/user/queue/reply", text));
    }
    other.expect_silence(SECOND).await;
}

#[tokio::test(start_paused = true)]
async fn messages_of_a_stream_keep_their_headers() {
    let (messaging, _) = server();
    let mut client = TestConnection::connect(&messaging).await;
    client.subscribe("/app/messages").await;
    let message = client.expect_message().await;
    assert_eq!(message.header("x"), Some("y"));
    assert_eq!(message.header("destination"), Some("/app/messages"));
}

#[tokio::test(start_paused = true)]
async fn ex_1_an_error_of_the_stream_ends_it_and_goes_to_the_exception_handlers() {
    let (messaging, _) = server();
    let mut client = client(&messaging, &["/topic/errors", "/app/results"]).await;
    assert_eq!(message(&mut client).await, pair("/app/results", "1"));
    assert_eq!(message(&mut client).await, pair("/app/results", "2"));
    assert_eq!(
        message(&mut client).await,
        pair("/topic/errors", "no quote for VMW in results")
    );
    client.expect_silence(SECOND).await;
}

#[tokio::test(start_paused = true)]
async fn ex_1_an_error_instead_of_a_stream() {
    let (messaging, _) = server();
    let mut client = client(&messaging, &["/topic/errors"]).await;
    client.send("SUBSCRIBE\nid:r\ndestination:/app/refused\n\n\0");
    assert_eq!(
        message(&mut client).await,
        pair("/topic/errors", "no quote for VMW in refused")
    );
}

#[tokio::test(start_paused = true)]
async fn t_39_a_panic_of_the_stream_is_an_error_like_others() {
    let (messaging, _) = server();
    let mut client = client(&messaging, &["/topic/errors", "/app/panics"]).await;
    assert_eq!(message(&mut client).await, pair("/app/panics", "1"));
    assert_eq!(
        message(&mut client).await,
        pair(
            "/topic/errors",
            "the handler panicked: a number to divide by"
        )
    );
    send(&client, "/app/default", "");
    client.expect_silence(SECOND).await;
}

#[tokio::test(start_paused = true)]
async fn sub_011_it_ends_with_its_subscription_and_nothing_comes_behind_the_receipt() {
    let (messaging, streams) = server();
    let mut client = TestConnection::connect(&messaging).await;
    let first = client.subscribe("/app/forever").await;
    let second = client.subscribe("/app/forever").await;
    assert_eq!(streams.count(), 2);
    for _ in 0..4 {
        client.expect_message().await;
    }
    client.send(format!("UNSUBSCRIBE\nid:{first}\nreceipt:off\n\n\0"));
    client.expect_receipt("off").await;
    for _ in 0..3 {
        let message = client.expect_message().await;
        assert_eq!(message.header("subscription"), Some(&*second));
    }
    assert_eq!(streams.count(), 1);
}

/// SUB-014: in STOMP 1.0 a subscription may have no id.
#[tokio::test(start_paused = true)]
async fn sub_014_it_ends_with_a_subscription_that_is_named_by_its_destination() {
    let (messaging, streams) = server();
    let mut client = TestConnection::open(&messaging);
    client.send_connect("1.0").await;
    client.send("SUBSCRIBE\ndestination:/app/forever\n\n\0");
    client.expect_message().await;
    assert_eq!(streams.count(), 1);
    client.send("UNSUBSCRIBE\ndestination:/app/forever\nreceipt:off\n\n\0");
    client.expect_receipt("off").await;
    settle().await;
    assert_eq!(streams.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn it_ends_with_its_session() {
    let (messaging, streams) = server();
    for leave in ["DISCONNECT\n\n\0", ""] {
        let client = client(&messaging, &["/app/forever"]).await;
        send(&client, "/app/forever", "");
        settle().await;
        assert_eq!(streams.count(), 2);
        client.send(leave);
        drop(client);
        settle().await;
        assert_eq!(streams.count(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn it_ends_when_the_server_shuts_down() {
    let (messaging, streams) = server();
    let mut client = client(&messaging, &["/app/forever"]).await;
    settle().await;
    assert_eq!(streams.count(), 1);
    assert!(messaging.shutdown(2 * SECOND).await);
    assert_eq!(streams.count(), 0);
    client.expect_closed(CloseReason::Shutdown).await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_for_a_session_that_has_ended_is_not_started() {
    let (messaging, streams) = server();
    let mut watcher = client(&messaging, &["/topic/late"]).await;
    let client = TestConnection::connect(&messaging).await;
    send(&client, "/app/late", "");
    settle().await;
    drop(client);
    watcher.expect_silence(3 * SECOND).await;
    assert_eq!(streams.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn ex_9_ex_11_an_exception_handler_returns_a_stream_too_and_nobody_handles_its_errors() {
    let (messaging, _) = server();
    let mut client = client(&messaging, &["/topic/errors"]).await;
    send(&client, "/app/explained", "");
    for text in ["first", "second"] {
        assert_eq!(message(&mut client).await, pair("/topic/errors", text));
    }
    client.expect_silence(SECOND).await;
}

#[tokio::test(start_paused = true)]
async fn one_session_has_a_limited_number_of_them() {
    let (messaging, streams) = server_with(|limits| limits.streams = 2);
    let mut client = client(&messaging, &["/topic/errors"]).await;
    for _ in 0..3 {
        send(&client, "/app/forever", "");
    }
    assert_eq!(
        message(&mut client).await,
        pair("/topic/errors", "too-many-streams")
    );
    assert_eq!(streams.count(), 2);
}

/// T-23, IN-15: who sends to one client waits for it; a client that reads slowly is not cut off for it.
#[tokio::test(start_paused = true)]
async fn t_23_a_stream_to_one_client_waits_for_it() {
    let (messaging, streams) = server_with(|limits| limits.outbound_bytes = 20_000);
    let mut slow = TestConnection::open_slow(&messaging, 1);
    slow.send_connect("1.2").await;
    slow.send("SUBSCRIBE\nid:s\ndestination:/app/fast\n\n\0");
    for number in 0..200_usize {
        slow.expect_message().await;
        if number % 50 == 0 {
            // Less than the time after which a client that takes nothing is cut off.
            sleep(5 * SECOND).await;
            let waiting = messaging.sessions().sessions()[0].waiting_bytes();
            assert!(waiting <= 12_000, "{waiting} bytes wait");
        }
    }
    assert_eq!(streams.count(), 1);
    drop(slow);
    settle().await;
    assert_eq!(streams.count(), 0);
}

/// A stream that is always ready, and sends nothing, keeps nobody from running.
#[tokio::test(start_paused = true)]
async fn it_gives_way_to_others() {
    let (messaging, streams) = server();
    let mut client = client(&messaging, &["/app/silent", "/topic/default"]).await;
    send(&client, "/app/default", "");
    assert_eq!(message(&mut client).await, pair("/topic/default", "a"));
    assert_eq!(message(&mut client).await, pair("/topic/default", "b"));
    client.send("UNSUBSCRIBE\nid:0\nreceipt:off\n\n\0");
    client.expect_receipt("off").await;
    settle().await;
    assert_eq!(streams.count(), 0);
}
