//! What a connection costs as long as nothing happens: LIM-012.

use super::*;
use crate::{
    codec::EncodedFrame,
    endpoint::{Incoming, TransportError},
    handler::Handlers,
    server::Messaging,
};

/// A transport of so many bytes, which does nothing.
struct OfSize<const BYTES: usize>([u8; BYTES]);

impl<const BYTES: usize> Transport for OfSize<BYTES> {
    fn poll_receive(
        &mut self,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Incoming, TransportError>>> {
        Poll::Ready(None)
    }

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn send(&mut self, _: EncodedFrame) -> Result<(), TransportError> {
        Ok(())
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(
        &mut self,
        _: &mut Context<'_>,
        _: CloseReason,
    ) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn lim_012_a_connection_is_small_and_stands_in_its_future_once() {
    let messaging = Messaging::builder()
        .handlers(Handlers::none())
        .build()
        .unwrap();
    let without = size_of_val(&messaging.serve(OfSize([]), None, SessionAttributes::default()));
    let with = size_of_val(&messaging.serve(OfSize([0; 1000]), None, SessionAttributes::default()));
    assert!(without <= 856, "{without}");
    assert!(with <= without + 1000 + 8, "{with}");
    // States in which no connection stays for long are boxed.
    assert!(
        size_of::<State>() <= 2 * size_of::<Connected>(),
        "{}",
        size_of::<State>()
    );
}
