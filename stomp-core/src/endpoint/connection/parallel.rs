//! Frames whose handlers take several of one session at the same time.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{StreamExt, stream::FuturesUnordered};

use super::super::{
    protocol::{Receipt, Work},
    refusal::Refusal,
};
use crate::handler::{Dispatched, Parallel};

/// What runs at the same time. Nothing is allocated as long as nothing does.
#[derive(Default)]
pub(super) struct Running(Option<Box<FuturesUnordered<Frame>>>);

/// A frame that is being handled.
struct Frame {
    handler: usize,
    receipt: Option<Receipt>,
    work: Work,
}

/// A frame that was handled.
pub(super) struct Finished {
    pub(super) receipt: Option<Receipt>,
    pub(super) result: Result<Dispatched, Refusal>,
}

impl Future for Frame {
    type Output = Finished;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Finished> {
        self.work.as_mut().poll(cx).map(|result| Finished {
            receipt: self.receipt.take(),
            result,
        })
    }
}

impl Running {
    pub(super) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |frames| frames.len())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the handler takes one more now.
    pub(super) fn has_room(&self, parallel: Parallel) -> bool {
        let frames = self.0.iter().flat_map(|frames| frames.iter());
        let of_handler = frames.filter(|frame| frame.handler == parallel.handler);
        of_handler.count() < parallel.limit
    }

    pub(super) fn push(&mut self, parallel: Parallel, work: Work, receipt: Option<Receipt>) {
        self.0.get_or_insert_default().push(Frame {
            handler: parallel.handler,
            receipt,
            work,
        });
    }

    /// A frame that was handled; `None` if all that run still do.
    pub(super) fn poll_finished(&mut self, cx: &mut Context<'_>) -> Option<Finished> {
        match self.0.as_mut()?.poll_next_unpin(cx) {
            Poll::Ready(finished) => finished,
            Poll::Pending => None,
        }
    }

    /// Runs everything to its end, and then `last`, which waits until its handler takes it.
    pub(super) async fn finish(mut self, mut last: Option<(Parallel, Work)>) {
        loop {
            if let Some((parallel, work)) = last.take_if(|(parallel, _)| self.has_room(*parallel)) {
                self.push(parallel, work, None);
            }
            let Some(frames) = &mut self.0 else { return };
            if frames.next().await.is_none() {
                return;
            }
        }
    }
}
