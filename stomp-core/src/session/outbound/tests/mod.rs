mod memory;
mod policies;
mod properties;
mod queue;
mod room;

use std::{
    collections::VecDeque,
    future::poll_fn,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker, ready},
};

use super::{room::RoomWaiter, *};
use crate::codec::{Command, FrameBuilder, Version};

fn frame(bytes: usize) -> EncodedFrame {
    FrameBuilder::new(Command::Message, Version::V1_2).body(&vec![b'x'; bytes])
}

/// How many frames the writer gets, or why the session is closed.
async fn drain(receiver: &mut OutboundReceiver) -> Result<usize, CloseReason> {
    poll_fn(|cx| poll_drain(receiver, cx)).await
}

fn poll_drain(
    receiver: &mut OutboundReceiver,
    cx: &mut Context<'_>,
) -> Poll<Result<usize, CloseReason>> {
    let mut batch = VecDeque::new();
    Poll::Ready(match ready!(receiver.poll_drain(cx, &mut batch)) {
        Drained::Frames { .. } => Ok(batch.into_iter().filter_map(Queued::into_frame).count()),
        Drained::Closed(reason) => Err(reason),
    })
}

/// Lets the writer say that everything is written that it has taken; nothing else may wait.
fn expect_nothing(receiver: &mut OutboundReceiver) {
    let mut cx = Context::from_waker(Waker::noop());
    assert!(poll_drain(receiver, &mut cx).is_pending());
}
