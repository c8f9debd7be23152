//! Limits: LIM. Each limit at its value, and one over it.

use stomp_axum::{session::CloseReason, testing::Sent};

use super::*;

/// One frame of a client, to a server with one limit changed: taken, or refused with this code, and a text that names
/// the setting and its value.
async fn expect_taken(limits: &Limits, frame: String) {
    let messaging = builder().limits(limits.clone()).build().unwrap();
    let mut client = connect(&messaging, "1.2").await;
    client.send(frame);
    expect_nothing(&mut client).await;
}

async fn expect_refused(limits: &Limits, frame: &str, code: &str, setting: &str, value: usize) {
    let messaging = builder().limits(limits.clone()).build().unwrap();
    let mut client = connect(&messaging, "1.2").await;
    client.send(frame.to_owned());
    let error = client.expect_error(code).await;
    let text = text(&error);
    assert!(
        text.contains(setting) && text.contains(&value.to_string()),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn lim_001_002_headers() {
    let limits = Limits::default();
    for name in ["x", "different"] {
        let frame = |headers: usize| {
            let mut frame = "SEND\ndestination:/topic/a\n".to_owned();
            for number in 1..headers {
                let number = if name == "x" {
                    String::new()
                } else {
                    number.to_string()
                };
                frame += &format!("{name}{number}:1\n");
            }
            frame + "\n\0"
        };
        expect_taken(&limits, frame(64)).await;
        expect_refused(&limits, &frame(65), "too-many-headers", "headers", 64).await;
    }
}

#[tokio::test(start_paused = true)]
async fn lim_003_header_line_bytes() {
    let limits = Limits::default();
    let line = |bytes: usize| format!("x:{}", "v".repeat(bytes - 2));
    let head = "SEND\ndestination:/topic/a\n";
    expect_taken(&limits, format!("{head}{}\n\n\0", line(8192))).await;
    // Before the line is complete.
    let frame = format!("{head}{}", line(8193));
    expect_refused(
        &limits,
        &frame,
        "header-too-long",
        "header_line_bytes",
        8192,
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn headers_bytes() {
    let mut limits = Limits::default();
    limits.headers_bytes = 100;
    // As sent, without the line ends.
    let frame = |bytes: usize| {
        let filler = bytes - "destination:/topic/a".len() - "x:".len();
        format!("SEND\ndestination:/topic/a\nx:{}\n\n\0", "v".repeat(filler))
    };
    expect_taken(&limits, frame(100)).await;
    expect_refused(
        &limits,
        &frame(101),
        "headers-too-large",
        "headers_bytes",
        100,
    )
    .await;
}

/// EP-20.
#[tokio::test(start_paused = true)]
async fn lim_004_005_008_message_bytes() {
    let limits = Limits::default();
    let limit = 64 * 1024;
    let body = |frame: &str, over: usize| {
        "x".repeat(limit + over - (frame.len() - frame.matches('\n').count()))
    };
    let without_length = "SEND\ndestination:/topic/a\n\n";
    let with_length = "SEND\ndestination:/topic/a\ncontent-length:65000\n\n";
    expect_taken(
        &limits,
        format!("{without_length}{}\0", body(without_length, 0)),
    )
    .await;
    // LIM-005: as soon as it is exceeded.
    let frame = format!("{without_length}{}", body(without_length, 1));
    expect_refused(&limits, &frame, "frame-too-large", "message_bytes", limit).await;
    let at_limit = with_length.replace("65000", &body(with_length, 0).len().to_string());
    expect_taken(&limits, format!("{at_limit}{}\0", body(with_length, 0))).await;
    // LIM-004: at once.
    let frame = with_length.replace("65000", &body(with_length, 1).len().to_string());
    expect_refused(&limits, &frame, "frame-too-large", "message_bytes", limit).await;

    // LIM-008: however small the pieces are. LIM-009: the close code says so.
    let mut client = connect(&server(), "1.2").await;
    client.send(without_length);
    for piece in body(without_length, 1).as_bytes().chunks(1000) {
        client.send(piece.to_vec());
    }
    let Some(Sent::Text(error)) = client.receive().await else {
        panic!("an ERROR")
    };
    assert!(error.contains("code:frame-too-large"), "{error}");
    client.expect_closed(CloseReason::MessageTooBig).await;
    assert_eq!(CloseReason::MessageTooBig.code(), 1009);
}

#[tokio::test(start_paused = true)]
async fn lim_006_an_endless_command() {
    expect_taken(&Limits::default(), "\n".repeat(10_000)).await;
    expect_refused(
        &Limits::default(),
        &"X".repeat(33),
        "command-too-long",
        "command_bytes",
        32,
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn lim_007_less_is_allowed_before_connected() {
    let messaging = server();
    let connect = |bytes: usize| {
        let connect = "CONNECT\naccept-version:1.2\nhost:h\n\n\0";
        "\n".repeat(bytes - connect.len()) + connect
    };
    let mut client = TestConnection::open(&messaging);
    client.send(connect(32 * 1024));
    client.expect_connected().await;
    // Behind it, the larger limit counts.
    client.send(format!(
        "SEND\ndestination:/topic/a\nreceipt:r\n\n{}\0",
        "x".repeat(60_000)
    ));
    client.expect_receipt("r").await;

    let too_many = connect(32 * 1024 + 1);
    let mut endless = "CONNECT\naccept-version:1.2\n".to_owned();
    while endless.len() <= 32 * 1024 {
        endless += &format!("x:{}\n", "x".repeat(4000));
    }
    for (input, pieces) in [
        (&too_many, 40_000),
        (&too_many, 1000),
        (&endless, 1000),
        (&endless, 40_000),
    ] {
        let mut client = TestConnection::open(&messaging);
        for piece in input.as_bytes().chunks(pieces) {
            client.send(piece.to_vec());
        }
        let error = client.expect_frame().await;
        assert!(text(&error).contains("32768"), "{error:?}");
    }
    // What waits behind CONNECT counts, too.
    let mut client = TestConnection::open(&messaging);
    client.send(format!(
        "CONNECT\naccept-version:1.2\nhost:h\n\n\0SEND\ndestination:/topic/a\n\n{}\0",
        "x".repeat(33_000)
    ));
    client.expect_error("too-large").await;
}

#[tokio::test(start_paused = true)]
async fn t_10_frames_per_message() {
    let limits = Limits::default();
    let frames = |count: usize| "\nSEND\ndestination:/topic/a\n\n\0\n\n".repeat(count);
    expect_taken(&limits, frames(64)).await;
    expect_refused(
        &limits,
        &frames(65),
        "too-many-frames",
        "frames_per_message",
        64,
    )
    .await;
    // In each message, not in all.
    let mut client = connect(&server(), "1.2").await;
    for _ in 0..10 {
        client.send(frames(64));
    }
    expect_nothing(&mut client).await;
    // The frames before the one too many are handled.
    let messaging = server();
    let mut watcher = subscriber(&messaging, "/topic/a").await;
    connect(&messaging, "1.2").await.send(frames(65));
    for _ in 0..64 {
        watcher.expect_message().await;
    }
    expect_nothing(&mut watcher).await;
}

#[tokio::test(start_paused = true)]
async fn t_21_t_33_destinations() {
    let limits = Limits::default();
    let umlauts = "/topic/".to_owned() + &"ü".repeat(120);
    let of_bytes = |bytes: usize| umlauts.clone() + &"x".repeat(bytes - umlauts.len());
    let of_segments = |segments: usize| "/topic".to_owned() + &"/a".repeat(segments - 1);
    for frame in [
        "SEND\ndestination:{}\n\n\0",
        "SUBSCRIBE\nid:1\ndestination:{}\n\n\0",
    ] {
        let frame = |destination: &str| frame.replace("{}", destination);
        expect_taken(&limits, frame(&of_bytes(255))).await;
        expect_refused(
            &limits,
            &frame(&of_bytes(256)),
            "destination-too-long",
            "destination_bytes",
            255,
        )
        .await;
        expect_taken(&limits, frame(&of_segments(16))).await;
        expect_refused(
            &limits,
            &frame(&of_segments(17)),
            "destination-too-long",
            "destination_segments",
            16,
        )
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn sub_032_subscriptions() {
    let mut client = connect(&server(), "1.2").await;
    for number in 0..128 {
        subscribe(&mut client, &number.to_string(), "/topic/a").await;
    }
    client.send("SUBSCRIBE\nid:128\ndestination:/topic/a\n\n\0");
    let error = client.expect_error("too-many-subscriptions").await;
    assert_eq!(
        text(&error),
        "the session has too many subscriptions (at most 128, limit subscriptions)"
    );
}

/// One that has ended makes room for another.
#[tokio::test(start_paused = true)]
async fn t_21_subscriptions_to_patterns() {
    let mut client = connect(&server(), "1.2").await;
    subscribe(&mut client, "exact", "/topic/a").await;
    for number in 0..32 {
        let destination = format!("/topic/{number}/*");
        subscribe(&mut client, &number.to_string(), &destination).await;
    }
    client.send("UNSUBSCRIBE\nid:7\nreceipt:r\n\n\0");
    client.expect_receipt("r").await;
    subscribe(&mut client, "7", "/user/queue/*").await;
    subscribe(&mut client, "another", "/topic/b").await;
    client.send("SUBSCRIBE\nid:32\ndestination:/topic/**\n\n\0");
    let error = client.expect_error("too-many-subscriptions").await;
    assert_eq!(
        text(&error),
        "the session has too many subscriptions to patterns (at most 32, limit pattern_subscriptions)"
    );
}

#[tokio::test(start_paused = true)]
async fn sessions_per_user() {
    let messaging = server_with(|limits| limits.sessions_per_user = Some(2));
    let first = TestConnection::connect_as(&messaging, "joe").await;
    let _second = TestConnection::connect_as(&messaging, "joe").await;
    let _other = TestConnection::connect_as(&messaging, "ann").await;
    for _ in 0..2 {
        let _anonymous = TestConnection::connect(&messaging).await;
        let mut third = TestConnection::open_as(&messaging, "joe");
        third.send("CONNECT\naccept-version:1.2\n\n\0");
        let error = third.expect_error("too-many-sessions").await;
        assert_eq!(
            text(&error),
            "the user has too many sessions (at most 2, limit sessions_per_user)"
        );
    }
    // The refused ones are not counted, and one that has left makes room.
    assert_eq!(messaging.users().user("joe").unwrap().sessions().len(), 2);
    drop(first);
    while messaging.users().user("joe").unwrap().sessions().len() == 2 {
        tokio::task::yield_now().await;
    }
    TestConnection::connect_as(&messaging, "joe").await;
}

#[tokio::test(start_paused = true)]
async fn neg_027_connect_timeout() {
    let messaging = server_with(|limits| limits.connect_timeout = 3 * SECOND);
    let mut in_time = TestConnection::open(&messaging);
    in_time
        .expect_silence(3 * SECOND - Duration::from_millis(5))
        .await;
    in_time.send_connect("1.2").await;
    let mut late = TestConnection::open(&messaging);
    let opened = Instant::now();
    late.expect_error("connect-timeout").await;
    assert_passed(opened, 3 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn heart_beat_tolerance_and_maximum() {
    let messaging = server_with(|limits| {
        limits.heart_beat_max = 5 * SECOND;
        limits.heart_beat_tolerance = 3;
    });
    let mut client = TestConnection::open(&messaging);
    client.send("CONNECT\naccept-version:1.2\nhost:h\nheart-beat:2000,9000\n\n\0");
    let connected = client.expect_connected().await;
    assert_eq!(connected.header("heart-beat"), Some("5000,2000"));
    let connected = Instant::now();
    client.expect_error("heart-beat-lost").await;
    assert_passed(connected, 6 * SECOND);
}

/// EP-22.
#[tokio::test(start_paused = true)]
async fn in_15_outbound_bytes() {
    let messaging = server();
    let mut client = subscriber(&messaging, "/topic/a").await;
    let template = messaging.template();
    template.convert_and_send("/topic/a", "x").await.unwrap();
    let Some(Sent::Text(frame)) = client.receive().await else {
        panic!("a MESSAGE")
    };
    // The transport has taken one of five messages; four wait.
    for (limit, closed) in [(4 * frame.len(), false), (4 * frame.len() - 1, true)] {
        let messaging = server_with(|limits| limits.outbound_bytes = limit);
        let mut slow = TestConnection::open_slow(&messaging, 1);
        slow.send_connect("1.2").await;
        subscribe(&mut slow, "s", "/topic/a").await;
        messaging
            .template()
            .convert_and_send("/topic/a", "x")
            .await
            .unwrap();
        expect_nothing(&mut connect(&messaging, "1.2").await).await;
        for _ in 0..4 {
            messaging
                .template()
                .convert_and_send("/topic/a", "x")
                .await
                .unwrap();
        }
        let (mut messages, mut errors) = (0, 0);
        while let Some(Sent::Text(frame)) = {
            slow.send("DISCONNECT\n\n\0");
            slow.receive().await
        } {
            if frame.starts_with("ERROR") {
                assert!(frame.contains("code:slow-consumer"), "{frame}");
                assert!(
                    frame.contains(&format!("{limit}, limit outbound_bytes")),
                    "{frame}"
                );
                errors += 1;
            } else {
                messages += 1;
            }
        }
        assert_eq!((messages, errors), if closed { (1, 1) } else { (5, 0) });
    }
}

#[tokio::test(start_paused = true)]
async fn lim_015_a_megabyte_if_the_server_allows_it() {
    let messaging = server_with(|limits| {
        limits.message_bytes = 2 * 1024 * 1024;
        limits.outbound_bytes = 4 * 1024 * 1024;
    });
    let mut client = subscriber(&messaging, "/topic/a").await;
    let sender = connect(&messaging, "1.2").await;
    for byte in [b'x', 0xff] {
        let body = vec![byte; 1024 * 1024];
        let head = format!(
            "SEND\ndestination:/topic/a\ncontent-length:{}\n\n",
            body.len()
        );
        sender.send([head.as_bytes(), &body, b"\0"].concat());
        assert_eq!(client.expect_message().await.body, body);
    }
}
