//! Who is in which room. This is all that the connections share.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use stomp_axum::websocket::{CloseStatus, TextMessage};

use crate::message::ServerMessage;

#[cfg(test)]
mod tests;

/// A message has at most so many characters.
const MOST_CHARACTERS: usize = 500;

/// What the host closes the connections of others with.
const REMOVED: CloseStatus = CloseStatus::new(4403);

/// How somebody in a room is reached.
pub(crate) trait Line {
    /// Sends without waiting: all rooms wait meanwhile.
    fn send(&self, message: TextMessage);

    fn close(&self, status: CloseStatus);
}

/// All rooms. A room is there as long as somebody is in it. Clones are the same rooms.
#[derive(Debug)]
pub(crate) struct Rooms<L>(Arc<Mutex<Inner<L>>>);

#[derive(Debug)]
struct Inner<L> {
    /// Those in a room, in the order in which they have come; the first one is its host.
    rooms: HashMap<String, Vec<Member<L>>>,
    /// How many have come to any room until now.
    seats: u64,
}

#[derive(Debug)]
struct Member<L> {
    seat: u64,
    name: String,
    line: L,
}

/// Somebody's place in a room. By their name alone, who comes again could not be told from who has been removed, and has
/// not noticed yet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seat {
    room: String,
    number: u64,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("The name {0} is taken in this room.")]
pub(crate) struct NameTaken(pub(crate) String);

/// Why a message is not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("Please say something: a message must not be blank.")]
    Blank,
    #[error("A message has {MOST_CHARACTERS} characters at most; this one has {0}.")]
    TooLong(usize),
    #[error("Only the host can ask others to leave.")]
    NotHost,
    #[error("{0} is not here.")]
    NotHere(String),
}

// Messages are queued under the lock, so that everybody in a room hears of everything in the same order: who comes in knows
// who is there, and is told of every change from then on.
impl<L: Line> Rooms<L> {
    pub(crate) fn join(&self, room: &str, name: &str, line: L) -> Result<Seat, NameTaken> {
        let mut inner = self.0.lock();
        inner.seats += 1;
        let number = inner.seats;
        let members = inner.rooms.entry(room.to_owned()).or_default();
        if members.iter().any(|member| member.name == name) {
            return Err(NameTaken(name.to_owned()));
        }
        broadcast(members, &ServerMessage::Joined { name });
        members.push(Member {
            seat: number,
            name: name.to_owned(),
            line,
        });
        let names = members.iter().map(|member| &*member.name).collect();
        let welcome = ServerMessage::Welcome { members: names };
        if let Some(newcomer) = members.last() {
            newcomer.line.send(welcome.to_json().into());
        }
        Ok(Seat {
            room: room.to_owned(),
            number,
        })
    }

    /// Does nothing for who was removed, and has not noticed yet.
    pub(crate) fn say(&self, seat: &Seat, text: &str) -> Result<(), Refusal> {
        if text.trim().is_empty() {
            return Err(Refusal::Blank);
        }
        let characters = text.chars().count();
        if characters > MOST_CHARACTERS {
            return Err(Refusal::TooLong(characters));
        }
        let inner = self.0.lock();
        if let Some((members, speaker)) = inner.find(seat) {
            let name = &members[speaker].name;
            broadcast(members, &ServerMessage::Said { name, text });
        }
        Ok(())
    }

    /// Somebody asks somebody else to leave.
    pub(crate) fn remove(&self, seat: &Seat, name: &str) -> Result<(), Refusal> {
        let mut inner = self.0.lock();
        let members = match inner.find(seat) {
            Some((_, 0)) => inner.rooms.get_mut(&seat.room),
            _ => None,
        };
        let members = members.ok_or(Refusal::NotHost)?;
        // The host leaves by closing the connection.
        let index = members
            .iter()
            .skip(1)
            .position(|member| member.name == name);
        let index = index.ok_or_else(|| Refusal::NotHere(name.to_owned()))? + 1;
        let removed = members.remove(index);
        let host = &members[0].name;
        let reason = format!("{host} has asked you to leave.");
        removed.line.close(REMOVED.with_reason(reason));
        broadcast(
            members,
            &ServerMessage::Left {
                name,
                removed: true,
            },
        );
        Ok(())
    }

    /// Does nothing for who was removed.
    pub(crate) fn leave(&self, seat: &Seat) {
        let mut inner = self.0.lock();
        let Some((_, index)) = inner.find(seat) else {
            return;
        };
        if let Some(members) = inner.rooms.get_mut(&seat.room) {
            let left = members.remove(index);
            let name = &left.name;
            broadcast(
                members,
                &ServerMessage::Left {
                    name,
                    removed: false,
                },
            );
            if members.is_empty() {
                inner.rooms.remove(&seat.room);
            }
        }
    }
}

fn broadcast<L: Line>(members: &[Member<L>], message: &ServerMessage<'_>) {
    // Written once; its clones share the text.
    let message = TextMessage::from(message.to_json());
    for member in members {
        member.line.send(message.clone());
    }
}

impl<L> Inner<L> {
    /// Those in the room, and where the one on the seat is among them.
    fn find(&self, seat: &Seat) -> Option<(&[Member<L>], usize)> {
        let members = self.rooms.get(&seat.room)?;
        let index = members
            .iter()
            .position(|member| member.seat == seat.number)?;
        Some((members, index))
    }
}

impl<L> Clone for Rooms<L> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<L> Default for Rooms<L> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Inner {
            rooms: HashMap::new(),
            seats: 0,
        })))
    }
}
