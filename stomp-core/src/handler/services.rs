use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    sync::Arc,
};

use tokio_util::task::TaskTracker;

use super::ReplyHeaderFilter;
use crate::{
    channel::OutboundChannel, message::MessageIds, session::SessionRegistry, statistics::Counters,
    template::MessagingTemplate, user::UserRegistry,
};

/// What handlers can ask for, whatever message they handle.
pub(crate) struct Services {
    pub(crate) template: MessagingTemplate,
    pub(crate) users: UserRegistry,
    pub(crate) sessions: SessionRegistry,
    pub(crate) states: Instances,
    pub(crate) controllers: Instances,
    pub(crate) message_ids: Arc<MessageIds>,
    /// What shutting down waits for.
    pub(crate) tasks: TaskTracker,
    pub(crate) reply_headers: ReplyHeaderFilter,
    /// How many streams one session may have.
    pub(crate) streams: usize,
    pub(crate) outbound: OutboundChannel,
    pub(crate) counters: Arc<Counters>,
}

/// One instance per type.
#[doc(hidden)]
#[derive(Default)]
pub struct Instances(HashMap<TypeId, Box<dyn Any + Send + Sync>>);

impl Instances {
    /// Whether there was one of this type already.
    pub fn insert<T: Any + Send + Sync>(&mut self, instance: T) -> bool {
        self.0
            .insert(TypeId::of::<T>(), Box::new(instance))
            .is_some()
    }

    /// That of this type.
    pub fn get<T: Any>(&self) -> Option<&T> {
        self.0.get(&TypeId::of::<T>())?.downcast_ref()
    }

    /// Whether there is one of this type.
    pub fn contains(&self, id: TypeId) -> bool {
        self.0.contains_key(&id)
    }
}

impl fmt::Debug for Instances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instances")
            .field("len", &self.0.len())
            .finish()
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services")
            .field("states", &self.states)
            .field("controllers", &self.controllers)
            .finish_non_exhaustive()
    }
}
