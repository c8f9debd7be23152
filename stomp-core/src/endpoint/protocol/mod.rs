//! The protocol session as a type-state: a client that has not sent CONNECT is a [`Connecting`], which has no way to
//! subscribe or send. So nothing can slip past CONNECT, whatever interceptors do (T-05).

mod connected;
mod connecting;
mod receipt;

pub(super) use self::{
    connected::{Connected, Transaction},
    connecting::{Accepted, Authenticated, Authenticating, Connecting},
    receipt::Receipt,
};

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{
    DynAuthenticator, InboundChannel, connections::Connections, layers::InboundLayers,
    phases::Phases, refusal::Refusal,
};
use crate::{
    channel::Completion,
    event::EventPublisher,
    handler::{Dispatched, Parallel},
    session::{Limits, SessionFactories, SessionRegistry},
    statistics::Counters,
    user::UserRegistry,
};

/// What all sessions of a server share.
pub(crate) struct EndpointServices {
    pub(crate) limits: Limits,
    pub(crate) authenticator: Option<Box<dyn DynAuthenticator>>,
    pub(crate) phases: Phases,
    pub(crate) layers: InboundLayers,
    pub(crate) inbound: InboundChannel,
    pub(crate) sessions: SessionRegistry,
    pub(crate) users: UserRegistry,
    pub(crate) connections: Connections,
    pub(crate) events: EventPublisher,
    pub(crate) session_factories: Arc<SessionFactories>,
    pub(crate) counters: Arc<Counters>,
}

/// What completes when a frame is processed.
pub(in crate::endpoint) type Work = BoxFuture<'static, Result<Dispatched, Refusal>>;

/// What is left to do for a frame that [`Connected`] took.
pub(in crate::endpoint) enum Handled {
    /// Nothing more, but the receipt.
    Done,
    /// Nothing more. There is no receipt, since the frame was not processed.
    NotProcessed,
    /// The frame waits for this, and those behind it do, too, unless its handler takes several at the same time.
    Pending(Work, Option<Parallel>),
    /// The client said good-bye.
    Disconnected,
}

impl TryFrom<Completion<Result<Dispatched, Refusal>>> for Handled {
    type Error = Refusal;

    fn try_from(completion: Completion<Result<Dispatched, Refusal>>) -> Result<Self, Refusal> {
        match completion {
            Completion::Left(ready) => ready.into_inner().map(|dispatched| match dispatched {
                Dispatched::Handled => Self::Done,
                Dispatched::Failed | Dispatched::Swallowed => Self::NotProcessed,
            }),
            Completion::Right(future) => Ok(Self::Pending(future, None)),
        }
    }
}
