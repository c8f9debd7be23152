//! Many sessions: SJ-SES-03, SJ-SES-06, SJ-CLI-05, and that none is left behind.

use std::net::{IpAddr, Ipv4Addr};

use super::{super::OpenError, *};

fn from(address: &str) -> Binding {
    Binding {
        address: Some(address.parse().unwrap()),
        ..Binding::default()
    }
}

fn try_open(sessions: &Sessions, id: &str, binding: Binding) -> Result<SessionSocket, OpenError> {
    sessions
        .open(id, binding, TransportKind::HttpPolling)
        .map(|(_, socket)| socket)
}

#[tokio::test(start_paused = true)]
async fn sj_ses_06_each_service_has_its_own() {
    let (one, other) = (sessions(), sessions());
    let (session, socket) = open(&one, "id");
    assert!(other.get("id").is_none());
    assert!(Arc::ptr_eq(&one.get("id").unwrap(), &session));
    let clone = one.clone();
    assert!(Arc::ptr_eq(&clone.get("id").unwrap(), &session));
    assert_eq!((one.len(), other.len()), (1, 0));
    assert_eq!(socket.kind(), TransportKind::HttpStreaming);
}

#[tokio::test(start_paused = true)]
async fn sj_ses_01_an_id_has_one_session() {
    let sessions = sessions();
    let _socket = open(&sessions, "id").1;
    let again = try_open(&sessions, "id", Binding::default());
    assert_eq!(again.err(), Some(OpenError::Exists));
    assert!(sessions.get("ID").is_none());
    assert!(try_open(&sessions, "ID", Binding::default()).is_ok());
}

#[tokio::test(start_paused = true)]
async fn sj_url_03_an_id_is_not_endless() {
    let sessions = sessions();
    assert!(try_open(&sessions, &"x".repeat(128), Binding::default()).is_ok());
    let refused = try_open(&sessions, &"x".repeat(129), Binding::default());
    assert_eq!(refused.err(), Some(OpenError::LongId));
}

#[tokio::test(start_paused = true)]
async fn t_14_there_is_an_end_to_sessions() {
    let sessions = Sessions::new(Settings {
        sessions: 2,
        ..Settings::default()
    });
    let sockets = [open(&sessions, "a").1, open(&sessions, "b").1];
    let refused = try_open(&sessions, "c", Binding::default());
    assert_eq!(refused.err(), Some(OpenError::TooMany));
    drop(sockets);
    tokio::time::sleep(DELAY + MOMENT).await;
    assert!(try_open(&sessions, "c", Binding::default()).is_ok());
}

#[tokio::test(start_paused = true)]
async fn sj_cli_05_one_address_does_not_open_sessions_without_end() {
    let sessions = Sessions::new(Settings {
        unattached_per_address: 2,
        ..Settings::default()
    });
    let (first, first_socket) = sessions
        .open("1", from("192.0.2.1"), TransportKind::HttpPolling)
        .unwrap();
    let _second = try_open(&sessions, "2", from("192.0.2.1")).unwrap();
    let refused = |id: &str, address: &str| try_open(&sessions, id, from(address)).err();
    assert_eq!(refused("3", "192.0.2.1"), Some(OpenError::TooManyOfAddress));
    assert_eq!(
        refused("3", "::ffff:192.0.2.1"),
        Some(OpenError::TooManyOfAddress)
    );
    let _other = try_open(&sessions, "4", from("192.0.2.2")).unwrap();
    let _unknown = try_open(&sessions, "5", Binding::default()).unwrap();
    // One that a request receives from does not count, whatever became of it.
    let stream = stream(&first).await;
    let _third = try_open(&sessions, "6", from("192.0.2.1")).unwrap();
    assert_eq!(refused("7", "192.0.2.1"), Some(OpenError::TooManyOfAddress));
    drop(stream);
    drop(first_socket);
    assert_eq!(refused("7", "192.0.2.1"), Some(OpenError::TooManyOfAddress));
}

#[tokio::test(start_paused = true)]
async fn sj_cli_05_a_network_of_ipv6_is_one_address() {
    let sessions = Sessions::new(Settings {
        unattached_per_address: 1,
        ..Settings::default()
    });
    let _first = try_open(&sessions, "1", from("2001:db8:0:1::1")).unwrap();
    let refused = try_open(&sessions, "2", from("2001:db8:0:1:ffff::2"));
    assert_eq!(refused.err(), Some(OpenError::TooManyOfAddress));
    assert!(try_open(&sessions, "2", from("2001:db8:0:2::1")).is_ok());
}

/// Each of 50 addresses has 100, and each tenth session ends in another way.
#[tokio::test(start_paused = true)]
async fn sj_ses_09_of_5000_sessions_nothing_is_left() {
    let sessions = Sessions::new(Settings {
        unattached_per_address: 100,
        ..Settings::default()
    });
    let mut left = Vec::new();
    for number in 0..5000_u32 {
        let address = IpAddr::V4(Ipv4Addr::from(0xC000_0200 + number % 50));
        let binding = Binding {
            address: Some(address),
            ..Binding::default()
        };
        let id = format!("session-{number}");
        let opened = sessions.open(&id, binding, TransportKind::HttpPolling);
        let (session, mut socket) = opened.unwrap();
        left.push(Arc::downgrade(&session));
        socket.say("waits").await;
        match number % 10 {
            // Nobody ever receives.
            0 => drop(idle(socket)),
            // The client goes while it receives.
            1 => {
                drop(idle(socket));
                drop(stream(&session).await);
            }
            // The application says good-bye, or is gone without.
            2 => socket.close(3000, "Go away!").await,
            3 => drop(socket),
            // The client does not come back.
            _ => {
                drop(idle(socket));
                assert_eq!(poll(&session).await, "o\n");
            }
        }
    }
    assert_eq!(sessions.len(), 4500);
    tokio::time::sleep(DELAY - MOMENT).await;
    assert_eq!(sessions.len(), 4500);
    tokio::time::sleep(3 * MOMENT).await;
    assert_eq!(sessions.len(), 0);
    assert_eq!(sessions.0.addresses(), 0);
    assert_eq!(
        left.iter()
            .filter(|session| session.strong_count() > 0)
            .count(),
        0
    );
    let metrics = tokio::runtime::Handle::current().metrics();
    assert_eq!(metrics.num_alive_tasks(), 0);
}

/// Beside its id, an entry of the table and a timer, which are some 200 bytes more.
#[test]
fn an_idle_session_costs_little() {
    assert!(size_of::<Session>() <= 320, "{}", size_of::<Session>());
    assert!(
        size_of::<SessionSocket>() <= 64,
        "{}",
        size_of::<SessionSocket>()
    );
    assert!(
        size_of::<ReceivingBody>() <= 112,
        "{}",
        size_of::<ReceivingBody>()
    );
}
