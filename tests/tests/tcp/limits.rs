//! What protects the server does so over streams, too; and heart-beats: LIM, HB, T-04, T-08, T-22, T-23.

use stomp_axum::codec::Command;
use tokio::io::AsyncReadExt;

use super::*;

/// TCP-001: there are no messages of which one could have too many frames.
#[tokio::test(start_paused = true)]
async fn frames_that_come_at_once_are_not_counted() {
    let messaging = server_with(|limits| limits.frames_per_message = 2);
    let mut client = connect(&messaging).await;
    client
        .send("SEND\ndestination:/topic/a\n\n\0".repeat(1000))
        .await;
    client.send("DISCONNECT\nreceipt:bye\n\n\0").await;
    client.expect_receipt("bye").await;
}

#[tokio::test(start_paused = true)]
async fn t_08_a_frame_that_never_ends_is_refused_at_the_limit() {
    let messaging = server();
    for (start, more) in [
        ("SEND\ndestination:/topic/a\n\n", "x"),
        ("SEND\n", "a:b\n"),
        ("SEND\ndestination:", "x"),
    ] {
        let mut client = connect(&messaging).await;
        client.send(start).await;
        client.send(more.repeat(70_000)).await;
        let error = client.expect(Command::Error).await;
        client.expect_end().await;
        let code = error.header("code").unwrap();
        assert!(code.contains("too-"), "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn lim_007_t_06_before_connected_less_is_taken() {
    let messaging = server();
    let mut client = open(&messaging);
    client.send("CONNECT\naccept-version:1.2\n").await;
    for _ in 0..5 {
        client.send(format!("h:{}\n", "x".repeat(8000))).await;
    }
    let error = client.expect(Command::Error).await;
    assert!(error.header("code").unwrap().contains("too-"));
    client.expect_end().await;
}

/// One byte in each packet.
#[tokio::test(start_paused = true)]
async fn t_04_a_header_byte_by_byte_is_refused_at_the_limit() {
    let messaging = server();
    let mut client = open_with_room(&messaging, 1);
    client.send("CONNECT\nh:").await;
    // The limit is 8 KiB; what comes behind is drained.
    client.send("x".repeat(20_000)).await;
    client.expect_error("header-too-long").await;
}

#[tokio::test(start_paused = true)]
async fn t_22_connect_byte_by_byte_must_be_there_in_time() {
    let messaging = server();
    let mut client = open(&messaging);
    let started = Instant::now();
    for byte in "CONNECT\nh:xxxxxxxxx".chars() {
        client.send(byte.to_string()).await;
        tokio::time::sleep(SECOND / 2).await;
    }
    client.send("x").await;
    client.expect_error("connect-timeout").await;
    assert_passed(started, 10 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn t_23_a_client_that_reads_nothing_is_cut_off() {
    let messaging = server();
    let mut slow = open_with_room(&messaging, 1000);
    slow.connect().await;
    slow.subscribe("/topic/a").await;
    let started = Instant::now();
    let template = messaging.template();
    let body = "x".repeat(10_000);
    template.convert_and_send("/topic/a", &body).await.unwrap();
    tokio::time::sleep(10 * SECOND - Duration::from_millis(5)).await;
    assert_eq!(messaging.sessions().len(), 1);
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(messaging.sessions().len(), 0);
    // It has a second to take the ERROR.
    tokio::time::sleep(SECOND).await;
    assert_eq!(messaging.connection_count(), 0);
    assert!(started.elapsed() < 12 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn t_23_a_client_that_reads_slowly_makes_progress() {
    let messaging = server();
    let mut slow = open_with_room(&messaging, 1000);
    slow.connect().await;
    slow.subscribe("/topic/a").await;
    let body = "x".repeat(20_000);
    let template = messaging.template();
    template.convert_and_send("/topic/a", &body).await.unwrap();
    let mut received = Vec::new();
    while !received.ends_with(b"\0") {
        tokio::time::sleep(9 * SECOND).await;
        let mut piece = [0; 1000];
        let read = slow.stream.read(&mut piece).await.unwrap();
        assert!(read > 0);
        received.extend_from_slice(&piece[..read]);
    }
    assert!(received.ends_with(format!("\n\n{body}\0").as_bytes()));
    assert_eq!(messaging.sessions().len(), 1);
}

/// LIM-010, IN-15: the message that is half-written is all that comes before the ERROR.
#[tokio::test(start_paused = true)]
async fn t_23_a_client_whose_queue_is_full_is_told() {
    let messaging = server_with(|limits| limits.outbound_bytes = 10_000);
    let mut slow = open_with_room(&messaging, 1000);
    slow.connect().await;
    slow.subscribe("/topic/a").await;
    let template = messaging.template();
    for _ in 0..4 {
        let body = "x".repeat(4000);
        template.convert_and_send("/topic/a", &body).await.unwrap();
        settle().await;
    }
    assert!(messaging.sessions().is_empty());
    slow.expect(Command::Message).await;
    slow.expect_error("slow-consumer").await;
}

#[tokio::test(start_paused = true)]
async fn err_001_who_takes_the_error_byte_by_byte_is_dropped() {
    let messaging = server();
    let mut slow = open_with_room(&messaging, 1);
    slow.send(client::CONNECT).await;
    slow.expect(Command::Connected).await;
    slow.send("no frame\n\n\0").await;
    let started = Instant::now();
    while messaging.connection_count() > 0 {
        tokio::time::sleep(SECOND / 2).await;
        let _byte = slow.stream.read_u8().await;
        assert!(
            started.elapsed() < 15 * SECOND,
            "it can keep its connection"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn hb_008_hb_015_the_server_beats_with_one_octet() {
    let messaging = server();
    let mut client = open(&messaging);
    client
        .send("CONNECT\naccept-version:1.2\nheart-beat:0,5000\n\n\0")
        .await;
    client.expect(Command::Connected).await;
    let mut since = Instant::now();
    for _ in 0..20 {
        client.expect_bytes(b"\n").await;
        assert!(since.elapsed() <= 5 * SECOND);
        since = Instant::now();
    }
}

/// HB-013, HB-014, too.
#[tokio::test(start_paused = true)]
async fn hb_010_hb_012_whatever_comes_is_a_sign_of_life() {
    let messaging = server();
    let mut client = open(&messaging);
    client
        .send("CONNECT\naccept-version:1.2\nheart-beat:1000,0\n\n\0")
        .await;
    client.expect(Command::Connected).await;
    for part in [
        "\n",
        "\r\n",
        "\r",
        "\n",
        "SEND\ndestin",
        "ation:/topic/a\n",
        "\n",
        "x",
        "y",
        "\0",
    ] {
        client.expect_silence(SECOND).await;
        client.send(part).await;
    }
    let started = Instant::now();
    client.expect_error("heart-beat-lost").await;
    assert_passed(started, 2 * SECOND);
}

/// HB-016: the beat is due while the frame is half-written.
#[tokio::test(start_paused = true)]
async fn hb_016_no_beat_is_in_a_frame() {
    let messaging = server();
    let mut slow = open_with_room(&messaging, 1000);
    slow.send("CONNECT\naccept-version:1.2\nheart-beat:0,1000\n\n\0")
        .await;
    slow.expect(Command::Connected).await;
    slow.subscribe("/topic/a").await;
    let body = "x".repeat(5000);
    let template = messaging.template();
    template.convert_and_send("/topic/a", &body).await.unwrap();
    tokio::time::sleep(5 * SECOND).await;
    assert_eq!(client::text(&slow.expect(Command::Message).await), body);
}

#[tokio::test(start_paused = true)]
async fn hb_028_no_beat_follows_disconnect() {
    let messaging = server();
    let mut client = open(&messaging);
    client
        .send("CONNECT\naccept-version:1.2\nheart-beat:0,1000\n\n\0DISCONNECT\n\n\0")
        .await;
    client.expect(Command::Connected).await;
    assert_eq!(client.read_to_end().await, b"");
}
