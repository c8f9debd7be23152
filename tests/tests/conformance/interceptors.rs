//! Interceptors of the three channels: CH-10 to CH-18, IN-7 to IN-10, SPH-10 to SPH-13, SB-16.

use std::sync::{Arc, Mutex};

use stomp_axum::{
    channel::{Channel, ChannelInterceptor, MessageRejected, SendOutcome},
    message::{Message, MessageType, Principal},
    session::CloseReason,
    testing::FrameExt,
};

use super::*;

/// Writes down what it sees.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn push(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

fn describe(message: &Message) -> String {
    let user = message.principal().map_or("-", Principal::name);
    let destination = message.destination().unwrap_or("-");
    let subscription = message.subscription_id().unwrap_or("-");
    format!(
        "{:?} {user} {destination} {subscription}",
        message.message_type()
    )
}

impl ChannelInterceptor for Log {
    fn pre_send(
        &self,
        message: Message,
        channel: Channel<'_>,
    ) -> Result<Option<Message>, MessageRejected> {
        // IN-7. What is published is of no session: that would narrow a message for a user down to it (UD-7).
        let is_of_a_session = !matches!(channel, Channel::Broker);
        assert_eq!(message.session_id().is_some(), is_of_a_session);
        self.push(describe(&message));
        Ok(Some(message))
    }

    fn after_completion(&self, message: &Message, _: Channel<'_>, outcome: SendOutcome) {
        self.push(format!("{:?} {outcome:?}", message.message_type()));
    }
}

fn of_type(message_type: MessageType, stop: Stop) -> impl ChannelInterceptor {
    move |message: Message| {
        if message.message_type() != message_type {
            return Ok(Some(message));
        }
        match stop {
            Stop::Swallow => Ok(None),
            Stop::Reject => Err(MessageRejected::new("no-thanks", "not today: really")),
            Stop::Panic => panic!("a panic on purpose"),
        }
    }
}

#[derive(Clone, Copy)]
enum Stop {
    Swallow,
    Reject,
    Panic,
}

#[tokio::test(start_paused = true)]
async fn in_7_sph_10_inbound_interceptors_see_every_frame_of_a_session() {
    let log = Log::default();
    let messaging = builder().inbound_interceptor(log.clone()).build().unwrap();
    let mut client = TestConnection::connect_as(&messaging, "joe").await;
    subscribe(&mut client, "s", "/topic/a").await;
    client.send_to("/topic/a", "x");
    message(&mut client).await;
    client.send("UNSUBSCRIBE\nid:s\n\n\0DISCONNECT\nreceipt:bye\n\n\0");
    client.expect_receipt("bye").await;
    client.expect_closed(CloseReason::Disconnected).await;
    let expected = [
        "Connect joe - -",
        "Connect Sent",
        "Subscribe joe /topic/a s",
        "Subscribe Sent",
        "Message joe /topic/a -",
        "Message Sent",
        "Unsubscribe joe - s",
        "Unsubscribe Sent",
        "Disconnect joe - -",
        "Disconnect Sent",
    ];
    assert_eq!(log.take(), expected);
    // SPH-51: one DISCONNECT in the life of a session, although the connection is gone now, too.
    drop(client);
    tokio::time::sleep(SECOND).await;
    assert_eq!(log.take(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn in_13_a_lost_connection_is_a_disconnect() {
    let log = Log::default();
    let messaging = builder().inbound_interceptor(log.clone()).build().unwrap();
    let client = TestConnection::connect(&messaging).await;
    assert_eq!(log.take().len(), 2);
    drop(client);
    tokio::time::sleep(SECOND).await;
    assert_eq!(log.take(), ["Disconnect - - -", "Disconnect Sent"]);
    // A connection that has sent no CONNECT is no session.
    drop(TestConnection::open(&messaging));
    tokio::time::sleep(SECOND).await;
    assert_eq!(log.take(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn in_8_sph_13_the_user_that_an_interceptor_sets_on_connect_sticks() {
    let messaging = builder()
        .inbound_interceptor(|message: Message| {
            // On all messages; but only that of CONNECT counts.
            let name = format!("{:?}", message.message_type());
            Ok(Some(message.with_principal(Some(Principal::new(name)))))
        })
        .build()
        .unwrap();
    let mut client = TestConnection::open_as(&messaging, "joe");
    let connected = client.send_connect("1.2").await;
    assert_eq!(connected.header("user-name"), Some("Connect"));
    assert!(messaging.users().user("Connect").is_some());
    assert!(messaging.users().user("joe").is_none());
    subscribe(&mut client, "u", "/user/queue/a").await;
    let template = messaging.template();
    let sent = template.convert_and_send_to_user("Connect", "/queue/a", "x");
    sent.await.unwrap();
    assert_eq!(message(&mut client).await.1, "x");
}

#[tokio::test(start_paused = true)]
async fn in_7_the_attributes_of_the_session_are_there_from_connect_on() {
    struct Counting;
    impl ChannelInterceptor for Counting {
        fn pre_send(
            &self,
            message: Message,
            channel: Channel<'_>,
        ) -> Result<Option<Message>, MessageRejected> {
            let Channel::Inbound(attributes) = channel else {
                unreachable!("it is installed there only")
            };
            let count = attributes.get::<usize>().unwrap_or_default();
            attributes.insert(count + 1);
            Ok(Some(message.with_header("count", &count.to_string())))
        }
    }
    let messaging = builder().inbound_interceptor(Counting).build().unwrap();
    let mut client = subscriber(&messaging, "/topic/a").await;
    client.send_to("/topic/a", "x");
    let received = client.expect_message().await;
    assert_eq!(received.header("count"), Some("2"));
}

#[tokio::test(start_paused = true)]
async fn ch_10_interceptors_may_change_destination_headers_and_payload() {
    let messaging = builder()
        .inbound_interceptor(|message: Message| {
            let Some(destination) = message.destination() else {
                return Ok(Some(message));
            };
            let destination = destination.replace("/old/", "/topic/");
            let message = message.with_destination(destination);
            Ok(Some(message.with_header("x", "y").with_payload("changed")))
        })
        .build()
        .unwrap();
    let mut client = subscriber(&messaging, "/old/a").await;
    client.send_to("/old/a", "x");
    let received = client.expect_message().await;
    assert_eq!(received.header("destination"), Some("/topic/a"));
    assert_eq!(
        (received.header("x"), received.text()),
        (Some("y"), "changed")
    );
    // The other subscription id leads to the same.
    client.send("UNSUBSCRIBE\nid:s\nreceipt:r\n\n\0");
    client.expect_receipt("r").await;
    assert_eq!(messaging.broker_statistics().subscriptions, 0);
}

#[tokio::test(start_paused = true)]
async fn ch_10_type_session_and_subscription_can_not_be_changed() {
    let messaging = builder()
        .inbound_interceptor(|message: Message| {
            let destination = message.destination().unwrap_or_default().to_owned();
            let payload = message.payload().clone();
            // A new message: of type MESSAGE, of no session, and without subscription id.
            Ok(Some(Message::new(destination, payload)))
        })
        .build()
        .unwrap();
    let mut client = subscriber(&messaging, "/topic/a").await;
    client.send_to("/topic/a", "x");
    assert_eq!(message(&mut client).await, ("s".to_owned(), "x".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn lim_what_interceptors_make_of_a_destination_is_checked_again() {
    for (destination, code) in [
        ("/topic/a".repeat(100), "destination-too-long"),
        ("/a".repeat(100), "destination-too-long"),
        (String::new(), "invalid-destination"),
        ("/nowhere".to_owned(), "unknown-destination"),
    ] {
        let messaging = builder()
            .inbound_interceptor(move |message: Message| {
                Ok(Some(message.with_destination(destination.clone())))
            })
            .build()
            .unwrap();
        for frame in [
            "SEND\ndestination:/topic/a\nreceipt:r\n\n\0",
            "SUBSCRIBE\nid:1\ndestination:/topic/a\nreceipt:r\n\n\0",
        ] {
            let mut client = connect(&messaging, "1.2").await;
            client.send(frame);
            let error = client.expect_error(code).await;
            assert_eq!(error.header("receipt-id"), Some("r"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn in_10_what_an_interceptor_rejects_is_an_error_with_its_code() {
    for (message_type, frame) in [
        (
            MessageType::Message,
            "SEND\ndestination:/topic/a\nreceipt:r\n\n\0",
        ),
        (
            MessageType::Subscribe,
            "SUBSCRIBE\nid:1\ndestination:/topic/a\nreceipt:r\n\n\0",
        ),
        (
            MessageType::Unsubscribe,
            "UNSUBSCRIBE\nid:s\nreceipt:r\n\n\0",
        ),
        (MessageType::Disconnect, "DISCONNECT\nreceipt:r\n\n\0"),
    ] {
        for (stop, code) in [(Stop::Reject, "no-thanks"), (Stop::Panic, "internal-error")] {
            let messaging = builder()
                .inbound_interceptor(of_type(message_type, stop))
                .build()
                .unwrap();
            let mut client = connect(&messaging, "1.2").await;
            if message_type != MessageType::Subscribe {
                subscribe(&mut client, "s", "/topic/a").await;
            }
            client.send(frame);
            let error = client.expect_error(code).await;
            assert_eq!(error.header("receipt-id"), Some("r"), "{message_type:?}");
            if code == "no-thanks" {
                assert_eq!(error.text(), "not today: really");
            }
            // SB-16: the broker has cleaned up in any case.
            tokio::time::sleep(SECOND).await;
            assert_eq!(messaging.broker_statistics().subscriptions, 0);
            assert!(messaging.sessions().is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn sph_12_a_connect_that_is_stopped_is_refused() {
    for (stop, code) in [
        (Stop::Swallow, "connect-refused"),
        (Stop::Reject, "no-thanks"),
        (Stop::Panic, "internal-error"),
    ] {
        let messaging = builder()
            .inbound_interceptor(of_type(MessageType::Connect, stop))
            .build()
            .unwrap();
        refused(&messaging, "CONNECT\naccept-version:1.2\n\n\0", code).await;
        assert!(messaging.sessions().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_connect_that_the_limits_refuse_behind_the_interceptors_is_completed_as_failed() {
    let log = Log::default();
    let mut limits = Limits::default();
    limits.sessions_per_user = Some(1);
    let messaging = builder().limits(limits);
    let messaging = messaging.inbound_interceptor(log.clone()).build().unwrap();
    let _first = TestConnection::connect_as(&messaging, "joe").await;
    log.take();
    let mut second = TestConnection::open_as(&messaging, "joe");
    second.send("CONNECT\naccept-version:1.2\n\n\0");
    second.expect_error("too-many-sessions").await;
    tokio::time::sleep(SECOND).await;
    assert_eq!(log.take(), ["Connect joe - -", "Connect Failed"]);
}

#[tokio::test(start_paused = true)]
async fn in_10_a_swallowed_send_or_subscribe_is_dropped_without_receipt() {
    for message_type in [MessageType::Message, MessageType::Subscribe] {
        let messaging = builder()
            .inbound_interceptor(of_type(message_type, Stop::Swallow))
            .build()
            .unwrap();
        let mut client = connect(&messaging, "1.2").await;
        client.send("SUBSCRIBE\nid:s\ndestination:/topic/a\nreceipt:subscribed\n\n\0");
        client.send("SEND\ndestination:/topic/a\nreceipt:sent\n\n\0");
        // What was swallowed has an UNSUBSCRIBE, too.
        client.send("UNSUBSCRIBE\nid:s\nreceipt:unsubscribed\n\n\0");
        let first = match message_type {
            MessageType::Message => "subscribed",
            _ => "sent",
        };
        client.expect_receipt(first).await;
        client.expect_receipt("unsubscribed").await;
    }
}

/// SPH-52.
#[tokio::test(start_paused = true)]
async fn sb_16_a_swallowed_unsubscribe_or_disconnect_takes_effect() {
    let messaging = builder()
        .inbound_interceptor(of_type(MessageType::Unsubscribe, Stop::Swallow))
        .inbound_interceptor(of_type(MessageType::Disconnect, Stop::Swallow))
        .build()
        .unwrap();
    let mut client = subscriber(&messaging, "/topic/a").await;
    client.send("UNSUBSCRIBE\nid:s\nreceipt:unsubscribed\n\n\0");
    client.expect_receipt("unsubscribed").await;
    assert_eq!(messaging.broker_statistics().subscriptions, 0);
    subscribe(&mut client, "s", "/topic/a").await;
    client.send("DISCONNECT\nreceipt:bye\n\n\0");
    client.expect_receipt("bye").await;
    client.expect_closed(CloseReason::Disconnected).await;
    assert_eq!(messaging.broker_statistics().subscriptions, 0);
    assert!(messaging.sessions().is_empty());
}

#[tokio::test(start_paused = true)]
async fn ch_17_each_session_is_intercepted_in_its_order() {
    let log = Log::default();
    let messaging = builder().inbound_interceptor(log.clone()).build().unwrap();
    let mut client = connect(&messaging, "1.2").await;
    log.take();
    for number in 0..50 {
        client.send(format!("SEND\ndestination:/topic/{number}\n\n\0"));
    }
    send(&mut client, "/topic/50", "").await;
    let expected: Vec<_> = (0..=50)
        .flat_map(|number| {
            let sent = format!("Message - /topic/{number} -");
            [sent, "Message Sent".to_owned()]
        })
        .collect();
    assert_eq!(log.take(), expected);
}

/// What the log says of messages, without what became of them.
fn messages(log: &Log) -> Vec<String> {
    let mut lines = log.take();
    lines.retain(|line| line.contains(" /"));
    lines
}

#[tokio::test(start_paused = true)]
async fn ch_18_outbound_interceptors_see_each_message_with_its_receiver() {
    let log = Log::default();
    let messaging = builder().outbound_interceptor(log.clone()).build().unwrap();
    let mut joe = TestConnection::connect_as(&messaging, "joe").await;
    subscribe(&mut joe, "1", "/topic/*").await;
    subscribe(&mut joe, "2", "/user/queue/a").await;
    let mut ann = TestConnection::connect_as(&messaging, "ann").await;
    subscribe(&mut ann, "3", "/topic/a").await;
    assert_eq!(
        log.take(),
        [""; 0],
        "only messages pass the outbound channel"
    );

    let sender = TestConnection::connect_as(&messaging, "sender").await;
    sender.send_to("/topic/a", "x");
    assert_eq!(message(&mut joe).await.1, "x");
    assert_eq!(message(&mut ann).await.1, "x");
    let mut seen = log.take();
    seen.sort();
    let expected = [
        "Message Sent",
        "Message Sent",
        "Message ann /topic/a 3",
        "Message joe /topic/a 1",
    ];
    assert_eq!(seen, expected);

    sender.send_to("/user/joe/queue/a", "y");
    assert_eq!(message(&mut joe).await.1, "y");
    assert_eq!(messages(&log), ["Message joe /user/queue/a 2"]);
}

#[tokio::test(start_paused = true)]
async fn ch_10_what_an_outbound_interceptor_changes_has_a_frame_of_its_own() {
    let messaging = builder()
        .outbound_interceptor(|message: Message| {
            let user = message.principal().map(|user| user.name().to_owned());
            Ok(match user.as_deref() {
                Some("changed") => Some(
                    message
                        .with_payload("for you")
                        .with_header("subscription", "forged")
                        .with_header("x", "y")
                        .with_destination("/topic/for/you"),
                ),
                Some("swallowed") => None,
                Some("rejected") => return Err(MessageRejected::new("no", "no")),
                Some("panic") => panic!("on purpose"),
                _ => Some(message),
            })
        })
        .build()
        .unwrap();
    let mut clients = Vec::new();
    for user in [
        "as-it-is",
        "changed",
        "swallowed",
        "rejected",
        "panic",
        "too",
    ] {
        let mut client = TestConnection::connect_as(&messaging, user).await;
        subscribe(&mut client, "s", "/topic/a").await;
        clients.push(client);
    }
    let template = messaging.template();
    template.convert_and_send("/topic/a", "x").await.unwrap();
    let as_it_is = clients[0].expect_message().await;
    assert_eq!((as_it_is.text(), as_it_is.header("x")), ("x", None));
    let changed = clients[1].expect_message().await;
    assert_eq!(
        (changed.text(), changed.header("x")),
        ("for you", Some("y"))
    );
    assert_eq!(changed.header("destination"), Some("/topic/for/you"));
    assert_eq!(changed.header("message-id"), as_it_is.header("message-id"));
    assert_eq!(
        changed.headers.get_all("subscription").collect::<Vec<_>>(),
        ["s"]
    );
    for client in &mut clients[2..5] {
        expect_nothing(client).await;
    }
    assert_eq!(message(&mut clients[5]).await.1, "x");
}

#[tokio::test(start_paused = true)]
async fn ch_17_broker_interceptors_see_what_is_published_once() {
    let log = Log::default();
    let messaging = builder()
        .broker_interceptor(|message: Message| Ok(Some(message.with_payload("changed"))))
        .broker_interceptor(log.clone())
        .build()
        .unwrap();
    let mut joe = TestConnection::connect_as(&messaging, "joe").await;
    for (id, destination) in ["/topic/a", "/topic/*", "/user/queue/a"].iter().enumerate() {
        subscribe(&mut joe, &id.to_string(), destination).await;
    }
    let template = messaging.template();
    template.convert_and_send("/topic/a", "x").await.unwrap();
    assert_eq!(message(&mut joe).await.1, "changed");
    assert_eq!(message(&mut joe).await.1, "changed");
    // User destinations are not resolved yet.
    let sent = template.convert_and_send_to_user("joe", "/queue/a", "x");
    sent.await.unwrap();
    assert_eq!(message(&mut joe).await.1, "changed");
    joe.send_to("/topic/b", "y");
    message(&mut joe).await;
    let expected = [
        "Message - /topic/a -",
        "Message Sent",
        "Message - /user/joe/queue/a -",
        "Message Sent",
        "Message joe /topic/b -",
        "Message Sent",
    ];
    assert_eq!(log.take(), expected);
}

#[tokio::test(start_paused = true)]
async fn st_9_who_publishes_learns_what_a_broker_interceptor_stops() {
    use stomp_axum::channel::MessagingError;

    let messaging = builder()
        .broker_interceptor(|message: Message| match message.destination() {
            Some("/topic/swallowed") => Ok(None),
            Some("/topic/rejected") => Err(MessageRejected::new("no-thanks", "no: really")),
            _ => Ok(Some(message)),
        })
        .build()
        .unwrap();
    let template = messaging.template();
    let swallowed = template.convert_and_send("/topic/swallowed", "x").await;
    assert!(matches!(swallowed, Err(MessagingError::Swallowed { .. })));
    let rejected = template.convert_and_send("/topic/rejected", "x").await;
    assert!(
        matches!(rejected, Err(MessagingError::Rejected(rejected)) if rejected.code() == "no-thanks")
    );
    let mut client = connect(&messaging, "1.2").await;
    client.send("SEND\ndestination:/topic/swallowed\nreceipt:1\n\n\0");
    send(&mut client, "/topic/passed", "x").await;
    client.send("SEND\ndestination:/topic/rejected\nreceipt:2\n\n\0");
    let error = client.expect_error("no-thanks").await;
    assert_eq!(
        (error.text(), error.header("receipt-id")),
        ("no: really", Some("2"))
    );
}
