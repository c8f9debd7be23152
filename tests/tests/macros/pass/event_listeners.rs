//! Event listeners: what they take and return, and what they register (EVT-02 to EVT-06).

#![deny(warnings)]

use stomp_axum::{
    __private::{EventListenerDefinition, Registration, Registrations},
    event::{
        BrokerAvailabilityEvent, Event, EventKind, SessionConnectEvent, SessionConnectedEvent,
        SessionDisconnectEvent, SessionSubscribeEvent, SessionUnsubscribeEvent,
        UnresolvedUserMessageEvent,
    },
    handler::{ApplicationContext, FromApplication},
    prelude::*,
    session::SessionRegistry,
};

#[event_listener]
async fn connect(_event: SessionConnectEvent) {}

#[event_listener()]
async fn connected(
    event: SessionConnectedEvent,
    template: MessagingTemplate,
    State(number): State<u8>,
    optional: Option<State<u16>>,
    users: UserRegistry,
    sessions: SessionRegistry,
    context: ApplicationContext,
) -> Result<(), MessagingError> {
    drop((event, number, optional, users, sessions, context));
    template.convert_and_send("/topic/a", "x").await
}

/// Other attributes, patterns and conditions.
#[must_use]
#[stomp_axum::event_listener(crate = ::stomp_axum)]
#[inline]
pub async fn subscribe(
    mut event: SessionSubscribeEvent,
    #[cfg(any())] missing: NoSuchType,
    #[cfg(all())] _template: MessagingTemplate,
) -> Result<(), std::io::Error> {
    event = event.clone();
    drop(event);
    Ok(())
}

type Alias = SessionUnsubscribeEvent;
type Outcome = Result<(), std::fmt::Error>;

#[event_listener]
async fn unsubscribe(_: Alias) -> Outcome {
    Ok(())
}

#[event_listener]
async fn every(event: stomp_axum::event::Event) {
    match event {
        Event::BrokerAvailability(event) => assert!(event.is_available()),
        _ => {}
    }
}

struct Online(usize);

impl FromApplication for Online {
    fn from_application(context: &ApplicationContext) -> Self {
        Self(context.users().user_count())
    }
}

struct Controller;

#[message_mapping]
impl Controller {
    #[event_listener]
    async fn method(&self, event: SessionDisconnectEvent, online: Online) {
        let _ = (event.close_reason(), online.0);
    }

    #[cfg(all())]
    #[event_listener]
    async fn no_receiver(event: UnresolvedUserMessageEvent) {
        let _ = event.user();
    }

    #[cfg(any())]
    #[event_listener]
    async fn left_out(&self, event: NoSuchType) {}
}

#[message_mapping("/module")]
mod module {
    use super::*;

    #[event_listener]
    pub async fn within(_event: BrokerAvailabilityEvent) {}
}

fn listener(registration: &Registration) -> &EventListenerDefinition {
    match registration {
        Registration::EventListener(listener) => listener,
        other => panic!("{other:?}"),
    }
}

fn takes(registrations: &Registrations) -> Vec<EventKind> {
    let kinds = [
        EventKind::SessionConnect,
        EventKind::SessionConnected,
        EventKind::SessionSubscribe,
        EventKind::SessionUnsubscribe,
        EventKind::SessionDisconnect,
        EventKind::BrokerAvailability,
        EventKind::UnresolvedUserMessage,
    ];
    let taken = |kind: &EventKind| {
        let mut listeners = registrations.0.iter().map(listener);
        listeners.any(|listener| (listener.takes)(*kind))
    };
    kinds.into_iter().filter(taken).collect()
}

fn main() {
    assert_eq!(takes(&__stomp_handlers_connect), [EventKind::SessionConnect]);
    assert_eq!(takes(&__stomp_handlers_connected), [EventKind::SessionConnected]);
    assert_eq!(takes(&__stomp_handlers_subscribe), [EventKind::SessionSubscribe]);
    assert_eq!(takes(&__stomp_handlers_unsubscribe), [EventKind::SessionUnsubscribe]);
    assert_eq!(takes(&__stomp_handlers_every).len(), 7);
    assert_eq!(
        takes(&__stomp_handlers_Controller),
        [EventKind::SessionDisconnect, EventKind::UnresolvedUserMessage]
    );
    assert_eq!(
        takes(&module::__stomp_handlers_within),
        [EventKind::BrokerAvailability]
    );
    let method = &listener(&__stomp_handlers_Controller.0[0]).function;
    assert_eq!(method.name, "Controller::method");
    assert!(method.controller.unwrap().needs_instance);

    let handlers = handlers![connect, module::within, Controller];
    let messaging = Messaging::builder()
        .handlers(handlers)
        .controller(Controller)
        .build();
    assert!(messaging.is_ok());
}
