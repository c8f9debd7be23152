//! The streams that handlers have returned for a session, and that still run.

use futures_util::stream::AbortHandle;

use super::{Session, SessionClosed, SubscriptionKey};
use crate::codec::EncodedFrame;

/// The streams of one session. Nothing is allocated for a session without any.
#[derive(Debug, Default)]
pub(super) struct Streams {
    open: Vec<Entry>,
    next: u64,
}

#[derive(Debug)]
struct Entry {
    number: u64,
    /// The subscription that it answers.
    subscription: Option<SubscriptionKey>,
    abort: AbortHandle,
}

/// A stream of a session. Dropping it takes it off the session's list.
#[derive(Debug)]
pub(crate) struct OpenStream {
    session: Session,
    number: u64,
}

/// Why a stream can't be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotOpened {
    /// The session has ended, or the subscription.
    Ended,
    /// The session has as many as it may have.
    TooMany,
}

impl Streams {
    /// Aborts the streams that answer this subscription.
    pub(super) fn abort_those_of(&mut self, subscription: &SubscriptionKey) {
        let of_subscription = |entry: &mut Entry| entry.subscription.as_ref() == Some(subscription);
        for entry in self.open.extract_if(.., of_subscription) {
            entry.abort.abort();
        }
    }

    pub(super) fn abort_all(&mut self) {
        for entry in std::mem::take(&mut self.open) {
            entry.abort.abort();
        }
    }

    fn position(&self, number: u64) -> Option<usize> {
        self.open.iter().position(|entry| entry.number == number)
    }
}

impl Session {
    /// Opens a stream, which `abort` aborts when its session or its subscription ends. There are at most `limit`.
    pub(crate) fn open_stream(
        &self,
        subscription: Option<SubscriptionKey>,
        abort: AbortHandle,
        limit: usize,
    ) -> Result<OpenStream, NotOpened> {
        let mut life = self.0.life.lock();
        let is_unsubscribed = |key| !life.subscriptions.contains(key);
        if self.has_ended() || subscription.as_ref().is_some_and(is_unsubscribed) {
            return Err(NotOpened::Ended);
        }
        let streams = &mut life.streams;
        if streams.open.len() >= limit {
            return Err(NotOpened::TooMany);
        }
        let number = streams.next;
        streams.next += 1;
        streams.open.push(Entry {
            number,
            subscription,
            abort,
        });
        Ok(OpenStream {
            session: self.clone(),
            number,
        })
    }
}

impl OpenStream {
    /// Sends a frame to the session, unless the stream was aborted. Under the lock, so that nothing comes behind the
    /// RECEIPT of an UNSUBSCRIBE.
    pub(crate) fn send(&self, frame: EncodedFrame) -> Result<(), SessionClosed> {
        let life = self.session.0.life.lock();
        match life.streams.position(self.number) {
            Some(_) => self.session.outbound().send(frame),
            None => Ok(()),
        }
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let streams = &mut self.session.0.life.lock().streams;
        if let Some(position) = streams.position(self.number) {
            streams.open.swap_remove(position);
        }
    }
}
