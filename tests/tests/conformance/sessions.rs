//! Listing and closing sessions, and what the registries know: UR-1, UR-3, UR-4, EVT-13.

use stomp_axum::{
    message::Principal,
    session::{CloseReason, Session, SessionSubscription},
};

use super::*;

fn pairs(subscriptions: &[SessionSubscription]) -> Vec<(Option<&str>, &str)> {
    subscriptions
        .iter()
        .map(|found| (found.id(), found.destination()))
        .collect()
}

fn session(messaging: &Messaging, user: &str) -> Session {
    messaging.users().user(user).unwrap().sessions()[0].clone()
}

#[tokio::test(start_paused = true)]
async fn ur_1_3_a_session_lists_its_subscriptions_as_the_client_wrote_them() {
    let messaging = server();
    let mut joe = TestConnection::connect_as(&messaging, "joe").await;
    let session = session(&messaging, "joe");
    assert_eq!(session.subscriptions(), []);
    for destination in ["/user/queue/b", "/topic/*", "/queue/a"] {
        subscribe(&mut joe, destination, destination).await;
    }
    joe.send("UNSUBSCRIBE\nid:/topic/*\nreceipt:r\n\n\0");
    joe.expect_receipt("r").await;
    let subscriptions = session.subscriptions();
    assert_eq!(
        pairs(&subscriptions),
        [
            (Some("/user/queue/b"), "/user/queue/b"),
            (Some("/queue/a"), "/queue/a")
        ]
    );
    assert_eq!(subscriptions[0].session(), &session);
    drop(joe);
    messaging.shutdown(SECOND).await;
    assert_eq!(session.subscriptions(), []);
}

#[tokio::test(start_paused = true)]
async fn sub_013_ur_3_subscriptions_of_stomp_1_0_may_have_no_id() {
    let messaging = server();
    let mut client = connect(&messaging, "1.0").await;
    client.send("SUBSCRIBE\ndestination:/topic/a\n\n\0");
    // An id that is the destination of another is another subscription.
    client.send("SUBSCRIBE\nid:/topic/a\ndestination:/topic/b\nreceipt:r\n\n\0");
    client.expect_receipt("r").await;
    let session = messaging.sessions().sessions().remove(0);
    assert_eq!(
        pairs(&session.subscriptions()),
        [(None, "/topic/a"), (Some("/topic/a"), "/topic/b")]
    );
    client.send("UNSUBSCRIBE\ndestination:/topic/a\nreceipt:r\n\n\0");
    client.expect_receipt("r").await;
    assert_eq!(
        pairs(&session.subscriptions()),
        [(Some("/topic/a"), "/topic/b")]
    );
}

#[tokio::test(start_paused = true)]
async fn ur_3_the_registry_finds_users_sessions_and_subscriptions() {
    let messaging = server();
    let mut phone = TestConnection::connect_as(&messaging, "joe").await;
    let mut laptop = TestConnection::connect_as(&messaging, "joe").await;
    let mut ann = TestConnection::connect_as(&messaging, "ann").await;
    let _anonymous = subscriber(&messaging, "/topic/a").await;
    subscribe(&mut phone, "1", "/topic/a").await;
    subscribe(&mut laptop, "2", "/topic/b").await;
    subscribe(&mut ann, "3", "/topic/a").await;

    let users = messaging.users();
    assert_eq!(users.user_count(), 2);
    let mut names: Vec<_> = users
        .users()
        .iter()
        .map(|user| user.name().to_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["ann", "joe"]);
    let joe = users.user("joe").unwrap();
    assert_eq!(joe.principal(), Some(&Principal::new("joe")));
    assert_eq!(joe.sessions().len(), 2);
    let [first, second] = joe.sessions() else {
        panic!("joe has two sessions")
    };
    assert_eq!(joe.session(first.id()), Some(first));
    assert_eq!(joe.session(second.id()), Some(second));
    let others = users.user("ann").unwrap().sessions()[0].clone();
    assert_eq!(joe.session(others.id()), None);
    assert!(users.user("nobody").is_none());

    let mut found = users.find_subscriptions(|found| found.destination() == "/topic/a");
    found.sort_by_key(|found| found.id().map(str::to_owned));
    // UR-1: anonymous sessions don't appear.
    assert_eq!(
        pairs(&found),
        [(Some("1"), "/topic/a"), (Some("3"), "/topic/a")]
    );
    assert_eq!(found[0].session(), first);
    // A predicate may ask the registry itself.
    let of_two = users.find_subscriptions(|found| {
        let principal = found.session().principal().unwrap();
        users.user(principal.name()).unwrap().sessions().len() == 2
    });
    assert_eq!(of_two.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn evt_13_ur_1_a_user_is_gone_with_the_last_session() {
    let messaging = server();
    let phone = TestConnection::connect_as(&messaging, "joe").await;
    let mut laptop = TestConnection::connect_as(&messaging, "joe").await;
    drop(phone);
    expect_nothing(&mut laptop).await;
    assert_eq!(messaging.users().user("joe").unwrap().sessions().len(), 1);
    assert_eq!(messaging.sessions().len(), 1);
    laptop.send("DISCONNECT\n\n\0");
    laptop.expect_closed(CloseReason::Disconnected).await;
    assert_eq!(messaging.users().user_count(), 0);
    assert!(messaging.sessions().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_application_closes_sessions_by_id_by_user_and_by_predicate() {
    let messaging = server();
    let sessions = messaging.sessions();
    let mut phone = TestConnection::connect_as(&messaging, "joe").await;
    let mut laptop = TestConnection::connect_as(&messaging, "joe").await;
    let mut ann = TestConnection::connect_as(&messaging, "ann").await;
    let mut bob = TestConnection::connect_as(&messaging, "bob").await;
    assert_eq!(sessions.sessions().len(), 4);
    subscribe(&mut ann, "s", "/topic/a").await;

    let id = session(&messaging, "ann").id().clone();
    messaging
        .template()
        .convert_and_send("/topic/a", "last words")
        .await
        .unwrap();
    assert!(sessions.close(&id, "we are moving"));
    assert!(!sessions.close(&id, "closed already"));
    assert_eq!(text(&ann.expect_message().await), "last words");
    ann.expect_closed(CloseReason::ByApplication("we are moving"))
        .await;
    assert!(!sessions.close(&id, "nobody has this id"));

    assert_eq!(sessions.close_user("joe", "logged out"), 2);
    assert_eq!(sessions.close_user("nobody", "logged out"), 0);
    for client in [&mut phone, &mut laptop] {
        client
            .expect_closed(CloseReason::ByApplication("logged out"))
            .await;
    }

    // A predicate may ask the registry itself.
    let all = |session: &Session| sessions.get(session.id()).is_some();
    assert_eq!(sessions.close_where(all, "the end"), 1);
    let reason = CloseReason::ByApplication("the end");
    bob.expect_closed(reason).await;
    assert_eq!((reason.code(), reason.as_str()), (1000, "the end"));
    assert!(sessions.is_empty());
}

#[tokio::test(start_paused = true)]
async fn rv_20_tc_50_a_user_may_have_another_name_in_destinations() {
    let messaging = server();
    let joe = Principal::new("Joe").with_destination_user_name("42");
    let mut client = TestConnection::open_as(&messaging, joe);
    let connected = client.send_connect("1.2").await;
    // SB-6, OUT-11: the client sees the principal's name.
    assert_eq!(connected.header("user-name"), Some("Joe"));
    subscribe(&mut client, "s", "/user/queue/a").await;
    assert!(messaging.users().user("Joe").is_none());
    let user = messaging.users().user("42").unwrap();
    assert_eq!(
        (user.name(), user.principal().unwrap().name()),
        ("42", "Joe")
    );

    let template = messaging.template();
    for name in ["Joe", "42"] {
        template
            .convert_and_send_to_user(name, "/queue/a", name)
            .await
            .unwrap();
    }
    assert_eq!(message(&mut client).await.1, "42");
    expect_nothing(&mut client).await;
    assert_eq!(messaging.sessions().close_user("Joe", "logged out"), 0);
    assert_eq!(messaging.sessions().close_user("42", "logged out"), 1);
}

#[tokio::test(start_paused = true)]
async fn st_10_ud_3_user_names_with_slashes_and_percent_signs() {
    let messaging = server();
    let mut sender = connect(&messaging, "1.2").await;
    for (name, escaped) in [
        ("a/b", "a%2Fb"),
        ("100%", "100%"),
        ("%2f", "%2f"),
        ("a%b/c", "a%b%2Fc"),
        ("%", "%"),
        ("ü/😀", "ü%2F😀"),
        // Spring refuses this name.
        ("a%2Fb", "a%252Fb"),
    ] {
        let mut client = TestConnection::connect_as(&messaging, name).await;
        subscribe(&mut client, "s", "/user/queue/a").await;
        messaging
            .template()
            .convert_and_send_to_user(name, "/queue/a", "from the server")
            .await
            .unwrap();
        assert_eq!(message(&mut client).await.1, "from the server", "{name}");
        let destination = format!("/user/{escaped}/queue/a");
        send(&mut sender, &destination, "from a client").await;
        assert_eq!(message(&mut client).await.1, "from a client", "{name}");
    }
}
