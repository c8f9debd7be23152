use super::super::inbound::Subscribed;
use crate::codec::{Command, EncodedFrame, FrameBuilder, Version};

/// The RECEIPT that a frame asks for.
#[derive(Debug)]
pub(in crate::endpoint) struct Receipt {
    id: String,
    /// What was subscribed to: the RECEIPT says where its history stands.
    pub(super) subscribed: Option<Subscribed>,
}

impl Receipt {
    pub(in crate::endpoint) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            subscribed: None,
        }
    }

    pub(in crate::endpoint) fn id(&self) -> &str {
        &self.id
    }

    /// The frame, once what it confirms has taken effect.
    pub(in crate::endpoint) fn to_frame(&self, version: Version) -> EncodedFrame {
        let mut frame = FrameBuilder::new(Command::Receipt, version).header("receipt-id", &self.id);
        let subscribed = self.subscribed.as_ref();
        if let Some(subscription) = subscribed.and_then(Subscribed::subscription)
            && let Some(recovery) = subscription.recovery()
        {
            frame = frame
                .header("epoch", &recovery.epoch)
                .header("offset", &recovery.offset.to_string());
            if let Some(recovered) = recovery.recovered {
                frame = frame.header("recovered", if recovered { "true" } else { "false" });
            }
        }
        frame.finish()
    }
}
