//! Events as a stream: EVT.

use std::collections::HashMap;

use stomp_axum::{
    endpoint::{InboundMessage, InboundOutcome, InboundService},
    event::{Event, EventsMissed},
    message::{Message, MessageType, SessionId},
    session::CloseReason,
};
use tower::{Service, layer::layer_fn, service_fn};

use super::*;

fn name(event: &Event) -> &'static str {
    match event {
        Event::SessionConnect(_) => "connect",
        Event::SessionConnected(_) => "connected",
        Event::SessionSubscribe(_) => "subscribe",
        Event::SessionUnsubscribe(_) => "unsubscribe",
        Event::SessionDisconnect(_) => "disconnect",
        Event::BrokerAvailability(_) => "availability",
        Event::UnresolvedUserMessage(_) => "unresolved",
        _ => "unknown",
    }
}

#[tokio::test(start_paused = true)]
async fn evt_02_to_06_a_stream_has_all_that_happens_after_it_was_made() {
    let messaging = server();
    let mut early = messaging.events();
    let mut client = TestConnection::open_as(&messaging, "joe");
    client.send_connect("1.2").await;
    let mut late = messaging.events();
    subscribe(&mut client, "s", "/topic/a").await;
    client.send("UNSUBSCRIBE\nid:s\n\n\0SEND\ndestination:/user/ann/queue/a\n\n\0DISCONNECT\n\n\0");
    client.expect_closed(CloseReason::Disconnected).await;
    assert!(messaging.shutdown(5 * SECOND).await);
    drop(messaging);

    let mut events = Vec::new();
    while let Some(event) = early.recv().await {
        events.push(event.unwrap());
    }
    let names: Vec<_> = events.iter().map(name).collect();
    assert_eq!(
        names,
        [
            "connect",
            "connected",
            "subscribe",
            "unsubscribe",
            "unresolved",
            "disconnect",
            "availability"
        ]
    );
    let types: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::SessionConnect(event) => Some(event.message().message_type()),
            Event::SessionSubscribe(event) => Some(event.message().message_type()),
            Event::SessionUnsubscribe(event) => Some(event.message().message_type()),
            Event::UnresolvedUserMessage(event) => Some(event.message().message_type()),
            _ => None,
        })
        .collect();
    assert_eq!(
        types,
        [
            MessageType::Connect,
            MessageType::Subscribe,
            MessageType::Unsubscribe,
            MessageType::Message
        ]
    );
    assert_eq!(name(&late.recv().await.unwrap().unwrap()), "subscribe");
}

/// EVT-05: what an interceptor or a layer has swallowed is no subscription, and none is removed.
#[tokio::test(start_paused = true)]
async fn evt_04_05_a_swallowed_subscription_has_no_events() {
    let is_subscribe = |message: &Message| message.message_type() == MessageType::Subscribe;
    let by_interceptor = builder().inbound_interceptor(move |message: Message| {
        Ok((!is_subscribe(&message)).then_some(message))
    });
    let swallowing = layer_fn(move |inner: InboundService| {
        service_fn(move |message: InboundMessage| {
            let mut inner = inner.clone();
            async move {
                if is_subscribe(message.message()) {
                    return Ok(InboundOutcome::swallowed());
                }
                inner.call(message).await
            }
        })
    });
    for builder in [by_interceptor, builder().inbound_layer(swallowing)] {
        let messaging = builder.build().unwrap();
        let mut client = TestConnection::connect_as(&messaging, "joe").await;
        let mut events = messaging.events();
        client.send("SUBSCRIBE\nid:s\ndestination:/topic/a\n\n\0");
        send(&mut client, "/topic/a", "x").await;
        let user = messaging.users().user("joe").unwrap();
        assert_eq!(user.sessions()[0].subscriptions(), []);
        client.send("UNSUBSCRIBE\nid:s\n\n\0DISCONNECT\n\n\0");
        let event = events.recv().await.unwrap().unwrap();
        assert_eq!(name(&event), "disconnect");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_not_read_says_how_much_it_has_missed() {
    let messaging = server();
    let mut events = messaging.events();
    let mut client = connect(&messaging, "1.2").await;
    for _ in 0..1500 {
        client.send("SUBSCRIBE\nid:s\ndestination:/topic/a\n\n\0UNSUBSCRIBE\nid:s\n\n\0");
    }
    expect_nothing(&mut client).await;
    // connect, connected, two for each round, and two of `expect_nothing`.
    let happened = 2 + 3000 + 2;
    let missed = events.recv().await.unwrap().unwrap_err();
    assert_eq!(
        missed,
        EventsMissed {
            count: happened - 1024
        }
    );
    for _ in 0..1024 {
        events.recv().await.unwrap().unwrap();
    }
    // The session did not wait for the stream, nor does the stream keep anything back.
    client.send("DISCONNECT\n\n\0");
    let event = events.recv().await.unwrap().unwrap();
    assert_eq!(name(&event), "disconnect");
}

/// On several threads, with clients that go in all ways.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn evt_10_11_the_events_of_each_session_are_in_order_and_disconnect_is_the_last_one() {
    const CLIENTS: usize = 100;
    let messaging = server();
    let mut events = messaging.events();
    let reader = tokio::spawn(async move {
        let mut sessions = HashMap::<SessionId, Vec<&'static str>>::new();
        let mut ended = 0;
        while ended < CLIENTS {
            let event = events.recv().await.unwrap().unwrap();
            let session = match &event {
                Event::SessionConnect(event) => event.session(),
                Event::SessionConnected(event) => event.session(),
                Event::SessionSubscribe(event) => event.session(),
                Event::SessionUnsubscribe(event) => event.session(),
                Event::SessionDisconnect(event) => {
                    ended += 1;
                    event.session()
                }
                _ => continue,
            };
            let names = sessions.entry(session.id().clone()).or_default();
            names.push(name(&event));
        }
        sessions
    });
    let mut tasks = Vec::new();
    for number in 0..CLIENTS {
        let messaging = messaging.clone();
        tasks.push(tokio::spawn(async move {
            let mut client = connect(&messaging, "1.2").await;
            client.send("SUBSCRIBE\nid:s\ndestination:/topic/a\n\n\0UNSUBSCRIBE\nid:s\n\n\0");
            client.send("SUBSCRIBE\nid:s\ndestination:/topic/a\n\n\0");
            match number % 4 {
                0 => drop(client),
                1 => client.send("DISCONNECT\n\n\0"),
                2 => client.send("NONSENSE\n\n\0"),
                _ => expect_nothing(&mut client).await,
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let sessions = reader.await.unwrap();
    assert_eq!(sessions.len(), CLIENTS);
    let expected = [
        "connect",
        "connected",
        "subscribe",
        "unsubscribe",
        "subscribe",
        "subscribe",
        "unsubscribe",
        "disconnect",
    ];
    for names in sessions.values() {
        let (last, before) = names.split_last().unwrap();
        assert_eq!(*last, "disconnect");
        // A client that is dropped may be lost before its frames are read.
        assert!(before.len() >= 2, "{names:?}");
        assert_eq!(before, &expected[..before.len()]);
    }
}
