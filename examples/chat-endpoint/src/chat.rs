use std::error::Error;

use axum::extract::Query;
use bytes::Bytes;
use serde::Deserialize;
use stomp_axum::server_endpoint::{
    CloseStatus, EndpointError, RemoteError, Session, State, TextMessage, server_endpoint,
};

use crate::{
    message::{ClientMessage, ServerMessage},
    rooms::{Line, Refusal, Rooms, Seat},
};

/// The name of a person or a room has at most so many characters.
const MOST_CHARACTERS: usize = 40;

const BAD_NAME: CloseStatus = CloseStatus::new(4400);
const NAME_TAKEN: CloseStatus = CloseStatus::new(4409);

/// One connection: somebody in a room.
pub(crate) struct Chat {
    rooms: Rooms<Session>,
    room: String,
    name: String,
    /// `None` for who was not let in.
    seat: Option<Seat>,
}

/// `/chat/lobby?name=Ada`
#[derive(Deserialize)]
struct Person {
    name: String,
}

// The methods of one connection are called one after another, so `&mut self` needs no lock.
#[server_endpoint("/chat/{room}", max_text_message_bytes = 4096)]
impl Chat {
    /// Its arguments are those of an axum handler, and it could refuse the request. But a page is not told why there is no
    /// WebSocket: it learns more from a WebSocket that is closed with a code and a reason.
    #[constructor]
    async fn new(
        #[path_param] room: String,
        Query(person): Query<Person>,
        State(rooms): State<Rooms<Session>>,
    ) -> Self {
        Self {
            rooms,
            room,
            name: person.name,
            seat: None,
        }
    }

    #[on_open]
    async fn open(&mut self, session: Session) {
        if !is_name(&self.name) || !is_name(&self.room) {
            let reason = format!("A name has 1 to {MOST_CHARACTERS} characters.");
            session.close_with(BAD_NAME.with_reason(reason));
            return;
        }
        match self.rooms.join(&self.room, &self.name, session.clone()) {
            Ok(seat) => self.seat = Some(seat),
            Err(taken) => session.close_with(NAME_TAKEN.with_reason(taken.to_string())),
        }
    }

    #[on_message]
    async fn text(&mut self, message: ClientMessage) -> Result<(), Refusal> {
        let Some(seat) = &self.seat else {
            return Ok(());
        };
        match message {
            ClientMessage::Say { text } => self.rooms.say(seat, &text),
            ClientMessage::Remove { name } => self.rooms.remove(seat, &name),
        }
    }

    /// Without this method, binary messages would be thrown away.
    #[on_message]
    async fn binary(&mut self, _data: Bytes, session: Session) {
        let reason = "This chat has no pictures.";
        session.close_with(CloseStatus::NOT_ACCEPTABLE.with_reason(reason));
    }

    #[on_close]
    async fn close(&mut self, status: CloseStatus) {
        tracing::info!(room = self.room, name = self.name, %status, "closed");
        if let Some(seat) = self.seat.take() {
            self.rooms.leave(&seat);
        }
    }

    /// What went wrong in the methods above, and outside of them. Because it is here, the connection stays open where it
    /// can.
    #[on_error]
    async fn error(&mut self, error: EndpointError, session: Session) -> Result<(), RemoteError> {
        let text = match &error {
            EndpointError::Decode(error) => format!("The message can't be read: {}.", cause(error)),
            EndpointError::Callback(refusal) => refusal.to_string(),
            _ => {
                tracing::warn!(room = self.room, name = self.name, %error, "failed");
                return Ok(());
            }
        };
        let refused = ServerMessage::Refused { text };
        session.basic_remote().send_text(refused.to_json()).await
    }
}

/// What stands behind all errors that only say where it happened.
fn cause(mut error: &dyn Error) -> String {
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= MOST_CHARACTERS
}

impl Line for Session {
    fn send(&self, message: TextMessage) {
        // Who does not read fast enough is cut off, and leaves the room then.
        self.async_remote().send_message(message).ignore();
    }

    fn close(&self, status: CloseStatus) {
        self.close_with(status);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_neither_blank_nor_longer_than_40_characters() {
        assert!(is_name("A"));
        assert!(is_name(&"ä".repeat(40)));
        assert!(!is_name(&"ä".repeat(41)));
        assert!(!is_name(" \t"));
    }
}
