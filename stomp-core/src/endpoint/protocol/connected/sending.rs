//! SEND.

use super::{super::super::layers::InboundMessage, Connected, Handled, Refusal};
use crate::{
    channel::{Completion, completed},
    codec::Frame,
    message::MessageType,
};

impl Connected {
    /// A SEND of a transaction passes everything that any SEND passes, and then waits in it for COMMIT. Its RECEIPT says
    /// that it is in there (TX-018).
    pub(super) fn send(&self, mut frame: Frame) -> Result<Handled, Refusal> {
        let destination = self.destination(&frame)?.to_owned();
        let transaction = match frame.header("transaction") {
            Some(id) => Some(self.transactions.get(id)?.clone()),
            None => None,
        };
        let message = self
            .message(MessageType::Message, std::mem::take(&mut frame.headers))
            .with_destination(destination)
            .with_payload(frame.body);
        let services = &self.services;
        let mut parallel = None;
        let completion = services.pass(&self.session, message, |message| {
            let inbound = &services.inbound;
            if transaction.is_none() {
                parallel = inbound.parallel(message.destination().unwrap_or_default());
            }
            match (&self.layers, transaction) {
                (None, None) => inbound.send(&self.session, message),
                (None, Some(transaction)) => completed(services.join(&transaction, message)),
                (Some(layers), transaction) => {
                    let message = InboundMessage::send(&self.session, message, transaction);
                    Completion::Right(layers.start(message))
                }
            }
        });
        Ok(match completion.try_into()? {
            Handled::Pending(work, None) => Handled::Pending(work, parallel),
            handled => handled,
        })
    }
}
