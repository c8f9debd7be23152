/// What happens to a frame that finds no room in the queue: eight bytes, worked out once for each publish.
///
/// The default closes the session. It is that of every frame that a client must not miss: RECEIPT, ERROR, CONNECTED,
/// messages to be acknowledged, and messages of destinations without another policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Overflow(u64);

/// For whose sake a frame that waits may be dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Droppable {
    /// For nobody's.
    Never,
    /// For a frame that must not be dropped itself.
    ForKept,
    /// For any newer frame, unless that is dropped rather than those that wait.
    ForNewer,
}

impl Overflow {
    /// The session is closed.
    pub(crate) const DISCONNECT: Self = Self(0);
    /// The frame is dropped.
    pub(crate) const DROP_NEWEST: Self = Self(1);
    /// The oldest frames that wait are dropped.
    pub(crate) const DROP_OLDEST: Self = Self(2);

    /// Everything above is the key of what replaces what.
    const FIRST_KEY: u64 = 3;

    /// Frames of this key replace each other; then as [`DROP_OLDEST`](Self::DROP_OLDEST). The key is a hash that no
    /// sender can foresee, of 64 bits, so that two of some thousand frames don't share one by accident.
    pub(crate) const fn conflate(key: u64) -> Self {
        Self(if key < Self::FIRST_KEY {
            key + Self::FIRST_KEY
        } else {
            key
        })
    }

    /// That of a message to one subscription. A session may get a message twice, for two subscriptions that match its
    /// destination: these don't replace each other.
    ///
    /// A client that finds two ids which mix to the same key loses its own messages, and nobody else's.
    pub(crate) fn of_subscription(self, id: Option<&str>) -> Self {
        match (self.key(), id) {
            (Some(key), Some(id)) => {
                const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
                let mix =
                    |key: u64, byte: u8| (key.rotate_left(5) ^ u64::from(byte)).wrapping_mul(MIX);
                Self::conflate(id.bytes().fold(key, mix))
            }
            _ => self,
        }
    }

    pub(super) const fn key(self) -> Option<u64> {
        if self.0 < Self::FIRST_KEY {
            None
        } else {
            Some(self.0)
        }
    }

    pub(super) const fn droppable(self) -> Droppable {
        match self {
            Self::DISCONNECT => Droppable::Never,
            Self::DROP_NEWEST => Droppable::ForKept,
            _ => Droppable::ForNewer,
        }
    }
}
