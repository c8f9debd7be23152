use std::{any::Any, sync::Arc};

use stomp_core::handler::{Instances, State};

/// What the application has given to the builder.
#[derive(Debug, Default)]
pub(crate) struct Services {
    states: Instances,
    /// An `Arc` of each `shared` endpoint.
    instances: Instances,
}

impl Services {
    /// Whether there was a state of this type already.
    pub(super) fn add_state<T: Any + Clone + Send + Sync>(&mut self, state: T) -> bool {
        self.states.insert(state)
    }

    /// Whether there was an instance of this type already.
    pub(super) fn add_instance<T: Any + Send + Sync>(&mut self, instance: T) -> bool {
        self.instances.insert(Arc::new(instance))
    }

    pub(super) fn has_state(&self, id: std::any::TypeId) -> bool {
        self.states.contains(id)
    }

    pub(super) fn state<T: Any + Clone>(&self) -> Option<State<T>> {
        self.states.get::<T>().cloned().map(State)
    }

    pub(super) fn instance<T: Any>(&self) -> Option<Arc<T>> {
        self.instances.get::<Arc<T>>().cloned()
    }
}
