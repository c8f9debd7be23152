use std::{
    future::poll_fn,
    sync::atomic::{AtomicUsize, Ordering},
};

use tungstenite::Utf8Bytes;

use super::Session;

/// How many requests of one session may deliver at the same time. A client has one, and begins another when that has been
/// answered (SJ-CLI-10).
const MAX_DELIVERIES: usize = 4;

/// Why messages were not delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DeliveryError {
    /// As if there had never been one.
    #[error("there is no such session")]
    NoSession,
    #[error("too many requests of the session wait for the application")]
    TooManyWait,
}

impl Session {
    /// Hands messages to the application, and waits until it has taken enough of those before. Requests that wait are
    /// served in their order. What comes for a session that the application has closed is swallowed (SJ-SES-14).
    ///
    /// It is no receiving request, so the session ends no later by it (SJ-SES-09).
    pub(crate) async fn deliver(&self, mut messages: Vec<Utf8Bytes>) -> Result<(), DeliveryError> {
        let _delivery = Delivery::begin(&self.deliveries)?;
        let _turn = self.turns.acquire().await;
        poll_fn(|cx| {
            self.change(|state, wakers| {
                state.poll_deliver(cx, &mut messages, self.table.settings(), wakers)
            })
        })
        .await
        .map_err(|()| DeliveryError::NoSession)
    }
}

/// One of those that are counted.
struct Delivery<'a>(&'a AtomicUsize);

impl<'a> Delivery<'a> {
    fn begin(count: &'a AtomicUsize) -> Result<Self, DeliveryError> {
        let delivery = Self(count);
        if count.fetch_add(1, Ordering::Relaxed) >= MAX_DELIVERIES {
            return Err(DeliveryError::TooManyWait);
        }
        Ok(delivery)
    }
}

impl Drop for Delivery<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
