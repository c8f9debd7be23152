//! Who may connect, send and subscribe: SEC-10 to SEC-16.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use stomp_axum::{
    endpoint::AuthorizationRules,
    message::{Message, MessageType, Principal},
    session::CloseReason,
    testing::FrameExt,
};

use super::*;

fn authorized(rules: AuthorizationRules) -> Messaging {
    builder().authorize(rules).build().unwrap()
}

/// Rules of which only those about destinations are of interest.
fn rules() -> AuthorizationRules {
    AuthorizationRules::new().no_destination().permit_all()
}

fn user(name: &str) -> Principal {
    Principal::new(name).with_roles(["USER"])
}

/// Whether a user may SEND and SUBSCRIBE to a destination. Who may not gets an ERROR, and is closed (SUB-031, ERR-007).
async fn may(
    messaging: &Messaging,
    principal: Option<Principal>,
    destination: &str,
) -> (bool, bool) {
    let mut may = Vec::new();
    for frame in ["SEND", "SUBSCRIBE\nid:1"] {
        let mut client = match &principal {
            Some(principal) => TestConnection::connect_as(messaging, principal.clone()).await,
            None => TestConnection::connect(messaging).await,
        };
        client.send(format!(
            "{frame}\ndestination:{destination}\nreceipt:r\n\n\0"
        ));
        let answer = client.expect_frame().await;
        match answer.header("code") {
            Some("access-denied") => {
                assert_eq!(answer.header("receipt-id"), Some("r"));
                client.expect_closed(CloseReason::Error).await;
                may.push(false);
            }
            Some(code) => panic!("{code} for {frame} {destination}"),
            None => may.push(true),
        }
    }
    (may[0], may[1])
}

#[tokio::test(start_paused = true)]
async fn sec_11_what_no_rule_is_for_is_denied() {
    // By a rule that is for nobody. (Without any, `build` fails.)
    let nobody = |_: &Message| false;
    let messaging = authorized(AuthorizationRules::new().matching(nobody).permit_all());
    let mut client = TestConnection::open_as(&messaging, "joe");
    client.send("CONNECT\naccept-version:1.2\n\n\0");
    let error = client.expect_error("access-denied").await;
    assert_eq!(error.text(), "you may not connect");
    assert!(messaging.sessions().is_empty());

    let messaging = authorized(rules().destinations(["/topic/a"]).permit_all());
    assert_eq!(may(&messaging, None, "/topic/a").await, (true, true));
    assert_eq!(may(&messaging, None, "/topic/b").await, (false, false));
}

#[tokio::test(start_paused = true)]
async fn sec_11_the_first_rule_that_is_for_a_message_decides() {
    let rules = rules()
        .destinations(["/topic/a"])
        .deny_all()
        .destinations(["/topic/*"])
        .permit_all()
        .destinations(["/topic/b"])
        .deny_all();
    let messaging = authorized(rules);
    assert_eq!(may(&messaging, None, "/topic/a").await, (false, false));
    assert_eq!(may(&messaging, None, "/topic/b").await, (true, true));
}

#[tokio::test(start_paused = true)]
async fn sec_12_matchers() {
    let rules = rules()
        .message_destinations(["/topic/send", "/queue/send"])
        .permit_all()
        .subscribe_destinations(["/topic/subscribe"])
        .permit_all()
        .destinations(["/topic/both"])
        .permit_all()
        .matching(|message: &Message| message.headers().contains("nothing"))
        .permit_all()
        .matching(|message: &Message| message.destination() == Some("/topic/custom"))
        .permit_all()
        .matching(|message: &Message| {
            assert_ne!(message.destination(), Some("/topic/panic"), "on purpose");
            false
        })
        .permit_all()
        .types([MessageType::Subscribe])
        .authenticated()
        .any_message()
        .has_role("ADMIN");
    let messaging = authorized(rules);
    let joe = || Some(user("joe"));
    let admin = || Some(Principal::new("admin").with_roles(["ADMIN"]));
    assert_eq!(may(&messaging, None, "/topic/send").await, (true, false));
    assert_eq!(may(&messaging, None, "/queue/send").await, (true, false));
    assert_eq!(
        may(&messaging, None, "/topic/subscribe").await,
        (false, true)
    );
    assert_eq!(may(&messaging, None, "/topic/both").await, (true, true));
    assert_eq!(may(&messaging, None, "/topic/custom").await, (true, true));
    assert_eq!(
        may(&messaging, admin(), "/topic/panic").await,
        (false, false)
    );
    assert_eq!(may(&messaging, None, "/topic/other").await, (false, false));
    assert_eq!(may(&messaging, joe(), "/topic/other").await, (false, true));
    assert_eq!(may(&messaging, admin(), "/topic/other").await, (true, true));
}

#[tokio::test(start_paused = true)]
async fn sec_14_decisions() {
    let checks = Arc::new(AtomicUsize::new(0));
    let counted = checks.clone();
    let rules = rules()
        .destinations(["/topic/permit"])
        .permit_all()
        .destinations(["/topic/deny"])
        .deny_all()
        .destinations(["/topic/authenticated"])
        .authenticated()
        .destinations(["/topic/anonymous"])
        .anonymous()
        .destinations(["/topic/role"])
        .has_role("USER")
        .destinations(["/topic/roles"])
        .has_any_role(["ADMIN", "TRADER"])
        .destinations(["/topic/panic"])
        .check(|_| panic!("on purpose"))
        .destinations(["/topic/of/{user}"])
        .check(move |request| {
            counted.fetch_add(1, Ordering::Relaxed);
            let user = request.destination_variables().get("user");
            assert!(request.message().destination().is_some());
            user.is_some() && user == request.principal().map(Principal::name)
        });
    let messaging = authorized(rules);
    let trader = || Some(Principal::new("ann").with_roles(["CLERK", "TRADER"]));
    for (destination, nobody, joe, ann) in [
        ("/topic/permit", true, true, true),
        ("/topic/deny", false, false, false),
        ("/topic/authenticated", false, true, true),
        ("/topic/anonymous", true, false, false),
        ("/topic/role", false, true, false),
        ("/topic/roles", false, false, true),
        ("/topic/panic", false, false, false),
        ("/topic/of/joe", false, true, false),
    ] {
        let expected = [nobody, joe, ann].map(|may| (may, may));
        let users = [None, Some(user("joe")), trader()];
        for (principal, expected) in users.into_iter().zip(expected) {
            let text = format!("{principal:?} {destination}");
            assert_eq!(
                may(&messaging, principal, destination).await,
                expected,
                "{text}"
            );
        }
    }
    assert_eq!(checks.load(Ordering::Relaxed), 6);
}

#[tokio::test(start_paused = true)]
async fn sec_13_destinations_are_judged_as_the_client_sent_them() {
    let rules = rules()
        .message_destinations(["/app/**", "/user/ann/**"])
        .permit_all()
        .subscribe_destinations(["/user/queue/**"])
        .permit_all();
    let messaging = authorized(rules);
    let joe = || Some(user("joe"));
    assert_eq!(may(&messaging, joe(), "/user/queue/a").await, (false, true));
    assert_eq!(
        may(&messaging, joe(), "/user/ann/queue/a").await,
        (true, false)
    );
    assert_eq!(may(&messaging, joe(), "/queue/a").await, (false, false));
}

#[tokio::test(start_paused = true)]
async fn sec_13_patterns_have_the_separator_of_the_server() {
    let messaging = Messaging::builder()
        .simple_broker(["topic"])
        .separator(stomp_axum::pattern::Separator::Dot)
        .handlers(Handlers::none())
        .authorize(rules().destinations(["topic.*"]).permit_all())
        .build()
        .unwrap();
    assert_eq!(may(&messaging, None, "topic.a").await, (true, true));
    assert_eq!(may(&messaging, None, "topic.a.b").await, (false, false));
}

/// SEC-13: whoever subscribes to a pattern must be allowed to subscribe to all that it matches.
#[tokio::test(start_paused = true)]
async fn sec_13_t_26_a_subscribed_pattern_gets_nothing_that_is_denied() {
    let rules = rules()
        .subscribe_destinations(["/topic/secret/**", "/topic/*/secret"])
        .has_role("ADMIN")
        .subscribe_destinations(["/topic/{room}/talk"])
        .check(|request| request.destination_variables().get("room") == Some("lobby"))
        .subscribe_destinations(["/topic/**"])
        .permit_all()
        .subscribe_destinations(["/queue/stock.*"])
        .permit_all();
    let messaging = authorized(rules);
    let subscribes = async |principal: Option<&str>, destination: &str| {
        let principal = principal.map(|role| Principal::new("x").with_roles([role]));
        may(&messaging, principal, destination).await.1
    };
    for (destination, everybody, admin) in [
        ("/topic/a", true, true),
        ("/topic/secret/a", false, true),
        ("/topic/a/secret", false, true),
        ("/topic/lobby/talk", true, true),
        ("/topic/office/talk", false, false),
        ("/topic/public/a*", true, true),
        ("/topic/a.*", true, true),
        // `/topic/secret`.
        ("/topic/*", false, true),
        ("/topic/{any}", false, true),
        ("/topic/secret/*", false, true),
        ("/topic/*/secret", false, true),
        // `/topic/secret/..`, and rooms that only a check can tell.
        ("/topic/**", false, false),
        ("/topic/*/talk", false, false),
        // What no rule is for as a whole.
        ("/**", false, false),
        ("/queue/*", false, false),
        ("/queue/stock.*", true, true),
        ("/queue/stock.us.*", true, true),
    ] {
        assert_eq!(
            subscribes(None, destination).await,
            everybody,
            "{destination}"
        );
        let by_admin = subscribes(Some("ADMIN"), destination).await;
        assert_eq!(by_admin, admin, "{destination} by an admin");
    }
}

#[tokio::test(start_paused = true)]
async fn sec_15_a_denied_unsubscribe_or_disconnect_takes_effect() {
    let rules = || {
        AuthorizationRules::new()
            .types([MessageType::Connect, MessageType::Subscribe])
            .permit_all()
            .any_message()
            .deny_all()
    };
    for frame in ["UNSUBSCRIBE\nid:s", "DISCONNECT"] {
        let disconnects = Arc::new(AtomicUsize::new(0));
        let seen = disconnects.clone();
        let counting = move |message: Message| {
            if message.message_type() == MessageType::Disconnect {
                seen.fetch_add(1, Ordering::Relaxed);
            }
            Ok(Some(message))
        };
        let messaging = builder().authorize(rules()).inbound_interceptor(counting);
        let messaging = messaging.build().unwrap();
        let mut client = subscriber(&messaging, "/topic/a").await;
        client.send(format!("{frame}\nreceipt:r\n\n\0"));
        let error = client.expect_error("access-denied").await;
        assert_eq!(error.header("receipt-id"), Some("r"));
        tokio::time::sleep(SECOND).await;
        assert_eq!(messaging.broker_statistics().subscriptions, 0);
        assert!(messaging.sessions().is_empty());
        // SB-16: interceptors see the end of the session, whatever the rules say.
        assert_eq!(disconnects.load(Ordering::Relaxed), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn sec_10_authorization_comes_behind_limits_and_authentication_and_before_interceptors() {
    let seen = Arc::new(AtomicUsize::new(0));
    let counted = seen.clone();
    // In the wrong order, on purpose: it does not matter.
    let messaging = builder()
        .inbound_interceptor(move |message: Message| {
            counted.fetch_add(1, Ordering::Relaxed);
            // Trusted: whatever it makes of a message is not judged again.
            let is_for_a = message.destination() == Some("/topic/a");
            Ok(Some(if is_for_a {
                message.with_destination("/topic/denied")
            } else {
                message
            }))
        })
        .authorize(
            AuthorizationRules::new()
                .no_destination()
                .has_role("USER")
                .destinations(["/topic/a"])
                .permit_all(),
        )
        .authenticator(async |connect: stomp_axum::endpoint::ConnectRequest| {
            Ok(connect.login().map(user))
        })
        .build()
        .unwrap();
    refused(
        &messaging,
        "CONNECT\naccept-version:1.2\n\n\0",
        "access-denied",
    )
    .await;
    assert_eq!(seen.load(Ordering::Relaxed), 0);
    let mut joe = TestConnection::connect_with(&messaging, "joe", "").await;
    joe.subscribe("/topic/a").await;
    let template = messaging.template();
    // What the application sends is not judged.
    template
        .convert_and_send("/topic/denied", "x")
        .await
        .unwrap();
    assert_eq!(message(&mut joe).await.1, "x");
    let before = seen.load(Ordering::Relaxed);
    joe.send_to(&"/topic/a".repeat(100), "x");
    joe.expect_error("destination-too-long").await;
    let mut joe = TestConnection::connect_with(&messaging, "joe", "").await;
    joe.send_to("/topic/denied", "x");
    joe.expect_error("access-denied").await;
    tokio::time::sleep(SECOND).await;
    // Two lost connections and one new one: neither the long nor the denied destination.
    assert_eq!(seen.load(Ordering::Relaxed), before + 3);
}

#[tokio::test(start_paused = true)]
async fn sec_16_the_recommended_set() {
    let rules = AuthorizationRules::new()
        .no_destination()
        .authenticated()
        .subscribe_destinations(["/user/queue/errors"])
        .permit_all()
        .destinations(["/topic/app/**"])
        .has_role("USER")
        .subscribe_destinations(["/user/**", "/topic/friends/*"])
        .has_role("USER")
        .types([MessageType::Message, MessageType::Subscribe])
        .deny_all()
        .any_message()
        .deny_all();
    let messaging = authorized(rules);
    refused(
        &messaging,
        "CONNECT\naccept-version:1.2\n\n\0",
        "access-denied",
    )
    .await;
    let (guest, joe) = (|| Some(Principal::new("guest")), || Some(user("joe")));
    for (destination, guest_may, joe_may) in [
        ("/user/queue/errors", (false, true), (false, true)),
        ("/user/queue/a", (false, false), (false, true)),
        ("/topic/app/a", (false, false), (true, true)),
        ("/topic/friends/a", (false, false), (false, true)),
        ("/queue/a-userabc", (false, false), (false, false)),
    ] {
        assert_eq!(
            may(&messaging, guest(), destination).await,
            guest_may,
            "{destination}"
        );
        assert_eq!(
            may(&messaging, joe(), destination).await,
            joe_may,
            "{destination}"
        );
    }
}

#[test]
fn sec_13_a_pattern_that_is_none_is_found_by_build() {
    let rules = rules().destinations(["/topic/{", "/topic/a"]).permit_all();
    let error = builder().authorize(rules).build().unwrap_err().to_string();
    assert!(
        error.contains("the pattern \"/topic/{\" of an authorization rule"),
        "{error}"
    );
}

#[test]
fn sec_16_rules_that_forget_what_has_no_destination_are_found_by_build() {
    let rules = AuthorizationRules::new()
        .types([MessageType::Connect])
        .permit_all()
        .destinations(["/**"])
        .permit_all();
    let error = builder().authorize(rules).build().unwrap_err();
    assert_eq!(error.errors().len(), 1);
    let error = error.to_string();
    assert!(
        error.contains("no authorization rule is for UNSUBSCRIBE, DISCONNECT, so that"),
        "{error}"
    );
}

/// With dots, `/topic/**` is for `/topic/x` and not for `/topic/x.y`: a rule that denies would let everybody in.
#[test]
fn sec_13_rules_that_are_written_for_slashes_are_found_by_build_if_the_separator_is_a_dot() {
    let rules = || {
        AuthorizationRules::new()
            .subscribe_destinations(["/topic/secret/**", "/topic/*.**"])
            .deny_all()
            .any_message()
            .permit_all()
    };
    let dots = builder().separator(stomp_axum::pattern::Separator::Dot);
    let error = dots.authorize(rules()).build().unwrap_err();
    assert_eq!(error.errors().len(), 1, "{error}");
    assert!(
        error
            .to_string()
            .contains(r#"what begins with `/topic/secret/` is "/topic/secret/*.**""#),
        "{error}"
    );
    builder().authorize(rules()).build().unwrap();
}
