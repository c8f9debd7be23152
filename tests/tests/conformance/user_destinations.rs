//! User destinations and the user registry: UD, UR, TC-100 to TC-109.

use super::*;

async fn user(messaging: &Messaging, name: &str, destinations: &[&str]) -> TestConnection {
    let mut client = TestConnection::connect_as(messaging, name).await;
    for destination in destinations {
        subscribe(&mut client, destination, destination).await;
    }
    client
}

#[tokio::test(start_paused = true)]
async fn ud_002_011_tc_100_101_102_a_user_gets_messages_on_all_sessions_that_subscribe() {
    let messaging = server();
    let mut phone = user(&messaging, "joe", &["/user/queue/foo"]).await;
    let mut laptop = user(&messaging, "joe", &["/user/queue/foo", "/user/queue/bar"]).await;
    let mut ann = user(&messaging, "ann", &["/user/queue/foo"]).await;
    let mut anonymous = subscriber(&messaging, "/user/queue/foo").await;
    let template = messaging.template();
    template
        .convert_and_send_to_user("joe", "/queue/foo", "1")
        .await
        .unwrap();
    template
        .convert_and_send_to_user("joe", "queue/bar", "2")
        .await
        .unwrap();
    for client in [&mut phone, &mut laptop] {
        let message = client.expect_message().await;
        // UD-11: the destination that the client knows.
        assert_eq!(message.header("destination"), Some("/user/queue/foo"));
        assert_eq!(message.header("subscription"), Some("/user/queue/foo"));
        assert_eq!(text(&message), "1");
    }
    assert_eq!(
        message(&mut laptop).await,
        ("/user/queue/bar".to_owned(), "2".to_owned())
    );
    for client in [&mut phone, &mut laptop, &mut ann, &mut anonymous] {
        expect_nothing(client).await;
    }
    // UD-12: UNSUBSCRIBE by id alone.
    phone.send("UNSUBSCRIBE\nid:/user/queue/foo\nreceipt:r\n\n\0");
    phone.expect_receipt("r").await;
    template
        .convert_and_send_to_user("joe", "/queue/foo", "3")
        .await
        .unwrap();
    expect_nothing(&mut phone).await;
    assert_eq!(message(&mut laptop).await.1, "3");
}

#[tokio::test(start_paused = true)]
async fn ud_003_007_013_tc_103_104_clients_send_to_users() {
    let messaging = server();
    let mut joe = user(&messaging, "joe", &["/user/queue/foo"]).await;
    let mut other_joe = user(&messaging, "joe", &["/user/queue/foo"]).await;
    let mut slashes = user(&messaging, "http://joe/", &["/user/queue/foo"]).await;
    let mut ann = user(&messaging, "ann", &["/user/queue/foo"]).await;
    send(&mut ann, "/user/joe/queue/foo", "hello").await;
    for client in [&mut joe, &mut other_joe] {
        let message = client.expect_message().await;
        assert_eq!(message.header("destination"), Some("/user/queue/foo"));
        assert_eq!(text(&message), "hello");
    }
    send(&mut ann, "/user/http\\c%2F%2Fjoe%2F/queue/foo", "escaped").await;
    assert_eq!(message(&mut slashes).await.1, "escaped");
    // UD-7 is a side effect in Spring: here a client that sends to its own user reaches all sessions of that user.
    joe.send("SEND\ndestination:/user/joe/queue/foo\n\nmyself\0");
    assert_eq!(message(&mut joe).await.1, "myself");
    assert_eq!(message(&mut other_joe).await.1, "myself");
    for client in [&mut joe, &mut other_joe, &mut slashes, &mut ann] {
        expect_nothing(client).await;
    }
}

#[tokio::test(start_paused = true)]
async fn ud_003_a_user_destination_must_name_user_and_destination() {
    let messaging = server();
    for destination in ["/user/joe", "/user/joe/", "/user//queue/a", "/user/"] {
        let mut client = connect(&messaging, "1.2").await;
        client.send(format!("SEND\ndestination:{destination}\nreceipt:r\n\nx\0"));
        let error = client.expect_error("invalid-destination").await;
        assert_eq!(error.header("receipt-id"), Some("r"), "{destination}");
    }
}

#[tokio::test(start_paused = true)]
async fn ud_005_010_st_12_messages_for_who_is_not_there_are_dropped() {
    let messaging = server();
    messaging
        .template()
        .convert_and_send_to_user("joe", "/queue/a", "x")
        .await
        .unwrap();
    let mut client = user(&messaging, "joe", &["/user/queue/a"]).await;
    send(&mut client, "/user/nobody/queue/a", "x").await;
    expect_nothing(&mut client).await;
}

/// A session id is no user name: nobody can address a session by it, not even the session itself. Replies to
/// anonymous sessions don't need it, they are narrowed to the session.
#[tokio::test(start_paused = true)]
async fn ud_004_tc_105_session_ids_are_no_user_names() {
    let messaging = server();
    let mut anonymous = TestConnection::open(&messaging);
    let connected = anonymous.send_connect("1.2").await;
    let id = connected.header("session").unwrap();
    subscribe(&mut anonymous, "s", "/user/queue/a").await;
    let own = format!("/user/{id}/queue/a");
    send(&mut anonymous, &own, "x").await;
    send(&mut user(&messaging, "joe", &[]).await, &own, "x").await;
    messaging
        .template()
        .convert_and_send_to_user(id, "/queue/a", "x")
        .await
        .unwrap();
    expect_nothing(&mut anonymous).await;
}

#[tokio::test(start_paused = true)]
async fn ud_014_patterns_match_within_the_users_own_destinations() {
    let messaging = server();
    let patterns = ["/user/queue/*", "/user/**", "/user/{kind}/a"];
    let mut joe = user(&messaging, "joe", &patterns).await;
    let mut ann = user(&messaging, "ann", &patterns).await;
    messaging
        .template()
        .convert_and_send_to_user("joe", "/queue/a", "x")
        .await
        .unwrap();
    let mut ids = Vec::new();
    for _ in patterns {
        let message = joe.expect_message().await;
        assert_eq!(message.header("destination"), Some("/user/queue/a"));
        ids.push(message.header("subscription").unwrap().to_owned());
    }
    ids.sort();
    assert_eq!(ids, ["/user/**", "/user/queue/*", "/user/{kind}/a"]);
    expect_nothing(&mut ann).await;
    for id in patterns {
        joe.send(format!("UNSUBSCRIBE\nid:{id}\nreceipt:r\n\n\0"));
        joe.expect_receipt("r").await;
    }
    messaging
        .template()
        .convert_and_send_to_user("joe", "/queue/a", "x")
        .await
        .unwrap();
    expect_nothing(&mut joe).await;
}

/// ST-11.
#[tokio::test(start_paused = true)]
async fn ud_001_tc_109_only_the_prefix_makes_a_user_destination() {
    for prefix in ["/people/", "/people", "people"] {
        let messaging = builder().user_destination_prefix(prefix).build().unwrap();
        let mut joe = user(&messaging, "joe", &["/people/queue/a"]).await;
        messaging
            .template()
            .convert_and_send_to_user("joe", "/queue/a", "x")
            .await
            .unwrap();
        let message = joe.expect_message().await;
        assert_eq!(message.header("destination"), Some("/people/queue/a"));
        joe.send("SEND\ndestination:/user/joe/queue/a\n\n\0");
        joe.expect_error("unknown-destination").await;
    }
    // TC-109: neither CONNECT nor other destinations are looked at.
    let messaging = server();
    let mut client = TestConnection::open(&messaging);
    client.send("CONNECT\naccept-version:1.2\nhost:h\ndestination:/user/joe/a\n\n\0");
    client.expect_connected().await;
    client.send("SUBSCRIBE\nid:1\ndestination:/topic/user/joe\n\n\0SEND\ndestination:/topic/user/joe\n\nx\0");
    assert_eq!(
        client.expect_message().await.header("destination"),
        Some("/topic/user/joe")
    );
}

/// GS-28: a broker without prefixes serves everything else, and breaks nothing.
#[tokio::test(start_paused = true)]
async fn sb_003_a_broker_without_prefixes_leaves_user_destinations_alone() {
    let messaging = Messaging::builder()
        .handlers(Handlers::none())
        .build()
        .unwrap();
    let mut joe = user(&messaging, "joe", &["/user/queue/a", "/queue/a", "/**"]).await;
    messaging
        .template()
        .convert_and_send_to_user("joe", "/queue/a", "x")
        .await
        .unwrap();
    assert_eq!(message(&mut joe).await.0, "/user/queue/a");
    expect_nothing(&mut joe).await;
    send(&mut connect(&messaging, "1.2").await, "/queue/a", "y").await;
    let mut ids = [message(&mut joe).await.0, message(&mut joe).await.0];
    ids.sort();
    assert_eq!(ids, ["/**", "/queue/a"]);
}

#[tokio::test(start_paused = true)]
async fn ur_001_003_the_registry_knows_users_while_they_are_connected() {
    let messaging = server();
    let users = messaging.users();
    connect(&messaging, "1.2").await;
    assert_eq!(users.user_count(), 0);
    let mut phone = TestConnection::connect_as(&messaging, "joe").await;
    let laptop = TestConnection::connect_as(&messaging, "joe").await;
    assert_eq!(users.user_count(), 1);
    let joe = users.user("joe").unwrap();
    assert_eq!((joe.name(), joe.sessions().len()), ("joe", 2));
    assert!(
        joe.sessions()
            .iter()
            .all(|session| session.principal().unwrap().name() == "joe")
    );
    assert!(users.user("ann").is_none());
    assert!(users.user("Joe").is_none());

    phone.send("DISCONNECT\nreceipt:bye\n\n\0");
    phone.expect_receipt("bye").await;
    assert_eq!(users.user("joe").unwrap().sessions().len(), 1);
    // What was asked before is a snapshot.
    assert_eq!(joe.sessions().len(), 2);
    drop(laptop);
    expect_nothing(&mut connect(&messaging, "1.2").await).await;
    assert!(users.users().is_empty());
}

/// In Spring, the registry loses a SUBSCRIBE that overtakes CONNECTED.
#[tokio::test(start_paused = true)]
async fn ur_002_whoever_sees_connected_is_registered() {
    let messaging = server();
    let mut client = TestConnection::open_as(&messaging, "joe");
    client.send(
        "CONNECT\naccept-version:1.2\nhost:h\n\n\0\
         SUBSCRIBE\nid:1\ndestination:/user/queue/a\n\n\0\
         SEND\ndestination:/user/joe/queue/a\n\nx\0",
    );
    client.expect_connected().await;
    assert!(messaging.users().user("joe").is_some());
    assert_eq!(message(&mut client).await.1, "x");
}
