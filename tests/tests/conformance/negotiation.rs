//! Connect and negotiation: NEG.

use std::sync::{Arc, Mutex};

use stomp_axum::{
    endpoint::{AuthenticationError, ConnectRequest},
    message::Principal,
    session::CloseReason,
};

use super::*;
use crate::handlers::Gate;

/// OUT-10; IN-4: line ends before CONNECT are ignored.
#[tokio::test(start_paused = true)]
async fn neg_001_to_017_the_highest_common_version() {
    let messaging = server();
    for (rule, connect, version) in [
        (
            "neg_001",
            "CONNECT\naccept-version:1.2\nhost:h\n\n\0",
            "1.2",
        ),
        (
            "neg_002",
            "CONNECT\naccept-version:1.1\nhost:h\n\n\0",
            "1.1",
        ),
        ("neg_003", "CONNECT\naccept-version:1.0\n\n\0", "1.0"),
        ("neg_004", "CONNECT\n\n\0", "1.0"),
        (
            "neg_005",
            "CONNECT\naccept-version:1.0,1.1,1.2\nhost:h\n\n\0",
            "1.2",
        ),
        (
            "neg_006",
            "CONNECT\naccept-version:1.2,1.1,1.0\nhost:h\n\n\0",
            "1.2",
        ),
        (
            "neg_007",
            "CONNECT\naccept-version:1.1,2.0\nhost:h\n\n\0",
            "1.1",
        ),
        (
            "neg_009",
            "CONNECT\naccept-version:1.0, 1.1, 1.2\nhost:h\n\n\0",
            "1.2",
        ),
        (
            "neg_011",
            "CONNECT\naccept-version:1.2,x,1.20\nhost:h\n\n\0",
            "1.2",
        ),
        ("neg_012", "STOMP\naccept-version:1.2\nhost:h\n\n\0", "1.2"),
        ("neg_013", "STOMP\naccept-version:1.1\nhost:h\n\n\0", "1.1"),
        ("neg_014", "STOMP\n\n\0", "1.0"),
        (
            "neg_017 without host",
            "CONNECT\naccept-version:1.2\n\n\0",
            "1.2",
        ),
        (
            "neg_018 any host",
            "CONNECT\naccept-version:1.2\nhost:/nowhere\n\n\0",
            "1.2",
        ),
        (
            "line ends of 1.2",
            "\r\n\nCONNECT\r\naccept-version:1.2\r\nhost:h\r\n\r\n\0\r\n",
            "1.2",
        ),
    ] {
        let mut client = TestConnection::open(&messaging);
        client.send(connect);
        let connected = client.expect_connected().await;
        assert_eq!(connected.header("version"), Some(version), "{rule}");
    }
}

#[tokio::test(start_paused = true)]
async fn neg_008_010_011_nothing_in_common_is_refused_with_the_list() {
    let messaging = server();
    for (rule, accept_version) in [
        ("neg_008", "2.0"),
        ("neg_010", ""),
        ("neg_010 blanks and commas", " , "),
        ("neg_011", "1.20"),
    ] {
        let mut client = TestConnection::open(&messaging);
        client.send(format!(
            "CONNECT\naccept-version:{accept_version}\nhost:h\n\n\0"
        ));
        let error = client.expect_error("unsupported-version").await;
        assert_eq!(error.header("version"), Some("1.0,1.1,1.2"), "{rule}");
        assert!(text(&error).contains("1.0, 1.1 and 1.2"), "{rule}");
    }
}

/// IN-4.
#[tokio::test(start_paused = true)]
async fn neg_015_the_first_frame_must_be_connect() {
    let mut client = TestConnection::open(&server());
    client.send("SEND\ndestination:/topic/a\nreceipt:a\\cb\n\n\0");
    let error = client.expect_error("not-connected").await;
    // No version, no escapes: the octets of the receipt come back as they came.
    assert_eq!(error.header("receipt-id"), Some("a\\cb"));
}

/// IN-5.
#[tokio::test(start_paused = true)]
async fn neg_016_a_second_connect_ends_the_session() {
    for second in ["CONNECT", "STOMP"] {
        let mut client = connect(&server(), "1.2").await;
        client.send(format!("{second}\naccept-version:1.2\nhost:h\n\n\0"));
        client.expect_error("already-connected").await;
    }
}

#[tokio::test(start_paused = true)]
async fn neg_019_020_026_031_a_refusal_reaches_the_client_and_nothing_behind_it_is_done() {
    async fn joe_only(connect: ConnectRequest) -> Result<Option<Principal>, AuthenticationError> {
        match (connect.login(), connect.passcode()) {
            (Some("joe"), Some("secret")) => Ok(Some("joe".into())),
            (None, _) | (_, None) => Err(AuthenticationError::new("Log in first")),
            _ => Err(AuthenticationError::bad_credentials()),
        }
    }
    let messaging = builder().authenticator(joe_only).build().unwrap();
    let mut joe = TestConnection::open(&messaging);
    joe.send("CONNECT\naccept-version:1.2\nlogin:joe\npasscode:secret\n\n\0");
    let connected = joe.expect_connected().await;
    assert_eq!(connected.header("user-name"), Some("joe"));
    subscribe(&mut joe, "s", "/topic/a").await;

    for (rule, credentials, text) in [
        (
            "neg_019 wrong passcode",
            "login:joe\npasscode:x\n",
            "Bad credentials",
        ),
        (
            "neg_019 no such user",
            "login:ann\npasscode:x\n",
            "Bad credentials",
        ),
        ("neg_020", "", "Log in first"),
        ("neg_020 no passcode", "login:joe\n", "Log in first"),
    ] {
        // NEG-031: every time.
        for _ in 0..250 {
            let error = refused(&messaging, format!(
                "CONNECT\naccept-version:1.2\n{credentials}\n\0SEND\ndestination:/topic/a\n\nx\0"
            ), "authentication-failed").await;
            assert_eq!(error.header("message"), Some(text), "{rule}");
        }
    }
    expect_nothing(&mut joe).await;
    assert_eq!(messaging.sessions().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn neg_019_the_text_of_a_refusal_reads_the_same_in_every_version() {
    async fn refuse(_: ConnectRequest) -> Result<Option<Principal>, AuthenticationError> {
        Err(AuthenticationError::new("no: C:\\users\r\nuser-name:admin"))
    }
    let messaging = builder().authenticator(refuse).build().unwrap();
    let mut client = TestConnection::open(&messaging);
    client.send("CONNECT\naccept-version:1.2\nhost:h\n\n\0");
    let error = client.expect_error("authentication-failed").await;
    // The client does not know the version: a header must not depend on escapes, in neither direction.
    let message = error.header("message").unwrap();
    assert!(!message.contains([':', '\\', '\r', '\n']), "{message:?}");
    assert_eq!(error.header("user-name"), None);
}

#[tokio::test(start_paused = true)]
async fn neg_021_connect_gets_no_receipt() {
    let mut client = TestConnection::open(&server());
    client.send("CONNECT\naccept-version:1.2\nhost:h\nreceipt:r\n\n\0");
    client.expect_connected().await;
    client.expect_silence(SECOND).await;
}

/// OUT-10, OUT-15.
#[tokio::test(start_paused = true)]
async fn neg_022_023_connected_says_version_session_server_and_heart_beat() {
    let messaging = server();
    let mut sessions = std::collections::HashSet::new();
    for _ in 0..100 {
        let mut client = TestConnection::open(&messaging);
        client.send("CONNECT\naccept-version:1.2\nhost:h\nsession:mine\nuser-name:admin\n\n\0");
        let connected = client.expect_connected().await;
        let names: Vec<_> = connected.headers.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["version", "heart-beat", "session", "server"]);
        assert_eq!(connected.header("heart-beat"), Some("0,0"));
        let (name, version) = connected.header("server").unwrap().split_once('/').unwrap();
        assert_eq!(name, "stomp-rs");
        assert!(version.starts_with(|c: char| c.is_ascii_digit()));
        assert!(sessions.insert(connected.header("session").unwrap().to_owned()));
    }
}

#[tokio::test(start_paused = true)]
async fn neg_024_029_the_authenticator_sees_what_the_client_wrote() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let messaging = {
        let seen = seen.clone();
        let record = move |connect: ConnectRequest| {
            let headers = connect.headers();
            seen.lock().unwrap().push([
                connect.login().map(str::to_owned),
                connect.passcode().map(str::to_owned),
                connect.host().map(str::to_owned),
                headers.get("Authorization").map(str::to_owned),
                headers.get("client-id").map(str::to_owned),
            ]);
            std::future::ready(Ok(None))
        };
        builder().authenticator(record).build().unwrap()
    };
    for (accept_version, login, passcode) in [
        ("1.2", " joe\\n:ü ", "C:\\secret\\c "),
        ("1.1", " joe\\n:ü ", "C:\\secret\\c "),
        // STOMP 1.0 trims.
        ("1.0", "joe\\n:ü", "C:\\secret\\c"),
    ] {
        let mut client = TestConnection::open(&messaging);
        client.send(format!(
            "CONNECT\naccept-version:{accept_version}\nhost:vhost\nlogin: joe\\n:ü \npasscode:C:\\secret\\c \n\
             Authorization:Bearer x\nX-CSRF-TOKEN:y\nclient-id:7\n\n\0"
        ));
        client.expect_connected().await;
        let expected =
            [login, passcode, "vhost", "Bearer x", "7"].map(|text| Some(text.to_owned()));
        assert_eq!(
            seen.lock().unwrap().pop(),
            Some(expected),
            "{accept_version}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn neg_025_frames_behind_connect_in_the_same_packet_are_handled_by_the_rules_of_the_version()
{
    for (version, id) in [("1.2", "a:b"), ("1.0", "a\\cb")] {
        let mut client = TestConnection::open(&server());
        client.send(format!(
            "CONNECT\naccept-version:{version}\nhost:h\n\n\0\
             SUBSCRIBE\nid:a\\cb\ndestination:/topic/a\n\n\0\
             SEND\ndestination:/topic/a\n\nhello\0"
        ));
        client.expect_connected().await;
        assert_eq!(
            message(&mut client).await,
            (id.to_owned(), "hello".to_owned())
        );
    }
}

/// IN-14, EP-23.
#[tokio::test(start_paused = true)]
async fn neg_027_028_connect_must_arrive_in_time() {
    let messaging = server();
    for (rule, sent) in [
        ("neg_027", ""),
        ("neg_027 heart-beats are no CONNECT", "\n\n\n"),
        ("neg_028", "CONNECT\naccept-version:1.2\nhos"),
    ] {
        let mut client = TestConnection::open(&messaging);
        let opened = Instant::now();
        client.send(sent);
        client.expect_silence(9 * SECOND).await;
        // Half a byte more does not buy more time.
        client.send("x");
        client.expect_error("connect-timeout").await;
        assert_passed(opened, 10 * SECOND);
        assert_eq!(
            messaging.connection_count(),
            1,
            "{rule}: the client may read the ERROR"
        );
        client.finish();
        assert_eq!(client.receive().await, None, "{rule}");
    }
    let mut client = TestConnection::open(&messaging);
    client.expect_silence(Duration::from_millis(9990)).await;
    client.send_connect("1.2").await;
    client.expect_silence(60 * SECOND).await;
}

#[tokio::test(start_paused = true)]
async fn neg_030_other_protocols_are_refused_at_once() {
    let http = &b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"[..];
    let tls = &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..];
    for (hello, code) in [(http, "not-connected"), (tls, "malformed-frame")] {
        let mut client = TestConnection::open(&server());
        let opened = Instant::now();
        client.send(hello);
        client.expect_error(code).await;
        assert_passed(opened, Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn neg_032_frames_wait_while_the_authenticator_does() {
    let gate = Gate::closed();
    let messaging = builder()
        .authenticator(gate.authenticator())
        .build()
        .unwrap();
    let mut client = TestConnection::open(&messaging);
    client.send(
        "CONNECT\naccept-version:1.2\nhost:h\nlogin:joe\nheart-beat:1000,1000\n\n\0\
         SUBSCRIBE\nid:1\ndestination:/topic/a\nreceipt:r\n\n\0",
    );
    client.send("SEND\ndestination:/topic/a\n\nhello\0");
    // Longer than the client may take for CONNECT, and than heart-beats would allow.
    client.expect_silence(60 * SECOND).await;
    assert!(messaging.sessions().is_empty());
    assert_eq!(messaging.users().user_count(), 0);
    gate.open(1);
    client.expect_connected().await;
    client.expect_receipt("r").await;
    assert_eq!(text(&client.expect_message().await), "hello");
    assert_eq!(messaging.users().user_count(), 1);
}

#[tokio::test(start_paused = true)]
async fn neg_032_a_client_that_leaves_meanwhile_becomes_no_session() {
    let gate = Gate::closed();
    let messaging = builder()
        .authenticator(gate.authenticator())
        .build()
        .unwrap();
    let mut client = TestConnection::open(&messaging);
    client.send("CONNECT\naccept-version:1.2\nhost:h\n\n\0");
    client.expect_silence(SECOND).await;
    client.finish();
    assert_eq!(client.receive().await, None);
    assert_eq!(messaging.connection_count(), 0);
    gate.open(1);
    assert!(messaging.sessions().is_empty());
}

#[tokio::test(start_paused = true)]
async fn neg_031_a_panic_of_the_authenticator_is_a_refusal() {
    async fn panics(connect: ConnectRequest) -> Result<Option<Principal>, AuthenticationError> {
        assert_ne!(connect.login(), Some("joe"), "a secret of the server");
        Ok(None)
    }
    let messaging = builder().authenticator(panics).build().unwrap();
    let mut client = TestConnection::open(&messaging);
    client.send("CONNECT\naccept-version:1.2\nlogin:joe\n\n\0");
    let error = client.expect_error("internal-error").await;
    assert!(!text(&error).contains("secret"), "{error:?}");
    connect(&messaging, "1.2").await;
}

/// IN-9: without an authenticator, `login` means nothing.
#[tokio::test(start_paused = true)]
async fn in_8_the_user_of_the_handshake_counts_unless_the_authenticator_says_otherwise() {
    async fn by_login(connect: ConnectRequest) -> Result<Option<Principal>, AuthenticationError> {
        Ok(match connect.login() {
            Some("nobody") => None,
            Some(login) => Some(Principal::new(login)),
            None => connect.principal().cloned(),
        })
    }
    let without = server();
    let with = builder().authenticator(by_login).build().unwrap();
    for (messaging, handshake, login, user) in [
        (&without, None, "login:joe\n", None),
        (&without, Some("ann"), "login:joe\n", Some("ann")),
        (&without, Some("ann"), "user-name:joe\n", Some("ann")),
        (&with, None, "", None),
        (&with, None, "login:joe\n", Some("joe")),
        (&with, Some("ann"), "", Some("ann")),
        (&with, Some("ann"), "login:joe\n", Some("joe")),
        (&with, Some("ann"), "login:nobody\n", None),
    ] {
        let mut client = match handshake {
            Some(user) => TestConnection::open_as(messaging, user),
            None => TestConnection::open(messaging),
        };
        client.send(format!("CONNECT\naccept-version:1.2\nhost:h\n{login}\n\0"));
        let connected = client.expect_connected().await;
        assert_eq!(connected.header("user-name"), user, "{handshake:?} {login}");
        let users = messaging.users().users();
        assert_eq!(users.first().map(|user| user.name()), user);
        client.send("DISCONNECT\n\n\0");
        client.expect_closed(CloseReason::Disconnected).await;
    }
}
