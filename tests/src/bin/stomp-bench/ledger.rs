//! What one subscriber got, checked message by message.

use std::{collections::BTreeSet, fmt, ops::AddAssign};

/// What one subscriber got of each publisher at each destination, where messages have the numbers 0, 1, 2 and so on.
#[derive(Debug)]
pub(crate) struct Ledger {
    destinations: usize,
    streams: Vec<Stream>,
    mistakes: Mistakes,
}

#[derive(Clone, Debug, Default)]
struct Stream {
    /// The number behind the highest that came.
    next: u64,
    /// Lower numbers that did not come.
    missing: BTreeSet<u64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mistakes {
    pub(crate) lost: u64,
    pub(crate) duplicate: u64,
    /// Those that came behind one that was sent later.
    pub(crate) misordered: u64,
}

impl Ledger {
    pub(crate) fn new(publishers: usize, destinations: usize) -> Self {
        Self {
            destinations,
            streams: vec![Stream::default(); publishers * destinations],
            mistakes: Mistakes::default(),
        }
    }

    /// Enters a message. Whether there is such a publisher and destination.
    #[must_use]
    pub(crate) fn enter(&mut self, publisher: usize, destination: usize, number: u64) -> bool {
        if destination >= self.destinations {
            return false;
        }
        let Some(stream) = self
            .streams
            .get_mut(publisher * self.destinations + destination)
        else {
            return false;
        };
        if number >= stream.next {
            stream.missing.extend(stream.next..number);
            stream.next = number + 1;
        } else if stream.missing.remove(&number) {
            self.mistakes.misordered += 1;
        } else {
            self.mistakes.duplicate += 1;
        }
        true
    }

    /// What went wrong, if `sent` is how many messages each publisher has sent to each destination.
    pub(crate) fn mistakes(&self, sent: &[Vec<u64>]) -> Mistakes {
        let mut mistakes = self.mistakes;
        for (stream, sent) in self.streams.iter().zip(sent.iter().flatten()) {
            mistakes.lost += stream.missing.len() as u64 + sent.saturating_sub(stream.next);
        }
        mistakes
    }
}

impl AddAssign for Mistakes {
    fn add_assign(&mut self, other: Self) {
        self.lost += other.lost;
        self.duplicate += other.duplicate;
        self.misordered += other.misordered;
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            lost,
            duplicate,
            misordered,
        } = self;
        write!(
            f,
            "{lost} lost, {duplicate} duplicate, {misordered} misordered"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(numbers: &[u64], sent: u64) -> Mistakes {
        let mut ledger = Ledger::new(2, 2);
        for number in numbers {
            assert!(ledger.enter(1, 0, *number));
        }
        ledger.mistakes(&[vec![0, 0], vec![sent, 0]])
    }

    fn expected(lost: u64, duplicate: u64, misordered: u64) -> Mistakes {
        Mistakes {
            lost,
            duplicate,
            misordered,
        }
    }

    #[test]
    fn each_mistake_is_told_from_the_others() {
        assert_eq!(mistakes(&[0, 1, 2], 3), expected(0, 0, 0));
        assert_eq!(mistakes(&[0, 2], 3), expected(1, 0, 0));
        assert_eq!(mistakes(&[0, 1], 5), expected(3, 0, 0));
        assert_eq!(mistakes(&[0, 1, 1, 2], 3), expected(0, 1, 0));
        assert_eq!(mistakes(&[0, 2, 1], 3), expected(0, 0, 1));
        assert_eq!(mistakes(&[0, 3, 1, 1], 4), expected(1, 1, 1));
    }

    #[test]
    fn strangers_are_not_entered() {
        let mut ledger = Ledger::new(2, 2);
        assert!(!ledger.enter(2, 0, 0));
        assert!(!ledger.enter(0, 2, 0));
        assert_eq!(
            ledger.mistakes(&[vec![0, 0], vec![0, 0]]),
            expected(0, 0, 0)
        );
    }
}
