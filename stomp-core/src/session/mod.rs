//! One connection, whatever carries it: its identity, its attributes, its bounded outbound queue, and why it closes.

mod attributes;
mod close;
mod limits;
mod outbound;
mod registry;

pub(crate) use self::outbound::{Drained, Outbound, OutboundReceiver, SessionClosed};
pub use self::{
    attributes::SessionAttributes, close::CloseReason, limits::Limits, registry::SessionRegistry,
};

use std::{fmt, sync::Arc};

use crate::{
    codec::Version,
    message::{Principal, SessionId},
};

/// A connected session: it exists from the moment at which CONNECT was accepted until the connection has ended.
///
/// Cheap to clone; all clones are the same session.
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    id: SessionId,
    version: Version,
    principal: Option<Principal>,
    attributes: SessionAttributes,
    outbound: Outbound,
}

impl Session {
    pub(crate) fn new(
        id: SessionId,
        version: Version,
        principal: Option<Principal>,
        attributes: SessionAttributes,
        outbound: Outbound,
    ) -> Self {
        Self(Arc::new(Inner {
            id,
            version,
            principal,
            attributes,
            outbound,
        }))
    }

    /// The session's id, as the `session` header of CONNECTED shows it.
    pub fn id(&self) -> &SessionId {
        &self.0.id
    }

    /// The STOMP version that was negotiated.
    pub fn version(&self) -> Version {
        self.0.version
    }

    /// The user; `None` for an anonymous session.
    pub fn principal(&self) -> Option<&Principal> {
        self.0.principal.as_ref()
    }

    /// What handlers keep for the time of the session.
    pub fn attributes(&self) -> &SessionAttributes {
        &self.0.attributes
    }

    /// How many bytes wait to be written to the client.
    pub fn waiting_bytes(&self) -> usize {
        self.0.outbound.waiting_bytes()
    }

    /// Why the session ends; `None` while it goes on.
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.0.outbound.closed()
    }

    /// Ends the session, after what waits for the client has been written. Ending it twice does nothing.
    pub fn close(&self) {
        self.0.outbound.close(CloseReason::ByApplication);
    }

    /// The queue of frames that wait to be written.
    pub(crate) fn outbound(&self) -> &Outbound {
        &self.0.outbound
    }
}

impl PartialEq for Session {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Session {}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("id", &self.0.id)
            .field("version", &self.0.version)
            .field("principal", &self.0.principal)
            .finish_non_exhaustive()
    }
}
