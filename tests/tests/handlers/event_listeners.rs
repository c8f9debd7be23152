//! `#[event_listener]`: EVT-01 to EVT-12, IN-12, UD-10.

use std::{sync::Arc, time::Duration};

use stomp_axum::{
    channel::MessageRejected,
    codec::Command,
    endpoint::{InboundMessage, InboundService},
    event::{
        BrokerAvailabilityEvent, Event, SessionConnectEvent, SessionConnectedEvent,
        SessionDisconnectEvent, SessionSubscribeEvent, SessionUnsubscribeEvent,
        UnresolvedUserMessageEvent,
    },
    handler::WiringError,
    handlers,
    message::MessageType,
    prelude::*,
    session::CloseReason,
    testing::{FrameExt, TestConnection},
};
use tokio::sync::{Semaphore, mpsc};
use tower::{Service, layer::layer_fn, service_fn, util::BoxService};

use super::builder;

/// What the listeners of a test have noted, in that order.
struct Notes(mpsc::UnboundedReceiver<String>);

#[derive(Clone)]
struct Notebook(mpsc::UnboundedSender<String>);

impl Notebook {
    fn new() -> (Self, Notes) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), Notes(receiver))
    }

    fn note(&self, text: impl Into<String>) {
        self.0.send(text.into()).unwrap();
    }
}

impl Notes {
    async fn next(&mut self) -> String {
        let patience = Duration::from_secs(600);
        let note = tokio::time::timeout(patience, self.0.recv()).await;
        note.expect("a note in time").expect("somebody who notes")
    }

    /// What has been noted so far.
    fn so_far(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.0.try_recv().ok()).collect()
    }
}

fn noted(module: &str) -> (Messaging, Notes) {
    let (notebook, notes) = Notebook::new();
    let messaging = builder(module).state(notebook).build().unwrap();
    (messaging, notes)
}

mod all {
    use super::*;

    #[event_listener]
    async fn connect(event: SessionConnectEvent, State(notebook): State<Notebook>) {
        let (message, session) = (event.message(), event.session());
        assert_eq!(message.session_id(), Some(session.id()));
        assert_eq!(message.principal(), event.principal());
        let trace = message.headers().get("trace").unwrap_or("?");
        notebook.note(format!("connect {} {trace}", event.principal().unwrap()));
    }

    /// EVT-13: the registries know the session.
    #[event_listener]
    async fn connected(
        event: SessionConnectedEvent,
        users: UserRegistry,
        sessions: SessionRegistry,
        State(notebook): State<Notebook>,
    ) {
        let name = event.principal().unwrap().name();
        assert_eq!(
            sessions.get(event.session().id()).as_ref(),
            Some(event.session())
        );
        let user = users.user(name).unwrap();
        notebook.note(format!(
            "connected {} times {}",
            user.name(),
            user.sessions().len()
        ));
    }

    #[event_listener]
    async fn subscribe(event: SessionSubscribeEvent, State(notebook): State<Notebook>) {
        assert_eq!(event.message().destination(), Some(event.destination()));
        assert_eq!(event.session().subscriptions().len(), 1);
        notebook.note(format!(
            "subscribe {} {} {}",
            event.subscription_id().unwrap_or("?"),
            event.destination(),
            event.message().headers().get("trace").unwrap_or("?")
        ));
    }

    #[event_listener]
    async fn unsubscribe(event: SessionUnsubscribeEvent, State(notebook): State<Notebook>) {
        assert_eq!(event.session().subscriptions(), []);
        notebook.note(format!(
            "unsubscribe {} {} {}",
            event.subscription_id().unwrap_or("?"),
            event.destination(),
            event.message().headers().get("trace").unwrap_or("?")
        ));
    }

    #[event_listener]
    async fn disconnect(
        event: SessionDisconnectEvent,
        users: UserRegistry,
        sessions: SessionRegistry,
        State(notebook): State<Notebook>,
    ) {
        assert!(sessions.get(event.session().id()).is_none());
        let name = event.principal().unwrap().name();
        let reason = event.close_reason();
        notebook.note(format!(
            "disconnect {reason:?} {}",
            users.user(name).is_some()
        ));
    }

    /// Every event, after those above: in the order of file and line.
    #[event_listener]
    async fn every(event: Event, State(notebook): State<Notebook>) {
        notebook.note(match event {
            Event::SessionConnect(_) => "1",
            Event::SessionConnected(_) => "2",
            Event::SessionSubscribe(_) => "3",
            Event::SessionUnsubscribe(_) => "4",
            Event::SessionDisconnect(_) => "5",
            Event::BrokerAvailability(_) => "6",
            _ => "?",
        });
    }
}

#[tokio::test(start_paused = true)]
async fn evt_02_to_06_in_12_each_event_once_in_order_with_its_content() {
    let (messaging, mut notes) = noted(concat!(module_path!(), "::all"));
    assert_eq!(notes.next().await, "6");
    let mut client = TestConnection::open_as(&messaging, "joe");
    client.send("CONNECT\naccept-version:1.2\nhost:h\ntrace:a\n\n\0");
    client.expect_connected().await;
    assert_eq!(
        notes.so_far(),
        ["connect joe a", "1", "connected joe times 1", "2"]
    );
    client.send("SUBSCRIBE\nid:s\ndestination:/topic/a\ntrace:b\nreceipt:r\n\n\0");
    client.expect_receipt("r").await;
    assert_eq!(notes.so_far(), ["subscribe s /topic/a b", "3"]);
    client.send("UNSUBSCRIBE\nid:s\ntrace:c\nreceipt:r\n\n\0");
    client.expect_receipt("r").await;
    assert_eq!(notes.so_far(), ["unsubscribe s /topic/a c", "4"]);
    client.send("DISCONNECT\n\n\0");
    client.expect_closed(CloseReason::Disconnected).await;
    assert_eq!(notes.next().await, "disconnect Disconnected false");
    assert_eq!(notes.next().await, "5");
    assert!(messaging.shutdown(Duration::from_secs(5)).await);
    // EVT-01
    assert_eq!(notes.so_far(), ["6"]);
    messaging.shutdown(Duration::from_secs(5)).await;
    assert_eq!(notes.so_far(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn sub_013_evt_04_05_events_of_stomp_1_0_subscriptions_without_id() {
    let (messaging, mut notes) = noted(concat!(module_path!(), "::all"));
    let mut client = TestConnection::open_as(&messaging, "joe");
    client.send_connect("1.0").await;
    notes.so_far();
    client.send("SUBSCRIBE\ndestination:/topic/a\n\n\0");
    client.send("UNSUBSCRIBE\ndestination:/topic/a\nreceipt:r\n\n\0");
    client.expect_receipt("r").await;
    assert_eq!(
        notes.so_far(),
        [
            "subscribe ? /topic/a ?",
            "3",
            "unsubscribe ? /topic/a ?",
            "4"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn evt_06_11_each_session_disconnects_exactly_once_with_the_reason() {
    let (messaging, mut notes) = noted(concat!(module_path!(), "::all"));
    notes.next().await;
    let connect = async |notes: &mut Notes| {
        let client = TestConnection::connect_as(&messaging, "joe").await;
        notes.so_far();
        client
    };
    let mut ended = Vec::new();

    let client = connect(&mut notes).await;
    drop(client);
    ended.push(notes.next().await);

    let mut client = connect(&mut notes).await;
    client.finish();
    ended.push(notes.next().await);
    assert_eq!(notes.next().await, "5");

    let client = connect(&mut notes).await;
    client.send("NONSENSE\n\n\0");
    ended.push(notes.next().await);

    let client = connect(&mut notes).await;
    messaging.sessions().close_user("joe", "no reason");
    ended.push(notes.next().await);
    drop(client);

    let client = connect(&mut notes).await;
    client.send("DISCONNECT\n\n\0DISCONNECT\n\n\0");
    ended.push(notes.next().await);
    drop(client);

    let client = connect(&mut notes).await;
    messaging.shutdown(Duration::from_secs(5)).await;
    ended.push(notes.next().await);
    drop(client);

    assert_eq!(
        ended,
        [
            "disconnect ConnectionLost false",
            "disconnect ConnectionLost false",
            "disconnect Error false",
            "disconnect ByApplication(\"no reason\") false",
            "disconnect Disconnected false",
            "disconnect Shutdown false",
        ]
    );
    // Nothing comes twice.
    assert_eq!(notes.so_far(), ["5", "6"]);
}

#[tokio::test(start_paused = true)]
async fn evt_11_who_is_refused_has_no_events() {
    let (notebook, mut notes) = Notebook::new();
    let mut limits = Limits::default();
    limits.sessions_per_user = Some(1);
    let messaging = builder(concat!(module_path!(), "::all"))
        .state(notebook)
        .limits(limits)
        .authenticator(async |connect: ConnectRequest| match connect.login() {
            Some(login) => Ok(Some(Principal::new(login))),
            None => Err(AuthenticationError::bad_credentials()),
        })
        .build()
        .unwrap();
    assert_eq!(notes.next().await, "6");
    let _joe = TestConnection::connect_with(&messaging, "joe", "").await;
    notes.so_far();

    let mut client = TestConnection::open(&messaging);
    client.send("CONNECT\naccept-version:1.2\nhost:h\n\n\0");
    client.expect_error("authentication-failed").await;
    let mut client = TestConnection::open(&messaging);
    client.send("CONNECT\naccept-version:1.2\nhost:h\nlogin:joe\n\n\0");
    client.expect_error("too-many-sessions").await;
    let mut client = TestConnection::open(&messaging);
    client.send("SEND\n\n\0");
    client.expect_error("not-connected").await;
    drop(TestConnection::open(&messaging));

    // A refused SUBSCRIBE or UNSUBSCRIBE has none, either: only the session ends.
    for frame in [
        "SUBSCRIBE\nid:1\ndestination:/nowhere\n\n\0",
        "UNSUBSCRIBE\nid:1\n\n\0",
    ] {
        let mut client = TestConnection::connect_with(&messaging, "ann", "").await;
        notes.so_far();
        client.send(frame);
        assert_eq!(client.expect_frame().await.command, Command::Error);
        assert_eq!(notes.next().await, "disconnect Error false");
        assert_eq!(notes.next().await, "5");
        assert_eq!(notes.so_far(), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn evt_02_to_06_11_events_are_of_what_interceptors_let_pass() {
    let (notebook, mut notes) = Notebook::new();
    let messaging = builder(concat!(module_path!(), "::all"))
        .state(notebook)
        .inbound_interceptor(|message: Message| {
            let destination = message.destination().unwrap_or_default().to_owned();
            Ok(match message.message_type() {
                // IN-8: the user that CONNECT has then is that of the session.
                MessageType::Connect => Some(message.with_principal(Some("ann".into()))),
                MessageType::Subscribe if destination == "/topic/swallowed" => None,
                MessageType::Subscribe => Some(message.with_destination("/topic/changed")),
                MessageType::Unsubscribe => None,
                MessageType::Disconnect if message.headers().contains("refused") => {
                    return Err(MessageRejected::new("stay", "please stay"));
                }
                _ => Some(message),
            })
        })
        .build()
        .unwrap();
    notes.next().await;
    let mut client = TestConnection::open(&messaging);
    client.send("CONNECT\naccept-version:1.2\nhost:h\ntrace:a\n\n\0");
    client.expect_connected().await;
    assert_eq!(
        notes.so_far(),
        ["connect ann a", "1", "connected ann times 1", "2"]
    );
    client.send("SUBSCRIBE\nid:1\ndestination:/topic/swallowed\n\n\0");
    client.send("SUBSCRIBE\nid:2\ndestination:/topic/a\nreceipt:r\n\n\0");
    client.expect_receipt("r").await;
    assert_eq!(notes.so_far(), ["subscribe 2 /topic/changed ?", "3"]);
    // The subscription is gone, whatever the interceptor says.
    client.send("UNSUBSCRIBE\nid:2\nreceipt:r\n\n\0");
    client.expect_receipt("r").await;
    assert_eq!(notes.so_far(), ["unsubscribe 2 /topic/a ?", "4"]);
    client.send("DISCONNECT\n\n\0");
    client.expect_closed(CloseReason::Disconnected).await;
    assert_eq!(notes.next().await, "disconnect Disconnected false");
    assert_eq!(notes.next().await, "5");

    let mut client = TestConnection::connect(&messaging).await;
    notes.so_far();
    client.send("DISCONNECT\nrefused:yes\n\n\0");
    client.expect_error("stay").await;
    assert_eq!(notes.next().await, "disconnect Error false");
    assert_eq!(notes.next().await, "5");

    let client = TestConnection::connect(&messaging).await;
    notes.so_far();
    drop(client);
    assert_eq!(notes.next().await, "disconnect ConnectionLost false");
    assert_eq!(notes.next().await, "5");
    assert_eq!(notes.so_far(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn evt_04_a_subscription_that_a_layer_holds_back_is_not_active_yet() {
    let slow = layer_fn(|inner: InboundService| {
        BoxService::new(service_fn(move |message: InboundMessage| {
            let mut inner = inner.clone();
            async move {
                tokio::time::sleep(Duration::from_secs(10)).await;
                inner.call(message).await
            }
        }))
    });
    let (notebook, mut notes) = Notebook::new();
    let messaging = builder(concat!(module_path!(), "::all"))
        .state(notebook)
        .inbound_layer(slow)
        .build()
        .unwrap();
    let mut client = TestConnection::connect_as(&messaging, "joe").await;
    notes.so_far();
    client.send("SUBSCRIBE\nid:s\ndestination:/topic/a\nreceipt:r\n\n\0");
    client.expect_silence(Duration::from_secs(9)).await;
    assert_eq!(notes.so_far(), [""; 0]);
    client.expect_receipt("r").await;
    assert_eq!(notes.so_far(), ["subscribe s /topic/a ?", "3"]);
    // The client is gone before its subscription could be active.
    client.send("UNSUBSCRIBE\nid:s\n\n\0SUBSCRIBE\nid:s\ndestination:/topic/a\n\n\0");
    tokio::time::sleep(Duration::from_secs(1)).await;
    drop(client);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(messaging.shutdown(Duration::from_secs(60)).await);
    assert_eq!(
        notes.so_far(),
        [
            "unsubscribe s /topic/a ?",
            "4",
            "disconnect ConnectionLost false",
            "5",
            "6"
        ]
    );
}

mod active {
    use super::*;

    /// What is sent here reaches the new subscription.
    #[event_listener]
    async fn welcome(
        event: SessionSubscribeEvent,
        template: MessagingTemplate,
    ) -> Result<(), MessagingError> {
        let text = format!("welcome to {}", event.destination());
        template.convert_and_send("/topic/room", &text).await
    }

    #[subscribe_mapping("/history")]
    async fn history() -> &'static str {
        "history"
    }
}

#[tokio::test(start_paused = true)]
async fn evt_04_10_a_subscribe_event_means_that_the_subscription_is_active() {
    let messaging = builder(concat!(module_path!(), "::active"))
        .build()
        .unwrap();
    let mut client = TestConnection::connect(&messaging).await;
    client.send("SUBSCRIBE\nid:s\ndestination:/topic/room\nreceipt:r\n\n\0");
    let message = client.expect_message().await;
    assert_eq!(message.text(), "welcome to /topic/room");
    client.expect_receipt("r").await;
    // Handlers of subscriptions answer first.
    client.send("SUBSCRIBE\nid:h\ndestination:/app/history\nreceipt:r\n\n\0");
    assert_eq!(client.expect_message().await.text(), "history");
    let message = client.expect_message().await;
    assert_eq!(message.text(), "welcome to /app/history");
    client.expect_receipt("r").await;
}

mod slow {
    use super::*;

    #[derive(Clone)]
    pub(super) struct Gate(pub(super) Arc<Semaphore>);

    impl Gate {
        async fn pass(&self) {
            self.0.acquire().await.unwrap().forget();
        }
    }

    #[event_listener]
    async fn every(event: Event, State(gate): State<Gate>, State(notebook): State<Notebook>) {
        let name = match event {
            Event::SessionConnect(_) => "connect",
            Event::SessionConnected(_) => "connected",
            Event::SessionSubscribe(_) => "subscribe",
            Event::SessionUnsubscribe(_) => "unsubscribe",
            Event::SessionDisconnect(_) => "disconnect",
            _ => return,
        };
        notebook.note(name);
        gate.pass().await;
        notebook.note(format!("{name} done"));
    }

    #[message_mapping("/slow")]
    async fn handler(State(gate): State<Gate>, State(notebook): State<Notebook>) {
        notebook.note("handler");
        gate.pass().await;
        notebook.note("handler done");
    }
}

fn slow() -> (Messaging, Notes, Arc<Semaphore>) {
    let (notebook, notes) = Notebook::new();
    let gate = Arc::new(Semaphore::new(0));
    let messaging = builder(concat!(module_path!(), "::slow"))
        .state(notebook)
        .state(slow::Gate(gate.clone()))
        .build()
        .unwrap();
    (messaging, notes, gate)
}

#[tokio::test(start_paused = true)]
async fn evt_02_03_the_client_waits_for_the_listeners_of_its_connect() {
    let (messaging, mut notes, gate) = slow();
    let mut client = TestConnection::open_as(&messaging, "joe");
    client.send("CONNECT\naccept-version:1.2\nhost:h\nheart-beat:1000,1000\n\n\0");
    client.send("SUBSCRIBE\nid:s\ndestination:/topic/a\nreceipt:r\n\n\0");
    assert_eq!(notes.next().await, "connect");
    // Neither CONNECTED nor a heart-beat, and the client, which sends none yet, is not taken for dead.
    client.expect_silence(Duration::from_secs(300)).await;
    assert_eq!(notes.so_far(), [""; 0]);
    assert_eq!(messaging.users().user_count(), 1);
    gate.add_permits(1);
    assert_eq!(notes.next().await, "connect done");
    assert_eq!(notes.next().await, "connected");
    client.expect_silence(Duration::from_secs(300)).await;
    gate.add_permits(1);
    client.expect_connected().await;
    assert_eq!(notes.next().await, "connected done");
    // Frames that came before are handled now, and wait for their listeners.
    assert_eq!(notes.next().await, "subscribe");
    gate.add_permits(1);
    client.expect_receipt("r").await;
    assert_eq!(notes.next().await, "subscribe done");
}

#[tokio::test(start_paused = true)]
async fn evt_06_a_client_that_is_lost_early_disconnects_behind_its_connect() {
    let (messaging, mut notes, gate) = slow();
    let client = TestConnection::open_as(&messaging, "joe");
    client.send("CONNECT\naccept-version:1.2\nhost:h\n\n\0");
    assert_eq!(notes.next().await, "connect");
    drop(client);
    tokio::time::sleep(Duration::from_secs(10)).await;
    // It is gone at once, but listeners are never cancelled half-way.
    assert_eq!(messaging.users().user_count(), 0);
    assert_eq!(notes.so_far(), [""; 0]);
    gate.add_permits(3);
    let mut all = Vec::new();
    while all.last().map(String::as_str) != Some("disconnect done") {
        all.push(notes.next().await);
    }
    assert_eq!(
        all,
        [
            "connect done",
            "connected",
            "connected done",
            "disconnect",
            "disconnect done"
        ]
    );
    assert!(messaging.shutdown(Duration::from_secs(5)).await);
}

#[tokio::test(start_paused = true)]
async fn evt_06_a_disconnect_does_not_wait_for_handlers_but_for_listeners_that_run() {
    let (messaging, mut notes, gate) = slow();
    gate.add_permits(2);
    let client = TestConnection::connect_as(&messaging, "joe").await;
    notes.so_far();
    client.send("SEND\ndestination:/app/slow\n\n\0");
    client.send("SUBSCRIBE\nid:s\ndestination:/topic/a\n\n\0");
    assert_eq!(notes.next().await, "handler");
    drop(client);
    assert_eq!(notes.next().await, "disconnect");
    gate.add_permits(2);
    let mut done = [notes.next().await, notes.next().await];
    done.sort();
    assert_eq!(done, ["disconnect done", "handler done"]);
    // The SUBSCRIBE that waited behind the handler has no event any more.
    assert!(messaging.shutdown(Duration::from_secs(5)).await);
    assert_eq!(notes.so_far(), [""; 0]);

    let (messaging, mut notes, gate) = slow();
    gate.add_permits(2);
    let client = TestConnection::connect_as(&messaging, "joe").await;
    notes.so_far();
    client.send("SUBSCRIBE\nid:s\ndestination:/topic/a\n\n\0");
    assert_eq!(notes.next().await, "subscribe");
    drop(client);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(messaging.users().user_count(), 0);
    assert_eq!(notes.so_far(), [""; 0]);
    gate.add_permits(2);
    assert_eq!(notes.next().await, "subscribe done");
    assert_eq!(notes.next().await, "disconnect");
    assert_eq!(notes.next().await, "disconnect done");
}

#[tokio::test(start_paused = true)]
async fn evt_06_shutting_down_waits_for_listeners() {
    let (messaging, mut notes, gate) = slow();
    gate.add_permits(2);
    let _client = TestConnection::connect_as(&messaging, "joe").await;
    notes.so_far();
    assert!(!messaging.shutdown(Duration::from_secs(5)).await);
    gate.add_permits(1);
    assert!(messaging.shutdown(Duration::from_secs(5)).await);
    assert_eq!(notes.so_far(), ["disconnect", "disconnect done"]);
}

mod failing {
    use super::*;

    #[event_listener]
    async fn fails(_event: SessionConnectedEvent) -> Result<(), std::fmt::Error> {
        Err(std::fmt::Error)
    }

    #[event_listener]
    async fn panics(_event: SessionConnectedEvent) {
        panic!("a listener that panics, as the test wants it");
    }

    #[event_listener]
    async fn works(_event: SessionConnectedEvent, State(notebook): State<Notebook>) {
        notebook.note("works");
    }
}

#[tokio::test(start_paused = true)]
async fn evt_12_a_listener_that_fails_or_panics_disturbs_nobody() {
    let (messaging, mut notes) = noted(concat!(module_path!(), "::failing"));
    let mut client = TestConnection::connect(&messaging).await;
    assert_eq!(notes.so_far(), ["works"]);
    client.subscribe("/topic/a").await;
}

mod unresolved {
    use super::*;

    /// Sends on to somebody who may not be there, either.
    #[event_listener]
    async fn not_there(
        event: UnresolvedUserMessageEvent,
        State(notebook): State<Notebook>,
        template: MessagingTemplate,
    ) -> Result<(), MessagingError> {
        notebook.note(format!(
            "{} {} {} from {}",
            event.user(),
            event.destination(),
            event.message().destination().unwrap(),
            event.principal().map_or("nobody", Principal::name)
        ));
        template
            .convert_and_send_to_user("admin", "/queue/undelivered", event.user())
            .await
    }

    #[message_mapping("/answer")]
    #[send_to_user("/queue/answers")]
    async fn answer(State(gate): State<slow::Gate>) -> &'static str {
        gate.0.acquire().await.unwrap().forget();
        "too late"
    }
}

#[tokio::test(start_paused = true)]
async fn ud_10_messages_for_users_who_are_not_connected_are_told_of() {
    let (notebook, mut notes) = Notebook::new();
    let gate = Arc::new(Semaphore::new(0));
    let messaging = builder(concat!(module_path!(), "::unresolved"))
        .state(notebook)
        .state(slow::Gate(gate.clone()))
        .build()
        .unwrap();
    let template = messaging.template();
    template
        .convert_and_send_to_user("a/b", "/queue/x", "")
        .await
        .unwrap();
    // What the listener sends itself is for nobody, too, and has no event.
    assert_eq!(
        notes.so_far(),
        ["a/b /user/queue/x /user/a%2Fb/queue/x from nobody"]
    );

    let mut joe = TestConnection::connect_as(&messaging, "joe").await;
    joe.subscribe("/user/queue/x").await;
    joe.send("SEND\ndestination:/user/ann/queue/x\nreceipt:r\n\n\0");
    joe.expect_receipt("r").await;
    assert_eq!(
        notes.so_far(),
        ["ann /user/queue/x /user/ann/queue/x from joe"]
    );
    // Who is connected and has not subscribed is no event: what clients listen to is their affair.
    template
        .convert_and_send_to_user("joe", "/queue/y", "")
        .await
        .unwrap();
    assert_eq!(notes.so_far(), [""; 0]);

    let mut admin = TestConnection::connect_as(&messaging, "admin").await;
    admin.subscribe("/user/queue/undelivered").await;
    template
        .convert_and_send_to_user("bob", "/queue/x", "")
        .await
        .unwrap();
    assert_eq!(admin.expect_message().await.text(), "bob");
    notes.so_far();

    // RV-21: an anonymous session that is gone is no user.
    let anonymous = TestConnection::connect(&messaging).await;
    anonymous.send_to("/app/answer", "");
    admin.subscribe("/topic/wait").await;
    drop(anonymous);
    admin.subscribe("/topic/wait").await;
    gate.add_permits(1);
    messaging.shutdown(Duration::from_secs(5)).await;
    assert_eq!(gate.available_permits(), 0);
    assert_eq!(notes.so_far(), [""; 0]);
}

/// Listeners lead to the template, the template to the broker's side, and that to listeners: no circle must hold a server
/// that nobody uses any more.
#[tokio::test(start_paused = true)]
async fn a_server_with_listeners_is_gone_when_nobody_has_it() {
    let (messaging, mut notes) = noted(concat!(module_path!(), "::all"));
    let template = messaging.template().clone();
    let mut events = messaging.events();
    let client = TestConnection::connect_as(&messaging, "joe").await;
    drop((client, messaging));
    let ended = async {
        let mut last = None;
        while let Some(event) = events.recv().await {
            last = Some(event.unwrap());
        }
        assert!(matches!(last, Some(Event::SessionDisconnect(_))));
        // The notebook is gone, too.
        while notes.0.recv().await.is_some() {}
    };
    tokio::time::timeout(Duration::from_secs(600), ended)
        .await
        .expect("the end of the server");
    // A template that is left can still be used.
    template
        .convert_and_send_to_user("joe", "/queue/a", "x")
        .await
        .unwrap();
}

mod availability {
    use super::*;

    #[event_listener]
    async fn changed(event: BrokerAvailabilityEvent, State(notebook): State<Notebook>) {
        notebook.note(format!("{}", event.is_available()));
    }
}

#[test]
fn evt_01_a_server_that_is_built_without_a_runtime_starts_with_its_first_connection() {
    let (messaging, mut notes) = noted(concat!(module_path!(), "::availability"));
    assert_eq!(notes.so_far(), [""; 0]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let _client = TestConnection::connect(&messaging).await;
        let _another = TestConnection::connect(&messaging).await;
        assert_eq!(notes.next().await, "true");
        messaging.shutdown(Duration::from_secs(5)).await;
        assert_eq!(notes.so_far(), ["false"]);
    });
}

mod controllers {
    use super::*;

    pub(super) struct Doorman {
        pub(super) notebook: Notebook,
    }

    #[message_mapping("/door")]
    impl Doorman {
        #[event_listener]
        async fn open(&self, event: SessionConnectedEvent, State(word): State<&'static str>) {
            let user = event.principal().map_or("?", Principal::name);
            self.notebook.note(format!("{word} {user}"));
        }

        /// Without an instance.
        #[event_listener]
        async fn listen(event: SessionSubscribeEvent, State(notebook): State<Notebook>) {
            notebook.note(event.destination());
        }
    }

    #[event_listener]
    pub(super) async fn by_hand(
        _event: SessionConnectedEvent,
        missing: Option<State<u8>>,
        State(notebook): State<Notebook>,
    ) {
        assert_eq!(missing, None);
        notebook.note("by hand");
    }
}

#[tokio::test(start_paused = true)]
async fn listeners_are_methods_of_controllers_and_are_named_in_handlers() {
    let (notebook, mut notes) = Notebook::new();
    let messaging = Messaging::builder()
        .handlers(handlers![controllers::by_hand, controllers::Doorman])
        .controller(controllers::Doorman {
            notebook: notebook.clone(),
        })
        .state("welcome")
        .state(notebook)
        .build()
        .unwrap();
    let mut client = TestConnection::connect_as(&messaging, "joe").await;
    assert_eq!(notes.so_far(), ["welcome joe", "by hand"]);
    client.subscribe("/topic/a").await;
    assert_eq!(notes.so_far(), ["/topic/a"]);
}

#[test]
fn build_checks_what_listeners_need() {
    let error = builder(concat!(module_path!(), "::controllers"))
        .build()
        .unwrap_err();
    let mut missing: Vec<_> = error
        .errors()
        .iter()
        .map(|error| match error {
            WiringError::MissingState { function, .. } => function.name,
            WiringError::MissingController { controller, .. } => controller,
            other => panic!("unexpected {other}"),
        })
        .collect();
    missing.sort_unstable();
    assert_eq!(
        missing,
        ["Doorman", "Doorman::listen", "Doorman::open", "by_hand"]
    );
}
