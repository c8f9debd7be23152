use std::{collections::HashMap, net::IpAddr, time::Duration};

use parking_lot::Mutex;
use tokio::time::Instant;

const WINDOW: Duration = Duration::from_secs(60);
/// How many addresses are kept. Whoever has more can guess as much as he likes with each of them, so nothing is lost when
/// those that don't fit in are not counted; counted together, they would lock out everybody else.
const MAX_ADDRESSES: usize = 10_000;

/// How often an address has named sessions that are not there, or not its own (T-14).
///
/// One window for all is forgotten at once: an entry costs nothing when its time is over, and nothing needs to be found out to
/// make room for another.
#[derive(Debug)]
pub(super) struct Misses {
    max: u32,
    window: Mutex<Window>,
}

#[derive(Debug)]
struct Window {
    started: Instant,
    counts: HashMap<IpAddr, u32>,
}

impl Misses {
    pub(super) fn new(max_per_minute: u32) -> Self {
        Self {
            max: max_per_minute,
            window: Mutex::new(Window {
                started: Instant::now(),
                counts: HashMap::new(),
            }),
        }
    }

    /// Whether the address has missed so often that it is not even looked up.
    pub(super) fn are_too_many(&self, address: Option<IpAddr>) -> bool {
        let Some(address) = address else {
            return false;
        };
        let counts = &self.current().counts;
        counts
            .get(&network(address))
            .is_some_and(|count| *count >= self.max)
    }

    /// Returns whether that was the last that it may have.
    pub(super) fn count(&self, address: Option<IpAddr>) -> bool {
        let Some(address) = address.map(network) else {
            return false;
        };
        let counts = &mut self.current().counts;
        if counts.len() >= MAX_ADDRESSES && !counts.contains_key(&address) {
            return false;
        }
        let count = counts.entry(address).or_insert(0);
        *count = count.saturating_add(1);
        *count == self.max
    }

    fn current(&self) -> parking_lot::MutexGuard<'_, Window> {
        let mut window = self.window.lock();
        let now = Instant::now();
        if now.duration_since(window.started) >= WINDOW {
            window.started = now;
            window.counts = HashMap::new();
        }
        window
    }
}

/// Whoever has one address of IPv6 has all of its /64.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let mut segments = address.segments();
            segments[4..].fill(0);
            IpAddr::V6(segments.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn t_14_misses_are_counted_for_each_address_and_for_a_minute() {
        let misses = Misses::new(3);
        let (guesser, other) = (address("192.0.2.1"), address("192.0.2.2"));
        assert!(!misses.count(guesser) && !misses.count(guesser));
        assert!(!misses.are_too_many(guesser));
        assert!(misses.count(guesser));
        assert!(misses.are_too_many(guesser) && !misses.are_too_many(other));
        assert!(!misses.are_too_many(None) && !misses.count(None));
        tokio::time::advance(WINDOW).await;
        assert!(!misses.are_too_many(guesser));
    }

    #[tokio::test]
    async fn t_14_a_network_of_ipv6_is_one_address() {
        let misses = Misses::new(1);
        misses.count(address("2001:db8::1"));
        assert!(misses.are_too_many(address("2001:db8::2:3:4:5")));
        assert!(!misses.are_too_many(address("2001:db8:0:1::1")));
    }

    #[tokio::test]
    async fn t_14_the_table_is_bounded() {
        let misses = Misses::new(1);
        for number in 0..2 * MAX_ADDRESSES {
            misses.count(Some(Ipv4Addr::from_bits(number as u32).into()));
        }
        assert_eq!(misses.current().counts.len(), MAX_ADDRESSES);
        assert!(misses.are_too_many(address("0.0.0.1")));
    }
}
