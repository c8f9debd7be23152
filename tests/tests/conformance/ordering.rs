//! Ordering: ORD.

use super::*;

/// OR-1, OR-7, SPH-40, EP-17: without any setting.
#[tokio::test(start_paused = true)]
async fn ord_001_ten_thousand_messages_in_order() {
    let messaging = server();
    let mut client = subscriber(&messaging, "/topic/a").await;
    let sender = connect(&messaging, "1.2").await;
    let frame = |number: usize| format!("SEND\ndestination:/topic/a\n\n{number}\0");
    // As many in one piece as are allowed: the subscriber must not be cut off because the sender is fast.
    for first in (0..10_000).step_by(50) {
        sender.send((first..first + 50).map(frame).collect::<String>());
    }
    for number in 0..10_000 {
        assert_eq!(message(&mut client).await.1, number.to_string());
    }
}

#[tokio::test(start_paused = true)]
async fn ord_001_large_messages_in_order() {
    let messaging = server();
    let mut client = subscriber(&messaging, "/topic/a").await;
    let sender = connect(&messaging, "1.2").await;
    let filler = "x".repeat(60_000);
    for number in 0..100 {
        sender.send(format!(
            "SEND\ndestination:/topic/a\nnumber:{number}\n\n{filler}\0"
        ));
    }
    for number in 0..100 {
        let message = client.expect_message().await;
        assert_eq!(message.header("number"), Some(&*number.to_string()));
    }
}

#[tokio::test(start_paused = true)]
async fn ord_002_several_destinations_of_one_sender() {
    let messaging = server();
    let mut client = connect(&messaging, "1.2").await;
    subscribe(&mut client, "a", "/topic/a").await;
    subscribe(&mut client, "b", "/topic/b").await;
    subscribe(&mut client, "*", "/topic/*").await;
    let sender = connect(&messaging, "1.2").await;
    for number in 0..100 {
        let destination = ["a", "b"][number % 2];
        sender.send(format!(
            "SEND\ndestination:/topic/{destination}\n\n{number}\0"
        ));
    }
    let mut received = std::collections::HashMap::<_, Vec<usize>>::new();
    for _ in 0..200 {
        let (subscription, number) = message(&mut client).await;
        received
            .entry(subscription)
            .or_default()
            .push(number.parse().unwrap());
    }
    assert_eq!(received["a"], (0..100).step_by(2).collect::<Vec<_>>());
    assert_eq!(received["b"], (1..100).step_by(2).collect::<Vec<_>>());
    assert_eq!(received["*"], (0..100).collect::<Vec<_>>());
}

/// On several threads, with subscriptions that come and go meanwhile.
///
/// OR-10.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ord_003_008_sub_011_each_senders_order_is_kept_on_all_threads() {
    const SENDERS: usize = 4;
    const MESSAGES: usize = 500;
    let messaging = server();
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(subscriber(&messaging, "/topic/a").await);
    }
    let mut tasks = Vec::new();
    for sender in 0..SENDERS {
        let mut connection = connect(&messaging, "1.2").await;
        tasks.push(tokio::spawn(async move {
            for number in 0..MESSAGES {
                send(&mut connection, "/topic/a", &format!("{sender} {number}")).await;
            }
        }));
    }
    // SUB-011: between the RECEIPT of SUBSCRIBE and the UNSUBSCRIBE messages come, behind its RECEIPT none.
    let mut changing = connect(&messaging, "1.2").await;
    tasks.push(tokio::spawn(async move {
        for round in 0..200 {
            changing.send(format!(
                "SUBSCRIBE\nid:{round}\ndestination:/topic/a\nreceipt:on\n\n\0"
            ));
            changing.send(format!("UNSUBSCRIBE\nid:{round}\nreceipt:off\n\n\0"));
            changing.send("SEND\ndestination:/topic/b\nreceipt:then\n\n\0");
            let mut receipts = Vec::new();
            while receipts.len() < 3 {
                let frame = changing.expect_frame().await;
                match frame.header("receipt-id") {
                    Some(receipt) => receipts.push(receipt.to_owned()),
                    None => {
                        assert_eq!(frame.header("subscription"), Some(&*round.to_string()));
                        assert!(
                            receipts.len() < 2,
                            "a MESSAGE behind the RECEIPT of UNSUBSCRIBE"
                        );
                    }
                }
            }
            assert_eq!(receipts, ["on", "off", "then"]);
        }
    }));
    for client in &mut clients {
        let mut next = [0; SENDERS];
        for _ in 0..SENDERS * MESSAGES {
            let body = message(client).await.1;
            let (sender, number) = body.split_once(' ').unwrap();
            let next = &mut next[sender.parse::<usize>().unwrap()];
            assert_eq!(number.parse(), Ok(*next), "{body}");
            *next += 1;
        }
    }
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn ord_004_009_frames_of_one_client_take_effect_one_after_another() {
    let mut client = connect(&server(), "1.2").await;
    client.send(
        "SEND\ndestination:/topic/a\n\nbefore\0\
         SUBSCRIBE\nid:1\ndestination:/topic/a\n\n\0\
         SEND\ndestination:/topic/a\n\nbetween\0\
         UNSUBSCRIBE\nid:1\n\n\0\
         SEND\ndestination:/topic/a\n\nbehind\0\
         SUBSCRIBE\nid:2\ndestination:/topic/a\n\n\0\
         SEND\ndestination:/topic/a\n\nagain\0",
    );
    assert_eq!(
        message(&mut client).await,
        ("1".to_owned(), "between".to_owned())
    );
    assert_eq!(
        message(&mut client).await,
        ("2".to_owned(), "again".to_owned())
    );
    expect_nothing(&mut client).await;
}

/// The message is in the queue of every subscriber when its RECEIPT is written: so a sender that subscribes itself
/// gets the MESSAGE first.
#[tokio::test(start_paused = true)]
async fn ord_005_the_message_comes_before_its_receipt() {
    let mut client = subscriber(&server(), "/topic/a").await;
    client.send("SEND\ndestination:/topic/a\nreceipt:r\n\nx\0");
    client.expect_message().await;
    client.expect_receipt("r").await;
}

/// OR-8.
#[tokio::test(start_paused = true)]
async fn ord_006_connected_is_the_first_frame() {
    let messaging = server();
    for _ in 0..100 {
        let mut client = TestConnection::open_as(&messaging, "joe");
        client.send(
            "CONNECT\naccept-version:1.2\nhost:h\n\n\0SUBSCRIBE\nid:1\ndestination:/user/queue/a\n\n\0",
        );
        // Somebody sends to the user at any moment.
        messaging
            .template()
            .convert_and_send_to_user("joe", "/queue/a", "x")
            .await
            .unwrap();
        client.expect_connected().await;
        client.send("DISCONNECT\n\n\0");
    }
}

/// The rest of a large message is the start of a frame, and the connection's turn ends just before it: the server must
/// still read what follows.
#[tokio::test(start_paused = true)]
async fn str_009_a_turn_that_ends_before_the_start_of_a_frame_stops_no_reading() {
    let messaging = server();
    let mut client = subscriber(&messaging, "/topic/a").await;
    let sender = connect(&messaging, "1.2").await;
    let large = "x".repeat(40_000);
    sender.send(format!(
        "SEND\ndestination:/topic/a\n\n{large}\0SEND\ndestination:/topic/a\n\nsec"
    ));
    assert_eq!(message(&mut client).await.1, large);
    client.expect_silence(SECOND).await;
    sender.send("ond\0");
    assert_eq!(message(&mut client).await.1, "second");
}
