//! Handlers and listeners are never cancelled half-way, whatever ends their session: also an ERROR.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use stomp_axum::{
    channel::MessageRejected,
    endpoint::{InboundMessage, InboundService},
    event::SessionConnectEvent,
    message::BoxError,
    prelude::*,
};
use tower::{Service, layer::layer_fn, service_fn};

use super::{handlers::Gate, *};

/// How many have run to their end.
#[derive(Clone, Default)]
struct Finished(Arc<AtomicUsize>);

impl Finished {
    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

mod handlers {
    use super::*;

    #[message_mapping("/slow")]
    pub(super) async fn slow(State(gate): State<Gate>, State(finished): State<Finished>) {
        gate.pass().await;
        finished.0.fetch_add(1, Ordering::Relaxed);
    }

    #[message_mapping("/beside", parallel = 2)]
    pub(super) async fn beside() {}
}

mod listeners {
    use super::*;

    #[event_listener]
    async fn connect(
        _event: SessionConnectEvent,
        State(gate): State<Gate>,
        State(finished): State<Finished>,
    ) {
        gate.pass().await;
        finished.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn build(
    module: &str,
    configure: impl FnOnce(MessagingBuilder) -> MessagingBuilder,
) -> (Messaging, Gate, Finished) {
    let (gate, finished) = (Gate::closed(), Finished::default());
    let builder = builder()
        .handlers(Handlers::in_module(&format!(
            "{}::{module}",
            module_path!()
        )))
        .state(gate.clone())
        .state(finished.clone());
    (configure(builder).build().unwrap(), gate, finished)
}

async fn runs_on(messaging: &Messaging, gate: &Gate, finished: &Finished) {
    assert_eq!(finished.count(), 0);
    gate.open(1);
    assert!(messaging.shutdown(5 * SECOND).await);
    assert_eq!(finished.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn hb_010_a_handler_runs_on_when_its_client_falls_silent() {
    let (messaging, gate, finished) = build("handlers", |builder| builder);
    let mut client = TestConnection::open(&messaging);
    client.send("CONNECT\naccept-version:1.2\nhost:h\nheart-beat:1000,0\n\n\0");
    client.expect_connected().await;
    client.send_to("/app/slow", "");
    client.expect_error("heart-beat-lost").await;
    runs_on(&messaging, &gate, &finished).await;
}

/// The refusal is that of a frame beside it.
#[tokio::test(start_paused = true)]
async fn a_handler_runs_on_when_a_frame_beside_it_is_refused() {
    let refusing = layer_fn(|inner: InboundService| {
        service_fn(move |message: InboundMessage| {
            let mut inner = inner.clone();
            async move {
                if message.message().destination() == Some("/app/beside") {
                    tokio::time::sleep(SECOND).await;
                    return Err(BoxError::from(MessageRejected::new("too-late", "too late")));
                }
                inner.call(message).await
            }
        })
    });
    let configure = |builder: MessagingBuilder| builder.inbound_layer(refusing);
    let (messaging, gate, finished) = build("handlers", configure);
    let mut client = connect(&messaging, "1.2").await;
    client.send_to("/app/beside", "");
    client.send_to("/app/slow", "");
    client.expect_error("too-late").await;
    runs_on(&messaging, &gate, &finished).await;
}

#[tokio::test(start_paused = true)]
async fn evt_02_listeners_of_connect_run_on_when_their_client_is_refused() {
    let (messaging, gate, finished) = build("listeners", |builder| builder);
    let mut client = TestConnection::open(&messaging);
    client.send("CONNECT\naccept-version:1.2\nhost:h\n\n\0");
    client.expect_silence(SECOND).await;
    client.send(vec![b'x'; Limits::default().pre_connect_bytes]);
    client.expect_error("too-large").await;
    runs_on(&messaging, &gate, &finished).await;
}
