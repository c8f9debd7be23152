//! `EventListeners.java`: tells /topic/events what the users called `watched..` do. (Sessions are counted by the registry.)

use stomp_axum::{
    event::{
        SessionConnectEvent, SessionConnectedEvent, SessionDisconnectEvent, SessionSubscribeEvent,
        SessionUnsubscribeEvent,
    },
    event_listener,
    prelude::*,
};

#[event_listener]
async fn connect(
    event: SessionConnectEvent,
    template: MessagingTemplate,
) -> Result<(), MessagingError> {
    tell(&template, event.principal(), "connect").await
}

#[event_listener]
async fn connected(
    event: SessionConnectedEvent,
    template: MessagingTemplate,
) -> Result<(), MessagingError> {
    tell(&template, event.principal(), "connected").await
}

#[event_listener]
async fn subscribe(
    event: SessionSubscribeEvent,
    template: MessagingTemplate,
) -> Result<(), MessagingError> {
    let id = event.subscription_id().unwrap_or_default();
    if id.starts_with('~') {
        return Ok(());
    }
    let what = format!("subscribe {id} {}", event.destination());
    tell(&template, event.principal(), &what).await
}

#[event_listener]
async fn unsubscribe(
    event: SessionUnsubscribeEvent,
    template: MessagingTemplate,
) -> Result<(), MessagingError> {
    let id = event.subscription_id().unwrap_or_default();
    tell(&template, event.principal(), &format!("unsubscribe {id}")).await
}

#[event_listener]
async fn disconnect(
    event: SessionDisconnectEvent,
    template: MessagingTemplate,
) -> Result<(), MessagingError> {
    tell(&template, event.principal(), "disconnect").await
}

async fn tell(
    template: &MessagingTemplate,
    user: Option<&Principal>,
    what: &str,
) -> Result<(), MessagingError> {
    match user {
        Some(user) if user.name().starts_with("watched") => {
            let text = format!("{} {what}", user.name());
            template.convert_and_send("/topic/events", &text).await
        }
        _ => Ok(()),
    }
}
