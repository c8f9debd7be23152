use std::{fmt, panic::Location, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::{Caller, patience::patience};
use crate::message::Message;

/// Messages that were sent, in their order. Clones share them.
#[derive(Clone, Default)]
pub struct SentMessages(Arc<Inner>);

#[derive(Default)]
struct Inner {
    messages: Mutex<Vec<Message>>,
    added: Notify,
}

impl SentMessages {
    pub(super) fn push(&self, message: Message) {
        self.0.messages.lock().push(message);
        self.0.added.notify_waiters();
    }

    /// All that have not been taken.
    pub fn all(&self) -> Vec<Message> {
        self.0.messages.lock().clone()
    }

    /// Those for one destination that have not been taken.
    pub fn to(&self, destination: &str) -> Vec<Message> {
        let mut messages = self.all();
        messages.retain(|message| message.destination() == Some(destination));
        messages
    }

    /// Takes all out.
    pub fn take(&self) -> Vec<Message> {
        std::mem::take(&mut self.0.messages.lock())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.messages.lock().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes the first out, and waits until there is one.
    ///
    /// # Panics
    ///
    /// If none comes within five seconds, or within ten minutes of a paused clock.
    #[track_caller]
    pub fn expect_message(&self) -> impl Future<Output = Message> {
        self.clone().next(Location::caller())
    }

    async fn next(self, caller: Caller) -> Message {
        let patience = patience();
        match tokio::time::timeout(patience, self.first()).await {
            Ok(message) => message,
            Err(_) => panic!("{caller}: no message was sent for {patience:?}"),
        }
    }

    async fn first(&self) -> Message {
        loop {
            // Before the look, so that none is missed that comes in between.
            let added = self.0.added.notified();
            {
                let mut messages = self.0.messages.lock();
                if !messages.is_empty() {
                    return messages.remove(0);
                }
            }
            added.await;
        }
    }

    /// None must be there, and none must come for `duration`: use it with the clock paused.
    ///
    /// # Panics
    ///
    /// If there is one.
    #[track_caller]
    pub fn expect_silence(&self, duration: Duration) -> impl Future<Output = ()> {
        let (messages, caller) = (self.clone(), Location::caller());
        async move {
            if let Ok(message) = tokio::time::timeout(duration, messages.first()).await {
                panic!("{caller}: expected silence, got {message:?}");
            }
        }
    }
}

impl fmt::Debug for SentMessages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&*self.0.messages.lock()).finish()
    }
}
