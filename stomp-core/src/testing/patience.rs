use std::time::{Duration, Instant};

/// More than a server that does its work needs, and less than somebody who waits for a test wants to.
const ON_A_RUNNING_CLOCK: Duration = Duration::from_secs(5);

/// Longer than any timeout of the server. It costs no time.
const ON_A_PAUSED_CLOCK: Duration = Duration::from_secs(600);

/// How long a [`TestConnection`](super::TestConnection) waits for the server.
pub(super) fn patience() -> Duration {
    if is_paused() {
        ON_A_PAUSED_CLOCK
    } else {
        ON_A_RUNNING_CLOCK
    }
}

/// Whether tokio's clock stands still while time passes. Tokio does not say so; and a paused clock goes on only when
/// its one thread waits.
fn is_paused() -> bool {
    let before = tokio::time::Instant::now();
    let start = Instant::now();
    while start.elapsed().is_zero() {
        std::hint::spin_loop();
    }
    tokio::time::Instant::now() == before
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn timeouts_of_the_server_can_be_waited_for_on_a_paused_clock() {
        assert_eq!(patience(), ON_A_PAUSED_CLOCK);
        tokio::time::resume();
        assert_eq!(patience(), ON_A_RUNNING_CLOCK);
    }

    #[tokio::test]
    async fn nobody_waits_long_on_a_running_clock() {
        assert_eq!(patience(), ON_A_RUNNING_CLOCK);
    }
}
