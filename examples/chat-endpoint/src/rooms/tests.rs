use std::slice;

use serde_json::{Value, json};

use super::*;

/// A line that remembers what was sent.
#[derive(Clone, Debug, Default)]
struct Probe(Arc<Mutex<(Vec<Value>, Option<CloseStatus>)>>);

impl Line for Probe {
    fn send(&self, message: TextMessage) {
        let message = serde_json::from_str(message.as_str()).unwrap();
        self.0.lock().0.push(message);
    }

    fn close(&self, status: CloseStatus) {
        self.0.lock().1 = Some(status);
    }
}

impl Probe {
    /// What was sent since the last call.
    fn sent(&self) -> Vec<Value> {
        std::mem::take(&mut self.0.lock().0)
    }

    fn close_status(&self) -> Option<CloseStatus> {
        self.0.lock().1.clone()
    }
}

fn join(rooms: &Rooms<Probe>, room: &str, name: &str) -> (Seat, Probe) {
    let probe = Probe::default();
    let seat = rooms.join(room, name, probe.clone()).unwrap();
    (seat, probe)
}

#[test]
fn who_comes_in_is_told_who_is_there_and_the_others_who_has_come() {
    let rooms = Rooms::default();
    let (_, ada) = join(&rooms, "lobby", "Ada");
    assert_eq!(
        ada.sent(),
        [json!({ "type": "welcome", "members": ["Ada"] })]
    );
    let (_, grace) = join(&rooms, "lobby", "Grace");
    let members = json!(["Ada", "Grace"]);
    assert_eq!(
        grace.sent(),
        [json!({ "type": "welcome", "members": members })]
    );
    assert_eq!(ada.sent(), [json!({ "type": "joined", "name": "Grace" })]);
}

#[test]
fn what_is_said_goes_to_everybody_in_the_room_and_to_nobody_else() {
    let rooms = Rooms::default();
    let (seat, ada) = join(&rooms, "lobby", "Ada");
    let (_, grace) = join(&rooms, "lobby", "Grace");
    let (_, joan) = join(&rooms, "kitchen", "Joan");
    for probe in [&ada, &grace, &joan] {
        probe.sent();
    }
    rooms.say(&seat, "hello").unwrap();
    let said = json!({ "type": "said", "name": "Ada", "text": "hello" });
    assert_eq!(ada.sent(), slice::from_ref(&said));
    assert_eq!(grace.sent(), [said]);
    assert!(joan.sent().is_empty());
}

#[test]
fn a_message_is_neither_blank_nor_too_long() {
    let rooms = Rooms::default();
    let (seat, ada) = join(&rooms, "lobby", "Ada");
    ada.sent();
    assert_eq!(rooms.say(&seat, " \n"), Err(Refusal::Blank));
    let long = "ä".repeat(MOST_CHARACTERS + 1);
    assert_eq!(rooms.say(&seat, &long), Err(Refusal::TooLong(501)));
    assert!(ada.sent().is_empty());
    rooms.say(&seat, &"ä".repeat(MOST_CHARACTERS)).unwrap();
    assert_eq!(ada.sent().len(), 1);
}

#[test]
fn a_name_is_taken_in_one_room_as_long_as_somebody_has_it() {
    let rooms = Rooms::default();
    let (seat, _) = join(&rooms, "lobby", "Ada");
    let taken = rooms.join("lobby", "Ada", Probe::default());
    assert_eq!(taken, Err(NameTaken("Ada".to_owned())));
    join(&rooms, "kitchen", "Ada");
    rooms.leave(&seat);
    join(&rooms, "lobby", "Ada");
}

#[test]
fn the_host_removes_others_and_nobody_else_does() {
    let rooms = Rooms::default();
    let (ada_seat, ada) = join(&rooms, "lobby", "Ada");
    let (grace_seat, grace) = join(&rooms, "lobby", "Grace");
    let (_, joan) = join(&rooms, "lobby", "Joan");
    assert_eq!(rooms.remove(&grace_seat, "Joan"), Err(Refusal::NotHost));
    assert_eq!(
        rooms.remove(&ada_seat, "Ada"),
        Err(Refusal::NotHere("Ada".to_owned()))
    );
    assert_eq!(
        rooms.remove(&ada_seat, "Alan"),
        Err(Refusal::NotHere("Alan".to_owned()))
    );
    for probe in [&ada, &grace, &joan] {
        probe.sent();
    }

    rooms.remove(&ada_seat, "Grace").unwrap();
    let status = grace.close_status().unwrap();
    assert_eq!(status.code(), 4403);
    assert_eq!(status.reason(), Some("Ada has asked you to leave."));
    let left = json!({ "type": "left", "name": "Grace", "removed": true });
    assert_eq!(ada.sent(), slice::from_ref(&left));
    assert_eq!(joan.sent(), [left]);
    assert!(grace.sent().is_empty());
}

#[test]
fn who_was_removed_is_not_mistaken_for_who_has_come_again() {
    let rooms = Rooms::default();
    let (ada_seat, ada) = join(&rooms, "lobby", "Ada");
    let (old_seat, _) = join(&rooms, "lobby", "Grace");
    rooms.remove(&ada_seat, "Grace").unwrap();
    let (_, grace) = join(&rooms, "lobby", "Grace");
    ada.sent();
    grace.sent();
    rooms.say(&old_seat, "hello").unwrap();
    rooms.leave(&old_seat);
    assert!(ada.sent().is_empty());
    assert!(grace.sent().is_empty());
}

#[test]
fn the_next_one_is_host_when_the_host_leaves() {
    let rooms = Rooms::default();
    let (ada_seat, _) = join(&rooms, "lobby", "Ada");
    let (grace_seat, grace) = join(&rooms, "lobby", "Grace");
    let (_, joan) = join(&rooms, "lobby", "Joan");
    grace.sent();
    rooms.leave(&ada_seat);
    assert_eq!(
        grace.sent()[0],
        json!({ "type": "left", "name": "Ada", "removed": false })
    );
    rooms.remove(&grace_seat, "Joan").unwrap();
    assert!(joan.close_status().is_some());
}

#[test]
fn a_room_that_is_empty_is_gone() {
    let rooms = Rooms::default();
    let (seat, _) = join(&rooms, "lobby", "Ada");
    rooms.leave(&seat);
    assert!(rooms.0.lock().rooms.is_empty());
}
