use std::{collections::BTreeMap, sync::Arc};

use super::super::published::Published;

/// What was delivered to a subscription and is not settled yet, numbered in the order of delivery.
///
/// A map, and no queue with holes: a client may leave its first message unacknowledged for ever, and acknowledge all
/// others. What is kept must not grow with those (T-24).
#[derive(Default)]
pub(super) struct Unsettled {
    entries: BTreeMap<u64, Unacknowledged>,
    next_number: u64,
}

/// A message that was delivered and is not acknowledged.
pub(super) struct Unacknowledged {
    /// Its place in the queue that it came from.
    pub(super) sequence: u64,
    /// How often it was delivered, this delivery included.
    pub(super) deliveries: u32,
    pub(super) published: Arc<Published>,
    /// What its queue counts for it, in bytes.
    pub(super) charged: usize,
}

impl Unsettled {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The number that the next delivery gets. No number is given twice (ACK-027).
    pub(super) fn next_number(&self) -> u64 {
        self.next_number
    }

    pub(super) fn push(&mut self, message: Unacknowledged) {
        self.entries.insert(self.next_number, message);
        self.next_number += 1;
    }

    pub(super) fn contains(&self, number: u64) -> bool {
        self.entries.contains_key(&number)
    }

    /// The number of the first delivery of that message.
    pub(super) fn find(&self, message_id: &str) -> Option<u64> {
        let mut entries = self.entries.iter();
        let (number, _) =
            entries.find(|(_, message)| message.published.id.as_str() == message_id)?;
        Some(*number)
    }

    /// Takes one out.
    pub(super) fn take(&mut self, number: u64) -> Option<Unacknowledged> {
        self.entries.remove(&number)
    }

    /// Takes the first out, in the order of delivery.
    pub(super) fn take_first(&mut self) -> Option<Unacknowledged> {
        Some(self.entries.pop_first()?.1)
    }

    /// Takes the first out if it is not behind that number.
    pub(super) fn take_first_up_to(&mut self, number: u64) -> Option<Unacknowledged> {
        let (first, _) = self.entries.first_key_value()?;
        (*first <= number).then(|| self.take_first())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Message, MessageIds};

    fn unsettled(count: u64) -> Unsettled {
        let ids = MessageIds::new();
        let mut unsettled = Unsettled::default();
        for sequence in 0..count {
            unsettled.push(Unacknowledged {
                sequence,
                deliveries: 1,
                published: Published::new(Message::new("/queue/a", ""), ids.next(), None),
                charged: 0,
            });
        }
        unsettled
    }

    fn numbers(unsettled: &Unsettled) -> Vec<u64> {
        (0..unsettled.next_number())
            .filter(|number| unsettled.contains(*number))
            .collect()
    }

    #[test]
    fn ack_034_they_are_settled_in_any_order_and_leave_nothing_behind() {
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]] {
            let mut unsettled = unsettled(3);
            for (settled, number) in order.into_iter().enumerate() {
                assert_eq!(unsettled.take(number).unwrap().sequence, number);
                assert!(unsettled.take(number).is_none());
                assert_eq!(unsettled.len(), 2 - settled);
            }
            assert!(unsettled.entries.is_empty());
            assert_eq!(unsettled.next_number(), 3);
        }
    }

    #[test]
    fn ack_004_those_up_to_a_number() {
        let mut unsettled = unsettled(4);
        unsettled.take(1);
        let mut taken = Vec::new();
        while let Some(message) = unsettled.take_first_up_to(2) {
            taken.push(message.sequence);
        }
        assert_eq!(taken, [0, 2]);
        assert_eq!(numbers(&unsettled), [3]);
    }

    #[test]
    fn t_24_one_that_is_never_settled_keeps_nothing_of_those_behind_it() {
        let mut unsettled = unsettled(1);
        let published = unsettled.entries[&0].published.clone();
        for number in 1..1000 {
            unsettled.push(Unacknowledged {
                sequence: number,
                deliveries: 1,
                published: published.clone(),
                charged: 0,
            });
            assert_eq!(unsettled.take(number).unwrap().sequence, number);
        }
        assert_eq!(unsettled.entries.len(), 1);
        assert_eq!(unsettled.next_number(), 1000);
    }

    #[test]
    fn numbers_that_were_never_given_name_nothing() {
        let mut unsettled = unsettled(2);
        unsettled.take(0);
        assert!(!unsettled.contains(0) && !unsettled.contains(2) && !unsettled.contains(u64::MAX));
        assert!(unsettled.take(u64::MAX).is_none());
        assert_eq!(unsettled.find("none"), None);
    }
}
