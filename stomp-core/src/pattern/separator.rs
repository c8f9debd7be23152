//! What separates the segments of a destination.

use std::borrow::Cow;

/// What separates the segments of a destination. One application uses one separator throughout.
///
/// With [`Dot`](Self::Dot), `/` is an ordinary character: `/topic/red.*` has the two segments `/topic/red` and `*`
/// (AP-15).
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub enum Separator {
    /// `/`, the default: `/topic/quotes/IBM`.
    #[default]
    Slash,
    /// `.`, as AMQP brokers use it: `/topic/quotes.IBM`.
    Dot,
}

impl Separator {
    /// The separator itself.
    #[must_use]
    pub const fn as_char(self) -> char {
        match self {
            Self::Slash => '/',
            Self::Dot => '.',
        }
    }
}

/// Adds the `/` that a non-empty pattern lacks at its start; with [`Separator::Dot`] every text is left as it is
/// (MM-8).
///
/// ```
/// use stomp_axum::pattern::{Separator, normalize};
///
/// assert_eq!(normalize("rooms/{room}", Separator::Slash), "/rooms/{room}");
/// assert_eq!(normalize("rooms.{room}", Separator::Dot), "rooms.{room}");
/// ```
#[must_use]
pub fn normalize(text: &str, separator: Separator) -> Cow<'_, str> {
    if separator == Separator::Slash && !text.is_empty() && !text.starts_with('/') {
        Cow::Owned(format!("/{text}"))
    } else {
        Cow::Borrowed(text)
    }
}
