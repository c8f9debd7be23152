//! The threat table, as far as it concerns sessions in memory; T-05 is in `typestate`, T-23 in `slow_consumers`, T-33 in
//! `leaks`.

use std::{
    fmt,
    sync::{Arc, Mutex},
    thread::ThreadId,
};

use stomp_axum::{
    endpoint::{AuthenticationError, ConnectRequest},
    message::Principal,
    testing::Sent,
};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

use super::*;

#[tokio::test(start_paused = true)]
async fn t_08_one_frame_cut_at_every_octet() {
    let messaging = server();
    let frames = "SUBSCRIBE\r\nid:1\r\ndestination:/topic/\\ca\r\n\r\n\0\nSEND\ndestination:/topic/\\ca\ncontent-length:3\n\na\0b\0\r\n";
    for cut in 0..=frames.len() {
        let mut client = connect(&messaging, "1.2").await;
        client.send(&frames[..cut]);
        client.send(&frames[cut..]);
        let message = client.expect_message().await;
        assert_eq!(
            (message.header("destination"), &message.body[..]),
            (Some("/topic/:a"), &b"a\0b"[..]),
            "{cut}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn t_10_a_flood_of_line_ends_is_nothing() {
    let messaging = server();
    let mut client = connect(&messaging, "1.2").await;
    let flood = bytes::Bytes::from(b"\n\r\n".repeat(20_000));
    for _ in 0..100 {
        client.send(flood.clone());
    }
    expect_nothing(&mut client).await;
}

/// No id that the server makes up leads to another, and none says anything about another session.
#[tokio::test(start_paused = true)]
async fn t_13_session_ids_are_random() {
    let messaging = server();
    let mut seen = std::collections::HashSet::new();
    for _ in 0..1000 {
        let mut client = TestConnection::open(&messaging);
        let connected = client.send_connect("1.2").await;
        let id = connected.header("session").unwrap().to_owned();
        assert_eq!(id.len(), 32);
        assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit()));
        // Neither beginning nor end repeats, as those of a counter or a clock would.
        assert!(seen.insert(id[..12].to_owned()) && seen.insert(id[20..].to_owned()));
    }
}

/// What one client sends becomes no header of another, whatever the versions are.
#[tokio::test(start_paused = true)]
async fn t_19_no_header_can_be_injected() {
    let messaging = server();
    for receiver in ["1.0", "1.1", "1.2"] {
        let mut client = connect(&messaging, receiver).await;
        subscribe(&mut client, "s", "/topic/**").await;
        for (sender, line) in [
            ("1.2", "x:a\\nforged:1"),
            ("1.2", "x:a\\r\\nforged:1"),
            ("1.2", "x\\nforged:1"),
            ("1.2", "x\\c1\\nforged\\cy:1"),
            ("1.2", "x:a\\n\\nbody\\n"),
            ("1.1", "x:a\\nforged:1"),
            ("1.1", "x:a\rforged:1"),
            ("1.0", "x:a\rforged:1"),
            ("1.0", "x:a\\nforged:1"),
        ] {
            let sender_client = connect(&messaging, sender).await;
            sender_client.send(format!("SEND\ndestination:/topic/a\n{line}\n\nx\0"));
            let message = client.expect_message().await;
            assert_eq!(
                message.header("forged"),
                None,
                "{sender} to {receiver}: {line:?}"
            );
            assert_eq!(text(&message), "x");
        }
        let sender = connect(&messaging, "1.2").await;
        sender.send("SEND\ndestination:/topic/a\\nforged\\c1\n\nx\0");
        assert_eq!(
            client.expect_message().await.header("forged"),
            None,
            "{receiver}"
        );
    }
}

/// The frames that are never escaped must not let a name break out of its line.
#[tokio::test(start_paused = true)]
async fn t_19_t_31_the_name_of_a_user_stays_in_its_header() {
    let messaging = server();
    let mut client = TestConnection::open_as(&messaging, "joe\nsession:forged\r\n\n\0x");
    client.send("CONNECT\naccept-version:1.2\nhost:h\n\n\0");
    let Some(Sent::Text(connected)) = client.receive().await else {
        panic!("CONNECTED")
    };
    assert_eq!(
        connected
            .lines()
            .filter(|line| line.starts_with("session:"))
            .count(),
        1
    );
    assert!(connected.ends_with("\n\n\0") && connected.matches('\0').count() == 1);
    assert!(
        connected.contains("\nuser-name:joe session:forged    x\n"),
        "{connected:?}"
    );
}

/// A pattern with many wildcards costs no more than its length.
#[tokio::test(start_paused = true)]
async fn t_21_chains_of_wildcards_are_harmless() {
    let messaging = server();
    let mut client = connect(&messaging, "1.2").await;
    subscribe(
        &mut client,
        "1",
        &("/topic".to_owned() + &"/**".repeat(14) + "/x"),
    )
    .await;
    subscribe(
        &mut client,
        "2",
        &("/topic/".to_owned() + &"*a".repeat(120) + "b"),
    )
    .await;
    let mut sender = connect(&messaging, "1.2").await;
    let segments = "/topic".to_owned() + &"/a".repeat(15);
    let long = "/topic/".to_owned() + &"a".repeat(248);
    let started = std::time::Instant::now();
    for _ in 0..100 {
        send(&mut sender, &segments, "x").await;
        send(&mut sender, &long, "x").await;
    }
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
    expect_nothing(&mut client).await;
}

/// UD-8, UD-13: there is no destination of another session that a client could name.
#[tokio::test(start_paused = true)]
async fn t_25_nobody_reads_what_belongs_to_another_user() {
    let messaging = builder()
        .unknown_destinations(stomp_axum::endpoint::UnknownDestinations::Ignore)
        .build()
        .unwrap();
    let mut joe = TestConnection::open_as(&messaging, "joe");
    let session = joe
        .send_connect("1.2")
        .await
        .header("session")
        .unwrap()
        .to_owned();
    subscribe(&mut joe, "s", "/user/queue/a").await;
    let mut spy = TestConnection::connect_as(&messaging, "spy").await;
    for destination in [
        "/user/queue/a",
        "/user/joe/queue/a",
        "/user/{user}/queue/a",
        "/user/*/queue/a",
        "/user/**",
        "/user//queue/a",
        "/user/../user/joe/queue/a",
        "/user/joe%2Fqueue%2Fa",
        "/user/%6Aoe/queue/a",
        "/user/JOE/queue/a",
        "/user/joe/queue/a/",
        "/User/joe/queue/a",
        "//user/joe/queue/a",
        "user/joe/queue/a",
        "/queue/a",
        "/queue/**",
        "/queue/a-userjoe",
        &format!("/queue/a-user{session}"),
        &format!("/user/{session}/queue/a"),
        &format!("/queue/a/{session}"),
        "/topic/../user/joe/queue/a",
        "/**",
        "/*/queue/a",
        "/*/joe/queue/a",
        "/{a}/{b}/{c}",
        "/?ser/joe/queue/a",
    ] {
        subscribe(&mut spy, destination, destination).await;
    }
    for number in 0..3 {
        let text = number.to_string();
        messaging
            .template()
            .convert_and_send_to_user("joe", "/queue/a", &text)
            .await
            .unwrap();
        assert_eq!(message(&mut joe).await.1, text);
    }
    expect_nothing(&mut spy).await;
    // The other way round: who is called like a destination, or like a session, gets nothing of the others.
    for name in ["queue", "*", "**", "{user}", &session, "joe/queue"] {
        let mut spy = TestConnection::connect_as(&messaging, name).await;
        subscribe(&mut spy, "1", "/user/queue/a").await;
        subscribe(&mut spy, "2", "/user/**").await;
        messaging
            .template()
            .convert_and_send_to_user("joe", "/queue/a", "x")
            .await
            .unwrap();
        expect_nothing(&mut spy).await;
    }
}

#[tokio::test(start_paused = true)]
async fn t_26_no_frame_of_one_session_changes_another() {
    let messaging = server();
    let mut victim = TestConnection::open_as(&messaging, "joe");
    let session = victim
        .send_connect("1.2")
        .await
        .header("session")
        .unwrap()
        .to_owned();
    for (id, destination) in [("1", "/topic/a"), ("2", "/topic/*"), ("3", "/user/queue/a")] {
        subscribe(&mut victim, id, destination).await;
    }
    for user in ["joe", "spy"] {
        for frame in [
            "UNSUBSCRIBE\nid:1\n",
            "UNSUBSCRIBE\nid:2\ndestination:/topic/*\n",
            "UNSUBSCRIBE\nid:3\ndestination:/user/queue/a\nx-queue-name:1\n",
            "DISCONNECT\nid:1\n",
            "ACK\nid:1\n",
            "NACK\nid:1\n",
            "SUBSCRIBE\nid:1\ndestination:/topic/a\n",
            "ABORT\ntransaction:1\n",
            "CONNECT\naccept-version:1.2\nhost:h\n",
        ] {
            let mut client = TestConnection::connect_as(&messaging, user).await;
            client.send(format!(
                "{frame}session:{session}\nsimpSessionId:{session}\nuser-name:joe\n\n\0"
            ));
            client.send("DISCONNECT\n\n\0");
            while client.receive().await.is_some() {}
        }
    }
    let mut sender = connect(&messaging, "1.2").await;
    send(&mut sender, "/topic/a", "topic").await;
    send(&mut sender, "/user/joe/queue/a", "user").await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(message(&mut victim).await.0);
    }
    ids.sort();
    assert_eq!(ids, ["1", "2", "3"]);
}

#[tokio::test(start_paused = true)]
async fn t_31_headers_make_nobody_somebody_else() {
    let messaging = server();
    let mut client = TestConnection::open_as(&messaging, "ann");
    client.send(
        "CONNECT\naccept-version:1.2\nhost:h\nlogin:joe\nuser-name:joe\nsimpUser:joe\nsession:x\nuser:joe\n\n\0",
    );
    let connected = client.expect_connected().await;
    assert_eq!(connected.header("user-name"), Some("ann"));
    subscribe(&mut client, "s", "/user/queue/a").await;
    client.send(
        "SEND\ndestination:/topic/a\nuser-name:joe\nlogin:joe\nsimpUser:joe\nreceipt:r\n\n\0",
    );
    client.expect_receipt("r").await;
    messaging
        .template()
        .convert_and_send_to_user("joe", "/queue/a", "x")
        .await
        .unwrap();
    expect_nothing(&mut client).await;
    let names: Vec<_> = messaging
        .users()
        .users()
        .iter()
        .map(|user| user.name().to_owned())
        .collect();
    assert_eq!(names, ["ann"]);
}

/// What the server echoes is no larger than what it allows, and never the body.
#[tokio::test(start_paused = true)]
async fn t_38_errors_and_receipts_reflect_little() {
    let messaging = server();
    for frame in [
        format!("SEND\nreceipt:{}\n\ncanary\0", "r".repeat(8000)),
        format!("{}\n\ncanary\0", "C".repeat(32)),
        "SEND\ndestination:/nowhere\nx:canary\n\ncanary\0".to_owned(),
        "SEND\ndestination:/user/joe\nx:canary\n\ncanary\0".to_owned(),
        "MESSAGE\nx:canary\n\ncanary\0".to_owned(),
        "SEND\ncanary\n\ncanary\0".to_owned(),
        "SUBSCRIBE\nid:1\ndestination:/topic/a\nack:canary\n\n\0".to_owned(),
        "SUBSCRIBE\nid:canary\n\n\0".to_owned(),
    ] {
        let mut client = connect(&messaging, "1.2").await;
        client.send(frame);
        let Some(Sent::Text(error)) = client.receive().await else {
            panic!("an ERROR")
        };
        assert!(error.starts_with("ERROR\n"), "{error}");
        assert!(!error.contains("canary"), "{error}");
        assert!(error.len() < 8192 + 2048);
    }
}

/// Everything that is logged by one thread, at every level.
///
/// It is there for all threads of the process: one for a thread only would miss events that other threads came across
/// first.
#[derive(Clone)]
struct Log {
    thread: ThreadId,
    text: Arc<Mutex<String>>,
}

impl Log {
    fn write(&self, field: &Field, value: &dyn fmt::Debug) {
        if std::thread::current().id() == self.thread {
            *self.text.lock().unwrap() += &format!("{field}={value:?} ");
        }
    }
}

struct Fields<'a>(&'a Log);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.write(field, value);
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Fields(self));
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Fields(self));
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut Fields(self));
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// HM-13, HM-14.
#[tokio::test(start_paused = true)]
async fn t_43_err_014_neg_019_secrets_are_neither_logged_nor_sent_nor_shown_by_debug() {
    let log = Log {
        thread: std::thread::current().id(),
        text: Arc::default(),
    };
    tracing::subscriber::set_global_default(log.clone()).unwrap();
    let shown = Arc::new(Mutex::new(String::new()));
    let authenticator = {
        let shown = shown.clone();
        move |connect: ConnectRequest| {
            *shown.lock().unwrap() += &format!("{connect:?}");
            std::future::ready(match connect.passcode() {
                Some("canary-1") => Ok(Some(Principal::new("joe").with_details("canary-2"))),
                _ => Err(AuthenticationError::bad_credentials()),
            })
        }
    };
    let messaging = builder().authenticator(authenticator).build().unwrap();
    let mut sent = Vec::new();
    for passcode in ["canary-1", "canary-3"] {
        let mut client = TestConnection::open(&messaging);
        client.send(format!(
            "CONNECT\naccept-version:1.2\nlogin:joe\npasscode:{passcode}\nAuthorization:Bearer canary-4\n\
             cookie:canary-5\n\n\0"
        ));
        client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\npasscode:canary-6\n\n\0");
        client.send("SEND\ndestination:/nowhere\npasscode:canary-7\n\ncanary-8\0");
        while let Some(message) = client.receive().await {
            sent.push(message);
        }
    }
    assert!(sent.len() >= 5);
    let log = log.text.lock().unwrap();
    assert!(
        log.contains("connected") && log.contains("refused"),
        "the log was captured: {log}"
    );
    for text in [
        &*log,
        &format!("{sent:?}"),
        &*shown.lock().unwrap(),
        &format!("{messaging:?}"),
    ] {
        assert!(!text.contains("canary"), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn t_27_sends_to_the_broker_and_to_users_can_be_denied() {
    let messaging = builder().deny_sends_to_broker().build().unwrap();
    let mut joe = TestConnection::connect_as(&messaging, "joe").await;
    subscribe(&mut joe, "t", "/topic/a").await;
    subscribe(&mut joe, "u", "/user/queue/a").await;
    for destination in ["/topic/a", "/queue/a", "/user/joe/queue/a"] {
        let mut client = connect(&messaging, "1.2").await;
        client.send(format!(
            "SEND\ndestination:{destination}\nreceipt:r\n\nforged\0"
        ));
        let error = client.expect_error("send-denied").await;
        assert_eq!(error.header("receipt-id"), Some("r"));
    }
    // The server itself is not meant.
    let template = messaging.template();
    template.convert_and_send("/topic/a", "x").await.unwrap();
    template
        .convert_and_send_to_user("joe", "/queue/a", "y")
        .await
        .unwrap();
    assert_eq!(text(&joe.expect_message().await), "x");
    assert_eq!(text(&joe.expect_message().await), "y");
}

/// Without application prefixes handlers see every destination, and that is no way around it.
#[tokio::test(start_paused = true)]
async fn t_27_sends_are_denied_without_application_prefixes_too() {
    let messaging = Messaging::builder()
        .handlers(Handlers::none())
        .unknown_destinations(stomp_axum::endpoint::UnknownDestinations::Ignore)
        .deny_sends_to_broker()
        .build()
        .unwrap();
    let mut client = connect(&messaging, "1.2").await;
    client.send("SEND\ndestination:/topic/a\n\nforged\0");
    client.expect_error("send-denied").await;
}
