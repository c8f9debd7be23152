//! What is left when everybody has gone: nothing.

use super::*;

#[tokio::test(start_paused = true)]
async fn sub_033_ten_thousand_cycles_leave_nothing_behind() {
    let messaging = server();
    let tasks = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    let before = tasks();
    for cycle in 0..10_000 {
        let mut client =
            TestConnection::open_as(&messaging, format!("user {}", cycle % 7).as_str());
        client.send("CONNECT\naccept-version:1.2\nhost:h\nheart-beat:1000,1000\n\n\0");
        client.expect_connected().await;
        client.send(format!(
            "SUBSCRIBE\nid:1\ndestination:/topic/{cycle}\n\n\0\
             SUBSCRIBE\nid:2\ndestination:/topic/{cycle}/*\n\n\0\
             SUBSCRIBE\nid:3\ndestination:/topic/**\n\n\0\
             SUBSCRIBE\nid:4\ndestination:/user/queue/{cycle}\n\n\0\
             SUBSCRIBE\nid:5\ndestination:/user/**\n\n\0\
             UNSUBSCRIBE\nid:{}\nreceipt:r\n\n\0",
            cycle % 5 + 1
        ));
        client.expect_receipt("r").await;
        let statistics = messaging.broker_statistics();
        assert_eq!(statistics.subscriptions, 4);
        match cycle % 4 {
            0 => client.send("DISCONNECT\nreceipt:bye\n\n\0"),
            1 => client.send("nonsense\n\n\0"),
            2 => client.finish(),
            _ => {}
        }
        if cycle % 4 < 2 {
            client.expect_frame().await;
        }
        drop(client);
        while messaging.connection_count() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(messaging.sessions().is_empty());
        assert_eq!(messaging.broker_statistics(), Default::default());
    }
    assert_eq!(messaging.users().user_count(), 0);
    while tasks() > before {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn lim_012_ten_thousand_silent_connections_time_out() {
    let messaging = server();
    let clients: Vec<_> = (0..10_000)
        .map(|_| TestConnection::open(&messaging))
        .collect();
    let mut last = TestConnection::open(&messaging);
    last.expect_error("connect-timeout").await;
    assert_eq!(messaging.connection_count(), 10_001);
    assert_eq!(last.receive().await, None);
    assert_eq!(messaging.connection_count(), 0);
    drop(clients);
}

#[tokio::test(start_paused = true)]
async fn t_33_destinations_are_forgotten_with_their_last_subscription() {
    let messaging = server();
    let mut client = connect(&messaging, "1.2").await;
    for number in 0..5_000 {
        client.send(format!(
            "SUBSCRIBE\nid:1\ndestination:/topic/{number}\n\n\0\
             SUBSCRIBE\nid:2\ndestination:/topic/{number}/*\n\n\0\
             SEND\ndestination:/topic/unheard/{number}\n\n\0\
             UNSUBSCRIBE\nid:1\n\n\0UNSUBSCRIBE\nid:2\nreceipt:r\n\n\0"
        ));
        client.expect_receipt("r").await;
        assert_eq!(messaging.broker_statistics(), Default::default());
    }
}
