use tokio::sync::oneshot;

/// Work of one session that is done in the order in which it took its turns, whoever does it.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    /// Closed when the last turn that was taken is over.
    last: Option<oneshot::Receiver<()>>,
}

/// A place in that order. It is over when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    previous: Option<oneshot::Receiver<()>>,
    _over: oneshot::Sender<()>,
}

impl Turns {
    /// The turn behind all that were taken.
    pub(crate) fn next(&mut self) -> Turn {
        let (over, last) = oneshot::channel();
        Turn {
            previous: self.last.replace(last),
            _over: over,
        }
    }

    /// Whether a turn was ever taken.
    pub(crate) fn any(&self) -> bool {
        self.last.is_some()
    }
}

impl Turn {
    /// Waits until all turns before it are over, and does the work.
    pub(crate) async fn run(self, work: impl Future<Output = ()>) {
        if let Some(previous) = self.previous {
            // Nothing is ever sent: the sender is dropped.
            let _over = previous.await;
        }
        work.await;
    }
}

#[cfg(test)]
mod tests {
    use parking_lot::Mutex;

    use super::*;

    #[tokio::test]
    async fn work_is_done_in_the_order_of_turns_and_not_in_that_of_polls() {
        let mut turns = Turns::default();
        let done = Mutex::new(Vec::new());
        let (first, given_up, last) = (turns.next(), turns.next(), turns.next());
        let work = |number: u8| {
            let done = &done;
            async move {
                tokio::task::yield_now().await;
                done.lock().push(number);
            }
        };
        drop(given_up.run(work(2)));
        tokio::join!(last.run(work(3)), first.run(work(1)));
        assert_eq!(*done.lock(), [1, 3]);
    }
}
