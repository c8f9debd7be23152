//! Handlers that take several messages of one session at the same time: the opposite of OR-3, asked for.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use stomp_axum::{handler::HandlerPanicked, prelude::*, session::CloseReason};

use super::{handlers::Gate, *};

/// Counts the calls that run at the same time, and the most that ever did.
#[derive(Clone, Default)]
struct Running {
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Running {
    async fn until(&self, gate: Gate) {
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(now, Ordering::Relaxed);
        gate.pass().await;
        self.now.fetch_sub(1, Ordering::Relaxed);
    }

    fn now(&self) -> usize {
        self.now.load(Ordering::Relaxed)
    }

    fn most(&self) -> usize {
        self.most.load(Ordering::Relaxed)
    }
}

mod annotated {
    use super::*;

    #[message_mapping("/three", parallel = 3)]
    #[send_to("/topic/done")]
    pub(super) async fn three(
        text: String,
        State(gate): State<Gate>,
        State(running): State<Running>,
    ) -> String {
        running.until(gate).await;
        text
    }

    #[message_mapping("/one")]
    #[send_to("/topic/done")]
    pub(super) async fn one(text: String) -> String {
        text
    }

    #[message_mapping("/slow")]
    pub(super) async fn slow(State(gate): State<Gate>, State(running): State<Running>) {
        running.until(gate).await;
    }

    #[message_mapping("/panic", parallel = 2)]
    pub(super) async fn panics(State(gate): State<Gate>) {
        gate.pass().await;
        panic!("beside others");
    }

    #[message_exception_handler]
    #[send_to("/topic/done")]
    pub(super) async fn panicked(error: &HandlerPanicked) -> String {
        error.to_string()
    }
}

mod controllers {
    use super::*;

    pub(super) struct Controller;

    #[message_mapping("/controller", parallel = 2)]
    impl Controller {
        #[message_mapping("/two")]
        async fn two(State(gate): State<Gate>, State(running): State<Running>) {
            running.until(gate).await;
        }

        #[message_mapping("/one", parallel = 1)]
        async fn one(State(gate): State<Gate>, State(running): State<Running>) {
            running.until(gate).await;
        }
    }

    #[message_mapping("/module", parallel = 2)]
    mod module {
        use super::*;

        #[message_mapping("/two")]
        async fn two(State(gate): State<Gate>, State(running): State<Running>) {
            running.until(gate).await;
        }
    }
}

fn server(module: &str, change: impl FnOnce(&mut Limits)) -> (Messaging, Gate, Running) {
    server_with(module, change, |builder| builder)
}

fn server_with(
    module: &str,
    change: impl FnOnce(&mut Limits),
    configure: impl FnOnce(MessagingBuilder) -> MessagingBuilder,
) -> (Messaging, Gate, Running) {
    let (gate, running) = (Gate::closed(), Running::default());
    let mut limits = Limits::default();
    change(&mut limits);
    let builder = builder()
        .handlers(Handlers::in_module(&format!(
            "{}::{module}",
            module_path!()
        )))
        .state(gate.clone())
        .state(running.clone())
        .limits(limits);
    (configure(builder).build().unwrap(), gate, running)
}

fn send_with_receipt(client: &TestConnection, destination: &str, receipt: &str) {
    client.send(format!(
        "SEND\ndestination:{destination}\nreceipt:{receipt}\n\n{receipt}\0"
    ));
}

/// Lets everything run that can.
async fn settle(client: &mut TestConnection) {
    client.expect_silence(Duration::from_millis(1)).await;
}

#[tokio::test(start_paused = true)]
async fn or_1_up_to_n_messages_at_the_same_time_and_the_frames_behind_them_go_on() {
    let (messaging, gate, running) = server("annotated", |_| {});
    let mut client = subscriber(&messaging, "/topic/done").await;
    for receipt in ["a", "b", "c"] {
        send_with_receipt(&client, "/app/three", receipt);
    }
    send_with_receipt(&client, "/app/one", "behind");
    // A handler that does not say so is not parallel, but does not wait for those that are.
    assert_eq!(message(&mut client).await.1, "behind");
    client.expect_receipt("behind").await;
    assert_eq!(running.now(), 3);
    // RECEIPTs come when their frames are handled.
    for receipt in ["a", "b", "c"] {
        gate.open(1);
        assert_eq!(message(&mut client).await.1, receipt);
        client.expect_receipt(receipt).await;
    }
    settle(&mut client).await;
    assert_eq!(running.now(), 0);
}

#[tokio::test(start_paused = true)]
async fn or_1_one_more_than_n_waits_and_so_do_the_frames_behind_it() {
    let (messaging, gate, running) = server("annotated", |_| {});
    let mut client = subscriber(&messaging, "/topic/done").await;
    for receipt in ["a", "b", "c", "d"] {
        send_with_receipt(&client, "/app/three", receipt);
    }
    send_with_receipt(&client, "/app/one", "behind");
    settle(&mut client).await;
    assert_eq!(running.now(), 3);
    gate.open(1);
    assert_eq!(message(&mut client).await.1, "a");
    client.expect_receipt("a").await;
    assert_eq!(message(&mut client).await.1, "behind");
    client.expect_receipt("behind").await;
    assert_eq!(running.now(), 3);
    // The limit is that of one session.
    let mut other = subscriber(&messaging, "/topic/other").await;
    send_with_receipt(&other, "/app/three", "x");
    settle(&mut other).await;
    assert_eq!(running.now(), 4);
}

#[tokio::test(start_paused = true)]
async fn or_3_without_parallel_one_after_another() {
    let (messaging, gate, running) = server("annotated", |_| {});
    let mut client = connect(&messaging, "1.2").await;
    for receipt in ["a", "b"] {
        send_with_receipt(&client, "/app/slow", receipt);
    }
    settle(&mut client).await;
    assert_eq!(running.now(), 1);
    gate.open(2);
    client.expect_receipt("a").await;
    client.expect_receipt("b").await;
    assert_eq!(running.most(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_class_says_it_for_its_handlers_and_a_handler_for_itself() {
    let (messaging, gate, running) = server_with(
        "controllers",
        |_| {},
        |builder| builder.controller(controllers::Controller),
    );
    for (destination, most) in [
        ("/app/controller/two", 2),
        ("/app/controller/one", 1),
        ("/app/module/two", 2),
    ] {
        let mut client = connect(&messaging, "1.2").await;
        for receipt in ["a", "b", "c"] {
            send_with_receipt(&client, destination, receipt);
        }
        settle(&mut client).await;
        assert_eq!(running.now(), most, "{destination}");
        gate.open(3);
        for receipt in ["a", "b", "c"] {
            client.expect_receipt(receipt).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_builder_says_it_for_all_that_don_t() {
    let (messaging, gate, running) = server_with(
        "controllers",
        |_| {},
        |builder| {
            builder
                .controller(controllers::Controller)
                .parallel_handlers(3)
        },
    );
    let mut client = connect(&messaging, "1.2").await;
    for receipt in ["a", "b", "c"] {
        send_with_receipt(&client, "/app/controller/two", receipt);
    }
    settle(&mut client).await;
    assert_eq!(running.now(), 2);
    gate.open(3);
    for receipt in ["a", "b", "c"] {
        client.expect_receipt(receipt).await;
    }

    let (messaging, gate, running) =
        server_with("annotated", |_| {}, |builder| builder.parallel_handlers(2));
    let mut client = connect(&messaging, "1.2").await;
    for receipt in ["a", "b", "c"] {
        send_with_receipt(&client, "/app/slow", receipt);
    }
    settle(&mut client).await;
    assert_eq!(running.now(), 2);
    gate.open(3);
    for receipt in ["a", "b", "c"] {
        client.expect_receipt(receipt).await;
    }
    assert_eq!(running.most(), 2);
}

#[test]
fn no_messages_at_all_is_a_mistake() {
    let error = builder().parallel_handlers(0).build().unwrap_err();
    assert!(error.to_string().contains("parallel_handlers"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn rcp_014_disconnect_waits_for_all() {
    let (messaging, gate, running) = server("annotated", |_| {});
    let mut client = connect(&messaging, "1.2").await;
    client.send(
        "SEND\ndestination:/app/three\nreceipt:a\n\na\0\
         SEND\ndestination:/app/three\nreceipt:b\n\nb\0\
         DISCONNECT\nreceipt:bye\n\n\0",
    );
    settle(&mut client).await;
    assert_eq!(running.now(), 2);
    gate.open(1);
    client.expect_receipt("a").await;
    settle(&mut client).await;
    gate.open(1);
    client.expect_receipt("b").await;
    client.expect_receipt("bye").await;
    client.expect_closed(CloseReason::Disconnected).await;
}

#[tokio::test(start_paused = true)]
async fn t_39_a_panic_ends_its_own_message_only() {
    let (messaging, gate, running) = server("annotated", |_| {});
    let mut client = subscriber(&messaging, "/topic/done").await;
    send_with_receipt(&client, "/app/panic", "panic");
    settle(&mut client).await;
    send_with_receipt(&client, "/app/three", "a");
    settle(&mut client).await;
    assert_eq!(running.now(), 1);
    gate.open(2);
    assert_eq!(
        message(&mut client).await.1,
        "the handler panicked: beside others"
    );
    client.expect_receipt("panic").await;
    assert_eq!(message(&mut client).await.1, "a");
    client.expect_receipt("a").await;
}

/// What runs counts as what waits: the server reads no more than `inbound_frames` ahead.
#[tokio::test(start_paused = true)]
async fn frames_that_are_handled_are_bounded_by_inbound_frames() {
    let (messaging, gate, running) = server_with(
        "annotated",
        |limits| limits.inbound_frames = 4,
        |builder| builder.parallel_handlers(100),
    );
    let mut client = connect(&messaging, "1.2").await;
    for number in 0..20 {
        send_with_receipt(&client, "/app/slow", &number.to_string());
    }
    settle(&mut client).await;
    assert_eq!(running.now(), 4);
    gate.open(20);
    for number in 0..20 {
        client.expect_receipt(&number.to_string()).await;
    }
    assert_eq!(running.most(), 4);
}

#[tokio::test(start_paused = true)]
async fn rcp_013_when_the_client_is_lost_what_runs_is_finished_and_what_waits_is_started() {
    let (messaging, gate, running) = server("annotated", |_| {});
    let mut watcher = subscriber(&messaging, "/topic/done").await;
    let mut client = connect(&messaging, "1.2").await;
    for receipt in ["a", "b", "c", "d"] {
        send_with_receipt(&client, "/app/three", receipt);
    }
    settle(&mut client).await;
    drop(client);
    settle(&mut watcher).await;
    assert_eq!(messaging.connection_count(), 1);
    assert_eq!(running.now(), 3);
    gate.open(4);
    for text in ["a", "b", "c", "d"] {
        assert_eq!(message(&mut watcher).await.1, text);
    }
    assert_eq!(running.most(), 3);
    assert_eq!(running.now(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_ends_the_session_and_not_what_runs() {
    let (messaging, gate, running) = server("annotated", |_| {});
    let mut watcher = subscriber(&messaging, "/topic/done").await;
    let mut client = connect(&messaging, "1.2").await;
    send_with_receipt(&client, "/app/three", "a");
    settle(&mut client).await;
    client.send("SEND\ndestination:/nowhere\n\n\0");
    client.expect_error("unknown-destination").await;
    assert_eq!(running.now(), 1);
    gate.open(1);
    assert_eq!(message(&mut watcher).await.1, "a");
}

#[tokio::test(start_paused = true)]
async fn shutting_down_waits_for_all() {
    let (messaging, gate, running) = server("annotated", |_| {});
    let mut client = connect(&messaging, "1.2").await;
    for receipt in ["a", "b"] {
        send_with_receipt(&client, "/app/three", receipt);
    }
    settle(&mut client).await;
    assert!(!messaging.shutdown(SECOND).await);
    assert_eq!(running.now(), 2);
    gate.open(2);
    assert!(messaging.shutdown(SECOND).await);
    assert_eq!(running.now(), 0);
}

/// A heart-beat is missed by nobody, and frames in one piece are handled like others.
#[tokio::test(start_paused = true)]
async fn frames_in_one_piece_are_started_together() {
    let (messaging, gate, running) = server("annotated", |_| {});
    let mut client = subscriber(&messaging, "/topic/done").await;
    client.send(
        "SEND\ndestination:/app/three\nreceipt:a\n\na\0\
         SEND\ndestination:/app/one\nreceipt:b\n\nb\0\
         SEND\ndestination:/app/three\nreceipt:c\n\nc\0\
         UNSUBSCRIBE\nid:s\nreceipt:d\n\n\0",
    );
    assert_eq!(message(&mut client).await.1, "b");
    client.expect_receipt("b").await;
    client.expect_receipt("d").await;
    assert_eq!(running.now(), 2);
    gate.open(2);
    client.expect_receipt("a").await;
    client.expect_receipt("c").await;
}
