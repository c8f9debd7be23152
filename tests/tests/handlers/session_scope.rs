//! What belongs to a session: WS-1 to WS-7, SCO-01, EVT-12.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use stomp_axum::{
    event::{SessionConnectedEvent, SessionDisconnectEvent},
    handler::WiringError,
    prelude::*,
    session::{CloseReason, SessionScopeError},
    testing::{FrameExt, TestConnection},
};
use tokio::sync::Semaphore;

use super::builder;

/// What has happened, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn add(&self, text: impl Into<String>) {
        self.0.lock().unwrap().push(text.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// An object of the session that says when it comes and goes.
struct Cart {
    owner: String,
    items: AtomicU32,
    log: Log,
}

impl Cart {
    fn new(session: &Session, log: Log) -> Self {
        let owner = session.principal().map_or("?", Principal::name).to_owned();
        log.add(format!("cart of {owner}"));
        Self {
            owner,
            items: AtomicU32::new(0),
            log,
        }
    }

    fn add(&self) -> String {
        let items = self.items.fetch_add(1, Ordering::Relaxed) + 1;
        format!("{} {items}", self.owner)
    }
}

impl Drop for Cart {
    fn drop(&mut self) {
        self.log.add(format!("cart of {} is gone", self.owner));
    }
}

#[derive(Clone)]
struct Gate(Arc<Semaphore>);

impl Gate {
    async fn pass(&self) {
        self.0.acquire().await.unwrap().forget();
    }
}

mod scoped {
    use super::*;

    #[message_mapping("/add")]
    #[send_to("/topic/added")]
    async fn add(cart: SessionScoped<Cart>) -> String {
        cart.add()
    }

    #[message_mapping("/add-another")]
    #[send_to("/topic/added")]
    async fn add_another(
        optional: Option<SessionScoped<Cart>>,
        none: Option<SessionScoped<u8>>,
    ) -> String {
        assert!(none.is_none());
        optional.unwrap().add()
    }

    #[message_mapping("/slow")]
    async fn slow(cart: SessionScoped<Cart>, State(gate): State<Gate>, session: Session) {
        gate.pass().await;
        cart.log.add(format!("slow {}", cart.add()));
        // WS-4: the session has ended meanwhile.
        let error = session.scoped::<Cart>().unwrap_err();
        assert_eq!(error, SessionScopeError::SessionEnded);
        assert_eq!(error.code(), "session-ended");
        cart.log.add(error.to_string());
    }
}

fn server(module: &str) -> (Messaging, Log, Arc<Semaphore>) {
    let (log, gate) = (Log::default(), Arc::new(Semaphore::new(0)));
    let for_carts = log.clone();
    let messaging = builder(module)
        .session_scoped(move |session| Cart::new(session, for_carts.clone()))
        .state(Gate(gate.clone()))
        .state(log.clone())
        .build()
        .unwrap();
    (messaging, log, gate)
}

#[tokio::test(start_paused = true)]
async fn ws_1_3_sco_01_an_object_is_made_once_per_session_on_first_use() {
    let (messaging, log, _) = server(concat!(module_path!(), "::scoped"));
    let mut joe = TestConnection::connect_as(&messaging, "joe").await;
    let mut ann = TestConnection::connect_as(&messaging, "ann").await;
    assert_eq!(log.take(), [""; 0]);
    for client in [&mut joe, &mut ann] {
        client.subscribe("/topic/added").await;
    }
    for (client, destination) in [
        (&joe, "/app/add"),
        (&joe, "/app/add-another"),
        (&ann, "/app/add"),
        (&joe, "/app/add"),
    ] {
        client.send_to(destination, "");
        for _ in 0..2 {
            tokio::task::yield_now().await;
        }
    }
    let mut added = Vec::new();
    for _ in 0..4 {
        added.push(joe.expect_message().await.text().to_owned());
    }
    added.sort();
    assert_eq!(added, ["ann 1", "joe 1", "joe 2", "joe 3"]);
    let mut made = log.take();
    made.sort();
    assert_eq!(made, ["cart of ann", "cart of joe"]);

    // WS-2, WS-7: whoever has the session gets it, also outside of handlers.
    let session = messaging.users().user("joe").unwrap().sessions()[0].clone();
    assert_eq!(session.scoped::<Cart>().unwrap().add(), "joe 4");
    assert!(matches!(
        session.scoped::<u8>(),
        Err(SessionScopeError::NoFactory { type_name: "u8" })
    ));

    joe.send("DISCONNECT\n\n\0");
    joe.expect_closed(CloseReason::Disconnected).await;
    assert_eq!(log.take(), ["cart of joe is gone"]);
    assert_eq!(
        session.scoped::<Cart>().unwrap_err(),
        SessionScopeError::SessionEnded
    );
    drop(ann);
    messaging.shutdown(Duration::from_secs(5)).await;
    assert_eq!(log.take(), ["cart of ann is gone"]);
}

#[tokio::test(start_paused = true)]
async fn ws_4_5_who_still_holds_an_object_keeps_it_alive() {
    let (messaging, log, gate) = server(concat!(module_path!(), "::scoped"));
    let client = TestConnection::connect_as(&messaging, "joe").await;
    let session = messaging.users().user("joe").unwrap().sessions()[0].clone();
    client.send_to("/app/slow", "");
    while log.0.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    drop(client);
    while session.scoped::<Cart>().is_ok() {
        tokio::task::yield_now().await;
    }
    gate.add_permits(1);
    assert!(messaging.shutdown(Duration::from_secs(5)).await);
    assert_eq!(
        log.take(),
        [
            "cart of joe",
            "slow joe 1",
            "the session has ended",
            "cart of joe is gone"
        ]
    );
}

/// A client that sends and leaves at once is handled as if it had stayed.
#[tokio::test(start_paused = true)]
async fn ws_5_the_last_frames_find_what_belongs_to_the_session() {
    let (messaging, log, _) = server(concat!(module_path!(), "::scoped"));
    let mut watcher = TestConnection::connect_as(&messaging, "ann").await;
    watcher.subscribe("/topic/added").await;
    let client = TestConnection::connect_as(&messaging, "joe").await;
    for _ in 0..3 {
        client.send_to("/app/add", "");
    }
    drop(client);
    for text in ["joe 1", "joe 2", "joe 3"] {
        assert_eq!(watcher.expect_message().await.text(), text);
    }
    watcher.subscribe("/topic/wait").await;
    assert_eq!(log.take(), ["cart of joe", "cart of joe is gone"]);
}

mod listened {
    use super::*;

    #[event_listener]
    async fn connected(event: SessionConnectedEvent) {
        event.session().attributes().insert(7_u32);
        event.session().scoped::<Cart>().unwrap().add();
    }

    #[event_listener]
    async fn disconnected(
        event: SessionDisconnectEvent,
        State(log): State<Log>,
        State(gate): State<Gate>,
    ) {
        gate.pass().await;
        let session = event.session();
        let number = session.attributes().get::<u32>();
        let cart = session.scoped::<Cart>().unwrap();
        log.add(format!("{number:?} {}", cart.add()));
    }
}

#[tokio::test(start_paused = true)]
async fn evt_12_listeners_of_the_disconnect_find_what_belongs_to_the_session() {
    let (messaging, log, gate) = server(concat!(module_path!(), "::listened"));
    let client = TestConnection::connect_as(&messaging, "joe").await;
    let session = messaging.users().user("joe").unwrap().sessions()[0].clone();
    drop(client);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(log.take(), ["cart of joe"]);
    gate.add_permits(1);
    assert!(messaging.shutdown(Duration::from_secs(5)).await);
    assert_eq!(log.take(), ["Some(7) joe 2", "cart of joe is gone"]);
    assert_eq!(session.attributes().get::<u32>(), None);
}

mod attributes {
    use super::*;

    struct Attempts(u32);

    #[message_mapping("/attempt")]
    #[send_to("/topic/attempts")]
    async fn attempt(attributes: SessionAttributes) -> String {
        let name = attributes.get_or_insert_with(|| "made once".to_owned());
        assert_eq!(
            attributes.get_or_insert_with(|| -> String { unreachable!() }),
            name
        );
        if !attributes.contains::<Attempts>() {
            assert_eq!(attributes.update(|_: &mut Attempts| ()), None);
            attributes.insert(Attempts(0));
        }
        let attempts = attributes.update(|attempts: &mut Attempts| {
            attempts.0 += 1;
            attempts.0
        });
        format!("{name} {}", attempts.unwrap())
    }

    /// A `drop` of the application that fails.
    pub(super) struct Failing(pub(super) Log);

    impl Drop for Failing {
        fn drop(&mut self) {
            self.0.add("dropped");
            panic!("a drop that panics, as the test wants it");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn ws_6_attributes_are_shared_by_the_handlers_of_a_session() {
    let messaging = builder(concat!(module_path!(), "::attributes"))
        .build()
        .unwrap();
    let mut client = TestConnection::connect(&messaging).await;
    let mut other = TestConnection::connect(&messaging).await;
    for client in [&mut client, &mut other] {
        client.subscribe("/topic/attempts").await;
    }
    for text in ["made once 1", "made once 2"] {
        client.send_to("/app/attempt", "");
        assert_eq!(client.expect_message().await.text(), text);
    }
    other.send_to("/app/attempt", "");
    assert_eq!(client.expect_message().await.text(), "made once 1");
}

#[tokio::test(start_paused = true)]
async fn ws_4_a_drop_that_panics_disturbs_nobody() {
    let log = Log::default();
    let for_objects = log.clone();
    let messaging = builder(concat!(module_path!(), "::attributes"))
        .session_scoped(move |_| attributes::Failing(for_objects.clone()))
        .session_scoped(|_| 1_u8)
        .build()
        .unwrap();
    let mut client = TestConnection::connect(&messaging).await;
    let session = messaging.sessions().sessions().remove(0);
    session.scoped::<attributes::Failing>().unwrap();
    assert_eq!(*session.scoped::<u8>().unwrap(), 1);
    session
        .attributes()
        .insert(attributes::Failing(log.clone()));
    session.attributes().insert(1_u8);
    client.send("DISCONNECT\nreceipt:r\n\n\0");
    client.expect_receipt("r").await;
    client.expect_closed(CloseReason::Disconnected).await;
    assert_eq!(log.take(), ["dropped", "dropped"]);
    assert!(messaging.sessions().is_empty());
    assert!(messaging.shutdown(Duration::from_secs(5)).await);
}

#[test]
fn ws_1_build_checks_that_objects_can_be_made() {
    let error = builder(concat!(module_path!(), "::scoped"))
        .state(Gate(Arc::new(Semaphore::new(0))))
        .session_scoped(|_| 1_u16)
        .session_scoped(|_| 2_u16)
        .build()
        .unwrap_err();
    let mut mistakes: Vec<_> = error
        .errors()
        .iter()
        .map(|error| match error {
            WiringError::MissingSessionScoped {
                function,
                type_name,
            } => {
                assert!(type_name.ends_with("::Cart"));
                assert!(error.to_string().contains(".session_scoped(|session| ..)"));
                function.name
            }
            WiringError::DuplicateState { type_name } => type_name,
            other => panic!("unexpected {other}"),
        })
        .collect();
    mistakes.sort_unstable();
    assert_eq!(mistakes, ["add", "slow", "u16"]);
}
