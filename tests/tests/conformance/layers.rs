//! `tower` layers over the inbound channel: EP-30, PERF-01, and that none of them leaks a subscription.

use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use stomp_axum::{
    channel::MessageRejected,
    endpoint::{InboundMessage, InboundOutcome, InboundService},
    message::{BoxError, Message, MessageType},
    session::CloseReason,
    testing::FrameExt,
};
use tokio::sync::Notify;
use tower::{
    Layer, Service, ServiceBuilder,
    buffer::BufferLayer,
    layer::layer_fn,
    limit::{ConcurrencyLimitLayer, GlobalConcurrencyLimitLayer, RateLimitLayer},
    load_shed::LoadShedLayer,
    service_fn,
    timeout::TimeoutLayer,
    util::BoxService,
};

use super::*;

/// A layer that waits as many milliseconds as the body says before it passes a message on.
fn slow()
-> impl Layer<InboundService, Service = BoxService<InboundMessage, InboundOutcome, BoxError>> + Clone
{
    layer_fn(|inner: InboundService| {
        BoxService::new(service_fn(move |message: InboundMessage| {
            let mut inner = inner.clone();
            async move {
                let body = std::str::from_utf8(message.message().payload()).unwrap();
                let millis = body.parse().unwrap_or_default();
                tokio::time::sleep(Duration::from_millis(millis)).await;
                inner.call(message).await
            }
        }))
    })
}

#[tokio::test(start_paused = true)]
async fn a_timeout_refuses_what_takes_too_long() {
    let messaging = builder()
        .inbound_layer(TimeoutLayer::new(SECOND))
        .inbound_layer(slow())
        .build()
        .unwrap();
    let mut client = subscriber(&messaging, "/topic/a").await;
    client.send_to("/topic/a", "999");
    assert_eq!(message(&mut client).await.1, "999");
    let start = Instant::now();
    client.send("SEND\ndestination:/topic/a\nreceipt:r\n\n1001\0");
    let error = client.expect_error("not-processed").await;
    assert_passed(start, SECOND);
    assert_eq!(error.header("receipt-id"), Some("r"));
    // No word of what the server is made of.
    assert_eq!(error.text(), "the message was not processed");
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_makes_each_client_wait_for_itself() {
    let messaging = builder()
        .inbound_layer(RateLimitLayer::new(2, SECOND))
        .build()
        .unwrap();
    let (mut one, mut other) = (
        connect(&messaging, "1.2").await,
        connect(&messaging, "1.2").await,
    );
    let start = Instant::now();
    for _ in 0..6 {
        send(&mut one, "/topic/a", "x").await;
    }
    assert_passed(start, 2 * SECOND);
    send(&mut other, "/topic/a", "x").await;
    send(&mut other, "/topic/a", "x").await;
    assert_passed(start, 2 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn perf_01_a_concurrency_limit_for_all_sessions() {
    let messaging = builder()
        .inbound_layer(GlobalConcurrencyLimitLayer::new(2))
        .inbound_layer(slow())
        .build()
        .unwrap();
    let start = Instant::now();
    let mut clients = Vec::new();
    for _ in 0..6 {
        let client = connect(&messaging, "1.2").await;
        client.send("SEND\ndestination:/topic/a\nreceipt:r\n\n1000\0");
        clients.push(client);
    }
    for client in &mut clients {
        client.expect_receipt("r").await;
    }
    assert_passed(start, 3 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn layers_that_ask_each_other_belong_together() {
    let both = ServiceBuilder::new()
        .layer(LoadShedLayer::new())
        .layer(GlobalConcurrencyLimitLayer::new(1));
    let messaging = builder()
        .inbound_layer(layer_fn(move |inner| both.clone().service(inner)))
        .inbound_layer(slow())
        .build()
        .unwrap();
    let mut one = connect(&messaging, "1.2").await;
    let mut other = connect(&messaging, "1.2").await;
    one.send("SEND\ndestination:/topic/a\nreceipt:r\n\n1000\0");
    tokio::time::sleep(SECOND / 2).await;
    other.send("SEND\ndestination:/topic/a\nreceipt:r\n\n1000\0");
    other.expect_error("not-processed").await;
    one.expect_receipt("r").await;
}

#[tokio::test(start_paused = true)]
async fn ep_30_the_first_layer_is_outermost_and_the_order_of_a_session_stays() {
    let log = Arc::new(Mutex::new(Vec::new()));
    let logging = |name: &'static str| {
        let log = log.clone();
        layer_fn(move |inner: InboundService| {
            let log = log.clone();
            service_fn(move |message: InboundMessage| {
                let (mut inner, log) = (inner.clone(), log.clone());
                let body = String::from_utf8_lossy(message.message().payload()).into_owned();
                log.lock().unwrap().push(format!("{name} {body}"));
                async move {
                    let outcome = inner.call(message).await?;
                    assert!(outcome.is_processed());
                    log.lock().unwrap().push(format!("{name} done"));
                    Ok::<_, BoxError>(outcome)
                }
            })
        })
    };
    let messaging = builder()
        .inbound_layer(logging("outer"))
        .inbound_layer(logging("inner"))
        .inbound_layer(slow())
        .inbound_interceptor(|message: Message| Ok(Some(message)))
        .build()
        .unwrap();
    let mut client = connect(&messaging, "1.2").await;
    client.send_to("/topic/a", "100");
    client.send_to("/topic/a", "50");
    send(&mut client, "/topic/a", "0").await;
    let mut expected = Vec::new();
    for body in ["100", "50", "0"] {
        expected.extend([format!("outer {body}"), format!("inner {body}")]);
        expected.extend(["inner done".to_owned(), "outer done".to_owned()]);
    }
    assert_eq!(*log.lock().unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn layers_see_send_and_subscribe_with_their_session_and_may_change_them() {
    let log = Arc::new(Mutex::new(Vec::new()));
    let seen = log.clone();
    let layer = layer_fn(move |inner: InboundService| {
        let seen = seen.clone();
        service_fn(move |mut message: InboundMessage| {
            let user = message.session().principal().unwrap().name().to_owned();
            let subscription = message.message().subscription_id().map(str::to_owned);
            let line = (message.message().message_type(), user, subscription);
            seen.lock().unwrap().push(line);
            // Type, session and subscription id are gone, and restored.
            *message.message_mut() = Message::new("/topic/changed", "changed");
            inner.clone().call(message)
        })
    });
    let messaging = builder().inbound_layer(layer).build().unwrap();
    let mut client = TestConnection::connect_as(&messaging, "joe").await;
    subscribe(&mut client, "s", "/topic/a").await;
    client.send_to("/topic/b", "x");
    let received = client.expect_message().await;
    assert_eq!(received.text(), "changed");
    assert_eq!(received.header("subscription"), Some("s"));
    assert_eq!(received.header("destination"), Some("/topic/changed"));
    client.send("UNSUBSCRIBE\nid:s\n\n\0DISCONNECT\nreceipt:r\n\n\0");
    client.expect_receipt("r").await;
    let joe = || "joe".to_owned();
    let expected = [
        (MessageType::Subscribe, joe(), Some("s".to_owned())),
        (MessageType::Message, joe(), None),
    ];
    assert_eq!(*log.lock().unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn errors_of_layers_are_errors_and_swallowed_messages_have_no_receipt() {
    #[derive(Debug, thiserror::Error)]
    #[error("wrapped")]
    struct Wrapped(#[source] MessageRejected);

    let layer = layer_fn(|inner: InboundService| {
        service_fn(move |message: InboundMessage| {
            let mut inner = inner.clone();
            async move {
                let rejected = || MessageRejected::new("no-thanks", "no: really");
                match &message.message().payload()[..] {
                    b"rejected" => Err(rejected().into()),
                    b"wrapped" => Err(Wrapped(rejected()).into()),
                    b"error" => Err("secret".into()),
                    b"panic" => panic!("on purpose"),
                    b"swallowed" => Ok(InboundOutcome::swallowed()),
                    b"instead" => Ok(InboundOutcome::processed()),
                    b"nowhere" => {
                        let mut message = message;
                        *message.message_mut() = Message::new("/nowhere", "");
                        let result = inner.call(message).await;
                        let error = result.unwrap_err();
                        let rejected = error.downcast_ref::<MessageRejected>().unwrap();
                        assert_eq!(rejected.code(), "unknown-destination");
                        Err(error)
                    }
                    _ => inner.call(message).await,
                }
            }
        })
    });
    let messaging = builder().inbound_layer(layer).build().unwrap();
    for (body, code) in [
        ("rejected", "no-thanks"),
        ("wrapped", "no-thanks"),
        ("error", "not-processed"),
        ("panic", "internal-error"),
        ("nowhere", "unknown-destination"),
    ] {
        let mut client = connect(&messaging, "1.2").await;
        client.send(format!("SEND\ndestination:/topic/a\nreceipt:r\n\n{body}\0"));
        let error = client.expect_error(code).await;
        assert_eq!(error.header("receipt-id"), Some("r"));
        assert!(!error.text().contains("secret"));
        if code == "no-thanks" {
            assert_eq!(error.text(), "no: really");
        }
    }
    let mut client = subscriber(&messaging, "/topic/a").await;
    client.send("SEND\ndestination:/topic/a\nreceipt:1\n\nswallowed\0");
    client.send("SEND\ndestination:/topic/a\nreceipt:2\n\ninstead\0");
    client.expect_receipt("2").await;
    expect_nothing(&mut client).await;
}

/// Whether a layer fails without a session, or never.
#[tokio::test(start_paused = true)]
async fn any_layer_fits() {
    let infallible = layer_fn(|_inner: InboundService| {
        service_fn(|_: InboundMessage| async { Ok::<_, Infallible>(InboundOutcome::processed()) })
    });
    let messaging = builder()
        .inbound_layer(tower::layer::util::Identity::new())
        .inbound_layer(BufferLayer::new(4))
        .inbound_layer(ConcurrencyLimitLayer::new(1))
        .inbound_layer(infallible)
        .build()
        .unwrap();
    let mut client = connect(&messaging, "1.2").await;
    send(&mut client, "/topic/a", "x").await;
}

/// A layer that answers at once, and lets go of each SUBSCRIBE when it is told to.
#[derive(Clone, Default)]
struct Holding {
    go: Arc<Notify>,
    /// How many have come through.
    passed: Arc<AtomicUsize>,
    /// Whether to let a SUBSCRIBE through twice.
    twice: Arc<AtomicBool>,
}

impl Layer<InboundService> for Holding {
    type Service = BoxService<InboundMessage, InboundOutcome, BoxError>;

    fn layer(&self, inner: InboundService) -> Self::Service {
        let this = self.clone();
        BoxService::new(service_fn(move |message: InboundMessage| {
            let (mut inner, this) = (inner.clone(), this.clone());
            async move {
                if message.message().message_type() != MessageType::Subscribe {
                    return inner.call(message).await;
                }
                tokio::spawn(async move {
                    this.go.notified().await;
                    if this.twice.load(Ordering::Relaxed) {
                        inner.call(message.clone()).await.unwrap();
                    }
                    inner.call(message).await.unwrap();
                    this.passed.fetch_add(1, Ordering::Relaxed);
                });
                Ok(InboundOutcome::processed())
            }
        }))
    }
}

impl Holding {
    async fn let_go(&self) {
        let passed = self.passed.load(Ordering::Relaxed);
        self.go.notify_one();
        while self.passed.load(Ordering::Relaxed) == passed {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn sub_011_a_late_subscription_is_active_until_its_unsubscribe() {
    for twice in [false, true] {
        for destination in ["/topic/a", "/topic/*", "/user/queue/a"] {
            let holding = Holding::default();
            holding.twice.store(twice, Ordering::Relaxed);
            let messaging = builder().inbound_layer(holding.clone()).build().unwrap();
            let mut client = TestConnection::connect_as(&messaging, "joe").await;
            subscribe(&mut client, "s", destination).await;
            assert_eq!(messaging.broker_statistics().subscriptions, 0);
            holding.let_go().await;
            assert_eq!(messaging.broker_statistics().subscriptions, 1);
            let template = messaging.template();
            template.convert_and_send("/topic/a", "x").await.unwrap();
            let sent = template.convert_and_send_to_user("joe", "/queue/a", "x");
            sent.await.unwrap();
            assert_eq!(message(&mut client).await.0, "s");
            client.send("UNSUBSCRIBE\nid:s\nreceipt:r\n\n\0");
            client.expect_receipt("r").await;
            assert_eq!(messaging.broker_statistics().subscriptions, 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn sub_011_a_subscription_that_comes_through_behind_its_unsubscribe_is_none() {
    for destination in ["/topic/a", "/topic/*", "/user/queue/a"] {
        let holding = Holding::default();
        let messaging = builder().inbound_layer(holding.clone()).build().unwrap();
        let mut client = TestConnection::connect_as(&messaging, "joe").await;
        subscribe(&mut client, "s", destination).await;
        // UNSUBSCRIBE does not wait for the layer.
        client.send("UNSUBSCRIBE\nid:s\nreceipt:r\n\n\0");
        client.expect_receipt("r").await;
        holding.let_go().await;
        assert_eq!(messaging.broker_statistics().subscriptions, 0);
        // The id is free, and the late one does not get in its way.
        subscribe(&mut client, "s", destination).await;
        holding.let_go().await;
        assert_eq!(messaging.broker_statistics().subscriptions, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn sub_033_a_subscription_that_comes_through_behind_its_session_is_none() {
    for say_goodbye in [true, false] {
        for destination in ["/topic/a", "/topic/*", "/user/queue/a"] {
            let holding = Holding::default();
            let messaging = builder().inbound_layer(holding.clone()).build().unwrap();
            let mut client = TestConnection::connect_as(&messaging, "joe").await;
            subscribe(&mut client, "s", destination).await;
            if say_goodbye {
                // DISCONNECT does not wait for the layer.
                client.send("DISCONNECT\nreceipt:r\n\n\0");
                client.expect_receipt("r").await;
                client.expect_closed(CloseReason::Disconnected).await;
            }
            drop(client);
            tokio::time::sleep(SECOND).await;
            assert!(messaging.sessions().is_empty());
            holding.let_go().await;
            assert_eq!(messaging.broker_statistics().subscriptions, 0);
            assert_eq!(messaging.broker_statistics().destinations, 0);
        }
    }
}

/// The same race, on several threads: whoever comes first, nothing is left.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sub_011_sub_033_no_race_leaks_a_subscription() {
    let racing = layer_fn(|inner: InboundService| {
        service_fn(move |message: InboundMessage| {
            let mut inner = inner.clone();
            tokio::spawn(async move { inner.call(message).await });
            async { Ok::<_, BoxError>(InboundOutcome::processed()) }
        })
    });
    let messaging = builder().inbound_layer(racing).build().unwrap();
    for round in 0..50 {
        let mut client = connect(&messaging, "1.2").await;
        for id in 0..20 {
            client.send(format!("SUBSCRIBE\nid:{id}\ndestination:/topic/{id}\n\n\0"));
            if id % 2 == 0 {
                client.send(format!("UNSUBSCRIBE\nid:{id}\n\n\0"));
            }
        }
        if round % 2 == 0 {
            client.send("DISCONNECT\nreceipt:r\n\n\0");
            client.expect_receipt("r").await;
        }
    }
    // The connections are closed one after another.
    let patience = std::time::Instant::now();
    while !messaging.sessions().is_empty() || messaging.connection_count() > 0 {
        assert!(patience.elapsed() < 10 * SECOND);
        tokio::task::yield_now().await;
    }
    // What is spawned has an end, too; whatever comes through now finds its session gone.
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(messaging.broker_statistics().subscriptions, 0);
    assert_eq!(messaging.broker_statistics().destinations, 0);
}

/// A layer is one more thing that waits: a lost connection ends the session at once, and what runs runs on.
#[tokio::test(start_paused = true)]
async fn what_waits_in_a_layer_runs_on_when_its_connection_is_lost() {
    let messaging = builder().inbound_layer(slow()).build().unwrap();
    let mut listener = subscriber(&messaging, "/topic/a").await;
    let client = connect(&messaging, "1.2").await;
    client.send_to("/topic/a", "2000");
    tokio::time::sleep(SECOND).await;
    drop(client);
    tokio::time::sleep(SECOND / 2).await;
    assert_eq!(messaging.sessions().len(), 1);
    assert_eq!(message(&mut listener).await.1, "2000");
}
