//! `SessionController.java`.

use stomp_axum::{
    prelude::*,
    session::{SessionRegistry, SessionScoped},
};

use crate::cart::Cart;

pub(crate) struct SessionController;

#[derive(Clone, Copy)]
struct Visits(u32);

#[message_mapping]
impl SessionController {
    /// How the player knows that everything before it has taken effect.
    #[message_mapping("/sync")]
    #[send_to_user("/queue/sync", broadcast = false)]
    async fn sync(body: String) -> String {
        body
    }

    #[message_mapping("/session/id")]
    #[send_to_user("/queue/session", broadcast = false)]
    async fn id(id: SessionId) -> String {
        id.to_string()
    }

    /// How the player knows that the server has noticed the end of a session.
    #[message_mapping("/session/count")]
    #[send_to_user("/queue/session", broadcast = false)]
    async fn count(sessions: SessionRegistry) -> String {
        sessions.sessions().len().to_string()
    }

    #[message_mapping("/session/visits")]
    #[send_to("/topic/out")]
    async fn visits(attributes: SessionAttributes) -> String {
        let visits = attributes.get::<Visits>().map_or(0, |visits| visits.0) + 1;
        attributes.insert(Visits(visits));
        format!("visits {visits}")
    }

    #[message_mapping("/session/user")]
    #[send_to("/topic/out")]
    async fn user(principal: Option<Principal>) -> String {
        principal.map_or_else(
            || "nobody".to_owned(),
            |principal| principal.name().to_owned(),
        )
    }

    #[message_mapping("/session/registry")]
    #[send_to("/topic/out")]
    async fn registry(name: String, users: UserRegistry) -> String {
        users.user(&name).map_or_else(
            || "unknown".to_owned(),
            |user| format!("sessions {}", user.sessions().len()),
        )
    }

    #[message_mapping("/session/subscriptions")]
    #[send_to("/topic/out")]
    async fn subscriptions(destination: String, users: UserRegistry) -> String {
        let found = users.find_subscriptions(|found| found.destination() == destination);
        let mut lines: Vec<_> = found
            .iter()
            .map(|found| {
                let user = found.session().principal().map_or("", Principal::name);
                format!("{user} {}", found.id().unwrap_or_default())
            })
            .collect();
        lines.sort_unstable();
        lines.join(", ")
    }

    #[message_mapping("/session/cart")]
    #[send_to("/topic/out")]
    async fn cart(item: String, cart: SessionScoped<Cart>) -> String {
        cart.add(item)
    }
}
