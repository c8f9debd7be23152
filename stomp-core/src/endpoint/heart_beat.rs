use std::time::Duration;

use super::refusal::Refusal;
use crate::{codec::Version, session::Limits};

/// The `heart-beat` header: what the side that sends it can do, and what it wants, in milliseconds; 0 is never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct HeartBeat {
    pub(super) sends: u64,
    pub(super) wants: u64,
}

/// What was agreed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Negotiated {
    /// What CONNECTED says.
    pub(super) server: HeartBeat,
    /// The server must send something at least this often.
    pub(super) send_every: Option<Duration>,
    /// The client must send something at least this often.
    pub(super) expect_every: Option<Duration>,
}

impl HeartBeat {
    /// Reads the header; without it there are no heart-beats (HB-001). Blanks around the numbers are fine (HB-018), a
    /// number too large to be meant is capped (HB-020), anything else is an error (HB-017, HB-019).
    pub(super) fn parse(header: Option<&str>) -> Result<Self, Refusal> {
        fn milliseconds(text: &str) -> Option<u64> {
            let digits = text.trim();
            let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| digits.parse().unwrap_or(u64::MAX))
        }
        let Some(header) = header else {
            return Ok(Self::default());
        };
        header
            .split_once(',')
            .and_then(|(sends, wants)| {
                Some(Self {
                    sends: milliseconds(sends)?,
                    wants: milliseconds(wants)?,
                })
            })
            .ok_or_else(|| {
                Refusal::new(
                    "invalid-heart-beat",
                    "heart-beat must be two numbers of milliseconds with a comma between",
                )
            })
    }

    /// Agrees with what the client asks for, within the limits: its wish is mirrored, so that clients which test it get
    /// what they expect (HB-003 to HB-007, HB-021). STOMP 1.0 has no heart-beats (HB-022).
    pub(super) fn negotiate(self, version: Version, limits: &Limits) -> Negotiated {
        if version == Version::V1_0 {
            return Negotiated::default();
        }
        let (min, max) = (
            limits.heart_beat_min.as_millis() as u64,
            limits.heart_beat_max.as_millis() as u64,
        );
        let mirror = |wish: u64| {
            if wish == 0 {
                0
            } else {
                wish.clamp(min, max.max(min))
            }
        };
        let interval = |one: u64, other: u64| {
            (one != 0 && other != 0).then(|| Duration::from_millis(one.max(other).min(LONGEST)))
        };
        let server = Self {
            sends: mirror(self.wants),
            wants: mirror(self.sends),
        };
        Negotiated {
            server,
            send_every: interval(server.sends, self.wants),
            expect_every: interval(self.sends, server.wants),
        }
    }
}

/// A year: a client that asks for less than that can't overflow a clock.
const LONGEST: u64 = 365 * 24 * 60 * 60 * 1000;

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiate(header: &str) -> (u64, u64, Option<u64>, Option<u64>) {
        let negotiated = HeartBeat::parse(Some(header))
            .unwrap()
            .negotiate(Version::V1_2, &Limits::default());
        let millis =
            |duration: Option<Duration>| duration.map(|duration| duration.as_millis() as u64);
        let Negotiated {
            server,
            send_every,
            expect_every,
        } = negotiated;
        (
            server.sends,
            server.wants,
            millis(send_every),
            millis(expect_every),
        )
    }

    #[test]
    fn hb_001_to_007_and_023_the_wishes_of_the_client_are_mirrored() {
        assert_eq!(negotiate("0,0"), (0, 0, None, None));
        assert_eq!(
            negotiate("10000,10000"),
            (10000, 10000, Some(10000), Some(10000))
        );
        assert_eq!(negotiate("0,1000"), (1000, 0, Some(1000), None));
        assert_eq!(negotiate("1000,0"), (0, 1000, None, Some(1000)));
        assert_eq!(HeartBeat::parse(None).unwrap(), HeartBeat::default());
    }

    #[test]
    fn hb_021_wishes_are_kept_within_the_limits() {
        assert_eq!(negotiate("1,1"), (1000, 1000, Some(1000), Some(1000)));
        // Who can only beat every two minutes is not asked for more, and who wants that gets no less.
        assert_eq!(
            negotiate("120000,120000"),
            (60000, 60000, Some(120_000), Some(120_000))
        );
    }

    #[test]
    fn hb_022_stomp_1_0_has_none() {
        let heart_beat = HeartBeat::parse(Some("1000,1000")).unwrap();
        assert_eq!(
            heart_beat.negotiate(Version::V1_0, &Limits::default()),
            Negotiated::default()
        );
    }

    #[test]
    fn hb_017_to_020_what_is_a_number_and_what_is_not() {
        for invalid in [
            "abc", "1000", "1000,", ",1000", "1,2,3", "-1,0", "+1,0", "1.5,0", "",
        ] {
            assert!(HeartBeat::parse(Some(invalid)).is_err(), "{invalid}");
        }
        assert_eq!(
            HeartBeat::parse(Some("1000, 2000")).unwrap(),
            HeartBeat {
                sends: 1000,
                wants: 2000
            }
        );
        let (sends, wants, send_every, _) = negotiate("99999999999999999999,99999999999999999999");
        assert_eq!((sends, wants, send_every), (60000, 60000, Some(LONGEST)));
    }
}
